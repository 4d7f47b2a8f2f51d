//! The value of a key, of any type: owned ([`Object`]), seen ([`View`]), and by its type ([`Stored`]).

use redipy_command::Result;
use redipy_command::number::{INT_LEN, format_int, parse_int};
use redipy_command::room::afford;

use crate::data::hash::Hash;
use crate::data::list::List;
use crate::data::packed::Item;
use crate::data::set::Set;
use crate::data::zset::ZSet;

/// A value, owned and on its way into a key or out of one.
#[derive(Debug, Clone)]
pub enum Object {
    /// A string that is the text of an integer.
    Int(i64),
    /// Any other string.
    Str(Vec<u8>),
    /// A list.
    List(List),
    /// A hash.
    Hash(Hash),
    /// A set.
    Set(Set),
    /// A sorted set.
    ZSet(ZSet),
}

/// A value, seen where it is stored.
#[derive(Debug, Clone, Copy)]
pub enum View<'a> {
    /// A string that is the text of an integer.
    Int(i64),
    /// Any other string.
    Str(&'a [u8]),
    /// A list.
    List(&'a List),
    /// A hash.
    Hash(&'a Hash),
    /// A set.
    Set(&'a Set),
    /// A sorted set.
    ZSet(&'a ZSet),
}

/// A value, seen where it is stored and can be changed. Strings are changed through the key.
#[derive(Debug)]
pub enum ViewMut<'a> {
    /// A string of either form.
    Str,
    /// A list.
    List(&'a mut List),
    /// A hash.
    Hash(&'a mut Hash),
    /// A set.
    Set(&'a mut Set),
    /// A sorted set.
    ZSet(&'a mut ZSet),
}

impl Object {
    /// A string, in the form in which it is stored.
    pub fn string(bytes: &[u8]) -> Self {
        parse_int(bytes).map_or_else(|| Object::Str(bytes.to_vec()), Object::Int)
    }
}

impl View<'_> {
    /// What TYPE says.
    pub fn type_name(self) -> &'static str {
        match self {
            View::Int(_) | View::Str(_) => "string",
            View::List(_) => "list",
            View::Hash(_) => "hash",
            View::Set(_) => "set",
            View::ZSet(_) => "zset",
        }
    }

    /// Whether freeing it takes more than some microseconds: a string that the system gets back page by page, or a
    /// collection of many elements.
    #[cold]
    pub(crate) fn is_heavy(self) -> bool {
        const BYTES: usize = 128 * 1024;
        const ELEMENTS: usize = 256;
        match self {
            View::Int(_) => false,
            View::Str(bytes) => bytes.len() >= BYTES,
            View::List(list) => list.len() >= ELEMENTS,
            View::Hash(hash) => hash.len() >= ELEMENTS,
            View::Set(set) => set.len() >= ELEMENTS,
            View::ZSet(zset) => zset.room() >= ELEMENTS,
        }
    }

    /// A copy of the value.
    ///
    /// # Errors
    /// `OOM` where there is no room for it.
    pub fn to_object(self) -> Result<Object> {
        afford(self.weight())?;
        Ok(match self {
            View::Int(int) => Object::Int(int),
            View::Str(bytes) => Object::Str(bytes.to_vec()),
            View::List(list) => Object::List(list.clone()),
            View::Hash(hash) => Object::Hash(hash.clone()),
            View::Set(set) => Object::Set(set.clone()),
            View::ZSet(zset) => Object::ZSet(zset.clone()),
        })
    }

    /// How many bytes its texts have.
    fn weight(self) -> usize {
        match self {
            View::Int(_) => 0,
            View::Str(bytes) => bytes.len(),
            View::List(list) => list.iter().map(Item::text_len).sum(),
            View::Hash(hash) => hash.iter().map(|(field, value)| field.text_len() + value.text_len()).sum(),
            View::Set(set) => set.iter().map(Item::text_len).sum(),
            View::ZSet(zset) => zset.iter(0..zset.len(), false).map(|(member, _)| member.text_len()).sum(),
        }
    }
}

/// The bytes of a string value: stored ones, or those of an integer printed into a buffer.
#[derive(Debug, Clone, Copy)]
pub enum Str<'a> {
    /// The stored bytes.
    Bytes(&'a [u8]),
    /// An integer.
    Int(i64),
}

impl Str<'_> {
    /// Shows the bytes.
    pub fn with<R>(self, see: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            Str::Bytes(bytes) => see(bytes),
            Str::Int(int) => see(format_int(int, &mut [0; INT_LEN])),
        }
    }

    /// Whether it is a text of which many are stored outside of their entries.
    #[inline]
    pub(crate) fn is_long(self) -> bool {
        matches!(self, Str::Bytes(bytes) if bytes.len() > 1024)
    }

    /// The length in bytes.
    pub fn len(self) -> usize {
        self.with(<[u8]>::len)
    }

    /// Whether there is no byte.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// A collection that a key can hold.
pub trait Stored: Sized {
    /// The collection in this view, if it is of this type.
    fn of(view: View<'_>) -> Option<&Self>;

    /// The collection in this view, if it is of this type.
    fn of_mut(view: ViewMut<'_>) -> Option<&mut Self>;

    /// An empty one.
    fn empty() -> Object;

    /// Whether there is no element, which no key holds.
    fn is_empty(&self) -> bool;
}

macro_rules! stored {
    ($($name:ident)*) => { $(
        impl Stored for $name {
            #[inline]
            fn of(view: View<'_>) -> Option<&Self> {
                if let View::$name(value) = view { Some(value) } else { None }
            }

            #[inline]
            fn of_mut(view: ViewMut<'_>) -> Option<&mut Self> {
                if let ViewMut::$name(value) = view { Some(value) } else { None }
            }

            fn empty() -> Object {
                $name::new().into()
            }

            #[inline]
            fn is_empty(&self) -> bool {
                $name::is_empty(self)
            }
        }

        impl From<$name> for Object {
            fn from(value: $name) -> Self {
                Object::$name(value)
            }
        }
    )* };
}

stored!(List Hash Set ZSet);
