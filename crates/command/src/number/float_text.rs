//! The grammar of float texts, and the rounding of what they say, for doubles and for long doubles.

/// The parts of a text that C's `strtod` reads to its end as something other than "nan".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FloatText<'a> {
    /// Set by a minus sign.
    pub negative: bool,
    /// The form of the text.
    pub form: FloatForm,
    /// The digits before the point.
    pub integer: &'a [u8],
    /// The digits after the point.
    pub fraction: &'a [u8],
    /// The written exponent: a power of ten or, of hexadecimal texts, of two. Clamped to ±10^12.
    pub exponent: i64,
    unsigned: &'a [u8],
}

/// The forms of a float text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FloatForm {
    /// "inf" or "infinity" in any case.
    Infinity,
    /// Decimal digits.
    Decimal,
    /// Hexadecimal digits after "0x".
    Hex,
}

/// A value before its rounding: `(mantissa + rest) * 2^exponent`, with `rest` in 0..1 and zero
/// unless `inexact`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unrounded {
    /// The leading bits. If `inexact`, there is at least one more than will be kept.
    pub mantissa: u128,
    /// The power of two.
    pub exponent: i64,
    /// Bits that are not zero were dropped below the mantissa.
    pub inexact: bool,
}

impl Unrounded {
    /// Rounds to nearest, ties to even, keeping `bits` bits (at most 64), or fewer if the last one
    /// would have a power of two below `lowest`. Gives the kept bits, which may have been rounded
    /// up to 2^`bits`, and their power of two.
    pub fn round(self, bits: u32, lowest: i64) -> (u128, i64) {
        if self.mantissa == 0 {
            return (0, lowest);
        }
        let length = u128::BITS - self.mantissa.leading_zeros();
        let last_bit = (self.exponent + i64::from(length) - i64::from(bits)).max(lowest);
        let (kept, dropped) = match last_bit - self.exponent {
            drop @ ..=0 => return (self.mantissa << -drop, last_bit),
            drop @ 1..=127 => (self.mantissa >> drop, self.mantissa << (128 - drop)),
            128 => (0, self.mantissa),
            _ => (0, 1),
        };
        const HALF: u128 = 1 << 127;
        let up = dropped > HALF || (dropped == HALF && (self.inexact || kept & 1 == 1));
        (kept + u128::from(up), last_bit)
    }
}

impl<'a> FloatText<'a> {
    /// Splits a text; None if `strtod` would not read all of it, or would read "nan".
    pub fn parse(text: &'a [u8]) -> Option<FloatText<'a>> {
        let (negative, unsigned) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let empty =
            FloatText { negative, form: FloatForm::Infinity, integer: b"", fraction: b"", exponent: 0, unsigned };
        if unsigned.eq_ignore_ascii_case(b"inf") || unsigned.eq_ignore_ascii_case(b"infinity") {
            return Some(empty);
        }
        let (form, mark, rest) = match unsigned {
            [b'0', b'x' | b'X', rest @ ..] => (FloatForm::Hex, b'p', rest),
            rest => (FloatForm::Decimal, b'e', rest),
        };
        let is_digit = match form {
            FloatForm::Hex => u8::is_ascii_hexdigit,
            _ => u8::is_ascii_digit,
        };
        let (integer, rest) = split_while(rest, is_digit);
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => split_while(rest, is_digit),
            rest => (&rest[..0], rest),
        };
        if integer.is_empty() && fraction.is_empty() {
            return None;
        }
        let exponent = match rest {
            [] => 0,
            [first, rest @ ..] if first.eq_ignore_ascii_case(&mark) => parse_exponent(rest)?,
            _ => return None,
        };
        Some(FloatText { form, integer, fraction, exponent, ..empty })
    }

    /// The text without its sign.
    pub(super) fn unsigned(&self) -> &'a [u8] {
        self.unsigned
    }

    /// Returns whether all digits are zeros.
    pub fn is_zero(&self) -> bool {
        self.form != FloatForm::Infinity && self.digits().all(|digit| digit == b'0')
    }

    /// Returns all digits in order, as ASCII.
    pub fn digits(&self) -> impl Iterator<Item = u8> {
        self.integer.iter().chain(self.fraction).copied()
    }

    /// The value of a hexadecimal text, without its sign.
    pub fn hex_value(&self) -> Unrounded {
        let mut value = Unrounded { mantissa: 0, exponent: self.exponent, inexact: false };
        for digit in self.digits() {
            let digit = char::from(digit).to_digit(16).unwrap_or(0);
            if value.mantissa >> 124 == 0 {
                value.mantissa = value.mantissa << 4 | u128::from(digit);
            } else {
                value.inexact |= digit != 0;
                value.exponent += 4;
            }
        }
        value.exponent -= 4 * self.fraction.len() as i64;
        value
    }
}

/// The longest prefix whose bytes all pass, and the rest.
fn split_while(text: &[u8], passes: fn(&u8) -> bool) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !passes(byte)).unwrap_or(text.len());
    text.split_at(end)
}

/// Reads what follows the "e" or "p". Clamped far beyond what can matter, so that sums with text
/// lengths are safe.
fn parse_exponent(text: &[u8]) -> Option<i64> {
    const CLAMP: i64 = 1_000_000_000_000;
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let exponent = digits.iter().fold(0, |sum, digit| (sum * 10 + i64::from(digit - b'0')).min(CLAMP));
    Some(if negative { -exponent } else { exponent })
}
