//! Arguments from Python, borrowed from the objects that hold them, and values that scripts take.

use std::borrow::Cow;

use pyo3::exceptions::{PyMemoryError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMapping, PyMemoryView, PyString, PyTuple,
};
use redipy::{Arg, Encoded, Key, Many, Value};

use crate::errors::to_python;

/// How deeply lists and dictionaries may be nested.
const MAX_DEPTH: usize = 2_000;

/// The name of a key: a `str`, `bytes` or an integer.
pub struct Name<'a>(Cow<'a, [u8]>);

impl Name<'_> {
    /// The key of this name.
    #[inline]
    pub fn key(&self) -> Key<'_> {
        Key(&self.0)
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Name<'a> {
    type Error = PyErr;

    #[inline]
    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        match text(object)? {
            Some(bytes) => Ok(Name(Cow::Borrowed(bytes))),
            None if object.is_instance_of::<PyInt>() && !object.is_instance_of::<PyBool>() => {
                Ok(Name(Cow::Owned(object.str()?.to_str()?.as_bytes().to_vec())))
            }
            None => Err(PyTypeError::new_err(format!("a key must be a str, bytes or int, not {}", type_name(&object)))),
        }
    }
}

/// A value, a field, a member or a pattern: a `str`, `bytes` or a number.
pub enum Word<'a> {
    /// Bytes that the caller's object holds.
    Borrowed(&'a [u8]),
    /// Bytes of an object that may change, or the digits of a large number.
    Owned(Vec<u8>),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
}

impl Word<'_> {
    /// What a command takes.
    #[inline]
    pub fn arg(&self) -> Arg<'_> {
        match self {
            Word::Borrowed(bytes) => Arg::Bytes(bytes),
            Word::Owned(bytes) => Arg::Bytes(bytes),
            Word::Int(int) => Arg::Int(*int),
            Word::Float(float) => Arg::Float(*float),
        }
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Word<'a> {
    type Error = PyErr;

    #[inline]
    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        match text(object)? {
            Some(bytes) => Ok(Word::Borrowed(bytes)),
            None => other(&object),
        }
    }
}

/// The bytes of a `str`, which may be one without a UTF-8 form, or of `bytes`.
#[inline]
fn text<'a>(object: Borrowed<'a, '_, PyAny>) -> PyResult<Option<&'a [u8]>> {
    let bytes = if object.is_instance_of::<PyString>() {
        object.extract::<&'a str>()?.as_bytes()
    } else if object.is_instance_of::<PyBytes>() {
        object.extract::<&'a [u8]>()?
    } else {
        return Ok(None);
    };
    if bytes.len() > LARGE { afford(bytes.len()).map(|()| Some(bytes)) } else { Ok(Some(bytes)) }
}

/// For a copy of a value up to this size there is always room.
pub const LARGE: usize = 1 << 20;

/// Asks for room for a copy that is made at once, without which the process would end.
#[cold]
fn afford(len: usize) -> PyResult<()> {
    let room = Vec::<u8>::new().try_reserve_exact(len);
    room.map_err(|_| PyMemoryError::new_err("there is not enough memory for a copy of this value"))
}

/// What is neither a `str` nor `bytes`.
#[cold]
fn other<'a>(object: &Bound<'_, PyAny>) -> PyResult<Word<'a>> {
    if object.is_instance_of::<PyBool>() || object.is_none() {
        let name = if object.is_none() { "None".to_owned() } else { type_name(object) };
        return Err(PyTypeError::new_err(format!("a value cannot be {name}: give a str, bytes or a number")));
    }
    if let Ok(int) = object.cast::<PyInt>() {
        return match int.extract::<i64>() {
            Ok(int) => Ok(Word::Int(int)),
            Err(_) => Ok(Word::Owned(int.str()?.to_str()?.as_bytes().to_vec())),
        };
    }
    if let Ok(float) = object.cast::<PyFloat>() {
        return Ok(Word::Float(float.extract()?));
    }
    if object.is_instance_of::<PyByteArray>() || object.is_instance_of::<PyMemoryView>() {
        let bytes = object.py().get_type::<PyBytes>().call1((object,))?;
        return Ok(Word::Owned(bytes.extract::<&[u8]>()?.to_vec()));
    }
    Err(PyTypeError::new_err(format!("a value cannot be {}: give a str, bytes or a number", type_name(object))))
}

