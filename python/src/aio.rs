//! The client for asyncio. The engine answers at once; a server through the half of its backend that gives futures.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use redipy::memory::Run;
use redipy::reply::Reply;
use redipy::{AsyncBackend, AsyncSubscription, Bytes, Encoded, Pending, Redis, Request, Topic, Value};

use crate::args::{Name, Word, encoded, words};
use crate::awaited::{Call, Finish};
use crate::client::Client;
use crate::errors::to_python;
use crate::methods::with_methods;
use crate::ops::{self, Receiver};
use crate::pipeline::{Pipeline, read_all};
use crate::plugins::check_may_wait;
use crate::replies::{Object, Reader, Reads};
use crate::script::Script;

/// A Redis whose calls are awaited.
#[pyclass(subclass, frozen, module = "redipy._native")]
pub struct AsyncClient {
    redis: Redis,
    backend: Arc<dyn AsyncBackend>,
    decode: bool,
}

impl AsyncClient {
    fn on<'a, 'py>(&'a self, py: Python<'py>) -> Direct<'a, 'py> {
        Direct { client: self, py }
    }

    /// Starts something, and makes the result of what comes.
    fn start<T: Send + 'static>(
        &self,
        py: Python<'_>,
        start: impl FnOnce(&dyn AsyncBackend) -> Pending<T> + Send,
        read: impl for<'p> FnOnce(Reader<'p>, T) -> PyResult<Object<'p>> + Send + 'static,
    ) -> PyResult<Call> {
        check_may_wait(&self.redis)?;
        let (pending, decode) = (py.detach(|| start(&*self.backend)), self.decode);
        Ok(Call::pending(async move {
            let result = pending.await;
            let finish: Finish = Box::new(move |py| match result {
                Ok(value) => read(Reader { py, decode }, value),
                Err(error) => Err(to_python(py, &error)),
            });
            finish
        }))
    }
}

/// A client, called by a thread that holds the interpreter.
#[derive(Clone, Copy)]
struct Direct<'a, 'py> {
    client: &'a AsyncClient,
    py: Python<'py>,
}

impl Receiver for Direct<'_, '_> {
    type Output = Call;

    #[inline]
    fn call<C>(
        self,
        command: C,
        read: impl for<'p> Fn(Reader<'p>, C::Reply) -> PyResult<Object<'p>> + Send + Sync + 'static,
    ) -> PyResult<Call>
    where
        C: Run + Send,
        C::Reply: Send,
    {
        let (client, py) = (self.client, self.py);
        let command = match client.redis.try_call(command) {
            Ok(Ok(reply)) => return Ok(Call::ready(read(Reader { py, decode: client.decode }, reply))),
            Ok(Err(error)) => return Ok(Call::ready(Err(to_python(py, &error)))),
            Err(command) => command,
        };
        if let Err(error) = command.check() {
            return Ok(Call::ready(Err(to_python(py, &error))));
        }
        let request = Request::of(&command);
        client.start(
            py,
            |backend| backend.call(request),
            move |reader, value| {
                let reply = C::Reply::from_value(value).map_err(|error| to_python(reader.py, &error))?;
                read(reader, reply)
            },
        )
    }
}

#[pymethods]
impl AsyncClient {
    /// A client of the data that another client has.
    #[new]
    fn new(client: &Client) -> PyResult<Self> {
        let Some(backend) = client.redis.backend().asynchronous() else {
            return Err(PyValueError::new_err("this backend has nothing for asyncio"));
        };
        Ok(Self { redis: client.redis.clone(), backend, decode: client.decode })
    }

    /// What the data lives in, such as ``memory://`` or ``redis://127.0.0.1:6379/0``; never a password.
    fn describe(&self) -> String {
        self.redis.describe()
    }

    /// The value of a key; None if there is no such key.
    fn get_value(&self, py: Python<'_>, key: Name<'_>) -> PyResult<Call> {
        ops::Receiver::get(self.on(py), key)
    }

