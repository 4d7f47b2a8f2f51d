//! Where two sides differ.

use std::collections::VecDeque;

use redipy_command::{Value, methods};

use super::families::Op;
use super::keyspace::Key;
use super::replay::{Exchange, Outcome, Special};
use crate::command::{Command, name_of, quote};
use crate::notation::{same, same_in_any_order, show};

/// How far apart times may be that count from the moment of the call, in milliseconds.
const TOLERANCE: i64 = 5_000;

/// A difference between the engine and the server.
#[derive(Debug, Clone)]
pub struct Difference {
    /// Whether it is the reply to a command, by its position, or the keyspace afterwards.
    pub at: Option<usize>,
    /// What differs, the same for the same mistake in other places.
    pub what: String,
    /// What the engine says.
    pub tested: String,
    /// What the server says.
    pub truth: String,
    /// For the keyspace: what shows the difference.
    pub question: Option<(&'static str, Command)>,
}

/// The first difference.
pub fn difference(ops: &[Op], outcome: &Outcome) -> Option<Difference> {
    let mut queued = [const { VecDeque::new() }; 2];
    let times = Times::of(ops);
    for (at, (op, exchange)) in ops.iter().zip(&outcome.exchanges).enumerate() {
        let name = name_of(&op.command);
        let queue: &mut VecDeque<Command> = &mut queued[op.session];
        let executed: Vec<Command> = if name == "EXEC" { queue.drain(..).collect() } else { Vec::new() };
        if !agrees(&op.command, exchange, &executed, times) {
            let truth = exchange.truth.iter().map(show).collect::<Vec<_>>().join(" | ");
            let known = methods::find(name.as_bytes()).is_some();
            let what = if known { name } else { "an unknown command".to_owned() };
            return Some(Difference { at: Some(at), what, tested: show(&exchange.tested), truth, question: None });
        }
        match &exchange.tested {
            Value::Status(status) if status == "QUEUED" => queue.push_back(op.command.clone()),
            Value::Status(_) if name == "DISCARD" => queue.clear(),
            _ => {}
        }
    }
    keyspace_difference(&outcome.tested, &outcome.truth, times)
}

/// How deadlines come into a sequence.
#[derive(Debug, Clone, Copy)]
struct Times {
    /// Some count from the moment of the call.
    relative: bool,
    /// A key may be given a deadline that has passed: the server keeps and counts it till somebody looks.
    lazy: bool,
}

impl Times {
    fn of(ops: &[Op]) -> Self {
        let absolute = |arg: &Vec<u8>| arg.eq_ignore_ascii_case(b"EXAT") || arg.eq_ignore_ascii_case(b"PXAT");
        Times {
            relative: ops.iter().any(|op| counts_from_now(&op.command)),
            lazy: ops.iter().any(|op| op.command.iter().any(absolute)),
        }
    }
}

/// Whether a command gives a key a deadline that counts from now.
fn counts_from_now(command: &[Vec<u8>]) -> bool {
    matches!(&name_of(command)[..], "EXPIRE" | "PEXPIRE" | "SETEX" | "PSETEX")
        || command.iter().any(|arg| arg.eq_ignore_ascii_case(b"EX") || arg.eq_ignore_ascii_case(b"PX"))
}

fn agrees(command: &[Vec<u8>], exchange: &Exchange, executed: &[Command], times: Times) -> bool {
    let Exchange { special, tested, truth } = exchange;
    let Some(last) = truth.last() else { return false };
    match special {
        Some(Special::Draw) => draws(command, tested, &truth[0], last),
        Some(Special::Pop) => pops(command, tested, &truth[0], last),
        Some(Special::Scan) => scans(tested, last),
        None => match (tested, last) {
            (Value::Array(one), Value::Array(other)) if !executed.is_empty() => {
                one.len() == other.len()
                    && executed.len() == one.len()
                    && executed
                        .iter()
                        .zip(one.iter().zip(other))
                        .all(|(command, (one, other))| replies_agree(command, one, other, times))
            }
            _ => replies_agree(command, tested, last, times),
        },
    }
}

fn replies_agree(command: &[Vec<u8>], tested: &Value, truth: &Value, times: Times) -> bool {
    match (&name_of(command)[..], tested, truth) {
        ("TIME", Value::Array(one), Value::Array(other)) => one.len() == other.len(),
        ("DBSIZE", Value::Int(one), Value::Int(other)) if times.lazy => one <= other,
        ("PTTL", ..) => times_agree(tested, truth, TOLERANCE),
        ("TTL", ..) => times_agree(tested, truth, TOLERANCE / 1000),
        ("PEXPIRETIME", ..) if times.relative => times_agree(tested, truth, TOLERANCE),
        ("EXPIRETIME", ..) if times.relative => times_agree(tested, truth, TOLERANCE / 1000),
        // Hash tables have orders of their own.
        (
            "HKEYS" | "HVALS" | "KEYS" | "SMEMBERS" | "SINTER" | "SUNION" | "SDIFF",
            Value::Array(one),
            Value::Array(other),
        ) => same_in_any_order(one, other),
        _ => same(tested, truth),
    }
}

fn times_agree(tested: &Value, truth: &Value, tolerance: i64) -> bool {
    match (tested, truth) {
        (Value::Int(one), Value::Int(other)) if *one > 0 && *other > 0 => one.abs_diff(*other) <= tolerance as u64,
        _ => same(tested, truth),
    }
}

/// A draw has the shape of the server's, consists of what there is, and repeats nothing unless told to.
fn draws(command: &[Vec<u8>], tested: &Value, all: &Value, truth: &Value) -> bool {
    let may_repeat = command.get(2).is_some_and(|count| count.starts_with(b"-"));
    let pairs: Vec<Value> = match all {
        Value::Map(pairs) => pairs.iter().map(|(k, v)| Value::Array(vec![k.clone(), v.clone()])).collect(),
        Value::Array(items) | Value::Set(items) => items.clone(),
        _ => Vec::new(),
    };
    let first = |value: &Value| match value {
        Value::Array(pair) => pair.first().cloned(),
        _ => None,
    };
    let is_there =
        |item: &Value| pairs.iter().any(|pair| same(pair, item) || first(pair).is_some_and(|name| same(&name, item)));
    match (tested, truth) {
        (Value::Bulk(_), Value::Bulk(_)) => is_there(tested),
        (Value::Array(one), Value::Array(other)) | (Value::Set(one), Value::Set(other)) => {
            let mut texts: Vec<String> = one.iter().map(show).collect();
            texts.sort_unstable();
            texts.dedup();
            let same_shapes = one.iter().zip(other).all(|(one, other)| one.shape() == other.shape());
            one.len() == other.len()
                && same_shapes
                && one.iter().all(is_there)
                && (may_repeat || texts.len() == one.len())
        }
        _ => same(tested, truth),
    }
}

/// SPOP took as many as it should, all of them different, and all of them were there.
fn pops(command: &[Vec<u8>], tested: &Value, cardinality: &Value, removed: &Value) -> bool {
    let (Value::Int(cardinality), Value::Int(removed)) = (cardinality, removed) else { return false };
    let count = command.get(2).map(|count| String::from_utf8_lossy(count).parse::<i64>().unwrap_or(0));
    let taken = match (tested, count) {
        (Value::Bulk(_), None) => 1,
        (Value::Set(items), Some(_)) | (Value::Array(items), Some(_)) => items.len() as i64,
        _ => return false,
    };
    taken == count.unwrap_or(1).min(*cardinality) && *removed == taken
}

/// All steps together gave what the server gives in one; elements may come twice.
fn scans(tested: &Value, truth: &Value) -> bool {
    match (tested, truth) {
        // From an odd cursor nothing but an error can be compared, and the engine gave none.
        (Value::Null, truth) => !matches!(truth, Value::Error(_)),
        (Value::Array(all), Value::Array(step)) => match &step[..] {
            [_, Value::Array(items)] => same_in_any_order(all, items),
            _ => false,
        },
        _ => false,
    }
}

fn keyspace_difference(tested: &[Key], truth: &[Key], times: Times) -> Option<Difference> {
    let find =
        |keys: &[Key], key: &Key| keys.iter().find(|other| other.db == key.db && other.name == key.name).cloned();
    let differs = |one: Option<&Key>, other: Option<&Key>| {
        let key = one.or(other)?;
        let (part, tested, truth, question) = match (one, other) {
            (Some(one), Some(other)) => {
                let deadlines_agree = replies_agree(&[b"PEXPIRETIME".to_vec()], &one.deadline, &other.deadline, times);
                if !same(&one.kind, &other.kind) {
                    ("type", show(&one.kind), show(&other.kind), vec![b"TYPE".to_vec(), key.name.clone()])
                } else if !same(&one.content, &other.content) {
                    ("content", show(&one.content), show(&other.content), key.question.clone())
                } else if !deadlines_agree {
                    (
                        "deadline",
                        show(&one.deadline),
                        show(&other.deadline),
                        vec![b"PEXPIRETIME".to_vec(), key.name.clone()],
                    )
                } else {
                    return None;
                }
            }
            _ => {
                let there = |key: Option<&Key>| format!("(int) {}", i32::from(key.is_some()));
                ("presence", there(one), there(other), vec![b"EXISTS".to_vec(), key.name.clone()])
            }
        };
        let what = format!("{part} of a {}", show(&key.kind));
        let tested = format!("{}: {tested}", quote(&key.name));
        Some(Difference { at: None, what, tested, truth, question: Some((key.db, question)) })
    };
    let by_tested = tested.iter().find_map(|one| differs(Some(one), find(truth, one).as_ref()));
    by_tested.or_else(|| truth.iter().find_map(|other| differs(find(tested, other).as_ref(), Some(other))))
}
