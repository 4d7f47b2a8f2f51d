//! A session: its database, its MULTI state and the keys that it watches.

use std::sync::atomic::Ordering;

use redipy_backend::backend::Results;
use redipy_backend::{Place, Request, Session};
use redipy_command::connection::Select;
use redipy_command::spec::CommandId;
use redipy_command::transaction::{Discard, Exec, Multi, Unwatch, Watch};
use redipy_command::{Bytes, Command, Encoded, Error, Kind, Parse, Result, Spec, Value, ValueSink, texts};
use redipy_script::NoTrace;

use crate::data::table::hash_bytes;
use crate::dispatch::{Call, row};
use crate::engine::Engine;
use crate::host;
use crate::listen::watchers::Watcher;
use crate::run::Reach;
use crate::shard_set::ShardSet;
use crate::shared::Shared;
use crate::space::{KnownKey, Space};
use crate::store::keyspace::Hashed;

// The commands that concern a session, by the numbers of their declarations.
const DISCARD: CommandId = Discard::SPEC.id;
const EXEC: CommandId = Exec::SPEC.id;
const MULTI: CommandId = Multi::SPEC.id;
const SELECT: CommandId = Select::SPEC.id;
const UNWATCH: CommandId = Unwatch::SPEC.id;
const WATCH: CommandId = Watch::SPEC.id;

/// A session on the engine.
pub(crate) struct EngineSession {
    engine: Engine,
    db: usize,
    multi: Option<Queue>,
    watched: Vec<WatchedKey>,
    /// Set when a watched key is changed.
    dirty: Watcher,
}

/// The commands of a transaction.
#[derive(Default)]
struct Queue {
    requests: Vec<Request>,
    /// A command was refused: EXEC will discard the rest.
    refused: bool,
}

/// A key that the session watches.
struct WatchedKey {
    db: usize,
    key: Bytes,
    hash: u64,
    /// Whether its deadline had passed already when the watch began.
    expired: bool,
}

impl EngineSession {
    pub(crate) fn new(engine: Engine, db: usize) -> Self {
        Self { engine, db, multi: None, watched: Vec::new(), dirty: Watcher::default() }
    }

    fn command(&mut self, command: &Encoded) -> Result<Value> {
        if let Err(error) = command.check() {
            return Err(self.refuse(error));
        }
        Place::Session.check(command)?;
        let call = match Call::new(command) {
            Ok(call) => call,
            Err(error) if command.spec().is_some_and(|spec| spec.id == EXEC) => {
                return Err(self.abort(&error));
            }
            Err(error) => return Err(self.refuse(error)),
        };
        match call.spec.id {
            MULTI => self.begin(),
            EXEC => self.exec(),
            DISCARD => self.discard(),
            WATCH if self.multi.is_some() => texts::fail(texts::WATCH_INSIDE_MULTI),
            _ if self.multi.is_some() => Ok(self.queue(command.clone().into())),
            WATCH => {
                Watch::parse(call.args())?.keys.iter().try_for_each(|key| self.watch(key.as_bytes()))?;
                Ok(Value::OK)
            }
            UNWATCH => {
                self.unwatch();
                Ok(Value::OK)
            }
            SELECT => {
                self.db = Select::parse(call.args())?.index.get()?;
                Ok(Value::OK)
            }
            _ => self.engine.call_in(self.db, command),
        }
    }

    /// Keeps a request for EXEC.
    fn queue(&mut self, request: Request) -> Value {
        self.multi.get_or_insert_default().requests.push(request);
        Value::Status("QUEUED".into())
    }

    /// Remembers that a command of a transaction was refused.
    fn refuse(&mut self, error: Error) -> Error {
        if let Some(queue) = &mut self.multi {
            queue.refused = true;
        }
        error
    }

    /// A malformed EXEC ends the transaction, and says why.
    fn abort(&mut self, error: &Error) -> Error {
        self.multi = None;
        self.unwatch();
        texts::exec_abort_because(error)
    }

    fn begin(&mut self) -> Result<Value> {
        if self.multi.is_some() {
            return texts::fail(texts::NESTED_MULTI);
        }
        self.multi = Some(Queue::default());
        Ok(Value::OK)
    }

