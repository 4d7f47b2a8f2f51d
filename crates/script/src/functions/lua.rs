//! The pure functions of Lua's `math` and `string` under Lua's names, for scripts that were written for it: positions
//! count bytes and begin at 1. As there, a number can be given as its text and a text as a number; both are read and
//! printed by rule D3. Where Lua would cut a fraction off or give no number, they fail.

use std::borrow::Cow;

use redipy_command::Result;

use super::TEXT_OR_NUM;
use super::args::{number_of, text_of, whole};
use crate::number;
use crate::texts::{DIVISION, fail};
use crate::value::Val;
use crate::value::ops::digits;

/// The longest text that `string.rep` makes.
const LONGEST: f64 = 67_108_864.0;

fn number(arg: &Val, name: &str) -> Result<f64> {
    match arg {
        Val::Str(text) => number::parse(text).ok_or_else(|| fail(format!("{name} needs the text of a number"))),
        other => Ok(number_of(other)),
    }
}

fn text(arg: &Val) -> Result<Cow<'_, [u8]>> {
    match arg {
        Val::Num(number) => Ok(Cow::Owned(digits(*number)?.to_vec())),
        other => Ok(Cow::Borrowed(text_of(other))),
    }
}

/// A whole number, given or not.
fn position(arg: Option<&&Val>, default: f64, name: &str) -> Result<f64> {
    let Some(arg) = arg else { return Ok(default) };
    let number = number(arg, name)?;
    whole(number, name).map(|()| number)
}

/// Resolves a position of Lua in a text of this length, from 1; negative ones count from the end.
fn from_start(position: f64, len: f64) -> f64 {
    if position < 0.0 { (position + len + 1.0).max(0.0) } else { position }
}

/// The bytes from one position to another, which is included.
fn between(text: &[u8], first: f64, last: f64) -> &[u8] {
    let len = text.len() as f64;
    let (first, last) = (from_start(first, len).max(1.0), from_start(last, len).min(len));
    if first > last { &[] } else { &text[first as usize - 1..last as usize] }
}

/// Returns all arguments of a variadic function as numbers, which the table does not check.
fn numbers(args: &[&Val], name: &str) -> Result<Vec<f64>> {
    if let Some(wrong) = args.iter().find(|arg| !arg.kind().is(TEXT_OR_NUM)) {
        return Err(fail(format!("{name} needs {TEXT_OR_NUM}, not {}", wrong.kind())));
    }
    args.iter().map(|arg| number(arg, name)).collect()
}

pub(super) fn math_abs(args: &[&Val]) -> Result<Val> {
    Ok(Val::Num(number(args[0], "math.abs")?.abs()))
}

pub(super) fn math_ceil(args: &[&Val]) -> Result<Val> {
    Ok(Val::Num(number(args[0], "math.ceil")?.ceil()))
}

pub(super) fn math_floor(args: &[&Val]) -> Result<Val> {
    Ok(Val::Num(number(args[0], "math.floor")?.floor()))
}

pub(super) fn math_fmod(args: &[&Val]) -> Result<Val> {
    let (a, b) = (number(args[0], "math.fmod")?, number(args[1], "math.fmod")?);
    if b == 0.0 { Err(fail(DIVISION)) } else { Ok(Val::Num(a % b)) }
}

pub(super) fn math_max(args: &[&Val]) -> Result<Val> {
    let largest = numbers(args, "math.max")?.into_iter().reduce(|a, b| if b > a { b } else { a });
    Ok(largest.map_or(Val::None, Val::Num))
}

pub(super) fn math_min(args: &[&Val]) -> Result<Val> {
    let smallest = numbers(args, "math.min")?.into_iter().reduce(|a, b| if b < a { b } else { a });
    Ok(smallest.map_or(Val::None, Val::Num))
}

pub(super) fn math_sqrt(args: &[&Val]) -> Result<Val> {
    let number = number(args[0], "math.sqrt")?;
    if number < 0.0 {
        return Err(fail("math.sqrt needs a number that is not negative"));
    }
    Ok(Val::Num(number.sqrt()))
}

pub(super) fn string_byte(args: &[&Val]) -> Result<Val> {
    let text = text(args[0])?;
    let first = position(args.get(1), 1.0, "string.byte")?;
    let last = position(args.get(2), first, "string.byte")?;
    Ok(between(&text, first, last).first().map_or(Val::None, |byte| Val::Num(f64::from(*byte))))
}

pub(super) fn string_char(args: &[&Val]) -> Result<Val> {
    let byte = |code: f64| Some(code as u8).filter(|byte| f64::from(*byte) == code);
    let bytes = numbers(args, "string.char")?.into_iter().map(byte).collect::<Option<Vec<u8>>>();
    bytes.map(|bytes| Val::Str(bytes.into())).ok_or_else(|| fail("string.char needs whole numbers from 0 to 255"))
}

pub(super) fn string_len(args: &[&Val]) -> Result<Val> {
    Ok(Val::Num(text(args[0])?.len() as f64))
}

pub(super) fn string_lower(args: &[&Val]) -> Result<Val> {
    Ok(Val::Str(text(args[0])?.to_ascii_lowercase().into()))
}

pub(super) fn string_rep(args: &[&Val]) -> Result<Val> {
    let text = text(args[0])?;
    let count = position(args.get(1), 0.0, "string.rep")?.max(0.0);
    if text.len() as f64 * count > LONGEST {
        return Err(fail("string.rep is too long"));
    }
    Ok(Val::Str(if text.is_empty() { Vec::new() } else { text.repeat(count as usize) }.into()))
}

pub(super) fn string_reverse(args: &[&Val]) -> Result<Val> {
    Ok(Val::Str(text(args[0])?.iter().rev().copied().collect::<Vec<u8>>().into()))
}

pub(super) fn string_sub(args: &[&Val]) -> Result<Val> {
    let text = text(args[0])?;
    let first = position(args.get(1), 1.0, "string.sub")?;
    let last = position(args.get(2), -1.0, "string.sub")?;
    Ok(Val::Str(between(&text, first, last).into()))
}

pub(super) fn string_upper(args: &[&Val]) -> Result<Val> {
    Ok(Val::Str(text(args[0])?.to_ascii_uppercase().into()))
}
