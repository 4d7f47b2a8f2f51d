//! The native code of the standard functions on text. Positions are code points.

use redipy_command::Result;
use redipy_command::room::{afford, append};

use super::args::{byte_of, number_of, points, position, text_of, whole};
use crate::texts::{fail, out_of_memory};
use crate::value::ops::push_digits;
use crate::value::room::LONGEST;
use crate::value::{StrValue, Val};

pub(super) fn find(args: &[&Val]) -> Result<Val> {
    let (text, part) = (text_of(args[0]), text_of(args[1]));
    let from = match args.get(2) {
        None => 0,
        Some(start) => match offset(text, number_of(start))? {
            Some(offset) => offset,
            None => return Ok(Val::None),
        },
    };
    Ok(position(text, part, from).map_or(Val::None, |at| Val::Num(points(&text[..at]) as f64)))
}

/// The byte position at which a search starts; None beyond the end.
fn offset(text: &[u8], start: f64) -> Result<Option<usize>> {
    whole(start, "find")?;
    let count = points(text) as f64;
    let start = if start < 0.0 { (start + count).max(0.0) } else { start };
    Ok(Some(start).filter(|start| *start <= count).map(|start| byte_of(text, start as usize)))
}

pub(super) fn join(args: &[&Val]) -> Result<Val> {
    let Val::List(list) = args[0] else { return Ok(Val::None) };
    let mut out = Vec::new();
    for (i, item) in list.0.borrow().iter().enumerate() {
        if i > 0 {
            append(&mut out, text_of(args[1]))?;
        }
        if out.len() > LONGEST {
            return Err(out_of_memory());
        }
        match item {
            Val::Str(text) => append(&mut out, text)?,
            Val::Num(number) => push_digits(*number, &mut out)?,
            other => return Err(fail(format!("join needs number or str, not {}", other.kind()))),
        }
    }
    Ok(Val::Str(out.into()))
}

pub(super) fn lower(args: &[&Val]) -> Result<Val> {
    let text = text_of(args[0]);
    afford(text.len())?;
    Ok(Val::Str(text.to_ascii_lowercase().into()))
}

pub(super) fn split(args: &[&Val]) -> Result<Val> {
    let (mut rest, separator) = (text_of(args[0]), text_of(args[1]));
    if separator.is_empty() {
        return Err(fail("split needs a separator"));
    }
    let mut parts = Vec::new();
    while let Some(at) = position(rest, separator, 0) {
        afford(at)?;
        parts.push(Val::Str(StrValue::from(&rest[..at])));
        rest = &rest[at + separator.len()..];
    }
    afford(rest.len())?;
    parts.push(Val::Str(StrValue::from(rest)));
    Ok(Val::list(parts))
}

pub(super) fn strs(args: &[&Val]) -> Result<Val> {
    let mut out = Vec::new();
    for arg in args {
        match arg {
            Val::Num(number) => push_digits(*number, &mut out)?,
            Val::Str(text) => append(&mut out, text)?,
            other => return Err(fail(format!("strs needs number or str, not {}", other.kind()))),
        }
    }
    Ok(Val::Str(out.into()))
}

pub(super) fn upper(args: &[&Val]) -> Result<Val> {
    let text = text_of(args[0]);
    afford(text.len())?;
    Ok(Val::Str(text.to_ascii_uppercase().into()))
}
