//! A session: its database, its MULTI state and the keys that it watches.

use std::sync::LazyLock;
use std::sync::atomic::Ordering;

use parking_lot::MutexGuard;
use redipy_backend::backend::Results;
use redipy_backend::{Place, Request, RequestRef, Requests, Session};
use redipy_command::connection::Select;
use redipy_command::encoded::spec_of;
use redipy_command::spec::CommandId;
use redipy_command::transaction::{Discard, Exec, Multi, Unwatch, Watch};
use redipy_command::{
    Bytes, Command, EncodedRef, Error, Kind, Parse, ReplySink, Result, Spec, Value, ValueSink, texts,
};
use redipy_script::NoTrace;

use crate::data::table::hash_bytes;
use crate::dispatch::{Arguments, Call, row, unsupported};
use crate::engine::Engine;
use crate::listen::watchers::Watcher;
use crate::shard_set::ShardSet;
use crate::shared::LockedShards;
use crate::space::Space;
use crate::store::keyspace::{Hashed, Shard};
use crate::transaction::PreparedRequests;

// The commands that concern a session, by the numbers of their declarations.
const DISCARD: CommandId = Discard::SPEC.id;
const EXEC: CommandId = Exec::SPEC.id;
const MULTI: CommandId = Multi::SPEC.id;
const SELECT: CommandId = Select::SPEC.id;
const UNWATCH: CommandId = Unwatch::SPEC.id;
const WATCH: CommandId = Watch::SPEC.id;

/// The reply to a command that is queued.
fn queued() -> Value {
    Value::Status("QUEUED".into())
}

/// A session on the engine.
pub(crate) struct EngineSession {
    engine: Engine,
    db: usize,
    multi: Option<Queue>,
    watched: Vec<WatchedKey>,
    /// Set when a watched key is changed.
    dirty: Watcher,
}

/// What a call in a session needs of the data.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Need {
    /// Nothing: it is answered by what the session knows.
    Nothing,
    /// What it needs outside of a session: it has nothing to do with this one.
    Data,
    /// What was queued needs, and the watched keys do.
    Queue,
    /// These shards, to watch keys.
    Watched(ShardSet),
}

/// The commands of a transaction.
#[derive(Default)]
struct Queue {
    requests: Requests,
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

    pub(crate) fn request(&mut self, request: RequestRef<'_>) -> Result<Value> {
        match request {
            RequestRef::Command(command) => {
                if let Err(error) = command.check() {
                    return Err(self.refuse(error));
                }
                let (mut words, mut reply) = (Arguments::new(), ValueSink::default());
                command.args().for_each(|word| words.push(word));
                self.words(command.spec(), &words, &mut reply)?;
                Ok(reply.into_value())
            }
            RequestRef::Script(call) => match &mut self.multi {
                Some(queue) => {
                    queue.requests.push_ref(request);
                    Ok(queued())
                }
                None => self.engine.script_in(self.db, call, &mut NoTrace),
            },
        }
    }

    /// Executes a command, or queues it.
    #[inline]
    fn words(&mut self, spec: Option<&'static Spec>, words: &[&[u8]], to: &mut dyn ReplySink) -> Result<()> {
        if spec.is_none_or(|spec| spec.handling.session.is_some()) {
            Place::Session.check_words(spec, words)?;
        }
        let call = match Call::of_words(spec, words) {
            Ok(call) => call,
            Err(error) if spec.is_some_and(|spec| spec.id == EXEC) => return Err(self.abort(&error)),
            Err(error) => return Err(self.refuse(error)),
        };
        match row(call.spec) {
            Some(row) if self.multi.is_none() => (row.execute)(&self.engine, self.db, call.args(), to),
            None if call.spec.handling.session.is_none() => Err(self.refuse(unsupported(call.spec))),
            _ => self.stateful(call).map(|value| value.show(to)),
        }
    }

