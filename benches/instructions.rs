//! Instruction counts of the hottest operations through the public API, under valgrind's callgrind.
//!
//! `cargo xtask counts` runs this and compares with `instructions.txt`. Every benchmark does [`OPERATIONS`] operations,
//! so its total divided by that is the count of one; the filter does as many items in one call. The data is made before
//! the counting begins and dropped after it ends. Seed and clock are fixed, so that two runs count the same.

use std::cell::RefCell;
use std::hint::black_box;

use gungraun::prelude::*;
use gungraun::{Callgrind, LibraryBenchmarkConfig};
use redipy::memory::{Clock, Engine, Memory};
use redipy::prelude::*;
use redipy::script::{NONE, ScriptCall, script};
use redipy::zset::ZRangeOptions;
use redipy::{Backend, Redis, backend};
use redipy_bench::programs::{filter, halving, items};
use redipy_resp::{Protocol, Writer};

/// What `cargo xtask counts` divides by.
const OPERATIONS: usize = 1_000;

/// How many keys there are before the operations begin.
const KEYS: usize = 10_000;

const VALUE: &[u8; 64] = &[b'v'; 64];

type Name = [u8; 16];

/// An engine with data, and the names that the operations use.
struct Prepared {
    redis: Redis,
    /// Of the keys that there are, in no order.
    keys: Vec<Name>,
    /// Names that nothing has yet.
    others: Vec<Name>,
    /// Of the fields and members that there are, in no order.
    names: Vec<Name>,
    call: Option<ScriptCall>,
    /// A connection, as a server has one for each client, and what it has to send.
    session: RefCell<(Box<dyn backend::Session>, Vec<u8>)>,
}

fn name(of: &[u8; 4], number: usize) -> Name {
    let mut name = *b"what:00000000000";
    name[..4].copy_from_slice(of);
    name[5..].copy_from_slice(format!("{number:011}").as_bytes());
    name
}

/// So many names, in an order that visits all of them.
fn names(of: &[u8; 4], count: usize) -> Vec<Name> {
    (0..count).map(|i| name(of, i * 421 % count)).collect()
}

impl Prepared {
    fn new() -> Self {
        let engine = Engine::builder().clock(Clock::manual()).seed(7).build();
        let session = Memory::from(engine.clone()).session().unwrap();
        let session = RefCell::new((session, Vec::with_capacity(1_024)));
        let redis = Redis::from_engine(engine);
        let [keys, others] = [names(b"keys", KEYS), names(b"none", OPERATIONS)];
        keys.iter().for_each(|key| redis.set(key, VALUE).unwrap());
        Self { redis, keys, others, names: Vec::new(), call: None, session }
    }

    /// Fills the collection `it` with so many names, one after another.
    fn with(names: usize, fill: impl Fn(&Redis, usize, &Name)) -> Self {
        let mut prepared = Self::new();
        prepared.names = self::names(b"name", names);
        prepared.names.iter().enumerate().for_each(|(i, name)| fill(&prepared.redis, i, name));
        prepared
    }

    fn key(&self, i: usize) -> &Name {
        &self.keys[i]
    }

    fn other(&self, i: usize) -> &Name {
        &self.others[i]
    }

    /// Calls by name, as clients of a server do, for a reply in RESP; its length.
    fn raw(&self, words: &[&[u8]]) -> redipy::Result<usize> {
        let (session, reply) = &mut *self.session.borrow_mut();
        reply.clear();
        session.command(words, &mut Writer::new(reply, Protocol::Resp2))?;
        Ok(reply.len())
    }

    fn name(&self, i: usize) -> &Name {
        &self.names[i % self.names.len()]
    }
}

fn numbers() -> Prepared {
    let prepared = Prepared::new();
    prepared.keys.iter().for_each(|key| prepared.redis.set(key, 1_000).unwrap());
    prepared
}

fn list(of: usize) -> Prepared {
    Prepared::with(of, |redis, _, name| _ = redis.rpush("it", name).unwrap())
}

fn hash(of: usize) -> Prepared {
    Prepared::with(of, |redis, _, name| _ = redis.hset("it", (name, VALUE)).unwrap())
}

fn set(of: usize) -> Prepared {
    Prepared::with(of, |redis, _, name| _ = redis.sadd("it", name).unwrap())
}

fn zset(of: usize) -> Prepared {
    Prepared::with(of, |redis, i, name| _ = redis.zadd("it", (i as f64, name)).unwrap())
}

fn empty_script() -> Prepared {
    let mut prepared = Prepared::new();
    prepared.call = Some(prepared.redis.register(script(|f| f.returns(NONE))).unwrap().prepare());
    prepared
}

