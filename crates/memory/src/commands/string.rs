//! String commands: what they do.

use std::ops::RangeInclusive;

use redipy_command::arg::MAX_LEN;
use redipy_command::room::{self, afford, grow};
use redipy_command::sink::{Collection, Part, Whole};
use redipy_command::string::*;
use redipy_command::texts::{self, fail};
use redipy_command::{Arg, Bytes, Command, Key, ReplySink, Result};

use crate::commands::expiry::{Deadline, ExpiryUnit};
use crate::commands::generic::{expire_at, persist};
use crate::data::long_double::{self, IncrementError};
use crate::edit::Expiry;
use crate::edit::Outcome::Changed;
use crate::listen::event::Event;
use crate::run::Run;
use crate::space::Space;
use crate::store::object::{Object, Str};

/// Stores an argument as the string of a key.
#[inline]
fn store(at: &mut Space<'_>, key: Key<'_>, value: Arg<'_>, expiry: Expiry, event: Event) {
    match value {
        Arg::Int(int) => at.set(key, Object::Int(int), expiry, event),
        value => at.set_string(key, &value.text(), expiry, event),
    }
}

/// Stores an argument as the string of a key, without an expiry.
#[inline]
fn put(at: &mut Space<'_>, key: Key<'_>, value: Arg<'_>) {
    store(at, key, value, Expiry::Never, Event::SET);
}

/// Stores an argument as the string of a key, with this expiry. One that has passed already removes the key.
fn put_expiring(at: &mut Space<'_>, key: Key<'_>, value: Arg<'_>, deadline: i64) {
    store(at, key, value, Expiry::Keep, Event::SET);
    at.set_expiry(key, Some(deadline), Event::EXPIRE);
    at.remove_if_due(key);
}

/// A copy of a string, if it is there.
#[inline]
fn copy(string: Option<Str<'_>>) -> Result<Option<Bytes>> {
    string.map(|string| string.with(room::copy)).transpose()
}

#[inline]
fn show<S: ReplySink + ?Sized>(string: Option<Str<'_>>, to: &mut S) -> Result<()> {
    match string {
        Some(string) => string.with(|bytes| afford(bytes.len()).map(|()| to.bulk(bytes)))?,
        None => to.null(),
    }
    Ok(())
}

impl Run for Set<'_> {
    #[inline]
    fn run(self, at: &mut Space<'_>) -> Result<SetReply> {
        if self.options != SetOptions::default() {
            return set_with(self, at);
        }
        put(at, self.key, self.value);
        Ok(SetReply::Stored)
    }
}

/// SET with options; without any, which is known where it is called, it is so short that it becomes a part of the caller.
#[inline(never)]
fn set_with(command: Set<'_>, at: &mut Space<'_>) -> Result<SetReply> {
    let Set { key, value, options } = command;
    let deadline = Deadline::of(Set::SPEC)
        .from([
            (options.ex.map(Into::into), ExpiryUnit::Ex),
            (options.px.map(Into::into), ExpiryUnit::Px),
            (options.exat.map(Into::into), ExpiryUnit::ExAt),
            (options.pxat.map(Into::into), ExpiryUnit::PxAt),
        ])
        .get(at)?;
    let previous = if options.get { Some(copy(at.string(key)?)?) } else { None };
    let exists = at.exists(key);
    if (options.nx && exists) || (options.xx && !exists) {
        return Ok(previous.map_or(SetReply::Refused, SetReply::Previous));
    }
    if previous.is_some() {
        // What there was room for may be taken by this copy.
        room::admit(&command)?;
    }
    match deadline {
        Some(deadline) => put_expiring(at, key, value, deadline),
        None if options.keepttl => store(at, key, value, Expiry::Keep, Event::SET),
        None => put(at, key, value),
    }
    Ok(previous.map_or(SetReply::Stored, SetReply::Previous))
}

