//! A lock with an owner and an end: it is released or extended only by who holds it, which takes a
//! look and a change in one step, and therefore a script.
//!
//! A token is a text. What is stored comes back as a text, and a script compares without converting: the number 42 as an
//! argument is never equal to it, and its lock would never be released. Where a token may be a number, the script says
//! `to_str(&token)`.

use redipy::prelude::*;
use redipy::script::{Draft, Script, script};
use redipy::string::SetOptions;
use redipy::{Redis, Result};

/// Releases the lock if the token is that of its owner; whether it was.
pub fn release() -> Draft {
    script(|f| {
        let (lock, token) = (f.var("lock"), f.arg("token"));
        f.if_(lock.get().eq(&token), |t| {
            t.add(lock.del());
            t.returns(true);
        });
        f.returns(false);
    })
}

/// Gives the owner of the lock more time; whether the token is the owner's.
pub fn extend() -> Draft {
    script(|f| {
        let (lock, token, time) = (f.var("lock"), f.arg("token"), f.arg("time"));
        f.if_(lock.get().eq(&token), |t| t.returns(lock.pexpire(&time)));
        f.returns(false);
    })
}

struct Lock {
    redis: Redis,
    key: String,
    release: Script,
    extend: Script,
}

impl Lock {
    fn new(redis: &Redis, key: &str) -> Result<Self> {
        let (release, extend) = (redis.register(release())?, redis.register(extend())?);
        Ok(Self { redis: redis.clone(), key: key.to_owned(), release, extend })
    }

    /// Takes the lock for this time, if nobody has it.
    fn acquire(&self, token: &str, time_ms: i64) -> Result<bool> {
        let options = SetOptions::new().nx().px(time_ms);
        Ok(self.redis.set_with(&self.key, token, options)?.stored())
    }

    fn release(&self, token: &str) -> Result<bool> {
        self.redis.script(self.release.key("lock", self.key.as_str()).arg("token", token))?.decode()
    }

    fn extend(&self, token: &str, time_ms: i64) -> Result<bool> {
        let call = self.extend.key("lock", self.key.as_str()).arg("token", token).arg("time", time_ms);
        self.redis.script(call)?.decode()
    }
}

fn main() -> Result<()> {
    let r = support::connect("lock:")?;
    let lock = Lock::new(&r, "lock:printer")?;
    println!("ann acquires: {}", lock.acquire("ann", 30_000)?);
    println!("bob acquires: {}", lock.acquire("bob", 30_000)?);
    println!("bob releases: {}", lock.release("bob")?);
    println!("ann extends: {}", lock.extend("ann", 600_000)?);
    println!("it is held for more than a minute: {}", r.pttl("lock:printer")? > 60_000);
    println!("ann releases: {}", lock.release("ann")?);
    println!("ann extends: {}", lock.extend("ann", 600_000)?);
    println!("bob acquires: {}", lock.acquire("bob", 30_000)?);
    Ok(())
}
