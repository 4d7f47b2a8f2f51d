//! Reading: a deserializer over a value. Keys of maps are read from their text, whatever their type is.

use std::vec::IntoIter;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::byte_list::{Byte, Nothing};
use super::failure::{Failure, Step};
use super::own;
use crate::bytes::Bytes;
use crate::number::{parse_float, parse_int};
use crate::reply::{pairs, std_types};
use crate::value::Value;

type Result<T> = std::result::Result<T, Failure>;

/// A value to read.
pub(super) struct Reader<'r> {
    value: Value,
    outermost: bool,
    /// The items that follow it in its list, of which the next is its other half where pairs come flat.
    following: Option<&'r mut IntoIter<Value>>,
}

impl Reader<'_> {
    pub(super) fn outermost(value: Value) -> Self {
        Self { value, outermost: true, following: None }
    }

    fn inside(value: Value) -> Self {
        Self { value, outermost: false, following: None }
    }

    /// Reduces the value to the shapes that reading distinguishes.
    fn plain(mut self) -> Self {
        self.value = match self.value {
            Value::NullArray => Value::Null,
            Value::BigNumber(digits) => Value::bulk(&*digits),
            Value::Verbatim(verbatim) => Value::Bulk(verbatim.text),
            Value::Push(items) => Value::Array(items),
            pairs @ Value::Pairs(_) => pairs.into_resp3(),
            other => other,
        };
        self
    }

    /// A map, from pairs as well, as RESP2 gives one. A script gives None for an empty one.
    fn map<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.plain() {
            Reader { value: value @ (Value::Null | Value::Array(_) | Value::Set(_) | Value::Map(_)), .. } => {
                Pairs::visit(pairs(value)?, visitor)
            }
            other => other.deserialize_any(visitor),
        }
    }

    /// A list, of bytes also from a string. A script gives None for an empty one.
    fn seq<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let plain = self.plain();
        match plain.value {
            Value::Null => visitor.visit_seq(Nothing),
            Value::Map(_) => Items::visit(plain.value.into_items()?, visitor),
            Value::Bulk(bytes) => Byte::visit_all(&bytes, "a string", visitor),
            Value::Status(text) => Byte::visit_all(text.as_bytes(), "a string", visitor),
            Value::Int(int) => Byte::visit_all(int.to_string().as_bytes(), "an integer", visitor),
            _ => plain.deserialize_any(visitor),
        }
    }

    /// A tuple; a pair also from two items of the list around it.
    fn tuple<'de, V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        let plain = self.plain();
        match (plain.value, plain.following) {
            (Value::Array(items), _) if len == 2 && plain.outermost && items.is_empty() => Err(Failure::no_pair()),
            (list @ (Value::Array(_) | Value::Set(_) | Value::Map(_)), _) => Items::visit(list.into_items()?, visitor),
            (first, Some(following)) if len == 2 && following.len() > 0 => {
                Items::visit([first].into_iter().chain(following.next()).collect(), visitor)
            }
            (other, _) => Reader::inside(other).deserialize_any(visitor),
        }
    }

    fn integer<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let plain = self.plain();
        match &plain.value {
            Value::Double(double) if double.fract() == 0.0 => integral(*double, visitor),
            Value::Bulk(text) => match (parse_int(text), text.as_str().and_then(|text| text.parse().ok())) {
                (Some(int), _) => visitor.visit_i64(int),
                (None, Some(int)) => visitor.visit_u64(int),
                (None, None) => plain.deserialize_any(visitor),
            },
            _ => plain.deserialize_any(visitor),
        }
    }

    /// A number, from its text too.
    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match std_types::number(&self.value) {
            Some(number) => visitor.visit_f64(number),
            None => self.deserialize_any(visitor),
        }
    }
}

/// Returns whether the items are fields of this struct and their values, in pairs or in turns, rather than its values alone.
fn has_fields(items: &[Value], fields: &[&str]) -> bool {
    let is_field = |key: &Value| match key {
        Value::Bulk(text) => text.as_str().is_some_and(|text| fields.contains(&text)),
        Value::Status(text) => fields.contains(&&**text),
        _ => false,
    };
    items.is_empty()
        || items.iter().any(|item| matches!(item, Value::Array(pair) if pair.first().is_some_and(is_field)))
        || (items.len().is_multiple_of(2) && items.iter().step_by(2).any(is_field))
}

/// An integer in the shape of a double, if one of 64 bits has its value.
fn integral<'de, V: Visitor<'de>>(double: f64, visitor: V) -> Result<V::Value> {
    // Far inside of i128, so that the conversion is exact.
    let int = if double.abs() < 2f64.powi(100) { double as i128 } else { i128::MAX };
    match (i64::try_from(int), u64::try_from(int)) {
        (Ok(int), _) => visitor.visit_i64(int),
        (_, Ok(int)) => visitor.visit_u64(int),
        _ => visitor.visit_f64(double),
    }
}

