//! Set commands: what they are. What they do is in the engine's file of the same name.

use crate::arg::{Arg, Key, Many};
use crate::args::Args;
use crate::bytes::Bytes;
use crate::error::Result;
use crate::execute::Parse;
use crate::field::{Field, NumKeys, at_least};
use crate::list::symmetric;
use crate::reply::{Members, OneOrMany, Reply, ScanReply};
pub use crate::scan::ScanOptions;
use crate::scan::{Cursor, Late};
use crate::sink::ReplySink;
use crate::spec::Shape;
use crate::texts;
use crate::value::Value;
use crate::{Command, Options};

/// Adds members to a set, which is created if missing; returns how many were not there before.
#[derive(Debug, Clone, Command)]
#[original]
#[command("SADD", set, write, denyoom, fast, since = "1.0.0", complexity = "O(1) for each member", reply = u64)]
pub struct SAdd<'a> {
    /// The key.
    #[key(RW, insert)]
    pub key: Key<'a>,
    /// The members.
    pub members: Many<Arg<'a>>,
}

/// Removes members from a set; returns how many were there.
///
/// The key goes with its last member.
#[derive(Debug, Clone, Command)]
#[original]
#[command("SREM", set, write, fast, since = "1.0.0", complexity = "O(1) for each member", reply = u64)]
pub struct SRem<'a> {
    /// The key.
    #[key(RW, delete)]
    pub key: Key<'a>,
    /// The members.
    pub members: Many<Arg<'a>>,
}

/// Returns whether a set has this member.
#[derive(Debug, Clone, Command)]
#[original]
#[command("SISMEMBER", set, readonly, fast, since = "1.0.0", complexity = "O(1)", reply = bool)]
pub struct SIsMember<'a> {
    /// The key.
    #[key(RO)]
    pub key: Key<'a>,
    /// The member.
    pub member: Arg<'a>,
}

/// Returns for each of these members whether a set has it.
#[derive(Debug, Clone, Command)]
#[command("SMISMEMBER", set, readonly, fast, since = "6.2.0", complexity = "O(1) for each member", reply = Vec<bool>)]
pub struct SMIsMember<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The members.
    pub members: Many<Arg<'a>>,
}

/// Returns the number of members of a set; 0 for a missing key.
#[derive(Debug, Clone, Command)]
#[original]
#[command("SCARD", set, readonly, fast, since = "1.0.0", complexity = "O(1)", reply = u64)]
pub struct SCard<'a> {
    /// The key.
    #[key(RO)]
    pub key: Key<'a>,
}

/// Returns all members of a set.
#[derive(Debug, Clone, Command)]
#[original]
#[command("SMEMBERS", set, readonly, since = "1.0.0", complexity = "O(N)", reply = Members, tip = "nondeterministic_output_order")]
pub struct SMembers<'a> {
    /// The key.
    pub key: Key<'a>,
}

/// Removes and returns a random member of a set; with a count up to that many.
///
/// The key goes with its last member.
#[derive(Debug, Clone, Command)]
#[command("SPOP", set, random, write, fast, since = "1.0.0", complexity = "O(N) in the members returned", reply = SPopReply,
    parse = manual, tip = "nondeterministic_output")]
#[method(spop(key) -> Option<Bytes>)]
#[method(spop_count(key, count) -> Members, "With a count: different members, none for a missing key.")]
pub struct SPop<'a> {
    /// The key.
    #[key(RW, access, delete)]
    pub key: Key<'a>,
    /// The maximal number of members.
    #[at_least(0, NOT_POSITIVE)]
    #[argument("count", since = "3.2.0")]
    pub count: Option<i64>,
}

impl<'a> Parse<'a> for SPop<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        let read = |args: &mut Args<'_>| at_least(args.take()?, 0, texts::NOT_POSITIVE);
        key_and_count(&mut args, read).map(|(key, count)| SPop { key, count })
    }
}

/// A key and perhaps a count. An argument too many is reported before a malformed count.
fn key_and_count<'a>(
    args: &mut Args<'a>,
    read: impl FnOnce(&mut Args<'a>) -> Result<i64>,
) -> Result<(Key<'a>, Option<i64>)> {
    let key = Key::read(args)?;
    if args.is_empty() {
        return Ok((key, None));
    }
    let mut count = args.clone();
    args.take()?;
    args.end()?;
    Ok((key, Some(read(&mut count)?)))
}

/// The reply of SPOP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SPopReply {
    /// Without a count: a member, if there is one.
    One(Option<Bytes>),
    /// The members, with a count.
    Many(Members),
}

