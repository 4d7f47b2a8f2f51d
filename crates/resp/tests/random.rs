//! Random replies and requests, whole, cut and broken: against another implementation, the crate `redis-protocol`, and round
//! through both protocols.
//!
//! `REDIPY_DIFF_SEED` and `REDIPY_DIFF_COUNT` make the runs others, and longer.

use std::collections::{BTreeMap, BTreeSet};

use redipy_command::number::{FLOAT_LEN, format_float};
use redipy_command::{Error, Value, ValueSink, Verbatim};
use redipy_conformance::diff::Plan;
use redipy_conformance::diff::rng::Rng;
use redipy_resp::{
    Incoming, Parsed, Protocol, ReplyReader, RequestLimits, RequestParser, Tokenizer, Writer, split_args, write_command,
};
use redis_protocol::{resp2, resp3};

/// How many replies and requests a run has.
const COUNT: u64 = 3_000;

/// Calls with a fresh source of randomness, again and again, and says which one it was that failed.
fn each(mut test: impl FnMut(&mut Rng)) {
    let plan = Plan::from_env(COUNT);
    let mut seeds = Rng::new(plan.seed);
    for _ in 0..plan.count {
        let seed = seeds.draw();
        let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(&mut Rng::new(seed)))).is_err();
        assert!(!failed, "REDIPY_DIFF_SEED={} in the run, {seed} of its own", plan.seed);
    }
}

/// The beginning of a text that says what failed.
fn begin(bytes: &[u8]) -> String {
    bytes[..bytes.len().min(600)].escape_ascii().to_string()
}

fn bytes(rng: &mut Rng) -> Vec<u8> {
    const PARTS: [&[u8]; 10] =
        [b"a", b"OK", b"\r\n", b"\n", b"\r", b"\0", b"\xff", b"$-1\r\n", b" ", "\u{e9}".as_bytes()];
    match rng.below(40) {
        0 => b"x".repeat(rng.below(70_000)),
        _ => (0..rng.below(6)).flat_map(|_| rng.pick(&PARTS).to_vec()).collect(),
    }
}

fn line(rng: &mut Rng) -> String {
    String::from_utf8_lossy(&bytes(rng)).into_owned()
}

fn scalar(rng: &mut Rng) -> Value {
    const DOUBLES: [f64; 9] = [0.0, -0.0, 1.5, -3.0, 1e300, 5e-324, f64::INFINITY, f64::NEG_INFINITY, 0.1];
    match rng.below(12) {
        0 => Value::Null,
        1 => Value::NullArray,
        2 => Value::Bool(rng.percent(50)),
        3 => Value::Int(*rng.pick(&[0, 9, 10, -1, i64::MIN, i64::MAX, 1_234_567_890])),
        4 => Value::Int(rng.draw() as i64),
        5 => Value::Double(*rng.pick(&DOUBLES)),
        6 => Value::BigNumber(format!("{}{}", rng.pick(&["", "-"]), u128::MAX / (rng.draw() as u128 | 1)).into()),
        7 => Value::Status(line(rng).into()),
        8 => Value::Verbatim(Box::new(Verbatim { format: *rng.pick(&[*b"txt", *b"mkd"]), text: bytes(rng).into() })),
        9 => Value::Error(Error::reply_bytes([b"ERR ", &*bytes(rng)].concat())),
        _ => Value::Bulk(bytes(rng).into()),
    }
}

fn value(rng: &mut Rng, depth: usize) -> Value {
    let len = rng.below(5);
    let each = |rng: &mut Rng| (0..len).map(|_| value(rng, depth - 1)).collect();
    // Not every value can be a key for everybody, and a key that comes twice stands for different things.
    let key = |rng: &mut Rng, at: usize| Value::bulk([&*bytes(rng), at.to_string().as_bytes()].concat());
    let pairs = |rng: &mut Rng| (0..len).map(|at| (key(rng, at), value(rng, depth - 1))).collect();
    match rng.below(8) {
        0 | 1 if depth > 0 => Value::Array(each(rng)),
        2 if depth > 0 => Value::Set((0..len).map(|_| Value::Bulk(bytes(rng).into())).collect()),
        3 if depth > 0 => Value::Map(pairs(rng)),
        4 if depth > 0 => Value::Pairs(pairs(rng)),
        _ => scalar(rng),
    }
}

fn written(value: &Value, protocol: Protocol) -> Vec<u8> {
    let mut out = Vec::new();
    value.clone().show(&mut Writer::new(&mut out, protocol));
    out
}

