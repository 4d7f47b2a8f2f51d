//! Where a command writes its arguments, and where what executes it writes the reply.

use crate::value::Value;

/// Receives the arguments of a command, one after the other, without its name.
pub trait Sink {
    /// The next argument.
    fn arg(&mut self, bytes: &[u8]);
}

/// Receives a reply piece by piece, where it is stored: nothing is copied but by the receiver.
///
/// A reply is one piece, or one [`begin`](Self::begin) and the pieces that it announces.
pub trait ReplySink {
    /// No value.
    fn null(&mut self);

    /// An integer.
    fn int(&mut self, int: i64);

    /// A floating point number.
    fn double(&mut self, double: f64);

    /// A byte string.
    fn bulk(&mut self, bytes: &[u8]);

    /// A collection of so many elements; they are the pieces that follow, those of a map in turns keys and values.
    fn begin(&mut self, kind: Collection, len: usize);

    /// Any other reply, and any element that is a collection itself.
    fn value(&mut self, value: Value);

    /// Where the elements of the collection that comes next are from. Whoever knows what a command shows of them says so: then
    /// neither the collection nor its elements follow.
    #[inline]
    fn knows(&mut self, part: Part<'_>) -> bool {
        let _ = part; // nothing is known unless a sink remembers
        false
    }

    /// A byte string that may be missing.
    fn optional(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.bulk(bytes),
            None => self.null(),
        }
    }
}

/// A part of a stored collection. What a command shows of two that are equal is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// The collection.
    pub of: Whole<'a>,
    /// How many elements come before the part.
    pub from: usize,
    /// How many it has.
    pub count: usize,
}

impl<'a> Part<'a> {
    /// All elements.
    pub fn all(of: Whole<'a>) -> Self {
        Part { of, from: 0, count: usize::MAX }
    }
}

/// What a stored collection is known by, which is the same only for the same elements in the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole<'a> {
    /// Its elements as they are stored.
    Bytes(&'a [u8]),
    /// A number that it has until it is changed, and that nothing else has or had.
    Mark(u64),
}

/// What a collection in a reply is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collection {
    /// A sequence.
    Array,
    /// Elements without an order.
    Set,
    /// Pairs.
    Map,
}

/// Collects a reply as a [`Value`].
///
/// ```
/// use redipy_command::sink::{Collection, ReplySink, ValueSink};
/// use redipy_command::Value;
///
/// let mut sink = ValueSink::default();
/// sink.begin(Collection::Map, 1);
/// sink.bulk(b"visits");
/// sink.int(3);
/// assert_eq!(sink.into_value(), Value::Map(vec![(Value::bulk("visits"), Value::Int(3))]));
/// ```
#[derive(Debug, Default)]
pub struct ValueSink {
    value: Option<Value>,
    /// The key of a map whose value is still to come.
    key: Option<Value>,
}

impl ValueSink {
    /// What was received; null if nothing was.
    pub fn into_value(self) -> Value {
        self.value.unwrap_or(Value::Null)
    }
}

impl ReplySink for ValueSink {
    fn null(&mut self) {
        self.value(Value::Null);
    }

    fn int(&mut self, int: i64) {
        self.value(Value::Int(int));
    }

    fn double(&mut self, double: f64) {
        self.value(Value::Double(double));
    }

    fn bulk(&mut self, bytes: &[u8]) {
        self.value(Value::bulk(bytes));
    }

    fn begin(&mut self, kind: Collection, len: usize) {
        self.value = Some(match kind {
            Collection::Array => Value::Array(Vec::with_capacity(len)),
            Collection::Set => Value::Set(Vec::with_capacity(len)),
            Collection::Map => Value::Map(Vec::with_capacity(len)),
        });
    }

    fn value(&mut self, value: Value) {
        match &mut self.value {
            Some(Value::Array(items) | Value::Set(items)) => items.push(value),
            Some(Value::Map(pairs)) => match self.key.take() {
                None => self.key = Some(value),
                Some(key) => pairs.push((key, value)),
            },
            _ => self.value = Some(value),
        }
    }
}
