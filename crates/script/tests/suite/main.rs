//! The tests that look at the crate from outside, in one binary.

mod host;
mod injection;
mod lua_server;
mod machine;
mod misuse;
mod programs;
mod refusals;
mod rules;
mod server;
mod snapshots;
