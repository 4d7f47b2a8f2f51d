//! INFO: what a server tells of itself, as far as that means anything here; the rest is what a new server says.

use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redipy::connection::DbIndex;
use redipy::hash::HLen;
use redipy::list::LLen;
use redipy::set::SCard;
use redipy::string::StrLen;
use redipy::zset::ZCard;
use redipy::{Command, Encoded, Result, Value};

use super::statistics::{Calls, Statistics};
use super::{Connection, Events};

/// The version of Redis that this package takes as its measure. Libraries go by it in what they send.
pub const VERSION: &str = "8.2.3";

/// All sections, with the names of what is filled in. The last one is shown only where it is asked for by its name.
const TEMPLATE: &str = include_str!("info.txt");

/// Sections that a server leaves out unless it is asked for them, or for all.
const NOT_BY_DEFAULT: [&str; 2] = ["commandstats", "latencystats"];
const ONLY_BY_NAME: &str = "debug";

/// The clock of LRU has so many bits, and counts seconds.
const LRU_BITS: u32 = 24;
/// How many ticks the operating system counts in a second of processor time.
const TICKS: f64 = 100.0;

impl Connection {
    pub(super) fn info(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        let asked: Vec<String> =
            args[1..].iter().map(|section| String::from_utf8_lossy(section).to_ascii_lowercase()).collect();
        let shown: Vec<&str> = TEMPLATE.split("\n\n").filter(|section| is_asked(&asked, section)).collect();
        let facts = Facts::of(self, asked.iter().any(|name| name == "keysizes"))?;
        let sections: Vec<String> = shown.iter().map(|section| facts.fill(section)).collect();
        self.say(Value::bulk(sections.join("\r\n")), events);
        Ok(())
    }

    /// The number of keys with a size between each power of two and the next, for each database and type.
    fn key_sizes(&mut self) -> Result<String> {
        let mut lines = String::new();
        for db in 0..DbIndex::COUNT {
            let mut sizes = [[0u64; 64]; KINDS.len()];
            for (kind, size) in self.sizes_in(db)? {
                sizes[kind][size.max(1).ilog2() as usize] += 1;
            }
            for (sizes, (_, name, _)) in sizes.iter().zip(KINDS) {
                let found = sizes.iter().enumerate().filter(|(_, count)| **count > 0);
                let shown: Vec<String> = found.map(|(power, count)| format!("{}={count}", 1u64 << power)).collect();
                if !shown.is_empty() {
                    let _ = write!(lines, "db{db}_distrib_{name}:{}\r\n", shown.join(","));
                }
            }
        }
        Ok(lines)
    }

    /// The type of each key of a database, as a place in `KINDS`, and its size.
    fn sizes_in(&mut self, db: usize) -> Result<Vec<(usize, u64)>> {
        let own = self.about.details().db;
        let mut call = |words: &[&[u8]]| {
            self.session.raw(words[1..].iter().fold(Encoded::raw(words[0]), |command, word| command.arg(*word)))
        };
        call(&[b"SELECT", db.to_string().as_bytes()])?;
        let mut found = Vec::new();
        if let Value::Array(keys) = call(&[b"KEYS", b"*"])? {
            for key in &keys {
                let Value::Bulk(key) = key else { continue };
                let Value::Status(kind) = call(&[b"TYPE", key])? else { continue };
                let Some(kind) = KINDS.iter().position(|(name, _, _)| *name == kind) else { continue };
                if let Value::Int(size) = call(&[KINDS[kind].2.as_bytes(), key])? {
                    found.push((kind, size.unsigned_abs()));
                }
            }
        }
        call(&[b"SELECT", own.to_string().as_bytes()])?;
        Ok(found)
    }
}

/// The types of keys, what their sizes are called, and the command that tells them.
const KINDS: [(&str, &str, &str); 5] = [
    ("string", "strings_sizes", StrLen::SPEC.name),
    ("list", "lists_items", LLen::SPEC.name),
    ("set", "sets_items", SCard::SPEC.name),
    ("zset", "zsets_items", ZCard::SPEC.name),
    ("hash", "hashes_items", HLen::SPEC.name),
];

fn is_asked(asked: &[String], section: &str) -> bool {
    let name = section.lines().next().unwrap_or_default().trim_start_matches("# ").to_ascii_lowercase();
    let asks = |word: &str| asked.iter().any(|it| it == word);
    let by_default = name != ONLY_BY_NAME && !NOT_BY_DEFAULT.contains(&&*name);
    asks(&name)
        || name != ONLY_BY_NAME && (asks("all") || asks("everything"))
        || by_default && (asked.is_empty() || asks("default"))
}

