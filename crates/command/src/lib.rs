//! Redis commands: their declarations, arguments, replies and errors.
//!
//! A command is one struct with `#[derive(Command)]`. From it follow the method on every receiver,
//! the encoding for a server, the parsing of raw arguments, the positions of its keys and its row in
//! `COMMAND INFO`. This crate does no I/O, keeps no state and knows no backend.
//!
//! ```
//! # use redipy_command as redipy;
//! use redipy::{Command, Encoded, hash::HIncrBy};
//!
//! let command = HIncrBy { key: "user:1".into(), field: "visits".into(), by: 2 };
//! let encoded = Encoded::of(&command);
//! assert_eq!(encoded.to_string(), r#"HINCRBY "user:1" "visits" "2""#);
//! assert_eq!(HIncrBy::SPEC.arity, 4);
//! ```
#![deny(missing_docs)]
#![warn(missing_debug_implementations)]

// The derive names this crate by its full name, also inside it.
extern crate self as redipy_command;

pub mod arg;
pub mod args;
pub mod bytes;
pub mod elsewhere;
pub mod encoded;
pub mod error;
pub mod execute;
pub mod field;
pub mod forms;
pub mod glob;
pub mod number;
mod parsing;
pub mod range;
pub mod reply;
pub mod room;
pub mod scan;
pub mod sink;
pub mod spec;
pub mod texts;
pub mod time;
mod to_value;
#[cfg(feature = "serde")]
pub mod typed;
pub mod value;

pub mod cluster;
pub mod connection;
pub mod generic;
pub mod hash;
pub mod list;
pub mod pubsub;
pub mod scripting;
pub mod server;
pub mod set;
pub mod string;
pub mod transaction;
pub mod zset;

pub mod methods;

pub use arg::{Arg, Key, LateInt, Many};
pub use args::Args;
pub use bytes::Bytes;
pub use encoded::{Encoded, EncodedList, EncodedRef};
pub use error::{Error, Kind, Result};
pub use execute::{Command, Execute, Executor, Form, Parse, ReadAs, Stateless};
pub use forms::{ToArg, ToArgs, ToEntries, ToFields, ToFloat, ToInt, ToKey, ToKeys, ToScored};
pub use redipy_command_derive::{Command, Options, Token};
#[doc(hidden)]
pub use redipy_command_derive::{FacadeCommand, FacadeOptions, FacadeToken};
pub use reply::{Fields, FromReply, Members, Reply};
pub use sink::{ReplySink, Sink};
pub use spec::{Flags, Group, Shape, Spec};
pub use to_value::ToValue;
pub use value::{Value, ValueSink, Verbatim};
