//! A client: the engine or a real server.

use std::time::{Duration, Instant};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use redipy::memory::Run;
use redipy::prelude::*;
use redipy::{Encoded, Execute, Redis, Subscription};

use crate::args::{Name, Word, words};
use crate::errors::to_python;
use crate::methods::with_methods;
use crate::ops::{self, Receiver};
use crate::replies::{Object, Reader};
use crate::script::Script;

/// A Redis: data in this process, or on a real server.
#[pyclass(subclass, frozen, module = "redipy._native")]
pub struct Client {
    pub redis: Redis,
    pub decode: bool,
}

impl Client {
    fn on<'a, 'py>(&'a self, py: Python<'py>) -> Direct<'a, 'py> {
        Direct { client: self, py }
    }

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
        let result = match self.redis.try_call(command) {
            Ok(result) => result,
            Err(command) => py.detach(|| (&self.redis).call(command)),
        };
        result.map_err(|error| to_python(py, &error))
    }
}

/// A client, called by a thread that holds the interpreter.
#[derive(Clone, Copy)]
struct Direct<'a, 'py> {
    client: &'a Client,
    py: Python<'py>,
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
}

#[pymethods]
impl Client {
    /// A client of what a URL names, or of the data that another client has.
    #[new]
    #[pyo3(signature = (source, *, prefix="", decode=true))]
    fn new(source: &Bound<'_, PyAny>, prefix: &str, decode: bool) -> PyResult<Self> {
        if let Ok(other) = source.cast::<Client>() {
            return Ok(Self { redis: other.get().redis.clone(), decode });
        }
        let redis = redipy::builder(source.extract()?).prefix(prefix).connect();
        Ok(Self { redis: redis.map_err(|error| to_python(source.py(), &error))?, decode })
    }

    /// What the data lives in, such as ``memory://`` or ``redis://127.0.0.1:6379/0``; never a password.
    fn describe(&self) -> String {
        self.redis.describe()
    }

    /// The value of a key; None if there is no such key.
    fn get_value<'py>(&self, py: Python<'py>, key: Name<'_>) -> PyResult<Object<'py>> {
        ops::Receiver::get(self.on(py), key)
    }

    /// All keys that match a pattern. It looks at every key, during which nobody else is served.
    #[pyo3(signature = (*, r#match=None))]
    fn _keys<'py>(&self, py: Python<'py>, r#match: Option<Word<'_>>) -> PyResult<Object<'py>> {
        ops::keys_block(self.on(py), r#match)
    }

    /// Sends a message to a channel; how many received it.
    fn _publish(&self, py: Python<'_>, channel: Word<'_>, message: Word<'_>) -> PyResult<i64> {
        let (channel, message) = (channel.arg(), message.arg());
        py.detach(|| self.redis.publish(channel, message)).map_err(|error| to_python(py, &error))
    }

    /// Calls any command by its name, with its reply as the server gives it.
    #[pyo3(signature = (name, *args))]
    fn execute_command<'py>(&self, py: Python<'py>, name: &str, args: &Bound<'py, PyTuple>) -> PyResult<Object<'py>> {
        let mut command = Encoded::raw(name.as_bytes());
        for word in words(args)? {
            command = command.arg(word.arg());
        }
        let request = command.into();
        let reply = py.detach(|| self.redis.backend().call(&request)).map_err(|error| to_python(py, &error))?;
        self.reader(py).value(&reply)
    }

    /// Runs a script.
    #[pyo3(signature = (script, keys, args))]
    fn _run<'py>(
        &self,
        py: Python<'py>,
        script: &Script,
        keys: &Bound<'py, PyDict>,
        args: &Bound<'py, PyDict>,
    ) -> PyResult<Object<'py>> {
        let call = script.prepare(keys, args)?;
        let reply = py.detach(|| self.redis.script(call)).map_err(|error| to_python(py, &error))?;
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
        let end = match timeout.map(Duration::try_from_secs_f64) {
            None => None,
            Some(Ok(timeout)) => Instant::now().checked_add(timeout),
            Some(Err(_)) => {
                return Err(PyValueError::new_err("timeout must be a number of seconds that is not negative"));
            }
        };
        let channel = channel.arg();
        let messages = py.detach(|| self.redis.subscribe(channel));
        let mut messages = messages.map_err(|error| to_python(py, &error))?;
        loop {
            let result = predicate.call0()?;
            if result.is_truthy()? {
                return Ok(Some(result));
            }
            if !waited(py, &mut messages, end)? {
                return Ok(None);
            }
        }
    }
}

/// How long a wait lasts before the interpreter may look for signals, such as that of Ctrl-C.
const SLICE: Duration = Duration::from_millis(50);

/// Waits for a message; whether the time is not over.
fn waited(py: Python<'_>, messages: &mut Subscription, end: Option<Instant>) -> PyResult<bool> {
    loop {
        let left = end.map_or(SLICE, |end| end.saturating_duration_since(Instant::now()).min(SLICE));
        if left.is_zero() {
            return Ok(false);
        }
        let message = py.detach(|| messages.recv_timeout(left)).map_err(|error| to_python(py, &error))?;
        py.check_signals()?;
        if message.is_some() {
            return Ok(true);
        }
    }
}

macro_rules! client {
    ($($(#[$meta:meta])* fn $name:ident($($param:ident: $type:ty),*);)*) => {
        #[pymethods]
        impl Client {
            $($(#[$meta])*
            fn $name<'py>(&self, py: Python<'py>, $($param: $type),*) -> PyResult<Object<'py>> {
                ops::$name(self.on(py), $($param),*)
            })*
        }
    };
}

with_methods!(client);
