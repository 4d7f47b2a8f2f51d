//! Replies as Python objects.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyNone, PySet, PyString, PyTuple};
use redipy::{Bytes, Message, Value};

use crate::args::{LARGE, Word};
use crate::errors::to_python;
use crate::numbers::Cast;

/// How replies become objects.
#[derive(Clone, Copy)]
pub struct Reader<'py> {
    /// The interpreter.
    pub py: Python<'py>,
    /// Whether texts are `str`, or else `bytes`.
    pub decode: bool,
}

/// What becomes of the reply of a command that is called by its name.
#[derive(Clone, Copy)]
pub enum Reads {
    /// It is what it is.
    Value,
    /// True for `OK`.
    Ok,
    /// Whether it is 1.
    Bool,
    /// Whether each of them is 1.
    Bools,
    /// The number that a text says.
    Float,
    /// True for `PONG`, or the message.
    Pong,
    /// A set as a list.
    List,
    /// Pairs one after the other.
    Flat,
    /// Pairs of a member and its score.
    Scored,
    /// The next cursor and what a step of SCAN found.
    Page,
    /// The same with pairs of fields and values.
    FieldsPage,
    /// The same with pairs of members and scores.
    ScoresPage,
    /// A rank, or a rank and a score.
    Rank,
    /// Seconds and microseconds.
    Time,
    /// Nothing is read: an empty list.
    Empty,
}

impl Reads {
    /// By the name that the generated methods use.
    pub fn of(name: &str) -> PyResult<Self> {
        Ok(match name {
            "value" => Reads::Value,
            "ok" => Reads::Ok,
            "bool" => Reads::Bool,
            "bools" => Reads::Bools,
            "float" => Reads::Float,
            "pong" => Reads::Pong,
            "list" => Reads::List,
            "flat" => Reads::Flat,
            "scored" => Reads::Scored,
            "page" => Reads::Page,
            "fields_page" => Reads::FieldsPage,
            "scores_page" => Reads::ScoresPage,
            "rank" => Reads::Rank,
            "time" => Reads::Time,
            "empty" => Reads::Empty,
            other => return Err(PyValueError::new_err(format!("nothing is read as {other:?}"))),
        })
    }
}

/// The parts of a list of pairs, or of a list that has them one after the other.
fn parts(value: &Value) -> impl Iterator<Item = &Value> {
    let items = if let Value::Array(items) | Value::Set(items) = value { items.as_slice() } else { &[] };
    items.iter().flat_map(|item| match item {
        Value::Array(pair) => pair.as_slice(),
        single => std::slice::from_ref(single),
    })
}

fn two_by_two<'v>(mut parts: impl Iterator<Item = &'v Value>) -> impl Iterator<Item = (&'v Value, &'v Value)> {
    std::iter::from_fn(move || Some((parts.next()?, parts.next()?)))
}

/// An object of any type.
pub type Object<'py> = Bound<'py, PyAny>;

/// A text that becomes an object where a collection takes it.
struct Text<'py, 'b> {
    reader: Reader<'py>,
    bytes: &'b [u8],
}

impl<'py> IntoPyObject<'py> for Text<'py, '_> {
    type Target = PyAny;
    type Output = Object<'py>;
    type Error = PyErr;

    #[inline]
    fn into_pyobject(self, _: Python<'py>) -> PyResult<Object<'py>> {
        self.reader.text(self.bytes)
    }
}

impl<'py> Reader<'py> {
    /// A text, which runs no Python code; None for bytes that are no text. There may not be enough memory for it.
    #[inline]
    pub fn stored(self, bytes: &[u8]) -> Option<PyResult<Object<'py>>> {
        if !self.decode {
            return Some(self.bytes(bytes));
        }
        // Nearly every text is ASCII, which is seen faster. Python's own check would make an error, and so run its code.
        let is_text = bytes.is_ascii() || std::str::from_utf8(bytes).is_ok();
        is_text.then(|| PyString::from_bytes(self.py, bytes).map(Bound::into_any))
    }