    fn discard(&mut self) -> Result<Value> {
        if self.multi.take().is_none() {
            return texts::fail(texts::DISCARD_WITHOUT_MULTI);
        }
        self.unwatch();
        Ok(Value::OK)
    }

    fn exec(&mut self) -> Result<Value> {
        let Some(queue) = self.multi.take() else { return texts::fail(texts::EXEC_WITHOUT_MULTI) };
        if queue.refused {
            self.unwatch();
            return texts::fail(texts::EXEC_ABORT);
        }
        let results = self.execute(&queue.requests)?;
        let value = |result: Result<Value>| result.unwrap_or_else(Value::Error);
        Ok(results.map_or(Value::Null, |results| Value::Array(results.into_iter().map(value).collect())))
    }

    /// Executes requests atomically, unless a watched key was changed; watches nothing afterwards.
    fn execute(&mut self, requests: &[Request]) -> Result<Option<Results>> {
        let engine = self.engine.clone();
        let mut wanted = wanted_by(&engine.shared, requests);
        self.watched.iter().for_each(|watched| wanted.add(engine.shared.shard_of(watched.hash)));
        let held = engine.shared.lock_shards(wanted, engine.shared.patience());
        let mut at = match held {
            Ok(held) => Space::new(&engine.shared, held, self.db),
            Err(error) => {
                self.unwatch();
                return Err(error);
            }
        };
        let changed = self.dirty.load(Ordering::Acquire) || self.watched.iter().any(|watched| watched.has_expired(&at));
        let results = (!changed).then(|| requests.iter().map(|request| run_queued(&mut at, request)).collect());
        self.db = at.db();
        drop(at);
        self.unwatch();
        Ok(results)
    }

    fn watch(&mut self, key: &[u8]) -> Result<()> {
        if self.watched.iter().any(|watched| watched.db == self.db && *watched.key == *key) {
            return Ok(());
        }
        let shared = &self.engine.shared;
        let hash = hash_bytes(shared.seed, key);
        let mut shard = shared.lock(hash)?;
        let expired = shard.db_mut(self.db).watch(Hashed { key, hash }, &self.dirty, shared.clock.now_millis());
        drop(shard);
        self.watched.push(WatchedKey { db: self.db, key: key.into(), hash, expired });
        Ok(())
    }

    /// Watches nothing any more. Where somebody has the data just now, the engine finds out by itself, since nobody has the
    /// watcher any more: a session that is dropped waits for nobody.
    fn unwatch(&mut self) {
        if self.watched.is_empty() {
            return;
        }
        for watched in self.watched.drain(..) {
            if let Ok(Some(mut shard)) = self.engine.shared.try_lock(watched.hash) {
                shard.db_mut(watched.db).unwatch(&watched.key, &self.dirty);
            }
        }
        self.dirty = Watcher::default();
    }
}

impl WatchedKey {
    /// Whether the deadline has passed since the watch began.
    fn has_expired(&self, at: &Space<'_>) -> bool {
        !self.expired && at.is_stale(self.db, Hashed { key: &self.key, hash: self.hash })
    }
}

impl Drop for EngineSession {
    fn drop(&mut self) {
        self.unwatch();
    }
}

/// The shards that these requests need together.
pub(crate) fn wanted_by(shared: &Shared, requests: &[Request]) -> ShardSet {
    let mut wanted = ShardSet::default();
    for request in requests {
        match request {
            Request::Command(command) => add_shards_of(&mut wanted, shared, command),
            Request::Script(call) => host::add_shards_of(&mut wanted, shared, call),
        }
    }
    wanted
}

fn add_shards_of(wanted: &mut ShardSet, shared: &Shared, command: &Encoded) {
    let Some(spec) = command.spec() else { return };
    match row(spec).map_or(Reach::Nothing, |row| row.reach) {
        Reach::Nothing => {}
        Reach::Everything => *wanted = ShardSet::everything(),
        Reach::Keys => {
            let args = command.to_vec();
            spec.key_positions(&args, &mut |at| shared.add_shard_of(wanted, args[at]));
        }
    }
}

