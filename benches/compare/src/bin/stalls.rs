//! The worst single insertion while a store grows to ten million keys, by CPU time. Prints a JSON list of rows.
//!
//! A thread that the scheduler put aside in the middle of an insertion has not stalled: an insertion is charged no more
//! than the CPU time of its thread since the batch began that it is in. Asking for that before every insertion would
//! cost more than the insertion does. Page faults count, as the kernel clears the page in this thread's time.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use cpu_time::ThreadTime;
use redipy_compare::data::{Other, Row};
use redipy_compare::keys::{VALUE, key};
use redipy_compare::peers::{self, BARE, BareMap, KEVY, Kevy, Strings};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Insertions between two looks at the thread's CPU time.
const BATCH: usize = 32;
/// An insertion that took longer is looked at closely.
const SUSPICIOUS: Duration = Duration::from_micros(20);

/// Finds the worst single insertion while a store grows.
#[derive(Parser)]
struct Arguments {
    /// A million keys instead of ten.
    #[arg(long)]
    quick: bool,
    /// Fills every store once before, so that the memory is there. Only with an allocator that is told to keep it.
    #[arg(long)]
    warm: bool,
}

/// Makes an empty store, if this program has it.
type Open = fn() -> Option<Box<dyn Strings>>;

const STORES: [(&str, Open); 3] = [
    ("redipy", || Some(Box::new(peers::redipy::open()))),
    (BARE, || Some(Box::new(BareMap::new()))),
    (KEVY, || Some(Box::new(Kevy::open()?))),
];

/// What one fill found, in nanoseconds.
#[derive(Clone, Copy)]
struct Found {
    worst: f64,
    tenth: f64,
    /// One insertion in ten thousand takes longer.
    rare: f64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (keys, size) = if arguments.quick { (1_000_000, "1 M keys") } else { (10_000_000, "10 M keys") };
    if arguments.warm {
        for store in STORES.into_iter().filter_map(|(_, open)| open()) {
            fill(&*store, keys);
        }
    }
    let rounds = if arguments.quick || arguments.warm { 3 } else { 2 };
    let mut found = vec![Vec::new(); STORES.len()];
    for _ in 0..rounds {
        for ((_, open), found) in STORES.iter().zip(&mut found) {
            found.extend(open().map(|store| fill(&*store, keys)));
        }
    }
    let memory = if arguments.warm { "memory at hand" } else { "new memory" };
    let rows = [
        row(format!("worst insertion, {size}, {memory}"), &found, |found| found.worst),
        row(format!("tenth worst insertion, {size}, {memory}"), &found, |found| found.tenth),
        row(format!("99.99th percentile of insertions, {size}, {memory}"), &found, |found| found.rare),
    ];
    match serde_json::to_string(&rows) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("stalls: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The least of all rounds: a stall of the store's own comes in each of them, one that the machine adds in some.
fn row(name: String, found: &[Vec<Found>], of: fn(&Found) -> f64) -> Row {
    let mut least = found.iter().map(|found| found.iter().map(of).fold(f64::NAN, f64::min));
    let own = least.next().unwrap_or(f64::NAN);
    let rivals = STORES.iter().skip(1).zip(least).filter(|(_, value)| !value.is_nan());
    let rivals = rivals.map(|((peer, _), value)| Other { peer: (*peer).to_owned(), value });
    Row { name, unit: "ns".to_owned(), own, others: rivals.collect() }
}

/// Fills a store and watches every insertion.
fn fill(store: &dyn Strings, keys: usize) -> Found {
    let mut times = Vec::with_capacity(keys);
    for start in (0..keys).step_by(BATCH) {
        let batch = ThreadTime::now();
        for number in start..keys.min(start + BATCH) {
            let key = key(number);
            let clock = Instant::now();
            store.write(&key, VALUE);
            let time = clock.elapsed();
            let time = if time > SUSPICIOUS { time.min(batch.elapsed()) } else { time };
            times.push(u32::try_from(time.as_nanos()).unwrap_or(u32::MAX));
        }
    }
    times.sort_unstable_by(|one, other| other.cmp(one));
    let nth = |n: usize| times.get(n).copied().map_or(f64::NAN, f64::from);
    Found { worst: nth(0), tenth: nth(9), rare: nth(keys / 10_000) }
}
