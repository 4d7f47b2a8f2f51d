//! An element of a collection, as it is shown to whoever asks: an integer or bytes, never a copy.

use super::bytes::{IntText, parse_int};

/// One element, borrowed from where it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item<'a> {
    /// An integer; its text is its decimal form.
    Int(i64),
    /// A byte string. As an argument it may well be the text of an integer.
    Bytes(&'a [u8]),
}

impl<'a> From<&'a [u8]> for Item<'a> {
    fn from(text: &'a [u8]) -> Self {
        Item::Bytes(text)
    }
}

impl From<i64> for Item<'_> {
    fn from(value: i64) -> Self {
        Item::Int(value)
    }
}

impl Item<'_> {
    /// Calls `f` with the text, without an allocation.
    #[inline]
    pub fn with_text<R>(self, f: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            Item::Int(value) => f(IntText::new(value).as_slice()),
            Item::Bytes(text) => f(text),
        }
    }

    /// Length of the text.
    pub fn text_len(self) -> usize {
        self.with_text(<[u8]>::len)
    }

    /// Whether the text is `text`.
    pub fn is(self, text: &[u8]) -> bool {
        match self {
            Item::Int(value) => parse_int(text) == Some(value),
            Item::Bytes(own) => own == text,
        }
    }

    /// The integer whose canonical text this is.
    pub fn as_int(self) -> Option<i64> {
        match self {
            Item::Int(value) => Some(value),
            Item::Bytes(text) => parse_int(text),
        }
    }

    /// Appends the text.
    pub fn push_to(self, out: &mut Vec<u8>) {
        self.with_text(|text| out.extend_from_slice(text));
    }

    /// A copy of the text.
    pub fn to_vec(self) -> Vec<u8> {
        self.with_text(<[u8]>::to_vec)
    }

    /// Bytewise order of the texts.
    pub fn cmp_text(self, other: &[u8]) -> std::cmp::Ordering {
        self.with_text(|text| text.cmp(other))
    }
}
