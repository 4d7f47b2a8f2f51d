//! The rate limiter with calls that are awaited.

use redipy::prelude::*;
use redipy::script::Script;
use redipy::{AsyncRedis, Result};

#[expect(dead_code, reason = "only its script is used")]
#[path = "../rate_limiter.rs"]
mod blocking;

struct RateLimiter {
    redis: AsyncRedis,
    allow: Script,
    limit: i64,
    window_ms: i64,
}

impl RateLimiter {
    /// Whether this client may go on, and how many requests it has left.
    async fn allow(&self, client: &str) -> Result<(bool, i64)> {
        let call = self.allow.key("counter", format!("rate_limiter:{client}"));
        call.arg("limit", self.limit).arg("window", self.window_ms).query(&self.redis).await
    }
}

fn main() -> Result<()> {
    support::block_on(run())
}

async fn run() -> Result<()> {
    let r = support::connect_async("rate_limiter:").await?;
    let allow = r.register(blocking::allow())?;
    let limiter = RateLimiter { redis: r.clone(), allow, limit: 3, window_ms: 60_000 };
    for client in ["ann", "ann", "bob", "ann", "ann", "bob"] {
        let (allowed, left) = limiter.allow(client).await?;
        println!("{client}: {}, {left} left", if allowed { "allowed" } else { "refused" });
    }
    println!("the window of ann ends: {}", r.pttl("rate_limiter:ann").await? > 0);
    r.del("rate_limiter:ann").await?; // as the end of the window does
    println!("ann again: {:?}", limiter.allow("ann").await?);
    Ok(())
}
