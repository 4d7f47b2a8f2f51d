//! Typed replies: one fixed type per command, read from a [`Value`] and turned into one.

mod from_reply;
mod into;
pub(crate) mod std_types;
mod times;

use std::ops::Deref;

use crate::bytes::Bytes;
use crate::error::{Error, Kind, Result};
use crate::number::{FLOAT_LEN, format_float};
use crate::sink::{Collection, OK, ReplySink};
use crate::spec::{Flags, Shape, Spec};
use crate::value::{Value, ValueSink};

pub use from_reply::FromReply;
pub use times::{ExpiresAt, Time, TimeToLive};

/// The type of a command's reply.
pub trait Reply: Sized {
    /// The shape of the reply in scripts, where the command does not say otherwise.
    const SHAPE: Shape = Shape::Natural;

    /// Whether this is an array, for which RESP2 has a null of its own.
    const IS_ARRAY: bool = false;

    /// Whether there are pairs in it, which RESP2 shows one after the other.
    const PAIRS: bool = false;

    /// Whether this is a pair, of which an empty array means that there is none (ZPOPMIN of a missing key).
    const IS_PAIR: bool = false;

    /// Reads the reply of a server.
    ///
    /// # Errors
    /// [`Kind::Decode`] when the shape does not fit; the error inside when it holds one.
    fn from_value(value: Value) -> Result<Self>;

    /// Writes the reply to a sink, piece by piece.
    fn show<S: ReplySink + ?Sized>(self, to: &mut S);

    /// The reply as a client reads it from a server that speaks RESP3.
    fn into_value(self) -> Value {
        let mut sink = ValueSink::default();
        self.show(&mut sink);
        sink.into_value()
    }

    /// Reads one of several pairs.
    ///
    /// # Errors
    /// The errors of [`from_value`](Self::from_value).
    fn from_pair((a, b): (Value, Value)) -> Result<Self> {
        Self::from_value(Value::Array(vec![a, b]))
    }

    /// Whether this is a byte, of which a list is a string.
    #[doc(hidden)]
    const IS_BYTE: bool = false;

    /// Reads a list of these.
    ///
    /// # Errors
    /// The errors of [`from_value`](Self::from_value).
    #[doc(hidden)]
    fn from_list(value: Value) -> Result<Vec<Self>> {
        match value {
            Value::Null | Value::NullArray => Ok(Vec::new()),
            value if Self::IS_PAIR => pairs::<Value, Value>(value)?.into_iter().map(Self::from_pair).collect(),
            value => value.into_items()?.into_iter().map(Self::from_value).collect(),
        }
    }

    /// Writes a list of these to a sink.
    #[doc(hidden)]
    fn show_list<S: ReplySink + ?Sized>(items: Vec<Self>, to: &mut S) {
        to.begin(Collection::Array, items.len());
        items.into_iter().for_each(|item| item.show(to));
    }
}

impl Value {
    /// Reads this value as a typed reply.
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
        T::from_value(self).map_err(|error| unless_it_only_reads(error, spec))
    }

    /// This value as the type that the caller of a command names; see [`reply_of`](Self::reply_of).
    ///
    /// # Errors
    /// The errors of [`reply_of`](Self::reply_of).
    pub fn read<T: FromReply>(self, spec: Option<&Spec>) -> Result<T> {
        T::from_reply(self).map_err(|error| unless_it_only_reads(error, spec))
    }
}

/// The error of a reply that does not fit. It is marked as one of a command that may have run, unless the command only reads.
fn unless_it_only_reads(error: Error, spec: Option<&Spec>) -> Error {
    let only_reads = spec.is_some_and(|spec| spec.flags.has(Flags::READONLY));
    if error.kind() == Kind::Decode && !only_reads { error.maybe_ran() } else { error }
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

    /// Returns whether this member is there; O(N).
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

        impl<'a> IntoIterator for &'a $name {
            type Item = &'a $item;
            type IntoIter = std::slice::Iter<'a, $item>;

            fn into_iter(self) -> Self::IntoIter {
                self.0.iter()
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

/// `OK`, or null: a script that returns nothing.
impl Reply for () {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Status(_) | Value::Null | Value::NullArray => Ok(()),
            other => Err(other.unexpected("OK")),
        }
    }

    #[inline]
    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.status(OK);
    }
}

/// An integer 0 or 1.
impl Reply for bool {
    const SHAPE: Shape = Shape::Bool;

    fn from_value(value: Value) -> Result<Self> {
        std_types::boolean(&value).ok_or_else(|| value.unexpected("0 or 1"))
    }

    #[inline]
    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.int(self.into());
    }
}

impl Reply for i64 {
    const SHAPE: Shape = Shape::Count;

    fn from_value(value: Value) -> Result<Self> {
        std_types::integer(&value).ok_or_else(|| value.unexpected("an integer"))
    }

    #[inline]
    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.int(self);
    }
}

impl Reply for f64 {
    fn from_value(value: Value) -> Result<Self> {
        std_types::number(&value).ok_or_else(|| value.unexpected("a number"))
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
            Value::Verbatim(verbatim) => Ok(verbatim.text),
            Value::BigNumber(digits) => Ok(digits.as_bytes().into()),
            other => Err(other.unexpected("a string")),
        }
    }

    #[inline]
    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.owned_bulk(self);
    }
}

impl Reply for Value {
    fn from_value(value: Value) -> Result<Self> {
        value.into_result()
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        Value::show(self, to);
    }
}

