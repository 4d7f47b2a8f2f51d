//! One call of a script: its keys and arguments by name, what is sent for it, and what comes back (rule D8).

use redipy_command::{Bytes, Error, Kind, Result, Value};

use crate::number;
use crate::script::Script;
use crate::texts::{self, CODE, fail};
use crate::vm::{Str, Val, print_str};

/// A call of a script with named keys and arguments. Mistakes are kept and reported when the call is made.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptCall {
    script: Script,
    keys: Vec<Option<Bytes>>,
    args: Vec<Option<Value>>,
    problem: Option<Error>,
}

impl ScriptCall {
    pub(crate) fn new(script: &Script) -> Self {
        let (keys, args) = (vec![None; script.keys().len()], vec![None; script.args().len()]);
        Self { script: script.clone(), keys, args, problem: None }
    }

    /// The script.
    pub fn script(&self) -> &Script {
        &self.script
    }

    /// Says which key of the database is meant by this name.
    #[must_use]
    pub fn key(mut self, name: &str, key: impl Into<Bytes>) -> Self {
        match self.script.keys().iter().position(|own| own == name) {
            Some(at) => self.keys[at] = Some(key.into()),
            None => self.refuse(format!("unknown key {name:?}; {}", known(self.script.keys()))),
        }
        self
    }

    /// Gives an argument. The value is copied: nothing that the script does to it is seen outside.
    #[must_use]
    pub fn arg(mut self, name: &str, value: impl Into<Value>) -> Self {
        match self.script.args().iter().position(|own| own == name) {
            Some(at) => match checked(value.into(), 0) {
                Ok(value) => self.args[at] = Some(value),
                Err(why) => self.refuse(format!("argument {name:?}: {why}")),
            },
            None => self.refuse(format!("unknown argument {name:?}; {}", known(self.script.args()))),
        }
        self
    }

    #[cold]
    fn refuse(&mut self, why: String) {
        self.problem.get_or_insert_with(|| fail(why));
    }

    /// The keys and arguments in the order of their declaration.
    ///
    /// # Errors
    /// [`Kind::Script`] with the name that is missing, unknown or has a refused value.
    pub fn parts(&self) -> Result<(Vec<Bytes>, &[Option<Value>])> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        if let Some(at) = self.args.iter().position(Option::is_none) {
            return Err(fail(format!("missing argument {:?}", self.script.args()[at])));
        }
        let names = self.script.keys();
        let keys = self
            .keys
            .iter()
            .zip(names)
            .map(|(key, name)| key.clone().ok_or_else(|| fail(format!("missing key {name:?}"))));
        Ok((keys.collect::<Result<_>>()?, &self.args))
    }

    /// What follows EVALSHA: the SHA-1, the number of keys, the keys, the arguments.
    ///
    /// # Errors
    /// As [`ScriptCall::parts`].
    pub fn evalsha_args(&self) -> Result<Vec<Vec<u8>>> {
        let (keys, args) = self.parts()?;
        let mut out = vec![self.script.sha1().as_bytes().to_vec(), keys.len().to_string().into_bytes()];
        out.extend(keys.into_iter().map(Bytes::into_vec));
        out.extend(args.iter().flatten().map(encode_arg));
        Ok(out)
    }

    /// Runs the script on the register machine; see [`Script::run`].
    ///
    /// # Errors
    /// As [`Script::run`].
    pub fn run(&self, host: &mut dyn crate::Host) -> Result<Value> {
        self.script.run(host, self)
    }
}

fn known(names: &[String]) -> String {
    if names.is_empty() { "there is none".to_owned() } else { format!("known are {}", names.join(", ")) }
}

