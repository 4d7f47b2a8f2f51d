//! Differential runs of scripts: random programs as Lua on a server, and on the register machine over a backend.
//!
//! Reply or error, by kind and text, must be the same, and so must everything that is stored afterwards. Programs that
//! are refused when they are compiled must be refused with places. A program that fails is shrunk and printed.
//!
//! A server of another version than the backend's own has commands of its own. When a program differs there, the same
//! script is run on the register machine with its commands sent to that server: if that answers what the Lua does, the
//! difference is one of commands, and only counted.
//!
//! `REDIPY_DIFF_SEED` is where the seeds begin, `REDIPY_DIFF_COUNT` how many programs are run.

pub mod ast;
mod build;
mod commands;
mod exprs;
mod generate;
mod run;
mod scope;
mod show;
mod shrink;
mod values;

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use redipy_command::{Kind, Value};
use redipy_script::ScriptCall;

use crate::diff::Plan;
use crate::diff::rng::Rng;
use crate::server::{Flavor, Server};
use crate::subject::Subject;
use crate::wire::Client;
use ast::Program;
use generate::Generator;
use run::{Outcome, Tested, Truth};

/// How many programs are run unless the environment says otherwise.
pub const COUNT: u64 = 1_000;
/// How many programs are sent to a server at once.
const BATCH: u64 = 50;
/// After so many different mistakes a run ends.
const ENOUGH: usize = 6;
/// How many steps a program may take: those that take more are not sent to a server.
const STEPS: u64 = 50_000;
/// How many bytes its values may take.
const MEMORY: usize = 16 << 20;

/// What a run did.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// How many programs were made.
    pub programs: u64,
    /// How many were refused by `compile`.
    pub refused: u64,
    /// How many calls were refused for their arguments.
    pub refused_calls: u64,
    /// How many took too long to be compared.
    pub too_long: u64,
    /// How many ended with an error, the same on both sides.
    pub failed: u64,
    /// How many differed only because a command of the server does, by what it says, if it refuses something.
    pub commands_differ: BTreeMap<String, u64>,
    /// Programs per second.
    pub per_second: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} programs: {} refused, {} calls refused, {} too long, {} ended with an error; {} a second",
            self.programs, self.refused, self.refused_calls, self.too_long, self.failed, self.per_second
        )?;
        self.commands_differ
            .iter()
            .try_for_each(|(what, count)| write!(f, "\n  commands differ, {count} times: {what}"))
    }
}

/// Compares a backend with a server on random programs. None when there is no such server, which was said then.
///
/// # Errors
/// The programs that gave a difference, one for each kind of it, shrunk.
pub fn run(flavor: Flavor, plan: Plan, subject: &Subject) -> Result<Option<Summary>, String> {
    if flavor.find().is_none() {
        crate::server::missing(flavor);
        return Ok(None);
    }
    let server = Server::start(flavor).map_err(|error| format!("{flavor} does not start: {error}"))?;
    let connect = || Ok(Truth::new([Client::connect_resp2(server.port())?, server.client()?]));
    let session = subject.backend.session().map_err(|error| error.to_string())?;
    let mut arena = Arena {
        tested: Tested::new(session),
        truth: connect().map_err(|error: io::Error| error.to_string())?,
        lenient: flavor != subject.flavor,
    };
    arena.run(flavor, plan).map(Some)
}

/// What a program comes to before it is sent to a server.
enum Prepared {
    /// It was refused, as it should be; or its call was.
    Refused(bool),
    /// It does not end soon enough.
    TooLong,
    /// It ran on the backend.
    Ran(Box<ScriptCall>, Box<Outcome>),
    /// It is no program: something it names was cut out of it.
    Void,
    /// Something that must not happen.
    Wrong(String),
}

/// A difference.
struct Difference {
    /// What differs, the same for the same mistake in other programs.
    what: String,
    /// Both answers and both keyspaces.
    details: String,
}

