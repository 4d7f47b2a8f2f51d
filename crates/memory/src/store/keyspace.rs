//! The keys of one shard: databases, each a [`Table`] with deadlines and watchers. No commands and no locks.

use redipy_command::number::parse_int;

use crate::data::table::{HasText, Random, Table, hash_bytes};
use crate::listen::hub::Wakers;
use crate::listen::watchers::{Watcher, Watchers};
use crate::store::concerns::Concerns;
use crate::store::deadlines::Deadlines;
use crate::store::deferred::Deferred;
use crate::store::entry::Entry;
use crate::store::object::Object;

/// The small tables of an empty database, as a power of two.
const LEAST: u32 = 4;

/// A key with its hash: hashed once, on its way in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hashed<'a> {
    pub(crate) key: &'a [u8],
    pub(crate) hash: u64,
}

/// The part of the data that one lock protects: the same keys of all databases.
pub(crate) struct Shard {
    /// Database 0 is always there, the others from their first use.
    first: Db,
    others: Vec<Option<Box<Db>>>,
    seed: u64,
    /// Whom changes concern in every database.
    concerns: Concerns,
}

impl Shard {
    /// Empty databases, whose changes concern these from the start.
    pub(crate) fn new(seed: u64, concerns: Concerns) -> Self {
        Self { first: Db::new(seed, concerns), others: Vec::new(), seed, concerns }
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
        self.others[index - 1].get_or_insert_with(|| Box::new(Db::new(self.seed, self.concerns)))
    }

    /// All databases that were ever used, with their numbers.
    pub(crate) fn dbs_mut(&mut self) -> impl Iterator<Item = (usize, &mut Db)> {
        let others = self.others.iter_mut().zip(1..).filter_map(|(db, index)| Some((index, &mut **db.as_mut()?)));
        std::iter::once((0, &mut self.first)).chain(others)
    }

    /// Whether there may be something to do once the shard is unlocked: a look at the database that everybody uses.
    #[inline]
    pub(crate) fn may_have_deferred(&self) -> bool {
        self.first.deferred.is_some() | !self.others.is_empty()
    }

    /// Takes what is to be done once the shard is unlocked, if there is anything.
    pub(crate) fn take_deferred(&mut self) -> Option<Deferred> {
        self.dbs_mut().filter_map(|(_, db)| db.deferred.take()).reduce(Deferred::and)
    }
}

/// The keys of one database in one shard.
pub(crate) struct Db {
    table: Table<Entry>,
    /// How many keys have a deadline.
    expiring: usize,
    seed: u64,
    /// Whom a change of a key concerns.
    concerns: Concerns,
    watched: Watchers,
    /// In which small tables keys expire, and when.
    deadlines: Deadlines,
    /// What is to be done once the shard is unlocked.
    deferred: Option<Deferred>,
}

impl HasText for Entry {
    #[inline]
    fn text(&self) -> &[u8] {
        self.key()
    }
}

/// What gives tables the hash of an entry.
fn hasher(seed: u64) -> impl Fn(&Entry) -> u64 {
    move |entry| hash_bytes(seed, entry.key())
}

impl Db {
    fn new(seed: u64, concerns: Concerns) -> Self {
        let table = Table::new(LEAST);
        let deadlines = Deadlines::of(table.tables().len());
        Self { table, expiring: 0, seed, concerns, watched: Watchers::default(), deadlines, deferred: None }
    }

    /// How many keys there are, expired ones that were not removed yet included.
    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    /// How many keys have a deadline.
    pub(crate) fn expiring(&self) -> usize {
        self.expiring
    }

    /// The entry of a key.
    #[inline]
    pub(crate) fn get(&self, key: Hashed<'_>) -> Option<&Entry> {
        self.table.find_text(key.hash, key.key)
    }

    /// The entry of a key, to be changed; its deadline only through [`set_deadline`](Self::set_deadline).
    #[inline]
    pub(crate) fn get_mut(&mut self, key: Hashed<'_>) -> Option<&mut Entry> {
        self.table.find_mut(key.hash, |entry| entry.has_key(key.key))
    }

