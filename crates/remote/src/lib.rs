//! Real Redis and Valkey servers as a backend: connecting, a pool of connections, sessions,
//! subscriptions, and errors that say whether a command may have run.
//!
//! Commands pass through without interpretation, and replies have the shapes of RESP3.
//!
//! ```no_run
//! # mod redipy { pub use redipy_backend::*; pub use redipy_command::*; pub use redipy_remote as remote; }
//! use redipy::{Backend, Request};
//! use redipy::{Encoded, Value};
//! use redipy::remote::{Config, Remote};
//!
//! let remote = Remote::new(Config::tcp("127.0.0.1", 6379));
//! let reply = remote.call(&Request::from(Encoded::raw(b"PING")))?;
//! assert_eq!(reply, Value::Status("PONG".into()));
//! # Ok::<(), redipy::Error>(())
//! ```
#![deny(missing_docs)]
#![warn(missing_debug_implementations)]

#[cfg(feature = "async")]
mod asynchronous;
mod batch;
mod config;
mod exchange;
mod failure;
mod link;
mod listener;
mod pool;
mod refuse;
mod remote;
mod session;
mod stream;
mod subscription;
mod time_limit;
mod transaction;

pub use config::{Address, Config};
pub use remote::Remote;
pub use stream::on_signal;
