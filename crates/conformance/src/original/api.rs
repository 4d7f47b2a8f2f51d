//! Calls of the original's API: the command that each one sends, and what it makes of the reply.
//!
//! A call is a list: the name, the arguments, and the named arguments as `{"named": {..}}` at the end. As in the
//! original, several calls in a `pipe` are one transaction. `sorted` sorts the list that a call gives, `sleep` lets
//! time pass, and `ttl?` is `ttl` rounded to whole seconds.

use std::time::Duration;

use redipy_backend::{Backend, Request, Requests};
use redipy_command::{Arg, Bytes, Error, Kind, Result, Value, reply::ScanReply};

use crate::command::request;

/// What a call was sent as.
struct Sent {
    words: Vec<Vec<u8>>,
    reads: Reads,
}

/// What becomes of a reply.
#[derive(Clone, Copy)]
enum Reads {
    AsItIs,
    /// Whether it was done: neither null nor 0.
    Done,
    /// Nothing: the call gives None.
    Nothing,
    /// The text of a number.
    Number,
    /// The values of the words after the key.
    Fields,
    /// Milliseconds as seconds, and whether they are rounded.
    Seconds {
        rounded: bool,
    },
    /// A status as a text, "none" as None.
    Type,
    /// A cursor and keys.
    Page,
}

/// Makes a call and gives what it gives.
///
/// # Errors
/// The error of the command; [`Kind::Config`] for what is no call.
pub fn call(backend: &dyn Backend, wait: &dyn Fn(Duration), call: &[Value]) -> Result<Value> {
    let (name, args) = split(call)?;
    match (name, args) {
        ("pipe", calls) => pipe(backend, calls),
        ("sorted", [Value::Array(inner)]) => self::call(backend, wait, inner).map(sorted),
        ("sleep", [Value::Double(seconds)]) => {
            wait(Duration::from_secs_f64(*seconds));
            Ok(Value::Null)
        }
        ("keys_block", _) if named(args, "filter_type").is_some() => filtered_keys(backend, args),
        _ => {
            let sent = translate(name, args)?;
            backend.call(&sent.request()).and_then(|reply| sent.read(reply))
        }
    }
}

fn split(call: &[Value]) -> Result<(&str, &[Value])> {
    match call.split_first() {
        Some((Value::Bulk(name), args)) => name.as_str().map(|name| (name, args)),
        _ => None,
    }
    .ok_or_else(|| no_call("a call begins with its name"))
}

#[cold]
fn no_call(why: impl Into<String>) -> Error {
    Error::new(Kind::Config, why.into())
}

fn pipe(backend: &dyn Backend, calls: &[Value]) -> Result<Value> {
    let one = |call: &Value| match call {
        Value::Array(call) => split(call).and_then(|(name, args)| translate(name, args)),
        _ => Err(no_call("a pipe holds calls")),
    };
    let sent = calls.iter().map(one).collect::<Result<Vec<_>>>()?;
    let requests: Requests = sent.iter().map(Sent::request).collect();
    let replies = backend.transaction(&requests)?;
    let read =
        |(sent, reply): (&Sent, Result<Value>)| reply.and_then(|reply| sent.read(reply)).unwrap_or_else(Value::Error);
    Ok(Value::Array(sent.iter().zip(replies).map(read).collect()))
}

/// KEYS has no filter for types, so this is a loop over SCAN.
fn filtered_keys(backend: &dyn Backend, args: &[Value]) -> Result<Value> {
    let mut keys = Vec::new();
    let mut cursor = Value::Int(0);
    loop {
        let call = std::iter::once(cursor.clone()).chain(args.iter().cloned()).collect::<Vec<_>>();
        let sent = translate("scan", &call)?;
        let page = backend.call(&sent.request()).and_then(|reply| sent.read(reply))?;
        let Ok([next, Value::Array(found)]) = <[Value; 2]>::try_from(page.into_items()?) else {
            return Err(no_call("a page is a cursor and keys"));
        };
        keys.extend(found);
        if next == Value::Int(0) {
            return Ok(sorted(Value::Array(keys)));
        }
        cursor = next;
    }
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Array(mut items) => {
            items.sort_by_key(ToString::to_string);
            Value::Array(items)
        }
        other => other,
    }
}

/// The named argument of this name.
fn named<'v>(args: &'v [Value], name: &str) -> Option<&'v Value> {
    let Some(Value::Map(pairs)) = args.last() else { return None };
    let [(tag, Value::Map(named))] = &pairs[..] else { return None };
    (*tag == Value::from("named"))
        .then(|| named.iter().find(|(key, _)| *key == Value::from(name)))?
        .map(|(_, value)| value)
}

