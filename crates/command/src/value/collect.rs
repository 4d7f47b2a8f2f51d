//! A reply that is received piece by piece, as a value.

use std::borrow::Cow;

use super::{Value, Verbatim};
use crate::bytes::Bytes;
use crate::error::Error;
use crate::sink::{Collection, ReplySink};

/// The maximal number of elements that are allocated at once: an announced length need not be true.
const MAX_CAPACITY: usize = 512;

/// Collects a reply as a [`Value`]: as a client reads it that speaks RESP3.
///
/// ```
/// # use redipy_command as redipy;
/// use redipy::sink::{Collection, ReplySink};
/// use redipy::value::{Value, ValueSink};
///
/// let mut sink = ValueSink::default();
/// sink.begin(Collection::Map, 1);
/// sink.bulk(b"visits");
/// sink.begin(Collection::Array, 2);
/// sink.int(3);
/// sink.null();
/// let visits = Value::Array(vec![Value::Int(3), Value::Null]);
/// assert_eq!(sink.into_value(), Value::Map(vec![(Value::bulk("visits"), visits)]));
/// ```
#[derive(Debug, Default)]
pub struct ValueSink {
    value: Option<Value>,
    /// The collection whose elements come next. Most replies have none: they need no room for it.
    open: Option<Box<Open>>,
    exact: bool,
}

/// A collection whose elements are on their way.
#[derive(Debug)]
struct Open {
    kind: Collection,
    left: usize,
    elements: Elements,
    /// The collection that it is an element of.
    outer: Option<Box<Open>>,
}

#[derive(Debug)]
enum Elements {
    Each(Vec<Value>),
    /// Keys with their values, and a key whose value is still to come.
    Pairs(Vec<(Value, Value)>, Option<Value>),
}

impl ValueSink {
    /// Keeps null arrays and pairs, which RESP2 tells from others: [`Value::NullArray`], [`Value::Pairs`].
    pub fn exact() -> Self {
        Self { exact: true, ..Self::default() }
    }

    /// Returns the reply, if it is complete; the next one may follow.
    #[inline]
    pub fn take(&mut self) -> Option<Value> {
        self.value.take()
    }

    /// Returns the reply; null if nothing was received.
    #[inline]
    pub fn into_value(self) -> Value {
        match self.value {
            Some(value) => value,
            None => Value::Null,
        }
    }

    /// Adds a value to the innermost open collection.
    #[inline]
    fn put(&mut self, value: Value) {
        match &mut self.open {
            None => self.finish(value),
            Some(open) => {
                open.push(value);
                if open.left == 0 {
                    self.close();
                }
            }
        }
    }

    /// Keeps a complete reply.
    #[inline]
    fn finish(&mut self, value: Value) {
        match &mut self.value {
            // Nearly always; then nothing has to be dropped.
            place @ None => *place = Some(value),
            Some(old) => *old = value,
        }
    }

    /// Closes the collections that are complete.
    fn close(&mut self) {
        while let Some(mut open) = self.open.take_if(|open| open.left == 0) {
            self.open = open.outer.take();
            let value = open.into_value();
            match &mut self.open {
                None => self.value = Some(value),
                Some(outer) => outer.push(value),
            }
        }
    }
}

impl Open {
    fn new(kind: Collection, len: usize) -> Self {
        let elements = match kind {
            Collection::Map | Collection::Pairs => Elements::Pairs(Vec::with_capacity(len.min(MAX_CAPACITY)), None),
            _ => Elements::Each(Vec::with_capacity(len.min(MAX_CAPACITY))),
        };
        Self { kind, left: kind.elements(len), elements, outer: None }
    }

    #[inline]
    fn push(&mut self, value: Value) {
        self.left -= 1;
        match &mut self.elements {
            Elements::Each(items) => items.push(value),
            Elements::Pairs(pairs, key) => match key.take() {
                None => *key = Some(value),
                Some(key) => pairs.push((key, value)),
            },
        }
    }