impl Run for Get<'_> {
    #[inline]
    fn run(self, at: &mut Space<'_>) -> Result<Option<Bytes>> {
        copy(at.string(self.key)?)
    }

    #[inline]
    fn show<S: ReplySink + ?Sized>(self, at: &mut Space<'_>, to: &mut S) -> Result<()> {
        let string = at.string(self.key)?;
        if string.is_some_and(Str::is_long) && is_known(at, self.key, to) {
            return Ok(());
        }
        show(string, to)
    }
}

/// Whether the receiver has the string of a key.
#[cold]
fn is_known<S: ReplySink + ?Sized>(at: &Space<'_>, key: Key<'_>, to: &mut S) -> bool {
    at.mark(key).is_some_and(|mark| to.knows(Part::all(Whole::Mark(mark))))
}

impl Run for GetDel<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Option<Bytes>> {
        let value = copy(at.string(self.key)?)?;
        at.remove(self.key);
        Ok(value)
    }
}

impl Run for GetEx<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Option<Bytes>> {
        let Self { key, options } = self;
        let Some(value) = copy(at.string(key)?)? else { return Ok(None) };
        let deadline = Deadline::of(Self::SPEC)
            .from([
                (options.ex.map(Into::into), ExpiryUnit::Ex),
                (options.px.map(Into::into), ExpiryUnit::Px),
                (options.exat.map(Into::into), ExpiryUnit::ExAt),
                (options.pxat.map(Into::into), ExpiryUnit::PxAt),
            ])
            .get(at)?;
        match deadline {
            _ if options.persist => drop(persist(at, key)),
            Some(deadline) => expire_at(at, key, deadline),
            None => {}
        }
        Ok(Some(value))
    }
}

impl Run for GetSet<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Option<Bytes>> {
        let previous = copy(at.string(self.key)?)?;
        // What there was room for may be taken by this copy.
        room::admit(&self)?;
        put(at, self.key, self.value);
        Ok(previous)
    }
}

/// The lengths of strings of which a copy needs an allocation, for which nobody is asked.
const ALLOCATED: RangeInclusive<usize> = Bytes::SHORT + 1..=room::LARGE;

impl Run for MGet<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Vec<Option<Bytes>>> {
        // A collection of results would not know how many there will be.
        let mut values = Vec::with_capacity(self.keys.len());
        at.each_string(&self.keys, |string| {
            // Each is moved from where it is made: what has become one of several forms is moved in pieces.
            match string {
                Some(Str::Bytes(bytes)) if ALLOCATED.contains(&bytes.len()) => values.push(Some(Bytes::copy(bytes))),
                None => values.push(None),
                string => values.push(copy(string)?),
            }
            Ok(())
        })?;
        Ok(values)
    }

    fn show<S: ReplySink + ?Sized>(self, at: &mut Space<'_>, to: &mut S) -> Result<()> {
        to.begin(Collection::Array, self.keys.len());
        at.each_string(&self.keys, |string| show(string, to))
    }
}

impl Run for MSet<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<()> {
        for &(key, value) in self.pairs.iter() {
            put(at, key, value);
        }
        Ok(())
    }
}

impl Run for MSetNx<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<bool> {
        if self.pairs.iter().any(|(key, _)| at.exists(*key)) {
            return Ok(false);
        }
        MSet { pairs: self.pairs }.run(at)?;
        Ok(true)
    }
}

impl Run for SetNx<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<bool> {
        let missing = !at.exists(self.key);
        if missing {
            put(at, self.key, self.value);
        }
        Ok(missing)
    }
}

impl Run for SetEx<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<()> {
        let deadline = Deadline::of(Self::SPEC).required(self.seconds.into(), ExpiryUnit::Ex, at)?;
        put_expiring(at, self.key, self.value, deadline);
        Ok(())
    }
}

impl Run for PSetEx<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<()> {
        let deadline = Deadline::of(Self::SPEC).required(self.milliseconds.into(), ExpiryUnit::Px, at)?;
        put_expiring(at, self.key, self.value, deadline);
        Ok(())
    }
}

