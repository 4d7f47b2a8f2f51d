//! Sorted set commands: what they are. What they do is in the engine's file of the same name.

pub mod reply;

use crate::arg::{Arg, Key, Many};
use crate::args::Args;
use crate::bytes::Bytes;
use crate::error::Result;
use crate::execute::Parse;
use crate::field::{Field, at_least};
use crate::hash::read_random_count;
pub use crate::range::{Bound, Edge, LexBound};
use crate::range::{Manner, Selection};
use crate::reply::ScanReply;
pub use crate::scan::ScanOptions;
use crate::scan::{Cursor, Late};
use crate::spec::{Argument, ArgumentKind};
use crate::texts::{self, fail};
use crate::{Command, Options};

pub use crate::zset::reply::{ZAddReply, ZPopReply, ZRandMemberReply, ZRangeReply, ZRankReply, ZScanReply};

/// Adds members to a sorted set, which is created if missing, or changes their scores; returns how
/// many are new.
#[derive(Debug, Clone, Command)]
#[original]
#[command("ZADD", zset, write, denyoom, fast, since = "1.2.0", complexity = "O(log(N)) for each member", reply = ZAddReply, parse = manual)]
#[method(zadd(key, members) -> u64)]
#[method(zadd_with(key, members, options) -> ZAddReply)]
#[method(zadd_incr(key, members, options = ZAddOptions::new().incr()) -> Option<f64>, "Adds to the score of the one member, and returns the sum.")]
pub struct ZAdd<'a> {
    /// The key.
    #[key(RW, update)]
    pub key: Key<'a>,
    /// Options of the command.
    pub options: ZAddOptions,
    /// Scores and members.
    pub members: Many<(f64, Arg<'a>)>,
}

/// The options of ZADD.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Options)]
pub struct ZAddOptions {
    /// Only adds members, never changes a score.
    #[token("NX", oneof = "condition", since = "3.0.2")]
    pub nx: bool,
    /// Only changes scores, never adds a member.
    #[token("XX", oneof = "condition", since = "3.0.2")]
    pub xx: bool,
    /// Changes a score only to a greater one; members are still added.
    #[token("GT", oneof = "comparison", since = "6.2.0")]
    pub gt: bool,
    /// Changes a score only to a lower one; members are still added.
    #[token("LT", oneof = "comparison", since = "6.2.0")]
    pub lt: bool,
    /// Returns how many members were added or changed.
    #[token("CH", name = "change", since = "3.0.2")]
    pub ch: bool,
    /// Adds to the score of the one member, and returns the sum; see `zadd_incr`.
    #[token("INCR", name = "increment", since = "3.0.2")]
    pub incr: bool,
}

impl ZAddOptions {
    /// Refuses options that exclude each other, or that do not go with this many members.
    ///
    /// # Errors
    /// The error that a server gives.
    pub fn fit(self, members: usize) -> Result<()> {
        let ZAddOptions { nx, xx, gt, lt, incr, .. } = self;
        if nx && xx {
            return fail(texts::ZADD_NX_XX);
        }
        if (nx && (gt || lt)) || (gt && lt) {
            return fail(texts::ZADD_GT_LT_NX);
        }
        if incr && members > 1 {
            return fail(texts::ZADD_INCR_PAIRS);
        }
        Ok(())
    }
}

/// Options that exclude each other are reported before a malformed score.
impl<'a> Parse<'a> for ZAdd<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        let key = Key::read(&mut args)?;
        let options = ZAddOptions::read(&mut args)?;
        if args.is_empty() || args.len() % 2 == 1 {
            return fail(texts::SYNTAX);
        }
        options.fit(args.len() / 2)?;
        Ok(Self { key, options, members: Many::read(&mut args)? })
    }
}

/// Removes members, and the key with the last of them; returns how many were there.
#[derive(Debug, Clone, Command)]
#[command("ZREM", zset, write, fast, since = "1.2.0", complexity = "O(M*log(N)) for M members", reply = u64)]
pub struct ZRem<'a> {
    /// The key.
    #[key(RW, delete)]
    pub key: Key<'a>,
    /// The members.
    pub members: Many<Arg<'a>>,
}

/// Returns the score of a member, or nothing.
#[derive(Debug, Clone, Command)]
#[command("ZSCORE", zset, readonly, fast, since = "1.2.0", complexity = "O(1)", reply = Option<f64>)]
pub struct ZScore<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The member.
    pub member: Arg<'a>,
}

