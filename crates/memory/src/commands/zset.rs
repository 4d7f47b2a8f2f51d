//! Sorted set commands: what they do.

use std::ops::Range;

use redipy_command::arg::ArgText;
use redipy_command::range::{LexBound, Selection, Span};
use redipy_command::reply::{ScanReply, Scored};
use redipy_command::sink::{self, Collection};
use redipy_command::texts::{self, fail};
use redipy_command::zset::*;
use redipy_command::{Arg, Bytes, Key, ReplySink, Result};

use crate::commands::sample;
use crate::data::config::CollectionConfig;
use crate::data::distinct::are_new;
use crate::data::lex::{self, LexPart, LexRange};
use crate::data::packed::Item;
use crate::data::table::Random;
use crate::data::zset::{Inserted, ZSet};
use crate::edit::Expiry;
use crate::edit::Outcome::{self, Changed};
use crate::listen::event::Event;
use crate::room::{Copies, afford_copies, collect, copies, copy};
use crate::run::{Run, show};
use crate::space::Space;

#[inline]
fn copy_scored((member, score): (Item<'_>, f64)) -> Result<(Bytes, f64)> {
    Ok((copy(member)?, score))
}

fn copy_all<'a>(members: impl Iterator<Item = (Item<'a>, f64)>, withscores: bool) -> Result<ZRangeReply> {
    let count = members.size_hint().0;
    Ok(if withscores {
        ZRangeReply::Scored(collect(count, members.map(copy_scored))?)
    } else {
        ZRangeReply::Members(copies(count, members.map(|(member, _)| member))?)
    })
}

/// What ZADD did to one member.
enum Added {
    /// The member has this score now, after this.
    Score(f64, Inserted),
    /// An option refused it.
    Refused,
}

/// Adds a member or changes its score, as far as the options allow.
///
/// # Errors
/// With INCR, when the sum is NaN.
#[inline]
fn add(zset: &mut ZSet, score: f64, member: &[u8], options: ZAddOptions, config: &CollectionConfig) -> Result<Added> {
    let ZAddOptions { nx, xx, gt, lt, incr, .. } = options;
    if !(nx || xx || gt || lt || incr) {
        return Ok(Added::Score(score, zset.insert(member, score, config)));
    }
    let Some(current) = zset.score(member) else {
        return Ok(if xx { Added::Refused } else { Added::Score(score, zset.insert(member, score, config)) });
    };
    if nx {
        return Ok(Added::Refused);
    }
    let score = if incr { current + score } else { score };
    if score.is_nan() {
        return fail(texts::SCORE_NAN);
    }
    if (gt && score <= current) || (lt && score >= current) {
        return Ok(Added::Refused);
    }
    Ok(Added::Score(score, zset.insert(member, score, config)))
}

impl Run for ZAdd<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<ZAddReply> {
        let Self { key, options, members } = self;
        options.fit(members.len())?;
        let (mut added, mut updated, mut sum) = (0, 0, None);
        let config = at.config();
        let add_all = |zset: &mut ZSet| {
            zset.expect(members.len(), config);
            if are_new(members.iter().map(|(_, member)| member.text()), || zset.is_empty(), config.seed) {
                members.iter().for_each(|(score, member)| zset.insert_new(&member.text(), *score, config));
                added = members.len() as u64;
                return Ok(Changed(()));
            }
            for (score, member) in members.iter() {
                if let Added::Score(score, inserted) = add(zset, *score, &member.text(), options, config)? {
                    added += u64::from(inserted == Inserted::Added);
                    updated += u64::from(inserted == Inserted::Updated);
                    sum = Some(score);
                }
            }
            Ok(Outcome::changed_if(added + updated > 0, ()))
        };
        let event = if options.incr { Event::ZINCR } else { Event::ZADD };
        if options.xx {
            at.edit(key, event, add_all)?;
        } else {
            at.edit_or_create(key, event, add_all)?;
        }
        Ok(match options {
            ZAddOptions { incr: true, .. } => ZAddReply::Score(sum),
            ZAddOptions { ch: true, .. } => ZAddReply::Count(added + updated),
            _ => ZAddReply::Count(added),
        })
    }
}

