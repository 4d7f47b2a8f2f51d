//! Replies as text, and what a reply is expected to be.
//!
//! | text | reply |
//! |---|---|
//! | `OK`, `QUEUED` | a status |
//! | `"text"` | a byte string, with the escapes of [`command`](crate::command) |
//! | `(int) 3`, `(int) 3..5` | an integer, or one in a range |
//! | `(double) 1.5` | a double |
//! | `(nil)`, `(true)`, `(false)` | null and booleans |
//! | `(error) ERR syntax error` | an error, to the end of the line; in quotes inside of something |
//! | `[a, b]`, `~[a, b]`, `{a: b}` | an array, a set, a map; sets and maps have no order |
//! | `(unordered) [a, b]` | an array in any order |
//! | `(one of) [a, b]` | any of these |
//! | `(any)` | anything but an error |

use std::ops::RangeInclusive;

use redipy_command::{Error, Value};

use crate::command::{quote, unquote};

/// A reply as text.
pub fn show(value: &Value) -> String {
    match value {
        // What would not survive as a line of its own is quoted.
        Value::Error(error)
            if error.message().trim().as_bytes() == error.message_bytes()
                && !error.message().contains(char::is_control) =>
        {
            format!("(error) {error}")
        }
        value => nested(value),
    }
}

fn nested(value: &Value) -> String {
    let list = |items: &[Value]| items.iter().map(nested).collect::<Vec<_>>().join(", ");
    match value {
        Value::Null | Value::NullArray => "(nil)".to_owned(),
        Value::Bool(bool) => format!("({bool})"),
        Value::Int(int) => format!("(int) {int}"),
        Value::Double(double) => format!("(double) {double:?}"),
        Value::BigNumber(digits) => format!("(big) {digits}"),
        Value::Status(status) => status.to_string(),
        Value::Bulk(bytes) => quote(bytes),
        Value::Verbatim(verbatim) => quote(&verbatim.text),
        Value::Array(items) | Value::Push(items) => format!("[{}]", list(items)),
        Value::Set(items) => format!("~[{}]", list(items)),
        Value::Map(pairs) => {
            let pair = |(key, value): &(Value, Value)| format!("{}: {}", nested(key), nested(value));
            format!("{{{}}}", pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        pairs @ Value::Pairs(_) => show(&pairs.clone().into_resp3()),
        Value::Error(error) => format!("(error) {}", quote(error.message_bytes())),
    }
}

/// Whether two replies are the same: doubles to the bit, errors by their text, sets and maps in any order.
pub fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Double(one), Value::Double(other)) => {
            one.to_bits() == other.to_bits() || one.is_nan() && other.is_nan()
        }
        (Value::Error(one), Value::Error(other)) => one.message_bytes() == other.message_bytes(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same(a, b))
        }
        (Value::Set(one), Value::Set(other)) => same_in_any_order(one, other),
        (Value::Map(one), Value::Map(other)) => {
            let pairs = |map: &[(Value, Value)]| {
                map.iter().map(|(k, v)| Value::Array(vec![k.clone(), v.clone()])).collect::<Vec<_>>()
            };
            same_in_any_order(&pairs(one), &pairs(other))
        }
        _ => one == other,
    }
}

/// Whether these are the same items, as often as each other, in any order.
pub fn same_in_any_order(one: &[Value], other: &[Value]) -> bool {
    let sorted = |items: &[Value]| {
        let mut texts: Vec<String> = items.iter().map(nested_sorted).collect();
        texts.sort_unstable();
        texts
    };
    one.len() == other.len() && sorted(one) == sorted(other)
}

/// The text of a value, the same for every order of the sets and maps in it.
fn nested_sorted(value: &Value) -> String {
    let mut texts: Vec<String> = match value {
        Value::Set(items) => items.iter().map(nested_sorted).collect(),
        Value::Map(pairs) => pairs.iter().map(|(k, v)| format!("{}: {}", nested_sorted(k), nested_sorted(v))).collect(),
        Value::Array(items) => return format!("[{}]", items.iter().map(nested_sorted).collect::<Vec<_>>().join(", ")),
        value => return nested(value),
    };
    texts.sort_unstable();
    format!("{}{{{}}}", value.shape(), texts.join(", "))
}

