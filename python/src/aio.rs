//! The client for asyncio: the engine or a server, by the half of its backend that gives futures.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use redipy::memory::Run;
use redipy::{AsyncBackend, Encoded, Pending, Request, Topic, Value};

use crate::args::{Name, Pairs, Time, Word, encoded};
use crate::awaited::{Call, Coming, Finish};
use crate::client::Client;
use crate::errors::to_python;
use crate::given::{Given, Raw, missing};
use crate::logs;
use crate::made::Made;
use crate::messages::{Messages, topics};
use crate::methods::with_methods;
use crate::numbers::{Cast, Int, OfType, Position, Seconds};
use crate::ops::{self, Receiver};
use crate::pipeline::{Pipeline, read_all};
use crate::place::Place;
use crate::replies::{Object, Reader, Reads};
use crate::script::Script;

/// A Redis whose calls are awaited.
#[pyclass(subclass, frozen, module = "redipy._native")]
pub struct AsyncClient(Made<Arc<Open>>);

/// What a client has as soon as it is made.
struct Open {
    place: Place,
    backend: Arc<dyn AsyncBackend>,
    decode: bool,
}

impl AsyncClient {
    fn on<'py>(&self, _: Python<'py>) -> PyResult<&Arc<Open>> {
        self.0.get()
    }
}

impl Open {
    /// A call that starts something, and makes the result of what comes.
    fn call<T: Send + 'static>(
        self: &Arc<Self>,
        start: impl FnOnce(&dyn AsyncBackend) -> Pending<T> + Send + 'static,
        read: impl for<'p> FnOnce(Reader<'p>, T) -> PyResult<Object<'p>> + Send + 'static,
    ) -> Call {
        let open = Arc::clone(self);
        Call::new(move |py| {
            let pending = open.place.start(py, || start(&*open.backend))?;
            logs::hand_out(py)?;
            Ok(later(pending, move |py, value| read(Reader { py, decode: open.decode }, value)))
        })
    }
}

impl Receiver for &Arc<Open> {
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
        if let Err(error) = command.check() {
            return Ok(Call::new(move |py| Err(to_python(py, &error))));
        }
        let request = Request::of(&command);
        Ok(Open::call(
            self,
            |backend| backend.call(request),
            move |reader, value| {
                let reply = value.reply_of::<C::Reply>(Some(C::SPEC)).map_err(|error| to_python(reader.py, &error))?;
                read(reader, reply)
            },
        ))
    }
}

#[pymethods]
impl AsyncClient {
    /// A client that `__init__` is to make, whatever a subclass takes.
    #[new]
    #[pyo3(signature = (*_args, **_named))]
    fn new(_args: &Bound<'_, PyTuple>, _named: Option<&Bound<'_, PyDict>>) -> Self {
        AsyncClient(Made::not_yet())
    }

    /// Makes a client of the data that another client has.
    fn __init__(&self, client: &Client) -> PyResult<()> {
        let client = client.open()?;
        let place = client.place.clone();
        let open = Open { backend: place.asynchronous()?, place, decode: client.decode };
        self.0.make(Arc::new(open))
    }

    /// What the data lives in, such as ``memory://`` or ``redis://127.0.0.1:6379/0``; never a password.
    fn describe(&self) -> PyResult<String> {
        Ok(self.0.get()?.place.describe())
    }

