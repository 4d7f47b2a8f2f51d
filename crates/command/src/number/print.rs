//! The printing of doubles, as Redis and as scripts do it.

use super::{FloatText, INT_LEN, format_int, grisu, parse_float};
use std::io::Write;

/// Room for every text of [`format_float`] and [`format_number`]; the longest have 25 bytes.
pub const FLOAT_LEN: usize = 32;

/// Prints a double as Redis 7.2 and later do wherever they store or send one as text (`d2string`).
///
/// - "nan", "inf" and "-inf"; "-0" for the negative zero.
/// - Integral values from -2^62 to 2^62 print as integers: "100000000000000000".
/// - Other values print digits that read back as the same double. They are Grisu2's, now and then
///   one digit more than the fewest possible. With n digits d and the value d * 10^k, the layout is
///   - an integer filled with zeros if 0 ≤ k and the text is at most 7 bytes longer than the
///     digits,
///   - a decimal fraction if -6 ≤ k < 0, or if k < 0 and the first digit has a place value of 10^-3
///     to 10^3,
///   - else "d.ddde+X" or "d.ddde-X" with at least one digit in the exponent: "1.5e-7", "1e+300".
pub fn format_float(value: f64, buffer: &mut [u8; FLOAT_LEN]) -> &[u8] {
    let mut text = Text { buffer, len: 0 };
    if value.is_nan() {
        return text.finish(b"nan");
    }
    if value.is_sign_negative() {
        text.push(b"-");
    }
    let value = value.abs();
    if value.is_infinite() {
        return text.finish(b"inf");
    }
    const INTEGRAL_LIMIT: f64 = (1u64 << 62) as f64;
    if value <= INTEGRAL_LIMIT && value == value.trunc() {
        return text.finish(format_int(value as i64, &mut [0; INT_LEN]));
    }
    let decimal = grisu::decimal(value);
    let (digits, k) = (decimal.digits(), decimal.exponent);
    let first = k + digits.len() as i32 - 1;
    if k >= 0 && first.abs() < digits.len() as i32 + 7 {
        text.integral(digits, k);
    } else if k < 0 && (k > -7 || first.abs() < 4) {
        text.fixed(digits, first);
    } else {
        text.scientific(digits, first, 1);
    }
    text.finish(b"")
}

/// Prints a number as scripts do (rule D3 of the language), on every backend.
///
/// - An integral value with a magnitude below 2^63 prints as an integer; both zeros print "0".
/// - Any other prints the fewest digits for which the value, correctly rounded to that many, reads
///   back as the same double. (This is the usual shortest text but for 46 powers of two, which take
///   one digit more, because `%g` cannot print their shortest text.) The layout is that of C's
///   `%.17g` and Python's `repr`: a decimal fraction if the first digit has a place value of 10^-4
///   or more ("0.0001"), else, which includes all integral values from 2^63 on, "d.ddde-XX" or
///   "d.ddde+XX" with at least two digits in the exponent: "1e-05", "9.223372036854776e+18",
///   "1e+300".
///
/// Lua gives the same text for finite numbers by `%.0f` (of `x + 0`, for the sake of the negative
/// zero) if `x == math.floor(x)` and `math.abs(x) < 2^63`, and else by the first of `%.15g`,
/// `%.16g` and `%.17g` that `tonumber` reads back as x; below 2^-1022 the search must begin at
/// `%.1g`. The language has no other numbers; "nan", "inf" and "-inf" are printed only so that this
/// function is total.
pub fn format_number(value: f64, buffer: &mut [u8; FLOAT_LEN]) -> &[u8] {
    const INTEGRAL_LIMIT: f64 = (1u64 << 63) as f64;
    if !value.is_finite() {
        return format_float(value, buffer);
    }
    let mut text = Text { buffer, len: 0 };
    if value.abs() < INTEGRAL_LIMIT && value == value.trunc() {
        return text.finish(format_int(value as i64, &mut [0; INT_LEN]));
    }
    if value < 0.0 {
        text.push(b"-");
    }
    let mut digits = [0; FLOAT_LEN];
    let (digits, first) = shortest(value.abs(), &mut digits);
    if value.abs() < INTEGRAL_LIMIT && first >= -4 {
        text.fixed(digits, first);
    } else {
        text.scientific(digits, first, 2);
    }
    text.finish(b"")
}

/// The double of the shortest text that reads back as this float: 0.1 for `0.1f32`, not 0.10000000149011612.
pub fn shortest_f32(value: f32) -> f64 {
    if !value.is_finite() {
        return value.into();
    }
    zmij::Buffer::new().format_finite(value).parse().unwrap_or_else(|_| value.into())
}

