//! Scripts: read from the original's intermediate form, compiled once for the engine and for servers.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use redipy::Value;
use redipy::script::import::import;
use redipy::script::{Script as Compiled, ScriptCall};

use crate::args::{Name, type_name};
use crate::errors::to_python;

/// How deeply lists and dictionaries may be nested.
const MAX_DEPTH: usize = 2_000;

/// A compiled script.
#[pyclass(frozen, module = "redipy._native")]
pub struct Script(Compiled);

impl Script {
    /// A call with these keys and arguments.
    pub fn prepare(&self, keys: &Bound<'_, PyDict>, args: &Bound<'_, PyDict>) -> PyResult<ScriptCall> {
        let mut call = self.0.prepare();
        for (name, key) in keys.iter() {
            call = call.key(&text(&name)?, key.extract::<Name<'_>>()?.key().as_bytes());
        }
        for (name, value) in args.iter() {
            call = call.arg(&text(&name)?, to_value(&value, 0)?);
        }
        Ok(call)
    }
}

fn text(name: &Bound<'_, PyAny>) -> PyResult<String> {
    name.extract().map_err(|_| PyTypeError::new_err(format!("a name must be a str, not {}", type_name(name))))
}

#[pymethods]
impl Script {
    /// Compiles a script from its intermediate form.
    #[new]
    fn new(program: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = program.py();
        let value = to_value(program, 0)?;
        let script = import(&value).and_then(|draft| draft.compile());
        script.map(Script).map_err(|error| to_python(py, &error))
    }

    /// The Lua that a server gets.
    #[getter]
    fn lua(&self) -> &str {
        self.0.lua()
    }

    /// The names of the keys.
    #[getter]
    fn keys(&self) -> Vec<String> {
        self.0.keys().to_vec()
    }

    /// The names of the arguments.
    #[getter]
    fn args(&self) -> Vec<String> {
        self.0.args().to_vec()
    }
}

/// A value that JSON has.
///
/// # Errors
/// `TypeError` for what it has not, `ValueError` for what is too deep or has no UTF-8 form.
fn to_value(object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    if depth > MAX_DEPTH {
        return Err(PyValueError::new_err("lists and dictionaries are nested too deeply"));
    }
    if object.is_none() {
        Ok(Value::Null)
    } else if let Ok(value) = object.cast::<PyBool>() {
        Ok(Value::Bool(value.is_true()))
    } else if let Ok(value) = object.cast::<PyString>() {
        Ok(Value::bulk(value.to_str()?))
    } else if let Ok(value) = object.cast::<PyInt>() {
        let too_large = |_| PyValueError::new_err(format!("{value} does not fit into 64 bits"));
        value.extract().map(Value::Int).map_err(too_large)
    } else if let Ok(value) = object.cast::<PyFloat>() {
        value.extract().map(Value::Double)
    } else if let Ok(items) = object.cast::<PyList>() {
        items.iter().map(|item| to_value(&item, depth + 1)).collect::<PyResult<_>>().map(Value::Array)
    } else if let Ok(items) = object.cast::<PyTuple>() {
        items.iter().map(|item| to_value(&item, depth + 1)).collect::<PyResult<_>>().map(Value::Array)
    } else if let Ok(dict) = object.cast::<PyDict>() {
        let pair = |(key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
            Ok((to_value(&key, depth + 1)?, to_value(&value, depth + 1)?))
        };
        dict.iter().map(pair).collect::<PyResult<_>>().map(Value::Map)
    } else {
        Err(PyTypeError::new_err(format!("{} is nothing that JSON has", type_name(object))))
    }
}
