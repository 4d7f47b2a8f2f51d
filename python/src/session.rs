//! A connection of one's own, for `redipy/redis_py.py`: commands in, replies in the shapes of the wire out.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use pyo3::exceptions::PyBufferError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyFloat, PyList, PyMemoryView, PySet};
use redipy::number::{FLOAT_LEN, format_float};
use redipy::{Error, Message, Topic, Value};
use redipy_resp::Protocol;

use crate::awaited::{Call, Finish};
use crate::client::Client;
use crate::connection::{About, Body, Connection, Event, Reply, Store};
use crate::errors::to_python;
use crate::messages::{Ended, Messages};
use crate::place::Place;
use crate::replies::{Object, Reader};
use crate::wait::{Until, wait};

/// One connection: its database, its watched keys, its MULTI state and what it listens to.
#[pyclass(frozen, module = "redipy._native")]
pub struct Session {
    place: Place,
    /// Makes the exception for the text of an error.
    fail: Py<PyAny>,
    /// The class of the lists that nobody asked for.
    push: Py<PyAny>,
    /// Whether a set of protocol 3 is a `set`, as the first versions of redis-py with that protocol read it, or a list.
    sets: bool,
    /// None when it is dropped.
    connection: Mutex<Option<Connection>>,
    about: Arc<About>,
    listener: Arc<Mutex<Listener>>,
}

/// What receives messages.
#[derive(Default)]
struct Listener {
    messages: Option<Messages>,
    /// Messages that were received and not taken.
    inbox: VecDeque<Message>,
    /// Who waits for one.
    waiting: Option<Waker>,
}

#[pymethods]
impl Session {
    /// A connection to what a client has. `fail` makes the exception for the text of an error, `push` the list of a message;
    /// `sets` says whether the sets of protocol 3 are read as such, or as lists.
    #[new]
    #[pyo3(signature = (client, fail, push, *, sets=false))]
    fn new(py: Python<'_>, client: &Client, fail: Py<PyAny>, push: Py<PyAny>, sets: bool) -> PyResult<Self> {
        let place = &client.open()?.place;
        let session = place.session().map_err(|error| to_python(py, &error))?;
        let connection = Connection::new(session, Store::of(place.engine()?), place.database());
        let about = Arc::clone(connection.about());
        Ok(Self {
            place: place.clone(),
            fail,
            push,
            sets,
            connection: Mutex::new(Some(connection)),
            about,
            listener: Arc::default(),
        })
    }

    /// Executes the commands in these bytes, in which the last one may be cut; what is said to them, in order, with the
    /// messages that have come. Errors are given back, not raised: they may stand inside the reply of EXEC.
    fn receive<'py>(&self, py: Python<'py>, bytes: &Bound<'py, PyAny>) -> PyResult<Vec<Object<'py>>> {
        let mut said = Vec::new();
        let bytes = sent(bytes)?;
        if let Some(connection) = lock(&self.connection).as_mut() {
            connection.receive(bytes.as_bytes());
        }
        let advance = || lock(&self.connection).as_mut().and_then(Connection::advance);
        while let Some(events) = self.place.wait(py, |_| advance())? {
            self.handle(py, events, &mut said)?;
        }
        Ok(said)
    }

    /// Whether somebody has data just now for which `receive` may have to wait.
    fn may_wait(&self) -> PyResult<bool> {
        Ok(self.place.engine()?.is_in_use())
    }

