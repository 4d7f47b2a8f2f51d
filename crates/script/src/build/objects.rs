//! Redis objects: a key and the commands of its family.
//!
//! Their methods are generated from the command table: one for every command that has its key first. Here is what that
//! table does not say.

mod generic;
mod hash;
mod list;
mod set;
mod string;
mod zset;

use std::ops::Deref;

use super::functions::redis;
use crate::draft::{Expr, NodeKind};

/// A key, whatever it holds: the commands that every object has.
///
/// The key may be any expression, and it is evaluated at every use.
#[derive(Debug, Clone)]
pub struct RedisKey(Expr);

impl RedisKey {
    /// An object of this key, which is evaluated at every use.
    #[track_caller]
    pub fn new(key: impl Into<Expr>) -> Self {
        let key: Expr = key.into();
        let calls = key.node().emits;
        Self(if calls { Expr::new(NodeKind::Name(key)) } else { key })
    }

    /// The key as an expression.
    #[must_use]
    pub fn key(&self) -> Expr {
        self.0.clone()
    }

    #[track_caller]
    fn command(&self, name: &str, args: impl IntoIterator<Item = Expr>) -> Expr {
        redis(name, &self.0, args)
    }
}

macro_rules! objects {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        ///
        /// Has the commands of [`RedisKey`] too.
        #[derive(Debug, Clone)]
        pub struct $name(RedisKey);

        impl $name {
            /// The object at this key, which is evaluated at every use.
            #[track_caller]
            pub fn new(key: impl Into<Expr>) -> Self {
                Self(RedisKey::new(key))
            }
        }

        impl Deref for $name {
            type Target = RedisKey;

            fn deref(&self) -> &RedisKey {
                &self.0
            }
        }
    )* };
}

objects! {
    /// A string, or a number in a string.
    RedisVar;
    /// A list.
    RedisList;
    /// A hash.
    RedisHash;
    /// A set.
    RedisSet;
    /// A sorted set.
    RedisSortedSet;
}

impl RedisVar {
    /// The value, or `default` if the key is missing.
    #[track_caller]
    #[must_use]
    pub fn get_or(&self, default: impl Into<Expr>) -> Expr {
        Expr::new(NodeKind::Default(self.get(), default.into()))
    }
}

impl RedisHash {
    /// The value of a field, or this if it is missing.
    #[track_caller]
    #[must_use]
    pub fn hget_or(&self, field: impl Into<Expr>, default: impl Into<Expr>) -> Expr {
        Expr::new(NodeKind::Default(self.hget(field), default.into()))
    }
}

#[cfg(test)]
mod tests {
    use redipy_command::spec::{Begin, Find, KeySpec};
    use redipy_command::{Flags, methods};

    use super::*;
    use crate::exprs;

    #[test]
    fn every_command_with_its_key_first_is_a_method() {
        let known =
            [generic::COMMANDS, hash::COMMANDS, list::COMMANDS, set::COMMANDS, string::COMMANDS, zset::COMMANDS];
        let refused = |flags: Flags| flags.has(Flags::NOSCRIPT) || flags.has(Flags::BLOCKING);
        let on_key =
            |key: KeySpec| key.begin == Begin::At(1) && matches!(key.find, Find::One | Find::Rest { step: 1, but: 0 });
        for spec in methods::ALL {
            let expected = spec.key_specs().next().is_some_and(on_key) && !refused(spec.flags);
            assert_eq!(known.concat().contains(&spec.name), expected, "{}", spec.name);
        }
    }

    fn command_of(expr: &Expr) -> String {
        let NodeKind::Command(name, args) = &expr.node().kind else { panic!("no command") };
        let args = args.iter().map(|arg| match &arg.node().kind {
            NodeKind::Num(number) => number.to_string(),
            NodeKind::Str(text) => text.to_text(),
            other => format!("{other:?}"),
        });
        format!("{name} {}", args.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn arguments_are_sent_in_the_order_of_the_command() {
        let (list, hash, zset) = (RedisList::new("l"), RedisHash::new("h"), RedisSortedSet::new("z"));
        let sent = [
            (list.rpush("a"), "RPUSH l a"),
            (list.rpush(["a", "b"]), "RPUSH l a b"),
            (list.rpush(exprs![1, "b"]), "RPUSH l 1 b"),
            (list.lpop_count(2), "LPOP l 2"),
            (list.linsert("BEFORE", "p", "e"), "LINSERT l BEFORE p e"),
            (hash.hset(("f", 1)), "HSET h f 1"),
            (hash.hset([("f", 1), ("g", 2)]), "HSET h f 1 g 2"),
            (hash.hset(vec![("f", "x")]), "HSET h f x"),
            (zset.zadd_with((1, "m"), exprs!["NX", "CH"]), "ZADD z NX CH 1 m"),
            (zset.zrange_with(0, -1, exprs!["REV"]), "ZRANGE z 0 -1 REV"),
            (RedisVar::new("v").set_with("x", exprs!["PX", 5]), "SET v x PX 5"),
            (RedisSet::new("s").sinter(["t", "u"]), "SINTER s t u"),
            (list.del(), "DEL l"),
            (hash.expire_with(5, exprs!["NX"]), "EXPIRE h 5 NX"),
            (zset.type_(), "TYPE z"),
        ];
        for (expr, expected) in sent {
            assert_eq!(command_of(&expr), expected);
        }
    }
}
