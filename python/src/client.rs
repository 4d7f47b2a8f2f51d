//! A client: the engine or a real server.

use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySet, PyTuple};
use redipy::hash::HGetAll;
use redipy::memory::{Engine, Run};
use redipy::prelude::*;
use redipy::set::SMembers;
use redipy::string::Get;
use redipy::{Bytes, Command, Execute, Redis, Topic};

use crate::args::{Name, Pairs, Time, Word, encoded};
use crate::clock::Clock;
use crate::errors::to_python;
use crate::given::{Given, Raw, missing};
use crate::logs;
use crate::made::Made;
use crate::memo::Asked;
use crate::methods::with_methods;
use crate::numbers::{Cast, Int, OfType, Position, Seconds};
use crate::ops::{self, Receiver};
use crate::place::Place;
use crate::replies::{Object, Reader, Reads};
use crate::script::Script;
use crate::shown::{Fields, One, Shown, Takes, Texts};
use crate::wait::{Until, duration};

/// A Redis: data in this process, or on a real server.
#[pyclass(subclass, frozen, module = "redipy._native")]
pub struct Client(Made<Open>);

/// What a client has as soon as it is made.
pub struct Open {
    pub place: Place,
    pub decode: bool,
}

impl Client {
    /// What the client has.
    ///
    /// # Errors
    /// `RuntimeError` if a subclass has not called `__init__`.
    #[inline]
    pub fn open(&self) -> PyResult<&Open> {
        self.0.get()
    }

    #[inline]
    fn on<'a, 'py>(&'a self, py: Python<'py>) -> PyResult<Direct<'a, 'py>> {
        Ok(Direct { client: self.open()?, py })
    }
}

impl Open {
    fn reader<'py>(&self, py: Python<'py>) -> Reader<'py> {
        Reader { py, decode: self.decode }
    }

    /// Executes a command. One that the engine can do at once is done without giving up the interpreter.
    #[inline]
    fn execute<C>(&self, py: Python<'_>, command: C) -> PyResult<C::Reply>
    where
        C: Run + Send,
        C::Reply: Send,
    {
        let result = match self.place.at_once()?.try_call(command) {
            Ok(result) => result,
            Err(command) => self.place.wait(py, |redis| redis.call(command))?,
        };
        result.map_err(|error| to_python(py, &error))
    }
}

/// Texts of more bytes are remembered, others are made in less time.
const LONG: usize = 1024;

/// A client, called by a thread that holds the interpreter.
#[derive(Clone, Copy)]
struct Direct<'a, 'py> {
    client: &'a Open,
    py: Python<'py>,
}

impl<'py> Direct<'_, 'py> {
    /// Makes the object of the texts where they are stored, if the engine can do so at once.
    #[inline]
    fn show<C>(
        self,
        command: C,
        to: impl Takes<'py>,
        read: impl for<'p> Fn(Reader<'p>, C::Reply) -> PyResult<Object<'p>> + Send + Sync + 'static,
    ) -> PyResult<Object<'py>>
    where
        C: Run + Send,
        C::Reply: Send,
    {
        let asked = Asked::of(&command, self.client, self.client.decode);
        let mut shown = Shown::new(self.client.reader(self.py), asked, to);
        match self.client.place.at_once()?.try_show(command, &mut shown) {
            Ok(Ok(())) => shown.finish(),
            Ok(Err(error)) => Err(to_python(self.py, &error)),
            Err(command) => {
                drop(shown);
                self.call(command, read)
            }
        }
    }
}

