//! The data structures: what the values of keys are made of. No commands, no keys, no clock, no source of random
//! numbers that was not handed in.
//!
//! | structure | small | large |
//! |---|---|---|
//! | [`List`](list::List) | one [`Packed`](packed::Packed) | deque of such |
//! | [`Hash`](hash::Hash) | one `Packed` | [`Table`](table::Table) of pairs |
//! | [`Set`](set::Set) | [`Ints`](intset::Ints), or one `Packed` | `Table` |
//! | [`ZSet`](zset::ZSet) | one `Packed` | `Table` and [`Tree`](bptree::Tree) |
//!
//! A collection is one word, whichever form it has ([`Either`](either::Either)). The thresholds are settings
//! ([`CollectionConfig`](config::CollectionConfig)), by default those of Redis 8.2, because OBJECT ENCODING tells the forms
//! apart. A collection that became large stays large, but for lists, which return at half the size.

pub mod arena;
pub mod bptree;
pub mod buckets;
pub mod buffer;
pub mod bytes;
mod chunks;
pub mod config;
pub mod distinct;
pub mod either;
pub mod hash;
mod hashing;
pub mod intset;
pub mod item;
pub mod lex;
pub mod list;
pub mod long_double;
pub mod marked;
mod named;
pub mod packed;
pub mod packed_element;
pub mod set;
pub mod table;
#[cfg(test)]
mod testing;
mod thin;
pub mod zset;
