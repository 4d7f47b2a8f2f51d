//! Commands for scripts in Lua. Redipy's own scripts are sent by backends, so none has a method.

use crate::value::Value;
use crate::{Command, Token};

/// Sets how the next script is debugged.
#[derive(Debug, Clone, Command)]
#[command("SCRIPT DEBUG", scripting, session = Replies, noscript, since = "3.2.0", complexity = "O(1)", reply = Value)]
#[method()]
pub struct ScriptDebug {
    /// The mode.
    pub mode: DebugMode,
}

/// The modes of SCRIPT DEBUG.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Token)]
pub enum DebugMode {
    /// In a forked process.
    Yes,
    /// While all others wait.
    Sync,
    /// Not debugged.
    No,
}
