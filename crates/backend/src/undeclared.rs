//! Commands that the declarations do not know and that no generic call may make: they change the connection itself, or what
//! comes back on it.

use redipy_command::{Encoded, Error, Kind, Result};

const SUBSCRIBING: &[&[u8]] = &[b"SSUBSCRIBE", b"SUNSUBSCRIBE"];
const STREAMING: &[&[u8]] = &[b"MONITOR", b"SYNC", b"PSYNC"];
/// What replicas send; some of it has no reply.
const REPLICATION: &[&[u8]] = &[b"REPLCONF"];
const HANDSHAKE: &[&[u8]] = &[b"HELLO", b"RESET", b"QUIT"];
const SESSION: &[&[u8]] = &[b"AUTH", b"READONLY", b"READWRITE", b"ASKING"];
const SESSION_CLIENT: &[&[u8]] =
    &[b"TRACKING", b"CACHING", b"NO-EVICT", b"NO-TOUCH", b"SETNAME", b"SETINFO", b"CAPA", b"IMPORT-SOURCE"];

/// Refuses what no connection of ours can bear, and where others use it next, what changes it.
pub(crate) fn check(command: &Encoded, is_shared: bool) -> Result<()> {
    disturbs(command)?;
    let name = command.name();
    let of_client =
        is_one_of(name, &[b"CLIENT"]) && command.args().nth(1).is_some_and(|sub| is_one_of(sub, SESSION_CLIENT));
    if is_shared && (is_one_of(name, SESSION) || of_client) {
        return refuse(command, "connections are shared: use a `session()` (in Python a client of redis-py)");
    }
    Ok(())
}

/// Refuses what would put any connection out of step with its replies.
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
