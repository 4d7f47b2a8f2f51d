//! String commands: what they are. What they do is in the engine's file of the same name.

use crate::arg::{Arg, Key, Many};
use crate::bytes::Bytes;
use crate::error::Result;
use crate::reply::Reply;
use crate::sink::{OK, ReplySink};
use crate::time::{Millis, Seconds, UnixMillis, UnixSeconds};
use crate::value::Value;
use crate::{Command, Options};

/// Sets the string value of a key, whatever it held before.
///
/// The key's expiry is removed unless an option says otherwise.
#[derive(Debug, Clone, Command)]
#[original]
#[command("SET", string, write, denyoom, since = "1.0.0", complexity = "O(1)", reply = SetReply, shape = Set)]
#[method(set(key, value) -> ())]
#[method(set_with(key, value, options) -> SetReply)]
#[method(set_nx(key, value, options = SetOptions::new().nx()) -> bool, "Sets a value if the key does not exist; tells whether it did.")]
#[method(set_xx(key, value, options = SetOptions::new().xx()) -> bool, "Sets a value if the key exists; tells whether it did.")]
#[method(set_get(key, value, options = SetOptions::new().get()) -> Option<Bytes>, "Sets a value and returns the one before.")]
pub struct Set<'a> {
    /// The key.
    #[key(RW, access, update, variable)]
    pub key: Key<'a>,
    /// Its new value.
    pub value: Arg<'a>,
    /// Conditions and expiry.
    pub options: SetOptions<'a>,
}

/// The options of SET.
#[derive(Debug, Clone, Copy, Default, PartialEq, Options)]
pub struct SetOptions<'a> {
    /// Only if the key does not exist.
    #[token("NX", group = "condition", since = "2.6.12")]
    pub nx: bool,
    /// Only if the key exists.
    #[token("XX", group = "condition", since = "2.6.12")]
    pub xx: bool,
    /// Returns the previous value; the key must hold a string or be missing.
    #[token("GET", since = "6.2.0")]
    pub get: bool,
    /// Expires in this many seconds.
    #[token("EX", name = "seconds", group = "expiration", since = "2.6.12")]
    pub ex: Option<Seconds<'a>>,
    /// Expires in this many milliseconds.
    #[token("PX", name = "milliseconds", group = "expiration", since = "2.6.12")]
    pub px: Option<Millis<'a>>,
    /// Expires at this Unix time in seconds.
    #[token("EXAT", name = "unix-time-seconds", group = "expiration", since = "6.2.0")]
    pub exat: Option<UnixSeconds<'a>>,
    /// Expires at this Unix time in milliseconds.
    #[token("PXAT", name = "unix-time-milliseconds", group = "expiration", since = "6.2.0")]
    pub pxat: Option<UnixMillis<'a>>,
    /// Keeps the expiry that the key has.
    #[token("KEEPTTL", group = "expiration", since = "6.0.0")]
    pub keepttl: bool,
}

impl SetOptions<'_> {
    /// Expires after this time, to the millisecond.
    #[must_use]
    pub fn expire_in(self, time: std::time::Duration) -> Self {
        self.px(time)
    }
}

/// The reply of SET.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetReply {
    /// The value was set.
    Stored,
    /// NX or XX did not hold: nothing was changed.
    Refused,
    /// The previous value, if there was one, with GET.
    Previous(Option<Bytes>),
}

impl SetReply {
    /// Returns whether the value was set, for calls without GET.
    pub fn stored(&self) -> bool {
        *self == SetReply::Stored
    }

    /// The previous value, for calls with GET.
    pub fn previous(self) -> Option<Bytes> {
        match self {
            SetReply::Previous(previous) => previous,
            _ => None,
        }
    }
}

/// A server does not say with its reply whether GET was asked for: null is read as `Refused`, a
/// string as the previous value. [`SetReply::previous`] gives the same for both.
impl Reply for SetReply {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Status(_) => Ok(SetReply::Stored),
            Value::Null => Ok(SetReply::Refused),
            other => Bytes::from_value(other).map(Some).map(SetReply::Previous),
        }
    }

    #[inline]
    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        match self {
            SetReply::Stored => to.status(OK),
            SetReply::Refused => to.null(),
            SetReply::Previous(previous) => previous.show(to),
        }
    }
}

/// Returns whether the value was set.
impl From<SetReply> for bool {
    fn from(reply: SetReply) -> Self {
        reply.stored()
    }
}

/// The value before.
impl From<SetReply> for Option<Bytes> {
    fn from(reply: SetReply) -> Self {
        reply.previous()
    }
}

/// SET without options cannot be refused.
impl From<SetReply> for () {
    fn from(_: SetReply) {}
}

