//! The worst single call while a hash, a set and a sorted set grow to ten million elements and shrink to nothing.
//!
//! `make pauses` prints a line for each collection and direction, in microseconds; with `QUICK=--quick` it takes a tenth of
//! the elements. Each collection is filled and emptied several times, in which every call does the same each time: it is
//! charged the least CPU time that it took. That is what the call itself needs: it is not what a machine with other work
//! takes from it, nor memory that is new from the system, nor the freeing of the value of the time before, which another
//! thread does meanwhile.
//!
//! With the allocator of glibc a removal is rarely much slower: it joins all small pieces that were freed before, in one
//! go, when a large one is freed, and returns memory to the system.

use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use redipy::prelude::*;
use redipy::{Redis, Result};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ELEMENTS: usize = 10_000_000;

/// How often each collection is filled and emptied.
const ROUNDS: usize = 3;

/// Calls between two looks at the thread's CPU time.
const BATCH: usize = 32;
/// A call that took longer is looked at closely.
const SUSPICIOUS: Duration = Duration::from_micros(20);

/// What adds an element to a collection, or takes it out.
type Call = fn(&Redis, usize, &str) -> Result<u64>;

const COLLECTIONS: [(&str, Call, Call); 3] = [
    ("hash", |r, _, name| r.hset("hash", (name, "value")), |r, _, name| r.hdel("hash", name)),
    ("set", |r, _, name| r.sadd("set", name), |r, _, name| r.srem("set", name)),
    ("sorted set", |r, i, name| r.zadd("zset", (scattered(i), name)), |r, _, name| r.zrem("zset", name)),
];

/// A score that says nothing about when its member came.
fn scattered(i: usize) -> f64 {
    (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_shr(32) as f64
}

/// Makes so many calls and takes note of the times in nanoseconds that are less than before.
fn time(r: &Redis, call: Call, least: &mut [u32]) -> Result<()> {
    let mut calls = 0..;
    for batch in least.chunks_mut(BATCH) {
        let start = ThreadTime::now();
        for (least, i) in batch.iter_mut().zip(&mut calls) {
            let name = format!("element:{i}");
            let clock = Instant::now();
            call(r, i, &name)?;
            let time = clock.elapsed();
            let time = if time > SUSPICIOUS { time.min(start.elapsed()) } else { time };
            *least = u32::try_from(time.as_nanos()).map_or(*least, |nanos| nanos.min(*least));
        }
    }
    Ok(())
}

fn main() -> Result<()> {
    let part = if std::env::args().any(|arg| arg == "--quick") { 10 } else { 1 };
    let elements = ELEMENTS / part;
    println!("{:<44}{:>10}{:>14}{:>14}", "microseconds", "worst", "tenth worst", "1 in 10,000");
    let r = redipy::connect("memory://")?;
    for (name, add, remove) in COLLECTIONS {
        let mut least = [("grows to", add), ("shrinks from", remove)].map(|what| (what, vec![u32::MAX; elements]));
        for _ in 0..ROUNDS {
            for ((_, call), least) in &mut least {
                time(&r, *call, least)?;
            }
        }
        for ((direction, _), mut least) in least {
            least.sort_unstable_by(|one, other| other.cmp(one));
            let micros = |nth: usize| least.get(nth).map_or(f64::NAN, |&nanos| f64::from(nanos) / 1e3);
            let line = format!("a {name} {direction} {elements}");
            println!("{line:<44}{:>10.0}{:>14.0}{:>14.1}", micros(0), micros(9), micros(elements / 10_000));
        }
    }
    Ok(())
}
