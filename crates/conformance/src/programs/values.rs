//! Literals, arguments and what they are made of: small ones, huge ones, empty ones and odd ones.

use redipy_command::Value;

use crate::diff::rng::Rng;

const NUMBERS: &[f64] = &[
    0.5,
    -0.5,
    1.5,
    2.5,
    0.1,
    0.2,
    0.30000000000000004,
    -0.0,
    1e15,
    1e17,
    1e21,
    -1e21,
    1e300,
    1.7976931348623157e308,
    -1.7976931348623157e308,
    5e-324,
    2.2250738585072014e-308,
    1e-7,
    0.0001,
    123456.789,
    1e23,
    3.0000000000000004,
    4294967296.0,
    2147483647.0,
    9007199254740991.0,
    9007199254740992.0,
    -9007199254740992.0,
    9223372036854774784.0,
    9223372036854775807.0,
    -9223372036854775808.0,
    18446744073709551616.0,
    0.3333333333333333,
];

const TEXTS: &[&[u8]] = &[
    b"",
    b"a",
    b"b",
    b"abc",
    b"a,b,,c",
    b"Hello World",
    b"0",
    b"1",
    b"-1",
    b"10",
    b"3.0",
    b" 12 ",
    b"1e3",
    b"0x10",
    b"inf",
    b"nan",
    b"1_000",
    b"+5",
    b".5",
    b"5.",
    b"9007199254740993",
    b"1e400",
    b"-0",
    b"f",
    b"None",
    b"true",
    b"%d%%",
    b"\x00",
    b"\x00\xff",
    b"\xff\xfe",
    b"\xc3",
    b"line\r\nbreak\ttab",
    b"]]\\\"'--[[",
    "é".as_bytes(),
    "日本語".as_bytes(),
    "a😀b".as_bytes(),
    "e\u{301}É".as_bytes(),
    b"the quick brown fox jumps over the lazy dog",
];

const JSON: &[&str] = &[
    "null",
    "[]",
    "{}",
    "[1, 2.5, \"a\"]",
    "[[], {}, [null]]",
    "{\"a\": 1, \"b\": null}",
    "{\"a\": {\"b\": [1]}, \"\": \"\"}",
    "  true ",
    "\"\\u00e9\\n\\ud83d\\ude00\"",
    "1e5",
    "-0",
    "0.1",
    "12345678901234567890",
    "1e999",
    "[1,]",
    "{a: 1}",
    "nul",
    "",
    "\"\\ud800\"",
    "01",
    "[1] 2",
    "{\"a\": 1, \"a\": 2}",
    "\"\\x\"",
    "[0.30000000000000004, 5e-324, 1.7976931348623157e308]",
];

/// A number that is mostly small.
pub(super) fn number(rng: &mut Rng) -> Value {
    match rng.below(100) {
        0..75 => Value::Int(rng.between(-3, 6)),
        75..83 => Value::Int(rng.between(-300, 300)),
        83..95 => Value::Double(*rng.pick(NUMBERS)),
        _ => Value::Double(float(rng)),
    }
}

/// Any finite number, or one with few digits.
fn float(rng: &mut Rng) -> f64 {
    let any = f64::from_bits(rng.draw());
    if any.is_finite() && rng.percent(60) {
        return any;
    }
    rng.between(-99_999, 99_999) as f64 / 10f64.powi(rng.between(-4, 6) as i32)
}

/// Something like the text of a number.
fn digits(rng: &mut Rng) -> Vec<u8> {
    match rng.below(3) {
        0 => format!("{:?}", float(rng)).into_bytes(),
        1 => format!("{:e}", float(rng)).into_bytes(),
        _ => (0..1 + rng.below(6)).map(|_| *rng.pick(b"0012359.eE+- ")).collect(),
    }
}

/// Characters of all lengths, and bytes that are none.
fn characters(rng: &mut Rng) -> Vec<u8> {
    let parts: [&[u8]; 12] = [
        b"a",
        b"b",
        b",",
        "é".as_bytes(),
        "ß".as_bytes(),
        "日".as_bytes(),
        "😀".as_bytes(),
        b"\x80",
        b"\xff",
        b"\xe6\x97",
        b"\0",
        b"%",
    ];
    (0..rng.below(8)).flat_map(|_| rng.pick(&parts).to_vec()).collect()
}

/// A string.
pub(super) fn text(rng: &mut Rng) -> Vec<u8> {
    match rng.below(100) {
        0..30 => rng.pick(&[&b"a"[..], b"b", b"c", b"1", b"2", b"f", b""]).to_vec(),
        30..75 => rng.pick(TEXTS).to_vec(),
        75..88 => characters(rng),
        88..93 => digits(rng),
        93..96 => rng.pick(JSON).as_bytes().to_vec(),
        _ => (0..rng.below(40)).map(|_| rng.below(256) as u8).collect(),
    }
}

/// The text of a JSON value, or something that looks like one.
pub(super) fn json(rng: &mut Rng) -> Vec<u8> {
    rng.pick(JSON).as_bytes().to_vec()
}

/// A value without parts.
pub(super) fn plain(rng: &mut Rng) -> Value {
    match rng.below(10) {
        0 => Value::Null,
        1 | 2 => Value::Bool(rng.percent(50)),
        3..6 => number(rng),
        _ => Value::bulk(text(rng)),
    }
}

/// A list with this many levels of lists and dicts in it at most.
pub(super) fn list(rng: &mut Rng, depth: usize) -> Value {
    let same = rng.percent(50);
    let item = |rng: &mut Rng| if same { Value::bulk(text(rng)) } else { any(rng, depth) };
    Value::Array((0..rng.below(5)).map(|_| item(rng)).collect())
}

/// A dict with this many levels of lists and dicts in it at most.
pub(super) fn dict(rng: &mut Rng, depth: usize) -> Value {
    let key = |rng: &mut Rng| match rng.below(10) {
        0 => number(rng),
        _ => Value::bulk(text(rng)),
    };
    Value::Map((0..rng.below(4)).map(|_| (key(rng), any(rng, depth))).collect())
}

/// Any value.
pub(super) fn any(rng: &mut Rng, depth: usize) -> Value {
    match rng.below(10) {
        0 | 1 if depth > 0 => list(rng, depth - 1),
        2 if depth > 0 => dict(rng, depth - 1),
        _ => plain(rng),
    }
}

/// An argument that is refused, or nearly: deep, or an integer that is no double.
pub(super) fn extreme(rng: &mut Rng) -> Value {
    match rng.below(4) {
        0 => Value::Int((1 << 53) + rng.between(0, 2)),
        1 => Value::Double(*rng.pick(&[f64::NAN, f64::INFINITY])),
        _ => (0..85 + rng.below(10)).fold(Value::Null, |inner, _| Value::Array(vec![inner])),
    }
}
