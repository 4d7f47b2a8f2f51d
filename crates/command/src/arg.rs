//! Borrowed arguments: what a caller hands to a command without a copy.

use std::fmt;
use std::io::Write as _;

use crate::bytes::quote;
use crate::error::Result;
use crate::number::parse_int;
use crate::sink::Sink;
use crate::texts::{self, fail};

/// The maximal length of an argument and of a string: a server's default of `proto-max-bulk-len`.
pub const MAX_LEN: usize = 512 << 20;

/// The name of a key, borrowed from the caller.
///
/// ```
/// # use redipy_command as redipy;
/// use redipy::Key;
///
/// let key: Key = "user:1".into();
/// assert_eq!(key.as_bytes(), b"user:1");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key<'a>(pub &'a [u8]);

impl<'a> Key<'a> {
    /// The name as bytes.
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }
}

/// A value, a field, a member or a pattern: bytes, an integer or a float, borrowed from the caller.
///
/// Numbers are sent and stored as Redis prints them: `5`, `0.1`, `1e+300`.
#[derive(Clone, Copy)]
pub enum Arg<'a> {
    /// Bytes as they are.
    Bytes(&'a [u8]),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// An integer above the largest `i64`.
    Unsigned(u64),
    /// A character, as UTF-8.
    Char(char),
}

/// The text of an argument: the borrowed bytes, or a number printed into a small buffer.
#[derive(Clone, Copy)]
pub struct ArgText<'a>(TextRepr<'a>);

#[derive(Clone, Copy)]
enum TextRepr<'a> {
    Borrowed(&'a [u8]),
    Printed([u8; crate::number::FLOAT_LEN], u8),
}

impl std::ops::Deref for ArgText<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            TextRepr::Borrowed(bytes) => bytes,
            TextRepr::Printed(buffer, len) => &buffer[..usize::from(*len)],
        }
    }
}

impl<'a> Arg<'a> {
    /// The bytes that a server would receive, without an allocation.
    #[inline]
    pub fn text(&self) -> ArgText<'a> {
        match *self {
            Arg::Bytes(bytes) => ArgText(TextRepr::Borrowed(bytes)),
            Arg::Int(int) => Self::printed(|buffer| {
                let mut digits = [0; crate::number::INT_LEN];
                let text = crate::number::format_int(int, &mut digits);
                buffer[..text.len()].copy_from_slice(text);
                text.len()
            }),
            Arg::Float(float) => Self::printed(|buffer| crate::number::format_float(float, buffer).len()),
            rare => rare.rare_text(),
        }
    }

    /// The text of what is seldom given: apart, so that [`text`](Self::text) stays a part of its callers.
    #[cold]
    #[inline(never)]
    fn rare_text(self) -> ArgText<'a> {
        Self::printed(|buffer| match self {
            Arg::Unsigned(int) => {
                let mut room = &mut buffer[..];
                let _ = write!(room, "{int}"); // 20 digits at most
                crate::number::FLOAT_LEN - room.len()
            }
            Arg::Char(char) => char.encode_utf8(buffer).len(),
            Arg::Bytes(_) | Arg::Int(_) | Arg::Float(_) => 0, // printed above
        })
    }

    /// The text that `print` writes; it returns the length.
    fn printed(print: impl FnOnce(&mut [u8; crate::number::FLOAT_LEN]) -> usize) -> ArgText<'a> {
        let mut buffer = [0; crate::number::FLOAT_LEN];
        let len = print(&mut buffer) as u8;
        ArgText(TextRepr::Printed(buffer, len))
    }

    /// Hands the text to a sink.
    pub fn write(&self, out: &mut dyn Sink) {
        match *self {
            Arg::Bytes(bytes) => out.arg(bytes),
            _ => out.arg(&self.text()),
        }
    }
}

/// An integer that a server reads only after it has looked at the key, so that a missing key or a
/// wrong type is reported before a malformed number.
#[derive(Debug, Clone, Copy)]
pub enum LateInt<'a> {
    /// A number.
    Int(i64),
    /// The text of a number, not parsed yet.
    Text(&'a [u8]),
}

impl LateInt<'_> {
    /// The number.
    ///
    /// # Errors
    /// `value is not an integer or out of range`.
    pub fn get(self) -> Result<i64> {
        match self {
            LateInt::Int(int) => Ok(int),
            LateInt::Text(text) => parse_int(text).map_or_else(|| fail(texts::NOT_INTEGER), Ok),
        }
    }
}

