//! Lists that may be byte strings: `Vec<u8>` asks for a list, and only its items say that they are bytes.

use serde::de::value::SeqDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IntoDeserializer, SeqAccess, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::failure::Failure;

type Result<T> = std::result::Result<T, Failure>;

/// The items of null: none for a list, while a string, which is a list of bytes, is not there.
pub(super) struct Nothing;

impl<'de> SeqAccess<'de> for Nothing {
    type Error = Failure;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let mut is_byte = false;
        match seed.deserialize(Probe(&mut is_byte)) {
            Err(_) if is_byte => Err(Failure::invalid_type(Unexpected::Unit, &"a string")),
            _ => Ok(None),
        }
    }
}

/// Finds out whether a byte is asked for.
struct Probe<'a>(&'a mut bool);

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value> {
        Err(Failure::new(String::new())) // seen by `Nothing` alone
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        *self.0 = true;
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// A byte of a string, which only lists of bytes can read.
pub(super) struct Byte {
    byte: u8,
    /// The name of the string in messages.
    of: &'static str,
}

impl Byte {
    pub(super) fn visit_all<'de, V: Visitor<'de>>(bytes: &[u8], of: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(SeqDeserializer::new(bytes.iter().map(|byte| Byte { byte: *byte, of })))
    }
}

impl IntoDeserializer<'_, Failure> for Byte {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Byte {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value> {
        Err(Failure::new(format!("expected an array, got {}", self.of)))
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_u8(self.byte)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
