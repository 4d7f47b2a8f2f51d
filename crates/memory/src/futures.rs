//! The half of the engine for callers that do not wait in a thread. What can be done at once is done before the future is
//! given back. A call that finds its data taken, and a script with a loop, is made by a thread; it ends when its future is
//! dropped, unless it has written already. Sessions are in `futures/session.rs`.

mod session;

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use parking_lot::Mutex;
use redipy_backend::asynchronous::{Pending, ready};
use redipy_backend::backend::Results;
use redipy_backend::{AsyncBackend, AsyncSession, AsyncSubscription, Place, Request, RequestRef, Requests, Topic};
use redipy_command::{Error, Kind, Result, Value};
use redipy_script::Stop;

use crate::backend::Memory;
use crate::line::{Due, Number, QueuedCall, start};
use crate::shard_set::ShardSet;
use crate::shared::{LockedShards, Shared};
use crate::space::Space;
use crate::subscription::EngineSubscription;
use crate::threads;
use crate::transaction::PreparedRequests;
use crate::waiting::{interrupted, stoppable};
use session::AsyncEngineSession;

impl AsyncBackend for Memory {
    fn call(&self, request: Request) -> Pending<Value> {
        match self.now_or_later(request.as_ref(), Place::Client) {
            Started::Done(result) => ready(result),
            Started::Waits(later) => Box::pin(later.only()),
        }
    }

    fn pipeline(&self, requests: Requests) -> Pending<Results> {
        let started: Vec<_> = requests.iter().map(|request| self.now_or_later(request, Place::Client)).collect();
        Box::pin(async move {
            let mut results = Vec::with_capacity(started.len());
            for call in started {
                results.push(match call {
                    Started::Done(result) => result,
                    Started::Waits(later) => later.only().await,
                });
            }
            Ok(results)
        })
    }

    fn transaction(&self, requests: Requests) -> Pending<Results> {
        let shards = match PreparedRequests::of(&self.engine().shared, &requests, Place::Transaction) {
            Err(error) => return ready(Err(error)),
            Ok(transaction) => match self.at_once(&requests, transaction.shards) {
                Some(at) => return ready(at.map(|mut at| transaction.run(&mut at).collect())),
                None => transaction.shards,
            },
        };
        Box::pin(self.later(requests, shards))
    }

    fn session(&self) -> Pending<Box<dyn AsyncSession>> {
        ready(Ok(Box::new(AsyncEngineSession::new(self))))
    }

    fn subscribe(&self, topics: Vec<Topic>) -> Pending<Box<dyn AsyncSubscription>> {
        ready(Ok(Box::new(EngineSubscription::new(self.engine(), &topics))))
    }
}

/// A call that was made.
enum Started {
    Done(Result<Value>),
    Waits(Later),
}

impl Memory {
    /// Makes a call, which has nothing to do with a session.
    fn now_or_later(&self, request: RequestRef<'_>, place: Place) -> Started {
        let missing = || Err(Error::new(Kind::Decode, "a call has one result"));
        let shards = match PreparedRequests::of_one(&self.engine().shared, request, place) {
            Err(error) => return Started::Done(Err(error)),
            Ok(transaction) => match self.at_once([request], transaction.shards) {
                Some(Ok(mut at)) => return Started::Done(transaction.run(&mut at).next().unwrap_or_else(missing)),
                Some(Err(error)) => return Started::Done(Err(error)),
                None => transaction.shards,
            },
        };
        Started::Waits(self.later([request].into(), shards))
    }

    /// What these requests need of the data, if that needs no waiting and they do not take long.
    fn at_once<'r>(
        &self,
        requests: impl IntoIterator<Item = RequestRef<'r>>,
        shards: ShardSet,
    ) -> Option<Result<Space<'_>>> {
        let held = try_lock_for(&self.engine().shared, requests, shards)?;
        Some(held.map(|held| Space::new(&self.engine().shared, held, self.db())))
    }

    /// Has a thread execute these requests, at one moment.
    fn later(&self, requests: Requests, shards: ShardSet) -> Later {
        let task = Task { memory: self.clone(), requests, shards, stop: Stop::default(), outcome: Outcome::default() };
        let task = Arc::new(task);
        let (number, starts) = task.shared().line.join(shards, Arc::clone(&task) as Arc<dyn QueuedCall>);
        start(starts.map(|call| (number, call)));
        Later { task, number }
    }
}

/// The data that these requests need, if that needs no waiting and they do not take long.
fn try_lock_for<'e, 'r>(
    shared: &'e Shared,
    requests: impl IntoIterator<Item = RequestRef<'r>>,
    shards: ShardSet,
) -> Option<Result<LockedShards<'e>>> {
    let takes_long = |request| matches!(request, RequestRef::Script(call) if call.script().has_loops());
    if requests.into_iter().any(takes_long) || !shared.line.is_free(shards) {
        return None;
    }
    shared.try_lock_shards(shards).transpose()
}

