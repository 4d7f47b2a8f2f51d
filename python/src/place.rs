//! Where a client's data lives, and how calls wait for it: without the interpreter, which others need meanwhile.

use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use redipy::futures::AsyncSubscription;
use redipy::memory::Engine;
use redipy::{AsyncBackend, Pending, Redis, Topic};

use crate::errors::to_python;
use crate::fork;
use crate::messages::Messages;
use crate::plugins::{check_holds_nothing, is_running};
use crate::signals;
use crate::wait::{Until, finish, finish_until};

/// A Redis, and the engine that has its data if that lives in this process.
#[derive(Clone)]
pub struct Place {
    redis: Redis,
    is_local: bool,
    /// What holds the data, also where it is seen through a prefix.
    engine: Option<Engine>,
    /// Which database of the engine the data is in.
    database: usize,
}

impl Place {
    pub fn new(redis: Redis) -> Self {
        let is_local = redis.describe().starts_with("memory:");
        let (engine, database) = (redis.engine().cloned(), redis.database().unwrap_or_default());
        Self { redis, is_local, engine, database }
    }

    /// The same, seen through a prefix.
    pub fn prefixed(&self, prefix: &str) -> Self {
        Self { redis: self.redis.prefixed(prefix), ..self.clone() }
    }

    /// The database in which a session begins.
    pub fn database(&self) -> usize {
        self.database
    }

    /// The engine that holds the data.
    ///
    /// # Errors
    /// `ValueError` where the data lives elsewhere.
    pub fn engine(&self) -> PyResult<&Engine> {
        self.engine.as_ref().ok_or_else(|| PyValueError::new_err("the data is not in this process"))
    }

    /// What does not wait is done here, without giving up the interpreter.
    ///
    /// # Errors
    /// As [`wait`](Self::wait), so that nothing depends on who else uses the data just now.
    #[inline]
    pub fn at_once(&self) -> PyResult<&Redis> {
        if self.is_local {
            check_holds_nothing()?;
        }
        Ok(&self.redis)
    }

    /// Does what may have to wait for the data.
    ///
    /// # Errors
    /// `RuntimeError` in a plug-in's function: its own thread holds data of this process. What a signal raised.
    #[inline]
    pub fn wait<T: Send>(&self, py: Python<'_>, work: impl FnOnce(&Redis) -> T + Send) -> PyResult<T> {
        let done = if self.is_local {
            check_holds_nothing()?;
            fork::detached(py, || work(&self.redis))?
        } else {
            py.detach(|| work(&self.redis))
        };
        signals::raised().map_or(Ok(done), Err)
    }

    /// Starts what does not wait, but for data of this process that another thread has.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub fn start<T: Send>(&self, py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
        if self.is_local { self.wait(py, |_| work()) } else { Ok(work()) }
    }

    /// The half that gives futures.
    ///
    /// # Errors
    /// `ValueError` where there is none.
    pub fn asynchronous(&self) -> PyResult<Arc<dyn AsyncBackend>> {
        let backend = self.redis.backend().asynchronous();
        backend.ok_or_else(|| PyValueError::new_err("this backend gives no futures"))
    }

    /// Listens to channels and patterns.
    pub fn listen(&self, py: Python<'_>, topics: Vec<Topic>) -> PyResult<Messages> {
        let listens = finish(py, self.start_to_listen(py, topics)?)?;
        listens.map(Messages::new).map_err(|error| to_python(py, &error))
    }

    /// The same; None when the time is over first.
    pub fn listen_until(&self, py: Python<'_>, until: Until, topics: Vec<Topic>) -> PyResult<Option<Messages>> {
        let listens = finish_until(py, until, &mut self.start_to_listen(py, topics)?)?;
        listens.transpose().map(|messages| messages.map(Messages::new)).map_err(|error| to_python(py, &error))
    }

    fn start_to_listen(&self, py: Python<'_>, topics: Vec<Topic>) -> PyResult<Pending<Box<dyn AsyncSubscription>>> {
        let backend = self.asynchronous()?;
        self.start(py, || backend.subscribe(topics))
    }

    /// Drops what may have to wait for the data then; also where this thread holds the data itself.
    pub fn let_go<T: Send + 'static>(&self, rest: T) {
        // Where no thread can be had, it is never dropped, which is better than a wait for ever.
        let rest = ManuallyDrop::new(rest);
        let drop = || fork::apart(|| drop(ManuallyDrop::into_inner(rest)));
        if is_running() {
            let _ = std::thread::Builder::new().spawn(drop);
        } else {
            Python::try_attach(|py| py.detach(drop));
        }
    }
}

impl Deref for Place {
    type Target = Redis;

    fn deref(&self) -> &Redis {
        &self.redis
    }
}
