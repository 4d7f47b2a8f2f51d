//! The places of a call, and the refusal of commands that concern their connection and do not belong there: the same commands
//! with the same texts on every backend, by their declarations.

use redipy_command::connection::Select;
use redipy_command::spec::{CommandId, Handling, SessionUse};
use redipy_command::transaction::Unwatch;
use redipy_command::{Command, EncodedRef, Error, Kind, Result, Spec, elsewhere};

/// The place of a call.
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
    /// Refuses a command that concerns its connection and does not belong here, and one for whose arguments there was no room.
    ///
    /// # Errors
    /// `Unsupported`, with what to use in its place; `OOM`.
    #[inline]
    pub fn check(self, command: EncodedRef<'_>) -> Result<()> {
        command.check()?;
        match command.spec() {
            Some(Spec { handling: Handling { session: None, .. }, .. }) => Ok(()),
            spec => self.check_words(spec, &command.to_vec()),
        }
    }

    /// [`check`](Self::check) for raw words and their declaration.
    ///
    /// # Errors
    /// `Unsupported`, with what to use in its place.
    pub fn check_words(self, spec: Option<&'static Spec>, words: &[&[u8]]) -> Result<()> {
        let handling = spec.map_or_else(|| elsewhere::handling(words.iter().copied()), |spec| &spec.handling);
        let id = spec.map(|spec| spec.id);
        let Some(advice) = handling.session.and_then(|session| self.refusal(session, id)) else { return Ok(()) };
        let name = spec.map_or_else(|| elsewhere::name(words), |spec| spec.name.to_owned());
        Err(Error::new(Kind::Unsupported, format!("{name} is not possible here: {advice}")))
    }

    /// The reason why a command with this use of its connection is refused here.
    fn refusal(self, session: SessionUse, id: Option<CommandId>) -> Option<&'static str> {
        let in_session = matches!(self, Place::Session | Place::SessionTransaction);
        let in_transaction = matches!(self, Place::Transaction | Place::SessionTransaction);
        Some(match session {
            SessionUse::Subscription => "a subscription is a stream of messages: use `subscribe`",
            SessionUse::Stream => "it turns the connection into a stream that is no sequence of replies",
            SessionUse::Replication => "servers say this to each other, and it may have no reply",
            SessionUse::Handshake => "the client does this itself, with what its configuration says",
            SessionUse::Replies => "it changes how the server replies on this connection",
            SessionUse::Transaction if in_transaction && id != Some(Unwatch::SPEC.id) => {
                "this is a transaction already"
            }
            _ if in_session => return None,
            SessionUse::Transaction => {
                "connections are shared: `transaction()` (in Python `pipeline()`) sends MULTI and EXEC by itself, and a \
                 `session()` (in Python a client of redis-py) has all of it"
            }
            _ if id == Some(Select::SPEC.id) => {
                "connections are shared: name the database in the URL, or use a `session()` (in Python a client of redis-py)"
            }
            _ => "connections are shared: use a `session()` (in Python a client of redis-py)",
        })
    }
}

#[cfg(test)]
mod tests {
    use redipy_command::{Encoded, methods};

    use super::*;

    fn command(text: &str) -> Encoded {
        let mut words = text.split(' ').map(str::as_bytes);
        let name = Encoded::raw(words.next().unwrap_or_default());
        words.fold(name, Encoded::arg)
    }

    fn permitted(place: Place) -> Vec<&'static str> {
        let own = methods::ALL.iter().filter(|spec| spec.handling.session.is_some());
        own.map(|spec| spec.name).filter(|name| place.check(command(name).as_ref()).is_ok()).collect()
    }

    #[test]
    fn a_session_has_what_others_share() {
        assert_eq!(permitted(Place::Client), [] as [&str; 0]);
        assert_eq!(permitted(Place::Transaction), [] as [&str; 0]);
        let state = [
            "ASKING",
            "AUTH",
            "CLIENT CACHING",
            "CLIENT CAPA",
            "CLIENT IMPORT-SOURCE",
            "CLIENT NO-EVICT",
            "CLIENT NO-TOUCH",
            "CLIENT SETINFO",
            "CLIENT SETNAME",
            "CLIENT TRACKING",
            "READONLY",
            "READWRITE",
            "SELECT",
        ];
        let with = |others: &[&'static str]| {
            let mut all = [&state[..], others].concat();
            all.sort_unstable();
            all
        };
        assert_eq!(permitted(Place::Session), with(&["DISCARD", "EXEC", "MULTI", "UNWATCH", "WATCH"]));
        assert_eq!(permitted(Place::SessionTransaction), with(&["UNWATCH"]));
    }

    #[test]
    fn state_of_the_connection_is_refused_where_it_is_shared() {
        for text in ["multi", "EXEC", "WATCH a", "SELECT 1", "client tracking on", "CLIENT SETNAME x", "AUTH x"] {
            assert!(Place::Client.check(command(text).as_ref()).is_err(), "{text}");
            assert!(Place::Session.check(command(text).as_ref()).is_ok(), "{text}");
        }
        for text in
            ["SUBSCRIBE a", "MONITOR", "HELLO 2", "CLIENT REPLY OFF", "SCRIPT DEBUG YES", "QUIT", "replconf ACK 0"]
        {
            assert!(Place::Client.check(command(text).as_ref()).is_err(), "{text}");
            assert!(Place::Session.check(command(text).as_ref()).is_err(), "{text}");
        }
        for text in ["GET a", "CLIENT LIST", "SCRIPT FLUSH", "CLIENT GETNAME", "PUBLISH a b", "NOPE", "CLIENT"] {
            assert!(Place::Client.check(command(text).as_ref()).is_ok(), "{text}");
        }
    }

    #[test]
    fn refusals_name_the_command_and_no_argument() {
        let error = Place::Client.check(command("auth hunter2").as_ref()).expect_err("refused");
        assert_eq!(error.kind(), Kind::Unsupported);
        assert!(error.message().starts_with("AUTH is not possible here: connections are shared"), "{error}");
        assert!(!error.message().contains("hunter2"), "{error}");
        let error = Place::Client.check(command("client reply hunter2").as_ref()).expect_err("refused");
        assert!(error.message().starts_with("CLIENT REPLY is not possible here: it changes"), "{error}");
    }
}
