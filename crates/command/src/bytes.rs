//! A byte string, owned: what bulk replies are.

use std::fmt;
use std::ops::Deref;

/// A byte string that reads as text easily.
///
/// ```
/// use redipy_command::Bytes;
///
/// let bytes = Bytes::from("42");
/// assert_eq!(bytes, "42");
/// assert_eq!(bytes.as_str(), Some("42"));
/// assert_eq!(bytes.parse::<i64>(), Ok(42));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Bytes(Box<[u8]>);

impl Bytes {
    /// A copy of these bytes.
    pub fn copy(bytes: &[u8]) -> Self {
        Bytes(bytes.into())
    }

    /// The text, if it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The text; what is not UTF-8 is replaced by `\u{FFFD}`.
    pub fn to_text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    /// Reads the text as a number or anything else that has a text form.
    ///
    /// # Errors
    /// That of the type; what is not UTF-8 is read as an empty text.
    pub fn parse<T: std::str::FromStr>(&self) -> std::result::Result<T, T::Err> {
        self.as_str().unwrap_or_default().parse()
    }

    /// The bytes, without a copy.
    pub fn into_vec(self) -> Vec<u8> {
        self.0.into_vec()
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl std::borrow::Borrow<[u8]> for Bytes {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

macro_rules! bytes_from {
    ($($from:ty => |$name:ident| $value:expr;)*) => {
        $(impl From<$from> for Bytes { fn from($name: $from) -> Self { Bytes($value) } })*
    };
}

bytes_from! {
    &str => |text| text.as_bytes().into();
    String => |text| text.into_bytes().into();
    &[u8] => |bytes| bytes.into();
    Vec<u8> => |bytes| bytes.into();
    Box<[u8]> => |bytes| bytes;
}

impl<const N: usize> From<&[u8; N]> for Bytes {
    fn from(bytes: &[u8; N]) -> Self {
        Bytes(bytes.as_slice().into())
    }
}

impl PartialEq<str> for Bytes {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

impl PartialEq<&str> for Bytes {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl PartialEq<[u8]> for Bytes {
    fn eq(&self, other: &[u8]) -> bool {
        *self.0 == *other
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        quote(&self.0, f)
    }
}

/// Writes bytes as a quoted, escaped text.
pub(crate) fn quote(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "\"{}\"", bytes.escape_ascii())
}
