//! Statements as Lua, and the script around them.
//!
//! Lua allows 200 locals in a function; variables beyond that live in a table. Command calls with many arguments go
//! through `unpack`. Blocks that are nested too deeply for its parser become functions of their own, see `leave.rs`.

use std::collections::BTreeSet;

use redipy_command::Result;

use super::helpers;
use super::parts::Parts;
use super::text::{Names, quoted};
use crate::check::{Checked, Site};
use crate::functions::Function;
use crate::ir::{BlockId, ExprId, ExprKind, Ir, Origin, Stmt, StmtKind, Target, VarId};
use crate::reply::Form;
use crate::texts::fail;
use crate::types::Type;

/// How many variables are locals at once. Lua allows 200 in all; the helper functions come on top, and what loops need.
const MAX_LOCALS: usize = 60;

/// How deeply blocks are nested in one function: Lua's parser allows 200 levels, of which expressions need some.
const MAX_DEPTH: usize = 40;

/// How many arguments a call may have in place.
const MAX_ARGS: usize = 200;

/// How many values Lua's `unpack` takes.
const MAX_UNPACK: usize = 7000;

pub(super) struct Writer<'a> {
    pub(super) checked: &'a Checked,
    pub(super) ir: &'a Ir,
    pub(super) helpers: BTreeSet<&'static str>,
    /// What keys, arguments and variables are called.
    pub(super) keys: Vec<String>,
    pub(super) args: Vec<String>,
    pub(super) vars: Vec<String>,
    /// The user's own functions, and what they are called.
    pub(super) functions: Vec<(String, String)>,
    names: Names,
    pub(super) out: String,
    pub(super) depth: usize,
    pub(super) parts: Parts,
    /// How many locals can be seen here.
    locals: usize,
    /// How many variables live in the table `more`.
    more: usize,
    /// For each open loop, the variable that says to leave it, if `continue` is written as `break`.
    pub(super) loops: Vec<Option<String>>,
    /// Whether keys get a prefix where a command uses them.
    pub(super) prefixed: bool,
    /// Whether lists can grow while a loop goes through them.
    lists_grow: bool,
    calls: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(checked: &'a Checked, prefixed: bool) -> Self {
        let ir = checked.ir();
        let mut lists_grow = false;
        ir.walk(ir.body, &mut |stmt| lists_grow |= matches!(stmt.kind, StmtKind::SetAt(..)));
        Writer {
            checked,
            ir,
            helpers: BTreeSet::new(),
            keys: Vec::new(),
            args: Vec::new(),
            vars: vec![String::new(); ir.vars.len()],
            functions: Vec::new(),
            names: Names::default(),
            out: String::new(),
            depth: 0,
            parts: Parts::new(ir),
            locals: 0,
            more: 0,
            loops: Vec::new(),
            lists_grow,
            prefixed,
            calls: false,
        }
    }

    /// The whole script.
    pub(super) fn write(mut self) -> Result<String> {
        let ir = self.ir;
        if self.prefixed {
            self.helpers.insert("prefix");
        }
        for (at, name) in ir.keys.iter().enumerate() {
            let own_name = if self.prefixed { ":sub(#prefix + 1)" } else { "" };
            let name = self.parameter("key", name, &format!("KEYS[{}]{own_name}", at + 1));
            self.keys.push(name);
        }
        for (at, name) in ir.args.iter().enumerate() {
            self.helpers.insert("decode");
            let name = self.parameter("arg", name, &format!("decode(ARGV[{}])", at + 1));
            self.args.push(name);
        }
        ir.functions.iter().for_each(|row| self.own_function(row));
        self.block(ir.body)?;
        let mut lua = String::new();
        if self.calls {
            lua.push_str("redis.setresp(3)\n");
        }
        lua.push_str(&helpers::text_of(&self.helpers));
        if self.more > 0 {
            lua.push_str("local more = {}\n");
        }
        lua.push_str(&self.parts.text);
        lua.push_str(&self.out);
        Ok(lua)
    }

    pub(super) fn line(&mut self, text: &str) {
        self.out.push_str(&"  ".repeat(self.depth));
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn parameter(&mut self, prefix: &str, name: &str, value: &str) -> String {
        let name = self.names.new_name(prefix, name);
        self.declare(name, value)
    }

    /// Defines a function of the user's own, with the checks that its row asks for.
    fn own_function(&mut self, row: &Function) {
        self.helpers.insert("user");
        self.helpers.extend(helpers::named_in(row.lua_text()));
        let takes: Vec<_> = row.parameters().iter().map(|takes| quoted(takes.to_string().as_bytes())).collect();
        let (name, gives) = (quoted(row.name().as_bytes()), quoted(row.gives().to_string().as_bytes()));
        let value = format!("user({name}, {{{}}}, {gives}, {})", takes.join(", "), row.lua_text());
        let local = self.names.new_name("fn", row.name());
        let local = self.declare(local, &value);
        self.functions.push((row.name().to_owned(), local));
    }

    /// Declares a variable, as a local if there is room; gives what it is called.
    fn declare(&mut self, name: String, value: &str) -> String {
        let name = self.place_for(name);
        let local = if name.starts_with("more[") { "" } else { "local " };
        self.line(&format!("{local}{name} = {value}"));
        name
    }

    fn place_for(&mut self, name: String) -> String {
        if self.locals < MAX_LOCALS && !self.parts.needed {
            self.locals += 1;
            return name;
        }
        self.more += 1;
        format!("more[{}]", self.more)
    }

    fn var_name(&self, var: VarId) -> String {
        let letter = match self.ir.vars[var.0 as usize].origin {
            Origin::Local => 'v',
            Origin::Index => 'i',
            Origin::Item => 'x',
            Origin::Temp => 't',
        };
        format!("{letter}{}", var.0)
    }

    /// `target = value`
    fn assign(&mut self, target: Target, value: &str) {
        match target {
            Target::Nowhere => self.line(&format!("do local _ = {value} end")),
            Target::Known(var) => {
                let name = self.vars[var.0 as usize].clone();
                self.line(&format!("{name} = {value}"));
            }
            Target::New(var) => {
                let name = self.declare(self.var_name(var), value);
                self.vars[var.0 as usize] = name;
            }
        }
    }

    pub(super) fn block(&mut self, block: BlockId) -> Result<()> {
        if self.depth >= MAX_DEPTH && self.parts.needed {
            return self.part(block);
        }
        let ir = self.ir;
        let locals = self.locals;
        ir.block(block).iter().try_for_each(|stmt| self.stmt(stmt))?;
        self.locals = locals;
        Ok(())
    }

    fn indented(&mut self, block: BlockId) -> Result<()> {
        self.depth += 1;
        let done = self.block(block);
        self.depth -= 1;
        done
    }

    fn stmt(&mut self, stmt: &Stmt) -> Result<()> {
        match &stmt.kind {
            StmtKind::Set(Target::Nowhere, value) if self.is_leaf(*value) => {}
            StmtKind::Set(target, value) => {
                let value = self.expr(*value)?;
                self.assign(*target, &value);
            }
            StmtKind::Command(target, name, args) => self.command(*target, name, args)?,
            StmtKind::Log(level, message) => self.log(*level, *message)?,
            StmtKind::SetAt(a, b, c) => {
                let call = self.call("set_at", &[*a, *b, *c])?;
                self.line(&call);
            }
            StmtKind::SetKey(a, b, c) => {
                let call = self.call("set_key", &[*a, *b, *c])?;
                self.line(&call);
            }
            StmtKind::If(cond, then, other) => self.if_("if", *cond, *then, *other)?,
            StmtKind::While { head, cond, body } => self.while_(*head, *cond, *body)?,
            StmtKind::For { list, index, item, body } => self.for_(*list, *index, *item, *body)?,
            StmtKind::Break => self.break_(),
            StmtKind::Continue => self.continue_(),
            StmtKind::Return(value) => self.return_(*value)?,
        }
        Ok(())
    }

    fn return_(&mut self, value: ExprId) -> Result<()> {
        let as_it_is = self.checked.type_of(value).is(Type::STR.or(Type::NONE));
        let text = if as_it_is { self.expr(value)? } else { self.call("pack", &[value])? };
        self.return_text(&text);
        Ok(())
    }

    fn command(&mut self, target: Target, name: &str, args: &[ExprId]) -> Result<()> {
        self.calls = true;
        let Site { spec, form } = self.checked.site(name, args)?;
        let arguments = self.arguments(spec, args)?;
        let (name, comma) = (quoted(spec.name.as_bytes()), if args.is_empty() { "" } else { ", " });
        if args.len() > MAX_UNPACK {
            return Err(fail(format!("{} has {} arguments; Lua takes {MAX_UNPACK}", spec.name, args.len())));
        }
        let mut arguments = format!("{name}{comma}{arguments}");
        if args.len() > MAX_ARGS {
            arguments = format!("unpack({{{arguments}}})");
        }
        self.helpers.insert("call");
        let call = format!("call({arguments})");
        if target == Target::Nowhere {
            self.line(&call);
            return Ok(());
        }
        let mut with = |helper: &'static str, arguments: &str| {
            self.helpers.insert(helper);
            format!("{helper}({arguments})")
        };
        let value = match form {
            Form::Text | Form::Count => call,
            Form::Bool => format!("{call} == 1"),
            Form::Bools => with("bools", &call),
            Form::Stored => format!("{call} ~= nil"),
            Form::List => with("counted", &call),
            Form::Members => with("members", &call),
            Form::Dict => format!("{call}.map"),
            Form::Fields => with("fields", &arguments),
            Form::Scored => with("scored", &call),
            Form::Type => with("type_name", &call),
            Form::Seconds => with("seconds", &call),
            Form::Number => with("number_of", &call),
            Form::Items(skipped) => with("items", &format!("{call}, {}", args.len().saturating_sub(skipped))),
            Form::Natural => with("natural", &call),
        };
        self.assign(target, &value);
        Ok(())
    }

    fn log(&mut self, level: ExprId, message: ExprId) -> Result<()> {
        let level = match self.ir.expr(level) {
            ExprKind::Str(level) => String::from_utf8_lossy(level).to_ascii_uppercase(),
            _ => "NOTICE".to_owned(),
        };
        let text = self.checked.type_of(message).is(Type::STR);
        let message = if text { self.expr(message)? } else { self.call("log_text", &[message])? };
        self.line(&format!("redis.log(redis.LOG_{level}, {message})"));
        Ok(())
    }

    fn if_(&mut self, word: &str, cond: ExprId, then: BlockId, other: BlockId) -> Result<()> {
        let cond = self.cond(cond)?;
        self.line(&format!("{word} {cond} then"));
        self.indented(then)?;
        let ir = self.ir;
        match ir.block(other) {
            [] => {}
            [Stmt { kind: StmtKind::If(cond, then, other), .. }] => return self.if_("elseif", *cond, *then, *other),
            _ => {
                self.line("else");
                self.indented(other)?;
            }
        }
        self.line("end");
        Ok(())
    }

    fn while_(&mut self, head: BlockId, cond: ExprId, body: BlockId) -> Result<()> {
        let locals = self.locals;
        if self.ir.block(head).is_empty() {
            let cond = self.cond(cond)?;
            self.line(&format!("while {cond} do"));
            self.depth += 1;
        } else {
            self.line("while true do");
            self.depth += 1;
            self.block(head)?;
            let cond = self.cond(cond)?;
            self.line(&format!("if not ({cond}) then break end"));
        }
        self.round(body)?;
        self.depth -= 1;
        self.line("end");
        self.locals = locals;
        Ok(())
    }

    fn for_(&mut self, list: ExprId, index: VarId, item: VarId, body: BlockId) -> Result<()> {
        self.helpers.insert("null");
        let locals = self.locals;
        let list = self.call("is_list", &[list])?;
        self.line("do");
        self.depth += 1;
        let held = self.declare(format!("list{}", index.0), &list);
        let counter = format!("at{}", index.0);
        if self.lists_grow {
            self.line(&format!("local {counter} = -1"));
            self.line(&format!("while {counter} + 1 < {held}[0] do"));
            self.depth += 1;
            self.line(&format!("{counter} = {counter} + 1"));
        } else {
            self.line(&format!("for {counter} = 0, {held}[0] - 1 do"));
            self.depth += 1;
        }
        self.vars[index.0 as usize] = self.declare(self.var_name(index), &counter);
        let name = self.declare(self.var_name(item), &format!("{held}[{counter} + 1]"));
        self.line(&format!("if {name} == null then {name} = nil end"));
        self.vars[item.0 as usize] = name;
        self.round(body)?;
        self.depth -= 1;
        self.line("end");
        self.depth -= 1;
        self.line("end");
        self.locals = locals;
        Ok(())
    }

    /// The body of a loop. Lua has no `continue`: it leaves a loop of one round inside.
    fn round(&mut self, body: BlockId) -> Result<()> {
        if !self.continues(body) {
            self.loops.push(None);
            self.block(body)?;
            self.loops.pop();
            return Ok(());
        }
        let leave = format!("leave{}", self.loops.len());
        self.line(&format!("local {leave} = false"));
        self.line("repeat");
        self.loops.push(Some(leave.clone()));
        self.indented(body)?;
        self.loops.pop();
        self.line("until true");
        self.line(&format!("if {leave} then break end"));
        Ok(())
    }

    /// Whether a block contains a `continue` of the loop it is the body of.
    fn continues(&self, block: BlockId) -> bool {
        self.ir.block(block).iter().any(|stmt| match &stmt.kind {
            StmtKind::Continue => true,
            StmtKind::If(_, then, other) => self.continues(*then) || self.continues(*other),
            _ => false,
        })
    }
}
