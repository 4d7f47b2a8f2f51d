//! What a running command sees of the engine: the keys that it may reach, the time, random numbers.
//!
//! A [`Space`] holds the locks that its command needs, whatever they are; nothing in a family file
//! knows of them. Keys whose deadline has passed are not there.

use std::cell::Cell;

use redipy_command::{Key, Result, texts};

use crate::data::table::hash_bytes;
use crate::entry::Entry;
use crate::keyspace::{Db, Hashed, Shard};
use crate::object::{Object, Stored, Str, View};
use crate::shared::{Held, Shared};

/// A key whose hash is known, recognised by its address while it is borrowed: hashed once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KnownKey {
    start: *const u8,
    len: usize,
    pub(crate) hash: u64,
}

impl KnownKey {
    #[inline]
    pub(crate) fn new(key: Key<'_>, seed: u64) -> Self {
        let key = key.as_bytes();
        Self { start: key.as_ptr(), len: key.len(), hash: hash_bytes(seed, key) }
    }
}

impl Default for KnownKey {
    fn default() -> Self {
        Self { start: std::ptr::null(), len: 0, hash: 0 }
    }
}

/// What a running command sees of the engine.
pub struct Space<'e> {
    pub(crate) shared: &'e Shared,
    pub(crate) held: Held<'e>,
    db: usize,
    /// The time, read when it is first asked for and then kept.
    now: Cell<Option<i64>>,
    known: KnownKey,
    /// The hash of that key and which of the shards that are held is its.
    near: Option<(u64, usize)>,
}

/// Buckets that one write sweeps for expired keys, and on every how many writes.
const SWEEP_BUCKETS: usize = 32;
const SWEEP_EVERY: u64 = 16;

impl<'e> Space<'e> {
    pub(crate) fn new(shared: &'e Shared, held: Held<'e>, db: usize) -> Self {
        Self { shared, held, db, now: Cell::new(None), known: KnownKey::default(), near: None }
    }

    /// Remembers the hash of the key that the lock was taken for.
    #[inline]
    pub(crate) fn knowing(mut self, known: KnownKey) -> Self {
        self.known = known;
        self
    }

    /// Remembers the hash of the key that the next command names, and forgets that of the last one: another key may
    /// have its address by now.
    #[inline]
    pub(crate) fn know(&mut self, key: Option<Key<'_>>) {
        self.known = key.map_or_else(KnownKey::default, |key| KnownKey::new(key, self.shared.seed));
        self.near = None;
        self.near = key.and_then(|_| Some((self.known.hash, self.seat(self.known.hash)?)));
    }

    /// The database that keys belong to.
    pub fn db(&self) -> usize {
        self.db
    }

    /// Lets keys belong to another database.
    pub(crate) fn select(&mut self, db: usize) {
        self.db = db;
    }

    /// Unix time in milliseconds: one reading for a command, a script or a transaction.
    pub fn now(&self) -> i64 {
        let read = || self.shared.clock.now_micros().div_euclid(1000);
        self.now.get().unwrap_or_else(|| {
            let now = read();
            self.now.set(Some(now));
            now
        })
    }

    /// A random number.
    pub fn random(&mut self) -> u64 {
        self.shared.random.next()
    }

