//! Expressions of the original's form.

use crate::{Expr, NONE, call, command, log_text, strs};
use redipy_command::{Result, Value};

use super::{Import, Named, Node, Step};

/// Functions that have another name here.
const FUNCTIONS: &[(&str, &str)] = &[
    ("asintstr", "int_str"),
    ("cjson.decode", "from_json"),
    ("cjson.encode", "to_json"),
    ("string.find", "find"),
    ("tonumber", "num"),
    ("tostring", "to_str"),
    ("type", "type_str"),
];

/// The constants: the levels of the log.
const LEVELS: &[(&str, &str)] = &[
    ("redis.LOG_DEBUG", "debug"),
    ("redis.LOG_NOTICE", "notice"),
    ("redis.LOG_VERBOSE", "verbose"),
    ("redis.LOG_WARNING", "warning"),
];

/// Returns whether the form has a function of this name.
pub(super) fn is_function(name: &str) -> bool {
    name == "redis.log" || translate(FUNCTIONS, name).is_some() || crate::functions::find(name).is_some()
}

fn translate(table: &[(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(own, _)| *own == name).map(|(_, ours)| *ours)
}

impl Import {
    /// Reads the expression in a field.
    pub(super) fn value(&mut self, node: Node<'_>, field: &'static str) -> Result<Expr> {
        let part = self.field(node, field)?;
        self.within(Step::Field(field), |import| import.expression(part))
    }

    pub(super) fn values(&mut self, items: &[Value], field: &'static str, from: usize) -> Result<Vec<Expr>> {
        self.within(Step::Field(field), |import| {
            let items = items.iter().enumerate().skip(from);
            items.map(|(at, item)| import.within(Step::Item(at), |import| import.expression(item))).collect()
        })
    }

    fn expression(&mut self, part: &Value) -> Result<Expr> {
        let node = self.node(part)?;
        match node.kind {
            "arg" | "key" | "var" | "index" => match self.reference(node)? {
                Named::Fixed(parameter) => Ok(parameter),
                Named::Variable(var) => Ok(var.into()),
            },
            "load_json_arg" => self.parameter(node, &self.args),
            "load_key_arg" => self.parameter(node, &self.keys),
            "val" => self.literal(node),
            "constant" => {
                let raw = self.text(node, "raw")?;
                let level = translate(LEVELS, raw).ok_or_else(|| self.wrong(format!("unknown constant {raw:?}")))?;
                Ok(level.into())
            }
            "unary" => match self.text(node, "op")? {
                "not" => Ok(self.value(node, "arg")?.not()),
                op => Err(self.wrong(format!("unknown operator {op:?}"))),
            },
            "binary" => self.binary(node),
            "array_at" => {
                // The first version of the form names a variable here, the second has any expression.
                let field = if node.get("arr").is_some() { "arr" } else { "var" };
                let list = self.value(node, field)?;
                Ok(list.at(self.value(node, "index")?))
            }
            "dict_key" => {
                let dict = self.value(node, "obj")?;
                Ok(dict.get_key(self.value(node, "key")?))
            }
            "array_len" => Ok(self.value(node, "var")?.len()),
            "concat" => Ok(strs(self.values(self.items(node, "strings")?, "strings", 0)?)),
            "call" => self.function(node),
            kind => Err(self.wrong(format!("unknown kind of expression {kind:?}"))),
        }
    }

    fn parameter(&self, node: Node<'_>, parameters: &[Expr]) -> Result<Expr> {
        let Value::Int(index) = self.field(node, "index")? else {
            return Err(self.wrong("`index` must be an integer"));
        };
        let parameter = usize::try_from(*index).ok().and_then(|index| parameters.get(index));
        parameter.cloned().ok_or_else(|| self.wrong(format!("there is no parameter {index}")))
    }

    fn literal(&self, node: Node<'_>) -> Result<Expr> {
        let (kind, value) = (self.text(node, "type")?, self.field(node, "value")?);
        let fits = match kind {
            "none" => matches!(value, Value::Null),
            "bool" => matches!(value, Value::Bool(_)),
            "int" => matches!(value, Value::Int(_)),
            "float" => matches!(value, Value::Int(_) | Value::Double(_)),
            "str" => matches!(value, Value::Bulk(_)),
            "list" => matches!(value, Value::Array(_)),
            "dict" => matches!(value, Value::Map(_)),
            _ => return Err(self.wrong(format!("unknown type {kind:?}"))),
        };
        match value {
            _ if !fits => Err(self.wrong(format!("a {} is no literal of type {kind:?}", value.shape()))),
            Value::Null => Ok(NONE.into()),
            value => Ok(value.clone().into()),
        }
    }

    fn binary(&mut self, node: Node<'_>) -> Result<Expr> {
        let op = self.text(node, "op")?;
        let left = self.value(node, "left")?;
        let right = self.value(node, "right")?;
        Ok(match op {
            "add" => left + right,
            "sub" => left - right,
            "and" => left.and(right),
            "or" => match self.native_or(node, &left, &right) {
                Some(value) => value,
                None if self.is_unadjusted(node) => left.or_default(right),
                None => left.or(right),
            },
            "eq" => left.eq(right),
            "ne" => left.ne(right),
            "lt" => left.lt(right),
            "le" => left.le(right),
            "gt" => left.gt(right),
            "ge" => left.ge(right),
            _ => return Err(self.wrong(format!("unknown operator {op:?}"))),
        })
    }

    /// Returns whether the left operand is a command whose reply the original leaves as it is.
    fn is_unadjusted(&self, node: Node<'_>) -> bool {
        let left = node.get("left").and_then(|left| self.node(left).ok());
        left.is_some_and(|left| {
            left.text("name") == Some("redis.call") && matches!(left.get("no_adjust"), Some(Value::Bool(true)))
        })
    }

    fn function(&mut self, node: Node<'_>) -> Result<Expr> {
        let (name, args) = (self.text(node, "name")?, self.items(node, "args")?);
        if name != "redis.call"
            && let Some(call) = self.own_function(node, name, args)?
        {
            return Ok(call);
        }
        match name {
            "redis.call" => {
                let Some(Value::Map(fields)) = args.first() else {
                    return Err(self.wrong("a command without its name"));
                };
                let first = Node { fields, kind: "val" };
                let name = self.text(first, "value")?;
                if let Some(call) = self.own_command(node, name, args)? {
                    return Ok(call);
                }
                Ok(command(&name.to_ascii_uppercase(), self.values(args, "args", 1)?))
            }
            "redis.log" => match self.values(args, "args", 0)?.as_slice() {
                [level, message] => Ok(log_text(level, message)),
                args => Err(self.wrong(format!("`redis.log` takes 2 arguments, not {}", args.len()))),
            },
            name => Ok(call(translate(FUNCTIONS, name).unwrap_or(name), self.values(args, "args", 0)?)),
        }
    }
}
