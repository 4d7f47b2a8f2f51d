//! Fills in the replies that are missing in case files, as Redis 8.2 gives them, and notes where the other
//! servers answer otherwise:
//!
//! ```text
//! cargo run -p redipy-conformance --example record -- crates/conformance/cases/string.toml
//! ```

use std::process::ExitCode;
use std::{env, fs};

use redipy_command::Value;
use redipy_conformance::cases::{self, Action, Case};
use redipy_conformance::notation::{same, show};
use redipy_conformance::server::Flavor;
use redipy_conformance::subject::Subject;

fn main() -> ExitCode {
    for path in env::args().skip(1) {
        if let Err(error) = record(&path) {
            eprintln!("{path}: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn record(path: &str) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut from = 0;
    for case in cases::read("", &text)? {
        let steps = lines.iter().skip(from).position(|line| line.starts_with("steps = '''")).ok_or("no steps")?;
        from += steps + 1;
        for (line, replies) in missing(&case).into_iter().rev() {
            replies.into_iter().rev().for_each(|reply| lines.insert(from + line, reply));
        }
    }
    fs::write(path, lines.join("\n") + "\n").map_err(|error| error.to_string())
}

/// The lines to add, with the numbers of the lines that they follow.
fn missing(case: &Case) -> Vec<(usize, Vec<String>)> {
    let on = |flavor: &Flavor| {
        let subject = Subject::wired(*flavor).filter(|subject| case.is_for(subject))?;
        Some((*flavor, cases::replies(case, &subject)))
    };
    let replies: Vec<(Flavor, Vec<Option<Value>>)> = Flavor::ALL.iter().filter_map(on).collect();
    let Some((_, usual)) = replies.iter().find(|(flavor, _)| *flavor == Flavor::Redis82) else {
        eprintln!("{}: needs Redis 8.2 and no more than a short time", case.name);
        return Vec::new();
    };
    let mut added = Vec::new();
    for (index, (step, reply)) in case.steps.iter().zip(usual).enumerate() {
        let (Action::Call { .. }, None, Some(reply)) = (&step.action, step.expected(Flavor::Redis82), reply) else {
            continue;
        };
        let mut texts = vec![show(reply)];
        for (flavor, replies) in &replies {
            if let Some(other) = replies[index].as_ref().filter(|other| !same(other, reply)) {
                texts.push(format!("@{} {}", flavor.to_string().replace(' ', "-"), show(other)));
            }
        }
        added.push((step.line, texts));
    }
    added
}
