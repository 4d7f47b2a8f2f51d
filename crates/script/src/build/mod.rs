//! What the user holds while writing a script: [`Draft`], [`Block`], [`Expr`] and the Redis objects.
//!
//! Nothing is checked here and nothing panics: every mistake is kept with its place and reported, together with all
//! others, when the draft is [compiled](Draft::compile).

mod block;
mod functions;
mod objects;
mod ops;

pub use block::{Block, Draft, Else, script};
pub use functions::{
    abs, call, command, contains, dict, find, find_from, from_json, int_str, join, list, log_text, lower, max, min,
    num, redis, split, strs, to_json, to_str, type_str, upper,
};
pub use objects::{RedisHash, RedisList, RedisSet, RedisSortedSet, RedisVar};

pub use crate::draft::{Expr, NONE, NoneLiteral, Var};
