//! Iterators over keys, fields and members: SCAN, HSCAN, SSCAN and ZSCAN, step by step.

use std::fmt;
use std::vec::IntoIter;

use redipy_command::generic::Scan;
use redipy_command::hash::HScan;
use redipy_command::reply::ScanReply;
use redipy_command::scan::{Cursor, HScanOptions, KeyScanOptions, ScanOptions};
use redipy_command::set::SScan;
use redipy_command::zset::ZScan;
use redipy_command::{Bytes, Execute, Form, Key, Result, ToArg, ToInt, ToKey};

use crate::client::Redis;

/// An iterator over what a SCAN finds, which asks for the next step when it needs one.
///
/// An element that exists from the first step to the last is returned at least once, and may be returned twice. The
/// iterator ends after an error.
#[must_use = "an iterator does nothing until it is used"]
pub struct ScanIter<'r, T> {
    client: &'r Redis,
    step: Step<'r, T>,
    asked: Asked,
    /// The cursor of the next step; `None` after the last one.
    cursor: Option<u64>,
    items: IntoIter<T>,
}

/// Makes one step from a cursor.
type Step<'r, T> = fn(&ScanIter<'r, T>, Cursor) -> Result<ScanReply<T>>;

/// The key and the filters of a scan.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    key: Bytes,
    pattern: Option<Bytes>,
    count: Option<i64>,
    of_type: Option<Bytes>,
}

impl Asked {
    /// Everything, in this key if it is about one.
    pub(crate) fn of(key: Bytes) -> Self {
        Self { key, ..Self::default() }
    }

    pub(crate) fn matching(&mut self, pattern: impl ToArg) {
        self.pattern = Some(Bytes::copy(&pattern.to_arg().text()));
    }

    pub(crate) fn batch(&mut self, count: impl ToInt) {
        self.count = Some(count.to_int());
    }

    pub(crate) fn of_type(&mut self, name: impl ToKey) {
        self.of_type = Some(Bytes::copy(name.to_key().as_bytes()));
    }

    /// One step of SCAN.
    pub(crate) fn keys<E>(&self, on: E, cursor: Cursor) -> E::Output<ScanReply<Bytes>>
    where
        E: for<'x> Execute<Scan<'x>>,
    {
        on.call(Scan { cursor, options: self.key_options() })
    }

    /// One step of HSCAN.
    pub(crate) fn fields<E>(&self, on: E, cursor: Cursor) -> E::Output<ScanReply<(Bytes, Bytes)>>
    where
        E: for<'x> Execute<Form<HScan<'x>, ScanReply<(Bytes, Bytes)>>>,
    {
        let options = Some(self.hash_options().into());
        on.call(Form::new(HScan { key: self.key(), cursor, options }))
    }

    /// One step of SSCAN.
    pub(crate) fn members<E>(&self, on: E, cursor: Cursor) -> E::Output<ScanReply<Bytes>>
    where
        E: for<'x> Execute<SScan<'x>>,
    {
        let options = Some(self.scan_options().into());
        on.call(SScan { key: self.key(), cursor, options })
    }

    /// One step of ZSCAN.
    pub(crate) fn scored<E>(&self, on: E, cursor: Cursor) -> E::Output<ScanReply<(Bytes, f64)>>
    where
        E: for<'x> Execute<Form<ZScan<'x>, ScanReply<(Bytes, f64)>>>,
    {
        let options = Some(self.scan_options().into());
        on.call(Form::new(ZScan { key: self.key(), cursor, options }))
    }

    fn key(&self) -> Key<'_> {
        self.key.to_key()
    }

    fn scan_options(&self) -> ScanOptions<'_> {
        ScanOptions { pattern: self.pattern.as_ref().map(Into::into), count: self.count.map(Into::into) }
    }

    fn hash_options(&self) -> HScanOptions<'_> {
        let mut options = HScanOptions::new();
        (options.pattern, options.count) = (self.pattern.as_ref().map(Into::into), self.count.map(Into::into));
        options
    }

    fn key_options(&self) -> KeyScanOptions<'_> {
        KeyScanOptions {
            pattern: self.pattern.as_ref().map(Into::into),
            count: self.count.map(Into::into),
            of_type: self.of_type.as_ref().map(Into::into),
        }
    }
}