impl Reply for SPopReply {
    const SHAPE: Shape = Shape::OneOrMany;

    fn from_value(value: Value) -> Result<Self> {
        match value {
            members @ (Value::Array(_) | Value::Set(_)) => Members::from_value(members).map(SPopReply::Many),
            one => Option::from_value(one).map(SPopReply::One),
        }
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        match self {
            SPopReply::One(one) => one.show(to),
            SPopReply::Many(members) => members.show(to),
        }
    }
}

/// The member of a reply without a count.
impl From<SPopReply> for Option<Bytes> {
    fn from(reply: SPopReply) -> Self {
        match reply {
            SPopReply::One(one) => one,
            SPopReply::Many(members) => members.into_iter().next(),
        }
    }
}

/// The members.
impl From<SPopReply> for Members {
    fn from(reply: SPopReply) -> Self {
        match reply {
            SPopReply::One(one) => one.into_iter().collect(),
            SPopReply::Many(members) => members,
        }
    }
}

/// Returns a random member of a set; with a count up to that many different ones, with a negative
/// count exactly that many, the same one perhaps more than once.
#[derive(Debug, Clone, Command)]
#[command("SRANDMEMBER", set, random, readonly, since = "1.0.0", complexity = "O(N) in the members returned",
    reply = OneOrMany, parse = manual, tip = "nondeterministic_output")]
#[method(srandmember(key) -> Option<Bytes>)]
#[method(srandmember_count(key, count) -> Vec<Bytes>, "With a count: a missing key gives no members.")]
pub struct SRandMember<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The number of members, negative if they may come more than once.
    #[at_least(-i64::MAX, RANK_RANGE)]
    #[argument("count", since = "2.6.0")]
    pub count: Option<i64>,
}

impl<'a> Parse<'a> for SRandMember<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        key_and_count(&mut args, symmetric).map(|(key, count)| SRandMember { key, count })
    }
}

/// Moves a member from one set to another, which is created if missing; tells whether it was there.
///
/// The key of the source goes with its last member.
#[derive(Debug, Clone, Command)]
#[command("SMOVE", set, write, fast, since = "1.0.0", complexity = "O(1)", reply = bool)]
pub struct SMove<'a> {
    /// The key of the set to take from.
    #[key(RW, access, delete)]
    pub source: Key<'a>,
    /// The key of the set to give to.
    #[key(RW, insert)]
    pub destination: Key<'a>,
    /// The member.
    pub member: Arg<'a>,
}

/// Returns the members that all of these sets have; a missing key is an empty set.
#[derive(Debug, Clone, Command)]
#[command("SINTER", set, readonly, since = "1.0.0",
    complexity = "O(N*M) in the members of the smallest set and the number of sets", reply = Members, tip = "nondeterministic_output_order")]
pub struct SInter<'a> {
    /// The keys.
    pub keys: Many<Key<'a>>,
}

/// Returns the members that any of these sets has; a missing key is an empty set.
#[derive(Debug, Clone, Command)]
#[command("SUNION", set, readonly, since = "1.0.0", complexity = "O(N) in the members of all sets", reply = Members, tip = "nondeterministic_output_order")]
pub struct SUnion<'a> {
    /// The keys.
    pub keys: Many<Key<'a>>,
}

/// Returns the members of the first set that none of the others has; a missing key is an empty set.
#[derive(Debug, Clone, Command)]
#[command("SDIFF", set, readonly, since = "1.0.0", complexity = "O(N) in the members of all sets", reply = Members, tip = "nondeterministic_output_order")]
pub struct SDiff<'a> {
    /// The keys; the first one is what the others are taken from.
    pub keys: Many<Key<'a>>,
}

/// Stores the members that all of these sets have, whatever the destination held; returns how many
/// there are. An empty result removes the destination.
#[derive(Debug, Clone, Command)]
#[command("SINTERSTORE", set, write, denyoom, since = "1.0.0",
    complexity = "O(N*M) in the members of the smallest set and the number of sets", reply = u64)]
pub struct SInterStore<'a> {
    /// The key of the result.
    #[key(OW, update)]
    pub destination: Key<'a>,
    /// The keys.
    pub keys: Many<Key<'a>>,
}

/// Stores the members that any of these sets has, whatever the destination held; returns how many
/// there are. An empty result removes the destination.
#[derive(Debug, Clone, Command)]
#[command("SUNIONSTORE", set, write, denyoom, since = "1.0.0", complexity = "O(N) in the members of all sets", reply = u64)]
pub struct SUnionStore<'a> {
    /// The key of the result.
    #[key(OW, update)]
    pub destination: Key<'a>,
    /// The keys.
    pub keys: Many<Key<'a>>,
}

