//! Connection commands.

use crate::Command;
use crate::arg::Arg;
use crate::bytes::Bytes;
use crate::error::Result;
use crate::reply::Reply;
use crate::value::Value;

/// Tells whether the backend answers; gives back the message, `PONG` without one.
#[derive(Debug, Clone, Command)]
#[command("PING", connection, fast, since = "1.0.0", complexity = "O(1)", reply = Pong, excess = arity)]
#[method(ping() -> Pong)]
#[method(ping_with(message) -> Pong)]
pub struct Ping<'a> {
    /// What to give back.
    pub message: Option<Arg<'a>>,
}

/// The answer to PING.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pong {
    /// `PONG`.
    Pong,
    /// The message that was sent.
    Message(Bytes),
}

impl Reply for Pong {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Status(_) => Ok(Pong::Pong),
            other => Bytes::from_value(other).map(Pong::Message),
        }
    }

    fn into_value(self) -> Value {
        match self {
            Pong::Pong => Value::Status("PONG".into()),
            Pong::Message(message) => Value::Bulk(message),
        }
    }
}

/// Gives back the message.
#[derive(Debug, Clone, Command)]
#[command("ECHO", connection, fast, loading, stale, since = "1.0.0", complexity = "O(1)", reply = Bytes)]
pub struct Echo<'a> {
    /// What to give back.
    pub message: Arg<'a>,
}

/// Selects the database of this session, 0 to 15.
///
/// A client shares its connections between threads, so only a session has a database of its own:
/// `client.session()?.select(1)?`, or name the database in the URL.
#[derive(Debug, Clone, Command)]
#[command("SELECT", connection, fast, loading, stale, since = "1.0.0", complexity = "O(1)", reply = ())]
pub struct Select {
    /// The index of the database.
    pub index: i64,
}