impl Run for ZRem<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        let removed = at.edit(self.key, Event::ZREM, |zset: &mut ZSet| {
            let removed = self.members.iter().filter(|member| zset.remove(&member.text()).is_some()).count();
            Ok(Outcome::changed_if(removed > 0, removed as u64))
        })?;
        Ok(removed.unwrap_or(0))
    }
}

impl Run for ZScore<'_> {
    #[inline]
    fn run(self, at: &mut Space<'_>) -> Result<Option<f64>> {
        let zset = at.read::<ZSet>(self.key)?;
        Ok(zset.and_then(|zset| zset.score(&self.member.text())))
    }
}

impl Run for ZMScore<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Vec<Option<f64>>> {
        let zset = at.read::<ZSet>(self.key)?;
        Ok(self.members.iter().map(|member| zset?.score(&member.text())).collect())
    }
}

impl Run for ZIncrBy<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<f64> {
        let config = at.config();
        at.edit_or_create(self.key, Event::ZINCR, |zset: &mut ZSet| {
            let member = self.member.text();
            let sum = zset.score(&member).map_or(self.by, |score| score + self.by);
            if sum.is_nan() {
                return fail(texts::SCORE_NAN);
            }
            let inserted = zset.insert(&member, sum, config);
            Ok(Outcome::changed_if(inserted != Inserted::Same, sum))
        })
    }
}

impl Run for ZCard<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        Ok(at.read::<ZSet>(self.key)?.map_or(0, ZSet::len) as u64)
    }
}

impl Run for ZCount<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        let zset = at.read::<ZSet>(self.key)?;
        Ok(zset.map_or(0, |zset| zset.span_by_score(self.min.into(), self.max.into()).len()) as u64)
    }
}

/// The rank of a member, and with WITHSCORE its score.
fn rank(at: &Space<'_>, key: Key<'_>, member: Arg<'_>, options: ZRankOptions, reverse: bool) -> Result<ZRankReply> {
    let (zset, member) = (at.read::<ZSet>(key)?, member.text());
    let rank = zset.and_then(|zset| zset.rank(&member, reverse)).map(|rank| rank as u64);
    Ok(if options.withscore {
        ZRankReply::Scored(rank.zip(zset.and_then(|zset| zset.score(&member))))
    } else {
        ZRankReply::Rank(rank)
    })
}

impl Run for ZRank<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<ZRankReply> {
        rank(at, self.key, self.member, self.options, false)
    }
}

impl Run for ZRevRank<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<ZRankReply> {
        rank(at, self.key, self.member, self.options, true)
    }
}

/// The ranks of the members that are selected, counted from the lowest.
fn ranks(zset: &ZSet, selection: Selection<'_>) -> Range<usize> {
    match selection.span {
        Span::Rank(start, stop) => by_rank(zset.len(), start, stop, selection.rev),
        Span::Score(low, high) => limited(zset.span_by_score(low.into(), high.into()), selection),
        Span::Lex(low, high) => {
            let (low_text, high_text) = (lex_text(low), lex_text(high));
            let range = LexRange { min: lex_bound(low, &low_text), max: lex_bound(high, &high_text) };
            let (rev, (offset, count)) = (selection.rev, selection.limit);
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            usize::try_from(offset)
                .map_or(0..0, |offset| zset.span_by_lex(range, LexPart { reverse: rev, offset, count }))
        }
    }
}

/// Negative ranks count from the end that is the last one in this direction.
fn by_rank(len: usize, start: i64, stop: i64, rev: bool) -> Range<usize> {
    let from_start = |rank: i64| if rank < 0 { rank.saturating_add(len as i64) } else { rank };
    let start = usize::try_from(from_start(start)).unwrap_or(0);
    let end = usize::try_from(from_start(stop)).map_or(0, |stop| stop.saturating_add(1).min(len));
    if start >= end {
        0..0
    } else if rev {
        len - end..len - start
    } else {
        start..end
    }
}

