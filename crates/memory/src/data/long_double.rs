//! Long doubles as INCRBYFLOAT and HINCRBYFLOAT compute with them on x86-64: reading, adding and
//! printing.
//!
//! Redis uses the 80-bit extended doubles of the x87: a sign, 64 bits of mantissa and 15 of
//! exponent. That is why 0.1 three times makes "0.3" there. Here they are computed with integers,
//! exactly and rounded once to nearest, ties to even, so that texts are equal to the server's byte
//! for byte. Which error a command answers is not decided here.

mod natural;

use natural::Natural;
use redipy_command::Bytes;
use redipy_command::number::{FloatForm, FloatText, INT_LEN, Unrounded, format_int, parse_int};

/// A long double that is not NaN.
///
/// Infinity is a value because the text "inf" is read as one; but a sum with it is always refused,
/// and so its sign does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LongDouble {
    /// Infinity of either sign.
    Infinite,
    /// A finite number.
    Finite(Finite),
}

/// The number `mantissa * 2^exponent` or its negative.
///
/// The highest bit of the mantissa is set unless the exponent is `MIN_EXPONENT`: those are the
/// denormals and zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finite {
    negative: bool,
    mantissa: u64,
    exponent: i32,
}

/// Why an increment was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncrementError {
    /// The current value is not a float.
    CurrentNotFloat,
    /// The increment is not a float.
    ByNotFloat,
    /// The sum is NaN or infinite.
    NanOrInfinity,
}

/// Redis copies a text into a buffer of 5 KiB, with a zero behind it, before it reads it.
const MAX_TEXT: usize = 5 * 1024 - 1;

const MANTISSA_BITS: u32 = 64;
const MIN_EXPONENT: i32 = -16445;
const MAX_EXPONENT: i32 = 16320;

/// Adds two float texts as INCRBYFLOAT does.
pub fn increment(current: &[u8], by: &[u8]) -> Result<Bytes, IncrementError> {
    // The sum of integers is exact, if it has 64 bits at most; most numbers are such.
    let both = parse_int(current).zip(parse_int(by));
    if let Some(sum) = both.and_then(|(current, by)| current.checked_add(by)) {
        return Ok(format_int(sum, &mut [0; INT_LEN]).into());
    }
    let current = LongDouble::parse(current).ok_or(IncrementError::CurrentNotFloat)?;
    let by = LongDouble::parse(by).ok_or(IncrementError::ByNotFloat)?;
    let sum = current.add(by).ok_or(IncrementError::NanOrInfinity)?;
    Ok(sum.to_text().into())
}

impl From<i64> for LongDouble {
    fn from(value: i64) -> LongDouble {
        let mantissa = u128::from(value.unsigned_abs());
        // An i64 has at most 64 bits: nothing is rounded and nothing overflows.
        Finite::round(value < 0, Unrounded { mantissa, exponent: 0, inexact: false })
            .map_or(LongDouble::Infinite, LongDouble::Finite)
    }
}

impl LongDouble {
    /// Reads a text as Redis' `string2ld` does, which is C's `strtold` over the whole text.
    ///
    /// Decimal and hexadecimal texts and "inf" are read. Refused are the empty text and those of
    /// 5120 bytes and more, spaces on either side, "nan", and what is too large or so small that it
    /// would become zero.
    pub fn parse(text: &[u8]) -> Option<LongDouble> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let text = FloatText::parse(text)?;
        let unrounded = match text.form {
            FloatForm::Infinity => return Some(LongDouble::Infinite),
            _ if text.is_zero() => Unrounded { mantissa: 0, exponent: 0, inexact: false },
            FloatForm::Hex => text.hex_value(),
            FloatForm::Decimal => decimal_value(&text)?,
        };
        let value = Finite::round(text.negative, unrounded)?;
        (value.mantissa != 0 || text.is_zero()).then_some(LongDouble::Finite(value))
    }

    /// Whether this is an infinity, which HINCRBYFLOAT refuses as an increment before it looks at
    /// the key.
    pub fn is_infinite(self) -> bool {
        self == LongDouble::Infinite
    }

    /// The sum, rounded to nearest; None if it is NaN or infinite.
    #[expect(clippy::should_implement_trait, reason = "an operator that gives an option would surprise")]
    pub fn add(self, other: LongDouble) -> Option<LongDouble> {
        match (self, other) {
            (LongDouble::Finite(a), LongDouble::Finite(b)) => a.add(b).map(LongDouble::Finite),
            _ => None,
        }
    }

    /// The text Redis stores: C's `%.17Lf` without trailing zeros, and "0" for what would be "-0".
    pub fn to_text(self) -> String {
        match self {
            LongDouble::Infinite => "inf".to_owned(),
            LongDouble::Finite(value) => value.to_text(),
        }
    }
}

