//! Redis objects: a key and the commands of its family. Each method is one command.
//!
//! The key may be any expression, and it is evaluated at every use.

use super::functions::redis;
use crate::draft::{Expr, NodeKind};

macro_rules! object {
    ($(#[$doc:meta])* $name:ident { $($methods:tt)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(Expr);

        impl $name {
            /// The object at this key, which is evaluated at every use.
            #[track_caller]
            pub fn new(key: impl Into<Expr>) -> Self {
                Self(key.into())
            }

            /// The key.
            pub fn key(&self) -> Expr {
                self.0.clone()
            }

            #[track_caller]
            fn command(&self, name: &str, args: Vec<Expr>) -> Expr {
                redis(name, &self.0, args)
            }

            object! { @methods $($methods)* }
            object! { @methods
                /// Deletes the key; how many keys were deleted.
                delete() = "DEL";
                /// Whether the key exists, as 1 or 0.
                exists() = "EXISTS";
                /// Lets the key expire after this many seconds; whether it exists.
                expire(seconds) = "EXPIRE";
                /// Lets the key expire after this many milliseconds; whether it exists.
                pexpire(milliseconds) = "PEXPIRE";
                /// Lets the key expire at this Unix time in seconds; whether it exists.
                expire_at(time) = "EXPIREAT";
                /// Removes the expiry; whether there was one.
                persist() = "PERSIST";
                /// How many seconds are left, with a fraction; -1 without expiry, None without key.
                ttl() = "TTL";
                /// "string", "list", "hash", "set", "zset", "stream" or None.
                type_() = "TYPE";
                /// Gives the object another key.
                rename(new_key) = "RENAME";
            }
        }
    };
    (@methods $($(#[$doc:meta])* $method:ident($($arg:ident),*) = $command:literal;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        #[must_use]
        pub fn $method(&self, $($arg: impl Into<Expr>),*) -> Expr {
            self.command($command, vec![$($arg.into()),*])
        }
    )* };
}

object! {
    /// A string, or a number in a string.
    RedisVar {
        /// Its value, or None.
        get() = "GET";
        /// Sets it; True.
        set(value) = "SET";
        /// Sets it if the key is missing; whether it was set.
        set_nx(value) = "SETNX";
        /// Adds to the number; the sum.
        incrby(step) = "INCRBY";
        /// Appends; the new length.
        append(text) = "APPEND";
        /// The length in bytes.
        strlen() = "STRLEN";
        /// Its value, or None; deletes the key.
        getdel() = "GETDEL";
    }
}

object! {
    /// A list.
    RedisList {
        /// Prepends a value; the new length.
        lpush(value) = "LPUSH";
        /// Appends a value; the new length.
        rpush(value) = "RPUSH";
        /// Takes the first value, or None.
        lpop() = "LPOP";
        /// Takes the last value, or None.
        rpop() = "RPOP";
        /// Takes up to so many values from the front; None without key.
        lpop_count(count) = "LPOP";
        /// Takes up to so many values from the back; None without key.
        rpop_count(count) = "RPOP";
        /// The length.
        llen() = "LLEN";
        /// The values between two positions, both included.
        lrange(start, stop) = "LRANGE";
        /// The value at a position, or None.
        lindex(index) = "LINDEX";
        /// Replaces the value at a position.
        lset(index, value) = "LSET";
        /// Removes up to so many equal values; how many.
        lrem(count, value) = "LREM";
        /// Keeps only the values between two positions.
        ltrim(start, stop) = "LTRIM";
    }
}

object! {
    /// A hash.
    RedisHash {
        /// Sets a field; 1 if it is new.
        hset(field, value) = "HSET";
        /// Sets a field if it is missing; whether it was.
        hsetnx(field, value) = "HSETNX";
        /// The value of a field, or None.
        hget(field) = "HGET";
        /// All fields and values, as a dict.
        hgetall() = "HGETALL";
        /// Removes a field; how many were removed.
        hdel(field) = "HDEL";
        /// Adds to the number in a field; the sum.
        hincrby(field, step) = "HINCRBY";
        /// The fields, as a list.
        hkeys() = "HKEYS";
        /// The values, as a list.
        hvals() = "HVALS";
        /// Whether there is such a field.
        hexists(field) = "HEXISTS";
        /// How many fields there are.
        hlen() = "HLEN";
    }
}

object! {
    /// A set.
    RedisSet {
        /// Adds a member; 1 if it is new.
        sadd(member) = "SADD";
        /// Removes a member; 1 if it was there.
        srem(member) = "SREM";
        /// Whether there is such a member.
        sismember(member) = "SISMEMBER";
        /// All members, sorted.
        smembers() = "SMEMBERS";
        /// How many members there are.
        scard() = "SCARD";
    }
}

object! {
    /// A sorted set.
    RedisSortedSet {
        /// Sets the score of a member; 1 if it is new.
        zadd(score, member) = "ZADD";
        /// The score of a member, or None.
        zscore(member) = "ZSCORE";
        /// Adds to the score of a member; the sum.
        zincrby(step, member) = "ZINCRBY";
        /// The members between two ranks, both included, lowest score first.
        zrange(start, stop) = "ZRANGE";
        /// How many members there are.
        zcard() = "ZCARD";
        /// How many members have a score between two bounds.
        zcount(min, max) = "ZCOUNT";
        /// Removes a member; 1 if it was there.
        zrem(member) = "ZREM";
        /// Removes the members with a score between two bounds; how many.
        zremrangebyscore(min, max) = "ZREMRANGEBYSCORE";
        /// The rank of a member from the lowest score, from 0, or None.
        zrank(member) = "ZRANK";
        /// The rank of a member from the highest score, from 0, or None.
        zrevrank(member) = "ZREVRANK";
        /// Takes the member with the lowest score: a list of [member, score].
        zpopmin() = "ZPOPMIN";
        /// Takes the member with the highest score: a list of [member, score].
        zpopmax() = "ZPOPMAX";
    }
}

impl RedisVar {
    /// Its value, or this if the key is missing.
    #[track_caller]
    #[must_use]
    pub fn get_or(&self, default: impl Into<Expr>) -> Expr {
        Expr::new(NodeKind::Default(self.get(), default.into()))
    }

    /// Sets it with options: `lock.set_with(&token, exprs!["NX", "PX", &ttl])`.
    #[track_caller]
    #[must_use]
    pub fn set_with(&self, value: impl Into<Expr>, options: impl IntoIterator<Item = Expr>) -> Expr {
        self.command("SET", std::iter::once(value.into()).chain(options).collect())
    }
}

/// Methods that take several values at once.
macro_rules! several {
    ($object:ident: $($(#[$doc:meta])* $method:ident = $command:literal;)*) => {
        impl $object { $(
            $(#[$doc])*
            #[track_caller]
            #[must_use]
            pub fn $method<T: Into<Expr>>(&self, values: impl IntoIterator<Item = T>) -> Expr {
                self.command($command, values.into_iter().map(Into::into).collect())
            }
        )* }
    };
}

several! { RedisList:
    /// Prepends values, one after the other; the new length.
    lpush_all = "LPUSH";
    /// Appends values; the new length.
    rpush_all = "RPUSH";
}

several! { RedisHash:
    /// The values of these fields, as a dict with every field.
    hmget = "HMGET";
    /// Removes fields; how many were removed.
    hdel_all = "HDEL";
}

several! { RedisSet:
    /// Adds members; how many are new.
    sadd_all = "SADD";
    /// Removes members; how many were there.
    srem_all = "SREM";
}

impl RedisHash {
    /// Sets several fields; how many are new.
    #[track_caller]
    #[must_use]
    pub fn hset_all<K: Into<Expr>, V: Into<Expr>>(&self, pairs: impl IntoIterator<Item = (K, V)>) -> Expr {
        self.command("HSET", pairs.into_iter().flat_map(|(field, value)| [field.into(), value.into()]).collect())
    }

    /// The value of a field, or this if it is missing.
    #[track_caller]
    #[must_use]
    pub fn hget_or(&self, field: impl Into<Expr>, default: impl Into<Expr>) -> Expr {
        Expr::new(NodeKind::Default(self.hget(field), default.into()))
    }
}

impl RedisSortedSet {
    /// The members between two ranks, with options: `z.zrange_with(0, 9, exprs!["REV", "WITHSCORES"])`.
    #[track_caller]
    #[must_use]
    pub fn zrange_with(
        &self,
        start: impl Into<Expr>,
        stop: impl Into<Expr>,
        options: impl IntoIterator<Item = Expr>,
    ) -> Expr {
        let args = [start.into(), stop.into()].into_iter().chain(options);
        self.command("ZRANGE", args.collect())
    }
}
