//! The error of reading and writing typed values: the reason, and the path to the value.

use std::fmt::{self, Display};

use serde::de::{self, Expected, Unexpected};
use serde::ser;

use crate::error::{Error, Kind};
use crate::value::Value;

/// The reason why a value does not fit, and the path to the value, innermost step first.
#[derive(Debug)]
pub(super) struct Failure {
    cause: Cause,
    path: Vec<Step>,
}

#[derive(Debug)]
enum Cause {
    Text(String),
    /// A pair is read where there is none: an empty list.
    NoPair,
    /// An error that stands where a value is read: it is handed on as it is.
    Error(Error),
}

/// A step from a collection to one of its items.
#[derive(Debug)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

impl Step {
    /// The step that the key of a map stands for.
    pub(super) fn of_key(key: &Value) -> Self {
        match key {
            Value::Bulk(text) => Step::Key(text.to_text()),
            other => Step::Key(other.to_string()),
        }
    }
}

impl Failure {
    pub(super) fn new(text: String) -> Self {
        Self { cause: Cause::Text(text), path: Vec::new() }
    }

    /// The failure to read a pair from an empty list.
    pub(super) fn no_pair() -> Self {
        Self { cause: Cause::NoPair, path: Vec::new() }
    }

    /// Returns whether a pair was read where there is none.
    pub(super) fn is_no_pair(&self) -> bool {
        matches!(self.cause, Cause::NoPair) && self.path.is_empty()
    }

    /// The same failure, seen from the collection around the value.
    pub(super) fn at(mut self, step: Step) -> Self {
        self.path.push(step);
        self
    }

    /// The same failure with another text, if it is about the outermost value.
    pub(super) fn or_outermost(self, text: impl FnOnce() -> String) -> Self {
        if self.path.is_empty() { Failure::new(text()) } else { self }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { cause: Cause::Error(error), path: Vec::new() }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure.cause {
            Cause::Error(error) => error,
            Cause::Text(_) | Cause::NoPair => Error::new(Kind::Decode, failure.to_string()),
        }
    }
}

/// `user.tags[3]: expected a string, got an integer`.
impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.path.iter().rev().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) if is_name(key) => write!(f, "{}{key}", if i == 0 { "" } else { "." })?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
            }
        }
        f.write_str(if self.path.is_empty() { "" } else { ": " })?;
        match &self.cause {
            Cause::Text(text) => f.write_str(text),
            Cause::NoPair => f.write_str("expected a pair, got an empty array"),
            Cause::Error(error) => error.fmt(f),
        }
    }
}

fn is_name(key: &str) -> bool {
    key.starts_with(|c: char| c.is_alphabetic() || c == '_') && key.chars().all(|c| c.is_alphanumeric() || c == '_')
}

impl std::error::Error for Failure {}

impl ser::Error for Failure {
    fn custom<T: Display>(text: T) -> Self {
        Failure::new(text.to_string())
    }
}

impl de::Error for Failure {
    fn custom<T: Display>(text: T) -> Self {
        Failure::new(text.to_string())
    }

    fn invalid_type(got: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Failure::new(format!("expected {expected}, got {}", named(got)))
    }

    fn invalid_value(got: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Failure::new(match got {
            Unexpected::Signed(int) => format!("expected {expected}, got {int}"),
            Unexpected::Unsigned(int) => format!("expected {expected}, got {int}"),
            Unexpected::Float(float) => format!("expected {expected}, got {float}"),
            Unexpected::Str(text) => format!("expected {expected}, got {text:?}"),
            other => format!("expected {expected}, got {}", named(other)),
        })
    }

    fn invalid_length(len: usize, expected: &dyn Expected) -> Self {
        Failure::new(format!("expected {expected}, got {len} of them"))
    }
}

/// Returns the name of a shape, in the words of [`Value::shape`].
fn named(got: Unexpected<'_>) -> &'static str {
    match got {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an integer",
        Unexpected::Float(_) => "a double",
        Unexpected::Char(_) | Unexpected::Str(_) => "a string",
        Unexpected::Bytes(_) => "bytes that are not UTF-8",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "an array",
        Unexpected::Map => "a map",
        Unexpected::UnitVariant => "the name of a variant alone",
        Unexpected::NewtypeVariant | Unexpected::TupleVariant | Unexpected::StructVariant => "a variant with a value",
        _ => "another type",
    }
}
