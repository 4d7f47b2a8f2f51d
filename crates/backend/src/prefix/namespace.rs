//! A prefix on keys, patterns and channels, wherever they stand in requests and replies.

use redipy_command::spec::{KeysInReply, Names, Where};
use redipy_command::{Bytes, Encoded, EncodedRef, Error, Kind, Result, Spec, Value, glob};
use redipy_script::ScriptCall;

use crate::message::{Message, Topic};

/// The layer of a [`Prefix`](super::Prefix): a prefix, and the pattern that matches it.
#[derive(Debug)]
pub struct Namespace {
    prefix: Bytes,
    pub(super) pattern: Bytes,
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

    fn keys(&self, spec: &'static Spec, command: EncodedRef<'_>) -> Result<Encoded> {
        if spec.hides_keys() || (spec.touches_keys() && !spec.has_keys()) {
            return Err(unknown_keys(command));
        }
        let mut positions = Vec::new();
        spec.key_positions(&command.to_vec(), &mut |position| positions.push(position));
        positions.sort_unstable();
        Ok(self.at(command, &positions, &self.prefix))
    }

    /// The command with the prefix before what it names: keys, all keys that match a pattern, or channels.
    ///
    /// # Errors
    /// `Unsupported` if it is not known what it names.
    pub(super) fn named(&self, spec: &'static Spec, command: EncodedRef<'_>) -> Result<Encoded> {
        match spec.named() {
            None => self.keys(spec, command),
            Some((Names::Keys, Where::After(token, from))) => Ok(self.scan(command, token, from)),
            Some((Names::Keys | Names::Channels, Where::At(at))) => Ok(self.at(command, &[at], &self.pattern)),
            Some((Names::Channel, Where::At(at))) => Ok(self.at(command, &[at], self.prefix())),
            Some((_, Where::After(..))) => Err(unknown_keys(command)),
        }
    }

    /// The command with something put before the arguments at these positions, which are in order.
    fn at(&self, command: EncodedRef<'_>, positions: &[usize], before: &[u8]) -> Encoded {
        let mut positions = positions.iter().copied().peekable();
        command.map(|position, arg, out| {
            if positions.next_if_eq(&position).is_some() {
                out.extend_from_slice(before);
            }
            out.extend_from_slice(arg);
        })
    }

    /// A command that goes through all keys, with its pattern after this word, or with one where it has none: before its
    /// other options, of which the last may lack its value.
    fn scan(&self, command: EncodedRef<'_>, token: &str, from: usize) -> Encoded {
        let args = command.to_vec();
        let is_pattern = |at: &usize| args[at - 1].eq_ignore_ascii_case(token.as_bytes());
        let patterns: Vec<usize> = (from + 1..args.len()).step_by(2).filter(is_pattern).collect();
        if args.len() < from || !patterns.is_empty() {
            return self.at(command, &patterns, &self.pattern);
        }
        let (before, options) = args.split_at(from);
        let scan = before[1..].iter().fold(Encoded::raw(before[0]), |scan, argument| scan.arg(*argument));
        let scan = scan.arg(token).arg(self.pattern(b"*"));
        options.iter().fold(scan, |scan, option| scan.arg(*option))
    }

    /// Removes the prefix from the keys in a reply.
    pub(super) fn strip(&self, names: KeysInReply, reply: Value) -> Value {
        let Value::Array(mut items) = reply else {
            let mut whole = [reply];
            if names == KeysInReply::Whole {
                self.strip_keys(&mut whole);
            }
            let [reply] = whole;
            return reply;
        };
        match (names, items.as_mut_slice()) {
            (KeysInReply::All, keys) => self.strip_keys(keys),
            (KeysInReply::AfterCursor, [_, Value::Array(keys)]) => self.strip_keys(keys),
            (KeysInReply::First, [key, ..]) => self.strip_keys(std::slice::from_mut(key)),
            _ => {}
        }
        Value::Array(items)
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
    pub(super) fn prefixed_topics(&self, topics: &[Topic]) -> Vec<Topic> {
        let topic = |topic: &Topic| match topic {
            Topic::Channel(name) => Topic::Channel(self.key(name).into()),
            Topic::Pattern(pattern) => Topic::Pattern(self.pattern(pattern).into()),
        };
        topics.iter().map(topic).collect()
    }

    /// A message with channel and pattern as the subscriber knows them.
    pub(super) fn stripped_message(&self, message: Message) -> Message {
        let strip = |name: Bytes, prefix: &[u8]| name.strip_prefix(prefix).map(Bytes::from).unwrap_or(name);
        Message {
            channel: strip(message.channel, &self.prefix),
            pattern: message.pattern.map(|pattern| strip(pattern, &self.pattern)),
            payload: message.payload,
        }
    }
}

pub(super) fn unknown_keys(command: EncodedRef<'_>) -> Error {
    let name = command.full_name();
    Error::new(
        Kind::Unsupported,
        format!("{name} cannot be used under a prefix: it is not known which of its arguments are keys"),
    )
}
