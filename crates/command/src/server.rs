//! Server commands.

use crate::{Command, Options};

/// Returns the time of the backend's clock: Unix seconds and microseconds.
#[derive(Debug, Clone, Command)]
#[command("TIME", server, fast, loading, stale, since = "2.6.0", complexity = "O(1)", reply = crate::reply::Time)]
pub struct Time {}

/// Returns the number of keys in the database.
#[derive(Debug, Clone, Command)]
#[command("DBSIZE", server, readonly, fast, acl = "keyspace", since = "1.0.0", complexity = "O(1)", reply = i64)]
pub struct DbSize {}

/// Removes all keys of the database.
#[derive(Debug, Clone, Command)]
#[command("FLUSHDB", server, write, acl = "keyspace", acl = "dangerous", since = "1.0.0",
    complexity = "O(N) in the keys of the database", reply = ())]
pub struct FlushDb {
    /// How the memory is freed.
    pub options: FlushOptions,
}

/// Removes all keys of all databases.
#[derive(Debug, Clone, Command)]
#[command("FLUSHALL", server, write, acl = "keyspace", acl = "dangerous", since = "1.0.0",
    complexity = "O(N) in the keys of all databases", reply = ())]
pub struct FlushAll {
    /// How the memory is freed.
    pub options: FlushOptions,
}

/// The options of FLUSHDB and FLUSHALL; the keys are gone at once either way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Options)]
pub struct FlushOptions {
    /// Frees the memory later.
    #[token("ASYNC", group = "mode", once)]
    pub r#async: bool,
    /// Frees the memory before the reply.
    #[token("SYNC", group = "mode", once)]
    pub sync: bool,
}
