//! What scripts in this process log: to Python's `logging`, when the script is over. While it runs it holds its data, for
//! which a handler of `logging` might wait.

use std::cell::RefCell;

use pyo3::prelude::*;
use redipy::memory;

/// How many messages of a script are kept.
const MOST: usize = 10_000;

thread_local! {
    /// The levels and messages of the script that this thread runs.
    static LOGGED: RefCell<Vec<(&'static str, String)>> = const { RefCell::new(Vec::new()) };
}

/// Has scripts put their messages aside.
pub fn keep() {
    memory::on_log(|level, message| {
        LOGGED.with_borrow_mut(|logged| match logged.len() {
            MOST => {}
            LAST => logged.push(("WARNING", format!("a script logs more than {LAST} messages: the rest is dropped"))),
            _ => logged.push((level_of(level), message.to_owned())),
        });
    });
}

const LAST: usize = MOST - 1;

/// The level of `logging` that stands for one of a server, whose log begins with "notice" unless it is told otherwise.
fn level_of(level: &str) -> &'static str {
    match level {
        "notice" => "INFO",
        "warning" => "WARNING",
        _ => "DEBUG",
    }
}

/// Gives what was put aside to the logger `redipy.script`.
pub fn hand_out(py: Python<'_>) -> PyResult<()> {
    let logged = LOGGED.take();
    if logged.is_empty() {
        return Ok(());
    }
    let logging = py.import("logging")?;
    let logger = logging.call_method1("getLogger", ("redipy.script",))?;
    for (level, message) in logged {
        logger.call_method1("log", (logging.getattr(level)?, "%s", message))?;
    }
    Ok(())
}

/// The same for a thread that does not have the interpreter, and nobody to raise anything to.
pub fn hand_out_here() {
    if LOGGED.with_borrow(Vec::is_empty) {
        return;
    }
    Python::try_attach(|py| {
        if let Err(error) = hand_out(py) {
            error.write_unraisable(py, None);
        }
    });
}
