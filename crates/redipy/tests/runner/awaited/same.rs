//! Random calls through the client that waits and through the one that is awaited: the same replies and errors.

use std::fmt::Debug;

use futures_executor::block_on;
use redipy::list::ListEnd;
use redipy::prelude::*;
use redipy::{AsyncRedis, Redis, Result, Value};
use redipy_conformance::diff::rng::Rng;
use redipy_conformance::server::{Flavor, missing, shared};

/// Executes one of several typed calls, drawn by a number, on anything that can be called.
macro_rules! draw {
    ($choice:expr, $on:expr, $show:ident, [$($call:ident $(::<$as:ty>)? ($($arg:expr),*)),* $(,)?]) => {{
        let calls: &[&dyn Fn() -> String] = &[$(&|| $show($on.$call$(::<$as>)?($($arg),*))),*];
        calls[$choice % calls.len()]()
    }};
}

/// What the arguments of a call are drawn from.
struct Drawn {
    choice: usize,
    keys: [String; 2],
    words: [String; 3],
    number: i64,
}

impl Drawn {
    fn new(rng: &mut Rng) -> Self {
        let mut word = |prefix: &str, of: usize| format!("{prefix}{}", rng.below(of));
        let keys = [word("k", 6), word("k", 6)];
        let words = [word("w", 8), word("w", 8), word("", 50)];
        Drawn { choice: rng.below(1 << 20), keys, words, number: rng.below(7) as i64 - 3 }
    }
}

macro_rules! calls {
    ($drawn:expr, $on:expr, $show:ident) => {{
        let Drawn { choice, keys: [k, other], words: [a, b, number], number: n } = $drawn;
        draw!(
            *choice,
            $on,
            $show,
            [
                set(k, a),
                set(k, number),
                get(k),
                getset(k, a),
                append(k, b),
                incr(k),
                incrby(k, *n),
                strlen(k),
                getdel(k),
                mget([k, other]),
                mset([(k, a), (other, number)]),
                msetnx([(k, a), (other, b)]),
                setnx(k, a),
                get_as::<i64>(k),
                del([k, other]),
                exists([k, k, other]),
                rename(k, other),
                copy(k, other),
                key_type(k),
                expire(k, 1000),
                persist(k),
                dbsize(),
                lpush(k, [a, b]),
                rpush(k, [number]),
                lpop(k),
                lrange(k, 0, -1),
                lindex(k, *n),
                lmove(k, other, ListEnd::Left, ListEnd::Right),
                hset(k, [(a, b), (b, number)]),
                hget(k, a),
                hgetall(k),
                hincrby(k, number, *n),
                hdel(k, [a, b]),
                hlen(k),
                sadd(k, [a, b, number]),
                srem(k, [a]),
                sismember(k, b),
                scard(k),
                smismember(k, [a, number]),
                zadd(k, [(*n as f64, a), (1.5, b)]),
                zincrby(k, 0.5, a),
                zscore(k, b),
                zrange(k, 0, -1),
                zrank(k, a),
            ]
        )
    }};
}

fn blocked<T: Debug>(result: Result<T>) -> String {
    format!("{result:?}")
}

fn awaited<T: Debug>(call: redipy::RedisFuture<'_, T>) -> String {
    format!("{:?}", block_on(call))
}

/// Two stores that are alike, through the one client and through the other.
fn pairs() -> Vec<(Redis, AsyncRedis)> {
    let mut pairs = vec![(redipy::connect("memory://").unwrap(), redipy::connect_async("memory://").unwrap())];
    match shared(Flavor::Redis82) {
        Some(server) => {
            let url = server.server().url();
            let prefixed = |prefix: &str| redipy::builder(&url).prefix(prefix);
            pairs.push((
                prefixed("same-blocked:").connect().unwrap(),
                prefixed("same-awaited:").connect_async().unwrap(),
            ));
        }
        None => missing(Flavor::Redis82),
    }
    pairs
}

#[test]
fn random_calls_give_the_same() {
    for (r, a) in pairs() {
        r.flushall().unwrap();
        block_on(a.flushall()).unwrap();
        let mut rng = Rng::new(13);
        for round in 0..3000 {
            let drawn = Drawn::new(&mut rng);
            let (one, other) = (calls!(&drawn, r, blocked), calls!(&drawn, a, awaited));
            assert_eq!(one, other, "call {round}, {}: {:?} {:?}", r.describe(), drawn.keys, drawn.words);
        }
        assert_eq!(contents(&r), contents(a.blocking()));
    }
}

#[test]
fn random_calls_in_pipelines_transactions_and_sessions_give_the_same() {
    let slot = |_: String| ();
    for (r, a) in pairs() {
        r.flushall().unwrap();
        block_on(a.flushall()).unwrap();
        let mut rng = Rng::new(14);
        let (mut own, mut theirs) = (r.session().unwrap(), block_on(a.session()).unwrap());
        for round in 0..150 {
            let drawn: Vec<Drawn> = (0..rng.below(12)).map(|_| Drawn::new(&mut rng)).collect();
            macro_rules! queued {
                ($queue:expr) => {{
                    let queue = std::cell::RefCell::new($queue);
                    for drawn in &drawn {
                        slot(calls!(drawn, queue.borrow_mut(), shown));
                    }
                    queue.into_inner()
                }};
            }
            let show = |replies: redipy::Replies| format!("{:?}", replies.into_results());
            let (one, other) = match round % 3 {
                0 => (queued!(r.pipeline()).execute().map(show), block_on(queued!(a.pipeline()).execute()).map(show)),
                1 => (
                    queued!(r.transaction()).execute().map(show),
                    block_on(queued!(a.transaction()).execute()).map(show),
                ),
                _ => (
                    queued!(own.transaction()).execute().map(|done| done.map_or_else(String::new, show)),
                    block_on(queued!(theirs.transaction()).execute()).map(|done| done.map_or_else(String::new, show)),
                ),
            };
            assert_eq!(one, other, "round {round}, {}", r.describe());
        }
        assert_eq!(contents(&r), contents(a.blocking()));
    }
}

fn shown<T: Debug>(slot: redipy::Slot<T>) -> String {
    let _ = slot;
    String::new()
}

/// All keys with what they hold.
fn contents(r: &Redis) -> Vec<String> {
    let mut keys = r.keys("*").unwrap();
    keys.sort();
    let show = |key: &redipy::Bytes| {
        let command = match r.key_type(key).unwrap().as_str() {
            "string" => r.command("GET").arg(key),
            "list" => r.command("LRANGE").arg(key).arg(0).arg(-1),
            "hash" => r.command("HGETALL").arg(key),
            "set" => r.command("SCARD").arg(key),
            _ => r.command("ZRANGE").arg(key).arg(0).arg(-1).arg("WITHSCORES"),
        };
        format!("{key:?} {:?}", command.query::<Value>())
    };
    keys.iter().map(show).collect()
}
