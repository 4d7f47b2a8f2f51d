//! From checked IR to instructions.
//!
//! Registers: variables first, then keys, arguments, constants, and temporaries of expressions. Temporaries are used
//! like a stack within one statement.

use redipy_command::Result;

use super::code::{At, Code, Constant, Op, Reg, Regs};
use crate::check::Checked;
use crate::functions::Function;
use crate::host::CallSite;
use crate::ir::{BinaryOp, BlockId, ExprId, ExprKind, Ir, Stmt, StmtKind, Target};
use crate::reply::ReplyForm;
use crate::texts::fail;

/// Compiles a program.
///
/// # Errors
/// The program needs more registers than there are.
pub(crate) fn compile(checked: &Checked) -> Result<Code> {
    let ir = checked.ir();
    let keys = ir.vars.len();
    let args = keys + ir.keys.len();
    let mut constants = Vec::new();
    let first_constant = args + ir.args.len();
    for expr in &ir.exprs {
        if let Some(constant) = constant(&expr.kind).filter(|constant| !constants.contains(constant)) {
            constants.push(constant);
        }
    }
    for needed in [Constant::None, BEFORE_FIRST] {
        if !constants.contains(&needed) {
            constants.push(needed);
        }
    }
    let bottom = first_constant + constants.len();
    let code = Code { keys: reg(keys)?, args: reg(args)?, ..Code::default() };
    let mut compiler = Compiler { checked, ir, code, constants, first_constant, top: bottom, loops: Vec::new() };
    compiler.block(ir.body)?;
    let none = compiler.constant(&Constant::None)?;
    compiler.emit(Op::Return(none));
    let Compiler { mut code, constants, .. } = compiler;
    for (at, constant) in constants.into_iter().enumerate() {
        code.constants.push((reg(first_constant + at)?, constant));
    }
    code.registers = code.registers.max(bottom);
    Ok(code)
}

/// The initial counter of a loop over a list.
const BEFORE_FIRST: Constant = Constant::Num(-1.0);

fn reg(at: usize) -> Result<Reg> {
    Reg::try_from(at).map_err(|_| fail("the script is too long"))
}

fn constant(kind: &ExprKind) -> Option<Constant> {
    Some(match kind {
        ExprKind::None => Constant::None,
        ExprKind::Bool(value) => Constant::Bool(*value),
        ExprKind::Num(number) => Constant::Num(*number),
        ExprKind::Str(text) => Constant::Str(text.to_vec()),
        _ => return None,
    })
}

/// The jumps out of a loop, to be filled in at its end, and where its next round starts.
struct Loop {
    next: At,
    breaks: Vec<usize>,
}

struct Compiler<'a> {
    checked: &'a Checked,
    ir: &'a Ir,
    code: Code,
    constants: Vec<Constant>,
    first_constant: usize,
    /// The first free register.
    top: usize,
    loops: Vec<Loop>,
}

