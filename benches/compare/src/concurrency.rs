//! Several threads at the same store, as many as are asked for however few cores there are: with more threads than cores the
//! slow operations are those whose thread, or whose lock's holder, the scheduler has put aside. Every result is of the clock
//! on the wall; peers take turns, and of each figure the median of the rounds counts.

mod load;
mod pick;

use std::time::Duration;

use redipy::Redis;

use crate::data::Load;
use crate::keys::{Key, VALUE, key};
use crate::measure::median;
use crate::peers::{self, BARE, BareMap, KEVY, Kevy, Strings};
use load::{Outcome, Sweeper, run};
use pick::{Pick, picks};

const KEYS: usize = 1_000_000;
const THREADS: [usize; 4] = [1, 2, 4, 8];

/// One kind of load.
#[derive(Clone, Copy)]
struct Kind<'a> {
    keys: &'a [Key],
    /// The numbers of the keys, in the order in which threads visit them, each from a place of its own.
    visits: &'a [u32],
    /// Per cent.
    reads: u32,
    threads: usize,
}

/// A store, and its name.
type Peer<'a> = (&'a str, &'a dyn Strings);

/// Measures all loads.
pub fn measure(quick: bool) -> Vec<Load> {
    let keys: Vec<Key> = (0..KEYS).map(key).collect();
    let (redis, bare, kevy) = (peers::redipy::open(), BareMap::new(), Kevy::open());
    let mut stores: Vec<Peer> = vec![("redipy", &redis), (BARE, &bare)];
    stores.extend(kevy.as_ref().map(|kevy| (KEVY, kevy as &dyn Strings)));
    stores.iter().for_each(|(_, store)| keys.iter().for_each(|key| store.write(key, VALUE)));
    let mut loads = Vec::new();
    for pick in Pick::ALL {
        let visits = picks(pick, KEYS);
        for reads in [95, 50] {
            for threads in THREADS {
                let kind = Kind { keys: &keys, visits: &visits, reads, threads };
                loads.extend(contest(kind, pick, quick, &stores, &redis));
            }
        }
    }
    loads
}

/// All stores under the same load, and redipy once more with a script that takes all its shards every millisecond.
fn contest(kind: Kind<'_>, pick: Pick, quick: bool, stores: &[Peer<'_>], redis: &Redis) -> Vec<Load> {
    let (rounds, time) = if quick { (3, Duration::from_millis(40)) } else { (5, Duration::from_millis(250)) };
    let sweeper = Sweeper::new(redis);
    let calm = stores.iter().map(|(peer, store)| (*peer, *store, None));
    let ways: Vec<_> = calm.chain([("redipy", redis as &dyn Strings, Some(&sweeper))]).collect();
    let mut outcomes = vec![Vec::with_capacity(rounds); ways.len()];
    for round in 0..rounds {
        for turn in 0..ways.len() {
            let way = (round + turn) % ways.len();
            let (_, store, sweeper) = ways[way];
            outcomes[way].push(run(store, kind, time, sweeper));
        }
    }
    let load = |(peer, _, sweeper): &(&str, _, Option<&Sweeper>), outcomes: &[Outcome]| Load {
        peer: (*peer).to_owned(),
        keys: pick.name().to_owned(),
        reads: kind.reads,
        threads: kind.threads,
        sweeping: sweeper.is_some(),
        throughput: median(outcomes.iter().map(|outcome| outcome.throughput).collect()),
        percentiles: [0, 1, 2].map(|at| median(outcomes.iter().map(|outcome| outcome.percentiles[at]).collect())),
    };
    let loads: Vec<Load> = ways.iter().zip(&outcomes).map(|(way, outcomes)| load(way, outcomes)).collect();
    loads.iter().for_each(progress);
    loads
}

/// Tells what came out.
fn progress(load: &Load) {
    let Load { peer, keys, reads, threads, sweeping, throughput, percentiles: [half, most, nearly_all] } = load;
    let sweeping = if *sweeping { ", with a script" } else { "" };
    eprintln!(
        "  {keys:<8} {reads} % reads, {threads} threads: {throughput:>6.2} M/s, p50 {half:>6.0} p99 {most:>8.0} \
         p99.9 {nearly_all:>10.0} ns  {peer}{sweeping}"
    );
}
