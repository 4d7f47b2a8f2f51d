//! List commands: what they are. What they do is in the engine's file of the same name.

use crate::arg::{Arg, Key, LateInt, Many};
use crate::args::Args;
use crate::bytes::Bytes;
use crate::error::Result;
use crate::execute::Parse;
use crate::field::{Field, NumKeys, at_least};
use crate::forms::ToInt;
use crate::reply::OneOrMany;
use crate::sink::Sink;
use crate::spec::{Argument, ArgumentKind};
use crate::texts::{self, fail};
use crate::{Command, Options, Token};

/// An end of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Token)]
pub enum ListEnd {
    /// The head, index 0.
    Left,
    /// The tail, index -1.
    Right,
}

/// A side of an element of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Token)]
pub enum ListSide {
    /// Nearer to the head.
    Before,
    /// Nearer to the tail.
    After,
}

/// Inserts elements at the head of a list, which is created if missing, one after the other; returns
/// the new length.
#[derive(Debug, Clone, Command)]
#[original]
#[command("LPUSH", list, write, denyoom, fast, since = "1.0.0", complexity = "O(1) for each element", reply = u64)]
pub struct LPush<'a> {
    /// The key.
    #[key(RW, insert)]
    pub key: Key<'a>,
    /// The elements; the last one becomes the head.
    pub elements: Many<Arg<'a>>,
}

/// Appends elements at the tail of a list, which is created if missing; returns the new length.
#[derive(Debug, Clone, Command)]
#[original]
#[command("RPUSH", list, write, denyoom, fast, since = "1.0.0", complexity = "O(1) for each element", reply = u64)]
pub struct RPush<'a> {
    /// The key.
    #[key(RW, insert)]
    pub key: Key<'a>,
    /// The elements; the last one becomes the tail.
    pub elements: Many<Arg<'a>>,
}

/// Inserts elements at the head of a list if the list exists; returns the new length, 0 if it does not.
#[derive(Debug, Clone, Command)]
#[command("LPUSHX", list, write, denyoom, fast, since = "2.2.0", complexity = "O(1) for each element", reply = u64)]
pub struct LPushX<'a> {
    /// The key.
    #[key(RW, insert)]
    pub key: Key<'a>,
    /// The elements; the last one becomes the head.
    pub elements: Many<Arg<'a>>,
}

/// Appends elements at the tail of a list if the list exists; returns the new length, 0 if it does not.
#[derive(Debug, Clone, Command)]
#[command("RPUSHX", list, write, denyoom, fast, since = "2.2.0", complexity = "O(1) for each element", reply = u64)]
pub struct RPushX<'a> {
    /// The key.
    #[key(RW, insert)]
    pub key: Key<'a>,
    /// The elements; the last one becomes the tail.
    pub elements: Many<Arg<'a>>,
}

/// Removes and returns the element at the head of a list; with a count up to that many, from the head on.
///
/// The key goes with its last element.
#[derive(Debug, Clone, Command)]
#[original]
#[command("LPOP", list, write, fast, since = "1.0.0", complexity = "O(N) in the elements returned",
    reply = OneOrMany, parse = manual)]
#[method(lpop(key) -> Option<Bytes>)]
#[method(lpop_count(key, count) -> Vec<Bytes>, "With a count: a missing key gives no elements.")]
pub struct LPop<'a> {
    /// The key.
    #[key(RW, access, delete)]
    pub key: Key<'a>,
    /// The maximal number of elements.
    #[at_least(0, NOT_POSITIVE)]
    #[argument("count", since = "6.2.0")]
    pub count: Option<i64>,
}

/// Removes and returns the element at the tail of a list; with a count up to that many, from the tail on.
///
/// The key goes with its last element.
#[derive(Debug, Clone, Command)]
#[original]
#[command("RPOP", list, write, fast, since = "1.0.0", complexity = "O(N) in the elements returned",
    reply = OneOrMany, parse = manual)]
