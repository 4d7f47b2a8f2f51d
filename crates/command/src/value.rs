//! A reply of any shape, as RESP3 has it. Typed replies are in [`reply`](crate::reply).

mod collect;

use std::borrow::Cow;
use std::fmt;

use crate::bytes::Bytes;
use crate::error::{Error, Kind, Result};
use crate::sink::{self, Collection, ReplySink};

pub use collect::ValueSink;

/// Any reply that a command can give, and any value that a script can give or take.
///
/// The shapes are those of RESP3, whatever protocol a server speaks.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Null: RESP3's null, RESP2's null bulk string.
    Null,
    /// No value where else an array stands, which RESP2 tells from [`Null`](Self::Null). No backend gives it, since RESP3 has
    /// one null.
    NullArray,
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A floating point number: scores, and RESP3's doubles.
    Double(f64),
    /// An integer of any size, in decimal digits.
    BigNumber(Box<str>),
    /// A status such as `OK` or `QUEUED`.
    Status(Cow<'static, str>),
    /// A byte string.
    Bulk(Bytes),
    /// A text for people, such as the reply to INFO.
    Verbatim(Box<Verbatim>),
    /// A sequence.
    Array(Vec<Value>),
    /// A collection without order.
    Set(Vec<Value>),
    /// Keys and their values, in the order in which the server sent them.
    Map(Vec<(Value, Value)>),
    /// A sequence of pairs, which RESP2 writes one after the other. Backends give it as RESP3 writes it, as an array of
    /// arrays.
    Pairs(Vec<(Value, Value)>),
    /// A message that answers no command.
    Push(Vec<Value>),
    /// An error inside a larger reply, as EXEC and pipelines give it.
    Error(Error),
}

/// A text for people, with the format that it is written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verbatim {
    /// `txt` for plain text, `mkd` for Markdown.
    pub format: [u8; 3],
    /// The text.
    pub text: Bytes,
}

impl Value {
    /// The status `OK`.
    pub const OK: Value = Value::Status(sink::OK);

    /// A byte string.
    pub fn bulk(bytes: impl Into<Bytes>) -> Self {
        Value::Bulk(bytes.into())
    }

    /// The name of this shape in messages.
    pub fn shape(&self) -> &'static str {
        match self {
            Value::Null | Value::NullArray => "null",
            Value::Bool(_) => "boolean",
            Value::Int(_) => "integer",
            Value::Double(_) => "double",
            Value::BigNumber(_) => "big number",
            Value::Status(_) => "status",
            Value::Bulk(_) => "bulk string",
            Value::Verbatim(_) => "verbatim string",
            Value::Array(_) | Value::Pairs(_) => "array",
            Value::Set(_) => "set",
            Value::Map(_) => "map",
            Value::Push(_) => "push",
            Value::Error(_) => "error",
        }
    }

    /// The error inside, or this value.
    ///
    /// # Errors
    /// The error that this value holds.
    pub fn into_result(self) -> Result<Value> {
        match self {
            Value::Error(error) => Err(error),
            value => Ok(value),
        }
    }

    /// The error that says which shape was wanted instead of this one.
    #[cold]
    pub fn unexpected(&self, wanted: &str) -> Error {
        match self {
            Value::Error(error) => error.clone(),
            other => Error::new(Kind::Decode, format!("expected {wanted}, got {}", other.shape())),
        }
    }

    /// Writes this value to a sink, piece by piece.
    pub fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        match self {
            Value::Null => to.null(),
            Value::NullArray => to.null_array(),
            Value::Bool(bool) => to.bool(bool),
            Value::Int(int) => to.int(int),
            Value::Double(double) => to.double(double),
            Value::BigNumber(digits) => to.big_number(&digits),
            Value::Status(text) => to.status(text),
            Value::Bulk(bytes) => to.owned_bulk(bytes),
            Value::Verbatim(verbatim) => to.verbatim(verbatim.format, &verbatim.text),
            Value::Array(items) => show_all(Collection::Array, items, to),
            Value::Set(items) => show_all(Collection::Set, items, to),
            Value::Push(items) => show_all(Collection::Push, items, to),
            Value::Map(pairs) => {
                to.begin(Collection::Map, pairs.len());
                for (key, value) in pairs {
                    key.show(to);
                    value.show(to);
                }
            }
            Value::Pairs(pairs) => {
                to.begin(Collection::Pairs, pairs.len());
                for (one, other) in pairs {
                    to.pair();
                    one.show(to);
                    other.show(to);
                }
            }
            Value::Error(error) => to.error(error),
        }
    }

    /// Returns this value as a client of RESP3 reads it: with one null, and pairs as arrays.
    #[must_use]
    pub fn into_resp3(self) -> Value {
        let mut sink = ValueSink::default();
        self.show(&mut sink);
        sink.into_value()
    }

    /// The items of an array, a set or a flattened map.
    ///
    /// # Errors
    /// [`Kind::Decode`] for any other shape.
    pub fn into_items(self) -> Result<Vec<Value>> {
        match self {
            Value::Array(items) | Value::Set(items) | Value::Push(items) => Ok(items),
            Value::Map(pairs) => Ok(pairs.into_iter().flat_map(|(key, value)| [key, value]).collect()),
            Value::Pairs(pairs) => Ok(pairs.into_iter().map(|(a, b)| Value::Array(vec![a, b])).collect()),
            other => Err(other.unexpected("an array")),
        }
    }
}

