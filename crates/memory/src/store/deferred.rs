//! What is done once the locks are given up: large values that were removed are freed, which takes long, and subscribers
//! are woken, who may use the engine at once.

use crate::background;
use crate::listen::hub::Wakers;

/// What is to be done without a lock.
#[derive(Default)]
pub(crate) struct Deferred(Box<Work>);

#[derive(Default)]
struct Work {
    /// Values to be freed by another thread, where there is one.
    elsewhere: Vec<Box<dyn Send>>,
    /// Values to be freed by whoever discarded them.
    here: Vec<Box<dyn Send>>,
    wakers: Wakers,
}

impl Deferred {
    /// Adds a value to be freed to what may be there already.
    #[cold]
    pub(crate) fn free(deferred: &mut Option<Deferred>, value: impl Send + 'static) {
        deferred.get_or_insert_default().0.elsewhere.push(Box::new(value));
    }

    /// Adds tasks to be woken to what may be there already.
    pub(crate) fn wake(deferred: &mut Option<Deferred>, wakers: Wakers) {
        deferred.get_or_insert_default().0.wakers.append(wakers);
    }

    /// This and more.
    pub(crate) fn and(mut self, mut more: Deferred) -> Self {
        self.0.elsewhere.append(&mut more.0.elsewhere);
        self.0.here.append(&mut more.0.here);
        self.0.wakers.append(more.0.wakers);
        self
    }

    /// Has all values freed by the caller, who wants the memory back before it goes on.
    pub(crate) fn free_here(&mut self) {
        let Work { elsewhere, here, .. } = &mut *self.0;
        here.append(elsewhere);
    }

    /// Runs the deferred work. Call it without any lock.
    pub(crate) fn run(self, has_thread: bool) {
        let Work { elsewhere, here, wakers } = *self.0;
        if has_thread && !elsewhere.is_empty() {
            background::free(elsewhere);
        }
        drop(here);
        drop(wakers);
    }
}
