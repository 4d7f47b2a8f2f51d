//! A hash table of words whose buckets are cache lines: the tags of seven elements and the elements themselves. A
//! [`Table`](super::table::Table) is a row of these; a lookup is one miss of the cache for the bucket and one for what its
//! element points to.
//!
//! An element lies in the bucket of its hash, or in one of those that follow if that is full. A bucket counts the elements
//! that passed it by, so a search knows when to stop and a removal leaves no tombstone; so does F14 (Bronson and Shi,
//! 2019). Hashing is the caller's.

use super::hashing::{Random, below};

/// Elements in a bucket: with their tags they fill 64 bytes.
const SLOTS: usize = 7;

/// A byte of 1 in every byte.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The highest bit of each tag.
const TAG_HIGHS: u64 = 0x0080_8080_8080_8080;
/// Where the counter of a bucket is in its tags, and its highest count, which means "that many or more".
const PASSED_SHIFT: u32 = 56;
const PASSED_MAX: u64 = 0xff;

/// A table of this many buckets or fewer does not shrink.
const SHRINK_MIN: usize = 8;

#[derive(Debug, Clone)]
#[repr(align(64))]
struct Bucket<T> {
    /// A byte for each slot, 0 for a free one; the last byte counts the elements that passed this bucket by.
    tags: u64,
    slots: [Option<T>; SLOTS],
}

impl<T> Bucket<T> {
    fn new() -> Self {
        Bucket { tags: 0, slots: [const { None }; SLOTS] }
    }

    /// The highest bits of those bytes that may be equal to the tag: all that are, and rarely one after them.
    #[inline]
    fn hits(&self, tag: u8) -> u64 {
        let different = self.tags ^ (u64::from(tag) * ONES);
        different.wrapping_sub(ONES) & !different & TAG_HIGHS
    }

    /// The element with this tag for which `eq` holds, and its slot.
    #[inline(always)]
    fn search(&self, tag: u8, mut eq: impl FnMut(&T) -> bool) -> Option<(usize, &T)> {
        let mut hits = self.hits(tag);
        while hits != 0 {
            let slot = slot_of(hits);
            if let Some(value) = self.slots[slot].as_ref().filter(|value| eq(value)) {
                return Some((slot, value));
            }
            hits &= hits - 1;
        }
        None
    }

    /// The first free slot.
    #[inline]
    fn free(&self) -> Option<usize> {
        let free = self.hits(0);
        (free != 0).then(|| slot_of(free))
    }

    #[inline]
    fn passed(&self) -> u64 {
        self.tags >> PASSED_SHIFT
    }

    #[inline]
    fn fill(&mut self, slot: usize, tag: u8, value: T) -> &mut T {
        self.tags |= u64::from(tag) << (8 * slot);
        self.slots[slot].insert(value)
    }

    fn take(&mut self, slot: usize) -> Option<T> {
        self.tags &= !(0xff << (8 * slot));
        self.slots[slot].take()
    }

    /// One more element passes by.
    fn pass(&mut self) {
        if self.passed() < PASSED_MAX {
            self.tags += 1 << PASSED_SHIFT;
        }
    }

    /// One of those that passed by is gone. A count that is full stays so until the table is made anew.
    fn unpass(&mut self) {
        if self.passed() < PASSED_MAX {
            self.tags -= 1 << PASSED_SHIFT;
        }
    }
}

/// The slot of the lowest of these bits.
#[inline]
fn slot_of(hits: u64) -> usize {
    (hits.trailing_zeros() / 8) as usize
}

/// The bits of a hash that are compared before the elements are; the lowest ones choose the bucket.
#[inline]
fn tag_of(hash: u64) -> u8 {
    ((hash >> 24) as u8).max(1)
}

/// Where an element is; good until the next insertion or removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    bucket: usize,
    slot: usize,
}

/// A small hash table with SCAN cursors, fair random elements and shrinking.
#[derive(Debug, Clone)]
pub struct Buckets<T> {
    /// As many as a power of two, or none.
    buckets: Box<[Bucket<T>]>,
    len: usize,
    /// How often elements may have changed buckets: a cursor of another generation starts again.
    generation: u32,
}

impl<T> Default for Buckets<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// The elements of a bucket when there should be more buckets: more, and many would pass by.
const FULL: usize = SLOTS - 1;

/// How many buckets there must be for so many elements.
fn buckets_for(elements: usize) -> usize {
    elements.div_ceil(FULL).next_power_of_two()
}