impl Redis {
    /// Returns an iterator over all keys, by SCAN.
    ///
    /// ```
    /// use redipy::prelude::*;
    ///
    /// let r = redipy::connect("memory://")?;
    /// r.mset([("a:1", 1), ("a:2", 2), ("b", 3)])?;
    /// let mut names = r.scan_iter().matching("a:*").collect::<redipy::Result<Vec<_>>>()?;
    /// names.sort();
    /// assert_eq!(names, ["a:1", "a:2"]);
    /// # Ok::<(), redipy::Error>(())
    /// ```
    pub fn scan_iter(&self) -> ScanIter<'_, Bytes> {
        self.scanned(Bytes::default(), |of, cursor| of.asked.keys(of.client, cursor))
    }

    /// Returns an iterator over the fields of a hash and their values, by HSCAN.
    ///
    /// ```
    /// use redipy::prelude::*;
    ///
    /// let r = redipy::connect("memory://")?;
    /// r.hset("h", ("field", "value"))?;
    /// for pair in r.hscan_iter("h") {
    ///     let (field, value) = pair?;
    ///     assert_eq!((field.as_str(), value.as_str()), (Some("field"), Some("value")));
    /// }
    /// # Ok::<(), redipy::Error>(())
    /// ```
    pub fn hscan_iter(&self, key: impl ToKey) -> ScanIter<'_, (Bytes, Bytes)> {
        self.scanned(Bytes::copy(key.to_key().as_bytes()), |of, cursor| of.asked.fields(of.client, cursor))
    }

    /// Returns an iterator over the members of a set, by SSCAN.
    pub fn sscan_iter(&self, key: impl ToKey) -> ScanIter<'_, Bytes> {
        self.scanned(Bytes::copy(key.to_key().as_bytes()), |of, cursor| of.asked.members(of.client, cursor))
    }

    /// Returns an iterator over the members of a sorted set and their scores, by ZSCAN.
    pub fn zscan_iter(&self, key: impl ToKey) -> ScanIter<'_, (Bytes, f64)> {
        self.scanned(Bytes::copy(key.to_key().as_bytes()), |of, cursor| of.asked.scored(of.client, cursor))
    }

    fn scanned<'r, T>(&'r self, key: Bytes, step: Step<'r, T>) -> ScanIter<'r, T> {
        ScanIter { client: self, step, asked: Asked::of(key), cursor: Some(0), items: Vec::new().into_iter() }
    }
}

impl<T> ScanIter<'_, T> {
    /// Only names that match this glob pattern.
    pub fn matching(mut self, pattern: impl ToArg) -> Self {
        self.asked.matching(pattern);
        self
    }

    /// About how many elements a step looks at; 10 if not said.
    pub fn batch(mut self, count: impl ToInt) -> Self {
        self.asked.batch(count);
        self
    }

    /// Only keys that hold this type, such as `list`; of no effect for the elements of one key.
    pub fn of_type(mut self, name: impl ToKey) -> Self {
        self.asked.of_type(name);
        self
    }
}

impl<T> Iterator for ScanIter<'_, T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        loop {
            if let Some(item) = self.items.next() {
                return Some(Ok(item));
            }
            let cursor = self.cursor.take()?;
            match (self.step)(self, Cursor(cursor)) {
                Ok(reply) => {
                    self.cursor = (reply.cursor != 0).then_some(reply.cursor);
                    self.items = reply.items.into_iter();
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl<T> std::iter::FusedIterator for ScanIter<'_, T> {}

impl<T> fmt::Debug for ScanIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScanIter").field("asked", &self.asked).field("cursor", &self.cursor).finish_non_exhaustive()
    }
}
