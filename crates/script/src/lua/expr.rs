//! Expressions as Lua, written where they stand.

use std::collections::BTreeSet;

use redipy_command::{Result, Spec};

use super::text::{number, quote, quote_number};
use super::writer::{MAX_ARGS, MAX_UNPACK, Writer};
use crate::check::literal;
use crate::functions::{self, Function, Lua};
use crate::ir::{BinaryOp, ExprId, ExprKind};
use crate::prefix;
use crate::texts::fail;
use crate::types::Type;

/// Types whose values Lua's `==` compares as the language does.
const SCALAR: Type = Type::NONE.or(Type::BOOL).or(Type::NUM).or(Type::STR);

impl Writer<'_> {
    /// Returns whether evaluating an expression cannot fail, and costs nothing to repeat.
    pub(super) fn is_leaf(&self, id: ExprId) -> bool {
        use ExprKind::{Arg, Bool, Key, None, Num, Str, Var};
        matches!(self.ir.expr(id), None | Bool(_) | Num(_) | Str(_) | Key(_) | Arg(_) | Var(_))
    }

    /// Writes an expression, closed in itself.
    pub(super) fn expr(&mut self, id: ExprId) -> Result<()> {
        let ir = self.ir;
        match ir.expr(id) {
            ExprKind::None => self.put("nil"),
            ExprKind::Bool(true) => self.put("true"),
            ExprKind::Bool(false) => self.put("false"),
            ExprKind::Num(value) => number(*value, &mut self.out),
            ExprKind::Str(text) => quote(text, &mut self.out),
            ExprKind::Key(key) => self.out.push_str(&self.keys[*key as usize]),
            ExprKind::Arg(arg) => self.out.push_str(&self.args[*arg as usize]),
            ExprKind::Var(var) => self.out.push_str(&self.vars[var.0 as usize]),
            ExprKind::List(items) => return self.list(items),
            ExprKind::Dict(pairs) => return self.dict(pairs),
            ExprKind::Not(a) => {
                self.put("(not ");
                self.cond(*a)?;
                self.put(")");
            }
            ExprKind::Both(a, b) => return self.both(*a, " and ", *b),
            ExprKind::Either(a, b) => return self.both(*a, " or ", *b),
            ExprKind::Binary(op, a, b) => return self.binary(*op, *a, *b),
            ExprKind::Index(list, index) => return self.call("index", &[*list, *index]),
            ExprKind::Get(dict, key) => return self.call("get_key", &[*dict, *key]),
            ExprKind::Call(name, args) => return self.function(name, args),
        }
        Ok(())
    }

    fn both(&mut self, a: ExprId, sign: &str, b: ExprId) -> Result<()> {
        self.put("(");
        self.truth(a)?;
        self.put(sign);
        self.truth(b)?;
        self.put(")");
        Ok(())
    }

    /// Expressions with something between them.
    fn joined(
        &mut self,
        ids: &[ExprId],
        sign: &str,
        mut each: impl FnMut(&mut Self, ExprId) -> Result<()>,
    ) -> Result<()> {
        for (at, id) in ids.iter().enumerate() {
            if at > 0 {
                self.put(sign);
            }
            each(self, *id)?;
        }
        Ok(())
    }

    /// Marks a helper as used, and writes the beginning of its call.
    pub(super) fn open(&mut self, helper: &'static str) {
        self.helpers.insert(helper);
        self.put(helper);
        self.put("(");
    }

    /// A call of a helper.
    pub(super) fn call(&mut self, helper: &'static str, args: &[ExprId]) -> Result<()> {
        self.open(helper);
        self.exprs(args, Self::expr)?;
        self.put(")");
        Ok(())
    }

    /// The last arguments of a call, however many they are.
    fn exprs(&mut self, args: &[ExprId], each: fn(&mut Self, ExprId) -> Result<()>) -> Result<()> {
        if args.len() <= MAX_ARGS {
            return self.joined(args, ", ", each);
        }
        if args.len() > MAX_UNPACK {
            return Err(fail(format!("a function has {} arguments; Lua takes {MAX_UNPACK}", args.len())));
        }
        self.put("unpack({");
        self.joined(args, ", ", each)?;
        // None among them ends the table early, unless the count is said.
        self.put(&format!("}}, 1, {})", args.len()));
        Ok(())
    }

    /// An expression for Lua that is not ours: keys have the names that the server has them by.
    fn stored(&mut self, id: ExprId) -> Result<()> {
        if matches!(self.ir.expr(id), ExprKind::Key(_)) {
            self.put("prefix .. ");
        }
        self.expr(id)
    }

    /// An item of a list or dict: None is `null` there.
    fn item(&mut self, id: ExprId) -> Result<()> {
        if self.ir.expr(id) == &ExprKind::None {
            self.helpers.insert("null");
            self.put("null");
            return Ok(());
        }
        if self.checked.type_of(id).meets(Type::NONE) { self.call("item", &[id]) } else { self.expr(id) }
    }

    fn list(&mut self, items: &[ExprId]) -> Result<()> {
        self.put("{[0] = ");
        self.put(&items.len().to_string());
        let mut last = self.out.len();
        for item in items {
            self.put(", ");
            last = self.out.len();
            self.item(*item)?;
        }
        // A call in the last place would give all its results; parentheses keep the first.
        if !items.is_empty() && self.out.ends_with(')') {
            self.out.insert(last, '(');
            self.put(")");
        }
        self.put("}");
        Ok(())
    }

    fn dict(&mut self, pairs: &[(ExprId, ExprId)]) -> Result<()> {
        let ir = self.ir;
        let name =
            |(key, _): &(ExprId, ExprId)| if let ExprKind::Str(text) = ir.expr(*key) { Some(text) } else { None };
        let mut names = BTreeSet::new();
        if !pairs.iter().all(|pair| name(pair).is_some_and(|name| names.insert(name))) {
            let flat: Vec<_> = pairs.iter().flat_map(|(key, value)| [*key, *value]).collect();
            self.open("new_dict");
            self.put(&flat.len().to_string());
            self.put(", ");
            self.exprs(&flat, Self::expr)?;
            self.put(")");
            return Ok(());
        }
        self.put("{");
        for (at, pair) in pairs.iter().enumerate() {
            self.put(if at > 0 { ", [" } else { "[" });
            quote(name(pair).map_or(&[], |name| name), &mut self.out);
            self.put("] = ");
            self.item(pair.1)?;
        }
        self.put("}");
        Ok(())
    }

    fn binary(&mut self, op: BinaryOp, a: ExprId, b: ExprId) -> Result<()> {
        let (left, right) = (self.checked.type_of(a), self.checked.type_of(b));
        let numbers = left.is(Type::NUM) && right.is(Type::NUM);
        match op {
            BinaryOp::Eq if left.both(right).is(SCALAR) => self.plain(a, " == ", b),
            BinaryOp::Ne if left.both(right).is(SCALAR) => self.plain(a, " ~= ", b),
            BinaryOp::Ne => {
                self.put("(not ");
                self.call("eq", &[a, b])?;
                self.put(")");
                Ok(())
            }
            BinaryOp::Add if left.is(Type::STR) && right.is(Type::STR) => self.plain(a, " .. ", b),
            BinaryOp::Div if numbers && self.is_not_zero(b) => self.plain(a, " / ", b),
            BinaryOp::Add if numbers => self.plain(a, " + ", b),
            BinaryOp::Sub if numbers => self.plain(a, " - ", b),
            BinaryOp::Mul if numbers => self.plain(a, " * ", b),
            BinaryOp::Lt if numbers => self.plain(a, " < ", b),
            BinaryOp::Le if numbers => self.plain(a, " <= ", b),
            BinaryOp::Gt if numbers => self.plain(a, " > ", b),
            BinaryOp::Ge if numbers => self.plain(a, " >= ", b),
            op => self.call(helper_of(op), &[a, b]),
        }
    }

    fn plain(&mut self, a: ExprId, sign: &str, b: ExprId) -> Result<()> {
        self.put("(");
        self.expr(a)?;
        self.put(sign);
        self.expr(b)?;
        self.put(")");
        Ok(())
    }

    fn is_not_zero(&self, id: ExprId) -> bool {
        matches!(self.ir.expr(id), ExprKind::Num(number) if *number != 0.0)
    }

    fn function(&mut self, name: &str, args: &[ExprId]) -> Result<()> {
        let given = args.first().map_or(Type::ANY, |arg| self.checked.type_of(*arg));
        match name {
            "strs" => return self.strs(args),
            "num" if given.is(Type::NUM) => return self.expr(args[0]),
            "to_str" if given.is(Type::STR) => return self.expr(args[0]),
            _ => {}
        }
        if let Some((_, local)) = self.functions.iter().find(|(known, _)| known == name) {
            self.out.push_str(local);
            self.put("(");
            let stored = self.prefixed && self.ir.function(name).is_some_and(Function::is_in_lua);
            self.exprs(args, if stored { Self::stored } else { Self::expr })?;
            self.put(")");
            return Ok(());
        }
        match functions::find(name).map(Function::lua) {
            Some(Lua::Helper(helper)) => self.call(helper, args),
            _ => Err(fail("unknown function")),
        }
    }

    /// Returns whether an expression may be something else than a text or a number that can be printed.
    fn needs_check(&self, id: ExprId) -> bool {
        !matches!(self.ir.expr(id), ExprKind::Num(_)) && !self.checked.type_of(id).is(Type::STR)
    }

    /// Returns whether texts can be written one after the other. Lua checks each as it is evaluated, before the next, so it is
    /// right only where no part that needs a check comes before one that can fail.
    fn in_order(&self, parts: &[ExprId]) -> bool {
        let mut checks = false;
        parts.iter().all(|part| {
            let right = !checks || self.is_leaf(*part);
            checks |= self.needs_check(*part);
            right
        })
    }

    /// Concatenation.
    fn strs(&mut self, parts: &[ExprId]) -> Result<()> {
        const MANY: usize = 50;
        match parts {
            [] => self.put("\"\""),
            _ if parts.len() > MANY || !self.in_order(parts) => return self.call("f_strs", parts),
            [one] => return self.text(*one, "part"),
            parts => {
                self.put("(");
                self.joined(parts, " .. ", |writer, part| writer.text(part, "part"))?;
                self.put(")");
            }
        }
        Ok(())
    }

    /// The arguments of a command.
    pub(super) fn arguments(&mut self, spec: &Spec, args: &[ExprId]) -> Result<()> {
        let keys = if self.prefixed { self.keys_among(spec, args)? } else { Vec::new() };
        if self.in_order(args) {
            let mut at = 0;
            return self.joined(args, ", ", |writer, arg| {
                if keys.contains(&at) {
                    writer.put("prefix .. ");
                }
                at += 1;
                writer.text(arg, "argument")
            });
        }
        if keys.is_empty() {
            return self.call("checked", args);
        }
        let positions: Vec<_> = keys.iter().map(|at| (at + 1).to_string()).collect();
        self.open("prefixed");
        self.put(&format!("{{{}}}, ", positions.join(", ")));
        self.exprs(args, Self::expr)?;
        self.put(")");
        Ok(())
    }

    /// The text of a string or a number; `helper` refuses everything else.
    fn text(&mut self, id: ExprId, helper: &'static str) -> Result<()> {
        let given = self.checked.type_of(id);
        match self.ir.expr(id) {
            ExprKind::Num(value) => {
                quote_number(*value, &mut self.out);
                Ok(())
            }
            _ if given.is(Type::STR) => self.expr(id),
            _ if given.is(Type::NUM) => self.call("digits", &[id]),
            _ => self.call(helper, &[id]),
        }
    }

    /// The positions of the arguments that get the prefix.
    fn keys_among(&self, spec: &Spec, args: &[ExprId]) -> Result<Vec<usize>> {
        let texts: Vec<Vec<u8>> = args.iter().map(|arg| literal(self.ir, *arg)).collect();
        let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
        prefix::positions(spec, &texts).map_err(fail)
    }

    /// The truth of an expression, for `if` and `not`: Lua's truth of the text is the language's truth of the value.
    pub(super) fn cond(&mut self, id: ExprId) -> Result<()> {
        if self.checked.type_of(id).is(Type::BOOL.or(Type::NONE)) { self.expr(id) } else { self.truth(id) }
    }

    /// The truth of an expression, as a boolean.
    fn truth(&mut self, id: ExprId) -> Result<()> {
        let given = self.checked.type_of(id);
        let leaf = self.is_leaf(id);
        match () {
            () if given.is(Type::BOOL) => self.expr(id),
            () if given.is(Type::NUM) => self.differs(id, &["0"]),
            () if given.is(Type::STR) => self.differs(id, &["\"\""]),
            () if leaf && given.is(Type::STR.or(Type::NONE)) => self.differs(id, &["nil", "\"\""]),
            () if leaf && given.is(Type::NUM.or(Type::NONE)) => self.differs(id, &["nil", "0"]),
            () => self.call("truth", &[id]),
        }
    }

    /// Writes whether an expression is none of these.
    fn differs(&mut self, id: ExprId, from: &[&str]) -> Result<()> {
        self.put("(");
        for (at, other) in from.iter().enumerate() {
            if at > 0 {
                self.put(" and ");
            }
            self.expr(id)?;
            self.put(" ~= ");
            self.put(other);
        }
        self.put(")");
        Ok(())
    }
}

fn helper_of(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "add",
        BinaryOp::Sub => "sub",
        BinaryOp::Mul => "mul",
        BinaryOp::Div => "div",
        BinaryOp::FloorDiv => "floor_div",
        BinaryOp::Mod => "mod",
        BinaryOp::Eq | BinaryOp::Ne => "eq",
        BinaryOp::Lt => "lt",
        BinaryOp::Le => "le",
        BinaryOp::Gt => "gt",
        BinaryOp::Ge => "ge",
    }
}
