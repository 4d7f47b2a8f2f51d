//! Time, handed to the engine: the system's, or one that stands still until it is moved.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;

/// A clock. Clones show the same time.
///
/// ```
/// # mod redipy { pub use redipy_backend::*; pub use redipy_command::*; pub use redipy_memory as memory; }
/// use redipy::memory::{Clock, Engine};
/// use std::time::Duration;
///
/// let clock = Clock::manual();
/// let engine = Engine::builder().clock(clock.clone()).build();
/// let before = clock.now_micros();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now_micros() - before, 60_000_000);
/// ```
#[derive(Clone)]
pub struct Clock(Arc<Inner>);

enum Inner {
    System,
    Manual { micros: AtomicI64, followers: Mutex<Vec<Weak<dyn Follower>>> },
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Inner::System => f.write_str("Clock::system()"),
            Inner::Manual { .. } => write!(f, "Clock::manual() at {} µs", self.now_micros()),
        }
    }
}

/// Real time since something began, whatever clock the data goes by: how long a thread waits or computes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Stopwatch(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Something that acts when a manual clock was moved.
pub(crate) trait Follower: Send + Sync {
    /// The time is another now.
    fn time_moved(&self);
}

/// Where a manual clock starts: 2020-01-01 00:00:00 UTC.
const START: i64 = 1_577_836_800_000_000;

impl Clock {
    /// The clock of the system.
    pub fn system() -> Self {
        Clock(Arc::new(Inner::System))
    }

    /// A clock that stands at 2020-01-01 00:00:00 UTC until it is moved.
    pub fn manual() -> Self {
        Clock(Arc::new(Inner::Manual { micros: AtomicI64::new(START), followers: Mutex::default() }))
    }

    /// Unix time in microseconds.
    pub fn now_micros(&self) -> i64 {
        match &*self.0 {
            Inner::System => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(now.as_micros()).unwrap_or(i64::MAX)
            }
            Inner::Manual { micros, .. } => micros.load(Ordering::Acquire),
        }
    }

    /// Unix time in milliseconds.
    pub(crate) fn now_millis(&self) -> i64 {
        self.now_micros().div_euclid(1000)
    }

    /// Whether this is the clock of the system.
    pub(crate) fn is_system(&self) -> bool {
        matches!(*self.0, Inner::System)
    }

    /// Moves a manual clock forward; keys whose deadline has passed are removed before this returns.
    ///
    /// # Panics
    /// On the system's clock, which nobody moves: a test that meant to would go on at the same time.
    #[track_caller]
    pub fn advance(&self, by: Duration) {
        let Inner::Manual { micros, followers } = &*self.0 else {
            panic!("the system's clock cannot be moved: give the engine one of `Clock::manual()`");
        };
        let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        let forward = |now: i64| Some(now.saturating_add(by));
        let _ = micros.fetch_update(Ordering::AcqRel, Ordering::Acquire, forward);
        let mut current = Vec::new();
        followers.lock().retain(|follower| follower.upgrade().map(|follower| current.push(follower)).is_some());
        current.iter().for_each(|follower| follower.time_moved());
    }

    /// Tells this follower when the clock is moved.
    pub(crate) fn follow(&self, follower: Weak<dyn Follower>) {
        if let Inner::Manual { followers, .. } = &*self.0 {
            followers.lock().push(follower);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic = "give the engine one of `Clock::manual()`"]
    fn the_clock_of_the_system_cannot_be_moved() {
        Clock::system().advance(Duration::from_secs(1));
    }
}
