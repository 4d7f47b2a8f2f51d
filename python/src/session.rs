//! A connection of one's own, for `redipy/redis_py.py`: commands in, replies in the shapes of the wire out.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict, PyFloat, PyList, PySet};
use redipy::number::{FLOAT_LEN, format_float};
use redipy::{Bytes, Encoded, Error, Kind, Message, Topic, Value};

use crate::awaited::{Call, Finish};
use crate::client::Client;
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
    /// Whether a set of protocol 3 is a `set`, as the first versions of redis-py with that protocol read it, or a list.
    sets: bool,
    commands: Mutex<Commands>,
    listener: Arc<Mutex<Listener>>,
}

/// What executes commands, and what is known of the commands that wait for EXEC.
struct Commands {
    /// None when it is dropped.
    session: Option<redipy::Session>,
    queued: Vec<bool>,
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

/// The version of the protocol decides the shapes of replies.
#[derive(Clone, Copy, PartialEq)]
enum Protocol {
    Resp2,
    Resp3,
}

#[pymethods]
impl Session {
    /// A connection to what a client has. `fail` makes the exception for the text of an error; `sets` says whether the
    /// sets of protocol 3 are read as such, or as lists.
    #[new]
    #[pyo3(signature = (client, fail, *, sets=false))]
    fn new(py: Python<'_>, client: &Client, fail: Py<PyAny>, sets: bool) -> PyResult<Self> {
        let place = &client.open()?.place;
        let session = place.session().map_err(|error| to_python(py, &error))?;
        Ok(Self {
            place: place.clone(),
            fail,
            sets,
            commands: Mutex::new(Commands { session: Some(session), queued: Vec::new() }),
            listener: Arc::default(),
        })
    }

    /// Executes a command. Errors are given back, not raised: they may stand inside the reply of EXEC.
    fn execute<'py>(&self, py: Python<'py>, args: Vec<PyBackedBytes>, protocol: u8) -> PyResult<Object<'py>> {
        let protocol = match protocol {
            2 => Protocol::Resp2,
            3 => Protocol::Resp3,
            _ => return Err(PyValueError::new_err("the protocol must be 2 or 3")),
        };
        let Some((name, args)) = args.split_first() else {
            return Err(PyValueError::new_err("a command needs a name"));
        };
        let command = args.iter().fold(Encoded::raw(name), |command, arg| command.arg(&**arg));
        let (value, flat) = self.place.wait(py, |_| lock(&self.commands).execute(command))?;
        Shaper { session: self, reader: Reader { py, decode: false }, protocol }.reply(&value, &flat)
    }

    /// Listens to more channels, or patterns.
    fn subscribe(&self, py: Python<'_>, names: Vec<PyBackedBytes>, patterns: bool) -> PyResult<()> {
        let topics = topics(&names, patterns);
        let messages = lock(&self.listener).messages.clone();
        match messages {
            Some(messages) => messages.change_now(py, &topics, true),
            None => {
                let messages = self.place.listen(py, topics)?;
                lock(&self.listener).listen(messages);
                Ok(())
            }
        }
    }

    /// Stops listening to channels, or patterns.
    fn unsubscribe(&self, py: Python<'_>, names: Vec<PyBackedBytes>, patterns: bool) -> PyResult<()> {
        let messages = lock(&self.listener).messages.clone();
        messages.map_or(Ok(()), |messages| messages.change_now(py, &topics(&names, patterns), false))
    }

    /// The next message that has come: its pattern or None, its channel, what was sent. None if none has.
    fn take<'py>(&self, py: Python<'py>) -> PyResult<Option<(Object<'py>, Object<'py>, Object<'py>)>> {
        let mut listener = lock(&self.listener);
        if let Poll::Ready(Err(ended)) = listener.receive() {
            return Err(ended.to_python(py));
        }
        let Some(message) = listener.inbox.pop_front() else { return Ok(None) };
        drop(listener);
        let reader = Reader { py, decode: false };
        let pattern = reader.optional(message.pattern.as_deref())?;
        Ok(Some((pattern, reader.text(&message.channel)?, reader.text(&message.payload)?)))
    }

    /// Waits until there is a message to take, at most this many seconds; whether there is one.
    fn wait(&self, py: Python<'_>, seconds: f64) -> PyResult<bool> {
        match wait(py, Until::after(Some(seconds))?, |context| lock(&self.listener).poll(context))? {
            Some(Err(ended)) => Err(ended.to_python(py)),
            arrived => Ok(arrived.is_some()),
        }
    }

    /// Waits for the same, to be awaited. Only who waits last is told.
    fn arrived(&self) -> Call {
        let listener = Arc::clone(&self.listener);
        Call::pending(std::future::poll_fn(move |context| {
            lock(&listener).poll(context).map(|arrived| -> Finish {
                Box::new(move |py| match arrived {
                    Ok(()) => Ok(py.None().into_bound(py)),
                    Err(ended) => Err(ended.to_python(py)),
                })
            })
        }))
    }
}

