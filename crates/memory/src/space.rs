//! What a running command sees of the engine: the keys that it may reach, the time, random numbers.
//!
//! A [`Space`] holds the locks that its command needs, whatever they are; nothing in a family file
//! knows of them. Keys whose deadline has passed are not there. How keys are changed stands in `edit.rs`.

use std::cell::Cell;
use std::fmt;

use redipy_command::{Key, Result, Spec, texts};
use smallvec::SmallVec;

use crate::data::config::CollectionConfig;
use crate::data::table::hash_bytes;
use crate::listen::event::Event;
use crate::listen::hub::Wakers;
use crate::shard_set::ShardSet;
use crate::shared::{FEW, LockedShards, Shared};
use crate::store::concerns::Concerns;
use crate::store::entry::Entry;
use crate::store::keyspace::{Db, Hashed, Shard};
use crate::store::object::{Stored, Str, View};

/// A key whose hash is known, recognised by its address while it is borrowed: hashed once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KnownKey {
    start: *const u8,
    len: usize,
    pub(crate) hash: u64,
    guard: usize,
}

impl KnownKey {
    /// A key whose shard will be the only one that is held.
    #[inline]
    pub(crate) fn new(key: Key<'_>, seed: u64) -> Self {
        let key = key.as_bytes();
        Self { start: key.as_ptr(), len: key.len(), hash: hash_bytes(seed, key), guard: 0 }
    }

    /// Whether this is the key: the same bytes at the same place.
    #[inline]
    fn is_of(&self, key: &[u8]) -> bool {
        self.start == key.as_ptr() && self.len == key.len()
    }

    /// The same name at another address: where it was the last time, another key may be by now.
    #[inline]
    pub(crate) fn moved(self, key: &[u8]) -> Self {
        Self { start: key.as_ptr(), len: key.len(), ..self }
    }
}

impl Default for KnownKey {
    fn default() -> Self {
        Self { start: std::ptr::null(), len: 0, hash: 0, guard: OUT_OF_REACH }
    }
}

/// The keys of a command that names several: each is hashed once. A space borrows them, so that it stays small: it is moved
/// for every call.
#[derive(Default)]
pub(crate) struct Keys {
    known: SmallVec<[KnownKey; FEW]>,
    /// The key that was found last.
    last: Cell<usize>,
}

impl Keys {
    /// Adds a key, whose shard is about to be locked.
    pub(crate) fn push(&mut self, key: KnownKey) {
        self.known.push(key);
    }

    /// The key, where it is the only one.
    pub(crate) fn only(&self) -> Option<KnownKey> {
        if let [known] = self.known[..] { Some(known) } else { None }
    }

    /// The shards of the keys.
    pub(crate) fn shards(&self, shared: &Shared) -> ShardSet {
        let mut shards = ShardSet::default();
        self.known.iter().for_each(|known| shards.add(shared.shard_of(known.hash)));
        shards
    }

    /// Takes note of which locked shard each key is in.
    fn place(&mut self, shared: &Shared, locked: ShardSet) {
        let mut places = [0_u8; ShardSet::MOST];
        locked.indices().zip(0..).for_each(|(index, place)| places[index] = place);
        self.known.iter_mut().for_each(|known| known.guard = places[shared.shard_of(known.hash)].into());
    }

    /// What is known of this key, if it is the one that was found last, or the one after it.
    fn find(&self, key: &[u8]) -> Option<KnownKey> {
        let last = self.last.get();
        let at =
            [last, last + 1, 0].into_iter().find(|at| self.known.get(*at).is_some_and(|known| known.is_of(key)))?;
        self.last.set(at);
        self.known.get(at).copied()
    }
}

/// A key with its hash, and the index of the locked shard that has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Located<'k> {
    pub(crate) key: Hashed<'k>,
    guard: usize,
}

/// In place of the index of a locked shard: no locked shard has the key.
const OUT_OF_REACH: usize = usize::MAX;

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
    pub(crate) locked: LockedShards<'e>,
    db: usize,
    now: Now,
    /// The command that is running.
    spec: Option<&'static Spec>,
    known: KnownKey,
    /// The keys of a command that names several, which it reaches for about in their order.
    keys: Option<&'e Keys>,
    /// The hash of the last key that was found expired by a command that only looked.
    lapsed: Cell<Option<u64>>,
    /// Subscribers that got a message. They go on when the data is not held any more, which is why this comes after it.
    pub(crate) wakers: Option<Wakers>,
}

impl fmt::Debug for Space<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Space").field("db", &self.db).finish_non_exhaustive()
    }
}

impl<'e> Space<'e> {
    /// For commands that are said later.
    pub(crate) fn new(shared: &'e Shared, locked: LockedShards<'e>, db: usize) -> Self {
        Self::of(shared, locked, db, None, KnownKey::default())
    }

    /// For this command; the key is the one that the lock was taken for, if it is one.
    #[inline]
    pub(crate) fn of(
        shared: &'e Shared,
        locked: LockedShards<'e>,
        db: usize,
        spec: Option<&'static Spec>,
        known: KnownKey,
    ) -> Self {
        let lapsed = Cell::new(None);
        Self { shared, locked, db, now: Now::default(), spec, known, keys: None, lapsed, wakers: None }
    }

    /// For a command that names several keys, whose shards are locked.
    pub(crate) fn of_keys(
        shared: &'e Shared,
        locked: LockedShards<'e>,
        db: usize,
        spec: &'static Spec,
        keys: &'e mut Keys,
    ) -> Self {
        keys.place(shared, locked.set());
        let mut at = Self::of(shared, locked, db, Some(spec), KnownKey::default());
        at.keys = Some(keys);
        at
    }

