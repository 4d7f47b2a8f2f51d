//! The errors of running scripts, spelled once; the Lua helpers build the same texts from the same phrases.

use redipy_command::{Error, Kind};

/// The code word of a script's own errors.
pub(crate) const CODE: &str = "SCRIPT";

/// The maximal depth of values that are copied, compared, printed or returned.
///
/// Clients limit the nesting of replies to about a hundred.
pub const MAX_DEPTH: usize = 90;

/// An error of a script itself, with its code word.
#[cold]
pub fn fail(text: impl AsRef<str>) -> Error {
    Error::new(Kind::Script, format!("{CODE} {}", text.as_ref()))
}

/// The step budget is used up.
#[cold]
pub(crate) fn timeout() -> Error {
    Error::new(Kind::Timeout, "SCRIPT ran longer than allowed and was stopped")
}

/// The caller has stopped it, which SCRIPT KILL does on a server.
#[cold]
pub fn stopped() -> Error {
    Error::new(Kind::Timeout, "SCRIPT was stopped before it wrote anything")
}

/// The memory budget is used up.
#[cold]
pub(crate) fn out_of_memory() -> Error {
    Error::new(Kind::OutOfMemory, "SCRIPT used more memory than allowed and was stopped")
}

/// The error of an argument that uses up the memory budget before the script begins.
#[cold]
pub fn argument_too_large(name: &str) -> Error {
    Error::new(Kind::OutOfMemory, format!("SCRIPT argument {name:?} takes more memory than allowed"))
}

/// The beginning of the error of a call that lacks a key or an argument.
pub const MISSING: &str = "SCRIPT missing ";

/// A call lacks a key or an argument.
#[cold]
pub(crate) fn missing(what: &str, name: &str) -> Error {
    Error::new(Kind::Script, format!("{MISSING}{what} {name:?}"))
}

macro_rules! phrases {
    ($($name:ident = $text:literal;)*) => { $(pub(crate) const $name: &str = $text;)* };
}

phrases! {
    NOT_FINITE = "number is not finite";
    TOO_DEEP = "value is nested too deeply";
    DIVISION = "division by zero";
    NOT_JSON = "text is not valid JSON";
}
