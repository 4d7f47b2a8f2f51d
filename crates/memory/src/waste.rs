//! Large values that were removed or replaced. Freeing them takes long, so they are kept until the locks are given up.

use crate::background;

/// What is to be freed.
#[derive(Default)]
pub(crate) struct Waste(Box<Pieces>);

#[derive(Default)]
struct Pieces {
    /// By another thread, where there is one.
    apart: Vec<Box<dyn Send>>,
    /// By whoever discarded it.
    here: Vec<Box<dyn Send>>,
}

impl Waste {
    /// Adds something to what may be there already.
    #[cold]
    pub(crate) fn add(waste: &mut Option<Waste>, piece: impl Send + 'static) {
        waste.get_or_insert_default().0.apart.push(Box::new(piece));
    }

    /// This and more.
    pub(crate) fn and(mut self, mut more: Waste) -> Self {
        self.0.apart.append(&mut more.0.apart);
        self.0.here.append(&mut more.0.here);
        self
    }

    /// Has all of it freed by the caller, who wants the memory back before it goes on.
    pub(crate) fn keep(&mut self) {
        let Pieces { apart, here } = &mut *self.0;
        here.append(apart);
    }

    /// Frees it. To be called without any lock.
    pub(crate) fn free(self, has_thread: bool) {
        let Pieces { apart, here } = *self.0;
        if has_thread && !apart.is_empty() {
            background::free(apart);
        }
        drop(here);
    }
}