impl<'py> Receiver for Direct<'_, 'py> {
    type Output = Object<'py>;

    #[inline]
    fn call<C>(
        self,
        command: C,
        read: impl for<'p> Fn(Reader<'p>, C::Reply) -> PyResult<Object<'p>> + Send + Sync + 'static,
    ) -> PyResult<Self::Output>
    where
        C: Run + Send,
        C::Reply: Send,
    {
        read(self.client.reader(self.py), self.client.execute(self.py, command)?)
    }

    /// Makes the object where the value is stored. No other Python code runs meanwhile: a text that is none is copied and
    /// reported afterwards.
    #[inline]
    fn get(self, key: Name<'_>) -> PyResult<Self::Output> {
        let reader = self.client.reader(self.py);
        let shown = self.client.place.at_once()?.try_with(key.key(), |value| match value {
            None => Ok(Ok(reader.none())),
            Some(bytes) if bytes.len() > LONG => Err(None),
            Some(bytes) => reader.stored(bytes).ok_or_else(|| Some(bytes.to_vec())),
        });
        match shown {
            None => self.call(Get { key: key.key() }, ops::optional),
            Some(Ok(Ok(object))) => object,
            Some(Ok(Err(Some(bytes)))) => reader.text(&bytes),
            Some(Ok(Err(None))) => self.show(Get { key: key.key() }, One::default(), ops::optional),
            Some(Err(error)) => Err(to_python(self.py, &error)),
        }
    }

    fn hgetall(self, key: Name<'_>) -> PyResult<Self::Output> {
        self.show(HGetAll { key: key.key() }, Fields::new(self.py), ops::fields)
    }

    fn smembers(self, key: Name<'_>) -> PyResult<Self::Output> {
        self.show(SMembers { key: key.key() }, PySet::empty(self.py)?, ops::members)
    }

    fn texts<C>(self, command: C, are_names: bool) -> PyResult<Self::Output>
    where
        C: Run + Command<Reply = Vec<Bytes>> + Send,
    {
        self.show(command, Texts::new(self.py, are_names), ops::list)
    }
}

#[pymethods]
impl Client {
    /// A client that `__init__` is to make, whatever a subclass takes.
    #[new]
    #[pyo3(signature = (*_args, **_named))]
    fn new(_args: &Bound<'_, PyTuple>, _named: Option<&Bound<'_, PyDict>>) -> Self {
        Client(Made::not_yet())
    }

    /// Makes a client of what a URL names, of the data that another client has, or of a fresh engine that goes by a clock.
    /// The times are seconds.
    #[pyo3(signature = (source, *, prefix="", decode=true, client_name=None, connect_timeout=None, timeout=None))]
    fn __init__(
        &self,
        source: &Bound<'_, PyAny>,
        prefix: &str,
        decode: bool,
        client_name: Option<&str>,
        connect_timeout: Option<Seconds>,
        timeout: Option<Seconds>,
    ) -> PyResult<()> {
        let timeout = timeout.map(response_timeout).transpose()?;
        let place = if let Ok(other) = source.cast::<Client>() {
            other.get().open()?.place.clone()
        } else if let Ok(clock) = source.cast::<Clock>() {
            Place::new(Redis::from_engine(Engine::builder().clock(clock.get().0.clone()).build()))
        } else {
            let mut builder = redipy::builder(source.extract()?);
            if let Some(name) = client_name {
                builder = builder.client_name(name);
            }
            if let Some(Seconds(timeout)) = connect_timeout {
                builder = builder.connect_timeout(duration("connect_timeout", timeout, "")?);
            }
            if let Some(timeout) = timeout {
                builder = builder.response_timeout(timeout);
            }
            Place::new(builder.connect().map_err(|error| to_python(source.py(), &error))?)
        };
        self.0.make(Open { place: place.prefixed(prefix), decode })
    }

    /// Removes keys whose time is over, and looks at about so many places for that, all if it is not said; whether that was
    /// enough to find all of them. For clients without a thread for it, those of ``memory://?background=no``.
    #[pyo3(signature = (budget=None))]
    fn tick(&self, py: Python<'_>, budget: Option<usize>) -> PyResult<bool> {
        let place = &self.open()?.place;
        let engine = place.engine()?;
        let done = place.wait(py, |_| engine.tick(budget.unwrap_or(usize::MAX)))?;
        done.map_err(|error| to_python(py, &error))
    }

    /// What the data lives in, such as ``memory://name`` or ``redis://127.0.0.1:6379/0``; never a password.
    fn describe(&self) -> PyResult<String> {
        Ok(self.open()?.place.describe())
    }

