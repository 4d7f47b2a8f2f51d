//! The machine itself: one loop over instructions, with a step budget and a hook for every step.

use redipy_command::{Bytes, ReplySink, Result, Spec, Value, ValueSink};

use super::code::{At, Code, Op, Reg, Regs};
use super::limits::{Budget, Limits, weight};
use super::operands::{self, Printed};
use super::receive::Receiver;
use super::trace::Trace;
use crate::host::{CallSite, Host};
use crate::ir::BinaryOp;
use crate::source_line::SourceLine;
use crate::texts::fail;
use crate::value::room::{ENTRY, ITEM, Room};
use crate::value::{StrValue, Val, json, ops};

/// The parameters of a running program.
pub(crate) struct Parameters<'a> {
    pub(crate) keys: &'a [&'a Bytes],
    pub(crate) args: Vec<Val>,
    /// The number of bytes of the arguments.
    pub(crate) weight: usize,
    /// The prefix of the keys of commands.
    pub(crate) prefix: &'a [u8],
}

/// Runs a program.
pub(crate) fn run<T: Trace>(
    code: &Code,
    call: Parameters<'_>,
    host: &mut dyn Host,
    limits: Limits,
    trace: &mut T,
) -> Result<Value> {
    let mut regs = vec![Val::None; code.registers];
    for (at, key) in call.keys.iter().enumerate() {
        regs[usize::from(code.keys) + at] = Val::Str(StrValue::from(&***key));
    }
    for (at, arg) in call.args.into_iter().enumerate() {
        regs[usize::from(code.args) + at] = arg;
    }
    for (at, constant) in &code.constants {
        regs[usize::from(*at)] = constant.value();
    }
    let machine = Machine {
        code,
        next: 0,
        result: 0,
        regs,
        host,
        prefix: call.prefix,
        budget: Budget::new(limits, call.weight),
        printed: Printed::default(),
        holders: Vec::new(),
    };
    machine.run(trace)
}

struct Machine<'a> {
    code: &'a Code,
    /// The next instruction.
    next: usize,
    /// The register of the script's result, once it has returned.
    result: Reg,
    regs: Vec<Val>,
    host: &'a mut dyn Host,
    prefix: &'a [u8],
    budget: Budget,
    printed: Printed,
    /// Containers into which others were put: the only way in which values can come to hold themselves.
    holders: Vec<Val>,
}

/// Values that hold themselves would never be freed.
impl Drop for Machine<'_> {
    fn drop(&mut self) {
        for holder in self.holders.drain(..) {
            match holder {
                Val::List(list) => drop(list.0.take()),
                Val::Dict(dict) => drop(dict.0.take()),
                _ => {}
            }
        }
    }
}