/// What is filled in, by its name.
struct Facts(Vec<(&'static str, String)>);

impl Facts {
    fn of(connection: &mut Connection, with_sizes: bool) -> Result<Self> {
        let sizes = if with_sizes { connection.key_sizes()? } else { String::new() };
        let store = &connection.about.store;
        let up = store.opened.0.elapsed().as_secs();
        let mut facts = vec![
            ("version", VERSION.to_owned()),
            ("os", format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
            ("bits", usize::BITS.to_string()),
            ("pid", std::process::id().to_string()),
            ("run_id", store.run_id.clone()),
            ("now_us", since_epoch(SystemTime::now()).as_micros().to_string()),
            ("uptime", up.to_string()),
            ("uptime_days", (up / (24 * 60 * 60)).to_string()),
            ("lru_clock", (since_epoch(SystemTime::now()).as_secs() % (1 << LRU_BITS)).to_string()),
            ("executable", std::env::current_exe().map_or_else(|_| String::new(), |path| path.display().to_string())),
            ("opened", since_epoch(store.opened.1).as_secs().to_string()),
            ("modules", String::new()),
            ("keysizes", sizes),
        ];
        facts.extend(of_process());
        facts.extend(of_connections(connection));
        facts.extend(of_statistics(&store.statistics()));
        facts.push(("keyspace", keyspace(connection)?));
        Ok(Self(facts))
    }

    /// A section with everything filled in. What is a whole line brings its line break along.
    fn fill(&self, section: &str) -> String {
        let mut filled = section.trim_end().replace('\n', "\r\n") + "\r\n";
        for (name, fact) in &self.0 {
            let place = format!("{{{name}}}");
            filled = filled.replace(&format!("\r\n{place}\r\n"), &format!("\r\n{fact}")).replace(&place, fact);
        }
        filled
    }
}

fn since_epoch(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// What the connections to the same data are.
fn of_connections(connection: &Connection) -> Vec<(&'static str, String)> {
    let all = connection.about.store.connections();
    let (mut listening, mut watching, mut watched, mut topics) = (0, 0, 0, [0; 2]);
    for about in &all {
        let details = about.details();
        listening += usize::from(details.topics != [0; 2]);
        watching += usize::from(details.watching > 0);
        watched += details.watching;
        topics = [topics[0] + details.topics[0], topics[1] + details.topics[1]];
    }
    vec![
        ("clients", all.len().to_string()),
        ("pubsub_clients", listening.to_string()),
        ("watching_clients", watching.to_string()),
        ("watched_keys", watched.to_string()),
        ("channels", topics[0].to_string()),
        ("patterns", topics[1].to_string()),
        ("threads", format!("io_thread_0:clients={},reads=0,writes=0\r\n", all.len())),
    ]
}

fn of_statistics(statistics: &Statistics) -> Vec<(&'static str, String)> {
    let (mut commands, mut latencies, mut errors) = (String::new(), String::new(), String::new());
    for (name, calls) in &statistics.commands {
        let name = name.to_ascii_lowercase().replace(' ', "|");
        let Calls { done, rejected, failed, time, .. } = calls;
        let micros = time.as_micros();
        let each = micros as f64 / (*done).max(1) as f64;
        let _ = write!(
            commands,
            "cmdstat_{name}:calls={done},usec={micros},usec_per_call={each:.2},rejected_calls={rejected},failed_calls={failed}\r\n"
        );
        if *done > 0 {
            let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|part| calls.percentile(part));
            let _ = write!(latencies, "latency_percentiles_usec_{name}:p50={p50:.3},p99={p99:.3},p99.9={p999:.3}\r\n");
        }
    }
    for (code, count) in &statistics.errors {
        let _ = write!(errors, "errorstat_{code}:count={count}\r\n");
    }
    let done: u64 = statistics.commands.values().map(|calls| calls.done).sum();
    vec![
        ("connections", statistics.connections.to_string()),
        ("commands", done.to_string()),
        ("errors", statistics.errors.values().sum::<u64>().to_string()),
        ("commandstats", commands),
        ("latencystats", latencies),
        ("errorstats", errors),
    ]
}

/// What the operating system tells of the process: its memory is that of all that is in it.
fn of_process() -> Vec<(&'static str, String)> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let system = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let times: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let seconds = |at: usize| times.get(at).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0) / TICKS;
    let (memory, peak) = (kilobytes(&status, "VmRSS:"), kilobytes(&status, "VmHWM:"));
    let total = kilobytes(&system, "MemTotal:");
    vec![
        ("memory", memory.to_string()),
        ("memory_human", human(memory)),
        ("peak", peak.to_string()),
        ("peak_human", human(peak)),
        ("system_memory", total.to_string()),
        ("system_memory_human", human(total)),
        ("cpu_user", format!("{:.6}", seconds(11))),
        ("cpu_sys", format!("{:.6}", seconds(12))),
    ]
}

/// The bytes that a file of the operating system tells in kilobytes; 0 where it does not.
fn kilobytes(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) * 1024
}

fn human(bytes: u64) -> String {
    let (mut amount, mut unit) = (bytes as f64, "B");
    for larger in ["K", "M", "G", "T"] {
        if amount < 1024.0 {
            break;
        }
        (amount, unit) = (amount / 1024.0, larger);
    }
    if unit == "B" { format!("{bytes}B") } else { format!("{amount:.2}{unit}") }
}

fn keyspace(connection: &Connection) -> Result<String> {
    let mut lines = String::new();
    for db in 0..DbIndex::COUNT {
        let (keys, expires) = connection.about.store.engine.key_counts(db)?;
        if keys > 0 {
            let _ = write!(lines, "db{db}:keys={keys},expires={expires},avg_ttl=0,subexpiry=0\r\n");
        }
    }
    Ok(lines)
}
