//! Who watches which key of a database, and learns when it is changed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

/// Says that a watched key was changed. A session that is gone watches nothing.
pub(crate) type Watcher = Arc<AtomicBool>;

/// The watched keys.
#[derive(Default)]
pub(crate) struct Watchers {
    keys: HashMap<Box<[u8]>, Vec<Watch>>,
    /// Keys that nobody watches any more are removed when there are as many as this.
    prune_at: usize,
}

/// One session that watches one key.
struct Watch {
    watcher: Weak<AtomicBool>,
    /// Whether the key's deadline had passed when the watch began: to the session there was no such key, so its removal
    /// changes nothing.
    had_expired: bool,
}

impl Watch {
    fn is_of(&self, watcher: &Watcher) -> bool {
        std::ptr::eq(self.watcher.as_ptr(), Arc::as_ptr(watcher))
    }

    fn is_alive(&self) -> bool {
        self.watcher.strong_count() > 0
    }

    /// The key was changed, and is there now or is not.
    fn touch(&mut self, is_there: bool) {
        if self.had_expired && !is_there {
            self.had_expired = false;
        } else if let Some(watcher) = self.watcher.upgrade() {
            watcher.store(true, Ordering::Release);
        }
    }
}

impl Watchers {
    /// Whether no key is watched.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many keys are watched, or were by sessions that are gone.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Tells those who watch this key that it was changed, and is there now or is not.
    pub(crate) fn touch(&mut self, key: &[u8], is_there: bool) {
        self.keys.get_mut(key).into_iter().flatten().for_each(|watch| watch.touch(is_there));
    }

    /// Tells the watchers of all keys that are there that they go.
    pub(crate) fn touch_all(&mut self, is_there: impl Fn(&[u8]) -> bool) {
        for (key, watches) in &mut self.keys {
            if is_there(key) {
                watches.iter_mut().for_each(|watch| watch.touch(false));
            }
        }
    }

    /// Tells this watcher when the key is changed.
    pub(crate) fn add(&mut self, key: &[u8], watcher: &Watcher, had_expired: bool) {
        if self.keys.len() >= self.prune_at {
            self.prune();
        }
        let watch = Watch { watcher: Arc::downgrade(watcher), had_expired };
        self.keys.entry(key.into()).or_default().push(watch);
    }

    /// Tells this watcher no more.
    pub(crate) fn remove(&mut self, key: &[u8], watcher: &Watcher) {
        if let Some(watches) = self.keys.get_mut(key) {
            watches.retain(|watch| !watch.is_of(watcher) && watch.is_alive());
            if watches.is_empty() {
                self.keys.remove(key);
            }
        }
    }

    /// Forgets the watchers that are gone without a word.
    fn prune(&mut self) {
        self.keys.retain(|_, watches| {
            watches.retain(Watch::is_alive);
            !watches.is_empty()
        });
        self.prune_at = (2 * self.keys.len()).max(64);
    }
}
