//! The CPU time of an awaited GET: on Redis 8.2 beside redis-rs used directly, and in the process beside a blocking one.
//! `make bench-awaited` runs it.
//!
//! Both clients take turns within each round, tasks share one connection each, and of ten rounds the median counts. What the
//! server takes is not in it.

use cpu_time::ProcessTime;
use redipy::AsyncRedis;
use redipy::prelude::*;
use redipy_conformance::server::{Flavor, Server};
use redis::AsyncCommands;
use redis::aio::MultiplexedConnection;
use tokio::runtime::{Builder, Runtime};

const CALLS: usize = 20_000;
const ROUNDS: usize = 10;

fn main() {
    let server = Server::start(Flavor::Redis82).expect("a server: `make servers` fetches it");
    println!("| runtime | tasks | redipy | redis-rs | times redipy's |\n| --- | --: | --: | --: | --: |");
    for threads in [1, 2] {
        for tasks in [1, 16, 64] {
            let (ours, theirs) = runtime(threads).block_on(medians(&server.url(), tasks));
            let ratio = theirs / ours;
            println!("| tokio, {threads} thread(s) | {tasks} | {ours:.0} ns | {theirs:.0} ns | {ratio:.2} |");
        }
    }
    let (awaited, blocking) = runtime(1).block_on(in_process());
    println!("\nIn the process: {awaited:.0} ns awaited, {blocking:.0} ns blocking.");
}

/// Nanoseconds of CPU time per call to data in the process: awaited, and blocking.
async fn in_process() -> (f64, f64) {
    let r = redipy::connect_async("memory://").expect("an engine");
    StringCommands::set(r.blocking(), "awaited", "value").expect("set");
    let per_call = |begun: ProcessTime| begun.elapsed().as_nanos() as f64 / CALLS as f64;
    let (mut awaited, mut blocking) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begun = ProcessTime::now();
        get_ours(r.clone(), CALLS).await;
        awaited.push(per_call(begun));
        let begun = ProcessTime::now();
        for _ in 0..CALLS {
            StringCommands::get(r.blocking(), "awaited").expect("a reply").expect("a value");
        }
        blocking.push(per_call(begun));
    }
    (median(awaited), median(blocking))
}

fn runtime(threads: usize) -> Runtime {
    let mut builder = if threads == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    builder.worker_threads(threads).enable_all().build().expect("a runtime")
}

/// Nanoseconds of CPU time per call: of redipy and of redis-rs.
async fn medians(url: &str, tasks: usize) -> (f64, f64) {
    let ours = redipy::connect_async(url).expect("a client");
    let client = redis::Client::open(url).expect("a client");
    let theirs = client.get_multiplexed_async_connection().await.expect("a connection");
    StringCommands::set(&ours, "awaited", "value").await.expect("set");
    let (mut own, mut other) = (Vec::new(), Vec::new());
    // The first round warms up.
    for round in 0..=ROUNDS {
        for is_own in [round % 2 == 0, round % 2 == 1] {
            let begun = ProcessTime::now();
            let all = (0..tasks).map(|_| match is_own {
                true => tokio::spawn(get_ours(ours.clone(), CALLS / tasks)),
                false => tokio::spawn(get_theirs(theirs.clone(), CALLS / tasks)),
            });
            for task in all.collect::<Vec<_>>() {
                task.await.expect("a task ends");
            }
            let per_call = begun.elapsed().as_nanos() as f64 / (CALLS / tasks * tasks) as f64;
            if round > 0 {
                if is_own { own.push(per_call) } else { other.push(per_call) }
            }
        }
    }
    (median(own), median(other))
}

async fn get_ours(r: AsyncRedis, calls: usize) {
    for _ in 0..calls {
        StringCommands::get(&r, "awaited").await.expect("a reply").expect("a value");
    }
}

async fn get_theirs(mut connection: MultiplexedConnection, calls: usize) {
    for _ in 0..calls {
        let _: Vec<u8> = AsyncCommands::get(&mut connection, "awaited").await.expect("a reply");
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
