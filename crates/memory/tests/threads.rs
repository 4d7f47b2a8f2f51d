//! Threads that do everything to the same few keys at once: what the thread sanitizer looks at (`make sanitize`).
//!
//! Threads are joined one by one and outlived by the engine: the sanitizer sees only code that is compiled for it, which
//! the standard library's own is not.

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use libtest_mimic::{Arguments, Trial};
use redipy_backend::{Backend, Request, Topic};
use redipy_command::{Result, Value};
use redipy_conformance::command::{parse, request};
use redipy_memory::{Clock, Engine, EngineBuilder, Memory};
use redipy_script::{NONE, ScriptCall, script};

const THREADS: usize = 4;
const ROUNDS: usize = 60;

/// What every thread does again and again, `{k}` being one of a few keys: each makes it another form or type, grows or
/// shrinks it, or reads it. Errors about its type are replies like others.
const STEPS: &[&str] = &[
    "SET {k} 12",
    "INCR {k}",
    "APPEND {k} x",
    "GET {k}",
    "SET {k} short",
    "SET {k} shorter",
    "SETRANGE {k} 600 z",
    "GETRANGE {k} 0 -1",
    "GETDEL {k}",
    "RPUSH {k} a b c 1 2 3",
    "LPOP {k}",
    "LRANGE {k} 0 -1",
    "LMOVE {k} list:2 LEFT RIGHT",
    "UNLINK {k}",
    "HSET {k} f 1 g 2 h 3",
    "HINCRBY {k} f 1",
    "HGETALL {k}",
    "RENAME {k} key:0",
    "SADD {k} 1 2 3 x",
    "SMEMBERS {k}",
    "SUNIONSTORE {k} {k} key:1",
    "DEL {k} key:1",
    "ZADD {k} 1 a 2 b 3 c",
    "ZRANGE {k} 0 -1 WITHSCORES",
    "ZINCRBY {k} 2 a",
    "COPY {k} key:3 REPLACE",
    "PEXPIRE {k} 3",
    "PTTL {k}",
    "PERSIST {k}",
    "MSET key:0 1 {k} long-enough-to-be-stored-elsewhere key:3 9",
    "MGET key:0 {k} key:3",
    "TYPE {k}",
    "STRLEN {k}",
    "SCAN 0 COUNT 3",
    "RANDOMKEY",
    "DBSIZE",
];

/// An engine, seen from a thread.
#[derive(Clone)]
struct Seen {
    memory: Memory,
    clock: Clock,
    /// The script that writes both keys of the pair.
    both: ScriptCall,
}

impl Seen {
    fn new() -> Self {
        Self::with(|engine| engine)
    }

    fn with(settings: impl FnOnce(EngineBuilder) -> EngineBuilder) -> Self {
        let clock = Clock::manual();
        let memory = Memory::from(settings(Engine::builder()).clock(clock.clone()).seed(7).build());
        let seen = Self { memory, clock, both: both() };
        // What is made at the first use is made before there are threads.
        assert_eq!(seen.say("PING").unwrap(), Value::Status("PONG".into()));
        seen
    }

    fn say(&self, line: &str) -> Result<Value> {
        self.memory.call(&command(line))
    }
}

fn command(line: &str) -> Request {
    request(&parse(line).unwrap_or_else(|error| panic!("{line}: {error}")))
}

/// Runs this in every thread, with the thread's number, and waits for all.
fn in_threads(seen: &Seen, run: impl Fn(&Seen, usize) + Send + Sync + 'static) {
    let run = Arc::new(run);
    let start = |thread: usize| {
        let (seen, run) = (seen.clone(), run.clone());
        thread::spawn(move || run(&seen, thread))
    };
    let threads: Vec<_> = (0..THREADS).map(start).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap_or_else(|_| panic!("a thread failed")));
}

/// A script that writes both keys of the pair, and one that is neither.
fn both() -> ScriptCall {
    let script = script(|f| {
        f.add(f.var("left").incrby(1));
        f.add(f.var("right").incrby(1));
        f.add(f.list("log").rpush("both"));
        f.returns(NONE);
    });
    let script = script.compile().unwrap_or_else(|error| panic!("{error}"));
    script.key("left", "pair:left").key("right", "pair:right").key("log", "key:1")
}

