//! Values of a running script as replies. The other way is in `argument.rs`.

use redipy_command::{Result, Value};

use super::room::{Room, SENT};
use super::{Val, ops};
use crate::texts::{self, fail};

impl Val {
    /// The value as a reply. Integral numbers within the range of an `i64` are integers.
    ///
    /// # Errors
    /// For a number that is not finite, what is nested too deeply, and what takes more than 1 GiB, since an item that stands
    /// at several places is copied to each.
    pub fn to_value(&self) -> Result<Value> {
        self.to_value_within(&mut Room::default())
    }

    pub(crate) fn to_value_within(&self, room: &mut Room) -> Result<Value> {
        to_value(self, 0, room)
    }
}

fn to_value(value: &Val, depth: usize, room: &mut Room) -> Result<Value> {
    Ok(match value {
        Val::None => Value::Null,
        Val::Bool(value) => Value::Bool(*value),
        Val::Num(number) => number_value(*number)?,
        Val::Str(text) => {
            room.take(text.len())?;
            Value::Bulk(text.clone().into())
        }
        Val::List(list) => {
            ops::check_depth(depth)?;
            let list = list.0.borrow();
            room.take(list.len() * SENT)?;
            let mut items = Vec::with_capacity(list.len());
            for item in list.iter() {
                items.push(to_value(item, depth + 1, room)?);
            }
            Value::Array(items)
        }
        Val::Dict(dict) => {
            ops::check_depth(depth)?;
            let dict = dict.0.borrow();
            room.take(dict.len() * 2 * SENT)?;
            let mut pairs = Vec::with_capacity(dict.len());
            for (key, value) in dict.iter() {
                room.take(key.len())?;
                pairs.push((Value::Bulk(key.clone().into()), to_value(value, depth + 1, room)?));
            }
            Value::Map(pairs)
        }
    })
}

fn number_value(number: f64) -> Result<Value> {
    const LIMIT: f64 = (1u64 << 63) as f64;
    if !number.is_finite() {
        return Err(fail(texts::NOT_FINITE));
    }
    let integral = number.trunc() == number && number.abs() < LIMIT;
    Ok(if integral { Value::Int(number as i64) } else { Value::Double(number) })
}
