//! Strings: a million keys of 16 bytes with values of 64, and a thousand of them that the caches hold.

use std::hint::black_box;
use std::time::Duration;

use redipy::prelude::*;

use super::{Arena, Operation, ops, turn};
use crate::data::Row;
use crate::keys::{Item, VALUE, Walk};
use crate::measure::Contest;
use crate::peers::servers::Rival;
use crate::peers::{BARE, KEVY, Strings};

pub fn measure(quick: bool, servers: &[Rival]) -> Vec<Row> {
    let keys = if quick { 100_000 } else { 1_000_000 };
    let walk = Walk::new(keys);
    let items = walk.clone().items(keys);
    let arena = Arena::new(quick, servers);
    arena.fill(&items, set());
    items.iter().for_each(|item| arena.bare.write(&item.key, VALUE));
    let mut rows = Vec::new();
    for (walk, which) in [(&walk, ""), (&Walk::hot(1_000), ", 1,000 hot keys")] {
        rows.push(get(&arena, walk, which));
        let contest = arena.contest(&format!("SET{which}"), walk, set());
        let bare = turn(walk, arena.turn, |[item]| arena.bare.write(&item.key, VALUE), |_| ());
        rows.push(contest.against(BARE, bare).run(arena.rounds));
    }
    rows.push(mget(&arena, &walk));
    rows.push(pipeline(&arena, &walk));
    rows.push(transaction(&arena, &walk));
    rows.push(expire(&arena, &walk));
    drop(arena);
    let arena = Arena::new(quick, servers);
    let incr = ops(
        |redis, [item]| redis.incr(item.key),
        |kevy, [item]| kevy.incr(&item.key),
        |queue, [item]| queue.incr(item.key),
    );
    arena.fill(&items, incr);
    rows.push(arena.contest("INCR", &walk, incr).run(arena.rounds));
    rows
}

fn set() -> impl Operation<1> + Copy {
    ops(
        |redis, [item]| redis.set(item.key, VALUE),
        |kevy, [item]| kevy.set(&item.key, VALUE),
        |queue, [item]| queue.set(item.key, VALUE),
    )
}

fn get(arena: &Arena, walk: &Walk, which: &str) -> Row {
    let get = ops(
        |redis, [item]| redis.get(item.key),
        |kevy, [item]| kevy.get(&item.key),
        |queue, [item]| queue.get(item.key),
    );
    let bare = |[item]: &[Item; 1]| assert!(arena.bare.read(&item.key));
    let mut contest = arena.contest(&format!("GET{which}"), walk, get);
    contest = contest.against(BARE, turn(walk, arena.turn, bare, |_| ()));
    // Another way to read, which copies nothing: nobody else has the like.
    if let Some(kevy) = &arena.kevy {
        let lent = |[item]: &[Item; 1]| {
            let seen = kevy.0.get_with(&item.key, |value| {
                black_box(value);
            });
            seen.expect("a string");
        };
        contest = contest.against("kevy-embedded, value lent", turn(walk, arena.turn, lent, |_| ()));
    }
    contest.run(arena.rounds)
}

fn mget(arena: &Arena, walk: &Walk) -> Row {
    let mget = ops(
        |redis, items: &[_; 10]| redis.mget(items.each_ref().map(|item: &Item| &item.key)),
        |kevy, items| kevy.mget(&items.each_ref().map(|item| &item.key[..])),
        |queue, items| queue.mget(items.each_ref().map(|item| &item.key)),
    );
    arena.contest("MGET of 10", walk, mget).run(arena.rounds)
}

fn pipeline(arena: &Arena, walk: &Walk) -> Row {
    let pipeline = ops(
        |redis, items: &[Item; 100]| {
            let mut pipeline = redis.pipeline();
            for item in items {
                let _ = pipeline.set(item.key, VALUE);
            }
            pipeline.execute()
        },
        |kevy, items| items.iter().fold(kevy.pipeline(), |pipeline, item| pipeline.set(&item.key, VALUE)).commit(),
        |queue, items| {
            for item in items {
                let _ = queue.set(item.key, VALUE);
            }
        },
    );
    arena.contest("a pipeline of 100 SETs", walk, pipeline).run(arena.rounds)
}

/// On a server, a transaction is sent by itself: that is what its CPU time is of.
fn transaction(arena: &Arena, walk: &Walk) -> Row {
    let count = arena.turn;
    let of_sets = |redis: &redipy::Redis, items: &[Item; 10]| {
        let mut transaction = redis.transaction();
        for item in items {
            let _ = transaction.set(item.key, VALUE);
        }
        drop(black_box(transaction.execute()).expect("ten strings"));
    };
    let ours = turn(walk, count, |items| of_sets(&arena.redis, items), |_| ());
    let mut contest = Contest::new("MULTI, 10 SETs, EXEC: no pipeline", ours);
    if let Some(kevy) = &arena.kevy {
        let theirs = |items: &[Item; 10]| {
            let done = kevy.0.atomic_all_shards(|shards| {
                for item in items {
                    shards.set(&item.key, VALUE);
                }
                Ok(())
            });
            done.expect("ten strings");
        };
        contest = contest.against(KEVY, turn(walk, count, theirs, |_| ()));
    }
    for rival in arena.servers {
        let mut walk = walk.clone();
        contest = contest.against(&rival.name, move || {
            let items = walk.items(arena.remote_turn);
            let (items, _) = items.as_chunks();
            rival.cpu_of(|redis| items.iter().for_each(|items| of_sets(redis, items))) / items.len() as f64
        });
    }
    contest.run(arena.rounds)
}

fn expire(arena: &Arena, walk: &Walk) -> Row {
    let hour = Duration::from_secs(3_600);
    let expire = ops(
        |redis, [item]| redis.expire(item.key, 3_600),
        move |kevy, [item]| kevy.expire(&item.key, hour),
        |queue, [item]| queue.expire(item.key, 3_600),
    );
    arena.contest("EXPIRE", walk, expire).run(arena.rounds)
}