/// In every thread: all steps on changing keys, and time that goes on.
fn change_everything(seen: &Seen, thread: usize) {
    for round in 0..ROUNDS {
        for at in 0..STEPS.len() {
            // Threads go through the steps from different places, some backwards.
            let stride = if thread.is_multiple_of(2) { 1 } else { STEPS.len() - 1 };
            let at = (at * stride + thread * 7 + round) % STEPS.len();
            let key = format!("key:{}", (at + round) % 4);
            if let Err(error) = seen.say(&STEPS[at].replace("{k}", &key)) {
                assert!(error.code() != "SYNTAX" && !error.message().contains("unknown command"), "{error}");
            }
        }
        seen.clock.advance(Duration::from_millis(1));
    }
}

/// The two keys of the pair are written together only.
fn write_pairs(seen: &Seen, thread: usize) {
    let mut session = seen.memory.session().unwrap();
    let two = ["INCR pair:left", "INCR pair:right"].map(command).into();
    for round in 0..ROUNDS {
        match (thread + round) % 4 {
            0 => drop(seen.memory.call(&Request::from(seen.both.clone()))),
            1 => drop(session.transaction(&two)),
            2 => drop(seen.say("MSET pair:left 5 pair:right 5")),
            _ => drop(seen.say(if round % 8 == 0 { "FLUSHALL" } else { "DEL pair:left pair:right" })),
        }
        let Ok(Value::Array(pair)) = seen.say("MGET pair:left pair:right") else { panic!("MGET answers an array") };
        assert_eq!(pair[0], pair[1]);
        drop(seen.say("RPUSH key:1 x"));
    }
}

fn every_form_of_a_key_is_changed_by_several_threads() {
    let seen = Seen::new();
    in_threads(&seen, change_everything);
    let Ok(Value::Array(keys)) = seen.say("KEYS *") else { panic!("KEYS answers an array") };
    assert_eq!(seen.say("DBSIZE").unwrap(), Value::Int(keys.len() as i64));
    assert_eq!(seen.say("FLUSHALL").unwrap(), Value::OK);
    assert_eq!(seen.say("DBSIZE").unwrap(), Value::Int(0));
}

fn what_is_written_together_is_read_together() {
    let seen = Seen::new();
    in_threads(&seen, write_pairs);
}

fn both_at_once() {
    let seen = Seen::new();
    in_threads(&seen, |seen, thread| match thread % 2 {
        0 => change_everything(seen, thread),
        _ => write_pairs(seen, thread / 2),
    });
}

/// Keyspace notifications: each event once, and those of one key in the order in which they happened to it.
fn what_happens_to_a_key_is_told_in_order() {
    let seen = Seen::with(|engine| engine.notify_keyspace_events("KA".parse().unwrap()));
    let mut messages = seen.memory.subscribe(&[Topic::Pattern("__keyspace@0__:*".into())]).unwrap();
    let steps = |thread: usize| {
        [("SET own:{t} 1", "set"), ("APPEND own:{t} x", "append"), ("INCR shared", "incrby"), ("DEL own:{t}", "del")]
            .map(|(line, event)| (line.replace("{t}", &thread.to_string()), event))
    };
    in_threads(&seen, move |seen, thread| {
        for _ in 0..ROUNDS {
            steps(thread).iter().for_each(|(line, _)| drop(seen.say(line).unwrap()));
        }
    });
    let mut told: HashMap<String, Vec<String>> = HashMap::new();
    while let Some(message) = messages.next(Some(Duration::ZERO)).unwrap() {
        told.entry(message.channel.to_text()).or_default().push(message.payload.to_text());
    }
    for thread in 0..THREADS {
        let own = told.remove(&format!("__keyspace@0__:own:{thread}")).unwrap_or_default();
        assert_eq!(own, ["set", "append", "del"].repeat(ROUNDS), "thread {thread}");
    }
    assert_eq!(told.remove("__keyspace@0__:shared"), Some(vec!["incrby".to_owned(); THREADS * ROUNDS]));
    assert!(told.is_empty(), "{told:?}");
}

/// One at a time in this thread, when asked with `--test-threads=1`: the usual harness would send results through a channel.
fn main() -> ExitCode {
    let tests: [(&str, fn()); 4] = [
        ("every_form_of_a_key_is_changed_by_several_threads", every_form_of_a_key_is_changed_by_several_threads),
        ("what_is_written_together_is_read_together", what_is_written_together_is_read_together),
        ("both_at_once", both_at_once),
        ("what_happens_to_a_key_is_told_in_order", what_happens_to_a_key_is_told_in_order),
    ];
    let trial = |(name, test): (&str, fn())| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    libtest_mimic::run(&Arguments::from_args(), tests.map(trial).into()).exit_code()
}
