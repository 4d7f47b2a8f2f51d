//! Lists, hashes, sets and sorted sets by the number of their elements; around the sizes at which an encoding changes the
//! points are close together.

use redipy::Redis;
use redipy::prelude::*;

use super::{CACHES, Care, Dice, Plan, Reason, done, engine};
use crate::data::Curve;
use crate::keys::{Key, named};
use crate::measure::{cpu, median};

const SIZES: [usize; 21] = [
    10, 20, 30, 50, 100, 127, 128, 200, 300, 511, 512, 513, 700, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000,
    600_000, 1_000_000,
];

/// Where a quick run ends.
const QUICK: usize = 100_000;

/// Insertions that are measured at once: in as many collections of the size, so that they stay at it, but for large ones,
/// of which there are so many as have this number of elements together.
const INSERTIONS: usize = 200;
const TOGETHER: usize = 100_000;

const PACKED: &str = "searched element by element while it is one packed buffer";
const TABLE: &str = "the packed buffer becomes a hash table";
const TREE: &str = "the packed buffer becomes a hash table and a tree";
const CHUNK: &str = "counted from the nearer end of a chunk of 8 KiB, wherever in it the element is";

const HASH: &[Reason] = &[(512.0, 512.0, TABLE), (10.0, 512.0, PACKED), CACHES];
const SET: &[Reason] = &[(127.5, 199.0, TABLE), (10.0, 128.0, PACKED), CACHES];
const ZSET: &[Reason] = &[(127.5, 199.0, TREE), (10.0, 128.0, PACKED), CACHES];
const LIST: &[Reason] = &[(10.0, 1e6, CHUNK)];

const fn plan(name: &'static str, complexity: &'static str, reasons: &'static [Reason]) -> Plan {
    Plan { name, size: "elements", complexity, reasons }
}

const PLANS: [Plan; 8] = [
    plan("LINDEX, the middle", "O(N)", LIST),
    plan("LINDEX, anywhere", "O(N)", LIST),
    plan("HGET", "O(1)", HASH),
    plan("HSET, update", "O(1)", HASH),
    plan("SISMEMBER", "O(1)", SET),
    plan("SADD, insert", "O(1)", SET),
    plan("ZRANK", "O(log N)", ZSET),
    plan("ZADD, insert", "O(log N)", ZSET),
];

pub fn measure(quick: bool) -> Vec<Curve> {
    let mut points = [const { Vec::new() }; PLANS.len()];
    for size in SIZES.into_iter().filter(|size| !quick || *size <= QUICK) {
        let times = point(size, Care::new(quick));
        points.iter_mut().zip(times).for_each(|(points, time)| points.push((size as f64, time)));
    }
    PLANS.into_iter().zip(points).map(|(plan, points)| plan.curve(points)).collect()
}

/// The times of all operations at one size, in the order of [`PLANS`].
fn point(size: usize, care: Care) -> [f64; PLANS.len()] {
    let redis = engine();
    let fresh = Fresh { size, copies: (TOGETHER / size).clamp(1, INSERTIONS) };
    for copy in 0..fresh.copies {
        fill_sorted(&redis, copy, size);
        fill_set(&redis, copy, size);
    }
    for number in 0..size {
        done(redis.rpush("list", element(number)));
        done(redis.hset("hash", (&element(number), &element(number))));
    }
    let (set, sorted) = (named(b"set:", 0), named(b"zset", 0));
    let middle = size as i64 / 2;
    [
        care.time(size, |_| middle, |index| redis.lindex("list", index)),
        care.time(size, |number| number as i64, |index| redis.lindex("list", index)),
        care.time(size, element, |field| redis.hget("hash", field)),
        care.time(size, element, |field| redis.hset("hash", (&field, &field))),
        care.time(size, element, |member| redis.sismember(set, member)),
        fresh.insertion(
            care.rounds,
            b"set:",
            |key, member, _| redis.sadd(key, member),
            |key, member| redis.srem(key, member),
        ),
        care.time(size, element, |member| redis.zrank(sorted, member)),
        fresh.insertion(
            care.rounds,
            b"zset",
            |key, member, score| redis.zadd(key, (score, member)),
            |key, member| redis.zrem(key, member),
        ),
    ]
}

fn element(number: usize) -> Key {
    named(b"elem", number)
}

/// A score that says nothing about when its member came.
fn score(number: usize) -> f64 {
    (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_shr(32) as f64
}

fn fill_sorted(redis: &Redis, copy: usize, size: usize) {
    let key = named(b"zset", copy);
    (0..size).for_each(|number| done(redis.zadd(key, (score(number), &element(number)))));
}

fn fill_set(redis: &Redis, copy: usize, size: usize) {
    let key = named(b"set:", copy);
    (0..size).for_each(|number| done(redis.sadd(key, element(number))));
}

/// Collections of one size, into which something new is inserted.
#[derive(Clone, Copy)]
struct Fresh {
    size: usize,
    copies: usize,
}

impl Fresh {
    /// The time of inserting a new member. It is taken out again while no clock runs; the collection that its insertion made a
    /// table stays one, so what that cost once is not in here.
    fn insertion<A, B>(
        self,
        rounds: usize,
        word: &[u8; 4],
        insert: impl Fn(&Key, &Key, f64) -> redipy::Result<A>,
        remove: impl Fn(&Key, &Key) -> redipy::Result<B>,
    ) -> f64 {
        let mut dice = Dice(self.size as u64);
        let mut next = self.size;
        let mut round = || {
            let mut new =
                |turn: usize| (named(word, turn % self.copies), element(next + turn), score(dice.below(1 << 40)));
            let members: Vec<(Key, Key, f64)> = (0..INSERTIONS).map(&mut new).collect();
            next += INSERTIONS;
            let time =
                cpu(INSERTIONS, || members.iter().for_each(|(key, member, score)| done(insert(key, member, *score))));
            members.iter().for_each(|(key, member, _)| done(remove(key, member)));
            time
        };
        round();
        median((0..rounds.max(3) * 3).map(|_| round()).collect())
    }
}
