//! The hash table of the keyspace and of every large hash, set and sorted set: a row of small tables
//! ([`Buckets`]), which grows by splitting one of them at a time (linear hashing, Litwin 1980) and shrinks by merging two.
//!
//! No insertion and no removal moves more than about twice `SPLIT_AT` elements, however many there are. Hashing is the
//! caller's; [`hash_bytes`] is what all of them use.

use super::buckets::{self, Buckets};
use super::bytes::{is_short, same_short};

pub use super::hashing::{Random, below, hash_bytes};

/// Average elements per small table at which one more is split off. One that waits for its turn has up to twice as many,
/// for which its 256 buckets are just enough.
const SPLIT_AT: usize = 725;

/// Average elements per small table below which the last one is merged with the one that it was split off from.
const MERGE_AT: usize = SPLIT_AT / 4;

/// Bits of a hash, and of a scan cursor, for the small table.
const TABLE_BITS: u32 = 16;

/// The bits of a cursor that [`Table::scan`] gives.
pub const CURSOR_BITS: u32 = TABLE_BITS + buckets::CURSOR_BITS;

/// Up to so many small tables a random element is found by counting through all of them.
const COUNTED: usize = 32;

/// Small tables tried before they are counted through, however many they are.
const TRIES: usize = 100;

/// A hash table with SCAN cursors and fair random elements.
#[derive(Debug, Clone)]
pub struct Table<T> {
    /// At least `2^least` of them.
    tables: Vec<Buckets<T>>,
    /// `2^level` tables were there when the current round of splitting began; this is the mask of `level + 1` bits.
    mask: usize,
    least: u32,
    len: usize,
    /// No small table has more elements.
    fullest: usize,
}

/// Where an element is; good until the next insertion or removal.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    table: usize,
    position: buckets::Position,
}

/// An element that is found by a text.
pub trait HasText {
    /// The text.
    fn text(&self) -> &[u8];
}

/// Two small tables that became one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merged {
    /// The one that was the last, and is gone.
    pub last: usize,
    /// The one that has its elements now.
    pub into: usize,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self::new(0)
    }
}

impl<T> Table<T> {
    /// An empty table, which has at least `2^least` small ones.
    pub fn new(least: u32) -> Self {
        let tables = std::iter::repeat_with(Buckets::new).take(1 << least).collect();
        Table { tables, mask: mask(least), least, len: 0, fullest: 0 }
    }

