//! The engine: Redis data structures in your own process, behind the same commands as a server.
//!
//! Commands are declared in `redipy-command`; here stands what they do. The engine is synchronous
//! and deterministic: it reads no clock and no source of random numbers that was not handed in, and
//! does no I/O.
#![deny(missing_docs)]
#![warn(missing_debug_implementations)]

mod at_once;
mod backend;
pub mod background;
#[cfg(test)]
mod checks;
mod clock;
mod commands;
#[allow(missing_debug_implementations)] // what is stored, which only benchmarks reach for
pub mod data;
mod dispatch;
mod edit;
mod engine;
pub mod forked;
mod futures;
mod host;
mod line;
mod listen;
mod log;
mod random;
mod room;
mod run;
mod session;
mod shard_set;
mod shared;
mod space;
mod store;
mod subscription;
pub mod threads;
mod transaction;
mod visit;
mod waiting;

pub use backend::Memory;
pub use clock::Clock;
pub use edit::{Expiry, Outcome};
pub use engine::{Attempt, Engine, EngineBuilder};
pub use listen::event::{Class, Event};
pub use listen::notifications::KeyspaceEvents;
pub use log::on_log;
pub use run::{Reach, Run};
pub use space::Space;
pub use store::object::{Object, Stored, Str, View};
pub use waiting::on_wait;
