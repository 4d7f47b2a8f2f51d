//! The place where a script runs, as the script sees it.

use redipy_command::{ReplySink, Result, Spec, Value};

/// A place in a script that calls a command, always with the same number of arguments: a host may remember what it
/// found out there.
#[derive(Debug, Clone, Copy)]
pub struct CallSite {
    /// Which of the script's calls this is, counted from 0.
    pub index: usize,
    /// The command.
    pub spec: &'static Spec,
    /// Whether its only key is the same each time, for as long as the script runs.
    pub fixed_key: bool,
}

/// What a running script needs of the place it runs in.
pub trait Host {
    /// Calls a command; the arguments are those after its name. The reply is as RESP3 has it.
    ///
    /// # Errors
    /// Those of the command.
    fn call(&mut self, spec: &'static Spec, args: &[&[u8]]) -> Result<Value>;

    /// Calls a command at a place of the script and shows its reply: a host that can show it where it is stored saves
    /// a copy.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    fn show(&mut self, site: &CallSite, args: &[&[u8]], to: &mut dyn ReplySink) -> Result<()> {
        to.value(self.call(site.spec, args)?);
        Ok(())
    }

    /// Takes a message for the log. Nothing is kept unless the host does.
    fn log(&mut self, _level: &str, _message: &str) {}
}