impl<T: Reply> Reply for Option<T> {
    const SHAPE: Shape = T::SHAPE.or_null();

    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Null | Value::NullArray => Ok(None),
            Value::Array(items) if T::IS_PAIR && items.is_empty() => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }

    #[inline]
    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        match self {
            Some(reply) => reply.show(to),
            None if T::IS_ARRAY => to.null_array(),
            None => to.null(),
        }
    }
}

/// A list, of pairs also where they come flat or as a map; null is an empty one, as a script gives it. A list of `u8` is a
/// byte string.
impl<T: Reply> Reply for Vec<T> {
    const SHAPE: Shape = if T::IS_BYTE { Shape::Text } else { T::SHAPE.listed() };

    const IS_ARRAY: bool = !T::IS_BYTE;

    fn from_value(value: Value) -> Result<Self> {
        T::from_list(value)
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        T::show_list(self, to);
    }
}

/// A pair inside a larger reply.
impl<A: Reply, B: Reply> Reply for (A, B) {
    const IS_ARRAY: bool = true;

    const IS_PAIR: bool = true;

    fn from_value(value: Value) -> Result<Self> {
        let mut items = value.into_items()?.into_iter();
        match (items.next(), items.next(), items.next()) {
            (Some(a), Some(b), None) => Ok((A::from_value(a)?, B::from_value(b)?)),
            _ => Err(Error::new(Kind::Decode, "expected a pair")),
        }
    }

    fn from_pair((a, b): (Value, Value)) -> Result<Self> {
        Ok((A::from_value(a)?, B::from_value(b)?))
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.begin(Collection::Array, 2);
        self.0.show(to);
        self.1.show(to);
    }
}

impl Reply for Members {
    const SHAPE: Shape = Shape::Members;

    fn from_value(value: Value) -> Result<Self> {
        Vec::from_value(value).map(Members)
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.begin(Collection::Set, self.len());
        self.into_iter().for_each(|member| to.owned_bulk(member));
    }
}

impl Reply for Fields {
    const SHAPE: Shape = Shape::Dict;

    fn from_value(value: Value) -> Result<Self> {
        pairs(value).map(Fields)
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.begin(Collection::Map, self.len());
        for (field, value) in self {
            to.owned_bulk(field);
            to.owned_bulk(value);
        }
    }
}

/// Pairs that a server sends as a map, flat, or as pairs.
///
/// # Errors
/// [`Kind::Decode`] when the items do not come in pairs.
pub fn pairs<A: Reply, B: Reply>(value: Value) -> Result<Vec<(A, B)>> {
    if let Value::Null | Value::NullArray = value {
        return Ok(Vec::new());
    }
    if let Value::Map(pairs) | Value::Pairs(pairs) = value {
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

/// Writes pairs, which RESP2 has one after the other and RESP3 as an array each.
pub fn show_pairs<A: Reply, B: Reply, S: ReplySink + ?Sized>(pairs: Vec<(A, B)>, to: &mut S) {
    to.begin(Collection::Pairs, pairs.len());
    for (one, other) in pairs {
        to.pair();
        one.show(to);
        other.show(to);
    }
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
            Value::NullArray => Ok(OneOrMany::Many(None)),
            items @ (Value::Array(_) | Value::Set(_)) => Vec::from_value(items).map(Some).map(OneOrMany::Many),
            one => T::from_value(one).map(Some).map(OneOrMany::One),
        }
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        match self {
            OneOrMany::One(one) => one.show(to),
            OneOrMany::Many(many) => many.show(to),
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

/// A step of a SCAN: the cursor of the next step and the elements of this one.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanReply<T> {
    /// The cursor of the next step; 0 when the iteration is complete.
    pub cursor: u64,
    /// The elements of this step; elements may come more than once.
    pub items: Vec<T>,
}

/// An item of a [`ScanReply`], which a server sends flat.
pub trait ScanItem: Sized {
    /// Reads all items of a flat reply.
    ///
    /// # Errors
    /// [`Kind::Decode`] when the shape does not fit.
    fn read(value: Value) -> Result<Vec<Self>>;

    /// The number of strings of the item.
    fn strings(&self) -> usize;

    /// Writes the strings of the item.
    fn show<S: ReplySink + ?Sized>(self, to: &mut S);
}

impl ScanItem for Bytes {
    fn read(value: Value) -> Result<Vec<Self>> {
        Vec::from_value(value)
    }

    fn strings(&self) -> usize {
        1
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.owned_bulk(self);
    }
}

/// A field and its value; HSCAN with NOVALUES gives no values.
impl ScanItem for (Bytes, Option<Bytes>) {
    fn read(value: Value) -> Result<Vec<Self>> {
        pairs(value)
    }

    fn strings(&self) -> usize {
        1 + usize::from(self.1.is_some())
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.owned_bulk(self.0);
        self.1.into_iter().for_each(|value| to.owned_bulk(value));
    }
}

impl ScanItem for (Bytes, f64) {
    fn read(value: Value) -> Result<Vec<Self>> {
        pairs(value)
    }

    fn strings(&self) -> usize {
        2
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.owned_bulk(self.0);
        to.bulk(format_float(self.1, &mut [0; FLOAT_LEN]));
    }
}

impl<T: ScanItem> Reply for ScanReply<T> {
    fn from_value(value: Value) -> Result<Self> {
        let (cursor, items) = <(Bytes, Value)>::from_value(value)?;
        let cursor = cursor.parse().map_err(|_| Error::new(Kind::Decode, "expected a cursor"))?;
        Ok(ScanReply { cursor, items: T::read(items)? })
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.begin(Collection::Array, 2);
        to.bulk(self.cursor.to_string().as_bytes());
        to.begin(Collection::Array, self.items.iter().map(ScanItem::strings).sum());
        self.items.into_iter().for_each(|item| item.show(to));
    }
}