#[method(rpop(key) -> Option<Bytes>)]
#[method(rpop_count(key, count) -> Vec<Bytes>, "With a count: a missing key gives no elements.")]
pub struct RPop<'a> {
    /// The key.
    #[key(RW, access, delete)]
    pub key: Key<'a>,
    /// The maximal number of elements.
    #[at_least(0, NOT_POSITIVE)]
    #[argument("count", since = "6.2.0")]
    pub count: Option<i64>,
}

/// A key and perhaps a count. An argument too many is reported before a malformed count.
fn key_and_count<'a>(args: &mut Args<'a>) -> Result<(Key<'a>, Option<i64>)> {
    let key = Key::read(args)?;
    let Some(count) = args.peek() else { return Ok((key, None)) };
    args.take()?;
    args.end_arity()?;
    Ok((key, Some(at_least(count, 0, texts::NOT_POSITIVE)?)))
}

impl<'a> Parse<'a> for LPop<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        key_and_count(&mut args).map(|(key, count)| LPop { key, count })
    }
}

impl<'a> Parse<'a> for RPop<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        key_and_count(&mut args).map(|(key, count)| RPop { key, count })
    }
}

/// Returns the elements from `start` to `stop`, both included; negative indices count from the tail.
#[derive(Debug, Clone, Command)]
#[original]
#[command("LRANGE", list, readonly, since = "1.0.0",
    complexity = "O(S+N) in the distance of the start from the nearer end and the elements returned", reply = Vec<Bytes>)]
pub struct LRange<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The index of the first element.
    pub start: i64,
    /// The index of the last element.
    pub stop: i64,
}

/// Returns the length of a list; 0 for a missing key.
#[derive(Debug, Clone, Command)]
#[original]
#[command("LLEN", list, readonly, fast, since = "1.0.0", complexity = "O(1)", reply = u64)]
pub struct LLen<'a> {
    /// The key.
    #[key(RO)]
    pub key: Key<'a>,
}

/// Returns the element with this index, if there is one; negative indices count from the tail.
#[derive(Debug, Clone, Command)]
#[original]
#[command("LINDEX", list, readonly, since = "1.0.0", complexity = "O(N) in the distance from the nearer end",
    reply = Option<Bytes>)]
pub struct LIndex<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The index.
    pub index: LateInt<'a>,
}

/// Replaces the element with this index; negative indices count from the tail.
#[derive(Debug, Clone, Command)]
#[original]
#[command("LSET", list, write, denyoom, since = "1.0.0", complexity = "O(N) in the distance from the nearer end",
    reply = ())]
pub struct LSet<'a> {
    /// The key.
    #[key(RW, update)]
    pub key: Key<'a>,
    /// The index.
    pub index: LateInt<'a>,
    /// The new element.
    pub element: Arg<'a>,
}

/// Inserts an element before or after the first element equal to `pivot`; returns the new length, -1
/// if there is no such element, 0 if there is no such key.
#[derive(Debug, Clone, Command)]
#[command("LINSERT", list, write, denyoom, since = "2.2.0", complexity = "O(N) in the elements before the pivot",
    reply = i64)]
pub struct LInsert<'a> {
    /// The key.
    #[key(RW, insert)]
    pub key: Key<'a>,
    /// The side of the pivot.
    #[argument("where")]
    pub side: ListSide,
    /// The element to look for.
    pub pivot: Arg<'a>,
    /// The new element.
    pub element: Arg<'a>,
}

/// Removes elements equal to `element`; returns how many there were.
///
/// Up to `count` of them are removed, from the head on; with a negative count from the tail on, with
/// 0 all of them. The key goes with its last element.
#[derive(Debug, Clone, Command)]
#[command("LREM", list, write, since = "1.0.0", complexity = "O(N) in the length of the list", reply = u64,
    parse = manual)]
pub struct LRem<'a> {
    /// The key.
    #[key(RW, delete)]
    pub key: Key<'a>,
    /// The maximal number, negative from the tail; 0 for all.
    #[at_least(-i64::MAX, RANK_RANGE)]
    pub count: i64,
    /// The element to look for.
    pub element: Arg<'a>,
}

impl<'a> Parse<'a> for LRem<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        let command = LRem { key: Key::read(&mut args)?, count: symmetric(&mut args)?, element: Arg::read(&mut args)? };
        args.end_arity()?;
        Ok(command)
    }
}

