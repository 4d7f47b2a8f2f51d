//! At most so many requests in a window of time, for each client: counting and setting the end of
//! the window is one script, so that a window can neither be skipped nor last for ever.

use redipy::prelude::*;
use redipy::script::{Draft, Script, list, max, script};
use redipy::{Redis, Result};

/// Counts a request and says whether it is allowed, and how many are left.
pub fn allow() -> Draft {
    script(|f| {
        let (counter, limit, window) = (f.var("counter"), f.arg("limit"), f.arg("window"));
        let count = f.local(counter.incrby(1));
        f.if_(count.eq(1), |t| t.add(counter.pexpire(&window)));
        f.returns(list([count.le(&limit), max(&limit - &count, 0)]));
    })
}

struct RateLimiter {
    redis: Redis,
    allow: Script,
    limit: i64,
    window_ms: i64,
}

impl RateLimiter {
    fn new(redis: &Redis, limit: i64, window_ms: i64) -> Result<Self> {
        Ok(Self { redis: redis.clone(), allow: redis.register(allow())?, limit, window_ms })
    }

    /// Whether this client may go on, and how many requests it has left.
    fn allow(&self, client: &str) -> Result<(bool, i64)> {
        let call = self.allow.key("counter", format!("rate_limiter:{client}"));
        self.redis.script(call.arg("limit", self.limit).arg("window", self.window_ms))?.decode()
    }
}

fn main() -> Result<()> {
    let r = support::connect("rate_limiter:")?;
    let limiter = RateLimiter::new(&r, 3, 60_000)?;
    for client in ["ann", "ann", "bob", "ann", "ann", "bob"] {
        let (allowed, left) = limiter.allow(client)?;
        println!("{client}: {}, {left} left", if allowed { "allowed" } else { "refused" });
    }
    println!("the window of ann ends: {}", r.pttl("rate_limiter:ann")? > 0);
    r.del("rate_limiter:ann")?; // as the end of the window does
    println!("ann again: {:?}", limiter.allow("ann")?);
    Ok(())
}
