//! What a plug-in's function reaches the data by, while a script calls it.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use redipy::encoded::unknown;
use redipy::memory::Run;
use redipy::reply::Reply;
use redipy::{Encoded, Flags, Value, texts};

use crate::args::{Name, Pairs, Time, Word, encoded};
use crate::errors::to_python;
use crate::given::{Given, Raw, missing};
use crate::methods::with_methods;
use crate::numbers::{Cast, Int, OfType, Position, Seconds};
use crate::ops::{self, Receiver};
use crate::plugins::{current_call, reach};
use crate::replies::{Object, Reader, Reads};

/// The data of a running script, with the calls of a client. Keys have the names that they have in the script.
#[pyclass(subclass, frozen, module = "redipy._native")]
pub struct Machine {
    /// The number of the call that it belongs to.
    call: u64,
}

impl Machine {
    fn on<'py>(&self, py: Python<'py>) -> PyResult<Within<'_, 'py>> {
        Ok(Within { machine: self, py })
    }

    /// Executes a command, the name of which is its first word.
    fn execute(&self, py: Python<'_>, command: &Encoded) -> PyResult<Value> {
        let words = command.to_vec();
        let result = match command.spec() {
            None => Err(unknown(&words, |spec| !spec.flags.has(Flags::NOSCRIPT))),
            Some(spec) if !spec.accepts(words.len()) => Err(texts::arity(spec.name)),
            Some(spec) => reach(self.call, |host| host.call(spec, &words[spec.words..]))?,
        };
        result.map_err(|error| to_python(py, &error))
    }
}

/// The data, reached by a thread that holds the interpreter.
#[derive(Clone, Copy)]
struct Within<'a, 'py> {
    machine: &'a Machine,
    py: Python<'py>,
}

impl<'py> Receiver for Within<'_, 'py> {
    type Output = Object<'py>;

    fn call<C>(
        self,
        command: C,
        read: impl for<'p> Fn(Reader<'p>, C::Reply) -> PyResult<Object<'p>> + Send + Sync + 'static,
    ) -> PyResult<Self::Output>
    where
        C: Run + Send,
        C::Reply: Send,
    {
        command.check().map_err(|error| to_python(self.py, &error))?;
        let value = self.machine.execute(self.py, &Encoded::of(&command))?;
        let reply = C::Reply::from_value(value).map_err(|error| to_python(self.py, &error))?;
        read(Reader { py: self.py, decode: true }, reply)
    }
}

#[pymethods]
impl Machine {
    /// The data of the call that this thread is in, whatever the `__init__` of a subclass takes.
    #[new]
    #[pyo3(signature = (*_args, **_named), text_signature = "()")]
    fn new(_args: &Bound<'_, PyTuple>, _named: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        Ok(Self { call: current_call()? })
    }

    /// Takes nothing.
    fn __init__(&self) {}

    /// All keys that match a pattern.
    #[pyo3(signature = (*, r#match=None, filter_type=None))]
    fn _keys<'py>(
        &self,
        py: Python<'py>,
        r#match: Option<&Bound<'_, PyAny>>,
        filter_type: Option<OfType<'_>>,
    ) -> PyResult<Object<'py>> {
        ops::keys_block(self.on(py)?, r#match, filter_type)
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
        let reads = Reads::of(reads)?;
        let reply = self.execute(py, &encoded(name, args)?)?;
        Reader { py, decode: true }.read(reads, &cast, &reply)
    }
}

with_methods!(Machine gives Object<'py>);
