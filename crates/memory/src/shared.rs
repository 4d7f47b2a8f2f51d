//! What all clones of an engine share: shards behind locks, the clock, random numbers, subscribers.
//! Locks are taken in the order of the shards' indices, so that two calls never wait for each other.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use redipy_command::Result;
use redipy_script::Limits;
use smallvec::SmallVec;

use crate::background::{self, Expiring};
use crate::clock::{Clock, Follower};
use crate::data::config::CollectionConfig;
use crate::data::table::hash_bytes;
use crate::forked::{self, Inherited};
use crate::line::{Line, QueuedCall};
use crate::listen::event::Event;
use crate::listen::hub::Hub;
use crate::listen::notifications::KeyspaceEvents;
use crate::random::Generator;
use crate::shard_set::ShardSet;
use crate::store::concerns::Concerns;
use crate::store::deferred::Deferred;
use crate::store::keyspace::{Db, Shard};
use crate::visit::Visit;
use crate::waiting::{LongScripts, Patience, SLICE};

/// What all clones of an engine share.
pub(crate) struct Shared {
    me: Weak<Shared>,
    shards: Box<[Padded]>,
    pub(crate) clock: Clock,
    pub(crate) random: Generator,
    /// The seed of the hash function.
    pub(crate) seed: u64,
    /// How collections are stored.
    pub(crate) collections: CollectionConfig,
    pub(crate) hub: Hub,
    keyspace_events: KeyspaceEvents,
    /// What a script may use up.
    pub(crate) script_limits: Limits,
    /// What it is called, where it has a name.
    pub(crate) name: Option<Box<str>>,
    pub(crate) long_scripts: LongScripts,
    /// Who waits for data on behalf of futures.
    pub(crate) line: Line<Arc<dyn QueuedCall>>,
    /// Whether the thread of the process works for this engine.
    has_thread: bool,
    expiry: Expiry,
}

/// When keys of an engine expire, for those who remove them.
struct Expiry {
    /// No key expires before this, as far as the thread knows. `i64::MIN` where there is none, which nothing is earlier than.
    next: AtomicI64,
    /// Whether the thread looks after the engine.
    is_enrolled: AtomicBool,
    /// The shard with which the next look begins.
    shard: AtomicUsize,
}

/// A lock on cache lines of its own, so that neighbours do not slow each other down.
#[repr(align(128))]
struct Padded(Mutex<Shard>);

/// Settings of an engine.
pub(crate) struct Settings {
    /// How many shards: a power of two.
    pub(crate) shards: usize,
    pub(crate) clock: Clock,
    pub(crate) script_limits: Limits,
    pub(crate) busy_reply_threshold: Duration,
    pub(crate) background: bool,
    pub(crate) message_limit: usize,
    pub(crate) keyspace_events: KeyspaceEvents,
    pub(crate) name: Option<Box<str>>,
    /// How collections are stored, but for the seed.
    pub(crate) collections: CollectionConfig,
}

/// Slots that are looked at for expired keys under one lock, and in one look at the whole engine.
const SWEEP_SLOTS: usize = 250;
const LOOK_SLOTS: usize = 200_000;

impl Shared {
    /// Empty shards.
    pub(crate) fn new(settings: Settings, random: Generator) -> Arc<Self> {
        let Settings {
            shards,
            clock,
            script_limits,
            busy_reply_threshold,
            background,
            message_limit,
            keyspace_events,
            name,
            collections,
        } = settings;
        let (seed, mut concerns) = (random.next(), Concerns::default());
        concerns.set(Concerns::NOTIFIED, !keyspace_events.is_empty());
        let line = Line::new(shards);
        let shards = (0..shards).map(|_| Padded(Mutex::new(Shard::new(seed, concerns)))).collect();
        let has_thread = background && clock.is_system();
        let expiry = Expiry {
            next: AtomicI64::new(if has_thread { i64::MAX } else { i64::MIN }),
            is_enrolled: AtomicBool::new(false),
            shard: AtomicUsize::new(0),
        };
        let shared = Arc::new_cyclic(|me: &Weak<Self>| Self {
            me: me.clone(),
            shards,
            clock,
            random,
            seed,
            collections: CollectionConfig { seed, ..collections },
            hub: Hub::new(message_limit),
            keyspace_events,
            script_limits,
            name,
            long_scripts: LongScripts::new(busy_reply_threshold),
            line,
            has_thread,
            expiry,
        });
        let follower: Weak<Self> = Arc::downgrade(&shared);
        shared.clock.follow(follower);
        let me: Weak<Self> = Arc::downgrade(&shared);
        forked::enrol(me);
        shared
    }

