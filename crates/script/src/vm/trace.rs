//! Watching a script run.

use std::fmt;

use redipy_command::{Bytes, Result, Spec, Value};

use crate::source_line::SourceLine;

/// Sees what a running script does.
pub trait Trace {
    /// Whether anything is watched at all.
    const ACTIVE: bool = true;

    /// Called before every instruction, with the place of its statement.
    fn step(&mut self, _place: &SourceLine, _instruction: &dyn fmt::Debug) {}

    /// Called after every command, with its arguments and its reply.
    fn called(&mut self, _place: &SourceLine, _spec: &'static Spec, _args: &[&[u8]], _reply: &Result<Value>) {}
}

/// Sees nothing and costs nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTrace;

impl Trace for NoTrace {
    const ACTIVE: bool = false;
}

/// The commands that a script called, in order; one line each when printed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recording {
    /// The commands.
    pub calls: Vec<Recorded>,
}

/// A command that a script called.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The line of the source that called it.
    pub place: SourceLine,
    /// The name of the command, as it is sent to a server.
    pub command: &'static str,
    /// The arguments.
    pub args: Vec<Bytes>,
    /// The reply in RESP3's shape, or the error.
    pub reply: Result<Value>,
}

impl Trace for Recording {
    fn called(&mut self, place: &SourceLine, spec: &'static Spec, args: &[&[u8]], reply: &Result<Value>) {
        let args = args.iter().map(|arg| Bytes::from(*arg)).collect();
        self.calls.push(Recorded { place: place.clone(), command: spec.name, args, reply: reply.clone() });
    }
}

impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.calls.iter().try_for_each(|call| writeln!(f, "{call}"))
    }
}

impl fmt::Display for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.command)?;
        for arg in &self.args {
            write!(f, " {arg:?}")?;
        }
        match &self.reply {
            Ok(reply) => write!(f, " -> {reply}"),
            Err(error) => write!(f, " -> error {error}"),
        }
    }
}
