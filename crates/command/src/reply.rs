//! Typed replies: one fixed type per command, read from a [`Value`] and turned into one.

use std::ops::Deref;

use crate::bytes::Bytes;
use crate::error::{Error, Kind, Result};
use crate::number::{parse_float, parse_int};
use crate::sink::ReplySink;
use crate::spec::{Flags, Shape, Spec};
use crate::value::Value;

/// What a command gives.
pub trait Reply: Sized {
    /// What a script sees of it, where the command does not say otherwise.
    const SHAPE: Shape = Shape::Natural;

    /// Whether this is a pair, of which an empty array means that there is none (ZPOPMIN of a missing key).
    const IS_PAIR: bool = false;

    /// Reads the reply of a server.
    ///
    /// # Errors
    /// [`Kind::Decode`] when the shape does not fit; the error inside when it holds one.
    fn from_value(value: Value) -> Result<Self>;

    /// The reply as a server speaking RESP3 gives it.
    fn into_value(self) -> Value;

    /// Shows the reply, as [`into_value`](Self::into_value) has it.
    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.value(self.into_value());
    }
}

impl Value {
    /// This value as a typed reply.
    ///
    /// # Errors
    /// [`Kind::Decode`] when the shape does not fit.
    pub fn decode<T: Reply>(self) -> Result<T> {
        T::from_value(self)
    }

    /// This value as the typed reply of a command that was executed, if it is known which one it was.
    ///
    /// # Errors
    /// [`Kind::Decode`] when the shape does not fit; the command has run all the same, which the error says of all that do
    /// not only read.
    pub fn reply_of<T: Reply>(self, spec: Option<&Spec>) -> Result<T> {
        let only_reads = spec.is_some_and(|spec| spec.flags.has(Flags::READONLY));
        T::from_value(self).map_err(|error| match error.kind() {
            Kind::Decode if !only_reads => error.maybe_ran(),
            _ => error,
        })
    }
}

/// The members of a set, in the order in which the backend gave them; they are all different.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members(pub Vec<Bytes>);

/// The fields of a hash and their values, in the order in which the backend gave them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields(pub Vec<(Bytes, Bytes)>);

impl Members {
    /// The members in byte order: the same on every backend.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.0.sort_unstable();
        self
    }

    /// Whether this member is there; O(N).
    pub fn contains(&self, member: impl AsRef<[u8]>) -> bool {
        self.0.iter().any(|own| **own == *member.as_ref())
    }
}

impl Fields {
    /// The pairs in byte order of the fields: the same on every backend.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.0.sort_unstable();
        self
    }

    /// The value of this field; O(N).
    pub fn value_of(&self, field: impl AsRef<[u8]>) -> Option<&Bytes> {
        self.0.iter().find(|(own, _)| **own == *field.as_ref()).map(|(_, value)| value)
    }
}

macro_rules! collection {
    ($name:ident, $item:ty) => {
        impl Deref for $name {
            type Target = [$item];

            fn deref(&self) -> &[$item] {
                &self.0
            }
        }

        impl IntoIterator for $name {
            type Item = $item;
            type IntoIter = std::vec::IntoIter<$item>;

            fn into_iter(self) -> Self::IntoIter {
                self.0.into_iter()
            }
        }

        impl FromIterator<$item> for $name {
            fn from_iter<I: IntoIterator<Item = $item>>(iter: I) -> Self {
                Self(iter.into_iter().collect())
            }
        }
    };
}

collection!(Members, Bytes);
collection!(Fields, (Bytes, Bytes));

/// `OK`.
impl Reply for () {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Status(_) => Ok(()),
            other => Err(other.unexpected("OK")),
        }
    }

    fn into_value(self) -> Value {
        Value::OK
    }
}

/// An integer 0 or 1.
impl Reply for bool {
    const SHAPE: Shape = Shape::Bool;

    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Int(int) => Ok(int != 0),
            Value::Bool(bool) => Ok(bool),
            other => Err(other.unexpected("0 or 1")),
        }
    }

    fn into_value(self) -> Value {
        Value::Int(self.into())
    }

    #[inline]
    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.int(self.into());
    }
}

impl Reply for i64 {
    const SHAPE: Shape = Shape::Count;

    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Int(int) => Ok(int),
            Value::Bulk(text) => parse_int(&text).ok_or_else(|| Value::Bulk(text).unexpected("an integer")),
            other => Err(other.unexpected("an integer")),
        }
    }

    fn into_value(self) -> Value {
        Value::Int(self)
    }

    #[inline]
    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.int(self);
    }
}

