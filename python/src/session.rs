//! A connection of one's own, for `redipy/redis_py.py`: commands in, replies in the shapes of the wire out.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict, PyFloat, PyList};
use redipy::number::{FLOAT_LEN, format_float};
use redipy::{Arg, Encoded, Error, Kind, Many, Message, Redis, Subscription, Value};

use crate::client::Client;
use crate::errors::to_python;
use crate::plugins::{check_may_wait, is_running};
use crate::replies::{Object, Reader};

/// One connection: its database, its watched keys, its MULTI state and what it listens to.
#[pyclass(frozen, module = "redipy._native")]
pub struct Session {
    redis: Redis,
    /// Makes the exception for the text of an error.
    fail: Py<PyAny>,
    commands: Mutex<Commands>,
    listener: Mutex<Listener>,
    /// How many calls want the listener while another one waits for a message.
    claims: AtomicUsize,
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
    subscription: Option<Subscription>,
    /// Messages that were received and not taken.
    inbox: VecDeque<Message>,
}

/// The version of the protocol decides the shapes of replies.
#[derive(Clone, Copy, PartialEq)]
enum Protocol {
    Resp2,
    Resp3,
}

#[pymethods]
impl Session {
    /// A connection to what a client has. `fail` makes the exception for the text of an error.
    #[new]
    fn new(client: &Client, fail: Py<PyAny>, py: Python<'_>) -> PyResult<Self> {
        let session = client.redis.session().map_err(|error| to_python(py, &error))?;
        Ok(Self {
            redis: client.redis.clone(),
            fail,
            commands: Mutex::new(Commands { session: Some(session), queued: Vec::new() }),
            listener: Mutex::default(),
            claims: AtomicUsize::new(0),
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
        check_may_wait(&self.redis)?;
        let command = args.iter().fold(Encoded::raw(name), |command, arg| command.arg(&**arg));
        let (value, flat) = py.detach(|| self.locked().execute(command));
        Shaper { session: self, reader: Reader { py, decode: false }, protocol }.reply(&value, &flat)
    }

    /// Listens to more channels, or patterns.
    fn subscribe(&self, py: Python<'_>, names: Vec<PyBackedBytes>, patterns: bool) -> PyResult<()> {
        let subscribed = py.detach(|| {
            let mut listener = self.claim();
            match (&mut listener.subscription, patterns) {
                (Some(subscription), false) => subscription.subscribe(many(&names)),
                (Some(subscription), true) => subscription.psubscribe(many(&names)),
                (none, false) => self.redis.subscribe(many(&names)).map(|new| *none = Some(new)),
                (none, true) => self.redis.psubscribe(many(&names)).map(|new| *none = Some(new)),
            }
        });
        subscribed.map_err(|error| to_python(py, &error))
    }

    /// Stops listening to channels, or patterns.
    fn unsubscribe(&self, py: Python<'_>, names: Vec<PyBackedBytes>, patterns: bool) -> PyResult<()> {
        let left = py.detach(|| match (&mut self.claim().subscription, patterns) {
            (None, _) => Ok(()),
            (Some(subscription), false) => subscription.unsubscribe(many(&names)),
            (Some(subscription), true) => subscription.punsubscribe(many(&names)),
        });
        left.map_err(|error| to_python(py, &error))
    }

    /// The next message that has come: its pattern or None, its channel, what was sent. None if none has.
    fn take<'py>(&self, py: Python<'py>) -> PyResult<Option<(Object<'py>, Object<'py>, Object<'py>)>> {
        let message = py.detach(|| {
            let mut listener = self.claim();
            listener.receive(Duration::ZERO).map(|_| listener.inbox.pop_front())
        });
        let Some(message) = message.map_err(|error| to_python(py, &error))? else { return Ok(None) };
        let reader = Reader { py, decode: false };
        let pattern = reader.optional(message.pattern.as_deref())?;
        Ok(Some((pattern, reader.text(&message.channel)?, reader.text(&message.payload)?)))
    }

    /// Waits until there is a message to take, at most this many seconds; whether there is one. It ends earlier when another
    /// thread changes what is listened to.
    fn wait(&self, py: Python<'_>, seconds: f64) -> PyResult<bool> {
        let Ok(timeout) = Duration::try_from_secs_f64(seconds) else {
            return Err(PyValueError::new_err("seconds must be a number that is not negative"));
        };
        py.detach(|| self.await_message(timeout)).map_err(|error| to_python(py, &error))
    }
}

/// How long a thread waits for a message before it looks whether another one wants the listener.
const SLICE: Duration = Duration::from_millis(2);

impl Session {
    fn locked(&self) -> MutexGuard<'_, Commands> {
        lock(&self.commands)
    }

    /// The listener, before any thread that waits for a message asks for it again.
    fn claim(&self) -> MutexGuard<'_, Listener> {
        self.claims.fetch_add(1, Ordering::AcqRel);
        let listener = lock(&self.listener);
        self.claims.fetch_sub(1, Ordering::AcqRel);
        listener
    }

    fn is_claimed(&self) -> bool {
        self.claims.load(Ordering::Acquire) > 0
    }

    fn await_message(&self, timeout: Duration) -> redipy::Result<bool> {
        let start = Instant::now();
        while self.is_claimed() {
            std::thread::yield_now();
        }
        let mut listener = lock(&self.listener);
        loop {
            let left = timeout.saturating_sub(start.elapsed());
            if listener.receive(left.min(SLICE))? {
                return Ok(true);
            }
            if left.is_zero() || self.is_claimed() {
                return Ok(false);
            }
        }
    }
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

/// The end of a session that watches keys waits for them: without the interpreter, and where this thread holds them
/// itself, on another one.
impl Drop for Commands {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else { return };
        if is_running() {
            let _ = std::thread::Builder::new().spawn(move || drop(session));
        } else {
            Python::try_attach(|py| py.detach(|| drop(session)));
        }
    }
}

impl Listener {
    /// Receives a message if none is kept already; whether there is one.
    fn receive(&mut self, timeout: Duration) -> redipy::Result<bool> {
        match &mut self.subscription {
            _ if !self.inbox.is_empty() => {}
            Some(subscription) => self.inbox.extend(subscription.recv_timeout(timeout)?),
            None => std::thread::sleep(timeout),
        }
        Ok(!self.inbox.is_empty())
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

fn many(names: &[PyBackedBytes]) -> Many<Arg<'_>> {
    names.iter().map(|name| Arg::Bytes(name)).collect()
}

/// A lock is kept by nobody who panics half-way through a change.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