impl Machine<'_> {
    fn run<T: Trace>(mut self, trace: &mut T) -> Result<Value> {
        let code = self.code;
        // The last instruction of every program returns, which goes beyond it.
        while let Some(op) = code.ops.get(self.next) {
            if T::ACTIVE {
                trace.step(&code.lines[code.places[self.next] as usize], op);
            }
            self.next += 1;
            self.budget.step(1, self.host)?;
            self.step(op, trace)?;
        }
        to_reply(self.reg(self.result), Room::new(self.budget.memory()))
    }

    #[inline(always)]
    fn jump(&mut self, to: At) {
        self.next = to as usize;
    }

    /// The source location of the running instruction.
    fn place(&self) -> &SourceLine {
        &self.code.lines[self.code.places[self.next - 1] as usize]
    }

    /// Counts bytes that the script made.
    #[inline]
    fn count(&mut self, bytes: usize) -> Result<()> {
        if self.budget.make(bytes, self.host)? {
            self.budget.weigh(self.regs.iter().chain(&self.holders))
        } else {
            Ok(())
        }
    }

    /// Stores a value that was made just now.
    #[inline(always)]
    fn set_new(&mut self, reg: Reg, value: Val) -> Result<()> {
        if value.is_plain() {
            self.set(reg, value);
            return Ok(());
        }
        let bytes = weight(&value);
        self.set(reg, value);
        self.count(bytes)
    }

    #[inline]
    fn reg(&self, reg: Reg) -> &Val {
        &self.regs[usize::from(reg)]
    }

    #[inline(always)]
    fn set(&mut self, reg: Reg, value: Val) {
        let slot = &mut self.regs[usize::from(reg)];
        if slot.is_plain() {
            // Nothing to free: the compiler need not look again what it was.
            std::mem::forget(std::mem::replace(slot, value));
        } else {
            *slot = value;
        }
    }

    #[inline(always)]
    fn step<T: Trace>(&mut self, op: &Op, trace: &mut T) -> Result<()> {
        match *op {
            Op::Move(to, from) => self.set(to, self.reg(from).clone()),
            Op::Truth(to, a) => self.set(to, Val::Bool(self.reg(a).truth())),
            Op::Not(to, a) => self.set(to, Val::Bool(!self.reg(a).truth())),
            Op::Binary(op, to, a, b) => self.binary(op, to, a, b)?,
            Op::Index(to, list, index) => self.set(to, ops::index(self.reg(list), self.reg(index))?),
            Op::Get(to, dict, key) => self.set(to, ops::get_key(self.reg(dict), self.reg(key))?),
            Op::SetAt(list, index, value) => {
                self.remember(list, value);
                ops::set_at(self.reg(list), self.reg(index), self.reg(value).clone())?;
                self.count(ITEM)?;
            }
            Op::SetKey(dict, key, value) => {
                self.remember(dict, value);
                ops::set_key(self.reg(dict), self.reg(key), self.reg(value).clone())?;
                self.count(ENTRY)?;
            }
            Op::List(to, items) => {
                let items = self.code.operands(items).iter().map(|reg| self.reg(*reg).clone()).collect();
                self.set_new(to, Val::list(items))?;
            }
            Op::Dict(to, pairs) => self.dict(to, pairs)?,
            Op::Num(to, a) => self.set(to, self.reg(a).to_number()),
            Op::Call(to, row, args) => self.call(to, row, args)?,
            Op::Command(to, site, args) => self.command(to, site, args, trace)?,
            Op::Log(level, message) => self.log(level, message)?,
            Op::Jump(to) => self.jump(to),
            Op::JumpIf(a, to) if self.reg(a).truth() => self.jump(to),
            Op::JumpUnless(a, to) if !self.reg(a).truth() => self.jump(to),
            Op::JumpNone(a, if_none, to) if matches!(self.reg(a), Val::None) == if_none => self.jump(to),
            Op::JumpCompare(op, a, b, to) if !ops::compare(op, self.reg(a), self.reg(b))? => self.jump(to),
            Op::JumpIf(..) | Op::JumpUnless(..) | Op::JumpNone(..) | Op::JumpCompare(..) => {}
            Op::ForStart(list) => {
                if let other @ (Val::None | Val::Bool(_) | Val::Num(_) | Val::Str(_) | Val::Dict(_)) = self.reg(list) {
                    return Err(fail(format!("{} is not a list", other.kind())));
                }
            }
            Op::ForNext { list, index, item, end } => self.for_next(list, index, item, end),
            Op::Return(a) => (self.result, self.next) = (a, self.code.ops.len()),
        }
        Ok(())
    }

    fn remember(&mut self, holder: Reg, value: Reg) {
        if matches!(self.reg(value), Val::List(_) | Val::Dict(_)) {
            self.holders.push(self.reg(holder).clone());
        }
    }

    #[inline]
    fn binary(&mut self, op: BinaryOp, to: Reg, a: Reg, b: Reg) -> Result<()> {
        if let (Val::Num(a), Val::Num(b)) = (self.reg(a), self.reg(b)) {
            let sum = match op {
                BinaryOp::Add => a + b,
                BinaryOp::Sub => a - b,
                _ => return self.binary_of_any(op, to, Val::Num(*a), Val::Num(*b)),
            };
            self.set(to, Val::Num(sum));
            return Ok(());
        }
        let (a, b) = (self.reg(a).clone(), self.reg(b).clone());
        self.binary_of_any(op, to, a, b)
    }

    fn binary_of_any(&mut self, op: BinaryOp, to: Reg, a: Val, b: Val) -> Result<()> {
        let value = ops::binary(op, &a, &b)?;
        self.set_new(to, value)
    }

    fn dict(&mut self, to: Reg, pairs: Regs) -> Result<()> {
        let dict = Val::dict(Default::default());
        for pair in self.code.operands(pairs).chunks_exact(2) {
            ops::set_key(&dict, self.reg(pair[0]), self.reg(pair[1]).clone())?;
        }
        self.set_new(to, dict)
    }

    fn call(&mut self, to: Reg, row: u16, args: Regs) -> Result<()> {
        const FEW: usize = 4;
        let function = &self.code.functions[usize::from(row)];
        let operands = self.code.operands(args);
        if function.is_hosted() {
            // It may take any time, in which others should know of the script.
            self.host.pulse()?;
            let args: Vec<&Val> = operands.iter().map(|reg| &self.regs[usize::from(*reg)]).collect();
            let value = function.run_on(&args, &mut Lent(Prefixed { host: self.host, prefix: self.prefix }))?;
            return self.set_new(to, value);
        }
        let value = if operands.len() <= FEW {
            let mut few = [&Val::None; FEW];
            operands.iter().zip(&mut few).for_each(|(reg, slot)| *slot = self.reg(*reg));
            function.run(&few[..operands.len()])
        } else {
            function.run(&operands.iter().map(|reg| self.reg(*reg)).collect::<Vec<_>>())
        }?;
        self.set_new(to, value)
    }

    fn command<T: Trace>(&mut self, to: Reg, site: u16, args: Regs, trace: &mut T) -> Result<()> {
        const FEW: usize = 4;
        let (site, form) = &self.code.sites[usize::from(site)];
        let registers = self.code.operands(args);
        let (mut few, mut many);
        let slots: &mut [&[u8]] = if registers.len() <= FEW {
            few = [&[][..]; FEW];
            &mut few[..registers.len()]
        } else {
            many = vec![&[][..]; registers.len()];
            &mut many
        };
        if !operands::texts(&self.regs, registers, slots) {
            self.printed.print(&self.regs, registers)?;
            self.printed.fill(&self.regs, registers, slots);
        }
        let mut reply = Receiver::new(*form, slots);
        let mut host = Prefixed { host: self.host, prefix: self.prefix };
        if T::ACTIVE {
            let mut sink = ValueSink::default();
            let result = host.show(site, slots, &mut sink).map(|()| sink.into_value());
            trace.called(self.place(), site.spec(), slots, &result);
            result?.show(&mut reply);
        } else {
            host.show(site, slots, &mut reply)?;
        }
        let value = reply.finish()?;
        self.set_new(to, value)
    }

    fn log(&mut self, level: Reg, message: Reg) -> Result<()> {
        let mut text = Vec::new();
        if let Val::Str(message) = self.reg(message) {
            text.extend_from_slice(message);
        } else {
            json::print(self.reg(message), &mut text, 0)?;
        }
        let level = if let Val::Str(level) = self.reg(level) { level.to_vec() } else { Vec::new() };
        self.host.log(&String::from_utf8_lossy(&level), &String::from_utf8_lossy(&text));
        Ok(())
    }

    fn for_next(&mut self, list: Reg, index: Reg, item: Reg, end: At) {
        let (Val::List(items), Val::Num(at)) = (self.reg(list), self.reg(index)) else { return self.jump(end) };
        let at = *at + 1.0;
        let Some(next) = items.0.borrow().get(at as usize).cloned() else { return self.jump(end) };
        self.set(index, Val::Num(at));
        self.set(item, next);
    }
}

