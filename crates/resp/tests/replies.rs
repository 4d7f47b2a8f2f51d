//! What replies are read as, whole and in pieces.

use redipy_command::{Error, Value, Verbatim};
use redipy_resp::{Incoming, Malformed, ReplyLimits, ReplyReader};

/// How much the reader takes at once.
const CHUNK: usize = 16 << 10;

fn verbatim(text: &[u8]) -> Value {
    Value::Verbatim(Box::new(Verbatim { format: *b"txt", text: text.into() }))
}

/// Reads bytes that come in pieces of this size: all that is complete in them.
fn read_in(bytes: &[u8], size: usize) -> Result<Vec<Incoming>, Malformed> {
    let (mut reader, mut all) = (ReplyReader::default(), Vec::new());
    for piece in bytes.chunks(size) {
        let mut piece = piece;
        while !piece.is_empty() {
            let room = reader.room().unwrap();
            let count = room.len().min(piece.len());
            room[..count].copy_from_slice(&piece[..count]);
            reader.filled(count);
            piece = &piece[count..];
            while let Some(incoming) = reader.read()? {
                all.push(incoming);
            }
        }
    }
    Ok(all)
}

fn read(bytes: &[u8]) -> Value {
    let mut all = read_in(bytes, bytes.len()).expect("RESP");
    assert_eq!(read_in(bytes, 1).as_ref(), Ok(&all), "in single bytes");
    match (all.pop(), all.is_empty()) {
        (Some(Incoming::Reply(value)), true) => value,
        other => panic!("{other:?} is not one reply"),
    }
}

#[test]
fn every_shape_of_resp3() {
    assert_eq!(read(b"_\r\n"), Value::Null);
    assert_eq!(read(b"$-1\r\n"), Value::Null);
    assert_eq!(read(b"*-1\r\n"), Value::Null);
    assert_eq!(read(b"#t\r\n"), Value::Bool(true));
    assert_eq!(read(b":-7\r\n"), Value::Int(-7));
    assert_eq!(read(b",1.5\r\n"), Value::Double(1.5));
    assert_eq!(read(b",-inf\r\n"), Value::Double(f64::NEG_INFINITY));
    assert!(matches!(read_in(b",nan\r\n", 1).as_deref(), Ok([Incoming::Reply(Value::Double(nan))]) if nan.is_nan()));
    assert_eq!(read(b"+OK\r\n"), Value::OK);
    assert_eq!(read(b"+QUEUED\r\n"), Value::Status("QUEUED".into()));
    assert_eq!(read(b"$4\r\na\xff\r\n\r\n"), Value::bulk(b"a\xff\r\n"));
    assert_eq!(read(b"$0\r\n\r\n"), Value::bulk(""));
    assert_eq!(read(b"=7\r\ntxt:a:b\r\n"), verbatim(b"a:b"));
    assert_eq!(read(b"(12345678901234567890\r\n"), Value::BigNumber("12345678901234567890".into()));
    assert_eq!(read(b"(-1\r\n"), Value::BigNumber("-1".into()));
    assert_eq!(read(b"*2\r\n:1\r\n*0\r\n"), Value::Array(vec![Value::Int(1), Value::Array(vec![])]));
    assert_eq!(read(b"~1\r\n+a\r\n"), Value::Set(vec![Value::Status("a".into())]));
    assert_eq!(read(b"%1\r\n+a\r\n:1\r\n"), Value::Map(vec![(Value::Status("a".into()), Value::Int(1))]));
    assert_eq!(read(b"%0\r\n"), Value::Map(vec![]));
    assert_eq!(read(b"|1\r\n+ttl\r\n:9\r\n:5\r\n"), Value::Int(5));
    assert_eq!(read(b"|0\r\n:5\r\n"), Value::Int(5));
    assert_eq!(read(b"|1\r\n+a\r\n|1\r\n+b\r\n*1\r\n:1\r\n:9\r\n|1\r\n:1\r\n:1\r\n:5\r\n"), Value::Int(5));
    assert_eq!(read(b"*2\r\n|1\r\n+ttl\r\n*1\r\n:9\r\n:5\r\n:6\r\n"), Value::Array(vec![Value::Int(5), Value::Int(6)]));
}

#[test]
fn error_texts_are_kept() {
    let texts = [
        "ERR no such key",
        "ERR",
        "ERR ",
        "",
        " leading space",
        "WRONGTYPE Operation against a key holding the wrong kind of value",
        "MOVED 3999 127.0.0.1:6381",
        "NOPERM  two spaces ",
        "Err lower case",
        "noword",
    ];
    for text in texts {
        assert_eq!(read(format!("-{text}\r\n").as_bytes()), Value::Error(Error::reply(text)));
    }
    assert_eq!(read(b"!8\r\nERR a\r\nb\r\n"), Value::Error(Error::reply("ERR a\r\nb")));
    assert_eq!(read(b"-ERR \xff\xfe\r\n"), Value::Error(Error::reply_bytes(b"ERR \xff\xfe".to_vec())));
    assert_eq!(read(b"!6\r\nERR \xff\n\r\n"), Value::Error(Error::reply_bytes(b"ERR \xff\n".to_vec())));
    let reply = read(b"*2\r\n-ERR a b\r\n:1\r\n");
    assert_eq!(reply, Value::Array(vec![Value::Error(Error::reply("ERR a b")), Value::Int(1)]));
}

