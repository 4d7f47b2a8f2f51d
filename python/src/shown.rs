//! Collections as Python objects, which are made of the texts where these are stored.
//!
//! The object is made before the data is locked: where Python makes a container it may collect garbage and so run other
//! code, which it does not where it makes texts and puts them into one.

use std::borrow::Cow;
use std::sync::MutexGuard;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PySet, PyTuple};
use redipy::Error;
use redipy::sink::{Collection, Part, ReplySink};

use crate::memo::{Asked, Known, memo};
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

    /// The object.
    fn object(self, reader: Reader<'py>) -> Object<'py>;

    /// Another object of the same texts, to be kept.
    ///
    /// # Errors
    /// Python's, where memory is used up.
    fn kept(&self, reader: Reader<'py>) -> PyResult<Object<'py>>;

    /// An object of the texts of one that was kept.
    ///
    /// # Errors
    /// Python's, where memory is used up.
    fn again(kept: &Object<'py>) -> PyResult<Object<'py>>;
}

/// One text, or None.
#[derive(Default)]
pub struct One<'py>(Option<Object<'py>>);

impl<'py> Takes<'py> for One<'py> {
    fn take(&mut self, text: Object<'py>) -> PyResult<()> {
        self.0 = Some(text);
        Ok(())
    }

    fn is_name_next(&self) -> bool {
        false
    }

    fn object(self, reader: Reader<'py>) -> Object<'py> {
        self.0.unwrap_or_else(|| reader.none())
    }

    fn kept(&self, reader: Reader<'py>) -> PyResult<Object<'py>> {
        Ok(self.0.clone().unwrap_or_else(|| reader.none()))
    }

    fn again(kept: &Object<'py>) -> PyResult<Object<'py>> {
        Ok(kept.clone())
    }
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

    fn object(self, _: Reader<'py>) -> Object<'py> {
        self.0.into_any()
    }

    fn kept(&self, _: Reader<'py>) -> PyResult<Object<'py>> {
        Ok(self.0.to_tuple().into_any())
    }

    fn again(kept: &Object<'py>) -> PyResult<Object<'py>> {
        Ok(kept.cast::<PyTuple>()?.to_list().into_any())
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

    fn object(self, _: Reader<'py>) -> Object<'py> {
        self.into_any()
    }

    fn kept(&self, _: Reader<'py>) -> PyResult<Object<'py>> {
        Self::again(self.as_any())
    }

    fn again(kept: &Object<'py>) -> PyResult<Object<'py>> {
        kept.call_method0(intern!(kept.py(), "copy"))
    }
}

/// The fields of a hash with their values.
pub struct Fields<'py> {
    dict: Bound<'py, PyDict>,
    /// The field whose value comes next.
    field: Option<Object<'py>>,
}

impl<'py> Fields<'py> {
    pub fn new(py: Python<'py>) -> Self {
        Fields { dict: PyDict::new(py), field: None }
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

    fn object(self, _: Reader<'py>) -> Object<'py> {
        self.dict.into_any()
    }

    fn kept(&self, _: Reader<'py>) -> PyResult<Object<'py>> {
        Ok(self.dict.copy()?.into_any())
    }

    fn again(kept: &Object<'py>) -> PyResult<Object<'py>> {
        Ok(kept.cast::<PyDict>()?.copy()?.into_any())
    }
}

/// How many bytes a text takes about besides its own, with its place in what holds it.
const TEXT: usize = 80;

/// Gives an object what is shown.
pub struct Shown<'py, T> {
    reader: Reader<'py>,
    to: T,
    asked: Asked,
    known: Known,
    /// About how many bytes the texts take.
    size: usize,
    /// None where another call has them, which this one is inside of.
    names: Option<MutexGuard<'static, Names>>,
    /// The first bytes that are no text.
    wrong: Option<Vec<u8>>,
    /// Whether there was memory for all.
    failed: PyResult<()>,
}

impl<'py, T: Takes<'py>> Shown<'py, T> {
    /// Nothing is shown yet.
    pub fn new(reader: Reader<'py>, asked: Asked, to: T) -> Self {
        Self { reader, to, asked, known: Known::New, size: 0, names: names::names(), wrong: None, failed: Ok(()) }
    }

    /// The object.
    ///
    /// # Errors
    /// Python's, for bytes that are no text, and where memory is used up.
    pub fn finish(self) -> PyResult<Object<'py>> {
        self.failed?;
        if let Some(bytes) = self.wrong {
            return self.reader.text(&bytes);
        }
        match self.known {
            Known::New => {}
            Known::Same(kept) => return T::again(kept.bind(self.reader.py)),
            Known::Again(reply) => {
                let size = self.size + reply.size();
                if memo().is_some_and(|memo| memo.has_room(size)) {
                    let object = self.to.kept(self.reader)?;
                    if let Some(mut memo) = memo() {
                        memo.keep(reply, object, size);
                    }
                }
            }
        }
        Ok(self.to.object(self.reader))
    }
}

/// Nothing but texts are shown, and not more than one collection of them.
impl<'py, T: Takes<'py>> ReplySink for Shown<'py, T> {
    #[inline]
    fn bulk(&mut self, bytes: &[u8]) {
        self.size += TEXT + bytes.len();
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

    fn bool(&mut self, _: bool) {}

    fn int(&mut self, _: i64) {}

    fn double(&mut self, _: f64) {}

    fn big_number(&mut self, _: &str) {}

    fn status(&mut self, _: Cow<'static, str>) {}

    fn error(&mut self, _: Error) {}

    fn verbatim(&mut self, _: [u8; 3], _: &[u8]) {}

    fn knows(&mut self, part: Part<'_>) -> bool {
        if let Some(mut memo) = memo() {
            self.known = memo.look(self.reader.py, self.asked, part);
        }
        matches!(self.known, Known::Same(_))
    }
}
