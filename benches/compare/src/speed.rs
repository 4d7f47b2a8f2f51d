//! What one operation costs, for us and the others.

mod collections;
mod strings;
mod threads;

use std::hint::black_box;

use redipy::{Pipeline, Redis};

use crate::data::Row;
use crate::keys::{Item, Walk};
use crate::measure::{Contest, cpu, rounds};
use crate::peers::servers::{Rival, pipelined};
use crate::peers::{self, BareMap, KEVY, Kevy, kevy};

/// Measures all of it.
pub fn measure(quick: bool, servers: &[Rival]) -> Vec<Row> {
    let mut rows = strings::measure(quick, servers);
    rows.extend(collections::measure(quick, servers));
    rows.extend(threads::measure(quick));
    rows
}

/// The stores, filled alike, and how thoroughly they are measured.
struct Arena<'s> {
    redis: Redis,
    bare: BareMap,
    kevy: Option<Kevy>,
    servers: &'s [Rival],
    rounds: usize,
    /// Operations in one turn, in this process and on a server.
    turn: usize,
    remote_turn: usize,
}

/// One operation in the ways of redipy, kevy and the servers, each on `N` items.
trait Operation<const N: usize> {
    fn redis(&self, redis: &Redis, items: &[Item; N]);
    fn kevy(&self, kevy: &Kevy, items: &[Item; N]);
    fn queue(&self, queue: &mut Pipeline, items: &[Item; N]);
}

/// An operation of the same command three times: as a method of redipy, of kevy, and queued for a server.
fn ops<const N: usize, A, B, C>(
    redis: impl Fn(&Redis, &[Item; N]) -> redipy::Result<A> + Copy,
    kevy: impl Fn(&kevy::Store, &[Item; N]) -> kevy::Result<B> + Copy,
    queue: impl Fn(&mut Pipeline, &[Item; N]) -> C + Copy,
) -> impl Operation<N> + Copy {
    #[derive(Clone, Copy)]
    struct Ops<R, K, Q>(R, K, Q);

    impl<const N: usize, R, K, Q> Operation<N> for Ops<R, K, Q>
    where
        R: Fn(&Redis, &[Item; N]),
        K: Fn(&kevy::Store, &[Item; N]),
        Q: Fn(&mut Pipeline, &[Item; N]),
    {
        #[inline]
        fn redis(&self, redis: &Redis, items: &[Item; N]) {
            (self.0)(redis, items);
        }

        #[inline]
        fn kevy(&self, kevy: &Kevy, items: &[Item; N]) {
            (self.1)(&kevy.0, items);
        }

        fn queue(&self, queue: &mut Pipeline, items: &[Item; N]) {
            (self.2)(queue, items);
        }
    }

    Ops(
        move |client: &Redis, items: &[Item; N]| drop(black_box(redis(client, items)).expect("the commands are right")),
        move |store: &kevy::Store, items: &[Item; N]| {
            drop(black_box(kevy(store, items)).expect("the commands are right"))
        },
        move |pipeline: &mut Pipeline, items: &[Item; N]| drop(queue(pipeline, items)),
    )
}

impl<'s> Arena<'s> {
    fn new(quick: bool, servers: &'s [Rival]) -> Self {
        servers.iter().for_each(|rival| drop(rival.redis.command("FLUSHALL").query::<()>()));
        let (redis, bare, kevy) = (peers::redipy::open(), BareMap::new(), Kevy::open());
        let (turn, remote_turn) = if quick { (20_000, 5_000) } else { (40_000, 10_000) };
        Self { redis, bare, kevy, servers, rounds: rounds(quick), turn, remote_turn }
    }

    /// Does something to all stores but the bare map.
    fn fill<const N: usize>(&self, items: &[Item], op: impl Operation<N>) {
        let (items, _) = items.as_chunks();
        items.iter().for_each(|items| op.redis(&self.redis, items));
        self.kevy.iter().for_each(|kevy| items.iter().for_each(|items| op.kevy(kevy, items)));
        let queue = |queue: &mut Pipeline, items: &_| op.queue(queue, items);
        self.servers.iter().for_each(|rival| pipelined(&rival.redis, items, 1_000, queue));
    }

    /// A contest in an operation that leaves the data as it was.
    fn contest<'a, const N: usize>(
        &'a self,
        name: &str,
        walk: &Walk,
        op: impl Operation<N> + Copy + 'a,
    ) -> Contest<'a> {
        self.undone(name, walk, op, ops(|_, _| Ok(()), |_, _| Ok(()), |_, _| ()))
    }

    /// A contest in an operation that another one undoes, while no clock runs.
    fn undone<'a, const N: usize>(
        &'a self,
        name: &str,
        walk: &Walk,
        op: impl Operation<N> + Copy + 'a,
        undo: impl Operation<N> + Copy + 'a,
    ) -> Contest<'a> {
        let redis = &self.redis;
        let ours = turn(walk, self.turn, move |items| op.redis(redis, items), move |items| undo.redis(redis, items));
        let mut contest = Contest::new(name, ours);
        if let Some(kevy) = &self.kevy {
            let theirs = turn(walk, self.turn, move |items| op.kevy(kevy, items), move |items| undo.kevy(kevy, items));
            contest = contest.against(KEVY, theirs);
        }
        for rival in self.servers {
            let (mut walk, count) = (walk.clone(), self.remote_turn);
            contest = contest.against(&rival.name, move || {
                let items = walk.items(count);
                let (items, _) = items.as_chunks();
                // A hundred commands are sent at once.
                let work =
                    |redis: &Redis| pipelined(redis, items, (100 / N).max(1), |queue, items| op.queue(queue, items));
                let cpu = rival.cpu_of(work);
                pipelined(&rival.redis, items, 1_000, |queue, items| undo.queue(queue, items));
                cpu / items.len() as f64
            });
        }
        contest
    }
}

/// A turn of a contest in this process: does one thing to each of the next items of a walk, and afterwards undoes it.
fn turn<'a, const N: usize>(
    walk: &Walk,
    count: usize,
    op: impl Fn(&[Item; N]) + 'a,
    undo: impl Fn(&[Item; N]) + 'a,
) -> impl FnMut() -> f64 + 'a {
    let mut walk = walk.clone();
    move || {
        let items = walk.items(count);
        let passes = count / items.len();
        let (items, _) = items.as_chunks();
        let time = cpu(passes * items.len(), || (0..passes).for_each(|_| items.iter().for_each(&op)));
        (0..passes).for_each(|_| items.iter().for_each(&undo));
        time
    }
}