macro_rules! from {
    ($($from:ty => |$name:ident| $value:expr;)*) => {
        $(impl From<$from> for Value { fn from($name: $from) -> Self { $value } })*
    };
}

from! {
    bool => |value| Value::Bool(value);
    i32 => |value| Value::Int(value.into());
    i64 => |value| Value::Int(value);
    u32 => |value| Value::Int(value.into());
    f64 => |value| Value::Double(value);
    &str => |value| Value::bulk(value);
    String => |value| Value::bulk(value);
    &[u8] => |value| Value::bulk(value);
    Bytes => |value| Value::Bulk(value);
    Vec<Value> => |value| Value::Array(value);
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// Writes one line: `nil`, `3`, `"text"`, `[1, 2]`, `{"field": "value"}`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null | Value::NullArray => f.write_str("nil"),
            Value::Bool(bool) => write!(f, "{bool}"),
            Value::Int(int) => write!(f, "{int}"),
            Value::Double(double) => {
                let mut buffer = [0; crate::number::FLOAT_LEN];
                f.write_str(&String::from_utf8_lossy(crate::number::format_float(*double, &mut buffer)))
            }
            Value::BigNumber(digits) => f.write_str(digits),
            Value::Status(text) => f.write_str(text),
            Value::Bulk(bytes) => write!(f, "{bytes:?}"),
            Value::Verbatim(verbatim) => write!(f, "{:?}", verbatim.text),
            Value::Array(items) | Value::Set(items) | Value::Push(items) => {
                f.write_str("[")?;
                separated(f, items, |f, item| write!(f, "{item}"))?;
                f.write_str("]")
            }
            Value::Map(pairs) => {
                f.write_str("{")?;
                separated(f, pairs, |f, (key, value)| write!(f, "{key}: {value}"))?;
                f.write_str("}")
            }
            Value::Pairs(pairs) => {
                f.write_str("[")?;
                separated(f, pairs, |f, (a, b)| write!(f, "[{a}, {b}]"))?;
                f.write_str("]")
            }
            Value::Error(error) => write!(f, "error: {error}"),
        }
    }
}

fn show_all<S: ReplySink + ?Sized>(kind: Collection, items: Vec<Value>, to: &mut S) {
    to.begin(kind, items.len());
    items.into_iter().for_each(|item| item.show(to));
}

fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    mut show: impl FnMut(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        f.write_str(if i == 0 { "" } else { ", " })?;
        show(f, item)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_reads_well_on_one_line() {
        let map = vec![(Value::from("a\n"), Value::from(vec![1.into(), 1.5.into(), Value::Null, true.into()]))];
        assert_eq!(Value::Map(map).to_string(), r#"{"a\n": [1, 1.5, nil, true]}"#);
        assert_eq!(Value::Array(Vec::new()).to_string(), "[]");
    }
}
