//! Signals that come while a call waits for a server or for data, or runs a long script: their handlers in Python are called
//! at once, and what they raise, as Ctrl-C does, ends the call. All else goes on.

use std::cell::RefCell;

use pyo3::prelude::*;
use redipy::{memory, remote};

use crate::{fork, logs};

thread_local! {
    /// What a handler raised while a call of this thread waited.
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Has whatever takes long look for signals.
pub fn watch() {
    remote::on_signal(raises);
    memory::on_wait(|holds_data| {
        if holds_data {
            fork::stand_still();
        } else {
            fork::step_aside();
        }
        raises()
    });
    memory::threads::around(|work| {
        fork::apart(work);
        logs::hand_out_here();
    });
}

/// Runs the handlers of signals that have come; whether one of them raised something. A script that has written goes on all
/// the same, and what was raised is raised when it is done.
fn raises() -> bool {
    let raised = Python::try_attach(|py| py.check_signals().err()).flatten();
    let gives_up = raised.is_some();
    if gives_up {
        RAISED.set(raised);
    }
    gives_up
}

/// What a handler raised meanwhile: to be asked after every call that may have waited.
pub fn raised() -> Option<PyErr> {
    RAISED.take()
}
