//! The native code of the standard functions, in the order of their names. Arguments have been checked by the table.

use redipy_command::Result;

use crate::number;
use crate::texts::fail;
use crate::value::ops::{digits, equal, push_digits};
use crate::value::{Str, Val, json};

fn number_of(value: &Val) -> f64 {
    if let Val::Num(number) = value { *number } else { 0.0 }
}

fn text_of(value: &Val) -> &[u8] {
    if let Val::Str(text) = value { text } else { b"" }
}

pub(super) fn abs(args: &[&Val]) -> Result<Val> {
    Ok(Val::Num(number_of(args[0]).abs()))
}

pub(super) fn contains(args: &[&Val]) -> Result<Val> {
    let found = match (args[0], args[1]) {
        (Val::Str(whole), Val::Str(part)) => position(whole, part, 0).is_some(),
        (Val::List(list), part) => {
            for item in list.0.borrow().iter() {
                if equal(item, part, 0)? {
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

/// Where a byte string occurs at or after a byte position.
fn position(whole: &[u8], part: &[u8], from: usize) -> Option<usize> {
    if part.is_empty() {
        return Some(from).filter(|from| *from <= whole.len());
    }
    whole.get(from..)?.windows(part.len()).position(|window| window == part).map(|at| at + from)
}

/// Whether a byte starts a code point: all but the continuation bytes of UTF-8.
fn starts_point(byte: &u8) -> bool {
    !matches!(byte, 0x80..=0xbf)
}

fn points(text: &[u8]) -> usize {
    text.iter().filter(|byte| starts_point(byte)).count()
}

pub(super) fn find(args: &[&Val]) -> Result<Val> {
    let (whole, part) = (text_of(args[0]), text_of(args[1]));
    let from = match args.get(2) {
        None => 0,
        Some(start) => match offset(whole, number_of(start))? {
            Some(offset) => offset,
            None => return Ok(Val::None),
        },
    };
    Ok(position(whole, part, from).map_or(Val::None, |at| Val::Num(points(&whole[..at]) as f64)))
}

/// The byte position of a code point; None beyond the end.
fn offset(text: &[u8], start: f64) -> Result<Option<usize>> {
    if start.fract() != 0.0 || !start.is_finite() {
        return Err(fail("find needs a whole number to start at"));
    }
    let count = points(text);
    let start = if start < 0.0 { (start + count as f64).max(0.0) } else { start };
    if start >= count as f64 {
        return Ok(Some(text.len()).filter(|_| start == count as f64));
    }
    let mut starts = text.iter().enumerate().filter(|(_, byte)| starts_point(byte));
    Ok(starts.nth(start as usize).map(|(at, _)| at))
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

pub(super) fn join(args: &[&Val]) -> Result<Val> {
    let Val::List(list) = args[0] else { return Ok(Val::None) };
    let mut out = Vec::new();
    for (i, item) in list.0.borrow().iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(text_of(args[1]));
        }
        match item {
            Val::Str(text) => out.extend_from_slice(text),
            Val::Num(number) => push_digits(*number, &mut out)?,
            other => return Err(fail(format!("join needs number or str, not {}", other.kind()))),
        }
    }
    Ok(Val::Str(out.into()))
}

pub(super) fn len(args: &[&Val]) -> Result<Val> {
    Ok(Val::Num(match args[0] {
        Val::List(list) => list.0.borrow().len(),
        Val::Dict(dict) => dict.0.borrow().len(),
        other => points(text_of(other)),
    } as f64))
}

pub(super) fn lower(args: &[&Val]) -> Result<Val> {
    Ok(Val::Str(text_of(args[0]).to_ascii_lowercase().into()))
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

pub(super) fn split(args: &[&Val]) -> Result<Val> {
    let (mut rest, separator) = (text_of(args[0]), text_of(args[1]));
    if separator.is_empty() {
        return Err(fail("split needs a separator"));
    }
    let mut parts = Vec::new();
    while let Some(at) = position(rest, separator, 0) {
        parts.push(Val::Str(Str::from(&rest[..at])));
        rest = &rest[at + separator.len()..];
    }
    parts.push(Val::Str(Str::from(rest)));
    Ok(Val::list(parts))
}

pub(super) fn strs(args: &[&Val]) -> Result<Val> {
    let mut out = Vec::new();
    for arg in args {
        match arg {
            Val::Num(number) => push_digits(*number, &mut out)?,
            Val::Str(text) => out.extend_from_slice(text),
            other => return Err(fail(format!("strs needs number or str, not {}", other.kind()))),
        }
    }
    Ok(Val::Str(out.into()))
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

pub(super) fn upper(args: &[&Val]) -> Result<Val> {
    Ok(Val::Str(text_of(args[0]).to_ascii_uppercase().into()))
}
