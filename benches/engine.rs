//! The engine through the public API against a bare map: what is the price of being Redis?
//!
//! The bare map is 64 shards of `Mutex<HashMap<Box<[u8]>, Box<[u8]>>>`, which copies in and out as
//! the engine does. `make criterion` runs this; every benchmark runs at a million keys of 16 bytes
//! with values of 64, one thread.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use foldhash::fast::RandomState;
use parking_lot::Mutex;
use redipy::Redis;
use redipy::prelude::*;

const KEYS: usize = 1_000_000;
const SHARDS: usize = 64;

type BareShard = Mutex<HashMap<Box<[u8]>, Box<[u8]>, RandomState>>;

/// What a careful programmer would write instead.
struct BareMap {
    shards: Vec<BareShard>,
    hash: RandomState,
}

impl BareMap {
    fn new() -> Self {
        let shard = |_| Mutex::new(HashMap::with_hasher(RandomState::default()));
        Self { shards: (0..SHARDS).map(shard).collect(), hash: RandomState::default() }
    }

    fn shard(&self, key: &[u8]) -> &BareShard {
        &self.shards[self.hash.hash_one(key) as usize % SHARDS]
    }

    fn get(&self, key: &[u8]) -> Option<Box<[u8]>> {
        self.shard(key).lock().get(key).cloned()
    }

    fn set(&self, key: &[u8], value: &[u8]) {
        self.shard(key).lock().insert(key.into(), value.into());
    }
}

/// The keys in an order that no cache can guess: a full-period linear congruence.
struct Keys(usize);

impl Keys {
    fn next(&mut self) -> [u8; 16] {
        self.0 = (self.0 * 421 + 54_773) % KEYS;
        key(self.0)
    }
}

fn key(i: usize) -> [u8; 16] {
    let mut key = *b"key:000000000000";
    let digits = format!("{i:012}");
    key[4..].copy_from_slice(digits.as_bytes());
    key
}

/// A million keys, made once for both.
fn filled() -> (Redis, BareMap) {
    let redis = redipy::connect("memory://").unwrap();
    let bare = BareMap::new();
    for i in 0..KEYS {
        redis.set(&key(i), &VALUE).unwrap();
        bare.set(&key(i), &VALUE);
    }
    (redis, bare)
}

const VALUE: [u8; 64] = [b'v'; 64];

fn strings(c: &mut Criterion) {
    let (redis, bare) = filled();
    let table: Vec<_> = (0..KEYS).map(key).collect();
    let mut keys = Keys(1);
    let mut next = || {
        keys.next();
        &table[keys.0]
    };
    let mut group = c.benchmark_group("get");
    group.bench_function("bare map", |b| b.iter(|| black_box(bare.get(next()))));
    group.bench_function("redipy", |b| b.iter(|| black_box(redis.get(next()).unwrap())));
    group.finish();
    let mut group = c.benchmark_group("set");
    group.bench_function("bare map", |b| b.iter(|| bare.set(next(), &VALUE)));
    group.bench_function("redipy", |b| b.iter(|| redis.set(next(), &VALUE).unwrap()));
    group.finish();
}

fn collections(c: &mut Criterion) {
    let redis = redipy::connect("memory://").unwrap();
    let members: Vec<_> = (0..1_000).map(|i| format!("member:{i}")).collect();
    let mut i = 0;
    let mut next = || {
        i = (i + 421) % members.len();
        (members[i].as_str(), i)
    };
    c.bench_function("lpush and rpop", |b| {
        b.iter(|| {
            redis.lpush("list", &VALUE).unwrap();
            black_box(redis.rpop("list").unwrap())
        })
    });
    c.bench_function("hset in a hash of 1000", |b| b.iter(|| redis.hset("hash", (next().0, &VALUE)).unwrap()));
    c.bench_function("zadd in a sorted set of 1000", |b| {
        let mut score = 0.0;
        b.iter(|| {
            score += 1.0;
            redis.zadd("zset", (score, next().0)).unwrap()
        })
    });
}

criterion_group!(benches, strings, collections);
criterion_main!(benches);
