//! Conformance: what every backend has to do, checked in several ways.
//!
//! - [`cases`]: commands and the replies they must give, as data; any backend runs them.
//! - [`original`]: programs of the original redipy and their right answers, as data.
//! - [`suite`]: functions for what data cannot say: threads, messages, atomicity.
//! - [`diff`]: random commands to a backend and to a real server, with everything compared.
//! - [`programs`]: random scripts on a backend and on a real server, with everything compared.
//!
//! [`futures`] has the half of a backend that gives futures tested as one that waits. [`server`] starts the real servers,
//! [`fake`] is one that misbehaves by script, [`wire`] talks to them, [`wired`] makes one of them a backend, so that cases
//! and suite can be shown to be true of the servers themselves. Backends under test are never
//! named here: they are handed in, as [`Subject`](subject::Subject)s.

pub mod cases;
pub mod command;
pub mod diff;
pub mod fake;
pub mod futures;
pub mod notation;
pub mod original;
pub mod programs;
pub mod server;
pub mod subject;
pub mod suite;
pub mod wire;
pub mod wired;
