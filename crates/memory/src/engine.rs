//! The engine, and how a typed command gets the locks that it needs.

use std::mem::ManuallyDrop;
use std::sync::{Arc, MutexGuard};

use redipy_command::string::Get;
use redipy_command::{Command, Key, ReplySink, Result, texts};
use redipy_script::Limits;

use crate::clock::Clock;
use crate::keyspace::Shard;
use crate::random::Random;
use crate::run::{Reach, Run};
use crate::shared::{Held, Shared, Visit, Wanted};
use crate::space::{KnownKey, Space};

/// Redis data structures in your own process. Clones share the data; a new one is empty.
///
/// ```
/// use redipy_command::string::{Get, Set};
/// use redipy_memory::Engine;
///
/// let engine = Engine::new();
/// engine.execute(0, Set { key: "foo".into(), value: "bar".into(), options: Default::default() })?;
/// assert_eq!(engine.execute(0, Get { key: "foo".into() })?.unwrap(), "bar");
/// # Ok::<(), redipy_command::Error>(())
/// ```
#[derive(Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
}

/// What came of an attempt to execute a command: the command again, if it would have had to wait.
pub type Attempt<C, R = <C as Command>::Reply> = std::result::Result<Result<R>, C>;

/// How an engine is made.
#[derive(Clone)]
pub struct Builder {
    shards: usize,
    clock: Clock,
    seed: Option<u64>,
    script_limits: Limits,
}

/// The most shards, and how many there are unless one says otherwise.
const SHARDS: usize = 64;

impl Default for Builder {
    fn default() -> Self {
        Self { shards: SHARDS, clock: Clock::system(), seed: None, script_limits: Limits::default() }
    }
}

impl Builder {
    /// How many locks the data is spread over: a power of two up to 64, which it is unless said
    /// otherwise. Other numbers are rounded up; with one, KEYS and SCAN go by the seed alone.
    #[must_use]
    pub fn shards(mut self, shards: usize) -> Self {
        self.shards = shards.clamp(1, SHARDS).next_power_of_two();
        self
    }

    /// The clock that expiry and TIME go by.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The seed of random numbers and of the hash function: engines with the same seed give the
    /// same random members and the same order of keys. Every engine has another unless said.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// How much a script may use up, unless its call says otherwise.
    #[must_use]
    pub fn script_limits(mut self, limits: Limits) -> Self {
        self.script_limits = limits;
        self
    }

    /// An empty engine.
    pub fn build(self) -> Engine {
        let random = Random::new(self.seed.unwrap_or_else(fresh_seed));
        Engine { shared: Shared::new(self.shards, self.clock, random, self.script_limits) }
    }
}

