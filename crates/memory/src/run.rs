//! What a command does: one trait, implemented in the family files.

use redipy_command::{Command, Form, Reply, Result};

use crate::space::Space;

/// What part of the data a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The keys that it names.
    Keys,
    /// No data.
    Nothing,
    /// All of it.
    Everything,
}

/// A command that the engine can execute.
pub trait Run: Command {
    /// What it needs of the data.
    const REACH: Reach = Reach::Keys;

    /// Does it. The keys it names are reachable in `at`, and nobody else reaches them meanwhile.
    ///
    /// # Errors
    /// The server's, with nothing written unless the command is documented to.
    fn run(self, at: &mut Space<'_>) -> Result<Self::Reply>;
}

impl<C: Run, R: Reply + From<C::Reply>> Run for Form<C, R> {
    const REACH: Reach = C::REACH;

    #[inline]
    fn run(self, at: &mut Space<'_>) -> Result<R> {
        self.command.run(at).map(R::from)
    }
}
