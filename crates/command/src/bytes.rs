//! A byte string, owned: what bulk replies are.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// A byte string that reads as text easily. Up to 22 bytes are kept in place, without an allocation.
///
/// ```
/// # use redipy_command as redipy;
/// use redipy::Bytes;
///
/// let bytes = Bytes::from("42");
/// assert_eq!(bytes, "42");
/// assert_eq!(bytes.as_str(), Some("42"));
/// assert_eq!(bytes.parse::<i64>(), Ok(42));
/// ```
#[derive(Clone)]
pub struct Bytes(Repr);

/// The longest byte string that is kept in place.
const INLINE: usize = 22;

#[derive(Clone)]
enum Repr {
    Inline(u8, [u8; INLINE]),
    Heap(Box<[u8]>),
}

impl Bytes {
    /// The longest byte string that is kept in place.
    pub const SHORT: usize = INLINE;

    /// A copy of these bytes.
    #[inline]
    pub fn copy(bytes: &[u8]) -> Self {
        if bytes.len() > INLINE {
            return Bytes(Repr::Heap(bytes.into()));
        }
        let mut inline = [0; INLINE];
        inline[..bytes.len()].copy_from_slice(bytes);
        Bytes(Repr::Inline(bytes.len() as u8, inline))
    }

    /// A copy of these bytes if that needs no allocation: for loops, in which it needs no call either.
    #[inline]
    pub fn copy_short(bytes: &[u8]) -> Option<Self> {
        (bytes.len() <= INLINE).then(|| Bytes(Repr::Inline(bytes.len() as u8, padded(bytes))))
    }

    /// The text, if it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self).ok()
    }

    /// The text; what is not UTF-8 is replaced by `\u{FFFD}`.
    pub fn to_text(&self) -> String {
        String::from_utf8_lossy(self).into_owned()
    }

    /// The bytes; long ones without a copy.
    pub fn into_vec(self) -> Vec<u8> {
        match self.0 {
            Repr::Inline(..) => self.to_vec(),
            Repr::Heap(bytes) => bytes.into_vec(),
        }
    }
}

/// At most [`INLINE`] bytes, with zeroes behind them. They are read as words that may overlap.
#[inline]
fn padded(bytes: &[u8]) -> [u8; INLINE] {
    let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let half = |bytes: Option<&[u8; 4]>| bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes).into());
    let (len, first, last) = (bytes.len(), word(bytes.first_chunk()), word(bytes.last_chunk()));
    let [a, b, c] = match len {
        17.. => [first, word(bytes[8..].first_chunk()), last >> (8 * (24 - len))],
        9.. => [first, last >> (8 * (16 - len)), 0],
        4.. => [half(bytes.first_chunk()) | half(bytes.last_chunk::<4>()) << (8 * (len - 4)), 0, 0],
        _ => [bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0, 0],
    };
    // Behind the first six bytes they lie aligned in a `Bytes`.
    let mut padded = [0; INLINE];
    padded[..6].copy_from_slice(&a.to_le_bytes()[..6]);
    padded[6..14].copy_from_slice(&(a >> 48 | b << 16).to_le_bytes());
    padded[14..].copy_from_slice(&(b >> 48 | c << 16).to_le_bytes());
    padded
}

impl Deref for Bytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline(len, inline) => inline.get(..usize::from(*len)).unwrap_or(inline),
            Repr::Heap(bytes) => bytes,
        }
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl std::borrow::Borrow<[u8]> for Bytes {
    fn borrow(&self) -> &[u8] {
        self
    }
}

impl Default for Bytes {
    fn default() -> Self {
        Bytes::copy(b"")
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Bytes {}

impl Hash for Bytes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl PartialOrd for Bytes {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Bytes {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

macro_rules! bytes_from {
    ($($from:ty => |$name:ident| $value:expr;)*) => {
        $(impl From<$from> for Bytes {
            #[inline]
            fn from($name: $from) -> Self { $value }
        })*
    };
}

bytes_from! {
    &str => |text| Bytes::copy(text.as_bytes());
    String => |text| text.into_bytes().into();
    &[u8] => |bytes| Bytes::copy(bytes);
    Vec<u8> => |bytes| if bytes.len() > INLINE { Bytes(Repr::Heap(bytes.into())) } else { Bytes::copy(&bytes) };
    Box<[u8]> => |bytes| if bytes.len() > INLINE { Bytes(Repr::Heap(bytes)) } else { Bytes::copy(&bytes) };
}

impl<const N: usize> From<&[u8; N]> for Bytes {
    fn from(bytes: &[u8; N]) -> Self {
        Bytes::copy(bytes)
    }
}

/// Equal to the same bytes in other types, from both sides.
macro_rules! equal {
    ($([$($generics:tt)*] $other:ty => |$name:ident| $bytes:expr;)*) => { $(
        impl<$($generics)*> PartialEq<$other> for Bytes {
            fn eq(&self, $name: &$other) -> bool {
                **self == *$bytes
            }
        }

        impl<$($generics)*> PartialEq<Bytes> for $other {
            fn eq(&self, other: &Bytes) -> bool {
                other == self
            }
        }
    )* };
}

equal! {
    [] str => |text| text.as_bytes();
    [] &str => |text| text.as_bytes();
    [] String => |text| text.as_bytes();
    [] [u8] => |bytes| bytes;
    [] &[u8] => |bytes| *bytes;
    [const N: usize] [u8; N] => |bytes| bytes.as_slice();
    [const N: usize] &[u8; N] => |bytes| bytes.as_slice();
    [] Vec<u8> => |bytes| bytes.as_slice();
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&String::from_utf8_lossy(self))
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        quote(self, f)
    }
}

/// Writes bytes as a quoted, escaped text.
pub(crate) fn quote(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "\"{}\"", bytes.escape_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_the_same_in_place_and_on_the_heap() {
        assert_eq!(size_of::<Bytes>(), 24);
        for len in (0..INLINE + 3).chain([100]) {
            let text: Vec<u8> = (1..=len as u8).collect();
            let short = Bytes::copy_short(&text);
            assert_eq!(short.is_some(), len <= INLINE);
            let short = short.unwrap_or_else(|| Bytes::copy(&text));
            let forms = [short, Bytes::copy(&text), text.clone().into(), text.clone().into_boxed_slice().into()];
            for bytes in forms {
                assert_eq!(matches!(bytes.0, Repr::Inline(..)), len <= INLINE, "{len}");
                assert_eq!((&*bytes, bytes.len()), (&*text, len));
                assert_eq!(bytes.clone(), bytes);
                assert_eq!(bytes.into_vec(), text);
            }
        }
        let (short, long) = (Bytes::from("b"), Bytes::from(vec![b'a'; 50]));
        assert!(short > long);
        assert_eq!(Bytes::default(), "");
    }
}
