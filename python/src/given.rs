//! Arguments that can be given by more than one name: ours and redis-py's.

use std::convert::Infallible;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::args::{Name, Word, refused};
use crate::replies::Object;

/// An argument that was given, or not.
pub enum Given<T> {
    It(T),
    Not,
}

impl<'a, 'py, T: FromPyObject<'a, 'py>> FromPyObject<'a, 'py> for Given<T> {
    type Error = T::Error;

    #[inline(always)] // or else each argument is moved once more
    fn extract(object: Borrowed<'a, 'py, PyAny>) -> Result<Self, T::Error> {
        object.extract().map(Given::It)
    }
}

impl<T> Given<T> {
    /// What was given by this name or by another one of the call; None where it was by none.
    #[inline(always)] // as above
    pub fn or(self, call: &str, other: Given<T>, name: &str) -> PyResult<Option<T>> {
        match (self, other) {
            (Given::It(value), Given::Not) | (Given::Not, Given::It(value)) => Ok(Some(value)),
            (Given::Not, Given::Not) => Ok(None),
            (Given::It(_), Given::It(_)) => Err(given_twice(call, name)),
        }
    }
}

/// The exception for an argument that was not given.
#[cold]
pub fn missing(call: &str, name: &str) -> PyErr {
    PyTypeError::new_err(format!("{call}() missing 1 required positional argument: '{name}'"))
}

#[cold]
fn given_twice(call: &str, name: &str) -> PyErr {
    PyTypeError::new_err(format!("{call}() got multiple values for argument '{name}'"))
}

/// An argument as it came.
#[derive(Clone, Copy)]
pub struct Raw<'a, 'py>(Borrowed<'a, 'py, PyAny>);

impl<'a, 'py> FromPyObject<'a, 'py> for Raw<'a, 'py> {
    type Error = Infallible;

    #[inline]
    fn extract(object: Borrowed<'a, 'py, PyAny>) -> Result<Self, Infallible> {
        Ok(Raw(object))
    }
}

impl<'py> Raw<'_, 'py> {
    /// The object.
    pub fn object(&self) -> Object<'py> {
        self.0.to_owned()
    }
}

/// An argument and the name that it was given by.
type Called<'a, 'py> = (Raw<'a, 'py>, &'static str);

/// A key and what is in it. In redis-py `key` is the name of the latter, here that of the first.
pub struct Place<'a, 'py> {
    pub hash: Given<Raw<'a, 'py>>,
    pub item: Given<Raw<'a, 'py>>,
    pub name: Given<Raw<'a, 'py>>,
    pub key: Given<Raw<'a, 'py>>,
    pub field: Given<Raw<'a, 'py>>,
}

impl<'a, 'py> Place<'a, 'py> {
    /// The key, and the field if it was given.
    #[inline]
    pub fn read(self, call: &str) -> PyResult<(Name<'a>, Option<Field<'a, 'py>>)> {
        let (hash, item) = match self {
            Place { hash: Given::It(hash), item, name: Given::Not, key: Given::Not, field: Given::Not } => {
                let item = if let Given::It(item) = item { Some((item, "field")) } else { None };
                ((hash, "key"), item)
            }
            named => named.by_names(call)?,
        };
        Ok((read(hash)?, item.map(Field)))
    }

    #[cold]
    fn by_names(self, call: &str) -> PyResult<(Called<'a, 'py>, Option<Called<'a, 'py>>)> {
        let Place { hash, item, name, key, field } = self;
        let (hash, key) = match (hash, name, key) {
            (Given::It(_), Given::It(_), _) => return Err(given_twice(call, "name")),
            (Given::It(hash), Given::Not, key) => ((hash, "key"), key),
            (Given::Not, Given::It(name), key) => ((name, "name"), key),
            (Given::Not, Given::Not, Given::It(key)) => ((key, "key"), Given::Not),
            (Given::Not, Given::Not, Given::Not) => return Err(missing(call, "key")),
        };
        let mut items = [(item, "field"), (key, "key"), (field, "field")]
            .into_iter()
            .filter_map(|(given, name)| if let Given::It(raw) = given { Some((raw, name)) } else { None });
        match (items.next(), items.next()) {
            (_, Some(_)) => Err(given_twice(call, "field")),
            (item, None) => Ok((hash, item)),
        }
    }
}

/// A field, which may be a mapping in its place.
pub struct Field<'a, 'py>(Called<'a, 'py>);

impl<'a, 'py> Field<'a, 'py> {
    /// The field.
    #[inline]
    pub fn word(&self) -> PyResult<Word<'a>> {
        read(self.0)
    }

    /// The object, and what it was called.
    pub fn object(&self) -> (Object<'py>, &'static str) {
        (self.0.0.object(), self.0.1)
    }
}

#[inline]
fn read<'a, 'py, T: FromPyObject<'a, 'py, Error = PyErr>>((Raw(object), name): Called<'a, 'py>) -> PyResult<T> {
    object.extract().map_err(|error| refused(&object, error, name))
}
