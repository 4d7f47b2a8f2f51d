//! One case in one store: filled through its public API, and how many bytes a key took.

use std::collections::HashMap;
use std::error::Error;

use foldhash::fast::RandomState;
use parking_lot::Mutex;
use redipy::prelude::*;
use redipy::string::SetOptions;
use redipy::{Pipeline, Redis};
use redipy_conformance::server::{Flavor, Server};
use tikv_jemalloc_ctl::stats;

use crate::{Case, Content};

/// Bytes for each key; nothing where the store has no such type or is not here.
pub type Measured = Result<Option<f64>, Box<dyn Error>>;

/// Elements that one command brings.
const AT_ONCE: usize = 100;
/// Commands that one pipeline brings.
const PIPELINE: usize = 500;
/// Seconds to a deadline that nobody lives to see here.
const TOMORROW: i64 = 86_400;

fn key(i: usize) -> Vec<u8> {
    format!("key:{i:012}").into_bytes()
}

fn text(i: usize) -> Vec<u8> {
    format!("{i:064}").into_bytes()
}

fn element(i: usize) -> Vec<u8> {
    format!("element:{:08}", i * 7 % 100_000_000).into_bytes()
}

fn field(i: usize) -> Vec<u8> {
    format!("field:{i}").into_bytes()
}

fn field_value(i: usize, of: usize) -> Vec<u8> {
    format!("value:{:010}", (i * 1_000 + of) % 1_000_000).into_bytes()
}

fn member(i: usize) -> Vec<u8> {
    format!("member:{i:09}").into_bytes()
}

fn score(i: usize, of: usize) -> f64 {
    ((i * 7_919 + of * 31_337) % 1_000_003) as f64
}

/// What a store of this many keys takes while `fill` makes it.
fn growth<S>(keys: usize, fill: impl FnOnce() -> Result<S, Box<dyn Error>>) -> Measured {
    let before = taken()?;
    let store = fill()?;
    let after = taken()?;
    drop(store);
    Ok(Some((after - before) / keys as f64))
}

/// What the allocator has given away, and what was had of the system past it, as kevy has its large tables.
fn taken() -> Result<f64, Box<dyn Error>> {
    tikv_jemalloc_ctl::epoch::advance().map_err(text_of)?;
    let own = mapped().map_or(0, |all| all.saturating_sub(managed()));
    Ok((stats::allocated::read().map_err(text_of)? + own) as f64)
}

/// All memory of the allocator: in use, kept, and for its own books.
fn managed() -> usize {
    [stats::mapped::read(), stats::retained::read(), stats::metadata::read()].into_iter().flatten().sum()
}

/// All memory of the process, where Linux tells it.
fn mapped() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok()? * 1024)
}

fn text_of(error: tikv_jemalloc_ctl::Error) -> String {
    error.to_string()
}

/// Our own engine.
pub fn redipy(case: Case) -> Measured {
    growth(case.keys, || {
        let redis = redipy::connect("memory://")?;
        fill(&redis, case)?;
        Ok(redis)
    })
}

/// A real server, which tells by itself what it uses.
pub fn server(flavor: Flavor, case: Case) -> Measured {
    if flavor.find().is_none() {
        return Ok(None);
    }
    let server = Server::start(flavor)?;
    let redis = redipy::connect(&server.url())?;
    // The connection has its buffers before the first figure is read.
    redis.set("first", text(0).as_slice())?;
    redis.flushall()?;
    let before = used_memory(&redis)?;
    fill(&redis, case)?;
    let after = used_memory(&redis)?;
    Ok(Some((after - before) / case.keys as f64))
}

fn used_memory(redis: &Redis) -> Result<f64, Box<dyn Error>> {
    let info: redipy::Bytes = redis.command("INFO").arg("memory").query()?;
    let info = info.to_text();
    let line = info.lines().find_map(|line| line.strip_prefix("used_memory:"));
    Ok(line.ok_or("INFO tells no used_memory")?.trim().parse()?)
}

/// Fills our engine or a server: the same calls to both.
fn fill(redis: &Redis, case: Case) -> Result<(), Box<dyn Error>> {
    let mut pipeline = redis.pipeline();
    let mut queued = 0;
    for i in 0..case.keys {
        for part in parts(case.content) {
            queue(&mut pipeline, &key(i), i, case.content, part);
            queued += 1;
            if queued == PIPELINE {
                std::mem::replace(&mut pipeline, redis.pipeline()).execute()?;
                queued = 0;
            }
        }
    }
    pipeline.execute()?;
    Ok(())
}