    /// The shard of a hash; tables inside it are chosen by other bits.
    #[inline]
    pub(crate) fn shard_of(&self, hash: u64) -> usize {
        (hash >> 48) as usize & (self.shards.len() - 1)
    }

    /// The lock of this shard.
    #[inline]
    pub(crate) fn shard(&self, index: usize) -> &Mutex<Shard> {
        &self.shards[index].0
    }

    /// How a thread waits for data.
    pub(crate) fn patience(&self) -> Patience<'_> {
        Patience::new(&self.long_scripts)
    }

    /// Adds the shard of this key to a set.
    pub(crate) fn add_shard_of(&self, shards: &mut ShardSet, key: &[u8]) {
        shards.add(self.shard_of(hash_bytes(self.seed, key)));
    }

    /// Locks the shard of a hash.
    ///
    /// # Errors
    /// Where this thread must not wait, or will not any more; see [`Patience`].
    #[inline(always)]
    pub(crate) fn lock(&self, hash: u64) -> Result<MutexGuard<'_, Shard>> {
        // What comes of waiting is told apart there, not after both ways have met: that saves calls that need not wait
        // from looking which it was.
        match self.lock_soon(hash) {
            Some(shard) => Ok(shard),
            None => Ok(self.lock_later(hash)?),
        }
    }

    #[inline(always)]
    fn lock_soon(&self, hash: u64) -> Option<MutexGuard<'_, Shard>> {
        if Visit::is_of(&self.long_scripts) { None } else { self.shard(self.shard_of(hash)).try_lock_for(SLICE) }
    }

    #[cold]
    fn lock_later(&self, hash: u64) -> Result<MutexGuard<'_, Shard>> {
        Visit::check(&self.long_scripts)?;
        let index = self.shard_of(hash);
        self.patience().wait_for(self.shard(index), index)
    }

    /// As [`lock`](Self::lock), unless somebody has the lock.
    #[inline]
    pub(crate) fn try_lock(&self, hash: u64) -> Result<Option<MutexGuard<'_, Shard>>> {
        Visit::check(&self.long_scripts)?;
        Ok(self.shard(self.shard_of(hash)).try_lock())
    }

    /// Locks all shards, in order.
    ///
    /// # Errors
    /// As [`lock`](Self::lock).
    pub(crate) fn lock_all(&self) -> Result<LockedShards<'_>> {
        self.lock_shards(ShardSet::everything(), self.patience())
    }

    /// Locks these shards, in order, so that two calls can never wait for each other.
    ///
    /// # Errors
    /// As [`lock`](Self::lock).
    pub(crate) fn lock_shards(&self, shards: ShardSet, patience: Patience<'_>) -> Result<LockedShards<'_>> {
        let shards = shards.of(self.shards.len());
        let mut several = Several { shards, guards: Vec::with_capacity(shards.len()), shared: self };
        self.lock_each(shards, patience, |shard| several.guards.push(shard))?;
        Ok(LockedShards::Several(several))
    }

    /// As [`lock_shards`](Self::lock_shards), for no more than [`FEW`].
    pub(crate) fn lock_few(&self, shards: ShardSet) -> Result<Guards<'_>> {
        let mut guards = Guards::new();
        self.lock_each(shards, self.patience(), |shard| guards.push(shard))?;
        Ok(guards)
    }

    #[inline]
    fn lock_each<'s>(
        &'s self,
        shards: ShardSet,
        mut patience: Patience<'_>,
        mut hold: impl FnMut(MutexGuard<'s, Shard>),
    ) -> Result<()> {
        Visit::check(&self.long_scripts)?;
        for index in shards.indices() {
            hold(match self.shard(index).try_lock() {
                Some(shard) => shard,
                None => patience.wait_for(self.shard(index), index)?,
            });
            patience.hold();
        }
        Ok(())
    }

    /// As [`lock_shards`](Self::lock_shards), unless somebody has one of the locks.
    pub(crate) fn try_lock_shards(&self, shards: ShardSet) -> Result<Option<LockedShards<'_>>> {
        Visit::check(&self.long_scripts)?;
        let shards = shards.of(self.shards.len());
        let guards = shards.indices().map(|index| self.shard(index).try_lock()).collect::<Option<_>>();
        Ok(guards.map(|guards| LockedShards::Several(Several { shards, guards, shared: self })))
    }

    /// Whether anybody has any of the data just now.
    pub(crate) fn is_in_use(&self) -> bool {
        !self.line.is_free(ShardSet::everything()) || matches!(self.try_lock_shards(ShardSet::everything()), Ok(None))
    }

    /// Unlocks a shard, and runs then the work that was deferred in it.
    #[inline]
    pub(crate) fn unlock(&self, shard: MutexGuard<'_, Shard>) {
        if shard.may_have_deferred() {
            self.unlock_and_run(shard);
        }
    }

    /// As [`unlock`](Self::unlock), of a few.
    pub(crate) fn unlock_few(&self, mut shards: Guards<'_>) {
        if shards.iter().any(|shard| shard.may_have_deferred()) {
            let deferred = shards.iter_mut().filter_map(|shard| shard.take_deferred()).reduce(Deferred::and);
            drop(shards);
            self.run(deferred);
        }
    }

    /// As [`unlock`](Self::unlock), and gives the lock to whoever waits for it, not back to a thread that wants it again.
    fn unlock_fairly(&self, mut shard: MutexGuard<'_, Shard>) {
        let deferred = shard.take_deferred();
        MutexGuard::unlock_fair(shard);
        self.run(deferred);
    }

    #[cold]
    fn unlock_and_run(&self, mut shard: MutexGuard<'_, Shard>) {
        let deferred = shard.take_deferred();
        drop(shard);
        self.run(deferred);
    }

    /// Runs the work that was deferred until the locks were given up.
    fn run(&self, deferred: Option<Deferred>) {
        if let Some(deferred) = deferred {
            deferred.run(self.has_thread);
        }
    }

    /// Publishes what happened to a key of a locked database, if that is asked for; subscribers are woken when it is
    /// unlocked.
    pub(crate) fn publish_from(&self, db: &mut Db, index: usize, key: &[u8], event: Event) {
        let mut wakers = None;
        self.keyspace_events.publish(&self.hub, index, key, event, &mut wakers);
        db.wake_later(wakers);
    }

    /// Removes expired keys of a shard; how many slots were looked at for that, at most about `budget` in each database.
    fn sweep(&self, shard: &mut Shard, now: i64, budget: usize) -> usize {
        let sweep = |(index, db): (usize, &mut Db)| {
            db.sweep(now, budget, &mut |db, key| self.publish_from(db, index, key, Event::EXPIRED))
        };
        shard.dbs_mut().map(sweep).sum()
    }

    /// Removes the key with this hash from a database if it has expired: what a command does that only looked.
    #[cold]
    pub(crate) fn remove_expired_key(&self, shard: &mut Shard, index: usize, hash: u64, now: i64) {
        let db = shard.db_mut(index);
        if let Some(entry) = db.expire_by_hash(hash, now) {
            self.publish_from(db, index, entry.key(), Event::EXPIRED);
        }
    }

    /// A key expires at this time, in Unix milliseconds.
    #[inline]
    pub(crate) fn expects(&self, deadline: i64) {
        if deadline < self.expiry.next.load(Ordering::Relaxed) {
            self.expects_earlier(deadline);
        }
    }

    #[cold]
    fn expects_earlier(&self, deadline: i64) {
        self.expiry.next.fetch_min(deadline, Ordering::AcqRel);
        background::look_at(&self.me, deadline);
    }

    /// Removes what has expired in one shard, with a lock for each small part of it, while there is a budget `left`. Gives
    /// when its next key expires: `now` where it is not done.
    fn sweep_shard(&self, index: usize, now: i64, left: &mut usize) -> i64 {
        loop {
            if self.long_scripts.is_lost(index) {
                return i64::MAX;
            }
            // Whoever has the lock may be waiting for this thread to end.
            let Some(mut shard) = self.shard(index).try_lock_for(Duration::from_millis(1)) else { return now };
            let looked = self.sweep(&mut shard, now, SWEEP_SLOTS.min(*left));
            let next = shard.dbs_mut().filter_map(|(_, db)| db.next_deadline()).min().unwrap_or(i64::MAX);
            self.unlock_fairly(shard);
            *left = left.saturating_sub(looked);
            if looked == 0 || *left == 0 || next > now {
                return next;
            }
        }
    }

    /// Removes keys whose deadline has passed until about `budget` slots were looked at; whether that was all.
    ///
    /// # Errors
    /// As [`lock`](Self::lock).
    pub(crate) fn tick(&self, budget: usize) -> Result<bool> {
        Visit::check(&self.long_scripts)?;
        let (now, mut left) = (self.clock.now_millis(), budget);
        for index in 0..self.shards.len() {
            loop {
                let mut shard = self.patience().wait_for(self.shard(index), index)?;
                let looked = self.sweep(&mut shard, now, SWEEP_SLOTS.min(left));
                self.unlock_fairly(shard);
                left = left.saturating_sub(looked);
                if left == 0 {
                    return Ok(false);
                }
                if looked == 0 {
                    break;
                }
            }
        }
        Ok(true)
    }
}

