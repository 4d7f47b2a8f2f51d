//! The register machine: runs checked programs inside the process. It knows commands only through a [`Host`].

mod code;
mod compile;
mod run;

pub(crate) use code::Code;
pub(crate) use compile::compile;
pub(crate) use run::run;
pub use run::{DEFAULT_STEPS, Host, NoTrace, Options, Trace};
