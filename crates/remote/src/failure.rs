//! Errors between client and server, and whether the command may have run.

use std::io;
use std::time::Duration;

use redipy_backend::RequestRef;
use redipy_command::{Error, Kind, texts};
use redipy_resp::Malformed;

use crate::stream::GIVEN_UP;

/// A lost connection: no reply came, and none will.
#[derive(Debug, Clone)]
pub(crate) struct Lost {
    error: Error,
    sent: bool,
}

impl Lost {
    /// The last bytes were not even sent, so a server cannot have executed what they complete.
    pub(crate) fn unsent(error: Error) -> Self {
        Self { error, sent: false }
    }

    /// Everything was sent, and no reply came.
    pub(crate) fn unanswered(error: Error) -> Self {
        Self { error, sent: true }
    }

    /// The same loss, where bytes before the last ones may have sufficed to execute something.
    #[must_use]
    pub(crate) fn after_others(self) -> Self {
        Self { sent: true, ..self }
    }

    /// Returns whether the same can be sent once more on another connection.
    pub(crate) fn repeatable(&self, idempotent: bool) -> bool {
        self.error.kind() == Kind::Connection && (idempotent || !self.sent)
    }

    /// Returns whether the server may have received the request.
    #[cfg(feature = "async")]
    pub(crate) fn was_sent(&self) -> bool {
        self.sent
    }

    /// Returns whether the server closed the connection, as it does with all of them when it ends.
    pub(crate) fn is_closed(&self) -> bool {
        self.error.kind() == Kind::Connection
    }

    /// The error, for a request that is idempotent or not.
    pub(crate) fn into_error(self, idempotent: bool) -> Error {
        if self.sent && !idempotent { self.error.maybe_ran() } else { self.error }
    }
}

/// Returns whether executing this twice, or not knowing whether it was executed, makes no difference.
pub(crate) fn is_idempotent(request: RequestRef<'_>) -> bool {
    match request {
        RequestRef::Command(command) => command.handling().repeatable,
        RequestRef::Script(_) => false,
    }
}

/// What a session had on its connection is lost with that.
pub(crate) fn session_lost(url: &impl std::fmt::Display) -> Error {
    let text = format!("the session's connection to {url} is lost; open another session");
    Error::new(Kind::Connection, text)
}

/// The error of a connection that could not be opened.
pub(crate) fn connecting(url: &str, cause: &io::Error, limit: Duration) -> Error {
    if is_timeout(cause) {
        let text = format!(
            "cannot connect to {url}: no answer within {limit:?}; are host and port right, or is a firewall between?"
        );
        return with_cause(Error::new(Kind::Timeout, text), cause);
    }
    let advice = match cause.kind() {
        io::ErrorKind::ConnectionRefused => "is the server running there?",
        io::ErrorKind::NotFound => "is the server running, and is the path right?",
        _ => "are host and port right?",
    };
    with_cause(Error::new(Kind::Connection, format!("cannot connect to {url}: {cause}; {advice}")), cause)
}

/// A connection was made, and the server refused the login or what came with it.
///
/// The server's text comes first, so that its code word stays the first word.
pub(crate) fn refused(url: &str, error: &Error) -> Error {
    let text = error.message();
    if text.starts_with(texts::UNKNOWN_COMMAND) || text.starts_with("NOPROTO") {
        // Not the server's text: it quotes the arguments, and one is the password.
        return Error::new(
            Kind::Unsupported,
            format!("{url} does not speak RESP3; this client needs Redis 6 or later"),
        );
    }
    match error.kind() {
        Kind::Auth => Error::new(Kind::Auth, format!("{text} (logging in to {url}: check user and password)")),
        kind @ (Kind::Unavailable | Kind::Timeout) => Error::new(kind, format!("{text} (connecting to {url})")),
        _ => Error::new(Kind::Connection, format!("{text} (connecting to {url})")),
    }
}

/// The bytes could not be sent, and nothing of them was executed.
pub(crate) fn sending(url: &str, cause: &io::Error) -> Error {
    let (kind, text) = match fault(cause) {
        Fault::Timeout => (Kind::Timeout, format!("{url} takes no more bytes; is it stopped?")),
        Fault::Signal => (Kind::Timeout, format!("sending to {url} was given up when a signal came")),
        Fault::NotResp | Fault::NoRoom => return receiving(url, cause, None),
        Fault::Unasked => (Kind::Connection, format!("{url} sent a reply that nobody had asked for; {AGAIN}")),
        Fault::Closed => (Kind::Connection, format!("{url} closed the connection ({cause}); {AGAIN}")),
    };
    with_cause(Error::new(kind, text), cause)
}

