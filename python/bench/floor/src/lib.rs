//! The least that calls of the shapes of get and set can cost in an extension that is made with PyO3 for the stable ABI.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyString;

/// Takes and gives texts, and does nothing with them.
#[pyclass(frozen, module = "redipy_floor")]
struct Floor {
    value: String,
}

#[pymethods]
impl Floor {
    /// A floor whose `get` always gives this value.
    #[new]
    fn new(value: String) -> Self {
        Self { value }
    }

    fn get(&self, key: &str) -> &str {
        black_box(key);
        &self.value
    }

    fn set(&self, key: &str, value: &str) -> bool {
        black_box((key, value));
        true
    }
}

/// The same with a map behind a lock.
#[pyclass(frozen, module = "redipy_floor")]
struct Map(Mutex<HashMap<String, String>>);

#[pymethods]
impl Map {
    /// An empty map.
    #[new]
    fn new() -> Self {
        Self(Mutex::default())
    }

    fn get<'py>(&self, py: Python<'py>, key: &str) -> Option<Bound<'py, PyString>> {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.get(key).map(|value| PyString::new(py, value))
    }

    fn set(&self, key: &str, value: &str) -> bool {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.insert(key.to_owned(), value.to_owned());
        true
    }
}

/// What PyO3 costs.
#[pymodule]
mod redipy_floor {
    #[pymodule_export]
    use super::{Floor, Map};
}
