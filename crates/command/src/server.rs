//! Server commands.

use crate::arg::{Arg, Many};
use crate::spec::{Argument, ArgumentKind};
use crate::value::Value;
use crate::{Command, Options};

/// Returns the time of the backend's clock: Unix seconds and microseconds.
#[derive(Debug, Clone, Command)]
#[command("TIME", server, fast, loading, stale, repeatable, since = "2.6.0", complexity = "O(1)", reply = crate::reply::Time, tip = "nondeterministic_output")]
pub struct Time {}

/// Returns the number of keys in the database.
#[derive(Debug, Clone, Command)]
#[command("DBSIZE", server, readonly, fast, acl = "keyspace", since = "1.0.0", complexity = "O(1)", reply = u64, tip = "request_policy:all_shards", tip = "response_policy:agg_sum")]
pub struct DbSize {}

/// Removes all keys of the database.
#[derive(Debug, Clone, Command)]
#[command("FLUSHDB", server, write, acl = "keyspace", acl = "dangerous", since = "1.0.0",
    complexity = "O(N) in the keys of the database", reply = (), tip = "request_policy:all_shards", tip = "response_policy:all_succeeded")]
pub struct FlushDb {
    /// The way in which memory is freed.
    pub options: FlushOptions,
}

/// Removes all keys of all databases.
#[derive(Debug, Clone, Command)]
#[original]
#[command("FLUSHALL", server, write, acl = "keyspace", acl = "dangerous", since = "1.0.0",
    complexity = "O(N) in the keys of all databases", reply = (), tip = "request_policy:all_shards", tip = "response_policy:all_succeeded")]
pub struct FlushAll {
    /// The way in which memory is freed.
    pub options: FlushOptions,
}

/// The options of FLUSHDB and FLUSHALL; the keys are gone at once either way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Options)]
pub struct FlushOptions {
    /// Frees the memory later.
    #[token("ASYNC", group = "flush-type", since = "4.0.0", once)]
    pub r#async: bool,
    /// Frees the memory before the reply.
    #[token("SYNC", group = "flush-type", since = "6.2.0", once)]
    pub sync: bool,
}

/// Returns what is known of the server, section by section.
#[derive(Debug, Clone, Command)]
#[command("INFO", server, loading, stale, acl = "dangerous", since = "1.0.0", complexity = "O(1)", reply = Value,
    tip = "nondeterministic_output", tip = "request_policy:all_shards", tip = "response_policy:special")]
#[method()]
pub struct Info<'a> {
    /// The sections.
    pub sections: Option<Many<Arg<'a>>>,
}

/// Streams every command that the server executes.
#[derive(Debug, Clone, Command)]
#[command("MONITOR", server, session = Stream, admin, loading, stale, noscript, since = "1.0.0", complexity = "O(1)", reply = Value)]
#[method()]
pub struct Monitor {}

/// Requests all data and the changes from then on.
#[derive(Debug, Clone, Command)]
#[command("SYNC", server, session = Stream, admin, no_async_loading, no_multi, noscript, since = "1.0.0", complexity = "O(N) in the data",
    reply = Value)]
#[method()]
pub struct Sync {}

/// Requests the changes from an offset on.
#[derive(Debug, Clone, Command)]
#[command("PSYNC", server, session = Stream, admin, no_async_loading, no_multi, noscript, since = "2.8.0", complexity = "O(N) in the data",
    reply = Value, arguments = PSYNC)]
#[method()]
pub struct PSync<'a> {
    /// The replication ID.
    pub replication: Arg<'a>,
    /// The offset, and the options of newer replicas.
    pub more: Many<Arg<'a>>,
}

const PSYNC: &[Argument] =
    &[Argument::of(ArgumentKind::Str).named("replicationid"), Argument::of(ArgumentKind::Integer).named("offset")];

/// Sends the properties of a replica.
#[derive(Debug, Clone, Command)]
#[command("REPLCONF", server, session = Replication, admin, loading, stale, noscript, allow_busy, since = "3.0.0", complexity = "O(1)",
    reply = Value, arguments = Argument::NONE)]
#[method()]
pub struct ReplConf<'a> {
    /// The arguments.
    pub arguments: Option<Many<Arg<'a>>>,
}