/// Requests that a thread executes at one moment.
struct Task {
    memory: Memory,
    requests: Requests,
    shards: ShardSet,
    /// Set when nobody wants the results any more.
    stop: Stop,
    outcome: Outcome,
}

/// What comes of a call that a thread makes.
struct Outcome {
    coming: Mutex<Coming>,
    /// The process that has the thread: in a fork of it nothing comes.
    process: u32,
}

#[derive(Default)]
struct Coming {
    results: Option<Result<Results>>,
    /// Who waits for them.
    waiting: Option<Waker>,
}

impl Default for Outcome {
    fn default() -> Self {
        Self { coming: Mutex::default(), process: std::process::id() }
    }
}

impl Outcome {
    /// The results are there.
    fn finish(&self, results: Result<Results>) {
        let mut coming = self.coming.lock();
        coming.results = Some(results);
        let waiting = coming.waiting.take();
        drop(coming);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Waits until the results are there, which nobody else wants.
    async fn ended(&self) -> Result<()> {
        let is_inherited = self.process != std::process::id();
        // What the call gave is no concern of who waits for its end.
        let _ = poll_fn(|context| self.poll(context)).await;
        if is_inherited { Err(inherited()) } else { Ok(()) }
    }

    /// Takes the results, or has the task woken when they are there.
    fn poll(&self, context: &mut Context<'_>) -> Poll<Result<Results>> {
        if self.process != std::process::id() {
            return Poll::Ready(Err(inherited()));
        }
        let mut coming = self.coming.lock();
        match coming.results.take() {
            Some(results) => Poll::Ready(results),
            None => {
                coming.waiting = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// Waiting for a thread that this process does not have would never end.
#[cold]
fn inherited() -> Error {
    let why = "this call was made by a thread of the process that this one was forked from: make it again here";
    Error::new(Kind::Unsupported, why)
}

/// Executes requests. Once one of them may have written, all are executed, and nothing stops them.
fn run_all(transaction: &PreparedRequests<'_>, at: &mut Space<'_>, stop: &Stop) -> Result<Results> {
    let (mut results, mut has_written) = (Vec::new(), false);
    let mut running = transaction.run(at);
    for may_write in transaction.may_write() {
        if !has_written && stop.is_stopped() {
            return Err(interrupted());
        }
        let stops = (!has_written).then_some(stop);
        results.extend(stoppable(stops, || running.next()));
        let ended = stop.is_stopped() && matches!(results.last(), Some(Err(_)));
        has_written |= may_write && !ended;
    }
    Ok(results)
}

impl Task {
    fn shared(&self) -> &Shared {
        &self.memory.engine().shared
    }

    /// Whether a call that has waited so long is to end, for its caller says so.
    fn should_end(&self, waited: Duration) -> bool {
        let only = (self.requests.len() == 1).then(|| self.requests.get(0)).flatten();
        let caller_ends = matches!(only, Some(RequestRef::Script(call)) if call.should_end(waited));
        caller_ends || self.stop.is_stopped() || threads::are_ending()
    }
}

impl QueuedCall for Task {
    fn make(&self, number: Number) -> Result<Results> {
        let ends = |waited| self.should_end(waited);
        let shared = self.shared();
        let held = shared.lock_shards(self.shards, shared.patience().unless(&ends))?;
        if self.requests.iter().any(|request| matches!(request, RequestRef::Script(_))) {
            // Others wait for the data itself from now on, and so no longer than anybody waits for a script.
            start(self.leave(number));
        }
        let transaction = PreparedRequests::of_checked(shared, &self.requests)?;
        run_all(&transaction, &mut Space::new(shared, held, self.memory.db()), &self.stop)
    }

    fn finish(&self, results: Result<Results>) {
        self.outcome.finish(results);
    }

    fn leave(&self, number: Number) -> Vec<Due> {
        self.shared().line.leave(number)
    }
}

/// The results of a task, when it has them. The task is stopped if that is dropped before.
struct Later {
    task: Arc<Task>,
    number: Number,
}

impl Later {
    /// The result of the only request.
    async fn only(self) -> Result<Value> {
        let missing = || Err(Error::new(Kind::Decode, "a call has one result"));
        self.await?.pop().unwrap_or_else(missing)
    }
}

impl Future for Later {
    type Output = Result<Results>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.task.outcome.poll(context)
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        self.task.stop.stop();
        start(self.task.shared().line.give_up(self.number));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::task::Wake;

    use redipy_command::Encoded;
    use redipy_script::{Script, script};

    use super::*;
    use crate::Engine;

    fn engine() -> Memory {
        let limits = redipy_script::Limits { steps: u64::MAX, ..Default::default() };
        Memory::from(Engine::builder().script_limits(limits).busy_reply_threshold(Duration::from_millis(100)).build())
    }

    /// Never ends by itself.
    fn endless() -> Script {
        let endless = script(|f| {
            let (key, i) = (f.var("k"), f.local(0));
            f.add(key.get());
            f.while_(i.ge(0), |b| b.assign(&i, &i + 1));
        });
        endless.compile().unwrap()
    }

    fn command(line: &str) -> Request {
        let mut words = line.split(' ');
        let name = Encoded::raw(words.next().unwrap().as_bytes());
        words.fold(name, |command, word| command.arg(word)).into()
    }

    struct Tell(mpsc::Sender<()>);

    impl Wake for Tell {
        fn wake(self: Arc<Self>) {
            let _ = self.0.send(());
        }
    }

    /// Polls now; whether it is ready, and who tells when to poll again.
    fn poll<T>(future: &mut Pending<T>) -> (Poll<Result<T>>, mpsc::Receiver<()>) {
        let (tell, told) = mpsc::channel();
        (future.as_mut().poll(&mut Context::from_waker(&Arc::new(Tell(tell)).into())), told)
    }

    fn wait<T>(mut future: Pending<T>) -> Result<T> {
        loop {
            match poll(&mut future) {
                (Poll::Ready(result), _) => return result,
                (Poll::Pending, told) => told.recv().unwrap(),
            }
        }
    }

    fn is_pending<T>(future: &mut Pending<T>) -> bool {
        poll(future).0.is_pending()
    }

    fn call(memory: &Memory, request: impl Into<Request>) -> Pending<Value> {
        AsyncBackend::call(memory, request.into())
    }

    #[test]
    fn what_need_not_wait_is_done_at_once() {
        let memory = engine();
        drop(call(&memory, command("SET k v")));
        assert!(matches!(poll(&mut call(&memory, command("GET k"))).0, Poll::Ready(Ok(Value::Bulk(_)))));
        assert!(!is_pending(&mut AsyncBackend::transaction(&memory, [command("INCR n"), command("INCR n")].into())));
    }

    #[test]
    fn a_call_waits_for_a_lock_in_no_thread_of_its_caller() {
        let memory = engine();
        let held = memory.engine().shared.lock_all().unwrap();
        let mut set = call(&memory, command("SET k v"));
        let mut both = AsyncBackend::transaction(&memory, [command("APPEND k w"), command("GET k")].into());
        let piped = AsyncBackend::pipeline(&memory, [command("ECHO e"), command("APPEND k x")].into());
        let get = call(&memory, command("GET k"));
        assert!(is_pending(&mut set) && is_pending(&mut both));
        assert!(!is_pending(&mut call(&memory, command("ECHO e"))));
        drop(held);
        // In the order in which they were made.
        assert_eq!(wait(get), Ok("vwx".into()));
        assert_eq!(wait(set), Ok(Value::OK));
        assert_eq!(wait(both).unwrap(), [Ok(Value::Int(2)), Ok("vw".into())]);
        assert_eq!(wait(piped).unwrap(), [Ok("e".into()), Ok(Value::Int(3))]);
    }

    #[test]
    fn a_script_that_is_dropped_ends() {
        let memory = engine();
        let mut endless = call(&memory, endless().key("k", "k"));
        assert!(is_pending(&mut endless));
        drop(endless);
        assert_eq!(wait(call(&memory, command("GET k"))), Ok(Value::Null));
    }

    #[test]
    fn a_call_that_is_dropped_while_it_waits_does_nothing() {
        let memory = engine();
        let held = memory.engine().shared.lock_all().unwrap();
        for number in 0..1000 {
            let mut push = call(&memory, command("RPUSH l x"));
            assert!(is_pending(&mut push), "{number}");
        }
        let kept = call(&memory, command("RPUSH l kept"));
        drop(held);
        assert_eq!(wait(kept), Ok(Value::Int(1)));
    }

    /// What has written is done to its end, as on a server, and a transaction as a whole.
    #[test]
    fn a_transaction_that_has_written_comes_to_its_end() {
        let memory = engine();
        let long = script(|f| {
            let i = f.local(0);
            f.while_(i.lt(3_000_000), |b| b.assign(&i, &i + 1));
        });
        let long = Request::from(long.compile().unwrap().prepare());
        let requests = [command("SET a 1"), long, command("SET b 2")].into();
        drop(AsyncBackend::transaction(&memory, requests));
        // Others wait meanwhile, or are refused as for any script that takes long.
        let seen = loop {
            match wait(call(&memory, command("MGET a b"))) {
                Err(error) => assert_eq!(error.kind(), Kind::Timeout),
                Ok(seen) => break seen,
            }
        };
        // The thread may not have stirred before its future was dropped.
        let all = Value::Array(vec!["1".into(), "2".into()]);
        let nothing = Value::Array(vec![Value::Null, Value::Null]);
        assert!(seen == all || seen == nothing, "{seen:?}");
    }

    #[test]
    fn who_waits_for_a_long_script_is_told_so() {
        let memory = engine();
        let mut endless = call(&memory, endless().key("k", "k"));
        let gets: Vec<_> = (0..100).map(|_| call(&memory, command("GET k"))).collect();
        for get in gets {
            assert_eq!(wait(get).unwrap_err().kind(), Kind::Timeout);
        }
        assert!(is_pending(&mut endless));
    }
}
