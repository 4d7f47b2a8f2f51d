//! Conversions of the arguments of native functions: to a number, a text, a position in code points.

use redipy_command::Result;

use crate::texts::fail;
use crate::value::Val;

pub(super) fn number_of(value: &Val) -> f64 {
    value.as_num().unwrap_or_default()
}

pub(super) fn text_of(value: &Val) -> &[u8] {
    value.as_bytes().unwrap_or_default()
}

/// Refuses what is no position or count.
pub(super) fn whole(number: f64, function: &str) -> Result<()> {
    if number.is_finite() && number.trunc() == number {
        return Ok(());
    }
    Err(fail(format!("{function} needs whole numbers")))
}

/// Returns the position of a byte string, at or after a byte position.
pub(super) fn position(whole: &[u8], part: &[u8], from: usize) -> Option<usize> {
    if part.is_empty() {
        return Some(from).filter(|from| *from <= whole.len());
    }
    whole.get(from..)?.windows(part.len()).position(|window| window == part).map(|at| at + from)
}

/// Returns whether a byte starts a code point: all but the continuation bytes of UTF-8.
fn starts_point(byte: &u8) -> bool {
    !matches!(byte, 0x80..=0xbf)
}

pub(super) fn points(text: &[u8]) -> usize {
    text.iter().filter(|byte| starts_point(byte)).count()
}

/// The byte position of a code point; the length beyond the last.
pub(super) fn byte_of(text: &[u8], point: usize) -> usize {
    let mut starts = text.iter().enumerate().filter(|(_, byte)| starts_point(byte));
    starts.nth(point).map_or(text.len(), |(at, _)| at)
}
