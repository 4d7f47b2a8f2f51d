//! Expressions as Lua.

use redipy_command::{Result, Spec};

use super::text::{number, quoted, quoted_number};
use super::writer::Writer;
use crate::check::literal;
use crate::functions::{self, Function, Lua};
use crate::ir::{BinaryOp, ExprId, ExprKind};
use crate::prefix;
use crate::texts::fail;
use crate::types::Type;

/// Types whose values Lua's `==` compares as the language does.
const SCALAR: Type = Type::NONE.or(Type::BOOL).or(Type::NUM).or(Type::STR);

impl Writer<'_> {
    /// Whether evaluating an expression cannot fail, and costs nothing to repeat.
    pub(super) fn is_leaf(&self, id: ExprId) -> bool {
        use ExprKind::{Arg, Bool, Key, None, Num, Str, Var};
        matches!(self.ir.expr(id), None | Bool(_) | Num(_) | Str(_) | Key(_) | Arg(_) | Var(_))
    }

    /// The Lua text of an expression, closed in itself.
    pub(super) fn expr(&mut self, id: ExprId) -> Result<String> {
        let ir = self.ir;
        Ok(match ir.expr(id) {
            ExprKind::None => "nil".to_owned(),
            ExprKind::Bool(value) => value.to_string(),
            ExprKind::Num(value) => number(*value),
            ExprKind::Str(text) => quoted(text),
            ExprKind::Key(key) => self.keys[*key as usize].clone(),
            ExprKind::Arg(arg) => self.args[*arg as usize].clone(),
            ExprKind::Var(var) => self.vars[var.0 as usize].clone(),
            ExprKind::List(items) => self.list(items)?,
            ExprKind::Dict(pairs) => self.dict(pairs)?,
            ExprKind::Not(a) => format!("(not {})", self.cond(*a)?),
            ExprKind::Both(a, b) => format!("({} and {})", self.truth(*a)?, self.truth(*b)?),
            ExprKind::Either(a, b) => format!("({} or {})", self.truth(*a)?, self.truth(*b)?),
            ExprKind::Binary(op, a, b) => self.binary(*op, *a, *b)?,
            ExprKind::Index(list, index) => self.call("index", &[*list, *index])?,
            ExprKind::Get(dict, key) => self.call("get_key", &[*dict, *key])?,
            ExprKind::Call(name, args) => self.function(name, args)?,
        })
    }

    fn exprs(&mut self, ids: &[ExprId]) -> Result<Vec<String>> {
        ids.iter().map(|id| self.expr(*id)).collect()
    }

    /// A call of a helper.
    pub(super) fn call(&mut self, helper: &'static str, args: &[ExprId]) -> Result<String> {
        self.helpers.insert(helper);
        Ok(format!("{helper}({})", self.exprs(args)?.join(", ")))
    }

    /// An item of a list or dict: None is `null` there.
    fn item(&mut self, id: ExprId) -> Result<String> {
        if self.ir.expr(id) == &ExprKind::None {
            self.helpers.insert("null");
            return Ok("null".to_owned());
        }
        if self.checked.type_of(id).meets(Type::NONE) { self.call("item", &[id]) } else { self.expr(id) }
    }

    fn list(&mut self, items: &[ExprId]) -> Result<String> {
        let mut out = vec![format!("[0] = {}", items.len())];
        for item in items {
            // A call in the last place would give all its results; parentheses keep the first.
            out.push(self.item(*item)?);
        }
        if let [_, .., last] = &mut out[..]
            && last.ends_with(')')
        {
            *last = format!("({last})");
        }
        Ok(format!("{{{}}}", out.join(", ")))
    }

    fn dict(&mut self, pairs: &[(ExprId, ExprId)]) -> Result<String> {
        let mut out = Vec::new();
        let mut taken = Vec::new();
        for (key, value) in pairs {
            match self.ir.expr(*key) {
                ExprKind::Str(text) if !taken.contains(text) => {
                    taken.push(text.clone());
                    out.push(format!("[{}] = {}", quoted(text), self.item(*value)?));
                }
                _ => {
                    let flat: Vec<_> = pairs.iter().flat_map(|(key, value)| [*key, *value]).collect();
                    self.helpers.insert("new_dict");
                    return Ok(format!("new_dict({}, {})", flat.len(), self.exprs(&flat)?.join(", ")));
                }
            }
        }
        Ok(format!("{{{}}}", out.join(", ")))
    }

    fn binary(&mut self, op: BinaryOp, a: ExprId, b: ExprId) -> Result<String> {
        let (left, right) = (self.checked.type_of(a), self.checked.type_of(b));
        let numbers = left.is(Type::NUM) && right.is(Type::NUM);
        let plain = |writer: &mut Self, sign: &str| Ok(format!("({} {sign} {})", writer.expr(a)?, writer.expr(b)?));
        match op {
            BinaryOp::Eq | BinaryOp::Ne if left.both(right).is(SCALAR) => {
                plain(self, if op == BinaryOp::Eq { "==" } else { "~=" })
            }
            BinaryOp::Eq => self.call("eq", &[a, b]),
            BinaryOp::Ne => Ok(format!("(not {})", self.call("eq", &[a, b])?)),
            BinaryOp::Add if left.is(Type::STR) && right.is(Type::STR) => plain(self, ".."),
            BinaryOp::Div if numbers && self.is_not_zero(b) => plain(self, "/"),
            BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Mod => self.call(helper_of(op), &[a, b]),
            op if numbers => plain(self, op.sign()),
            op => self.call(helper_of(op), &[a, b]),
        }
    }

    fn is_not_zero(&self, id: ExprId) -> bool {
        matches!(self.ir.expr(id), ExprKind::Num(number) if *number != 0.0)
    }

    fn function(&mut self, name: &str, args: &[ExprId]) -> Result<String> {
        let given = args.first().map_or(Type::ANY, |arg| self.checked.type_of(*arg));
        match name {
            "strs" => self.strs(args),
            "num" if given.is(Type::NUM) => self.expr(args[0]),
            "to_str" if given.is(Type::STR) => self.expr(args[0]),
            _ => {
                let own = self.functions.iter().find(|(known, _)| known == name);
                if let Some((_, local)) = own {
                    let local = local.clone();
                    return Ok(format!("{local}({})", self.exprs(args)?.join(", ")));
                }
                match functions::find(name).map(Function::lua) {
                    Some(Lua::Helper(helper)) => self.call(helper, args),
                    _ => Err(fail("unknown function")),
                }
            }
        }
    }

    /// Whether an expression may be something else than a text or a number that can be printed.
    fn needs_check(&self, id: ExprId) -> bool {
        !matches!(self.ir.expr(id), ExprKind::Num(_)) && !self.checked.type_of(id).is(Type::STR)
    }

    /// Concatenation. Plain `..` checks each part before it evaluates the next, so it is right only where no part that
    /// needs a check comes before one that can fail.
    fn strs(&mut self, parts: &[ExprId]) -> Result<String> {
        const MANY: usize = 50;
        let mut checks = false;
        let mut in_order = true;
        for part in parts {
            in_order &= !checks || self.is_leaf(*part);
            checks |= self.needs_check(*part);
        }
        if parts.is_empty() {
            return Ok("\"\"".to_owned());
        }
        if !in_order || parts.len() > MANY {
            return self.call("f_strs", parts);
        }
        let texts = parts.iter().map(|part| self.text_part(*part)).collect::<Result<Vec<_>>>()?;
        Ok(if let [one] = &texts[..] { one.clone() } else { format!("({})", texts.join(" .. ")) })
    }

    fn text_part(&mut self, id: ExprId) -> Result<String> {
        match self.ir.expr(id) {
            ExprKind::Num(value) => Ok(quoted_number(*value)),
            _ if self.checked.type_of(id).is(Type::STR) => self.expr(id),
            _ if self.checked.type_of(id).is(Type::NUM) => self.call("digits", &[id]),
            _ => self.call("part", &[id]),
        }
    }

    /// The arguments of a command.
    pub(super) fn arguments(&mut self, spec: &Spec, args: &[ExprId]) -> Result<String> {
        let keys = if self.prefixed { self.keys_among(spec, args)? } else { Vec::new() };
        let mut checks = false;
        let mut in_order = true;
        for arg in args {
            in_order &= !checks || self.is_leaf(*arg);
            checks |= self.needs_check(*arg);
        }
        if !in_order {
            if keys.is_empty() {
                return self.call("checked", args);
            }
            self.helpers.insert("prefixed");
            let positions: Vec<_> = keys.iter().map(|at| (at + 1).to_string()).collect();
            return Ok(format!("prefixed({{{}}}, {})", positions.join(", "), self.exprs(args)?.join(", ")));
        }
        let mut texts = Vec::with_capacity(args.len());
        for (at, arg) in args.iter().enumerate() {
            let text = self.argument(*arg)?;
            texts.push(if keys.contains(&at) { format!("prefix .. {text}") } else { text });
        }
        Ok(texts.join(", "))
    }

    fn argument(&mut self, arg: ExprId) -> Result<String> {
        let given = self.checked.type_of(arg);
        match self.ir.expr(arg) {
            ExprKind::Num(value) => Ok(quoted_number(*value)),
            _ if given.is(Type::STR) => self.expr(arg),
            _ if given.is(Type::NUM) => self.call("digits", &[arg]),
            _ => self.call("argument", &[arg]),
        }
    }

    /// The positions of the arguments that get the prefix.
    fn keys_among(&self, spec: &Spec, args: &[ExprId]) -> Result<Vec<usize>> {
        let texts: Vec<Vec<u8>> = args.iter().map(|arg| literal(self.ir, *arg)).collect();
        let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
        prefix::positions(spec, &texts).map_err(fail)
    }

    /// The truth of an expression, for `if` and `not`: Lua's truth of the text is the language's truth of the value.
    pub(super) fn cond(&mut self, id: ExprId) -> Result<String> {
        if self.checked.type_of(id).is(Type::BOOL.or(Type::NONE)) { self.expr(id) } else { self.truth(id) }
    }

    /// The truth of an expression, as a boolean.
    fn truth(&mut self, id: ExprId) -> Result<String> {
        let given = self.checked.type_of(id);
        let leaf = self.is_leaf(id);
        Ok(match () {
            () if given.is(Type::BOOL) => self.expr(id)?,
            () if given.is(Type::NUM) => format!("({} ~= 0)", self.expr(id)?),
            () if given.is(Type::STR) => format!("({} ~= \"\")", self.expr(id)?),
            () if leaf && given.is(Type::STR.or(Type::NONE)) => {
                let text = self.expr(id)?;
                format!("({text} ~= nil and {text} ~= \"\")")
            }
            () if leaf && given.is(Type::NUM.or(Type::NONE)) => {
                let text = self.expr(id)?;
                format!("({text} ~= nil and {text} ~= 0)")
            }
            () => self.call("truth", &[id])?,
        })
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