impl Reply for f64 {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Double(double) => Ok(double),
            Value::Int(int) => Ok(int as f64),
            Value::Bulk(text) => parse_float(&text).ok_or_else(|| Value::Bulk(text).unexpected("a number")),
            other => Err(other.unexpected("a number")),
        }
    }

    fn into_value(self) -> Value {
        Value::Double(self)
    }

    #[inline]
    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.double(self);
    }
}

impl Reply for Bytes {
    const SHAPE: Shape = Shape::Text;

    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Bulk(bytes) => Ok(bytes),
            Value::Status(text) => Ok(text.as_bytes().into()),
            Value::Int(int) => Ok(int.to_string().into()),
            other => Err(other.unexpected("a string")),
        }
    }

    fn into_value(self) -> Value {
        Value::Bulk(self)
    }

    #[inline]
    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.bulk(&self);
    }
}

impl Reply for Value {
    fn from_value(value: Value) -> Result<Self> {
        value.into_result()
    }

    fn into_value(self) -> Value {
        self
    }
}

impl<T: Reply> Reply for Option<T> {
    const SHAPE: Shape = T::SHAPE.or_null();

    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Null => Ok(None),
            Value::Array(items) if T::IS_PAIR && items.is_empty() => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }

    fn into_value(self) -> Value {
        self.map_or(Value::Null, T::into_value)
    }

    #[inline]
    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        match self {
            Some(reply) => reply.show(to),
            None => to.null(),
        }
    }
}

impl<T: Reply> Reply for Vec<T> {
    const SHAPE: Shape = T::SHAPE.listed();

    fn from_value(value: Value) -> Result<Self> {
        value.into_items()?.into_iter().map(T::from_value).collect()
    }

    fn into_value(self) -> Value {
        Value::Array(self.into_iter().map(T::into_value).collect())
    }
}

/// A pair inside a larger reply.
impl<A: Reply, B: Reply> Reply for (A, B) {
    const IS_PAIR: bool = true;

    fn from_value(value: Value) -> Result<Self> {
        let mut items = value.into_items()?.into_iter();
        match (items.next(), items.next(), items.next()) {
            (Some(a), Some(b), None) => Ok((A::from_value(a)?, B::from_value(b)?)),
            _ => Err(Error::new(Kind::Decode, "expected a pair")),
        }
    }

    fn into_value(self) -> Value {
        Value::Array(vec![self.0.into_value(), self.1.into_value()])
    }
}

impl Reply for Members {
    const SHAPE: Shape = Shape::Members;

    fn from_value(value: Value) -> Result<Self> {
        Vec::from_value(value).map(Members)
    }

    fn into_value(self) -> Value {
        Value::Set(self.0.into_iter().map(Value::Bulk).collect())
    }
}

impl Reply for Fields {
    const SHAPE: Shape = Shape::Dict;

    fn from_value(value: Value) -> Result<Self> {
        pairs(value).map(Fields)
    }

    fn into_value(self) -> Value {
        Value::Map(self.0.into_iter().map(|(a, b)| (Value::Bulk(a), Value::Bulk(b))).collect())
    }
}

/// Pairs that a server sends as a map, flat, or as pairs.
///
/// # Errors
/// [`Kind::Decode`] when the items do not come in pairs.
pub fn pairs<A: Reply, B: Reply>(value: Value) -> Result<Vec<(A, B)>> {
    if let Value::Map(pairs) = value {
        return pairs.into_iter().map(|(a, b)| Ok((A::from_value(a)?, B::from_value(b)?))).collect();
    }
    let items = value.into_items()?;
    if matches!(items.first(), Some(Value::Array(_))) {
        return items.into_iter().map(<(A, B)>::from_value).collect();
    }
    let mut items = items.into_iter();
    let mut out = Vec::with_capacity(items.len() / 2);
    while let Some(a) = items.next() {
        let b = items.next().ok_or_else(|| Error::new(Kind::Decode, "expected pairs"))?;
        out.push((A::from_value(a)?, B::from_value(b)?));
    }
    Ok(out)
}

/// Members with their scores, lowest rank first.
pub type Scored = Vec<(Bytes, f64)>;