    /// A text. What is none is Python's error, with the bytes and the place in them.
    #[inline]
    pub fn text(self, bytes: &[u8]) -> PyResult<Object<'py>> {
        if self.decode {
            // Python checks the bytes itself, and only once.
            PyString::from_bytes(self.py, bytes).map(Bound::into_any)
        } else {
            self.bytes(bytes)
        }
    }

    /// Bytes. For large ones there may not be enough memory, which `new` does not say.
    #[inline]
    fn bytes(self, bytes: &[u8]) -> PyResult<Object<'py>> {
        if bytes.len() <= LARGE {
            return Ok(PyBytes::new(self.py, bytes).into_any());
        }
        let fill = |place: &mut [u8]| {
            place.copy_from_slice(bytes);
            Ok(())
        };
        PyBytes::new_with(self.py, bytes.len(), fill).map(Bound::into_any)
    }

    /// A text or None.
    #[inline]
    pub fn optional(self, bytes: Option<&[u8]>) -> PyResult<Object<'py>> {
        bytes.map_or_else(|| Ok(self.none()), |bytes| self.text(bytes))
    }

    /// A value as it was given, as a text: most are one already.
    pub fn given(self, value: Object<'py>) -> PyResult<Object<'py>> {
        let is_text = if self.decode {
            value.is_exact_instance_of::<PyString>()
        } else {
            value.is_exact_instance_of::<PyBytes>()
        };
        if is_text {
            return Ok(value);
        }
        let word: Word<'_> = value.extract()?;
        self.text(&word.arg().text())
    }

    /// None.
    pub fn none(self) -> Object<'py> {
        PyNone::get(self.py).to_owned().into_any()
    }

    /// True or False.
    pub fn bool(self, value: bool) -> Object<'py> {
        PyBool::new(self.py, value).to_owned().into_any()
    }

    /// An integer.
    #[inline]
    pub fn int(self, value: i64) -> Object<'py> {
        PyInt::new(self.py, value).into_any()
    }

    /// How many there are.
    pub fn count(self, value: u64) -> Object<'py> {
        PyInt::new(self.py, value).into_any()
    }

    /// A float.
    pub fn float(self, value: f64) -> Object<'py> {
        PyFloat::new(self.py, value).into_any()
    }

    /// A list of texts.
    pub fn list<B: AsRef<[u8]>>(self, items: &[B]) -> PyResult<Object<'py>> {
        let texts = items.iter().map(|item| Text { reader: self, bytes: item.as_ref() });
        Ok(PyList::new(self.py, texts)?.into_any())
    }

    /// A set of texts.
    pub fn set<'b>(self, items: impl IntoIterator<Item = &'b Bytes>) -> PyResult<Object<'py>> {
        let set = PySet::empty(self.py)?;
        items.into_iter().try_for_each(|item| set.add(self.text(item)?))?;
        Ok(set.into_any())
    }

    /// A dictionary of texts.
    pub fn dict<'b>(self, pairs: impl IntoIterator<Item = (&'b [u8], &'b [u8])>) -> PyResult<Object<'py>> {
        let dict = PyDict::new(self.py);
        for (name, value) in pairs {
            dict.set_item(self.text(name)?, self.text(value)?)?;
        }
        Ok(dict.into_any())
    }

    /// Members with their scores, as a list of pairs.
    pub fn scored(self, members: &[(Bytes, f64)]) -> PyResult<Object<'py>> {
        let pairs = members.iter().map(|(member, score)| (Text { reader: self, bytes: member }, *score));
        Ok(PyList::new(self.py, pairs)?.into_any())
    }

    /// The same, with what becomes of the scores.
    pub fn scored_by(self, members: &[(Bytes, f64)], cast: &Cast) -> PyResult<Object<'py>> {
        if matches!(cast, Cast::Float) {
            return self.scored(members);
        }
        let pair =
            |(member, score): &(Bytes, f64)| (self.text(member)?, cast.of(self.py, *score)?).into_pyobject(self.py);
        Ok(PyList::new(self.py, members.iter().map(pair).collect::<PyResult<Vec<_>>>()?)?.into_any())
    }

    /// A message: its channel, the pattern that it came by or None, and what was sent.
    pub fn message(self, message: &Message) -> PyResult<Object<'py>> {
        let pattern = self.optional(message.pattern.as_deref())?;
        let parts = (self.text(&message.channel)?, pattern, self.text(&message.payload)?);
        Ok(parts.into_pyobject(self.py)?.into_any())
    }

    /// Any reply, by its type.
    ///
    /// # Errors
    /// That of an error inside the reply; those of Python.
    pub fn value(self, value: &Value) -> PyResult<Object<'py>> {
        let each = |items: &[Value]| items.iter().map(|item| self.value(item)).collect::<PyResult<Vec<_>>>();
        Ok(match value {
            Value::Null | Value::NullArray => self.none(),
            Value::Bool(value) => self.bool(*value),
            Value::Int(value) => self.int(*value),
            Value::Double(value) => self.float(*value),
            Value::Status(text) => self.text(text.as_bytes())?,
            Value::BigNumber(digits) => self.text(digits.as_bytes())?,
            Value::Bulk(bytes) => self.text(bytes)?,
            Value::Verbatim(verbatim) => self.text(&verbatim.text)?,
            Value::Array(items) | Value::Push(items) => PyList::new(self.py, each(items)?)?.into_any(),
            Value::Set(items) => PySet::new(self.py, each(items)?)?.into_any(),
            Value::Map(pairs) => {
                let dict = PyDict::new(self.py);
                for (key, value) in pairs {
                    dict.set_item(self.hashable(key)?, self.value(value)?)?;
                }
                dict.into_any()
            }
            pairs @ Value::Pairs(_) => self.value(&pairs.clone().into_resp3())?,
            Value::Error(error) => return Err(to_python(self.py, error)),
        })
    }

    /// A step of SCAN: the next cursor, and what was found.
    fn page(self, reads: Reads, cast: &Cast, page: &[Value]) -> PyResult<Object<'py>> {
        let [Value::Bulk(cursor), found] = page else { return self.value(&Value::Array(page.to_vec())) };
        let cursor: u64 = cursor.parse().map_err(|_| PyValueError::new_err("the cursor is no number"))?;
        let found = match reads {
            Reads::FieldsPage => {
                let dict = PyDict::new(self.py);
                for (field, value) in two_by_two(parts(found)) {
                    dict.set_item(self.value(field)?, self.value(value)?)?;
                }
                dict.into_any()
            }
            Reads::ScoresPage => self.pairs(parts(found), cast)?,
            _ => self.value(found)?,
        };
        Ok((cursor, found).into_pyobject(self.py)?.into_any())
    }

    /// Members with their scores, which may be texts.
    fn pairs<'v>(self, parts: impl Iterator<Item = &'v Value>, cast: &Cast) -> PyResult<Object<'py>> {
        let pair = |(member, score): (&Value, &Value)| -> PyResult<_> {
            (self.value(member)?, self.score(score, cast)?).into_pyobject(self.py)
        };
        let pairs = two_by_two(parts).map(pair).collect::<PyResult<Vec<_>>>()?;
        Ok(PyList::new(self.py, pairs)?.into_any())
    }

    /// A score, which may be a text.
    fn score(self, score: &Value, cast: &Cast) -> PyResult<Object<'py>> {
        let score = self.read(Reads::Float, &Cast::Float, score)?;
        if matches!(cast, Cast::Float) { Ok(score) } else { cast.of(self.py, score.extract()?) }
    }

    /// The time as seconds and microseconds.
    fn time(self, parts: &[Value]) -> PyResult<Object<'py>> {
        let number = |part: &Value| match part {
            Value::Bulk(text) => text.parse::<i64>().map_err(|_| PyValueError::new_err("the time is no number")),
            _ => Err(PyValueError::new_err("the time is no text")),
        };
        let parts = parts.iter().map(number).collect::<PyResult<Vec<_>>>()?;
        Ok(PyTuple::new(self.py, parts)?.into_any())
    }

    /// A reply, as a command's method gives it.
    ///
    /// # Errors
    /// Those of [`value`](Self::value), and a reply of another shape.
    pub fn read(self, reads: Reads, cast: &Cast, value: &Value) -> PyResult<Object<'py>> {
        Ok(match (reads, value) {
            (Reads::Pong, Value::Status(_)) => self.bool(true),
            (Reads::List, Value::Set(items)) => self.value(&Value::Array(items.clone()))?,
            (Reads::Flat, Value::Array(_)) => self.value(&Value::Array(parts(value).cloned().collect()))?,
            (Reads::Scored, Value::Array(_)) => self.pairs(parts(value), cast)?,
            (Reads::Page | Reads::FieldsPage | Reads::ScoresPage, Value::Array(page)) => {
                self.page(reads, cast, page)?
            }
            (Reads::Rank, Value::Array(parts)) if parts.len() == 2 => {
                PyList::new(self.py, [self.value(&parts[0])?, self.score(&parts[1], cast)?])?.into_any()
            }
            (Reads::Time, Value::Array(parts)) => self.time(parts)?,
            (Reads::Empty, _) => PyList::empty(self.py).into_any(),
            (Reads::Ok, Value::Status(text)) if text == "OK" => self.bool(true),
            (Reads::Bool, Value::Int(value)) => self.bool(*value == 1),
            (Reads::Bools, Value::Array(items)) => {
                let each = |item: &Value| self.read(Reads::Bool, cast, item);
                PyList::new(self.py, items.iter().map(each).collect::<PyResult<Vec<_>>>()?)?.into_any()
            }
            (Reads::Float, Value::Bulk(text)) => match text.parse() {
                Ok(number) => self.float(number),
                Err(_) => self.text(text)?,
            },
            (_, value) => self.value(value)?,
        })
    }

    /// A key of a dictionary: a list becomes a tuple.
    fn hashable(self, value: &Value) -> PyResult<Object<'py>> {
        match value {
            Value::Array(items) => {
                let items = items.iter().map(|item| self.hashable(item)).collect::<PyResult<Vec<_>>>()?;
                Ok(PyTuple::new(self.py, items)?.into_any())
            }
            other => self.value(other),
        }
    }
}
