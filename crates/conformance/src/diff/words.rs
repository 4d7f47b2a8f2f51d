//! What stands in the holes of the rules: few and colliding names, and numbers that are often at a limit.

use super::rng::Rng;

const KEYS: &[&[u8]] = &[b"k1", b"k2", b"k3", b"k4"];
const ODD_KEYS: &[&[u8]] = &[b"", b"k\x00\xff", b"k*", b"k[1]", b"1"];
const MEMBERS: &[&[u8]] = &[b"a", b"b", b"c", b"d", b"e", b"f", b"g", b"1", b"2", b"10"];
const ODD_MEMBERS: &[&[u8]] = &[
    b"",
    b"\x00\xff",
    b"-1",
    b"007",
    b"9223372036854775807",
    b"9223372036854775808",
    b"1.5",
    b"a b",
    b"A",
    b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];
const VALUES: &[&[u8]] = &[
    b"",
    b"a",
    b"abc",
    b"0",
    b"1",
    b"10",
    b"-5",
    b"3.14",
    b"007",
    b"-0",
    b"+1",
    b" 12",
    b"12 ",
    b"1e5",
    b"0x10",
    b"inf",
    b"-inf",
    b"nan",
    b"9223372036854775807",
    b"9223372036854775808",
    b"-9223372036854775808",
    b"-9223372036854775809",
    b"hello world",
    b"\x00\xff\r\n",
    b"\xc3\xa9",
    b"0.1",
    b"1e308",
    b"1e-5",
    b"123456789012345678",
    b"1.0",
    b"5.0e3",
    b"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789",
    b"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
    b"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
];
/// Lengths at which lists decide where an element goes: heads, chunks of 8 KB, and elements with a chunk of their own.
const LENGTHS: &[usize] = &[63, 64, 126, 127, 500, 2000, 4091, 4096, 8100, 8170, 8185, 8192, 8193, 9000, 16_378];
const LIMITS: &[&[u8]] = &[
    b"9223372036854775807",
    b"-9223372036854775808",
    b"9223372036854775806",
    b"-9223372036854775807",
    b"4294967296",
    b"2147483647",
    b"-2147483648",
    b"9223372036854775",
];
const BAD_NUMBERS: &[&[u8]] = &[
    b"",
    b"abc",
    b"1.5",
    b" 1",
    b"1 ",
    b"+1",
    b"01",
    b"-0",
    b"0x10",
    b"1e3",
    b"9223372036854775808",
    b"-9223372036854775809",
    b"--1",
    b"nan",
    b"\x00",
];
const FLOATS: &[&[u8]] = &[
    b"0",
    b"1",
    b"-1",
    b"1.5",
    b"-0.25",
    b"0.1",
    b"0.2",
    b"3e2",
    b"1e17",
    b"1e-7",
    b"1e21",
    b"123456789012345678",
    b"-0",
    b"+1.5",
    b".5",
    b"5.",
    b"10.50",
    b"3.0e3",
    b"5e-324",
    b"1.7976931348623157e308",
    b"0.30000000000000004",
    b"9007199254740993",
    b"2.5",
];
const ODD_FLOATS: &[&[u8]] = &[
    b"inf",
    b"-inf",
    b"+inf",
    b"INF",
    b"infinity",
    b"nan",
    b"NaN",
    b"-nan",
    b"1e400",
    b"-1e400",
    b"1e-400",
    b"0x10",
    b"0x1p3",
    b"1,5",
    b"abc",
    b"",
    b" 1",
    b"1 ",
    b"1e",
    b"1.5.5",
    b"--1",
    b"+-1",
    b"1e5000",
    b"\x00",
    b"1\x002",
    b"nan(1)",
    b"12345678901234567890123456789012345678901234567890",
];
const SCORES: &[&[u8]] = &[
    b"0",
    b"1",
    b"2",
    b"3",
    b"-1",
    b"1.5",
    b"2.5",
    b"1e3",
    b"inf",
    b"-inf",
    b"+inf",
    b"-0",
    b"0.1",
    b"1e17",
    b"123456789012",
    b"3.0",
];
const BOUNDS: &[&[u8]] = &[
    b"-inf", b"+inf", b"inf", b"0", b"1", b"2", b"3", b"(1", b"(2", b"(0", b"(inf", b"(-inf", b"1.5", b"(1.5", b"-1",
    b"abc", b"(", b"", b"nan", b"(nan", b"[1", b"1 ", b"( 1", b"1e3",
];
const LEX_BOUNDS: &[&[u8]] = &[
    b"-", b"+", b"[a", b"(a", b"[b", b"(c", b"[d", b"(f", b"[", b"(", b"[g", b"[1", b"(10", b"a", b"", b"-a", b"+x",
    b"[\xff", b"((a",
];
const PATTERNS: &[&[u8]] = &[
    b"*", b"k*", b"?", b"??", b"k[12]", b"k[^1]", b"k[1-3]", b"k[3-1]", b"[a-c]", b"\\*", b"k\\*", b"*1", b"*a*", b"",
    b"a", b"[", b"[a", b"k[", b"**", b"k1", b"[^a]", b"\\", b"a\\", b"[]", b"[]a]", b"[\\]]", b"[a-", b"*\xff", b"1*",
    b"K*",
];
/// Seconds that do not pass in a test, that have passed, or that no server takes.
const SECONDS: &[&[u8]] = &[
    b"100",
    b"1000",
    b"100000",
    b"5000",
    b"0",
    b"-1",
    b"-100",
    b"9223372036854775",
    b"9223372036854776",
    b"9000000000000",
];
const MILLIS: &[&[u8]] =
    &[b"100000", b"1000000", b"250500", b"0", b"-1", b"-5000", b"9223372036854775807", b"9000000000000000000"];
