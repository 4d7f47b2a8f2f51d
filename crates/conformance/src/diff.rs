//! Differential runs: random sequences of commands to a backend and to a real server.
//!
//! Every reply is compared, errors by their text, and in the end everything that is in the databases. What
//! cannot be the same is compared by a rule: [`mod@replay`] says which questions are asked in the place of
//! random commands, [`compare`] what must agree. A sequence that fails is shrunk and printed as a case.
//!
//! `REDIPY_DIFF_SEED` is where the seeds begin, `REDIPY_DIFF_COUNT` how many sequences a family gets.

pub mod compare;
pub mod families;
pub mod grammar;
pub mod keyspace;
pub mod replay;
pub mod rng;
pub mod shrink;
pub mod side;
mod words;

use std::env;
use std::fmt::Write;
use std::time::Instant;

use crate::command::show as show_command;
use crate::server::Flavor;
use crate::subject::Subject;
use compare::Difference;
use families::{Family, Op};
use replay::replay;
use rng::Rng;
use side::Truth;

/// The seed of CI, where runs have to be the same.
const SEED: u64 = 0x7265_6469_7079;
/// How many sequences a family gets.
pub const COUNT: u64 = 3_000;
/// After so many different mistakes a run ends.
const ENOUGH: usize = 8;

/// How much is run.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Where the seeds begin.
    pub seed: u64,
    /// How many sequences.
    pub count: u64,
}

impl Plan {
    /// What the environment says, or what CI runs: this many.
    ///
    /// # Panics
    /// When the environment says something else than a number: a run that somebody asked for must not shrink silently.
    pub fn from_env(count: u64) -> Self {
        let number = |name: &str, otherwise| match env::var(name) {
            Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} must be a whole number, not {text:?}")),
            Err(_) => otherwise,
        };
        Plan { seed: number("REDIPY_DIFF_SEED", SEED), count: number("REDIPY_DIFF_COUNT", count) }
    }
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default)]
pub struct Summary {
    /// How many sequences.
    pub sequences: u64,
    /// How many commands.
    pub commands: u64,
    /// Commands per second, on both sides together.
    pub per_second: u64,
}

/// Compares a backend with a server on random sequences of a family.
///
/// # Errors
/// The sequences that gave a difference, one for each kind of it, shrunk and written as cases.
pub fn run(family: Family, plan: Plan, fresh: &dyn Fn() -> Subject, truth: &mut Truth) -> Result<Summary, String> {
    let started = Instant::now();
    let sequences = family.sequences();
    let mut summary = Summary::default();
    let mut mistakes: Vec<(String, String)> = Vec::new();
    let mut seeds = Rng::new(plan.seed);
    for _ in 0..plan.count {
        let seed = seeds.draw();
        let ops = sequences(seed);
        summary.sequences += 1;
        summary.commands += ops.len() as u64;
        let Some(difference) = try_out(&ops, fresh, truth) else { continue };
        if !mistakes.iter().any(|(what, _)| *what == difference.what) {
            mistakes.push((difference.what.clone(), report(family, seed, ops, &difference, fresh, truth)));
        }
        if mistakes.len() == ENOUGH {
            break;
        }
    }
    summary.per_second = (summary.commands as f64 / started.elapsed().as_secs_f64()) as u64;
    if mistakes.is_empty() {
        return Ok(summary);
    }
    let reports: String = mistakes.into_iter().map(|(_, report)| report).collect();
    Err(format!(
        "{} differs (REDIPY_DIFF_SEED={}, {} sequences):\n{reports}",
        family.name(),
        plan.seed,
        summary.sequences
    ))
}

fn try_out(ops: &[Op], fresh: &dyn Fn() -> Subject, truth: &mut Truth) -> Option<Difference> {
    compare::difference(ops, &replay(ops, &fresh(), truth))
}

/// Shrinks a sequence that differs, and writes it down.
fn report(
    family: Family,
    seed: u64,
    ops: Vec<Op>,
    found: &Difference,
    fresh: &dyn Fn() -> Subject,
    truth: &mut Truth,
) -> String {
    let mut fails = |ops: &[Op]| try_out(ops, fresh, truth).is_some_and(|difference| difference.what == found.what);
    let ops = shrink::shrink(ops, &mut fails);
    let outcome = replay(&ops, &fresh(), truth);
    let difference = compare::difference(&ops, &outcome).unwrap_or_else(|| found.clone());
    let replies: Vec<String> = outcome
        .exchanges
        .iter()
        .map(|exchange| exchange.truth.last().map_or(String::new(), crate::notation::show))
        .collect();
    write_case(family, seed, &ops, &replies, &difference).unwrap_or_default()
}

fn write_case(
    family: Family,
    seed: u64,
    ops: &[Op],
    replies: &[String],
    difference: &Difference,
) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let Difference { at, what, tested, truth, question } = difference;
    writeln!(text, "\n# {what}, seed {seed:#x}")?;
    writeln!(text, "#   engine: {}", shortened(tested))?;
    writeln!(text, "#   server: {}", shortened(truth))?;
    writeln!(text, "[[case]]\nname = \"{} differs in {}\"\nsteps = '''", family.name(), what.to_lowercase())?;
    let shown = at.map_or(ops.len(), |at| at + 1);
    for (op, reply) in ops.iter().zip(replies).take(shown) {
        let session = if op.session == 0 { ">" } else { "b>" };
        writeln!(text, "{session} {}\n{reply}", show_command(&op.command))?;
    }
    if let Some((db, question)) = question {
        if *db != "0" {
            writeln!(text, "> SELECT {db}\nOK")?;
        }
        writeln!(text, "> {}\n{truth}", show_command(question))?;
    }
    writeln!(text, "'''")?;
    Ok(text)
}

fn shortened(text: &str) -> String {
    const WIDTH: usize = 300;
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_owned(),
    }
}

/// Two connections to the server of this flavor that belong to the caller alone.
///
/// # Panics
/// When it does not start or does not answer.
pub fn truth(flavor: Flavor) -> Option<(crate::server::Server, Truth)> {
    if flavor.find().is_none() {
        crate::server::missing(flavor);
        return None;
    }
    let start = || {
        let server = crate::server::Server::start(flavor)?;
        let truth = Truth::new([server.client()?, server.client()?]);
        Ok::<_, std::io::Error>((server, truth))
    };
    Some(start().unwrap_or_else(|error| panic!("{flavor} does not start: {error}")))
}
