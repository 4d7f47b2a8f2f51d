//! Numbers and other arguments of few kinds. Truth values are none of these: Python takes them for 0 and 1.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat};
use redipy::Arg;

use crate::args::{type_name, unknown};

/// An integer.
#[derive(Clone, Copy)]
pub struct Int(pub i64);

/// A number that is not negative, such as a cursor.
#[derive(Clone, Copy)]
pub struct Position(pub u64);

/// A number of seconds.
#[derive(Clone, Copy)]
pub struct Seconds(pub f64);

fn check(object: &Bound<'_, PyAny>) -> PyResult<()> {
    if object.is_instance_of::<PyBool>() {
        return Err(PyTypeError::new_err("a number cannot be bool"));
    }
    Ok(())
}

macro_rules! number {
    ($name:ident) => {
        impl<'a, 'py> FromPyObject<'a, 'py> for $name {
            type Error = PyErr;

            #[inline]
            fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
                check(&object)?;
                object.extract().map($name)
            }
        }
    };
}

number!(Int);
number!(Position);
number!(Seconds);

/// The type of keys that are looked for.
pub struct OfType<'a>(pub &'a str);

const TYPES: [&str; 6] = ["string", "list", "set", "zset", "hash", "stream"];

impl<'a, 'py> FromPyObject<'a, 'py> for OfType<'a> {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let name: &str = object.extract()?;
        if TYPES.contains(&name) { Ok(OfType(name)) } else { Err(unknown("filter_type", &TYPES, name)) }
    }
}

/// What becomes of scores.
pub enum Cast {
    /// They are floats.
    Float,
    /// What a function makes of them.
    By(Py<PyAny>),
}

impl Cast {
    /// A score, as redis-py gives it: a function is given the text first, and the number if it does not take that.
    pub fn of<'py>(&self, py: Python<'py>, score: f64) -> PyResult<Bound<'py, PyAny>> {
        let Cast::By(function) = self else { return Ok(PyFloat::new(py, score).into_any()) };
        let function = function.bind(py);
        match function.call1((PyBytes::new(py, &Arg::Float(score).text()),)) {
            Err(error) if error.is_instance_of::<PyValueError>(py) || error.is_instance_of::<PyTypeError>(py) => {
                function.call1((score,))
            }
            result => result,
        }
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Cast {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if object.is(object.py().get_type::<PyFloat>()) {
            Ok(Cast::Float)
        } else if object.is_callable() {
            Ok(Cast::By(object.to_owned().unbind()))
        } else {
            let text = format!("score_cast_func must be a function, not {}", type_name(&object));
            Err(PyTypeError::new_err(text))
        }
    }
}