    /// An empty table with room for `n` elements.
    pub fn with_capacity(n: usize) -> Self {
        let tables = (n / SPLIT_AT + 1).min(1 << TABLE_BITS);
        let mut table = Table { tables: Vec::new(), mask: mask(tables.ilog2()), least: 0, len: 0, fullest: 0 };
        let depth = |index| depth(tables, table.level(), index);
        // They are not equally full: each gets an eighth more than its part.
        table.tables = (0..tables).map(|index| Buckets::with_capacity((n + n / 8) >> depth(index))).collect();
        table
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes on the heap, without what the elements own.
    pub fn memory(&self) -> usize {
        let buckets: usize = self.tables.iter().map(Buckets::memory).sum();
        self.tables.capacity() * size_of::<Buckets<T>>() + buckets
    }

    /// The small tables, for whoever looks through them one by one.
    pub fn tables(&self) -> &[Buckets<T>] {
        &self.tables
    }

    fn level(&self) -> u32 {
        self.mask.ilog2()
    }

    /// Which small table these bits of a hash choose: one bit more counts where that table was split off already.
    #[inline]
    fn choose(&self, bits: usize) -> usize {
        let index = bits & self.mask;
        if index < self.tables.len() { index } else { bits & (self.mask >> 1) }
    }

    /// The bits of a hash that choose a small table; shard, bucket and tag take others.
    #[inline]
    fn bits(hash: u64) -> usize {
        (hash >> 32) as u16 as usize
    }

    /// In which small table an element with this hash is.
    #[inline]
    pub fn table_of(&self, hash: u64) -> usize {
        self.choose(Self::bits(hash))
    }

    /// Where the element with this hash is for which `eq` holds.
    #[inline]
    pub fn position(&self, hash: u64, eq: impl FnMut(&T) -> bool) -> Option<Spot> {
        let table = self.table_of(hash);
        Some(Spot { table, position: self.tables[table].position(hash, eq)? })
    }

    /// The element at a spot, to be changed without changing its hash.
    #[inline]
    pub fn at_mut(&mut self, spot: Spot) -> Option<&mut T> {
        self.tables[spot.table].at_mut(spot.position)
    }

    /// The element with this hash for which `eq` holds.
    #[inline]
    pub fn find(&self, hash: u64, eq: impl FnMut(&T) -> bool) -> Option<&T> {
        self.tables[self.table_of(hash)].find(hash, eq)
    }

    /// As [`find`](Self::find), to be changed without changing its hash.
    #[inline]
    pub fn find_mut(&mut self, hash: u64, eq: impl FnMut(&T) -> bool) -> Option<&mut T> {
        let table = self.table_of(hash);
        self.tables[table].find_mut(hash, eq)
    }

    /// Adds an element known to be absent; shows it where it is now. May split a small table.
    #[inline]
    pub fn insert_unique(&mut self, hash: u64, value: T, hasher: impl Fn(&T) -> u64) -> &mut T {
        self.grow(&hasher);
        self.put(hash, value, hasher)
    }

    /// Splits a small table if there will be too many elements for those that there are; which one.
    #[inline]
    pub fn grow(&mut self, hasher: impl Fn(&T) -> u64) -> Option<usize> {
        let is_full = self.len >= self.tables.len() * SPLIT_AT && self.tables.len() < 1 << TABLE_BITS;
        is_full.then(|| self.split(hasher))
    }

    /// As [`insert_unique`](Self::insert_unique), without a split.
    #[inline]
    pub fn put(&mut self, hash: u64, value: T, hasher: impl Fn(&T) -> u64) -> &mut T {
        self.len += 1;
        let index = self.table_of(hash);
        let table = &mut self.tables[index];
        self.fullest = self.fullest.max(table.len() + 1);
        table.insert_unique(hash, value, hasher)
    }

    /// Moves half of the next small table into a new one; which one that is.
    #[cold]
    fn split(&mut self, hasher: impl Fn(&T) -> u64) -> usize {
        let level = self.level();
        let from = self.tables.len() - (1 << level);
        let to = self.tables[from].split(hasher, |hash| Self::bits(hash) >> level & 1 == 1);
        self.tables.push(to);
        if self.tables.len() == 2 << level {
            self.mask = mask(level + 1);
        }
        from
    }

    /// Removes the element with this hash for which `eq` holds. May merge two small tables.
    #[inline]
    pub fn remove(&mut self, hash: u64, eq: impl FnMut(&T) -> bool, hasher: impl Fn(&T) -> u64) -> Option<T> {
        let value = self.take(hash, eq, &hasher)?;
        self.shrink(hasher);
        Some(value)
    }

    /// As [`remove`](Self::remove), without a merge.
    #[inline]
    pub fn take(&mut self, hash: u64, eq: impl FnMut(&T) -> bool, hasher: impl Fn(&T) -> u64) -> Option<T> {
        let table = self.table_of(hash);
        let value = self.tables[table].remove(hash, eq, hasher)?;
        self.len -= 1;
        Some(value)
    }

    /// Merges two small tables if there are too few elements for those that there are; which ones.
    #[inline]
    pub fn shrink(&mut self, hasher: impl Fn(&T) -> u64) -> Option<Merged> {
        let is_empty = self.len < self.tables.len() * MERGE_AT && self.tables.len() > 1 << self.least;
        if is_empty { self.merge(hasher) } else { None }
    }

    #[cold]
    fn merge(&mut self, hasher: impl Fn(&T) -> u64) -> Option<Merged> {
        let from = self.tables.pop()?;
        let last = self.tables.len();
        self.mask = mask(last.ilog2());
        let into = last - (1 << self.level());
        let table = &mut self.tables[into];
        table.absorb(from, hasher);
        self.fullest = self.fullest.max(table.len());
        if self.tables.len() < self.tables.capacity() / 4 {
            self.tables.shrink_to(2 * self.tables.len());
        }
        Some(Merged { last, into })
    }

    /// The elements in no useful order.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { tables: self.tables.iter(), here: buckets::Iter::default(), left: self.len }
    }

