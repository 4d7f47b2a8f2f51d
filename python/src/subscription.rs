//! Streams of messages.

use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use redipy::{Arg, Many, Message};

use crate::args::{Word, words};
use crate::client::Client;
use crate::errors::to_python;
use crate::replies::{Object, Reader};
use crate::wait::{Until, wait};

/// The messages of channels and patterns.
#[pyclass(subclass, frozen, module = "redipy._native")]
pub struct Subscription {
    messages: Mutex<Option<redipy::Subscription>>,
    decode: bool,
}

impl Subscription {
    /// Acts on the stream, for which another thread may have to be waited: one that waits for a message does so in slices,
    /// and lets others in between.
    fn with<T: Send>(&self, act: impl FnOnce(&mut Option<redipy::Subscription>) -> T) -> T {
        act(&mut self.messages.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(
        &self,
        names: &Bound<'_, PyTuple>,
        change: impl FnOnce(&mut redipy::Subscription, Many<Arg<'_>>) -> redipy::Result<()> + Send,
    ) -> PyResult<()> {
        let (py, words) = (names.py(), words(names)?);
        let names: Many<Arg<'_>> = words.iter().map(Word::arg).collect();
        let act = |messages: &mut Option<_>| messages.as_mut().map_or(Ok(()), |messages| change(messages, names));
        py.detach(|| self.with(act)).map_err(|error| to_python(py, &error))
    }

    fn receive(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<Option<Message>> {
        if py.detach(|| self.with(|messages| messages.is_none())) {
            return Err(PyValueError::new_err("the subscription is closed"));
        }
        wait(py, Until::after(timeout)?, |slice| {
            self.with(|messages| messages.as_mut().map_or(Ok(None), |messages| messages.recv_timeout(slice)))
        })
    }
}

#[pymethods]
impl Subscription {
    /// Listens to channels and patterns of a client.
    #[new]
    fn new(client: &Client, channels: &Bound<'_, PyTuple>, patterns: &Bound<'_, PyTuple>) -> PyResult<Self> {
        let py = channels.py();
        let (channels, patterns) = (words(channels)?, words(patterns)?);
        let names = |words: &[Word<'_>]| words.iter().map(|word| word.arg().text().to_vec()).collect::<Vec<_>>();
        let (channels, patterns) = (names(&channels), names(&patterns));
        let messages = py.detach(|| {
            let mut messages = client.redis.subscribe(channels.as_slice())?;
            if !patterns.is_empty() {
                messages.psubscribe(patterns.as_slice())?;
            }
            Ok(messages)
        });
        let messages = messages.map_err(|error| to_python(py, &error))?;
        Ok(Self { messages: Mutex::new(Some(messages)), decode: client.decode })
    }

    /// Listens to further channels.
    #[pyo3(signature = (*channels))]
    fn subscribe(&self, channels: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.change(channels, |messages, names| messages.subscribe(names))
    }

    /// Listens to further patterns.
    #[pyo3(signature = (*patterns))]
    fn psubscribe(&self, patterns: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.change(patterns, |messages, names| messages.psubscribe(names))
    }

    /// Listens no more to these channels.
    #[pyo3(signature = (*channels))]
    fn unsubscribe(&self, channels: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.change(channels, |messages, names| messages.unsubscribe(names))
    }

    /// Listens no more to these patterns.
    #[pyo3(signature = (*patterns))]
    fn punsubscribe(&self, patterns: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.change(patterns, |messages, names| messages.punsubscribe(names))
    }

    /// The next message: channel, pattern or None, and payload. None when the time is over first.
    #[pyo3(signature = (timeout=None))]
    fn _receive<'py>(&self, py: Python<'py>, timeout: Option<f64>) -> PyResult<Option<Object<'py>>> {
        let reader = Reader { py, decode: self.decode };
        self.receive(py, timeout)?.map(|message| reader.message(&message)).transpose()
    }

    /// Listens no more to anything.
    fn close(&self, py: Python<'_>) {
        py.detach(|| drop(self.with(Option::take)));
    }
}
