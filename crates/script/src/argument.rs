//! The values of arguments: which are taken, how the register machine holds them, and how they are sent (rule D8).

use redipy_command::Value;

use crate::number;
use crate::texts;
use crate::value::json::print_str;
use crate::value::{Str, Val};

/// The value as JSON has it, or why it is refused.
pub(crate) fn checked(value: Value, depth: usize) -> Result<Value, String> {
    if depth > texts::MAX_DEPTH {
        return Err(texts::TOO_DEEP.to_owned());
    }
    Ok(match value {
        Value::Int(int) => Value::Double(number::exact(int)?),
        Value::Double(float) => Value::Double(number::finite(float)?),
        Value::Status(text) => Value::bulk(text.as_bytes()),
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| checked(item, depth + 1)).collect::<Result<_, _>>()?)
        }
        Value::Map(pairs) => {
            let pairs = pairs.into_iter().map(|(key, value)| Ok((dict_key(key)?, checked(value, depth + 1)?)));
            Value::Map(pairs.collect::<Result<_, String>>()?)
        }
        Value::Set(_) | Value::Error(_) => return Err(format!("a {} is not JSON", value.shape())),
        plain => plain,
    })
}

fn dict_key(key: Value) -> Result<Value, String> {
    match checked(key, 0)? {
        Value::Double(number) => Ok(Value::bulk(number::text(number))),
        key @ Value::Bulk(_) => Ok(key),
        other => Err(format!("a {} is no key of a dict", other.shape())),
    }
}

impl Val {
    /// The value of a script that JSON's values and replies stand for. Numbers must be finite, and integers exact.
    ///
    /// # Errors
    /// What it refuses: a set, an error, a number that is none, what is nested too deeply.
    pub fn of(value: Value) -> redipy_command::Result<Self> {
        Ok(to_val(&Some(checked(value, 0).map_err(texts::fail)?)))
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
pub(crate) fn encode(value: &Value) -> Vec<u8> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_arguments_are_refused() {
        let deep = (0..1000).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
        assert!(checked(deep, 0).is_err());
    }
}