    /// An element, all of them equally likely.
    pub fn random(&self, random: Random<'_>) -> Option<&T> {
        let spot = self.random_spot(random)?;
        self.tables[spot.table].at(spot.position)
    }

    /// Removes an element, all of them equally likely.
    pub fn pop_random(&mut self, random: Random<'_>, hasher: impl Fn(&T) -> u64) -> Option<T> {
        let Spot { table, position } = self.random_spot(random)?;
        let table = &mut self.tables[table];
        let hash = hasher(table.at(position)?);
        let value = table.remove_at(position, hash, &hasher)?;
        self.len -= 1;
        self.shrink(hasher);
        Some(value)
    }

    fn random_spot(&self, random: Random<'_>) -> Option<Spot> {
        let table = self.random_table(random)?;
        Some(Spot { table, position: self.tables[table].random(random)? })
    }

    /// A small table, each as likely as it has elements.
    fn random_table(&self, random: Random<'_>) -> Option<usize> {
        // The place of an element among as many as the fullest table has, where another table may have none.
        if self.tables.len() > COUNTED {
            for _ in 0..TRIES {
                let place = below(random, self.tables.len() * self.fullest);
                let (table, nth) = (place / self.fullest, place % self.fullest);
                if nth < self.tables[table].len() {
                    return Some(table);
                }
            }
        }
        let mut nth = below(random, self.len);
        self.tables.iter().position(|table| {
            let here = nth < table.len();
            nth = nth.wrapping_sub(if here { 0 } else { table.len() });
            here
        })
    }

    /// Shows about `count` elements to `visit`, going on from `cursor`; the next cursor, 0 at the end. Everything that is
    /// in the table during the whole scan is shown at least once. A cursor that was issued before elements moved (or never)
    /// starts again with the small table in which it is.
    ///
    /// Small tables are visited in the order of their reversed index, in which a table is followed at once by those that
    /// were split off it: nothing that stays is missed however the table grows. Where two were merged, the scan goes on at
    /// the beginning of both.
    pub fn scan(&self, cursor: u64, count: usize, mut visit: impl FnMut(&T)) -> u64 {
        let mut position = cursor >> buckets::CURSOR_BITS & ((1 << TABLE_BITS) - 1);
        let mut inner = cursor & ((1 << buckets::CURSOR_BITS) - 1);
        let mut seen = 0;
        while seen < count.max(1) {
            let index = self.choose((position as u16).reverse_bits() as usize);
            let left = count.max(1) - seen;
            let see = |value: &T| {
                seen += 1;
                visit(value);
            };
            inner = self.tables[index].scan(inner, left, see);
            // A database of few keys has many empty tables.
            if cursor == 0 && seen == self.len {
                return 0;
            }
            if inner == 0 {
                let width = 1 << (TABLE_BITS - depth(self.tables.len(), self.level(), index));
                position = position / width * width + width;
                if position >= 1 << TABLE_BITS {
                    return 0;
                }
            }
        }
        position << buckets::CURSOR_BITS | inner
    }
}

/// A search for a text takes one of two ways, so that the one for most texts calls nothing. One for what is changed then
/// becomes a part of its caller, which would be too long by both ways.
impl<T: HasText> Table<T> {
    /// The element with this text, whose hash this is.
    #[inline]
    pub fn find_text(&self, hash: u64, text: &[u8]) -> Option<&T> {
        if is_short(text) {
            self.find(hash, |element| same_short(element.text(), text))
        } else {
            self.find_other_text(hash, text)
        }
    }

    #[inline(never)]
    fn find_other_text(&self, hash: u64, text: &[u8]) -> Option<&T> {
        self.find(hash, |element| element.text() == text)
    }
}

/// The lowest `level + 1` bits.
fn mask(level: u32) -> usize {
    (2 << level) - 1
}

/// How many bits of the hash all elements of this small table of so many share.
fn depth(tables: usize, level: u32, index: usize) -> u32 {
    let split = tables - (1 << level);
    if index < split || index >= 1 << level { level + 1 } else { level }
}

/// The elements of a [`Table`].
#[derive(Debug, Clone)]
pub struct Iter<'a, T> {
    tables: std::slice::Iter<'a, Buckets<T>>,
    here: buckets::Iter<'a, T>,
    left: usize,
}

