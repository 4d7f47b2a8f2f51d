//! Commands that change the connection itself: on a connection that others use next, or at all. They are not sent; in
//! a pipeline the others are.

use redipy_backend::backend::Results;
use redipy_backend::{Place, Request};
use redipy_command::{Encoded, Error, Kind, Result, Value};

// What the declarations do not know; the rest is `Place`'s to refuse.
const SUBSCRIBING: &[&[u8]] = &[b"SSUBSCRIBE", b"SUNSUBSCRIBE"];
const STREAMING: &[&[u8]] = &[b"MONITOR", b"SYNC", b"PSYNC"];
/// What replicas send; some of it has no reply.
const REPLICATION: &[&[u8]] = &[b"REPLCONF"];
const HANDSHAKE: &[&[u8]] = &[b"HELLO", b"RESET", b"QUIT"];
const SESSION: &[&[u8]] = &[b"AUTH", b"READONLY", b"READWRITE", b"ASKING"];
const SESSION_CLIENT: &[&[u8]] =
    &[b"TRACKING", b"CACHING", b"NO-EVICT", b"NO-TOUCH", b"SETNAME", b"SETINFO", b"CAPA", b"IMPORT-SOURCE"];

/// Refuses what would put any connection out of step with its replies.
pub(crate) fn on_session(command: &Encoded) -> Result<()> {
    Place::Session.check(command)?;
    disturbs(command)
}

/// Refuses what the declarations do not know, and what no connection of ours can bear.
fn disturbs(command: &Encoded) -> Result<()> {
    let name = command.name();
    if is_one_of(name, SUBSCRIBING) {
        return refuse(command, "a subscription is a stream of messages: use `subscribe`");
    }
    if is_one_of(name, STREAMING) {
        return refuse(command, "it turns the connection into a stream that is no sequence of replies");
    }
    if is_one_of(name, REPLICATION) {
        return refuse(command, "replicas say this, and it may have no reply");
    }
    if is_one_of(name, HANDSHAKE) {
        return refuse(command, "the client does this itself, with what its configuration says");
    }
    let sub = |sub: &[u8]| command.args().nth(1).is_some_and(|arg| arg.eq_ignore_ascii_case(sub));
    if (is_one_of(name, &[b"CLIENT"]) && sub(b"REPLY")) || (is_one_of(name, &[b"SCRIPT"]) && sub(b"DEBUG")) {
        return refuse(command, "it changes how the server replies on this connection");
    }
    if is_one_of(name, &[b"CLUSTER"]) && sub(b"SYNCSLOTS") {
        return refuse(command, "servers say this to each other, and it may have no reply");
    }
    Ok(())
}

/// Refuses what belongs to a connection of one's own.
pub(crate) fn on_shared(command: &Encoded) -> Result<()> {
    Place::Client.check(command)?;
    shares(command)
}

/// Refuses what changes a connection that others use next.
fn shares(command: &Encoded) -> Result<()> {
    disturbs(command)?;
    let name = command.name();
    let of_client =
        is_one_of(name, &[b"CLIENT"]) && command.args().nth(1).is_some_and(|sub| is_one_of(sub, SESSION_CLIENT));
    if is_one_of(name, SESSION) || of_client {
        return refuse(command, "connections are shared: use a `session()` (in Python a client of redis-py)");
    }
    Ok(())
}

/// Refuses what belongs outside of a transaction.
pub(crate) fn in_transaction(command: &Encoded) -> Result<()> {
    Place::SessionTransaction.check(command)?;
    disturbs(command)
}

/// Refuses what belongs outside of a transaction, or to a connection of one's own.
fn in_shared_transaction(command: &Encoded) -> Result<()> {
    Place::Transaction.check(command)?;
    shares(command)
}

/// Refuses a command that does not belong here, and a script call that is not complete.
pub(crate) fn check(request: &Request, refuse: fn(&Encoded) -> Result<()>) -> Result<()> {
    match request {
        Request::Command(command) => refuse(command),
        Request::Script(call) => call.parts().map(|_| ()),
    }
}

/// Refuses a transaction on a shared connection if one of its requests does not belong there.
pub(crate) fn check_transaction(requests: &[Request]) -> Result<()> {
    requests.iter().try_for_each(|request| check(request, in_shared_transaction))
}

/// The refusal of each request, or none.
pub(crate) fn refusals(requests: &[Request], refuse: fn(&Encoded) -> Result<()>) -> Vec<Option<Error>> {
    requests.iter().map(|request| check(request, refuse).err()).collect()
}

/// The requests that were not refused.
pub(crate) fn permitted<'r>(requests: &'r [Request], refusals: &[Option<Error>]) -> Vec<&'r Request> {
    requests.iter().zip(refusals).filter(|(_, refusal)| refusal.is_none()).map(|(request, _)| request).collect()
}

/// The results of the permitted requests, with the refusals in their places.
pub(crate) fn merge(refusals: Vec<Option<Error>>, results: impl Iterator<Item = Result<Value>>) -> Results {
    let mut results = results;
    let missing = || Err(Error::new(Kind::Decode, "a reply is missing"));
    refusals.into_iter().map(|refusal| refusal.map_or_else(|| results.next().unwrap_or_else(missing), Err)).collect()
}

fn is_one_of(name: &[u8], names: &[&[u8]]) -> bool {
    names.iter().any(|own| name.eq_ignore_ascii_case(own))
}

fn refuse(command: &Encoded, advice: &str) -> Result<()> {
    let mut name = String::from_utf8_lossy(command.name()).to_ascii_uppercase();
    if let ("CLIENT" | "SCRIPT" | "CLUSTER", Some(sub)) = (name.as_str(), command.args().nth(1)) {
        name = format!("{name} {}", String::from_utf8_lossy(sub).to_ascii_uppercase());
    }
    Err(Error::new(Kind::Unsupported, format!("{name} is not possible here: {advice}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(text: &str) -> Encoded {
        let mut words = text.split(' ');
        let name = Encoded::raw(words.next().unwrap_or_default().as_bytes());
        words.fold(name, Encoded::arg)
    }

    #[test]
    fn state_of_the_connection_is_refused_where_it_is_shared() {
        for text in ["multi", "EXEC", "WATCH a", "SELECT 1", "client tracking on", "CLIENT SETNAME x", "AUTH x"] {
            assert!(on_shared(&command(text)).is_err(), "{text}");
            assert!(on_session(&command(text)).is_ok(), "{text}");
        }
        for text in
            ["SUBSCRIBE a", "MONITOR", "HELLO 2", "CLIENT REPLY OFF", "SCRIPT DEBUG YES", "QUIT", "replconf ACK 0"]
        {
            assert!(on_shared(&command(text)).is_err(), "{text}");
            assert!(on_session(&command(text)).is_err(), "{text}");
        }
        for text in ["GET a", "CLIENT LIST", "SCRIPT FLUSH", "CLIENT GETNAME", "PUBLISH a b"] {
            assert!(on_shared(&command(text)).is_ok(), "{text}");
        }
    }

    #[test]
    fn refusals_name_the_command_and_no_argument() {
        let error = on_shared(&command("auth hunter2")).expect_err("refused");
        assert_eq!(error.kind(), Kind::Unsupported);
        assert!(error.message().starts_with("AUTH is not possible here: connections are shared"), "{error}");
        assert!(!error.message().contains("hunter2"), "{error}");
    }
}
