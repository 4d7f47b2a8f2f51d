//! A hash table that can be sampled and scanned: `hashbrown`'s, with a count of how often it moved its elements.
//! What the large encodings are made of. Hashing is the caller's; [`hash_bytes`] is what they and the keyspace use.

use std::hash::{BuildHasher, Hasher};

use hashbrown::HashTable;

/// Hash of a byte string under a seed.
#[inline]
pub fn hash_bytes(seed: u64, bytes: &[u8]) -> u64 {
    let mut hasher = foldhash::fast::FixedState::with_seed(seed).build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

/// A source of random numbers, handed in by the engine.
pub type Random<'a> = &'a mut dyn FnMut() -> u64;

/// A number below `n`, or 0 if `n` is 0.
pub fn below(random: Random<'_>, n: usize) -> usize {
    // The high half of a product is unbiased enough, and cheaper than a division.
    ((u128::from(random()) * n as u128) >> 64) as usize
}

/// A hash table with SCAN cursors, fair random elements and shrinking.
#[derive(Debug, Clone)]
pub struct Table<T> {
    raw: HashTable<T>,
    /// How often elements may have changed buckets: a cursor of another generation starts again.
    generation: u32,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Random buckets tried before [`Table::random`] counts elements instead; a table is never emptier than about 1/10.
const TRIES: usize = 100;

/// Tables of fewer buckets do not shrink.
const SHRINK_MIN: usize = 64;

/// Bits of a cursor: 42 for bucket and generation, 6 for the logarithm of the number of buckets.
const CURSOR_BITS: u32 = 42;

impl<T> Table<T> {
    /// An empty table, no allocation.
    pub const fn new() -> Self {
        Table { raw: HashTable::new(), generation: 0 }
    }

    /// An empty table with room for `n` elements.
    pub fn with_capacity(n: usize) -> Self {
        Table { raw: HashTable::with_capacity(n), generation: 0 }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.raw.len()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// The `hashbrown` table inside, for reading.
    pub fn raw(&self) -> &HashTable<T> {
        &self.raw
    }

    /// Bytes on the heap, without what the elements own.
    pub fn memory(&self) -> usize {
        self.raw.allocation_size()
    }

    /// The element with this hash for which `eq` holds.
    #[inline]
    pub fn find(&self, hash: u64, eq: impl FnMut(&T) -> bool) -> Option<&T> {
        self.raw.find(hash, eq)
    }

    /// As [`find`](Self::find), to be changed without changing its hash.
    #[inline]
    pub fn find_mut(&mut self, hash: u64, eq: impl FnMut(&T) -> bool) -> Option<&mut T> {
        self.raw.find_mut(hash, eq)
    }

    /// Adds an element known to be absent; shows it where it is now.
    #[inline]
    pub fn insert_unique(&mut self, hash: u64, value: T, hasher: impl Fn(&T) -> u64) -> &mut T {
        if self.raw.len() == self.raw.capacity() {
            self.make_room(&hasher);
        }
        self.raw.insert_unique(hash, value, hasher).into_mut()
    }

    /// Rehashes now, so that the insertion itself moves nothing and the next rehash is many insertions away.
    #[cold]
    fn make_room(&mut self, hasher: &impl Fn(&T) -> u64) {
        self.generation = self.generation.wrapping_add(1);
        self.raw.reserve(1, hasher);
    }

    /// Removes the element with this hash for which `eq` holds; may shrink.
    #[inline]
    pub fn remove(&mut self, hash: u64, eq: impl FnMut(&T) -> bool, hasher: impl Fn(&T) -> u64) -> Option<T> {
        let value = self.raw.find_entry(hash, eq).ok()?.remove().0;
        self.shrink(hasher);
        Some(value)
    }

    /// Removes everything and gives back the memory.
    pub fn clear(&mut self) {
        self.raw = HashTable::new();
        self.generation = self.generation.wrapping_add(1);
    }

    #[inline]
    fn shrink(&mut self, hasher: impl Fn(&T) -> u64) {
        let buckets = self.raw.num_buckets();
        if buckets >= SHRINK_MIN && self.raw.len() < buckets / 8 {
            self.generation = self.generation.wrapping_add(1);
            self.raw.shrink_to(self.raw.len() * 2, hasher);
        }
    }

    /// The elements in no useful order.
    pub fn iter(&self) -> hashbrown::hash_table::Iter<'_, T> {
        self.raw.iter()
    }

    /// An element, all of them equally likely.
    pub fn random(&self, random: Random<'_>) -> Option<&T> {
        self.raw.get_bucket(self.random_bucket(random)?)
    }

    /// Removes an element, all of them equally likely.
    pub fn pop_random(&mut self, random: Random<'_>, hasher: impl Fn(&T) -> u64) -> Option<T> {
        let bucket = self.random_bucket(random)?;
        let value = self.raw.get_bucket_entry(bucket).ok()?.remove().0;
        self.shrink(hasher);
        Some(value)
    }

    /// The bucket of a random element.
    fn random_bucket(&self, random: Random<'_>) -> Option<usize> {
        if self.is_empty() {
            return None;
        }
        let buckets = self.raw.num_buckets();
        for _ in 0..TRIES {
            let bucket = below(random, buckets);
            if self.raw.get_bucket(bucket).is_some() {
                return Some(bucket);
            }
        }
        let nth = below(random, self.len());
        (0..buckets).filter(|&bucket| self.raw.get_bucket(bucket).is_some()).nth(nth)
    }

    /// Shows about `count` elements to `visit`, going on from `cursor`; returns the next cursor, 0 at the end.
    /// Everything that is in the table during the whole scan is shown at least once. A cursor is below 2^48; one
    /// that was issued before elements moved (or never) starts again.
    pub fn scan(&self, cursor: u64, count: usize, mut visit: impl FnMut(&T)) -> u64 {
        let buckets = self.raw.num_buckets();
        let start = resume_at::<CURSOR_BITS>(buckets, self.generation, cursor);
        let end = start.saturating_add(count.saturating_mul(10)).min(buckets);
        let mut left = count.max(1);
        for bucket in start..buckets {
            if left == 0 || (bucket >= end && bucket > start) {
                return cursor_of::<CURSOR_BITS>(buckets, self.generation, bucket);
            }
            if let Some(value) = self.raw.get_bucket(bucket) {
                visit(value);
                left -= 1;
            }
        }
        0
    }
}

/// The bucket at which a scan goes on: that of its cursor, or the first one if elements have moved since.
pub(super) fn resume_at<const BITS: u32>(buckets: usize, generation: u32, cursor: u64) -> usize {
    let bucket = (cursor & (buckets as u64).wrapping_sub(1)) as usize;
    if cursor == cursor_of::<BITS>(buckets, generation, bucket) { bucket } else { 0 }
}

/// `log2 of buckets | generation | bucket`: the fewer buckets, the more bits for the generation.
pub(super) fn cursor_of<const BITS: u32>(buckets: usize, generation: u32, bucket: usize) -> u64 {
    let log2 = buckets.trailing_zeros().min(BITS - 1);
    let generation = u64::from(generation) & ((1 << (BITS - log2)) - 1);
    u64::from(log2) << BITS | generation << log2 | bucket as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{HashMap, HashSet};

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

    #[test]
    fn small() {
        assert!(size_of::<Table<u32>>() <= 40);
        let mut table = Table::new();
        assert_eq!(table.random(&mut || 1), None);
        assert_eq!(table.scan(0, 10, |_: &u32| ()), 0);
        assert_eq!(table.scan(u64::MAX, 10, |_| ()), 0);
        assert!(insert(&mut table, 1));
        assert_eq!(table.random(&mut || 0), Some(&1)); // stuck random source: counts instead
        assert_eq!(table.pop_random(&mut || 0, hash), Some(1));
    }

    #[test]
    fn random_elements_are_equally_likely() {
        let mut table = Table::new();
        (0..100).for_each(|i| assert!(insert(&mut table, i)));
        let mut state = 1_u64;
        let mut random = || {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            state
        };
        let mut seen = HashMap::<u32, u32>::new();
        for _ in 0..100_000 {
            *seen.entry(*table.random(&mut random).unwrap()).or_default() += 1;
        }
        assert!(seen.len() == 100 && seen.values().all(|n| (800..1200).contains(n)), "{seen:?}");
    }

    #[test]
    fn shrinks() {
        let mut table = Table::new();
        (0..100_000).for_each(|i| assert!(insert(&mut table, i)));
        (10..100_000).for_each(|i| assert!(remove(&mut table, i)));
        assert!(table.raw().num_buckets() < 128 && table.len() == 10);
    }

    #[test]
    fn churn_at_capacity_does_not_restart_every_scan() {
        let mut table = Table::new();
        (0..448).for_each(|i| assert!(insert(&mut table, i)));
        let before = table.generation;
        for i in 448..10_448 {
            assert!(remove(&mut table, i - 448) && insert(&mut table, i));
        }
        assert!(table.generation - before < 100, "{}", table.generation - before);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        /// Elements that stay during a whole scan are seen, whatever else comes and goes.
        #[test]
        fn a_scan_misses_nothing(size in 0..600_u32, steps in prop::collection::vec((any::<bool>(), 0..400_u32), 0..40), count in 1..50_usize) {
            let mut table = Table::new();
            (0..size).for_each(|i| { insert(&mut table, i); });
            let mut stay: HashSet<u32> = (0..size).collect();
            let (mut seen, mut cursor, mut steps) = (HashSet::new(), 0, steps.into_iter());
            loop {
                cursor = table.scan(cursor, count, |value| { seen.insert(*value); });
                if cursor == 0 { break; }
                prop_assert!(cursor < 1 << 48);
                match steps.next() {
                    Some((true, n)) => (0..n).for_each(|i| { insert(&mut table, 1000 * (n + 1) + i); }),
                    Some((false, n)) => (n..size).step_by(2).for_each(|i| { remove(&mut table, i); stay.remove(&i); }),
                    None => {}
                }
            }
            prop_assert!(stay.is_subset(&seen));
        }
    }
}
