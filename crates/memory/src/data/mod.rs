//! The data structures: what the values of keys are made of. No commands, no keys, no clock, no source of random
//! numbers that was not handed in.
//!
//! | structure | small | large |
//! |---|---|---|
//! | [`List`](list::List) | one [`Packed`](packed::Packed) of [`LIST_BYTES`] | deque of such |
//! | [`Hash`](hash::Hash) | one `Packed`, up to [`HASH_ENTRIES`] fields | [`Table`](table::Table) of pairs |
//! | [`Set`](set::Set) | [`Ints`](intset::Ints) up to [`SET_INTS`], one `Packed` up to [`SET_ENTRIES`] | `Table` |
//! | [`ZSet`](zset::ZSet) | one `Packed`, up to [`ZSET_ENTRIES`] members | `Table` and [`Tree`](bptree::Tree) |
//!
//! A collection is one word, whichever form it has ([`Either`](either::Either)). The thresholds are the defaults of Redis
//! 8.2, because OBJECT ENCODING tells them apart. A collection that became large stays large, but for lists, which return
//! at half the size.

pub mod arena;
pub mod bptree;
pub mod buckets;
pub mod buffer;
pub mod bytes;
mod chunks;
pub mod distinct;
pub mod either;
pub mod encoded;
pub mod hash;
pub mod intset;
pub mod item;
pub mod lex;
pub mod list;
pub mod long_double;
pub mod marked;
pub mod packed;
pub mod set;
pub mod table;
#[cfg(test)]
mod testing;
pub mod zset;

/// `list-max-listpack-size -2`: bytes in a list of one chunk, and in every chunk of a longer one.
pub const LIST_BYTES: usize = 8192;
/// `hash-max-listpack-entries`.
pub const HASH_ENTRIES: usize = 512;
/// `set-max-intset-entries`.
pub const SET_INTS: usize = 512;
/// `set-max-listpack-entries`.
pub const SET_ENTRIES: usize = 128;
/// `zset-max-listpack-entries`.
pub const ZSET_ENTRIES: usize = 128;
/// `hash-max-listpack-value`, `set-max-listpack-value`, `zset-max-listpack-value`: the longest element of a packed form.
pub const PACKED_VALUE: usize = 64;
