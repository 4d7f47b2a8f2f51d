//! A session of the engine for callers that do not wait in a thread. What needs data that is taken is done by a thread, as it is
//! outside of a session; what a thread does for a session comes to its end before the session does anything else.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use redipy_backend::asynchronous::{Borrowed, ready};
use redipy_backend::backend::Results;
use redipy_backend::{AsyncSession, Place, Request, RequestRef, Requests, Session};
use redipy_command::{Error, Kind, Result, Value};
use redipy_script::Stop;

use super::{Outcome, Started, run_all, try_lock_for};
use crate::backend::Memory;
use crate::engine::Engine;
use crate::line::{Due, Number, QueuedCall, start};
use crate::session::{EngineSession, Need, exec_reply};
use crate::shard_set::ShardSet;
use crate::shared::LockedShards;
use crate::threads;
use crate::transaction::PreparedRequests;
use crate::waiting::{interrupted, stoppable};

/// See the module.
pub(super) struct AsyncEngineSession {
    engine: Engine,
    /// Whoever does something with it has it locked, which nobody waits for.
    session: Arc<Mutex<EngineSession>>,
    /// What a thread did last, or does still, although nobody waits for it.
    last: Option<Arc<SessionTask>>,
}

/// What a thread does for a session.
enum Work {
    /// Executes what was queued, and these are the shards for that.
    Exec(ShardSet),
    Transaction(Requests, ShardSet),
    Watch(Request),
}

struct SessionTask {
    engine: Engine,
    session: Arc<Mutex<EngineSession>>,
    work: Work,
    /// Set when nobody wants the result any more.
    stop: Stop,
    outcome: Outcome,
}

/// The result of a task, when it has it. The task is stopped if that is dropped before, and is not begun any more.
struct Later {
    task: Arc<SessionTask>,
    number: Number,
}

/// A call that was made.
enum Begun {
    Done(Result<Value>),
    /// A call that has nothing to do with the session.
    Data(super::Later),
    Waits(Later),
}

impl AsyncEngineSession {
    pub(super) fn new(memory: &Memory) -> Self {
        let engine = memory.engine().clone();
        let session = Arc::new(Mutex::new(EngineSession::new(engine.clone(), memory.db())));
        Self { engine, session, last: None }
    }

    /// Whether a thread is still at something that was given up.
    fn is_busy(&self) -> bool {
        self.session.is_locked()
    }

    /// Waits for what a thread is still at.
    ///
    /// # Errors
    /// In a process that was forked meanwhile, which has no such thread.
    async fn settle(&mut self) -> Result<()> {
        match &self.last {
            Some(last) if self.is_busy() => last.outcome.ended().await,
            _ => Ok(()),
        }
    }

    /// Begins a call, while no thread is at anything.
    fn begin(&mut self, request: RequestRef<'_>) -> Begun {
        let (engine, slot) = (self.engine.clone(), Arc::clone(&self.session));
        let mut session = slot.lock();
        match session.need(request) {
            Need::Nothing => Begun::Done(session.request(request)),
            Need::Data => match Memory::at(engine.clone(), session.db()).now_or_later(request, Place::Session) {
                Started::Done(result) => Begun::Done(result),
                Started::Waits(later) => Begun::Data(later),
            },
            Need::Watched(shards) => {
                let watched = match request.command() {
                    Some(command) if engine.shared.line.is_free(shards) => session.try_watch(command),
                    _ => Ok(false),
                };
                match watched {
                    Ok(false) => {
                        drop(session);
                        Begun::Waits(self.later(Work::Watch(request.into()), shards))
                    }
                    watched => Begun::Done(watched.map(|_| Value::OK)),
                }
            }
            Need::Queue => {
                let queue = session.queue().clone();
                let transaction = PreparedRequests::of(&engine.shared, &queue, Place::Session);
                let Ok(transaction) = transaction else { return Begun::Done(session.request(request)) };
                let shards = session.wanted(&transaction);
                match try_lock_for(&engine.shared, &queue, shards) {
                    Some(held) => {
                        let taken = session.take_queue();
                        Begun::Done(taken.and_then(|_| execute(&mut session, &engine, held, &transaction)))
                    }
                    None => {
                        drop(session);
                        Begun::Waits(self.later(Work::Exec(shards), shards))
                    }
                }
            }
        }
    }

    /// As [`begin`](Self::begin), for a transaction.
    fn begin_transaction(&mut self, requests: Requests) -> Begun {
        let (engine, slot) = (self.engine.clone(), Arc::clone(&self.session));
        let mut session = slot.lock();
        let shards = match session.admit(&requests) {
            Err(error) => return Begun::Done(Err(error)),
            Ok(transaction) => {
                let shards = session.wanted(&transaction);
                match try_lock_for(&engine.shared, &requests, shards) {
                    Some(held) => return Begun::Done(execute(&mut session, &engine, held, &transaction)),
                    None => shards,
                }
            }
        };
        drop(session);
        Begun::Waits(self.later(Work::Transaction(requests, shards), shards))
    }

