//! The engine against the common expectations, and against the newest Redis on random commands.

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
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
    let servers = [("redis7", Flavor::Redis70), ("redis82", Flavor::Redis82), ("valkey", Flavor::Valkey91)];
    trials.extend(servers.map(|(name, flavor)| scripts(name, flavor)));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
