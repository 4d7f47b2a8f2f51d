//! The place where a script runs, as the script sees it.

use redipy_command::{ReplySink, Result, Spec, Value};

/// What a running script needs of the place it runs in.
pub trait Host {
    /// Calls a command; the arguments are those after its name. The reply is as RESP3 has it.
    ///
    /// # Errors
    /// Those of the command.
    fn call(&mut self, spec: &'static Spec, args: &[&[u8]]) -> Result<Value>;

    /// Calls a command and shows its reply: a host that can show it where it is stored saves a copy. `site` says which
    /// of the script's calls this is, counted from 0: a host may remember what it found out about the command.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    fn show(&mut self, _site: usize, spec: &'static Spec, args: &[&[u8]], to: &mut dyn ReplySink) -> Result<()> {
        to.value(self.call(spec, args)?);
        Ok(())
    }

    /// Takes a message for the log. Nothing is kept unless the host does.
    fn log(&mut self, _level: &str, _message: &str) {}
}
