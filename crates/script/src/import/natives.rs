//! Calls of what the language does not have: functions of the user's own, and those of a server's Lua.

use crate::check::{NATIVE, meant};
use crate::functions::Function;
use crate::value::Val;
use crate::{Expr, Type, command};
use redipy_command::{Result, Value, methods};

use super::{Import, Node};

/// The functions of Lua that have no library before their name.
const GLOBALS: [&str; 18] = [
    "assert",
    "error",
    "getmetatable",
    "ipairs",
    "next",
    "pairs",
    "pcall",
    "rawequal",
    "rawget",
    "rawset",
    "select",
    "setmetatable",
    "tonumber",
    "tostring",
    "type",
    "unpack",
    "xpcall",
    "loadstring",
];

/// `or` as Lua has it, where a missing value is `false`. Both sides are evaluated.
static OR: Function = Function::new(
    "native or",
    &[Type::ANY, Type::ANY],
    Type::ANY,
    "function(a, b) if a == nil or a == false then return b end return a end",
    |args| Ok(if matches!(args[0], Val::None | Val::Bool(false)) { args[1].clone() } else { args[0].clone() }),
);

impl Import {
    /// The call of a function that the language does not have, or that is marked as one of Lua.
    pub(super) fn own_function(&mut self, node: Node<'_>, name: &str, args: &[Value]) -> Result<Option<Expr>> {
        let row = match self.extras.functions.get(name) {
            Some(row) => row.clone(),
            None if self.is_lua(node, name) => Function::in_lua(own_name(name), name),
            None => return Ok(None),
        };
        Ok(Some(row.call(self.values(args, "args", 0)?)))
    }

    /// The call of what stands in place of a command, of a command that the table does not have, or of one that is
    /// marked as Lua's.
    pub(super) fn own_command(&mut self, node: Node<'_>, name: &str, args: &[Value]) -> Result<Option<Expr>> {
        let row = self.extras.commands.get(name).cloned();
        let is_known = methods::find(name.to_ascii_uppercase().as_bytes()).is_some();
        let is_lua = self.extras.has_lua && (is_native(node) || (!is_known && meant(name).is_none()));
        if row.is_none() && !is_lua {
            return Ok(None);
        }
        let mut args = self.values(args, "args", 1)?;
        Ok(Some(match row {
            Some(row) => row.call(args),
            None if is_known => command(&format!("{NATIVE}{name}"), args),
            None => {
                args.insert(0, name.into());
                Function::in_lua("redis.call", "redis.call").call(args)
            }
        }))
    }

    /// Returns whether a name is to be taken from Lua: it is marked so, or nothing else is called so.
    fn is_lua(&self, node: Node<'_>, name: &str) -> bool {
        let mut parts = name.split('.');
        let is_name = parts.all(|part| {
            part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && part.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
        });
        let is_known = super::expressions::is_function(name);
        let could_be = name.contains('.') || GLOBALS.contains(&name);
        self.extras.has_lua && is_name && (is_native(node) || (could_be && !is_known))
    }

    /// `left or right`, where the left operand is something that Lua gave.
    pub(super) fn native_or(&self, node: Node<'_>, left: &Expr, right: &Expr) -> Option<Expr> {
        let from_lua = node.get("left").and_then(|left| self.node(left).ok()).is_some_and(is_native);
        from_lua.then(|| OR.call([left, right]))
    }
}

/// Returns whether a call is marked as one that only a server has.
fn is_native(node: Node<'_>) -> bool {
    matches!(node.get("native"), Some(Value::Bool(true)))
}

