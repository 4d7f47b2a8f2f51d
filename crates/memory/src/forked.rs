//! What a process that was forked does about data that another thread had at that moment: it has the locks as they were, and
//! nobody who would unlock them.

use std::sync::Weak;

use parking_lot::Mutex;

/// An engine, which may lose data by a fork.
pub(crate) trait Inherited: Send + Sync {
    /// Notes the shards that are locked by threads which the fork did not copy.
    fn lose(&self);
}

/// The engines of the process, with some that are gone.
static ENGINES: Mutex<Vec<Weak<dyn Inherited>>> = Mutex::new(Vec::new());

/// Remembers an engine.
pub(crate) fn enrol(engine: Weak<dyn Inherited>) {
    let mut engines = ENGINES.lock();
    if engines.len() == engines.capacity() {
        engines.retain(|engine| engine.strong_count() > 0);
        let left = engines.len();
        engines.reserve(left + 1);
    }
    engines.push(engine);
}

/// Has all engines note what other threads of the parent hold, whose calls fail from now on: to be called in the child, by
/// the thread that forked, before it calls any engine.
pub fn lose() {
    let engines = ENGINES.lock().clone();
    engines.iter().filter_map(Weak::upgrade).for_each(|engine| engine.lose());
}
