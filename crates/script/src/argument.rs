//! The values of arguments: which are taken, how the register machine holds them, and how they are sent (rule D8).

use std::collections::BTreeMap;

use redipy_command::room::append;
use redipy_command::{Result, Value};

use crate::number;
use crate::texts;
use crate::value::json::print_str;
use crate::value::room::{ENTRY, ITEM, Room};
use crate::value::{StrValue, Val};

/// The value as JSON has it, or why it is refused.
pub(crate) fn checked(value: Value, depth: usize) -> std::result::Result<Value, String> {
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

impl Val {
    /// The value of a script that JSON's values and replies stand for. Numbers must be finite, and integers exact.
    ///
    /// # Errors
    /// What it refuses: a set, an error, a number that is none, what is nested too deeply or too large.
    pub fn of(value: Value) -> Result<Self> {
        copy(&checked(value, 0).map_err(texts::fail)?, &mut Room::default())
    }
}

/// The arguments as the machine holds them, and how many bytes they take: copies.
///
/// # Errors
/// `OutOfMemory` with the name of the one for which there is no room left.
pub(crate) fn to_vals(names: &[String], values: &[Option<Value>], memory: usize) -> Result<(Vec<Val>, usize)> {
    let mut room = Room::new(memory);
    let mut vals = Vec::with_capacity(values.len());
    for (name, value) in names.iter().zip(values) {
        let val = value.as_ref().map_or(Ok(Val::None), |value| copy(value, &mut room));
        vals.push(val.map_err(|_| texts::argument_too_large(name))?);
    }
    Ok((vals, memory - room.left()))
}

fn copy(value: &Value, room: &mut Room) -> Result<Val> {
    Ok(match value {
        Value::Bool(value) => Val::Bool(*value),
        Value::Double(number) => Val::Num(*number),
        Value::Bulk(text) => {
            room.take(text.len())?;
            Val::Str(StrValue::from(&**text))
        }
        Value::Array(items) => {
            room.take((items.len() + 1) * ITEM)?;
            let mut list = Vec::with_capacity(items.len());
            for item in items {
                list.push(copy(item, room)?);
            }
            Val::list(list)
        }
        Value::Map(pairs) => {
            room.take(pairs.len() * ENTRY + ITEM)?;
            let mut dict = BTreeMap::new();
            for (key, value) in pairs {
                if let Value::Bulk(key) = key {
                    room.take(key.len())?;
                    dict.insert(StrValue::from(&**key), copy(value, room)?);
                }
            }
            Val::dict(dict)
        }
        _ => Val::None,
    })
}

/// The text of an argument for Lua: a letter for its type, then the value; lists and dicts as a variant of JSON in
/// which every list has one item more, so that an empty one is no empty dict.
///
/// # Errors
/// `OOM` where there is no room for one that is large.
pub(crate) fn encode(value: &Value) -> Result<Vec<u8>> {
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
            append(&mut out, text)?;
        }
        Value::Array(_) | Value::Map(_) => {
            out.push(b'j');
            encode_json(value, &mut out)?;
        }
        _ => out.push(b'z'),
    }
    Ok(out)
}

fn encode_json(value: &Value, out: &mut Vec<u8>) -> Result<()> {
    match value {
        Value::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::Double(number) => number::push(*number, out),
        Value::Bulk(text) => print_str(text, out)?,
        Value::Array(items) => {
            out.push(b'[');
            for item in items {
                encode_json(item, out)?;
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
                encode_json(key, out)?;
                out.push(b':');
                encode_json(value, out)?;
            }
            out.push(b'}');
        }
        _ => out.extend_from_slice(b"null"),
    }
    Ok(())
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