/// Returns the scores of members, in their order; nothing for a member that is missing.
#[derive(Debug, Clone, Command)]
#[command("ZMSCORE", zset, readonly, fast, since = "6.2.0", complexity = "O(N) for N members", reply = Vec<Option<f64>>)]
pub struct ZMScore<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The members.
    pub members: Many<Arg<'a>>,
}

/// Adds `by` to the score of a member, 0 if missing; returns the sum.
#[derive(Debug, Clone, Command)]
#[command("ZINCRBY", zset, write, denyoom, fast, since = "1.2.0", complexity = "O(log(N))", reply = f64, shape = Number, parse = manual)]
pub struct ZIncrBy<'a> {
    /// The key.
    #[key(RW, access, update)]
    pub key: Key<'a>,
    /// The number to add.
    #[argument("increment", Integer)]
    pub by: f64,
    /// The member.
    pub member: Arg<'a>,
}

impl<'a> Parse<'a> for ZIncrBy<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        let key = Key::read(&mut args)?;
        // The server takes it for a ZADD: an option in the place of the number leaves no pair behind it.
        let is_option =
            |by: &[u8]| ZAddOptions::OPTIONS.iter().any(|option| by.eq_ignore_ascii_case(option.token.as_bytes()));
        if args.peek().is_some_and(is_option) {
            return fail(texts::SYNTAX);
        }
        let (by, member) = <(f64, Arg<'a>)>::read(&mut args)?;
        args.end_arity().map(|()| Self { key, by, member })
    }
}

/// Returns the number of members; 0 for a missing key.
#[derive(Debug, Clone, Command)]
#[original]
#[command("ZCARD", zset, readonly, fast, since = "1.2.0", complexity = "O(1)", reply = u64)]
pub struct ZCard<'a> {
    /// The key.
    #[key(RO)]
    pub key: Key<'a>,
}

/// Returns how many members have a score from `min` to `max`.
#[derive(Debug, Clone, Command)]
#[command("ZCOUNT", zset, readonly, fast, since = "2.0.0", complexity = "O(log(N))", reply = u64)]
pub struct ZCount<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The lowest score.
    pub min: Bound,
    /// The highest score.
    pub max: Bound,
}

/// Returns how many members have a lower rank than this one, or nothing if it is missing.
#[derive(Debug, Clone, Command)]
#[command("ZRANK", zset, readonly, fast, since = "2.0.0", complexity = "O(log(N))", reply = ZRankReply, parse = manual)]
#[method(zrank(key, member) -> Option<u64>)]
#[method(zrank_withscore(key, member, options = ZRankOptions::new().withscore()) -> Option<(u64, f64)>, "Returns the rank of a member and its score.")]
pub struct ZRank<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The member.
    pub member: Arg<'a>,
    /// Whether with the score.
    pub options: ZRankOptions,
}

/// Returns how many members have a higher rank than this one, or nothing if it is missing.
#[derive(Debug, Clone, Command)]
#[command("ZREVRANK", zset, readonly, fast, since = "2.0.0", complexity = "O(log(N))", reply = ZRankReply, parse = manual)]
#[method(zrevrank(key, member) -> Option<u64>)]
#[method(zrevrank_withscore(key, member, options = ZRankOptions::new().withscore()) -> Option<(u64, f64)>, "Returns the rank of a member from the highest score, and its score.")]
pub struct ZRevRank<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The member.
    pub member: Arg<'a>,
    /// Whether with the score.
    pub options: ZRankOptions,
}

/// The options of ZRANK and ZREVRANK.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Options)]
pub struct ZRankOptions {
    /// Returns the score too.
    #[token("WITHSCORE", once)]
    pub withscore: bool,
}

impl ZRankOptions {
    /// Reads the one option; two arguments are a wrong number of arguments.
    fn read_only(args: &mut Args<'_>) -> Result<Self> {
        if args.len() > 1 {
            return Err(texts::arity(args.name()));
        }
        let options = Self::read(args)?;
        args.end().map(|()| options)
    }
}

impl<'a> Parse<'a> for ZRank<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        let (key, member) = <(Key<'a>, Arg<'a>)>::read(&mut args)?;
        Ok(Self { key, member, options: ZRankOptions::read_only(&mut args)? })
    }
}

