//! Streams of keys, fields and members: SCAN and its kin, step by step.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec::IntoIter;

use futures_core::{FusedStream, Stream};
use redipy_command::reply::ScanReply;
use redipy_command::scan::Cursor;
use redipy_command::{Bytes, Reply, Result, ToArg, ToInt, ToKey};

use super::{AsyncRedis, RedisFuture};
use crate::scan_iter::Asked;

/// A stream of what a SCAN finds, which asks for the next step when it needs one.
///
/// What is there from the first step to the last is given at least once, and may be given twice. After an error it ends. Waiting
/// can be given up: nothing is lost by that.
#[must_use = "a stream does nothing until it is used"]
pub struct ScanStream<T> {
    client: AsyncRedis,
    step: Step<T>,
    asked: Asked,
    progress: Progress<T>,
    items: IntoIter<T>,
}

/// Makes one step from a cursor.
type Step<T> = fn(&ScanStream<T>, Cursor) -> RedisFuture<'static, ScanReply<T>>;

enum Progress<T> {
    /// The next step begins here.
    At(u64),
    Asking(RedisFuture<'static, ScanReply<T>>),
    Ended,
}

impl AsyncRedis {
    /// All keys, by SCAN.
    ///
    /// ```
    /// # use futures_executor::block_on;
    /// use redipy::prelude::*;
    ///
    /// # block_on(async {
    /// let r = redipy::connect_async("memory://")?;
    /// r.mset([("a:1", 1), ("a:2", 2), ("b", 3)]).await?;
    /// let (mut keys, mut names) = (r.scan_iter().matching("a:*"), Vec::new());
    /// while let Some(name) = keys.next().await {
    ///     names.push(name?);
    /// }
    /// names.sort();
    /// assert_eq!(names, ["a:1", "a:2"]);
    /// # Ok::<(), redipy::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn scan_iter(&self) -> ScanStream<Bytes> {
        self.scanned(Bytes::default(), |of, cursor| of.asked.keys(&of.client, cursor))
    }

    /// The fields of a hash and their values, by HSCAN.
    pub fn hscan_iter(&self, key: impl ToKey) -> ScanStream<(Bytes, Bytes)> {
        self.scanned(Bytes::copy(key.to_key().as_bytes()), |of, cursor| of.asked.fields(&of.client, cursor))
    }

    /// The members of a set, by SSCAN.
    pub fn sscan_iter(&self, key: impl ToKey) -> ScanStream<Bytes> {
        self.scanned(Bytes::copy(key.to_key().as_bytes()), |of, cursor| of.asked.members(&of.client, cursor))
    }

    /// The members of a sorted set and their scores, by ZSCAN.
    pub fn zscan_iter(&self, key: impl ToKey) -> ScanStream<(Bytes, f64)> {
        self.scanned(Bytes::copy(key.to_key().as_bytes()), |of, cursor| of.asked.scored(&of.client, cursor))
    }

    fn scanned<T>(&self, key: Bytes, step: Step<T>) -> ScanStream<T> {
        let (client, asked) = (self.clone(), Asked::of(key));
        ScanStream { client, step, asked, progress: Progress::At(0), items: Vec::new().into_iter() }
    }
}

impl<T> ScanStream<T> {
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

impl<T> ScanStream<T>
where
    ScanReply<T>: Reply,
{
    /// Waits for the next one; `None` when there are no more.
    pub async fn next(&mut self) -> Option<Result<T>> {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let Some(item) = self.items.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            let reply = match &mut self.progress {
                Progress::Ended => return Poll::Ready(None),
                Progress::At(cursor) => {
                    let cursor = Cursor(*cursor);
                    self.progress = Progress::Asking((self.step)(self, cursor));
                    continue;
                }
                Progress::Asking(call) => match Pin::new(call).poll(context) {
                    Poll::Ready(reply) => reply,
                    Poll::Pending => return Poll::Pending,
                },
            };
            self.progress = match &reply {
                Ok(reply) if reply.cursor != 0 => Progress::At(reply.cursor),
                Ok(_) | Err(_) => Progress::Ended,
            };
            match reply {
                Ok(reply) => self.items = reply.items.into_iter(),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

impl<T> Unpin for ScanStream<T> {}

impl<T> Stream for ScanStream<T>
where
    ScanReply<T>: Reply,
{
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        self.get_mut().poll(context)
    }
}

impl<T> FusedStream for ScanStream<T>
where
    ScanReply<T>: Reply,
{
    fn is_terminated(&self) -> bool {
        matches!(self.progress, Progress::Ended) && self.items.len() == 0
    }
}

impl<T> fmt::Debug for ScanStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScanStream").field("asked", &self.asked).finish_non_exhaustive()
    }
}
