//! Problems of scripts, and the error that lists them. They are found in [`check`](crate::check).

use redipy_command::{Error, Kind};

use crate::source_line::SourceLine;

/// A problem of a script, found before it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The source location.
    pub place: SourceLine,
    /// The message, with advice.
    pub message: String,
}

/// The error that lists problems, in the order of their places.
pub(crate) fn refuse(mut problems: Vec<Problem>) -> Error {
    problems.sort_by(|a, b| a.place.cmp(&b.place));
    problems.dedup();
    let lines: Vec<_> = problems.iter().map(|problem| format!("{}: {}", problem.place, problem.message)).collect();
    let lead = if lines.len() == 1 { "the script is refused: " } else { "the script is refused:\n" };
    Error::new(Kind::Script, format!("{lead}{}", lines.join("\n")))
}
