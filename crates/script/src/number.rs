//! Numbers at the boundary: what is refused there, and the texts of the rest (rules D3 and D4).

use redipy_command::number::{FLOAT_LEN, format_number};

/// The largest integer up to which all integers are doubles.
const EXACT: i64 = 1 << 53;

/// The number, unless a double might not hold it.
pub(crate) fn exact(value: i64) -> Result<f64, String> {
    if (-EXACT..=EXACT).contains(&value) {
        return Ok(value as f64);
    }
    Err(format!("integer {value} is beyond 2^53 and would lose digits; pass it as a string"))
}

/// The number, unless it is NaN or infinite.
pub(crate) fn finite(value: f64) -> Result<f64, String> {
    if value.is_finite() { Ok(value) } else { Err("NaN and infinities are not allowed".to_owned()) }
}

/// Appends the text of a finite number.
pub(crate) fn push(value: f64, out: &mut Vec<u8>) {
    out.extend_from_slice(format_number(value, &mut [0; FLOAT_LEN]));
}

/// The text of a finite number.
pub(crate) fn text(value: f64) -> String {
    String::from_utf8_lossy(format_number(value, &mut [0; FLOAT_LEN])).into_owned()
}

/// Reads what C's `strtod` reads of decimal numbers, with ASCII space around it; None for anything else.
#[inline]
pub(crate) fn parse(text: &[u8]) -> Option<f64> {
    small_int(text).or_else(|| parse_any(text))
}

fn parse_any(text: &[u8]) -> Option<f64> {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let start = text.iter().position(|byte| !is_space(byte))?;
    let end = text.iter().rposition(|byte| !is_space(byte))? + 1;
    let core = &text[start..end];
    if let Some(small) = small_int(core) {
        return Some(small);
    }
    if !core.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-')) {
        return None;
    }
    std::str::from_utf8(core).ok()?.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Short runs of digits, which are most numbers in practice.
#[inline]
fn small_int(text: &[u8]) -> Option<f64> {
    if text.is_empty() || text.len() > 15 {
        return None;
    }
    let mut number = 0u64;
    for byte in text {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number * 10 + u64::from(byte - b'0');
    }
    Some(number as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_texts_are_numbers_and_nothing_else_is() {
        for (text, number) in [("12", 12.0), (" 12 \n", 12.0), ("+.5", 0.5), ("5.", 5.0), ("1e3", 1000.0), ("-0", 0.0)]
        {
            assert_eq!(parse(text.as_bytes()), Some(number), "{text:?}");
        }
        for text in ["", " ", "abc", "0x10", "inf", "nan", "1_000", "1e", ".", "1 2", "1e999", "٣", "1\0"] {
            assert_eq!(parse(text.as_bytes()), None, "{text:?}");
        }
    }
}
