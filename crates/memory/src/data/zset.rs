//! A sorted set: member and score in turn in one packed buffer while it is small; later a table to find members and a
//! tree to find ranks, over one copy of every member.

use std::ops::{Bound, Range};

use redipy_command::Result;
use redipy_command::sink::Whole;

use super::arena::Arena;
use super::bptree::{self, EntryNames, Tree};
use super::bytes::{CompactBytes, is_short, same_short};
use super::config::CollectionConfig;
use super::either::{Either, SmallOrLarge, SmallOrLargeMut};
use super::lex::{LexPart, LexRange};
use super::named::{Named, spread};
use super::packed::{self, Item, Packed, PackedElement, Pos};
use super::table::{Random, Table, below, hash_bytes};

/// A set of members in the order of their scores, and of their bytes where scores are equal. No score is NaN.
#[derive(Debug, Clone)]
#[repr(transparent)]
pub struct ZSet(Either<Large>);

#[derive(Debug, Clone)]
struct Large {
    /// That of the hash function.
    seed: u64,
    members: Arena<Member>,
    by_name: Table<Named>,
    by_score: Tree,
}

#[derive(Debug, Clone, Default)]
struct Member {
    name: CompactBytes,
    score: f64,
}

impl EntryNames for Arena<Member> {
    #[inline]
    fn name(&self, id: u32) -> &[u8] {
        &self[id].name
    }
}

/// What an insertion did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// The member is new.
    Added,
    /// The member had another score.
    Updated,
    /// The member had this score.
    Same,
}

impl Default for ZSet {
    fn default() -> Self {
        Self::new()
    }
}

impl ZSet {
    /// An empty sorted set.
    pub const fn new() -> Self {
        ZSet(Either::small(Packed::new()))
    }

