//! Errors as Python exceptions. The classes are in `redipy/errors.py`, where they have the bases that `except` clauses
//! of the original expect.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyBytes;
use redipy::{Error, Kind, texts};

/// The name of the exception for an error.
fn class_of(error: &Error) -> &'static str {
    match error.kind() {
        Kind::WrongType => "WrongTypeError",
        Kind::Script if error.message().starts_with(redipy::script::texts::MISSING) => "MissingError",
        Kind::Script => "ScriptError",
        Kind::Aborted => "AbortedError",
        Kind::Connection | Kind::Unavailable => "ConnectionError",
        Kind::Timeout => "TimeoutError",
        Kind::ReadOnly => "ReadOnlyError",
        Kind::Auth => "AuthenticationError",
        Kind::OutOfMemory => "OutOfMemoryError",
        Kind::CrossSlot => "CrossSlotError",
        Kind::Unsupported => "UnsupportedError",
        Kind::Config => "ConfigError",
        _ if error.message() == texts::INDEX_RANGE.0 => "IndexRangeError",
        _ => "ResponseError",
    }
}

/// The error for which another one was given: the refusal of a command for that of its transaction.
fn cause(error: &Error) -> Option<&Error> {
    std::error::Error::source(error).and_then(|source| source.downcast_ref())
}

/// The exception of an error: the one that a plug-in's function raised, if that is what it stands for.
#[cold]
pub fn to_python(py: Python<'_>, error: &Error) -> PyErr {
    if let Some(raised) = std::error::Error::source(error).and_then(|source| source.downcast_ref::<PyErr>()) {
        return raised.clone_ref(py);
    }
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module = MODULE.get_or_try_init(py, || py.import("redipy.errors").map(Bound::unbind));
    let raise = |module: &Py<PyModule>| -> PyResult<PyErr> {
        let class = module.bind(py).call_method1("_class_of", (class_of(error),))?;
        let exception = class.call1((error.message(),))?;
        exception.setattr("may_have_run", error.may_have_run())?;
        if error.message_bytes() != error.message().as_bytes() {
            exception.setattr("message_bytes", PyBytes::new(py, error.message_bytes()))?;
        }
        let raised = PyErr::from_value(exception);
        raised.set_cause(py, cause(error).map(|cause| to_python(py, cause)));
        Ok(raised)
    };
    module.and_then(raise).unwrap_or_else(|error| error)
}