#[test]
fn what_is_no_text_is_kept_in_statuses_and_verbatim_strings() {
    assert_eq!(read(b"+a\xff\r\n"), Value::bulk(b"a\xff"));
    assert_eq!(read("+\u{10ff00}\r\n".as_bytes()), Value::Status("\u{10ff00}".into()));
    assert_eq!(read(b"=6\r\ntxt:\xff\xfe\r\n"), verbatim(b"\xff\xfe"));
}

#[test]
fn replies_and_pushes_follow_each_other_wherever_they_are_cut() {
    let large = "x".repeat(3 * CHUNK);
    let text = format!(":1\r\n>2\r\n+message\r\n$2\r\n\r\n\r\n${}\r\n{large}\r\n+{large}\r\n*0\r\n", large.len());
    let whole = read_in(text.as_bytes(), text.len()).expect("RESP");
    assert_eq!(whole.len(), 5);
    assert_eq!(whole[1], Incoming::Push(vec![Value::Status("message".into()), Value::bulk("\r\n")]));
    for size in [1, 2, 3, 7, CHUNK - 1, CHUNK] {
        assert_eq!(read_in(text.as_bytes(), size).as_ref(), Ok(&whole), "in pieces of {size}");
    }
}

#[test]
fn what_is_no_resp_is_refused_at_once() {
    let deep = "*1\r\n".repeat(129);
    let endless = format!(":{}", "1".repeat(65));
    let all = [
        ("HTTP/1.1 400", Malformed::Type(b'H')),
        ("\0", Malformed::Type(0)),
        ("\r\n", Malformed::Type(b'\r')),
        ("%-2\r\n", Malformed::Length),
        ("!-5\r\n", Malformed::Length),
        ("=-1\r\n", Malformed::Length),
        ("~-1\r\n", Malformed::Length),
        (">-1\r\n", Malformed::Length),
        ("|-1\r\n", Malformed::Length),
        ("$-7\r\n", Malformed::Length),
        ("*-2\r\n", Malformed::Length),
        ("$x\r\n", Malformed::Length),
        ("$9223372036854775808\r\n", Malformed::Length),
        ("%9223372036854775808\r\n", Malformed::Length),
        (":\r\n", Malformed::Scalar),
        (":1x\r\n", Malformed::Scalar),
        ("#x\r\n", Malformed::Scalar),
        ("_x\r\n", Malformed::Scalar),
        (",x\r\n", Malformed::Scalar),
        ("(1.5\r\n", Malformed::Scalar),
        ("(-\r\n", Malformed::Scalar),
        ("$1\r\nabc\r\n", Malformed::End),
        ("=2\r\nab\r\n", Malformed::Format),
        ("*2\r\n>1\r\n:1\r\n", Malformed::Push),
        ("|1\r\n:1\r\n:1\r\n>1\r\n:1\r\n", Malformed::Push),
        ("$?\r\n;4\r\n", Malformed::Streamed),
        ("*?\r\n", Malformed::Streamed),
        ("%?\r\n", Malformed::Streamed),
        (";4\r\n", Malformed::Streamed),
        (".\r\n", Malformed::Streamed),
        (&deep, Malformed::Depth),
        (&endless, Malformed::Length),
    ];
    for (text, why) in all {
        assert_eq!(read_in(text.as_bytes(), 1), Err(why), "{text:?}");
        assert_eq!(read_in(text.as_bytes(), text.len()), Err(why), "{text:?}");
    }
}

#[test]
fn limits_are_kept() {
    let refused = |text: &str| {
        let mut reader = ReplyReader::new(ReplyLimits { depth: 1, bulk: 4 });
        reader.room().unwrap()[..text.len()].copy_from_slice(text.as_bytes());
        reader.filled(text.len());
        reader.read().err()
    };
    assert_eq!(refused("*1\r\n$4\r\nabcd\r\n"), None);
    assert_eq!(refused("*1\r\n*1\r\n"), Some(Malformed::Depth));
    assert_eq!(refused("$5\r\n"), Some(Malformed::Size));
    assert_eq!(refused("+abcde\r\n"), Some(Malformed::Size));
    assert_eq!(refused("+abcdefgh"), Some(Malformed::Size));
}

#[test]
fn what_is_announced_is_not_allocated() {
    for text in ["*9223372036854775807\r\n", "$9223372036854775800\r\n", "%4611686018427387904\r\n"] {
        assert_eq!(read_in(text.as_bytes(), 1), Ok(vec![]), "{text:?}");
    }
}

#[test]
fn a_reply_that_nobody_took_is_seen() {
    let after = |bytes: &[u8]| {
        let mut reader = ReplyReader::default();
        reader.room().unwrap()[..bytes.len()].copy_from_slice(bytes);
        reader.filled(bytes.len());
        reader.read().expect("RESP");
        reader.is_amid_reply()
    };
    assert!(!after(b":1\r\n") && !after(b":1\r\n>1\r\n") && !after(b">2\r\n:1\r\n") && !after(b">"));
    assert!(after(b":1\r\n:2\r\n") && after(b":1\r\n$") && after(b"*1\r\n") && after(b"|1\r\n:1\r\n"));
}