fn fresh<T>(buckets: usize) -> Box<[Bucket<T>]> {
    std::iter::repeat_with(Bucket::new).take(buckets).collect()
}

/// So many elements with their hashes. A hash may have to wait for what its element points to: all of them are asked for
/// in one go, so that they wait together.
fn hashed<T>(buckets: Box<[Bucket<T>]>, len: usize, hasher: impl Fn(&T) -> u64) -> Vec<(u64, T)> {
    let mut elements = Vec::with_capacity(len);
    for bucket in buckets {
        elements.extend(bucket.slots.into_iter().flatten().map(|value| (hasher(&value), value)));
    }
    elements
}

impl<T> Buckets<T> {
    /// An empty table, no allocation.
    pub fn new() -> Self {
        Buckets { buckets: Box::default(), len: 0, generation: 0 }
    }

    /// An empty table with room for `n` elements.
    pub fn with_capacity(n: usize) -> Self {
        Buckets { buckets: fresh(buckets_for(n)), len: 0, generation: 0 }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many slots there are for elements.
    pub fn slots(&self) -> usize {
        self.buckets.len() * SLOTS
    }

    /// Bytes on the heap, without what the elements own.
    pub fn memory(&self) -> usize {
        size_of_val(&*self.buckets)
    }

    /// The element in this slot, if there is one.
    pub fn get_slot(&self, slot: usize) -> Option<&T> {
        self.buckets.get(slot / SLOTS)?.slots[slot % SLOTS].as_ref()
    }

    /// Another number each time that elements move to other slots.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// The number that masks a hash to its bucket; a table without buckets has none that it could reach.
    #[inline]
    fn mask(&self) -> usize {
        self.buckets.len().wrapping_sub(1)
    }

    /// Where the element with this hash is for which `eq` holds.
    #[inline]
    pub fn position(&self, hash: u64, eq: impl FnMut(&T) -> bool) -> Option<Position> {
        Some(self.search(hash, eq)?.0)
    }

    /// The element with this hash for which `eq` holds, and where it is.
    #[inline]
    fn search(&self, hash: u64, mut eq: impl FnMut(&T) -> bool) -> Option<(Position, &T)> {
        let at = hash as usize & self.mask();
        let bucket = self.buckets.get(at)?;
        match bucket.search(tag_of(hash), &mut eq) {
            Some((slot, value)) => Some((Position { bucket: at, slot }, value)),
            None if bucket.passed() == 0 => None,
            None => self.search_behind(at, hash, eq),
        }
    }

    /// As [`search`](Self::search), in the buckets behind the one of the hash, where few elements are.
    #[inline(never)]
    fn search_behind(&self, home: usize, hash: u64, mut eq: impl FnMut(&T) -> bool) -> Option<(Position, &T)> {
        let mask = self.mask();
        let mut at = (home + 1) & mask;
        // Counts that are full never go down: where all are, the number of buckets ends the search.
        while at != home {
            let bucket = &self.buckets[at];
            if let Some((slot, value)) = bucket.search(tag_of(hash), &mut eq) {
                return Some((Position { bucket: at, slot }, value));
            }
            if bucket.passed() == 0 {
                return None;
            }
            at = (at + 1) & mask;
        }
        None
    }

    /// The element at a position.
    #[inline]
    pub fn at(&self, position: Position) -> Option<&T> {
        self.buckets.get(position.bucket)?.slots[position.slot].as_ref()
    }

    /// The element at a position, to be changed without changing its hash.
    #[inline]
    pub fn at_mut(&mut self, position: Position) -> Option<&mut T> {
        self.buckets.get_mut(position.bucket)?.slots[position.slot].as_mut()
    }

    /// The element with this hash for which `eq` holds.
    #[inline]
    pub fn find(&self, hash: u64, eq: impl FnMut(&T) -> bool) -> Option<&T> {
        Some(self.search(hash, eq)?.1)
    }

    /// As [`find`](Self::find), to be changed without changing its hash.
    #[inline]
    pub fn find_mut(&mut self, hash: u64, mut eq: impl FnMut(&T) -> bool) -> Option<&mut T> {
        let at = hash as usize & self.mask();
        let bucket = self.buckets.get(at)?;
        match bucket.search(tag_of(hash), &mut eq) {
            Some((slot, _)) => self.buckets[at].slots[slot].as_mut(),
            None if bucket.passed() == 0 => None,
            None => {
                let (position, _) = self.search_behind(at, hash, eq)?;
                self.at_mut(position)
            }
        }
    }

    /// Adds an element known to be absent; shows it where it is now.
    #[inline]
    pub fn insert_unique(&mut self, hash: u64, value: T, hasher: impl Fn(&T) -> u64) -> &mut T {
        if self.len >= FULL * self.buckets.len() {
            self.resize((2 * self.buckets.len()).max(1), hasher);
        }
        self.len += 1;
        self.place(hash, value)
    }

    /// Puts an element into the first free slot from its bucket on; there is one.
    #[inline(always)]
    fn place(&mut self, hash: u64, value: T) -> &mut T {
        let at = hash as usize & self.mask();
        match self.buckets[at].free() {
            Some(slot) => self.buckets[at].fill(slot, tag_of(hash), value),
            None => self.place_behind(at, hash, value),
        }
    }

    /// As [`place`](Self::place), where its bucket is full.
    #[inline(never)]
    fn place_behind(&mut self, home: usize, hash: u64, value: T) -> &mut T {
        let mut at = home;
        let slot = loop {
            match self.buckets[at].free() {
                Some(slot) => break slot,
                None => self.buckets[at].pass(),
            }
            at = (at + 1) & self.mask();
        };
        self.buckets[at].fill(slot, tag_of(hash), value)
    }

    /// Moves all elements into this many buckets.
    #[cold]
    fn resize(&mut self, buckets: usize, hasher: impl Fn(&T) -> u64) {
        self.generation = self.generation.wrapping_add(1);
        for (hash, value) in hashed(std::mem::replace(&mut self.buckets, fresh(buckets)), self.len, hasher) {
            self.place(hash, value);
        }
    }

    /// Moves the elements for whose hash `moves` holds into a new table.
    pub fn split(&mut self, hasher: impl Fn(&T) -> u64, moves: impl Fn(u64) -> bool) -> Self {
        let (room, generation) = (self.len / 2 + self.len / 8, self.generation.wrapping_add(1));
        let fresh = || Self { generation, ..Self::with_capacity(room) };
        let mut moved = fresh();
        let old = std::mem::replace(self, fresh());
        for (hash, value) in hashed(old.buckets, old.len, &hasher) {
            let table = if moves(hash) { &mut moved } else { &mut *self };
            table.insert_unique(hash, value, &hasher);
        }
        moved
    }

    /// Takes all elements of another table. Their generation is one that neither had before.
    pub fn absorb(&mut self, other: Self, hasher: impl Fn(&T) -> u64) {
        let generation = self.generation.max(other.generation).wrapping_add(1);
        let fresh = Self { generation, ..Self::with_capacity(self.len + other.len) };
        for old in [std::mem::replace(self, fresh), other] {
            for (hash, value) in hashed(old.buckets, old.len, &hasher) {
                self.insert_unique(hash, value, &hasher);
            }
        }
    }

    /// Removes the element with this hash for which `eq` holds; may shrink.
    pub fn remove(&mut self, hash: u64, eq: impl FnMut(&T) -> bool, hasher: impl Fn(&T) -> u64) -> Option<T> {
        let position = self.position(hash, eq)?;
        self.remove_at(position, hash, hasher)
    }

    /// Removes the element at a position, whose hash this is; may shrink.
    pub fn remove_at(&mut self, position: Position, hash: u64, hasher: impl Fn(&T) -> u64) -> Option<T> {
        let mask = self.mask();
        let mut at = hash as usize & mask;
        while at != position.bucket {
            self.buckets[at].unpass();
            at = (at + 1) & mask;
        }
        let value = self.buckets[at].take(position.slot)?;
        self.len -= 1;
        let buckets = self.buckets.len();
        if buckets > SHRINK_MIN && self.len < buckets * SLOTS / 8 {
            self.resize(buckets_for(2 * self.len), hasher);
        }
        Some(value)
    }

    /// The elements in no useful order.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { buckets: self.buckets.iter(), slots: [].iter() }
    }

