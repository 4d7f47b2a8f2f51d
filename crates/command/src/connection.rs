//! Connection commands. The commands that clients send by themselves are in `connection/client.rs`.

mod client;

use crate::Command;
use crate::arg::Arg;
use crate::args::Args;
use crate::bytes::Bytes;
use crate::error::Result;
use crate::field::Field;
use crate::forms::ToInt;
use crate::reply::Reply;
use crate::sink::{ReplySink, Sink};
use crate::spec::{Argument, ArgumentKind};
use crate::texts::{self, fail};
use crate::value::Value;

pub use client::{
    Auth, ClientCaching, ClientCapa, ClientGetName, ClientGetRedir, ClientHelp, ClientId, ClientImportSource,
    ClientInfo, ClientKill, ClientList, ClientNoEvict, ClientNoTouch, ClientPause, ClientReply, ClientSetInfo,
    ClientSetName, ClientTracking, ClientTrackingInfo, ClientUnblock, ClientUnpause, Hello, OnOff, PauseMode, Quit,
    ReplyMode, Reset, UnblockAs, YesNo,
};

/// Checks that the backend answers; returns the message, `PONG` without one.
#[derive(Debug, Clone, Command)]
#[command("PING", connection, fast, repeatable, while_listening, since = "1.0.0", complexity = "O(1)", reply = Pong, excess = arity, tip = "request_policy:all_shards", tip = "response_policy:all_succeeded")]
#[method(ping() -> Pong)]
#[method(ping_with(message) -> Pong)]
pub struct Ping<'a> {
    /// The message to return.
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

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        match self {
            Pong::Pong => to.status("PONG".into()),
            Pong::Message(message) => to.owned_bulk(message),
        }
    }
}

/// Returns the message.
#[derive(Debug, Clone, Command)]
#[command("ECHO", connection, fast, loading, stale, repeatable, since = "1.0.0", complexity = "O(1)", reply = Bytes)]
pub struct Echo<'a> {
    /// The message to return.
    pub message: Arg<'a>,
}

/// Selects the database of this session, 0 to 15.
///
/// A client shares its connections between threads, so only a session has a database of its own:
/// `client.session()?.select(1)?`, or name the database in the URL.
#[derive(Debug, Clone, Command)]
#[command("SELECT", connection, session, fast, loading, stale, since = "1.0.0", complexity = "O(1)", reply = ())]
pub struct Select {
    /// The index of the database.
    pub index: DbIndex,
}

/// The index of a database. A raw one is checked when it is read: there are 16 of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DbIndex(pub i64);

impl DbIndex {
    /// The number of databases of the engine, and of a server by default.
    pub const COUNT: usize = 16;

    /// The index among these.
    ///
    /// # Errors
    /// `value is out of range, …` for what is no 32-bit integer, or `DB index is out of range`.
    pub fn get(self) -> Result<usize> {
        let Ok(index) = i32::try_from(self.0) else { return fail(texts::INT_RANGE) };
        let index = usize::try_from(index).ok().filter(|index| *index < Self::COUNT);
        index.map_or_else(|| fail(texts::DB_RANGE), Ok)
    }
}

impl<T: ToInt> From<T> for DbIndex {
    fn from(index: T) -> Self {
        DbIndex(index.to_int())
    }
}

impl<'a> Field<'a> for DbIndex {
    const MIN: usize = 1;
    const ARGUMENT: Argument = Argument::of(ArgumentKind::Integer);

    fn write(&self, out: &mut dyn Sink) {
        self.0.write(out);
    }

    fn read(args: &mut Args<'a>) -> Result<Self> {
        let index = DbIndex(i64::read(args)?);
        index.get().map(|_| index)
    }
}
