//! Commands on keys of any type: what they do.

use redipy_command::generic::*;
use redipy_command::reply::ScanReply;
use redipy_command::texts::{self, fail};
use redipy_command::{Bytes, Command, Key, LateInt, Result, Spec, glob, room};

use crate::commands::expiry::ExpiryUnit;
use crate::data::table::{CURSOR_BITS, below};
use crate::edit::Expiry;
use crate::listen::event::Event;
use crate::room::{Copies, collect};
use crate::run::{Reach, Run};
use crate::space::Space;
use crate::store::entry::Entry;
use crate::store::keyspace::Db;
use crate::store::object::View;

/// How many of these keys an action held for.
fn count(keys: &[Key<'_>], mut action: impl FnMut(Key<'_>) -> bool) -> Result<u64> {
    Ok(keys.iter().filter(|key| action(**key)).count() as u64)
}

impl Run for Del<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        count(&self.keys, |key| at.remove(key))
    }
}

impl Run for Unlink<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        count(&self.keys, |key| at.unlink(key))
    }
}

impl Run for Exists<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        count(&self.keys, |key| at.exists(key))
    }
}

impl Run for Touch<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        count(&self.keys, |key| at.exists(key))
    }
}

impl Run for Type<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<KeyType> {
        Ok(KeyType(at.view(self.key).map_or("none", View::type_name).into()))
    }
}

impl Run for Keys<'_> {
    const REACH: Reach = Reach::Everything;

    fn run(self, at: &mut Space<'_>) -> Result<Vec<Bytes>> {
        let pattern = self.pattern.text();
        let every = *pattern == *b"*";
        let matches = |entry: &&Entry| every || glob::matches(&pattern, entry.key(), false);
        let entries = at.dbs().flatten().flat_map(Db::iter).filter(matches).filter(|entry| !at.is_due(entry));
        collect(0, entries.map(|entry| room::copy(entry.key())))
    }
}

impl Run for Scan<'_> {
    const REACH: Reach = Reach::Everything;

    fn run(self, at: &mut Space<'_>) -> Result<ScanReply<Bytes>> {
        let Self { cursor, options } = self;
        let mut items = Copies::with_capacity(0);
        let mut visit = |entry: &Entry| {
            let shown = options.pattern.is_none_or(|pattern| pattern.matches(entry.key()))
                && options.of_type.is_none_or(|name| name.is(entry.view().type_name()))
                && !at.is_due(entry);
            if shown {
                items.push(room::copy(entry.key()));
            }
        };
        let mut left = options.count.map_or(10, |count| count.get());
        let dbs: Vec<_> = at.dbs().collect();
        let (mut shard, mut inner) = ((cursor.0 >> CURSOR_BITS) as usize, cursor.0 & ((1 << CURSOR_BITS) - 1));
        while left > 0 && shard < dbs.len() {
            let mut looked = 0;
            let mut see = |entry: &Entry| {
                looked += 1;
                visit(entry);
            };
            inner = dbs[shard].filter(|db| db.len() > 0).map_or(0, |db| db.scan(inner, left, &mut see));
            left = left.saturating_sub(looked);
            shard += usize::from(inner == 0);
        }
        let done = shard >= dbs.len();
        let cursor = if done { 0 } else { (shard as u64) << CURSOR_BITS | inner };
        Ok(ScanReply { cursor, items: items.get()? })
    }
}

impl Run for RandomKey {
    const REACH: Reach = Reach::Everything;

    fn run(self, at: &mut Space<'_>) -> Result<Option<Bytes>> {
        // A key that has expired and was not removed yet is drawn again, or the keys are gone through.
        const TRIES: usize = 100;
        let mut draws: Vec<u64> = (0..2 * TRIES).map(|_| at.random()).collect();
        let mut random = || draws.pop().unwrap_or(0);
        let dbs: Vec<_> = at.dbs().flatten().filter(|db| db.len() > 0).collect();
        let total: usize = dbs.iter().map(|db| db.len()).sum();
        for _ in 0..TRIES.min(total) {
            let mut nth = below(&mut random, total);
            let db = dbs.iter().find(|db| {
                let here = nth < db.len();
                nth = nth.wrapping_sub(if here { 0 } else { db.len() });
                here
            });
            let entry = db.and_then(|db| db.random(&mut random));
            if let Some(entry) = entry.filter(|entry| !at.is_due(entry)) {
                return room::copy(entry.key()).map(Some);
            }
        }
        let entry = dbs.iter().flat_map(|db| db.iter()).find(|entry| !at.is_due(entry));
        entry.map(|entry| room::copy(entry.key())).transpose()
    }
}

