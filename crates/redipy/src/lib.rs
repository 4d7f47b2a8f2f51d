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
//!   queue on a [`Pipeline`] and a [`Transaction`] and run on a [`Session`], which alone has MULTI, EXEC, WATCH and SELECT.
//! - [`script`](mod@script) is the language for scripts; [`Redis::script`] runs one.
//! - [`Redis::subscribe`] gives a [`Subscription`], [`Redis::wait_for`] waits for a condition.
//! - [`memory`] is the engine, for a clock that you move yourself and a seed of your own.
//! - With the feature `async`, `connect_async` gives an `AsyncRedis`, whose calls are awaited; [`Backend::asynchronous`] is what
//!   it stands on.
//! - Implement [`Backend`] to bring a place of your own, and hand it to [`Redis::from_backend`].
#![deny(missing_docs)]
#![warn(missing_debug_implementations)]

#[cfg(feature = "async")]
mod asynchronous;
mod builder;
mod callable;
mod client;
mod scan_iter;
pub mod script;
mod session;
mod subscription;
mod url;
mod visit;

#[cfg(feature = "async")]
pub use asynchronous::{AsyncRedis, AsyncSession, AsyncSubscription, RedisFuture, ScanStream, connect_async};
pub use builder::{Builder, builder, connect};
pub use callable::Callable;
pub use client::{RawCommand, Redis};
#[doc(inline)]
pub use redipy_backend::{
    AsyncBackend, AsyncPipeline, AsyncTransaction, AsyncWatchedTransaction, Backend, Borrowed, Closer, Layer, Layered,
    Message, Pending, Pipeline, Place, Prefix, Replies, Request, RequestRef, Requests, Results, Slot,
    SubscriptionEvent, Topic, Transaction, WatchedTransaction, asynchronous as futures, backend, layer,
};
#[doc(inline)]
pub use redipy_command::execute::Command;
#[doc(inline)]
pub use redipy_command::{
    Arg, Bytes, Encoded, Error, Execute, Executor, Fields, Flags, Form, FromReply, Key, Kind, Many, Members, ReadAs,
    Reply, Result, Spec, Stateless, ToArg, ToArgs, ToEntries, ToFields, ToFloat, ToInt, ToKey, ToKeys, ToScored,
    ToValue, Value, forms, reply, spec, time,
};
#[doc(inline)]
pub use redipy_command::{FacadeCommand as Command, FacadeOptions as Options, FacadeToken as Token};
#[doc(inline)]
pub use redipy_command::{
    cluster, connection, encoded, generic, hash, list, number, pubsub, range, scan, scripting, server, set, sink,
    string, texts, transaction, value, zset,
};
#[cfg(feature = "memory")]
#[doc(inline)]
pub use redipy_memory as memory;
#[cfg(feature = "remote")]
#[doc(inline)]
pub use redipy_remote as remote;
pub use scan_iter::ScanIter;
pub use session::Session;
pub use subscription::Subscription;

/// The crate that the derives name.
#[doc(hidden)]
pub use redipy_command as __command;

/// Executes a command that the engine knows by its name only.
///
/// # Errors
/// Errors of the command.
#[cfg(feature = "memory")]
#[doc(hidden)]
pub fn __by_name<C: redipy_command::Command>(memory: &redipy_memory::Memory, command: C) -> Result<C::Reply> {
    client::call_through(memory, command)
}

