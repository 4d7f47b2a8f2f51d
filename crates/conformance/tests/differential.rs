//! The differential runs themselves: a server does not differ from itself, and a planted mistake is found.

use std::sync::Arc;
use std::time::Duration;

use redipy_backend::backend::Results;
use redipy_backend::{Backend, Request, Requests, Session, Subscription, Topic};
use redipy_command::{Result, Value};
use redipy_conformance::diff::{self, Plan, families::Family};
use redipy_conformance::server::Flavor;
use redipy_conformance::subject::Subject;

const PLAN: Plan = Plan { seed: 7, count: 150 };

#[test]
fn a_server_does_not_differ_from_itself() {
    let Some((_server, mut truth)) = diff::truth(Flavor::Redis82) else { return };
    for family in Family::ALL {
        let other = || Subject::wired(Flavor::Redis82).unwrap_or_else(|| panic!("it was there a moment ago"));
        diff::run(family, PLAN, &other, &mut truth).unwrap();
    }
}

/// A server whose STRLEN forgets a byte.
struct Forgetful(Arc<dyn Backend>);

struct ForgetfulSession(Box<dyn Session>);

impl Session for ForgetfulSession {
    fn call(&mut self, request: &Request) -> Result<Value> {
        let command = request.as_ref().command();
        let forgets = command.is_some_and(|command| command.name().eq_ignore_ascii_case(b"STRLEN"));
        match self.0.call(request)? {
            Value::Int(len) if forgets && len > 3 => Ok(Value::Int(len - 1)),
            reply => Ok(reply),
        }
    }

    fn pipeline(&mut self, requests: &Requests) -> Result<Results> {
        Ok(requests.iter().map(|request| self.call(&request.into())).collect())
    }

    fn transaction(&mut self, requests: &Requests) -> Result<Option<Results>> {
        self.0.transaction(requests)
    }
}

impl Backend for Forgetful {
    fn call(&self, request: &Request) -> Result<Value> {
        self.0.call(request)
    }

    fn pipeline(&self, requests: &Requests) -> Result<Results> {
        self.0.pipeline(requests)
    }

    fn transaction(&self, requests: &Requests) -> Result<Results> {
        self.0.transaction(requests)
    }

    fn session(&self) -> Result<Box<dyn Session>> {
        Ok(Box::new(ForgetfulSession(self.0.session()?)))
    }

    fn subscribe(&self, topics: &[Topic]) -> Result<Box<dyn Subscription>> {
        self.0.subscribe(topics)
    }

    fn describe(&self) -> String {
        "a forgetful server".to_owned()
    }
}

#[test]
fn a_planted_mistake_is_found_and_shrunk() {
    let Some((_server, mut truth)) = diff::truth(Flavor::Redis82) else { return };
    let forgetful = || {
        let mut subject = Subject::wired(Flavor::Redis82).unwrap_or_else(|| panic!("it was there a moment ago"));
        subject.backend = Arc::new(Forgetful(subject.backend.clone()));
        subject.with_clock(|_: Duration| {})
    };
    let report = diff::run(Family::String, PLAN, &forgetful, &mut truth).unwrap_err();
    let commands = report.lines().filter(|line| line.starts_with("> ")).count();
    assert!(report.contains("string differs in strlen") && commands == 2, "{report}");
}
