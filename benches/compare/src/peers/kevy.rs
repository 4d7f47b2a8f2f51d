//! The rival `kevy-embedded`: an engine with Redis' commands for one's own process, as this project's.
//!
//! Its README recommends `Config::default().without_aof()` for a store that is not kept, and its `with_shards` is for threads
//! that share a store; it gets 64 of them, as all have here. The thread that removes expired keys stays on, as by default: it
//! keeps the clock that a read of a key with a time to live would otherwise ask the system for.

use std::hint::black_box;

use kevy_embedded::Config;
pub use kevy_embedded::KevyResult as Result;
pub use kevy_embedded::Store;

use super::Strings;

/// Its version, if this program has it.
pub const VERSION: Option<&str> = Some("7.0.0");

/// A store of its own. It is used by the method that each command has; those give the caller a value of its own, as redipy's do.
pub struct Kevy(pub Store);

impl Kevy {
    /// An empty store, if this program has kevy.
    pub fn open() -> Option<Self> {
        let store = Store::open(Config::default().without_aof().with_shards(64));
        Some(Self(store.expect("a store in memory needs nothing")))
    }
}

impl Strings for Kevy {
    #[inline]
    fn read(&self, key: &[u8]) -> bool {
        black_box(self.0.get(key)).is_ok_and(|value| value.is_some())
    }

    #[inline]
    fn write(&self, key: &[u8], value: &[u8]) {
        self.0.set(key, value).expect("kevy takes every string");
    }
}