fn flag(args: &[Value], name: &str) -> bool {
    named(args, name) == Some(&Value::Bool(true))
}

fn milliseconds(args: &[Value]) -> Result<Option<Vec<u8>>> {
    let seconds = match named(args, "expire_in") {
        None => return Ok(None),
        Some(Value::Int(seconds)) => *seconds as f64,
        Some(Value::Double(seconds)) => *seconds,
        Some(other) => return Err(no_call(format!("a {} is no time", other.shape()))),
    };
    Ok(Some(((seconds * 1000.0) as i64).to_string().into_bytes()))
}

/// An argument as it is sent: texts as they are, numbers as their digits.
fn word(value: &Value) -> Result<Vec<u8>> {
    match value {
        Value::Bulk(text) => Ok(text.to_vec()),
        Value::Int(int) => Ok(Arg::Int(*int).text().to_vec()),
        Value::Double(float) => Ok(Arg::Float(*float).text().to_vec()),
        other => Err(no_call(format!("a {} is no argument of a command", other.shape()))),
    }
}

/// The commands that take the arguments of their calls in the same order, and how their replies are read.
const PLAIN: &[(&str, &str, Reads)] = &[
    ("delete", "DEL", Reads::AsItIs),
    ("exists", "EXISTS", Reads::AsItIs),
    ("flushall", "FLUSHALL", Reads::Nothing),
    ("get_value", "GET", Reads::AsItIs),
    ("hdel", "HDEL", Reads::AsItIs),
    ("hget", "HGET", Reads::AsItIs),
    ("hgetall", "HGETALL", Reads::AsItIs),
    ("hincrby", "HINCRBYFLOAT", Reads::Number),
    ("hkeys", "HKEYS", Reads::AsItIs),
    ("hvals", "HVALS", Reads::AsItIs),
    ("incrby", "INCRBYFLOAT", Reads::Number),
    ("key_type", "TYPE", Reads::Type),
    ("lindex", "LINDEX", Reads::AsItIs),
    ("llen", "LLEN", Reads::AsItIs),
    ("lpop", "LPOP", Reads::AsItIs),
    ("lpush", "LPUSH", Reads::AsItIs),
    ("lrange", "LRANGE", Reads::AsItIs),
    ("lset", "LSET", Reads::Nothing),
    ("rpop", "RPOP", Reads::AsItIs),
    ("rpush", "RPUSH", Reads::AsItIs),
    ("sadd", "SADD", Reads::AsItIs),
    ("scard", "SCARD", Reads::AsItIs),
    ("sismember", "SISMEMBER", Reads::Done),
    ("smembers", "SMEMBERS", Reads::AsItIs),
    ("srem", "SREM", Reads::AsItIs),
    ("ttl", "PTTL", Reads::Seconds { rounded: false }),
    ("ttl?", "PTTL", Reads::Seconds { rounded: true }),
    ("zcard", "ZCARD", Reads::AsItIs),
    ("zrange", "ZRANGE", Reads::AsItIs),
];

fn translate(name: &str, args: &[Value]) -> Result<Sent> {
    if let Some((_, command, reads)) = PLAIN.iter().find(|(own, ..)| *own == name) {
        return Ok(Sent { words: words(command, positional(args))?, reads: *reads });
    }
    match name {
        "set_value" => set(args),
        "expire" => expire(args),
        "hset" => with_pairs("HSET", args, false),
        "zadd" => with_pairs("ZADD", args, true),
        "hmget" => Ok(Sent { words: words("HMGET", args)?, reads: Reads::Fields }),
        "zpop_min" => pop("ZPOPMIN", args),
        "zpop_max" => pop("ZPOPMAX", args),
        "scan" => scan(args),
        "keys_block" => {
            let pattern = named(args, "match").map_or(Ok(b"*".to_vec()), word)?;
            Ok(Sent { words: vec![b"KEYS".to_vec(), pattern], reads: Reads::AsItIs })
        }
        name => Err(no_call(format!("unknown call {name:?}"))),
    }
}

/// The arguments without the named ones.
fn positional(args: &[Value]) -> &[Value] {
    match args.split_last() {
        Some((Value::Map(_), rest)) => rest,
        _ => args,
    }
}

fn words(command: &str, args: &[Value]) -> Result<Vec<Vec<u8>>> {
    std::iter::once(Ok(command.into())).chain(args.iter().map(word)).collect()
}

