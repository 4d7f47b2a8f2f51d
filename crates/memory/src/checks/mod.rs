//! Tests that look at the engine from inside and at real servers: random commands, and what they leave behind.

mod encodings;
mod events;
mod known;
mod protocols;
mod reaches;
mod ways;
