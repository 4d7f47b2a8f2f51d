//! The common expectations, on real servers of every flavor.

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use redipy_conformance::server::{Flavor, shared};
use redipy_conformance::subject::Subject;
use redipy_conformance::{cases, original, suite};
use redipy_remote::{Config, Remote};

fn on(flavor: Flavor) -> Option<Subject> {
    let shared = shared(flavor)?;
    let turn = shared.turn();
    let remote = Remote::new(Config::tcp("127.0.0.1", shared.server().port()));
    Some(Subject::new(Arc::new(remote)).like(flavor).holding(turn))
}

/// The same server by futures.
#[cfg(feature = "async")]
fn by_futures(flavor: Flavor) -> Option<Subject> {
    let shared = shared(flavor)?;
    let turn = shared.turn();
    let remote = Arc::new(Remote::new(Config::tcp("127.0.0.1", shared.server().port())));
    let futures = redipy_conformance::futures::Futures::of(remote)?;
    Some(Subject::new(Arc::new(futures)).like(flavor).holding(turn))
}

fn trials(flavor: Flavor, fresh: fn() -> Option<Subject>) -> impl Iterator<Item = Trial> {
    let trials = cases::trials(fresh, &[]).into_iter().chain(suite::trials(fresh));
    let trials = trials.chain([original::trial(fresh)]);
    trials.map(move |trial| trial.with_kind(flavor.to_string()))
}

fn main() -> ExitCode {
    let old = trials(Flavor::Redis70, || on(Flavor::Redis70));
    let new = trials(Flavor::Redis82, || on(Flavor::Redis82));
    let valkey = trials(Flavor::Valkey91, || on(Flavor::Valkey91));
    let all = old.chain(new).chain(valkey);
    #[cfg(feature = "async")]
    let all = all.chain(
        trials(Flavor::Redis82, || by_futures(Flavor::Redis82)).map(|trial| trial.with_kind("futures of Redis 8.2")),
    );
    libtest_mimic::run(&Arguments::from_args(), all.collect()).exit_code()
}