const UNIX: &[&[u8]] = &[
    b"4102444800",
    b"4102444801",
    b"5000000000",
    b"1",
    b"1000000000",
    b"0",
    b"-1",
    b"9223372036854775",
    b"9223372036854776",
    b"9223372036854775807",
];
const UNIX_MILLIS: &[&[u8]] = &[
    b"4102444800000",
    b"4102444800499",
    b"4102444800500",
    b"5000000000123",
    b"1",
    b"1000000000000",
    b"0",
    b"-1",
    b"9223372036854775806",
];
/// Words that take the place of others, to see what a command makes of them. No big negative number is
/// among them: as the count of a random command it asks for a reply of that length.
const ODD: &[&[u8]] = &[
    b"",
    b"abc",
    b"1.5",
    b"-1",
    b"0",
    b"2",
    b"9223372036854775808",
    b"9223372036854775807",
    b"NX",
    b"XX",
    b"GET",
    b"WITHSCORES",
    b"WITHVALUES",
    b"COUNT",
    b"LIMIT",
    b"LEFT",
    b"k1",
    b"k2",
    b"\x00\xff",
    b"\xff\xfe",
    b"\xc3\xa9",
    b"x\xe2\x82\r\n",
    b"(1",
    b"[a",
    b"-",
    b"+",
    b"inf",
    b"nan",
    b"FOO",
];

/// A literal word, now and then in another case.
pub(super) fn case(word: &str, rng: &mut Rng) -> Vec<u8> {
    match rng.below(20) {
        0 => word.to_ascii_lowercase().into_bytes(),
        1 => {
            let flip = |(at, byte): (usize, u8)| if at % 2 == 1 { byte.to_ascii_lowercase() } else { byte };
            word.bytes().enumerate().map(flip).collect()
        }
        _ => word.as_bytes().to_vec(),
    }
}

/// A word that fits anywhere and seldom well.
pub(super) fn odd(rng: &mut Rng) -> Vec<u8> {
    rng.pick(ODD).to_vec()
}

