//! The keys of one shard: databases, each a row of small hash tables. No commands and no locks.
//!
//! A database grows by splitting one of its tables at a time (linear hashing, Litwin 1980), so that
//! no single insertion ever moves more than about twice [`SPLIT_AT`] entries.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redipy_command::number::parse_int;

use crate::data::buckets::Buckets;
use crate::data::table::{Random, below, hash_bytes};
use crate::entry::Entry;
use crate::object::Object;

/// The tables of an empty database, as a power of two.
const FIRST_LEVEL: u32 = 4;

/// Average entries per table at which one more table is split off. A table that waits for its turn has up to twice as
/// many, for which its 256 buckets are just enough.
const SPLIT_AT: usize = 725;

/// Bits of a scan cursor for the bucket inside a table and its generation, and for the table.
const BUCKET_BITS: u32 = 20;
const TABLE_CURSOR_BITS: u32 = BUCKET_BITS + 6;
const TABLE_BITS: u32 = 16;

/// The bits of a cursor that [`Db::scan`] gives.
pub(crate) const CURSOR_BITS: u32 = TABLE_BITS + TABLE_CURSOR_BITS;

/// A key with its hash: hashed once, on its way in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hashed<'a> {
    pub(crate) key: &'a [u8],
    pub(crate) hash: u64,
}

/// Says that a watched key was changed.
pub(crate) type Watcher = Arc<AtomicBool>;

/// The part of the data that one lock protects: the same keys of all databases.
pub(crate) struct Shard {
    /// Database 0 is always there, the others from their first use.
    first: Db,
    others: Vec<Option<Box<Db>>>,
    seed: u64,
}

impl Shard {
    pub(crate) fn new(seed: u64) -> Self {
        Self { first: Db::new(seed), others: Vec::new(), seed }
    }

    /// This database, if it was ever used.
    #[inline]
    pub(crate) fn db(&self, index: usize) -> Option<&Db> {
        if index == 0 { Some(&self.first) } else { self.others.get(index - 1)?.as_deref() }
    }

    /// This database.
    #[inline]
    pub(crate) fn db_mut(&mut self, index: usize) -> &mut Db {
        if index == 0 { &mut self.first } else { self.other_mut(index) }
    }

    #[cold]
    fn other_mut(&mut self, index: usize) -> &mut Db {
        if self.others.len() < index {
            self.others.resize_with(index, || None);
        }
        self.others[index - 1].get_or_insert_with(|| Box::new(Db::new(self.seed)))
    }

    /// All databases that were ever used.
    pub(crate) fn dbs_mut(&mut self) -> impl Iterator<Item = &mut Db> {
        std::iter::once(&mut self.first).chain(self.others.iter_mut().flatten().map(|db| &mut **db))
    }
}

/// The keys of one database in one shard.
pub(crate) struct Db {
    tables: Vec<Buckets<Entry>>,
    /// `2^level` tables were there when the current round of splitting began.
    level: u32,
    len: usize,
    /// How many keys have a deadline.
    expiring: usize,
    seed: u64,
    watched: HashMap<Box<[u8]>, Vec<Watcher>>,
    /// Where the next sweep goes on.
    sweep: (usize, usize),
}

impl Db {
    fn new(seed: u64) -> Self {
        let tables = (0..1 << FIRST_LEVEL).map(|_| Buckets::new()).collect();
        Self { tables, level: FIRST_LEVEL, len: 0, expiring: 0, seed, watched: HashMap::new(), sweep: (0, 0) }
    }

    /// How many keys there are, expired ones that were not removed yet included.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// How many keys have a deadline.
    pub(crate) fn expiring(&self) -> usize {
        self.expiring
    }

    /// Which table holds this hash: one bit more of it counts where that table was split off already.
    #[inline]
    fn table_of(&self, bits: usize) -> usize {
        let high = (2 << self.level) - 1;
        let index = bits & high;
        if index < self.tables.len() { index } else { bits & (high >> 1) }
    }

    /// How many bits of the hash all entries of this table share.
    fn depth(&self, table: usize) -> u32 {
        let split = self.tables.len() - (1 << self.level);
        if table < split || table >= 1 << self.level { self.level + 1 } else { self.level }
    }

    /// The bits of a hash that choose a table; shard, bucket and tag take others.
    #[inline]
    fn table_bits(hash: u64) -> usize {
        (hash >> 32) as u16 as usize
    }

    #[inline]
    fn place(&self, hash: u64) -> usize {
        self.table_of(Self::table_bits(hash))
    }

