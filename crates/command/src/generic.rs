//! Commands on keys of any type: what they are. What they do is in the engine's file of the same name.

use std::borrow::Cow;

use crate::arg::{Arg, Key, Many};
use crate::args::Args;
use crate::bytes::Bytes;
use crate::connection::DbIndex;
use crate::error::Result;
use crate::execute::Parse;
use crate::field::Field;
pub use crate::reply::{ExpiresAt, TimeToLive};
use crate::reply::{Reply, ScanReply};
pub use crate::scan::KeyScanOptions;
use crate::scan::{Cursor, read_all};
use crate::sink::ReplySink;
use crate::time::{Millis, Seconds, UnixMillis, UnixSeconds};
use crate::value::Value;
use crate::{Command, Options};

/// Removes keys; returns how many there were.
#[derive(Debug, Clone, Command)]
#[original]
#[command("DEL", generic, write, since = "1.0.0", complexity = "O(N) in the keys and in the elements they hold", reply = u64, tip = "request_policy:multi_shard", tip = "response_policy:agg_sum")]
pub struct Del<'a> {
    /// The keys.
    #[key(RM, delete)]
    pub keys: Many<Key<'a>>,
}

/// Removes keys as DEL does, and frees their memory later where that is cheaper.
#[derive(Debug, Clone, Command)]
#[command("UNLINK", generic, write, fast, since = "4.0.0", complexity = "O(1) for each key", reply = u64, tip = "request_policy:multi_shard", tip = "response_policy:agg_sum")]
pub struct Unlink<'a> {
    /// The keys.
    #[key(RM, delete)]
    pub keys: Many<Key<'a>>,
}

/// Counts how many of these keys there are; a key named twice counts twice.
#[derive(Debug, Clone, Command)]
#[original]
#[command("EXISTS", generic, readonly, fast, since = "1.0.0", complexity = "O(N) in the keys", reply = u64, tip = "request_policy:multi_shard", tip = "response_policy:agg_sum")]
pub struct Exists<'a> {
    /// The keys.
    #[key(RO)]
    pub keys: Many<Key<'a>>,
}

/// Counts how many of these keys there are, and marks them as used.
#[derive(Debug, Clone, Command)]
#[command("TOUCH", generic, readonly, fast, since = "3.2.1", complexity = "O(N) in the keys", reply = u64, tip = "request_policy:multi_shard", tip = "response_policy:agg_sum")]
pub struct Touch<'a> {
    /// The keys.
    #[key(RO)]
    pub keys: Many<Key<'a>>,
}

/// Returns the type of a key's value.
#[derive(Debug, Clone, Command)]
#[command("TYPE", generic, readonly, fast, since = "1.0.0", complexity = "O(1)", reply = KeyType, shape = Type)]
#[method(key_type(key) -> KeyType)]
pub struct Type<'a> {
    /// The key.
    #[key(RO)]
    pub key: Key<'a>,
}

/// The type of a key's value: `string`, `list`, `hash`, `set`, `zset`, `stream`, or `none`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyType(pub Cow<'static, str>);

impl KeyType {
    /// The name; `none` for a missing key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Reply for KeyType {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Status(name) => Ok(KeyType(name)),
            other => Err(other.unexpected("the name of a type")),
        }
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.status(self.0)
    }
}

/// Returns all keys that match a glob pattern.
#[derive(Debug, Clone, Command)]
#[original]
#[command("KEYS", generic, readonly, acl = "dangerous", since = "1.0.0", complexity = "O(N) in all keys", reply = Vec<Bytes>, shape = Members, keys_in_reply = All, tip = "nondeterministic_output_order", tip = "request_policy:all_shards")]
pub struct Keys<'a> {
    /// The pattern, such as `user:*`.
    #[names(Keys)]
    pub pattern: Arg<'a>,
}