    /// Has a thread do something.
    fn later(&mut self, work: Work, shards: ShardSet) -> Later {
        let (engine, session) = (self.engine.clone(), Arc::clone(&self.session));
        let task = SessionTask { engine, session, work, stop: Stop::default(), outcome: Outcome::default() };
        let task = Arc::new(task);
        self.last = Some(Arc::clone(&task));
        let (number, starts) = self.engine.shared.line.join(shards, Arc::clone(&task) as Arc<dyn QueuedCall>);
        start(starts.map(|call| (number, call)));
        Later { task, number }
    }
}

/// Executes what was queued with data that was there.
fn execute<'e>(
    session: &mut EngineSession,
    engine: &'e Engine,
    held: Result<LockedShards<'e>>,
    transaction: &PreparedRequests<'_>,
) -> Result<Value> {
    session.execute_in(engine, held, |at| Ok(transaction.run(at).collect())).map(exec_reply)
}

impl Begun {
    async fn result(self) -> Result<Value> {
        match self {
            Begun::Done(result) => result,
            Begun::Data(later) => later.only().await,
            Begun::Waits(later) => later.result().await,
        }
    }

    /// As a future; what is done already needs none of its own.
    fn future<'s>(self) -> Borrowed<'s, Value> {
        match self {
            Begun::Done(result) => ready(result),
            later => Box::pin(later.result()),
        }
    }
}

/// What a transaction gave, of what EXEC would answer.
fn results_of(reply: Value) -> Option<Results> {
    match reply {
        Value::Array(replies) => Some(replies.into_iter().map(Value::into_result).collect()),
        _ => None,
    }
}

impl AsyncSession for AsyncEngineSession {
    fn call(&mut self, request: Request) -> Borrowed<'_, Value> {
        if !self.is_busy() {
            return self.begin(request.as_ref()).future();
        }
        Box::pin(async move {
            self.settle().await?;
            self.begin(request.as_ref()).result().await
        })
    }

    fn pipeline(&mut self, requests: Requests) -> Borrowed<'_, Results> {
        let (mut results, mut waits) = (Vec::with_capacity(requests.len()), None);
        let mut begun = 0;
        while !self.is_busy()
            && waits.is_none()
            && let Some(request) = requests.get(begun)
        {
            begun += 1;
            match self.begin(request) {
                Begun::Done(result) => results.push(result),
                later => waits = Some(later),
            }
        }
        Box::pin(async move {
            if let Some(later) = waits {
                results.push(later.result().await);
            }
            for request in requests.iter().skip(begun) {
                self.settle().await?;
                let begun = self.begin(request);
                results.push(begun.result().await);
            }
            Ok(results)
        })
    }

    fn transaction(&mut self, requests: Requests) -> Borrowed<'_, Option<Results>> {
        let begun = if self.is_busy() { Err(requests) } else { Ok(self.begin_transaction(requests)) };
        match begun {
            Ok(Begun::Done(result)) => ready(result.map(results_of)),
            Ok(later) => Box::pin(async move { later.result().await.map(results_of) }),
            Err(requests) => Box::pin(async move {
                self.settle().await?;
                self.begin_transaction(requests).result().await.map(results_of)
            }),
        }
    }
}

impl SessionTask {
    fn should_end(&self) -> bool {
        self.stop.is_stopped() || threads::are_ending()
    }

    /// Waits for data and executes something with it.
    fn execute(
        &self,
        session: &mut EngineSession,
        number: Number,
        shards: ShardSet,
        queue: &Requests,
    ) -> Result<Value> {
        let shared = &self.engine.shared;
        let ends = |_: Duration| self.should_end();
        let held = shared.lock_shards(shards, shared.patience().unless(&ends));
        if queue.iter().any(|request| request.command().is_none()) {
            // Others wait for the data itself from now on, and so no longer than anybody waits for a script.
            start(self.leave(number));
        }
        let transaction = PreparedRequests::of_checked(shared, queue)?;
        session.execute_in(&self.engine, held, |at| run_all(&transaction, at, &self.stop)).map(exec_reply)
    }
}

impl QueuedCall for SessionTask {
    fn make(&self, number: Number) -> Result<Results> {
        // From here on to its end it has the session; before that, whoever gave it up has gone on.
        let mut session = self.session.lock();
        if self.should_end() {
            return Err(interrupted());
        }
        let value = match &self.work {
            Work::Exec(shards) => {
                let queue = session.take_queue()?;
                self.execute(&mut session, number, *shards, &queue)?
            }
            Work::Transaction(requests, shards) => self.execute(&mut session, number, *shards, requests)?,
            Work::Watch(request) => stoppable(Some(&self.stop), || session.call(request))?,
        };
        drop(session);
        Ok(vec![Ok(value)])
    }

    fn finish(&self, results: Result<Results>) {
        self.outcome.finish(results);
    }

    fn leave(&self, number: Number) -> Vec<Due> {
        self.engine.shared.line.leave(number)
    }
}

impl Later {
    async fn result(self) -> Result<Value> {
        let missing = || Err(Error::new(Kind::Decode, "a call has one result"));
        poll_fn(|context| self.task.outcome.poll(context)).await?.pop().unwrap_or_else(missing)
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        self.task.stop.stop();
        start(self.task.engine.shared.line.give_up(self.number));
    }
}
