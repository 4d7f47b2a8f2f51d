//! Waiting for data that another thread has: for how long, and what ends it.

use std::cell::RefCell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::ThreadId;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use redipy_command::{Error, Kind, Result};
use redipy_script::Stop;

use crate::clock::Stopwatch;
use crate::shard_set::ShardSet;
use crate::threads;
use crate::visit::Visit;

/// After how long a thread that waits or computes is asked again whether it should give up.
pub(crate) const SLICE: Duration = Duration::from_millis(50);

/// Says whether a thread that waits for data, or runs a long script, should give up; see [`on_wait`].
static ON_WAIT: OnceLock<fn(bool) -> bool> = OnceLock::new();

/// Has a function asked, about every 50 ms, by every thread that waits for data or runs a long script: where it gives
/// true, the call ends with [`Kind::Timeout`], unless its script has written already. It is how the handlers of a
/// program's signals are run meanwhile. It is told whether the thread holds data, which it does in a script: then calls of
/// the same engine are refused. Only the first function that is given counts.
pub fn on_wait(gives_up: fn(holds_data: bool) -> bool) {
    // The first one stays.
    let _ = ON_WAIT.set(gives_up);
}

thread_local! {
    /// What stops what this thread does for a future.
    static STOP: RefCell<Option<Stop>> = const { RefCell::new(None) };
}

/// Runs something for a future, which this may stop.
pub(crate) fn stoppable<T>(stop: Option<&Stop>, work: impl FnOnce() -> T) -> T {
    struct Restore(Option<Stop>);
    impl Drop for Restore {
        fn drop(&mut self) {
            STOP.set(self.0.take());
        }
    }
    let _restore = Restore(STOP.replace(stop.cloned()));
    work()
}

/// Asks whether this thread should give up.
pub(crate) fn gives_up(holds_data: bool) -> bool {
    let stop = |stop: &Stop| stop.is_stopped() || threads::are_ending();
    STOP.with_borrow(|own| own.as_ref().is_some_and(stop)) || ON_WAIT.get().is_some_and(|ask| ask(holds_data))
}

/// How a thread waits for data.
pub(crate) struct Patience<'c> {
    scripts: &'c LongScripts,
    since: Option<Stopwatch>,
    /// Whether the thread holds some of the data already.
    holds: bool,
    /// What stops the call that waits.
    stop: Option<&'c dyn Fn(Duration) -> bool>,
}

impl<'c> Patience<'c> {
    pub(crate) fn new(scripts: &'c LongScripts) -> Self {
        Self { scripts, since: None, holds: false, stop: None }
    }

    /// Ends the wait when this holds of the time that it took.
    pub(crate) fn unless(self, stop: &'c dyn Fn(Duration) -> bool) -> Self {
        Self { stop: Some(stop), ..self }
    }

    /// From now on the thread holds some of the data.
    pub(crate) fn hold(&mut self) {
        self.holds = true;
    }

    /// Locks a shard, which nobody may have for long.
    ///
    /// # Errors
    /// `BUSY` while a script runs there that is older than the engine's threshold, `Unsupported` where a forked process has
    /// lost it; `Timeout` when the thread should give
    /// up, or holds data of another engine for its user's code, whose owner may be waiting for this one.
    #[cold]
    pub(crate) fn wait_for<'s, T>(&mut self, shard: &'s Mutex<T>, index: usize) -> Result<MutexGuard<'s, T>> {
        let since = *self.since.get_or_insert_with(Stopwatch::start);
        let is_visitor = Visit::is_going_on();
        // Functions that are asked meanwhile cannot use the rest of the data.
        let _visit = self.holds.then(|| Visit::begin(self.scripts));
        loop {
            if let Some(shard) = shard.try_lock() {
                return Ok(shard);
            }
            self.scripts.check(index)?;
            if let Some(shard) = shard.try_lock_for(SLICE) {
                return Ok(shard);
            }
            let waited = since.elapsed();
            if self.stop.is_some_and(|stop| stop(waited)) || gives_up(Visit::is_going_on()) {
                return Err(interrupted());
            }
            if is_visitor && waited > self.scripts.threshold {
                return Err(blocked());
            }
        }
    }
}

#[cold]
pub(crate) fn interrupted() -> Error {
    Error::new(Kind::Timeout, "interrupted while waiting for data that another call has")
}