/// One element, or a list where a count was given.
#[derive(Debug, Clone, PartialEq)]
pub enum OneOrMany<T = Bytes> {
    /// Without a count: an element, if there is one.
    One(Option<T>),
    /// With a count: the elements, if the key exists.
    Many(Option<Vec<T>>),
}

impl<T: Reply> Reply for OneOrMany<T> {
    const SHAPE: Shape = if matches!(T::SHAPE, Shape::Text) { Shape::OneOrMany } else { Shape::Natural };

    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Null => Ok(OneOrMany::One(None)),
            items @ (Value::Array(_) | Value::Set(_)) => Vec::from_value(items).map(Some).map(OneOrMany::Many),
            one => T::from_value(one).map(Some).map(OneOrMany::One),
        }
    }

    fn into_value(self) -> Value {
        match self {
            OneOrMany::One(one) => one.into_value(),
            OneOrMany::Many(many) => many.into_value(),
        }
    }
}

/// The element of a reply without a count.
impl<T> From<OneOrMany<T>> for Option<T> {
    fn from(reply: OneOrMany<T>) -> Self {
        match reply {
            OneOrMany::One(one) => one,
            OneOrMany::Many(many) => many.and_then(|items| items.into_iter().next()),
        }
    }
}

/// The elements; a missing key gives none.
impl<T> From<OneOrMany<T>> for Vec<T> {
    fn from(reply: OneOrMany<T>) -> Self {
        match reply {
            OneOrMany::One(one) => one.into_iter().collect(),
            OneOrMany::Many(many) => many.unwrap_or_default(),
        }
    }
}

/// One step of a SCAN: the cursor for the next step and what this one found.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan<T> {
    /// What to pass to the next call; 0 when the iteration is complete.
    pub cursor: u64,
    /// What this step found; elements may come more than once.
    pub items: Vec<T>,
}

/// An item of a [`Scan`], which a server sends flat.
pub trait ScanItem: Sized {
    /// Reads all items of a flat reply.
    ///
    /// # Errors
    /// [`Kind::Decode`] when the shape does not fit.
    fn read(value: Value) -> Result<Vec<Self>>;

    /// Appends this item's strings.
    fn flatten(self, out: &mut Vec<Value>);
}

impl ScanItem for Bytes {
    fn read(value: Value) -> Result<Vec<Self>> {
        Vec::from_value(value)
    }

    fn flatten(self, out: &mut Vec<Value>) {
        out.push(Value::Bulk(self));
    }
}

/// A field and its value; HSCAN with NOVALUES gives no values.
impl ScanItem for (Bytes, Option<Bytes>) {
    fn read(value: Value) -> Result<Vec<Self>> {
        pairs(value)
    }

    fn flatten(self, out: &mut Vec<Value>) {
        out.push(Value::Bulk(self.0));
        out.extend(self.1.map(Value::Bulk));
    }
}

impl ScanItem for (Bytes, f64) {
    fn read(value: Value) -> Result<Vec<Self>> {
        pairs(value)
    }

    fn flatten(self, out: &mut Vec<Value>) {
        let mut buffer = [0; crate::number::FLOAT_LEN];
        out.push(Value::Bulk(self.0));
        out.push(Value::bulk(crate::number::format_float(self.1, &mut buffer)));
    }
}

impl<T: ScanItem> Reply for Scan<T> {
    fn from_value(value: Value) -> Result<Self> {
        let (cursor, items) = <(Bytes, Value)>::from_value(value)?;
        let cursor = cursor.parse().map_err(|_| Error::new(Kind::Decode, "expected a cursor"))?;
        Ok(Scan { cursor, items: T::read(items)? })
    }

    fn into_value(self) -> Value {
        let mut items = Vec::with_capacity(self.items.len());
        self.items.into_iter().for_each(|item| item.flatten(&mut items));
        Value::Array(vec![Value::bulk(self.cursor.to_string()), Value::Array(items)])
    }
}

/// The time of a backend's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    /// Whole seconds since the Unix epoch.
    pub seconds: i64,
    /// Microseconds of the current second.
    pub microseconds: i64,
}

impl Reply for Time {
    fn from_value(value: Value) -> Result<Self> {
        let (seconds, microseconds) = <(i64, i64)>::from_value(value)?;
        Ok(Time { seconds, microseconds })
    }

    fn into_value(self) -> Value {
        Value::Array(vec![Value::bulk(self.seconds.to_string()), Value::bulk(self.microseconds.to_string())])
    }
}
