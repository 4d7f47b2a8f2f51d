//! A byte string, owned: what bulk replies are.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// A byte string that reads as text easily. Up to 22 bytes are kept in place, without an allocation.
///
/// ```
/// use redipy_command::Bytes;
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
        for len in [0, 1, INLINE - 1, INLINE, INLINE + 1, 100] {
            let text = vec![b'x'; len];
            let forms = [Bytes::copy(&text), text.clone().into(), text.clone().into_boxed_slice().into()];
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
