//! The families of commands.

/// The families of commands, as `COMMAND DOCS` names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)] // the names are Redis' own
pub enum Group {
    String,
    List,
    Hash,
    Set,
    SortedSet,
    Bitmap,
    Hyperloglog,
    Geo,
    Stream,
    Generic,
    Connection,
    Server,
    Pubsub,
    Transactions,
    Scripting,
    Cluster,
}

impl Group {
    /// The name that `COMMAND DOCS` gives it.
    pub const fn name(self) -> &'static str {
        match self {
            Group::String => "string",
            Group::List => "list",
            Group::Hash => "hash",
            Group::Set => "set",
            Group::SortedSet => "sorted-set",
            Group::Bitmap => "bitmap",
            Group::Hyperloglog => "hyperloglog",
            Group::Geo => "geo",
            Group::Stream => "stream",
            Group::Generic => "generic",
            Group::Connection => "connection",
            Group::Server => "server",
            Group::Pubsub => "pubsub",
            Group::Transactions => "transactions",
            Group::Scripting => "scripting",
            Group::Cluster => "cluster",
        }
    }

    /// The ACL category that every command of the group is in, if there is one.
    pub fn category(self) -> Option<&'static str> {
        Some(match self {
            Group::String => "string",
            Group::List => "list",
            Group::Hash => "hash",
            Group::Set => "set",
            Group::SortedSet => "sortedset",
            Group::Bitmap => "bitmap",
            Group::Hyperloglog => "hyperloglog",
            Group::Geo => "geo",
            Group::Stream => "stream",
            Group::Generic => "keyspace",
            Group::Connection => "connection",
            Group::Pubsub => "pubsub",
            Group::Transactions => "transaction",
            Group::Scripting => "scripting",
            Group::Server | Group::Cluster => return None,
        })
    }
}
