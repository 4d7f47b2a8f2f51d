//! Arguments of scripts: text and bytes, numbers, lists and maps of them, times.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::time::Duration;

use crate::bytes::Bytes;
use crate::forms::ListItem;
use crate::number::shortest_f32;
use crate::reply::{Fields, Members};
use crate::value::Value;

/// An argument of a script, owned or borrowed. A `Duration` is its number of seconds; `None` is the script's None.
///
/// ```
/// # use redipy_command as redipy;
/// use redipy::{ToValue, Value};
/// use std::collections::BTreeMap;
///
/// let limits = BTreeMap::from([("day", vec![1, 2]), ("hour", vec![])]);
/// assert_eq!(limits.to_value().to_string(), r#"{"day": [1, 2], "hour": []}"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a script",
    note = "a script takes text, numbers, `bool`, `Option`, lists and maps of them, and `Duration`; what has fields is given \
            with `Value::of(&it)?`"
)]
pub trait ToValue {
    /// The value, copied.
    fn to_value(&self) -> Value;

    /// The value, without a copy where that is possible.
    fn into_value(self) -> Value
    where
        Self: Sized,
    {
        self.to_value()
    }
}

impl ToValue for Value {
    fn to_value(&self) -> Value {
        self.clone()
    }

    fn into_value(self) -> Value {
        self
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

macro_rules! values {
    ($([$($generics:tt)*] $own:ty => |$name:ident| $value:expr;)*) => { $(
        impl<$($generics)*> ToValue for $own {
            fn to_value(&self) -> Value {
                let $name = self;
                $value
            }
        }
    )* };
}

values! {
    [] str => |text| Value::bulk(text);
    [] String => |text| Value::bulk(text.as_str());
    [] Box<str> => |text| Value::bulk(&**text);
    [] Cow<'_, str> => |text| Value::bulk(&**text);
    [] [u8] => |bytes| Value::bulk(bytes);
    [const N: usize] [u8; N] => |bytes| Value::bulk(bytes);
    [] Vec<u8> => |bytes| Value::bulk(bytes.as_slice());
    [] Cow<'_, [u8]> => |bytes| Value::bulk(&**bytes);
    [] Bytes => |bytes| Value::Bulk(bytes.clone());
    [] bool => |value| Value::Bool(*value);
    [] char => |char| Value::bulk(&*char.encode_utf8(&mut [0; 4]));
    [] i8 => |int| Value::Int((*int).into());
    [] i16 => |int| Value::Int((*int).into());
    [] i32 => |int| Value::Int((*int).into());
    [] i64 => |int| Value::Int(*int);
    [] isize => |int| Value::Int(*int as i64);
    [] u8 => |int| Value::Int((*int).into());
    [] u16 => |int| Value::Int((*int).into());
    [] u32 => |int| Value::Int((*int).into());
    [] u64 => |int| unsigned(*int);
    [] usize => |int| unsigned(*int as u64);
    [] f32 => |float| Value::Double(shortest_f32(*float));
    [] f64 => |float| Value::Double(*float);
    [] Duration => |time| Value::Double(time.as_secs_f64());
    [] Members => |members| members.0.to_value();
    [] Fields => |fields| Value::Map(fields.0.iter().map(|(field, value)| (field.to_value(), value.to_value())).collect());
    [T: ToValue] Option<T> => |value| value.as_ref().map_or(Value::Null, T::to_value);
}

/// No integer of a value is above the largest `i64`: it is given as its text, which loses nothing.
fn unsigned(int: u64) -> Value {
    i64::try_from(int).map_or_else(|_| Value::bulk(int.to_string()), Value::Int)
}

macro_rules! lists {
    ($([$($generics:tt)*] $own:ty;)*) => { $(
        impl<T: ToValue + ListItem $($generics)*> ToValue for $own {
            fn to_value(&self) -> Value {
                Value::Array(self.iter().map(T::to_value).collect())
            }
        }

        impl<T: ListItem $($generics)*> ListItem for $own {}
    )* };
}

lists! {
    [, const N: usize] [T; N];
    [] Vec<T>;
    [] VecDeque<T>;
    [] BTreeSet<T>;
    [, S] HashSet<T, S>;
}

impl<T: ToValue + ListItem> ToValue for [T] {
    fn to_value(&self) -> Value {
        Value::Array(self.iter().map(T::to_value).collect())
    }
}

macro_rules! maps {
    ($([$($generics:tt)*] $own:ty;)*) => { $(
        impl<K: ToValue, V: ToValue $($generics)*> ToValue for $own {
            fn to_value(&self) -> Value {
                Value::Map(self.iter().map(|(key, value)| (key.to_value(), value.to_value())).collect())
            }
        }

        impl<K, V $($generics)*> ListItem for $own {}
    )* };
}

maps! {
    [, S] HashMap<K, V, S>;
    [] BTreeMap<K, V>;
}

impl ListItem for Value {}
impl ListItem for Members {}
impl ListItem for Fields {}
impl ListItem for Duration {}
impl<T> ListItem for Option<T> {}
