//! Sinks: of the arguments of a command, and of the pieces of a reply.

use std::borrow::Cow;

use crate::bytes::Bytes;
use crate::error::Error;

/// Receives the arguments of a command, one after the other, without its name.
pub trait Sink {
    /// The next argument.
    fn arg(&mut self, bytes: &[u8]);
}

/// The status of most commands that have nothing else to say.
pub const OK: Cow<'static, str> = Cow::Borrowed("OK");

/// Receives a reply piece by piece, where it is stored: nothing is copied but by the receiver.
///
/// A reply is one piece, or one [`begin`](Self::begin) and the elements that it announces, each of which is a reply again.
/// The pieces are those of RESP3, and two that only RESP2 tells from others: the [null array](Self::null_array), and
/// [pairs](Collection::Pairs).
pub trait ReplySink {
    /// Null.
    fn null(&mut self);

    /// No value where else an array stands: RESP2 tells it from [`null`](Self::null), RESP3 does not.
    fn null_array(&mut self) {
        self.null();
    }

    /// True or false.
    fn bool(&mut self, bool: bool);

    /// An integer.
    fn int(&mut self, int: i64);

    /// A floating point number.
    fn double(&mut self, double: f64);

    /// An integer of any size, in decimal digits.
    fn big_number(&mut self, digits: &str);

    /// A status such as `OK`.
    fn status(&mut self, text: Cow<'static, str>);

    /// An error inside a larger reply, or in its place.
    fn error(&mut self, error: Error);

    /// A byte string.
    fn bulk(&mut self, bytes: &[u8]);

    /// A byte string that the receiver may keep.
    fn owned_bulk(&mut self, bytes: Bytes) {
        self.bulk(&bytes);
    }

    /// A text for people, and what it is written in: `txt` or `mkd`.
    fn verbatim(&mut self, format: [u8; 3], text: &[u8]);

    /// A collection of `len` elements, which follow. The elements of a map are keys and values in turns, those of pairs
    /// the two of each pair, with a [`pair`](Self::pair) before them.
    fn begin(&mut self, kind: Collection, len: usize);

    /// The next two elements are one of the pairs that [`Collection::Pairs`] announced.
    fn pair(&mut self) {
        self.begin(Collection::Array, 2);
    }

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
    /// The number of elements before the part.
    pub from: usize,
    /// The number of elements of the part.
    pub count: usize,
}

impl<'a> Part<'a> {
    /// All elements.
    pub fn all(of: Whole<'a>) -> Self {
        Part { of, from: 0, count: usize::MAX }
    }
}

/// The identity of a stored collection, which is the same only for the same elements in the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole<'a> {
    /// The bytes of its elements as they are stored.
    Bytes(&'a [u8]),
    /// A number that it has until it is changed, and that nothing else has or had.
    Mark(u64),
}

/// The kind of a collection in a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collection {
    /// A sequence.
    Array,
    /// Elements without an order.
    Set,
    /// Keys and their values.
    Map,
    /// A sequence of pairs, which RESP2 writes one after the other and RESP3 as an array each: members with their scores.
    Pairs,
    /// A message that answers no command.
    Push,
}

impl Collection {
    /// The number of elements that follow an announced length: a map has two for each pair.
    pub fn elements(self, len: usize) -> usize {
        match self {
            Collection::Map | Collection::Pairs => len.saturating_mul(2),
            Collection::Array | Collection::Set | Collection::Push => len,
        }
    }
}