/// A seed that differs from engine to engine.
fn fresh_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one("redipy")
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// An empty engine with 64 shards, the system's clock and a seed of its own.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Settings for an engine.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The clock that the engine goes by.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// Executes a typed command on a database.
    ///
    /// # Errors
    /// Those of the command.
    #[inline(always)]
    pub fn execute<C: Run>(&self, db: usize, command: C) -> Result<C::Reply> {
        admit(&command)?;
        self.reach(db, command, |command, at| command.run(at))
    }

    /// Executes a typed command that names one key, if nobody else has that key's shard just now; gives any other command
    /// back. It never waits.
    ///
    /// # Errors
    /// Those of the command.
    #[inline(always)]
    pub fn try_execute<C: Run>(&self, db: usize, command: C) -> Attempt<C> {
        self.try_reach(db, command, |command, at| command.run(at))
    }

    /// As [`try_execute`](Self::try_execute), and shows the reply while its key is locked: stored texts are read where they
    /// are. `to` must not use the engine, which would wait for itself. A debug build panics instead.
    ///
    /// # Errors
    /// Those of the command.
    #[inline(always)]
    pub fn try_show<C: Run, S: ReplySink + ?Sized>(&self, db: usize, command: C, to: &mut S) -> Attempt<C, ()> {
        self.try_reach(db, command, |command, at| {
            let _visit = Visit::begin(&self.shared);
            command.show(at, to)
        })
    }

    /// Runs what needs one key that nobody else has just now; gives any other command back.
    #[inline(always)]
    fn try_reach<C: Run, R>(
        &self,
        db: usize,
        command: C,
        run: impl FnOnce(C, &mut Space<'_>) -> Result<R>,
    ) -> Attempt<C, R> {
        if let Err(error) = admit(&command) {
            return Ok(Err(error));
        }
        if C::REACH != Reach::Keys || !C::SPEC.names_one_key() {
            return Err(command);
        }
        let known = self.only_key(&command);
        match self.shared.try_lock(known.hash) {
            Some(shard) => Ok(self.within(shard, known, db, |at| run(command, at))),
            None => Err(command),
        }
    }

    /// Shows the string of a key to `see` where it is stored; `None` if there is no such key.
    ///
    /// The shard of the key is locked meanwhile: `see` must not use the engine, which would wait for itself. A debug
    /// build panics instead.
    ///
    /// # Errors
    /// `WRONGTYPE` when the key holds no string.
    #[inline]
    pub fn with<R>(&self, db: usize, key: Key<'_>, see: impl FnOnce(Option<&[u8]>) -> R) -> Result<R> {
        self.reach(db, Get { key }, |get, at| self.see(at, get.key, see))
    }

    /// As [`with`](Self::with), if nobody else has that key's shard just now; `None` otherwise. It never waits.
    ///
    /// # Errors
    /// `WRONGTYPE` when the key holds no string.
    #[inline]
    pub fn try_with<R>(&self, db: usize, key: Key<'_>, see: impl FnOnce(Option<&[u8]>) -> R) -> Option<Result<R>> {
        let known = KnownKey::new(key, self.shared.seed);
        let shard = self.shared.try_lock(known.hash)?;
        Some(self.within(shard, known, db, |at| self.see(at, key, see)))
    }

    #[inline]
    fn see<R>(&self, at: &Space<'_>, key: Key<'_>, see: impl FnOnce(Option<&[u8]>) -> R) -> Result<R> {
        let string = at.string(key)?;
        let _visit = Visit::begin(&self.shared);
        Ok(match string {
            Some(string) => string.with(|bytes| see(Some(bytes))),
            None => see(None),
        })
    }

    /// Executes a typed command on a database and shows the reply while its keys are locked: stored texts are read
    /// where they are. `to` must not call the engine.
    ///
    /// # Errors
    /// Those of the command.
    #[inline]
    pub(crate) fn show<C: Run, S: ReplySink + ?Sized>(&self, db: usize, command: C, to: &mut S) -> Result<()> {
        command.check()?;
        self.reach(db, command, |command, at| command.show(at, to))
    }

    /// The key of a command that names one.
    #[inline(always)]
    fn only_key<C: Run>(&self, command: &C) -> KnownKey {
        let mut known = KnownKey::default();
        command.keys(&mut |key| known = KnownKey::new(key, self.shared.seed));
        known
    }

    /// Runs what needs one key, whose shard is locked.
    #[inline(always)]
    fn within<R>(
        &self,
        mut shard: MutexGuard<'_, Shard>,
        known: KnownKey,
        db: usize,
        run: impl FnOnce(&mut Space<'_>) -> R,
    ) -> R {
        let at = Space::new(&self.shared, Held::One(&mut shard), db).knowing(known);
        // A space that borrows its only shard has nothing to drop. The compiler would look, once in every call.
        run(&mut ManuallyDrop::new(at))
    }

    /// Locks what a command needs while `run` runs it. Which locks that are is known when this is compiled; only the keys
    /// are not.
    #[inline(always)]
    fn reach<C: Run, R>(&self, db: usize, command: C, run: impl FnOnce(C, &mut Space<'_>) -> R) -> R {
        let shared = &*self.shared;
        match C::REACH {
            Reach::Nothing => run(command, &mut Space::new(shared, Held::Nothing, db)),
            Reach::Everything => run(command, &mut Space::new(shared, shared.lock_all(), db)),
            Reach::Keys if C::SPEC.names_one_key() => {
                let known = self.only_key(&command);
                self.within(shared.lock(known.hash), known, db, |at| run(command, at))
            }
            Reach::Keys => {
                let mut shards = Wanted::default();
                command.keys(&mut |key| shards.add(shared, key.as_bytes()));
                run(command, &mut Space::new(shared, shared.lock_wanted(shards), db))
            }
        }
    }

    /// A number that tells engines apart: those with the same data have the same one, as long as one of them lives.
    pub fn id(&self) -> usize {
        Arc::as_ptr(&self.shared) as usize
    }

    /// How many keys a database has, and how many of them have a deadline.
    pub fn key_counts(&self, db: usize) -> (usize, usize) {
        let at = Space::new(&self.shared, self.shared.lock_all(), db);
        at.dbs().flatten().fold((0, 0), |(keys, expiring), db| (keys + db.len(), expiring + db.expiring()))
    }

    /// Removes every key whose deadline has passed, in all databases.
    pub fn tick(&self) {
        self.shared.tick();
    }
}

/// Refuses what a server would not take, before anything is changed.
#[inline(always)]
fn admit<C: Command>(command: &C) -> Result<()> {
    command.check()?;
    if command.fits() { Ok(()) } else { texts::fail(texts::BULK_TOO_LONG) }
}

#[cfg(test)]
mod tests {
    use redipy_command::Arg;
    use redipy_command::arg::MAX_LEN;

    use super::*;

    fn engine() -> Engine {
        let engine = Engine::new();
        engine
            .execute(0, redipy_command::string::Set { key: "k".into(), value: "v".into(), options: Default::default() })
            .unwrap();
        engine
    }

    /// With the system's clock nothing removes an expired key before somebody looks for it.
    #[test]
    fn what_has_expired_has_no_expiry_to_keep() {
        use redipy_command::string::{Set, SetOptions};
        let engine = engine();
        let set = |value: &'static str, options| {
            engine.execute(0, Set { key: "k".into(), value: value.into(), options }).unwrap();
        };
        set("old", SetOptions::default().px(1));
        std::thread::sleep(std::time::Duration::from_millis(5));
        set("new", SetOptions::default().keepttl());
        assert_eq!(engine.execute(0, Get { key: "k".into() }).unwrap().unwrap(), "new");
    }

    /// Nobody touches the bytes of this one, so no memory stands behind it.
    #[test]
    fn what_no_server_takes_is_refused_before_anything_changes() {
        use redipy_command::hash::HSet;
        use redipy_command::list::RPush;
        use redipy_command::string::{MSet, Set};
        let (engine, huge) = (engine(), vec![0; MAX_LEN + 1]);
        let (key, value) = (Key::from(&huge), Arg::from(&huge));
        let refused = || texts::fail::<()>(texts::BULK_TOO_LONG).unwrap_err();
        let set = |key, value| engine.execute(0, Set { key, value, options: Default::default() }).unwrap_err();
        assert_eq!((set("k".into(), value), set(key, "v".into())), (refused(), refused()));
        let push = RPush { key: "l".into(), elements: vec![Arg::from("a"), value].into() };
        assert_eq!(engine.execute(0, push), Err(refused()));
        let pairs = [(Arg::from("a"), Arg::from("b")), (value, Arg::from("c"))];
        assert_eq!(engine.execute(0, HSet { key: "h".into(), pairs: pairs.into() }), Err(refused()));
        let pairs = vec![(Key::from("k"), Arg::from("other")), ("m".into(), value)];
        assert_eq!(engine.execute(0, MSet { pairs: pairs.into() }), Err(refused()));
        assert!(engine.try_execute(0, Get { key }).is_ok_and(|reply| reply == Err(refused())));
        assert_eq!(engine.execute(0, Get { key: "k".into() }).unwrap().unwrap(), "v");
        assert_eq!(engine.execute(0, redipy_command::server::DbSize {}), Ok(1));
    }

    #[test]
    fn a_visitor_may_use_another_engine() {
        let (engine, other) = (engine(), engine());
        let both = engine.with(0, "k".into(), |own| {
            let theirs = other.with(0, "k".into(), |theirs| theirs.map(<[u8]>::to_vec)).unwrap();
            assert!(other.execute(0, Get { key: "none".into() }).unwrap().is_none());
            own.map(<[u8]>::to_vec) == theirs
        });
        assert_eq!(both, Ok(true));
        assert_eq!(engine.with(0, "none".into(), |value| value.is_none()), Ok(true));
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "the engine was used by a function to which it shows a value")]
    fn a_visitor_that_would_wait_for_itself_is_told() {
        let engine = engine();
        let _ = engine.with(0, "k".into(), |_| engine.execute(0, Get { key: "k".into() }));
    }
}