/// `set_value(key, value, mode, return_previous, expire_in, keep_ttl)`
fn set(args: &[Value]) -> Result<Sent> {
    let mut words = words("SET", positional(args))?;
    match named(args, "mode") {
        Some(mode) if *mode == Value::from("if_exists") => words.push(b"XX".to_vec()),
        Some(mode) if *mode == Value::from("if_missing") => words.push(b"NX".to_vec()),
        _ => {}
    }
    let previous = flag(args, "return_previous");
    if previous {
        words.push(b"GET".to_vec());
    }
    if let Some(milliseconds) = milliseconds(args)? {
        words.extend([b"PX".to_vec(), milliseconds]);
    }
    if flag(args, "keep_ttl") {
        words.push(b"KEEPTTL".to_vec());
    }
    Ok(Sent { words, reads: if previous { Reads::AsItIs } else { Reads::Done } })
}

/// `expire(key, mode, expire_in)`; without a time the expiry is removed.
fn expire(args: &[Value]) -> Result<Sent> {
    let Some(milliseconds) = milliseconds(args)? else {
        return Ok(Sent { words: words("PERSIST", positional(args))?, reads: Reads::Done });
    };
    let mut words = words("PEXPIRE", positional(args))?;
    words.push(milliseconds);
    match named(args, "mode").map(word).transpose()?.as_deref() {
        None | Some(b"always") => {}
        Some(b"if_expire") => words.push(b"XX".to_vec()),
        Some(b"if_persist") => words.push(b"NX".to_vec()),
        Some(b"if_later") => words.push(b"GT".to_vec()),
        Some(b"if_earlier") => words.push(b"LT".to_vec()),
        Some(unknown) => words.push(unknown.to_vec()),
    }
    Ok(Sent { words, reads: Reads::Done })
}

/// A key and a mapping; `swapped` when the values come before their names.
fn with_pairs(command: &str, args: &[Value], swapped: bool) -> Result<Sent> {
    let [key, Value::Map(pairs)] = args else { return Err(no_call("a key and a mapping are wanted")) };
    let mut words = words(command, std::slice::from_ref(key))?;
    for (name, value) in pairs {
        let (first, second) = if swapped { (value, name) } else { (name, value) };
        words.extend([word(first)?, word(second)?]);
    }
    Ok(Sent { words, reads: Reads::AsItIs })
}

/// Pops one member unless there is a count, and always as a list.
fn pop(command: &str, args: &[Value]) -> Result<Sent> {
    let mut words = words(command, args)?;
    if args.len() == 1 {
        words.push(b"1".to_vec());
    }
    Ok(Sent { words, reads: Reads::AsItIs })
}

fn scan(args: &[Value]) -> Result<Sent> {
    let mut words = words("SCAN", positional(args))?;
    for (name, option) in [("match", "MATCH"), ("count", "COUNT"), ("filter_type", "TYPE")] {
        if let Some(value) = named(args, name) {
            words.extend([option.into(), word(value)?]);
        }
    }
    Ok(Sent { words, reads: Reads::Page })
}

impl Sent {
    fn request(&self) -> Request {
        request(&self.words)
    }

    fn read(&self, reply: Value) -> Result<Value> {
        Ok(match (self.reads, reply) {
            (Reads::AsItIs, reply) => reply,
            (Reads::Done, reply) => Value::Bool(!matches!(reply, Value::Null | Value::Int(0))),
            (Reads::Nothing, _) => Value::Null,
            (Reads::Number, reply) => reply.decode::<f64>()?.into(),
            (Reads::Fields, Value::Array(values)) => {
                let fields = self.words.iter().skip(2).map(|field| Value::bulk(&field[..]));
                Value::Map(fields.zip(values).collect())
            }
            (Reads::Seconds { .. }, Value::Int(-2)) => Value::Null,
            (Reads::Seconds { .. }, Value::Int(-1)) => Value::Int(-1),
            (Reads::Seconds { rounded: true }, Value::Int(left)) => Value::Int((left + 500) / 1000),
            (Reads::Seconds { .. }, Value::Int(left)) => Value::Double(left as f64 / 1000.0),
            (Reads::Type, Value::Status(text)) if text == "none" => Value::Null,
            (Reads::Type, Value::Status(text)) => Value::bulk(text.as_bytes()),
            (Reads::Page, page) => {
                let ScanReply { cursor, items } = page.decode::<ScanReply<Bytes>>()?;
                let items = items.into_iter().map(Value::Bulk).collect();
                Value::Array(vec![Value::Int(cursor.cast_signed()), Value::Array(items)])
            }
            (_, other) => return Err(other.unexpected("the reply of this call")),
        })
    }
}