/// A server's advice is SCRIPT KILL; here whoever runs the script ends it.
#[cold]
fn busy() -> Error {
    let why = "BUSY a script that takes long has the data. Unless it has written, it ends when its caller is interrupted \
               (Ctrl-C in Python) or given up (a future that is dropped, a task of asyncio that is cancelled), or by its `Stop` handle or its `max_time`";
    Error::new(Kind::Timeout, why)
}

/// What another thread of the parent had at the fork stays locked.
#[cold]
fn lost() -> Error {
    let why = "this data is lost to the forked process: a script of another thread was using it when the process was forked; \
               fork while no script runs, or fill a new store";
    Error::new(Kind::Unsupported, why)
}

#[cold]
fn blocked() -> Error {
    let why = "this function holds the data of an engine and waited too long for that of another, whose owner may be \
               waiting for the first: call other engines before or afterwards";
    Error::new(Kind::Timeout, why)
}

/// Scripts that have been running for a while, and what they hold. An engine has one; it is known by its address.
pub(crate) struct LongScripts {
    running: Mutex<Vec<LongScript>>,
    /// The shards that are locked for ever, in a process that was forked.
    lost: AtomicU64,
    /// How old a script must be to have others refused.
    threshold: Duration,
}

struct LongScript {
    holds: ShardSet,
    since: Stopwatch,
    number: u64,
    thread: ThreadId,
}

/// A script that others know of while this is there.
pub(crate) struct Announced<'e> {
    scripts: &'e LongScripts,
    number: u64,
}

impl LongScripts {
    pub(crate) fn new(threshold: Duration) -> Self {
        Self { running: Mutex::default(), lost: AtomicU64::new(0), threshold }
    }

    /// Tells others of a script that began some time ago and holds these shards.
    pub(crate) fn announce(&self, holds: ShardSet, since: Stopwatch) -> Announced<'_> {
        let mut running = self.running.lock();
        let number = running.iter().map(|script| script.number).max().unwrap_or_default() + 1;
        running.push(LongScript { holds, since, number, thread: std::thread::current().id() });
        Announced { scripts: self, number }
    }

    /// Refuses to wait for a shard that nobody will unlock, or that a script has which is so old that nobody should wait.
    fn check(&self, index: usize) -> Result<()> {
        if self.is_lost(index) {
            return Err(lost());
        }
        let running = self.running.lock();
        let blocks = |script: &LongScript| script.holds.has(index) && script.since.elapsed() >= self.threshold;
        if running.iter().any(blocks) { Err(busy()) } else { Ok(()) }
    }

    /// Whether a thread had this shard that is not there in this process, which was forked.
    pub(crate) fn is_lost(&self, index: usize) -> bool {
        ShardSet::from_bits(self.lost.load(Ordering::Acquire)).has(index)
    }

    /// After a fork, in the child: of these shards, which are locked, those are lost that this thread does not hold for a
    /// script of its own; the scripts of other threads are no more.
    pub(crate) fn lose(&self, locked: ShardSet) {
        let mut running = self.running.lock();
        running.retain(|script| script.thread == std::thread::current().id());
        let own = running.iter().fold(0, |own, script| own | script.holds.bits());
        self.lost.store(locked.bits() & !own, Ordering::Release);
    }
}

