//! Collections as Python objects, which are made of the texts where these are stored.
//!
//! The object is made before the data is locked: where Python makes a container it may collect garbage and so run other
//! code, which it does not where it makes texts and puts them into one.

use std::sync::MutexGuard;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PySet};
use redipy::Value;
use redipy::sink::{Collection, ReplySink};

use crate::memo::{Known, memo};
use crate::names::{self, Names};
use crate::replies::{Object, Reader};

/// An object that takes texts one by one.
pub trait Takes<'py> {
    /// Takes the next text.
    ///
    /// # Errors
    /// Python's, where memory is used up.
    fn take(&mut self, text: Object<'py>) -> PyResult<()>;

    /// Whether the next text is the name of a field, of which there are few different ones.
    fn is_name_next(&self) -> bool;

    /// Whether all texts that would come are known by the form in which they are stored.
    fn knows(&mut self, reader: Reader<'py>, stored: &[u8]) -> bool {
        let _ = (reader, stored); // only dictionaries are remembered
        false
    }

    /// The object.
    ///
    /// # Errors
    /// Python's, where memory is used up.
    fn object(self, reader: Reader<'py>) -> PyResult<Object<'py>>;
}

/// A list of texts; whether these are names.
pub struct Texts<'py>(Bound<'py, PyList>, bool);

impl<'py> Texts<'py> {
    pub fn new(py: Python<'py>, are_names: bool) -> Self {
        Texts(PyList::empty(py), are_names)
    }
}

impl<'py> Takes<'py> for Texts<'py> {
    #[inline]
    fn take(&mut self, text: Object<'py>) -> PyResult<()> {
        self.0.append(text)
    }

    #[inline]
    fn is_name_next(&self) -> bool {
        self.1
    }

    fn object(self, _: Reader<'py>) -> PyResult<Object<'py>> {
        Ok(self.0.into_any())
    }
}

/// A set of texts.
impl<'py> Takes<'py> for Bound<'py, PySet> {
    #[inline]
    fn take(&mut self, text: Object<'py>) -> PyResult<()> {
        self.add(text)
    }

    #[inline]
    fn is_name_next(&self) -> bool {
        false
    }

    fn object(self, _: Reader<'py>) -> PyResult<Object<'py>> {
        Ok(self.into_any())
    }
}

/// The fields of a hash with their values.
pub struct Fields<'py> {
    dict: Bound<'py, PyDict>,
    /// The field whose value comes next.
    field: Option<Object<'py>>,
    known: Known,
}

impl<'py> Fields<'py> {
    pub fn new(py: Python<'py>) -> Self {
        Fields { dict: PyDict::new(py), field: None, known: Known::New }
    }
}

impl<'py> Takes<'py> for Fields<'py> {
    #[inline]
    fn take(&mut self, text: Object<'py>) -> PyResult<()> {
        match self.field.take() {
            None => self.field = Some(text),
            Some(field) => self.dict.set_item(field, text)?,
        }
        Ok(())
    }

    #[inline]
    fn is_name_next(&self) -> bool {
        self.field.is_none()
    }

    fn knows(&mut self, reader: Reader<'py>, stored: &[u8]) -> bool {
        if let Some(mut memo) = memo() {
            self.known = memo.look(reader.py, stored, reader.decode);
        }
        matches!(self.known, Known::Same(_))
    }

    fn object(self, reader: Reader<'py>) -> PyResult<Object<'py>> {
        match self.known {
            Known::New => {}
            Known::Same(dict) => return Ok(dict.bind(reader.py).copy()?.into_any()),
            Known::Again(stored) => {
                let copy = self.dict.copy()?;
                if let Some(mut memo) = memo() {
                    memo.keep(stored, reader.decode, copy);
                }
            }
        }
        Ok(self.dict.into_any())
    }
}

/// Gives an object what is shown.
pub struct Shown<'py, T> {
    reader: Reader<'py>,
    to: T,
    /// None where another call has them, which this one is inside of.
    names: Option<MutexGuard<'static, Names>>,
    /// The first bytes that are no text.
    wrong: Option<Vec<u8>>,
    /// Whether there was memory for all.
    failed: PyResult<()>,
}

impl<'py, T: Takes<'py>> Shown<'py, T> {
    /// Nothing is shown yet.
    pub fn new(reader: Reader<'py>, to: T) -> Self {
        Self { reader, to, names: names::names(), wrong: None, failed: Ok(()) }
    }

    /// The object.
    ///
    /// # Errors
    /// Python's, for bytes that are no text, and where memory is used up.
    pub fn finish(self) -> PyResult<Object<'py>> {
        self.failed?;
        match self.wrong {
            None => self.to.object(self.reader),
            Some(bytes) => self.reader.text(&bytes),
        }
    }
}

/// Nothing but texts are shown, and not more than one collection of them.
impl<'py, T: Takes<'py>> ReplySink for Shown<'py, T> {
    #[inline]
    fn bulk(&mut self, bytes: &[u8]) {
        let text = match &mut self.names {
            Some(names) if self.to.is_name_next() => names.text(self.reader, bytes),
            _ => self.reader.stored(bytes),
        };
        match text.map(|text| text.and_then(|text| self.to.take(text))) {
            Some(Ok(())) => {}
            Some(Err(error)) => self.failed = Err(error),
            None => {
                self.wrong.get_or_insert_with(|| bytes.to_vec());
            }
        }
    }

    fn begin(&mut self, _: Collection, _: usize) {}

    fn null(&mut self) {}

    fn int(&mut self, _: i64) {}

    fn double(&mut self, _: f64) {}

    fn value(&mut self, _: Value) {}

    #[inline]
    fn knows(&mut self, elements: &[u8]) -> bool {
        self.to.knows(self.reader, elements)
    }
}
