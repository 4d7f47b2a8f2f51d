//! The lock with calls that are awaited.

use redipy::prelude::*;
use redipy::script::Script;
use redipy::string::SetOptions;
use redipy::{AsyncRedis, Result};

#[expect(dead_code, reason = "only its scripts are used")]
#[path = "../lock.rs"]
mod blocking;

struct Lock {
    redis: AsyncRedis,
    key: String,
    release: Script,
    extend: Script,
}

impl Lock {
    fn new(redis: &AsyncRedis, key: &str) -> Result<Self> {
        let (release, extend) = (redis.register(blocking::release())?, redis.register(blocking::extend())?);
        Ok(Self { redis: redis.clone(), key: key.to_owned(), release, extend })
    }

    /// Takes the lock for this time, if nobody has it.
    async fn acquire(&self, token: &str, time_ms: i64) -> Result<bool> {
        let options = SetOptions::new().nx().px(time_ms);
        Ok(self.redis.set_with(&self.key, token, options).await?.stored())
    }

    async fn release(&self, token: &str) -> Result<bool> {
        self.release.key("lock", self.key.as_str()).arg("token", token).query(&self.redis).await
    }

    async fn extend(&self, token: &str, time_ms: i64) -> Result<bool> {
        let call = self.extend.key("lock", self.key.as_str()).arg("token", token).arg("time", time_ms);
        call.query(&self.redis).await
    }
}

fn main() -> Result<()> {
    support::block_on(run())
}

async fn run() -> Result<()> {
    let r = support::connect_async("lock:").await?;
    let lock = Lock::new(&r, "lock:printer")?;
    println!("ann acquires: {}", lock.acquire("ann", 30_000).await?);
    println!("bob acquires: {}", lock.acquire("bob", 30_000).await?);
    println!("bob releases: {}", lock.release("bob").await?);
    println!("ann extends: {}", lock.extend("ann", 600_000).await?);
    println!("it is held for more than a minute: {}", r.pttl("lock:printer").await? > 60_000);
    println!("ann releases: {}", lock.release("ann").await?);
    println!("ann extends: {}", lock.extend("ann", 600_000).await?);
    println!("bob acquires: {}", lock.acquire("bob", 30_000).await?);
    Ok(())
}