impl<'a> Parse<'a> for ZRevRank<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        let (key, member) = <(Key<'a>, Arg<'a>)>::read(&mut args)?;
        Ok(Self { key, member, options: ZRankOptions::read_only(&mut args)? })
    }
}

/// Returns members from `start` to `stop`, both included: by rank, where negative ones count from
/// the last member, or as the options say by score or by bytes.
///
/// By score and by bytes, `rev` expects the higher end first.
#[derive(Debug, Clone, Command)]
#[original]
#[command("ZRANGE", zset, readonly, since = "1.2.0", complexity = "O(log(N)+M) for M members returned", reply = ZRangeReply)]
#[method(zrange(key, start, stop) -> Vec<Bytes>)]
#[method(zrange_withscores(key, start, stop, options = ZRangeOptions::new().withscores()) -> Vec<(Bytes, f64)>, "Returns members by rank and their scores.")]
#[method(zrange_with(key, start, stop, options) -> ZRangeReply)]
pub struct ZRange<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The first member.
    pub start: Edge<'a>,
    /// The last member.
    pub stop: Edge<'a>,
    /// Options of the range.
    pub options: ZRangeOptions,
}

/// The options of ZRANGE.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Options)]
pub struct ZRangeOptions {
    /// By score: `1.5`, `(1.5`, `-inf`, a [`Bound`].
    #[token("BYSCORE", group = "sortby", since = "6.2.0", once)]
    pub byscore: bool,
    /// By bytes: `[a`, `(a`, `-`, `+`, a [`LexBound`].
    #[token("BYLEX", group = "sortby", since = "6.2.0", once)]
    pub bylex: bool,
    /// Descending order.
    #[token("REV", since = "6.2.0", once)]
    pub rev: bool,
    /// Skips `offset` members and returns `count` of the rest, all if negative.
    #[token("LIMIT", since = "6.2.0")]
    pub limit: Option<(i64, i64)>,
    /// Returns the scores too.
    #[token("WITHSCORES")]
    pub withscores: bool,
}

impl<'a> ZRange<'a> {
    /// The reply of the command.
    ///
    /// # Errors
    /// What the server says of options that exclude each other and of malformed ends.
    pub fn selection(&self) -> Result<Selection<'a>> {
        let ZRangeOptions { byscore, bylex, rev, limit, withscores } = self.options;
        Selection::new(self.start, self.stop, Manner { byscore, bylex, rev, limit, withscores })
    }
}

/// Stores what ZRANGE would return under another key, replacing what it held; returns how many
/// members that are.
#[derive(Debug, Clone, Command)]
#[command("ZRANGESTORE", zset, write, denyoom, since = "6.2.0", complexity = "O(log(N)+M) for M members stored", reply = u64)]
pub struct ZRangeStore<'a> {
    /// The key that is written.
    #[key(OW, update)]
    #[argument("dst")]
    pub destination: Key<'a>,
    /// The key that is read.
    #[argument("src")]
    pub source: Key<'a>,
    /// The first member.
    #[argument("min")]
    pub start: Edge<'a>,
    /// The last member.
    #[argument("max")]
    pub stop: Edge<'a>,
    /// By what, in which direction and how many.
    pub options: ZRangeStoreOptions,
}

/// The options of ZRANGESTORE.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Options)]
pub struct ZRangeStoreOptions {
    /// By score: `1.5`, `(1.5`, `-inf`, a [`Bound`].
    #[token("BYSCORE", group = "sortby", once)]
    pub byscore: bool,
    /// By bytes: `[a`, `(a`, `-`, `+`, a [`LexBound`].
    #[token("BYLEX", group = "sortby", once)]
    pub bylex: bool,
    /// Descending order.
    #[token("REV", once)]
    pub rev: bool,
    /// Skips `offset` members and takes `count` of the rest, all if negative.
    #[token("LIMIT")]
    pub limit: Option<(i64, i64)>,
}

impl<'a> ZRangeStore<'a> {
    /// The reply of the command.
    ///
    /// # Errors
    /// What the server says of options that exclude each other and of malformed ends.
    pub fn selection(&self) -> Result<Selection<'a>> {
        let ZRangeStoreOptions { byscore, bylex, rev, limit } = self.options;
        Selection::new(self.start, self.stop, Manner { byscore, bylex, rev, limit, withscores: false })
    }
}