/// An integer whose sign can be turned round.
pub(crate) fn symmetric(args: &mut Args<'_>) -> Result<i64> {
    match i64::read(args)? {
        i64::MIN => fail(texts::RANK_RANGE),
        int => Ok(int),
    }
}

/// Keeps only the elements from `start` to `stop`, both included; negative indices count from the tail.
///
/// The key goes with its last element.
#[derive(Debug, Clone, Command)]
#[command("LTRIM", list, write, since = "1.0.0", complexity = "O(N) in the elements removed", reply = ())]
pub struct LTrim<'a> {
    /// The key.
    #[key(RW, delete)]
    pub key: Key<'a>,
    /// The index of the first element that stays.
    pub start: i64,
    /// The index of the last element that stays.
    pub stop: i64,
}

/// Returns the index of the first element equal to `element`, if there is one.
#[derive(Debug, Clone, Command)]
#[command("LPOS", list, readonly, since = "6.0.6", complexity = "O(N) in the length of the list",
    reply = OneOrMany<u64>)]
#[method(lpos(key, element) -> Option<u64>)]
#[method(lpos_with(key, element, options) -> Vec<u64>, "With options: the indices of all matches, without COUNT of one at most.")]
pub struct LPos<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The element to look for.
    pub element: Arg<'a>,
    /// Options of the search.
    pub options: LPosOptions,
}

/// The options of LPOS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Options)]
pub struct LPosOptions {
    /// Begins with the match of this rank: 1 is the first, 2 the second, -1 the last.
    #[token("RANK")]
    pub rank: Option<Rank>,
    /// Reports a list of up to this many matches, 0 for all of them.
    #[token("COUNT", name = "num-matches")]
    #[at_least(0, COUNT_NEGATIVE)]
    pub count: Option<i64>,
    /// Compares with at most this many elements, 0 for all of them.
    #[token("MAXLEN", name = "len")]
    #[at_least(0, MAXLEN_NEGATIVE)]
    pub maxlen: Option<i64>,
}

/// The number of a match: from 1 counted from the head, from -1 from the tail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rank(pub i64);

/// The first match.
impl Default for Rank {
    fn default() -> Self {
        Rank(1)
    }
}

impl<T: ToInt> From<T> for Rank {
    fn from(rank: T) -> Self {
        Rank(rank.to_int())
    }
}

impl<'a> Field<'a> for Rank {
    const MIN: usize = 1;
    const ARGUMENT: Argument = Argument::of(ArgumentKind::Integer);

    fn write(&self, out: &mut dyn Sink) {
        self.0.write(out);
    }

    fn read(args: &mut Args<'a>) -> Result<Self> {
        let rank = Rank(i64::read(args)?);
        rank.check(args.name()).map(|()| rank)
    }

    fn check(&self, _command: &'static str) -> Result<()> {
        match self.0 {
            i64::MIN => fail(texts::RANK_RANGE),
            0 => fail(texts::RANK_ZERO),
            _ => Ok(()),
        }
    }
}

/// Removes the element at an end of a list, inserts it at an end of another or the same list, and
/// returns it; nothing if there is no source.
#[derive(Debug, Clone, Command)]
#[command("LMOVE", list, write, denyoom, since = "6.2.0", complexity = "O(1)", reply = Option<Bytes>)]
pub struct LMove<'a> {
    /// The key of the list to take from.
    #[key(RW, access, delete)]
    pub source: Key<'a>,
    /// The key of the list to give to, which is created if missing.
    #[key(RW, insert)]
    pub destination: Key<'a>,
    /// The end to take from.
    pub wherefrom: ListEnd,
    /// The end to insert at.
    pub whereto: ListEnd,
}

/// Removes the element at the tail of a list, inserts it at the head of another or the same list,
/// and returns it; nothing if there is no source.
#[derive(Debug, Clone, Command)]
#[command("RPOPLPUSH", list, write, denyoom, since = "1.2.0", complexity = "O(1)", reply = Option<Bytes>,
    deprecated = "6.2.0", instead = "`LMOVE` with the `RIGHT` and `LEFT` arguments")]
