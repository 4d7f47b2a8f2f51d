//! Forks: the child has all memory of the parent, but of the threads only the one that forked. What another thread holds
//! at that moment would be held for ever in the child, so a fork waits until nobody holds data of this process.
//!
//! Calls that keep the interpreter need nothing: who forks has it. Those that give it up take their turn here.

use std::cell::RefCell;
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::plugins::is_running;

static HOLDS_DATA: RwLock<()> = RwLock::new(());

thread_local! {
    /// What the thread that forks holds meanwhile.
    static FORKING: RefCell<Option<RwLockWriteGuard<'static, ()>>> = const { RefCell::new(None) };
}

/// Does what holds data and does not have the interpreter; no fork happens meanwhile. In a plug-in's function the script
/// has its turn already.
#[inline]
pub fn apart<T>(work: impl FnOnce() -> T) -> T {
    let _turn = (!is_running()).then(|| HOLDS_DATA.read().unwrap_or_else(PoisonError::into_inner));
    work()
}

/// Waits until nobody holds data. A plug-in's function may fork: its own thread holds all data, and goes on in the child.
#[pyfunction]
fn before_fork(py: Python<'_>) {
    if !is_running() {
        // Those who hold data may need the interpreter before they are done.
        let wait = || FORKING.set(Some(HOLDS_DATA.write().unwrap_or_else(PoisonError::into_inner)));
        py.detach(wait);
    }
}

#[pyfunction]
fn after_fork() {
    drop(FORKING.take());
}

/// Has Python call these around every fork, where there are forks.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let os = module.py().import("os")?;
    if !os.hasattr("register_at_fork")? {
        return Ok(());
    }
    let hooks = PyDict::new(module.py());
    let after = pyo3::wrap_pyfunction!(after_fork, module)?;
    hooks.set_item("before", pyo3::wrap_pyfunction!(before_fork, module)?)?;
    hooks.set_item("after_in_parent", &after)?;
    hooks.set_item("after_in_child", &after)?;
    os.call_method("register_at_fork", (), Some(&hooks)).map(drop)
}
