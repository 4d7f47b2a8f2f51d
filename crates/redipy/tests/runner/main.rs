//! The integration tests of the facade, in one binary.

mod backends;
mod examples;
