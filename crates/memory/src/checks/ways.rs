//! A command can come by name, as a typed call, in a transaction or under a prefix, which is other code each time: after
//! random commands all have said the same.

use std::sync::Arc;

use redipy_backend::{Backend, Prefix, Requests, Session};
use redipy_command::encoded::spec_of;
use redipy_command::{Kind, Result, Value, ValueSink};
use redipy_conformance::command::{Command, name_of, request, show};
use redipy_conformance::diff::Plan;
use redipy_conformance::diff::families::Family;
use redipy_conformance::diff::rng::Rng;
use redipy_conformance::notation::{same, same_in_any_order};

use crate::dispatch::{Call, row};
use crate::{Clock, Engine, Memory};

/// How many sequences a family gets.
const COUNT: u64 = 200;

pub(crate) fn engine(seed: u64) -> Engine {
    Engine::builder().seed(seed).clock(Clock::manual()).build()
}

fn alike(one: &Result<Value>, other: &Result<Value>) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => same(one, other),
        _ => one == other,
    }
}

/// Random commands, with the seed that they are from: those that the engine has, with the right number of arguments.
pub(crate) fn each_sequence(mut try_out: impl FnMut(u64, Vec<Command>)) {
    let plan = Plan::from_env(COUNT);
    for family in Family::ALL {
        let (mut seeds, sequences) = (Rng::new(plan.seed), family.sequences());
        for _ in 0..plan.count {
            let seed = seeds.draw();
            let commands = sequences(seed).into_iter().map(|op| op.command);
            try_out(seed, commands.filter(is_known).collect());
        }
    }
}

fn is_known(command: &Command) -> bool {
    let words: Vec<&[u8]> = command.iter().map(Vec::as_slice).collect();
    Call::of_words(spec_of(&words), &words).is_ok_and(|call| row(call.spec).is_some())
}

fn lines(commands: &[Command]) -> String {
    commands.iter().map(|command| show(command)).collect::<Vec<_>>().join("\n")
}

/// What a typed call gives. What came by name is read as a typed caller reads it.
fn typed(engine: &Engine, command: &Command, named: &Result<Value>) -> Option<Result<Value>> {
    let words: Vec<&[u8]> = command.iter().map(Vec::as_slice).collect();
    let call = Call::of_words(spec_of(&words), &words).ok()?;
    let row = row(call.spec)?;
    // With NOVALUES typed callers ask for another type, since the reply does not say that values are left out. ZSCAN prints
    // the scores of a large sorted set with more digits than they need.
    let without_values = command.iter().any(|word| word.eq_ignore_ascii_case(b"NOVALUES"));
    if let Ok(value) = named
        && !without_values
        && name_of(command) != "ZSCAN"
    {
        let read = (row.read)(value.clone());
        assert!(read.as_ref().is_ok_and(|read| same(read, value)), "{}\n{value:?}\nis read as {read:?}", show(command));
    }
    Some((row.typed)(engine, 0, call.args()))
}

#[test]
fn typed_calls_give_what_commands_by_name_do() {
    each_sequence(|seed, commands| {
        let (by_name, by_type) = (Memory::from(engine(seed)), engine(seed));
        for (at, command) in commands.iter().enumerate() {
            let named = by_name.call(&request(command));
            let typed = typed(&by_type, command, &named);
            let agree = typed.as_ref().is_some_and(|typed| alike(&named, typed));
            assert!(agree, "{}\nby name: {named:?}\ntyped: {typed:?}", lines(&commands[..=at]));
        }
    });
}

/// By the words of a client, as a server calls; in MULTI the replies come together.
#[test]
fn a_session_gives_by_words_what_it_gives_by_request() {
    let by_words = |session: &mut dyn Session, words: &[&[u8]]| {
        let mut reply = ValueSink::default();
        session.command(words, &mut reply).map(|()| reply.into_value())
    };
    each_sequence(|seed, commands| {
        let session = || Memory::from(engine(seed)).session().unwrap();
        let (mut called, mut said, mut queued) = (session(), session(), session());
        by_words(&mut *queued, &[b"MULTI"]).unwrap();
        let mut replies = Vec::new();
        for (at, command) in commands.iter().enumerate() {
            let words: Vec<&[u8]> = command.iter().map(Vec::as_slice).collect();
            let (one, other) = (called.call(&request(command)), by_words(&mut *said, &words));
            assert!(alike(&one, &other), "{}\ncalled: {one:?}\nsaid: {other:?}", lines(&commands[..=at]));
            assert_eq!(by_words(&mut *queued, &words), Ok(Value::Status("QUEUED".into())));
            replies.push(one);
        }
        let Value::Array(together) = by_words(&mut *queued, &[b"exec"]).unwrap() else { panic!("EXEC gives an array") };
        for (at, (one, other)) in replies.iter().zip(together).enumerate() {
            let other = other.into_result();
            assert!(alike(one, &other), "{}\nalone: {one:?}\nqueued: {other:?}", lines(&commands[..=at]));
        }
    });
}

#[test]
fn a_transaction_gives_what_its_commands_do_one_by_one() {
    each_sequence(|seed, commands| {
        let (single, together) = (Memory::from(engine(seed)), Memory::from(engine(seed)));
        let requests: Requests = commands.iter().map(|command| request(command)).collect();
        let results = together.transaction(&requests).unwrap_or_else(|error| panic!("{}\n{error}", lines(&commands)));
        assert_eq!(results.len(), requests.len());
        for (at, queued) in results.iter().enumerate() {
            let alone = single.call(&request(&commands[at]));
            assert!(alike(&alone, queued), "{}\nalone: {alone:?}\nqueued: {queued:?}", lines(&commands[..=at]));
        }
    });
}

/// These draw, and keys with other names are expired by other draws.
const DRAWING: [&str; 5] = ["SPOP", "SRANDMEMBER", "HRANDFIELD", "ZRANDMEMBER", "RANDOMKEY"];

/// The names of keys, but for the one without letters: no pattern but `*` matches it, as on a server, until it has a prefix.
fn names(reply: &Value) -> Vec<Value> {
    let Value::Array(names) = reply else { return Vec::new() };
    names.iter().filter(|name| **name != Value::bulk("")).cloned().collect()
}

#[test]
fn a_prefix_changes_no_reply() {
    each_sequence(|seed, commands| {
        let plain = Memory::from(engine(seed));
        let prefixed = Prefix::new(Arc::new(Memory::from(engine(seed))), "pre:");
        let commands: Vec<Command> =
            commands.into_iter().filter(|command| !DRAWING.contains(&&name_of(command)[..])).collect();
        for (at, command) in commands.iter().enumerate() {
            let under = prefixed.call(&request(command));
            if under.as_ref().is_err_and(|error| error.kind() == Kind::Unsupported) {
                continue;
            }
            let plain = plain.call(&request(command));
            // Where keys are gone through, they come in the order of their hashes.
            let agree = match (&name_of(command)[..], &plain, &under) {
                ("KEYS", Ok(one), Ok(other)) => same_in_any_order(&names(one), &names(other)),
                ("SCAN", Ok(_), Ok(_)) => true,
                _ => alike(&plain, &under),
            };
            assert!(agree, "{}\nplain: {plain:?}\nprefixed: {under:?}", lines(&commands[..=at]));
        }
    });
}
