//! Where a command is called, and which commands of a session do not belong there: every backend refuses the same, by
//! what the declarations say and with the same words.

use redipy_command::transaction::Unwatch;
use redipy_command::{Command, Encoded, Error, Group, Kind, Result};

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
    /// Refuses a command of a session that does not belong here.
    ///
    /// # Errors
    /// `Unsupported`, with what to use in its place.
    pub fn check(self, command: &Encoded) -> Result<()> {
        let Some(spec) = command.spec().filter(|spec| spec.session) else { return Ok(()) };
        let in_transaction = matches!(self, Place::Transaction | Place::SessionTransaction);
        let advice = match spec.group {
            Group::Pubsub => "a subscription is a stream of messages: use `subscribe`",
            Group::Transactions if in_transaction && spec.name != Unwatch::SPEC.name => "this is a transaction already",
            _ if matches!(self, Place::Session | Place::SessionTransaction) => return Ok(()),
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
}
