//! Streams of messages, for threads that wait for them.

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use redipy::Topic;

use crate::client::Client;
use crate::messages::{Messages, topics};
use crate::replies::{Object, Reader};
use crate::wait::Until;

/// The messages of channels and patterns.
#[pyclass(subclass, frozen, module = "redipy._native")]
pub struct Subscription {
    messages: Messages,
    decode: bool,
}

#[pymethods]
impl Subscription {
    /// Listens to channels and patterns of a client.
    #[new]
    fn new(
        py: Python<'_>,
        client: &Client,
        channels: &Bound<'_, PyTuple>,
        patterns: &Bound<'_, PyTuple>,
    ) -> PyResult<Self> {
        let all =
            [topics(channels, "channels", Topic::Channel)?, topics(patterns, "patterns", Topic::Pattern)?].concat();
        Ok(Self { messages: client.place.listen(py, all)?, decode: client.decode })
    }

    /// Listens to further channels.
    #[pyo3(signature = (*channels))]
    fn subscribe(&self, py: Python<'_>, channels: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.messages.change_now(py, &topics(channels, "channels", Topic::Channel)?, true)
    }

    /// Listens to further patterns.
    #[pyo3(signature = (*patterns))]
    fn psubscribe(&self, py: Python<'_>, patterns: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.messages.change_now(py, &topics(patterns, "patterns", Topic::Pattern)?, true)
    }

    /// Listens no more to these channels.
    #[pyo3(signature = (*channels))]
    fn unsubscribe(&self, py: Python<'_>, channels: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.messages.change_now(py, &topics(channels, "channels", Topic::Channel)?, false)
    }

    /// Listens no more to these patterns.
    #[pyo3(signature = (*patterns))]
    fn punsubscribe(&self, py: Python<'_>, patterns: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.messages.change_now(py, &topics(patterns, "patterns", Topic::Pattern)?, false)
    }

    /// The next message: channel, pattern or None, and payload. None when the time is over first.
    #[pyo3(signature = (timeout=None))]
    fn _receive<'py>(&self, py: Python<'py>, timeout: Option<f64>) -> PyResult<Option<Object<'py>>> {
        let reader = Reader { py, decode: self.decode };
        self.messages.next(py, Until::after(timeout)?)?.map(|message| reader.message(&message)).transpose()
    }

    /// Listens no more to anything.
    fn close(&self, py: Python<'_>) {
        self.messages.close(py);
    }
}