struct Arena {
    tested: Tested,
    truth: Truth,
    /// Whether commands of the server may differ.
    lenient: bool,
}

impl Arena {
    fn run(&mut self, flavor: Flavor, plan: Plan) -> Result<Summary, String> {
        let started = Instant::now();
        let (generator, mut seeds) = (Generator::new(), Rng::new(plan.seed));
        let mut summary = Summary::default();
        let mut mistakes: BTreeMap<String, String> = BTreeMap::new();
        while summary.programs < plan.count && mistakes.len() < ENOUGH {
            let size = BATCH.min(plan.count - summary.programs);
            let batch: Vec<(u64, Program)> =
                (0..size).map(|_| seeds.draw()).map(|seed| (seed, generator.program(seed))).collect();
            summary.programs += size;
            for (at, difference) in self.batch(&batch, &mut summary).map_err(|error| error.to_string())? {
                let (seed, program) = &batch[at];
                if !mistakes.contains_key(&difference.what) && mistakes.len() < ENOUGH {
                    let report = self.report(*seed, program, &difference);
                    mistakes.insert(difference.what, report);
                }
            }
        }
        summary.per_second = (summary.programs as f64 / started.elapsed().as_secs_f64()) as u64;
        if mistakes.is_empty() {
            return Ok(summary);
        }
        let reports: String = mistakes.into_values().collect();
        Err(format!("scripts differ on {flavor} (REDIPY_DIFF_SEED={}):\n{summary}\n{reports}", plan.seed))
    }

    /// Runs programs on both sides; those that differ, by position.
    fn batch(&mut self, batch: &[(u64, Program)], summary: &mut Summary) -> io::Result<Vec<(usize, Difference)>> {
        let (mut ran, mut found) = (Vec::new(), Vec::new());
        for (at, (_, program)) in batch.iter().enumerate() {
            match self.prepare(program) {
                Prepared::Refused(true) => summary.refused += 1,
                Prepared::Refused(false) => summary.refused_calls += 1,
                Prepared::TooLong | Prepared::Void => summary.too_long += 1,
                Prepared::Wrong(what) => found.push((at, Difference { details: String::new(), what })),
                Prepared::Ran(call, outcome) => ran.push((at, call, outcome)),
            }
        }
        let sent: Vec<_> = ran.iter().map(|(at, call, _)| (&batch[*at].1.setup[..], &**call)).collect();
        let truths = self.truth.run(&sent)?;
        for ((at, call, tested), truth) in ran.iter().zip(truths) {
            summary.failed += u64::from(tested.answer.is_err());
            if tested.agrees(&truth) {
                continue;
            }
            let difference = differ(call, tested, &truth);
            if self.is_of_commands(&batch[*at].1, call, &truth)? {
                *summary.commands_differ.entry(refusal(tested, &truth)).or_default() += 1;
            } else {
                found.push((*at, difference));
            }
        }
        Ok(found)
    }

    /// Builds and compiles a program and runs it on the backend.
    fn prepare(&mut self, program: &Program) -> Prepared {
        let built = catch_unwind(AssertUnwindSafe(|| Some(build::build(program)?.compile())));
        let script = match built {
            Err(_) => return Prepared::Wrong("a panic when it is compiled".to_owned()),
            Ok(None) => return Prepared::Void,
            Ok(Some(Err(error))) if has_places(&error) => return Prepared::Refused(true),
            Ok(Some(Err(error))) => return Prepared::Wrong(format!("refused without a place: {error}")),
            Ok(Some(Ok(script))) => script,
        };
        let call = build::call_of(program, script.prepare());
        if let Err(error) = call.parts() {
            return match error.kind() {
                Kind::Script => Prepared::Refused(false),
                _ => Prepared::Wrong(format!("a call is refused: {error}")),
            };
        }
        let limited = call.clone().max_steps(STEPS).max_memory(MEMORY);
        match catch_unwind(AssertUnwindSafe(|| self.tested.run(&program.setup, &limited))) {
            Err(_) => Prepared::Wrong("a panic when it runs".to_owned()),
            Ok(Outcome { answer: Err(error), .. }) if matches!(error.kind(), Kind::Timeout | Kind::OutOfMemory) => {
                Prepared::TooLong
            }
            Ok(outcome) => Prepared::Ran(Box::new(call), Box::new(outcome)),
        }
    }