    /// All keys that match a pattern.
    #[pyo3(signature = (*, r#match=None, filter_type=None))]
    fn _keys(
        &self,
        py: Python<'_>,
        r#match: Option<&Bound<'_, PyAny>>,
        filter_type: Option<OfType<'_>>,
    ) -> PyResult<Call> {
        ops::keys_block(self.on(py)?, r#match, filter_type)
    }

    /// Sends a message to a channel; how many received it.
    fn _publish(&self, channel: Word<'_>, msg: Word<'_>) -> PyResult<Call> {
        let request = Encoded::raw(b"PUBLISH").arg(channel.arg()).arg(msg.arg()).into();
        Ok(self.0.get()?.call(|backend| backend.call(request), |reader, reply: Value| reader.value(&reply)))
    }

    /// Calls any command by its name, with its reply as the server gives it.
    #[pyo3(signature = (name, *args))]
    fn execute_command(&self, name: &str, args: &Bound<'_, PyTuple>) -> PyResult<Call> {
        self._call("value", name, args, Cast::Float)
    }

    /// Calls a command by its name, and says how its reply is read.
    #[pyo3(signature = (reads, name, *args, cast=Cast::Float), text_signature = "($self, reads, name, *args, cast=...)")]
    fn _call(&self, reads: &str, name: &str, args: &Bound<'_, PyTuple>, cast: Cast) -> PyResult<Call> {
        let (reads, request) = (Reads::of(reads)?, encoded(name, args)?.into());
        Ok(self
            .0
            .get()?
            .call(|backend| backend.call(request), move |reader, reply: Value| reader.read(reads, &cast, &reply)))
    }

    /// Runs a script.
    #[pyo3(signature = (script, keys, args))]
    fn _run(&self, script: &Script, keys: &Bound<'_, PyAny>, args: &Bound<'_, PyAny>) -> PyResult<Call> {
        let request = script.prepare(keys, args)?.into();
        Ok(self.0.get()?.call(
            |backend| backend.call(request),
            |reader, reply: Value| Reader { decode: true, ..reader }.value(&reply),
        ))
    }

    /// Executes all that is queued in a pipeline: the results in order, an exception in the place of each that failed.
    fn _execute(&self, py: Python<'_>, pipeline: &Pipeline) -> PyResult<Call> {
        let queue = pipeline.take()?;
        let requests = queue.calls.into_requests().map_err(|error| to_python(py, &error))?;
        let reads = queue.reads;
        Ok(self.0.get()?.call(
            |backend| backend.transaction(requests),
            |reader, replies| read_all(reader, replies, reads).map(Bound::into_any),
        ))
    }

    /// Listens to channels and patterns.
    fn _subscribe(&self, channels: &Bound<'_, PyTuple>, patterns: &Bound<'_, PyTuple>) -> PyResult<Call> {
        let topics =
            [topics(channels, "channels", Topic::Channel)?, topics(patterns, "patterns", Topic::Pattern)?].concat();
        let open = self.0.get()?;
        let decode = open.decode;
        Ok(open.call(
            |backend| backend.subscribe(topics),
            move |reader, messages| {
                let messages = AsyncMessages { messages: Messages::new(messages), decode };
                Ok(Bound::new(reader.py, messages)?.into_any())
            },
        ))
    }
}

with_methods!(AsyncClient gives Call);

/// The messages of channels and patterns, to be awaited.
#[pyclass(frozen, module = "redipy._native")]
pub struct AsyncMessages {
    messages: Messages,
    decode: bool,
}

impl AsyncMessages {
    fn change(&self, topics: Vec<Topic>, listen: bool) -> Call {
        let messages = self.messages.clone();
        Call::new(move |py| {
            let changed = messages.change(py, &topics, listen)?;
            Ok(later(changed, |py, ()| Ok(py.None().into_bound(py))))
        })
    }
}

#[pymethods]
impl AsyncMessages {
    /// Listens to further channels.
    #[pyo3(signature = (*channels))]
    fn subscribe(&self, channels: &Bound<'_, PyTuple>) -> PyResult<Call> {
        Ok(self.change(topics(channels, "channels", Topic::Channel)?, true))
    }

    /// Listens to further patterns.
    #[pyo3(signature = (*patterns))]
    fn psubscribe(&self, patterns: &Bound<'_, PyTuple>) -> PyResult<Call> {
        Ok(self.change(topics(patterns, "patterns", Topic::Pattern)?, true))
    }

    /// Listens no more to these channels.
    #[pyo3(signature = (*channels))]
    fn unsubscribe(&self, channels: &Bound<'_, PyTuple>) -> PyResult<Call> {
        Ok(self.change(topics(channels, "channels", Topic::Channel)?, false))
    }

    /// Listens no more to these patterns.
    #[pyo3(signature = (*patterns))]
    fn punsubscribe(&self, patterns: &Bound<'_, PyTuple>) -> PyResult<Call> {
        Ok(self.change(topics(patterns, "patterns", Topic::Pattern)?, false))
    }

    /// The next message: channel, pattern or None, and payload. Only one task can wait for it at a time.
    fn next(&self) -> Call {
        let (messages, decode) = (self.messages.clone(), self.decode);
        Call::pending(std::future::poll_fn(move |context| {
            messages.poll_next(context).map(|next| -> Finish {
                Box::new(move |py| match next {
                    Ok(message) => Reader { py, decode }.message(&message),
                    Err(ended) => Err(ended.to_python(py)),
                })
            })
        }))
    }

    /// Listens no more to anything.
    fn close(&self, py: Python<'_>) {
        self.messages.close(py);
    }
}

/// What a future gives, made an object.
fn later<T: Send + 'static>(
    pending: Pending<T>,
    read: impl for<'p> FnOnce(Python<'p>, T) -> PyResult<Object<'p>> + Send + 'static,
) -> Coming {
    Box::pin(async move {
        let result = pending.await;
        let finish: Finish = Box::new(move |py| match result {
            Ok(value) => read(py, value),
            Err(error) => Err(to_python(py, &error)),
        });
        finish
    })
}