    /// The name OBJECT ENCODING gives.
    pub fn encoding(&self) -> &'static str {
        match self.0.form() {
            SmallOrLarge::Small(_) => "listpack",
            SmallOrLarge::Large(_) => "skiplist",
        }
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        match self.0.form() {
            SmallOrLarge::Small(packed) => packed.len() / 2,
            SmallOrLarge::Large(large) => large.by_name.len(),
        }
    }

    /// For how many members there is memory: those that were removed leave theirs to others to come.
    pub fn room(&self) -> usize {
        match self.0.form() {
            SmallOrLarge::Small(_) => self.len(),
            SmallOrLarge::Large(large) => large.members.slots(),
        }
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes on the heap.
    pub fn memory(&self) -> usize {
        match self.0.form() {
            SmallOrLarge::Small(packed) => packed.memory(),
            SmallOrLarge::Large(large) => {
                let names: usize = large.by_name.iter().map(|named| large.members[named.id()].name.memory()).sum();
                Either::<Large>::LARGE
                    + large.members.memory()
                    + large.by_name.memory()
                    + large.by_score.memory()
                    + names
            }
        }
    }

    /// Chooses the encoding for a command that brings `members` members, as Redis does, before the first is inserted.
    /// Members that are there already count again.
    pub fn expect(&mut self, members: usize, config: &CollectionConfig) {
        if members > config.zset_max_listpack_entries {
            self.convert(members, config.seed);
        }
    }

    /// Becomes packed if it is small enough: the end of ZUNIONSTORE and its like.
    pub fn settle(&mut self, config: &CollectionConfig) {
        if let SmallOrLarge::Large(_) = self.0.form()
            && self.len() <= config.zset_max_listpack_entries
            && self.iter(0..self.len(), false).all(|(name, _)| name.text_len() <= config.zset_max_listpack_value)
        {
            let mut packed = Packed::new();
            for (name, score) in self.iter(0..self.len(), false) {
                insert_pair(&mut packed, None, name, score);
            }
            self.0 = Either::small(packed);
        }
    }

    /// The score of a member.
    pub fn score(&self, name: &[u8]) -> Option<f64> {
        match self.0.form() {
            SmallOrLarge::Small(packed) => {
                let at = find(packed, name)?;
                packed.next(at).map(|at| score_at(packed, at))
            }
            SmallOrLarge::Large(large) => large.find(name).map(|id| large.members[id].score),
        }
    }

    /// Sets the score of a member.
    pub fn insert(&mut self, name: &[u8], score: f64, config: &CollectionConfig) -> Inserted {
        if let SmallOrLargeMut::Small(packed) = self.0.form_mut() {
            let old = find(packed, name);
            if let Some(at) = old {
                if packed.next(at).is_some_and(|at| score_at(packed, at) == score) {
                    return Inserted::Same;
                }
                packed.remove(at, 2);
            } else if packed.len() / 2 >= config.zset_max_listpack_entries
                || name.len() > config.zset_max_listpack_value
            {
                self.convert(0, config.seed);
                return self.insert(name, score, config);
            }
            let at = place(packed, score, name);
            insert_pair(packed, at, Item::Bytes(name), score);
            return if old.is_some() { Inserted::Updated } else { Inserted::Added };
        }
        match self.0.form_mut() {
            SmallOrLargeMut::Large(large) => large.insert(name, score),
            SmallOrLargeMut::Small(_) => Inserted::Same,
        }
    }

    /// Adds a member that is not there.
    pub fn insert_new(&mut self, name: &[u8], score: f64, config: &CollectionConfig) {
        match self.0.form_mut() {
            SmallOrLargeMut::Small(packed)
                if packed.len() / 2 < config.zset_max_listpack_entries
                    && name.len() <= config.zset_max_listpack_value =>
            {
                let at = place(packed, score, name);
                insert_pair(packed, at, Item::Bytes(name), score);
            }
            SmallOrLargeMut::Small(_) | SmallOrLargeMut::Large(_) => _ = self.insert(name, score, config),
        }
    }

    /// Removes a member; returns its score.
    pub fn remove(&mut self, name: &[u8]) -> Option<f64> {
        match self.0.form_mut() {
            SmallOrLargeMut::Small(packed) => {
                let at = find(packed, name)?;
                let score = packed.next(at).map(|at| score_at(packed, at));
                packed.remove(at, 2);
                score
            }
            SmallOrLargeMut::Large(large) => large.remove(name),
        }
    }

    /// How many members come before this one; with `reverse`, after it.
    pub fn rank(&self, name: &[u8], reverse: bool) -> Option<usize> {
        let rank = match self.0.form() {
            SmallOrLarge::Small(packed) => packed.iter().step_by(2).position(|item| item.is(name))?,
            SmallOrLarge::Large(large) => {
                let id = large.find(name)?;
                large.by_score.rank(&large.members, large.members[id].score, name)
            }
        };
        Some(if reverse { self.len() - 1 - rank } else { rank })
    }

    /// The member with this rank and its score.
    pub fn get(&self, rank: usize) -> Option<(Item<'_>, f64)> {
        match self.0.form() {
            SmallOrLarge::Small(packed) => pair(&mut packed.iter_from(rank.checked_mul(2)?)),
            SmallOrLarge::Large(large) => large.by_score.get(rank).map(|entry| large.pair(entry)),
        }
    }

    /// The ranks of the members with scores in a range.
    pub fn span_by_score(&self, min: Bound<f64>, max: Bound<f64>) -> Range<usize> {
        let before_start = |score: f64| match min {
            Bound::Included(min) => score < min,
            Bound::Excluded(min) => score <= min,
            Bound::Unbounded => false,
        };
        let before_end = |score: f64| match max {
            Bound::Included(max) => score <= max,
            Bound::Excluded(max) => score < max,
            Bound::Unbounded => true,
        };
        let (start, end) = match self.0.form() {
            SmallOrLarge::Small(_) => {
                let scores = self.iter(0..self.len(), false).map(|(_, score)| score);
                let start = scores.clone().take_while(|&score| before_start(score)).count();
                let rest = scores.skip(start).take_while(|&score| before_end(score)).count();
                (start, start + rest)
            }
            SmallOrLarge::Large(large) => {
                let start = large.by_score.partition(|(score, _)| before_start(score));
                (start, large.by_score.partition(|(score, _)| before_end(score)))
            }
        };
        start..end.max(start)
    }

    /// The ranks of this part of the members in a range by bytes.
    ///
    /// That is meant for members of one score. Others are walked as servers do: nothing is inside if the ends of the sorted
    /// set are outside; else from the first member that is inside as far as members stay inside. Where there are several
    /// such members, a large sorted set finds any of them, on a server by chance.
    pub fn span_by_lex(&self, range: LexRange<'_>, part: LexPart) -> Range<usize> {
        let len = self.len();
        let (Some((first, low)), Some((last, high))) = (self.get(0), self.get(len.wrapping_sub(1))) else {
            return 0..0;
        };
        if range.is_empty() || !range.ends_after(first) || !range.begins_by(last) {
            return 0..0;
        }
        let Some(skipped) = self.skip_by_lex(range, part.reverse) else { return 0..0 };
        let start = skipped.saturating_add(part.offset).min(len);
        let stop = match self.0.form() {
            SmallOrLarge::Large(large) if low == high => len - large.outside(range, !part.reverse),
            _ => {
                let left = if part.reverse { 0..len - start } else { start..len };
                let stays = |name| if part.reverse { range.begins_by(name) } else { range.ends_after(name) };
                let walk = self.iter(left, part.reverse).take(part.count);
                start + walk.take_while(|&(name, _)| stays(name)).count()
            }
        };
        let stop = stop.max(start).min(start.saturating_add(part.count));
        if part.reverse { len - stop..len - start } else { start..stop }
    }

    /// How many members come before the first that is inside of a range, in this direction.
    fn skip_by_lex(&self, range: LexRange<'_>, reverse: bool) -> Option<usize> {
        match self.0.form() {
            SmallOrLarge::Small(_) => {
                let found = |name| if reverse { range.ends_after(name) } else { range.begins_by(name) };
                let inside = |name| range.begins_by(name) && range.ends_after(name);
                let mut members = self.iter(0..self.len(), reverse).enumerate();
                let (skipped, (name, _)) = members.find(|&(_, (name, _))| found(name))?;
                inside(name).then_some(skipped)
            }
            SmallOrLarge::Large(large) => Some(large.outside(range, reverse)),
        }
    }

    /// What all members with their scores together are known by.
    pub fn whole(&self) -> Whole<'_> {
        self.0.whole()
    }

    /// The members with these ranks and their scores; with `reverse`, the last of them first.
    pub fn iter(&self, span: Range<usize>, reverse: bool) -> Iter<'_> {
        let end = span.end.min(self.len());
        let start = span.start.min(end);
        match self.0.form() {
            SmallOrLarge::Small(packed) => {
                let items = if start == end {
                    packed.iter_from(packed.len())
                } else if reverse {
                    packed.iter_to(2 * end - 1)
                } else {
                    packed.iter_from(2 * start)
                };
                Iter(Walk::Small { items, left: end - start, reverse })
            }
            SmallOrLarge::Large(large) => {
                let entries = if reverse {
                    large.by_score.walk_rev(end.wrapping_sub(1), end - start)
                } else {
                    large.by_score.walk(start, end - start)
                };
                Iter(Walk::Large { entries, large })
            }
        }
    }

    /// Removes the members with these ranks.
    pub fn remove_span(&mut self, span: Range<usize>) -> usize {
        let end = span.end.min(self.len());
        let start = span.start.min(end);
        match self.0.form_mut() {
            SmallOrLargeMut::Small(packed) => {
                if let Some(at) = packed.seek(2 * start) {
                    packed.remove(at, 2 * (end - start));
                }
            }
            SmallOrLargeMut::Large(large) => {
                for _ in start..end {
                    large.remove_rank(start);
                }
            }
        }
        end - start
    }

    /// Removes the first member, or with `last` the last one, and shows it to `f`; where `f` fails it stays.
    ///
    /// # Errors
    /// That of `f`.
    pub fn pop<R>(&mut self, last: bool, f: impl FnOnce(Item<'_>, f64) -> Result<R>) -> Result<Option<R>> {
        let rank = if last { self.len().saturating_sub(1) } else { 0 };
        let Some((name, score)) = self.get(rank) else { return Ok(None) };
        let result = f(name, score)?;
        self.remove_span(rank..rank + 1);
        Ok(Some(result))
    }

    /// A member and its score, all members equally likely.
    pub fn random(&self, random: Random<'_>) -> Option<(Item<'_>, f64)> {
        match self.0.form() {
            SmallOrLarge::Small(_) => self.get(below(random, self.len())),
            SmallOrLarge::Large(large) => large.by_name.random(random).map(|named| large.member(named.id())),
        }
    }

    /// A step of ZSCAN: shows about `count` members (all of them if small), returns the next cursor, 0 at the end.
    pub fn scan(&self, cursor: u64, count: usize, visit: &mut dyn FnMut(Item<'_>, f64)) -> u64 {
        match self.0.form() {
            SmallOrLarge::Small(_) => {
                self.iter(0..self.len(), false).for_each(|(name, score)| visit(name, score));
                0
            }
            SmallOrLarge::Large(large) => large.by_name.scan(cursor, count, |named| {
                let (name, score) = large.member(named.id());
                visit(name, score);
            }),
        }
    }

    fn convert(&mut self, room: usize, seed: u64) {
        let SmallOrLarge::Small(packed) = self.0.form() else {
            return;
        };
        let by_name = Table::with_capacity(room.max(packed.len() / 2 + 1));
        let mut large = Large { seed, members: Arena::new(), by_name, by_score: Tree::default() };
        for (name, score) in self.iter(0..self.len(), false) {
            name.with_text(|name| large.insert(name, score));
        }
        self.0 = Either::large(large);
    }
}

impl Large {
    #[inline]
    fn hash(&self, name: &[u8]) -> u32 {
        hash_bytes(self.seed, name) as u32
    }

    #[inline]
    fn find(&self, name: &[u8]) -> Option<u32> {
        self.find_hashed(name, self.hash(name))
    }

    #[inline]
    fn find_hashed(&self, name: &[u8], hash: u32) -> Option<u32> {
        if !is_short(name) {
            return self.find_other(name, hash);
        }
        let has_name = |named: &Named| named.hash == hash && same_short(self.members.name(named.id()), name);
        self.by_name.find(spread(hash), has_name).map(|named| named.id())
    }

    #[inline(never)]
    fn find_other(&self, name: &[u8], hash: u32) -> Option<u32> {
        let has_name = |named: &Named| named.hash == hash && self.members.name(named.id()) == name;
        self.by_name.find(spread(hash), has_name).map(|named| named.id())
    }

    fn member(&self, id: u32) -> (Item<'_>, f64) {
        let member = &self.members[id];
        (Item::Bytes(&member.name), member.score)
    }

    #[inline]
    fn pair(&self, (score, id): bptree::TreeEntry) -> (Item<'_>, f64) {
        (Item::Bytes(self.members.name(id)), score)
    }

    /// How many members come before a range by bytes, or with `behind` after it.
    fn outside(&self, range: LexRange<'_>, behind: bool) -> usize {
        let name = |id| Item::Bytes(self.members.name(id));
        if behind {
            self.by_name.len() - self.by_score.partition(|(_, id)| range.ends_after(name(id)))
        } else {
            self.by_score.partition(|(_, id)| !range.begins_by(name(id)))
        }
    }

    fn insert(&mut self, name: &[u8], score: f64) -> Inserted {
        let hash = self.hash(name);
        if let Some(id) = self.find_hashed(name, hash) {
            let old = self.members[id].score;
            if old == score {
                return Inserted::Same;
            }
            self.by_score.remove(&self.members, old, id);
            self.by_score.insert(&self.members, score, id);
            self.members[id].score = score;
            return Inserted::Updated;
        }
        let id = self.members.insert(Member { name: CompactBytes::from(name), score });
        self.by_name.insert_unique(spread(hash), Named::new(hash, id), Named::spread);
        self.by_score.insert(&self.members, score, id);
        Inserted::Added
    }

    fn remove(&mut self, name: &[u8]) -> Option<f64> {
        let id = self.find(name)?;
        let score = self.members[id].score;
        self.forget(score, id);
        Some(score)
    }

    fn remove_rank(&mut self, rank: usize) {
        if let Some((score, id)) = self.by_score.get(rank) {
            self.forget(score, id);
        }
    }

    fn forget(&mut self, score: f64, id: u32) {
        self.by_score.remove(&self.members, score, id);
        let named = Named::new(self.hash(self.members.name(id)), id);
        self.by_name.remove(named.spread(), |other| *other == named, Named::spread);
        self.members[id].name = CompactBytes::new();
        self.members.remove(id);
    }
}

/// Scores that are integers are stored as such (by which -0 becomes 0, as in Redis), others as their eight bytes.
fn insert_pair(packed: &mut Packed, at: Option<Pos>, name: Item<'_>, score: f64) {
    let at = at.unwrap_or(packed.end());
    let whole = score as i64;
    let bits = score.to_le_bytes();
    // The bound keeps out 2^63, which would come back from the saturating cast as equal.
    let score = if whole as f64 == score && whole.unsigned_abs() < 1 << 62 {
        PackedElement::new(Item::Int(whole))
    } else {
        PackedElement::raw(&bits)
    };
    packed.insert_encoded(at, &score);
    packed.insert(at, name);
}

fn score_of(item: Item<'_>) -> f64 {
    match item {
        Item::Int(value) => value as f64,
        Item::Bytes(bits) => bits.try_into().map_or(0.0, f64::from_le_bytes),
    }
}

fn score_at(packed: &Packed, at: Pos) -> f64 {
    score_of(packed.get(at))
}

fn find(packed: &Packed, name: &[u8]) -> Option<Pos> {
    packed.find(packed.first(), &PackedElement::new(Item::Bytes(name)), 2)
}

/// The position of the first member after (score, name).
fn place(packed: &Packed, score: f64, name: &[u8]) -> Option<Pos> {
    let is_later = |here, value| {
        let other = score_at(packed, value);
        other > score || (other == score && packed.get(here).cmp_text(name).is_gt())
    };
    // Many are added in their order.
    let value = packed.last()?;
    if !is_later(packed.prev(value)?, value) {
        return None;
    }
    let mut at = packed.first();
    while let Some(here) = at {
        let value = packed.next(here)?;
        if is_later(here, value) {
            return Some(here);
        }
        at = packed.next(value);
    }
    None
}

fn pair<'a>(items: &mut packed::Iter<'a>) -> Option<(Item<'a>, f64)> {
    Some((items.next()?, score_of(items.next()?)))
}

