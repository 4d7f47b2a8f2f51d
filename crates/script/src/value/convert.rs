//! Values of a running script as replies. The other way is in `argument.rs`.

use redipy_command::{Result, Value};

use super::{Val, ops};
use crate::texts::{self, fail};

impl Val {
    /// The value as a reply. Integral numbers within the range of an `i64` are integers.
    ///
    /// # Errors
    /// For a number that is not finite, and what is nested too deeply.
    pub fn to_value(&self) -> Result<Value> {
        to_value(self, 0)
    }
}

fn to_value(value: &Val, depth: usize) -> Result<Value> {
    Ok(match value {
        Val::None => Value::Null,
        Val::Bool(value) => Value::Bool(*value),
        Val::Num(number) => number_value(*number)?,
        Val::Str(text) => Value::Bulk(text.clone().into()),
        Val::List(list) => {
            ops::check_depth(depth)?;
            Value::Array(list.0.borrow().iter().map(|item| to_value(item, depth + 1)).collect::<Result<_>>()?)
        }
        Val::Dict(dict) => {
            ops::check_depth(depth)?;
            let pairs = dict.0.borrow();
            let pairs =
                pairs.iter().map(|(key, value)| Ok((Value::Bulk(key.clone().into()), to_value(value, depth + 1)?)));
            Value::Map(pairs.collect::<Result<_>>()?)
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
