//! A value that is too large for memory is an error of its call and not the end of the process.
#![cfg(target_os = "linux")]

use std::process::Command;

use redipy_backend::{Backend, Pipeline, Session};
use redipy_command::generic::CopyKey;
use redipy_command::hash::{HGet, HGetAll, HMGet, HScan, HSet, HVals};
use redipy_command::list::{LIndex, LInsert, LMPop, LMove, LPop, LPush, LRange, LSet, ListEnd, ListSide, RPush};
use redipy_command::reply::OneOrMany;
use redipy_command::set::{SAdd, SDiff, SInter, SMembers, SPop, SRandMember, SScan, SUnion, SUnionStore};
use redipy_command::string::{Append, Get, GetSet, MGet, MSet, Set};
use redipy_command::zset::{ZAdd, ZPopMin, ZRange, ZRangeStore, ZScan};
use redipy_command::{Bytes, Encoded, Key, Kind, Result, Value};
use redipy_memory::{Engine, Memory, Run};
use redipy_script::script;

/// Set for the process in which there is little memory.
const CHILD: &str = "REDIPY_LITTLE_MEMORY";

const LARGE: usize = 40_000_000;

/// More than is left when the test begins, which is less than one large value.
const LIMIT_KB: &str = "1500000";

#[test]
fn what_is_too_large_fails_alone() {
    if std::env::var_os(CHILD).is_some() {
        return in_little_memory();
    }
    let own = std::env::current_exe().unwrap();
    let output = Command::new("sh")
        .args(["-c", "ulimit -v $1 && shift && exec \"$@\"", "sh", LIMIT_KB])
        .arg(own)
        .args(["--exact", "what_is_too_large_fails_alone", "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let texts = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "{}: {texts:?}", output.status);
}

/// Takes what memory there is, but for less than a large value.
fn take_memory() -> Vec<Vec<u8>> {
    let block = || {
        let mut block = Vec::new();
        block.try_reserve_exact(LARGE / 3).ok().map(|()| block)
    };
    let mut taken: Vec<Vec<u8>> = std::iter::from_fn(block).collect();
    taken.pop();
    taken
}

fn in_little_memory() {
    let text = vec![b'x'; LARGE];
    let engine = Engine::new();
    let memory = Memory::from(engine.clone());
    fill(&engine, &text);
    let scripts = Scripts::new();
    let session = memory.session().unwrap();
    let taken = take_memory();
    arguments(&engine, &text);
    results(&engine);
    by_name(&memory, session, &text);
    scripts.run(&memory);
    drop(taken);
    nothing_has_changed(&engine);
}

fn key(name: &str) -> Key<'_> {
    name.into()
}

/// A large element in a value of each type.
fn fill(engine: &Engine, text: &[u8]) {
    engine.execute(0, Set { key: key("k"), value: text.into(), options: Default::default() }).unwrap();
    engine.execute(0, RPush { key: key("l"), elements: text.into() }).unwrap();
    engine.execute(0, RPush { key: key("l"), elements: "small".into() }).unwrap();
    engine.execute(0, HSet { key: key("h"), pairs: ("f", text).into() }).unwrap();
    engine.execute(0, SAdd { key: key("s"), members: text.into() }).unwrap();
    let options = Default::default();
    engine.execute(0, ZAdd { key: key("z"), options, members: (1.0, text).into() }).unwrap();
}

/// The call fails for want of memory.
#[track_caller]
fn lacks<R>(result: Result<R>) {
    match result {
        Ok(_) => panic!("there was room"),
        Err(error) => assert_eq!(error.kind(), Kind::OutOfMemory, "{error}"),
    }
}

fn arguments(engine: &Engine, text: &[u8]) {
    #[track_caller]
    fn fails(engine: &Engine, command: impl Run) {
        lacks(engine.execute(0, command));
    }
    let value = || text.into();
    fails(engine, Set { key: key("new"), value: value(), options: Default::default() });
    fails(engine, Append { key: key("k"), value: value() });
    fails(engine, GetSet { key: key("k"), value: "v".into() });
    fails(engine, MSet { pairs: [(key("new"), "v".into()), (key("other"), value())].into() });
    fails(engine, RPush { key: key("new"), elements: text.into() });
    fails(engine, LPush { key: key("l"), elements: ["a".as_bytes(), text].into() });
    fails(engine, LSet { key: key("l"), index: 1.into(), element: value() });
    fails(engine, LInsert { key: key("l"), side: ListSide::After, pivot: "small".into(), element: value() });
    fails(engine, HSet { key: key("new"), pairs: ("f", text).into() });
    fails(engine, HSet { key: key("h"), pairs: (text, "v").into() });
    fails(engine, SAdd { key: key("new"), members: text.into() });
    fails(engine, ZAdd { key: key("new"), options: Default::default(), members: (1.0, text).into() });
    fails(engine, RPush { key: key("new"), elements: vec![&text[..900_000]; 45].into() });
    fails(engine, Set { key: Key(text), value: "v".into(), options: Default::default() });
}

fn results(engine: &Engine) {
    #[track_caller]
    fn fails(engine: &Engine, command: impl Run) {
        lacks(engine.execute(0, command));
    }
    fails(engine, Get { key: key("k") });
    fails(engine, MGet { keys: ["small", "k"].into() });
    for count in [None, Some(1), Some(2)] {
        fails(engine, LPop { key: key("l"), count });
        fails(engine, ZPopMin { key: key("z"), count });
        fails(engine, SPop { key: key("s"), count });
        fails(engine, SRandMember { key: key("s"), count });
    }
    fails(engine, LMPop { keys: ["none", "l"].into(), wherefrom: ListEnd::Left, options: Default::default() });
    fails(engine, LRange { key: key("l"), start: 0, stop: -1 });
    fails(engine, LIndex { key: key("l"), index: 0.into() });
    let (wherefrom, whereto) = (ListEnd::Left, ListEnd::Right);
    fails(engine, LMove { source: key("l"), destination: key("new"), wherefrom, whereto });
    fails(engine, HGet { key: key("h"), field: "f".into() });
    fails(engine, HMGet { key: key("h"), fields: ["none", "f"].into() });
    fails(engine, HGetAll { key: key("h") });
    fails(engine, HVals { key: key("h") });
    fails(engine, HScan { key: key("h"), cursor: 0.into(), options: None });
    fails(engine, SMembers { key: key("s") });
    fails(engine, SScan { key: key("s"), cursor: 0.into(), options: None });
    fails(engine, SUnion { keys: ["s", "none"].into() });
    fails(engine, SInter { keys: ["s", "s"].into() });
    fails(engine, SDiff { keys: ["s", "none"].into() });
    fails(engine, SUnionStore { destination: key("new"), keys: ["s", "none"].into() });
    let (start, stop) = (0.into(), (-1).into());
    fails(engine, ZRange { key: key("z"), start, stop, options: Default::default() });
    let options = Default::default();
    fails(engine, ZRangeStore { destination: key("new"), source: key("z"), start, stop, options });
    fails(engine, ZScan { key: key("z"), cursor: 0.into(), options: None });
    for source in ["k", "l", "h", "s", "z"] {
        fails(engine, CopyKey { source: key(source), destination: key("new"), options: Default::default() });
    }
}

/// Commands that are encoded, whose replies are values: in pipelines, transactions and sessions.
fn by_name(memory: &Memory, mut session: Box<dyn Session>, text: &[u8]) {
    let push = || Encoded::raw(b"RPUSH").arg("new").arg(text);
    lacks(memory.call(&push().into()));
    for line in ["GET k", "LPOP l", "LPOP l 1", "HGET h f", "HGETALL h", "SMEMBERS s", "SPOP s", "ZRANGE z 0 -1"] {
        let mut words = line.split(' ');
        let name = Encoded::raw(words.next().unwrap_or_default().as_bytes());
        lacks(memory.call(&words.fold(name, Encoded::arg).into()));
    }
    let incr = || Encoded::raw(b"INCR").arg("n");
    let results = memory.pipeline(&[push(), incr()].into()).unwrap();
    assert_eq!(results[1], Ok(Value::Int(1)));
    lacks(results.into_iter().next().unwrap());
    lacks(memory.transaction(&[incr(), push()].into()));

    let mut pipeline = Pipeline::new(std::sync::Arc::new(memory.clone()));
    let slot = redipy_command::Execute::call(&mut pipeline, RPush { key: key("new"), elements: text.into() });
    lacks(pipeline.execute().unwrap().take(slot));

    session.call(&Encoded::raw(b"MULTI").into()).unwrap();
    lacks(session.call(&push().into()));
    assert_eq!(session.call(&Encoded::raw(b"EXEC").into()).unwrap_err().code(), "EXECABORT");
}

/// Scripts that read a large text, and that make one.
struct Scripts(Vec<redipy_script::ScriptCall>);

impl Scripts {
    fn new() -> Self {
        let read = script(|f| f.returns(f.var("k").get())).compile().unwrap();
        let doubled = script(|f| {
            let text = f.local("x".repeat(1_000));
            f.while_(text.ne(""), |b| b.assign(&text, &text + &text));
        });
        let doubled = doubled.compile().unwrap();
        Self(vec![read.key("k", "k"), doubled.prepare()])
    }

    fn run(self, memory: &Memory) {
        for call in self.0 {
            lacks(memory.call(&call.into()));
        }
    }
}

fn nothing_has_changed(engine: &Engine) {
    let len = |bytes: Option<Bytes>| bytes.map(|bytes| bytes.len());
    assert_eq!(len(engine.execute(0, Get { key: key("k") }).unwrap()), Some(LARGE));
    let OneOrMany::Many(Some(list)) = engine.execute(0, LPop { key: key("l"), count: Some(5) }).unwrap() else {
        panic!("no list")
    };
    assert_eq!(list.iter().map(|element| element.len()).collect::<Vec<_>>(), [LARGE, 5]);
    assert_eq!(len(engine.execute(0, HGet { key: key("h"), field: "f".into() }).unwrap()), Some(LARGE));
    assert_eq!(engine.execute(0, SMembers { key: key("s") }).unwrap().len(), 1);
    let count = engine.execute(0, redipy_command::zset::ZCard { key: key("z") }).unwrap();
    assert_eq!(count, 1);
    // And what the pipeline counted, but not the transaction; the list was taken away just now.
    assert_eq!(engine.execute(0, Get { key: key("n") }).unwrap(), Some("1".into()));
    assert_eq!(engine.execute(0, redipy_command::server::DbSize {}).unwrap(), 5);
}
