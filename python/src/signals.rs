//! Signals that come while a call waits for a server: their handlers in Python are called at once, and what they raise, as
//! Ctrl-C does, ends the call. All else goes on.

use std::cell::RefCell;

use pyo3::prelude::*;
use redipy::remote;

thread_local! {
    /// What a handler raised while a call of this thread waited.
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Has waits for servers look for signals.
pub fn watch() {
    remote::on_signal(|| {
        let raised = Python::try_attach(|py| py.check_signals().err()).flatten();
        let give_up = raised.is_some();
        RAISED.set(raised);
        give_up
    });
}

/// What a handler raised, which ended the wait.
pub fn raised() -> Option<PyErr> {
    RAISED.take()
}
