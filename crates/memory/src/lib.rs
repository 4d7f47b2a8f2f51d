//! The engine: Redis data structures in your own process, behind the same commands as a server.
//!
//! Commands are declared in `redipy-command`; here stands what they do. The engine is synchronous
//! and deterministic: it reads no clock and no source of random numbers that was not handed in, and
//! does no I/O.
#![deny(missing_docs)]
#![warn(missing_debug_implementations)]

mod backend;
pub mod background;
mod clock;
mod concerns;
mod connection;
#[allow(missing_debug_implementations)] // what is stored, which only benchmarks reach for
pub mod data;
mod deadlines;
mod deferred;
mod dispatch;
mod edit;
#[cfg(test)]
mod encodings;
mod engine;
mod entry;
mod event;
#[cfg(test)]
mod events;
mod expiry;
pub mod forked;
mod futures;
mod generic;
mod hash;
mod host;
mod hub;
mod keyspace;
#[cfg(test)]
mod known;
mod line;
mod list;
mod log;
mod notifications;
mod object;
#[cfg(test)]
mod protocols;
mod pubsub;
mod random;
#[cfg(test)]
mod reaches;
mod room;
mod run;
mod sample;
mod server;
mod session;
mod set;
mod shard_set;
mod shared;
mod space;
mod string;
pub mod threads;
mod visit;
mod waiting;
mod watchers;
#[cfg(test)]
mod ways;
mod zset;

pub use backend::Memory;
pub use clock::Clock;
pub use edit::{Expiry, Outcome};
pub use engine::{Attempt, Builder, Engine};
pub use event::{Class, Event};
pub use log::on_log;
pub use notifications::KeyspaceEvents;
pub use object::{Object, Stored, Str, View};
pub use run::{Reach, Run};
pub use space::Space;
pub use waiting::on_wait;
