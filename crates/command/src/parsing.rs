//! Bytes that are read as something else; apart from [`bytes`](crate::bytes), of which errors are made.

use std::fmt;
use std::str::FromStr;

use crate::bytes::Bytes;
use crate::error::{Error, Kind, Result};

impl Bytes {
    /// Reads the text as a number or anything else that has a text form.
    ///
    /// ```
    /// # use redipy_command as redipy;
    /// use redipy::{Bytes, Kind};
    ///
    /// assert_eq!(Bytes::from("42").parse::<i64>()?, 42);
    /// assert_eq!(Bytes::from("4x").parse::<i64>().unwrap_err().kind(), Kind::Decode);
    /// assert!(Bytes::from(b"\xff").parse::<String>().is_err());
    /// # Ok::<(), redipy::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Decode`, with what the type says, or that the bytes are not UTF-8.
    pub fn parse<T: FromStr<Err: fmt::Display>>(&self) -> Result<T> {
        let wrong = |why: &dyn fmt::Display| {
            let name = std::any::type_name::<T>();
            Error::new(Kind::Decode, format!("{} bytes cannot be read as {name}: {why}", self.len()))
        };
        let text = std::str::from_utf8(self).map_err(|error| wrong(&error))?;
        text.parse().map_err(|error| wrong(&error))
    }
}
