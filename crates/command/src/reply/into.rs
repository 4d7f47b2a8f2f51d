//! Replies that become types of the standard library.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{Fields, Members};
use crate::bytes::Bytes;
use crate::error::{Error, Kind, Result};

impl From<Bytes> for Vec<u8> {
    fn from(bytes: Bytes) -> Self {
        bytes.into_vec()
    }
}

/// The text, if it is UTF-8; [`Bytes::to_text`] reads any bytes.
impl TryFrom<Bytes> for String {
    type Error = Error;

    fn try_from(bytes: Bytes) -> Result<Self> {
        let refused = |_| Error::new(Kind::Decode, "expected text, got bytes that are not UTF-8");
        String::from_utf8(bytes.into_vec()).map_err(refused)
    }
}

impl From<Members> for Vec<Bytes> {
    fn from(members: Members) -> Self {
        members.0
    }
}

impl From<Fields> for Vec<(Bytes, Bytes)> {
    fn from(fields: Fields) -> Self {
        fields.0
    }
}

/// Collections of the same bytes, and of the texts that they are.
macro_rules! collections {
    ($($from:ident, $bytes:ty, $texts:ty, $text:expr;)*) => { $(
        impl From<$from> for $bytes {
            fn from(reply: $from) -> Self {
                reply.into_iter().collect()
            }
        }

        /// Text, if all of it is UTF-8.
        impl TryFrom<$from> for $texts {
            type Error = Error;

            fn try_from(reply: $from) -> Result<Self> {
                reply.into_iter().map($text).collect()
            }
        }
    )* };
}

fn texts((field, value): (Bytes, Bytes)) -> Result<(String, String)> {
    Ok((field.try_into()?, value.try_into()?))
}

collections! {
    Members, HashSet<Bytes>, HashSet<String>, String::try_from;
    Members, BTreeSet<Bytes>, BTreeSet<String>, String::try_from;
    Fields, HashMap<Bytes, Bytes>, HashMap<String, String>, texts;
    Fields, BTreeMap<Bytes, Bytes>, BTreeMap<String, String>, texts;
}

impl TryFrom<Members> for Vec<String> {
    type Error = Error;

    fn try_from(members: Members) -> Result<Self> {
        members.into_iter().map(String::try_from).collect()
    }
}
