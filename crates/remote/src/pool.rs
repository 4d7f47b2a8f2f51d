//! Connections that nobody uses now, and making new ones.

use std::sync::{Mutex, MutexGuard, PoisonError};
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
}

impl Pool {
    pub(crate) fn new(config: Config) -> Self {
        Self { config, idle: Mutex::new(Vec::new()) }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// A new connection.
    pub(crate) fn open(&self) -> Result<Link> {
        Link::open(&self.config)
    }

    /// An idle connection, if there is one that is likely to work.
    pub(crate) fn idle(&self, harmless: bool) -> Result<Option<Link>> {
        let Some(mut link) = self.lock().pop() else { return Ok(None) };
        if harmless || link.idle() < FRESH {
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

    /// Takes a connection back, in the state in which it was opened.
    pub(crate) fn give_back(&self, link: Link) {
        let mut idle = self.lock();
        if link.is_usable() && idle.len() < self.config.pool_size {
            idle.push(link);
        }
    }

    /// Notes that a connection was lost: when the server closed it, the idle ones are gone as well.
    pub(crate) fn lost(&self, lost: &Lost) {
        if lost.is_closed() {
            let closed = std::mem::take(&mut *self.lock());
            drop(closed);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Link>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