    /// All keys that match a pattern. It looks at every key, during which nobody else is served.
    #[pyo3(signature = (*, r#match=None, filter_type=None))]
    fn _keys<'py>(
        &self,
        py: Python<'py>,
        r#match: Option<&Bound<'_, PyAny>>,
        filter_type: Option<OfType<'_>>,
    ) -> PyResult<Object<'py>> {
        ops::keys_block(self.on(py)?, r#match, filter_type)
    }

    /// Sends a message to a channel; how many received it.
    fn _publish(&self, py: Python<'_>, channel: Word<'_>, msg: Word<'_>) -> PyResult<u64> {
        let (channel, msg) = (channel.arg(), msg.arg());
        self.open()?.place.wait(py, |redis| redis.publish(channel, msg))?.map_err(|error| to_python(py, &error))
    }

    /// Calls any command by its name, with its reply as the server gives it.
    #[pyo3(signature = (name, *args))]
    fn execute_command<'py>(&self, py: Python<'py>, name: &str, args: &Bound<'py, PyTuple>) -> PyResult<Object<'py>> {
        self._call(py, "value", name, args, Cast::Float)
    }

    /// Calls a command by its name, and says how its reply is read.
    #[pyo3(signature = (reads, name, *args, cast=Cast::Float), text_signature = "($self, reads, name, *args, cast=...)")]
    fn _call<'py>(
        &self,
        py: Python<'py>,
        reads: &str,
        name: &str,
        args: &Bound<'py, PyTuple>,
        cast: Cast,
    ) -> PyResult<Object<'py>> {
        let (reads, request) = (Reads::of(reads)?, encoded(name, args)?.into());
        let open = self.open()?;
        let reply = open.place.wait(py, |redis| redis.backend().call(&request))?;
        let reply = reply.map_err(|error| to_python(py, &error))?;
        open.reader(py).read(reads, &cast, &reply)
    }

    /// Runs a script.
    #[pyo3(signature = (script, keys, args))]
    fn _run<'py>(
        &self,
        py: Python<'py>,
        script: &Script,
        keys: &Bound<'py, PyAny>,
        args: &Bound<'py, PyAny>,
    ) -> PyResult<Object<'py>> {
        let place = &self.open()?.place;
        let call = script.prepare(keys, args)?;
        let reply = match place.at_once()?.try_script(&call) {
            Some(reply) => reply,
            None => place.wait(py, |redis| redis.script(call))?,
        };
        logs::hand_out(py)?;
        let reply = reply.map_err(|error| to_python(py, &error))?;
        Reader { py, decode: true }.value(&reply)
    }

    /// Waits until a function gives something true, which it is asked for at once and after every message on a channel;
    /// None when the time is over first.
    #[pyo3(signature = (channel, predicate, timeout))]
    fn _wait_for<'py>(
        &self,
        py: Python<'py>,
        channel: Word<'_>,
        predicate: &Bound<'py, PyAny>,
        timeout: Option<f64>,
    ) -> PyResult<Option<Object<'py>>> {
        let place = &self.open()?.place;
        place.at_once()?;
        let is_over = timeout.is_some_and(|timeout| timeout < 0.0);
        let until = if is_over { None } else { Some(Until::after(timeout)?) };
        let result = predicate.call0()?;
        let is_done = result.is_truthy()?;
        let Some(until) = until.filter(|_| !is_done) else {
            return Ok(is_done.then_some(result));
        };
        let topics = vec![Topic::Channel(Bytes::from(&*channel.arg().text()))];
        let Some(messages) = place.listen_until(py, until, topics)? else { return Ok(None) };
        loop {
            let result = predicate.call0()?;
            if result.is_truthy()? {
                return Ok(Some(result));
            }
            if messages.next(py, until)?.is_none() {
                return Ok(None);
            }
        }
    }
}

/// How long a call may take, for a server and, so that nothing depends on where the data is, in this process.
fn response_timeout(Seconds(timeout): Seconds) -> PyResult<Option<Duration>> {
    match timeout {
        f64::INFINITY => Ok(None),
        0.0 => Err(PyValueError::new_err("timeout must be longer than 0 seconds, which leave no time to answer")),
        timeout => duration("timeout", timeout, "").map(Some),
    }
}

with_methods!(Client gives Object<'py>);
