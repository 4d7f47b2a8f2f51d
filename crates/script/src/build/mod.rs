//! The builder of scripts: [`Draft`], [`Block`], [`Expr`] and the Redis objects.
//!
//! Nothing is checked here and nothing panics: every mistake is kept with its place and reported, together with all
//! others, when the draft is [compiled](Draft::compile).

mod block;
mod exprs;
mod functions;
mod objects;
mod ops;

pub use block::{Block, Draft, Else, script};
pub use exprs::{IntoExprs, IntoPairs};
pub use functions::{
    abs, call, ceil, command, contains, dict, find, find_from, floor, fmod, from_json, int_str, join, keys, list,
    log_text, lower, max, min, num, range, range_step, redis, split, sqrt, strs, to_json, to_str, type_str, upper,
    values,
};
pub use objects::{RedisHash, RedisKey, RedisList, RedisSet, RedisSortedSet, RedisVar};

pub use crate::draft::{Expr, NONE, NoneLiteral, Var};