pub struct RPopLPush<'a> {
    /// The key of the list to take from.
    #[key(RW, access, delete)]
    pub source: Key<'a>,
    /// The key of the list to give to, which is created if missing.
    #[key(RW, insert)]
    pub destination: Key<'a>,
}

/// Removes elements from an end of the first list that exists; returns its key and the elements.
///
/// The key goes with its last element.
#[derive(Debug, Clone, Command)]
#[command("LMPOP", list, write, movablekeys, since = "7.0.0", complexity = "O(N+M) in the keys and the elements returned",
    reply = Option<(Bytes, Vec<Bytes>)>, keys_in_reply = First)]
pub struct LMPop<'a> {
    /// The keys, in the order in which they are looked at.
    #[key(RW, access, delete)]
    pub keys: NumKeys<'a>,
    /// The end to take from.
    #[argument("where")]
    pub wherefrom: ListEnd,
    /// Options of the command.
    pub options: LMPopOptions,
}

/// The options of LMPOP.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Options)]
pub struct LMPopOptions {
    /// The maximal number of elements, instead of one.
    #[token("COUNT", once)]
    #[at_least(1, COUNT_NOT_POSITIVE)]
    pub count: Option<i64>,
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
        assert_eq!(error::<LPop<'_>>(&[b"l", b"x", b"1"]), "ERR wrong number of arguments for 'lpop' command");
        assert_eq!(error::<RPop<'_>>(&[b"l", b"x"]), texts::NOT_POSITIVE.0);
        assert_eq!(error::<RPop<'_>>(&[b"l", b"-1"]), texts::NOT_POSITIVE.0);
    }

    #[test]
    fn the_first_malformed_option_of_lpos_is_reported() {
        assert_eq!(error::<LPos<'_>>(&[b"l", b"a", b"RANK", b"0", b"FOO"]), texts::RANK_ZERO.0);
        assert_eq!(error::<LPos<'_>>(&[b"l", b"a", b"rank", b"x"]), texts::NOT_INTEGER.0);
        assert_eq!(error::<LPos<'_>>(&[b"l", b"a", b"RANK", b"-9223372036854775808"]), texts::RANK_RANGE.0);
        assert_eq!(error::<LPos<'_>>(&[b"l", b"a", b"COUNT", b"x"]), texts::COUNT_NEGATIVE.0);
        assert_eq!(error::<LPos<'_>>(&[b"l", b"a", b"MAXLEN", b"-1"]), texts::MAXLEN_NEGATIVE.0);
        assert_eq!(error::<LPos<'_>>(&[b"l", b"a", b"COUNT"]), texts::SYNTAX.0);
    }

    #[test]
    fn the_arguments_of_lmpop_are_judged_in_their_order() {
        assert_eq!(error::<LMPop<'_>>(&[b"0", b"l", b"x"]), texts::NUMKEYS_NOT_POSITIVE.0);
        assert_eq!(error::<LMPop<'_>>(&[b"2", b"l", b"LEFT"]), texts::SYNTAX.0);
        assert_eq!(error::<LMPop<'_>>(&[b"1", b"l", b"x", b"COUNT", b"0"]), texts::SYNTAX.0);
        assert_eq!(error::<LMPop<'_>>(&[b"1", b"l", b"LEFT", b"COUNT", b"0"]), texts::COUNT_NOT_POSITIVE.0);
        assert_eq!(error::<LMPop<'_>>(&[b"1", b"l", b"LEFT", b"COUNT", b"1", b"COUNT", b"1"]), texts::SYNTAX.0);
    }

    #[test]
    fn typed_calls_are_checked_too() {
        let pop = LPop { key: "l".into(), count: Some(-1) };
        assert_eq!(pop.check(), fail(texts::NOT_POSITIVE));
        let rem = LRem { key: "l".into(), count: i64::MIN, element: "a".into() };
        assert_eq!(rem.check(), fail(texts::RANK_RANGE));
        let pos = LPos { key: "l".into(), element: "a".into(), options: LPosOptions::new().rank(0) };
        assert_eq!(pos.check(), fail(texts::RANK_ZERO));
    }
}
