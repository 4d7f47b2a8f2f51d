//! The place where a script runs, as the script sees it.

use redipy_command::{ReplySink, Result, Spec, Value};

/// A place in a script that calls a command, always with the same number of arguments: a host may remember what it
/// found out there.
///
/// Only a running script makes them, and it shows its own only: within one run of one script, an index stands for one
/// command. What a [hosted function](crate::Function::hosted) calls, also by running another script, has none.
#[derive(Debug, Clone, Copy)]
pub struct CallSite {
    index: usize,
    spec: &'static Spec,
    fixed_key: bool,
}

impl CallSite {
    pub(crate) fn new(index: usize, spec: &'static Spec, fixed_key: bool) -> Self {
        Self { index, spec, fixed_key }
    }

    /// The same call site, where the key changes with each call.
    pub(crate) fn renaming(self) -> Self {
        Self { fixed_key: false, ..self }
    }

    /// The number of the call in the script, counted from 0.
    #[inline]
    pub fn index(&self) -> usize {
        self.index
    }

    /// The command.
    #[inline]
    pub fn spec(&self) -> &'static Spec {
        self.spec
    }

    /// Returns whether its only key has the same name each time, for as long as the script runs.
    #[inline]
    pub fn fixed_key(&self) -> bool {
        self.fixed_key
    }
}

/// The environment of a running script.
pub trait Host {
    /// Calls a command; the arguments are those after its name. The reply is as RESP3 has it.
    ///
    /// # Errors
    /// Errors of the command.
    fn call(&mut self, spec: &'static Spec, args: &[&[u8]]) -> Result<Value>;

    /// Calls a command at a place of the script and shows its reply: a host that can show it where it is stored saves
    /// a copy.
    ///
    /// # Errors
    /// The errors of [`call`](Self::call).
    fn show(&mut self, site: &CallSite, args: &[&[u8]], to: &mut dyn ReplySink) -> Result<()> {
        self.call(site.spec, args)?.show(to);
        Ok(())
    }

    /// Called after about every 65,536 steps, and before users' functions: a host ends the script with an error.
    ///
    /// # Errors
    /// Whatever the script is to end with.
    fn pulse(&mut self) -> Result<()> {
        Ok(())
    }

    /// Logs a message; by default it is discarded.
    fn log(&mut self, _level: &str, _message: &str) {}
}