/// The first reply, and how long it is; none if it is cut, an error if it is none.
fn read(bytes: &[u8]) -> Result<Option<(Value, usize)>, String> {
    let (mut tokens, mut sink, mut at) = (Tokenizer::default(), ValueSink::exact(), 0);
    while let Some((token, used)) = tokens.next(&bytes[at..]).map_err(|error| error.to_string())? {
        at += used;
        token.show(&mut sink);
        if tokens.amid().is_none() {
            return Ok(sink.take().map(|value| (value, at)));
        }
    }
    Ok(None)
}

fn clean(text: &[u8]) -> Vec<u8> {
    text.iter().map(|byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { *byte }).collect()
}

fn clean_text(text: &str) -> Value {
    Value::Status(String::from_utf8_lossy(&clean(text.as_bytes())).into_owned().into())
}

/// What is read of a value that was written in this protocol.
fn expected(value: Value, protocol: Protocol) -> Value {
    let each = |items: Vec<Value>| items.into_iter().map(|item| expected(item, protocol)).collect::<Vec<_>>();
    let flat = |pairs: Vec<(Value, Value)>| each(pairs.into_iter().flat_map(|(one, other)| [one, other]).collect());
    let in_resp2 = protocol == Protocol::Resp2;
    match value {
        Value::NullArray if !in_resp2 => Value::Null,
        Value::Bool(bool) if in_resp2 => Value::Int(bool.into()),
        Value::Double(double) if in_resp2 => Value::bulk(format_float(double, &mut [0; FLOAT_LEN])),
        Value::BigNumber(digits) if in_resp2 => Value::bulk(digits.as_bytes()),
        Value::Verbatim(verbatim) if in_resp2 => Value::Bulk(verbatim.text),
        Value::Status(text) => clean_text(&text),
        Value::Error(error) => Value::Error(Error::reply_bytes(clean(error.message_bytes()))),
        Value::Array(items) => Value::Array(each(items)),
        Value::Set(items) => {
            if in_resp2 {
                Value::Array(each(items))
            } else {
                Value::Set(each(items))
            }
        }
        Value::Push(items) => {
            if in_resp2 {
                Value::Array(each(items))
            } else {
                Value::Push(each(items))
            }
        }
        Value::Map(pairs) | Value::Pairs(pairs) if in_resp2 => Value::Array(flat(pairs)),
        Value::Map(pairs) => Value::Map(both(pairs, |item| expected(item, protocol))),
        Value::Pairs(pairs) => {
            let pair = |(one, other)| Value::Array(vec![expected(one, protocol), expected(other, protocol)]);
            Value::Array(pairs.into_iter().map(pair).collect())
        }
        scalar => scalar,
    }
}

fn both(pairs: Vec<(Value, Value)>, map: impl Fn(Value) -> Value) -> Vec<(Value, Value)> {
    pairs.into_iter().map(|(key, value)| (map(key), map(value))).collect()
}

#[test]
fn every_value_comes_back_through_both_protocols() {
    each(|rng| {
        let value = value(rng, 4);
        let value = if rng.percent(10) { Value::Push(vec![value]) } else { value };
        for protocol in [Protocol::Resp2, Protocol::Resp3] {
            let bytes = written(&value, protocol);
            let expected = expected(value.clone(), protocol);
            assert_eq!(read(&bytes), Ok(Some((expected, bytes.len()))), "{protocol:?}: {}", begin(&bytes));
        }
    });
}

/// All that a reader finds in bytes that come in two pieces.
fn read_cut(bytes: &[u8], cut: usize) -> Vec<Result<Incoming, String>> {
    let (mut reader, mut all) = (ReplyReader::default(), Vec::new());
    for mut piece in [&bytes[..cut], &bytes[cut..]] {
        while !piece.is_empty() {
            let room = reader.room().unwrap();
            let count = room.len().min(piece.len());
            room[..count].copy_from_slice(&piece[..count]);
            reader.filled(count);
            piece = &piece[count..];
            loop {
                match reader.read() {
                    Ok(None) => break,
                    Ok(Some(incoming)) => all.push(Ok(incoming)),
                    Err(error) => {
                        all.push(Err(error.to_string()));
                        return all;
                    }
                }
            }
        }
    }
    all
}

/// Changes a few bytes.
fn broken(rng: &mut Rng, mut bytes: Vec<u8>) -> Vec<u8> {
    for _ in 0..rng.below(4) {
        let at = rng.below(bytes.len() + 1);
        let other = *rng.pick(b"\r\n0123456789-+$*:%~>|=!,#_(;.?tfxinae \0\xff");
        match rng.below(3) {
            0 => bytes.insert(at, other),
            _ if at == bytes.len() => {}
            1 => bytes[at] = other,
            _ => {
                bytes.remove(at);
            }
        }
    }
    bytes
}