/// The name of a row for a function that may be called as a standard one is.
fn own_name(name: &str) -> String {
    if crate::functions::find(name).is_some() { format!("{name} of Lua") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::import::{Extras, import_with};

    fn text(name: &str) -> Value {
        map([("kind", "val".into()), ("type", "str".into()), ("value", name.into())])
    }

    fn map<const N: usize>(fields: [(&str, Value); N]) -> Value {
        Value::Map(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    fn call(name: &str, args: Vec<Value>, native: bool) -> Value {
        map([("kind", "call".into()), ("name", name.into()), ("args", Value::Array(args)), ("native", native.into())])
    }

    /// The Lua of a script that returns this, or what is wrong with it.
    fn lua(value: Value, extras: &Extras) -> String {
        let returns = map([("kind", "return".into()), ("value", value)]);
        let none = || Value::Array(Vec::new());
        let cmds = Value::Array(vec![returns]);
        let program = map([("kind", "script".into()), ("keyv", none()), ("argv", none()), ("cmds", cmds)]);
        let script = import_with(&program, extras).and_then(|draft| draft.compile());
        script.map_or_else(|error| error.message().to_owned(), |script| script.lua().to_owned())
    }

    fn in_lua() -> Extras {
        Extras { has_lua: true, ..Extras::default() }
    }

    #[test]
    fn what_lua_has_is_called_where_there_is_lua() {
        let sine = || call("math.sin", vec![text("3.5")], false);
        assert!(lua(sine(), &in_lua()).contains(r#"native("math.sin", math.sin)"#));
        assert!(lua(sine(), &Extras::default()).contains("unknown function \"math.sin\""));
        // What this library has too is the same everywhere, unless it is asked for as Lua has it.
        let floor = |native| call("math.floor", vec![text("3.5")], native);
        assert!(lua(floor(false), &in_lua()).contains(r#"lib.math_floor("3.5")"#));
        assert!(lua(floor(false), &Extras::default()).contains(r#"lib.math_floor("3.5")"#));
        assert!(lua(floor(true), &in_lua()).contains(r#"native("math.floor"#));
        assert!(lua(call("select", vec![text("#")], false), &in_lua()).contains(r#"native("select", select)"#));
    }

    #[test]
    fn a_name_that_is_none_is_no_way_out() {
        for name in ["os.exit() or x", "a..b", ".a", "a.", "lenn", "1.a", "a-b.c", "a\n.b", "ä.b", ""] {
            assert!(lua(call(name, Vec::new(), false), &in_lua()).contains("unknown function"), "{name}");
            let marked = lua(call(name, Vec::new(), true), &in_lua());
            assert!(name == "lenn" || marked.contains("unknown function"), "{name}");
        }
    }

    #[test]
    fn functions_of_the_users_own_win() {
        let row = Function::of("own", [Type::ANY], Type::ANY, "own_lua", |args| Ok(args[0].clone()));
        let functions = HashMap::from([("len".to_owned(), row.clone())]);
        let commands = HashMap::from([("llen".to_owned(), row)]);
        let extras = Extras { functions, commands, has_lua: false };
        assert!(lua(call("len", vec![text("a")], false), &extras).contains("own_lua"));
        assert!(lua(call("redis.call", vec![text("llen"), text("k")], false), &extras).contains("own_lua"));
        assert!(!lua(call("redis.call", vec![text("LLEN"), text("k")], false), &extras).contains("own_lua"));
    }

    #[test]
    fn a_marked_command_has_the_reply_of_lua() {
        let exists = |native| call("redis.call", vec![text("hexists"), text("k"), text("f")], native);
        assert!(lua(exists(true), &in_lua()).contains(r#"= raw("HEXISTS", "k", "f")"#));
        assert!(lua(exists(false), &in_lua()).contains(r#"= call("HEXISTS", "k", "f") == 1"#));
        let or = map([("kind", "binary".into()), ("op", "or".into()), ("left", exists(true)), ("right", text("none"))]);
        assert!(lua(or, &in_lua()).contains("native or"));
    }

    #[test]
    fn commands_that_are_not_known_are_the_servers() {
        let get = call("redis.call", vec![text("json.get"), text("k")], false);
        assert!(lua(get.clone(), &in_lua()).contains(r#"fn_redis_call("json.get", "k")"#));
        assert!(lua(get, &Extras::default()).contains("unknown command JSON.GET"));
        let typo = lua(call("redis.call", vec![text("gett"), text("k")], false), &in_lua());
        assert!(typo.contains("unknown command GETT; did you mean GET?"), "{typo}");
    }
}