    /// The entry of a key.
    #[inline]
    pub(crate) fn get(&self, key: Hashed<'_>) -> Option<&Entry> {
        self.tables[self.place(key.hash)].find(key.hash, |entry| entry.has_key(key.key))
    }

    /// The entry of a key, to be changed; its deadline only through [`set_deadline`](Self::set_deadline).
    #[inline]
    pub(crate) fn get_mut(&mut self, key: Hashed<'_>) -> Option<&mut Entry> {
        let place = self.place(key.hash);
        self.tables[place].find_mut(key.hash, |entry| entry.has_key(key.key))
    }

    /// The entry of a key; a missing one is made.
    #[inline]
    pub(crate) fn get_or_insert(&mut self, key: Hashed<'_>, make: impl FnOnce() -> Entry) -> &mut Entry {
        let place = self.place(key.hash);
        let found = self.tables[place].position(key.hash, |entry| entry.has_key(key.key));
        let Some(position) = found else { return self.insert(key.hash, make()) };
        self.tables[place].at_mut(position).unwrap_or_else(|| unreachable!("it was just found"))
    }

    /// Sets the value of a key; its deadline stays.
    pub(crate) fn set(&mut self, key: Hashed<'_>, object: Object) {
        match self.get_mut(key) {
            Some(entry) => entry.set(object),
            None => drop(self.insert(key.hash, Entry::new(key.key, object))),
        }
    }

    /// Sets the string of a key; its deadline stays.
    pub(crate) fn set_string(&mut self, key: Hashed<'_>, bytes: &[u8]) {
        if let Some(int) = parse_int(bytes) {
            return self.set(key, Object::Int(int));
        }
        match self.get_mut(key) {
            Some(entry) => entry.set_bytes(bytes),
            None => drop(self.insert(key.hash, Entry::with_bytes(key.key, bytes))),
        }
    }

    /// Adds an entry whose key is not there.
    pub(crate) fn insert(&mut self, hash: u64, entry: Entry) -> &mut Entry {
        if self.len >= self.tables.len() * SPLIT_AT && self.tables.len() < 1 << TABLE_BITS {
            self.split();
        }
        self.len += 1;
        self.expiring += usize::from(entry.deadline().is_some());
        let (place, seed) = (self.place(hash), self.seed);
        self.tables[place].insert_unique(hash, entry, |entry| hash_bytes(seed, entry.key()))
    }

    /// Moves half of the next table into a new one.
    #[cold]
    fn split(&mut self) {
        let (from, seed, level) = (self.tables.len() - (1 << self.level), self.seed, self.level);
        let hash = |entry: &Entry| hash_bytes(seed, entry.key());
        let to = self.tables[from].split(hash, |hash| Self::table_bits(hash) >> level & 1 == 1);
        self.tables.push(to);
        if self.tables.len() == 2 << self.level {
            self.level += 1;
        }
    }

    /// Removes a key.
    pub(crate) fn remove(&mut self, key: Hashed<'_>) -> Option<Entry> {
        let (place, seed) = (self.place(key.hash), self.seed);
        let hasher = |entry: &Entry| hash_bytes(seed, entry.key());
        let entry = self.tables[place].remove(key.hash, |entry| entry.has_key(key.key), hasher)?;
        self.len -= 1;
        self.expiring -= usize::from(entry.deadline().is_some());
        Some(entry)
    }

    /// Sets or removes the deadline of a key; whether the key is there.
    pub(crate) fn set_deadline(&mut self, key: Hashed<'_>, deadline: Option<i64>) -> bool {
        let Some(entry) = self.get_mut(key) else { return false };
        let before = entry.deadline().is_some();
        entry.set_deadline(deadline);
        self.expiring = self.expiring + usize::from(deadline.is_some()) - usize::from(before);
        true
    }

    /// Removes all keys and tells their watchers.
    pub(crate) fn clear(&mut self) {
        for key in self.watched.keys() {
            if self.get(Hashed { key, hash: hash_bytes(self.seed, key) }).is_some() {
                self.touch(key);
            }
        }
        let fresh = Db::new(self.seed);
        let watched = std::mem::take(&mut self.watched);
        *self = Db { watched, ..fresh };
    }