/// The part of these ranks that LIMIT leaves.
fn limited(span: Range<usize>, Selection { rev, limit: (offset, count), .. }: Selection<'_>) -> Range<usize> {
    let Ok(offset) = usize::try_from(offset) else { return 0..0 };
    let skipped = offset.min(span.len());
    let left = span.len() - skipped;
    let taken = usize::try_from(count).map_or(left, |count| count.min(left));
    if rev {
        let end = span.end - skipped;
        end - taken..end
    } else {
        let start = span.start + skipped;
        start..start + taken
    }
}

fn lex_text<'a>(bound: LexBound<'a>) -> ArgText<'a> {
    match bound {
        LexBound::Inclusive(text) | LexBound::Exclusive(text) => text.text(),
        LexBound::Lowest | LexBound::Highest => Arg::Bytes(b"").text(),
    }
}

fn lex_bound<'t>(bound: LexBound<'_>, text: &'t ArgText<'_>) -> lex::LexEdge<'t> {
    match bound {
        LexBound::Lowest => lex::LexEdge::Min,
        LexBound::Highest => lex::LexEdge::Max,
        LexBound::Inclusive(_) => lex::LexEdge::Included(text),
        LexBound::Exclusive(_) => lex::LexEdge::Excluded(text),
    }
}

impl Run for ZRange<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<ZRangeReply> {
        let (selection, withscores) = (self.selection()?, self.options.withscores);
        match at.read::<ZSet>(self.key)? {
            Some(zset) => copy_all(zset.iter(ranks(zset, selection), selection.rev), withscores),
            None => copy_all(std::iter::empty(), withscores),
        }
    }

    fn show<S: ReplySink + ?Sized>(self, at: &mut Space<'_>, to: &mut S) -> Result<()> {
        let withscores = self.options.withscores;
        let selection = self.selection()?;
        let Some(zset) = at.read::<ZSet>(self.key)? else {
            to.begin(Collection::Array, 0);
            return Ok(());
        };
        let ranks = ranks(zset, selection);
        let part = sink::Part { of: zset.whole(), from: ranks.start, count: ranks.len() };
        if !selection.rev && !withscores && to.knows(part) {
            return Ok(());
        }
        let members = zset.iter(ranks, selection.rev);
        to.begin(if withscores { Collection::Pairs } else { Collection::Array }, members.len());
        // By `for_each`, in which a sorted set is read leaf by leaf.
        let mut shown = Ok(());
        members.for_each(|(member, score)| {
            if shown.is_err() {
                return;
            }
            if withscores {
                to.pair();
            }
            shown = show(member, to);
            if withscores {
                to.double(score);
            }
        });
        shown
    }
}

/// Members come in the order of the selection, and only ranks say beforehand how many they are: the form that they go into
/// on their way decides whether a score of -0 keeps its sign.
impl Run for ZRangeStore<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        let selection = self.selection()?;
        let (mut stored, config) = (ZSet::new(), at.config());
        if let Some(zset) = at.read::<ZSet>(self.source)? {
            let ranks = ranks(zset, selection);
            if let Span::Rank(..) = selection.span {
                stored.expect(ranks.len(), config);
            }
            for (member, score) in zset.iter(ranks, selection.rev) {
                afford_copies(member, 1)?;
                member.with_text(|member| stored.insert(member, score, config));
            }
        }
        let count = stored.len();
        if count == 0 {
            at.remove(self.destination);
        } else {
            at.set(self.destination, stored, Expiry::Never, Event::ZRANGESTORE);
        }
        Ok(count as u64)
    }
}

/// Removes members from one end, and the key with the last of them.
fn pop(at: &mut Space<'_>, key: Key<'_>, count: Option<i64>, last: bool) -> Result<ZPopReply> {
    let (config, event) = (at.config(), if last { Event::ZPOPMAX } else { Event::ZPOPMIN });
    let take = |member: Item<'_>, score: f64| copy_scored((member, score));
    let Some(count) = count else {
        let popped = at.edit(key, event, |zset: &mut ZSet| Ok(Changed(zset.pop(last, take)?)))?;
        return Ok(ZPopReply::One(popped.flatten()));
    };
    let popped = at.edit(key, event, |zset: &mut ZSet| {
        let count = usize::try_from(count).unwrap_or(0).min(zset.len());
        let taken = pop_each(zset, count, last, config)?;
        Ok(Outcome::changed_if(count > 0, taken))
    })?;
    Ok(ZPopReply::Many(popped.unwrap_or_default()))
}

