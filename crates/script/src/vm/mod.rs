//! The register machine: runs checked programs inside the process. It knows commands only through a [`Host`].

mod code;
mod compile;
mod json;
pub(crate) mod natives;
mod ops;
mod run;
mod value;

pub(crate) use code::Code;
pub(crate) use compile::compile;
pub(crate) use json::print_str;
pub(crate) use run::run;
pub use run::{DEFAULT_STEPS, Host, NoTrace, Options, Trace};
pub use value::{Str, Val};