impl Expiring for Shared {
    fn enrol(&self) -> bool {
        !self.expiry.is_enrolled.swap(true, Ordering::AcqRel)
    }

    fn leave_if_nothing_expires(&self) -> bool {
        let leaves = self.expiry.next.load(Ordering::Acquire) == i64::MAX;
        if leaves {
            self.expiry.is_enrolled.store(false, Ordering::Release);
        }
        leaves
    }

    fn remove_expired(&self, now: i64) -> Option<i64> {
        self.expiry.next.store(i64::MAX, Ordering::Release);
        let (mut left, mut next) = (LOOK_SLOTS, i64::MAX);
        let start = self.expiry.shard.load(Ordering::Relaxed);
        for index in (0..self.shards.len()).map(|at| (start + at) % self.shards.len()) {
            if left == 0 {
                // The rest is looked at the next time.
                self.expiry.shard.store(index, Ordering::Relaxed);
                next = now;
                break;
            }
            next = next.min(self.sweep_shard(index, now, &mut left));
        }
        self.expiry.next.fetch_min(next, Ordering::AcqRel);
        (next < i64::MAX).then_some(next)
    }
}

impl Inherited for Shared {
    fn lose(&self) {
        let mut locked = ShardSet::default();
        let is_locked = |index: &usize| self.shard(*index).is_locked();
        (0..self.shards.len()).filter(is_locked).for_each(|index| locked.add(index));
        self.long_scripts.lose(locked);
    }
}

