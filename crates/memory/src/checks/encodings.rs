//! Which form a collection has is no reply of a command, but scans and stored scores show it, and so does OBJECT ENCODING
//! of a server: after random commands every key has the form that it has there.

use std::sync::Arc;

use redipy_command::{Key, Value};
use redipy_conformance::command::{Command, name_of, show};
use redipy_conformance::diff::families::{Family, Op};
use redipy_conformance::diff::keyspace;
use redipy_conformance::diff::replay::replay;
use redipy_conformance::diff::rng::Rng;
use redipy_conformance::diff::shrink::shrink;
use redipy_conformance::diff::side::{Side, Truth};
use redipy_conformance::diff::{Plan, truth};
use redipy_conformance::server::Flavor;
use redipy_conformance::subject::Subject;

use crate::space::Space;
use crate::store::object::View;
use crate::{Engine, EngineBuilder, Memory};

/// How many sequences a family gets; a quarter of them makes most collections large.
const COUNT: u64 = 300;

/// What OBJECT ENCODING says of a collection.
fn encoding(engine: &Engine, db: usize, key: &[u8]) -> Option<&'static str> {
    let at = Space::new(&engine.shared, engine.shared.lock_all().unwrap(), db);
    match at.view(Key::from(key))? {
        View::Int(_) | View::Str(_) => None,
        View::List(list) => Some(list.encoding()),
        View::Hash(hash) => Some(hash.encoding()),
        View::Set(set) => Some(set.encoding()),
        View::ZSet(zset) => Some(zset.encoding()),
    }
}

/// The first key whose form differs, and both forms.
fn difference(ops: &[Op], builder: &EngineBuilder, server: &mut Truth) -> Option<String> {
    let engine = builder.clone().build();
    let outcome = replay(ops, &Subject::new(Arc::new(Memory::from(engine.clone()))), server);
    outcome.tested.iter().find_map(|keyspace::Key { db, name, .. }| {
        let ours = encoding(&engine, db.parse().ok()?, name)?;
        let words = |words: &[&[u8]]| words.iter().map(|word| word.to_vec()).collect::<Command>();
        let asked = [words(&[b"SELECT", db.as_bytes()]), words(&[b"OBJECT", b"ENCODING", name])];
        match server.send(0, &asked).pop() {
            Some(Value::Bulk(theirs)) if theirs != ours => {
                Some(format!("{}: {ours}, on a server {theirs}", name.escape_ascii()))
            }
            _ => None,
        }
    })
}

fn compare(family: Family) {
    compare_with(family, &[]);
}

/// Compares an engine and a server with these settings.
fn compare_with(family: Family, settings: &[(&str, String)]) {
    let Some((_server, mut server)) = truth(Flavor::Redis82) else { return };
    let mut builder = Engine::builder();
    for (name, value) in settings {
        builder = builder.threshold(name, value).unwrap();
        let set = ["CONFIG", "SET", &name.replace('_', "-"), value].map(|word| word.as_bytes().to_vec()).to_vec();
        assert!(matches!(server.send(0, &[set]).pop(), Some(Value::Status(_))), "{name}");
    }
    let (plan, sequences) = (Plan::from_env(COUNT), family.sequences());
    let mut seeds = Rng::new(plan.seed);
    for _ in 0..plan.count {
        let mut ops = sequences(seeds.draw());
        // A server is told to remove what the engine has popped, and SREM changes no form where SPOP does.
        ops.retain(|op| name_of(&op.command) != "SPOP");
        if let Some(found) = difference(&ops, &builder, &mut server) {
            let ops = shrink(ops, &mut |ops| difference(ops, &builder, &mut server).is_some());
            let lines: Vec<String> = ops.iter().map(|op| show(&op.command)).collect();
            panic!("{found}\n{}\n{:?}", lines.join("\n"), difference(&ops, &builder, &mut server));
        }
    }
}

#[test]
fn lists() {
    compare(Family::List);
}

#[test]
fn hashes() {
    compare(Family::Hash);
}

#[test]
fn sets() {
    compare(Family::Set);
}

#[test]
fn sorted_sets() {
    compare(Family::ZSet);
    compare(Family::Lex);
}

/// Thresholds are settings of an engine as they are of a server, by the same names; low ones make most collections large.
#[test]
fn with_other_thresholds() {
    for size in [3, 200] {
        let different = |name: &str| match name {
            "set_max_intset_entries" => size + 1,
            "set_max_listpack_value" => size + 2,
            _ => size,
        };
        let settings: Vec<_> =
            EngineBuilder::THRESHOLDS.iter().map(|name| (*name, different(name).to_string())).collect();
        assert_eq!(settings.len(), 8);
        // What is found by bytes in a large sorted set with several scores is up to chance on a server.
        for family in [Family::List, Family::Hash, Family::Set, Family::ZSet] {
            compare_with(family, &settings);
        }
    }
    for size in [-1, -3, -5, 0, 1] {
        compare_with(Family::List, &[("list_max_listpack_size", size.to_string())]);
    }
}

#[test]
fn all_together() {
    compare(Family::Mixed);
    compare(Family::Generic);
}