/// Calls a command with the prefix before its keys.
fn with_prefix<T>(
    prefix: &[u8],
    spec: &'static Spec,
    args: &[&[u8]],
    call: impl FnOnce(&[&[u8]]) -> Result<T>,
) -> Result<T> {
    let positions = crate::prefix::positions(spec, args).map_err(fail)?;
    let keys: Vec<Vec<u8>> = positions.iter().map(|at| [prefix, args[*at]].concat()).collect();
    let mut args = args.to_vec();
    for (at, key) in positions.iter().zip(&keys) {
        args[*at] = key;
    }
    call(&args)
}

/// A host as the script sees it: keys have the names that they have in the script.
struct Prefixed<'a> {
    host: &'a mut dyn Host,
    prefix: &'a [u8],
}

impl Host for Prefixed<'_> {
    fn call(&mut self, spec: &'static Spec, args: &[&[u8]]) -> Result<Value> {
        match self.prefix {
            [] => self.host.call(spec, args),
            prefix => with_prefix(prefix, spec, args, |args| self.host.call(spec, args)),
        }
    }

    #[inline]
    fn show(&mut self, site: &CallSite, args: &[&[u8]], to: &mut dyn ReplySink) -> Result<()> {
        match self.prefix {
            [] => self.host.show(site, args, to),
            prefix => {
                // The names with their prefix are made for this call only.
                let site = site.renaming();
                with_prefix(prefix, site.spec(), args, |args| self.host.show(&site, args, to))
            }
        }
    }

    fn log(&mut self, level: &str, message: &str) {
        self.host.log(level, message);
    }
}

/// A host as a function of the user's own sees it. It has no places: those of another script that the function runs
/// would be taken for this one's.
struct Lent<'a>(Prefixed<'a>);

impl Host for Lent<'_> {
    fn call(&mut self, spec: &'static Spec, args: &[&[u8]]) -> Result<Value> {
        self.0.call(spec, args)
    }

    fn log(&mut self, level: &str, message: &str) {
        self.0.log(level, message);
    }
}

/// The result of a script as a reply; an empty list or dict at the top is None (rule D8).
fn to_reply(value: &Val, mut room: Room) -> Result<Value> {
    match value.to_value_within(&mut room)? {
        Value::Array(items) if items.is_empty() => Ok(Value::Null),
        Value::Map(pairs) if pairs.is_empty() => Ok(Value::Null),
        value => Ok(value),
    }
}