    /// Where an element is, all of them equally likely.
    pub fn random(&self, random: Random<'_>) -> Option<Position> {
        if self.is_empty() {
            return None;
        }
        let position = |slot| Position { bucket: slot / SLOTS, slot: slot % SLOTS };
        for _ in 0..TRIES {
            let slot = below(random, self.slots());
            if self.get_slot(slot).is_some() {
                return Some(position(slot));
            }
        }
        let filled = (0..self.slots()).filter(|&slot| self.get_slot(slot).is_some());
        filled.map(position).nth(below(random, self.len))
    }

    /// Shows about `count` elements to `visit`, going on from `cursor`; the next cursor, 0 at the end. Everything that is
    /// in the table during the whole scan is shown at least once. Cursors are below 2^[`CURSOR_BITS`], for a table of at
    /// most 2^20 buckets; one that was issued before elements moved (or never) starts again.
    pub fn scan(&self, cursor: u64, count: usize, mut visit: impl FnMut(&T)) -> u64 {
        let start = self.resume_at(cursor);
        let mut seen = 0;
        for (at, bucket) in self.buckets.iter().enumerate().skip(start) {
            if seen >= count.max(1) {
                return self.cursor_of(at);
            }
            for value in bucket.slots.iter().flatten() {
                visit(value);
                seen += 1;
            }
        }
        0
    }

