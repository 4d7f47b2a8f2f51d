//! Two threads at the same thousand hot keys: how much more do they do than one?
//!
//! Here the clock on the wall counts, as waiting for a lock takes no CPU time.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use crate::data::{Other, Row};
use crate::keys::{Item, VALUE, Walk};
use crate::measure::{Contest, progress, rounds};
use crate::peers::{self, BARE, BareMap, KEVY, Kevy, Strings};

const KEYS: usize = 1_000;
/// Operations of each thread in a turn.
const TURN: usize = 100_000;

pub fn measure(quick: bool) -> Vec<Row> {
    let (redis, bare, kevy) = (peers::redipy::open(), BareMap::new(), Kevy::open());
    for item in Walk::new(KEYS).items(KEYS) {
        redis.write(&item.key, VALUE);
        bare.write(&item.key, VALUE);
        kevy.iter().for_each(|kevy| kevy.write(&item.key, VALUE));
    }
    let mut rows = Vec::new();
    for (name, write) in [("GET", false), ("SET", true)] {
        let mut contest = Contest::new(name, || wall(&redis, 1, write)).against("", || wall(&redis, 2, write));
        contest = contest.against(BARE, || wall(&bare, 1, write)).against(BARE, || wall(&bare, 2, write));
        if let Some(kevy) = &kevy {
            contest = contest.against(KEVY, || wall(kevy, 1, write)).against(KEVY, || wall(kevy, 2, write));
        }
        rows.extend(compare(name, &contest.medians(rounds(quick))));
    }
    rows.iter().for_each(progress);
    rows
}

/// Rows of the time with two threads, and of what that is of the time with one; `times` has both for each store.
fn compare(name: &str, times: &[Other]) -> [Row; 2] {
    let row = |what: &str, unit: &str, figure: fn(&Other, &Other) -> f64| {
        let mut figures = times.as_chunks().0.iter().map(|[one, two]| (one.peer.clone(), figure(one, two)));
        let own = figures.next().map_or(f64::NAN, |(_, own)| own);
        let others = figures.map(|(peer, value)| Other { peer, value }).collect();
        Row { name: format!("{name}, two threads{what}"), unit: unit.to_owned(), own, others }
    };
    [
        row(" at hot keys, by the wall clock", "ns", |_, two| two.value),
        row(", of the time with one thread", "%", |one, two| two.value / one.value * 100.0),
    ]
}

/// Nanoseconds for each operation of so many threads: the time from the first one's start to the last one's end, divided by
/// what all did.
fn wall(store: &impl Strings, threads: usize, write: bool) -> f64 {
    let barrier = Barrier::new(threads);
    let times: Vec<(Instant, Instant)> = thread::scope(|scope| {
        let spawn = |thread: usize| {
            let mut items = Walk::new(KEYS).items(KEYS);
            items.rotate_left(thread * KEYS / 2);
            let barrier = &barrier;
            scope.spawn(move || work(store, &items, write, barrier))
        };
        let running: Vec<_> = (0..threads).map(spawn).collect();
        running.into_iter().map(|thread| thread.join().expect("a thread that counts")).collect()
    });
    let start = times.iter().map(|(start, _)| *start).min();
    let end = times.iter().map(|(_, end)| *end).max();
    let time = end.zip(start).map_or(Duration::ZERO, |(end, start)| end - start);
    time.as_nanos() as f64 / (threads * TURN) as f64
}

fn work(store: &impl Strings, items: &[Item], write: bool, barrier: &Barrier) -> (Instant, Instant) {
    barrier.wait();
    let start = Instant::now();
    let items = items.iter().cycle().take(TURN);
    if write {
        items.for_each(|item| store.write(&item.key, VALUE));
    } else {
        items.for_each(|item| assert!(store.read(&item.key)));
    }
    (start, Instant::now())
}
