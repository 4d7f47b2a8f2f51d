//! What a script costs on the engine: a loop of commands, an empty call, registering one.
//!
//! How the loop compares with Redis' own Lua is in `compare/src/scripts.rs`.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use redipy::prelude::*;
use redipy::script::{NONE, script};
use redipy_bench::programs::{ITEMS, fifty, filter, halving, items};

fn calling(c: &mut Criterion) {
    let redis = redipy::connect("memory://").unwrap();
    let call = halving(&redis.register(filter()).unwrap());
    let items = items();
    let mut group = c.benchmark_group("script");
    group.throughput(Throughput::Elements(ITEMS as u64));
    group.bench_function("filter a list", |b| {
        let fill = || {
            redis.flushall().unwrap();
            redis.rpush("inp", items.as_slice()).unwrap();
        };
        b.iter_batched(fill, |()| redis.script(call.clone()).unwrap(), BatchSize::PerIteration)
    });
    group.finish();
    let empty = redis.register(script(|f| f.returns(NONE))).unwrap();
    c.bench_function("an empty script", |b| b.iter(|| redis.script(empty.prepare()).unwrap()));
}

fn registering(c: &mut Criterion) {
    let redis = redipy::connect("memory://").unwrap();
    c.bench_function("register fifty statements", |b| {
        b.iter_batched(fifty, |draft| redis.register(draft).unwrap(), BatchSize::SmallInput)
    });
    c.bench_function("build and register fifty statements", |b| b.iter(|| redis.register(fifty()).unwrap()));
}

criterion_group!(benches, calling, registering);
criterion_main!(benches);