/// Iterates over the keys in steps: each step returns some keys and the cursor of the next step.
///
/// A key that exists from the first step to the last is returned at least once.
#[derive(Debug, Clone, Command)]
#[original]
#[command("SCAN", generic, readonly, since = "2.8.0", complexity = "O(1) for a step, O(N) for all", reply = ScanReply<Bytes>, parse = manual, keys_in_reply = AfterCursor, tip = "nondeterministic_output", tip = "request_policy:special", tip = "response_policy:special")]
pub struct Scan<'a> {
    /// 0 to begin, then what the step before gave.
    pub cursor: Cursor,
    /// Options of the step.
    pub options: KeyScanOptions<'a>,
}

impl<'a> Parse<'a> for Scan<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        Ok(Self { cursor: Cursor::read(&mut args)?, options: read_all(&mut args)? })
    }
}

/// Returns a random key, or nothing when there is none.
#[derive(Debug, Clone, Command)]
#[command("RANDOMKEY", generic, random, readonly, since = "1.0.0", complexity = "O(1)", reply = Option<Bytes>, keys_in_reply = Whole, tip = "nondeterministic_output", tip = "request_policy:all_shards", tip = "response_policy:special")]
pub struct RandomKey {}

/// Renames a key; a key of the new name is overwritten.
#[derive(Debug, Clone, Command)]
#[command("RENAME", generic, write, since = "1.0.0", complexity = "O(1)", reply = ())]
pub struct Rename<'a> {
    /// The key.
    #[key(RW, access, delete)]
    pub key: Key<'a>,
    /// The new name.
    #[key(OW, update)]
    pub newkey: Key<'a>,
}

/// Renames a key if the new name is free; returns whether it was renamed.
#[derive(Debug, Clone, Command)]
#[command("RENAMENX", generic, write, fast, since = "1.0.0", complexity = "O(1)", reply = bool)]
pub struct RenameNx<'a> {
    /// The key.
    #[key(RW, access, delete)]
    pub key: Key<'a>,
    /// The new name.
    #[key(OW, insert)]
    pub newkey: Key<'a>,
}

/// Copies the value and the expiry of a key; returns whether it was copied.
#[derive(Debug, Clone, Command)]
#[command("COPY", generic, write, denyoom, since = "6.2.0", complexity = "O(N) in the elements", reply = bool)]
pub struct CopyKey<'a> {
    /// The key.
    pub source: Key<'a>,
    /// The copy.
    #[key(OW, update)]
    pub destination: Key<'a>,
    /// Options of the copy.
    pub options: CopyOptions,
}

/// The options of COPY.
#[derive(Debug, Clone, Copy, Default, PartialEq, Options)]
pub struct CopyOptions {
    /// Copies to this database.
    #[token("DB", name = "destination-db")]
    pub db: Option<DbIndex>,
    /// Overwrites the destination.
    #[token("REPLACE")]
    pub replace: bool,
}

/// The conditions of EXPIRE, PEXPIRE, EXPIREAT and PEXPIREAT.
#[derive(Debug, Clone, Copy, Default, PartialEq, Options)]
pub struct ExpireOptions {
    /// Only if the key has no expiry.
    #[token("NX", oneof = "condition", since = "7.0.0")]
    pub nx: bool,
    /// Only if the key has an expiry.
    #[token("XX", oneof = "condition", since = "7.0.0")]
    pub xx: bool,
    /// Only if the new expiry is later; no expiry counts as the latest.
    #[token("GT", oneof = "condition", since = "7.0.0")]
    pub gt: bool,
    /// Only if the new expiry is earlier; no expiry counts as the latest.
    #[token("LT", oneof = "condition", since = "7.0.0")]
    pub lt: bool,
}

/// Sets the expiry of a key in seconds; returns whether it was set.
///
/// A time that is not positive removes the key at once.
#[derive(Debug, Clone, Command)]
#[original]
#[command("EXPIRE", generic, write, fast, since = "1.0.0", complexity = "O(1)", reply = bool, excess = unsupported)]
pub struct Expire<'a> {
    /// The key.
    #[key(RW, update)]
    pub key: Key<'a>,
    /// Seconds from now.
    pub seconds: Seconds<'a>,
    /// The condition.
    pub options: ExpireOptions,
}

