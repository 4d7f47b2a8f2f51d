//! What a running command sees of the engine: the keys that it may reach, the time, random numbers.
//!
//! A [`Space`] holds the locks that its command needs, whatever they are; nothing in a family file
//! knows of them. Keys whose deadline has passed are not there.

use std::cell::Cell;

use redipy_command::number::parse_int;
use redipy_command::{Key, Result, Spec, texts};

use crate::data::table::hash_bytes;
use crate::entry::Entry;
use crate::hub::Wakers;
use crate::keyspace::{Db, Hashed, Shard};
use crate::object::{Object, Stored, Str, View};
use crate::shared::{Held, Shared};
use crate::wanted::Wanted;

/// A key whose hash is known, recognised by its address while it is borrowed: hashed once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KnownKey {
    start: *const u8,
    len: usize,
    pub(crate) hash: u64,
    seat: usize,
}

impl KnownKey {
    /// A key whose shard will be the only one that is held.
    #[inline]
    pub(crate) fn new(key: Key<'_>, seed: u64) -> Self {
        let key = key.as_bytes();
        Self { start: key.as_ptr(), len: key.len(), hash: hash_bytes(seed, key), seat: 0 }
    }

    /// The same name at another address: where it was the last time, another key may be by now.
    #[inline]
    pub(crate) fn moved(self, key: &[u8]) -> Self {
        Self { start: key.as_ptr(), len: key.len(), ..self }
    }
}

impl Default for KnownKey {
    fn default() -> Self {
        Self { start: std::ptr::null(), len: 0, hash: 0, seat: NOWHERE }
    }
}

/// A key, and which of the shards that are held is its own.
#[derive(Debug, Clone, Copy)]
struct Place<'k> {
    key: Hashed<'k>,
    seat: usize,
}

/// The seat of a key that is not reachable.
const NOWHERE: usize = usize::MAX;

/// Unix time in milliseconds, read when it is first asked for and then kept.
#[derive(Default)]
struct Now(Cell<Option<i64>>);

impl Now {
    fn get(&self, shared: &Shared) -> i64 {
        self.0.get().unwrap_or_else(|| {
            let now = shared.clock.now_millis();
            self.0.set(Some(now));
            now
        })
    }
}

/// What a running command sees of the engine.
pub struct Space<'e> {
    pub(crate) shared: &'e Shared,
    pub(crate) held: Held<'e>,
    db: usize,
    now: Now,
    /// The command that is running.
    spec: Option<&'static Spec>,
    known: KnownKey,
    /// The hash of the last key that was found expired by a command that only looked.
    lapsed: Cell<Option<u64>>,
    /// Subscribers that got a message. They go on when the data is not held any more, which is why this comes after it.
    pub(crate) wakers: Option<Wakers>,
}

/// Slots that one write sweeps for expired keys, and on every how many writes.
const SWEEP_SLOTS: usize = 32;
const SWEEP_EVERY: u64 = 16;

impl<'e> Space<'e> {
    /// For commands that are said later.
    pub(crate) fn new(shared: &'e Shared, held: Held<'e>, db: usize) -> Self {
        Self::of(shared, held, db, None, KnownKey::default())
    }

    /// For this command; the key is the one that the lock was taken for, if it is one.
    #[inline]
    pub(crate) fn of(
        shared: &'e Shared,
        held: Held<'e>,
        db: usize,
        spec: Option<&'static Spec>,
        known: KnownKey,
    ) -> Self {
        Self { shared, held, db, now: Now::default(), spec, known, lapsed: Cell::new(None), wakers: None }
    }

    /// What is known of this key: its hash, and which of the shards that are held is its own.
    #[inline(never)]
    pub(crate) fn look_up(&self, key: Key<'_>) -> KnownKey {
        let known = KnownKey::new(key, self.shared.seed);
        KnownKey { seat: self.seat(known.hash), ..known }
    }

    /// Remembers the next command and the key that it names, and forgets that of the last one: another key may have its
    /// address by now.
    #[inline]
    pub(crate) fn begin(&mut self, spec: &'static Spec, key: KnownKey) {
        (self.spec, self.known) = (Some(spec), key);
    }

    /// Forgets the key of the last command.
    pub(crate) fn forget(&mut self) {
        self.known = KnownKey::default();
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
        self.now.get(self.shared)
    }