    /// Whether a difference is that of a command which this server has otherwise.
    fn is_of_commands(&mut self, program: &Program, call: &ScriptCall, truth: &Outcome) -> io::Result<bool> {
        Ok(self.lenient && self.truth.run_commands(&program.setup, call)?.agrees(truth))
    }

    /// The difference that a program gives, if it gives one.
    fn try_out(&mut self, program: &Program) -> io::Result<Option<Difference>> {
        let (call, tested) = match self.prepare(program) {
            Prepared::Ran(call, outcome) => (call, outcome),
            Prepared::Wrong(what) => return Ok(Some(Difference { what, details: String::new() })),
            _ => return Ok(None),
        };
        let Some(truth) = self.truth.run(&[(&program.setup, &call)])?.pop() else { return Ok(None) };
        if tested.agrees(&truth) || self.is_of_commands(program, &call, &truth)? {
            return Ok(None);
        }
        Ok(Some(differ(&call, &tested, &truth)))
    }

    /// Shrinks a program that differs, and writes it down.
    fn report(&mut self, seed: u64, program: &Program, found: &Difference) -> String {
        let mut fails = |program: &Program| {
            self.try_out(program).ok().flatten().is_some_and(|difference| difference.what == found.what)
        };
        let program = shrink::shrink(program.clone(), &mut fails);
        let difference = self.try_out(&program).ok().flatten();
        let details = difference.map_or(found.details.clone(), |difference| difference.details);
        let mut text = String::new();
        let _ = write!(text, "\n# {}, seed {seed:#x}\n{}{details}", found.what, show::show(&program));
        text
    }
}

/// Whether an error names a line of the program for every problem.
fn has_places(error: &redipy_script::Error) -> bool {
    let text = error.message().strip_prefix("the script is refused:").unwrap_or_default().trim_start();
    let is_place = |line: &str| {
        let rest = line.strip_prefix(build::FILE).and_then(|rest| rest.strip_prefix(':'));
        rest.is_some_and(|rest| rest.starts_with(|char: char| char.is_ascii_digit()))
    };
    error.kind() == Kind::Script && !text.is_empty() && text.lines().all(is_place)
}

fn differ(call: &ScriptCall, tested: &Outcome, truth: &Outcome) -> Difference {
    let what = if tested.answers_agree(truth) {
        "the keyspace".to_owned()
    } else {
        format!("{} against {}", class(tested), class(truth))
    };
    let mut details = String::new();
    let _ = write!(
        details,
        "engine: {}\nserver: {}\nstored in the engine:\n{}stored in the server:\n{}{}",
        tested.show_answer(),
        truth.show_answer(),
        tested.show_stored(),
        truth.show_stored(),
        call.script().ir(),
    );
    Difference { what, details }
}

/// The error of a command that only one side has.
fn refusal(tested: &Outcome, truth: &Outcome) -> String {
    let refusals = [truth, tested].into_iter().filter_map(|side| side.answer.as_ref().err());
    let refusal = refusals.into_iter().find(|error| error.kind() != Kind::Script);
    refusal.map_or("a reply".to_owned(), ToString::to_string)
}

/// What kind of answer this is: errors by their text without what is special about it.
fn class(outcome: &Outcome) -> String {
    match &outcome.answer {
        Ok(Value::Array(_)) => "a list".to_owned(),
        Ok(value) => format!("a {}", value.shape()),
        Err(error) => error.message().chars().filter(|char| !char.is_ascii_digit()).take(40).collect(),
    }
}
