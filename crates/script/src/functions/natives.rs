//! The native code of the standard functions that are about neither text nor lists, in the order of their names.
//! Arguments have been checked by the table.

use redipy_command::Result;

use super::args::{number_of, points, position, text_of};
use crate::number;
use crate::texts::fail;
use crate::value::ops::{Pairs, digits, same};
use crate::value::{Val, json};

pub(super) fn abs(args: &[&Val]) -> Result<Val> {
    Ok(Val::Num(number_of(args[0]).abs()))
}

pub(super) fn contains(args: &[&Val]) -> Result<Val> {
    let found = match (args[0], args[1]) {
        (Val::Str(whole), Val::Str(part)) => position(whole, part, 0).is_some(),
        (Val::List(list), part) => {
            let mut pairs = Pairs::default();
            for item in list.0.borrow().iter() {
                if same(item, part, 0, &mut pairs)? {
                    return Ok(Val::Bool(true));
                }
            }
            false
        }
        (Val::Dict(dict), Val::Str(key)) => dict.0.borrow().contains_key(&**key),
        (Val::Dict(dict), Val::Num(key)) => dict.0.borrow().contains_key(&*digits(*key)?),
        (_, part) => return Err(fail(format!("contains needs str, not {}", part.kind()))),
    };
    Ok(Val::Bool(found))
}

pub(super) fn from_json(args: &[&Val]) -> Result<Val> {
    json::parse(text_of(args[0]))
}

pub(super) fn int_str(args: &[&Val]) -> Result<Val> {
    let number = match args[0] {
        Val::Str(text) => number::parse(text).ok_or_else(|| fail("int_str needs the text of a number"))?,
        other => number_of(other),
    };
    Ok(Val::Num(number.trunc()))
}

pub(super) fn len(args: &[&Val]) -> Result<Val> {
    Ok(Val::Num(match args[0] {
        Val::List(list) => list.0.borrow().len(),
        Val::Dict(dict) => dict.0.borrow().len(),
        other => points(text_of(other)),
    } as f64))
}

pub(super) fn max(args: &[&Val]) -> Result<Val> {
    let (a, b) = (number_of(args[0]), number_of(args[1]));
    Ok(Val::Num(if b > a { b } else { a }))
}

pub(super) fn min(args: &[&Val]) -> Result<Val> {
    let (a, b) = (number_of(args[0]), number_of(args[1]));
    Ok(Val::Num(if b < a { b } else { a }))
}

pub(super) fn num(args: &[&Val]) -> Result<Val> {
    Ok(args[0].to_number())
}

pub(super) fn to_json(args: &[&Val]) -> Result<Val> {
    let mut out = Vec::new();
    json::print(args[0], &mut out, 0)?;
    Ok(Val::Str(out.into()))
}

pub(super) fn to_str(args: &[&Val]) -> Result<Val> {
    Ok(match args[0] {
        Val::None => Val::text("nil"),
        Val::Bool(value) => Val::text(if *value { "true" } else { "false" }),
        Val::Num(number) => Val::Str(digits(*number)?.into()),
        other => other.clone(),
    })
}

pub(super) fn type_str(args: &[&Val]) -> Result<Val> {
    Ok(Val::text(match args[0] {
        Val::None => "nil",
        Val::Bool(_) => "boolean",
        Val::Num(_) => "number",
        Val::Str(_) => "string",
        Val::List(_) | Val::Dict(_) => "table",
    }))
}
