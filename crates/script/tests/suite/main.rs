//! The tests that look at the crate from outside, in one binary.

mod host;
mod lua_server;
mod machine;
mod programs;
mod refusals;
mod server;
mod snapshots;
