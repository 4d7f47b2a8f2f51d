//! The cases and the suite on the real servers: what is asked of backends is true of the servers.

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use redipy_conformance::server::Flavor;
use redipy_conformance::subject::Subject;
use redipy_conformance::{cases, suite};

fn on(flavor: Flavor, fresh: fn() -> Option<Subject>) -> Vec<Trial> {
    let trials = cases::trials(fresh, &[]).into_iter().chain(suite::trials(fresh));
    trials.map(|trial| trial.with_kind(flavor.to_string())).collect()
}

fn main() -> ExitCode {
    let mut trials = on(Flavor::Redis70, || Subject::wired(Flavor::Redis70));
    trials.extend(on(Flavor::Redis82, || Subject::wired(Flavor::Redis82)));
    trials.extend(on(Flavor::Valkey91, || Subject::wired(Flavor::Valkey91)));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
