//! The threads that make calls on behalf of futures: one for each call that waits or takes long, as long as it does.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The function around all work of such threads.
static AROUND: OnceLock<fn(&mut dyn FnMut())> = OnceLock::new();

/// Number of threads in the lower half, and their process in the upper half: a forked process has none of them.
static RUNNING: AtomicU64 = AtomicU64::new(0);

/// Whether the threads have to end.
static ENDING: AtomicBool = AtomicBool::new(false);

/// Has everything that is done by threads for futures done within a function: it must call what it is given, once, and may
/// call it several times for a call. Only the first function that is given counts.
pub fn around(function: fn(&mut dyn FnMut())) {
    // The first one stays.
    let _ = AROUND.set(function);
}

/// Has the calls that threads make for futures end, those that wait and scripts that have written nothing; whether all
/// have. For programs that end, and ask until they have.
pub fn end() -> bool {
    ENDING.store(true, Ordering::Relaxed);
    count(RUNNING.load(Ordering::Acquire)) == 0
}

/// Whether calls that threads make for futures are to end.
pub(crate) fn are_ending() -> bool {
    ENDING.load(Ordering::Relaxed)
}

/// Starts a thread; whether the system had one to give.
pub(crate) fn start(work: impl FnOnce() + Send + 'static) -> bool {
    let counted = Counted::new();
    let run = move || {
        let _counted = counted;
        work();
    };
    std::thread::Builder::new().name("redipy-call".to_owned()).spawn(run).is_ok()
}

/// Runs a part of the work of such a thread.
pub(crate) fn within<T>(work: impl FnOnce() -> T) -> T {
    let (mut work, mut done) = (Some(work), None);
    let mut once = || done = work.take().map(|work| work());
    match AROUND.get() {
        Some(around) => around(&mut once),
        None => once(),
    }
    done.expect("what is around the work of a thread calls it")
}

/// A thread that is counted.
struct Counted;

impl Counted {
    fn new() -> Self {
        change(|count| count + 1);
        Counted
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        change(|count| count.saturating_sub(1));
    }
}

fn count(running: u64) -> u64 {
    if running >> 32 == u64::from(std::process::id()) { running & u64::from(u32::MAX) } else { 0 }
}

fn change(change: impl Fn(u64) -> u64) {
    let process = u64::from(std::process::id()) << 32;
    let changed = |running| Some(process | change(count(running)));
    // It always gives something new.
    let _ = RUNNING.fetch_update(Ordering::AcqRel, Ordering::Acquire, changed);
}
