//! What all examples share: where the data lives, and a clean start.

use redipy::prelude::*;
use redipy::{Redis, Result};

/// A client of the place that `--url` names, or of the engine in this process; keys that an earlier
/// run of the example left under `prefix` are removed.
pub fn connect(prefix: &str) -> Result<Redis> {
    let r = redipy::connect(&url())?;
    for key in r.keys(format!("{prefix}*"))? {
        r.del(&key)?;
    }
    Ok(r)
}

/// As [`connect`], with calls that are awaited.
#[cfg(feature = "awaited")]
pub async fn connect_async(prefix: &str) -> Result<redipy::AsyncRedis> {
    let r = redipy::connect_async(&url())?;
    for key in r.keys(format!("{prefix}*")).await? {
        r.del(&key).await?;
    }
    Ok(r)
}

/// Runs a future in this thread. None of its calls needs a runtime.
#[cfg(feature = "awaited")]
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    futures_executor::block_on(future)
}

fn url() -> String {
    let mut args = std::env::args().skip(1);
    match (args.next().as_deref(), args.next(), args.next()) {
        (None, _, _) => "memory://".to_owned(),
        (Some("--url"), Some(url), None) => url,
        _ => {
            eprintln!("usage: --url URL, such as redis://127.0.0.1:6379; without it the data lives in this process");
            std::process::exit(2);
        }
    }
}