    /// The entry of a key; a missing one is made.
    #[inline]
    pub(crate) fn get_or_insert(&mut self, key: Hashed<'_>, make: impl FnOnce() -> Entry) -> &mut Entry {
        let found = self.table.position(key.hash, |entry| entry.has_key(key.key));
        let Some(spot) = found else { return self.insert(key.hash, make()) };
        self.table.at_mut(spot).unwrap_or_else(|| unreachable!("it was just found"))
    }

    /// Sets the value of a key; its deadline stays.
    pub(crate) fn set(&mut self, key: Hashed<'_>, object: Object) {
        match self.table.find_mut(key.hash, |entry| entry.has_key(key.key)) {
            Some(entry) => entry.set(object, &mut self.deferred),
            None => drop(self.insert(key.hash, Entry::new(key.key, object))),
        }
    }

    /// Sets the string of a key; its deadline stays.
    pub(crate) fn set_string(&mut self, key: Hashed<'_>, bytes: &[u8]) {
        if let Some(int) = parse_int(bytes) {
            return self.set(key, Object::Int(int));
        }
        match self.table.find_mut(key.hash, |entry| entry.has_key(key.key)) {
            Some(entry) => entry.set_bytes(bytes, &mut self.deferred),
            None => drop(self.insert(key.hash, Entry::with_bytes(key.key, bytes))),
        }
    }

    /// Adds an entry whose key is not there.
    pub(crate) fn insert(&mut self, hash: u64, entry: Entry) -> &mut Entry {
        if let Some(from) = self.table.grow(hasher(self.seed)) {
            self.deadlines.split(from);
        }
        if let Some(deadline) = entry.deadline() {
            self.count_expiring(1);
            self.deadlines.add(self.table.table_of(hash), deadline);
        }
        self.table.put(hash, entry, hasher(self.seed))
    }

    /// Takes a key out; what it held is the caller's.
    pub(crate) fn remove(&mut self, key: Hashed<'_>) -> Option<Entry> {
        self.remove_where(key.hash, |entry| entry.has_key(key.key))
    }

    fn remove_where(&mut self, hash: u64, eq: impl FnMut(&Entry) -> bool) -> Option<Entry> {
        let entry = self.table.take(hash, eq, hasher(self.seed))?;
        if entry.deadline().is_some() {
            self.count_expiring(-1);
        }
        if let Some(merged) = self.table.shrink(hasher(self.seed)) {
            self.deadlines.merge(merged);
        }
        Some(entry)
    }

    /// So many keys more have a deadline.
    fn count_expiring(&mut self, more: isize) {
        self.expiring = self.expiring.wrapping_add_signed(more);
        self.concerns.set(Concerns::EXPIRING, self.expiring > 0);
    }

    /// Removes a key with what it held, which is freed once the shard is unlocked if that takes long; whether it was there.
    pub(crate) fn discard(&mut self, key: Hashed<'_>) -> bool {
        let Some(mut entry) = self.remove(key) else { return false };
        entry.discard_value(&mut self.deferred);
        true
    }

    /// Has what was discarded until now freed by the caller, and not by another thread.
    pub(crate) fn free_here(&mut self) {
        if let Some(deferred) = &mut self.deferred {
            deferred.free_here();
        }
    }

    /// Sets or removes the deadline of a key; whether the key is there.
    pub(crate) fn set_deadline(&mut self, key: Hashed<'_>, deadline: Option<i64>) -> bool {
        let Some(entry) = self.get_mut(key) else { return false };
        let before = entry.deadline().is_some();
        entry.set_deadline(deadline);
        self.count_expiring(isize::from(deadline.is_some()) - isize::from(before));
        if let Some(deadline) = deadline {
            self.deadlines.add(self.table.table_of(key.hash), deadline);
        }
        true
    }

    /// Removes all keys and tells their watchers.
    pub(crate) fn clear(&mut self) {
        let mut watched = std::mem::take(&mut self.watched);
        watched.touch_all(|key| self.get(Hashed { key, hash: hash_bytes(self.seed, key) }).is_some());
        let mut concerns = self.concerns;
        concerns.set(Concerns::EXPIRING, false);
        let old = std::mem::replace(self, Db { watched, ..Db::new(self.seed, concerns) });
        self.deferred = old.deferred;
        Deferred::free(&mut self.deferred, old.table);
    }

