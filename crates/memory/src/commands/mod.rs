//! What each command does, a file for each family; what they are is declared in the files of the same names of
//! `redipy-command`. A command sees a [`Space`](crate::Space), and no lock.

mod connection;
mod expiry;
mod generic;
mod hash;
mod list;
mod pubsub;
mod sample;
mod server;
mod set;
mod string;
mod zset;
