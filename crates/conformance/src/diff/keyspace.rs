//! What is in the databases that sequences use: every key with its type, its deadline and its content.

use redipy_command::Value;

use super::side::Side;
use crate::command::Command;

/// The databases that sequences use, beside others that they seldom name.
const DATABASES: [&str; 3] = ["0", "1", "15"];

/// A key and what it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// Its database.
    pub db: &'static str,
    /// Its name.
    pub name: Vec<u8>,
    /// Its type.
    pub kind: Value,
    /// When it expires, as PEXPIRETIME tells.
    pub deadline: Value,
    /// The command that shows its content.
    pub question: Command,
    /// Its content.
    pub content: Value,
}

/// Reads everything, sorted by database and name.
pub fn read(side: &mut impl Side) -> Vec<Key> {
    let mut keys = Vec::new();
    let leave = [&b"DISCARD"[..], b"UNWATCH"].map(|name| vec![name.to_vec()]);
    side.send(0, &leave);
    let lists: Vec<Command> =
        DATABASES.iter().flat_map(|db| [question(&[b"SELECT", db.as_bytes()]), question(&[b"KEYS", b"*"])]).collect();
    let replies = side.send(0, &lists);
    for (db, reply) in DATABASES.iter().zip(replies.iter().skip(1).step_by(2)) {
        let Value::Array(names) = reply else { continue };
        if !names.is_empty() {
            side.send(0, &[question(&[b"SELECT", db.as_bytes()])]);
            keys.extend(read_keys(side, db, names));
        }
    }
    keys.sort_by(|one, other| (one.db, &one.name).cmp(&(other.db, &other.name)));
    keys
}

fn read_keys(side: &mut impl Side, db: &'static str, names: &[Value]) -> Vec<Key> {
    let names: Vec<&[u8]> =
        names.iter().filter_map(|name| if let Value::Bulk(name) = name { Some(&name[..]) } else { None }).collect();
    let facts: Vec<Command> =
        names.iter().flat_map(|name| [question(&[b"TYPE", name]), question(&[b"PEXPIRETIME", name])]).collect();
    let facts = side.send(0, &facts);
    let kinds = facts.iter().step_by(2);
    let contents: Vec<Command> = names.iter().zip(kinds).map(|(name, kind)| content(name, kind)).collect();
    let replies = side.send(0, &contents);
    let facts = facts.chunks_exact(2);
    let rest = facts.zip(contents).zip(replies);
    names
        .into_iter()
        .zip(rest)
        .map(|(name, ((facts, question), content))| Key {
            db,
            name: name.to_vec(),
            kind: facts[0].clone(),
            deadline: facts[1].clone(),
            question,
            content,
        })
        .collect()
}

fn content(name: &[u8], kind: &Value) -> Command {
    let kind = if let Value::Status(kind) = kind { kind } else { "" };
    match kind {
        "list" => question(&[b"LRANGE", name, b"0", b"-1"]),
        "hash" => question(&[b"HGETALL", name]),
        "set" => question(&[b"SMEMBERS", name]),
        "zset" => question(&[b"ZRANGE", name, b"0", b"-1", b"WITHSCORES"]),
        _ => question(&[b"GET", name]),
    }
}

fn question(words: &[&[u8]]) -> Command {
    words.iter().map(|word| word.to_vec()).collect()
}