    /// The next message that has come, as a list; None if none has.
    fn take<'py>(&self, py: Python<'py>) -> PyResult<Option<Object<'py>>> {
        let mut listener = lock(&self.listener);
        if listener.messages.is_none() {
            return Ok(None);
        }
        if let Poll::Ready(Err(ended)) = listener.receive() {
            return Err(ended.to_python(py));
        }
        let Some(message) = listener.inbox.pop_front() else { return Ok(None) };
        drop(listener);
        let kind = if message.pattern.is_some() { "pmessage" } else { "message" };
        let parts = [Some(Value::bulk(kind)), message.pattern.map(Value::Bulk)];
        let parts = parts.into_iter().flatten().chain([Value::Bulk(message.channel), Value::Bulk(message.payload)]);
        self.shaper(py, Protocol::Resp3).push(&parts.collect::<Vec<_>>()).map(Some)
    }

    /// Waits until there is a message to take or the connection is over, at most this many seconds; whether that is so.
    fn wait(&self, py: Python<'_>, seconds: f64) -> PyResult<bool> {
        match wait(py, Until::after(Some(seconds))?, |context| poll(&self.about, &self.listener, context))? {
            Some(Err(ended)) => Err(ended.to_python(py)),
            arrived => Ok(arrived.is_some()),
        }
    }

    /// Waits for the same, to be awaited. Only who waits last is told.
    fn arrived(&self) -> Call {
        let (about, listener) = (Arc::clone(&self.about), Arc::clone(&self.listener));
        Call::pending(std::future::poll_fn(move |context| {
            poll(&about, &listener, context).map(|arrived| -> Finish {
                Box::new(move |py| match arrived {
                    Ok(()) => Ok(py.None().into_bound(py)),
                    Err(ended) => Err(ended.to_python(py)),
                })
            })
        }))
    }

    /// Whether messages may come.
    fn listens(&self) -> bool {
        lock(&self.listener).messages.is_some()
    }

    /// The version of the protocol.
    #[getter]
    fn protocol(&self) -> u8 {
        if self.about.details().protocol == Protocol::Resp2 { 2 } else { 3 }
    }

    /// Whether the connection is over.
    #[getter]
    fn is_closed(&self) -> bool {
        self.about.is_closed()
    }

    /// Ends the connection.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.about.close();
        let messages = lock(&self.listener).messages.take();
        messages.into_iter().for_each(|messages| messages.close(py));
        Ok(())
    }
}

impl Session {
    fn shaper<'py>(&self, py: Python<'py>, protocol: Protocol) -> Shaper<'_, 'py> {
        Shaper { session: self, reader: Reader { py, decode: false }, protocol }
    }

    /// Does what is to be done about a command.
    fn handle<'py>(&self, py: Python<'py>, events: Vec<Event>, said: &mut Vec<Object<'py>>) -> PyResult<()> {
        for event in events {
            match event {
                Event::Reply(reply) => said.push(self.shaper(py, reply.protocol).reply(&reply)?),
                Event::Listen(topic) => {
                    // What has come already is older than the confirmation.
                    self.take_all(py, said)?;
                    self.listen(py, topic)?;
                }
                Event::Ignore(topic) => {
                    let messages = lock(&self.listener).messages.clone();
                    messages.map_or(Ok(()), |messages| messages.change_now(py, &[topic], false))?;
                    self.take_all(py, said)?;
                }
                Event::Close => self.close(py)?,
            }
        }
        // What was sent to itself comes after the reply to that.
        self.take_all(py, said)
    }

    fn listen(&self, py: Python<'_>, topic: Topic) -> PyResult<()> {
        let messages = lock(&self.listener).messages.clone();
        match messages {
            Some(messages) => messages.change_now(py, &[topic], true),
            None => {
                let messages = self.place.listen(py, vec![topic])?;
                lock(&self.listener).listen(messages);
                Ok(())
            }
        }
    }

    fn take_all<'py>(&self, py: Python<'py>, into: &mut Vec<Object<'py>>) -> PyResult<()> {
        while let Some(message) = self.take(py)? {
            into.push(message);
        }
        Ok(())
    }
}

/// The end of a session that watches keys waits for them.
impl Drop for Session {
    fn drop(&mut self) {
        let connection = self.connection.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        self.place.let_go(connection);
    }
}

/// Whether there is a message to take, or the connection is over; who asked is told when that is so.
fn poll(about: &About, listener: &Mutex<Listener>, context: &mut Context<'_>) -> Poll<Result<(), Ended>> {
    if about.poll_closed(context) { Poll::Ready(Ok(())) } else { lock(listener).poll(context) }
}

impl Listener {
    /// Begins to listen, and tells who waits.
    fn listen(&mut self, messages: Messages) {
        self.messages = Some(messages);
        if let Some(waiting) = self.waiting.take() {
            waiting.wake();
        }
    }

