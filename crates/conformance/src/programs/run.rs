//! One program on the engine and on a server: what each answers, and what is left in the keyspace.

use std::collections::BTreeMap;
use std::io;

use redipy_backend::{Request, Session};
use redipy_command::{Result, Spec, Value};
use redipy_script::{Host, ScriptCall, clean_error, decode_reply};

use crate::command::{Command, request, show as show_command};
use crate::diff::keyspace;
use crate::diff::side::Side;
use crate::notation::{same, show};
use crate::wire::Client;
use crate::wired::value;

/// Everything that is stored, for a server to tell in one reply.
const DUMP: &str = include_str!("dump.lua");

/// How far apart deadlines may be, in milliseconds: they may count from the moment of the call.
const TOLERANCE: u64 = 60_000;

/// What is stored under a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    kind: String,
    content: Value,
    /// When it expires, in milliseconds of Unix time; -1 for never.
    deadline: i64,
}

/// What a side answered, and what it holds afterwards.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The reply or the error.
    pub answer: Result<Value>,
    /// The keys of each database.
    pub stored: BTreeMap<(i64, Vec<u8>), Stored>,
}

impl Outcome {
    /// Whether both are the same to somebody who looks at them.
    pub fn agrees(&self, other: &Outcome) -> bool {
        self.answers_agree(other)
            && self.stored.len() == other.stored.len()
            && self.stored.iter().zip(&other.stored).all(|((one_key, one), (other_key, other))| {
                let expires = deadlines_agree(one.deadline, other.deadline);
                one_key == other_key && one.kind == other.kind && same(&one.content, &other.content) && expires
            })
    }

    /// Whether the replies, or the kinds and the texts of the errors, are the same.
    pub fn answers_agree(&self, other: &Outcome) -> bool {
        match (&self.answer, &other.answer) {
            (Ok(one), Ok(other)) => same(one, other),
            (Err(one), Err(other)) => one.kind() == other.kind() && one.message_bytes() == other.message_bytes(),
            _ => false,
        }
    }

    /// The answer as text.
    pub fn show_answer(&self) -> String {
        match &self.answer {
            Ok(reply) => show(reply),
            Err(error) => format!("{:?}: {error}", error.kind()),
        }
    }

    /// What is stored, as text.
    pub fn show_stored(&self) -> String {
        let line = |((db, key), stored): (&(i64, Vec<u8>), &Stored)| {
            let expires = if stored.deadline == -1 { "" } else { ", expires" };
            let key = show_command(std::slice::from_ref(key));
            format!("  {db} {key}: {} {}{expires}\n", stored.kind, show(&stored.content))
        };
        self.stored.iter().map(line).collect()
    }
}

fn deadlines_agree(one: i64, other: i64) -> bool {
    // In the Lua that reads them, larger ones are no integers any more.
    let far = |deadline: i64| !(-1..1 << 53).contains(&deadline);
    one == other || far(one) && far(other) || one > 0 && other > 0 && one.abs_diff(other) < TOLERANCE
}

/// The engine. It is emptied before every program.
pub struct Tested {
    session: Box<dyn Session>,
}

impl Side for Tested {
    fn send(&mut self, _session: usize, commands: &[Command]) -> Vec<Value> {
        let mut call = |command: &Command| self.session.call(&request(command)).unwrap_or_else(Value::Error);
        commands.iter().map(&mut call).collect()
    }
}

impl Tested {
    /// A session of a backend.
    pub fn new(session: Box<dyn Session>) -> Self {
        Tested { session }
    }

    /// Runs a script.
    pub fn run(&mut self, setup: &[Command], call: &ScriptCall) -> Outcome {
        self.send(0, &prelude(setup));
        let answer = self.session.call(&Request::from(call.clone()));
        let answer = answer.and_then(Value::into_result);
        let keys = keyspace::read(self).into_iter();
        let stored = keys.map(|key| {
            let kind = if let Value::Status(kind) = key.kind { kind.into_owned() } else { String::new() };
            let deadline = if let Value::Int(deadline) = key.deadline { deadline } else { -1 };
            let content = content(&kind, key.content);
            ((key.db.parse().unwrap_or_default(), key.name), Stored { kind, content, deadline })
        });
        Outcome { answer, stored: stored.collect() }
    }
}

/// A server. Programs are sent in batches.
pub struct Truth {
    /// One connection speaks RESP2, one RESP3: scripts answer the same on both.
    clients: [Client; 2],
    turn: usize,
}

impl Truth {
    /// Two connections, the first of which speaks RESP2.
    pub fn new(clients: [Client; 2]) -> Self {
        Truth { clients, turn: 0 }
    }

