//! A clock that a test moves.

use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use redipy::memory;

use crate::fork;
use crate::plugins::check_holds_nothing;

/// A clock that stands still until it is moved. Keys expire by it in the clients that are made with it.
#[pyclass(subclass, frozen, module = "redipy._native")]
pub struct Clock(pub memory::Clock);

#[pymethods]
impl Clock {
    /// A clock that stands at 2020-01-01 00:00:00 UTC.
    #[new]
    fn new() -> Self {
        Clock(memory::Clock::manual())
    }

    /// Unix time in seconds.
    fn now(&self) -> f64 {
        self.0.now_micros() as f64 / 1e6
    }

    /// Moves the clock forward; keys whose time has come are gone when this returns.
    fn advance(&self, py: Python<'_>, seconds: f64) -> PyResult<()> {
        let by = Duration::try_from_secs_f64(seconds);
        let by = by.map_err(|_| PyValueError::new_err("seconds must be a number that is not negative"))?;
        check_holds_nothing()?;
        py.detach(|| fork::apart(|| self.0.advance(by)));
        Ok(())
    }
}