    fn into_value(self) -> Value {
        match (self.kind, self.elements) {
            (Collection::Pairs, Elements::Pairs(pairs, _)) => Value::Pairs(pairs),
            (_, Elements::Pairs(pairs, _)) => Value::Map(pairs),
            (Collection::Set, Elements::Each(items)) => Value::Set(items),
            (Collection::Push, Elements::Each(items)) => Value::Push(items),
            (_, Elements::Each(items)) => Value::Array(items),
        }
    }
}

impl ReplySink for ValueSink {
    fn null(&mut self) {
        self.put(Value::Null);
    }

    fn null_array(&mut self) {
        self.put(if self.exact { Value::NullArray } else { Value::Null });
    }

    fn bool(&mut self, bool: bool) {
        self.put(Value::Bool(bool));
    }

    fn int(&mut self, int: i64) {
        self.put(Value::Int(int));
    }

    fn double(&mut self, double: f64) {
        self.put(Value::Double(double));
    }

    fn big_number(&mut self, digits: &str) {
        self.put(Value::BigNumber(digits.into()));
    }

    fn status(&mut self, text: Cow<'static, str>) {
        self.put(Value::Status(text));
    }

    fn error(&mut self, error: Error) {
        self.put(Value::Error(error));
    }

    fn bulk(&mut self, bytes: &[u8]) {
        self.put(Value::bulk(bytes));
    }

    fn owned_bulk(&mut self, bytes: Bytes) {
        self.put(Value::Bulk(bytes));
    }

    fn verbatim(&mut self, format: [u8; 3], text: &[u8]) {
        self.put(Value::Verbatim(Box::new(Verbatim { format, text: text.into() })));
    }

    fn begin(&mut self, kind: Collection, len: usize) {
        let kind = if kind == Collection::Pairs && !self.exact { Collection::Array } else { kind };
        let mut open = Open::new(kind, len);
        if open.left == 0 {
            self.put(open.into_value());
        } else {
            open.outer = self.open.take();
            self.open = Some(Box::new(open));
        }
    }

    fn pair(&mut self) {
        if !self.exact {
            self.begin(Collection::Array, 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every shape, nested in every collection.
    fn nested() -> Value {
        let scalars = vec![
            Value::Null,
            Value::NullArray,
            Value::Bool(true),
            Value::Int(-1),
            Value::Double(0.5),
            Value::BigNumber("12345678901234567890".into()),
            Value::OK,
            Value::Error(Error::from(crate::texts::SYNTAX)),
            Value::bulk("a text that is longer than what is kept in place"),
            Value::Verbatim(Box::new(Verbatim { format: *b"mkd", text: "# a".into() })),
            Value::Array(Vec::new()),
        ];
        let set = Value::Set(vec![Value::Array(scalars.clone()), Value::Map(Vec::new())]);
        let map = Value::Map(vec![(set, Value::Array(scalars)), (Value::Int(1), Value::Set(Vec::new()))]);
        let pairs = Value::Pairs(vec![(map.clone(), Value::Pairs(Vec::new())), (Value::Null, map)]);
        Value::Push(vec![pairs.clone(), Value::Array(vec![pairs])])
    }

    #[test]
    fn a_value_that_is_shown_is_received_again() {
        let mut sink = ValueSink::exact();
        nested().show(&mut sink);
        assert_eq!(sink.take(), Some(nested()));
    }

    #[test]
    fn what_only_resp2_tells_apart_is_read_as_resp3_has_it() {
        let pairs = Value::Pairs(vec![(Value::bulk("a"), Value::Double(1.0)), (Value::bulk("b"), Value::NullArray)]);
        let pair = |member: &str, score| Value::Array(vec![Value::bulk(member), score]);
        let read = Value::Array(vec![pair("a", Value::Double(1.0)), pair("b", Value::Null)]);
        assert_eq!(pairs.into_resp3(), read);
    }

    #[test]
    fn what_is_announced_is_not_allocated() {
        let mut sink = ValueSink::default();
        sink.begin(Collection::Map, usize::MAX);
        sink.begin(Collection::Array, usize::MAX);
        sink.int(1);
        assert_eq!(sink.take(), None);
    }
}
