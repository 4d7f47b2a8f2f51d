//! Lists, hashes, sets and sorted sets.
//!
//! Lists are measured twice: one of a thousand elements, as a queue is used, and a thousand of a hundred, of which the caches
//! hold few. What is pushed is popped again while no clock runs, and the other way round, so that lists keep their length.

use redipy::prelude::*;

use super::{Arena, ops};
use crate::data::Row;
use crate::keys::{Item, Key, VALUE, Walk, named};
use crate::peers::servers::Rival;

pub fn measure(quick: bool, servers: &[Rival]) -> Vec<Row> {
    let arena = Arena::new(quick, servers);
    let mut rows = Vec::new();
    lists(&arena, "", |_| named(b"queu", 0), 1_000, &mut rows);
    lists(&arena, ", 1,000 lists", |item| named(b"list", item.number), 100_000, &mut rows);
    large_hash(&arena, &mut rows);
    small_hashes(&arena, &mut rows);
    sets(&arena, &mut rows);
    sorted_sets(&arena, &mut rows);
    rows
}

fn lists(arena: &Arena, which: &str, list: impl Fn(&Item) -> Key + Copy, elements: usize, rows: &mut Vec<Row>) {
    let push = ops(
        move |redis, [item]| redis.lpush(list(item), VALUE),
        move |kevy, [item]| kevy.lpush(&list(item), &[VALUE]),
        move |queue, [item]| queue.lpush(list(item), VALUE),
    );
    let pop = ops(
        move |redis, [item]| redis.rpop(list(item)),
        move |kevy, [item]| kevy.rpop(&list(item), 1),
        move |queue, [item]| queue.rpop(list(item)),
    );
    let walk = Walk::new(1_000);
    arena.fill(&walk.clone().items(elements), push);
    rows.push(arena.undone(&format!("LPUSH{which}"), &walk, push, pop).run(arena.rounds));
    rows.push(arena.undone(&format!("RPOP{which}"), &walk, pop, push).run(arena.rounds));
}

fn large_hash(arena: &Arena, rows: &mut Vec<Row>) {
    const HASH: &[u8] = b"hash of a thousand";
    let hset = ops(
        |redis, [item]| redis.hset(HASH, (&item.key, VALUE)),
        |kevy, [item]| kevy.hset(HASH, &[(&item.key, VALUE)]),
        |queue, [item]| queue.hset(HASH, (&item.key, VALUE)),
    );
    let hget = ops(
        |redis, [item]| redis.hget(HASH, item.key),
        |kevy, [item]| kevy.hget(HASH, &item.key),
        |queue, [item]| queue.hget(HASH, item.key),
    );
    let fields = Walk::new(1_000);
    arena.fill(&fields.clone().items(1_000), hset);
    rows.push(arena.contest("HSET, update in 1,000 fields", &fields, hset).run(arena.rounds));
    rows.push(arena.contest("HGET in 1,000 fields", &fields, hget).run(arena.rounds));
}

/// Ten thousand hashes of the fields f0 to f9.
fn small_hashes(arena: &Arena, rows: &mut Vec<Row>) {
    let hash = |item: &Item| named(b"hash", item.number / 10);
    let field = |item: &Item| [b'f', b'0' + (item.number % 10) as u8];
    let hset = ops(
        move |redis, [item]| redis.hset(hash(item), (&field(item), VALUE)),
        move |kevy, [item]| kevy.hset(&hash(item), &[(&field(item), VALUE)]),
        move |queue, [item]| queue.hset(hash(item), (&field(item), VALUE)),
    );
    let hgetall = ops(
        move |redis, [item]| redis.hgetall(hash(item)),
        move |kevy, [item]| kevy.hgetall(&hash(item)),
        move |queue, [item]| queue.hgetall(hash(item)),
    );
    let fields = Walk::new(100_000);
    arena.fill(&fields.clone().items(100_000), hset);
    rows.push(arena.contest("HSET, update in 10 fields, 10,000 hashes", &fields, hset).run(arena.rounds));
    rows.push(arena.contest("HGETALL of 10 fields, 10,000 hashes", &fields, hgetall).run(arena.rounds));
}

fn sets(arena: &Arena, rows: &mut Vec<Row>) {
    const SET: &[u8] = b"set";
    let sadd = ops(
        |redis, [item]| redis.sadd(SET, item.key),
        |kevy, [item]| kevy.sadd(SET, &[&item.key]),
        |queue, [item]| queue.sadd(SET, item.key),
    );
    let srem = ops(
        |redis, [item]| redis.srem(SET, item.key),
        |kevy, [item]| kevy.srem(SET, &[&item.key]),
        |queue, [item]| queue.srem(SET, item.key),
    );
    let sismember = ops(
        |redis, [item]| redis.sismember(SET, item.key),
        |kevy, [item]| kevy.sismember(SET, &item.key),
        |queue, [item]| queue.sismember(SET, item.key),
    );
    rows.push(arena.undone("SADD, new members", &Walk::new(100_000), sadd, srem).run(arena.rounds));
    let members = Walk::new(1_000);
    arena.fill(&members.clone().items(1_000), sadd);
    rows.push(arena.contest("SISMEMBER in 1,000 members", &members, sismember).run(arena.rounds));
}

fn sorted_sets(arena: &Arena, rows: &mut Vec<Row>) {
    const ZSET: &[u8] = b"sorted set";
    // Another score every time, far from the one before.
    let score = |item: &Item| (item.serial * 7_919 % 100_003) as f64;
    let zadd = ops(
        move |redis, [item]| redis.zadd(ZSET, (score(item), &item.key)),
        move |kevy, [item]| kevy.zadd(ZSET, &[(score(item), &item.key)]),
        move |queue, [item]| queue.zadd(ZSET, (score(item), &item.key)),
    );
    let start = |item: &Item| (item.number % 900) as i64;
    // kevy has no form without scores: its command is the same in both.
    let zrange = ops(
        move |redis, [item]| redis.zrange(ZSET, start(item), start(item) + 99),
        move |kevy, [item]| kevy.zrange(ZSET, start(item), start(item) + 99),
        move |queue, [item]| queue.zrange(ZSET, start(item), start(item) + 99),
    );
    let with_scores = ops(
        move |redis, [item]| redis.zrange_withscores(ZSET, start(item), start(item) + 99),
        move |kevy, [item]| kevy.zrange(ZSET, start(item), start(item) + 99),
        move |queue, [item]| queue.zrange_withscores(ZSET, start(item), start(item) + 99),
    );
    let walk = Walk::new(1_000);
    arena.fill(&walk.clone().items(1_000), zadd);
    rows.push(arena.contest("ZADD, update in 1,000 members", &walk, zadd).run(arena.rounds));
    rows.push(arena.contest("ZRANGE of 100 by rank", &walk, zrange).run(arena.rounds));
    rows.push(arena.contest("ZRANGE of 100 by rank, with scores", &walk, with_scores).run(arena.rounds));
}