/// The name of an object's type, for messages.
pub fn type_name(object: &Bound<'_, PyAny>) -> String {
    object.get_type().name().map_or_else(|_| "an object".to_owned(), |name| name.to_string())
}

/// The arguments `*name`, each read as what a command takes.
pub fn several<'a, T>(args: &'a Bound<'_, PyTuple>, name: &str) -> PyResult<Many<T>>
where
    T: for<'py> FromPyObject<'a, 'py, Error = PyErr>,
{
    let read = |(at, arg): (usize, Borrowed<'a, '_, PyAny>)| {
        arg.extract().map_err(|error| refused(&arg, error, &format!("{name}[{at}]")))
    };
    collect(args.iter_borrowed().enumerate().map(read))
}

/// What most calls have one of, which then needs no allocation.
#[inline]
pub fn collect<T>(mut items: impl ExactSizeIterator<Item = PyResult<T>>) -> PyResult<Many<T>> {
    if items.len() == 1
        && let Some(item) = items.next()
    {
        return item.map(Many::One);
    }
    items.collect::<PyResult<_>>().map(Many::Several)
}

/// A command by its name, with values from `*args`.
pub fn encoded(name: &str, args: &Bound<'_, PyTuple>) -> PyResult<Encoded> {
    let words: Many<Word<'_>> = several(args, "args")?;
    Ok(words.iter().fold(Encoded::raw(name.as_bytes()), |command, word| command.arg(word.arg())))
}

/// Names and values from a dictionary, kept alive by whoever holds the vector.
pub struct Pairs<'py> {
    pairs: Many<(Bound<'py, PyAny>, Bound<'py, PyAny>)>,
    /// Whether the first one was given as a field and a value.
    has_field: bool,
}

impl<'py> Pairs<'py> {
    /// The pairs of a dictionary, or of any other mapping, as they are now.
    pub fn of(mapping: &Bound<'py, PyAny>) -> PyResult<Self> {
        if let Ok(dict) = mapping.cast::<PyDict>() {
            return collect(dict.iter().map(Ok)).map(Self::from_mapping);
        }
        let Ok(mapping) = mapping.cast::<PyMapping>() else {
            return Err(PyTypeError::new_err(format!("a mapping is wanted, not {}", type_name(mapping))));
        };
        collect(mapping.items()?.iter().map(|pair| pair.extract())).map(Self::from_mapping)
    }

    fn from_mapping(pairs: Many<(Bound<'py, PyAny>, Bound<'py, PyAny>)>) -> Self {
        Self { pairs, has_field: false }
    }

    /// The pairs of the argument `mapping`.
    pub fn of_mapping(mapping: &Bound<'py, PyAny>) -> PyResult<Self> {
        Self::of(mapping).map_err(|error| refused(mapping, error, "mapping"))
    }