impl Compiler<'_> {
    fn emit(&mut self, op: Op) -> usize {
        self.code.ops.push(op);
        self.code.places.push((self.code.lines.len() as u32).saturating_sub(1));
        self.code.ops.len() - 1
    }

    fn here(&self) -> At {
        self.code.ops.len() as At
    }

    /// Sets the target of a jump to the next instruction.
    fn land(&mut self, jump: usize) {
        let here = self.here();
        match &mut self.code.ops[jump] {
            Op::Jump(to) | Op::JumpIf(_, to) | Op::JumpUnless(_, to) | Op::JumpNone(_, _, to) => *to = here,
            Op::JumpCompare(_, _, _, to) | Op::ForNext { end: to, .. } => *to = here,
            _ => {}
        }
    }

    fn temp(&mut self) -> Result<Reg> {
        self.top += 1;
        self.code.registers = self.code.registers.max(self.top);
        reg(self.top - 1)
    }

    fn constant(&self, constant: &Constant) -> Result<Reg> {
        let at = self.constants.iter().position(|other| other == constant).unwrap_or_default();
        reg(self.first_constant + at)
    }

    fn block(&mut self, block: BlockId) -> Result<()> {
        let ir = self.ir;
        for stmt in ir.block(block) {
            self.code.lines.push(stmt.place.clone());
            let top = self.top;
            self.stmt(stmt)?;
            self.top = top;
        }
        Ok(())
    }

    /// Returns whether an expression is in a register that no instruction changes.
    fn is_fixed(&self, id: ExprId) -> bool {
        matches!(self.ir.expr(id), ExprKind::Key(_) | ExprKind::Arg(_) | ExprKind::Str(_))
    }

    fn target(&mut self, target: Target) -> Result<Reg> {
        match target.var() {
            Some(var) => reg(var.0 as usize),
            None => self.temp(),
        }
    }

    fn stmt(&mut self, stmt: &Stmt) -> Result<()> {
        match &stmt.kind {
            StmtKind::Set(target, value) => {
                let to = self.target(*target)?;
                self.expr_into(to, *value)?;
            }
            StmtKind::Command(target, name, args) => {
                let site = self.checked.site(name, args)?;
                let regs = self.operands(args)?;
                let to = self.target(*target)?;
                if site.form == ReplyForm::Native {
                    let missing = self.own_function(&Function::in_lua(name.as_str(), "raw"))?;
                    self.emit(Op::Call(to, missing, regs));
                    return Ok(());
                }
                let index = self.code.sites.len();
                let fixed_key = site.spec.only_key.and_then(|key| args.get(key)).is_some_and(|key| self.is_fixed(*key));
                self.code.sites.push((CallSite::new(index, site.spec, fixed_key), site.form));
                self.emit(Op::Command(to, reg(index)?, regs));
            }
            StmtKind::Log(level, message) => {
                let (level, message) = (self.expr(*level)?, self.expr(*message)?);
                self.emit(Op::Log(level, message));
            }
            StmtKind::SetAt(a, b, c) => {
                let (a, b, c) = (self.expr(*a)?, self.expr(*b)?, self.expr(*c)?);
                self.emit(Op::SetAt(a, b, c));
            }
            StmtKind::SetKey(a, b, c) => {
                let (a, b, c) = (self.expr(*a)?, self.expr(*b)?, self.expr(*c)?);
                self.emit(Op::SetKey(a, b, c));
            }
            StmtKind::If(cond, then, other) => self.if_(*cond, *then, *other)?,
            StmtKind::While { head, cond, body } => self.while_(*head, *cond, *body)?,
            StmtKind::For { list, index, item, body } => {
                let (index, item) = (reg(index.0 as usize)?, reg(item.0 as usize)?);
                self.for_(*list, index, item, *body)?;
            }
            StmtKind::Break => {
                let jump = self.emit(Op::Jump(0));
                if let Some(innermost) = self.loops.last_mut() {
                    innermost.breaks.push(jump);
                }
            }
            StmtKind::Continue => {
                let next = self.loops.last().map_or(0, |innermost| innermost.next);
                self.emit(Op::Jump(next));
            }
            StmtKind::Return(value) => {
                let value = self.expr(*value)?;
                self.emit(Op::Return(value));
            }
        }
        Ok(())
    }

    fn if_(&mut self, cond: ExprId, then: BlockId, other: BlockId) -> Result<()> {
        let skips = self.jump_unless(cond)?;
        self.block(then)?;
        if self.ir.block(other).is_empty() {
            skips.into_iter().for_each(|skip| self.land(skip));
            return Ok(());
        }
        let out = self.emit(Op::Jump(0));
        skips.into_iter().for_each(|skip| self.land(skip));
        self.block(other)?;
        self.land(out);
        Ok(())
    }

    fn while_(&mut self, head: BlockId, cond: ExprId, body: BlockId) -> Result<()> {
        let next = self.here();
        self.block(head)?;
        let exits = self.jump_unless(cond)?;
        self.loops.push(Loop { next, breaks: exits });
        self.block(body)?;
        self.emit(Op::Jump(next));
        self.end_loop();
        Ok(())
    }

    fn for_(&mut self, list: ExprId, index: Reg, item: Reg, body: BlockId) -> Result<()> {
        // The loop counts in a register of its own: the body may assign to its variables, and to the list's.
        let held = self.temp()?;
        self.expr_into(held, list)?;
        let counter = self.temp()?;
        self.emit(Op::ForStart(held));
        let start = self.constant(&BEFORE_FIRST)?;
        self.emit(Op::Move(counter, start));
        let next = self.here();
        let exit = self.emit(Op::ForNext { list: held, index: counter, item, end: 0 });
        self.emit(Op::Move(index, counter));
        self.loops.push(Loop { next, breaks: vec![exit] });
        self.block(body)?;
        self.emit(Op::Jump(next));
        self.end_loop();
        Ok(())
    }

    fn end_loop(&mut self) {
        self.code.has_loops = true;
        if let Some(innermost) = self.loops.pop() {
            innermost.breaks.into_iter().for_each(|jump| self.land(jump));
        }
    }

    /// Emits jumps that are taken when a condition does not hold.
    fn jump_unless(&mut self, cond: ExprId) -> Result<Vec<usize>> {
        let jump = match *self.ir.expr(cond) {
            ExprKind::Both(a, b) => {
                let mut jumps = self.jump_unless(a)?;
                jumps.extend(self.jump_unless(b)?);
                return Ok(jumps);
            }
            ExprKind::Not(a) => {
                let a = self.expr(a)?;
                Op::JumpIf(a, 0)
            }
            ExprKind::Binary(op @ (BinaryOp::Eq | BinaryOp::Ne), a, b) if *self.ir.expr(b) == ExprKind::None => {
                let a = self.expr(a)?;
                Op::JumpNone(a, op == BinaryOp::Ne, 0)
            }
            ExprKind::Binary(op, a, b) if op.is_ordering() => {
                let (a, b) = (self.expr(a)?, self.expr(b)?);
                Op::JumpCompare(op, a, b, 0)
            }
            _ => {
                let cond = self.expr(cond)?;
                Op::JumpUnless(cond, 0)
            }
        };
        Ok(vec![self.emit(jump)])
    }

    /// The position of a function among those that the program calls.
    fn function(&mut self, name: &str) -> Result<u16> {
        let known = self.code.functions.iter().position(|row| row.name() == name);
        if let Some(at) = known {
            return reg(at);
        }
        let row = self.ir.function(name).ok_or_else(|| fail("unknown function"))?;
        self.own_function(row)
    }

    fn own_function(&mut self, row: &Function) -> Result<u16> {
        self.code.functions.push(row.clone());
        reg(self.code.functions.len() - 1)
    }

    fn operands(&mut self, ids: &[ExprId]) -> Result<Regs> {
        let regs = ids.iter().map(|id| self.expr(*id)).collect::<Result<Vec<_>>>()?;
        let from = self.code.operands.len() as u32;
        self.code.operands.extend(regs);
        Ok(Regs { from, count: ids.len() as u32 })
    }

    /// The register that holds an expression's value; a new temporary unless the value is in a register already.
    fn expr(&mut self, id: ExprId) -> Result<Reg> {
        match self.ir.expr(id) {
            ExprKind::Var(var) => reg(var.0 as usize),
            ExprKind::Key(key) => reg(usize::from(self.code.keys) + *key as usize),
            ExprKind::Arg(arg) => reg(usize::from(self.code.args) + *arg as usize),
            kind => match constant(kind) {
                Some(constant) => self.constant(&constant),
                None => {
                    let to = self.temp()?;
                    self.expr_into(to, id)?;
                    Ok(to)
                }
            },
        }
    }

    fn expr_into(&mut self, to: Reg, id: ExprId) -> Result<()> {
        let ir = self.ir;
        let op = match ir.expr(id) {
            ExprKind::Not(a) => Op::Not(to, self.expr(*a)?),
            ExprKind::Both(a, b) => return self.lazy(to, *a, *b, true),
            ExprKind::Either(a, b) => return self.lazy(to, *a, *b, false),
            ExprKind::Binary(op, a, b) => {
                let (a, b) = (self.expr(*a)?, self.expr(*b)?);
                Op::Binary(*op, to, a, b)
            }
            ExprKind::Index(a, b) => {
                let (a, b) = (self.expr(*a)?, self.expr(*b)?);
                Op::Index(to, a, b)
            }
            ExprKind::Get(a, b) => {
                let (a, b) = (self.expr(*a)?, self.expr(*b)?);
                Op::Get(to, a, b)
            }
            ExprKind::List(items) => Op::List(to, self.operands(items)?),
            ExprKind::Dict(pairs) => {
                let flat: Vec<_> = pairs.iter().flat_map(|(key, value)| [*key, *value]).collect();
                Op::Dict(to, self.operands(&flat)?)
            }
            ExprKind::Call(name, args) if name == "num" => Op::Num(to, self.expr(args[0])?),
            ExprKind::Call(name, args) => {
                let function = self.function(name)?;
                Op::Call(to, function, self.operands(args)?)
            }
            _ => Op::Move(to, self.expr(id)?),
        };
        self.emit(op);
        Ok(())
    }

    /// The truth of `a and b` or `a or b`, where `b` is evaluated only if it decides.
    fn lazy(&mut self, to: Reg, a: ExprId, b: ExprId, and: bool) -> Result<()> {
        // `to` may be a variable that `b` reads, so it is written last.
        let held = self.temp()?;
        let a = self.expr(a)?;
        self.emit(Op::Truth(held, a));
        let skip = self.emit(if and { Op::JumpUnless(held, 0) } else { Op::JumpIf(held, 0) });
        let b = self.expr(b)?;
        self.emit(Op::Truth(held, b));
        self.land(skip);
        self.emit(Op::Move(to, held));
        Ok(())
    }
}
