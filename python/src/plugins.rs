//! Functions of plug-ins: Python code that a script in this process calls.
//!
//! A script that may call one holds all of the engine's data while it runs, and takes the interpreter for every call.
//! That is no deadlock: nobody waits for data while holding the interpreter. The function itself must not wait for the
//! data either, which its own thread holds: it is given a [`Machine`](crate::machine::Machine) to reach it by.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use redipy::script::functions::{self, Function};
use redipy::script::import::Extras;
use redipy::script::value::Val;
use redipy::script::{Host, Limits, Type};
use redipy::{Error, Kind};
use scoped_tls_hkt::{ReborrowMut, scoped_thread_local};

use crate::args::{Room, to_value};
use crate::errors::to_python;
use crate::replies::Reader;

/// The data that a function reaches while it is called.
struct Reached<'a> {
    /// The number of the call.
    call: u64,
    host: &'a mut (dyn Host + 'a),
}

impl<'a, 'b: 'a> ReborrowMut<'a> for Reached<'b> {
    type Result = Reached<'a>;

    fn reborrow_mut(&'a mut self) -> Reached<'a> {
        Reached { call: self.call, host: self.host }
    }
}

scoped_thread_local!(
    /// What the function reaches that this thread is calling.
    static mut REACHED: for<'a> Reached<'a>
);

/// The number of the call that this thread is in.
///
/// # Errors
/// `RuntimeError` outside of a call.
pub fn current_call() -> PyResult<u64> {
    if REACHED.is_set() { Ok(REACHED.with(|reached| reached.call)) } else { Err(is_over()) }
}

/// Reaches the data in the call of this number.
///
/// # Errors
/// `RuntimeError` if this thread is not in that call.
pub fn reach<T>(call: u64, act: impl FnOnce(&mut dyn Host) -> T) -> PyResult<T> {
    if !REACHED.is_set() {
        return Err(is_over());
    }
    REACHED.with(|reached| if reached.call == call { Ok(act(reached.host)) } else { Err(is_over()) })
}

#[cold]
fn is_over() -> PyErr {
    PyRuntimeError::new_err("what a plug-in's function is given can be used while it is called, by the same thread")
}

/// How many functions are being called, by all threads: nearly always none, which costs less to find out.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Whether this thread is in a call of a plug-in's function: then it holds data.
#[inline]
pub fn is_running() -> bool {
    RUNNING.load(Ordering::Relaxed) > 0 && REACHED.is_set()
}

/// Calls a function, by which the data can be reached meanwhile.
fn within<T>(reached: Reached<'_>, call: impl FnOnce() -> T) -> T {
    struct Running;
    impl Drop for Running {
        fn drop(&mut self) {
            RUNNING.fetch_sub(1, Ordering::Relaxed);
        }
    }
    RUNNING.fetch_add(1, Ordering::Relaxed);
    let _running = Running;
    REACHED.set(reached, call)
}

/// Refuses to use data of this process while this thread holds some: it might wait for ever.
///
/// # Errors
/// `RuntimeError`.
pub fn check_holds_nothing() -> PyResult<()> {
    if is_running() {
        return Err(PyRuntimeError::new_err("a plug-in's function reaches the data through its first argument"));
    }
    Ok(())
}

/// What a script can call that the language does not have: functions and commands in Python, and Lua of a server.
///
/// # Errors
/// Those of Python, for what is of another type.
pub fn extras(
    functions: Option<&Bound<'_, PyDict>>,
    commands: Option<&Bound<'_, PyDict>>,
    lua: Option<HashMap<String, String>>,
) -> PyResult<Extras> {
    let mut extras = Extras { has_lua: lua.is_some(), ..Extras::default() };
    extras.functions = rows(functions)?;
    extras.commands = rows(commands)?;
    let lua = lua.into_iter().flatten();
    extras.functions.extend(lua.map(|(name, text)| (name.clone(), Function::in_lua(name, &text))));
    Ok(extras)
}

fn rows(functions: Option<&Bound<'_, PyDict>>) -> PyResult<HashMap<String, Function>> {
    let mut rows = HashMap::new();
    for (name, function) in functions.into_iter().flat_map(|functions| functions.iter()) {
        let name: String = name.extract()?;
        rows.insert(name.clone(), row(name, function.unbind()));
    }
    Ok(rows)
}

/// The row of a function that is given a list of its arguments.
fn row(name: String, function: Py<PyAny>) -> Function {
    static CALLS: AtomicU64 = AtomicU64::new(1);
    // A row may not have the name of a standard function; the script calls it by the name that it has there.
    let own = if functions::find(&name).is_some() { format!("{name} of a plug-in") } else { name.clone() };
    let native = move |args: &[&Val], host: &mut dyn Host| {
        let reached = Reached { call: CALLS.fetch_add(1, Ordering::Relaxed), host };
        Python::attach(|py| {
            let args = arguments(py, args)?;
            let given = within(reached, || function.bind(py).call1((args,)));
            result(&name, &given?)
        })
        .map_err(|raised| Error::new(Kind::Script, format!("SCRIPT {raised}")).with_source(raised))
    };
    Function::hosted(own, [Type::ANY], Type::ANY, native).variadic()
}

fn arguments<'py>(py: Python<'py>, args: &[&Val]) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for arg in args {
        let value = arg.to_value().map_err(|error| to_python(py, &error))?;
        list.append(Reader { py, decode: true }.value(&value)?)?;
    }
    Ok(list)
}

/// What a function gave, as a value of the script.
fn result(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Val> {
    let py = given.py();
    let too_large = || Error::new(Kind::OutOfMemory, "it takes more memory than a script may use");
    let mut room = Room { left: Limits::default().memory, error: &too_large };
    let value = to_value(given, 0, &mut room).map_err(|refused| with_note(py, refused, name))?;
    Val::of(value).map_err(|error| {
        let text = error.message().trim_start_matches("SCRIPT ");
        PyValueError::new_err(format!("what {name} gave: {text}"))
    })
}

/// Says in front of an exception's text which function gave what is refused, if the exception is made of a text.
fn with_note(py: Python<'_>, refused: PyErr, name: &str) -> PyErr {
    match refused.value(py).str().map(|text| refused.get_type(py).call1((format!("what {name} gave: {text}"),))) {
        Ok(Ok(exception)) => PyErr::from_value(exception),
        _ => refused,
    }
}
