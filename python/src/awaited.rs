//! What the calls of an asyncio client give: something to be awaited.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{self, Context, Poll};

use pyo3::exceptions::{PyRuntimeError, PyRuntimeWarning, PyStopIteration};
use pyo3::prelude::*;

use crate::replies::Object;
use crate::waker::Waker;

/// What makes the result, when there is all for it.
pub type Finish = Box<dyn for<'py> FnOnce(Python<'py>) -> PyResult<Object<'py>> + Send>;

/// What gives that, when it comes.
pub type Coming = Pin<Box<dyn Future<Output = Finish> + Send>>;

/// What starts a call.
type Start = Box<dyn FnOnce(Python<'_>) -> PyResult<Coming> + Send>;

/// A call: a coroutine, which gives the call's result.
///
/// It starts when it is first asked to go on: when it is awaited, or when the task that it is made runs.
#[pyclass(frozen, module = "redipy._native")]
pub struct Call(Mutex<State>);

enum State {
    /// Nobody asked yet.
    Made(Start),
    /// A task waits for the result.
    Awaited(Coming, Arc<Waker>),
    /// The result was given, or nobody wants it.
    Over,
}

impl Call {
    /// A call that is still to be started.
    pub fn new(start: impl FnOnce(Python<'_>) -> PyResult<Coming> + Send + 'static) -> Self {
        Call(Mutex::new(State::Made(Box::new(start))))
    }

    /// A call that waits for this.
    pub fn pending(future: impl Future<Output = Finish> + Send + 'static) -> Self {
        Call::new(|_| Ok(Box::pin(future)))
    }

    fn swap(&self, state: State) -> State {
        std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), state)
    }

    /// Goes on as far as possible: what to wait for, or the result in a `StopIteration`.
    fn step<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        let (mut future, waker) = match self.swap(State::Over) {
            State::Over => return Err(PyRuntimeError::new_err("this call was awaited before")),
            State::Awaited(future, waker) => (future, waker),
            State::Made(start) => {
                let mut future = start(py)?;
                // What is answered at once, as data in this process mostly is, needs nobody to be woken.
                match future.as_mut().poll(&mut Context::from_waker(task::Waker::noop())) {
                    Poll::Ready(finish) => return Err(stop(py, finish(py)?.unbind())),
                    Poll::Pending => (future, Waker::new()?),
                }
            }
        };
        match future.as_mut().poll(&mut Context::from_waker(&Arc::clone(&waker).into())) {
            Poll::Ready(finish) => Err(stop(py, finish(py)?.unbind())),
            Poll::Pending => {
                let wait = waker.wait(py)?;
                self.swap(State::Awaited(future, waker));
                Ok(wait)
            }
        }
    }
}

fn stop(py: Python<'_>, result: Py<PyAny>) -> PyErr {
    PyStopIteration::new_err((result.clone_ref(py),))
}

#[pymethods]
impl Call {
    fn __await__(call: PyRef<'_, Self>) -> PyRef<'_, Self> {
        call
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        self.step(py)
    }

    /// Goes on; asyncio calls this.
    fn send<'py>(&self, py: Python<'py>, value: &Bound<'py, PyAny>) -> PyResult<Object<'py>> {
        let _ = value; // nothing is sent to a call
        self.step(py)
    }

    /// Gives the call up with an exception; asyncio calls this when a task is cancelled.
    #[pyo3(signature = (kind, value=None, traceback=None))]
    fn throw<'py>(
        &self,
        kind: &Bound<'py, PyAny>,
        value: Option<&Bound<'py, PyAny>>,
        traceback: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Object<'py>> {
        let _ = traceback; // the exception has it
        drop(self.swap(State::Over));
        Err(PyErr::from_value(value.unwrap_or(kind).clone()))
    }

    /// Gives the call up.
    fn close(&self) {
        drop(self.swap(State::Over));
    }
}

/// What nobody awaited was never started, which nobody would know.
impl Drop for Call {
    fn drop(&mut self) {
        if let State::Made(_) = self.swap(State::Over) {
            Python::try_attach(|py| {
                let warned =
                    PyErr::warn(py, &py.get_type::<PyRuntimeWarning>(), c"a call of redipy was never awaited", 1);
                if let Err(error) = warned {
                    error.write_unraisable(py, None);
                }
            });
        }
    }
}