    /// A field with its value, a mapping, and fields and values in turn, each if it is given.
    pub fn with_fields(
        field: Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>,
        mapping: Option<&Bound<'py, PyAny>>,
        items: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Self> {
        let has_field = field.is_some();
        let mut pairs: Vec<_> = field.into_iter().collect();
        if let Some(mapping) = mapping {
            pairs.extend(Self::of_mapping(mapping)?.pairs.iter().cloned());
        }
        if let Some(items) = items {
            pairs.extend(in_turn(items).map_err(|error| refused(items, error, "items"))?);
        }
        if pairs.is_empty() {
            let wanted = "a mapping is wanted, not NoneType; or field and value, or items: fields and values in turn";
            return Err(PyTypeError::new_err(wanted));
        }
        Ok(Self { pairs: pairs.into_iter().collect(), has_field })
    }

    /// The pairs as values.
    pub fn words(&self) -> PyResult<Many<(Word<'_>, Word<'_>)>> {
        self.each(|name, value| Ok((word(name)?, word(value)?)))
    }

    /// The pairs as names with numbers.
    pub fn scores(&self) -> PyResult<Many<(f64, Word<'_>)>> {
        self.each(|name, value| Ok((score(value)?, word(name)?)))
    }

    fn each<'a, T>(
        &'a self,
        read: impl Fn(&'a Bound<'py, PyAny>, &'a Bound<'py, PyAny>) -> PyResult<T>,
    ) -> PyResult<Many<T>> {
        let pairs = self.pairs.iter().enumerate();
        collect(pairs.map(|(at, (name, value))| read(name, value).map_err(|error| self.refused(at, error))))
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Pairs<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        Pairs::of(&object)
    }
}

/// Fields and values in turn.
fn in_turn<'py>(items: &Bound<'py, PyAny>) -> PyResult<Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)>> {
    let items = items.try_iter()?.collect::<PyResult<Vec<_>>>()?;
    if items.len() % 2 != 0 {
        return Err(PyTypeError::new_err("items must be fields and values in turn: the last field has no value"));
    }
    Ok(items.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect())
}

impl Pairs<'_> {
    /// An exception about one of them, which names it.
    #[cold]
    fn refused(&self, at: usize, error: PyErr) -> PyErr {
        let (name, value) = &self.pairs[at];
        if !self.has_field || at > 0 {
            refused_in("mapping", name, error)
        } else if word(name).is_err() {
            refused(name, error, "field")
        } else {
            refused(value, error, "value")
        }
    }
}

/// A time as redis-py takes it: a number, or an object of `datetime`.
pub enum Time {
    /// A number of the unit that is wanted.
    Number(i64),
    /// Seconds, from now or since 1970.
    Seconds(f64),
}

impl Time {
    /// In seconds.
    pub fn seconds(&self) -> i64 {
        match self {
            Time::Number(number) => *number,
            Time::Seconds(seconds) => *seconds as i64,
        }
    }

    /// In milliseconds.
    pub fn milliseconds(&self) -> i64 {
        match self {
            Time::Number(number) => *number,
            Time::Seconds(seconds) => (seconds * 1000.0) as i64,
        }
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Time {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Some(text) = text(object)? {
            let number = redipy::number::parse_int(text);
            return number.map(Time::Number).ok_or_else(|| to_python(object.py(), &redipy::texts::NOT_INTEGER.into()));
        }
        if object.is_instance_of::<PyBool>() {
            return Err(PyTypeError::new_err("a time cannot be bool"));
        }
        if object.is_instance_of::<PyInt>() {
            return object.extract().map(Time::Number);
        }
        for method in ["total_seconds", "timestamp"] {
            if let Some(seconds) = object.getattr_opt(method)? {
                return seconds.call0()?.extract().map(Time::Seconds);
            }
        }
        let wanted = "a time must be an int, a timedelta or a datetime, not";
        Err(PyTypeError::new_err(format!("{wanted} {}", type_name(&object))))
    }
}

/// Words, the first of which may be a list of them.
pub fn flat<'py>(args: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyTuple>> {
    match args.get_item(0) {
        Ok(first) if first.is_instance_of::<PyList>() || first.is_instance_of::<PyTuple>() => {
            let rest = args.get_slice(1, args.len());
            let words = first.try_iter()?.chain(rest.try_iter()?).collect::<PyResult<Vec<_>>>()?;
            PyTuple::new(args.py(), words)
        }
        _ => Ok(args.clone()),
    }
}

fn word<'a>(object: &'a Bound<'_, PyAny>) -> PyResult<Word<'a>> {
    object.extract()
}