    #[inline]
    fn hashed<'k>(&self, key: Key<'k>) -> Hashed<'k> {
        let key = key.as_bytes();
        let known = self.known.start == key.as_ptr() && self.known.len == key.len();
        Hashed { key, hash: if known { self.known.hash } else { hash_bytes(self.shared.seed, key) } }
    }

    /// Which of the shards that are held holds this hash.
    #[inline]
    fn seat(&self, hash: u64) -> Option<usize> {
        match (&self.held, self.near) {
            (Held::Nothing, _) => None,
            (Held::One(_), _) => Some(0),
            (Held::Several(_), Some((near, seat))) if near == hash => Some(seat),
            (Held::Several(shards), _) => {
                let index = self.shared.shard_of(hash);
                shards.iter().position(|(held, _)| *held == index)
            }
        }
    }

    #[inline]
    fn shard(&self, hash: u64) -> Option<&Shard> {
        let seat = self.seat(hash)?;
        match &self.held {
            Held::Nothing => None,
            Held::One(shard) => Some(shard),
            Held::Several(shards) => shards.get(seat).map(|(_, shard)| &**shard),
        }
    }

    #[inline]
    fn db_of(&self, hash: u64) -> Option<&Db> {
        self.shard(hash)?.db(self.db)
    }

    /// The part of the database that holds this hash. A command that asks for a key that it did not
    /// name has no business there: it is told by a panic in tests, and sees another part otherwise.
    #[inline]
    fn db_mut(&mut self, hash: u64) -> &mut Db {
        let seat = self.seat(hash);
        debug_assert!(seat.is_some(), "the key is not reachable");
        self.db_at(seat.unwrap_or(0))
    }

    #[inline]
    fn db_at(&mut self, seat: usize) -> &mut Db {
        match &mut self.held {
            Held::One(shard) => shard.db_mut(self.db),
            Held::Several(shards) => shards[seat].1.db_mut(self.db),
            Held::Nothing => unreachable!("the command declares that it reaches nothing"),
        }
    }

    /// This database in each shard that is held, where it was ever used.
    pub(crate) fn dbs(&self) -> impl Iterator<Item = Option<&Db>> {
        let (one, several) = match &self.held {
            Held::Nothing => (None, &[][..]),
            Held::One(shard) => (Some(&**shard), &[][..]),
            Held::Several(shards) => (None, &shards[..]),
        };
        one.into_iter().chain(several.iter().map(|(_, shard)| &**shard)).map(|shard| shard.db(self.db))
    }

    /// All shards that are held.
    pub(crate) fn shards_mut(&mut self) -> impl Iterator<Item = &mut Shard> {
        let (one, several) = match &mut self.held {
            Held::Nothing => (None, &mut [][..]),
            Held::One(shard) => (Some(&mut **shard), &mut [][..]),
            Held::Several(shards) => (None, &mut shards[..]),
        };
        one.into_iter().chain(several.iter_mut().map(|(_, shard)| &mut **shard))
    }

    #[inline]
    pub(crate) fn is_due(&self, entry: &Entry) -> bool {
        entry.deadline().is_some_and(|deadline| deadline <= self.now())
    }

    /// Whether this key of a database is there and its deadline has passed.
    pub(crate) fn is_stale(&self, db: usize, key: Hashed<'_>) -> bool {
        let db = self.shard(key.hash).and_then(|shard| shard.db(db));
        db.and_then(|db| db.get(key)).is_some_and(|entry| self.is_due(entry))
    }

    #[inline]
    fn entry(&self, key: Key<'_>) -> Option<&Entry> {
        let key = self.hashed(key);
        self.db_of(key.hash)?.get(key).filter(|entry| !self.is_due(entry))
    }

    /// The entry, to be changed; one that has expired is removed.
    #[inline]
    fn entry_mut(&mut self, key: Key<'_>) -> Option<&mut Entry> {
        let key = self.hashed(key);
        self.db_without_due(key).get_mut(key)
    }

    /// The part of the database that holds this key, without it if its deadline has passed.
    #[inline]
    fn db_without_due(&mut self, key: Hashed<'_>) -> &mut Db {
        if self.db_mut(key.hash).expiring() > 0 {
            self.remove_due(key);
        }
        self.db_mut(key.hash)
    }

    /// Removes the key if it was given a deadline that has passed already.
    pub(crate) fn remove_if_due(&mut self, key: Key<'_>) {
        self.remove_due(self.hashed(key));
    }

    /// Removes the key if its deadline has passed.
    #[inline]
    fn remove_due(&mut self, key: Hashed<'_>) {
        let due = |db: &Db| db.expiring() > 0 && db.get(key).is_some_and(|entry| self.is_due(entry));
        if self.db_of(key.hash).is_some_and(due) {
            self.db_mut(key.hash).expire(key);
        }
    }

    /// The value of a key, of whatever type.
    #[inline]
    pub fn view(&self, key: Key<'_>) -> Option<View<'_>> {
        self.entry(key).map(Entry::view)
    }

    /// Whether the key is there.
    pub fn exists(&self, key: Key<'_>) -> bool {
        self.entry(key).is_some()
    }

    /// The collection of a key.
    ///
    /// # Errors
    /// `WRONGTYPE` when the key holds another type.
    #[inline]
    pub fn read<T: Stored>(&self, key: Key<'_>) -> Result<Option<&T>> {
        match self.view(key) {
            None => Ok(None),
            Some(view) => T::of(view).map_or_else(|| texts::fail(texts::WRONG_TYPE), |value| Ok(Some(value))),
        }
    }

    /// The collection of a key, to be changed.
    ///
    /// # Errors
    /// `WRONGTYPE` when the key holds another type.
    #[inline]
    pub fn write<T: Stored>(&mut self, key: Key<'_>) -> Result<Option<&mut T>> {
        match self.entry_mut(key) {
            None => Ok(None),
            Some(entry) => {
                T::of_mut(entry.view_mut()).map_or_else(|| texts::fail(texts::WRONG_TYPE), |value| Ok(Some(value)))
            }
        }
    }

    /// The collection of a key, to be changed; a missing key gets an empty one.
    ///
    /// # Errors
    /// `WRONGTYPE` when the key holds another type.
    #[inline]
    pub fn create<T: Stored>(&mut self, key: Key<'_>) -> Result<&mut T> {
        let key = self.hashed(key);
        let seed = self.shared.seed;
        let entry = self.db_without_due(key).get_or_insert(key, || Entry::new(key.key, T::empty(seed)));
        T::of_mut(entry.view_mut()).map_or_else(|| texts::fail(texts::WRONG_TYPE), Ok)
    }

    /// The string of a key.
    ///
    /// # Errors
    /// `WRONGTYPE` when the key holds another type.
    #[inline]
    pub fn string(&self, key: Key<'_>) -> Result<Option<Str<'_>>> {
        match self.view(key) {
            None => Ok(None),
            Some(View::Str(bytes)) => Ok(Some(Str::Bytes(bytes))),
            Some(View::Int(int)) => Ok(Some(Str::Int(int))),
            Some(_) => texts::fail(texts::WRONG_TYPE),
        }
    }

    /// The string of a key as bytes that can grow; a missing key gets an empty one.
    ///
    /// # Errors
    /// `WRONGTYPE` when the key holds another type.
    pub fn string_mut(&mut self, key: Key<'_>) -> Result<&mut Vec<u8>> {
        let key = self.hashed(key);
        let entry = self.db_without_due(key).get_or_insert(key, || Entry::with_bytes(key.key, b""));
        entry.string_mut().map_or_else(|| texts::fail(texts::WRONG_TYPE), Ok)
    }

    /// Sets the string of a key, whatever it held; its expiry stays. Tells the watchers.
    #[inline]
    pub fn set_string(&mut self, key: Key<'_>, bytes: &[u8]) {
        match redipy_command::number::parse_int(bytes) {
            Some(int) => self.replace(key, Object::Int(int)),
            None => {
                let place = self.hashed(key);
                let db = self.db_mut(place.hash);
                let mut fresh = false;
                let make = || {
                    fresh = true;
                    Entry::with_bytes(place.key, bytes)
                };
                let entry = db.get_or_insert(place, make);
                if !fresh {
                    entry.set_bytes(bytes);
                }
                self.changed(key);
            }
        }
    }

    /// Sets the value of a key, whatever it held; its expiry stays. Tells the watchers.
    pub fn replace(&mut self, key: Key<'_>, object: impl Into<Object>) {
        let place = self.hashed(key);
        let mut object = Some(object.into());
        let entry = self.db_mut(place.hash);
        let entry = entry.get_or_insert(place, || Entry::new(place.key, object.take().unwrap_or(Object::Int(0))));
        if let Some(object) = object {
            entry.set(object);
        }
        self.changed(key);
    }

    /// Sets the value of a key, whatever it held, and removes its expiry. Tells the watchers.
    pub fn put(&mut self, key: Key<'_>, object: impl Into<Object>) {
        self.replace(key, object);
        self.set_deadline(key, None);
    }

    /// When the key expires, in Unix milliseconds, if it is there and expires.
    pub fn deadline(&self, key: Key<'_>) -> Option<i64> {
        self.entry(key)?.deadline()
    }

    /// Sets or removes the expiry of a key. The caller tells the watchers.
    #[inline]
    pub fn set_deadline(&mut self, key: Key<'_>, deadline: Option<i64>) {
        let key = self.hashed(key);
        let db = self.db_mut(key.hash);
        if deadline.is_some() || db.expiring() > 0 {
            db.set_deadline(key, deadline);
        }
    }

    /// Removes a key and tells its watchers; whether it was there.
    pub fn remove(&mut self, key: Key<'_>) -> bool {
        self.take(key).is_some()
    }

    /// Removes a key, tells its watchers and gives its value.
    pub fn take(&mut self, key: Key<'_>) -> Option<Object> {
        let place = self.hashed(key);
        self.remove_due(place);
        let object = self.db_mut(place.hash).remove(place)?.take();
        self.changed(key);
        Some(object)
    }

    /// To be called after every real change of a key, once: here watchers learn of it.
    #[inline]
    pub fn changed(&mut self, key: Key<'_>) {
        let place = self.hashed(key);
        let db = self.db_mut(place.hash);
        db.touch(place.key);
        if db.expiring() > 0 {
            self.sweep(place);
        }
    }

    /// As [`changed`](Self::changed); a collection that is empty now goes.
    pub fn shrunk(&mut self, key: Key<'_>) {
        let place = self.hashed(key);
        let db = self.db_mut(place.hash);
        if db.get(place).is_some_and(|entry| entry.view().is_empty_collection()) {
            db.remove(place);
        }
        db.touch(place.key);
        if db.expiring() > 0 {
            self.sweep(place);
        }
    }

    /// Every so many writes, looks for expired keys beside the one that was written.
    fn sweep(&mut self, place: Hashed<'_>) {
        if self.shared.random.next().is_multiple_of(SWEEP_EVERY) {
            let now = self.now();
            self.db_mut(place.hash).sweep(now, SWEEP_BUCKETS);
        }
    }
}
