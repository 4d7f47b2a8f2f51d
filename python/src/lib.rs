//! The native half of the Python package `redipy`: clients, pipelines and scripts. What the original's API looks like is
//! in the Python files beside this; here is what must be fast, and all that touches data.

mod args;
mod client;
mod clock;
mod errors;
mod methods;
mod ops;
mod pipeline;
mod replies;
mod script;
mod session;
mod subscription;
mod wait;

use pyo3::prelude::*;

/// The engine, real servers and scripts. Use the package `redipy`.
#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::client::Client;
    #[pymodule_export]
    use crate::clock::Clock;
    #[pymodule_export]
    use crate::pipeline::Pipeline;
    #[pymodule_export]
    use crate::script::Script;
    #[pymodule_export]
    use crate::session::Session;
    #[pymodule_export]
    use crate::subscription::Subscription;
}