impl Finite {
    /// None if the number is too large.
    fn round(negative: bool, value: Unrounded) -> Option<Finite> {
        let (mantissa, exponent) = value.round(MANTISSA_BITS, i64::from(MIN_EXPONENT));
        let (mantissa, exponent) = match u64::try_from(mantissa) {
            Ok(mantissa) => (mantissa, exponent),
            Err(_) => (1 << 63, exponent + 1),
        };
        let exponent = i32::try_from(exponent).ok().filter(|&exponent| exponent <= MAX_EXPONENT)?;
        Some(Finite { negative, mantissa, exponent })
    }

    fn add(self, other: Finite) -> Option<Finite> {
        let (large, small) = if self.exponent >= other.exponent { (self, other) } else { (other, self) };
        // 63 bits below the larger one, which is normalized if the exponents differ, leave room for
        // the carry above.
        let distance = large.exponent.abs_diff(small.exponent);
        let a = u128::from(large.mantissa) << 63;
        let full = u128::from(small.mantissa) << 63;
        let b = full.checked_shr(distance).unwrap_or(0);
        // What is lost there counts only as being more than nothing: one bit far below the rounded
        // ones stands for it.
        let lost = b.checked_shl(distance).unwrap_or(0) != full;
        let b = b | u128::from(lost);
        let (negative, mantissa) = if large.negative == small.negative {
            (large.negative, a + b)
        } else if a >= b {
            (large.negative, a - b)
        } else {
            (small.negative, b - a)
        };
        let exponent = i64::from(large.exponent) - 63;
        Finite::round(negative, Unrounded { mantissa, exponent, inexact: false })
    }

    fn to_text(self) -> String {
        let mut text = if self.exponent >= 0 { self.integral_text() } else { self.fraction_text() };
        if self.negative && text != "0" {
            text.insert(0, '-');
        }
        text
    }

    /// The text of the magnitude if the exponent is not negative.
    fn integral_text(self) -> String {
        if self.exponent <= 64 {
            return (u128::from(self.mantissa) << self.exponent).to_string();
        }
        let mut number = Natural::from(self.mantissa);
        number.shift_left(self.exponent.unsigned_abs() as usize);
        number.into_text()
    }

