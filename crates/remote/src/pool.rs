//! The pool of idle connections, which opens new ones.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use redipy_command::Result;

use crate::config::Config;
use crate::failure::Lost;
use crate::link::Link;

/// A connection that was idle for longer may have been closed by the server, so it is asked first
/// where a failure could not be repaired by repeating.
const FRESH: Duration = Duration::from_millis(500);

/// The connections to one server.
pub(crate) struct Pool {
    config: Config,
    /// The one used last is taken first, so that those which are not needed grow old.
    idle: Mutex<Vec<Link>>,
    /// The process that they belong to.
    owner: AtomicU32,
}

impl Pool {
    pub(crate) fn new(config: Config) -> Self {
        Self { config, idle: Mutex::new(Vec::new()), owner: AtomicU32::new(process::id()) }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// A new connection.
    pub(crate) fn open(&self) -> Result<Link> {
        Link::open(&self.config)
    }

    /// An idle connection, if there is one that is likely to work.
    pub(crate) fn idle(&self, idempotent: bool) -> Result<Option<Link>> {
        let Some(mut link) = self.lock().and_then(|mut idle| idle.pop()) else { return Ok(None) };
        if idempotent || link.idle() < FRESH {
            return Ok(Some(link));
        }
        match link.ping() {
            Ok(()) => Ok(Some(link)),
            Err(lost) if lost.is_closed() => {
                self.lost(&lost);
                Ok(None)
            }
            Err(lost) => Err(lost.into_error(true)),
        }
    }

    /// A connection that works: an idle one, or a new one.
    pub(crate) fn take(&self) -> Result<Link> {
        self.idle(false)?.map_or_else(|| self.open(), Ok)
    }

    /// Returns a connection to the pool, in the state in which it was opened.
    pub(crate) fn give_back(&self, link: Link) {
        let Some(mut idle) = self.lock() else { return };
        if link.is_usable() && idle.len() < self.config.pool_size {
            idle.push(link);
        }
    }

    /// Drops idle connections after a loss: when the server closed one, they are closed as well.
    pub(crate) fn lost(&self, lost: &Lost) {
        if lost.is_closed() {
            let closed = self.lock().map(|mut idle| std::mem::take(&mut *idle));
            drop(closed);
        }
    }

    /// The idle connections. A fork of the process has none: both would read the same replies. If another thread was at
    /// them when the process was forked, nobody can have them in the fork any more.
    fn lock(&self) -> Option<MutexGuard<'_, Vec<Link>>> {
        let process = process::id();
        if self.owner.load(Ordering::Acquire) == process {
            return Some(self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        }
        let mut idle = match self.idle.try_lock() {
            Ok(idle) => idle,
            Err(TryLockError::Poisoned(idle)) => idle.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        if self.owner.swap(process, Ordering::AcqRel) != process {
            idle.clear();
        }
        Some(idle)
    }
}