    /// Executes a command that concerns the session, or queues one.
    fn stateful(&mut self, call: Call<'_>) -> Result<Value> {
        match (call.spec.id, &mut self.multi) {
            (MULTI, _) => self.begin(),
            (EXEC, _) => self.exec(),
            (DISCARD, _) => self.discard(),
            (WATCH, Some(_)) => texts::fail(texts::WATCH_INSIDE_MULTI),
            (_, Some(queue)) => {
                queue.requests.arguments(call.spec, call.arguments());
                Ok(queued())
            }
            (WATCH, None) => {
                Watch::parse(call.args())?.keys.iter().try_for_each(|key| self.watch(key.as_bytes()))?;
                Ok(Value::OK)
            }
            (UNWATCH, None) => {
                self.unwatch();
                Ok(Value::OK)
            }
            (SELECT, None) => {
                self.db = Select::parse(call.args())?.index.get()?;
                Ok(Value::OK)
            }
            _ => Err(unsupported(call.spec)),
        }
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
        let (engine, requests) = (self.engine.clone(), self.take_queue()?);
        let results = match PreparedRequests::of(&engine.shared, &requests, Place::Session).map(PreparedRequests::exact)
        {
            Ok(transaction) => self.execute(&transaction)?,
            Err(error) => {
                self.unwatch();
                return Err(error);
            }
        };
        Ok(exec_reply(results))
    }

    /// What EXEC would execute.
    pub(crate) fn queue(&self) -> &Requests {
        static NOTHING: LazyLock<Requests> = LazyLock::new(Requests::default);
        self.multi.as_ref().map_or(&NOTHING, |queue| &queue.requests)
    }

    /// What EXEC executes; MULTI is over.
    ///
    /// # Errors
    /// Those of EXEC where it executes nothing.
    pub(crate) fn take_queue(&mut self) -> Result<Requests> {
        let Some(queue) = self.multi.take() else { return texts::fail(texts::EXEC_WITHOUT_MULTI) };
        if queue.refused {
            self.unwatch();
            return texts::fail(texts::EXEC_ABORT);
        }
        Ok(queue.requests)
    }

    /// Executes requests atomically, unless a watched key was changed; watches nothing afterwards.
    fn execute(&mut self, transaction: &PreparedRequests<'_>) -> Result<Option<Results>> {
        let engine = self.engine.clone();
        let held = engine.shared.lock_shards(self.wanted(transaction), engine.shared.patience());
        self.execute_in(&engine, held, |at| Ok(transaction.run(at).collect()))
    }

    /// The shards that a transaction needs, and those of the watched keys.
    pub(crate) fn wanted(&self, transaction: &PreparedRequests<'_>) -> ShardSet {
        let mut shards = transaction.shards;
        self.watched.iter().for_each(|watched| shards.add(self.engine.shared.shard_of(watched.hash)));
        shards
    }

    /// Executes something with the locked data of this engine, which is the session's, unless a watched key was changed;
    /// watches nothing afterwards, also if there is no data.
    pub(crate) fn execute_in<'e, T>(
        &mut self,
        engine: &'e Engine,
        held: Result<LockedShards<'e>>,
        run: impl FnOnce(&mut Space<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut at = match held {
            Ok(held) => Space::new(&engine.shared, held, self.db),
            Err(error) => {
                self.unwatch();
                return Err(error);
            }
        };
        let changed = self.dirty.load(Ordering::Acquire) || self.watched.iter().any(|watched| watched.has_expired(&at));
        let results = if changed { Ok(None) } else { run(&mut at).map(Some) };
        self.db = at.db();
        drop(at);
        self.unwatch();
        results
    }

