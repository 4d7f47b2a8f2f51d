//! Number texts: how Redis 8.2 reads and prints integers and doubles, and how scripts print
//! numbers.
//!
//! The plain forms only. Score ranges (`(1.5`) and the long doubles of INCRBYFLOAT are elsewhere;
//! the latter read their texts with [`FloatText`], since both kinds accept the same grammar.

mod float_text;
mod grisu;
mod print;

pub use float_text::{FloatForm, FloatText, Unrounded};
pub use print::{FLOAT_LEN, format_float, format_number, shortest_f32};

/// The longest text of an `i64`: "-9223372036854775808".
pub const INT_LEN: usize = 20;

/// Reads an integer as strictly as Redis' `string2ll`: only the text [`format_int`] would print for
/// it.
///
/// A plus sign, spaces, leading zeros, "-0" and numbers beyond the range of `i64` are refused.
pub fn parse_int(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    match digits {
        [b'0'] if !negative => return Some(0),
        [b'1'..=b'9', ..] if digits.len() < INT_LEN => {}
        _ => return None,
    }
    // At most 19 digits, so this cannot overflow a u64.
    let mut magnitude = 0u64;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        magnitude = magnitude * 10 + u64::from(digit - b'0');
    }
    if negative { 0i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
}

/// Reads a double as Redis' `getDoubleFromObject` does, which is C's `strtod` over the whole text.
///
/// Decimal ("1", "+.5", "5.", "1e5") and hexadecimal ("0x1.8p3") texts, "inf" and "infinity" in any
/// case. Refused: the empty text, spaces on either side, "nan", and what is too large or so small
/// that it would become zero.
pub fn parse_float(text: &[u8]) -> Option<f64> {
    if let Some(value) = parse_int(text) {
        return Some(value as f64);
    }
    let float = FloatText::parse(text)?;
    let value = match float.form {
        FloatForm::Infinity => f64::INFINITY,
        FloatForm::Hex => round_hex(float.hex_value())?,
        FloatForm::Decimal => {
            let value: f64 = str::from_utf8(float.unsigned()).ok()?.parse().ok()?;
            if value.is_infinite() || (value == 0.0 && !float.is_zero()) {
                return None;
            }
            value
        }
    };
    Some(if float.negative { -value } else { value })
}

/// Rounds to the nearest double; None for what is too large or so small that it becomes zero.
fn round_hex(value: Unrounded) -> Option<f64> {
    const LAST_BIT_OF_SUBNORMALS: i64 = -1074;
    if value.mantissa == 0 {
        return Some(0.0);
    }
    let (mantissa, exponent) = value.round(53, LAST_BIT_OF_SUBNORMALS);
    if mantissa == 0 || exponent > 1023 {
        return None;
    }
    let power = if exponent < -1022 {
        f64::from_bits(1 << (exponent - LAST_BIT_OF_SUBNORMALS))
    } else {
        f64::from_bits(((exponent + 1023) as u64) << 52)
    };
    // Both factors are doubles and so is their product, unless it is too large.
    Some(mantissa as f64 * power).filter(|value| value.is_finite())
}

/// Prints an integer.
pub fn format_int(value: i64, buffer: &mut [u8; INT_LEN]) -> &[u8] {
    let mut rest = value.unsigned_abs();
    let mut start = INT_LEN;
    while rest >= 100 {
        start -= 2;
        buffer[start..start + 2].copy_from_slice(two_digits(rest % 100));
        rest /= 100;
    }
    if rest >= 10 {
        start -= 2;
        buffer[start..start + 2].copy_from_slice(two_digits(rest));
    } else {
        start -= 1;
        buffer[start] = b'0' + rest as u8;
    }
    if value < 0 {
        start -= 1;
        buffer[start] = b'-';
    }
    &buffer[start..]
}

