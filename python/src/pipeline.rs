//! Pipelines: calls that are queued, executed together and atomically, and answered in a list.

use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use redipy::backend::Results;
use redipy::memory::Run;
use redipy::{Encoded, Redis, Transaction, Value};

use crate::args::{Name, Pairs, Time, Word, encoded};
use crate::client::Client;
use crate::errors::to_python;
use crate::given::{Given, Raw, missing};
use crate::logs;
use crate::made::Made;
use crate::methods::with_methods;
use crate::numbers::{Cast, Int, OfType, Position, Seconds};
use crate::ops::{self, Receiver};
use crate::place::Place;
use crate::replies::{Object, Reader, Reads};
use crate::script::Script;

/// What makes an object of a reply, when there is one.
pub type Read = Box<dyn for<'p> Fn(Reader<'p>, Value) -> PyResult<Object<'p>> + Send + Sync>;

/// What is queued.
pub struct Queue {
    pub calls: Transaction,
    pub reads: Vec<Read>,
}

impl Queue {
    fn new(redis: &Redis) -> Self {
        Queue { calls: redis.transaction(), reads: Vec::new() }
    }
}

/// Calls that are executed together and atomically.
#[pyclass(subclass, frozen, module = "redipy._native")]
pub struct Pipeline(Made<Open>);

/// What a pipeline has as soon as it is made.
pub struct Open {
    place: Place,
    queue: Mutex<Queue>,
    decode: bool,
}

impl Pipeline {
    /// Takes all that is queued.
    ///
    /// # Errors
    /// `RuntimeError` if a subclass has not called `__init__`.
    pub fn take(&self) -> PyResult<Queue> {
        Ok(self.0.get()?.take())
    }

    fn on<'py>(&self, _: Python<'py>) -> PyResult<&Open> {
        self.0.get()
    }
}

impl Open {
    fn with<T>(&self, act: impl FnOnce(&mut Queue) -> T) -> T {
        act(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn take(&self) -> Queue {
        self.with(|queue| std::mem::replace(queue, Queue::new(&self.place)))
    }
}

impl Receiver for &Open {
    type Output = ();

    fn call<C>(
        self,
        command: C,
        read: impl for<'p> Fn(Reader<'p>, C::Reply) -> PyResult<Object<'p>> + Send + Sync + 'static,
    ) -> PyResult<()>
    where
        C: Run + Send,
        C::Reply: Send,
    {
        self.with(|queue| {
            // As it is sent: what is wrong with it is for the server to say, and for the others that are queued to bear.
            let _ = queue.calls.raw(Encoded::of(&command));
            queue.reads.push(Box::new(move |reader, value| {
                let reply = value.reply_of::<C::Reply>(Some(C::SPEC)).map_err(|error| to_python(reader.py, &error))?;
                read(reader, reply)
            }));
        });
        Ok(())
    }
}

#[pymethods]
impl Pipeline {
    /// A pipeline that `__init__` is to make, whatever a subclass takes.
    #[new]
    #[pyo3(signature = (*_args, **_named))]
    fn new(_args: &Bound<'_, PyTuple>, _named: Option<&Bound<'_, PyDict>>) -> Self {
        Pipeline(Made::not_yet())
    }

    /// Makes an empty pipeline of a client.
    fn __init__(&self, client: &Client) -> PyResult<()> {
        let client = client.open()?;
        let place = client.place.clone();
        self.0.make(Open { queue: Mutex::new(Queue::new(&place)), place, decode: client.decode })
    }

    /// Queues KEYS.
    #[pyo3(signature = (*, r#match=None, filter_type=None))]
    fn _keys(&self, r#match: Option<&Bound<'_, PyAny>>, filter_type: Option<OfType<'_>>) -> PyResult<()> {
        ops::keys_block(self.0.get()?, r#match, filter_type)
    }

    /// Queues any command by its name, with its reply as the server gives it.
    #[pyo3(signature = (name, *args))]
    fn execute_command(&self, name: &str, args: &Bound<'_, PyTuple>) -> PyResult<()> {
        self._call("value", name, args, Cast::Float)
    }

    /// Queues a command by its name, and says how its reply is read.
    #[pyo3(signature = (reads, name, *args, cast=Cast::Float), text_signature = "($self, reads, name, *args, cast=...)")]
    fn _call(&self, reads: &str, name: &str, args: &Bound<'_, PyTuple>, cast: Cast) -> PyResult<()> {
        let (reads, command) = (Reads::of(reads)?, encoded(name, args)?);
        self.0.get()?.with(|queue| {
            let _ = queue.calls.raw(command);
            queue.reads.push(Box::new(move |reader, value| reader.read(reads, &cast, &value)));
        });
        Ok(())
    }

    /// Queues a script.
    #[pyo3(signature = (script, keys, args))]
    fn _run(&self, script: &Script, keys: &Bound<'_, PyAny>, args: &Bound<'_, PyAny>) -> PyResult<()> {
        let call = script.prepare(keys, args)?;
        self.0.get()?.with(|queue| {
            let _ = call.call(&mut queue.calls);
            queue.reads.push(Box::new(|reader, value| Reader { decode: true, ..reader }.value(&value)));
        });
        Ok(())
    }

    /// How many calls are queued.
    fn __len__(&self) -> PyResult<usize> {
        Ok(self.0.get()?.with(|queue| queue.reads.len()))
    }

    /// Forgets all that is queued.
    fn reset(&self) -> PyResult<()> {
        self.take().map(drop)
    }

    /// Executes all that is queued: the results in order, an exception in the place of each that failed.
    fn _execute<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let open = self.0.get()?;
        let Queue { calls, reads } = open.take();
        let replies = open.place.wait(py, |_| calls.execute())?;
        logs::hand_out(py)?;
        let replies = replies.map_err(|error| to_python(py, &error))?.into_results();
        read_all(Reader { py, decode: open.decode }, replies, reads)
    }
}

/// The results in order, an exception in the place of each call that failed.
pub fn read_all<'py>(reader: Reader<'py>, replies: Results, reads: Vec<Read>) -> PyResult<Bound<'py, PyList>> {
    let py = reader.py;
    let results = PyList::empty(py);
    for (reply, read) in replies.into_iter().zip(reads) {
        match reply.map_err(|error| to_python(py, &error)).and_then(|reply| read(reader, reply)) {
            Ok(object) => results.append(object)?,
            Err(error) => results.append(error.into_value(py))?,
        }
    }
    Ok(results)
}

with_methods!(Pipeline gives ());
