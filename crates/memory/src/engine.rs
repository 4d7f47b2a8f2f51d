//! The engine, and how a typed command gets the locks that it needs.

use std::fmt;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::MutexGuard;
use redipy_backend::backlog;
use redipy_command::string::Get;
use redipy_command::{Command, Error, Flags, Key, Kind, ReplySink, Result, Spec, room};
use redipy_script::Limits;

use crate::clock::Clock;
use crate::data::config::{ChunkLimit, CollectionConfig};
use crate::listen::notifications::KeyspaceEvents;
use crate::random::Generator;
use crate::run::{Reach, Run};
use crate::shared::{FEW, Few, LockedShards, Settings, Shared};
use crate::space::{Keys, KnownKey, Space};
use crate::store::keyspace::Shard;
use crate::visit::Visit;

/// Redis data structures in your own process. Clones share the data; a new one is empty.
///
/// ```
/// # mod redipy { pub use redipy_backend::*; pub use redipy_command::*; pub use redipy_memory as memory; }
/// use redipy::string::{Get, Set};
/// use redipy::memory::Engine;
///
/// let engine = Engine::new();
/// engine.execute(0, Set { key: "foo".into(), value: "bar".into(), options: Default::default() })?;
/// assert_eq!(engine.execute(0, Get { key: "foo".into() })?.unwrap(), "bar");
/// # Ok::<(), redipy::Error>(())
/// ```
///
/// # Forks
///
/// A forked process has a copy of the data, and of all threads only the one that forked: what another one held just then stays
/// locked in the child for ever. Where no other thread of the program uses an engine during the fork, the child can use it if
/// the thread of the engines ([`EngineBuilder::background`]) is out of the way too: call
/// [`background::pause`](crate::background::pause) before the fork and [`background::resume`](crate::background::resume) after
/// it, in both processes.
#[derive(Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("name", &self.name()).finish_non_exhaustive()
    }
}

/// The result of an attempt to execute a command, or the command itself if it would have had to wait.
pub type Attempt<C, R = <C as Command>::Reply> = std::result::Result<Result<R>, C>;

/// Settings of an engine.
#[derive(Debug, Clone)]
pub struct EngineBuilder {
    shards: usize,
    clock: Clock,
    seed: Option<u64>,
    script_limits: Limits,
    busy_reply_threshold: Duration,
    background: bool,
    message_limit: usize,
    keyspace_events: KeyspaceEvents,
    name: Option<Box<str>>,
    collections: CollectionConfig,
}