/// A word for this hole. With a number, one that differs from those of all other numbers.
///
/// # Panics
/// When there is no such hole: rules are part of the tests.
pub(super) fn fill(hole: &str, number: Option<usize>, rng: &mut Rng) -> Vec<u8> {
    if let Some(number) = number {
        return numbered(hole, number, rng);
    }
    if matches!(hole, "member" | "field") && rng.percent(6) {
        // One that a large collection has.
        let number = rng.below(200);
        return numbered(hole, number, rng);
    }
    let mut often = |chance: usize, usual: &[&[u8]], odd: &[&[u8]]| {
        let words = if rng.percent(chance) { usual } else { odd };
        rng.pick(words).to_vec()
    };
    match hole {
        "key" => often(97, KEYS, ODD_KEYS),
        "member" | "field" => often(88, MEMBERS, ODD_MEMBERS),
        "element" => element(rng),
        "short" => often(90, MEMBERS, &[b"", b"\x00\xff", b"\xc3\xa9", b"-1", b"ab"]),
        "packedkey" => often(100, &[b"p1", b"p2"], &[b""]),
        "value" => often(100, VALUES, VALUES),
        "float" => often(85, FLOATS, ODD_FLOATS),
        "score" => often(90, SCORES, ODD_FLOATS),
        "bound" => often(100, BOUNDS, BOUNDS),
        "lex" => often(100, LEX_BOUNDS, LEX_BOUNDS),
        "pattern" => often(100, PATTERNS, PATTERNS),
        "seconds" => often(95, SECONDS, BAD_NUMBERS),
        "millis" => often(95, MILLIS, BAD_NUMBERS),
        "unix" => often(95, UNIX, BAD_NUMBERS),
        "unixmillis" => often(95, UNIX_MILLIS, BAD_NUMBERS),
        "int" => integer(rng, -5, 20, LIMITS),
        "index" => integer(rng, -6, 8, LIMITS),
        "count" => integer(rng, -3, 6, LIMITS),
        // As the count of a random command, a big negative number asks for a reply of that length.
        "draws" => integer(
            rng,
            -12,
            12,
            &[b"-9223372036854775808", b"9223372036854775807", b"4611686018427387904", b"1000", b"-100"],
        ),
        "offset" => {
            integer(rng, -1, 12, &[b"100", b"700", b"536870912", b"9223372036854775807", b"-9223372036854775808"])
        }
        "db" => integer(rng, 0, 1, &[b"15", b"16", b"-1", b"9223372036854775807"]),
        "steps" => integer(rng, 1, 6, &[b"0", b"-1", b"100", b"9223372036854775807"]),
        "cursor" => integer(rng, 0, 0, &[b"18446744073709551615", b"18446744073709551616", b"7", b"-1"]),
        "type" => often(80, &[b"string", b"list", b"hash", b"set", b"zset"], &[b"STRING", b"stream", b"foo", b""]),
        "odd" => odd(rng),
        other => panic!("no such hole: {other}"),
    }
}

/// An element of a list: most are short, some make chunks split.
fn element(rng: &mut Rng) -> Vec<u8> {
    match rng.below(100) {
        0..60 => rng.pick(MEMBERS).to_vec(),
        60..70 => rng.pick(ODD_MEMBERS).to_vec(),
        70..80 => rng.pick(LIMITS).to_vec(),
        80..95 => vec![b'e'; rng.below(130)],
        _ => vec![b'l'; *rng.pick(LENGTHS)],
    }
}

fn integer(rng: &mut Rng, low: i64, high: i64, limits: &[&[u8]]) -> Vec<u8> {
    match rng.below(100) {
        0..90 => rng.between(low, high).to_string().into_bytes(),
        90..97 => rng.pick(limits).to_vec(),
        _ => rng.pick(BAD_NUMBERS).to_vec(),
    }
}

fn numbered(hole: &str, number: usize, rng: &mut Rng) -> Vec<u8> {
    match hole {
        // Zeros of either sign.
        "score" if number % 100 == 10 => b"-0".to_vec(),
        "score" => (number as i64 % 50 - 10).to_string().into_bytes(),
        "value" => rng.pick(VALUES).to_vec(),
        "int" => number.to_string().into_bytes(),
        "element" => element(rng),
        _ => format!("m{number}").into_bytes(),
    }
}