impl<'a, T> Iterator for Iter<'a, T> {
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<&'a T> {
        self.left = self.left.checked_sub(1)?;
        loop {
            if let Some(value) = self.here.next() {
                return Some(value);
            }
            self.here = self.tables.next()?.iter();
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }

    #[inline]
    fn fold<A, F: FnMut(A, &'a T) -> A>(self, start: A, mut f: F) -> A {
        let start = self.here.fold(start, &mut f);
        self.tables.fold(start, |folded, table| table.iter().fold(folded, &mut f))
    }
}

impl<T> ExactSizeIterator for Iter<'_, T> {}

#[cfg(test)]
mod tests {
    use super::super::testing::random;
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    const SEED: u64 = 7;

    fn hash(value: &u32) -> u64 {
        hash_bytes(SEED, &value.to_le_bytes())
    }

    fn insert(table: &mut Table<u32>, value: u32) -> bool {
        let new = table.find(hash(&value), |other| *other == value).is_none();
        if new {
            table.insert_unique(hash(&value), value, hash);
        }
        new
    }

    fn remove(table: &mut Table<u32>, value: u32) -> bool {
        table.remove(hash(&value), |other| *other == value, hash).is_some()
    }

    fn of(values: std::ops::Range<u32>) -> Table<u32> {
        let mut table = Table::default();
        values.for_each(|value| assert!(insert(&mut table, value)));
        table
    }

    /// All elements are in their small tables, which are as many and as large as they may be.
    fn check(table: &Table<u32>) {
        assert_eq!(table.tables.iter().map(Buckets::len).sum::<usize>(), table.len());
        assert!(table.tables.iter().all(|small| small.len() <= table.fullest));
        for (index, small) in table.tables.iter().enumerate() {
            assert!(small.iter().all(|value| table.table_of(hash(value)) == index));
            assert_eq!(small.iter().count(), small.len());
        }
        assert!(table.tables.len() >> table.level() == 1 && table.tables.len() >= 1 << table.least);
        assert_eq!(table.iter().len(), table.len());
        assert_eq!(table.iter().count(), table.len());
    }

    #[test]
    fn an_empty_table_has_nothing() {
        let mut table = Table::default();
        assert_eq!(table.random(&mut || 1), None);
        assert_eq!(table.scan(0, 10, |_: &u32| ()), 0);
        assert_eq!(table.scan(u64::MAX, 10, |_| ()), 0);
        assert!(insert(&mut table, 1));
        assert_eq!(table.random(&mut || 0), Some(&1)); // a source that is stuck: counts instead
        assert_eq!(table.pop_random(&mut || 0, hash), Some(1));
    }

    /// What one insertion or removal moves is bounded, however large the table is.
    #[test]
    fn no_single_change_moves_many_elements() {
        let moved = std::cell::Cell::new(0);
        let counting = |value: &u32| {
            moved.set(moved.get() + 1);
            hash(value)
        };
        let (mut table, mut most) = (Table::default(), 0);
        for value in 0..300_000 {
            table.insert_unique(hash(&value), value, counting);
            most = most.max(moved.take());
        }
        assert!(most <= 3 * SPLIT_AT, "{most} moved by an insertion");
        for value in 0..300_000 {
            assert!(table.remove(hash(&value), |other| *other == value, counting).is_some());
            most = most.max(moved.take());
        }
        assert!(most <= 3 * SPLIT_AT, "{most} moved by a removal");
    }

    #[test]
    fn it_gives_its_memory_back() {
        let mut table = of(0..100_000);
        let before = table.memory();
        assert!(before < 100_000 * 22, "{before}");
        (10..100_000).for_each(|i| assert!(remove(&mut table, i)));
        check(&table);
        assert!(table.tables.len() == 1 && table.memory() < 2000 && table.len() == 10, "{}", table.memory());
    }

    #[test]
    fn a_table_with_room_does_not_split() {
        for n in [0, 1, 700, 1000, 12_345] {
            let mut table = Table::with_capacity(n);
            let (tables, memory) = (table.tables.len(), table.memory());
            (0..n as u32).for_each(|i| assert!(insert(&mut table, i)));
            check(&table);
            assert!(table.tables.len() == tables && table.memory() <= 2 * memory, "{n}");
        }
    }

