//! Streams of messages, for threads that wait for them.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use redipy::Topic;

use crate::client::Client;
use crate::made::Made;
use crate::messages::{Messages, topics};
use crate::replies::{Object, Reader};
use crate::wait::Until;

/// The messages of channels and patterns.
#[pyclass(subclass, frozen, module = "redipy._native")]
pub struct Subscription(Made<Open>);

/// What a subscription has as soon as it is made.
struct Open {
    messages: Messages,
    decode: bool,
}

#[pymethods]
impl Subscription {
    /// A subscription that `__init__` is to make, whatever a subclass takes.
    #[new]
    #[pyo3(signature = (*_args, **_named))]
    fn new(_args: &Bound<'_, PyTuple>, _named: Option<&Bound<'_, PyDict>>) -> Self {
        Subscription(Made::not_yet())
    }

    /// Listens to channels and patterns of a client.
    fn __init__(
        &self,
        py: Python<'_>,
        client: &Client,
        channels: &Bound<'_, PyTuple>,
        patterns: &Bound<'_, PyTuple>,
    ) -> PyResult<()> {
        let all =
            [topics(channels, "channels", Topic::Channel)?, topics(patterns, "patterns", Topic::Pattern)?].concat();
        let client = client.open()?;
        self.0.make(Open { messages: client.place.listen(py, all)?, decode: client.decode })
    }

    /// Listens to further channels.
    #[pyo3(signature = (*channels))]
    fn subscribe(&self, py: Python<'_>, channels: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.0.get()?.messages.change_now(py, &topics(channels, "channels", Topic::Channel)?, true)
    }

    /// Listens to further patterns.
    #[pyo3(signature = (*patterns))]
    fn psubscribe(&self, py: Python<'_>, patterns: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.0.get()?.messages.change_now(py, &topics(patterns, "patterns", Topic::Pattern)?, true)
    }

    /// Listens no more to these channels.
    #[pyo3(signature = (*channels))]
    fn unsubscribe(&self, py: Python<'_>, channels: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.0.get()?.messages.change_now(py, &topics(channels, "channels", Topic::Channel)?, false)
    }

    /// Listens no more to these patterns.
    #[pyo3(signature = (*patterns))]
    fn punsubscribe(&self, py: Python<'_>, patterns: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.0.get()?.messages.change_now(py, &topics(patterns, "patterns", Topic::Pattern)?, false)
    }

    /// The next message: channel, pattern or None, and payload. None when the time is over first.
    #[pyo3(signature = (timeout=None))]
    fn _receive<'py>(&self, py: Python<'py>, timeout: Option<f64>) -> PyResult<Option<Object<'py>>> {
        let open = self.0.get()?;
        let reader = Reader { py, decode: open.decode };
        open.messages.next(py, Until::after(timeout)?)?.map(|message| reader.message(&message)).transpose()
    }

    /// Listens no more to anything.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.0.get()?.messages.close(py);
        Ok(())
    }
}
