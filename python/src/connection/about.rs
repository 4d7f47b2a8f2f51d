//! What connections to the same data know of each other: the lines of CLIENT LIST, and what they have in common.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Waker};
use std::time::{Instant, SystemTime};

use redipy::Bytes;
use redipy::memory::Engine;
use redipy_resp::Protocol;

use super::statistics::Statistics;

/// The host of every address here; the port is the number of the connection, so that each has another.
const HOST: &str = "in-process";

/// A connection, as far as others know it.
pub struct About {
    pub id: u64,
    pub store: Arc<Store>,
    opened: Instant,
    details: Mutex<Details>,
    end: Mutex<End>,
}

/// Whether the connection is over, and who waits for something on it.
#[derive(Default)]
struct End {
    is_closed: bool,
    waiting: Option<Waker>,
}

/// What changes.
pub struct Details {
    pub name: Bytes,
    pub lib_name: Bytes,
    pub lib_ver: Bytes,
    pub db: usize,
    pub protocol: Protocol,
    pub topics: [usize; 2],
    pub queued: Option<usize>,
    pub watching: usize,
    /// The name of the last command.
    pub command: &'static str,
    pub commands: u64,
    pub used: Instant,
    pub no_evict: bool,
    pub no_touch: bool,
}

impl Details {
    /// What RESET forgets.
    pub fn reset(&mut self) {
        (self.name, self.db, self.no_evict, self.no_touch) = (Bytes::default(), 0, false, false);
    }
}

impl About {
    /// Where everything seems to arrive.
    pub const LOCAL_ADDRESS: &str = "in-process:0";

    /// A new connection to a store, which others know from now on.
    pub fn new(store: Arc<Store>, db: usize) -> Arc<Self> {
        static IDS: AtomicU64 = AtomicU64::new(1);
        let now = Instant::now();
        let details = Details {
            name: Bytes::default(),
            lib_name: Bytes::default(),
            lib_ver: Bytes::default(),
            db,
            protocol: Protocol::Resp2,
            topics: [0; 2],
            queued: None,
            watching: 0,
            command: "NULL",
            commands: 0,
            used: now,
            no_evict: false,
            no_touch: false,
        };
        let about = Arc::new(Self {
            id: IDS.fetch_add(1, Ordering::Relaxed),
            store,
            opened: now,
            details: Mutex::new(details),
            end: Mutex::default(),
        });
        about.store.add(&about);
        about
    }

    /// What is known of it just now.
    pub fn details(&self) -> MutexGuard<'_, Details> {
        self.details.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is known of it.
    pub fn change(&self, change: impl FnOnce(&mut Details)) {
        change(&mut self.details());
    }

    /// Ends the connection, and tells who waits for something on it.
    pub fn close(&self) {
        let waiting = {
            let mut end = self.end();
            end.is_closed = true;
            end.waiting.take()
        };
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }

    /// Whether the connection is over.
    pub fn is_closed(&self) -> bool {
        self.end().is_closed
    }

    /// Whether the connection is over; who asked is told when it is.
    pub fn poll_closed(&self, context: &mut Context<'_>) -> bool {
        let mut end = self.end();
        end.waiting = Some(context.waker().clone());
        end.is_closed
    }

    fn end(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where it seems to come from.
    pub fn address(&self) -> String {
        format!("{HOST}:{}", self.id)
    }

    /// The whole seconds since it was opened.
    pub fn age(&self) -> u64 {
        self.opened.elapsed().as_secs()
    }

    /// Whether it is of a type: `normal`, `pubsub`; there are no others here.
    pub fn is_of_type(&self, name: &str) -> bool {
        name == if self.details().topics == [0; 2] { "normal" } else { "pubsub" }
    }

    /// A line of CLIENT LIST. There are no buffers between a connection and the data, so they are empty.
    pub fn line(&self) -> Vec<u8> {
        let details = self.details();
        let address = self.address();
        let [channels, patterns] = details.topics;
        let multi = details.queued.map_or(-1, |queued| queued as i64);
        let resp = if details.protocol == Protocol::Resp2 { 2 } else { 3 };
        let mut line = format!("id={} addr={address} laddr={} fd=-1 name=", self.id, Self::LOCAL_ADDRESS).into_bytes();
        line.extend_from_slice(&details.name);
        line.extend(
            format!(
                " age={} idle={} flags={} db={} sub={channels} psub={patterns} ssub=0 multi={multi} watch={} qbuf=0 \
                 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=0 events=r cmd={} user=default \
                 redir=-1 resp={resp} lib-name=",
                self.age(),
                details.used.elapsed().as_secs(),
                details.flags(),
                details.db,
                details.watching,
                shown(details.command),
            )
            .into_bytes(),
        );
        line.extend_from_slice(&details.lib_name);
        line.extend_from_slice(b" lib-ver=");
        line.extend_from_slice(&details.lib_ver);
        line.extend(format!(" io-thread=0 tot-net-in=0 tot-net-out=0 tot-cmds={}\n", details.commands).into_bytes());
        line
    }
}

/// A command's name as it is shown; there is none yet, or it is unknown, where the name is `NULL`.
fn shown(command: &str) -> String {
    if command == "NULL" { command.to_owned() } else { command.to_ascii_lowercase().replace(' ', "|") }
}

impl Details {
    fn flags(&self) -> String {
        let flags =
            [(self.topics != [0; 2], 'P'), (self.queued.is_some(), 'x'), (self.no_evict, 'e'), (self.no_touch, 'T')];
        let flags: String = flags.iter().filter(|(set, _)| *set).map(|(_, flag)| *flag).collect();
        if flags.is_empty() { "N".to_owned() } else { flags }
    }
}

/// The connections to the data of an engine.
pub struct Store {
    pub engine: Engine,
    /// When the first connection was made.
    pub opened: (Instant, SystemTime),
    /// A number that no other store has.
    pub run_id: String,
    connections: Mutex<BTreeMap<u64, Weak<About>>>,
    statistics: Mutex<Statistics>,
}

impl Store {
    /// What connections to this engine have in common.
    pub fn of(engine: &Engine) -> Arc<Self> {
        static STORES: LazyLock<Mutex<HashMap<usize, Weak<Store>>>> = LazyLock::new(Mutex::default);
        let mut stores = STORES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = stores.get(&engine.id()).and_then(Weak::upgrade) {
            return known;
        }
        let part = || RandomState::new().hash_one("redipy");
        let store = Arc::new(Self {
            engine: engine.clone(),
            opened: (Instant::now(), SystemTime::now()),
            run_id: format!("{:016x}{:016x}{:08x}", part(), part(), part() as u32),
            connections: Mutex::default(),
            statistics: Mutex::default(),
        });
        stores.retain(|_, store| store.strong_count() > 0);
        stores.insert(engine.id(), Arc::downgrade(&store));
        store
    }

    /// Makes a connection known to others.
    pub fn add(&self, about: &Arc<About>) {
        self.statistics().connections += 1;
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        connections.retain(|_, about| about.strong_count() > 0);
        connections.insert(about.id, Arc::downgrade(about));
    }

    /// The open connections, the oldest first.
    pub fn connections(&self) -> Vec<Arc<About>> {
        let connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        connections.values().filter_map(Weak::upgrade).filter(|about| !about.is_closed()).collect()
    }

    /// What has happened so far.
    pub fn statistics(&self) -> MutexGuard<'_, Statistics> {
        self.statistics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
