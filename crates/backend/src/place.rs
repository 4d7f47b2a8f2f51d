//! Where a command is called, and which commands of a session do not belong there: every backend refuses the same, by
//! what the declarations say and with the same words.

use redipy_command::transaction::Unwatch;
use redipy_command::{Command, Encoded, Error, Group, Kind, Result};

use crate::undeclared;

/// Where a command is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A client or its pipeline: the next call may take another connection.
    Client,
    /// A client's transaction, which sends MULTI and EXEC by itself.
    Transaction,
    /// A session.
    Session,
    /// A session's transaction, which sends MULTI and EXEC by itself.
    SessionTransaction,
}

impl Place {
    /// Refuses a command of a session that does not belong here, what would put any connection out of step, and a command
    /// for whose arguments there was no room.
    ///
    /// # Errors
    /// `Unsupported`, with what to use in its place; `OOM`.
    pub fn check(self, command: &Encoded) -> Result<()> {
        command.check()?;
        let is_shared = matches!(self, Place::Client | Place::Transaction);
        let Some(spec) = command.spec() else { return undeclared::check(command, is_shared) };
        if !spec.session {
            return Ok(());
        }
        let in_transaction = matches!(self, Place::Transaction | Place::SessionTransaction);
        let advice = match spec.group {
            Group::Pubsub => "a subscription is a stream of messages: use `subscribe`",
            Group::Transactions if in_transaction && spec.name != Unwatch::SPEC.name => "this is a transaction already",
            _ if !is_shared => return Ok(()),
            Group::Transactions => {
                "connections are shared: `transaction()` (in Python `pipeline()`) sends MULTI and EXEC by itself, and a \
                 `session()` (in Python a client of redis-py) has all of it"
            }
            _ => {
                "connections are shared: name the database in the URL, or use a `session()` (in Python a client of redis-py)"
            }
        };
        Err(Error::new(Kind::Unsupported, format!("{} is not possible here: {advice}", spec.name)))
    }
}

#[cfg(test)]
mod tests {
    use redipy_command::methods;

    use super::*;

    fn permitted(place: Place) -> Vec<&'static str> {
        let own = methods::ALL.iter().filter(|spec| spec.session);
        own.map(|spec| spec.name).filter(|name| place.check(&Encoded::raw(name.as_bytes())).is_ok()).collect()
    }

    #[test]
    fn a_session_has_what_others_share() {
        assert_eq!(permitted(Place::Client), [] as [&str; 0]);
        assert_eq!(permitted(Place::Transaction), [] as [&str; 0]);
        assert_eq!(permitted(Place::Session), ["DISCARD", "EXEC", "MULTI", "SELECT", "UNWATCH", "WATCH"]);
        assert_eq!(permitted(Place::SessionTransaction), ["SELECT", "UNWATCH"]);
    }

    fn command(text: &str) -> Encoded {
        let mut words = text.split(' ');
        let name = Encoded::raw(words.next().unwrap_or_default().as_bytes());
        words.fold(name, Encoded::arg)
    }

    #[test]
    fn state_of_the_connection_is_refused_where_it_is_shared() {
        for text in ["multi", "EXEC", "WATCH a", "SELECT 1", "client tracking on", "CLIENT SETNAME x", "AUTH x"] {
            assert!(Place::Client.check(&command(text)).is_err(), "{text}");
            assert!(Place::Session.check(&command(text)).is_ok(), "{text}");
        }
        for text in
            ["SUBSCRIBE a", "MONITOR", "HELLO 2", "CLIENT REPLY OFF", "SCRIPT DEBUG YES", "QUIT", "replconf ACK 0"]
        {
            assert!(Place::Client.check(&command(text)).is_err(), "{text}");
            assert!(Place::Session.check(&command(text)).is_err(), "{text}");
        }
        for text in ["GET a", "CLIENT LIST", "SCRIPT FLUSH", "CLIENT GETNAME", "PUBLISH a b"] {
            assert!(Place::Client.check(&command(text)).is_ok(), "{text}");
        }
    }

    #[test]
    fn refusals_name_the_command_and_no_argument() {
        let error = Place::Client.check(&command("auth hunter2")).expect_err("refused");
        assert_eq!(error.kind(), Kind::Unsupported);
        assert!(error.message().starts_with("AUTH is not possible here: connections are shared"), "{error}");
        assert!(!error.message().contains("hunter2"), "{error}");
    }
}