/// Removes so many members from one end; none of them where there is no room for all.
fn pop_each(zset: &mut ZSet, count: usize, last: bool, config: &CollectionConfig) -> Result<Vec<(Bytes, f64)>> {
    let mut taken = Vec::with_capacity(count);
    while taken.len() < count {
        match zset.pop(last, |member, score| copy_scored((member, score))) {
            Ok(popped) => taken.extend(popped),
            Err(error) => {
                for (member, score) in &taken {
                    zset.insert(member, *score, config);
                }
                return Err(error);
            }
        }
    }
    Ok(taken)
}

impl Run for ZPopMin<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<ZPopReply> {
        pop(at, self.key, self.count, false)
    }
}

impl Run for ZPopMax<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<ZPopReply> {
        pop(at, self.key, self.count, true)
    }
}

/// All members come from the highest to the lowest, as the server happens to give them.
impl Run for ZRandMember<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<ZRandMemberReply> {
        let withscores = self.options.withscores;
        if let Some(count) = self.count {
            sample::check(count, withscores)?;
        }
        let shared = at.shared;
        let random: Random<'_> = &mut || shared.random.next();
        let zset = at.read::<ZSet>(self.key)?;
        let Some(count) = self.count else {
            let one = zset.and_then(|zset| zset.random(random)).map(|(member, _)| copy(member));
            return Ok(ZRandMemberReply::One(one.transpose()?));
        };
        let picked = zset.map_or_else(
            || Ok(Vec::new()),
            |zset| {
                let all = zset.iter(0..zset.len(), true);
                sample::pick(zset.len(), count, all, random, |random| zset.random(random))
            },
        )?;
        Ok(ZRandMemberReply::Many(copy_all(picked.into_iter(), withscores)?))
    }
}

impl Run for ZScan<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<ZScanReply> {
        let mut items = Copies::with_capacity(0);
        let Some(zset) = at.read::<ZSet>(self.key)? else {
            return Ok(ZScanReply { scan: ScanReply { cursor: 0, items: Scored::new() }, long: false });
        };
        let options = self.options.unwrap_or_default().get()?;
        let cursor = zset.scan(self.cursor.0, options.count.unwrap_or_default().get(), &mut |member, score| {
            if options.pattern.is_none_or(|pattern| member.with_text(|member| pattern.matches(member))) {
                items.push(copy_scored((member, score)));
            }
        });
        Ok(ZScanReply { scan: ScanReply { cursor, items: items.get()? }, long: zset.encoding() == "skiplist" })
    }
}

#[cfg(test)]
mod tests {
    use redipy_command::generic::Exists;
    use redipy_command::range::{Bound, Edge};

    use super::*;
    use crate::engine::Engine;

    fn zadd(engine: &Engine, options: ZAddOptions, score: f64, member: &str) -> Result<ZAddReply> {
        engine.execute(0, ZAdd { key: "z".into(), options, members: (score, member).into() })
    }

    fn letters() -> Engine {
        let engine = Engine::new();
        let members = [(1, "a"), (2, "b"), (2, "c"), (3, "d")];
        engine.execute(0, ZAdd { key: "z".into(), options: ZAddOptions::new(), members: members.into() }).unwrap();
        engine
    }

    fn range(start: impl Into<Edge<'static>>, stop: impl Into<Edge<'static>>, options: ZRangeOptions) -> String {
        let command = ZRange { key: "z".into(), start: start.into(), stop: stop.into(), options };
        letters().execute(0, command).unwrap().members().iter().map(Bytes::to_text).collect()
    }