    /// Runs scripts as Lua, one after the other.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn run(&mut self, batch: &[(&[Command], &ScriptCall)]) -> io::Result<Vec<Outcome>> {
        self.turn ^= 1;
        let client = &mut self.clients[self.turn];
        let words = |words: &[&str]| words.iter().map(|word| word.as_bytes().to_vec()).collect::<Command>();
        let mut commands = vec![words(&["SCRIPT", "FLUSH", "SYNC"])];
        for (setup, call) in batch {
            commands.extend(prelude(setup));
            commands.push(words(&["SCRIPT", "LOAD", call.lua().unwrap_or_default()]));
            let mut eval = words(&["EVALSHA"]);
            eval.extend(call.evalsha_args().map_err(io::Error::other)?);
            commands.extend([eval, words(&["SELECT", "0"]), words(&["EVAL", DUMP, "0"])]);
        }
        client.send_all(&commands)?;
        client.read()?;
        let mut outcomes = Vec::with_capacity(batch.len());
        for (setup, _) in batch {
            let mut replies = client.read_all(prelude(setup).len() + 4)?.into_iter().map(value).rev();
            let (dump, _, answer) = (replies.next(), replies.next(), replies.next());
            let answer = match answer.unwrap_or(Value::Null) {
                Value::Error(error) => Err(clean_error(error)),
                reply => decode_reply(reply),
            };
            outcomes.push(Outcome { answer, stored: read_dump(dump)? });
        }
        Ok(outcomes)
    }

    /// Runs a script on the register machine, whose commands go to the server: what differs from the same script as
    /// Lua is the language's fault, what does not is a matter of commands.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn run_commands(&mut self, setup: &[Command], call: &ScriptCall) -> io::Result<Outcome> {
        let client = &mut self.clients[1];
        for command in prelude(setup) {
            client.call(command)?;
        }
        let answer = call.run(&mut Direct(client));
        client.ask("SELECT 0")?;
        let dump = client.call(["EVAL", DUMP, "0"])?;
        Ok(Outcome { answer, stored: read_dump(Some(value(dump)))? })
    }
}

struct Direct<'a>(&'a mut Client);

impl Host for Direct<'_> {
    fn call(&mut self, spec: &'static Spec, args: &[&[u8]]) -> Result<Value> {
        let words: Vec<&[u8]> = std::iter::once(spec.name.as_bytes()).chain(args.iter().copied()).collect();
        match self.0.call(words) {
            Ok(reply) => value(reply).into_result().map_err(|error| as_in_scripts(spec, error)),
            Err(error) => Err(redipy_command::Error::new(redipy_command::Kind::Connection, error.to_string())),
        }
    }
}

/// What a script is told where a server's command takes fewer arguments; others are told the command's name. Commands
/// that count their arguments themselves say the same to both.
fn as_in_scripts(spec: &Spec, error: redipy_command::Error) -> redipy_command::Error {
    let takes_fewer = ["ZRANK", "ZREVRANK"].contains(&spec.name);
    if takes_fewer && error.message().starts_with("ERR wrong number of arguments for") {
        return redipy_command::Error::reply("ERR Wrong number of args calling Redis command from script");
    }
    error
}

/// What comes before a program.
fn prelude(setup: &[Command]) -> Vec<Command> {
    let words = |line: &str| line.split(' ').map(Into::into).collect::<Command>();
    [words("SELECT 0"), words("FLUSHALL")].into_iter().chain(setup.iter().cloned()).collect()
}

fn read_dump(dump: Option<Value>) -> io::Result<BTreeMap<(i64, Vec<u8>), Stored>> {
    let wrong = || io::Error::other(format!("the keyspace cannot be read: {dump:?}"));
    let Some(Value::Array(keys)) = &dump else { return Err(wrong()) };
    let read = |key: &Value| {
        let Value::Array(parts) = key else { return None };
        let [Value::Int(db), Value::Bulk(name), Value::Bulk(kind), Value::Int(deadline), stored] = &parts[..] else {
            return None;
        };
        let kind = kind.to_text();
        let content = content(&kind, stored.clone());
        Some(((*db, name.to_vec()), Stored { kind, content, deadline: *deadline }))
    };
    keys.iter().map(read).collect::<Option<_>>().ok_or_else(wrong)
}

/// Content in one form, however it was asked for: what has no order is sorted, scores are numbers.
fn content(kind: &str, content: Value) -> Value {
    let pairs = |items: Vec<Value>| {
        let mut items = items.into_iter();
        let mut pairs = Vec::new();
        while let (Some(one), Some(other)) = (items.next(), items.next()) {
            pairs.push((one, other));
        }
        pairs
    };
    match (kind, content) {
        ("hash", Value::Array(items)) => Value::Map(pairs(items)),
        ("set", Value::Array(items)) => Value::Set(items),
        ("zset", Value::Array(items)) if !matches!(items.first(), Some(Value::Array(_))) => {
            let scored = |(member, score): (Value, Value)| Value::Array(vec![member, number(score)]);
            Value::Array(pairs(items).into_iter().map(scored).collect())
        }
        (_, content) => content,
    }
}

fn number(score: Value) -> Value {
    match &score {
        Value::Bulk(text) => text.to_text().parse().map(Value::Double).unwrap_or(score),
        _ => score,
    }
}
