//! A case: what is done before, what is called, and what every answer must be.

use std::collections::BTreeMap;
use std::time::Duration;

use redipy_backend::{Backend, Request, RequestRef};
use redipy_command::{Error, Result as Answer, Value};
use redipy_script::import::import;
use serde::Deserialize;

use super::api;
use super::json::{Data, present};
use crate::notation::{same, show};

/// A program of the original and its right answers.
#[derive(Debug, Deserialize)]
pub struct Case {
    /// The name that it was recorded under.
    pub id: String,
    /// What it is about.
    pub description: String,
    /// The prefix of all its keys.
    pub prefix: Option<String>,
    /// The binding whose tests this is for, if it is for no other.
    pub binding: Option<String>,
    /// Why this answer is right, where one had to be chosen.
    pub note: Option<String>,
    /// Calls, one after the other.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// A script, with its own steps before and after it.
    pub script: Option<Box<Script>>,
}

/// A script with one call of it.
#[derive(Debug, Deserialize)]
pub struct Script {
    /// What built it, in Python.
    pub source: String,
    /// What it was built to.
    pub ir: Data,
    /// Calls before it.
    #[serde(default)]
    pub setup: Vec<Data>,
    /// The keys by their names in the script.
    #[serde(default)]
    pub keys: BTreeMap<String, String>,
    /// The arguments by their names in the script.
    #[serde(default)]
    pub args: BTreeMap<String, Data>,
    /// What it answers.
    #[serde(flatten)]
    pub expected: Expected,
    /// What registering it warns of.
    pub warns: Option<String>,
    /// Calls after it.
    #[serde(default)]
    pub after: Vec<Step>,
}

/// A call and what it answers.
#[derive(Debug, Deserialize)]
pub struct Step {
    /// The call.
    pub call: Data,
    /// What it answers.
    #[serde(flatten)]
    pub expected: Expected,
}

/// What something answers: exactly one of these.
#[derive(Debug, Default, Deserialize)]
pub struct Expected {
    /// This value.
    #[serde(default, deserialize_with = "present")]
    pub gives: Option<Value>,
    /// This error.
    pub fails: Option<Failure>,
    /// The errors of a transaction, by the position of the command, and its other values in `gives`.
    #[serde(default)]
    pub fails_at: BTreeMap<String, Failure>,
    /// A script is refused before it can be called, for a reason that holds this text.
    pub refused: Option<Failure>,
}

/// An error.
#[derive(Debug, Deserialize)]
pub struct Failure {
    /// Its kind.
    pub kind: String,
    /// Its text.
    pub text: String,
}

impl Failure {
    fn is(&self, error: &Error) -> bool {
        self.kind == format!("{:?}", error.kind()) && self.text == error.message()
    }

    fn is_in(&self, error: &Error) -> bool {
        self.kind == format!("{:?}", error.kind()) && error.message().contains(&self.text)
    }
}

impl Expected {
    /// Judges an answer.
    fn judge(&self, what: &str, answer: Answer<Value>) -> Result<(), String> {
        let fits = match (&self.gives, &self.fails, &answer) {
            (Some(expected), None, Ok(value)) => same(expected, value) || self.fits_in_part(expected, value),
            (None, Some(failure), Err(error)) => failure.is(error),
            _ => false,
        };
        if fits { Ok(()) } else { Err(format!("{what}\nexpected: {self}\n     got: {}", shown(&answer))) }
    }

    /// Judges the list of a transaction's answers, of which some are errors.
    fn fits_in_part(&self, expected: &Value, value: &Value) -> bool {
        let (Value::Array(expected), Value::Array(items)) = (expected, value) else { return false };
        let fits = |(at, (expected, item)): (usize, (&Value, &Value))| match (self.fails_at.get(&at.to_string()), item)
        {
            (Some(failure), Value::Error(error)) => failure.is(error),
            (None, item) => same(expected, item),
            _ => false,
        };
        expected.len() == items.len() && expected.iter().zip(items).enumerate().all(fits)
    }
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(value) = &self.gives {
            f.write_str(&show(value))?;
        }
        let failures = self.fails.iter().chain(&self.refused).chain(self.fails_at.values());
        failures.into_iter().try_for_each(|failure| write!(f, "({}) {}", failure.kind, failure.text))
    }
}

fn shown(answer: &Answer<Value>) -> String {
    match answer {
        Ok(value) => show(value),
        Err(error) => format!("({:?}) {error}", error.kind()),
    }
}

impl Case {
    /// Runs it on an empty backend, whose time passes by `wait`.
    ///
    /// # Errors
    /// The first answer that is not the right one.
    pub fn run(&self, backend: &dyn Backend, wait: &dyn Fn(Duration)) -> Result<(), String> {
        self.steps.iter().try_for_each(|step| step.run(backend, wait))?;
        self.script.iter().try_for_each(|script| script.run(backend, wait))
    }
}

fn called(backend: &dyn Backend, wait: &dyn Fn(Duration), call: &Data) -> Answer<Value> {
    let Value::Array(call) = &call.0 else { return Err(call.0.unexpected("a call")) };
    api::call(backend, wait, call)
}

impl Step {
    fn run(&self, backend: &dyn Backend, wait: &dyn Fn(Duration)) -> Result<(), String> {
        self.expected.judge(&show(&self.call.0), called(backend, wait, &self.call))
    }
}

impl Script {
    fn run(&self, backend: &dyn Backend, wait: &dyn Fn(Duration)) -> Result<(), String> {
        for call in &self.setup {
            called(backend, wait, call).map_err(|error| format!("{}: {error}", show(&call.0)))?;
        }
        let script = match (import(&self.ir.0).and_then(|draft| draft.compile()), &self.expected.refused) {
            (Ok(script), None) => script,
            (Err(error), Some(refused)) if refused.is_in(&error) => return self.run_after(backend, wait),
            (answer, _) => {
                let got =
                    answer.map_or_else(|error| format!("({:?}) {error}", error.kind()), |_| "a script".to_owned());
                return Err(format!("{}\nexpected: {}\n     got: {got}", self.source, self.expected));
            }
        };
        if let Some(text) = &self.warns
            && !script.warnings().iter().any(|warning| warning.message.contains(text))
        {
            return Err(format!("{}\nexpected the warning: {text}", self.source));
        }
        let call = self.keys.iter().fold(script.prepare(), |call, (name, key)| call.key(name, key.as_str()));
        let call = self.args.iter().fold(call, |call, (name, value)| call.arg(name, value.0.clone()));
        let request = Request::from(call.clone());
        self.expected.judge(&self.source, backend.call(&request))?;
        match request.as_ref() {
            RequestRef::Script(after) if *after == call => self.run_after(backend, wait),
            _ => Err(format!("{}\nthe arguments were changed", self.source)),
        }
    }

    fn run_after(&self, backend: &dyn Backend, wait: &dyn Fn(Duration)) -> Result<(), String> {
        self.after.iter().try_for_each(|step| step.run(backend, wait))
    }
}
