//! What goes wrong between client and server, in words and with what is known of the command.

use std::io;
use std::time::Duration;

use redipy_backend::Request;
use redipy_command::{Encoded, Error, Flags, Kind, texts};

use crate::stream::GIVEN_UP;

/// No reply: the connection is of no use any more.
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

    /// Everything was sent and no reply came.
    pub(crate) fn unanswered(error: Error) -> Self {
        Self { error, sent: true }
    }

    /// The same, where bytes before the last ones may have been enough to execute something.
    #[must_use]
    pub(crate) fn after_others(self) -> Self {
        Self { sent: true, ..self }
    }

    /// Whether the same can be sent once more on another connection.
    pub(crate) fn repeatable(&self, harmless: bool) -> bool {
        self.error.kind() == Kind::Connection && (harmless || !self.sent)
    }

    /// Whether the server closed the connection, as it does with all of them when it ends.
    pub(crate) fn is_closed(&self) -> bool {
        self.error.kind() == Kind::Connection
    }

    /// The error, for a request that is harmless or not.
    pub(crate) fn into_error(self, harmless: bool) -> Error {
        if self.sent && !harmless { self.error.maybe_ran() } else { self.error }
    }
}

/// Whether executing this twice, or not knowing whether it was executed, makes no difference.
pub(crate) fn is_harmless(request: &Request) -> bool {
    match request {
        Request::Command(command) => changes_nothing(command),
        Request::Script(_) => false,
    }
}

fn changes_nothing(command: &Encoded) -> bool {
    command.spec().is_some_and(|spec| spec.flags.has(Flags::READONLY) || ["PING", "ECHO", "TIME"].contains(&spec.name))
}

/// No connection could be made.
pub(crate) fn connecting(url: &str, cause: &redis::RedisError, limit: Duration) -> Error {
    if cause.is_timeout() {
        let text = format!(
            "cannot connect to {url}: no answer within {limit:?}; are host and port right, or is a firewall between?"
        );
        return with_cause(Error::new(Kind::Timeout, text), cause);
    }
    let advice =
        if cause.is_connection_refusal() { "is the server running there?" } else { "are host and port right?" };
    with_cause(Error::new(Kind::Connection, format!("cannot connect to {url}: {cause}; {advice}")), cause)
}

/// A connection was made, and the server refused the login or what came with it.
///
/// The server's text stands first, so that its code word stays what it is.
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

/// The bytes could not be sent.
pub(crate) fn sending(url: &str, cause: &redis::RedisError) -> Error {
    if cause.is_timeout() {
        return with_cause(Error::new(Kind::Timeout, format!("{url} takes no more bytes; is it stopped?")), cause);
    }
    with_cause(Error::new(Kind::Connection, format!("{url} closed the connection ({cause}); {AGAIN}")), cause)
}

/// The bytes were sent and no reply came within this time, or none at all.
pub(crate) fn receiving(url: &str, cause: &redis::RedisError, patience: Option<Duration>) -> Error {
    let (kind, text) = match cause.kind() {
        _ if cause.is_timeout() => {
            let limit = patience.unwrap_or_default();
            (
                Kind::Timeout,
                format!("no reply from {url} within {limit:?}; allow a longer response timeout if that is too short"),
            )
        }
        _ if cause.to_string().contains(GIVEN_UP) => {
            (Kind::Timeout, format!("waiting for a reply from {url} was given up when a signal came"))
        }
        redis::ErrorKind::Parse => {
            (Kind::Connection, format!("{url} sent something that is not RESP; is it a Redis server?"))
        }
        _ => (Kind::Connection, format!("{url} closed the connection before it replied ({cause}); {AGAIN}")),
    };
    with_cause(Error::new(kind, text), cause)
}

const AGAIN: &str = "the next call connects again";

/// The cause's text, without its type: redis-rs does not show outside of this crate.
fn with_cause(error: Error, cause: &redis::RedisError) -> Error {
    error.with_source(io::Error::other(cause.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_signal_ended_is_not_repeated() {
        let cause = redis::RedisError::from(io::Error::other(GIVEN_UP));
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
