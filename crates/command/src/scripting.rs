//! Commands for scripts in Lua. Redipy's own scripts are sent by backends, so none has a method.

use crate::value::Value;
use crate::{Command, Token};

/// Says how the next script is watched.
#[derive(Debug, Clone, Command)]
#[command("SCRIPT DEBUG", scripting, session = Replies, noscript, since = "3.2.0", complexity = "O(1)", reply = Value)]
#[method()]
pub struct ScriptDebug {
    /// Whether, and whether others wait meanwhile.
    pub mode: DebugMode,
}

/// How a script is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Token)]
pub enum DebugMode {
    /// In a process of its own.
    Yes,
    /// While all others wait.
    Sync,
    /// Not at all.
    No,
}
