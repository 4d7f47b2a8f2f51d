//! Where keys are kept: shards, databases, entries and the values in them. No commands, no locks and no clock.

pub(crate) mod concerns;
mod deadlines;
pub(crate) mod deferred;
pub(crate) mod entry;
pub(crate) mod keyspace;
pub(crate) mod object;