fn filled_filter() -> Prepared {
    let mut prepared = Prepared::new();
    let items: Vec<_> = items().into_iter().step_by(10).collect();
    assert_eq!(items.len(), OPERATIONS);
    prepared.redis.rpush("inp", items.as_slice()).unwrap();
    prepared.call = Some(halving(&prepared.redis.register(filter()).unwrap()));
    prepared
}

/// One benchmark for each: its name, what is prepared, and the operation. The first word of a name is the command.
macro_rules! operations {
    ($($name:ident ($prepared:expr) |$data:ident, $i:ident| $operation:expr;)+) => {
        $(
            #[library_benchmark]
            #[bench::counted($prepared)]
            fn $name($data: Prepared) -> Prepared {
                for $i in 0..OPERATIONS {
                    black_box($operation.unwrap());
                }
                $data
            }
        )+

        library_benchmark_group!(name = operations, benchmarks = [$($name,)+ script_filter_an_item]);
    };
}

operations! {
    get_hit (Prepared::new()) |data, i| data.redis.get(data.key(i));
    get_miss (Prepared::new()) |data, i| data.redis.get(data.other(i));
    set_new (Prepared::new()) |data, i| data.redis.set(data.other(i), VALUE);
    set_overwrite (Prepared::new()) |data, i| data.redis.set(data.key(i), VALUE);
    incr (numbers()) |data, i| data.redis.incr(data.key(i));
    del (Prepared::new()) |data, i| data.redis.del(data.key(i));
    expire (Prepared::new()) |data, i| data.redis.expire(data.key(i), 100);
    mget_of_10 (Prepared::new()) |data, i| data.redis.mget(std::array::from_fn::<_, 10, _>(|k| data.key(i + k)));
    lpush (list(1)) |data, _i| data.redis.lpush("it", VALUE);
    rpop (list(2_000)) |data, _i| data.redis.rpop("it");
    lrange_of_100 (list(100)) |data, _i| data.redis.lrange("it", 0, -1);
    hset_update_in_10 (hash(10)) |data, i| data.redis.hset("it", (data.name(i), VALUE));
    hset_update_in_1000 (hash(1_000)) |data, i| data.redis.hset("it", (data.name(i), VALUE));
    hget_in_10 (hash(10)) |data, i| data.redis.hget("it", data.name(i));
    hget_in_1000 (hash(1_000)) |data, i| data.redis.hget("it", data.name(i));
    hgetall_of_10 (hash(10)) |data, _i| data.redis.hgetall("it");
    sadd_to_1000 (set(1_000)) |data, i| data.redis.sadd("it", data.other(i));
    sismember_in_1000 (set(1_000)) |data, i| data.redis.sismember("it", data.name(i));
    zadd_update_in_1000 (zset(1_000)) |data, i| data.redis.zadd("it", ((i * 37 % 1_000) as f64, data.name(i)));
    zrange_of_100_in_1000 (zset(1_000)) |data, i| data.redis.zrange("it", (i % 900) as i64, (i % 900 + 99) as i64);
    zrange_byscore_of_100_in_1000 (zset(1_000)) |data, i| {
        let (first, options) = ((i % 900) as f64, ZRangeOptions::new().byscore());
        data.redis.zrange_with("it", first, first + 99.0, options)
    };
    pipeline_of_100_sets (Prepared::new()) |data, i| {
        let mut pipeline = data.redis.pipeline();
        data.keys[i..i + 100].iter().for_each(|key| _ = pipeline.set(key, VALUE));
        pipeline.execute()
    };
    pipeline_of_100_gets (Prepared::new()) |data, i| {
        let mut pipeline = data.redis.pipeline();
        data.keys[i..i + 100].iter().for_each(|key| _ = pipeline.get(key));
        pipeline.execute()
    };
    raw_get (Prepared::new()) |data, i| data.raw(&[b"GET", data.key(i)]);
    raw_set (Prepared::new()) |data, i| data.raw(&[b"SET", data.key(i), VALUE]);
    multi_of_10_incrs (numbers()) |data, i| {
        let mut transaction = data.redis.transaction();
        data.keys[i..i + 10].iter().for_each(|key| _ = transaction.incr(key));
        transaction.execute()
    };
    script_empty (empty_script()) |data, _i| data.redis.script(data.call.clone().unwrap());
}

#[library_benchmark]
#[bench::counted(filled_filter())]
fn script_filter_an_item(mut data: Prepared) -> Prepared {
    if let Some(call) = data.call.take() {
        black_box(data.redis.script(call).unwrap());
    }
    data
}

main!(
    // The names are in no environment variable, and the caches are not simulated: instructions are all that counts.
    config = LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"]));
    library_benchmark_groups = operations
);
