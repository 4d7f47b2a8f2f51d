//! The native code of the standard functions that make lists, and slicing.

use redipy_command::Result;
use redipy_command::room::afford;

use super::args::{byte_of, number_of, points, text_of, whole};
use crate::texts::fail;
use crate::value::room::ITEM;
use crate::value::{StrValue, Val};

/// The longest list that `range` makes.
const LONGEST_RANGE: f64 = 10_000_000.0;

pub(super) fn keys(args: &[&Val]) -> Result<Val> {
    let Val::Dict(dict) = args[0] else { return Ok(Val::None) };
    Ok(Val::list(dict.0.borrow().keys().cloned().map(Val::Str).collect()))
}

pub(super) fn values(args: &[&Val]) -> Result<Val> {
    let Val::Dict(dict) = args[0] else { return Ok(Val::None) };
    Ok(Val::list(dict.0.borrow().values().cloned().collect()))
}

pub(super) fn range(args: &[&Val]) -> Result<Val> {
    let (start, stop) = (number_of(args[0]), number_of(args[1]));
    let step = args.get(2).map_or(1.0, |step| number_of(step));
    for number in [start, stop, step] {
        whole(number, "range")?;
    }
    if step == 0.0 {
        return Err(fail("range needs a step that is not 0"));
    }
    let count = ((stop - start) / step).ceil();
    if count > LONGEST_RANGE {
        return Err(fail("range is too long"));
    }
    afford(count.max(0.0) as usize * ITEM)?;
    Ok(Val::list((0..count.max(0.0) as usize).map(|at| Val::Num(start + at as f64 * step)).collect()))
}

pub(super) fn slice(args: &[&Val]) -> Result<Val> {
    let size = match args[0] {
        Val::List(list) => list.0.borrow().len(),
        text => points(text_of(text)),
    };
    let start = bound(args[1], 0, size)?;
    let stop = args.get(2).map_or(Ok(size), |stop| bound(stop, size, size))?.max(start);
    Ok(match args[0] {
        Val::List(list) => {
            afford((stop - start) * ITEM)?;
            Val::list(list.0.borrow()[start..stop].to_vec())
        }
        text => {
            let text = text_of(text);
            let (first, last) = (byte_of(text, start), byte_of(text, stop));
            let part = &text[first..last.max(first)];
            afford(part.len())?;
            Val::Str(StrValue::from(part))
        }
    })
}

/// A bound of a slice: None is open, negative ones count from the end, and all are moved into the sequence.
fn bound(bound: &Val, open: usize, size: usize) -> Result<usize> {
    let Val::Num(number) = bound else { return Ok(open) };
    whole(*number, "slice")?;
    let from_start = if *number < 0.0 { number + size as f64 } else { *number };
    Ok(from_start.clamp(0.0, size as f64) as usize)
}
