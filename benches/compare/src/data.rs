//! What a run finds out: plain data, kept as JSON beside the drawings, from which the report is made.

use serde::{Deserialize, Serialize};

/// All that one run of `make bench` measured.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Results {
    /// Where and when.
    pub machine: Machine,
    /// CPU time of an operation, for us and the others.
    pub speed: Vec<Row>,
    /// CPU time of scripts, for us and the others.
    #[serde(default)]
    pub scripts: Vec<Row>,
    /// Bytes for each key, for us and the others.
    pub memory: Vec<Row>,
    /// Cost against size.
    pub growth: Vec<Curve>,
    /// The worst single insertion while a store grows.
    pub stalls: Vec<Row>,
    /// Threads that work at the same time.
    pub concurrency: Vec<Load>,
}

/// Where, when and with what a run was made.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Machine {
    /// The day, as `2026-11-22`.
    pub date: String,
    /// The name of the processor.
    pub cpu: String,
    /// How many of its cores a program may use.
    pub cores: usize,
    /// Versions of the compiler, of redipy, of the rivals and of the servers, as `name version`.
    pub versions: Vec<String>,
}

impl Machine {
    /// With the versions of those that were there in an earlier run, to which the groups belong that are not measured anew.
    pub fn or_as_before(mut self, before: &Machine) -> Self {
        let name = |version: &str| version.rsplit_once(' ').map_or_else(String::new, |(name, _)| name.to_owned());
        for version in &before.versions {
            if !self.versions.iter().any(|known| name(known) == name(version)) {
                self.versions.push(version.clone());
            }
        }
        self
    }
}

/// One quantity, measured for us and for others in the same run.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    /// What was done, as `GET` or `ZADD, update in 1,000 members`.
    pub name: String,
    /// Of what the figures are: `ns` or `bytes`.
    pub unit: String,
    /// Ours, a median.
    pub own: f64,
    /// Those of the others.
    pub others: Vec<Other>,
}

impl Row {
    /// How many times ours another's figure is: above 1, we are faster or smaller.
    pub fn ratio(&self, other: &Other) -> f64 {
        other.value / self.own
    }
}

/// A rival's figure in a [`Row`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Other {
    /// `bare map`, `kevy-embedded`, `redis 7.0` ..
    pub peer: String,
    /// A median, in the unit of the row.
    pub value: f64,
}

/// The cost of one operation against the size of what it works on.
#[derive(Debug, Serialize, Deserialize)]
pub struct Curve {
    /// What was done, as `GET` or `LINDEX`.
    pub name: String,
    /// What grows, as `keys` or `elements`.
    pub size: String,
    /// The documented complexity, as `O(1)` or `O(log N)`.
    pub complexity: String,
    /// Size and nanoseconds, by size.
    pub points: Vec<(f64, f64)>,
    /// Why the curve jumps, where it does, as `128 elements: packed buffer to hash table`.
    pub jumps: Vec<String>,
}

/// Several threads at the same store.
#[derive(Debug, Serialize, Deserialize)]
pub struct Load {
    /// `redipy`, `bare map`, `kevy-embedded`.
    pub peer: String,
    /// `uniform` or `zipf`; `hot` for keys that fit the cache.
    pub keys: String,
    /// Per cent of reads, 95 or 50.
    pub reads: u32,
    /// How many threads.
    pub threads: usize,
    /// Whether a script that takes all shards ran every millisecond.
    pub sweeping: bool,
    /// Million operations a second, all threads together.
    pub throughput: f64,
    /// Nanoseconds: the median, 99 % and 99.9 % of the operations took no longer.
    pub percentiles: [f64; 3],
}
