//! What holds for all commands: their facts are a real server's, and what is encoded is parsed back.

mod command_docs;
mod command_info;
mod mechanisms;
mod round_trip;
mod table;
#[cfg(feature = "serde")]
mod typed;
