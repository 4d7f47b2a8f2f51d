//! How long calls take while large values go: those that remove them, and the worst of others meanwhile.
//!
//! `make freeing` prints a line for each way, with the time of the call and of the worst unrelated GET that another thread
//! made meanwhile, both in milliseconds of one run. `cargo bench -p redipy-bench --bench freeing -- --quick` takes a tenth
//! of the data.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use redipy::prelude::*;
use redipy::string::SetOptions;
use redipy::{Redis, Result};

/// Fields of the large hash, and keys of the large database.
const FIELDS: usize = 3_000_000;
const KEYS: usize = 5_000_000;

fn fill_hash(r: &Redis, fields: usize) -> Result<()> {
    for start in (0..fields).step_by(1000) {
        let names: Vec<_> = (start..fields.min(start + 1000)).map(|i| format!("field:{i}")).collect();
        r.hset("large", names.iter().map(|name| (name, "value")).collect::<Vec<_>>())?;
    }
    Ok(())
}

fn fill_keys(r: &Redis, keys: usize) -> Result<()> {
    (0..keys).try_for_each(|i| r.set(&format!("key:{i}"), "value").map(drop))
}

/// Does it while another thread makes calls; how long it took, and the longest of the other calls.
fn watched(r: &Redis, act: impl FnOnce() -> Result<()>) -> Result<(Duration, Duration)> {
    r.set("other", "value")?;
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let other = scope.spawn(|| -> Result<Duration> {
            let mut worst = Duration::ZERO;
            while !is_over.load(Ordering::Relaxed) {
                let start = Instant::now();
                r.get("other")?;
                worst = worst.max(start.elapsed());
            }
            Ok(worst)
        });
        let start = Instant::now();
        act()?;
        let took = start.elapsed();
        is_over.store(true, Ordering::Relaxed);
        let worst = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok((took, worst))
    })
}

fn show(name: &str, r: &Redis, act: impl FnOnce() -> Result<()>) -> Result<()> {
    let (took, worst) = watched(r, act)?;
    println!("{name:<44}{:>10.2}{:>14.2}", took.as_secs_f64() * 1e3, worst.as_secs_f64() * 1e3);
    Ok(())
}

fn main() -> Result<()> {
    let part = if std::env::args().any(|arg| arg == "--quick") { 10 } else { 1 };
    let (fields, keys) = (FIELDS / part, KEYS / part);
    println!("{:<44}{:>10}{:>14}", "milliseconds", "the call", "worst other");
    let r = redipy::connect("memory://")?;
    let hash = |what: &str| format!("{what} a hash of {fields} fields");
    fill_hash(&r, fields)?;
    show(&hash("UNLINK"), &r, || r.unlink("large").map(drop))?;
    fill_hash(&r, fields)?;
    show(&hash("SET over"), &r, || r.set("large", "small").map(drop))?;
    r.del("large")?;
    fill_hash(&r, fields)?;
    show(&hash("DEL"), &r, || r.del("large").map(drop))?;
    fill_hash(&r, fields)?;
    r.pexpire("large", 50)?;
    show(&hash("200 ms in which expires"), &r, || {
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(200) {
            r.set_with("unrelated", "value", SetOptions::default().px(10_000))?;
        }
        Ok(())
    })?;
    fill_keys(&r, keys)?;
    (0..keys).try_for_each(|i| r.pexpire(&format!("key:{i}"), 5_000).map(drop))?;
    thread::sleep(Duration::from_millis(5_100));
    show(&format!("until {keys} expired keys are gone"), &r, || {
        while r.dbsize()? > 1 {
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    })?;
    fill_keys(&r, keys)?;
    show(&format!("FLUSHALL ASYNC of {keys} keys"), &r, || r.command("FLUSHALL").arg("ASYNC").query::<()>())
}
