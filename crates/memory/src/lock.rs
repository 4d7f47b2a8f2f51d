//! The lock of the engine: the standard library's, without its memory of panics. No command leaves data half changed,
//! so those who come after a panic may go on.

use std::sync::{self, MutexGuard, PoisonError, TryLockError};

/// A lock around a value.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Mutex(sync::Mutex::new(value))
    }

    #[cfg(not(thread_sanitizer))]
    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sanitizer sees only what is compiled with it: a lock that is taken at once, and not a wait for one, which is
    /// inside the standard library.
    #[cfg(thread_sanitizer)]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        loop {
            match self.try_lock() {
                Some(guard) => return guard,
                None => std::thread::yield_now(),
            }
        }
    }

    /// The lock, unless somebody has it.
    #[inline]
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(guard)) => Some(guard.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}
