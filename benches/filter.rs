//! The filter of the README on the engine against Redis 7.0's own Lua: CPU time for each item, in one run.
//!
//! Three ways take turns, so that a busy machine slows down all of them: the engine, the Lua that redipy generates,
//! and Lua as one writes it by hand. Of each the median counts. The server's time is what it says itself (INFO CPU);
//! the engine runs in this thread, whose time the kernel tells on Linux only.

mod programs;

use std::process::ExitCode;

use programs::{ITEMS, filter, halving, items};
use redipy::prelude::*;
use redipy::script::ScriptCall;
use redipy::{Redis, Result, Value};
use redipy_conformance::server::{Flavor, Server};

/// How often each way is measured, and how often it runs before that.
const ROUNDS: usize = 41;
const WARM_UP: usize = 3;

/// The same filter by hand.
const BY_HAND: &str = "
local cmp = tonumber(ARGV[1])
local cur = redis.call('LPOP', KEYS[1])
while cur do
  if tonumber(cur) < cmp then redis.call('RPUSH', KEYS[2], cur) else redis.call('RPUSH', KEYS[3], cur) end
  cur = redis.call('LPOP', KEYS[1])
end
return nil";

fn main() -> ExitCode {
    let server = match Server::start(Flavor::Redis70) {
        Ok(server) => server,
        Err(error) => {
            eprintln!("filter: skipped, there is no {}: {error}", Flavor::Redis70);
            return ExitCode::SUCCESS;
        }
    };
    if thread_cpu().is_none() {
        eprintln!("filter: skipped, only Linux tells the CPU time of a thread in /proc/thread-self/schedstat");
        return ExitCode::SUCCESS;
    }
    match compare(&server) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("filter: {error}");
            ExitCode::FAILURE
        }
    }
}

fn compare(server: &Server) -> Result<()> {
    let (engine, redis) = (redipy::connect("memory://")?, redipy::connect(&server.url())?);
    let call = halving(&engine.register(filter())?);
    let [mut own, mut generated, mut by_hand] = [const { Vec::new() }; 3];
    for round in 0..WARM_UP + ROUNDS {
        let times = [
            on_engine(&engine, &call)?,
            on_server(&redis, || redis.script(call.clone()))?,
            on_server(&redis, || eval(&redis))?,
        ];
        if round >= WARM_UP {
            [&mut own, &mut generated, &mut by_hand].into_iter().zip(times).for_each(|(all, time)| all.push(time));
        }
    }
    let [own, generated, by_hand] = [own, generated, by_hand].map(median);
    println!("CPU time for each of {ITEMS} items, median of {ROUNDS} runs that took turns:");
    println!("  redipy's engine                 {own:7.1} ns");
    println!("  {}, Lua by redipy        {generated:7.1} ns    {:5.1} times as much", Flavor::Redis70, generated / own);
    println!("  {}, Lua by hand          {by_hand:7.1} ns    {:5.1} times as much", Flavor::Redis70, by_hand / own);
    Ok(())
}

/// The filter by hand, on the server.
fn eval(redis: &Redis) -> Result<Value> {
    let keys = redis.command("EVAL").arg(BY_HAND).arg(3).arg("inp").arg("left").arg("right");
    keys.arg(ITEMS as i64 / 2).query()
}

/// Fills the list, before the filter drains it.
fn fill(redis: &Redis) -> Result<()> {
    redis.flushall()?;
    redis.rpush("inp", items().as_slice())?;
    Ok(())
}

/// That the filter did its work.
fn check(redis: &Redis) -> Result<()> {
    assert_eq!((redis.llen("left")?, redis.llen("right")?), (ITEMS as i64 / 2, ITEMS as i64 / 2));
    Ok(())
}

/// Nanoseconds for each item.
fn on_engine(engine: &Redis, call: &ScriptCall) -> Result<f64> {
    fill(engine)?;
    let call = call.clone();
    let before = thread_cpu();
    engine.script(call)?;
    let after = thread_cpu();
    check(engine)?;
    Ok(after.zip(before).map_or(f64::NAN, |(after, before)| after - before) / ITEMS as f64)
}

/// Nanoseconds for each item.
fn on_server(redis: &Redis, run: impl FnOnce() -> Result<Value>) -> Result<f64> {
    fill(redis)?;
    let before = server_cpu(redis)?;
    run()?;
    let after = server_cpu(redis)?;
    check(redis)?;
    Ok((after - before) / ITEMS as f64)
}

/// The nanoseconds that the server has computed, in itself and in the system.
fn server_cpu(redis: &Redis) -> Result<f64> {
    let info: redipy::Bytes = redis.command("INFO").arg("CPU").query()?;
    let text = info.to_text();
    let seconds = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok());
    let seconds = seconds("used_cpu_sys:").zip(seconds("used_cpu_user:")).map(|(system, user)| system + user);
    seconds
        .map(|seconds| seconds * 1e9)
        .ok_or_else(|| redipy::Error::new(redipy::Kind::Decode, "INFO CPU tells no CPU time"))
}

/// The nanoseconds that this thread has computed.
fn thread_cpu() -> Option<f64> {
    // The kernel counts when it is entered to schedule, not when it is read.
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
