//! Reading a value where it is stored.

use redipy_command::string::Get;
use redipy_command::{Execute, Key, Result};

use crate::client::Redis;

impl Redis {
    /// Shows the string of a key to `see`, `None` if there is no such key: GET without a copy.
    ///
    /// On the engine the bytes are read where they are stored, which pays for long values and for those that are only
    /// looked at. Their key is locked meanwhile, so `see` should be quick and **must not use the engine**: that would wait
    /// for itself (a debug build panics instead). Elsewhere this is a GET.
    ///
    /// ```
    /// use redipy::prelude::*;
    ///
    /// let r = redipy::connect("memory://")?;
    /// r.set("page", "<html>..</html>")?;
    /// assert_eq!(r.with("page", |page| page.map_or(0, <[u8]>::len))?, 15);
    /// assert!(r.with("none", |page| page.is_none())?);
    /// # Ok::<(), redipy::Error>(())
    /// ```
    ///
    /// # Errors
    /// `WRONGTYPE` when the key holds no string; what keeps a server from answering.
    pub fn with<'k, R>(&self, key: impl Into<Key<'k>>, see: impl FnOnce(Option<&[u8]>) -> R) -> Result<R> {
        let key = key.into();
        #[cfg(feature = "memory")]
        if let Some(memory) = self.as_memory() {
            return memory.with(key, see);
        }
        self.call(Get { key }).map(|value| see(value.as_deref()))
    }

    /// As [`with`](Self::with), if the engine can do so without waiting for another thread; `None` otherwise, and on a
    /// server.
    ///
    /// ```
    /// let r = redipy::connect("memory://")?;
    /// assert_eq!(r.try_with("none", |value| value.is_none()).transpose()?, Some(true));
    /// # Ok::<(), redipy::Error>(())
    /// ```
    ///
    /// # Errors
    /// `WRONGTYPE` when the key holds no string.
    #[cfg(feature = "memory")]
    pub fn try_with<'k, R>(&self, key: impl Into<Key<'k>>, see: impl FnOnce(Option<&[u8]>) -> R) -> Option<Result<R>> {
        self.as_memory()?.try_with(key.into(), see)
    }
}
