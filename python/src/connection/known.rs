//! Which command is meant, and where it may stand.

use redipy::connection::{Ping, Select};
use redipy::pubsub::{PSubscribe, PUnsubscribe, Subscribe, Unsubscribe};
use redipy::transaction::{Discard, Exec, Multi, Unwatch, Watch};
use redipy::{Command, Encoded, Error, Result, texts};

use super::{Connection, Events};

/// What performs a command that concerns the connection.
pub type Own = fn(&mut Connection, &[&[u8]], &mut Events) -> Result<()>;

pub const EXEC: &str = Exec::SPEC.name;
pub const MULTI: &str = Multi::SPEC.name;
pub const SELECT: &str = Select::SPEC.name;
pub const UNWATCH: &str = Unwatch::SPEC.name;

/// A command that is not declared with those of the data: its name, with that of a subcommand; how many words it has, at
/// least so many where the number is negative; and what performs it.
struct Row(&'static str, i32, Own);

const ROWS: [Row; 23] = [
    Row("AUTH", -2, Connection::auth),
    Row("CLIENT|CACHING", 3, Connection::client_caching),
    Row("CLIENT|GETNAME", 2, Connection::client_getname),
    Row("CLIENT|GETREDIR", 2, Connection::client_getredir),
    Row("CLIENT|HELP", 2, Connection::client_help),
    Row("CLIENT|ID", 2, Connection::client_id),
    Row("CLIENT|INFO", 2, Connection::client_info),
    Row("CLIENT|KILL", -3, Connection::client_kill),
    Row("CLIENT|LIST", -2, Connection::client_list),
    Row("CLIENT|NO-EVICT", 3, Connection::client_no_evict),
    Row("CLIENT|NO-TOUCH", 3, Connection::client_no_touch),
    Row("CLIENT|PAUSE", -3, Connection::client_pause),
    Row("CLIENT|REPLY", 3, Connection::client_reply),
    Row("CLIENT|SETINFO", 4, Connection::client_setinfo),
    Row("CLIENT|SETNAME", 3, Connection::client_setname),
    Row("CLIENT|TRACKING", -3, Connection::client_tracking),
    Row("CLIENT|TRACKINGINFO", 2, Connection::client_trackinginfo),
    Row("CLIENT|UNBLOCK", -3, Connection::client_unblock),
    Row("CLIENT|UNPAUSE", 2, Connection::client_unpause),
    Row("HELLO", -1, Connection::hello),
    Row("INFO", -1, Connection::info),
    Row("QUIT", -1, Connection::quit),
    Row("RESET", 1, Connection::reset),
];

/// Commands that are declared with those of the data and concern the connection too.
const DECLARED: [(&str, Own); 11] = [
    (Discard::SPEC.name, Connection::discard),
    (EXEC, Connection::exec),
    (MULTI, Connection::multi),
    (PSubscribe::SPEC.name, Connection::psubscribe),
    (PUnsubscribe::SPEC.name, Connection::punsubscribe),
    (Ping::SPEC.name, Connection::ping),
    (SELECT, Connection::select),
    (Subscribe::SPEC.name, Connection::subscribe),
    (Unsubscribe::SPEC.name, Connection::unsubscribe),
    (UNWATCH, Connection::unwatch),
    (Watch::SPEC.name, Connection::watch),
];

/// A container of subcommands is known by what its rows begin with; this is what it is called when it is refused.
const CLIENT: &str = "CLIENT";
/// What a command is called in statistics that nobody knows.
const UNKNOWN: &str = "NULL";

/// Where a command may stand that others may not.
#[derive(Clone, Copy)]
pub enum Place {
    /// Where only messages are expected, which is so for a connection of RESP2 that listens.
    WhileListening,
    /// It is performed at once also inside MULTI.
    NeverQueued,
}

/// A command that exists, with a number of arguments that it can have.
pub struct Known {
    /// Its name in upper case: `GET`, `CLIENT|ID`.
    pub name: &'static str,
    /// What performs it, unless it concerns the data alone.
    pub own: Option<Own>,
}

impl Known {
    /// Looks a command up.
    ///
    /// # Errors
    /// What a server says of it, and under which name it is counted.
    pub fn look_up(command: &Encoded, args: &[&[u8]]) -> std::result::Result<Self, (&'static str, Error)> {
        if let Some(row) = ROWS.iter().find(|row| row.is_called(args)) {
            let fits =
                if row.1 < 0 { args.len() >= row.1.unsigned_abs() as usize } else { args.len() == row.1 as usize };
            let known = Self { name: row.0, own: Some(row.2) };
            return if fits { Ok(known) } else { Err((row.0, texts::arity(row.0))) };
        }
        if args[0].eq_ignore_ascii_case(CLIENT.as_bytes()) {
            let error =
                args.get(1).map_or_else(|| texts::arity(CLIENT), |word| texts::unknown_subcommand(CLIENT, word));
            return Err((CLIENT, error));
        }
        let Some(spec) = command.spec() else { return Err((UNKNOWN, texts::unknown_command(args[0], &args[1..]))) };
        if !spec.accepts(args.len()) {
            return Err((spec.name, texts::arity(spec.name)));
        }
        let own = DECLARED.iter().find(|(name, _)| *name == spec.name).map(|(_, own)| *own);
        Ok(Self { name: spec.name, own })
    }

    /// Whether EXEC leaves it to what holds the data.
    pub fn is_of_data(&self) -> bool {
        self.own.is_none() || matches!(self.name, SELECT | UNWATCH)
    }

    /// Whether it may stand there.
    pub fn has(&self, place: Place) -> bool {
        match place {
            Place::WhileListening => matches!(
                self.name,
                "PING" | "QUIT" | "RESET" | "SUBSCRIBE" | "PSUBSCRIBE" | "UNSUBSCRIBE" | "PUNSUBSCRIBE"
            ),
            Place::NeverQueued => matches!(self.name, "DISCARD" | "EXEC" | "MULTI" | "QUIT" | "RESET" | "WATCH"),
        }
    }

    /// Whether RESP2 shows the pairs of its reply one after the other, where RESP3 has an array for each.
    pub fn has_flat_pairs(&self) -> bool {
        matches!(
            self.name,
            "HRANDFIELD"
                | "ZDIFF"
                | "ZINTER"
                | "ZPOPMAX"
                | "ZPOPMIN"
                | "ZRANDMEMBER"
                | "ZRANGE"
                | "ZRANGEBYSCORE"
                | "ZREVRANGE"
                | "ZREVRANGEBYSCORE"
                | "ZUNION"
        )
    }
}

impl Row {
    fn is_called(&self, args: &[&[u8]]) -> bool {
        let (name, subcommand) = self.0.split_once('|').map_or((self.0, None), |(name, sub)| (name, Some(sub)));
        args[0].eq_ignore_ascii_case(name.as_bytes())
            && subcommand.is_none_or(|sub| args.get(1).is_some_and(|word| word.eq_ignore_ascii_case(sub.as_bytes())))
    }
}
