//! Forks: the child has all memory of the parent, but of the threads only the one that forked. What another thread holds
//! at that moment would be held for ever in the child, so a fork waits until nobody holds data of this process.
//!
//! Calls that keep the interpreter need nothing: who forks has it. Those that give it up take their turn here.

use std::cell::RefCell;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::plugins::is_running;

/// Who is inside, and who wants to fork.
struct Gate {
    /// How many calls hold data.
    inside: usize,
    /// Whether a fork waits for them: then nobody else enters.
    is_closed: bool,
}

static GATE: Mutex<Gate> = Mutex::new(Gate { inside: 0, is_closed: false });
static CHANGED: Condvar = Condvar::new();

thread_local! {
    /// The gate, which the thread that forks keeps meanwhile.
    static FORKING: RefCell<Option<MutexGuard<'static, Gate>>> = const { RefCell::new(None) };
}

fn gate() -> MutexGuard<'static, Gate> {
    GATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The gate, once `is_so`.
fn gate_when(is_so: impl Fn(&Gate) -> bool) -> MutexGuard<'static, Gate> {
    CHANGED.wait_while(gate(), |gate| !is_so(gate)).unwrap_or_else(PoisonError::into_inner)
}

/// A call that holds data.
struct Inside;

impl Inside {
    fn enter() -> Self {
        gate_when(|gate| !gate.is_closed).inside += 1;
        Inside
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let mut gate = gate();
        gate.inside -= 1;
        if gate.is_closed {
            CHANGED.notify_all();
        }
    }
}

/// Does what holds data and does not have the interpreter; no fork happens meanwhile. In a plug-in's function the script
/// is inside already.
#[inline]
pub fn apart<T>(work: impl FnOnce() -> T) -> T {
    let _inside = (!is_running()).then(Inside::enter);
    work()
}

/// Waits until nobody holds data. A plug-in's function may fork: its own thread holds data, and goes on in the child.
#[pyfunction]
fn before_fork(py: Python<'_>) {
    // Those who hold data may need the interpreter before they are done.
    py.detach(|| {
        let gate = if is_running() {
            gate()
        } else {
            gate_when(|gate| !gate.is_closed).is_closed = true;
            gate_when(|gate| gate.inside == 0)
        };
        FORKING.set(Some(gate));
    });
}

#[pyfunction]
fn after_fork() {
    if let Some(mut gate) = FORKING.take() {
        // Another fork may wait for a plug-in's function that forks.
        gate.is_closed &= is_running();
        CHANGED.notify_all();
    }
}

#[pyfunction]
fn after_fork_in_child() {
    if let Some(mut gate) = FORKING.take() {
        // There is no other thread, whatever was counted.
        *gate = Gate { inside: usize::from(is_running()), is_closed: false };
    }
}

/// Has Python call these around every fork, where there are forks.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let os = module.py().import("os")?;
    if !os.hasattr("register_at_fork")? {
        return Ok(());
    }
    let hooks = PyDict::new(module.py());
    hooks.set_item("before", pyo3::wrap_pyfunction!(before_fork, module)?)?;
    hooks.set_item("after_in_parent", pyo3::wrap_pyfunction!(after_fork, module)?)?;
    hooks.set_item("after_in_child", pyo3::wrap_pyfunction!(after_fork_in_child, module)?)?;
    os.call_method("register_at_fork", (), Some(&hooks)).map(drop)
}
