//! What all clones of an engine share: shards behind locks, the clock, random numbers, subscribers.
//! Locks are taken in the order of the shards' indices, so that two calls never wait for each other.

use std::cell::Cell;
use std::sync::{Arc, MutexGuard, Weak};

use redipy_script::Limits;

use crate::clock::{Clock, Follower};
use crate::data::table::hash_bytes;
use crate::hub::Hub;
use crate::keyspace::Shard;
use crate::lock::Mutex;
use crate::random::Random;

/// What all clones of an engine share.
pub(crate) struct Shared {
    shards: Box<[Padded]>,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    /// The seed of the hash function.
    pub(crate) seed: u64,
    pub(crate) hub: Hub,
    /// What a script may use up.
    pub(crate) script_limits: Limits,
}

/// A lock on cache lines of its own, so that neighbours do not slow each other down.
#[repr(align(128))]
struct Padded(Mutex<Shard>);

impl Shared {
    /// Empty shards, this many, a power of two.
    pub(crate) fn new(shards: usize, clock: Clock, random: Random, script_limits: Limits) -> Arc<Self> {
        let seed = random.next();
        let shard = |_| Padded(Mutex::new(Shard::new(seed)));
        let shards = (0..shards).map(shard).collect();
        let shared = Arc::new(Self { shards, clock, random, seed, hub: Hub::default(), script_limits });
        let follower: Weak<Self> = Arc::downgrade(&shared);
        shared.clock.follow(follower);
        shared
    }

    /// The shard of a hash; tables inside it are chosen by other bits.
    #[inline]
    pub(crate) fn shard_of(&self, hash: u64) -> usize {
        (hash >> 48) as usize & (self.shards.len() - 1)
    }

    #[inline]
    pub(crate) fn lock(&self, hash: u64) -> MutexGuard<'_, Shard> {
        Visit::check(self);
        self.shards[self.shard_of(hash)].0.lock()
    }

    /// As [`lock`](Self::lock), unless somebody has the lock.
    #[inline]
    pub(crate) fn try_lock(&self, hash: u64) -> Option<MutexGuard<'_, Shard>> {
        Visit::check(self);
        self.shards[self.shard_of(hash)].0.try_lock()
    }

    /// Locks all shards, in order.
    pub(crate) fn lock_all(&self) -> Held<'_> {
        self.lock_wanted(Wanted::everything())
    }

    /// Locks these shards, in order, so that two calls can never wait for each other.
    pub(crate) fn lock_wanted(&self, wanted: Wanted) -> Held<'_> {
        Visit::check(self);
        let wanted = wanted.of(self.shards.len());
        let mut guards = Vec::with_capacity(wanted.len());
        guards.extend(wanted.indices().map(|index| self.shards[index].0.lock()));
        Held::Several(wanted, guards)
    }

    /// As [`lock_wanted`](Self::lock_wanted), unless somebody has one of the locks.
    pub(crate) fn try_lock_wanted(&self, wanted: Wanted) -> Option<Held<'_>> {
        Visit::check(self);
        let wanted = wanted.of(self.shards.len());
        let guards = wanted.indices().map(|index| self.shards[index].0.try_lock()).collect::<Option<_>>()?;
        Some(Held::Several(wanted, guards))
    }

    /// Removes every key whose deadline has passed.
    pub(crate) fn tick(&self) {
        Visit::check(self);
        let now = self.clock.now_micros().div_euclid(1000);
        for shard in &self.shards {
            shard.0.lock().dbs_mut().for_each(|db| db.expire_all(now));
        }
    }
}

impl Follower for Shared {
    fn time_moved(&self) {
        self.tick();
    }
}

/// A set of shards, at most 64.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Wanted(u64);

impl Wanted {
    /// All shards.
    pub(crate) fn everything() -> Self {
        Wanted(u64::MAX)
    }

    /// Adds the shard of this key.
    pub(crate) fn add(&mut self, shared: &Shared, key: &[u8]) {
        self.add_hash(shared, hash_bytes(shared.seed, key));
    }

    /// Adds the shard of this hash.
    pub(crate) fn add_hash(&mut self, shared: &Shared, hash: u64) {
        self.0 |= 1 << shared.shard_of(hash);
    }

    /// Those that there are, of so many.
    fn of(self, shards: usize) -> Self {
        Wanted(self.0 & (u64::MAX >> (u64::BITS as usize - shards)))
    }

    /// Which of these shards, in order, is the one with this index.
    #[inline]
    pub(crate) fn seat(self, index: usize) -> Option<usize> {
        let bit = 1 << index;
        (self.0 & bit != 0).then(|| (self.0 & (bit - 1)).count_ones() as usize)
    }

    /// How many there are.
    fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The indices of the shards, in order.
    fn indices(self) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(self.0), |left| Some(left & left.wrapping_sub(1)))
            .take(self.len())
            .map(|left| left.trailing_zeros() as usize)
    }
}

thread_local! {
    /// The engine that shows a value to this thread, in a debug build.
    static VISITED: Cell<*const Shared> = const { Cell::new(std::ptr::null()) };
}

/// The time in which a value is shown where it is stored. A lock of the same engine that the same thread asks for
/// meanwhile may be the one that it holds.
pub(crate) struct Visit {
    /// The engine that was visited when this visit began.
    before: *const Shared,
}

impl Visit {
    #[inline]
    pub(crate) fn begin(shared: &Shared) -> Self {
        let before = if cfg!(debug_assertions) { VISITED.replace(shared) } else { std::ptr::null() };
        Visit { before }
    }

    /// Refuses what would wait for itself, in a debug build.
    #[inline]
    fn check(shared: &Shared) {
        debug_assert!(
            !std::ptr::eq(VISITED.get(), shared),
            "the engine was used by a function to which it shows a value"
        );
    }
}

impl Drop for Visit {
    #[inline]
    fn drop(&mut self) {
        if cfg!(debug_assertions) {
            VISITED.set(self.before);
        }
    }
}

/// The shards that are locked.
pub(crate) enum Held<'e> {
    Nothing,
    /// One of them; whoever runs the command unlocks it afterwards.
    One(&'e mut Shard),
    /// Some or all of them, in the order of their indices.
    Several(Wanted, Vec<MutexGuard<'e, Shard>>),
}

impl Held<'_> {
    /// The shard on this seat: those that are held have seats from 0 on.
    #[inline]
    pub(crate) fn shard(&self, seat: usize) -> Option<&Shard> {
        match self {
            Held::Nothing => None,
            Held::One(shard) => Some(shard),
            Held::Several(_, shards) => shards.get(seat).map(|shard| &**shard),
        }
    }

    /// The shard on this seat, to be changed. A command that asks for a key that it did not name has no business
    /// there: it is told by a panic in tests, and sees another shard otherwise.
    #[inline]
    pub(crate) fn shard_mut(&mut self, seat: usize) -> &mut Shard {
        match self {
            Held::One(shard) => shard,
            Held::Several(_, shards) => {
                debug_assert!(seat < shards.len(), "the key is not reachable");
                let seat = if seat < shards.len() { seat } else { 0 };
                &mut shards[seat]
            }
            Held::Nothing => unreachable!("the command declares that it reaches nothing"),
        }
    }
}