    /// All keys that match a pattern.
    #[pyo3(signature = (*, r#match=None))]
    fn _keys(&self, py: Python<'_>, r#match: Option<Word<'_>>) -> PyResult<Call> {
        ops::keys_block(self.on(py), r#match)
    }

    /// Sends a message to a channel; how many received it.
    fn _publish(&self, py: Python<'_>, channel: Word<'_>, message: Word<'_>) -> PyResult<Call> {
        let request = Encoded::raw(b"PUBLISH").arg(channel.arg()).arg(message.arg()).into();
        self.start(py, |backend| backend.call(request), |reader, reply: Value| reader.value(&reply))
    }

    /// Calls any command by its name, with its reply as the server gives it.
    #[pyo3(signature = (name, *args))]
    fn execute_command(&self, py: Python<'_>, name: &str, args: &Bound<'_, PyTuple>) -> PyResult<Call> {
        self._call(py, "value", name, args)
    }

    /// Calls a command by its name, and says how its reply is read.
    #[pyo3(signature = (reads, name, *args))]
    fn _call(&self, py: Python<'_>, reads: &str, name: &str, args: &Bound<'_, PyTuple>) -> PyResult<Call> {
        let (reads, request) = (Reads::of(reads)?, encoded(name, args)?.into());
        self.start(py, |backend| backend.call(request), move |reader, reply: Value| reader.read(reads, &reply))
    }

    /// Runs a script.
    #[pyo3(signature = (script, keys, args))]
    fn _run(
        &self,
        py: Python<'_>,
        script: &Script,
        keys: &Bound<'_, PyDict>,
        args: &Bound<'_, PyDict>,
    ) -> PyResult<Call> {
        let request = script.prepare(keys, args)?.into();
        self.start(
            py,
            |backend| backend.call(request),
            |reader, reply: Value| Reader { decode: true, ..reader }.value(&reply),
        )
    }

    /// Executes all that is queued in a pipeline: the results in order, an exception in the place of each that failed.
    fn _execute(&self, py: Python<'_>, pipeline: &Pipeline) -> PyResult<Call> {
        let mut queue = pipeline.take();
        let requests = queue.calls.take().map_err(|error| to_python(py, &error))?;
        let reads = queue.reads;
        self.start(
            py,
            |backend| backend.transaction(requests),
            |reader, replies| read_all(reader, replies, reads).map(Bound::into_any),
        )
    }

    /// Listens to channels and patterns.
    fn _subscribe(
        &self,
        py: Python<'_>,
        channels: &Bound<'_, PyTuple>,
        patterns: &Bound<'_, PyTuple>,
    ) -> PyResult<Call> {
        let mut topics = topics(channels, Topic::Channel)?;
        topics.extend(self::topics(patterns, Topic::Pattern)?);
        let decode = self.decode;
        self.start(
            py,
            |backend| backend.subscribe(topics),
            move |reader, messages| {
                let messages = AsyncMessages { messages: Arc::new(Mutex::new(Some(messages))), decode };
                Ok(Bound::new(reader.py, messages)?.into_any())
            },
        )
    }
}

macro_rules! async_client {
    ($($(#[$meta:meta])* fn $name:ident($($param:ident: $type:ty),*);)*) => {
        #[pymethods]
        impl AsyncClient {
            $($(#[$meta])*
            fn $name<'py>(&self, py: Python<'py>, $($param: $type),*) -> PyResult<Call> {
                ops::$name(self.on(py), $($param),*)
            })*
        }
    };
}

with_methods!(async_client);

fn topics(names: &Bound<'_, PyTuple>, topic: fn(Bytes) -> Topic) -> PyResult<Vec<Topic>> {
    Ok(words(names)?.iter().map(|word| topic(Bytes::from(&*word.arg().text()))).collect())
}

/// The messages of channels and patterns, to be awaited.
#[pyclass(frozen, module = "redipy._native")]
pub struct AsyncMessages {
    messages: Messages,
    decode: bool,
}

type Messages = Arc<Mutex<Option<Box<dyn AsyncSubscription>>>>;

fn with<T>(messages: &Messages, act: impl FnOnce(&mut dyn AsyncSubscription) -> T) -> PyResult<T> {
    match &mut *messages.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(messages) => Ok(act(&mut **messages)),
        None => Err(PyValueError::new_err("the subscription is closed")),
    }
}

impl AsyncMessages {
    fn change(
        &self,
        names: &Bound<'_, PyTuple>,
        topic: fn(Bytes) -> Topic,
        change: impl FnOnce(&mut dyn AsyncSubscription, &[Topic]) -> Pending<()> + Send,
    ) -> PyResult<Call> {
        let (py, topics) = (names.py(), topics(names, topic)?);
        let pending = py.detach(|| with(&self.messages, |messages| change(messages, &topics)))?;
        Ok(Call::pending(async move {
            let result = pending.await;
            let finish: Finish = Box::new(move |py| match result {
                Ok(()) => Ok(py.None().into_bound(py)),
                Err(error) => Err(to_python(py, &error)),
            });
            finish
        }))
    }
}

#[pymethods]
impl AsyncMessages {
    /// Listens to further channels.
    #[pyo3(signature = (*channels))]
    fn subscribe(&self, channels: &Bound<'_, PyTuple>) -> PyResult<Call> {
        self.change(channels, Topic::Channel, |messages, topics| messages.subscribe(topics))
    }

    /// Listens to further patterns.
    #[pyo3(signature = (*patterns))]
    fn psubscribe(&self, patterns: &Bound<'_, PyTuple>) -> PyResult<Call> {
        self.change(patterns, Topic::Pattern, |messages, topics| messages.subscribe(topics))
    }

    /// Listens no more to these channels.
    #[pyo3(signature = (*channels))]
    fn unsubscribe(&self, channels: &Bound<'_, PyTuple>) -> PyResult<Call> {
        self.change(channels, Topic::Channel, |messages, topics| messages.unsubscribe(topics))
    }

    /// Listens no more to these patterns.
    #[pyo3(signature = (*patterns))]
    fn punsubscribe(&self, patterns: &Bound<'_, PyTuple>) -> PyResult<Call> {
        self.change(patterns, Topic::Pattern, |messages, topics| messages.unsubscribe(topics))
    }

    /// The next message: channel, pattern or None, and payload.
    fn next(&self) -> Call {
        let (messages, decode) = (Arc::clone(&self.messages), self.decode);
        Call::pending(std::future::poll_fn(move |context| {
            let polled = match with(&messages, |messages| messages.poll_next(context)) {
                Ok(polled) => polled.map(|next| next.map_err(Failed::Error)),
                Err(closed) => std::task::Poll::Ready(Err(Failed::Closed(closed))),
            };
            polled.map(|next| -> Finish {
                Box::new(move |py| match next {
                    Ok(message) => Reader { py, decode }.message(&message),
                    Err(Failed::Error(error)) => Err(to_python(py, &error)),
                    Err(Failed::Closed(error)) => Err(error),
                })
            })
        }))
    }

    /// Listens no more to anything.
    fn close(&self, py: Python<'_>) {
        py.detach(|| drop(self.messages.lock().unwrap_or_else(PoisonError::into_inner).take()));
    }
}

enum Failed {
    Error(redipy::Error),
    Closed(PyErr),
}