/// The digits of a positive number by the rule of [`format_number`], and the power of ten of the
/// first one.
fn shortest(value: f64, digits: &mut [u8; FLOAT_LEN]) -> (&[u8], i32) {
    // The doubles below a power of two lie twice as dense. Therefore the shortest text may be above
    // it while the decimal nearest to it is below and already reads back as another double.
    let is_power_of_two = value.is_normal() && value.to_bits() << 12 == 0;
    if is_power_of_two {
        for places in 14..=16 {
            let mut text = [0; FLOAT_LEN];
            let mut room = &mut text[..];
            if write!(room, "{value:.places$e}").is_err() {
                break;
            }
            let len = FLOAT_LEN - room.len();
            if parse_float(&text[..len]) == Some(value) {
                return significant(&text[..len], digits);
            }
        }
    }
    significant(zmij::Buffer::new().format_finite(value).as_bytes(), digits)
}

/// The digits of a decimal text without zeros on either side, and the power of ten of the first
/// one.
fn significant<'d>(text: &[u8], digits: &'d mut [u8; FLOAT_LEN]) -> (&'d [u8], i32) {
    let Some(float) = FloatText::parse(text) else {
        return (b"0", 0);
    };
    let (mut start, mut len) = (0, 0);
    for digit in float.digits().take(FLOAT_LEN) {
        start += usize::from(digit == b'0' && start == len);
        digits[len] = digit;
        len += 1;
    }
    while len > start + 1 && digits[len - 1] == b'0' {
        len -= 1;
    }
    let first = float.exponent as i32 + float.integer.len() as i32 - 1 - start as i32;
    (&digits[start..len], first)
}

/// A text that grows in a buffer. What would not fit is cut off, but nothing here is that long.
struct Text<'b> {
    buffer: &'b mut [u8; FLOAT_LEN],
    len: usize,
}

impl<'b> Text<'b> {
    fn push(&mut self, bytes: &[u8]) {
        let room = &mut self.buffer[self.len..];
        let count = bytes.len().min(room.len());
        room[..count].copy_from_slice(&bytes[..count]);
        self.len += count;
    }

