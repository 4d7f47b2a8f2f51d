//! Requests and replies under a prefix: where keys, patterns and channels stand in them.

use redipy_command::spec::KeyRange;
use redipy_command::{Bytes, Encoded, Error, Flags, Group, Kind, Result, Spec, Value, glob};
use redipy_script::ScriptCall;

use super::whole::Whole;
use crate::backend::Results;
use crate::message::{Message, Topic};
use crate::request::Request;

/// A prefix, and the pattern that matches it.
pub(super) struct Namespace {
    prefix: Bytes,
    pattern: Bytes,
}

/// How a request is carried out.
#[derive(Debug)]
pub(super) enum Plan {
    /// It is sent, rewritten.
    Sent(Planned),
    /// It concerns all keys of the namespace, and takes several requests.
    Whole(Whole),
}

/// A request as it is sent, and where keys stand in its reply.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) request: Request,
    pub(super) names: Names,
}

/// Requests as they are sent, and where keys stand in their replies.
pub(super) struct PlannedAll {
    pub(super) requests: Vec<Request>,
    pub(super) names: Vec<Names>,
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

impl Planned {
    /// The command's name, upper case where it is known; nothing for a script.
    pub(super) fn name(&self) -> &[u8] {
        match &self.request {
            Request::Command(command) => command.spec().map_or(command.name(), |spec| spec.name.as_bytes()),
            Request::Script(_) => b"",
        }
    }
}

impl Namespace {
    pub(super) fn new(prefix: Bytes) -> Self {
        let pattern = glob::escape(&prefix).into();
        Self { prefix, pattern }
    }

    pub(super) fn prefix(&self) -> &Bytes {
        &self.prefix
    }

    /// How this request is carried out.
    pub(super) fn plan(&self, request: &Request) -> Result<Plan> {
        let command = match request {
            Request::Command(command) => command,
            Request::Script(call) => {
                return Ok(Plan::Sent(Planned { request: self.script(call)?.into(), names: Names::None }));
            }
        };
        let spec = known(command)?;
        if let Some(whole) = Whole::of(spec, command)? {
            return Ok(Plan::Whole(whole));
        }
        let request = match spec.name {
            "KEYS" => self.at(command, &[1], &self.pattern),
            "SCAN" => self.scan(command),
            "PUBLISH" => self.at(command, &[1], &self.prefix),
            _ => self.keys(spec, command)?,
        };
        Ok(Plan::Sent(Planned { request: request.into(), names: Names::of(spec) }))
    }

    /// How this request is carried out together with others.
    pub(super) fn plan_one_of_many(&self, request: &Request) -> Result<Planned> {
        match self.plan(request)? {
            Plan::Sent(planned) => Ok(planned),
            Plan::Whole(whole) => {
                let text = format!(
                    "under a prefix {} goes through all keys and is no single command: call it on the client, outside \
                     of pipelines and transactions",
                    whole.name()
                );
                Err(Error::new(Kind::Unsupported, text))
            }
        }
    }

    /// How these requests are carried out in a transaction; none is, if one is refused.
    pub(super) fn plan_all(&self, requests: &[Request]) -> Result<PlannedAll> {
        let planned = requests.iter().map(|request| self.plan_one_of_many(request)).collect::<Result<Vec<_>>>()?;
        let (requests, names) = planned.into_iter().map(|planned| (planned.request, planned.names)).unzip();
        Ok(PlannedAll { requests, names })
    }

    /// The key with the prefix.
    pub(super) fn key(&self, key: &[u8]) -> Vec<u8> {
        [&self.prefix, key].concat()
    }

    /// The pattern that matches what this pattern matches without the prefix.
    pub(super) fn pattern(&self, pattern: &[u8]) -> Vec<u8> {
        [&self.pattern, pattern].concat()
    }

    /// The call with the prefix before its keys.
    fn script(&self, call: &ScriptCall) -> Result<ScriptCall> {
        let (keys, _) = call.parts()?;
        let names = call.script().keys().iter();
        Ok(names.zip(keys).fold(call.clone(), |call, (name, key)| call.key(name, self.key(&key))))
    }

    fn keys(&self, spec: &'static Spec, command: &Encoded) -> Result<Encoded> {
        let mut positions = Vec::new();
        spec.key_positions(&command.to_vec(), &mut |position| positions.push(position));
        if spec.key_ranges().next().is_none() && !is_keyless(spec) {
            return Err(unknown_keys(command));
        }
        positions.sort_unstable();
        Ok(self.at(command, &positions, &self.prefix))
    }

    /// The command with something put before the arguments at these positions, which are in order.
    fn at(&self, command: &Encoded, positions: &[usize], before: &[u8]) -> Encoded {
        let mut positions = positions.iter().copied().peekable();
        command.map(|position, arg, out| {
            if positions.next_if_eq(&position).is_some() {
                out.extend_from_slice(before);
            }
            out.extend_from_slice(arg);
        })
    }

    /// SCAN with its pattern, or with one where it has none.
    fn scan(&self, command: &Encoded) -> Encoded {
        let args = command.to_vec();
        let is_pattern = |at: &usize| args[at - 1].eq_ignore_ascii_case(b"MATCH");
        let patterns: Vec<usize> = (3..args.len()).step_by(2).filter(is_pattern).collect();
        if patterns.is_empty() {
            let all = self.pattern(b"*");
            return command.clone().arg("MATCH").arg(&*all);
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
    pub(super) fn strip_all(&self, names: Vec<Names>, results: Results) -> Results {
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
    fn of(spec: &Spec) -> Self {
        match spec.name {
            "KEYS" => Names::All,
            "SCAN" => Names::AfterCursor,
            "LMPOP" | "ZMPOP" | "BLMPOP" | "BZMPOP" | "BLPOP" | "BRPOP" | "BZPOPMIN" | "BZPOPMAX" => Names::First,
            _ => Names::None,
        }
    }
}

/// The command's Spec, if it says where all keys stand.
fn known(command: &Encoded) -> Result<&'static Spec> {
    let spec = command.spec().ok_or_else(|| unknown_keys(command))?;
    let counted = |range| matches!(range, KeyRange::Counted(_));
    if spec.flags.has(Flags::MOVABLEKEYS) && !spec.key_ranges().any(counted) {
        return Err(unknown_keys(command));
    }
    Ok(spec)
}

/// Whether the command has to do with no key at all.
fn is_keyless(spec: &Spec) -> bool {
    matches!(spec.group, Group::Connection | Group::Transactions)
        || ["TIME", "INFO", "CONFIG", "COMMAND", "LASTSAVE", "ROLE", "LOLWUT", "SCRIPT"].contains(&spec.name)
}

fn unknown_keys(command: &Encoded) -> Error {
    let name = String::from_utf8_lossy(command.name()).to_ascii_uppercase();
    Error::new(
        Kind::Unsupported,
        format!("{name} cannot be used under a prefix: it is not known which of its arguments are keys"),
    )
}
