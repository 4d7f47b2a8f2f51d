//! Messages of channels and patterns, for threads that wait for them and for tasks.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use redipy::futures::AsyncSubscription;
use redipy::{Bytes, Message, Pending, Topic};

use crate::args::{Word, several};
use crate::errors::to_python;
use crate::fork;
use crate::wait::{Until, finish, wait};

/// A stream of messages until it is closed; clones are the same stream.
#[derive(Clone)]
pub struct Messages(Arc<Mutex<Option<Box<dyn AsyncSubscription>>>>);

/// Why there is no next message.
pub enum Ended {
    Closed,
    Failed(redipy::Error),
}

impl Ended {
    /// The exception that says so.
    pub fn to_python(&self, py: Python<'_>) -> PyErr {
        match self {
            Ended::Closed => PyValueError::new_err("the subscription is closed"),
            Ended::Failed(error) => to_python(py, error),
        }
    }
}

impl Messages {
    pub fn new(messages: Box<dyn AsyncSubscription>) -> Self {
        Self(Arc::new(Mutex::new(Some(messages))))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Option<Box<dyn AsyncSubscription>>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The next message, if there is one; else the task is woken when there is.
    pub fn poll_next(&self, context: &mut Context<'_>) -> Poll<Result<Message, Ended>> {
        self.with(|messages| match messages {
            Some(messages) => messages.poll_next(context).map_err(Ended::Failed),
            None => Poll::Ready(Err(Ended::Closed)),
        })
    }

    /// Waits for the next message; None when the time is over first.
    pub fn next(&self, py: Python<'_>, until: Until) -> PyResult<Option<Message>> {
        let next = wait(py, until, |context| self.poll_next(context))?;
        next.transpose().map_err(|ended| ended.to_python(py))
    }

    /// Listens to topics, or no more.
    pub fn change(&self, py: Python<'_>, topics: &[Topic], listen: bool) -> PyResult<Pending<()>> {
        let change = |messages: &mut Option<Box<dyn AsyncSubscription>>| {
            messages.as_mut().map(|it| if listen { it.subscribe(topics) } else { it.unsubscribe(topics) })
        };
        let changed = fork::detached(py, || self.with(change))?;
        changed.ok_or_else(|| Ended::Closed.to_python(py))
    }

    /// The same, waited for.
    pub fn change_now(&self, py: Python<'_>, topics: &[Topic], listen: bool) -> PyResult<()> {
        finish(py, self.change(py, topics, listen)?)?.map_err(|error| to_python(py, &error))
    }

    /// Listens no more to anything.
    pub fn close(&self, py: Python<'_>) {
        py.detach(|| fork::apart(|| drop(self.with(Option::take))));
    }
}

/// Channels or patterns from `*args`, which the caller knows as `name`.
pub fn topics(args: &Bound<'_, PyTuple>, name: &str, topic: fn(Bytes) -> Topic) -> PyResult<Vec<Topic>> {
    Ok(several::<Word<'_>>(args, name)?.iter().map(|word| topic(Bytes::from(&*word.arg().text()))).collect())
}
