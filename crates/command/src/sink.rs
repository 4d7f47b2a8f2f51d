//! Where a command writes its arguments.

/// Receives the arguments of a command, one after the other, without its name.
pub trait Sink {
    /// The next argument.
    fn arg(&mut self, bytes: &[u8]);
}