/// Stores the members of the first set that none of the others has, whatever the destination held;
/// returns how many there are. An empty result removes the destination.
#[derive(Debug, Clone, Command)]
#[command("SDIFFSTORE", set, write, denyoom, since = "1.0.0", complexity = "O(N) in the members of all sets", reply = u64)]
pub struct SDiffStore<'a> {
    /// The key of the result.
    #[key(OW, update)]
    pub destination: Key<'a>,
    /// The keys; the first one is what the others are taken from.
    pub keys: Many<Key<'a>>,
}

/// Returns how many members all of these sets have in common.
#[derive(Debug, Clone, Command)]
#[command("SINTERCARD", set, readonly, movablekeys, since = "7.0.0",
    complexity = "O(N*M) in the members of the smallest set and the number of sets", reply = u64)]
pub struct SInterCard<'a> {
    /// The keys.
    #[too_many(NUMKEYS_TOO_LARGE)]
    pub keys: NumKeys<'a>,
    /// Options of the count.
    pub options: SInterCardOptions,
}

/// The options of SINTERCARD.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Options)]
pub struct SInterCardOptions {
    /// Stops counting at this number; 0 for no limit.
    #[token("LIMIT")]
    #[at_least(0, LIMIT_NEGATIVE)]
    pub limit: Option<i64>,
}

/// Iterates over the members of a set, a step at a time.
///
/// Members that are there from the first step to the last come at least once.
#[derive(Debug, Clone, Command)]
#[command("SSCAN", set, readonly, since = "2.8.0", complexity = "O(1) for every step", reply = ScanReply<Bytes>, tip = "nondeterministic_output")]
#[method(sscan(key, cursor) -> ScanReply<Bytes>)]
#[method(sscan_with(key, cursor, options) -> ScanReply<Bytes>)]
pub struct SScan<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The cursor of the reply before; 0 to begin.
    pub cursor: Cursor,
    /// Options of the step.
    pub options: Option<Late<ScanOptions<'a>>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error that these arguments give.
    fn error<'a, C: Parse<'a>>(args: &'a [&'a [u8]]) -> String {
        assert!(C::SPEC.accepts(args.len() + 1));
        C::parse(Args::new(C::SPEC, args)).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn an_argument_too_many_comes_before_a_malformed_count() {
        assert_eq!(error::<SPop<'_>>(&[b"s", b"x", b"1"]), texts::SYNTAX.0);
        assert_eq!(error::<SPop<'_>>(&[b"s", b"x"]), texts::NOT_POSITIVE.0);
        assert_eq!(error::<SRandMember<'_>>(&[b"s", b"x", b"1"]), texts::SYNTAX.0);
        assert_eq!(error::<SRandMember<'_>>(&[b"s", b"x"]), texts::NOT_INTEGER.0);
        assert_eq!(error::<SRandMember<'_>>(&[b"s", b"-9223372036854775808"]), texts::RANK_RANGE.0);
    }

    #[test]
    fn the_arguments_of_sintercard_are_judged_in_their_order() {
        assert_eq!(error::<SInterCard<'_>>(&[b"x", b"s"]), texts::NUMKEYS_NOT_POSITIVE.0);
        assert_eq!(error::<SInterCard<'_>>(&[b"2", b"s"]), texts::NUMKEYS_TOO_LARGE.0);
        assert_eq!(error::<SInterCard<'_>>(&[b"1", b"s", b"LIMIT", b"-1", b"FOO"]), texts::LIMIT_NEGATIVE.0);
        assert_eq!(error::<SInterCard<'_>>(&[b"1", b"s", b"LIMIT"]), texts::SYNTAX.0);
    }

    #[test]
    fn spop_gives_a_set_only_with_a_count() {
        let one = SPopReply::from_value(Value::bulk("a")).unwrap();
        assert_eq!(Option::<Bytes>::from(one.clone()), Some("a".into()));
        assert_eq!(one.into_value(), Value::bulk("a"));
        let many = SPopReply::from_value(Value::Array(vec![Value::bulk("a")])).unwrap();
        assert_eq!(many.clone().into_value(), Value::Set(vec![Value::bulk("a")]));
        assert_eq!(Members::from(many).len(), 1);
        assert_eq!(SPopReply::from_value(Value::Null), Ok(SPopReply::One(None)));
    }
}