/// The indices of a key's elements, by the command that brings them.
fn parts(content: Content) -> impl Iterator<Item = std::ops::Range<usize>> {
    let len = match content {
        Content::Text | Content::Expiring | Content::Number => 1,
        Content::Hash(len)
        | Content::List(len)
        | Content::Set(len)
        | Content::Numbers(len)
        | Content::SortedSet(len) => len,
    };
    (0..len).step_by(AT_ONCE).map(move |start| start..len.min(start + AT_ONCE))
}

fn queue(pipeline: &mut Pipeline, key: &[u8], i: usize, content: Content, part: std::ops::Range<usize>) {
    match content {
        Content::Text => drop(pipeline.set(key, text(i).as_slice())),
        Content::Expiring => drop(pipeline.set_with(key, text(i).as_slice(), SetOptions::new().ex(TOMORROW))),
        Content::Number => drop(pipeline.set(key, 100_000 + i as i64)),
        Content::Hash(_) => {
            let pairs: Vec<_> = part.map(|of| (field(of), field_value(i, of))).collect();
            let pairs: Vec<_> = pairs.iter().map(|(field, value)| (field.as_slice(), value.as_slice())).collect();
            let _ = pipeline.hset(key, pairs);
        }
        Content::List(_) => drop(pipeline.rpush(key, slices(&part.map(element).collect::<Vec<_>>()))),
        Content::Set(_) => drop(pipeline.sadd(key, slices(&part.map(element).collect::<Vec<_>>()))),
        Content::Numbers(_) => {
            let numbers: Vec<Vec<u8>> = part.map(|of| (of * 13).to_string().into_bytes()).collect();
            let _ = pipeline.sadd(key, slices(&numbers));
        }
        Content::SortedSet(_) => {
            let members: Vec<_> = part.map(|of| (score(i, of), member(of))).collect();
            let members: Vec<_> = members.iter().map(|(score, member)| (*score, member.as_slice())).collect();
            let _ = pipeline.zadd(key, members);
        }
    }
}

fn slices(texts: &[Vec<u8>]) -> Vec<&[u8]> {
    texts.iter().map(Vec::as_slice).collect()
}

/// 64 shards of a hash map; it holds strings only.
pub fn bare_map(case: Case) -> Measured {
    type Shard = Mutex<HashMap<Box<[u8]>, Box<[u8]>, RandomState>>;
    if !matches!(case.content, Content::Text) {
        return Ok(None);
    }
    growth(case.keys, || {
        let shards: Vec<Shard> = (0..64).map(|_| Shard::default()).collect();
        for i in 0..case.keys {
            shards[i % 64].lock().insert(key(i).into(), text(i).into());
        }
        Ok(shards)
    })
}

/// `kevy-embedded`, without a log and without a thread of its own; one shard, the default, takes the least.
#[cfg(feature = "kevy")]
pub fn kevy(case: Case) -> Measured {
    use kevy_embedded::{Config, Store};

    growth(case.keys, || {
        let store = Store::open(Config::default().without_aof().with_ttl_reaper_manual())?;
        for i in 0..case.keys {
            for part in parts(case.content) {
                fill_kevy(&store, &key(i), i, case.content, part)?;
            }
        }
        Ok(store)
    })
}

#[cfg(feature = "kevy")]
fn fill_kevy(
    store: &kevy_embedded::Store,
    key: &[u8],
    i: usize,
    content: Content,
    part: std::ops::Range<usize>,
) -> Result<(), Box<dyn Error>> {
    match content {
        Content::Text => drop(store.set(key, &text(i))?),
        Content::Expiring => {
            store.set(key, &text(i))?;
            store.expire(key, std::time::Duration::from_secs(TOMORROW as u64))?;
        }
        Content::Number => drop(store.set(key, (100_000 + i).to_string().as_bytes())?),
        Content::Hash(_) => {
            let pairs: Vec<_> = part.map(|of| (field(of), field_value(i, of))).collect();
            let pairs: Vec<_> = pairs.iter().map(|(field, value)| (field.as_slice(), value.as_slice())).collect();
            store.hset(key, &pairs)?;
        }
        Content::List(_) => drop(store.rpush(key, &slices(&part.map(element).collect::<Vec<_>>()))?),
        Content::Set(_) => drop(store.sadd(key, &slices(&part.map(element).collect::<Vec<_>>()))?),
        Content::Numbers(_) => {
            let numbers: Vec<Vec<u8>> = part.map(|of| (of * 13).to_string().into_bytes()).collect();
            store.sadd(key, &slices(&numbers))?;
        }
        Content::SortedSet(_) => {
            let members: Vec<_> = part.map(|of| (score(i, of), member(of))).collect();
            let members: Vec<_> = members.iter().map(|(score, member)| (*score, member.as_slice())).collect();
            store.zadd(key, &members)?;
        }
    }
    Ok(())
}

/// Not built in.
#[cfg(not(feature = "kevy"))]
pub fn kevy(_: Case) -> Measured {
    Ok(None)
}