/// The value as JSON has it, or why it is refused.
fn checked(value: Value, depth: usize) -> std::result::Result<Value, String> {
    if depth > texts::MAX_DEPTH {
        return Err(texts::TOO_DEEP.to_owned());
    }
    Ok(match value {
        Value::Int(int) => Value::Double(number::exact(int)?),
        Value::Double(float) => Value::Double(number::finite(float)?),
        Value::Status(text) => Value::bulk(text.as_bytes()),
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| checked(item, depth + 1)).collect::<std::result::Result<_, _>>()?)
        }
        Value::Map(pairs) => {
            let pairs = pairs.into_iter().map(|(key, value)| Ok((dict_key(key)?, checked(value, depth + 1)?)));
            Value::Map(pairs.collect::<std::result::Result<_, String>>()?)
        }
        Value::Set(_) | Value::Error(_) => return Err(format!("a {} is not JSON", value.shape())),
        plain => plain,
    })
}

fn dict_key(key: Value) -> std::result::Result<Value, String> {
    match checked(key, 0)? {
        Value::Double(number) => Ok(Value::bulk(number::text(number))),
        key @ Value::Bulk(_) => Ok(key),
        other => Err(format!("a {} is no key of a dict", other.shape())),
    }
}

/// An argument as the machine holds it: a copy.
pub(crate) fn to_val(value: &Option<Value>) -> Val {
    value.as_ref().map_or(Val::None, copy)
}

fn copy(value: &Value) -> Val {
    match value {
        Value::Bool(value) => Val::Bool(*value),
        Value::Double(number) => Val::Num(*number),
        Value::Bulk(text) => Val::Str(Str::from(&**text)),
        Value::Array(items) => Val::list(items.iter().map(copy).collect()),
        Value::Map(pairs) => {
            let pairs = pairs.iter().filter_map(|(key, value)| match key {
                Value::Bulk(key) => Some((Str::from(&**key), copy(value))),
                _ => None,
            });
            Val::dict(pairs.collect())
        }
        _ => Val::None,
    }
}

/// The text of an argument for Lua: a letter for its type, then the value; lists and dicts as a variant of JSON in
/// which every list has one item more, so that an empty one is no empty dict.
fn encode_arg(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    match value {
        Value::Bool(true) => out.push(b't'),
        Value::Bool(false) => out.push(b'f'),
        Value::Double(number) => {
            out.push(b'n');
            number::push(*number, &mut out);
        }
        Value::Bulk(text) => {
            out.push(b's');
            out.extend_from_slice(text);
        }
        Value::Array(_) | Value::Map(_) => {
            out.push(b'j');
            encode_json(value, &mut out);
        }
        _ => out.push(b'z'),
    }
    out
}

fn encode_json(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::Double(number) => number::push(*number, out),
        Value::Bulk(text) => print_str(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for item in items {
                encode_json(item, out);
                out.push(b',');
            }
            out.extend_from_slice(b"0]");
        }
        Value::Map(pairs) => {
            out.push(b'{');
            for (i, (key, value)) in pairs.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                encode_json(key, out);
                out.push(b':');
                encode_json(value, out);
            }
            out.push(b'}');
        }
        _ => out.extend_from_slice(b"null"),
    }
}

/// Reads what the Lua of a script returned, over RESP2 or RESP3.
///
/// # Errors
/// The error inside, cleaned by [`clean_error`]; [`Kind::Decode`] for what no script returns.
pub fn decode_reply(reply: Value) -> Result<Value> {
    match decode(reply)? {
        Value::Array(items) if items.is_empty() => Ok(Value::Null),
        Value::Map(pairs) if pairs.is_empty() => Ok(Value::Null),
        value => Ok(value),
    }
}

/// None is null; integers are themselves; statuses are booleans and other numbers; arrays begin with what they are.
fn decode(reply: Value) -> Result<Value> {
    match reply {
        Value::Null | Value::Int(_) | Value::Bulk(_) => Ok(reply),
        Value::Status(text) => match text.as_ref() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            number => {
                let number = number::parse(number.as_bytes());
                number.map(Value::Double).ok_or_else(|| Value::Status(text).unexpected("the result of a script"))
            }
        },
        Value::Array(items) => {
            let mut items = items.into_iter();
            match items.next() {
                Some(Value::Int(0)) => items.map(decode).collect::<Result<_>>().map(Value::Array),
                Some(Value::Int(1)) => decode_dict(items),
                _ => Err(Error::new(Kind::Decode, "expected the result of a script, got another array")),
            }
        }
        Value::Error(error) => Err(clean_error(error)),
        other => Err(other.unexpected("the result of a script")),
    }
}

