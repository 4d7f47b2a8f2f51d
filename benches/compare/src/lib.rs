//! What the programs of this package share. `compare` is in `main.rs`; `memory` and `stalls` are programs of their own in
//! `bin`, because an allocator is chosen and told its settings before a program begins.

pub mod data;
pub mod keys;
pub mod peers;
