//! Forks: the child has all memory of the parent, but of the threads only the one that forked. What another thread holds
//! at that moment would be held for ever in the child, so a fork waits until nobody holds data of this process.
//!
//! Calls that keep the interpreter need nothing: who forks has it. Those that give it up take their turn here.

use std::cell::{Cell, RefCell};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use redipy::memory::background;

/// Who is inside, and who wants to fork.
struct Gate {
    /// How many calls hold data, or wait for it.
    inside: usize,
    /// How many of them want to fork.
    forking: usize,
    /// How many want to fork, inside or not: while somebody does, nobody enters.
    closed: usize,
}

impl Gate {
    const EMPTY: Self = Gate { inside: 0, forking: 0, closed: 0 };
}

static GATE: Mutex<Gate> = Mutex::new(Gate::EMPTY);
static CHANGED: Condvar = Condvar::new();

thread_local! {
    /// Whether this thread is in a call that holds data, or waits for it: a plug-in's function is, and a handler of a signal
    /// that came meanwhile.
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
    /// The gate, which the thread that forks keeps meanwhile.
    static FORKING: RefCell<Option<MutexGuard<'static, Gate>>> = const { RefCell::new(None) };
}

fn gate() -> MutexGuard<'static, Gate> {
    GATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The gate, when it is open.
fn open_gate() -> MutexGuard<'static, Gate> {
    CHANGED.wait_while(gate(), |gate| gate.closed > 0).unwrap_or_else(PoisonError::into_inner)
}

/// A call that holds data.
struct Inside;

impl Inside {
    fn enter() -> Self {
        open_gate().inside += 1;
        IS_INSIDE.set(true);
        Inside
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        IS_INSIDE.set(false);
        let mut gate = gate();
        gate.inside -= 1;
        if gate.closed > 0 {
            CHANGED.notify_all();
        }
    }
}

/// Does what holds data and does not have the interpreter; no fork happens meanwhile.
#[inline]
pub fn apart<T>(work: impl FnOnce() -> T) -> T {
    let _inside = (!IS_INSIDE.get()).then(Inside::enter);
    work()
}

/// Lets a fork happen, if one waits: for a thread that is inside and holds nothing, since it waits for data. Whoever has the
/// data may be the one that forks.
pub fn step_aside() {
    if !IS_INSIDE.get() {
        return;
    }
    let mut gate = gate();
    if gate.closed > 0 {
        gate.inside -= 1;
        CHANGED.notify_all();
        drop(gate);
        open_gate().inside += 1;
    }
}

/// Waits until nobody else holds data. A plug-in's function may fork: its own thread holds data, and goes on in the child.
/// Only where several such functions fork at once, none waits for the others, which hold their data until then.
#[pyfunction]
fn before_fork(py: Python<'_>) {
    // Those who hold data may need the interpreter before they are done.
    py.detach(|| {
        let is_inside = IS_INSIDE.get();
        let mut gate = gate();
        gate.closed += 1;
        gate.forking += usize::from(is_inside);
        CHANGED.notify_all();
        let others = |gate: &mut Gate| gate.inside > if is_inside { gate.forking } else { 0 };
        gate = CHANGED.wait_while(gate, others).unwrap_or_else(PoisonError::into_inner);
        // The thread that removes what expires holds data now and then, and would not be in the child.
        background::pause();
        FORKING.set(Some(gate));
    });
}

#[pyfunction]
fn after_fork() {
    if let Some(mut gate) = FORKING.take() {
        background::resume();
        gate.closed -= 1;
        gate.forking -= usize::from(IS_INSIDE.get());
        CHANGED.notify_all();
    }
}

#[pyfunction]
fn after_fork_in_child() {
    if let Some(mut gate) = FORKING.take() {
        background::resume();
        // There is no other thread, whatever was counted.
        *gate = Gate { inside: usize::from(IS_INSIDE.get()), ..Gate::EMPTY };
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
