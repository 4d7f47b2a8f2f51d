//! One sequence on both sides: what each answers, and what is left in the keyspace.
//!
//! Commands that answer at random cannot be compared word for word. The engine goes first; the server then
//! gets, in the place of such a command, the questions that [`Special`] names, and the engine's answer is
//! compared with what they tell.

use redipy_command::{Error, Value};

use super::families::Op;
use super::keyspace::{self, Key};
use super::side::{Side, Tested, Truth};
use crate::command::{Command, name_of};
use crate::subject::Subject;

/// Commands whose answers are checked, not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Special {
    /// SRANDMEMBER, HRANDFIELD, ZRANDMEMBER, RANDOMKEY: the server is asked for all there is, and for its
    /// own draw; the engine's has the same shape and is among all.
    Draw,
    /// SPOP that gave members: the server is asked how many there are, and to remove the same ones.
    Pop,
    /// SCAN and its kin from cursor 0: the engine's steps are put together, the server does one big step.
    Scan,
}

/// A reply of the engine, with what the server said in its place.
#[derive(Debug)]
pub struct Exchange {
    /// How to compare; word for word without it.
    pub special: Option<Special>,
    /// The engine's reply.
    pub tested: Value,
    /// The server's replies; the last one is that to the command itself.
    pub truth: Vec<Value>,
}

/// What a sequence gave.
pub struct Outcome {
    /// One for each command.
    pub exchanges: Vec<Exchange>,
    /// What the engine has in the end.
    pub tested: Vec<Key>,
    /// What the server has.
    pub truth: Vec<Key>,
}

/// Runs a sequence on an empty backend and on the server, which is emptied.
pub fn replay(ops: &[Op], subject: &Subject, truth: &mut Truth) -> Outcome {
    let mut tested = Tested::new(subject);
    let mut exchanges = Vec::with_capacity(ops.len());
    let mut questions = Vec::with_capacity(ops.len());
    for op in ops {
        let (special, reply, asked) = test(op, &mut tested);
        exchanges.push(Exchange { special, tested: reply, truth: Vec::new() });
        questions.push((op.session, asked));
    }
    truth.reset();
    let mut at = 0;
    for run in questions.chunk_by(|one, other| one.0 == other.0) {
        let commands: Vec<Command> = run.iter().flat_map(|(_, asked)| asked.iter().cloned()).collect();
        let mut replies = truth.send(run[0].0, &commands).into_iter();
        for (_, asked) in run {
            exchanges[at].truth = replies.by_ref().take(asked.len()).collect();
            at += 1;
        }
    }
    Outcome { exchanges, tested: keyspace::read(&mut tested), truth: keyspace::read(truth) }
}

/// Gives the engine a command; its reply, and what to ask the server.
fn test(op: &Op, tested: &mut Tested) -> (Option<Special>, Value, Vec<Command>) {
    let command = &op.command;
    let mut ask =
        |command: &Command| tested.send(op.session, std::slice::from_ref(command)).pop().unwrap_or(Value::Null);
    let name = name_of(command);
    let key = command.get(1).map_or(&[][..], |key| key);
    let question = |words: &[&[u8]]| words.iter().map(|word| word.to_vec()).collect::<Command>();
    let reply = ask(command);
    let plain = |reply| (None, reply, vec![command.clone()]);
    if matches!(reply, Value::Error(_)) {
        return plain(reply);
    }
    let all = match &name[..] {
        "SPOP" => {
            let members = match &reply {
                Value::Bulk(member) => vec![member.to_vec()],
                Value::Array(items) | Value::Set(items) => items.iter().filter_map(bytes).collect(),
                _ => Vec::new(),
            };
            if members.is_empty() {
                return plain(reply);
            }
            let mut remove = question(&[b"SREM", key]);
            remove.extend(members);
            return (Some(Special::Pop), reply, vec![question(&[b"SCARD", key]), remove]);
        }
        "SCAN" | "HSCAN" | "SSCAN" | "ZSCAN" => return scan(command, reply, ask),
        "SRANDMEMBER" => question(&[b"SMEMBERS", key]),
        "HRANDFIELD" => question(&[b"HGETALL", key]),
        "ZRANDMEMBER" => question(&[b"ZRANGE", key, b"0", b"-1", b"WITHSCORES"]),
        "RANDOMKEY" => question(&[b"KEYS", b"*"]),
        _ => return plain(reply),
    };
    (Some(Special::Draw), reply, vec![all, command.clone()])
}

/// Takes all steps of a scan.
fn scan(
    command: &Command,
    first: Value,
    mut ask: impl FnMut(&Command) -> Value,
) -> (Option<Special>, Value, Vec<Command>) {
    let at = if name_of(command) == "SCAN" { 1 } else { 2 };
    if command.get(at).is_none_or(|cursor| cursor != b"0") {
        // Elsewhere only errors mean the same everywhere.
        return (Some(Special::Scan), Value::Null, vec![command.clone()]);
    }
    let mut all = Vec::new();
    let mut reply = first;
    // A scan that does not end would be a mistake of the engine.
    for _ in 0..100_000 {
        let Value::Array(parts) = &mut reply else { return (None, reply, vec![command.clone()]) };
        let (Some(items), Some(cursor)) = (parts.pop().and_then(|items| items.into_items().ok()), parts.pop()) else {
            break;
        };
        all.extend(items);
        let Some(cursor) = bytes(&cursor).filter(|cursor| cursor != b"0") else {
            let mut whole = command.clone();
            whole.extend([b"COUNT".to_vec(), b"1000000".to_vec()]);
            return (Some(Special::Scan), Value::Array(all), vec![whole]);
        };
        let mut next = command.clone();
        next[at] = cursor;
        reply = ask(&next);
    }
    let endless = Value::Error(Error::reply("the scan does not end"));
    (None, endless, vec![command.clone()])
}

fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Bulk(bytes) => Some(bytes.to_vec()),
        _ => None,
    }
}
