//! The native half of the Python package `redipy`: clients, pipelines and scripts. What the original's API looks like is
//! in the Python files beside this; here is what must be fast, and all that touches data.

mod aio;
mod args;
mod awaited;
mod client;
mod clock;
mod errors;
mod machine;
mod methods;
mod ops;
mod pipeline;
mod plugins;
mod replies;
mod script;
mod session;
mod subscription;
mod wait;
mod waker;

use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;

/// Refuses to be imported by a second interpreter of the process: the classes of exceptions are those of the first. Each
/// interpreter has a module `sys` of its own, which stays where it is.
#[pyfunction]
fn check_interpreter(py: Python<'_>) -> PyResult<()> {
    static FIRST: AtomicUsize = AtomicUsize::new(0);
    let own = py.import("sys")?.as_ptr() as usize;
    match FIRST.compare_exchange(0, own, Ordering::AcqRel, Ordering::Acquire) {
        Err(first) if first != own => {
            Err(PyImportError::new_err("redipy cannot be used in several interpreters of one process"))
        }
        _ => Ok(()),
    }
}

/// The engine, real servers and scripts. Use the package `redipy`.
#[pymodule]
mod _native {
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
    use crate::pipeline::Pipeline;
    #[pymodule_export]
    use crate::script::Script;
    #[pymodule_export]
    use crate::session::Session;
    #[pymodule_export]
    use crate::subscription::Subscription;
}
