//! Replies as redis-rs reads them, turned into ours.

use redipy_backend::Message;
use redipy_command::{Bytes, Error, Kind, Value};

use crate::legible::bytes_of;

/// The reply, whatever its shape. An error anywhere in it stays where it stands.
pub(crate) fn value(reply: redis::Value) -> Value {
    match reply {
        redis::Value::Nil => Value::Null,
        redis::Value::Int(int) => Value::Int(int),
        redis::Value::Double(double) => Value::Double(double),
        redis::Value::Boolean(bool) => Value::Bool(bool),
        redis::Value::Okay => Value::OK,
        redis::Value::SimpleString(text) => status(&text),
        redis::Value::BulkString(bytes) => Value::bulk(bytes),
        // A verbatim string is a bulk string with a hint on how to show it, which a connection leaves out.
        redis::Value::VerbatimString { text, .. } => Value::bulk(text),
        // The digits; no command of a server gives a big number, only a module or a script might.
        redis::Value::BigNumber(digits) => Value::bulk(digits),
        redis::Value::Array(items) => Value::Array(items.into_iter().map(value).collect()),
        redis::Value::Set(items) => Value::Set(items.into_iter().map(value).collect()),
        redis::Value::Map(pairs) => {
            Value::Map(pairs.into_iter().map(|(key, item)| (value(key), value(item))).collect())
        }
        redis::Value::Attribute { data, .. } => value(*data),
        redis::Value::ServerError(error) => Value::Error(Error::reply_bytes(bytes_of(&text(&error)))),
        redis::Value::Push { data, .. } => Value::Array(data.into_iter().map(value).collect()),
        other => Value::Error(Error::new(Kind::Decode, format!("a reply of an unknown shape: {other:?}"))),
    }
}

/// The message of a push, if it is one and no confirmation.
pub(crate) fn message(kind: &redis::PushKind, data: Vec<redis::Value>) -> Option<Message> {
    let mut texts = data.into_iter().map(|part| match value(part) {
        Value::Bulk(text) => Some(text),
        Value::Status(text) => Some(Bytes::from(text.as_bytes())),
        _ => None,
    });
    let pattern = match kind {
        redis::PushKind::Message => None,
        redis::PushKind::PMessage => Some(texts.next()??),
        _ => return None,
    };
    Some(Message { channel: texts.next()??, pattern, payload: texts.next()?? })
}

/// A status; one that is no text is a string, since only a string can be of any bytes.
fn status(text: &str) -> Value {
    String::from_utf8(bytes_of(text))
        .map_or_else(|odd| Value::bulk(odd.into_bytes()), |text| Value::Status(text.into()))
}

/// The text of an error as redis-rs has read it: redis-rs splits it at the first space.
fn text(error: &redis::ServerError) -> String {
    match error.details() {
        Some(details) => format!("{} {details}", error.code()),
        None => error.code().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::legible::Lines;

    fn read(bytes: &[u8]) -> Value {
        let mut lines = Lines::default();
        value(redis::Parser::new().parse_value(lines.of(bytes)).expect("a reply"))
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
        assert_eq!(read(b"+OK\r\n"), Value::OK);
        assert_eq!(read(b"+QUEUED\r\n"), Value::Status("QUEUED".into()));
        assert_eq!(read(b"$4\r\na\xff\r\n\r\n"), Value::bulk(b"a\xff\r\n"));
        assert_eq!(read(b"=7\r\ntxt:a:b\r\n"), Value::bulk("a:b"));
        assert_eq!(read(b"(12345678901234567890\r\n"), Value::bulk("12345678901234567890"));
        assert_eq!(read(b"*2\r\n:1\r\n*0\r\n"), Value::Array(vec![Value::Int(1), Value::Array(vec![])]));
        assert_eq!(read(b"~1\r\n+a\r\n"), Value::Set(vec![Value::Status("a".into())]));
        assert_eq!(read(b"%1\r\n+a\r\n:1\r\n"), Value::Map(vec![(Value::Status("a".into()), Value::Int(1))]));
        assert_eq!(read(b"|1\r\n+ttl\r\n:9\r\n:5\r\n"), Value::Int(5));
    }

    #[test]
    fn error_texts_are_kept_byte_for_byte() {
        let texts = [
            "ERR no such key",
            "ERR",
            "ERR ",
            "",
            " leading space",
            "WRONGTYPE Operation against a key holding the wrong kind of value",
            "MOVED 3999 127.0.0.1:6381",
            "EXECABORT Transaction discarded because of previous errors.",
            "NOPERM  two spaces ",
            "Err lower case",
            "noword",
            "LOADING Redis is loading the dataset in memory",
        ];
        for text in texts {
            let Value::Error(error) = read(format!("-{text}\r\n").as_bytes()) else { panic!("{text:?} is no error") };
            assert_eq!(error.message(), text);
        }
        assert_eq!(read(b"!8\r\nERR a\r\nb\r\n"), Value::Error(Error::reply("ERR a\r\nb")));
        assert_eq!(read(b"-ERR \xff\xfe\r\n"), Value::Error(Error::reply_bytes(b"ERR \xff\xfe".to_vec())));
        assert_eq!(read(b"!6\r\nERR \xff\n\r\n"), Value::Error(Error::reply_bytes(b"ERR \xff\n".to_vec())));
    }

    #[test]
    fn what_is_no_text_is_kept_in_statuses_and_verbatim_strings() {
        assert_eq!(read(b"+a\xff\r\n"), Value::bulk(b"a\xff"));
        assert_eq!(read("+\u{10ff00}\r\n".as_bytes()), Value::Status("\u{10ff00}".into()));
        assert_eq!(read(b"=6\r\ntxt:\xff\xfe\r\n"), Value::bulk(b"\xff\xfe"));
    }

    #[test]
    fn an_error_inside_a_reply_stays_there() {
        let reply = read(b"*2\r\n-ERR a b\r\n:1\r\n");
        assert_eq!(reply, Value::Array(vec![Value::Error(Error::reply("ERR a b")), Value::Int(1)]));
    }
}