impl Run for Rename<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<()> {
        if !at.exists(self.key) {
            return fail(texts::NO_SUCH_KEY);
        }
        if self.key != self.newkey {
            at.rename(self.key, self.newkey);
        }
        Ok(())
    }
}

impl Run for RenameNx<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<bool> {
        if !at.exists(self.key) {
            return fail(texts::NO_SUCH_KEY);
        }
        if at.exists(self.newkey) {
            return Ok(false);
        }
        Ok(at.rename(self.key, self.newkey))
    }
}

impl Run for CopyKey<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<bool> {
        let Self { source, destination, options } = self;
        let here = at.db();
        let there = match options.db {
            None => here,
            Some(db) => db.get()?,
        };
        if here == there && source == destination {
            return fail(texts::SAME_OBJECT);
        }
        let Some(object) = at.view(source).map(View::to_object).transpose()? else { return Ok(false) };
        let expiry = Expiry::from(at.deadline(source));
        at.select(there);
        let copied = options.replace || !at.exists(destination);
        if copied {
            at.copy_to(destination, object, expiry);
        }
        at.select(here);
        Ok(copied)
    }
}

/// EXPIRE and its kin: one after another as the server checks them.
fn expire(
    at: &mut Space<'_>,
    spec: &'static Spec,
    key: Key<'_>,
    (time, unit): (LateInt<'_>, ExpiryUnit),
    options: ExpireOptions,
) -> Result<bool> {
    let ExpireOptions { nx, xx, gt, lt } = options;
    if nx && (xx || gt || lt) {
        return fail(texts::EXPIRE_NX);
    }
    if gt && lt {
        return fail(texts::EXPIRE_GT_LT);
    }
    let Some(deadline) = unit.deadline(time.get()?, at.now()) else {
        return Err(texts::invalid_expire(spec.name));
    };
    if !at.exists(key) {
        return Ok(false);
    }
    let current = at.deadline(key);
    // No expiry counts as one that never comes.
    let refused = (nx && current.is_some())
        || (xx && current.is_none())
        || (gt && current.is_none_or(|current| deadline <= current))
        || (lt && current.is_some_and(|current| deadline >= current));
    if refused {
        return Ok(false);
    }
    expire_at(at, key, deadline);
    Ok(true)
}

/// Gives a key that is there this deadline, in Unix milliseconds; removes it if that has passed.
pub(crate) fn expire_at(at: &mut Space<'_>, key: Key<'_>, deadline: i64) {
    if deadline <= at.now() {
        at.remove(key);
    } else {
        at.set_expiry(key, Some(deadline), Event::EXPIRE);
    }
}

/// Removes the deadline of a key; whether it had one.
pub(crate) fn persist(at: &mut Space<'_>, key: Key<'_>) -> bool {
    let expires = at.deadline(key).is_some();
    if expires {
        at.set_expiry(key, None, Event::PERSIST);
    }
    expires
}

impl Run for Expire<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<bool> {
        expire(at, Self::SPEC, self.key, (self.seconds.into(), ExpiryUnit::Ex), self.options)
    }
}

impl Run for PExpire<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<bool> {
        expire(at, Self::SPEC, self.key, (self.milliseconds.into(), ExpiryUnit::Px), self.options)
    }
}

impl Run for ExpireAt<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<bool> {
        expire(at, Self::SPEC, self.key, (self.unix_time.into(), ExpiryUnit::ExAt), self.options)
    }
}

impl Run for PExpireAt<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<bool> {
        expire(at, Self::SPEC, self.key, (self.unix_time.into(), ExpiryUnit::PxAt), self.options)
    }
}

/// What a key's deadline gives, -1 without one, -2 without key.
fn deadline(at: &Space<'_>, key: Key<'_>, give: impl FnOnce(i64) -> i64) -> Result<i64> {
    Ok(if at.exists(key) { at.deadline(key).map_or(-1, give) } else { -2 })
}

/// Milliseconds in seconds, rounded; there is no sum that could overflow.
fn seconds(milliseconds: i64) -> i64 {
    milliseconds / 1000 + i64::from(milliseconds % 1000 >= 500)
}

impl Run for Ttl<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        deadline(at, self.key, |deadline| seconds(deadline - at.now()))
    }
}

impl Run for PTtl<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        deadline(at, self.key, |deadline| deadline - at.now())
    }
}

impl Run for ExpireTime<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        deadline(at, self.key, seconds)
    }
}

impl Run for PExpireTime<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        deadline(at, self.key, |deadline| deadline)
    }
}

impl Run for Persist<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<bool> {
        Ok(persist(at, self.key))
    }
}
