//! Waiting: without the interpreter, which others need meanwhile, and so that Ctrl-C ends it.

use std::time::{Duration, Instant};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::errors::to_python;

/// How long a wait lasts before the interpreter may look for signals.
const SLICE: Duration = Duration::from_millis(50);

/// When a wait ends; never if there is no such time.
#[derive(Clone, Copy)]
pub struct Until(Option<Instant>);

impl Until {
    /// So many seconds from now.
    ///
    /// # Errors
    /// `ValueError` for what is no time.
    pub fn after(timeout: Option<f64>) -> PyResult<Self> {
        match timeout.map(Duration::try_from_secs_f64) {
            None => Ok(Until(None)),
            Some(Ok(timeout)) => Ok(Until(Instant::now().checked_add(timeout))),
            Some(Err(_)) => Err(PyValueError::new_err("timeout must be a number of seconds that is not negative")),
        }
    }

    /// The time that is left, or a slice of it.
    fn slice(self) -> Duration {
        self.0.map_or(SLICE, |end| end.saturating_duration_since(Instant::now()).min(SLICE))
    }
}

/// Waits for what `step` gives, which waits for as long as it is told; None when the time is over first. It is asked once
/// in any case.
///
/// # Errors
/// Those of `step`, and what a signal raises.
pub fn wait<T: Send>(
    py: Python<'_>,
    until: Until,
    mut step: impl FnMut(Duration) -> redipy::Result<Option<T>> + Send,
) -> PyResult<Option<T>> {
    loop {
        let slice = until.slice();
        let found = py.detach(|| step(slice)).map_err(|error| to_python(py, &error))?;
        py.check_signals()?;
        if found.is_some() || slice.is_zero() {
            return Ok(found);
        }
    }
}
