//! The crate's own types as fields of the user's: byte strings, and values of any shape.

use std::cell::Cell;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};

use super::failure::Failure;
use crate::bytes::Bytes;
use crate::generic::KeyType;
use crate::reply::{ExpiresAt, Fields, Members, OneOrMany, Reply, ScanItem, ScanReply, Time, TimeToLive};
use crate::value::Value;

/// Text where it is UTF-8, so that formats with text show it; bytes otherwise.
impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_str() {
            Some(text) => serializer.serialize_str(text),
            None => serializer.serialize_bytes(self),
        }
    }
}

/// Reads text or bytes.
impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_byte_buf(BytesVisitor)
    }
}

struct BytesVisitor;

impl<'de> Visitor<'de> for BytesVisitor {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a byte string")
    }

    fn visit_str<E>(self, text: &str) -> Result<Bytes, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Bytes, E> {
        Ok(text.into())
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
        Ok(bytes.into())
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
        Ok(bytes.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Bytes, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = seq.next_element::<u8>()? {
            bytes.push(byte);
        }
        Ok(bytes.into())
    }
}

/// Writes the shapes of the table of [`typed`](crate::typed); a status is text and a set a sequence. An error is refused.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null | Value::NullArray => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(int) => serializer.serialize_i64(*int),
            Value::Double(double) => serializer.serialize_f64(*double),
            Value::Status(text) => serializer.serialize_str(text),
            Value::BigNumber(digits) => serializer.serialize_str(digits),
            Value::Bulk(bytes) => bytes.serialize(serializer),
            Value::Verbatim(verbatim) => verbatim.text.serialize(serializer),
            Value::Array(items) | Value::Set(items) | Value::Push(items) => serializer.collect_seq(items),
            Value::Map(pairs) => serializer.collect_map(pairs.iter().map(|(key, value)| (key, value))),
            Value::Pairs(pairs) => serializer.collect_seq(pairs),
            Value::Error(error) => Err(S::Error::custom(error)),
        }
    }
}

/// The name of the type by which a [`Value`] asks for the value as it is.
pub(super) const AS_IT_IS: &str = "$redipy::Value";

thread_local! {
    /// The value that is handed over: serde has no shapes for a status, a set and others that RESP3 has.
    static HANDED: Cell<Option<Value>> = const { Cell::new(None) };
}

/// Hands a value to the visitor that asked for it as it is.
pub(super) fn hand_over<'de, V: Visitor<'de>>(value: Value, visitor: V) -> Result<V::Value, Failure> {
    HANDED.set(Some(value.into_result()?));
    let read = visitor.visit_unit();
    HANDED.set(None);
    read
}

/// Whatever is there, of the exact shape if it is part of a reply.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(AS_IT_IS, ValueVisitor)
    }
}

/// Replies that are read from a value, as fields of the user's types.
macro_rules! replies {
    ($([$($generics:tt)*] $own:ty;)*) => { $(
        impl<'de, $($generics)*> Deserialize<'de> for $own {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::from_value(Value::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        }
    )* };
}

replies! {
    [] Members;
    [] Fields;
    [] TimeToLive;
    [] ExpiresAt;
    [] Time;
    [] KeyType;
    [T: ScanItem] ScanReply<T>;
    [T: Reply] OneOrMany<T>;
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(HANDED.take().unwrap_or(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, int: i64) -> Result<Value, E> {
        Ok(Value::Int(int))
    }

    fn visit_u64<E: serde::de::Error>(self, int: u64) -> Result<Value, E> {
        let refused = |_| E::invalid_value(Unexpected::Unsigned(int), &"an integer of 64 bits signed");
        i64::try_from(int).map(Value::Int).map_err(refused)
    }

    fn visit_f64<E>(self, float: f64) -> Result<Value, E> {
        Ok(Value::Double(float))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(bytes.into())
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Value, E> {
        Ok(Value::bulk(bytes))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Value::Map(pairs))
    }
}