/// A score: a number, or its text.
fn score(object: &Bound<'_, PyAny>) -> PyResult<f64> {
    if object.is_instance_of::<PyString>() || object.is_instance_of::<PyBytes>() {
        let number = redipy::number::parse_float(text(object.as_borrowed())?.unwrap_or_default());
        return number.ok_or_else(|| to_python(object.py(), &redipy::texts::NOT_FLOAT.into()));
    }
    if object.is_instance_of::<PyBool>() {
        return Err(PyTypeError::new_err("a score cannot be bool"));
    }
    object.extract()
}

/// An argument that has none of its values.
#[cold]
pub fn unknown(name: &str, values: &[&str], given: &str) -> PyErr {
    PyValueError::new_err(format!("{name} must be one of {values:?}, not {given:?}"))
}

/// An exception about the value of a key in a mapping that the caller knows as `mapping`, or about the key.
#[cold]
pub fn refused_in(mapping: &str, key: &Bound<'_, PyAny>, error: PyErr) -> PyErr {
    let shown = key.repr().map_or_else(|_| "...".to_owned(), |text| text.to_string_lossy().into_owned());
    refused(key, error, &format!("{mapping}[{shown}]"))
}

/// An exception about an object, with a note that names the argument: that of the generated method that is being called,
/// or else this one.
#[cold]
pub fn refused(object: &Bound<'_, PyAny>, error: PyErr, name: &str) -> PyErr {
    let py = object.py();
    let words = py.import("redipy._words");
    // Without a note it is the same exception.
    let _ = words.and_then(|words| words.call_method1("refused", (error.value(py), object, name)));
    error
}

/// How many bytes may still be made of Python's objects: one that stands at many places is one object, and many values.
pub struct Room<'a> {
    pub left: usize,
    /// What is said when there are no more.
    pub error: &'a dyn Fn() -> redipy::Error,
}

impl Room<'_> {
    fn take(&mut self, py: Python<'_>, bytes: usize) -> PyResult<()> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| to_python(py, &(self.error)()))?;
        Ok(())
    }
}

/// A value that JSON has.
///
/// # Errors
/// `TypeError` for what it has not, `ValueError` for what is too deep or has no UTF-8 form.
pub fn to_value(object: &Bound<'_, PyAny>, depth: usize, room: &mut Room<'_>) -> PyResult<Value> {
    room.take(object.py(), size_of::<Value>())?;
    if depth > MAX_DEPTH {
        return Err(PyValueError::new_err("lists and dictionaries are nested too deeply"));
    }
    if object.is_none() {
        Ok(Value::Null)
    } else if let Ok(value) = object.cast::<PyBool>() {
        Ok(Value::Bool(value.is_true()))
    } else if let Ok(value) = object.cast::<PyString>() {
        let text = value.to_str()?;
        room.take(object.py(), text.len())?;
        Ok(Value::bulk(text))
    } else if let Ok(value) = object.cast::<PyInt>() {
        let too_large = |_| PyValueError::new_err(format!("{value} does not fit into 64 bits"));
        value.extract().map(Value::Int).map_err(too_large)
    } else if let Ok(value) = object.cast::<PyFloat>() {
        value.extract().map(Value::Double)
    } else if let Ok(items) = object.cast::<PyList>() {
        items.iter().map(|item| to_value(&item, depth + 1, room)).collect::<PyResult<_>>().map(Value::Array)
    } else if let Ok(items) = object.cast::<PyTuple>() {
        items.iter().map(|item| to_value(&item, depth + 1, room)).collect::<PyResult<_>>().map(Value::Array)
    } else if let Ok(dict) = object.cast::<PyDict>() {
        let pair = |(key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
            Ok((to_value(&key, depth + 1, room)?, to_value(&value, depth + 1, room)?))
        };
        dict.iter().map(pair).collect::<PyResult<_>>().map(Value::Map)
    } else {
        Err(PyTypeError::new_err(format!("{} is nothing that JSON has", type_name(object))))
    }
}
