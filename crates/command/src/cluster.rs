//! Commands of a cluster that clients send by themselves, or that servers say to each other. None has a method.

use crate::Command;
use crate::arg::{Arg, Many};
use crate::spec::Argument;
use crate::value::Value;

/// Allows a replica to answer commands that only read.
#[derive(Debug, Clone, Command)]
#[command("READONLY", cluster, session, fast, loading, stale, acl = "connection", since = "3.0.0", complexity = "O(1)", reply = Value)]
#[method()]
pub struct ReadOnly {}

/// Makes a replica redirect clients to its master again.
#[derive(Debug, Clone, Command)]
#[command("READWRITE", cluster, session, fast, loading, stale, acl = "connection", since = "3.0.0", complexity = "O(1)", reply = Value)]
#[method()]
pub struct ReadWrite {}

/// Marks the next command as one that follows a redirection.
#[derive(Debug, Clone, Command)]
#[command("ASKING", cluster, session, fast, acl = "connection", since = "3.0.0", complexity = "O(1)", reply = Value)]
#[method()]
pub struct Asking {}

/// Moves slots between servers; Valkey's.
#[derive(Debug, Clone, Command)]
#[command("CLUSTER SYNCSLOTS", cluster, session = Replication, admin, no_async_loading, stale, since = "9.0.0", complexity = "O(1)",
    reply = Value, arguments = Argument::NONE)]
#[method()]
pub struct ClusterSyncSlots<'a> {
    /// The arguments.
    pub arguments: Many<Arg<'a>>,
}