    /// Looks up the requests of a transaction.
    ///
    /// # Errors
    /// Where it cannot be executed here. What does not belong here changes nothing; one that is aborted ends the watch.
    pub(crate) fn admit<'r>(&mut self, requests: &'r Requests) -> Result<PreparedRequests<'r>> {
        if self.multi.is_some() {
            return texts::fail(texts::NESTED_MULTI);
        }
        let looked_up = PreparedRequests::of(&self.engine.shared, requests, Place::SessionTransaction);
        looked_up.inspect_err(|error| {
            if error.kind() == Kind::Aborted {
                self.unwatch();
            }
        })
    }

    /// What this call needs of the data.
    pub(crate) fn need(&self, request: RequestRef<'_>) -> Need {
        let Some(command) = request.command() else {
            return if self.multi.is_some() { Need::Nothing } else { Need::Data };
        };
        let Some(spec) = command.spec().filter(|_| Place::Session.check(command).is_ok()) else { return Need::Nothing };
        let words = command.to_vec();
        if Call::of_words(Some(spec), &words).is_err() {
            return Need::Nothing;
        }
        match (spec.id, &self.multi) {
            (EXEC, Some(queue)) if !queue.refused => Need::Queue,
            (WATCH, None) => {
                let mut shards = ShardSet::default();
                spec.key_positions(&words, &mut |at| self.engine.shared.add_shard_of(&mut shards, words[at]));
                Need::Watched(shards)
            }
            (MULTI | EXEC | DISCARD | UNWATCH | SELECT, _) | (_, Some(_)) => Need::Nothing,
            _ => Need::Data,
        }
    }

    /// The database in which commands are executed.
    pub(crate) fn db(&self) -> usize {
        self.db
    }

    fn watch(&mut self, key: &[u8]) -> Result<()> {
        let engine = self.engine.clone();
        let hash = hash_bytes(engine.shared.seed, key);
        if !self.watches(key) {
            let shard = engine.shared.lock(hash)?;
            self.watch_in(&engine, Hashed { key, hash }, shard);
        }
        Ok(())
    }

    /// As WATCH, for a command that was checked, if that needs no waiting; whether it did not. What it watches already when
    /// it would have to wait makes no difference to the same command later.
    pub(crate) fn try_watch(&mut self, command: EncodedRef<'_>) -> Result<bool> {
        let (engine, words) = (self.engine.clone(), command.to_vec());
        for key in Watch::parse(Call::of_words(command.spec(), &words)?.args())?.keys.iter() {
            let hash = hash_bytes(engine.shared.seed, key.as_bytes());
            if !self.watches(key.as_bytes()) {
                let Some(shard) = engine.shared.try_lock(hash)? else { return Ok(false) };
                self.watch_in(&engine, Hashed { key: key.as_bytes(), hash }, shard);
            }
        }
        Ok(true)
    }

    fn watches(&self, key: &[u8]) -> bool {
        self.watched.iter().any(|watched| watched.db == self.db && *watched.key == *key)
    }

    fn watch_in(&mut self, engine: &Engine, key: Hashed<'_>, mut shard: MutexGuard<'_, Shard>) {
        let expired = shard.db_mut(self.db).watch(key, &self.dirty, engine.shared.clock.now_millis());
        drop(shard);
        self.watched.push(WatchedKey { db: self.db, key: key.key.into(), hash: key.hash, expired });
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

impl Session for EngineSession {
    fn call(&mut self, request: &Request) -> Result<Value> {
        self.request(request.as_ref())
    }

    fn command(&mut self, words: &[&[u8]], to: &mut dyn ReplySink) -> Result<()> {
        self.words(spec_of(words), words, to)
    }

    fn pipeline(&mut self, requests: &Requests) -> Result<Results> {
        Ok(requests.iter().map(|request| self.request(request)).collect())
    }

    fn transaction(&mut self, requests: &Requests) -> Result<Option<Results>> {
        let transaction = self.admit(requests)?;
        self.execute(&transaction)
    }
}

/// What EXEC answers.
pub(crate) fn exec_reply(results: Option<Results>) -> Value {
    let value = |result: Result<Value>| result.unwrap_or_else(Value::Error);
    results.map_or(Value::Null, |results| Value::Array(results.into_iter().map(value).collect()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use redipy_command::Encoded;

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
