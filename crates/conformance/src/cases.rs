//! Cases: commands and the replies that they must give, kept in `cases/<family>.toml`.
//!
//! ```toml
//! [[case]]
//! name = "set with NX keeps what is there"
//! servers = ["redis-8.2", "valkey-9.1"]   # only if it is not true of all
//! steps = '''
//! > SET k v
//! OK
//! > SET k w NX
//! (nil)
//! '''
//! ```
//!
//! Steps are lines. `> ` begins a command ([`command`](crate::command)), what follows up to the next step is
//! its reply ([`notation`](crate::notation)). Further:
//!
//! - `b> ` and `c> `: a command of another connection.
//! - `@redis-7.0 (nil)` after a reply: what this server answers instead.
//! - `@repeat 1..200 HSET h f# v#`: the command for each number, in the place of `#`; none may fail.
//! - `@time +5s`, `@time +20ms`: time passes. A backend whose clock cannot be moved waits when that is
//!   short; a case with longer times is not for it.
//! - `# `: a comment.

pub mod steps;

use std::collections::HashSet;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use redipy_backend::{Requests, Session};
use redipy_command::Value;
use serde::Deserialize;

use crate::command::{request, show as show_command};
use crate::notation::show;
use crate::server::Flavor;
use crate::subject::Subject;
pub use steps::{Action, Step};

/// The files: families and their cases.
const FILES: &[(&str, &str)] = &[
    ("connection", include_str!("../cases/connection.toml")),
    ("found", include_str!("../cases/found.toml")),
    ("generic", include_str!("../cases/generic.toml")),
    ("hash", include_str!("../cases/hash.toml")),
    ("list", include_str!("../cases/list.toml")),
    ("server", include_str!("../cases/server.toml")),
    ("set", include_str!("../cases/set.toml")),
    ("string", include_str!("../cases/string.toml")),
    ("transactions", include_str!("../cases/transactions.toml")),
    ("zset", include_str!("../cases/zset.toml")),
];

/// A case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its family and the behaviour that it pins: `string::set with NX keeps what is there`.
    pub name: String,
    /// The servers that it is true of.
    pub servers: Vec<Flavor>,
    /// What happens.
    pub steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Raw>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: String,
    servers: Option<Vec<String>>,
    steps: String,
}

/// All cases.
///
/// # Panics
/// When a file is malformed: the cases are part of the tests.
pub fn all() -> Vec<Case> {
    let read =
        |(family, text): &(&str, &str)| read(family, text).unwrap_or_else(|error| panic!("{family}.toml: {error}"));
    FILES.iter().flat_map(read).collect()
}

/// Reads the cases of a file.
///
/// # Errors
/// What is wrong with it.
pub fn read(family: &str, text: &str) -> Result<Vec<Case>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let case = |raw: Raw| {
        let wrong = |error: String| format!("{:?}: {error}", raw.name);
        let servers = match &raw.servers {
            None => Flavor::ALL.to_vec(),
            Some(names) => names.iter().map(|name| steps::flavor(name)).collect::<Result<_, _>>().map_err(wrong)?,
        };
        let steps = steps::parse(&raw.steps).map_err(wrong)?;
        Ok(Case { name: format!("{family}::{}", raw.name), servers, steps })
    };
    file.case.into_iter().map(case).collect()
}

impl Case {
    /// Whether this case can be run on this subject.
    pub fn is_for(&self, subject: &Subject) -> bool {
        let waits =
            self.steps.iter().filter_map(|step| if let Action::Wait(by) = &step.action { Some(*by) } else { None });
        self.servers.contains(&subject.flavor) && subject.can_wait(waits.sum::<Duration>())
    }
}

/// Executes the steps; the replies of those that call.
pub fn replies(case: &Case, subject: &Subject) -> Vec<Option<Value>> {
    let session = || subject.backend.session().unwrap_or_else(|error| panic!("no session: {error}"));
    let mut sessions: Vec<Box<dyn Session>> = Vec::new();
    let mut execute = |step: &Step| match &step.action {
        Action::Wait(by) => {
            subject.wait(*by);
            None
        }
        Action::Call { session: index, command } => {
            while sessions.len() <= *index {
                sessions.push(session());
            }
            Some(sessions[*index].call(&request(command)).unwrap_or_else(Value::Error))
        }
        Action::Repeat { commands } => {
            let requests: Requests = commands.iter().map(|command| request(command)).collect();
            let mut session = session();
            let results = session.pipeline(&requests).unwrap_or_else(|error| vec![Err(error)]);
            let failed = results.into_iter().find_map(Result::err);
            Some(failed.map_or(Value::OK, Value::Error))
        }
    };
    case.steps.iter().map(&mut execute).collect()
}

/// Runs a case.
///
/// # Errors
/// The first reply that is not what was expected.
pub fn run(case: &Case, subject: &Subject) -> Result<(), String> {
    for (step, reply) in case.steps.iter().zip(replies(case, subject)) {
        let Some(reply) = reply else { continue };
        let Some(expected) = step.expected(subject.flavor) else {
            return Err(format!("line {}: no reply is expected, record it", step.line));
        };
        if !expected.fits(&reply) {
            let sent = match &step.action {
                Action::Call { command, .. } => show_command(command),
                _ => "@repeat".to_owned(),
            };
            return Err(format!("line {}: > {sent}\nexpected: {expected:?}\n     got: {}", step.line, show(&reply)));
        }
    }
    Ok(())
}

/// One test for each case that is for the subject.
///
/// `fails` names the cases that the backend is known to fail: such a test fails when the case passes, and
/// when there is no such case.
pub fn trials(fresh: fn() -> Option<Subject>, fails: &'static [&'static str]) -> Vec<Trial> {
    let cases = all();
    let names: HashSet<String> = cases.iter().map(|case| case.name.clone()).collect();
    let unknown = fails.iter().filter(|name| !names.contains(**name));
    let unknown = unknown
        .map(|name| Trial::test(format!("no case of this name: {name}"), || Err("the list is out of date".into())));
    let trial = |case: Case| {
        let known = fails.contains(&&case.name[..]);
        Trial::test(format!("case::{}", case.name), move || judge(&case, fresh, known))
    };
    let unknown: Vec<Trial> = unknown.collect();
    cases.into_iter().map(trial).chain(unknown).collect()
}

fn judge(case: &Case, fresh: fn() -> Option<Subject>, known: bool) -> Result<(), Failed> {
    let Some(subject) = fresh() else { return Ok(()) };
    if !case.is_for(&subject) {
        return Ok(());
    }
    match (run(case, &subject), known) {
        (Ok(()), true) => Err("it is listed as failing and passes: take it off the list".into()),
        (Err(error), false) => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_is_forgotten_and_no_name_is_used_twice() {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
        let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let files: Vec<_> = files.iter().map(|path| path.file_stem().unwrap().to_str().unwrap()).collect();
        assert_eq!(files, FILES.iter().map(|(family, _)| *family).collect::<Vec<_>>());
        let mut names = HashSet::new();
        all().iter().for_each(|case| assert!(names.insert(case.name.clone()), "{} twice", case.name));
    }

    #[test]
    fn every_reply_is_recorded() {
        for case in all() {
            for step in &case.steps {
                let waits = matches!(step.action, Action::Wait(_));
                assert!(waits || step.expected(Flavor::Redis82).is_some(), "{}, line {}", case.name, step.line);
            }
        }
    }
}