impl Follower for Shared {
    /// Where this thread must not wait for the data, what has expired goes when somebody looks for it.
    fn time_moved(&self) {
        let _ = self.tick(usize::MAX);
    }
}

/// The shards that are locked.
pub(crate) enum LockedShards<'e> {
    Nothing,
    /// The one of the key that the command names; whoever runs the command unlocks it afterwards.
    One(&'e mut Shard),
    /// A few; whoever runs the command unlocks them afterwards.
    Few(Few<'e>),
    /// Some or all of them.
    Several(Several<'e>),
}

/// So many shards are locked for a command without an allocation.
pub(crate) const FEW: usize = 16;

/// The locks of a few shards, in the order of their indices.
pub(crate) type Guards<'e> = SmallVec<[MutexGuard<'e, Shard>; FEW]>;

/// A few shards, in the order of their indices, borrowed from their [`Guards`]: so they take no room in what borrows them.
pub(crate) struct Few<'e> {
    pub(crate) shards: ShardSet,
    pub(crate) locked: &'e mut [Option<&'e mut Shard>],
}

/// Several shards, in the order of their indices.
pub(crate) struct Several<'e> {
    pub(crate) shards: ShardSet,
    guards: Vec<MutexGuard<'e, Shard>>,
    shared: &'e Shared,
}

