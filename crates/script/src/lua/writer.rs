//! Statements as Lua, and the script around them.
//!
//! Lua allows 200 locals in a function; variables beyond that live in a table. Command calls with many arguments go
//! through `unpack`. Blocks that are nested too deeply for its parser become functions of their own, see `leave.rs`.

use std::collections::BTreeSet;

use redipy_command::{Result, Spec};

use super::helpers;
use super::parts::Parts;
use super::text::{Names, quote, quoted};
use crate::check::{Checked, ResolvedCall};
use crate::functions::Function;
use crate::ir::{BlockId, ExprId, ExprKind, Ir, Origin, Stmt, StmtKind, Target, VarId};
use crate::reply::ReplyForm;
use crate::texts::fail;
use crate::types::Type;

/// The maximal number of variables that are locals. Lua allows 200 in all, including helper functions and temporaries of loops.
const MAX_LOCALS: usize = 60;

/// The maximal depth of blocks in a function: Lua's parser allows 200 levels, of which expressions need some.
const MAX_DEPTH: usize = 40;

/// The maximal number of arguments that a call has in place.
pub(super) const MAX_ARGS: usize = 200;

/// The maximal number of values of Lua's `unpack`.
pub(super) const MAX_UNPACK: usize = 7000;

pub(super) struct Writer<'a> {
    pub(super) checked: &'a Checked,
    pub(super) ir: &'a Ir,
    pub(super) helpers: BTreeSet<&'static str>,
    /// The Lua names of keys, arguments and variables.
    pub(super) keys: Vec<String>,
    pub(super) args: Vec<String>,
    pub(super) vars: Vec<String>,
    /// The user's own functions, and what they are called.
    pub(super) functions: Vec<(String, String)>,
    names: Names,
    pub(super) out: String,
    pub(super) depth: usize,
    pub(super) parts: Parts,
    /// The number of locals in scope.
    locals: usize,
    /// The number of variables in the table `more`.
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
            out: String::with_capacity(4096),
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
        let helpers = helpers::text_of(&self.helpers);
        let mut lua = String::with_capacity(helpers.len() + self.parts.text.len() + self.out.len() + 64);
        if self.calls {
            lua.push_str("redis.setresp(3)\n");
        }
        lua.push_str(&helpers);
        if self.more > 0 {
            lua.push_str("local more = {}\n");
        }
        lua.push_str(&self.parts.text);
        lua.push_str(&self.out);
        Ok(lua)
    }

    /// Appends text.
    pub(super) fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Begins a line.
    pub(super) fn begin(&mut self, text: &str) {
        (0..self.depth).for_each(|_| self.put("  "));
        self.put(text);
    }

    /// Ends a line.
    fn end(&mut self, text: &str) -> Result<()> {
        self.put(text);
        self.put("\n");
        Ok(())
    }

    /// Writes a whole line.
    pub(super) fn line(&mut self, text: &str) {
        self.begin(text);
        self.put("\n");
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
        let name = self.begin_declaration(name);
        self.put(value);
        self.put("\n");
        name
    }

    /// Writes a declaration up to its value.
    fn begin_declaration(&mut self, name: String) -> String {
        if self.locals < MAX_LOCALS && !self.parts.needed {
            self.locals += 1;
            self.begin("local ");
            self.put(&name);
            self.put(" = ");
            return name;
        }
        self.more += 1;
        let name = format!("more[{}]", self.more);
        self.begin(&name);
        self.put(" = ");
        name
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

    /// `target = value`, where `value` writes the value.
    fn assign(&mut self, target: Target, value: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        match target {
            Target::Nowhere => {
                self.begin("do local _ = ");
                value(self)?;
                return self.end(" end");
            }
            Target::Known(var) => {
                self.begin("");
                self.out.push_str(&self.vars[var.0 as usize]);
                self.put(" = ");
                value(self)?;
            }
            Target::New(var) => {
                let name = self.begin_declaration(self.var_name(var));
                value(self)?;
                self.vars[var.0 as usize] = name;
            }
        }
        self.end("")
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
            StmtKind::Set(Target::Nowhere, value) if self.is_leaf(*value) => Ok(()),
            StmtKind::Set(target, value) => self.assign(*target, |writer| writer.expr(*value)),
            StmtKind::Command(target, name, args) => self.command(*target, name, args),
            StmtKind::Log(level, message) => self.log(*level, *message),
            StmtKind::SetAt(a, b, c) => self.call_line("set_at", &[*a, *b, *c]),
            StmtKind::SetKey(a, b, c) => self.call_line("set_key", &[*a, *b, *c]),
            StmtKind::If(cond, then, other) => self.if_("if ", *cond, *then, *other),
            StmtKind::While { head, cond, body } => self.while_(*head, *cond, *body),
            StmtKind::For { list, index, item, body } => self.for_(*list, *index, *item, *body),
            StmtKind::Break => {
                self.break_();
                Ok(())
            }
            StmtKind::Continue => {
                self.continue_();
                Ok(())
            }
            StmtKind::Return(value) => {
                self.begin_return();
                let as_it_is = self.checked.type_of(*value).is(Type::STR.or(Type::NONE));
                if as_it_is {
                    self.expr(*value)?
                } else {
                    self.call("pack", &[*value])?
                }
                self.end("")
            }
        }
    }

    fn call_line(&mut self, helper: &'static str, args: &[ExprId]) -> Result<()> {
        self.begin("");
        self.call(helper, args)?;
        self.end("")
    }

    fn command(&mut self, target: Target, name: &str, args: &[ExprId]) -> Result<()> {
        self.calls = true;
        let ResolvedCall { spec, form } = self.checked.site(name, args)?;
        if args.len() > MAX_UNPACK {
            return Err(fail(format!("{} has {} arguments; Lua takes {MAX_UNPACK}", spec.name, args.len())));
        }
        if target == Target::Nowhere {
            self.begin("");
            self.command_call(spec, args)?;
            return self.end("");
        }
        self.assign(target, |writer| {
            let helper = match form {
                ReplyForm::Text | ReplyForm::Count | ReplyForm::Bool | ReplyForm::Stored | ReplyForm::Dict => None,
                ReplyForm::Bools => Some("bools"),
                ReplyForm::List => Some("counted"),
                ReplyForm::Members => Some("members"),
                // These look at the arguments too, and call the command themselves.
                ReplyForm::Fields | ReplyForm::StoredOrText => {
                    writer.open(if form == ReplyForm::Fields { "fields" } else { "stored" });
                    writer.command_arguments(spec, args)?;
                    writer.put(")");
                    return Ok(());
                }
                ReplyForm::Scored => Some("scored"),
                ReplyForm::Type => Some("type_name"),
                ReplyForm::Seconds => Some("seconds"),
                ReplyForm::Number => Some("number_of"),
                ReplyForm::Items(_) => Some("items"),
                ReplyForm::Natural => Some("natural"),
                ReplyForm::Native => {
                    writer.open("raw");
                    writer.command_arguments(spec, args)?;
                    writer.put(")");
                    return Ok(());
                }
            };
            if let Some(helper) = helper {
                writer.open(helper);
            }
            writer.command_call(spec, args)?;
            match form {
                ReplyForm::Bool => writer.put(" == 1"),
                ReplyForm::Stored => writer.put(" ~= nil"),
                ReplyForm::Dict => writer.put(".map"),
                ReplyForm::Items(skipped) => writer.put(&format!(", {}", args.len().saturating_sub(skipped))),
                _ => {}
            }
            if helper.is_some() {
                writer.put(")");
            }
            Ok(())
        })
    }

    fn command_call(&mut self, spec: &Spec, args: &[ExprId]) -> Result<()> {
        self.open("call");
        self.command_arguments(spec, args)?;
        self.put(")");
        Ok(())
    }

    /// The name of a command and its arguments.
    fn command_arguments(&mut self, spec: &Spec, args: &[ExprId]) -> Result<()> {
        self.helpers.insert("call");
        let many = args.len() > MAX_ARGS;
        self.put(if many { "unpack({" } else { "" });
        quote(spec.name.as_bytes(), &mut self.out);
        self.put(if args.is_empty() { "" } else { ", " });
        self.arguments(spec, args)?;
        self.put(if many { "})" } else { "" });
        Ok(())
    }

    fn log(&mut self, level: ExprId, message: ExprId) -> Result<()> {
        let level = match self.ir.expr(level) {
            ExprKind::Str(level) => String::from_utf8_lossy(level).to_ascii_uppercase(),
            _ => "NOTICE".to_owned(),
        };
        self.begin(&format!("redis.log(redis.LOG_{level}, "));
        let text = self.checked.type_of(message).is(Type::STR);
        if text {
            self.expr(message)?
        } else {
            self.call("log_text", &[message])?
        }
        self.end(")")
    }

    fn if_(&mut self, word: &str, cond: ExprId, then: BlockId, other: BlockId) -> Result<()> {
        self.begin(word);
        self.cond(cond)?;
        self.end(" then")?;
        self.indented(then)?;
        let ir = self.ir;
        match ir.block(other) {
            [] => {}
            [Stmt { kind: StmtKind::If(cond, then, other), .. }] => return self.if_("elseif ", *cond, *then, *other),
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
            self.begin("while ");
            self.cond(cond)?;
            self.end(" do")?;
            self.depth += 1;
        } else {
            self.line("while true do");
            self.depth += 1;
            self.block(head)?;
            self.begin("if not (");
            self.cond(cond)?;
            self.end(") then break end")?;
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
        self.line("do");
        self.depth += 1;
        let held = self.begin_declaration(format!("list{}", index.0));
        self.call("is_list", &[list])?;
        self.end("")?;
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

    /// Returns whether a block contains a `continue` of the loop it is the body of.
    fn continues(&self, block: BlockId) -> bool {
        self.ir.block(block).iter().any(|stmt| match &stmt.kind {
            StmtKind::Continue => true,
            StmtKind::If(_, then, other) => self.continues(*then) || self.continues(*other),
            _ => false,
        })
    }
}
