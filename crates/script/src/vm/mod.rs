//! The register machine: runs checked programs inside the process. It knows commands only through a [`Host`].

mod code;
mod compile;
mod limits;
mod operands;
mod receive;
mod run;
mod trace;

pub use crate::host::{CallSite, Host};
pub(crate) use code::Code;
pub(crate) use compile::compile;
pub use limits::Limits;
pub(crate) use run::{Parameters, run};
pub use trace::{NoTrace, Recorded, Recording, Trace};