    /// The bucket at which a scan goes on: that of its cursor, or the first one if elements have moved since.
    fn resume_at(&self, cursor: u64) -> usize {
        let bucket = (cursor & (self.buckets.len() as u64).wrapping_sub(1)) as usize;
        if cursor == self.cursor_of(bucket) { bucket } else { 0 }
    }

    /// `log2 of buckets | generation | bucket`: the fewer buckets, the more bits for the generation.
    fn cursor_of(&self, bucket: usize) -> u64 {
        let log2 = self.buckets.len().trailing_zeros().min(BUCKET_BITS - 1);
        let generation = u64::from(self.generation) & ((1 << (BUCKET_BITS - log2)) - 1);
        u64::from(log2) << BUCKET_BITS | generation << log2 | bucket as u64
    }
}

/// Bits of a cursor for bucket and generation.
const BUCKET_BITS: u32 = 20;

/// Bits of a cursor.
pub const CURSOR_BITS: u32 = BUCKET_BITS + 6;

/// The elements of a [`Buckets`].
#[derive(Debug, Clone)]
pub struct Iter<'a, T> {
    buckets: std::slice::Iter<'a, Bucket<T>>,
    slots: std::slice::Iter<'a, Option<T>>,
}

impl<T> Default for Iter<'_, T> {
    fn default() -> Self {
        Iter { buckets: [].iter(), slots: [].iter() }
    }
}

impl<'a, T> Iterator for Iter<'a, T> {
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<&'a T> {
        loop {
            if let Some(value) = self.slots.find_map(Option::as_ref) {
                return Some(value);
            }
            self.slots = self.buckets.next()?.slots.iter();
        }
    }

    #[inline]
    fn fold<A, F: FnMut(A, &'a T) -> A>(self, start: A, mut f: F) -> A {
        let start = self.slots.flatten().fold(start, &mut f);
        self.buckets.fold(start, |folded, bucket| bucket.slots.iter().flatten().fold(folded, &mut f))
    }
}

