//! The types of the standard library as replies: what a reply is read as when the caller names the type.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use super::{Reply, pairs};
use crate::bytes::Bytes;
use crate::error::{Error, Kind, Result};
use crate::number::{parse_float, parse_int};
use crate::sink::{Collection, ReplySink};
use crate::spec::Shape;
use crate::value::Value;

/// Text; bytes that are no UTF-8 are an error.
impl Reply for String {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Bulk(text) => text.try_into(),
            Value::Status(text) => Ok(text.into_owned()),
            Value::Verbatim(verbatim) => verbatim.text.try_into(),
            Value::BigNumber(digits) => Ok(digits.into_string()),
            other => Err(other.unexpected("a string")),
        }
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.owned_bulk(self.into());
    }
}

/// An integer that fits into a byte. A list of them is a byte string, and read from a list of integers too.
impl Reply for u8 {
    const SHAPE: Shape = Shape::Count;

    const IS_BYTE: bool = true;

    fn from_value(value: Value) -> Result<Self> {
        let int = i64::from_value(value)?;
        int.try_into().map_err(|_| Error::new(Kind::Decode, format!("{int} does not fit into u8")))
    }

    fn from_list(value: Value) -> Result<Vec<Self>> {
        match value {
            Value::Array(items) | Value::Set(items) | Value::Push(items) => {
                items.into_iter().map(Self::from_value).collect()
            }
            text => Bytes::from_value(text).map(Bytes::into_vec),
        }
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.int(self.into());
    }

    fn show_list<S: ReplySink + ?Sized>(items: Vec<Self>, to: &mut S) {
        to.owned_bulk(items.into());
    }
}

impl Reply for f32 {
    fn from_value(value: Value) -> Result<Self> {
        f64::from_value(value).map(|float| float as f32)
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.double(self.into());
    }
}

/// Integers of other widths; what does not fit is an error.
macro_rules! integers {
    ($($int:ty)*) => { $(
        impl Reply for $int {
            const SHAPE: Shape = Shape::Count;

            fn from_value(value: Value) -> Result<Self> {
                let int = i64::from_value(value)?;
                let refused = |_| Error::new(Kind::Decode, format!(concat!("{} does not fit into ", stringify!($int)), int));
                int.try_into().map_err(refused)
            }

            fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
                to.int(self as i64);
            }
        }
    )* };
}

integers! { i8 i16 i32 isize u16 u32 }

/// An integer that is not negative, up to the largest `u64`, which is stored as text.
impl Reply for u64 {
    const SHAPE: Shape = Shape::Count;

    fn from_value(value: Value) -> Result<Self> {
        let text = digits(&value).and_then(|text| std::str::from_utf8(text).ok());
        if let Some(int) = text.and_then(|text| text.parse().ok()) {
            return Ok(int);
        }
        let int = i64::from_value(value)?;
        int.try_into().map_err(|_| Error::new(Kind::Decode, format!("{int} does not fit into u64")))
    }

    #[inline]
    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        match i64::try_from(self) {
            Ok(int) => to.int(int),
            Err(_) => show_beyond(self, to),
        }
    }
}

/// An integer that no reply of this type holds: its text, which loses nothing.
#[cold]
fn show_beyond<S: ReplySink + ?Sized>(int: u64, to: &mut S) {
    to.owned_bulk(int.to_string().into());
}

impl Reply for usize {
    fn from_value(value: Value) -> Result<Self> {
        let int = u64::from_value(value)?;
        int.try_into().map_err(|_| Error::new(Kind::Decode, format!("{int} does not fit into usize")))
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        (self as u64).show(to);
    }
}

/// The text of a value of which a number may be read.
fn digits(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Bulk(text) => Some(text),
        Value::Verbatim(verbatim) => Some(&verbatim.text),
        Value::BigNumber(digits) => Some(digits.as_bytes()),
        _ => None,
    }
}

/// An integer from its text or from a double without a fraction, as scripts give one.
pub(crate) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Int(int) => Some(*int),
        Value::Double(double) if double.fract() == 0.0 && double.abs() < 2f64.powi(63) => Some(*double as i64),
        other => digits(other).and_then(parse_int),
    }
}

/// A number from its text too.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Double(double) => Some(*double),
        Value::Int(int) => Some(*int as f64),
        other => digits(other).and_then(parse_float),
    }
}

/// Returns whether something holds: 0 and 1, also as texts, and what SET with NX or XX gives, OK or null.
pub(crate) fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Int(int) => Some(*int != 0),
        Value::Null | Value::NullArray => Some(false),
        Value::Status(text) => (text == "OK").then_some(true),
        Value::Bulk(text) => match &**text {
            b"1" | b"true" => Some(true),
            b"0" | b"false" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Sets: null is an empty one.
macro_rules! sets {
    ($([$($bounds:tt)*] $set:ty;)*) => { $(
        impl<T: Reply $($bounds)*> Reply for $set {
            fn from_value(value: Value) -> Result<Self> {
                Vec::from_value(value).map(|items: Vec<T>| items.into_iter().collect())
            }

            fn show<R: ReplySink + ?Sized>(self, to: &mut R) {
                to.begin(Collection::Set, self.len());
                self.into_iter().for_each(|item| item.show(to));
            }
        }
    )* };
}

sets! {
    [+ Eq + Hash, S: BuildHasher + Default] HashSet<T, S>;
    [+ Ord] BTreeSet<T>;
}

/// Maps, from a map or from pairs, flat or not; null is an empty one.
macro_rules! maps {
    ($([$($bounds:tt)*] $map:ty;)*) => { $(
        impl<K: Reply $($bounds)*> Reply for $map {
            fn from_value(value: Value) -> Result<Self> {
                pairs(value).map(|pairs| pairs.into_iter().collect())
            }

            fn show<R: ReplySink + ?Sized>(self, to: &mut R) {
                to.begin(Collection::Map, self.len());
                for (key, value) in self {
                    key.show(to);
                    value.show(to);
                }
            }
        }
    )* };
}

maps! {
    [+ Eq + Hash, V: Reply, S: BuildHasher + Default] HashMap<K, V, S>;
    [+ Ord, V: Reply] BTreeMap<K, V>;
}

macro_rules! tuples {
    ($($count:literal: $($name:ident)*;)*) => { $(
        impl<$($name: Reply),*> Reply for ($($name,)*) {
            fn from_value(value: Value) -> Result<Self> {
                let items = value.into_items()?;
                let wrong = || Error::new(Kind::Decode, concat!("expected ", $count, " items"));
                if items.len() != $count {
                    return Err(wrong());
                }
                let mut items = items.into_iter();
                Ok(($($name::from_value(items.next().ok_or_else(wrong)?)?,)*))
            }

            fn show<R: ReplySink + ?Sized>(self, to: &mut R) {
                #[allow(non_snake_case)] // the variables are called as their types are
                let ($($name,)*) = self;
                to.begin(Collection::Array, $count);
                $($name.show(to);)*
            }
        }
    )* };
}

tuples! {
    3: A B C;
    4: A B C D;
    5: A B C D E;
    6: A B C D E F;
}
