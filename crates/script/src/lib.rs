//! Portable Redis scripts: build, check, compile to Lua or run on a register machine.
#![deny(missing_docs)]

pub mod build;
mod call;
pub mod check;
pub mod functions;
pub mod ir;
mod lower;
pub mod lua;
mod number;
mod place;
mod print;
pub mod reply;
mod script;
pub mod texts;
mod types;
pub mod vm;

pub use build::*;
pub use call::{ScriptCall, clean_error, decode_reply};
pub use check::{Problem, Reach};
pub use place::Place;
pub use redipy_command::{Error, Kind, Result, Value};
pub use script::Script;
pub use types::Type;
pub use vm::{Host, NoTrace, Options, Trace};
