//! One Redis API over data in your process and over real servers, with scripts that run on both.
//!
//! ```
//! use redipy::prelude::*;
//!
//! let r = redipy::connect("memory://")?; // or "redis://127.0.0.1:6379/0": nothing else changes
//! r.set("foo", "bar")?;
//! assert_eq!(r.get("foo")?.unwrap(), "bar");
//!
//! r.lpush("mylist", ["a", "b", "c"])?;
//! assert_eq!(r.lpop("mylist")?.unwrap(), "c");
//! # Ok::<(), redipy::Error>(())
//! ```
//!
//! # What is where
//! - [`connect`] and [`builder`] give a [`Redis`]: blocking, cheap to clone, `Send + Sync`.
//! - The commands are methods of the traits in [`prelude`], one trait per family; the same methods
//!   queue on a [`Pipeline`] and a [`Transaction`] and run on a [`Session`].
//! - [`script`](mod@script) is the language for scripts; [`Redis::script`] runs one.
//! - [`Redis::subscribe`] gives a [`Subscription`], [`Redis::wait_for`] waits for a condition.
//! - [`memory`] is the engine, for a clock that you move yourself and a seed of your own.
//! - Implement [`Backend`] to bring a place of your own, and hand it to [`Redis::from_backend`].
#![deny(missing_docs)]

mod builder;
mod client;
mod session;
mod subscription;
mod url;

pub use builder::{Builder, builder, connect};
pub use client::{RawCommand, Redis};
pub use redipy_backend::{
    Backend, Message, Pipeline, Prefix, Replies, Request, Slot, Topic, Transaction, WatchedTransaction, backend,
};
pub use redipy_command::{
    Arg, Bytes, Command, Encoded, Error, Execute, Executor, Fields, Key, Kind, Many, Members, Result, Value, reply,
};
#[doc(no_inline)]
pub use redipy_command::{
    connection, generic, hash, list, number, pubsub, range, scan, server, set, string, transaction, zset,
};
#[cfg(feature = "memory")]
#[doc(inline)]
pub use redipy_memory as memory;
#[cfg(feature = "remote")]
#[doc(inline)]
pub use redipy_remote as remote;
#[doc(inline)]
pub use redipy_script as script;
pub use session::Session;
pub use subscription::Subscription;

/// What nearly every program wants in scope: the commands, as methods.
pub mod prelude {
    pub use redipy_command::methods::*;
}
