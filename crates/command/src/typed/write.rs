//! Writing: a serializer that makes a value.

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::failure::{Failure, Step};
use crate::number::{FLOAT_LEN, format_float};
use crate::value::Value;

type Result<T> = std::result::Result<T, Failure>;

/// A serializer that builds a [`Value`].
pub(super) struct Writer;

/// The value of a variant that holds something.
fn variant(name: &'static str, value: Value) -> Value {
    Value::Map(vec![(name.into(), value)])
}

/// An integer of any width, if a value can hold it.
fn integer<T: Copy + std::fmt::Display>(int: T) -> Result<Value>
where
    i64: TryFrom<T>,
{
    let refused = |_| Failure::custom(format_args!("{int} does not fit into 64 bits signed; write it as a string"));
    i64::try_from(int).map(Value::Int).map_err(refused)
}

/// The key of a map: a string, or what has a text.
fn key<T: Serialize + ?Sized>(key: &T) -> Result<Value> {
    match key.serialize(Writer)? {
        key @ Value::Bulk(_) => Ok(key),
        Value::Int(int) => Ok(int.to_string().into()),
        Value::Bool(value) => Ok(value.to_string().into()),
        Value::Double(double) => Ok(Value::bulk(format_float(double, &mut [0; FLOAT_LEN]))),
        other => Err(Failure::custom(format_args!("expected a string as key, got {}", other.shape()))),
    }
}

macro_rules! integers {
    ($($method:ident($int:ty))*) => {
        $(fn $method(self, int: $int) -> Result<Value> { integer(int) })*
    };
}

impl Serializer for Writer {
    type Ok = Value;
    type Error = Failure;
    type SerializeSeq = Array;
    type SerializeTuple = Array;
    type SerializeTupleStruct = Array;
    type SerializeTupleVariant = Array;
    type SerializeMap = Map;
    type SerializeStruct = Map;
    type SerializeStructVariant = Map;

    integers! {
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
    }

    fn serialize_bool(self, value: bool) -> Result<Value> {
        Ok(Value::Bool(value))
    }

    fn serialize_f32(self, float: f32) -> Result<Value> {
        Ok(Value::Double(float.into()))
    }

    fn serialize_f64(self, float: f64) -> Result<Value> {
        Ok(Value::Double(float))
    }

    fn serialize_char(self, char: char) -> Result<Value> {
        Ok(Value::bulk(&*char.encode_utf8(&mut [0; 4])))
    }

    fn serialize_str(self, text: &str) -> Result<Value> {
        Ok(text.into())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Value> {
        Ok(bytes.into())
    }

    fn serialize_none(self) -> Result<Value> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<Value> {
        Ok(name.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Value> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<Value> {
        let value = value.serialize(self).map_err(|failure| failure.at(Step::Key(name.to_owned())))?;
        Ok(variant(name, value))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Array> {
        Ok(Array::new(None, len))
    }

    fn serialize_tuple(self, len: usize) -> Result<Array> {
        Ok(Array::new(None, Some(len)))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Array> {
        Ok(Array::new(None, Some(len)))
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, name: &'static str, len: usize) -> Result<Array> {
        Ok(Array::new(Some(name), Some(len)))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Map> {
        Ok(Map::new(None, len))
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Map> {
        Ok(Map::new(None, Some(len)))
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, name: &'static str, len: usize) -> Result<Map> {
        Ok(Map::new(Some(name), Some(len)))
    }
}

/// The maximal number of elements that are allocated for a claimed length.
const ROOM: usize = 1024;

/// An array that grows, perhaps that of a variant.
pub(super) struct Array {
    variant: Option<&'static str>,
    items: Vec<Value>,
}

impl Array {
    fn new(variant: Option<&'static str>, len: Option<usize>) -> Self {
        Self { variant, items: Vec::with_capacity(len.unwrap_or_default().min(ROOM)) }
    }

    fn push<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<()> {
        let failed = |failure: Failure| within(failure.at(Step::Index(self.items.len())), self.variant);
        let item = item.serialize(Writer).map_err(failed)?;
        self.items.push(item);
        Ok(())
    }

    fn value(self) -> Value {
        let items = Value::Array(self.items);
        match self.variant {
            Some(name) => variant(name, items),
            None => items,
        }
    }
}

/// The failure, seen from outside of a variant.
fn within(failure: Failure, variant: Option<&'static str>) -> Failure {
    match variant {
        Some(name) => failure.at(Step::Key(name.to_owned())),
        None => failure,
    }
}

/// A map that grows, perhaps that of a variant.
pub(super) struct Map {
    variant: Option<&'static str>,
    pairs: Vec<(Value, Value)>,
    /// The key whose value comes next.
    key: Value,
}

impl Map {
    fn new(variant: Option<&'static str>, len: Option<usize>) -> Self {
        Self { variant, pairs: Vec::with_capacity(len.unwrap_or_default().min(ROOM)), key: Value::Null }
    }

    fn push<T: Serialize + ?Sized>(&mut self, key: Value, value: &T) -> Result<()> {
        let failed = |failure: Failure| within(failure.at(Step::of_key(&key)), self.variant);
        let value = value.serialize(Writer).map_err(failed)?;
        self.pairs.push((key, value));
        Ok(())
    }

    fn value(self) -> Value {
        let pairs = Value::Map(self.pairs);
        match self.variant {
            Some(name) => variant(name, pairs),
            None => pairs,
        }
    }
}

impl SerializeMap for Map {
    type Ok = Value;
    type Error = Failure;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, own: &T) -> Result<()> {
        self.key = key(own)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let key = std::mem::replace(&mut self.key, Value::Null);
        self.push(key, value)
    }

    fn end(self) -> Result<Value> {
        Ok(self.value())
    }
}

macro_rules! arrays {
    ($($kind:ident::$method:ident)*) => {
        $(impl $kind for Array {
            type Ok = Value;
            type Error = Failure;

            fn $method<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<()> {
                self.push(item)
            }

            fn end(self) -> Result<Value> {
                Ok(self.value())
            }
        })*
    };
}

arrays! {
    SerializeSeq::serialize_element
    SerializeTuple::serialize_element
    SerializeTupleStruct::serialize_field
    SerializeTupleVariant::serialize_field
}

macro_rules! structs {
    ($($kind:ident)*) => {
        $(impl $kind for Map {
            type Ok = Value;
            type Error = Failure;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
                self.push(name.into(), value)
            }

            fn end(self) -> Result<Value> {
                Ok(self.value())
            }
        })*
    };
}

structs! { SerializeStruct SerializeStructVariant }
