//! A clock that a test moves.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use redipy::memory;

use crate::fork;
use crate::plugins::check_holds_nothing;
use crate::wait::duration;

/// A clock that stands still until it is moved. Keys expire by it in the clients that are made with it.
#[pyclass(subclass, frozen, module = "redipy._native")]
pub struct Clock(pub memory::Clock);

#[pymethods]
impl Clock {
    /// A clock that stands at 2020-01-01 00:00:00 UTC, whatever the `__init__` of a subclass takes.
    #[new]
    #[pyo3(signature = (*_args, **_named), text_signature = "()")]
    fn new(_args: &Bound<'_, PyTuple>, _named: Option<&Bound<'_, PyDict>>) -> Self {
        Clock(memory::Clock::manual())
    }

    /// Takes nothing.
    fn __init__(&self) {}

    /// Unix time in seconds.
    fn now(&self) -> f64 {
        self.0.now_micros() as f64 / 1e6
    }

    /// Moves the clock forward; keys whose time has come are gone when this returns.
    fn advance(&self, py: Python<'_>, seconds: f64) -> PyResult<()> {
        let by = duration("seconds", seconds, "")?;
        check_holds_nothing()?;
        fork::detached(py, || self.0.advance(by))
    }
}