    /// As [`clear`](Self::clear); the memory is free when the command is done unless it is freed `lazily`.
    pub(crate) fn flush(&mut self, lazily: bool) {
        self.clear();
        if !lazily {
            self.free_here();
        }
    }

    /// All entries, in no useful order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.table.iter()
    }

    /// An entry, all of them equally likely.
    pub(crate) fn random(&self, random: Random<'_>) -> Option<&Entry> {
        self.table.random(random)
    }

    /// Shows about `count` entries to `visit`, going on from `cursor`; the next cursor, 0 at the end; see [`Table::scan`].
    pub(crate) fn scan(&self, cursor: u64, count: usize, visit: impl FnMut(&Entry)) -> u64 {
        self.table.scan(cursor, count, visit)
    }

    /// Removes expired keys where there are any, and shows them to `removed`, until about `budget` slots were looked at.
    /// Gives how many were: none when no deadline has passed.
    pub(crate) fn sweep(&mut self, now: i64, budget: usize, removed: &mut dyn FnMut(&mut Db, &[u8])) -> usize {
        let mut looked = 0;
        while looked < budget && self.expiring > 0 {
            let Some(table) = self.deadlines.next_due(now) else { break };
            let (slots, generation) = self.order_of(table);
            let start = self.deadlines.start(generation);
            let mut slot = start;
            while slot < slots && slot - start < budget - looked && self.order_of(table) == (slots, generation) {
                self.look_at(table, slot, now, removed);
                slot += 1;
            }
            // An empty table counts as well, so that the loop ends.
            looked += (slot - start).max(1);
            self.deadlines.looked(slot, slots, self.order_of(table) == (slots, generation));
        }
        looked
    }

    /// How many slots a small table has, and which order of its elements this is; none where it was merged with another.
    fn order_of(&self, table: usize) -> (usize, u32) {
        self.table.tables().get(table).map_or((0, 0), |table| (table.slots(), table.generation()))
    }

    /// Removes what is in a slot if it has expired, and counts its deadline otherwise.
    fn look_at(&mut self, table: usize, slot: usize, now: i64, removed: &mut dyn FnMut(&mut Db, &[u8])) {
        let Some(entry) = self.table.tables().get(table).and_then(|table| table.get_slot(slot)) else { return };
        match entry.deadline() {
            None => {}
            Some(deadline) if deadline > now => self.deadlines.add(table, deadline),
            Some(_) => {
                let key = entry.key().to_vec();
                self.expire(Hashed { key: &key, hash: hash_bytes(self.seed, &key) });
                removed(self, &key);
            }
        }
    }

    /// No key expires before this, in Unix milliseconds; `None` where none expires at all.
    pub(crate) fn next_deadline(&self) -> Option<i64> {
        (self.expiring > 0).then(|| self.deadlines.earliest())
    }

    /// Removes a key whose deadline has passed, and tells its watchers.
    fn expire(&mut self, key: Hashed<'_>) {
        self.discard(key);
        self.touch(key);
    }

    /// Removes this key if its deadline has passed; whether it has.
    #[cold]
    pub(crate) fn expire_if_due(&mut self, key: Hashed<'_>, now: impl FnOnce() -> i64) -> bool {
        let deadline = self.get(key).and_then(Entry::deadline);
        let is_due = deadline.is_some_and(|deadline| deadline <= now());
        if is_due {
            self.expire(key);
        }
        is_due
    }

    /// Removes the key with this hash whose deadline has passed, and gives it, if there is one.
    #[cold]
    pub(crate) fn expire_by_hash(&mut self, hash: u64, now: i64) -> Option<Entry> {
        let due = |entry: &Entry| entry.deadline().is_some_and(|deadline| deadline <= now);
        let mut entry = self.remove_where(hash, due)?;
        entry.discard_value(&mut self.deferred);
        self.touch(Hashed { key: entry.key(), hash });
        Some(entry)
    }

    /// Whom a change of a key concerns.
    #[inline]
    pub(crate) fn concerns(&self) -> Concerns {
        self.concerns
    }

    /// Wakes these once the shard is unlocked.
    pub(crate) fn wake_later(&mut self, wakers: Option<Wakers>) {
        if let Some(wakers) = wakers {
            Deferred::wake(&mut self.deferred, wakers);
        }
    }

    /// Tells the watchers of a key that it was changed.
    #[inline]
    pub(crate) fn touch(&mut self, key: Hashed<'_>) {
        if !self.watched.is_empty() {
            self.tell_watchers(key);
        }
    }

    #[cold]
    fn tell_watchers(&mut self, key: Hashed<'_>) {
        let is_there = self.get(key).is_some();
        self.watched.touch(key.key, is_there);
    }

    /// Tells this watcher when the key is changed; whether its deadline has passed `now`.
    pub(crate) fn watch(&mut self, key: Hashed<'_>, watcher: &Watcher, now: i64) -> bool {
        let deadline = self.get(key).and_then(Entry::deadline);
        let has_expired = deadline.is_some_and(|deadline| deadline <= now);
        self.watched.add(key.key, watcher, has_expired);
        self.concerns.set(Concerns::WATCHED, true);
        has_expired
    }

    /// Tells this watcher no more.
    pub(crate) fn unwatch(&mut self, key: &[u8], watcher: &Watcher) {
        self.watched.remove(key, watcher);
        self.concerns.set(Concerns::WATCHED, !self.watched.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::Ordering;

    use proptest::prelude::*;

    use super::*;
    use crate::data::config::CollectionConfig;
    use crate::data::list::{End, List};
    use crate::data::packed::Item;
    use crate::data::zset::ZSet;

    const SEED: u64 = 7;

    fn hashed(key: &[u8]) -> Hashed<'_> {
        Hashed { key, hash: hash_bytes(SEED, key) }
    }

    /// What is done to a database: to key number `.0`, or to all.
    #[derive(Debug, Clone)]
    enum Step {
        Set(u16),
        Remove(u16),
        Deadline(u16, Option<i64>),
        Sweep(i64, usize),
    }

    fn any_step() -> impl Strategy<Value = Step> {
        let key = 0..3000_u16;
        prop_oneof![
            4 => key.clone().prop_map(Step::Set),
            2 => key.clone().prop_map(Step::Remove),
            4 => (key, prop::option::weighted(0.8, 1..100_i64)).prop_map(|(key, at)| Step::Deadline(key, at)),
            1 => (0..110_i64, 1..300_usize).prop_map(|(now, budget)| Step::Sweep(now, budget)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// However a database grows, shrinks and is swept in parts: what has expired is found, nothing else goes.
        #[test]
        fn a_sweep_finds_what_has_expired(steps in prop::collection::vec(any_step(), 0..400), first in 0..3000_u16) {
            let (mut db, mut model) = (Db::new(SEED, Concerns::default()), BTreeMap::<u16, Option<i64>>::new());
            for key in 0..first {
                db.set_string(hashed(&key.to_be_bytes()), b"v");
                model.insert(key, None);
            }
            for step in steps {
                match step {
                    Step::Set(key) => {
                        db.set_string(hashed(&key.to_be_bytes()), b"v");
                        model.entry(key).or_insert(None);
                    }
                    Step::Remove(key) => {
                        prop_assert_eq!(db.discard(hashed(&key.to_be_bytes())), model.remove(&key).is_some());
                    }
                    Step::Deadline(key, at) => {
                        db.set_deadline(hashed(&key.to_be_bytes()), at);
                        model.entry(key).and_modify(|deadline| *deadline = at);
                    }
                    Step::Sweep(now, budget) => {
                        db.sweep(now, budget, &mut |_, _| {});
                        // A sweep that is limited may leave some: what is gone had expired.
                        let gone = |key: &u16| db.get(hashed(&key.to_be_bytes())).is_none();
                        for key in model.keys().copied().filter(gone).collect::<Vec<_>>() {
                            prop_assert!(model.remove(&key).flatten().is_some_and(|deadline| deadline <= now));
                        }
                    }
                }
                let next = model.values().copied().flatten().min();
                prop_assert!(next.is_none_or(|next| db.next_deadline().is_some_and(|bound| bound <= next)));
                prop_assert_eq!(db.len(), model.len());
            }
            while db.sweep(50, 100, &mut |_, _| {}) > 0 {}
            model.retain(|_, deadline| deadline.is_none_or(|deadline| deadline > 50));
            prop_assert_eq!(db.len(), model.len());
            prop_assert_eq!(db.expiring(), model.values().flatten().count());
        }
    }

    fn large() -> Object {
        let mut list = List::new();
        (0..1000).for_each(|_| list.push(End::Right, Item::from(&b"element"[..]), &CollectionConfig::DEFAULT));
        list.into()
    }

    /// However a large value goes, it is kept until the shard is unlocked.
    #[test]
    fn large_values_are_not_freed_under_the_lock() {
        let ways: [fn(&mut Db); 7] = [
            |db| assert!(db.discard(hashed(b"k"))),
            |db| db.set(hashed(b"k"), Object::Int(1)),
            |db| db.set(hashed(b"k"), large()),
            |db| db.set_string(hashed(b"k"), b"short"),
            |db| db.set_string(hashed(b"k"), b"17"),
            |db| db.clear(),
            |db| {
                db.set_deadline(hashed(b"k"), Some(1));
                assert!(db.sweep(2, 1000, &mut |_, _| {}) > 0 && db.len() == 0);
            },
        ];
        for (number, way) in ways.into_iter().enumerate() {
            let mut shard = Shard::new(SEED, Concerns::default());
            for index in [0, 3] {
                shard.db_mut(index).set(hashed(b"k"), large());
                shard.db_mut(index).set_string(hashed(b"small"), b"v");
                shard.db_mut(index).discard(hashed(b"small"));
                assert!(shard.take_deferred().is_none());
                way(shard.db_mut(index));
                assert!(shard.take_deferred().is_some(), "way {number}");
                assert!(shard.take_deferred().is_none());
            }
        }
    }

    /// A sorted set keeps the memory of members that were removed, and frees it in one go: not under the lock either.
    #[test]
    fn a_sorted_set_that_was_large_is_not_freed_under_the_lock() {
        let (mut zset, config) = (ZSet::new(), CollectionConfig::DEFAULT);
        let names: Vec<[u8; 4]> = (0..1000_u32).map(u32::to_be_bytes).collect();
        names.iter().for_each(|name| _ = zset.insert(name, 1.0, &config));
        names.iter().for_each(|name| _ = zset.remove(name));
        let mut shard = Shard::new(SEED, Concerns::default());
        shard.db_mut(0).set(hashed(b"k"), zset.into());
        assert!(shard.db_mut(0).discard(hashed(b"k")) && shard.take_deferred().is_some());
    }

    /// A key that had expired when the watch began was not there to the session: that it goes changes nothing.
    #[test]
    fn the_removal_of_what_had_expired_concerns_no_watcher() {
        let watched = |after: &dyn Fn(&mut Db)| {
            let (mut db, watcher) = (Db::new(SEED, Concerns::default()), Watcher::default());
            db.set_string(hashed(b"k"), b"v");
            db.set_deadline(hashed(b"k"), Some(10));
            assert!(db.watch(hashed(b"k"), &watcher, 20));
            after(&mut db);
            watcher.load(Ordering::Acquire)
        };
        let remove = |db: &mut Db| {
            db.discard(hashed(b"k"));
            db.touch(hashed(b"k"));
        };
        assert!(!watched(&remove));
        assert!(!watched(&|db| assert!(db.sweep(20, 1000, &mut |_, _| {}) > 0)));
        assert!(!watched(&|db| db.clear()));
        assert!(!watched(&|db| assert!(db.expire_if_due(hashed(b"k"), || 20))));
        let write = |db: &mut Db| {
            db.set_string(hashed(b"k"), b"new");
            db.touch(hashed(b"k"));
        };
        assert!(watched(&write));
        assert!(watched(&|db| {
            remove(db);
            write(db);
        }));
    }

    #[test]
    fn sessions_that_are_gone_watch_nothing() {
        let mut db = Db::new(SEED, Concerns::default());
        for key in 0..10_000_u16 {
            db.watch(hashed(&key.to_be_bytes()), &Watcher::default(), 0);
        }
        let watcher = Watcher::default();
        db.watch(hashed(b"k"), &watcher, 0);
        assert!(db.watched.len() < 200, "{}", db.watched.len());
        db.touch(hashed(b"k"));
        assert!(watcher.load(Ordering::Acquire));
    }
}
