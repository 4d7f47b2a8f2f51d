//! A prefix on keys, patterns and channels, wherever they stand in requests and replies.

use redipy_command::{Bytes, Encoded, Error, Group, Kind, Result, Spec, Value, glob};
use redipy_script::ScriptCall;

use crate::backend::Results;
use crate::message::{Message, Topic};

/// A prefix, and the pattern that matches it.
pub(super) struct Namespace {
    prefix: Bytes,
    pub(super) pattern: Bytes,
}

/// Where keys stand in a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// Nowhere.
    None,
    /// Every item is one.
    All,
    /// The items of the second item, after a cursor.
    AfterCursor,
    /// The first item.
    First,
}

impl Namespace {
    pub(super) fn new(prefix: Bytes) -> Self {
        let pattern = glob::escape(&prefix).into();
        Self { prefix, pattern }
    }

    pub(super) fn prefix(&self) -> &Bytes {
        &self.prefix
    }

    /// The key with the prefix.
    pub(super) fn key(&self, key: &[u8]) -> Vec<u8> {
        [&self.prefix, key].concat()
    }

    /// The pattern that matches what this pattern matches without the prefix.
    pub(super) fn pattern(&self, pattern: &[u8]) -> Vec<u8> {
        [&self.pattern, pattern].concat()
    }

    /// The call with the prefix before all its keys, also those that the script makes up.
    pub(super) fn script(&self, call: &ScriptCall) -> Result<ScriptCall> {
        call.clone().prefixed(&self.prefix)
    }

    pub(super) fn keys(&self, spec: &'static Spec, command: &Encoded) -> Result<Encoded> {
        let mut positions = Vec::new();
        spec.key_positions(&command.to_vec(), &mut |position| positions.push(position));
        if spec.key_ranges().next().is_none() && !is_keyless(spec) {
            return Err(unknown_keys(command));
        }
        positions.sort_unstable();
        Ok(self.at(command, &positions, &self.prefix))
    }

    /// The command with something put before the arguments at these positions, which are in order.
    pub(super) fn at(&self, command: &Encoded, positions: &[usize], before: &[u8]) -> Encoded {
        let mut positions = positions.iter().copied().peekable();
        command.map(|position, arg, out| {
            if positions.next_if_eq(&position).is_some() {
                out.extend_from_slice(before);
            }
            out.extend_from_slice(arg);
        })
    }

    /// SCAN with its pattern, or with one where it has none: before its other options, of which the last may lack its value.
    pub(super) fn scan(&self, command: &Encoded) -> Encoded {
        let args = command.to_vec();
        let is_pattern = |at: &usize| args[at - 1].eq_ignore_ascii_case(b"MATCH");
        let patterns: Vec<usize> = (3..args.len()).step_by(2).filter(is_pattern).collect();
        if let ([name, cursor, options @ ..], []) = (&args[..], &patterns[..]) {
            let all = Encoded::raw(name).arg(*cursor).arg("MATCH").arg(&self.pattern(b"*"));
            return options.iter().fold(all, |scan, option| scan.arg(*option));
        }
        self.at(command, &patterns, &self.pattern)
    }

    /// Takes the prefix off the keys in a reply.
    pub(super) fn strip(&self, names: Names, reply: Value) -> Value {
        let Value::Array(mut items) = reply else { return reply };
        match (names, items.as_mut_slice()) {
            (Names::All, keys) => self.strip_keys(keys),
            (Names::AfterCursor, [_, Value::Array(keys)]) => self.strip_keys(keys),
            (Names::First, [key, ..]) => self.strip_keys(std::slice::from_mut(key)),
            _ => {}
        }
        Value::Array(items)
    }

    /// Takes the prefix off the keys in the replies of a transaction.
    pub(super) fn strip_all(&self, names: impl IntoIterator<Item = Names>, results: Results) -> Results {
        let pairs = names.into_iter().zip(results);
        pairs.map(|(names, result)| result.map(|reply| self.strip(names, reply))).collect()
    }

    fn strip_keys(&self, keys: &mut [Value]) {
        for key in keys {
            if let Value::Bulk(name) = key
                && let Some(rest) = name.strip_prefix(&**self.prefix())
            {
                *key = Value::bulk(rest);
            }
        }
    }

    /// Channels and patterns with the prefix.
    pub(super) fn topics(&self, topics: &[Topic]) -> Vec<Topic> {
        let topic = |topic: &Topic| match topic {
            Topic::Channel(name) => Topic::Channel(self.key(name).into()),
            Topic::Pattern(pattern) => Topic::Pattern(self.pattern(pattern).into()),
        };
        topics.iter().map(topic).collect()
    }

    /// A message with channel and pattern as the subscriber knows them.
    pub(super) fn message(&self, message: Message) -> Message {
        let strip = |name: Bytes, prefix: &[u8]| name.strip_prefix(prefix).map(Bytes::from).unwrap_or(name);
        Message {
            channel: strip(message.channel, &self.prefix),
            pattern: message.pattern.map(|pattern| strip(pattern, &self.pattern)),
            payload: message.payload,
        }
    }
}

impl Names {
    pub(super) fn of(spec: &Spec) -> Self {
        match spec.name {
            "KEYS" => Names::All,
            "SCAN" => Names::AfterCursor,
            "LMPOP" | "ZMPOP" | "BLMPOP" | "BZMPOP" | "BLPOP" | "BRPOP" | "BZPOPMIN" | "BZPOPMAX" => Names::First,
            _ => Names::None,
        }
    }
}

/// Whether the command has to do with no key at all.
fn is_keyless(spec: &Spec) -> bool {
    matches!(spec.group, Group::Connection | Group::Transactions)
        || ["TIME", "INFO", "CONFIG", "COMMAND", "LASTSAVE", "ROLE", "LOLWUT", "SCRIPT"].contains(&spec.name)
}

pub(super) fn unknown_keys(command: &Encoded) -> Error {
    let name = String::from_utf8_lossy(command.name()).to_ascii_uppercase();
    Error::new(
        Kind::Unsupported,
        format!("{name} cannot be used under a prefix: it is not known which of its arguments are keys"),
    )
}