    fn finish(mut self, last: &[u8]) -> &'b [u8] {
        self.push(last);
        &self.buffer[..self.len]
    }

    fn zeros(&mut self, count: i32) {
        for _ in 0..count {
            self.push(b"0");
        }
    }

    /// The digits, then `zeros` zeros.
    fn integral(&mut self, digits: &[u8], zeros: i32) {
        self.push(digits);
        self.zeros(zeros);
    }

    /// A decimal fraction; `first` is the power of ten of the first digit, and there are digits
    /// after the point.
    fn fixed(&mut self, digits: &[u8], first: i32) {
        if first < 0 {
            self.push(b"0.");
            self.zeros(-first - 1);
            self.push(digits);
        } else {
            let (whole, fraction) = digits.split_at(digits.len().min(first as usize + 1));
            self.push(whole);
            self.push(b".");
            self.push(fraction);
        }
    }

    /// Writes one digit before the point and an exponent with a sign and at least `width` digits.
    fn scientific(&mut self, digits: &[u8], first: i32, width: usize) {
        let (whole, fraction) = digits.split_at(digits.len().min(1));
        self.push(whole);
        if !fraction.is_empty() {
            self.push(b".");
            self.push(fraction);
        }
        self.push(if first < 0 { b"e-" } else { b"e+" });
        let mut buffer = [0; INT_LEN];
        let exponent = format_int(i64::from(first.abs()), &mut buffer);
        self.zeros(width as i32 - exponent.len() as i32);
        self.push(exponent);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::random_bits;
    use super::*;

    /// A value, its text as Redis 8.2 answered it to ZSCORE, and its text in scripts as Lua made it
    /// there.
    #[rustfmt::skip]
    const TEXTS: &[(f64, &str, &str)] = &[
(0.0, "0", "0"),
        (-0.0, "-0", "0"),
        (3.0, "3", "3"),
        (-3.0, "-3", "-3"),
        (0.1, "0.1", "0.1"),
        (-0.1, "-0.1", "-0.1"),
        (1.5, "1.5", "1.5"),
        (100000.0, "100000", "100000"),
        (1e17, "100000000000000000", "100000000000000000"),
        (1.2345678901234568e20, "123456789012345680000", "1.2345678901234568e+20"),
        (4.611686018427388e18, "4611686018427387904", "4611686018427387904"),
        (4.611686018427387e18, "4611686018427386880", "4611686018427386880"),
        (4.611686018427389e18, "4611686018427389000", "4611686018427388928"),
        (9.223372036854776e18, "9223372036854776000", "9.223372036854776e+18"),
        (5e18, "5e+18", "5000000000000000000"),
        (1e19, "1e+19", "1e+19"),
        (1.2e19, "1.2e+19", "1.2e+19"),
        (1.23456e20, "1.23456e+20", "1.23456e+20"),
        (1e21, "1e+21", "1e+21"),
        (1.234567e20, "1.234567e+20", "1.234567e+20"),
        (1e22, "1e+22", "1e+22"),
        (1e300, "1e+300", "1e+300"),
        (0.01, "0.01", "0.01"),
        (0.001, "0.001", "0.001"),
        (0.0001, "0.0001", "0.0001"),
        (1e-06, "0.000001", "1e-06"),
        (1e-07, "1e-7", "1e-07"),
        (1.5e-07, "1.5e-7", "1.5e-07"),
        (1.5e-05, "0.000015", "1.5e-05"),
        (1.2345e-07, "1.2345e-7", "1.2345e-07"),
        (0.000123456789, "1.23456789e-4", "0.000123456789"),
        (0.00012345678901234567, "1.2345678901234567e-4", "0.00012345678901234567"),
        (0.0012345678901234567, "0.0012345678901234567", "0.0012345678901234567"),
        (123.45678901234567, "123.45678901234567", "123.45678901234567"),
        (1e-10, "1e-10", "1e-10"),
        (5e-324, "5e-324", "5e-324"),
        (2.2250738585072014e-308, "2.2250738585072014e-308", "2.2250738585072014e-308"),
        (1.7976931348623157e308, "1.7976931348623157e+308", "1.7976931348623157e+308"),
        (-1.7976931348623157e308, "-1.7976931348623157e+308", "-1.7976931348623157e+308"),
        (f64::INFINITY, "inf", "inf"),
        (f64::NEG_INFINITY, "-inf", "-inf"),
        (5.684341886080802e-14, "5.684341886080802e-14", "5.6843418860808015e-14"),
        (7.120236347223045e-307, "7.120236347223045e-307", "7.1202363472230444e-307"),
        (57985735.295463905, "5.7985735295463905e+7", "57985735.295463905"),
        (-116327271.86635913, "-1.1632727186635913e+8", "-116327271.86635913"),
    ];

    fn float_text(value: f64) -> String {
        String::from_utf8(format_float(value, &mut [0; FLOAT_LEN]).to_vec()).unwrap()
    }

    fn number_text(value: f64) -> String {
        String::from_utf8(format_number(value, &mut [0; FLOAT_LEN]).to_vec()).unwrap()
    }

    /// Every power of two and its neighbours, and random doubles of all and of usual magnitudes.
    fn doubles() -> impl Iterator<Item = f64> {
        let powers = (0..0x7ff_u64).flat_map(|exponent| {
            let bits = exponent << 52;
            [bits.saturating_sub(1), bits, bits + 1].map(f64::from_bits)
        });
        let random = random_bits().take(50_000).map(f64::from_bits).filter(|value| value.is_finite());
        let usual =
            random_bits().take(50_000).map(|bits| (bits >> (bits % 64)) as f64 / 10f64.powi((bits >> 32) as i32 % 20));
        powers.chain(random).chain(usual).flat_map(|value| [value, -value])
    }

    #[test]
    fn prints_floats_as_recorded() {
        for &(value, float, number) in TEXTS {
            assert_eq!(float_text(value), float);
            assert_eq!(number_text(value), number);
        }
        assert_eq!(float_text(f64::NAN), "nan");
    }

    #[test]
    fn both_texts_read_back_as_the_same_double() {
        for value in doubles() {
            let text = float_text(value);
            let read = parse_float(text.as_bytes()).unwrap();
            assert_eq!(read.to_bits(), value.to_bits(), "{text}");
            let text = number_text(value);
            assert_eq!(parse_float(text.as_bytes()), Some(value), "{text}");
        }
    }

    #[test]
    fn numbers_print_the_fewest_digits_a_rounding_can_have() {
        for value in doubles().step_by(7) {
            let text = number_text(value);
            let Some(float) = FloatText::parse(text.as_bytes()) else { panic!("{text}") };
            if value == value.trunc() && value.abs() < 2f64.powi(63) {
                assert_eq!(text.parse::<i64>().unwrap(), value as i64);
                continue;
            }
            let rounded = (0..17).map(|places| format!("{value:.places$e}"));
            let fewest = rounded.into_iter().find(|text| text.parse::<f64>() == Ok(value)).unwrap();
            let fewest: String = fewest.chars().take_while(|&char| char != 'e').collect();
            let digits = String::from_utf8(float.digits().collect()).unwrap();
            let expected = fewest.replace(['-', '.'], "");
            assert_eq!(digits.trim_start_matches('0'), expected.trim_start_matches('0'), "{text}");
        }
    }
}