    /// Whether there is a message to take; who asked is told when there is one.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Ended>> {
        self.waiting = Some(context.waker().clone());
        self.receive()
    }

    /// Receives a message if none is kept already.
    fn receive(&mut self) -> Poll<Result<(), Ended>> {
        if !self.inbox.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let Some(messages) = &self.messages else { return Poll::Pending };
        let waker = self.waiting.as_ref().unwrap_or(Waker::noop());
        messages.poll_next(&mut Context::from_waker(waker)).map_ok(|message| self.inbox.push_back(message))
    }
}

/// What was sent, which a socket takes as one piece of memory.
fn sent<'py>(bytes: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(bytes) = bytes.cast::<PyBytes>() {
        return Ok(bytes.clone());
    }
    let memory = PyMemoryView::from(bytes)?;
    if !memory.getattr("c_contiguous")?.is_truthy()? {
        return Err(PyBufferError::new_err("memoryview: underlying buffer is not C-contiguous"));
    }
    Ok(memory.call_method0("tobytes")?.cast_into()?)
}

/// Shows values as a parser of the protocol would.
struct Shaper<'a, 'py> {
    session: &'a Session,
    reader: Reader<'py>,
    protocol: Protocol,
}

impl<'py> Shaper<'_, 'py> {
    fn reply(&self, reply: &Reply) -> PyResult<Object<'py>> {
        match &reply.body {
            Body::Value(value) if reply.flat => self.flat(value),
            Body::Value(value) => self.value(value),
            Body::Push(parts) => self.push(parts),
            Body::Each(replies) => {
                let shaped = |reply: &Reply| self.session.shaper(self.reader.py, reply.protocol).reply(reply);
                self.list(replies.iter().map(shaped))
            }
        }
    }

    fn push(&self, parts: &[Value]) -> PyResult<Object<'py>> {
        self.session.push.bind(self.reader.py).call1((self.list(parts.iter().map(|part| self.value(part)))?,))
    }

    /// A value, the pairs of which are flat in protocol 2.
    fn flat(&self, value: &Value) -> PyResult<Object<'py>> {
        match value {
            Value::Array(items) if self.protocol == Protocol::Resp2 => {
                let parts = items.iter().flat_map(|item| match item {
                    Value::Array(pair) => pair.as_slice(),
                    single => std::slice::from_ref(single),
                });
                self.list(parts.map(|part| self.value(part)))
            }
            other => self.value(other),
        }
    }

    fn value(&self, value: &Value) -> PyResult<Object<'py>> {
        let py = self.reader.py;
        match value {
            Value::Bool(value) if self.protocol == Protocol::Resp2 => Ok(self.reader.int((*value).into())),
            Value::Double(value) if self.protocol == Protocol::Resp2 => {
                let mut buffer = [0; FLOAT_LEN];
                Ok(PyBytes::new(py, format_float(*value, &mut buffer)).into_any())
            }
            Value::Double(value) => Ok(PyFloat::new(py, *value).into_any()),
            Value::Set(items) if self.session.sets && self.protocol == Protocol::Resp3 => {
                let items = items.iter().map(|item| self.value(item)).collect::<PyResult<Vec<_>>>()?;
                Ok(PySet::new(py, items)?.into_any())
            }
            Value::Array(items) | Value::Set(items) | Value::Push(items) => {
                self.list(items.iter().map(|item| self.value(item)))
            }
            Value::Map(pairs) if self.protocol == Protocol::Resp2 => {
                self.list(pairs.iter().flat_map(|(key, value)| [key, value]).map(|item| self.value(item)))
            }
            Value::Map(pairs) => {
                let dict = PyDict::new(py);
                for (key, value) in pairs {
                    dict.set_item(self.value(key)?, self.value(value)?)?;
                }
                Ok(dict.into_any())
            }
            Value::Error(error) => self.session.fail.bind(py).call1((text_of(error),)),
            scalar => self.reader.value(scalar),
        }
    }

    fn list(&self, items: impl Iterator<Item = PyResult<Object<'py>>>) -> PyResult<Object<'py>> {
        Ok(PyList::new(self.reader.py, items.collect::<PyResult<Vec<_>>>()?)?.into_any())
    }
}

/// The text of an error with a code word, which the library's own texts do not have.
fn text_of(error: &Error) -> String {
    String::from_utf8_lossy(&error.to_reply()).into_owned()
}

/// A lock is kept by nobody who panics half-way through a change.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
