//! The one thread of a process that works for all its engines: it removes keys whose deadline has passed, as a server's
//! active expiry does, and frees large values, as a server's lazy freeing does.
//!
//! It is started when there is work, sleeps until the next deadline, and ends when there was nothing to do for a while.
//! Engines with a manual clock have no need of it: [`Clock::advance`](crate::Clock::advance) removes what expires.

use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::clock::Clock;

/// How long the thread waits for more work before it ends.
const LINGER: Duration = Duration::from_secs(5);

/// The longest sleep in milliseconds while keys expire: somebody may set the system's clock meanwhile.
const LONGEST: i64 = 1000;

/// The milliseconds from one look at the engines to the next, at least.
const BETWEEN: i64 = 25;

/// An engine in which keys expire, on the clock of the system.
pub(crate) trait Expiring: Send + Sync {
    /// Whether the thread does not look after this engine yet, which it does from now on.
    fn enrol(&self) -> bool;

    /// Removes keys whose deadline has passed, not too many at once. Gives when to come again, in Unix milliseconds, if
    /// any key expires.
    fn remove_expired(&self, now: i64) -> Option<i64>;

    /// Whether nothing expires any more, so that the thread need not look after this engine.
    fn leave_if_nothing_expires(&self) -> bool;
}

/// What is to be done, and by whom.
struct Work {
    /// Engines in which keys expire.
    engines: Vec<Weak<dyn Expiring>>,
    garbage: Vec<Box<dyn Send>>,
    /// When the thread looks at the engines next, and not before when, in Unix milliseconds.
    look_at: i64,
    not_before: i64,
    thread: Option<Running>,
    /// Whether there is to be no thread just now.
    is_paused: bool,
}

struct Running {
    handle: JoinHandle<()>,
    /// The process that the thread belongs to: a forked one has a copy of this, and no such thread.
    process: u32,
}

static WORK: Mutex<Work> = Mutex::new(Work {
    engines: Vec::new(),
    garbage: Vec::new(),
    look_at: i64::MAX,
    not_before: i64::MIN,
    thread: None,
    is_paused: false,
});
static CHANGED: Condvar = Condvar::new();

/// Frees values.
pub(crate) fn free(pieces: Vec<Box<dyn Send>>) {
    let mut work = WORK.lock();
    work.garbage.extend(pieces);
    work.wake();
}

/// Has an engine looked at when a key of it expires, in Unix milliseconds.
pub(crate) fn look_at(engine: &Weak<impl Expiring + 'static>, deadline: i64) {
    let mut work = WORK.lock();
    if engine.upgrade().is_some_and(|engine| engine.enrol()) {
        work.engines.push(engine.clone());
    }
    let at = deadline.max(work.not_before);
    // Without a thread, as in a forked child, whatever time it was planned for means nothing.
    if at < work.look_at || !work.has_thread() {
        work.look_at = at.min(work.look_at);
        work.wake();
    }
}

/// Ends the thread and starts none until [`resume`]: a process that forks had better have no other threads, and the child
/// would lack this one. What is to be done is kept.
pub fn pause() {
    let mut work = WORK.lock();
    work.is_paused = true;
    let thread = work.thread.take();
    CHANGED.notify_all();
    drop(work);
    if let Some(thread) = thread.filter(Running::is_here) {
        // It has no result; a panic of it has been shown.
        let _ = thread.handle.join();
    }
}

/// Goes on after [`pause`], in a forked child too.
pub fn resume() {
    let mut work = WORK.lock();
    work.is_paused = false;
    if !work.engines.is_empty() || !work.garbage.is_empty() {
        work.wake();
    }
}

impl Running {
    fn is_here(&self) -> bool {
        self.process == std::process::id()
    }
}

impl Work {
    fn has_thread(&self) -> bool {
        self.thread.as_ref().is_some_and(Running::is_here)
    }

    /// Has the thread look what there is to do.
    fn wake(&mut self) {
        if self.is_paused {
            return;
        }
        if !self.has_thread() {
            // Where the system has no thread to give, keys go when somebody looks for them, and what is to be freed waits
            // for the next attempt.
            let thread = std::thread::Builder::new().name("redipy".to_owned()).spawn(run);
            self.thread = thread.ok().map(|handle| Running { handle, process: std::process::id() });
        }
        CHANGED.notify_all();
    }
}

/// What the thread does.
fn run() {
    let mut work = WORK.lock();
    while !work.is_paused {
        work.engines.retain(|engine| engine.strong_count() > 0);
        let garbage = std::mem::take(&mut work.garbage);
        let now = Clock::system().now_millis();
        if !garbage.is_empty() {
            MutexGuard::unlocked(&mut work, || drop(garbage));
        } else if work.engines.is_empty() {
            if CHANGED.wait_for(&mut work, LINGER).timed_out() && work.engines.is_empty() && work.garbage.is_empty() {
                work.thread = None;
                return;
            }
        } else if work.look_at <= now {
            look(&mut work, now);
        } else {
            let wait = work.look_at.saturating_sub(now).min(LONGEST);
            CHANGED.wait_for(&mut work, Duration::from_millis(wait.unsigned_abs()));
        }
    }
}

/// Removes what has expired in all engines, and forgets those in which nothing expires any more.
fn look(work: &mut MutexGuard<'_, Work>, now: i64) {
    (work.look_at, work.not_before) = (i64::MAX, now + BETWEEN);
    let engines: Vec<_> = work.engines.iter().filter_map(Weak::upgrade).collect();
    let next = MutexGuard::unlocked(work, || engines.iter().filter_map(|engine| engine.remove_expired(now)).min());
    work.look_at = work.look_at.min(next.unwrap_or(i64::MAX)).max(work.not_before);
    for engine in engines.iter().filter(|engine| engine.leave_if_nothing_expires()) {
        work.engines.retain(|other| !std::ptr::addr_eq(other.as_ptr(), Arc::as_ptr(engine)));
    }
    // Whoever else had one of them may have let it go meanwhile: then its data is freed here.
    MutexGuard::unlocked(work, || drop(engines));
}