impl Drop for Announced<'_> {
    fn drop(&mut self) {
        self.scripts.running.lock().retain(|script| script.number != self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use redipy_backend::Backend;
    use redipy_command::{Encoded, Value};
    use redipy_script::{Expr, Script, command, script};

    use super::*;
    use crate::{Engine, Memory};

    fn engine() -> Memory {
        let limits = redipy_script::Limits { steps: u64::MAX, ..Default::default() };
        let engine = Engine::builder().script_limits(limits).busy_reply_threshold(Duration::from_millis(100));
        Memory::from(engine.build())
    }

    /// Never ends by itself; it writes first if it is told so.
    fn endless() -> Script {
        let endless = script(|f| {
            let (key, i) = (f.var("k"), f.local(0));
            f.if_(f.arg("writes"), |t| t.add(key.set("written")));
            f.if_(key.get().eq("over"), |t| t.returns("over"));
            f.while_(i.ge(0), |b| b.assign(&i, &i + 1));
        });
        endless.compile().unwrap()
    }

    fn get(engine: &Memory, key: &str) -> Result<Value> {
        engine.call(&Encoded::raw(b"GET").arg(key).into())
    }

    #[test]
    fn a_script_that_has_written_nothing_can_be_stopped() {
        let engine = engine();
        let (call, stop) = endless().key("k", "k").arg("writes", false).stoppable();
        let (done, result) = mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| done.send(engine.call(&call.clone().into())).unwrap());
            // Others that need its key are refused after a while; those that do not are served.
            let busy = loop {
                match get(&engine, "k") {
                    Err(error) => break error,
                    Ok(value) => assert_eq!(value, Value::Null),
                }
            };
            assert!(busy.message().starts_with("BUSY "), "{busy}");
            assert_eq!(get(&engine, &another(&engine, "k")), Ok(Value::Null));
            assert!(result.try_recv().is_err());
            stop.stop();
            let error = result.recv().unwrap().unwrap_err();
            assert_eq!((error.kind(), error.message()), (Kind::Timeout, "SCRIPT was stopped before it wrote anything"));
            assert_eq!(get(&engine, "k"), Ok(Value::Null));
        });
    }

    /// A key in another shard.
    fn another(engine: &Memory, key: &str) -> String {
        let shared = &engine.engine().shared;
        let shard = |key: &str| shared.shard_of(crate::data::table::hash_bytes(shared.seed, key.as_bytes()));
        (0..).map(|i| format!("k{i}")).find(|other| shard(other) != shard(key)).unwrap()
    }

    #[test]
    fn a_script_ends_when_its_time_is_over() {
        let engine = engine();
        let call = endless().key("k", "k").arg("writes", false).max_time(Duration::from_millis(30));
        assert_eq!(engine.call(&call.into()).unwrap_err().kind(), Kind::Timeout);
    }

    /// As on a server, where SCRIPT KILL is refused then.
    #[test]
    fn a_script_that_has_written_comes_to_its_end() {
        let engine = engine();
        let long = script(|f| {
            let (key, i) = (f.var("k"), f.local(0));
            f.add(key.set("written"));
            f.while_(i.lt(300_000), |b| b.assign(&i, &i + 1));
            f.returns(&i);
        });
        let call = long.compile().unwrap().key("k", "k").max_time(Duration::ZERO);
        let (call, stop) = call.stoppable();
        stop.stop();
        assert_eq!(engine.call(&call.into()), Ok(Value::Int(300_000)));
        assert_eq!(get(&engine, "k"), Ok("written".into()));
    }

    #[test]
    fn a_script_that_waits_for_its_keys_can_be_stopped() {
        let engine = Memory::from(Engine::new());
        let (call, stop) = endless().key("k", "k").arg("writes", true).stoppable();
        let held = engine.engine().shared.lock_all().unwrap();
        let (done, result) = mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| done.send(engine.call(&call.clone().into())).unwrap());
            stop.stop();
            let error = result.recv().unwrap().unwrap_err();
            assert_eq!(error.message(), "interrupted while waiting for data that another call has");
            drop(held);
        });
        assert_eq!(get(&engine, "k"), Ok(Value::Null));
    }

    /// A function takes no steps, however long it takes.
    #[test]
    fn others_know_of_a_script_that_is_in_a_function() {
        let engine = engine();
        let other = engine.clone();
        let refused = std::sync::Arc::new(std::sync::Mutex::new(None));
        let seen = refused.clone();
        let own = redipy_script::Function::hosted("own", [], redipy_script::Type::ANY, move |_, _| {
            let call = std::thread::scope(|scope| scope.spawn(|| get(&other, "k")).join());
            *seen.lock().unwrap() = call.ok();
            Ok(redipy_script::value::Val::None)
        });
        let calls = script(|f| f.returns(own.call(Vec::<Expr>::new()))).compile().unwrap();
        engine.call(&calls.prepare().into()).unwrap();
        let error = refused.lock().unwrap().take().unwrap().unwrap_err();
        assert!(error.message().starts_with("BUSY "), "{error}");
    }

    /// Code of the user that a script calls holds the script's keys.
    #[test]
    fn functions_of_a_script_cannot_call_its_engine() {
        let engine = Memory::from(Engine::new());
        let inner = engine.clone();
        let own = redipy_script::Function::hosted("own", [], redipy_script::Type::ANY, move |_, _| {
            get(&inner, "k").map(|_| redipy_script::value::Val::None)
        });
        let calls = script(|f| f.returns(own.call(Vec::<Expr>::new()))).compile().unwrap();
        let error = engine.call(&calls.prepare().into()).unwrap_err();
        assert!(error.message().contains("its engine's data is held for it"), "{error}");
        let echo = script(|f| f.returns(command("ECHO", [Expr::from("fine")]))).compile().unwrap();
        assert_eq!(engine.call(&echo.prepare().into()), Ok("fine".into()));
    }
}