/// Removes the member with the lowest score and returns it; with a count, that many.
#[derive(Debug, Clone, Command)]
#[command("ZPOPMIN", zset, write, fast, since = "5.0.0", complexity = "O(log(N)*M) for M members", reply = ZPopReply, parse = manual)]
#[method(zpopmin(key) -> Option<(Bytes, f64)>)]
#[method(zpopmin_count(key, count) -> Vec<(Bytes, f64)>, "Removes up to `count` members, lowest score first.")]
pub struct ZPopMin<'a> {
    /// The key.
    #[key(RW, access, delete)]
    pub key: Key<'a>,
    /// The number of members; without it a single member, not in a list.
    #[at_least(0, NOT_POSITIVE)]
    pub count: Option<i64>,
}

/// Removes the member with the highest score and returns it; with a count, that many.
#[derive(Debug, Clone, Command)]
#[command("ZPOPMAX", zset, write, fast, since = "5.0.0", complexity = "O(log(N)*M) for M members", reply = ZPopReply, parse = manual)]
#[method(zpopmax(key) -> Option<(Bytes, f64)>)]
#[method(zpopmax_count(key, count) -> Vec<(Bytes, f64)>, "Removes up to `count` members, highest score first.")]
pub struct ZPopMax<'a> {
    /// The key.
    #[key(RW, access, delete)]
    pub key: Key<'a>,
    /// The number of members; without it a single member, not in a list.
    #[at_least(0, NOT_POSITIVE)]
    pub count: Option<i64>,
}

/// Reads a key and perhaps a count; an argument too many is reported before a malformed count.
fn read_pop<'a>(mut args: Args<'a>) -> Result<(Key<'a>, Option<i64>)> {
    let key = Key::read(&mut args)?;
    let Some(count) = args.peek() else { return Ok((key, None)) };
    if args.len() > 1 {
        return fail(texts::SYNTAX);
    }
    Ok((key, Some(at_least(count, 0, texts::NOT_POSITIVE)?)))
}

impl<'a> Parse<'a> for ZPopMin<'a> {
    fn parse(args: Args<'a>) -> Result<Self> {
        read_pop(args).map(|(key, count)| Self { key, count })
    }
}

impl<'a> Parse<'a> for ZPopMax<'a> {
    fn parse(args: Args<'a>) -> Result<Self> {
        read_pop(args).map(|(key, count)| Self { key, count })
    }
}

/// Returns random members.
///
/// A positive count gives that many different members, or all of them; a negative one gives exactly
/// that many, which may be the same.
#[derive(Debug, Clone, Command)]
#[command("ZRANDMEMBER", zset, random, readonly, since = "6.2.0", complexity = "O(N) in the members returned", reply = ZRandMemberReply, parse = manual, arguments = RANDOM_MEMBERS, tip = "nondeterministic_output")]
#[method(zrandmember(key) -> Option<Bytes>, "Returns a random member.")]
#[method(zrandmember_count(key, count) -> Vec<Bytes>)]
#[method(zrandmember_withscores(key, count, options = ZRandMemberOptions::new().withscores()) -> Vec<(Bytes, f64)>, "Returns random members and their scores.")]
pub struct ZRandMember<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The number of members; without it a single member, not in a list.
    #[at_least(-i64::MAX, RANK_RANGE)]
    pub count: Option<i64>,
    /// Whether with scores.
    pub options: ZRandMemberOptions,
}

/// A count, without which there are no options.
const RANDOM_MEMBERS: &[Argument] = &[
    Argument::of(ArgumentKind::Key).named("key"),
    Argument {
        name: "options",
        optional: true,
        inside: &[
            Argument::of(ArgumentKind::Integer).named("count"),
            Argument::of(ArgumentKind::PureToken).named("withscores").after("WITHSCORES").optional(),
        ],
        ..Argument::of(ArgumentKind::Block)
    },
];

/// The options of ZRANDMEMBER, for calls with a count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Options)]
pub struct ZRandMemberOptions {
    /// Returns the scores too.
    #[token("WITHSCORES", once)]
    pub withscores: bool,
}

impl<'a> Parse<'a> for ZRandMember<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        let key = Key::read(&mut args)?;
        let count = read_random_count(&mut args)?;
        let options = ZRandMemberOptions::read(&mut args)?;
        args.end()?;
        Ok(Self { key, count, options })
    }
}