    #[test]
    fn options_decide_which_scores_change() {
        let engine = letters();
        let new = ZAddOptions::new;
        assert_eq!(zadd(&engine, new().nx().ch(), 9.0, "a"), Ok(ZAddReply::Count(0)));
        assert_eq!(zadd(&engine, new().xx(), 9.0, "new"), Ok(ZAddReply::Count(0)));
        assert_eq!(zadd(&engine, new().gt().ch(), 0.0, "a"), Ok(ZAddReply::Count(0)));
        assert_eq!(zadd(&engine, new().lt().ch(), 0.0, "a"), Ok(ZAddReply::Count(1)));
        assert_eq!(zadd(&engine, new().incr(), 5.0, "a"), Ok(ZAddReply::Score(Some(5.0))));
        assert_eq!(zadd(&engine, new().incr().gt(), -1.0, "a"), Ok(ZAddReply::Score(None)));
        assert_eq!(zadd(&engine, new().nx().xx(), 1.0, "a"), fail(texts::ZADD_NX_XX));
    }

    #[test]
    fn no_score_becomes_nan() {
        let engine = letters();
        zadd(&engine, ZAddOptions::new(), f64::INFINITY, "a").unwrap();
        assert_eq!(zadd(&engine, ZAddOptions::new().incr(), f64::NEG_INFINITY, "a"), fail(texts::SCORE_NAN));
        let incr = ZIncrBy { key: "z".into(), by: f64::NEG_INFINITY, member: "a".into() };
        assert_eq!(engine.execute(0, incr), fail(texts::SCORE_NAN));
        assert_eq!(engine.execute(0, ZScore { key: "z".into(), member: "a".into() }), Ok(Some(f64::INFINITY)));
    }

    #[test]
    fn ranges_by_rank_score_and_bytes() {
        let new = ZRangeOptions::new;
        assert_eq!(range(0, -1, new()), "abcd");
        assert_eq!(range(0, -2, new().rev()), "dcb");
        assert_eq!(range(i64::MIN, i64::MAX, new()), "abcd");
        assert_eq!(range(3, 1, new()), "");
        assert_eq!(range(Bound::Exclusive(1.0), 2, new().byscore()), "bc");
        assert_eq!(range(Bound::HIGHEST, Bound::LOWEST, new().byscore().rev().limit((1, 2))), "cb");
        assert_eq!(range("-inf", "+inf", new().byscore().limit((-1, 2))), "");
        assert_eq!(range("(1", "3", new().byscore().limit((1, -1))), "cd");
        let engine = Engine::new();
        let members = [(0, "a"), (0, "b"), (0, "c")];
        engine.execute(0, ZAdd { key: "z".into(), options: ZAddOptions::new(), members: members.into() }).unwrap();
        let bylex = ZRangeOptions::new().bylex();
        let command =
            ZRange { key: "z".into(), start: LexBound::Exclusive("a".into()).into(), stop: "+".into(), options: bylex };
        assert_eq!(engine.execute(0, command).unwrap().members(), ["b", "c"]);
    }

    #[test]
    fn a_stored_range_replaces_the_destination() {
        let engine = letters();
        let store = |destination, stop| ZRangeStore {
            destination,
            source: "z".into(),
            start: 0.into(),
            stop,
            options: ZRangeStoreOptions::new(),
        };
        assert_eq!(engine.execute(0, store("z".into(), 1.into())), Ok(2));
        assert_eq!(engine.execute(0, ZCard { key: "z".into() }), Ok(2));
        assert_eq!(engine.execute(0, store("z".into(), (-9).into())), Ok(0));
        assert_eq!(engine.execute(0, Exists { keys: "z".into() }), Ok(0));
    }

    #[test]
    fn the_last_pop_takes_the_key_with_it() {
        let engine = letters();
        let one = engine.execute(0, ZPopMax { key: "z".into(), count: None });
        assert_eq!(one, Ok(ZPopReply::One(Some(("d".into(), 3.0)))));
        let rest = engine.execute(0, ZPopMin { key: "z".into(), count: Some(i64::MAX) }).unwrap();
        assert_eq!(Scored::from(rest).len(), 3);
        assert_eq!(engine.execute(0, Exists { keys: "z".into() }), Ok(0));
        assert_eq!(engine.execute(0, ZPopMin { key: "z".into(), count: None }), Ok(ZPopReply::One(None)));
    }
}