/// Random slots tried before [`Buckets::random`] counts elements instead: a large table is never emptier than about 1/10.
const TRIES: usize = 100;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::super::hashing::hash_bytes;
    use super::*;

    fn hash(value: &u32) -> u64 {
        hash_bytes(7, &value.to_le_bytes())
    }

    /// All in a few buckets, with few tags: everything passes something by.
    fn poor_hash(value: &u32) -> u64 {
        u64::from(value % 3) | u64::from(value % 5) << 24
    }

    /// The counts say how many elements passed each bucket by, and tags say what is in the slots.
    fn check(table: &Buckets<u32>, hash: fn(&u32) -> u64) {
        let mask = table.mask();
        let mut passed = vec![0; table.buckets.len()];
        for (at, bucket) in table.buckets.iter().enumerate() {
            for (slot, value) in bucket.slots.iter().enumerate() {
                let tag = (bucket.tags >> (8 * slot)) as u8;
                assert_eq!(tag, value.as_ref().map_or(0, |value| tag_of(hash(value))));
                let mut home = value.as_ref().map_or(at, |value| hash(value) as usize & mask);
                while home != at {
                    passed[home] += 1;
                    home = (home + 1) & mask;
                }
            }
        }
        for (bucket, passed) in table.buckets.iter().zip(passed) {
            let counted = bucket.passed();
            assert!(counted == PASSED_MAX || counted == passed, "{counted} {passed}");
        }
        assert_eq!(table.iter().count(), table.len());
    }

    #[test]
    fn a_bucket_is_a_cache_line() {
        assert_eq!((size_of::<Bucket<Box<u32>>>(), align_of::<Bucket<Box<u32>>>()), (64, 64));
        assert!(size_of::<Buckets<Box<u32>>>() <= 32);
    }

    #[test]
    fn an_empty_table_has_nothing() {
        let mut table = Buckets::<u32>::new();
        assert_eq!(table.find(5, |_| true), None);
        assert_eq!(table.remove(5, |_| true, hash), None);
        assert_eq!(table.random(&mut || 1), None);
        assert_eq!(table.scan(0, 10, |_| ()), 0);
        table.insert_unique(5, 5, hash);
        assert_eq!(table.random(&mut || 0).and_then(|position| table.at(position)), Some(&5));
    }

    #[test]
    fn it_shrinks_again() {
        let mut table = Buckets::new();
        (0..10_000).for_each(|i| assert_eq!(*table.insert_unique(hash(&i), i, hash), i));
        assert!(table.slots() < 10_000 * 7 / 2);
        (10..10_000).for_each(|i| assert_eq!(table.remove(hash(&i), |value| *value == i, hash), Some(i)));
        assert!(table.slots() <= 2 * SHRINK_MIN * SLOTS, "{}", table.slots());
        check(&table, hash);
    }

    #[test]
    fn a_search_among_full_counts_ends() {
        let mut table = Buckets::new();
        (0..6).for_each(|i| _ = table.insert_unique(0, i, |_| 0));
        table.buckets.iter_mut().for_each(|bucket| bucket.tags |= PASSED_MAX << PASSED_SHIFT);
        assert_eq!(table.find(1, |_| false), None);
    }

    proptest! {
        #[test]
        fn it_is_a_set(steps in prop::collection::vec((any::<bool>(), 0..200_u32), 0..600), poor: bool) {
            let hash = if poor { poor_hash } else { hash };
            let (mut table, mut model) = (Buckets::new(), HashSet::new());
            for (insert, value) in steps {
                if !insert {
                    let removed = table.remove(hash(&value), |other| *other == value, hash);
                    prop_assert_eq!(removed.is_some(), model.remove(&value));
                } else if model.insert(value) {
                    table.insert_unique(hash(&value), value, hash);
                }
                prop_assert_eq!(table.find(hash(&value), |other| *other == value).is_some(), model.contains(&value));
            }
            check(&table, hash);
            prop_assert_eq!(table.iter().copied().collect::<HashSet<_>>(), model.clone());
            let before = table.generation;
            let odd = table.split(hash, |hash| hash >> 24 & 1 == 1);
            check(&odd, hash);
            check(&table, hash);
            prop_assert!(odd.iter().all(|value| hash(value) >> 24 & 1 == 1) && table.generation != before);
            prop_assert_eq!(table.iter().chain(odd.iter()).copied().collect::<HashSet<_>>(), model.clone());
            let before = [before, table.generation, odd.generation];
            table.absorb(odd, hash);
            check(&table, hash);
            prop_assert!(!before.contains(&table.generation));
            prop_assert_eq!(table.iter().copied().collect::<HashSet<_>>(), model);
        }

        /// Elements that stay during a whole scan are seen, whatever else comes and goes.
        #[test]
        fn a_scan_misses_nothing(size in 0..600_u32, steps in prop::collection::vec((any::<bool>(), 0..400_u32), 0..40), count in 1..50_usize) {
            let mut table = Buckets::new();
            (0..size).for_each(|i| _ = table.insert_unique(hash(&i), i, hash));
            let mut stay: HashSet<u32> = (0..size).collect();
            let (mut seen, mut cursor, mut steps) = (HashSet::new(), 0, steps.into_iter());
            let mut more = size;
            loop {
                cursor = table.scan(cursor, count, |value| _ = seen.insert(*value));
                if cursor == 0 { break; }
                prop_assert!(cursor < 1 << CURSOR_BITS);
                match steps.next() {
                    Some((true, n)) => (0..n).for_each(|_| { more += 1; table.insert_unique(hash(&more), more, hash); }),
                    Some((false, n)) => (n..size).step_by(2).for_each(|i| {
                        table.remove(hash(&i), |value| *value == i, hash);
                        stay.remove(&i);
                    }),
                    None => {}
                }
            }
            prop_assert!(stay.is_subset(&seen));
        }
    }
}
