//! Every command reaches the keys that it names, and no others: the cases of all backends, once with the locks that the
//! typed command asks for and once with those that its raw arguments call for. All other shards are out of reach, and
//! a command that looks there panics.

use std::collections::BTreeSet;

use redipy_backend::{Backend, Request};
use redipy_command::{Result, Value};
use redipy_conformance::cases::{self, steps::Action};
use redipy_conformance::command::{Command, request};

use crate::dispatch::ROWS;
use crate::{Clock, Engine, Memory};

/// Two engines that give the same answers, and their clock.
fn twins() -> (Clock, [Memory; 2]) {
    let clock = Clock::manual();
    let engine = || Memory::from(Engine::builder().seed(7).clock(clock.clone()).build());
    let twins = [engine(), engine()];
    (clock, twins)
}

/// The command, if it is one that the table has.
fn in_table(command: &Command) -> Option<(&'static str, Request)> {
    let request = request(command);
    let spec = request.as_ref().command()?.spec().filter(|spec| ROWS.iter().any(|row| row.spec.name == spec.name))?;
    Some((spec.name, request))
}

#[test]
fn commands_reach_what_they_name() -> Result<()> {
    let mut seen = BTreeSet::new();
    for case in cases::all() {
        let (clock, [typed, raw]) = twins();
        for step in &case.steps {
            let commands = match &step.action {
                Action::Wait(by) => {
                    clock.advance(*by);
                    continue;
                }
                Action::Call { command, .. } => std::slice::from_ref(command),
                Action::Repeat { commands } => commands,
            };
            for (name, request) in commands.iter().filter_map(in_table) {
                let one = typed.call(&request);
                let other = match raw.transaction(&[request].into()) {
                    Ok(mut results) => results.pop().unwrap_or(Ok(Value::Null)),
                    // Wrong arguments, which are found before anything is reached.
                    Err(_) => continue,
                };
                // Random members are drawn by the one and the other in turn, and not compared.
                assert_eq!(one.is_ok(), other.is_ok(), "{}: {name}", case.name);
                seen.insert(name);
            }
        }
    }
    let all: BTreeSet<_> = ROWS.iter().map(|row| row.spec.name).collect();
    assert_eq!(all.difference(&seen).collect::<Vec<_>>(), Vec::<&&str>::new(), "no case calls them");
    Ok(())
}