/// Refuses a string that would become too long.
fn check_len(len: usize, more: usize) -> Result<()> {
    let fits = len.checked_add(more).is_some_and(|len| len <= MAX_LEN);
    if fits { Ok(()) } else { fail(texts::STRING_TOO_LONG) }
}

impl Run for Append<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        let value = self.value.text();
        let Some(string) = at.string(self.key)? else {
            store(at, self.key, self.value, Expiry::Never, Event::APPEND);
            return Ok(value.len() as u64);
        };
        check_len(string.len(), value.len())?;
        at.edit_string(self.key, Event::APPEND, |string| {
            grow(string, value.len())?;
            string.extend_from_slice(&value);
            Ok(Changed(string.len() as u64))
        })
    }
}

impl Run for StrLen<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        Ok(at.string(self.key)?.map_or(0, Str::len) as u64)
    }
}

impl Run for GetRange<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Bytes> {
        let Some(string) = at.string(self.key)? else { return Ok(Bytes::default()) };
        string.with(|bytes| room::copy(slice(bytes, self.start, self.end)))
    }

    fn show<S: ReplySink + ?Sized>(self, at: &mut Space<'_>, to: &mut S) -> Result<()> {
        match at.string(self.key)? {
            Some(string) => string.with(|bytes| {
                let part = slice(bytes, self.start, self.end);
                afford(part.len()).map(|()| to.bulk(part))
            })?,
            None => to.bulk(b""),
        }
        Ok(())
    }
}

/// The bytes from `start` to `end`, both included and both counted from the end when negative.
fn slice(bytes: &[u8], start: i64, end: i64) -> &[u8] {
    let len = bytes.len() as i64;
    if start < 0 && end < 0 && start > end {
        return &[];
    }
    let absolute = |offset: i64| if offset < 0 { offset.saturating_add(len).max(0) } else { offset };
    let (start, end) = (absolute(start), absolute(end).min(len - 1));
    if len == 0 || start > end { &[] } else { &bytes[start as usize..=end as usize] }
}

impl Run for SetRange<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        let value = self.value.text();
        let Ok(offset) = usize::try_from(self.offset) else { return fail(texts::OFFSET_RANGE) };
        let len = at.string(self.key)?.map_or(0, Str::len);
        if value.is_empty() {
            return Ok(len as u64);
        }
        check_len(offset, value.len())?;
        let end = offset + value.len();
        at.edit_string(self.key, Event::SETRANGE, |string| {
            if string.len() < end {
                let more = end - string.len();
                grow(string, more)?;
                string.resize(end, 0);
            }
            string[offset..end].copy_from_slice(&value);
            Ok(Changed(string.len() as u64))
        })
    }
}

/// Adds to the integer of a key; its expiry stays.
#[inline]
fn increment(at: &mut Space<'_>, key: Key<'_>, by: i64) -> Result<i64> {
    at.edit_int(key, Event::INCRBY, |current| current.checked_add(by).map_or_else(|| fail(texts::OVERFLOW), Ok))
}

impl Run for Incr<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        increment(at, self.key, 1)
    }
}

impl Run for Decr<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        increment(at, self.key, -1)
    }
}

impl Run for IncrBy<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        increment(at, self.key, self.by)
    }
}

impl Run for DecrBy<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        match self.by.checked_neg() {
            Some(by) => increment(at, self.key, by),
            None => fail(texts::DECREMENT_OVERFLOW),
        }
    }
}

impl Run for IncrByFloat<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Bytes> {
        let current = at.string(self.key)?.unwrap_or(Str::Int(0));
        let sum = current.with(|current| long_double::increment(current, &self.by.text()));
        let sum = sum.map_err(|error| match error {
            IncrementError::CurrentNotFloat | IncrementError::ByNotFloat => texts::NOT_FLOAT,
            IncrementError::NanOrInfinity => texts::NAN_OR_INFINITY,
        })?;
        at.update_string(self.key, &sum, Event::INCRBYFLOAT);
        Ok(sum)
    }
}