/// The commands as methods, and reading the results of scripts: what nearly every program wants in scope.
///
/// There is one trait per family. Required arguments are parameters; `.._with` takes the options as
/// well. The same methods queue on a [`Pipeline`] and a [`Transaction`] and run on a [`Session`].
///
/// # Strings
/// ```
/// use redipy::{prelude::*, string::SetOptions};
///
/// let r = redipy::connect("memory://")?;
/// r.mset([("a", "1"), ("b", "2")])?;
/// assert_eq!(r.incrby("a", 9)?, 10);
/// assert_eq!(r.append("b", "nd")?, 3);
/// let options = SetOptions::new().nx().ex(60);
/// assert!(!r.set_with("a", "new", options)?.stored());
/// # Ok::<(), redipy::Error>(())
/// ```
///
/// # Lists
/// ```
/// use redipy::prelude::*;
///
/// let r = redipy::connect("memory://")?;
/// r.rpush("l", ["a", "b", "c", "d"])?;
/// assert_eq!(r.lpop_count("l", 2)?, ["a", "b"]);
/// assert_eq!(r.rpoplpush("l", "done")?.unwrap(), "d");
/// assert_eq!(r.lrange("l", 0, -1)?, ["c"]);
/// # Ok::<(), redipy::Error>(())
/// ```
///
/// # Hashes
/// ```
/// use redipy::prelude::*;
///
/// let r = redipy::connect("memory://")?;
/// r.hset("user:1", [("name", "ann"), ("visits", "7")])?;
/// assert_eq!(r.hincrby("user:1", "visits", 1)?, 8);
/// assert_eq!(r.hgetall("user:1")?.value_of("name").unwrap(), "ann");
/// assert_eq!(r.hmget("user:1", ["name", "none"])?, [Some("ann".into()), None]);
/// # Ok::<(), redipy::Error>(())
/// ```
///
/// # Sets
/// ```
/// use redipy::prelude::*;
///
/// let r = redipy::connect("memory://")?;
/// r.sadd("even", ["2", "4", "6"])?;
/// r.sadd("small", ["1", "2", "3", "4"])?;
/// assert_eq!(r.sinter(["even", "small"])?.sorted().into_iter().collect::<Vec<_>>(), ["2", "4"]);
/// assert!(r.sismember("even", "6")?);
/// # Ok::<(), redipy::Error>(())
/// ```
///
/// # Sorted sets
/// ```
/// use redipy::{prelude::*, range::Bound, zset::ZRangeOptions};
///
/// let r = redipy::connect("memory://")?;
/// r.zadd("scores", [(3.0, "ann"), (1.5, "bob"), (2.0, "cid")])?;
/// assert_eq!(r.zrange("scores", 0, 0)?, ["bob"]);
/// let best = r.zrange_with("scores", Bound::HIGHEST, 2, ZRangeOptions::new().byscore().rev())?;
/// assert_eq!(best.members(), ["ann", "cid"]);
/// assert_eq!(r.zrank("scores", "ann")?, Some(2));
/// # Ok::<(), redipy::Error>(())
/// ```
///
/// # Keys and expiry
/// ```
/// use redipy::prelude::*;
///
/// let r = redipy::connect("memory://")?;
/// r.set("k", "v")?;
/// assert!(r.pexpire("k", 30_000)?);
/// assert!((1..=30).contains(&r.ttl("k")?));
/// assert_eq!(r.key_type("k")?.as_str(), "string");
/// r.rename("k", "renamed")?;
/// assert_eq!((r.exists("k")?, r.del("renamed")?), (0, 1));
/// # Ok::<(), redipy::Error>(())
/// ```
///
/// # The server and the connection
/// ```
/// use redipy::{connection::Pong, prelude::*};
///
/// let r = redipy::connect("memory://")?;
/// assert_eq!(r.ping()?, Pong::Pong);
/// r.set("k", "v")?;
/// assert_eq!(r.dbsize()?, 1);
/// r.flushall()?;
/// assert!(r.keys("*")?.is_empty());
/// # Ok::<(), redipy::Error>(())
/// ```
pub mod prelude {
    #[doc(inline)]
    pub use redipy_command::methods::{
        ConnectionCommands, GenericCommands, HashCommands, ListCommands, PubSubCommands, ServerCommands, SetCommands,
        SortedSetCommands, StringCommands, TransactionCommands,
    };
    pub use redipy_script::QueryScript;
}

/// The programs of the README are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// So are those of the guide to awaiting.
#[cfg(all(doctest, feature = "async", feature = "memory"))]
#[doc = include_str!("../../../docs/async.md")]
struct Awaiting;