    /// The text of the magnitude, rounded to 17 places, if the exponent is negative.
    fn fraction_text(self) -> String {
        const SCALE: u128 = 10u128.pow(17);
        // Below 2^121: with a shift of 128 and more it is far below a half.
        let scaled = u128::from(self.mantissa) * SCALE;
        let rounded = match self.exponent.unsigned_abs() {
            shift @ ..128 => {
                let (kept, dropped) = (scaled >> shift, scaled << (128 - shift));
                let up = dropped > 1 << 127 || (dropped == 1 << 127 && kept & 1 == 1);
                kept + u128::from(up)
            }
            _ => 0,
        };
        let text = format!("{}.{:017}", rounded / SCALE, rounded % SCALE);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// The value of a decimal text that is not zero, without its sign; None if it is far out of range.
fn decimal_value(text: &FloatText<'_>) -> Option<Unrounded> {
    // Zeros on either side only shift the point.
    let total = text.integer.len() + text.fraction.len();
    let leading = text.digits().take_while(|&digit| digit == b'0').count();
    let trailing = trailing_zeros(text);
    let count = total.checked_sub(leading + trailing)?;
    let digits = text.digits().skip(leading).take(count);
    let exponent = text.exponent - text.fraction.len() as i64 + trailing as i64;
    // The greatest long double is about 1.2 * 10^4932; the least is about 3.6 * 10^-4951, and half
    // of it becomes zero.
    if !(-4951..=4933).contains(&(exponent + count as i64)) {
        return None;
    }
    let fives = u32::try_from(exponent.unsigned_abs()).ok()?;
    if count <= 19 && fives <= 27 {
        let digits = digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
        return Some(small_decimal_value(digits, exponent, 5u64.pow(fives)));
    }
    let mut number = Natural::from_digits(digits);
    if exponent >= 0 {
        number.multiply_by_power_of_five(fives);
        let (mantissa, below, inexact) = number.leading_bits();
        return Some(Unrounded { mantissa, exponent: exponent + below, inexact });
    }
    // Shifted so that the quotient has 66 or 67 bits.
    let mut divisor = Natural::power_of_five(fives);
    let shift = 66 - (number.bits() - divisor.bits());
    if shift >= 0 {
        number.shift_left(shift.unsigned_abs() as usize);
    } else {
        divisor.shift_left(shift.unsigned_abs() as usize);
    }
    let mantissa = number.divide(divisor, 67);
    Some(Unrounded { mantissa, exponent: exponent - shift, inexact: !number.is_zero() })
}

/// The value of `digits * 10^exponent`, given also 5^|exponent|, below 2^63.
fn small_decimal_value(digits: u64, exponent: i64, power_of_five: u64) -> Unrounded {
    if exponent >= 0 {
        let mantissa = u128::from(digits) * u128::from(power_of_five);
        return Unrounded { mantissa, exponent, inexact: false };
    }
    // With all 128 bits in use, the quotient has 65 or more.
    let dividend = u128::from(digits);
    let shift = dividend.leading_zeros();
    let (dividend, divisor) = (dividend << shift, u128::from(power_of_five));
    Unrounded { mantissa: dividend / divisor, exponent: exponent - i64::from(shift), inexact: dividend % divisor != 0 }
}

/// The number of zeros at the end of the digits.
fn trailing_zeros(text: &FloatText<'_>) -> usize {
    let zeros = |digits: &[u8]| digits.iter().rev().take_while(|&&digit| digit == b'0').count();
    let in_fraction = zeros(text.fraction);
    if in_fraction < text.fraction.len() { in_fraction } else { in_fraction + zeros(text.integer) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use IncrementError::{ByNotFloat, CurrentNotFloat, NanOrInfinity};
    use proptest::prelude::*;

    type Row = (&'static [u8], &'static [u8], Result<&'static str, IncrementError>);

    /// A value, an increment and the answer of Redis 8.2 to INCRBYFLOAT; 7.0 answers the same.
    #[rustfmt::skip]
    const RECORDED: &[Row] = &[
        (b"0.1", b"0.2", Ok("0.3")),
        (b"0.2", b"0.1", Ok("0.3")),
        (b"10.5", b"0.1", Ok("10.6")),
        (b"10.6", b"-5", Ok("5.6")),
        (b"5.0e3", b"2.0e2", Ok("5200")),
        (b"3.0", b"1.0000000000000000", Ok("4")),
        (b"1", b"1", Ok("2")),
        (b"0", b"0", Ok("0")),
        (b"-0", b"-0", Ok("0")),
        (b"-0.0", b"0", Ok("0")),
        (b"0.3", b"-0.3", Ok("0")),
        (b"1.1", b"-1.1", Ok("0")),
        (b"-0.1", b"0.1", Ok("0")),
        (b"+1", b"+.5", Ok("1.5")),
        (b"5.", b".5", Ok("5.5")),
        (b"007", b"1", Ok("8")),
        (b"1e2", b"1E-2", Ok("100.01")),
        (b"1e+2", b"0", Ok("100")),
        (b"3.3", b"1e17", Ok("100000000000000003.296875")),
        (b"3.3", b"1e18", Ok("1000000000000000003.3125")),
        (b"3.3", b"1e19", Ok("10000000000000000003")),
        (b"3.3", b"1e20", Ok("100000000000000000000")),
        (b"9223372036854775807", b"1", Ok("9223372036854775808")),
        (b"-9223372036854775808", b"-1", Ok("-9223372036854775809")),
        (b"18446744073709551615", b"1", Ok("18446744073709551616")),
        (b"18446744073709551616", b"1", Ok("18446744073709551616")),
        (b"18446744073709551617", b"0", Ok("18446744073709551616")),
        (b"18446744073709551619", b"0", Ok("18446744073709551620")),
        (b"36893488147419103233", b"0", Ok("36893488147419103232")),
        (b"36893488147419103235", b"1", Ok("36893488147419103236")),
        (b"18446744073709551616", b"-0.5", Ok("18446744073709551616")),
        (b"9223372036854775808", b"0.5", Ok("9223372036854775808")),
        (b"9223372036854775808", b"0.25", Ok("9223372036854775808")),
        (b"9223372036854775808", b"0.75", Ok("9223372036854775809")),
        (b"0.00000000000000001", b"0", Ok("0.00000000000000001")),
        (b"0.000000000000000005", b"0", Ok("0")),
        (b"0.0000000000000000050000000000000000001", b"0", Ok("0")),
        (b"0.000000000000000015", b"0", Ok("0.00000000000000002")),
        (b"0.0000000000000000149", b"0", Ok("0.00000000000000001")),
        (b"-0.000000000000000001", b"0", Ok("0")),
        (b"-1e-17", b"0", Ok("-0.00000000000000001")),
        (b"1e-30", b"-2e-30", Ok("0")),
        (b"0.99999999999999999", b"0", Ok("0.99999999999999999")),
        (b"0.999999999999999999", b"0", Ok("1")),
        (b"0.9999999999999999949", b"0", Ok("0.99999999999999999")),
        (b"3.141592653589793238462643383279502884197", b"0", Ok("3.14159265358979324")),
        (b"123456789.123456789123456789", b"0", Ok("123456789.12345678912242875")),
        (b"1234567890123.123456789123456789", b"0", Ok("1234567890123.12345683574676514")),
        (b"1e25", b"0", Ok("10000000000000000000000000")),
        (b"1e27", b"1", Ok("1000000000000000000000000000")),
        (b"1e30", b"1", Ok("1000000000000000000024696061952")),
        (b"1e100", b"0", Ok("9999999999999999999669353532207342619498699019828496079271391541752018669482644324418977840117055488")),
        (b"1.5e-4940", b"0", Ok("0")),
        (b"3.6451995318824746025e-4951", b"0", Ok("0")),
        (b"1.8225997659412373013e-4951", b"1", Ok("1")),
        (b"1.8225997659412373012e-4951", b"1", Err(CurrentNotFloat)),
        (b"1e-4951", b"0", Err(CurrentNotFloat)),
        (b"0e-99999", b"1", Ok("1")),
        (b"0e99999999999999999999", b"1", Ok("1")),
        (b"1e99999999999999999999", b"1", Err(CurrentNotFloat)),
        (b"1e-99999999999999999999", b"1", Err(CurrentNotFloat)),
        (b"0x10", b"0x.8", Ok("16.5")),
        (b"-0X1.8P+1", b"0", Ok("-3")),
        (b"0xFFFFFFFFFFFFFFFF", b"1", Ok("18446744073709551616")),
        (b"0x1.00000000000000008p0", b"-1", Ok("0")),
        (b"0x1.000000000000000080000001p0", b"0", Ok("1")),
        (b"0xffffffffffffffffffffffffffffffffffffffff", b"0", Ok("1461501637330902918203684832716283019655932542976")),
        (b"0x1p-16445", b"1", Ok("1")),
        (b"0x1p-16446", b"1", Err(CurrentNotFloat)),
        (b"0x", b"1", Err(CurrentNotFloat)),
        (b"0x1p", b"1", Err(CurrentNotFloat)),
        (b"inf", b"1", Err(NanOrInfinity)),
        (b"1", b"-Infinity", Err(NanOrInfinity)),
        (b"inf", b"-inf", Err(NanOrInfinity)),
        (b"nan", b"1", Err(CurrentNotFloat)),
        (b"1", b"nan(1)", Err(ByNotFloat)),
        (b"", b"1", Err(CurrentNotFloat)),
        (b"1", b"", Err(ByNotFloat)),
        (b" 1", b"1", Err(CurrentNotFloat)),
        (b"1 ", b"1", Err(CurrentNotFloat)),
        (b"1", b"\t1", Err(ByNotFloat)),
        (b"1\0", b"1", Err(CurrentNotFloat)),
        (b"1\n", b"1", Err(CurrentNotFloat)),
        (b"1_0", b"1", Err(CurrentNotFloat)),
        (b"1,5", b"1", Err(CurrentNotFloat)),
        (b".", b"1", Err(CurrentNotFloat)),
        (b"1e", b"1", Err(CurrentNotFloat)),
        (b"1", b"1e+", Err(ByNotFloat)),
        (b"1", b"--1", Err(ByNotFloat)),
        (b"abc", b"1", Err(CurrentNotFloat)),
        (b"abc", b"def", Err(CurrentNotFloat)),
    ];

    #[test]
    fn adds_as_recorded() {
        for &(current, by, expected) in RECORDED {
            let shown = (current.escape_ascii().to_string(), by.escape_ascii().to_string());
            assert_eq!(increment(current, by), expected.map(Bytes::from), "{shown:?}");
        }
    }

    #[test]
    fn ten_tenths_are_one() {
        let mut value = Bytes::from("0");
        for _ in 0..10 {
            value = increment(&value, b"0.1").unwrap();
        }
        assert_eq!(value, "1");
    }

    #[test]
    fn the_longest_text_has_5119_bytes() {
        let fraction = format!("0.{}", "3".repeat(5117));
        assert_eq!(increment(fraction.as_bytes(), b"0"), Ok("0.33333333333333333".into()));
        let longer = format!("{fraction}3");
        assert_eq!(increment(longer.as_bytes(), b"0"), Err(CurrentNotFloat));
    }

    #[test]
    fn the_range_ends_where_the_format_does() {
        let greatest = "0xffffffffffffffffp16320";
        let text = increment(greatest.as_bytes(), b"0").unwrap();
        assert_eq!(text.len(), 4933);
        assert!(text.starts_with(b"118973149535723176502126385303097020"));
        assert_eq!(increment(&text, b"0"), Ok(text.clone()));
        assert_eq!(increment(greatest.as_bytes(), b"0x1p16319"), Err(NanOrInfinity));
        assert_eq!(increment(greatest.as_bytes(), b"0x.ffffp16319"), Ok(text));
        assert_eq!(increment(b"0x1p16384", b"0"), Err(CurrentNotFloat));
        // Between the greatest value and the next step half of the way is rounded down.
        assert!(increment(b"1.18973149535723176505e4932", b"0").is_ok());
        assert_eq!(increment(b"1.18973149535723176506e4932", b"0"), Err(CurrentNotFloat));
    }

    #[test]
    fn the_two_ways_to_read_a_decimal_agree() {
        // A digit far behind forces the long way, and it changes the value only where it decides a
        // tie.
        for text in ["0.1", "1.5", "123456.789", "1e-20", "9.9e20", "7", "18446744073709551616"] {
            let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
            let point = if mantissa.contains('.') { "" } else { "." };
            let long = format!("{mantissa}{point}{}1e{exponent}", "0".repeat(60));
            assert_eq!(LongDouble::parse(long.as_bytes()), LongDouble::parse(text.as_bytes()), "{text}");
        }
        let tie = increment(b"18446744073709551617", b"0");
        assert_eq!(tie, Ok("18446744073709551616".into()));
        let above = increment(b"18446744073709551617.0000000000000000000000000000000001", b"0");
        assert_eq!(above, Ok("18446744073709551618".into()));
    }

    #[test]
    fn integers_convert_exactly() {
        for value in [0, 1, -1, i64::MAX, i64::MIN, 1 << 53, 10] {
            assert_eq!(LongDouble::from(value).to_text(), value.to_string());
            assert_eq!(Some(LongDouble::from(value)), LongDouble::parse(value.to_string().as_bytes()));
        }
    }

    /// Decimal texts of all magnitudes.
    fn decimal() -> impl Strategy<Value = String> {
        prop_oneof![
            "-?[0-9]{1,8}\\.[0-9]{0,8}",
            "[-+]?[0-9]{1,30}(\\.[0-9]{0,30})?(e-?[0-9]{1,2})?",
            "-?[0-9]\\.[0-9]{0,25}e-?[0-4][0-9]{3}",
            "-?0x[0-9a-f]{1,20}(\\.[0-9a-f]{0,20})?(p-?[0-9]{1,4})?",
        ]
    }

    const FRACTIONS: i64 = 1 << 40;

    proptest! {
        #[test]
        fn sums_of_integers_are_exact_while_they_fit(a: i64, b: i64) {
            let expected = (i128::from(a) + i128::from(b)).to_string();
            prop_assert_eq!(increment(a.to_string().as_bytes(), b.to_string().as_bytes()), Ok(expected.into()));
        }

        /// At most 41 bits before the point and 16 behind it: all of them are exact in 64 bits and
        /// in 17 places.
        #[test]
        fn sums_of_binary_fractions_are_exact(a in -FRACTIONS..FRACTIONS, b in -FRACTIONS..FRACTIONS, shift in 0u32..17) {
            let text = |number: i64| {
                let scale = 10i128.pow(17) >> shift;
                let scaled = i128::from(number) * scale;
                let (whole, fraction) = (scaled.abs() / 10i128.pow(17), scaled.abs() % 10i128.pow(17));
                let text = format!("{whole}.{fraction:017}");
                let sign = if number < 0 { "-" } else { "" };
                format!("{sign}{}", text.trim_end_matches('0').trim_end_matches('.'))
            };
            prop_assert_eq!(increment(text(a).as_bytes(), text(b).as_bytes()), Ok(text(a + b).into()));
        }

        #[test]
        fn the_order_of_the_two_does_not_matter(a in decimal(), b in decimal()) {
            let parsed = (LongDouble::parse(a.as_bytes()), LongDouble::parse(b.as_bytes()));
            if let (Some(x), Some(y)) = parsed {
                prop_assert_eq!(x.add(y).map(LongDouble::to_text), y.add(x).map(LongDouble::to_text));
            }
        }

        #[test]
        fn a_printed_text_is_read_again(a in decimal()) {
            if let Ok(text) = increment(a.as_bytes(), b"0").map(|sum| sum.to_text()) {
                prop_assert!(text != "-0" && !(text.contains('.') && text.ends_with(['0', '.'])), "{}", text);
                let again = increment(text.as_bytes(), b"0").map(|sum| sum.to_text());
                let exact = a.len() < 15 && !a.contains(['e', 'x']);
                prop_assert!(again.is_ok());
                if exact {
                    prop_assert_eq!(again, Ok(text));
                }
            }
        }

        /// 17 digits and a small exponent: a 53-bit sum of the same numbers is wrong by a few units
        /// at most.
        #[test]
        fn doubles_are_near(a in -1e9f64..1e9, b in -1e9f64..1e9) {
            let sum: f64 = increment(format!("{a}").as_bytes(), format!("{b}").as_bytes()).unwrap().parse().unwrap();
            prop_assert!((sum - (a + b)).abs() <= 1e-6, "{} {}", sum, a + b);
        }

        #[test]
        fn no_text_is_too_strange(a in proptest::collection::vec(any::<u8>(), 0..12), b in "[-+0-9.eExXpPinfaty]{0,12}") {
            let _ = increment(&a, b.as_bytes());
            let _ = increment(b.as_bytes(), b"1");
        }
    }
}