/// What a reply is expected to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// This, and nothing else.
    Exactly(Value),
    /// An integer in this range.
    Int(RangeInclusive<i64>),
    /// Anything but an error.
    Anything,
    /// Any of these.
    OneOf(Vec<Expected>),
    /// An array of these.
    Array(Vec<Expected>),
    /// An array of these in any order.
    Unordered(Vec<Expected>),
    /// A set of these.
    Set(Vec<Expected>),
    /// A map of these.
    Map(Vec<(Expected, Expected)>),
}

impl Expected {
    /// Reads the notation.
    ///
    /// # Errors
    /// Where the text stops making sense.
    pub fn parse(text: &str) -> Result<Expected, String> {
        let text = text.trim();
        if let Some(message) = text.strip_prefix("(error) ").filter(|message| !message.starts_with('"')) {
            return Ok(Expected::error(message.into()));
        }
        let mut reader = Reader { rest: text };
        let expected = reader.expected()?;
        reader.skip_blanks();
        if reader.rest.is_empty() { Ok(expected) } else { Err(format!("more after the reply: {}", reader.rest)) }
    }

    fn error(message: Vec<u8>) -> Expected {
        Expected::Exactly(Value::Error(Error::reply_bytes(message)))
    }

    /// Whether this reply is what was expected.
    pub fn fits(&self, value: &Value) -> bool {
        match (self, value) {
            (Expected::Exactly(expected), value) => same(expected, value),
            (Expected::Int(range), Value::Int(int)) => range.contains(int),
            (Expected::Anything, value) => !matches!(value, Value::Error(_)),
            (Expected::OneOf(choices), value) => choices.iter().any(|choice| choice.fits(value)),
            (Expected::Array(expected), Value::Array(items)) => {
                expected.len() == items.len() && expected.iter().zip(items).all(|(expected, item)| expected.fits(item))
            }
            (Expected::Unordered(expected), Value::Array(items)) | (Expected::Set(expected), Value::Set(items)) => {
                fits_in_any_order(expected, items, Expected::fits)
            }
            (Expected::Map(expected), Value::Map(pairs)) => {
                fits_in_any_order(expected, pairs, |(key, value), (k, v)| key.fits(k) && value.fits(v))
            }
            _ => false,
        }
    }
}

/// Whether each item fits one expectation of its own.
fn fits_in_any_order<E, I>(expected: &[E], items: &[I], fits: impl Fn(&E, &I) -> bool) -> bool {
    let mut left: Vec<&I> = items.iter().collect();
    expected.len() == items.len()
        && expected.iter().all(|expected| {
            let found = left.iter().position(|item| fits(expected, item));
            found.map(|at| left.swap_remove(at)).is_some()
        })
}