    /// The hash of a key and the index of the locked shard that has it.
    #[inline(never)]
    pub(crate) fn look_up(&self, key: Key<'_>) -> KnownKey {
        let known = KnownKey::new(key, self.shared.seed);
        KnownKey { guard: self.guard_of(known.hash), ..known }
    }

    /// A key that was hashed before the shards were locked, with the index of the one that has it.
    #[inline]
    pub(crate) fn with_guard(&self, known: KnownKey) -> KnownKey {
        KnownKey { guard: self.guard_of(known.hash), ..known }
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

    /// How collections are stored.
    #[inline]
    pub fn config(&self) -> &'e CollectionConfig {
        &self.shared.collections
    }

    /// A random number.
    pub fn random(&mut self) -> u64 {
        self.shared.random.next()
    }

    #[inline]
    pub(crate) fn locate<'k>(&self, key: Key<'k>) -> Located<'k> {
        let (key, known) = (key.as_bytes(), &self.known);
        if known.is_of(key) {
            Located { key: Hashed { key, hash: known.hash }, guard: known.guard }
        } else {
            self.locate_by_hash(key)
        }
    }

    fn locate_by_hash<'k>(&self, key: &'k [u8]) -> Located<'k> {
        if let Some(known) = self.keys.and_then(|keys| keys.find(key)) {
            return Located { key: Hashed { key, hash: known.hash }, guard: known.guard };
        }
        let hash = hash_bytes(self.shared.seed, key);
        let guard = self.guard_of(hash);
        if guard == OUT_OF_REACH {
            out_of_reach(self.spec);
        }
        Located { key: Hashed { key, hash }, guard }
    }

    /// The index of the locked shard that has this hash.
    fn guard_of(&self, hash: u64) -> usize {
        let shard = self.shared.shard_of(hash);
        match &self.locked {
            LockedShards::One(_) if shard == self.shared.shard_of(self.known.hash) => 0,
            locked => locked.set().position(shard).unwrap_or(OUT_OF_REACH),
        }
    }

    /// The part of the database that holds this key.
    #[inline]
    pub(crate) fn db_mut(&mut self, located: Located<'_>) -> &mut Db {
        let Some(shard) = self.locked.shard_mut(located.guard) else { out_of_reach(self.spec) };
        shard.db_mut(self.db)
    }

    /// The part of the database that holds this key, without it if its deadline has passed.
    #[inline(always)]
    pub(crate) fn db_without_due(&mut self, located: Located<'_>) -> &mut Db {
        let Some(shard) = self.locked.shard_mut(located.guard) else { out_of_reach(self.spec) };
        let db = shard.db_mut(self.db);
        if db.concerns().has(Concerns::EXPIRING) && db.expire_if_due(located.key, || self.now.get(self.shared)) {
            self.shared.publish_from(db, self.db, located.key.key, Event::EXPIRED);
        }
        db
    }

    /// This database in each locked shard, where it was ever used.
    pub(crate) fn dbs(&self) -> impl Iterator<Item = Option<&Db>> {
        self.locked.shards().map(|shard| shard.db(self.db))
    }

    /// The shards that are locked for a script.
    pub(crate) fn shards(&self) -> ShardSet {
        self.locked.set()
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
        let db = self.locked.shard(self.guard_of(key.hash)).and_then(|shard| shard.db(db));
        db.and_then(|db| db.get(key)).is_some_and(|entry| self.is_due(entry))
    }

    #[inline(always)]
    fn entry(&self, key: Key<'_>) -> Option<&Entry> {
        let located = self.locate(key);
        let Some(shard) = self.locked.shard(located.guard) else { out_of_reach(self.spec) };
        self.entry_in(shard, located.key)
    }

    /// The entry of a key in its shard, unless its deadline has passed.
    #[inline(always)]
    fn entry_in<'s>(&self, shard: &'s Shard, key: Hashed<'_>) -> Option<&'s Entry> {
        let entry = shard.db(self.db)?.get(key)?;
        if self.is_due(entry) {
            self.lapsed.set(Some(key.hash));
            return None;
        }
        Some(entry)
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

    /// Shows the strings of the keys that the command names, in their order; none for a key of another type.
    ///
    /// # Errors
    /// That of `see`, which ends it.
    #[inline]
    pub(crate) fn each_string(
        &self,
        keys: &[Key<'_>],
        mut see: impl FnMut(Option<Str<'_>>) -> Result<()>,
    ) -> Result<()> {
        let known = self.keys.map_or(&[][..], |keys| &keys.known);
        let few = if let LockedShards::Few(few) = &self.locked { &few.locked[..] } else { &[] };
        for (i, key) in keys.iter().enumerate() {
            let name = key.as_bytes();
            let entry = match known.get(i) {
                Some(known)
                    if known.is_of(name)
                        && let Some(Some(shard)) = few.get(known.guard) =>
                {
                    self.entry_in(shard, Hashed { key: name, hash: known.hash })
                }
                _ => self.entry(*key),
            };
            see(entry.and_then(Entry::string))?;
        }
        Ok(())
    }

    /// When the key expires, in Unix milliseconds, if it is there and expires.
    pub fn deadline(&self, key: Key<'_>) -> Option<i64> {
        self.entry(key)?.deadline()
    }
}

impl Drop for Space<'_> {
    fn drop(&mut self) {
        let Some(hash) = self.lapsed() else { return };
        let (now, guard) = (self.now(), self.guard_of(hash));
        if let Some(shard) = self.locked.shard_mut(guard) {
            self.shared.remove_expired_key(shard, self.db, hash, now);
        }
    }
}

/// A command asked for a key that it did not name, whose shard it does not hold.
#[cold]
fn out_of_reach(spec: Option<&'static Spec>) -> ! {
    panic!("{} reaches for a key that it does not name", spec.map_or("the engine", |spec| spec.name))
}