impl Drop for Several<'_> {
    fn drop(&mut self) {
        if self.guards.iter().any(|shard| shard.may_have_deferred()) {
            let deferred = self.guards.iter_mut().filter_map(|shard| shard.take_deferred()).reduce(Deferred::and);
            self.guards.clear();
            self.shared.run(deferred);
        }
    }
}

impl LockedShards<'_> {
    /// Which shards are locked, where they are not that of the one key that a command names.
    #[inline]
    pub(crate) fn set(&self) -> ShardSet {
        match self {
            LockedShards::Few(few) => few.shards,
            LockedShards::Several(several) => several.shards,
            LockedShards::One(_) | LockedShards::Nothing => ShardSet::default(),
        }
    }

    /// The locked shard at this index, counted from 0 in the order of their locks.
    #[inline]
    pub(crate) fn shard(&self, guard: usize) -> Option<&Shard> {
        match self {
            LockedShards::One(shard) => Some(shard),
            LockedShards::Few(few) => few.locked.get(guard)?.as_deref(),
            LockedShards::Several(several) => several.guards.get(guard).map(|shard| &**shard),
            LockedShards::Nothing => None,
        }
    }

    /// As [`shard`](Self::shard), to be changed.
    #[inline]
    pub(crate) fn shard_mut(&mut self, guard: usize) -> Option<&mut Shard> {
        match self {
            LockedShards::One(shard) => Some(shard),
            LockedShards::Few(few) => few.locked.get_mut(guard)?.as_deref_mut(),
            LockedShards::Several(several) => several.guards.get_mut(guard).map(|shard| &mut **shard),
            LockedShards::Nothing => None,
        }
    }

    /// All locked shards.
    pub(crate) fn shards(&self) -> impl Iterator<Item = &Shard> {
        let (one, few, several) = match self {
            LockedShards::Nothing => (None, &[][..], &[][..]),
            LockedShards::One(shard) => (Some(&**shard), &[][..], &[][..]),
            LockedShards::Few(few) => (None, &few.locked[..], &[][..]),
            LockedShards::Several(several) => (None, &[][..], &several.guards[..]),
        };
        let few = few.iter().filter_map(|shard| shard.as_deref());
        one.into_iter().chain(few).chain(several.iter().map(|shard| &**shard))
    }

    /// All locked shards, to be changed.
    pub(crate) fn shards_mut(&mut self) -> impl Iterator<Item = &mut Shard> {
        let (one, few, several) = match self {
            LockedShards::Nothing => (None, &mut [][..], &mut [][..]),
            LockedShards::One(shard) => (Some(&mut **shard), &mut [][..], &mut [][..]),
            LockedShards::Few(few) => (None, &mut few.locked[..], &mut [][..]),
            LockedShards::Several(several) => (None, &mut [][..], &mut several.guards[..]),
        };
        let few = few.iter_mut().filter_map(|shard| shard.as_deref_mut());
        one.into_iter().chain(few).chain(several.iter_mut().map(|shard| &mut **shard))
    }
}
