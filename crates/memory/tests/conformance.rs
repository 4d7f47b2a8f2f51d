//! The engine against the common expectations, and against the newest Redis on random commands.

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use redipy_conformance::diff::side::Side;
use redipy_conformance::diff::{self, Plan, families::Family};
use redipy_conformance::futures::Futures;
use redipy_conformance::server::Flavor;
use redipy_conformance::subject::Subject;
use redipy_conformance::{cases, original, programs, suite};
use redipy_memory::{Clock, Engine, Memory};

/// Cases that the engine is known to fail.
const FAILS: &[&str] = &[];

/// An empty engine with a clock that is moved by hand.
fn engine() -> Subject {
    let clock = Clock::manual();
    let engine = Engine::builder().clock(clock.clone()).build();
    Subject::new(Arc::new(Memory::from(engine))).with_clock(move |by| clock.advance(by))
}

/// An empty engine whose time is the system's, as the server's is.
fn in_real_time() -> Subject {
    Subject::new(Arc::new(Memory::from(Engine::new())))
}

/// An empty engine by futures.
fn by_futures() -> Option<Subject> {
    Some(Subject::new(Arc::new(Futures::of(Arc::new(Memory::from(Engine::new())))?)))
}

fn differential(family: Family) -> Trial {
    Trial::test(format!("diff::{}", family.name()), move || {
        let Some((_server, mut truth)) = diff::truth(Flavor::Redis82) else { return Ok(()) };
        let summary = diff::run(family, Plan::from_env(diff::COUNT), &in_real_time, &mut truth)?;
        println!("{}: {summary:?}", family.name());
        Ok(())
    })
}

/// What collections are on both sides, so that few elements make a large one.
const THRESHOLDS: [(&str, i32); 8] = [
    ("hash-max-listpack-entries", 6),
    ("hash-max-listpack-value", 5),
    ("set-max-intset-entries", 5),
    ("set-max-listpack-entries", 7),
    ("set-max-listpack-value", 3),
    ("zset-max-listpack-entries", 6),
    ("zset-max-listpack-value", 4),
    ("list-max-listpack-size", 4),
];

/// An empty engine with these thresholds.
fn with_thresholds() -> Subject {
    let [hash, hash_value, ints, set, set_value, zset, zset_value, list] = THRESHOLDS.map(|(_, value)| value);
    let engine = Engine::builder()
        .hash_max_listpack_entries(hash as usize)
        .hash_max_listpack_value(hash_value as usize)
        .set_max_intset_entries(ints as usize)
        .set_max_listpack_entries(set as usize)
        .set_max_listpack_value(set_value as usize)
        .zset_max_listpack_entries(zset as usize)
        .zset_max_listpack_value(zset_value as usize)
        .list_max_listpack_size(list);
    Subject::new(Arc::new(Memory::from(engine.build())))
}

/// As [`differential`], with large collections of few elements. [`Family::Lex`] has none: what a server finds by bytes in a
/// large sorted set with several scores is up to chance.
fn with_low_thresholds(family: Family) -> Trial {
    Trial::test(format!("diff::low_{}", family.name()), move || {
        let Some((_server, mut truth)) = diff::truth(Flavor::Redis82) else { return Ok(()) };
        let set = |(name, value): (&str, i32)| ["CONFIG", "SET", name, &value.to_string()].map(Into::into).to_vec();
        truth.send(0, &THRESHOLDS.map(set));
        let summary = diff::run(family, Plan::from_env(diff::COUNT), &with_thresholds, &mut truth)?;
        println!("{}, low thresholds: {summary:?}", family.name());
        Ok(())
    })
}

fn scripts(name: &str, flavor: Flavor) -> Trial {
    Trial::test(format!("script::{name}"), move || {
        if let Some(summary) = programs::run(flavor, Plan::from_env(programs::COUNT), &in_real_time())? {
            println!("{flavor}: {summary}");
        }
        Ok(())
    })
}

fn main() -> ExitCode {
    let fresh = || Some(engine());
    let mut trials = cases::trials(fresh, FAILS);
    trials.extend(suite::trials(fresh));
    trials.extend(original::trials(fresh));
    trials.extend(suite::trials(by_futures).into_iter().map(|trial| trial.with_kind("futures")));
    trials.extend(Family::ALL.map(differential));
    trials.extend([Family::List, Family::Hash, Family::Set, Family::ZSet].map(with_low_thresholds));
    let servers = [("redis7", Flavor::Redis70), ("redis82", Flavor::Redis82), ("valkey", Flavor::Valkey91)];
    trials.extend(servers.map(|(name, flavor)| scripts(name, flavor)));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
