//! One load on one store: threads that read and write until the time is over, and one that sweeps.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use redipy::Redis;
use redipy::script::{Expr, Script, redis, script};

use super::Kind;
use crate::keys::VALUE;
use crate::peers::Strings;

/// One operation in so many is timed, so that reading the clock does not count; after as many the end is asked for.
const SAMPLE: usize = 64;

/// How often the sweeper takes all shards.
const PERIOD: Duration = Duration::from_millis(1);

/// What one run found: million operations a second, and nanoseconds.
#[derive(Clone, Copy)]
pub struct Outcome {
    pub throughput: f64,
    pub percentiles: [f64; 3],
}

/// A script that takes all shards of redipy: the key that it reads is not declared, so it might be any.
pub struct Sweeper {
    redis: Redis,
    script: Script,
}

impl Sweeper {
    /// The script, ready to run.
    pub fn new(client: &Redis) -> Self {
        let draft = script(|f| f.add(redis("GET", "key:000000000000", [] as [Expr; 0])));
        Self { redis: client.clone(), script: client.register(draft).expect("the script is right") }
    }

    fn sweep(&self, over: &AtomicBool) {
        while !over.load(Ordering::Relaxed) {
            self.redis.script(self.script.prepare()).expect("the script reads one string");
            thread::sleep(PERIOD);
        }
    }
}

/// Lets the threads work for a time.
pub fn run(store: &dyn Strings, kind: Kind<'_>, time: Duration, sweeper: Option<&Sweeper>) -> Outcome {
    let (over, barrier) = (AtomicBool::new(false), Barrier::new(kind.threads + 1));
    let (over, barrier) = (&over, &barrier);
    let (done, wall) = thread::scope(|scope| {
        let spawn = |thread| scope.spawn(move || work(store, kind, thread, over, barrier));
        let running: Vec<_> = (0..kind.threads).map(spawn).collect();
        barrier.wait();
        let start = Instant::now();
        sweeper.map(|sweeper| scope.spawn(move || sweeper.sweep(over)));
        thread::sleep(time);
        over.store(true, Ordering::Relaxed);
        let done: Vec<_> = running.into_iter().map(|thread| thread.join().expect("a thread that counts")).collect();
        (done, start.elapsed())
    });
    let operations: usize = done.iter().map(|(operations, _)| operations).sum();
    let mut times: Vec<u64> = done.into_iter().flat_map(|(_, times)| times).collect();
    times.sort_unstable();
    let percentile =
        |share: f64| times.get((times.len() as f64 * share) as usize).map_or(f64::NAN, |time| *time as f64);
    Outcome {
        throughput: operations as f64 / wall.as_secs_f64() / 1e6,
        percentiles: [0.5, 0.99, 0.999].map(percentile),
    }
}

/// One thread: how many operations it did, and the nanoseconds of those that it timed.
fn work(store: &dyn Strings, kind: Kind<'_>, thread: usize, over: &AtomicBool, barrier: &Barrier) -> (usize, Vec<u64>) {
    let (mut times, mut operations) = (Vec::new(), 0);
    let start = kind.visits.len() / kind.threads * thread;
    let mut visits = kind.visits.iter().cycle().skip(start).map(|number| &kind.keys[*number as usize]);
    // Reads and writes alternate in a pattern that has nothing to do with the visits' length, a power of two.
    let mut turn = thread as u32 * 37;
    let mut operate = || {
        let Some(key) = visits.next() else { return };
        turn = (turn + 61) % 100;
        if turn < kind.reads {
            store.read(key);
        } else {
            store.write(key, VALUE);
        }
    };
    barrier.wait();
    while !over.load(Ordering::Relaxed) {
        let clock = Instant::now();
        operate();
        times.push(clock.elapsed().as_nanos() as u64);
        (1..SAMPLE).for_each(|_| operate());
        operations += SAMPLE;
    }
    (operations, times)
}
