//! Stopping a script that another thread runs, as SCRIPT KILL does on a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Stops a call of a script; see [`ScriptCall::stoppable`](crate::ScriptCall::stoppable). Clones stop the same call.
///
/// ```
/// # mod redipy { pub use redipy_command::*; pub use redipy_script as script; }
/// use redipy::Kind;
/// use redipy::script::{Stop, script};
///
/// let endless = script(|f| {
///     let i = f.local(0);
///     f.while_(i.ge(0), |b| b.assign(&i, &i + 1));
/// });
/// let (call, stop) = endless.compile()?.prepare().stoppable();
/// stop.stop();
/// // On an engine, `call` ends now with `Kind::Timeout`, or at once if it is made later.
/// # Ok::<(), redipy::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

/// Handles are equal that stop the same call.
impl PartialEq for Stop {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Stop {
    /// Ends the call with [`Kind::Timeout`](crate::Kind::Timeout), also one that waits for its keys or is made
    /// later. A script that has written something goes on, as on a server, where SCRIPT KILL is refused then.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Returns whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