/// Members of a [`ZSet`] with their scores, in one direction.
#[derive(Clone)]
pub struct Iter<'a>(Walk<'a>);

#[derive(Clone)]
enum Walk<'a> {
    Small { items: packed::Iter<'a>, left: usize, reverse: bool },
    Large { entries: bptree::Walk<'a>, large: &'a Large },
}

impl<'a> Iterator for Iter<'a> {
    type Item = (Item<'a>, f64);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Walk::Small { items, left, reverse } => {
                *left = left.checked_sub(1)?;
                if *reverse {
                    let score = score_of(items.next_back()?);
                    Some((items.next_back()?, score))
                } else {
                    pair(items)
                }
            }
            Walk::Large { entries, large } => entries.next().map(|entry| large.pair(entry)),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match &self.0 {
            Walk::Small { left, .. } => *left,
            Walk::Large { entries, .. } => entries.len(),
        };
        (left, Some(left))
    }

    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, init: B, mut f: F) -> B {
        if let Walk::Large { entries, large } = self.0 {
            return entries.fold(init, |all, entry| f(all, large.pair(entry)));
        }
        let mut all = init;
        for pair in self {
            all = f(all, pair);
        }
        all
    }
}

impl ExactSizeIterator for Iter<'_> {}

#[cfg(test)]
mod tests {
    use super::super::lex::LexEdge;
    use super::super::testing::{any_text, few_texts, random};
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    const DEFAULT: &CollectionConfig = &CollectionConfig::DEFAULT;