/// Returns serde's name of this shape.
fn unexpected(value: &Value) -> Unexpected<'_> {
    match value {
        Value::Null | Value::NullArray => Unexpected::Unit,
        Value::Bool(value) => Unexpected::Bool(*value),
        Value::Int(int) => Unexpected::Signed(*int),
        Value::Double(double) => Unexpected::Float(*double),
        Value::Status(text) => Unexpected::Str(text),
        Value::Bulk(bytes) => bytes.as_str().map_or(Unexpected::Bytes(bytes), Unexpected::Str),
        Value::BigNumber(digits) => Unexpected::Str(digits),
        Value::Verbatim(verbatim) => Unexpected::Bytes(&verbatim.text),
        Value::Array(_) | Value::Set(_) | Value::Push(_) | Value::Pairs(_) => Unexpected::Seq,
        Value::Map(_) => Unexpected::Map,
        Value::Error(_) => Unexpected::Other("error"),
    }
}

fn text<'de, V: Visitor<'de>>(bytes: Bytes, visitor: V) -> Result<V::Value> {
    match String::from_utf8(bytes.into_vec()) {
        Ok(text) => visitor.visit_string(text),
        Err(other) => visitor.visit_byte_buf(other.into_bytes()),
    }
}

macro_rules! integers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> { self.integer(visitor) })*
    };
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.value {
            Value::Null | Value::NullArray => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Int(int) => visitor.visit_i64(int),
            Value::Double(double) => visitor.visit_f64(double),
            Value::Status(text) => visitor.visit_str(&text),
            Value::BigNumber(digits) => visitor.visit_str(&digits),
            Value::Bulk(bytes) => text(bytes, visitor),
            Value::Verbatim(verbatim) => text(verbatim.text, visitor),
            Value::Array(items) | Value::Set(items) | Value::Push(items) => Items::visit(items, visitor),
            Value::Pairs(pairs) => Items::visit(pairs.into_iter().map(|(a, b)| vec![a, b].into()).collect(), visitor),
            Value::Map(pairs) => Pairs::visit(pairs, visitor),
            Value::Error(error) => Err(error.into()),
        }
    }

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.number(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.number(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match std_types::boolean(&self.value) {
            Some(value) => visitor.visit_bool(value),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_byte_buf(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let plain = self.plain();
        match plain.value {
            Value::Bulk(bytes) => visitor.visit_byte_buf(bytes.into_vec()),
            Value::Int(int) => visitor.visit_string(int.to_string()),
            list @ (Value::Array(_) | Value::Set(_)) => Err(Failure::invalid_type(unexpected(&list), &"a string")),
            _ => plain.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.value {
            Value::Null | Value::NullArray => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.value {
            Value::Status(_) => visitor.visit_unit(),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        match name {
            own::AS_IT_IS => own::hand_over(self.value, visitor),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        self.tuple(len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, len: usize, visitor: V) -> Result<V::Value> {
        self.tuple(len, visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.map(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let plain = self.plain();
        match &plain.value {
            // A struct whose fields may all be missing can come from None; for any other None is simply not it.
            Value::Null if plain.outermost => {
                let refused = |failure: Failure| failure.or_outermost(|| format!("expected struct {name}, got null"));
                plain.map(visitor).map_err(refused)
            }
            Value::Array(items) if has_fields(items, fields) => plain.map(visitor),
            _ => plain.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.plain().value {
            name @ (Value::Bulk(_) | Value::Status(_)) => visitor.visit_enum(Variant { name, value: None }),
            Value::Map(mut pairs) if pairs.len() == 1 => match pairs.pop() {
                Some((name, value)) => visitor.visit_enum(Variant { name, value: Some(value) }),
                None => Err(Failure::invalid_length(0, &name)),
            },
            Value::Error(error) => Err(error.into()),
            other => {
                let expected = format!("enum {name}, a string or a map with one key");
                Err(Failure::invalid_type(unexpected(&other), &expected.as_str()))
            }
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        char str string unit_struct identifier
    }
}

/// The items of a sequence, one after the other.
struct Items {
    items: IntoIter<Value>,
    at: usize,
}

impl Items {
    fn visit<'de, V: Visitor<'de>>(items: Vec<Value>, visitor: V) -> Result<V::Value> {
        let len = items.len();
        let mut items = Items { items: items.into_iter(), at: 0 };
        let read = visitor.visit_seq(&mut items)?;
        if items.items.len() > 0 {
            let expected = format!("{} items", items.at);
            return Err(Failure::invalid_length(len, &expected.as_str()));
        }
        Ok(read)
    }
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Failure;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let reader = Reader { value: item, outermost: false, following: Some(&mut self.items) };
        let read = seed.deserialize(reader).map_err(|failure| failure.at(Step::Index(self.at)))?;
        self.at += 1;
        Ok(Some(read))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The pairs of a map, one after the other.
struct Pairs {
    pairs: IntoIter<(Value, Value)>,
    /// The pair whose key was read.
    open: Option<(Value, Value)>,
}

impl Pairs {
    fn of(pairs: Vec<(Value, Value)>) -> Self {
        Self { pairs: pairs.into_iter(), open: None }
    }

    fn visit<'de, V: Visitor<'de>>(pairs: Vec<(Value, Value)>, visitor: V) -> Result<V::Value> {
        visitor.visit_map(Pairs::of(pairs))
    }
}

impl<'de> MapAccess<'de> for Pairs {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        self.open = self.pairs.next();
        let Some((key, _)) = &self.open else { return Ok(None) };
        seed.deserialize(KeyReader(key)).map(Some).map_err(|failure| failure.at(Step::of_key(key)))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value> {
        let (key, value) = self.open.take().ok_or_else(|| Failure::custom("a value was read before its key"))?;
        seed.deserialize(Reader::inside(value)).map_err(|failure| failure.at(Step::of_key(&key)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.pairs.len())
    }
}

/// A variant of an enum: its name and what it holds.
struct Variant {
    name: Value,
    value: Option<Value>,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Failure;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let variant = seed.deserialize(KeyReader(&self.name))?;
        Ok((variant, self))
    }
}

impl Variant {
    /// Reads what the variant holds.
    fn held<T>(self, read: impl FnOnce(Reader<'_>) -> Result<T>) -> Result<T> {
        let value = self.value.ok_or_else(|| Failure::invalid_type(Unexpected::UnitVariant, &"a variant with a value"));
        read(Reader::inside(value?)).map_err(|failure| failure.at(Step::of_key(&self.name)))
    }
}

impl<'de> VariantAccess<'de> for Variant {
    type Error = Failure;

    fn unit_variant(self) -> Result<()> {
        match self.value {
            None | Some(Value::Null) => Ok(()),
            Some(_) => Err(Failure::invalid_type(Unexpected::NewtypeVariant, &"the name of a variant alone")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        self.held(|reader| seed.deserialize(reader))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.held(|reader| reader.deserialize_any(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value> {
        self.held(|reader| reader.deserialize_any(visitor))
    }
}

/// The key of a map. It is borrowed, for the path in an error that its value may give.
struct KeyReader<'a>(&'a Value);

impl KeyReader<'_> {
    fn text(&self) -> Option<&str> {
        match self.0 {
            Value::Bulk(bytes) => bytes.as_str(),
            Value::Status(text) => Some(text),
            _ => None,
        }
    }

    /// A number or a boolean, from its text where it is one.
    fn scalar<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let text = self.text().unwrap_or_default();
        if let Some(int) = parse_int(text.as_bytes()) {
            return visitor.visit_i64(int);
        }
        match (text.parse::<u64>(), parse_float(text.as_bytes()), text.parse::<bool>()) {
            (Ok(int), ..) => visitor.visit_u64(int),
            (_, Some(float), _) => visitor.visit_f64(float),
            (.., Ok(value)) => visitor.visit_bool(value),
            _ => self.deserialize_any(visitor),
        }
    }
}

macro_rules! scalars {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> { self.scalar(visitor) })*
    };
}

impl<'de> Deserializer<'de> for KeyReader<'_> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match (self.text(), self.0) {
            (Some(text), _) => visitor.visit_str(text),
            (None, Value::Bulk(bytes)) => visitor.visit_bytes(bytes),
            (None, other) => Reader::inside(other.clone()).deserialize_any(visitor),
        }
    }

    scalars! {
        deserialize_bool deserialize_f32 deserialize_f64
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        match name {
            own::AS_IT_IS => own::hand_over(self.0.clone(), visitor),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        Reader::inside(self.0.clone()).deserialize_byte_buf(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        Reader::inside(self.0.clone()).deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.text() {
            Some(text) => {
                let text: StrDeserializer<'_, Failure> = text.into_deserializer();
                text.deserialize_enum(name, variants, visitor)
            }
            None => Reader::inside(self.0.clone()).deserialize_enum(name, variants, visitor),
        }
    }

    forward_to_deserialize_any! {
        char str string bytes unit unit_struct tuple tuple_struct map struct identifier ignored_any
    }
}