/// Settings by which collections change their form, named as on a server.
macro_rules! thresholds {
    ($($(#[$meta:meta])* $name:ident: $type:ty => |$value:ident| $set:expr;)+) => {
        impl EngineBuilder {
            /// The names of the settings by which collections change their form: those of the methods.
            pub const THRESHOLDS: &[&str] = &[$(stringify!($name)),+];

            $(
                $(#[$meta])*
                #[must_use]
                pub fn $name(mut self, $value: $type) -> Self {
                    self.collections.$name = $set;
                    self
                }
            )+

            /// Sets one of the [`THRESHOLDS`](Self::THRESHOLDS) by its name, as a URL has it.
            ///
            /// ```
            /// # mod redipy { pub use redipy_backend::*; pub use redipy_command::*; pub use redipy_memory as memory; }
            /// use redipy::memory::Engine;
            ///
            /// let engine = Engine::builder().threshold("hash_max_listpack_entries", "1024")?.build();
            /// let error = Engine::builder().threshold("hash_max_listpack_entries", "-1").unwrap_err();
            /// assert_eq!(error.message(), r#""-1" is no hash_max_listpack_entries, which is a number from 0 on"#);
            /// # Ok::<(), redipy::Error>(())
            /// ```
            ///
            /// # Errors
            /// `Config` where there is none of this name, or the text is no such number.
            pub fn threshold(self, name: &str, value: &str) -> Result<Self> {
                match name {
                    $(stringify!($name) => match value.parse() {
                        Ok(number) => Ok(self.$name(number)),
                        Err(_) => Err(no_threshold(name, value, <$type>::MIN == 0)),
                    },)+
                    _ => Err(Error::new(Kind::Config, format!("there is no threshold {name:?}"))),
                }
            }
        }
    };
}

#[cold]
fn no_threshold(name: &str, value: &str, is_count: bool) -> Error {
    let numbers = if is_count { "number from 0 on" } else { "number of elements, or from -1 to -5 a size" };
    Error::new(Kind::Config, format!("{value:?} is no {name}, which is a {numbers}"))
}

thresholds! {
    /// Maximum number of fields of a packed hash, which takes the least memory and is searched field by field. Default:
    /// 512.
    hash_max_listpack_entries: usize => |fields| fields;
    /// Maximum length in bytes of a field or value in a packed hash. Default: 64.
    hash_max_listpack_value: usize => |bytes| bytes;
    /// Maximum number of members of a set of integers that is a sorted array. Default: 512.
    set_max_intset_entries: usize => |members| members;
    /// Maximum number of members of a packed set. Default: 128.
    set_max_listpack_entries: usize => |members| members;
    /// Maximum length in bytes of a member of a packed set. Default: 64.
    set_max_listpack_value: usize => |bytes| bytes;
    /// Maximum number of members of a packed sorted set. Default: 128.
    zset_max_listpack_entries: usize => |members| members;
    /// Maximum length in bytes of a member of a packed sorted set. Default: 64.
    zset_max_listpack_value: usize => |bytes| bytes;
    /// Maximum size of a list that is one packed chunk, and of each chunk of a longer one: a number of elements, or from
    /// -1 to -5 for 4, 8, 16, 32 or 64 KB. Default: -2.
    list_max_listpack_size: i32 => |size| ChunkLimit::of(size);
}

/// Default of [`EngineBuilder::busy_reply_threshold`], which is Redis' own.
const BUSY_REPLY_THRESHOLD: Duration = Duration::from_secs(5);

/// Maximum and default number of shards.
const SHARDS: usize = 64;

impl Default for EngineBuilder {
    fn default() -> Self {
        Self {
            shards: SHARDS,
            clock: Clock::system(),
            seed: None,
            script_limits: Limits::default(),
            busy_reply_threshold: BUSY_REPLY_THRESHOLD,
            background: true,
            message_limit: backlog::LIMIT,
            keyspace_events: KeyspaceEvents::default(),
            name: None,
            collections: CollectionConfig::DEFAULT,
        }
    }
}

impl EngineBuilder {
    /// Number of shards, each with a lock of its own: a power of two up to 64; others are rounded up. With one shard the
    /// order of KEYS and SCAN depends on the seed alone. Default: 64.
    #[must_use]
    pub fn shards(mut self, shards: usize) -> Self {
        self.shards = shards.clamp(1, SHARDS).next_power_of_two();
        self
    }

    /// The clock for expiry and TIME. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The seed of random numbers and of the hash function: engines with the same seed give the
    /// same random members and the same order of keys. Default: another one for each engine.
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

    /// Time after which a running script makes calls that need its keys fail with `BUSY` instead of waiting, as a server's
    /// `busy-reply-threshold`. The script goes on. Default: 5 seconds.
    #[must_use]
    pub fn busy_reply_threshold(mut self, threshold: Duration) -> Self {
        self.busy_reply_threshold = threshold;
        self
    }

    /// Whether a thread of the process, shared by all engines, removes expired keys and frees large values. It exists only
    /// while there is something to do. Without it expired keys are removed on access, beside writes and by
    /// [`Engine::tick`], and large values are freed by the caller that removes them. An engine with a manual clock uses no
    /// thread. Default: true.
    #[must_use]
    pub fn background(mut self, background: bool) -> Self {
        self.background = background;
        self
    }

    /// Name of the engine in descriptions; need not be unique.
    #[must_use]
    pub fn name(mut self, name: impl Into<Box<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Maximum size in bytes of the unread messages of a subscription, which ends with an error when it is exceeded.
    /// Default: 32 MB, a server's limit for its clients.
    #[must_use]
    pub fn message_limit(mut self, bytes: usize) -> Self {
        self.message_limit = bytes;
        self
    }

    /// Classes of keyspace notifications that are published, as in a server's `notify-keyspace-events`. Default: none.
    ///
    /// ```
    /// # mod redipy { pub use redipy_backend::*; pub use redipy_command::*; pub use redipy_memory as memory; }
    /// use redipy::{Backend, Topic};
    /// use redipy::string::Set;
    /// use redipy::memory::{Engine, Memory};
    ///
    /// let engine = Engine::builder().notify_keyspace_events("KEA".parse()?).build();
    /// let mut events = Memory::from(engine.clone()).subscribe(&[Topic::Pattern("__keyevent@0__:*".into())])?;
    /// engine.execute(0, Set { key: "foo".into(), value: "bar".into(), options: Default::default() })?;
    /// let message = events.next(None)?.unwrap();
    /// assert_eq!((message.channel, message.payload), ("__keyevent@0__:set".into(), "foo".into()));
    /// # Ok::<(), redipy::Error>(())
    /// ```
    #[must_use]
    pub fn notify_keyspace_events(mut self, events: KeyspaceEvents) -> Self {
        self.keyspace_events = events;
        self
    }

    /// Builds an empty engine.
    pub fn build(self) -> Engine {
        let random = Generator::new(self.seed.unwrap_or_else(fresh_seed));
        let settings = Settings {
            shards: self.shards,
            clock: self.clock,
            script_limits: self.script_limits,
            busy_reply_threshold: self.busy_reply_threshold,
            background: self.background,
            message_limit: self.message_limit,
            keyspace_events: self.keyspace_events,
            name: self.name,
            collections: self.collections,
        };
        Engine { shared: Shared::new(settings, random) }
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
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    /// Returns the name, if there is one.
    pub fn name(&self) -> Option<&str> {
        self.shared.name.as_deref()
    }

    /// Returns the clock.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// Executes a typed command on a database.
    ///
    /// # Errors
    /// Those of the command. `BUSY` while a long script has its keys, [`Kind::Unsupported`](redipy_command::Kind) in a
    /// function that runs while its engine's data is held for it.
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
    /// are. `to` must not use the engine, whose calls fail meanwhile.
    ///
    /// # Errors
    /// Those of the command.
    #[inline(always)]
    pub fn try_show<C: Run, S: ReplySink + ?Sized>(&self, db: usize, command: C, to: &mut S) -> Attempt<C, ()> {
        self.try_reach(db, command, |command, at| {
            let _visit = Visit::begin(&self.shared.long_scripts);
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
        if C::REACH != Reach::Keys || C::SPEC.only_key.is_none() {
            return Err(command);
        }
        let known = self.only_key(&command);
        match self.shared.try_lock(known.hash) {
            Ok(Some(shard)) => Ok(self.within(C::SPEC, shard, known, db, |at| run(command, at))),
            Ok(None) => Err(command),
            Err(error) => Ok(Err(error)),
        }
    }

    /// Shows the string of a key to `see` where it is stored; `None` if there is no such key.
    ///
    /// The shard of the key is locked meanwhile: `see` must not use the engine, whose calls fail meanwhile.
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
        match self.shared.try_lock(known.hash) {
            Ok(shard) => Some(self.within(Get::SPEC, shard?, known, db, |at| self.see(at, key, see))),
            Err(error) => Some(Err(error)),
        }
    }

    #[inline]
    fn see<R>(&self, at: &Space<'_>, key: Key<'_>, see: impl FnOnce(Option<&[u8]>) -> R) -> Result<R> {
        let string = at.string(key)?;
        let _visit = Visit::begin(&self.shared.long_scripts);
        Ok(match string {
            Some(string) => string.with(|bytes| see(Some(bytes))),
            None => see(None),
        })
    }

    /// Executes a command that was read from arguments, which has been checked by that, and shows the reply while its keys are
    /// locked: stored texts are read where they are. `to` must not call the engine.
    ///
    /// # Errors
    /// Those of the command.
    #[inline]
    pub(crate) fn show<C: Run, S: ReplySink + ?Sized>(&self, db: usize, command: C, to: &mut S) -> Result<()> {
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
        spec: &'static Spec,
        mut shard: MutexGuard<'_, Shard>,
        known: KnownKey,
        db: usize,
        run: impl FnOnce(&mut Space<'_>) -> R,
    ) -> R {
        // What there is to do afterwards is done here; the compiler would look in every call what there is to drop.
        let at = Space::of(&self.shared, LockedShards::One(&mut shard), db, Some(spec), known);
        let mut at = ManuallyDrop::new(at);
        let result = run(&mut at);
        if let Some(hash) = at.lapsed() {
            self.shared.remove_expired_key(&mut shard, db, hash, self.shared.clock.now_millis());
            self.shared.unlock(shard);
        } else if spec.flags.has(Flags::READONLY) {
            drop(shard);
        } else {
            self.shared.unlock(shard);
        }
        result
    }

    /// Runs what needs several keys.
    #[inline]
    fn within_each<R>(
        &self,
        spec: &'static Spec,
        keys: &mut Keys,
        db: usize,
        run: impl FnOnce(&mut Space<'_>) -> Result<R>,
    ) -> Result<R> {
        let shared = &*self.shared;
        if let Some(known) = keys.only() {
            return self.within(spec, shared.lock(known.hash)?, known, db, run);
        }
        let shards = keys.shards(shared);
        if shards.len() > FEW {
            let locked = shared.lock_shards(shards, shared.patience())?;
            return run(&mut Space::of_keys(shared, locked, db, spec, keys));
        }
        let mut guards = shared.lock_few(shards)?;
        let mut few = [const { None }; FEW];
        few.iter_mut().zip(&mut guards).for_each(|(shard, guard)| *shard = Some(&mut **guard));
        let locked = LockedShards::Few(Few { shards, locked: &mut few });
        let mut at = Space::of_keys(shared, locked, db, spec, keys);
        let result = run(&mut at);
        let defers = !spec.flags.has(Flags::READONLY) || at.lapsed().is_some();
        drop(at);
        if defers {
            shared.unlock_few(guards);
        }
        result
    }

    /// Locks what a command needs while `run` runs it. Which locks that are is known when this is compiled; only the keys
    /// are not.
    #[inline(always)]
    fn reach<C: Run, R>(&self, db: usize, command: C, run: impl FnOnce(C, &mut Space<'_>) -> Result<R>) -> Result<R> {
        let shared = &*self.shared;
        let held = match C::REACH {
            Reach::Nothing => LockedShards::Nothing,
            Reach::Everything => shared.lock_all()?,
            Reach::Keys if C::SPEC.only_key.is_some() => {
                let known = self.only_key(&command);
                return self.within(C::SPEC, shared.lock(known.hash)?, known, db, |at| run(command, at));
            }
            Reach::Keys => {
                let mut keys = Keys::default();
                command.keys(&mut |key| keys.push(KnownKey::new(key, shared.seed)));
                return self.within_each(C::SPEC, &mut keys, db, |at| run(command, at));
            }
        };
        run(command, &mut Space::of(shared, held, db, Some(C::SPEC), KnownKey::default()))
    }

    /// Returns a number that is the same for clones and differs between engines, as long as one of the clones lives.
    pub fn id(&self) -> usize {
        Arc::as_ptr(&self.shared) as usize
    }

    /// Returns whether a lock is held just now, so that a call may have to wait.
    pub fn is_in_use(&self) -> bool {
        self.shared.is_in_use()
    }

    /// Returns the number of keys of a database, and of those with a deadline.
    ///
    /// # Errors
    /// As [`execute`](Self::execute) has them where it waits.
    pub fn key_counts(&self, db: usize) -> Result<(usize, usize)> {
        let at = Space::new(&self.shared, self.shared.lock_all()?, db);
        Ok(at.dbs().flatten().fold((0, 0), |(keys, expiring), db| (keys + db.len(), expiring + db.expiring())))
    }

    /// Removes keys whose deadline has passed, in all databases, looking at about `budget` slots of their tables. Returns
    /// whether that was enough to find all of them.
    ///
    /// Only engines without a thread need it ([`EngineBuilder::background`]): call it now and then with a budget of 1,000 or
    /// so, or with [`usize::MAX`] to remove everything. Tables in which no deadline has passed cost nothing.
    ///
    /// ```
    /// # mod redipy { pub use redipy_backend::*; pub use redipy_command::*; pub use redipy_memory as memory; }
    /// use redipy::server::DbSize;
    /// use redipy::string::PSetEx;
    /// use redipy::memory::Engine;
    ///
    /// let engine = Engine::builder().background(false).build();
    /// engine.execute(0, PSetEx { key: "k".into(), milliseconds: 1.into(), value: "v".into() })?;
    /// std::thread::sleep(std::time::Duration::from_millis(5));
    /// assert!(engine.tick(1_000)?);
    /// assert_eq!(engine.execute(0, DbSize {})?, 0);
    /// # Ok::<(), redipy::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`execute`](Self::execute) has them where it waits.
    pub fn tick(&self, budget: usize) -> Result<bool> {
        self.shared.tick(budget)
    }
}

/// Refuses what a server would not take, and what there is no room for, before anything is changed.
#[inline(always)]
pub(crate) fn admit<C: Command>(command: &C) -> Result<()> {
    command.check()?;
    room::admit(command)
}

#[cfg(test)]
mod tests {
    use redipy_command::Arg;
    use redipy_command::arg::MAX_LEN;
    use redipy_command::texts;

    use super::*;
    use crate::data::table::hash_bytes;
    use crate::edit::Expiry;
    use crate::listen::event::Event;

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

    /// One shard or several, as many keys as are remembered without an allocation and more.
    #[test]
    fn commands_of_several_keys_reach_all_of_them() {
        use redipy_command::generic::{Del, Exists};
        use redipy_command::string::{MGet, MSet};
        for shards in [1, 4, SHARDS] {
            let engine = Engine::builder().shards(shards).build();
            for count in [1, 2, FEW - 1, FEW, FEW + 1, 3 * FEW, 400] {
                let names: Vec<String> = (0..count).map(|i| format!("key {i}")).collect();
                let keys = || names.iter().map(Key::from).collect();
                let pairs = names.iter().map(|name| (Key::from(name), Arg::from(name))).collect();
                engine.execute(0, MSet { pairs }).unwrap();
                let values = engine.execute(0, MGet { keys: keys() }).unwrap();
                assert!(values.iter().flatten().eq(&names) && values.len() == count, "{shards} {count}");
                let both = names.iter().chain(&names).map(Key::from).collect();
                assert_eq!(engine.execute(0, Exists { keys: both }), Ok(2 * count as u64));
                assert_eq!(engine.execute(0, Del { keys: keys() }), Ok(count as u64));
                assert_eq!(engine.execute(0, MGet { keys: keys() }), Ok(vec![None; count]));
            }
        }
    }

    /// What only reads has something to do afterwards then, too.
    #[test]
    fn who_reads_several_keys_and_finds_one_expired_notifies_at_once() {
        use redipy_backend::{Backend, Topic};
        use redipy_command::string::{MGet, PSetEx};
        let engine = Engine::builder().background(false).notify_keyspace_events("Ex".parse().unwrap()).build();
        let topic = Topic::Channel("__keyevent@0__:expired".into());
        let mut events = crate::Memory::from(engine.clone()).subscribe(&[topic]).unwrap();
        let expiring = PSetEx { key: "gone".into(), milliseconds: 1.into(), value: "v".into() };
        engine.execute(0, expiring).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(5));
        let keys = ["gone", "never there"].map(Key::from).into_iter().collect();
        assert_eq!(engine.execute(0, MGet { keys }), Ok(vec![None, None]));
        let event = events.next(Some(Duration::from_secs(20))).unwrap().unwrap();
        assert_eq!(event.payload, "gone");
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
    fn a_visitor_that_would_wait_for_itself_is_told() {
        let engine = engine();
        let refused = |result: Result<Option<redipy_command::Bytes>>| {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), redipy_command::Kind::Unsupported);
            assert!(error.message().contains("its engine's data is held for it"), "{error}");
        };
        let get = |key: &'static str| engine.execute(0, Get { key: key.into() });
        engine
            .with(0, "k".into(), |_| {
                // Whether or not the lock is the one that it holds, and whether or not it would wait.
                refused(get("k"));
                refused(get("another"));
                refused(
                    engine.try_execute(0, Get { key: "k".into() }).unwrap_or_else(|_| panic!("it might have waited")),
                );
                assert!(engine.try_with(0, "k".into(), |_| ()).unwrap().is_err());
                assert!(engine.execute(0, redipy_command::server::DbSize {}).is_err());
                assert!(engine.tick(1).is_err());
            })
            .unwrap();
        assert_eq!(get("k").unwrap().unwrap(), "v");
    }

    /// Two threads that hold an engine each and want the other one's data do not wait for each other for ever.
    #[test]
    fn visitors_of_two_engines_do_not_wait_in_a_circle() {
        let made = || Engine::builder().shards(1).busy_reply_threshold(Duration::from_millis(100)).build();
        let (a, b) = (made(), made());
        let both = std::sync::Barrier::new(2);
        let meet = |own: &Engine, other: &Engine| {
            own.with(0, "k".into(), |_| {
                both.wait();
                let result = other.execute(0, Get { key: "k".into() });
                both.wait();
                result
            })
        };
        std::thread::scope(|scope| {
            let waits = [scope.spawn(|| meet(&a, &b)), scope.spawn(|| meet(&b, &a))];
            for wait in waits {
                let error = wait.join().unwrap().unwrap().unwrap_err();
                assert!(error.message().contains("holds the data of an engine"), "{error}");
            }
        });
    }

    /// Keys in different shards.
    fn two_keys(engine: &Engine) -> [String; 2] {
        let shard = |key: &String| engine.shared.shard_of(hash_bytes(engine.shared.seed, key.as_bytes()));
        let other = (0..).map(|i| format!("other:{i}")).find(|key| shard(key) != shard(&"k".to_owned()));
        ["k".to_owned(), other.unwrap()]
    }

    #[test]
    fn a_command_reaches_no_key_that_it_does_not_name() {
        let engine = engine();
        let [own, other] = two_keys(&engine);
        let caught = |reach: &dyn Fn()| {
            let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(reach)).unwrap_err();
            assert_eq!(panic.downcast_ref::<String>().unwrap(), "GET reaches for a key that it does not name");
        };
        let get = || Get { key: own.as_str().into() };
        caught(&|| drop(engine.reach(0, get(), |_, at| at.string(other.as_str().into()).map(drop))));
        caught(&|| {
            drop(engine.reach(0, get(), |_, at| {
                at.set_string(other.as_str().into(), b"lost", Expiry::Never, Event::SET);
                Ok(())
            }))
        });
        caught(&|| drop(engine.reach(0, get(), |_, at| Ok(at.remove(other.as_str().into())))));
        assert_eq!(engine.execute(0, redipy_command::server::DbSize {}), Ok(1));
    }

    /// Whoever looks for a key that has expired removes it, and nothing else does where there is no thread.
    #[test]
    fn what_is_found_expired_is_removed() {
        let engine = Engine::builder().background(false).build();
        let size = || engine.execute(0, redipy_command::server::DbSize {}).unwrap();
        let expire = |key: &'static str| {
            let set = redipy_command::string::PSetEx { key: key.into(), milliseconds: 1.into(), value: "v".into() };
            engine.execute(0, set).unwrap();
        };
        expire("read");
        expire("seen");
        std::thread::sleep(Duration::from_millis(5));
        assert_eq!(size(), 2);
        assert_eq!(engine.execute(0, Get { key: "read".into() }), Ok(None));
        assert_eq!(size(), 1);
        assert_eq!(engine.with(0, "seen".into(), |value| value.is_none()), Ok(true));
        assert_eq!(size(), 0);
    }

    #[test]
    fn a_tick_does_as_much_as_it_may() {
        let engine = Engine::builder().background(false).build();
        for i in 0..1000 {
            let key = format!("k{i}");
            let set =
                redipy_command::string::PSetEx { key: key.as_str().into(), milliseconds: 1.into(), value: "v".into() };
            engine.execute(0, set).unwrap();
        }
        let size = || engine.execute(0, redipy_command::server::DbSize {}).unwrap();
        std::thread::sleep(Duration::from_millis(5));
        let before = size();
        assert!(!engine.tick(100).unwrap());
        assert!(size() < before && size() > before - 200);
        while !engine.tick(100).unwrap() {}
        assert_eq!(size(), 0);
    }

    /// On the clock of the system nobody need look for what has expired.
    #[test]
    fn what_expires_goes_by_itself() {
        let engine = Engine::new();
        let size = |db| engine.execute(db, redipy_command::server::DbSize {}).unwrap();
        for i in 0..3000 {
            let (key, db) = (format!("k{i}"), i % 3);
            let options = redipy_command::string::SetOptions::default().px(20 + i as i64 % 50);
            let set = redipy_command::string::Set { key: key.as_str().into(), value: "v".into(), options };
            engine.execute(db, set).unwrap();
        }
        let start = std::time::Instant::now();
        while (0..3).any(|db| size(db) > 0) {
            assert!(start.elapsed() < Duration::from_secs(20), "{} {} {}", size(0), size(1), size(2));
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The thread goes when it has nothing to do, as before a fork, and comes back.
    #[test]
    fn what_expires_goes_after_a_pause_too() {
        let engine = Engine::new();
        crate::background::pause();
        let set = redipy_command::string::PSetEx { key: "k".into(), milliseconds: 1.into(), value: "v".into() };
        engine.execute(0, set).unwrap();
        std::thread::sleep(Duration::from_millis(100));
        let size = || engine.execute(0, redipy_command::server::DbSize {}).unwrap();
        assert_eq!(size(), 1);
        crate::background::resume();
        let start = std::time::Instant::now();
        while size() > 0 {
            assert!(start.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
