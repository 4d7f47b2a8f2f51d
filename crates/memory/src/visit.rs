//! The time in which a thread runs its user's code while it holds data: functions that are shown a value, that a script
//! calls, or that watch one. A call of the same engine from there would wait for itself, and is refused.

use std::cell::Cell;

use redipy_command::{Error, Kind, Result};

thread_local! {
    /// The engine whose data this thread holds while it runs its user's code.
    static VISITED: Cell<*const ()> = const { Cell::new(std::ptr::null()) };
}

/// A visit, which ends when this is dropped.
pub(crate) struct Visit {
    /// The engine that was visited when this visit began.
    before: *const (),
}

impl Visit {
    /// Begins; an engine is known by the address of something that only it has.
    #[inline]
    pub(crate) fn begin<T>(engine: &T) -> Self {
        Visit { before: VISITED.replace(std::ptr::from_ref(engine).cast()) }
    }

    /// Whether this thread holds data of any engine while it runs its user's code.
    pub(crate) fn is_going_on() -> bool {
        !VISITED.get().is_null()
    }

    /// Whether this thread holds data of this engine while it runs its user's code.
    #[inline]
    pub(crate) fn is_of<T>(engine: &T) -> bool {
        VISITED.get() == std::ptr::from_ref(engine).cast()
    }

    /// Refuses what might wait for itself.
    ///
    /// # Errors
    /// `Unsupported`, with what to do.
    #[inline]
    pub(crate) fn check<T>(engine: &T) -> Result<()> {
        if Self::is_of(engine) { Err(refusal()) } else { Ok(()) }
    }
}

#[cold]
fn refusal() -> Error {
    let why = "this function runs while its engine's data is held for it (it is shown a value, called by a script or \
               watches one), so a call of the engine would wait for itself: use what the function is given, or call \
               the engine afterwards";
    Error::new(Kind::Unsupported, why)
}

impl Drop for Visit {
    #[inline]
    fn drop(&mut self) {
        VISITED.set(self.before);
    }
}
