//! Values of the user's own types, by serde: the feature `serde`. The fixed types of replies are in [`reply`](crate::reply).
//!
//! [`Value::to`] reads a value into a type, [`Value::of`] makes one. What is what:
//!
//! | Rust | [`Value`] |
//! |---|---|
//! | structs, maps | `Map`, in the order in which serde gives the fields; keys are strings, numbers as their text |
//! | sequences, tuples | `Array`; a `Set` is read as well; pairs also from a `Map`, and where they come flat |
//! | `str`, `char` | `Bulk`; a `Status` is read as well |
//! | bytes | `Bulk`, also what is not UTF-8; [`Bytes`](crate::Bytes) and `Vec<u8>` are such types |
//! | integers | `Int`; a `Double` without a fraction and the text of an integer are read as well |
//! | `f64`, `f32` | `Double`; an `Int` and the text of a number are read as well |
//! | `None`, `()` | `Null` |
//! | enums | the name, or a `Map` of the name to what the variant holds |
//!
//! What is read is what [`decode`](Value::decode) reads, wherever both know the type. A [`Value`] in a type is the value as it is.
//!
//! A script gives None where its result is an empty list or an empty dict. So `Null` is read as an empty sequence or map where
//! one is asked for, and the outermost one as a struct whose fields may all be missing.

mod byte_list;
mod failure;
mod own;
mod read;
mod write;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Result;
use crate::value::Value;
use read::Reader;
use write::Writer;

impl Value {
    /// Reads this value as a type of the user's own.
    ///
    /// ```
    /// # use redipy_command as redipy;
    /// use redipy::{Kind, Value};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Debug, PartialEq, Serialize, Deserialize)]
    /// struct User {
    ///     name: String,
    ///     visits: u32,
    ///     tags: Vec<String>,
    /// }
    ///
    /// let user = User { name: "ada".into(), visits: 3, tags: vec!["new".into()] };
    /// let value = Value::of(&user)?;
    /// assert_eq!(value.to_string(), r#"{"name": "ada", "visits": 3, "tags": ["new"]}"#);
    /// assert_eq!(value.to::<User>()?, user);
    ///
    /// let error = Value::of(&("ada", [1]))?.to::<(String, Vec<String>)>().unwrap_err();
    /// assert_eq!(error.kind(), Kind::Decode);
    /// assert_eq!(error.message(), "[1][0]: expected a string, got an integer");
    /// # Ok::<(), redipy::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Kind::Decode`](crate::Kind::Decode) with the path of what does not fit; the error inside when the value holds
    /// one where something else is read.
    pub fn to<T: DeserializeOwned>(self) -> Result<T> {
        match T::deserialize(Reader::outermost(self)) {
            // As a server says that there is none (ZPOPMIN): `Option` of a pair is `None`.
            Err(failure) if failure.is_no_pair() => T::deserialize(Reader::outermost(Value::Null)).or(Err(failure)),
            read => read,
        }
        .map_err(Into::into)
    }

    /// Writes a value of a type of the user's own, to pass to a script.
    ///
    /// # Errors
    /// [`Kind::Decode`](crate::Kind::Decode) with the path of what no value can hold: an integer beyond 64 bits signed,
    /// a key that is neither string nor number.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Value> {
        value.serialize(Writer).map_err(Into::into)
    }
}
