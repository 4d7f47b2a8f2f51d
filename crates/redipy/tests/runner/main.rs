//! The integration tests of the facade, in one binary.

use redipy::Redis;
use redipy_conformance::server::{Flavor, missing, shared};

#[cfg(feature = "async")]
mod awaited;
mod backends;
mod examples;
mod forms;
mod layers;
mod misbehaving;
mod scripts;
mod subscriptions;

/// Runs a test on the engine and on every server, with a prefix of its own.
pub(crate) fn everywhere(name: &str, test: impl Fn(&Redis)) {
    test(&redipy::connect("memory://").unwrap());
    for flavor in Flavor::ALL {
        let Some(server) = shared(flavor) else {
            missing(flavor);
            continue;
        };
        test(&redipy::builder(&server.server().url()).prefix(format!("{name}:")).connect().unwrap());
    }
}
