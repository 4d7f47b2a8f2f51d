//! Transaction commands. They concern a session, and only sessions take them; a client's `transaction()` sends them for you.

use crate::Command;
use crate::arg::{Key, Many};
use crate::value::Value;

/// Starts a transaction: the commands that follow are queued.
#[derive(Debug, Clone, Command)]
#[command("MULTI", transactions, session, fast, loading, stale, noscript, allow_busy, unqueued, since = "1.2.0", complexity = "O(1)", reply = ())]
pub struct Multi {}

/// Executes the queued commands; null when a watched key was changed.
#[derive(Debug, Clone, Command)]
#[command("EXEC", transactions, session, loading, stale, noscript, skip_slowlog, unqueued, since = "1.2.0",
    complexity = "that of the queued commands", reply = Value)]
pub struct Exec {}

/// Forgets the queued commands and the watched keys.
#[derive(Debug, Clone, Command)]
#[command("DISCARD", transactions, session, fast, loading, stale, noscript, allow_busy, unqueued, since = "2.0.0",
    complexity = "O(N) in the queued commands", reply = ())]
pub struct Discard {}

/// Makes the next EXEC fail if one of these keys is changed before.
#[derive(Debug, Clone, Command)]
#[command("WATCH", transactions, session, fast, loading, stale, noscript, allow_busy, unqueued, since = "2.2.0",
    complexity = "O(1) for each key", reply = ())]
pub struct Watch<'a> {
    /// The keys.
    #[key(RO)]
    pub keys: Many<Key<'a>>,
}

/// Forgets the watched keys.
#[derive(Debug, Clone, Command)]
#[command("UNWATCH", transactions, session, fast, loading, stale, noscript, allow_busy, since = "2.2.0", complexity = "O(1)", reply = ())]
pub struct Unwatch {}
