//! What the original answered, judged: programs that were run on both backends of redipy (PyPI, 0.7.1), with the
//! answer that is right.
//!
//! The programs are in `original/*.json`: calls of the original's API (`calls.json`) and scripts (`scripts.json`),
//! which are Python with the original's intermediate form of them. Where the original's backends agreed and were
//! sensible, their answer is right; elsewhere the rules of the language decide, and `note` says how, where they
//! leave a choice. How values are written is in [`json`], what a call sends in [`api`], how a script is
//! read in [`redipy_script::import`].
//!
//! A case with `binding` is about a language that is not Rust: it is data for that binding's tests, which it names.

pub mod api;
mod case;
pub mod json;
#[cfg(test)]
mod reading;

use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use redipy_backend::{Backend, Prefix};

use crate::subject::Subject;
pub use case::Case;

/// The files with the cases.
const FILES: &[(&str, &str)] =
    &[("calls", include_str!("../original/calls.json")), ("scripts", include_str!("../original/scripts.json"))];

/// All cases.
///
/// # Panics
/// When a file is malformed: the cases are part of the tests.
pub fn all() -> Vec<Case> {
    let read = |(name, text): &(&str, &str)| -> Vec<Case> {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}.json: {error}"))
    };
    FILES.iter().flat_map(read).collect()
}

/// The cases that are run here: those that are not left to a binding.
fn here() -> impl Iterator<Item = Case> {
    all().into_iter().filter(|case| case.binding.is_none())
}

/// Runs a case on an empty backend.
///
/// # Errors
/// The first answer that is not the right one.
pub fn run(case: &Case, subject: &Subject) -> Result<(), String> {
    let wait = |by| subject.wait(by);
    let Some(prefix) = &case.prefix else { return case.run(&*subject.backend, &wait) };
    let inner: Arc<dyn Backend> = subject.backend.clone();
    case.run(&Prefix::new(inner, prefix.as_str()), &wait)
}

/// One test for each case.
pub fn trials(fresh: fn() -> Option<Subject>) -> Vec<Trial> {
    let trial = |case: Case| {
        Trial::test(format!("original::{}", case.id), move || match fresh() {
            Some(subject) => run(&case, &subject).map_err(Failed::from),
            None => Ok(()),
        })
    };
    here().map(trial).collect()
}

/// One test for all cases, for backends that take a while to start: it names every case that fails.
pub fn trial(fresh: fn() -> Option<Subject>) -> Trial {
    Trial::test("original", move || {
        let Some(subject) = fresh() else { return Ok(()) };
        let left = all().len() - here().count();
        println!("{} programs of the original, {left} more are for bindings", here().count());
        let mut failed = Vec::new();
        for case in here() {
            empty(&subject)?;
            failed.extend(run(&case, &subject).err().map(|error| format!("{}: {error}", case.id)));
        }
        if failed.is_empty() { Ok(()) } else { Err(format!("{} fail\n{}", failed.len(), failed.join("\n")).into()) }
    })
}

fn empty(subject: &Subject) -> Result<(), Failed> {
    let flush = crate::command::request(&[b"FLUSHALL".to_vec()]);
    subject.backend.call(&flush).map(drop).map_err(|error| error.message().to_owned().into())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_case_has_a_name_of_its_own() {
        let mut names = HashSet::new();
        all().iter().for_each(|case| assert!(names.insert(case.id.clone()), "{} twice", case.id));
        assert_eq!(names.len(), 189);
    }

    #[test]
    fn few_cases_are_left_to_a_binding() {
        let left: Vec<_> = all().into_iter().filter(|case| case.binding.is_some()).collect();
        left.iter().for_each(|case| assert!(case.note.is_some(), "{}: why?", case.id));
        assert!(left.len() < 10, "{}", left.len());
    }
}
