//! The engine as a backend.

use std::sync::Arc;

use redipy_backend::backend::Results;
use redipy_backend::{AsyncBackend, Backend, Place, Request, RequestRef, Requests, Session, Subscription, Topic};
use redipy_command::connection::DbIndex;
use redipy_command::{EncodedRef, Key, ReplySink, Result, Value, ValueSink};
use redipy_script::{NoTrace, Recording, ScriptCall, Trace};

use crate::dispatch::{Call, row, unknown, unsupported};
use crate::engine::{Attempt, Engine};
use crate::host;
use crate::session::EngineSession;
use crate::shard_set::ShardSet;
use crate::shared::Shared;
use crate::space::Space;
use crate::subscription::EngineSubscription;
use crate::transaction::PreparedRequests;

/// One database of an engine, as a backend.
#[derive(Debug, Clone)]
pub struct Memory {
    engine: Engine,
    db: usize,
}

impl Memory {
    /// This database of the engine, 0 to 15.
    ///
    /// # Errors
    /// `DB index is out of range`.
    pub fn new(engine: Engine, db: i64) -> Result<Self> {
        Ok(Self { engine, db: DbIndex(db).get()? })
    }

    /// A database that a session has already.
    pub(crate) fn at(engine: Engine, db: usize) -> Self {
        Self { engine, db }
    }

    /// Which database of the engine it is.
    pub fn db(&self) -> usize {
        self.db
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Executes a typed command, without a detour.
    ///
    /// # Errors
    /// Those of the command.
    #[inline(always)]
    pub fn execute<C: crate::Run>(&self, command: C) -> Result<C::Reply> {
        self.engine.execute(self.db, command)
    }

    /// Executes a typed command if that needs no waiting; see [`Engine::try_execute`].
    #[inline(always)]
    pub fn try_execute<C: crate::Run>(&self, command: C) -> Attempt<C> {
        self.engine.try_execute(self.db, command)
    }

    /// Executes a typed command if that needs no waiting and nobody waits; see [`Engine::execute_at_once`].
    #[inline]
    pub fn execute_at_once<C: crate::Run>(&self, command: C) -> Attempt<C> {
        self.engine.execute_at_once(self.db, command)
    }

    /// Shows the string of a key where it is stored; see [`Engine::with`].
    ///
    /// # Errors
    /// `WRONGTYPE`.
    #[inline]
    pub fn with<R>(&self, key: Key<'_>, see: impl FnOnce(Option<&[u8]>) -> R) -> Result<R> {
        self.engine.with(self.db, key, see)
    }

    /// Shows the string of a key if that needs no waiting; see [`Engine::try_with`].
    #[inline]
    pub fn try_with<R>(&self, key: Key<'_>, see: impl FnOnce(Option<&[u8]>) -> R) -> Option<Result<R>> {
        self.engine.try_with(self.db, key, see)
    }

    /// Shows the reply of a command if that needs no waiting; see [`Engine::try_show`].
    #[inline(always)]
    pub fn try_show<C: crate::Run, S: ReplySink + ?Sized>(&self, command: C, to: &mut S) -> Attempt<C, ()> {
        self.engine.try_show(self.db, command, to)
    }

    /// Runs a script that has no loop and declares its keys, if nobody else has their shards just now; `None` otherwise.
    /// It never waits, and takes about as long as the script's commands do.
    pub fn try_script(&self, call: &ScriptCall) -> Option<Result<Value>> {
        let (script, shared) = (call.script(), &self.engine.shared);
        if script.has_loops() || script.needs_all_keys() {
            return None;
        }
        match shared.try_lock_shards(wanted(shared, call)) {
            Ok(held) => Some(host::run(&mut Space::new(shared, held?, self.db), call, &mut NoTrace)),
            Err(error) => Some(Err(error)),
        }
    }

    #[inline]
    fn request<'r>(&self, request: RequestRef<'r>, arguments: &mut Vec<&'r [u8]>) -> Result<Value> {
        match request {
            RequestRef::Command(command) => self.engine.command(self.db, command, arguments),
            RequestRef::Script(call) => self.engine.script_in(self.db, call, &mut NoTrace),
        }
    }

    /// Runs a script and notes every command that it calls.
    pub fn trace(&self, call: &ScriptCall) -> (Result<Value>, Recording) {
        let mut recording = Recording::default();
        let result = self.engine.script_in(self.db, call, &mut recording);
        (result, recording)
    }
}

/// Database 0.
impl From<Engine> for Memory {
    fn from(engine: Engine) -> Self {
        Self { engine, db: 0 }
    }
}

impl Engine {
    /// Executes a raw command on a database. What is in `arguments` is replaced by its own.
    #[inline]
    fn command<'r>(&self, db: usize, command: EncodedRef<'r>, arguments: &mut Vec<&'r [u8]>) -> Result<Value> {
        Place::Client.check(command)?;
        let Some(spec) = command.spec() else { return Err(unknown(&command.to_vec())) };
        arguments.clear();
        command.arguments().for_each(|argument| arguments.push(argument));
        let call = Call::new(spec, arguments)?;
        let Some(row) = row(spec) else { return Err(unsupported(spec)) };
        let mut reply = ValueSink::default();
        (row.execute)(self, db, call.args(), &mut reply)?;
        Ok(reply.into_value())
    }

    /// Runs a script on a database.
    pub(crate) fn script_in<T: Trace>(&self, db: usize, call: &ScriptCall, trace: &mut T) -> Result<Value> {
        let stop = |waited| call.should_end(waited);
        let held = self.shared.lock_shards(wanted(&self.shared, call), self.shared.patience().unless(&stop))?;
        host::run(&mut Space::new(&self.shared, held, db), call, trace)
    }
}

/// The shards that a script needs.
fn wanted(shared: &Shared, call: &ScriptCall) -> ShardSet {
    let mut wanted = ShardSet::default();
    host::add_shards_of(&mut wanted, shared, call);
    wanted
}

impl Backend for Memory {
    fn call(&self, request: &Request) -> Result<Value> {
        self.request(request.as_ref(), &mut Vec::new())
    }

    fn pipeline(&self, requests: &Requests) -> Result<Results> {
        let mut arguments = Vec::new();
        Ok(requests.iter().map(|request| self.request(request, &mut arguments)).collect())
    }

    fn transaction(&self, requests: &Requests) -> Result<Results> {
        let shared = &self.engine.shared;
        let transaction = PreparedRequests::of(shared, requests, Place::Transaction)?;
        let locked = shared.lock_shards(transaction.shards, shared.patience())?;
        let mut at = Space::new(shared, locked, self.db);
        Ok(transaction.run(&mut at).collect())
    }

    fn session(&self) -> Result<Box<dyn Session>> {
        Ok(Box::new(EngineSession::new(self.engine.clone(), self.db)))
    }

    fn subscribe(&self, topics: &[Topic]) -> Result<Box<dyn Subscription>> {
        Ok(Box::new(EngineSubscription::new(&self.engine, topics)))
    }

    fn asynchronous(&self) -> Option<Arc<dyn AsyncBackend>> {
        Some(Arc::new(self.clone()))
    }

    fn describe(&self) -> String {
        let name = self.engine.name().unwrap_or_default();
        if self.db == 0 { format!("memory://{name}") } else { format!("memory://{name}/{}", self.db) }
    }
}
