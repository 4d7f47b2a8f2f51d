//! The native half of the Python package `redipy`: clients, pipelines and scripts. What the original's API looks like is
//! in the Python files beside this; here is what must be fast, and all that touches data.

mod aio;
mod args;
mod awaited;
mod client;
mod clock;
mod connection;
mod errors;
mod fork;
mod given;
mod logs;
mod machine;
mod made;
mod memo;
mod messages;
mod methods;
mod names;
mod numbers;
mod ops;
mod pipeline;
mod place;
mod plugins;
mod replies;
mod script;
mod session;
mod shown;
mod signals;
mod subscription;
mod wait;
mod waker;

use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;

/// Refuses to be imported by a second interpreter of the process: the classes of exceptions are those of the first. Each
/// interpreter has a module `sys` of its own, which stays where it is. Refuses one without a lock as well: calls that
/// keep the interpreter rely on it.
#[pyfunction]
fn check_interpreter(py: Python<'_>) -> PyResult<()> {
    static FIRST: AtomicUsize = AtomicUsize::new(0);
    let sys = py.import("sys")?;
    if sys.hasattr("_is_gil_enabled")? && !sys.call_method0("_is_gil_enabled")?.is_truthy()? {
        return Err(PyImportError::new_err(
            "redipy needs the interpreter's lock: start Python without PYTHON_GIL=0 and -X gil=0",
        ));
    }
    let own = sys.as_ptr() as usize;
    match FIRST.compare_exchange(0, own, Ordering::AcqRel, Ordering::Acquire) {
        Err(first) if first != own => {
            Err(PyImportError::new_err("redipy cannot be used in several interpreters of one process"))
        }
        _ => Ok(()),
    }
}

/// The engine, real servers and scripts. Use the package `redipy`.
#[pymodule(gil_used = true)]
mod _native {
    use super::*;

    #[pymodule_export]
    use super::check_interpreter;
    #[pymodule_export]
    use crate::aio::{AsyncClient, AsyncMessages};
    #[pymodule_export]
    use crate::awaited::Call;
    #[pymodule_export]
    use crate::client::Client;
    #[pymodule_export]
    use crate::clock::Clock;
    #[pymodule_export]
    use crate::machine::Machine;
    #[pymodule_export]
    use crate::memo::keep_replies;
    #[pymodule_export]
    use crate::pipeline::Pipeline;
    #[pymodule_export]
    use crate::script::Script;
    #[pymodule_export]
    use crate::session::Session;
    #[pymodule_export]
    use crate::subscription::Subscription;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::signals::watch();
        crate::logs::keep();
        crate::waker::register(module)?;
        crate::fork::register(module)
    }
}