/// Returns the string value of a key, or nothing.
#[derive(Debug, Clone, Command)]
#[original]
#[command("GET", string, readonly, fast, since = "1.0.0", complexity = "O(1)", reply = Option<Bytes>)]
#[method(get(key) -> Option<Bytes>)]
#[method(get_as(key) -> _, "Reads the value as `T`: `i64`, `String`, `Option<f64>` where the key may be missing. What does not read as `T` is an error.")]
pub struct Get<'a> {
    /// The key.
    pub key: Key<'a>,
}

/// Returns the string value of a key and deletes the key.
#[derive(Debug, Clone, Command)]
#[command("GETDEL", string, write, fast, since = "6.2.0", complexity = "O(1)", reply = Option<Bytes>)]
pub struct GetDel<'a> {
    /// The key.
    #[key(RW, access, delete)]
    pub key: Key<'a>,
}

/// Returns the string value of a key and changes its expiry.
#[derive(Debug, Clone, Command)]
#[command("GETEX", string, write, fast, since = "6.2.0", complexity = "O(1)", reply = Option<Bytes>)]
pub struct GetEx<'a> {
    /// The key.
    #[key(RW, access, update)]
    pub key: Key<'a>,
    /// The new expiry; without one the expiry stays.
    pub options: GetExOptions<'a>,
}

/// The options of GETEX.
#[derive(Debug, Clone, Copy, Default, PartialEq, Options)]
pub struct GetExOptions<'a> {
    /// Expires in this many seconds.
    #[token("EX", name = "seconds", group = "expiration")]
    pub ex: Option<Seconds<'a>>,
    /// Expires in this many milliseconds.
    #[token("PX", name = "milliseconds", group = "expiration")]
    pub px: Option<Millis<'a>>,
    /// Expires at this Unix time in seconds.
    #[token("EXAT", name = "unix-time-seconds", group = "expiration")]
    pub exat: Option<UnixSeconds<'a>>,
    /// Expires at this Unix time in milliseconds.
    #[token("PXAT", name = "unix-time-milliseconds", group = "expiration")]
    pub pxat: Option<UnixMillis<'a>>,
    /// Removes the expiry.
    #[token("PERSIST", group = "expiration")]
    pub persist: bool,
}

/// Sets the string value of a key and returns the previous one.
#[derive(Debug, Clone, Command)]
#[command("GETSET", string, write, denyoom, fast, since = "1.0.0", complexity = "O(1)", reply = Option<Bytes>,
    deprecated = "6.2.0", instead = "`SET` with the `!GET` argument")]
pub struct GetSet<'a> {
    /// The key.
    #[key(RW, access, update)]
    pub key: Key<'a>,
    /// Its new value.
    pub value: Arg<'a>,
}

/// Returns the string values of keys, in their order; nothing for a key that is missing or holds
/// another type.
#[derive(Debug, Clone, Command)]
#[command("MGET", string, readonly, fast, since = "1.0.0", complexity = "O(N)", reply = Vec<Option<Bytes>>, tip = "request_policy:multi_shard")]
pub struct MGet<'a> {
    /// The keys.
    pub keys: Many<Key<'a>>,
}

/// Sets the string values of keys, all at once.
#[derive(Debug, Clone, Command)]
#[command("MSET", string, write, denyoom, since = "1.0.1", complexity = "O(N)", reply = (), tip = "request_policy:multi_shard", tip = "response_policy:all_succeeded")]
pub struct MSet<'a> {
    /// Keys and values.
    #[key(OW, update)]
    pub pairs: Many<(Key<'a>, Arg<'a>)>,
}

/// Sets the string values of keys if none of them exists; tells whether it did.
#[derive(Debug, Clone, Command)]
#[command("MSETNX", string, write, denyoom, since = "1.0.1", complexity = "O(N)", reply = bool)]
pub struct MSetNx<'a> {
    /// Keys and values.
    #[key(OW, insert)]
    pub pairs: Many<(Key<'a>, Arg<'a>)>,
}

/// Sets the string value of a key if the key does not exist; tells whether it did.
#[derive(Debug, Clone, Command)]
#[command("SETNX", string, write, denyoom, fast, since = "1.0.0", complexity = "O(1)", reply = bool,
    deprecated = "2.6.12", instead = "`SET` with the `NX` argument")]
pub struct SetNx<'a> {
    /// The key.
    #[key(OW, insert)]
    pub key: Key<'a>,
    /// The value.
    pub value: Arg<'a>,
}

/// Sets the string value of a key and its expiry in seconds.
#[derive(Debug, Clone, Command)]
#[command("SETEX", string, write, denyoom, since = "2.0.0", complexity = "O(1)", reply = (),
    deprecated = "2.6.12", instead = "`SET` with the `EX` argument")]
