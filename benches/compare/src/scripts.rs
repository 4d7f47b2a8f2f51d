//! What scripts cost: a loop of commands and an empty call, here and in the Lua of real servers, and registering one.

use redipy::prelude::*;
use redipy::script::{Draft, NONE, script};
use redipy::{Redis, Value};
use redipy_bench::programs::{ITEMS, fifty, filter, halving, items};

use crate::data::{Other, Row};
use crate::measure::{Contest, cpu, progress, rounds};
use crate::peers;
use crate::peers::servers::{Rival, pipelined};

/// The filter in Lua, as one writes it by hand.
const BY_HAND: &str = "
local cmp = tonumber(ARGV[1])
local cur = redis.call('LPOP', KEYS[1])
while cur do
  if tonumber(cur) < cmp then redis.call('RPUSH', KEYS[2], cur) else redis.call('RPUSH', KEYS[3], cur) end
  cur = redis.call('LPOP', KEYS[1])
end
return nil";

/// Measures all of it.
pub fn measure(quick: bool, servers: &[Rival]) -> Vec<Row> {
    let rounds = rounds(quick);
    let engine = peers::redipy::open();
    let mut rows = draining(&engine, servers, rounds);
    rows.push(calling(&engine, servers, if quick { 5_000 } else { 20_000 }).run(rounds));
    rows.push(registering(&engine).run(rounds));
    rows
}

/// One row for each way to come to the Lua; ours is the same in both.
fn draining(engine: &Redis, servers: &[Rival], rounds: usize) -> Vec<Row> {
    let call = halving(&engine.register(filter()).expect("the filter is right"));
    let ours = {
        let call = call.clone();
        move || {
            drained(engine, |redis| {
                let call = call.clone();
                cpu(ITEMS, || drop(redis.script(call).expect("the filter runs")))
            })
        }
    };
    let mut contest = Contest::new("Filter script", ours);
    for rival in servers {
        let call = call.clone();
        contest = contest.against(&rival.name, move || {
            drained(&rival.redis, |_| rival.cpu_of(|redis| drop(by_hand(redis))) / ITEMS as f64)
        });
        contest = contest.against(&rival.name, move || {
            let call = call.clone();
            drained(&rival.redis, |_| {
                rival.cpu_of(|redis| drop(redis.script(call).expect("the filter runs"))) / ITEMS as f64
            })
        });
    }
    let mut times = contest.medians(rounds);
    let own = times.remove(0).value;
    let (by_hand, generated) = times.into_iter().enumerate().partition::<Vec<_>, _>(|(at, _)| at % 2 == 0);
    let row = |lua: &str, times: Vec<(usize, Other)>| {
        let name = format!("Filter script, each of 10,000 items; Lua {lua}");
        let others = times.into_iter().map(|(_, time)| time).collect();
        Row { name, unit: "ns".to_owned(), own, others }
    };
    let rows = vec![row("by hand", by_hand), row("by redipy", generated)];
    rows.iter().for_each(progress);
    rows
}

/// The filter by hand, on a server.
fn by_hand(redis: &Redis) -> Value {
    let keys = redis.command("EVAL").arg(BY_HAND).arg(3).arg("inp").arg("left").arg("right");
    keys.arg(ITEMS as i64 / 2).query().expect("the filter runs")
}

/// Fills the list, lets somebody drain it and sees that it was done.
fn drained(redis: &Redis, drain: impl FnOnce(&Redis) -> f64) -> f64 {
    let items = items();
    redis.flushall().expect("a store to empty");
    redis.rpush("inp", items.as_slice()).expect("a list to fill");
    let time = drain(redis);
    let half = ITEMS as u64 / 2;
    assert_eq!((redis.llen("left").ok(), redis.llen("right").ok()), (Some(half), Some(half)));
    time
}

fn calling<'a>(engine: &'a Redis, servers: &'a [Rival], calls: usize) -> Contest<'a> {
    let empty = engine.register(script(|f| f.returns(NONE))).expect("nothing can be wrong");
    let ours = {
        let empty = empty.clone();
        move || cpu(calls, || (0..calls).for_each(|_| drop(engine.script(empty.prepare()).expect("it runs"))))
    };
    let mut contest = Contest::new("Script that does nothing", ours);
    for rival in servers {
        let empty = empty.clone();
        rival.redis.script(empty.prepare()).expect("it runs");
        contest = contest.against(&rival.name, move || {
            let calls = vec![(); calls];
            let call = |queue: &mut redipy::Pipeline, (): &()| {
                let _ = queue.script(empty.prepare());
            };
            rival.cpu_of(|redis| pipelined(redis, &calls, 100, call)) / calls.len() as f64
        });
    }
    contest
}

fn registering(engine: &Redis) -> Contest<'_> {
    const SCRIPTS: usize = 20;
    Contest::new("Register a script of 50 statements", move || {
        let drafts: Vec<Draft> = (0..SCRIPTS).map(|_| fifty()).collect();
        cpu(SCRIPTS, || drafts.into_iter().for_each(|draft| drop(engine.register(draft).expect("the script is right"))))
    })
}
