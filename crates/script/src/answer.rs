//! Replies and errors of scripts on a server, converted to those of the register machine (rule D8).

use redipy_command::{Bytes, Error, Kind, Result, Value};

use crate::number;
use crate::texts::{self, CODE};

/// Reads what the Lua of a script returned, over RESP2 or RESP3.
///
/// # Errors
/// The error inside, cleaned by [`clean_error`]; [`Kind::Decode`] for what no script returns.
pub fn decode_reply(reply: Value) -> Result<Value> {
    match decode(reply)? {
        Value::Array(items) if items.is_empty() => Ok(Value::Null),
        Value::Map(pairs) if pairs.is_empty() => Ok(Value::Null),
        value => Ok(value),
    }
}

/// None is null; integers are themselves; statuses are booleans and other numbers; arrays begin with their kind.
fn decode(reply: Value) -> Result<Value> {
    match reply {
        Value::Null | Value::Int(_) | Value::Bulk(_) => Ok(reply),
        Value::Status(text) => match text.as_ref() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            number => {
                let number = number::parse(number.as_bytes());
                number.map(Value::Double).ok_or_else(|| Value::Status(text).unexpected("the result of a script"))
            }
        },
        Value::Array(items) => {
            let mut items = items.into_iter();
            match items.next() {
                Some(Value::Int(0)) => items.map(decode).collect::<Result<_>>().map(Value::Array),
                Some(Value::Int(1)) => decode_dict(items),
                _ => Err(Error::new(Kind::Decode, "expected the result of a script, got another array")),
            }
        }
        Value::Error(error) => Err(clean_error(error)),
        other => Err(other.unexpected("the result of a script")),
    }
}

fn decode_dict(mut items: std::vec::IntoIter<Value>) -> Result<Value> {
    let mut pairs = Vec::with_capacity(items.len() / 2);
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        pairs.push((key.decode::<Bytes>()?, decode(value)?));
    }
    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(Value::Map(pairs.into_iter().map(|(key, value)| (Value::Bulk(key), value)).collect()))
}

/// The error that a server's reply to EVALSHA stands for: without what the server adds to the text, and with the kind
/// that the same error has on the register machine.
#[must_use]
pub fn clean_error(error: Error) -> Error {
    const ADDED: &[u8] = b" script: ";
    let whole = error.message_bytes();
    let added = whole.windows(ADDED.len()).rposition(|part| part == ADDED).filter(|at| is_suffix(&whole[*at..]));
    let text = &whole[..added.unwrap_or(whole.len())];
    if is_killed(text) {
        return texts::timeout();
    }
    if text.split(|byte| *byte == b' ').next() == Some(CODE.as_bytes()) {
        return Error::from_bytes(Kind::Script, text.to_vec());
    }
    if text.len() == whole.len() { error } else { Error::reply_bytes(text.to_vec()) }
}

/// Returns whether SCRIPT KILL ended the script: Redis 7 and Valkey say so first, Redis 6 after where it was.
fn is_killed(text: &[u8]) -> bool {
    let text = str::from_utf8(text).unwrap_or_default();
    let said = text.split_once(' ').filter(|(code, _)| *code == "ERR").map_or("", |(_, said)| said);
    let said = match said.strip_prefix("Error running script (call to ") {
        Some(place) => place.split_once("Script killed").map_or("", |(_, said)| said),
        None => said.strip_prefix("Script killed").unwrap_or_default(),
    };
    said.starts_with(" by user with ")
}

/// Returns whether a text is ` script: <sha1>, on @user_script:3.`, as Redis has added since 7.0, or without the SHA-1, as
/// Valkey does since 9.
fn is_suffix(text: &[u8]) -> bool {
    let rest = str::from_utf8(text).ok().and_then(|text| text.strip_prefix(" script: ")).unwrap_or_default();
    let rest = match rest.split_once(", ") {
        Some((sha, rest)) if sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit()) => rest,
        _ => rest,
    };
    rest.starts_with("on @") && rest.ends_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_add_to_errors_is_removed() {
        let sha = "c6dbba8fe0dd0ff0dda4cfa0b3a24b4ab4a2d2cd";
        let clean = |text: String| clean_error(Error::reply(text));
        let wrong = clean(format!("WRONGTYPE Operation script: {sha}, on @user_script:3."));
        assert_eq!((wrong.kind(), wrong.message()), (Kind::WrongType, "WRONGTYPE Operation"));
        let own = clean("SCRIPT division by zero script: on @user_script:3.".to_owned());
        assert_eq!((own.kind(), own.message()), (Kind::Script, "SCRIPT division by zero"));
        let blank = clean(format!("ERR Unsupported option  script: {sha}, on @user_script:3."));
        assert_eq!(blank.message(), "ERR Unsupported option ");
        let other = clean("ERR no script: here".to_owned());
        assert_eq!(other.message(), "ERR no script: here");
        let odd = clean_error(Error::reply_bytes(b"SCRIPT \xff script: on @user_script:3.".to_vec()));
        assert_eq!((odd.kind(), odd.message_bytes()), (Kind::Script, b"SCRIPT \xff".as_slice()));
    }

    #[test]
    fn a_killed_script_ran_longer_than_allowed() {
        let clean = |text: &'static str| clean_error(Error::reply(text));
        let sha = "348a941aef4e243ce2d3166dd2cc5bc73f3580db";
        let redis = format!("ERR Script killed by user with SCRIPT KILL... script: {sha}, on @user_script:1.");
        assert_eq!(clean_error(Error::reply(redis)), texts::timeout());
        assert_eq!(clean("ERR Script killed by user with SCRIPT KILL. script: on @user_script:1."), texts::timeout());
        let redis6 =
            "ERR Error running script (call to f_e0): @user_script:1: Script killed by user with SCRIPT KILL...";
        assert_eq!(clean(redis6), texts::timeout());
        let busy = "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.";
        assert_eq!((clean(busy).kind(), clean(busy).message()), (Kind::Timeout, busy));
        let quoted = "ERR unknown command 'Script killed by user with '";
        assert_eq!((clean(quoted).kind(), clean(quoted).message()), (Kind::Syntax, quoted));
    }

    #[test]
    fn replies_are_read_exactly() {
        let list = |items: Vec<Value>| Value::Array(std::iter::once(Value::Int(0)).chain(items).collect());
        let dict = |items: Vec<Value>| Value::Array(std::iter::once(Value::Int(1)).chain(items).collect());
        assert_eq!(decode_reply(list(vec![])), Ok(Value::Null));
        assert_eq!(decode_reply(list(vec![dict(vec![])])), Ok(Value::Array(vec![Value::Map(vec![])])));
        let pairs = dict(vec!["b".into(), Value::Status("0.1".into()), "a".into(), Value::Status("true".into())]);
        let sorted = Value::Map(vec![("a".into(), true.into()), ("b".into(), 0.1.into())]);
        assert_eq!(decode_reply(pairs), Ok(sorted));
        assert!(decode_reply(Value::Array(vec![])).is_err());
        assert!(decode_reply(Value::Status("PONG".into())).is_err());
    }
}