fn decode_dict(mut items: std::vec::IntoIter<Value>) -> Result<Value> {
    let mut pairs = Vec::with_capacity(items.len() / 2);
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        pairs.push((key.decode::<Bytes>()?, decode(value)?));
    }
    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(Value::Map(pairs.into_iter().map(|(key, value)| (Value::Bulk(key), value)).collect()))
}

/// The error that a server's reply to EVALSHA stands for: without what the server adds to the text, and with the kind
/// that the same error has on the register machine.
#[must_use]
pub fn clean_error(error: Error) -> Error {
    let text = error.message();
    let text = text.rfind(" script: ").filter(|at| is_suffix(&text[*at..])).map_or(text, |at| &text[..at]);
    let text = text.trim_end();
    if text.contains("Script killed by user") {
        return texts::timeout();
    }
    if text.split(' ').next() == Some(CODE) {
        return Error::new(Kind::Script, text.to_owned());
    }
    if text.len() == error.message().len() { error } else { Error::reply(text.to_owned()) }
}

/// Whether a text is ` script: <sha1>, on @user_script:3.`, as Redis has added since 7.0, or without the SHA-1, as
/// Valkey does since 9.
fn is_suffix(text: &str) -> bool {
    let rest = text.strip_prefix(" script: ").unwrap_or_default();
    let rest = match rest.split_once(", ") {
        Some((sha, rest)) if sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit()) => rest,
        _ => rest,
    };
    rest.starts_with("on @") && rest.ends_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_add_to_errors_is_removed() {
        let sha = "c6dbba8fe0dd0ff0dda4cfa0b3a24b4ab4a2d2cd";
        let clean = |text: String| clean_error(Error::reply(text));
        let wrong = clean(format!("WRONGTYPE Operation script: {sha}, on @user_script:3."));
        assert_eq!((wrong.kind(), wrong.message()), (Kind::WrongType, "WRONGTYPE Operation"));
        let own = clean("SCRIPT division by zero script: on @user_script:3.".to_owned());
        assert_eq!((own.kind(), own.message()), (Kind::Script, "SCRIPT division by zero"));
        let other = clean("ERR no script: here".to_owned());
        assert_eq!(other.message(), "ERR no script: here");
        let killed =
            clean(format!("ERR Error running script: Script killed by user with SCRIPT KILL. script: {sha}, on @u."));
        assert_eq!(killed.kind(), Kind::Timeout);
    }

    #[test]
    fn replies_are_read_exactly() {
        let list = |items: Vec<Value>| Value::Array(std::iter::once(Value::Int(0)).chain(items).collect());
        let dict = |items: Vec<Value>| Value::Array(std::iter::once(Value::Int(1)).chain(items).collect());
        assert_eq!(decode_reply(list(vec![])), Ok(Value::Null));
        assert_eq!(decode_reply(list(vec![dict(vec![])])), Ok(Value::Array(vec![Value::Map(vec![])])));
        let pairs = dict(vec!["b".into(), Value::Status("0.1".into()), "a".into(), Value::Status("true".into())]);
        let sorted = Value::Map(vec![("a".into(), true.into()), ("b".into(), 0.1.into())]);
        assert_eq!(decode_reply(pairs), Ok(sorted));
        assert!(decode_reply(Value::Array(vec![])).is_err());
        assert!(decode_reply(Value::Status("PONG".into())).is_err());
    }

    #[test]
    fn deep_arguments_are_refused() {
        let deep = (0..1000).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
        assert!(checked(deep, 0).is_err());
    }
}
