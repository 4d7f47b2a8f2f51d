//! The differential runs of scripts themselves: the register machine over a server does not differ from that server's
//! Lua, and a planted mistake is found and shrunk.

use std::sync::Arc;

use redipy_backend::backend::Results;
use redipy_backend::{Backend, Request, RequestRef, Requests, Session, Subscription, Topic};
use redipy_command::{Encoded, Result, Spec, Value};
use redipy_conformance::diff::Plan;
use redipy_conformance::programs;
use redipy_conformance::server::Flavor;
use redipy_conformance::subject::Subject;
use redipy_script::Host;

const PLAN: Plan = Plan { seed: 7, count: 300 };

/// A server whose scripts are run here; its APPEND may count a byte too many in scripts.
struct Machine {
    server: Arc<dyn Backend>,
    wrong: bool,
}

struct MachineSession {
    server: Box<dyn Session>,
    wrong: bool,
}

impl Host for MachineSession {
    fn call(&mut self, spec: &'static Spec, args: &[&[u8]]) -> Result<Value> {
        let command = args.iter().fold(Encoded::raw(spec.name.as_bytes()), |encoded, arg| encoded.arg(*arg));
        match self.server.call(&command.into())? {
            Value::Int(length) if self.wrong && spec.name == "APPEND" => Ok(Value::Int(length + 1)),
            reply => Ok(reply),
        }
    }
}

impl Session for MachineSession {
    fn call(&mut self, request: &Request) -> Result<Value> {
        match request.as_ref() {
            RequestRef::Script(call) => call.run(self),
            RequestRef::Command(_) => self.server.call(request),
        }
    }

    fn pipeline(&mut self, requests: &Requests) -> Result<Results> {
        Ok(requests.iter().map(|request| Session::call(self, &request.into())).collect())
    }

    fn transaction(&mut self, requests: &Requests) -> Result<Option<Results>> {
        self.server.transaction(requests)
    }
}

impl Backend for Machine {
    fn call(&self, request: &Request) -> Result<Value> {
        self.session()?.call(request)
    }

    fn pipeline(&self, requests: &Requests) -> Result<Results> {
        self.session()?.pipeline(requests)
    }

    fn transaction(&self, requests: &Requests) -> Result<Results> {
        self.server.transaction(requests)
    }

    fn session(&self) -> Result<Box<dyn Session>> {
        Ok(Box::new(MachineSession { server: self.server.session()?, wrong: self.wrong }))
    }

    fn subscribe(&self, topics: &[Topic]) -> Result<Box<dyn Subscription>> {
        self.server.subscribe(topics)
    }

    fn describe(&self) -> String {
        "the register machine over a server".to_owned()
    }
}

fn machine(wrong: bool) -> Option<Subject> {
    let mut subject = Subject::wired(Flavor::Redis82)?;
    subject.backend = Arc::new(Machine { server: subject.backend.clone(), wrong });
    Some(subject)
}

#[test]
fn the_machine_over_a_server_does_not_differ_from_its_lua() {
    let Some(subject) = machine(false) else { return };
    let summary = programs::run(Flavor::Redis82, PLAN, &subject).unwrap().unwrap_or_default();
    let ran = summary.programs - summary.refused - summary.refused_calls - summary.too_long;
    assert!(ran > PLAN.count / 2 && summary.failed < ran * 3 / 4, "{summary}");
}

#[test]
fn a_planted_mistake_is_found_and_shrunk() {
    let Some(subject) = machine(true) else { return };
    let report = programs::run(Flavor::Redis82, PLAN, &subject).unwrap_err();
    let first = report.lines().find(|line| line.starts_with("   1  ")).unwrap_or_default();
    let shown = first.contains("APPEND(") && !report.contains("\n   4  ");
    assert!(shown, "{report}");
}