pub struct SetEx<'a> {
    /// The key.
    #[key(OW, update)]
    pub key: Key<'a>,
    /// Seconds until it expires.
    pub seconds: Seconds<'a>,
    /// The value.
    pub value: Arg<'a>,
}

/// Sets the string value of a key and its expiry in milliseconds.
#[derive(Debug, Clone, Command)]
#[command("PSETEX", string, write, denyoom, since = "2.6.0", complexity = "O(1)", reply = (),
    deprecated = "2.6.12", instead = "`SET` with the `PX` argument")]
pub struct PSetEx<'a> {
    /// The key.
    #[key(OW, update)]
    pub key: Key<'a>,
    /// Milliseconds until it expires.
    pub milliseconds: Millis<'a>,
    /// The value.
    pub value: Arg<'a>,
}

/// Appends to the string value of a key, which is created if missing; returns the new length in bytes.
#[derive(Debug, Clone, Command)]
#[command("APPEND", string, write, denyoom, fast, since = "2.0.0", complexity = "O(1) amortized", reply = u64)]
pub struct Append<'a> {
    /// The key.
    #[key(RW, insert)]
    pub key: Key<'a>,
    /// The bytes to append.
    pub value: Arg<'a>,
}

/// Returns the length of a string value in bytes; 0 for a missing key.
#[derive(Debug, Clone, Command)]
#[command("STRLEN", string, readonly, fast, since = "2.2.0", complexity = "O(1)", reply = u64)]
pub struct StrLen<'a> {
    /// The key.
    #[key(RO)]
    pub key: Key<'a>,
}

/// Returns the bytes from `start` to `end`, both included; negative offsets count from the end.
#[derive(Debug, Clone, Command)]
#[command("GETRANGE", string, readonly, since = "2.4.0", complexity = "O(N) in the bytes returned", reply = Bytes)]
pub struct GetRange<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The first byte.
    pub start: i64,
    /// The last byte.
    pub end: i64,
}

/// Overwrites the bytes from `offset` on, padding with zero bytes; returns the new length.
#[derive(Debug, Clone, Command)]
#[command("SETRANGE", string, write, denyoom, since = "2.2.0", complexity = "O(N) in the bytes written", reply = u64)]
pub struct SetRange<'a> {
    /// The key.
    #[key(RW, update)]
    pub key: Key<'a>,
    /// The first byte to overwrite, not negative.
    pub offset: i64,
    /// The new bytes.
    pub value: Arg<'a>,
}

/// Adds one to the integer stored at a key, 0 if missing; returns the sum.
#[derive(Debug, Clone, Command)]
#[command("INCR", string, write, denyoom, fast, since = "1.0.0", complexity = "O(1)", reply = i64)]
pub struct Incr<'a> {
    /// The key.
    #[key(RW, access, update)]
    pub key: Key<'a>,
}

/// Subtracts one from the integer stored at a key, 0 if missing; returns the difference.
#[derive(Debug, Clone, Command)]
#[command("DECR", string, write, denyoom, fast, since = "1.0.0", complexity = "O(1)", reply = i64)]
pub struct Decr<'a> {
    /// The key.
    #[key(RW, access, update)]
    pub key: Key<'a>,
}

/// Adds `by` to the integer stored at a key, 0 if missing; returns the sum.
#[derive(Debug, Clone, Command)]
#[original]
#[command("INCRBY", string, write, denyoom, fast, since = "1.0.0", complexity = "O(1)", reply = i64, in_scripts = "INCRBYFLOAT")]
pub struct IncrBy<'a> {
    /// The key.
    #[key(RW, access, update)]
    pub key: Key<'a>,
    /// The number to add.
    #[argument("increment")]
    pub by: i64,
}

/// Subtracts `by` from the integer stored at a key, 0 if missing; returns the difference.
#[derive(Debug, Clone, Command)]
#[command("DECRBY", string, write, denyoom, fast, since = "1.0.0", complexity = "O(1)", reply = i64)]
pub struct DecrBy<'a> {
    /// The key.
    #[key(RW, access, update)]
    pub key: Key<'a>,
    /// The number to subtract.
    #[argument("decrement")]
    pub by: i64,
}

/// Adds `by` to the number stored at a key, 0 if missing; returns the sum as it is stored.
///
/// The sum is computed with the 64-bit mantissa of an x87 long double: 0.1 three times is "0.3".
#[derive(Debug, Clone, Command)]
#[command("INCRBYFLOAT", string, write, denyoom, fast, since = "2.6.0", complexity = "O(1)", reply = Bytes, shape = Number)]
pub struct IncrByFloat<'a> {
    /// The key.
    #[key(RW, access, update)]
    pub key: Key<'a>,
    /// The number to add, or the text of one with more digits than a float holds.
    #[argument("increment", Double)]
    pub by: Arg<'a>,
}