/// The two digits of a number below 100.
fn two_digits(number: u64) -> &'static [u8] {
    const PAIRS: [[u8; 2]; 100] = {
        let mut pairs = [[b'0'; 2]; 100];
        let mut number = 0;
        while number < 100 {
            pairs[number] = [b'0' + number as u8 / 10, b'0' + number as u8 % 10];
            number += 1;
        }
        pairs
    };
    &PAIRS[number as usize % 100]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Redis 8.2 by ZADD; 7.0 answers the same.
    #[rustfmt::skip]
    const READ: &[(&[u8], Option<f64>)] = &[
        (b"inf", Some(f64::INFINITY)),
        (b"+inf", Some(f64::INFINITY)),
        (b"-Infinity", Some(f64::NEG_INFINITY)),
        (b"INFINITY", Some(f64::INFINITY)),
        (b"infi", None),
        (b"nan", None),
        (b"-nan", None),
        (b"nan(1)", None),
        (b"0x1p3", Some(8.0)),
        (b"0X1P3", Some(8.0)),
        (b"-0x1.8p1", Some(-3.0)),
        (b"+0xfF", Some(255.0)),
        (b"0x.8", Some(0.5)),
        (b"0x1.", Some(1.0)),
        (b"0x", None),
        (b"0x.", None),
        (b"0x1p", None),
        (b"0x1p+", None),
        (b"0x1p1024", None),
        (b"0x1p99999", None),
        (b"0x0p99999", Some(0.0)),
        (b"0x1p-1074", Some(5e-324)),
        (b"0x1p-1075", None),
        (b"0x1.8p-1075", Some(5e-324)),
        (b"0x1p-9999", None),
        (b"0x1.00000000000008p0", Some(1.0)),
        (b"0x1.00000000000008000000000000000000000000000001p0", Some(1.0000000000000002)),
        (b"0x1.fffffffffffff7fffp1023", Some(f64::MAX)),
        (b"0x1.fffffffffffff8p1023", None),
        (b" 1", None),
        (b"1 ", None),
        (b"\t1", None),
        (b"1e400", None),
        (b"-1e400", None),
        (b"1e-400", None),
        (b"2e-324", None),
        (b"3e-324", Some(5e-324)),
        (b"1.7976931348623157e308", Some(f64::MAX)),
        (b"1.7976931348623159e308", None),
        (b"", None),
        (b"1e5", Some(1e5)),
        (b"1E+5", Some(1e5)),
        (b"1e-5", Some(1e-5)),
        (b"1e", None),
        (b"1e+", None),
        (b".5", Some(0.5)),
        (b"5.", Some(5.0)),
        (b".", None),
        (b"-.", None),
        (b"+1", Some(1.0)),
        (b"+-1", None),
        (b"-", None),
        (b"1_0", None),
        (b"1,5", None),
        (b"1\0", None),
        (b"1\x002", None),
        (b"\0", None),
        (b"001.5", Some(1.5)),
        (b"-0", Some(-0.0)),
        (b"0e99999", Some(0.0)),
        (b"1e99999999999999999999999", None),
        (b"1e-99999999999999999999999", None),
        (b"9223372036854775807", Some(9223372036854775808.0)),
        (b"9007199254740993", Some(9007199254740992.0)),
    ];

    /// A fixed sequence of random bits.
    pub(super) fn random_bits() -> impl Iterator<Item = u64> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        std::iter::repeat_with(move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        })
    }

    #[test]
    fn reads_floats_as_recorded() {
        for &(text, expected) in READ {
            let value = parse_float(text);
            assert_eq!(value.map(f64::to_bits), expected.map(f64::to_bits), "{}", text.escape_ascii());
        }
        // Longer than any buffer of the server.
        let zeros = "0".repeat(6000);
        assert_eq!(parse_float(format!("{zeros}1").as_bytes()), Some(1.0));
        assert_eq!(parse_float(format!("1{zeros}e-6000").as_bytes()), Some(1.0));
        assert_eq!(parse_float(format!("0.{zeros}1e6001").as_bytes()), Some(1.0));
        assert_eq!(parse_float(format!("0x{zeros}1{zeros}p-24000").as_bytes()), Some(1.0));
    }

    #[test]
    fn hexadecimal_texts_are_rounded_like_decimal_ones() {
        for bits in random_bits().take(20_000) {
            // 64 bits are exact in decimal as an integer.
            let hex = format!("0x{bits:x}");
            assert_eq!(parse_float(hex.as_bytes()), Some(bits as f64), "{hex}");
            let hex = format!("-0x.{bits:016x}p{}", 64 - (bits % 40) as i32);
            let expected = -(bits as f64) / 2f64.powi((bits % 40) as i32);
            assert_eq!(parse_float(hex.as_bytes()), Some(expected), "{hex}");
        }
    }

    #[test]
    fn integers_have_exactly_one_text() {
        let edges = [0, 1, 9, 10, 99, 100, 101, 999, 1000, i64::MAX, i64::MIN, i64::MIN + 1];
        let random = random_bits().take(20_000).map(|bits| (bits as i64) >> (bits % 64));
        for value in edges.into_iter().chain(edges.map(i64::wrapping_neg)).chain(random) {
            let mut buffer = [0; INT_LEN];
            let text = format_int(value, &mut buffer);
            assert_eq!(text, value.to_string().as_bytes());
            assert_eq!(parse_int(text), Some(value));
        }
        for text in [
            "",
            "-",
            "+1",
            "-0",
            "00",
            "01",
            "-01",
            " 1",
            "1 ",
            "1.0",
            "1e3",
            "1a",
            "9223372036854775808",
            "-9223372036854775809",
            "99999999999999999999",
            "18446744073709551617",
            "--1",
            "0x1",
        ] {
            assert_eq!(parse_int(text.as_bytes()), None, "{text}");
        }
    }
}