/// The bytes were sent and not all replies came within this time, or none at all.
pub(crate) fn receiving(url: &str, cause: &io::Error, limit: Option<Duration>) -> Error {
    let (kind, text) = match fault(cause) {
        Fault::Timeout => {
            let limit = limit.unwrap_or_default();
            (
                Kind::Timeout,
                format!(
                    "no reply from {url} within {limit:?}; if that is too short, allow more in the URL: ?timeout=60 is a minute"
                ),
            )
        }
        Fault::Signal => (Kind::Timeout, format!("waiting for a reply from {url} was given up when a signal came")),
        Fault::NotResp => (Kind::Connection, format!("{url} sent something that is not RESP; is it a Redis server?")),
        Fault::NoRoom => return texts::NO_ROOM.into(),
        Fault::Unasked => return sending(url, cause),
        Fault::Closed => {
            (Kind::Connection, format!("{url} closed the connection before it replied ({cause}); {AGAIN}"))
        }
    };
    with_cause(Error::new(kind, text), cause)
}

/// The stream of messages is over.
pub(crate) fn listening(url: &str, cause: &io::Error) -> Error {
    match fault(cause) {
        Fault::Closed => {
            let text = format!(
                "{url} closed the connection of the subscription ({cause}); subscribe again, and read faster if messages \
                 came faster than they were read"
            );
            with_cause(Error::new(Kind::Connection, text), cause)
        }
        _ => receiving(url, cause, None),
    }
}

/// The error of calls behind one on the same connection that was not answered in time.
#[cfg(feature = "async")]
pub(crate) fn stuck(url: &str, limit: Option<Duration>) -> Error {
    let limit = limit.unwrap_or_default();
    let text =
        format!("{url} did not answer another call on the same connection within {limit:?}, which was closed; {AGAIN}");
    Error::new(Kind::Connection, text)
}

/// The connection was opened by the process that this one was forked from.
pub(crate) fn inherited(url: &str) -> Error {
    let text =
        format!("this connection to {url} belongs to the process that this one was forked from; open another one");
    Error::new(Kind::Connection, text)
}

const AGAIN: &str = "the next call connects again";

/// The fault of a connection.
enum Fault {
    Timeout,
    Signal,
    NotResp,
    NoRoom,
    Unasked,
    Closed,
}

fn fault(cause: &io::Error) -> Fault {
    match cause.kind() {
        _ if is_timeout(cause) => Fault::Timeout,
        io::ErrorKind::InvalidData => Fault::NotResp,
        io::ErrorKind::OutOfMemory => Fault::NoRoom,
        _ => match cause.get_ref().map(ToString::to_string).as_deref() {
            Some(GIVEN_UP) => Fault::Signal,
            Some(UNASKED) => Fault::Unasked,
            _ => Fault::Closed,
        },
    }
}

/// Returns whether a time limit was exceeded.
pub(crate) fn is_timeout(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}

/// The error of bytes that are not the protocol.
pub(crate) fn not_resp(malformed: Malformed) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, malformed)
}

/// A reply came and no command waits for one.
pub(crate) fn unasked() -> io::Error {
    io::Error::other(UNASKED)
}

const UNASKED: &str = "a reply to nothing";

/// The cause's text: the cause itself cannot be cloned.
fn with_cause(error: Error, cause: &io::Error) -> Error {
    error.with_source(io::Error::new(cause.kind(), cause.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_signal_ended_is_not_repeated() {
        let cause = io::Error::other(GIVEN_UP);
        let lost = Lost::unanswered(receiving("redis://h:1/0", &cause, None));
        assert!(!lost.repeatable(true));
        let error = lost.into_error(false);
        assert_eq!((error.kind(), error.may_have_run()), (Kind::Timeout, true));
    }

    #[test]
    fn what_may_have_run_follows_from_what_was_sent() {
        let error = || Error::new(Kind::Connection, "closed");
        assert!(!Lost::unsent(error()).into_error(false).may_have_run());
        assert!(Lost::unsent(error()).after_others().into_error(false).may_have_run());
        assert!(Lost::unanswered(error()).into_error(false).may_have_run());
        assert!(!Lost::unanswered(error()).into_error(true).may_have_run());
    }

    #[test]
    fn only_what_cannot_have_run_or_harms_nothing_is_repeated() {
        let error = |kind| Error::new(kind, "lost");
        assert!(Lost::unsent(error(Kind::Connection)).repeatable(false));
        assert!(!Lost::unanswered(error(Kind::Connection)).repeatable(false));
        assert!(Lost::unanswered(error(Kind::Connection)).repeatable(true));
        assert!(!Lost::unanswered(error(Kind::Timeout)).repeatable(true));
    }

    #[test]
    fn an_old_server_quoting_the_password_is_not_quoted() {
        let text = "ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `default`, `hunter2`, ";
        let error = refused("redis://h:1/0", &Error::reply(text));
        assert_eq!(error.kind(), Kind::Unsupported);
        assert!(!error.message().contains("hunter2"));
    }

    #[test]
    fn the_code_word_of_a_refusal_stays() {
        let error =
            refused("redis://h:1/0", &Error::reply("WRONGPASS invalid username-password pair or user is disabled."));
        assert_eq!((error.kind(), error.code()), (Kind::Auth, "WRONGPASS"));
        assert!(error.message().contains("redis://h:1/0"));
    }
}