/// Equal when a server would receive the same.
impl PartialEq for LateInt<'_> {
    fn eq(&self, other: &Self) -> bool {
        Arg::from(*self) == Arg::from(*other)
    }
}

impl<'a> From<LateInt<'a>> for Arg<'a> {
    fn from(int: LateInt<'a>) -> Self {
        match int {
            LateInt::Int(int) => Arg::Int(int),
            LateInt::Text(text) => Arg::Bytes(text),
        }
    }
}

impl Default for LateInt<'_> {
    fn default() -> Self {
        LateInt::Int(0)
    }
}

/// The key without a name.
impl Default for Key<'_> {
    fn default() -> Self {
        Key(b"")
    }
}

/// An empty argument.
impl Default for Arg<'_> {
    fn default() -> Self {
        Arg::Bytes(b"")
    }
}

/// One or more of something: `"a"`, `["a", "b"]`, a `Vec`, a slice, or what an iterator collects.
///
/// A single item needs no allocation.
#[derive(Clone, PartialEq)]
pub enum Many<T> {
    /// One item.
    One(T),
    /// Any number of items.
    Several(Vec<T>),
}

/// No items, which no command takes.
impl<T> Default for Many<T> {
    fn default() -> Self {
        Many::Several(Vec::new())
    }
}

impl<T> Many<T> {
    /// The items.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Many::One(item) => std::slice::from_ref(item),
            Many::Several(items) => items,
        }
    }
}

impl<T> std::ops::Deref for Many<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.as_slice()
    }
}

impl<T> FromIterator<T> for Many<T> {
    fn from_iter<I: IntoIterator<Item = T>>(iter: I) -> Self {
        Many::Several(iter.into_iter().collect())
    }
}

macro_rules! numbers_from {
    ($($from:ty => |$name:ident| $arg:expr;)*) => { $(
        impl From<$from> for Arg<'_> {
            #[inline]
            fn from($name: $from) -> Self {
                $arg
            }
        }

        impl From<$from> for Many<Arg<'_>> {
            #[inline]
            fn from($name: $from) -> Self {
                Many::One($arg)
            }
        }
    )* };
}

numbers_from! {
    i64 => |int| Arg::Int(int);
    i32 => |int| Arg::Int(int.into());
    u32 => |int| Arg::Int(int.into());
    u64 => |int| i64::try_from(int).map_or(Arg::Unsigned(int), Arg::Int);
    f64 => |float| Arg::Float(float);
}

macro_rules! several_from {
    ($($target:ident)*) => { $(
        impl<'a> From<$target<'a>> for Many<$target<'a>> {
            fn from(from: $target<'a>) -> Self { Many::One(from) }
        }
        impl<'a, T: Into<$target<'a>>, const N: usize> From<[T; N]> for Many<$target<'a>> {
            fn from(from: [T; N]) -> Self { from.into_iter().map(Into::into).collect() }
        }
        impl<'a, T: Into<$target<'a>>> From<Vec<T>> for Many<$target<'a>> {
            fn from(from: Vec<T>) -> Self { from.into_iter().map(Into::into).collect() }
        }
    )* };
}

several_from!(Key Arg);

/// Pairs: field and value, key and value, score and member.
macro_rules! pairs_from {
    ($($first:ty, $second:ty;)*) => { $(
        impl<'a, A: Into<$first>, B: Into<$second>> From<(A, B)> for Many<($first, $second)> {
            fn from((a, b): (A, B)) -> Self { Many::One((a.into(), b.into())) }
        }
        impl<'a, A: Into<$first>, B: Into<$second>, const N: usize> From<[(A, B); N]> for Many<($first, $second)> {
            fn from(from: [(A, B); N]) -> Self { from.into_iter().map(|(a, b)| (a.into(), b.into())).collect() }
        }
        impl<'a, A: Into<$first>, B: Into<$second>> From<Vec<(A, B)>> for Many<($first, $second)> {
            fn from(from: Vec<(A, B)>) -> Self { from.into_iter().map(|(a, b)| (a.into(), b.into())).collect() }
        }
    )* };
}

pairs_from! {
    Arg<'a>, Arg<'a>;
    Key<'a>, Arg<'a>;
    f64, Arg<'a>;
}

impl fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        quote(self.0, f)
    }
}

impl fmt::Debug for Arg<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        quote(&self.text(), f)
    }
}

impl fmt::Debug for ArgText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        quote(self, f)
    }
}

impl<T: fmt::Debug> fmt::Debug for Many<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}

impl PartialEq for Arg<'_> {
    fn eq(&self, other: &Self) -> bool {
        *self.text() == *other.text()
    }
}