/// Reads the notation from front to back.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, token: &str) -> bool {
        self.skip_blanks();
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// What stands before the next mark that ends a bare word.
    fn word(&mut self) -> &'a str {
        self.skip_blanks();
        let end = self.rest.find([',', ']', '}', ':', '\n']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.trim_end()
    }

    fn quoted(&mut self) -> Result<Vec<u8>, String> {
        if !self.take("\"") {
            return Err(format!("no quote: {}", self.rest));
        }
        let (word, rest) = unquote(self.rest)?;
        self.rest = rest;
        Ok(word)
    }

    fn expected(&mut self) -> Result<Expected, String> {
        self.skip_blanks();
        let exactly = |value| Ok(Expected::Exactly(value));
        if self.rest.starts_with('"') {
            return exactly(Value::bulk(self.quoted()?));
        }
        if self.take("(nil)") {
            return exactly(Value::Null);
        }
        if self.take("(true)") {
            return exactly(Value::Bool(true));
        }
        if self.take("(false)") {
            return exactly(Value::Bool(false));
        }
        if self.take("(any)") {
            return Ok(Expected::Anything);
        }
        if self.take("(int)") {
            return self.int();
        }
        if self.take("(double)") {
            let word = self.word();
            return exactly(Value::Double(word.parse().map_err(|_| format!("not a double: {word}"))?));
        }
        if self.take("(error)") {
            return Ok(Expected::error(self.quoted()?));
        }
        if self.take("(one of)") {
            return self.items().map(Expected::OneOf);
        }
        if self.take("(unordered)") {
            return self.items().map(Expected::Unordered);
        }
        if self.take("~") {
            return self.items().map(Expected::Set);
        }
        if self.rest.starts_with('[') {
            return self.items().map(Expected::Array);
        }
        if self.take("{") {
            return self.pairs();
        }
        match self.word() {
            "" => Err(format!("no reply: {}", self.rest)),
            word if word.starts_with('(') => Err(format!("unknown kind of reply: {word}")),
            word => exactly(Value::Status(word.to_owned().into())),
        }
    }

    fn int(&mut self) -> Result<Expected, String> {
        let word = self.word();
        let number = |text: &str| text.parse::<i64>().map_err(|_| format!("not an integer: {word}"));
        Ok(match word.split_once("..") {
            Some((first, last)) => Expected::Int(number(first)?..=number(last)?),
            None => Expected::Exactly(Value::Int(number(word)?)),
        })
    }

    fn items(&mut self) -> Result<Vec<Expected>, String> {
        if !self.take("[") {
            return Err(format!("no [: {}", self.rest));
        }
        let mut items = Vec::new();
        while !self.take("]") {
            items.push(self.expected()?);
            if !self.take(",") && !self.rest.starts_with(']') {
                return Err(format!("neither , nor ]: {}", self.rest));
            }
        }
        Ok(items)
    }

    fn pairs(&mut self) -> Result<Expected, String> {
        let mut pairs = Vec::new();
        while !self.take("}") {
            let key = self.expected()?;
            if !self.take(":") {
                return Err(format!("no colon: {}", self.rest));
            }
            pairs.push((key, self.expected()?));
            if !self.take(",") && !self.rest.starts_with('}') {
                return Err(format!("neither , nor }}: {}", self.rest));
            }
        }
        Ok(Expected::Map(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything() -> Value {
        Value::Array(vec![
            Value::Null,
            Value::Bool(true),
            Value::Int(-3),
            Value::Double(f64::NEG_INFINITY),
            Value::OK,
            Value::bulk(&b"\x00\"\n, ]"[..]),
            Value::Set(vec![Value::Int(1), Value::Int(2)]),
            Value::Map(vec![(Value::bulk("k"), Value::Array(vec![]))]),
            Value::Error(Error::reply("ERR a, b]")),
        ])
    }

    #[test]
    fn what_is_shown_is_expected() {
        let value = everything();
        assert!(Expected::parse(&show(&value)).unwrap().fits(&value), "{}", show(&value));
        for text in [&b"ERR value is not \"x\", or"[..], b"ERR unknown command '\xff'", b" ERR \n"] {
            let error = Value::Error(Error::reply_bytes(text.to_vec()));
            assert!(Expected::parse(&show(&error)).unwrap().fits(&error));
            assert!(!Expected::parse(r#"(error) "ERR \xfe""#).unwrap().fits(&error));
        }
    }

    #[test]
    fn what_differs_does_not_fit() {
        let fits = |text: &str, value: &Value| Expected::parse(text).unwrap().fits(value);
        assert!(fits("(int) 3..5", &Value::Int(5)) && !fits("(int) 3..5", &Value::Int(6)));
        assert!(fits("(any)", &Value::Null) && !fits("(any)", &Value::Error(Error::reply("ERR"))));
        assert!(fits("(one of) [(nil), OK]", &Value::OK) && !fits("(one of) [(nil), OK]", &Value::Int(0)));
        let pair = Value::Array(vec![Value::Int(1), Value::Int(2)]);
        assert!(fits("(unordered) [(int) 2, (int) 1]", &pair) && !fits("[(int) 2, (int) 1]", &pair));
        assert!(!fits("(unordered) [(int) 2, (int) 2]", &pair));
        assert!(!fits("\"OK\"", &Value::OK) && !fits("(double) 0", &Value::Double(-0.0)));
        assert!(Expected::parse("[(int) 1").is_err() && Expected::parse("OK OK, x").is_err());
    }

    #[test]
    fn sets_and_maps_have_no_order() {
        let set = |a, b| Value::Set(vec![Value::Int(a), Value::Int(b)]);
        assert!(same(&set(1, 2), &set(2, 1)));
        assert!(!same(&set(1, 1), &set(1, 2)));
        assert!(same(&Value::Array(vec![set(1, 2)]), &Value::Array(vec![set(2, 1)])));
    }
}