fn some_replies(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..=rng.below(3) {
        if rng.percent(10) {
            bytes.extend_from_slice(b"|1\r\n+ttl\r\n*2\r\n:1\r\n$1\r\na\r\n");
        }
        let protocol = *rng.pick(&[Protocol::Resp2, Protocol::Resp3]);
        bytes.extend(written(&value(rng, 3), protocol));
    }
    bytes
}

/// NaN is not the same as itself.
fn shown(all: &[Result<Incoming, String>]) -> String {
    format!("{all:?}")
}

#[test]
fn replies_are_the_same_wherever_they_are_cut() {
    each(|rng| {
        let bytes = some_replies(rng);
        let bytes = broken(rng, bytes);
        let whole = shown(&read_cut(&bytes, bytes.len()));
        let step = bytes.len() / 200 + 1;
        for cut in (0..bytes.len()).step_by(step) {
            assert_eq!(shown(&read_cut(&bytes, cut)), whole, "{} cut at {cut}", begin(&bytes));
        }
    });
}

/// A reply in a form that both implementations can be put into: elements of sets and maps are sorted, and each is there once.
fn ours(value: &Value) -> String {
    let all = |items: &[Value]| items.iter().map(ours).collect::<Vec<_>>();
    match value {
        Value::Null => "_".to_owned(),
        Value::NullArray => "_*".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Double(double) => format!("{double:?}"),
        Value::BigNumber(digits) => format!("({digits}"),
        Value::Status(text) => format!("+{}", text.as_bytes().escape_ascii()),
        Value::Bulk(bytes) => format!("${}", bytes.escape_ascii()),
        Value::Verbatim(verbatim) => {
            format!("={}:{}", verbatim.format.escape_ascii(), verbatim.text.escape_ascii())
        }
        Value::Error(error) => format!("-{}", error.message_bytes().escape_ascii()),
        Value::Array(items) => format!("*{:?}", all(items)),
        Value::Set(items) => format!("~{:?}", all(items).into_iter().collect::<BTreeSet<_>>()),
        Value::Push(items) => format!(">{:?}", all(items)),
        Value::Map(pairs) => {
            format!("%{:?}", pairs.iter().map(|(key, value)| (ours(key), ours(value))).collect::<BTreeMap<_, _>>())
        }
        Value::Pairs(_) => unreachable!("nothing is read as pairs"),
    }
}