/// Sets the expiry of a key in milliseconds; returns whether it was set.
#[derive(Debug, Clone, Command)]
#[command("PEXPIRE", generic, write, fast, since = "2.6.0", complexity = "O(1)", reply = bool, excess = unsupported)]
pub struct PExpire<'a> {
    /// The key.
    #[key(RW, update)]
    pub key: Key<'a>,
    /// Milliseconds from now.
    pub milliseconds: Millis<'a>,
    /// The condition.
    pub options: ExpireOptions,
}

/// Sets the expiry of a key as a Unix time in seconds; returns whether it was set.
#[derive(Debug, Clone, Command)]
#[command("EXPIREAT", generic, write, fast, since = "1.2.0", complexity = "O(1)", reply = bool, excess = unsupported)]
pub struct ExpireAt<'a> {
    /// The key.
    #[key(RW, update)]
    pub key: Key<'a>,
    /// Unix seconds.
    #[argument("unix-time-seconds")]
    pub unix_time: UnixSeconds<'a>,
    /// The condition.
    pub options: ExpireOptions,
}

/// Sets the expiry of a key as a Unix time in milliseconds; returns whether it was set.
#[derive(Debug, Clone, Command)]
#[command("PEXPIREAT", generic, write, fast, since = "2.6.0", complexity = "O(1)", reply = bool, excess = unsupported)]
pub struct PExpireAt<'a> {
    /// The key.
    #[key(RW, update)]
    pub key: Key<'a>,
    /// Unix milliseconds.
    #[argument("unix-time-milliseconds")]
    pub unix_time: UnixMillis<'a>,
    /// The condition.
    pub options: ExpireOptions,
}

/// Returns the seconds until a key expires: -1 without expiry, -2 without key.
#[derive(Debug, Clone, Command)]
#[original]
#[command("TTL", generic, readonly, fast, since = "1.0.0", complexity = "O(1)", reply = i64, shape = Seconds, in_scripts = "PTTL", tip = "nondeterministic_output")]
pub struct Ttl<'a> {
    /// The key.
    pub key: Key<'a>,
}

/// Returns the milliseconds until a key expires: -1 without expiry, -2 without key.
#[derive(Debug, Clone, Command)]
#[command("PTTL", generic, readonly, fast, since = "2.6.0", complexity = "O(1)", reply = i64, tip = "nondeterministic_output")]
#[method(pttl(key) -> i64)]
#[method(time_to_live(key) -> TimeToLive, "Returns how long a key stays.")]
pub struct PTtl<'a> {
    /// The key.
    pub key: Key<'a>,
}

/// Returns the Unix time in seconds at which a key expires: -1 without expiry, -2 without key.
#[derive(Debug, Clone, Command)]
#[command("EXPIRETIME", generic, readonly, fast, since = "7.0.0", complexity = "O(1)", reply = i64)]
pub struct ExpireTime<'a> {
    /// The key.
    pub key: Key<'a>,
}

/// Returns the Unix time in milliseconds at which a key expires: -1 without expiry, -2 without key.
#[derive(Debug, Clone, Command)]
#[command("PEXPIRETIME", generic, readonly, fast, since = "7.0.0", complexity = "O(1)", reply = i64)]
#[method(pexpiretime(key) -> i64)]
#[method(expires_at(key) -> ExpiresAt, "Returns when a key expires.")]
pub struct PExpireTime<'a> {
    /// The key.
    pub key: Key<'a>,
}

/// Removes the expiry of a key; returns whether it had one.
#[derive(Debug, Clone, Command)]
#[command("PERSIST", generic, write, fast, since = "2.2.0", complexity = "O(1)", reply = bool)]
pub struct Persist<'a> {
    /// The key.
    #[key(RW, update)]
    pub key: Key<'a>,
}