/// Iterates over the members of a sorted set and their scores, step by step.
///
/// A field that exists from the first to the last step is returned at least once.
#[derive(Debug, Clone, Command)]
#[command("ZSCAN", zset, readonly, since = "2.8.0", complexity = "O(1) for every call, O(N) for a complete iteration", reply = ZScanReply, tip = "nondeterministic_output")]
#[method(zscan(key, cursor) -> ScanReply<(Bytes, f64)>)]
#[method(zscan_with(key, cursor, options) -> ScanReply<(Bytes, f64)>)]
pub struct ZScan<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The cursor of the step.
    pub cursor: Cursor,
    /// Options of the step.
    pub options: Option<Late<ScanOptions<'a>>>,
}

/// The step.
impl From<ZScanReply> for ScanReply<(Bytes, f64)> {
    fn from(reply: ZScanReply) -> Self {
        reply.scan
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoded::Encoded;

    fn error<'a, C: Parse<'a>>(args: &'a [&'a [u8]]) -> String {
        assert!(C::SPEC.accepts(args.len() + 1));
        C::parse(Args::new(C::SPEC, args)).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn zadd_judges_options_before_scores() {
        assert_eq!(error::<ZAdd<'_>>(&[b"z", b"NX", b"1"]), texts::SYNTAX.0);
        assert_eq!(error::<ZAdd<'_>>(&[b"z", b"NX", b"XX", b"GT", b"1", b"a", b"2"]), texts::SYNTAX.0);
        assert_eq!(error::<ZAdd<'_>>(&[b"z", b"NX", b"XX", b"GT", b"x", b"a"]), texts::ZADD_NX_XX.0);
        assert_eq!(error::<ZAdd<'_>>(&[b"z", b"GT", b"LT", b"x", b"a"]), texts::ZADD_GT_LT_NX.0);
        assert_eq!(error::<ZAdd<'_>>(&[b"z", b"INCR", b"x", b"a", b"2", b"b"]), texts::ZADD_INCR_PAIRS.0);
        assert_eq!(error::<ZAdd<'_>>(&[b"z", b"1", b"a", b"nan", b"b"]), texts::NOT_FLOAT.0);
    }

    #[test]
    fn an_argument_too_many_is_reported_first() {
        assert_eq!(error::<ZPopMin<'_>>(&[b"z", b"x", b"y"]), texts::SYNTAX.0);
        assert_eq!(error::<ZPopMax<'_>>(&[b"z", b"-1"]), texts::NOT_POSITIVE.0);
        let arity = texts::arity("zrank").to_string();
        assert_eq!(error::<ZRank<'_>>(&[b"z", b"a", b"WITHSCORE", b"WITHSCORE"]), arity);
        assert_eq!(error::<ZRevRank<'_>>(&[b"z", b"a", b"FOO"]), texts::SYNTAX.0);
    }

    #[test]
    fn the_grammar_of_zrange() {
        let syntax = [
            &["REV", "REV"][..],
            &["BYSCORE", "BYLEX"],
            &["BYLEX", "BYLEX"],
            &["LIMIT", "1"],
            &["X", "LIMIT", "x", "x"],
        ];
        for options in syntax {
            let args: Vec<&[u8]> = ["z", "a", "b"].iter().chain(options).map(|arg| arg.as_bytes()).collect();
            assert_eq!(error::<ZRange<'_>>(&args), texts::SYNTAX.0, "{options:?}");
        }
        assert_eq!(error::<ZRange<'_>>(&[b"z", b"0", b"1", b"LIMIT", b"1", b"x", b"X"]), texts::NOT_INTEGER.0);
        assert_eq!(error::<ZRangeStore<'_>>(&[b"d", b"z", b"0", b"1", b"WITHSCORES"]), texts::SYNTAX.0);
    }

    #[test]
    fn ranges_are_sent_as_redis_writes_them() {
        let options = ZRangeOptions::new().byscore().limit((0, 5));
        let command =
            ZRange { key: "z".into(), start: Bound::Exclusive(1.5).into(), stop: Bound::HIGHEST.into(), options };
        assert_eq!(Encoded::of(&command).to_string(), r#"ZRANGE "z" "(1.5" "inf" "BYSCORE" "LIMIT" "0" "5""#);
    }
}