fn theirs(frame: &resp3::types::OwnedFrame) -> String {
    use resp3::types::{OwnedFrame as Frame, VerbatimStringFormat as Format};
    let all = |items: &[Frame]| items.iter().map(theirs).collect::<Vec<_>>();
    match frame {
        Frame::Null => "_".to_owned(),
        Frame::Boolean { data, .. } => data.to_string(),
        Frame::Number { data, .. } => data.to_string(),
        Frame::Double { data, .. } => format!("{data:?}"),
        Frame::BigNumber { data, .. } => format!("({}", data.escape_ascii()),
        Frame::SimpleString { data, .. } if std::str::from_utf8(data).is_err() => format!("${}", data.escape_ascii()),
        Frame::SimpleString { data, .. } => format!("+{}", data.escape_ascii()),
        Frame::BlobString { data, .. } => format!("${}", data.escape_ascii()),
        Frame::VerbatimString { data, format, .. } => {
            let format = if *format == Format::Markdown { "mkd" } else { "txt" };
            format!("={format}:{}", data.escape_ascii())
        }
        Frame::SimpleError { data, .. } => format!("-{}", data.as_bytes().escape_ascii()),
        Frame::BlobError { data, .. } => format!("-{}", data.escape_ascii()),
        Frame::Array { data, .. } => format!("*{:?}", all(data)),
        Frame::Push { data, .. } => format!(">{:?}", all(data)),
        Frame::Set { data, .. } => format!("~{:?}", data.iter().map(theirs).collect::<BTreeSet<_>>()),
        Frame::Map { data, .. } => {
            format!("%{:?}", data.iter().map(|(key, value)| (theirs(key), theirs(value))).collect::<BTreeMap<_, _>>())
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn replies_of_resp3_are_what_another_implementation_reads() {
    each(|rng| {
        let bytes = written(&value(rng, 4), Protocol::Resp3);
        let own = read(&bytes).map(|read| read.map(|(value, used)| (ours(&value), used)));
        match resp3::decode::complete::decode(&bytes) {
            Ok(other) => {
                let other = other.map(|(frame, used)| (theirs(&frame), used));
                assert_eq!(own, Ok(other), "{}", begin(&bytes));
            }
            // Its errors are texts of UTF-8.
            Err(error) => assert!(bytes.contains(&0xff), "{error}: {}", begin(&bytes)),
        }
    });
}

#[test]
fn replies_of_resp2_are_what_another_implementation_reads() {
    use resp2::types::OwnedFrame as Frame;
    fn theirs(frame: &Frame) -> String {
        match frame {
            Frame::Null => "_".to_owned(),
            Frame::Integer(int) => int.to_string(),
            Frame::Error(text) => format!("-{}", text.as_bytes().escape_ascii()),
            Frame::SimpleString(bytes) => format!("+{}", bytes.escape_ascii()),
            Frame::BulkString(bytes) => format!("${}", bytes.escape_ascii()),
            Frame::Array(items) => format!("*{:?}", items.iter().map(theirs).collect::<Vec<_>>()),
        }
    }
    each(|rng| {
        let bytes = written(&value(rng, 4), Protocol::Resp2);
        // It has one null.
        let own = |value: &Value| ours(value).replace("_*", "_");
        let own = read(&bytes).map(|read| read.map(|(value, used)| (own(&value), used)));
        match resp2::decode::decode(&bytes) {
            Ok(other) => {
                let other = other.map(|(frame, used)| (theirs(&frame), used));
                assert_eq!(own, Ok(other), "{}", begin(&bytes));
            }
            Err(error) => assert!(bytes.contains(&0xff), "{error}: {}", begin(&bytes)),
        }
    });
}

/// What one of them takes for a reply is the same for both, or is refused by the stricter one for a reason.
#[test]
fn broken_replies_are_refused_or_read_alike() {
    each(|rng| {
        let bytes = some_replies(rng);
        let bytes = broken(rng, bytes);
        let own = read(&bytes).map(|read| read.map(|(value, used)| (ours(&value), used)));
        let other =
            resp3::decode::complete::decode(&bytes).map(|read| read.map(|(frame, used)| (theirs(&frame), used)));
        if let (Ok(Some(own)), Ok(Some(other))) = (&own, &other) {
            let attributed = bytes.contains(&b'|');
            assert!(own == other || attributed, "{}: {:.300} {:.300}", begin(&bytes), own.0, other.0);
        }
    });
}

#[test]
fn hostile_bytes_are_no_panic() {
    each(|rng| {
        let bytes: Vec<u8> = match rng.percent(50) {
            true => (0..rng.below(200)).map(|_| *rng.pick(b"\r\n0123456789-+$*:%~>|=!,#_(;.?tf\"'\\x \0a")).collect(),
            false => (0..rng.below(200)).map(|_| rng.draw() as u8).collect(),
        };
        read_cut(&bytes, rng.below(bytes.len() + 1));
        split_args(&bytes);
        let (mut parser, mut args) = (RequestParser::default(), Vec::new());
        for end in 0..=bytes.len() {
            if !matches!(parser.parse(&bytes[..end], &RequestLimits::default(), &mut args), Ok(Parsed::Incomplete)) {
                break;
            }
        }
    });
}

#[test]
fn commands_are_read_as_they_were_written() {
    each(|rng| {
        let commands: Vec<Vec<Vec<u8>>> =
            (0..=rng.below(3)).map(|_| (0..=rng.below(5)).map(|_| bytes(rng)).collect()).collect();
        let mut sent = Vec::new();
        commands.iter().for_each(|command| write_command(command.iter().map(Vec::as_slice), &mut sent));
        let (mut parser, mut args, mut at) = (RequestParser::default(), Vec::new(), 0);
        for command in &commands {
            // Somewhere in between there was less.
            let cut = at + rng.below(sent.len() - at);
            let found = parser.parse(&sent[at..cut], &RequestLimits::default(), &mut args);
            let found = match found {
                Ok(Parsed::Incomplete) => parser.parse(&sent[at..], &RequestLimits::default(), &mut args),
                found => found,
            };
            let Ok(Parsed::Request(used)) = found else { panic!("{found:?}: {}", begin(&sent)) };
            assert_eq!(&args, command);
            let frame = resp2::decode::decode(&sent[at..]).expect("RESP").expect("a command").0;
            let words = command.iter().map(|word| resp2::types::OwnedFrame::BulkString(word.clone())).collect();
            assert_eq!(frame, resp2::types::OwnedFrame::Array(words));
            at += used;
        }
        assert_eq!(at, sent.len());
    });
}