fn topics(names: &[PyBackedBytes], patterns: bool) -> Vec<Topic> {
    let topic = if patterns { Topic::Pattern } else { Topic::Channel };
    names.iter().map(|name| topic(Bytes::from(&**name))).collect()
}

/// Whether the parts of a reply are flat in RESP2: one for a plain reply, as many as there are commands for EXEC.
enum Flat {
    One(bool),
    Each(Vec<bool>),
}

impl Commands {
    /// Executes a command and tells how its reply is to be shown.
    fn execute(&mut self, command: Encoded) -> (Value, Flat) {
        let name = command.name().to_ascii_uppercase();
        let flat = has_flat_pairs(&name);
        let Some(session) = &mut self.session else { return (Value::Null, Flat::One(false)) };
        let value = session.raw(command).unwrap_or_else(Value::Error);
        match &*name {
            b"EXEC" => return (value, Flat::Each(std::mem::take(&mut self.queued))),
            b"DISCARD" => self.queued.clear(),
            _ if matches!(&value, Value::Status(text) if text == "QUEUED") => self.queued.push(flat),
            _ => {}
        }
        (value, Flat::One(flat))
    }
}

/// The end of a session that watches keys waits for them.
impl Drop for Session {
    fn drop(&mut self) {
        let commands = self.commands.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.place.let_go(commands.session.take());
    }
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

/// Whether RESP2 shows the pairs of this command's reply one after the other, where RESP3 has an array for each.
fn has_flat_pairs(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 11] = [
        b"HRANDFIELD",
        b"ZDIFF",
        b"ZINTER",
        b"ZPOPMAX",
        b"ZPOPMIN",
        b"ZRANDMEMBER",
        b"ZRANGE",
        b"ZRANGEBYSCORE",
        b"ZREVRANGE",
        b"ZREVRANGEBYSCORE",
        b"ZUNION",
    ];
    NAMES.contains(&name)
}

/// Shows values as a parser of the protocol would.
struct Shaper<'a, 'py> {
    session: &'a Session,
    reader: Reader<'py>,
    protocol: Protocol,
}

impl<'py> Shaper<'_, 'py> {
    /// The reply of a command.
    fn reply(&self, value: &Value, flat: &Flat) -> PyResult<Object<'py>> {
        match (value, flat) {
            (Value::Array(items), Flat::Each(flat)) => {
                let flat = flat.iter().copied().chain(std::iter::repeat(false));
                self.list(items.iter().zip(flat).map(|(item, flat)| self.shown(item, flat)))
            }
            (_, Flat::One(true)) => self.shown(value, true),
            _ => self.value(value),
        }
    }

    /// A value, the pairs of which may be flat.
    fn shown(&self, value: &Value, flat: bool) -> PyResult<Object<'py>> {
        match value {
            Value::Array(items) if flat && self.protocol == Protocol::Resp2 => {
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
            Value::Array(items) | Value::Set(items) => self.list(items.iter().map(|item| self.value(item))),
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
    match error.kind() {
        Kind::Unsupported | Kind::Config | Kind::Connection | Kind::Decode => ["ERR", error.message()].join(" "),
        _ => error.message().to_owned(),
    }
}

/// A lock is kept by nobody who panics half-way through a change.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