    /// All entries, in no useful order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.tables.iter().flat_map(Buckets::iter)
    }

    /// An entry, all of them about equally likely.
    pub(crate) fn random(&self, random: Random<'_>) -> Option<&Entry> {
        let mut nth = below(random, self.len);
        let table = self.tables.iter().find(|table| {
            let here = nth < table.len();
            nth = nth.wrapping_sub(if here { 0 } else { table.len() });
            here
        })?;
        table.random(random)
    }

    /// Shows about `count` entries to `visit`, going on from `cursor`; the next cursor, 0 at the end.
    ///
    /// Tables are visited in the order of their reversed index, in which a table is followed at once
    /// by those that were split off it: nothing that stays is missed however the database grows.
    pub(crate) fn scan(&self, cursor: u64, count: usize, mut visit: impl FnMut(&Entry)) -> u64 {
        let mut position = cursor >> TABLE_CURSOR_BITS & ((1 << TABLE_BITS) - 1);
        let mut inner = cursor & ((1 << TABLE_CURSOR_BITS) - 1);
        let mut seen = 0;
        while seen < count {
            let reversed = (position as u16).reverse_bits() as usize;
            let table = self.table_of(reversed);
            let left = count - seen;
            let see = |entry: &Entry| {
                seen += 1;
                visit(entry);
            };
            inner = self.tables[table].scan_within::<BUCKET_BITS>(inner, left, see);
            if inner == 0 {
                position += 1 << (TABLE_BITS - self.depth(table));
                if position >= 1 << TABLE_BITS {
                    return 0;
                }
            }
        }
        position << TABLE_CURSOR_BITS | inner
    }

    /// Looks at about `budget` slots, going on where it last ended, and removes what has expired.
    pub(crate) fn sweep(&mut self, now: i64, budget: usize) {
        let mut looked = 0;
        while looked < budget && self.expiring > 0 {
            let (table, slot) = self.sweep;
            let slots = self.tables[table].slots();
            let end = slots.min(slot + budget - looked);
            for slot in slot..end {
                self.remove_expired_in(table, slot, now);
            }
            // An empty table costs a look as well, so that the loop ends.
            looked += (end - slot.min(end)).max(1);
            self.sweep = if end < slots { (table, end) } else { ((table + 1) % self.tables.len(), 0) };
        }
    }

    fn remove_expired_in(&mut self, table: usize, slot: usize, now: i64) {
        let Some(entry) = self.tables[table].get_slot(slot) else { return };
        if entry.deadline().is_none_or(|deadline| deadline > now) {
            return;
        }
        let key = entry.key().to_vec();
        self.expire(Hashed { key: &key, hash: hash_bytes(self.seed, &key) });
    }

    /// Removes a key whose deadline has passed.
    pub(crate) fn expire(&mut self, key: Hashed<'_>) {
        self.remove(key);
        self.touch(key.key);
    }

    /// Removes this key if its deadline has passed.
    #[cold]
    pub(crate) fn expire_if_due(&mut self, key: Hashed<'_>, now: impl FnOnce() -> i64) {
        let deadline = self.get(key).and_then(Entry::deadline);
        if deadline.is_some_and(|deadline| deadline <= now()) {
            self.expire(key);
        }
    }

    /// Removes every key whose deadline has passed.
    pub(crate) fn expire_all(&mut self, now: i64) {
        if self.expiring == 0 {
            return;
        }
        let due = |entry: &&Entry| entry.deadline().is_some_and(|deadline| deadline <= now);
        let keys: Vec<_> = self.iter().filter(due).map(|entry| entry.key().to_vec()).collect();
        keys.iter().for_each(|key| self.expire(Hashed { key, hash: hash_bytes(self.seed, key) }));
    }

    /// Whether nobody watches a key and none expires: then a change of a key concerns nobody else.
    #[inline]
    pub(crate) fn is_quiet(&self) -> bool {
        self.watched.is_empty() && self.expiring == 0
    }

    /// Tells the watchers of a key that it was changed.
    #[inline]
    pub(crate) fn touch(&self, key: &[u8]) {
        if !self.watched.is_empty() {
            self.watched.get(key).into_iter().flatten().for_each(|watcher| watcher.store(true, Ordering::Release));
        }
    }

    /// Tells this watcher when the key is changed.
    pub(crate) fn watch(&mut self, key: &[u8], watcher: &Watcher) {
        self.watched.entry(key.into()).or_default().push(watcher.clone());
    }

    /// Tells this watcher no more.
    pub(crate) fn unwatch(&mut self, key: &[u8], watcher: &Watcher) {
        if let Some(watchers) = self.watched.get_mut(key) {
            watchers.retain(|other| !Arc::ptr_eq(other, watcher));
            if watchers.is_empty() {
                self.watched.remove(key);
            }
        }
    }
}
