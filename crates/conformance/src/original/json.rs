//! JSON as [`Value`]s. What JSON cannot say is an object with one field that begins with `$`:
//!
//! | text | value |
//! |---|---|
//! | `{"$float": "nan"}` | a float that JSON has no number for |
//! | `{"$bytes": "ff00"}` | bytes, in hexadecimal |
//! | `{"$set": [1]}` | a set |
//! | `{"$dict": [[1, 2]]}` | a dict whose keys are not all texts |
//!
//! `1` is an integer and `1.0` a float.

use redipy_command::Value;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

/// A value as the files have it.
#[derive(Debug, Clone, PartialEq)]
pub struct Data(pub Value);

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        value(Json::deserialize(deserializer)?).map(Data).map_err(serde::de::Error::custom)
    }
}

/// A value that may be null and is there: unlike an `Option` in a file, which null makes absent.
pub fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Data::deserialize(deserializer).map(|data| Some(data.0))
}

fn value(json: Json) -> Result<Value, String> {
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(value) => value.into(),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(int), _) => int.into(),
            (_, Some(float)) if number.is_f64() => float.into(),
            _ => return Err(format!("{number} is out of range")),
        },
        Json::String(text) => text.into(),
        Json::Array(items) => Value::Array(values(items)?),
        Json::Object(fields) => {
            let mut fields: Vec<(String, Json)> = fields.into_iter().collect();
            match fields.pop() {
                Some((tag, inner)) if fields.is_empty() && tag.starts_with('$') => tagged(&tag, inner)?,
                last => {
                    let pair = |(key, inner): (String, Json)| Ok((key.into(), value(inner)?));
                    Value::Map(fields.into_iter().chain(last).map(pair).collect::<Result<_, String>>()?)
                }
            }
        }
    })
}

fn values(items: Vec<Json>) -> Result<Vec<Value>, String> {
    items.into_iter().map(value).collect()
}

fn tagged(tag: &str, inner: Json) -> Result<Value, String> {
    match (tag, inner) {
        ("$float", Json::String(text)) => text.parse().map(Value::Double).map_err(|_| format!("no float: {text}")),
        ("$bytes", Json::String(text)) => {
            let digits = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap_or_default());
            let bytes = digits.map(|pair| u8::from_str_radix(pair, 16)).collect::<Result<Vec<u8>, _>>();
            bytes.map(Value::bulk).map_err(|_| format!("not hexadecimal: {text}"))
        }
        ("$set", Json::Array(items)) => Ok(Value::Set(values(items)?)),
        ("$dict", Json::Array(pairs)) => {
            let pair = |pair: Json| match value(pair)? {
                Value::Array(pair) => <[Value; 2]>::try_from(pair).map(Into::into).map_err(|_| "no pair".to_owned()),
                other => Err(format!("a pair is wanted, not a {}", other.shape())),
            };
            pairs.into_iter().map(pair).collect::<Result<_, _>>().map(Value::Map)
        }
        (tag, inner) => Err(format!("unknown tag {tag:?} of {inner}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_kind_are_read() {
        let read = |text: &str| serde_json::from_str::<Data>(text).map(|data| data.0.to_string());
        assert_eq!(
            read(r#"[null, 1, "a", {"$bytes": "ff00"}, {"$set": [true]}]"#).unwrap(),
            r#"[nil, 1, "a", "\xff\x00", [true]]"#
        );
        assert_eq!(
            read(r#"{"b": {"$float": "inf"}, "a": {"$dict": [[1, 2]]}}"#).unwrap(),
            r#"{"a": {1: 2}, "b": inf}"#
        );
        assert_eq!(serde_json::from_str::<Data>("1.0").unwrap().0, Value::Double(1.0));
        for wrong in [r#"{"$tag": 1}"#, r#"{"$dict": [[1]]}"#, r#"{"$bytes": "x"}"#, "9999999999999999999"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