    /// A random number.
    pub fn random(&mut self) -> u64 {
        self.shared.random.next()
    }

    #[inline]
    fn place<'k>(&self, key: Key<'k>) -> Place<'k> {
        let (key, known) = (key.as_bytes(), &self.known);
        if known.start == key.as_ptr() && known.len == key.len() {
            Place { key: Hashed { key, hash: known.hash }, seat: known.seat }
        } else {
            self.find_place(key)
        }
    }

    fn find_place<'k>(&self, key: &'k [u8]) -> Place<'k> {
        let hash = hash_bytes(self.shared.seed, key);
        let seat = self.seat(hash);
        if seat == NOWHERE {
            out_of_reach(self.spec);
        }
        Place { key: Hashed { key, hash }, seat }
    }

    /// Which of the shards that are held holds this hash.
    fn seat(&self, hash: u64) -> usize {
        let shard = self.shared.shard_of(hash);
        match &self.held {
            Held::One(_) if shard == self.shared.shard_of(self.known.hash) => 0,
            Held::Several(several) => several.wanted.seat(shard).unwrap_or(NOWHERE),
            Held::One(_) | Held::Nothing => NOWHERE,
        }
    }

    #[inline]
    fn db_of(&self, place: Place<'_>) -> Option<&Db> {
        let Some(shard) = self.held.shard(place.seat) else { out_of_reach(self.spec) };
        shard.db(self.db)
    }

    /// The part of the database that holds this key.
    #[inline]
    fn db_mut(&mut self, place: Place<'_>) -> &mut Db {
        let Some(shard) = self.held.shard_mut(place.seat) else { out_of_reach(self.spec) };
        shard.db_mut(self.db)
    }

    /// The part of the database that holds this key, without it if its deadline has passed.
    #[inline(always)]
    fn db_without_due(&mut self, place: Place<'_>) -> &mut Db {
        let Some(shard) = self.held.shard_mut(place.seat) else { out_of_reach(self.spec) };
        let db = shard.db_mut(self.db);
        if db.expiring() > 0 {
            db.expire_if_due(place.key, || self.now.get(self.shared));
        }
        db
    }

    /// This database in each shard that is held, where it was ever used.
    pub(crate) fn dbs(&self) -> impl Iterator<Item = Option<&Db>> {
        self.held.shards().map(|shard| shard.db(self.db))
    }

    /// Which shards are held by a script.
    pub(crate) fn wanted(&self) -> Wanted {
        match &self.held {
            Held::Several(several) => several.wanted,
            Held::One(_) | Held::Nothing => Wanted::default(),
        }
    }

    /// All shards that are held.
    pub(crate) fn shards_mut(&mut self) -> impl Iterator<Item = &mut Shard> {
        self.held.shards_mut()
    }

    /// The hash of a key that a command has found expired: to be removed when it is done.
    #[inline]
    pub(crate) fn lapsed(&self) -> Option<u64> {
        self.lapsed.get()
    }

    #[inline]
    pub(crate) fn is_due(&self, entry: &Entry) -> bool {
        entry.deadline().is_some_and(|deadline| deadline <= self.now())
    }

    /// Whether this key of a database is there and its deadline has passed.
    pub(crate) fn is_stale(&self, db: usize, key: Hashed<'_>) -> bool {
        let db = self.held.shard(self.seat(key.hash)).and_then(|shard| shard.db(db));
        db.and_then(|db| db.get(key)).is_some_and(|entry| self.is_due(entry))
    }

    #[inline(always)]
    fn entry(&self, key: Key<'_>) -> Option<&Entry> {
        let place = self.place(key);
        let entry = self.db_of(place)?.get(place.key)?;
        if self.is_due(entry) {
            self.lapsed.set(Some(place.key.hash));
            return None;
        }
        Some(entry)
    }

    /// The entry, to be changed; one that has expired is removed.
    #[inline]
    fn entry_mut(&mut self, key: Key<'_>) -> Option<&mut Entry> {
        let place = self.place(key);
        self.db_without_due(place).get_mut(place.key)
    }

    /// Removes the key if it was given a deadline that has passed already.
    pub(crate) fn remove_if_due(&mut self, key: Key<'_>) {
        self.db_without_due(self.place(key));
    }

    /// The value of a key, of whatever type.
    #[inline]
    pub fn view(&self, key: Key<'_>) -> Option<View<'_>> {
        self.entry(key).map(Entry::view)
    }

    /// What the value of a key is known by until it is changed, if that is a long string.
    pub(crate) fn mark(&self, key: Key<'_>) -> Option<u64> {
        self.entry(key).and_then(Entry::mark)
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
        let place = self.place(key);
        let make = || Entry::new(place.key.key, T::empty());
        let entry = self.db_without_due(place).get_or_insert(place.key, make);
        T::of_mut(entry.view_mut()).map_or_else(|| texts::fail(texts::WRONG_TYPE), Ok)
    }

    /// Changes the collection of a key, of a missing one an empty one, and tells the watchers: all by one look-up.
    ///
    /// # Errors
    /// `WRONGTYPE` when the key holds another type.
    #[inline]
    pub fn grow<T: Stored, R>(&mut self, key: Key<'_>, change: impl FnOnce(&mut T) -> R) -> Result<R> {
        let place = self.place(key);
        let db = self.db_without_due(place);
        let entry = db.get_or_insert(place.key, || Entry::new(place.key.key, T::empty()));
        let Some(value) = T::of_mut(entry.view_mut()) else { return texts::fail(texts::WRONG_TYPE) };
        let result = change(value);
        if !db.is_quiet() {
            self.tell(place);
        }
        Ok(result)
    }

    /// Takes from the collection of a key, if it is there, and tells the watchers; one that is empty then goes.
    /// `take` gives, beside its result, whether it is.
    ///
    /// # Errors
    /// `WRONGTYPE` when the key holds another type.
    #[inline]
    pub fn shrink<T: Stored, R>(&mut self, key: Key<'_>, take: impl FnOnce(&mut T) -> (R, bool)) -> Result<Option<R>> {
        let place = self.place(key);
        let db = self.db_without_due(place);
        let Some(entry) = db.get_mut(place.key) else { return Ok(None) };
        let Some(value) = T::of_mut(entry.view_mut()) else { return texts::fail(texts::WRONG_TYPE) };
        let (result, empty) = take(value);
        if empty {
            db.discard(place.key);
        }
        if !db.is_quiet() {
            self.tell(place);
        }
        Ok(Some(result))
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
        let place = self.place(key);
        let make = || Entry::with_bytes(place.key.key, b"");
        let entry = self.db_without_due(place).get_or_insert(place.key, make);
        entry.string_mut().map_or_else(|| texts::fail(texts::WRONG_TYPE), Ok)
    }

    /// Sets the string of a key, whatever it held; its expiry stays. Tells the watchers.
    pub fn set_string(&mut self, key: Key<'_>, bytes: &[u8]) {
        let place = self.place(key);
        self.db_without_due(place).set_string(place.key, bytes);
        self.changed(key);
    }

    /// Sets the string of a key, whatever it held, and removes its expiry. Tells the watchers.
    #[inline]
    pub fn put_string(&mut self, key: Key<'_>, bytes: &[u8]) {
        self.put_by(key, |db, key| db.set_string(key, bytes));
    }

    #[inline]
    fn put_by(&mut self, key: Key<'_>, set: impl FnOnce(&mut Db, Hashed<'_>)) {
        let place = self.place(key);
        let db = self.db_mut(place);
        set(db, place.key);
        if !db.is_quiet() {
            db.set_deadline(place.key, None);
            self.tell(place);
        }
    }

    /// Changes the integer of a key, of a missing one from 0; its expiry stays. Tells the watchers.
    ///
    /// # Errors
    /// `WRONGTYPE`, `value is not an integer or out of range`, and those of `change`.
    #[inline]
    pub fn change_int(&mut self, key: Key<'_>, change: impl FnOnce(i64) -> Result<i64>) -> Result<i64> {
        let place = self.place(key);
        let db = self.db_without_due(place);
        let int = if let Some(entry) = db.get_mut(place.key) {
            let current = match entry.view() {
                View::Int(int) => int,
                View::Str(bytes) => parse_int(bytes).map_or_else(|| texts::fail(texts::NOT_INTEGER), Ok)?,
                _ => return texts::fail(texts::WRONG_TYPE),
            };
            let int = change(current)?;
            entry.set_int(int);
            int
        } else {
            let int = change(0)?;
            db.insert(place.key.hash, Entry::new(place.key.key, Object::Int(int)));
            int
        };
        self.changed(key);
        Ok(int)
    }

    /// Sets the value of a key, whatever it held; its expiry stays. Tells the watchers.
    pub fn replace(&mut self, key: Key<'_>, object: impl Into<Object>) {
        let place = self.place(key);
        self.db_without_due(place).set(place.key, object.into());
        self.changed(key);
    }

    /// Sets the value of a key, whatever it held, and removes its expiry. Tells the watchers.
    pub fn put(&mut self, key: Key<'_>, object: impl Into<Object>) {
        self.put_by(key, |db, key| db.set(key, object.into()));
    }

    /// When the key expires, in Unix milliseconds, if it is there and expires.
    pub fn deadline(&self, key: Key<'_>) -> Option<i64> {
        self.entry(key)?.deadline()
    }

    /// Sets or removes the expiry of a key. The caller tells the watchers.
    #[inline]
    pub fn set_deadline(&mut self, key: Key<'_>, deadline: Option<i64>) {
        let place = self.place(key);
        let db = self.db_mut(place);
        if deadline.is_some() || db.expiring() > 0 {
            db.set_deadline(place.key, deadline);
        }
        if let Some(deadline) = deadline {
            self.shared.expects(deadline);
        }
    }

    /// Removes a key and tells its watchers; whether it was there. A large value is freed by another thread.
    pub fn unlink(&mut self, key: Key<'_>) -> bool {
        let place = self.place(key);
        let was_there = self.db_without_due(place).discard(place.key);
        if was_there {
            self.changed(key);
        }
        was_there
    }

    /// As [`unlink`](Self::unlink), and a large value is freed before the command is done.
    pub fn remove(&mut self, key: Key<'_>) -> bool {
        let was_there = self.unlink(key);
        self.db_mut(self.place(key)).free_here();
        was_there
    }

    /// Removes a key, tells its watchers and gives its value.
    pub fn take(&mut self, key: Key<'_>) -> Option<Object> {
        let place = self.place(key);
        let object = self.db_without_due(place).remove(place.key)?.take();
        self.changed(key);
        Some(object)
    }

    /// To be called after every real change of a key, once: here watchers learn of it.
    #[inline(always)]
    pub fn changed(&mut self, key: Key<'_>) {
        let place = self.place(key);
        if !self.db_mut(place).is_quiet() {
            self.tell(place);
        }
    }

    #[cold]
    fn tell(&mut self, place: Place<'_>) {
        let db = self.db_mut(place);
        db.touch(place.key);
        if db.expiring() > 0 {
            self.sweep(place);
        }
    }

    /// As [`changed`](Self::changed); a collection that is empty now goes.
    pub fn shrunk(&mut self, key: Key<'_>) {
        let empty = self.view(key).is_some_and(View::is_empty_collection);
        self.shrunk_to(key, empty);
    }

    /// As [`shrunk`](Self::shrunk), where it is known whether the collection is empty now.
    #[inline]
    pub fn shrunk_to(&mut self, key: Key<'_>, empty: bool) {
        if empty {
            let place = self.place(key);
            self.db_mut(place).discard(place.key);
        }
        self.changed(key);
    }

    /// Every so many writes, looks for expired keys in the same shard; where a thread does that, there is rarely one left.
    fn sweep(&mut self, place: Place<'_>) {
        if self.shared.random.next().is_multiple_of(SWEEP_EVERY) {
            let now = self.now();
            self.db_mut(place).sweep(now, SWEEP_SLOTS);
        }
    }
}

impl Drop for Space<'_> {
    fn drop(&mut self) {
        let Some(hash) = self.lapsed() else { return };
        let (now, seat) = (self.now(), self.seat(hash));
        if let Some(shard) = self.held.shard_mut(seat) {
            shard.db_mut(self.db).expire_by_hash(hash, now);
        }
    }
}

/// A command asked for a key that it did not name, whose shard it does not hold.
#[cold]
fn out_of_reach(spec: Option<&'static Spec>) -> ! {
    panic!("{} reaches for a key that it does not name", spec.map_or("the engine", |spec| spec.name))
}
