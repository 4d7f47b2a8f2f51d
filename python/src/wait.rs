//! Waiting: without the interpreter, which others need meanwhile, and so that Ctrl-C ends it.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use redipy::Pending;

/// How long a wait lasts before the interpreter may look for signals.
const SLICE: Duration = Duration::from_millis(50);

/// When a wait ends; never if there is no such time.
#[derive(Clone, Copy)]
pub struct Until(Option<Instant>);

impl Until {
    /// Never.
    pub const NEVER: Until = Until(None);

    /// So many seconds from now.
    ///
    /// # Errors
    /// `ValueError` for what is no time.
    pub fn after(timeout: Option<f64>) -> PyResult<Self> {
        let Some(timeout) = timeout else { return Ok(Until(None)) };
        let timeout = duration("timeout", timeout, ": give None to wait for ever")?;
        Ok(Until(Instant::now().checked_add(timeout)))
    }

    /// The time that is left, or a slice of it.
    fn slice(self) -> Duration {
        self.0.map_or(SLICE, |end| end.saturating_duration_since(Instant::now()).min(SLICE))
    }
}

/// A number of seconds that an argument says; `advice` follows where it is too large.
///
/// # Errors
/// `ValueError` for what is no such time.
pub fn duration(name: &str, seconds: f64, advice: &str) -> PyResult<Duration> {
    Duration::try_from_secs_f64(seconds).map_err(|_| {
        PyValueError::new_err(match seconds > 0.0 {
            true => format!("{name} is too long{advice}"),
            false => format!("{name} must be a number of seconds that is not negative, not {seconds}"),
        })
    })
}

/// Lets a thread go on that waits.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Asks until there is an answer; None when the time is over first. It is asked once in any case.
///
/// # Errors
/// What a signal raises.
pub fn wait<T>(py: Python<'_>, until: Until, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> PyResult<Option<T>> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        if let Poll::Ready(found) = poll(&mut Context::from_waker(&waker)) {
            return Ok(Some(found));
        }
        let slice = until.slice();
        py.check_signals()?;
        if slice.is_zero() {
            return Ok(None);
        }
        py.detach(|| thread::park_timeout(slice));
    }
}

/// Waits for a future.
///
/// # Errors
/// What a signal raises.
pub fn finish<T>(py: Python<'_>, mut future: Pending<T>) -> PyResult<redipy::Result<T>> {
    loop {
        if let Some(result) = finish_until(py, Until::NEVER, &mut future)? {
            return Ok(result);
        }
    }
}

/// Waits for a future; None when the time is over first.
///
/// # Errors
/// What a signal raises.
pub fn finish_until<T>(py: Python<'_>, until: Until, future: &mut Pending<T>) -> PyResult<Option<redipy::Result<T>>> {
    wait(py, until, |context| future.as_mut().poll(context))
}
