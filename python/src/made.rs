//! What `__init__` makes. Subclasses in Python have arguments of their own, so `__new__` takes anything and makes nothing.

use std::sync::OnceLock;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// The inside of an object, which is there as soon as its `__init__` has been called.
pub struct Made<T>(OnceLock<T>);

impl<T> Made<T> {
    /// An object whose `__init__` is still to come.
    pub fn not_yet() -> Self {
        Made(OnceLock::new())
    }

    /// Makes the object.
    ///
    /// # Errors
    /// `RuntimeError` if it is made already.
    pub fn make(&self, inside: T) -> PyResult<()> {
        let done = |_| PyRuntimeError::new_err("__init__ was called twice");
        self.0.set(inside).map_err(done)
    }

    /// The inside.
    ///
    /// # Errors
    /// `RuntimeError` before `__init__`.
    #[inline]
    pub fn get(&self) -> PyResult<&T> {
        self.0.get().ok_or_else(missing)
    }
}

#[cold]
fn missing() -> PyErr {
    PyRuntimeError::new_err("super().__init__() was not called")
}
