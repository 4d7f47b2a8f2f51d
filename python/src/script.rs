//! Scripts: read from the original's intermediate form, compiled once for the engine and for servers.

use std::collections::HashMap;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use redipy::script::import::import_with;
use redipy::script::texts::argument_too_large;
use redipy::script::{Limits, Script as Compiled, ScriptCall};
use redipy::{Error, Kind};

use crate::args::{Name, Room, refused, refused_in, to_value, type_name};
use crate::errors::to_python;
use crate::plugins::extras;

/// How many bytes the intermediate form of a script may take: far more than what can be compiled.
const LARGEST_PROGRAM: usize = 64 << 20;

/// A compiled script.
#[pyclass(frozen, module = "redipy._native")]
pub struct Script(Compiled);

impl Script {
    /// A call with these keys and arguments.
    ///
    /// # Errors
    /// `TypeError` and `ValueError` for what is no mapping, no name, no key and no value that JSON has.
    pub fn prepare(&self, keys: &Bound<'_, PyAny>, args: &Bound<'_, PyAny>) -> PyResult<ScriptCall> {
        let mut call = self.0.prepare();
        for (name, key) in dictionary(keys, "keys")?.iter() {
            let read = || Ok((text(&name)?, key.extract::<Name<'_>>()?));
            let (text, key) = read().map_err(|error| refused_in("keys", &name, error))?;
            call = call.key(&text, key.key().as_bytes());
        }
        let mut left = Limits::default().memory;
        for (name, value) in dictionary(args, "args")?.iter() {
            let mut read = || {
                let text = text(&name)?;
                let mut room = Room { left, error: &|| argument_too_large(&text) };
                let value = to_value(&value, 0, &mut room)?;
                left = room.left;
                Ok((text, value))
            };
            let (text, value) = read().map_err(|error| refused_in("args", &name, error))?;
            call = call.arg(&text, value);
        }
        Ok(call)
    }
}

/// Any mapping as a dictionary, which the caller knows as `name`.
fn dictionary<'py>(mapping: &Bound<'py, PyAny>, name: &str) -> PyResult<Bound<'py, PyDict>> {
    match mapping.cast::<PyDict>() {
        Ok(dict) => Ok(dict.clone()),
        Err(_) => {
            let made = mapping.py().get_type::<PyDict>().call1((mapping,));
            Ok(made.map_err(|error| refused(mapping, error, name))?.cast_into()?)
        }
    }
}

fn text(name: &Bound<'_, PyAny>) -> PyResult<String> {
    name.extract().map_err(|_| PyTypeError::new_err(format!("a name must be a str, not {}", type_name(name))))
}

#[pymethods]
impl Script {
    /// Compiles a script from its intermediate form. `functions` and `commands` are what it can call in this process, each
    /// with a list of its arguments; `lua` is what it can call on a server besides all that Lua has there.
    #[new]
    #[pyo3(signature = (program, *, functions=None, commands=None, lua=None))]
    fn new(
        program: &Bound<'_, PyAny>,
        functions: Option<&Bound<'_, PyDict>>,
        commands: Option<&Bound<'_, PyDict>>,
        lua: Option<HashMap<String, String>>,
    ) -> PyResult<Self> {
        let py = program.py();
        let too_large =
            || Error::new(Kind::Script, "the program is too large: what is used often belongs into a variable");
        let mut room = Room { left: LARGEST_PROGRAM, error: &too_large };
        let (value, extras) = (to_value(program, 0, &mut room)?, extras(functions, commands, lua)?);
        let script = import_with(&value, &extras).and_then(|draft| draft.compile());
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

    /// What is allowed and yet looks like a mistake, each with the number of its statement.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.0.warnings().iter().map(|warning| format!("{}: {}", warning.place, warning.message)).collect()
    }

    fn __repr__(&self) -> String {
        format!("<script of the keys {:?} and the arguments {:?}>", self.0.keys(), self.0.args())
    }
}