    /// Pearson's statistic of how often each of `len` elements was drawn, less what is expected, in standard deviations.
    fn deviation(counts: &[u32]) -> f64 {
        let expected = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
        let chi_square: f64 = counts.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
        let freedom = (counts.len() - 1) as f64;
        (chi_square - freedom) / (2.0 * freedom).sqrt()
    }

    /// Tables in the middle of a round of splits, of which some have twice as many elements as others; and one that was full.
    #[test]
    fn random_elements_are_equally_likely() {
        let mut shrunk = of(0..40_000);
        (100..40_000).for_each(|i| assert!(remove(&mut shrunk, i)));
        for table in [of(0..100), of(0..1100), of(0..36_000), shrunk] {
            let (mut random, mut counts) = (random(1), vec![0_u32; table.len()]);
            for _ in 0..20 * table.len() {
                counts[*table.random(&mut random).unwrap() as usize] += 1;
            }
            assert!(deviation(&counts).abs() < 4.0, "{} {}", table.len(), deviation(&counts));
        }
    }

    /// Which element is taken first says nothing about which one is taken last.
    #[test]
    fn elements_are_popped_in_a_fair_order() {
        const LEN: u32 = 300;
        let (mut random, mut first) = (random(2), vec![0_u32; LEN as usize]);
        for _ in 0..1000 {
            let mut table = of(0..LEN);
            for _ in 0..10 {
                first[table.pop_random(&mut random, hash).unwrap() as usize] += 1;
            }
        }
        assert!(deviation(&first).abs() < 4.0, "{}", deviation(&first));
    }

    #[test]
    fn churn_does_not_restart_every_scan() {
        let mut table = of(0..10_000);
        let before: Vec<u32> = table.tables.iter().map(Buckets::generation).collect();
        for i in 10_000..100_000 {
            assert!(remove(&mut table, i - 10_000) && insert(&mut table, i));
        }
        let after = table.tables.iter().map(Buckets::generation);
        assert!(before.iter().zip(after).all(|(before, after)| after - before < 10));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        /// Elements that stay during a whole scan are seen, whatever else comes and goes: tables split and are merged.
        #[test]
        fn a_scan_misses_nothing(
            size in prop_oneof![0..600_u32, 0..12_000_u32],
            steps in prop::collection::vec((any::<bool>(), 0..4000_u32), 0..40),
            count in prop_oneof![1..50_usize, 1..1000_usize],
            keep in 1..50_u32,
        ) {
            let mut table = of(0..size);
            let (mut seen, mut cursor, mut steps) = (HashSet::new(), 0, steps.into_iter());
            let mut more = size;
            loop {
                cursor = table.scan(cursor, count, |value| { seen.insert(*value); });
                if cursor == 0 { break; }
                prop_assert!(cursor < 1 << CURSOR_BITS);
                match steps.next() {
                    Some((true, n)) => (0..n).for_each(|_| { insert(&mut table, more); more += 1; }),
                    Some((false, n)) => (n..more).filter(|i| i % keep != 0).for_each(|i| { remove(&mut table, i); }),
                    None => {}
                }
            }
            check(&table);
            prop_assert!((0..size).filter(|i| i % keep == 0).all(|i| seen.contains(&i)));
        }

        #[test]
        fn it_is_a_set(
            steps in prop::collection::vec((any::<bool>(), 0..2000_u32, 0..1500_u32), 0..30),
            least in 0..3_u32,
            seed: u64,
        ) {
            let (mut table, mut model, mut random) = (Table::new(least), HashSet::new(), random(seed));
            for (insertion, from, n) in steps {
                for value in from..from + n {
                    if insertion {
                        prop_assert_eq!(insert(&mut table, value), model.insert(value));
                    } else {
                        prop_assert_eq!(remove(&mut table, value), model.remove(&value));
                    }
                }
                check(&table);
                prop_assert!(table.random(&mut random).is_none_or(|value| model.contains(value)));
                let popped = table.pop_random(&mut random, hash);
                prop_assert!(popped.map_or(model.is_empty(), |value| model.remove(&value)));
            }
            prop_assert_eq!(table.iter().copied().collect::<HashSet<_>>(), model);
        }
    }
}