    type Pairs = Vec<(Vec<u8>, f64)>;

    fn owned<'a>(pairs: impl Iterator<Item = (Item<'a>, f64)>) -> Pairs {
        pairs.map(|(name, score)| (name.to_vec(), score)).collect()
    }

    fn sorted(model: &HashMap<Vec<u8>, f64>) -> Pairs {
        let mut pairs: Pairs = model.iter().map(|(name, score)| (name.clone(), *score)).collect();
        pairs.sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
        pairs
    }

    fn check(zset: &ZSet, pairs: &Pairs, step: usize) {
        let len = pairs.len();
        assert_eq!(zset.len(), len);
        assert_eq!(&owned(zset.iter(0..usize::MAX, false)), pairs);
        let mut back = owned(zset.iter(0..len, true));
        back.reverse();
        assert_eq!(&back, pairs);
        for (rank, (name, score)) in pairs.iter().enumerate().step_by(7) {
            assert_eq!(zset.rank(name, false), Some(rank));
            assert_eq!(zset.rank(name, true), Some(len - 1 - rank));
            assert_eq!(zset.score(name), Some(*score));
            assert_eq!(owned(zset.get(rank).into_iter()), pairs[rank..=rank]);
            let end = (rank + step).min(len);
            assert_eq!(owned(zset.iter(rank..rank + step, false)), pairs[rank..end]);
            let expected: Pairs = pairs[rank..end].iter().rev().cloned().collect();
            assert_eq!(owned(zset.iter(rank..rank + step, true)), expected);
        }
        let (mut seen, mut cursor) = (HashMap::new(), 0);
        loop {
            cursor = zset.scan(cursor, step, &mut |name, score| {
                seen.insert(name.to_vec(), score);
            });
            if cursor == 0 {
                break;
            }
        }
        assert_eq!(&sorted(&seen), pairs);
        let random = zset.random(&mut random(5)).map(|(name, score)| (name.to_vec(), score));
        assert!(random.map_or(len == 0, |pair| pairs.contains(&pair)));
    }

    fn any_score() -> impl Strategy<Value = f64> {
        const ODD: [f64; 8] = [
            f64::INFINITY,
            f64::NEG_INFINITY,
            0.1,
            9_223_372_036_854_775_808.0,
            -9_223_372_036_854_775_808.0,
            1e300,
            5e-324,
            9_007_199_254_740_993.0,
        ];
        prop_oneof![
            6 => (-20..20_i32).prop_map(f64::from),
            2 => (-20..20_i32).prop_map(|n| f64::from(n) / 4.0),
            1 => prop::sample::select(ODD.as_slice()),
        ]
    }

    fn any_bound() -> impl Strategy<Value = Bound<f64>> {
        prop_oneof![
            any_score().prop_map(Bound::Included),
            any_score().prop_map(Bound::Excluded),
            Just(Bound::Unbounded)
        ]
    }

    fn by_score(pairs: &Pairs, min: Bound<f64>, max: Bound<f64>) -> Pairs {
        let inside = |score: f64| {
            (match min {
                Bound::Included(min) => score >= min,
                Bound::Excluded(min) => score > min,
                Bound::Unbounded => true,
            }) && match max {
                Bound::Included(max) => score <= max,
                Bound::Excluded(max) => score < max,
                Bound::Unbounded => true,
            }
        };
        pairs.iter().filter(|pair| inside(pair.1)).cloned().collect()
    }

    #[test]
    fn encodings_change_as_in_redis() {
        assert_eq!(size_of::<ZSet>(), 8);
        assert_eq!(size_of::<Member>(), 32);
        let mut zset = ZSet::new();
        for i in 0..DEFAULT.zset_max_listpack_entries {
            assert_eq!(zset.insert(&[i as u8; DEFAULT.zset_max_listpack_value], 0.5, DEFAULT), Inserted::Added);
        }
        assert_eq!(zset.insert(&[0; DEFAULT.zset_max_listpack_value], 1.0, DEFAULT), Inserted::Updated);
        assert_eq!(zset.encoding(), "listpack");
        assert_eq!(zset.insert(b"x", 1.0, DEFAULT), Inserted::Added);
        assert_eq!(zset.encoding(), "skiplist");
        zset.settle(DEFAULT);
        assert_eq!(zset.encoding(), "skiplist");
        assert_eq!(zset.pop(true, |name, score| Ok((name.to_vec(), score))), Ok(Some((b"x".to_vec(), 1.0))));
        zset.settle(DEFAULT);
        assert_eq!((zset.encoding(), zset.len()), ("listpack", DEFAULT.zset_max_listpack_entries));
    }

    #[test]
    fn minus_zero_is_zero_but_is_kept_when_large() {
        let mut zset = ZSet::new();
        zset.insert(b"a", -0.0, DEFAULT);
        assert_eq!(zset.score(b"a").map(f64::to_bits), Some(0));
        zset.expect(1000, DEFAULT);
        assert_eq!(zset.insert(b"b", -0.0, DEFAULT), Inserted::Added);
        assert_eq!(zset.insert(b"b", 0.0, DEFAULT), Inserted::Same);
        assert_eq!(zset.score(b"b").map(f64::to_bits), Some((-0.0_f64).to_bits()));
        assert_eq!((zset.rank(b"a", false), zset.rank(b"b", false)), (Some(0), Some(1)));
        assert_eq!(zset.span_by_score(Bound::Included(0.0), Bound::Included(-0.0)), 0..2);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn zset_is_a_sorted_map(
            start in 0..300_u32,
            ops in prop::collection::vec((0..8_u8, few_texts(), any_score(), any_bound()), 0..200),
            step in 1..100_usize,
        ) {
            let (mut zset, mut model) = (ZSet::new(), HashMap::new());
            for i in 0..start {
                let (name, score) = (format!("m{i}").into_bytes(), f64::from(i % 5));
                prop_assert_eq!(zset.insert(&name, score, DEFAULT), Inserted::Added);
                model.insert(name, score);
            }
            for (op, name, score, bound) in ops {
                match op {
                    0..=3 => {
                        let expected = match model.insert(name.clone(), score) {
                            None => Inserted::Added,
                            Some(old) if old == score => Inserted::Same,
                            Some(_) => Inserted::Updated,
                        };
                        prop_assert_eq!(zset.insert(&name, score, DEFAULT), expected);
                    }
                    4 => prop_assert_eq!(zset.remove(&name), model.remove(&name)),
                    5 => {
                        let pairs = sorted(&model);
                        let last = score > 0.0;
                        let expected = if last { pairs.last() } else { pairs.first() }.cloned();
                        let popped = zset.pop(last, |name, score| Ok((name.to_vec(), score))).unwrap();
                        prop_assert_eq!(&popped, &expected);
                        if let Some((name, _)) = popped { model.remove(&name); }
                    }
                    _ => {
                        let expected = by_score(&sorted(&model), Bound::Included(score), bound);
                        let span = zset.span_by_score(Bound::Included(score), bound);
                        prop_assert_eq!(owned(zset.iter(span.clone(), false)), expected.clone());
                        prop_assert_eq!(span.len(), expected.len());
                        if op == 6 && span.len() < 20 {
                            prop_assert_eq!(zset.remove_span(span), expected.len());
                            expected.iter().for_each(|(name, _)| { model.remove(name); });
                        }
                    }
                }
                prop_assert_eq!(zset.score(&name), model.get(&name).copied());
            }
            check(&zset, &sorted(&model), step);
            check(&zset.clone(), &sorted(&model), step);
        }

        #[test]
        fn ranges_by_bytes(
            names in prop::collection::btree_set(any_text(), 0..250),
            range in (any_lex_bound(), any_lex_bound()),
            part in (any::<bool>(), 0..4_usize, 0..300_usize),
        ) {
            let mut zset = ZSet::new();
            names.iter().for_each(|name| { zset.insert(name, 1.5, DEFAULT); });
            let range = LexRange { min: bound(&range.0), max: bound(&range.1) };
            let part = LexPart { reverse: part.0, offset: part.1, count: part.2 };
            let span = zset.span_by_lex(range, part);
            let found: Vec<_> = owned(zset.iter(span, part.reverse)).into_iter().map(|pair| pair.0).collect();
            let mut all: Vec<_> = names.into_iter().collect();
            if part.reverse { all.reverse(); }
            let inside = |name: &Vec<u8>| range.begins_by(Item::Bytes(name)) && range.ends_after(Item::Bytes(name));
            let expected: Vec<_> = all.into_iter().filter(inside).skip(part.offset).take(part.count).collect();
            prop_assert_eq!(found, expected);
        }
    }

    fn any_lex_bound() -> impl Strategy<Value = (u8, Vec<u8>)> {
        (0..4_u8, any_text())
    }

    fn bound((kind, text): &(u8, Vec<u8>)) -> LexEdge<'_> {
        match kind {
            0 => LexEdge::Min,
            1 => LexEdge::Max,
            2 => LexEdge::Included(text),
            _ => LexEdge::Excluded(text),
        }
    }
}