/// Executes one request of a transaction.
pub(crate) fn run_queued(at: &mut Space<'_>, request: &Request) -> Result<Value> {
    let command = match request {
        Request::Script(call) => return host::run(at, call, &mut NoTrace),
        Request::Command(command) => command,
    };
    let call = Call::new(command)?;
    match call.spec.id {
        SELECT => {
            at.select(Select::parse(call.args())?.index.get()?);
            Ok(Value::OK)
        }
        UNWATCH => Ok(Value::OK),
        _ => {
            let row = row(call.spec).ok_or_else(|| unsupported(call.spec))?;
            at.begin(call.spec, KnownKey::default());
            let mut reply = ValueSink::default();
            (row.run)(at, call.args(), &mut reply)?;
            Ok(reply.into_value())
        }
    }
}

/// The refusal of a command that is known and that the engine does not have.
#[cold]
pub(crate) fn unsupported(spec: &Spec) -> Error {
    Error::new(Kind::Unsupported, format!("{} is not possible here: the engine does not have it", spec.name))
}

impl Session for EngineSession {
    fn call(&mut self, request: &Request) -> Result<Value> {
        match request {
            Request::Command(command) => self.command(command),
            Request::Script(_) if self.multi.is_some() => Ok(self.queue(request.clone())),
            Request::Script(call) => self.engine.script_in(self.db, call, &mut NoTrace),
        }
    }

    fn pipeline(&mut self, requests: &[Request]) -> Result<Results> {
        Ok(requests.iter().map(|request| self.call(request)).collect())
    }

    fn transaction(&mut self, requests: &[Request]) -> Result<Option<Results>> {
        if self.multi.is_some() {
            return texts::fail(texts::NESTED_MULTI);
        }
        check_places(requests, Place::SessionTransaction)?;
        if let Err(error) = check_queueing(requests) {
            self.unwatch();
            return Err(error);
        }
        self.execute(requests)
    }
}

/// Refuses a transaction in which a command does not belong to this place.
///
/// # Errors
/// `Unsupported`, before anything is done.
pub(crate) fn check_places(requests: &[Request], place: Place) -> Result<()> {
    requests.iter().try_for_each(|request| match request {
        Request::Command(command) => place.check(command),
        Request::Script(_) => Ok(()),
    })
}

/// Refuses a transaction in which a command is unknown or has the wrong number of arguments.
///
/// # Errors
/// `EXECABORT`, caused by the first command that a server would not queue.
pub(crate) fn check_queueing(requests: &[Request]) -> Result<()> {
    for request in requests {
        let Request::Command(command) = request else { continue };
        let refused = match Call::new(command) {
            Ok(call) if row(call.spec).is_none() && call.spec.handling.session.is_none() => unsupported(call.spec),
            Ok(_) => continue,
            Err(error) => error,
        };
        return Err(Error::from(texts::EXEC_ABORT).with_source(refused));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// On the clock of the system, where what has expired stays until somebody looks for it.
    #[test]
    fn the_removal_of_what_had_expired_aborts_nothing() {
        let aborts = |others: &[&str]| {
            let engine = Engine::builder().background(false).build();
            let call = |session: &mut EngineSession, line: &str| {
                let (name, args) = line.split_once(' ').unwrap_or((line, ""));
                let args = args.split(' ').filter(|arg| !arg.is_empty());
                let command = args.fold(Encoded::raw(name.as_bytes()), |command, arg| command.arg(arg));
                session.call(&command.into()).unwrap()
            };
            let (mut own, mut other) = (EngineSession::new(engine.clone(), 0), EngineSession::new(engine.clone(), 0));
            call(&mut own, "SET k v PX 1");
            std::thread::sleep(Duration::from_millis(20));
            call(&mut own, "WATCH k");
            others.iter().for_each(|line| drop(call(&mut other, line)));
            engine.tick(usize::MAX).unwrap();
            call(&mut own, "MULTI");
            call(&mut own, "SET x 1");
            call(&mut own, "EXEC") == Value::Null
        };
        assert!(!aborts(&[]));
        assert!(!aborts(&["DEL k"]));
        assert!(!aborts(&["GET k"]));
        assert!(!aborts(&["FLUSHALL"]));
        assert!(aborts(&["SET k v"]));
        assert!(aborts(&["DEL k", "SET k v"]));
    }
}
