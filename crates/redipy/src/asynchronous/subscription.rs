//! A stream of messages that are awaited.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures_core::{FusedStream, Stream};
use redipy_backend::{Closer, Message, Pending, Topic, asynchronous};
use redipy_command::{Result, ToArgs};

use crate::subscription::{ended, topics};

/// A stream of the messages that are published to the channels and patterns it listens to.
///
/// Messages that come while nobody waits are kept. As a [`Stream`] it gives an error when the connection is lost, and ends when it
/// listens to nothing any more or was closed. Waiting can be given up without losing a message. Dropping it ends it, and closes
/// its connection to a server.
///
/// ```
/// # use futures_executor::block_on;
/// use futures_util::StreamExt;
/// use redipy::prelude::*;
///
/// # block_on(async {
/// let r = redipy::connect_async("memory://")?;
/// let mut news = r.subscribe("news").await?;
/// r.publish("news", "hello").await?;
/// news.unsubscribe("news").await?;
/// assert_eq!(news.by_ref().count().await, 1);
/// # Ok::<(), redipy::Error>(())
/// # }).unwrap();
/// ```
pub struct AsyncSubscription {
    inner: Box<dyn asynchronous::AsyncSubscription>,
    /// What it was asked to listen to.
    topics: Vec<Topic>,
    /// Whether somebody has closed it.
    closed: Arc<AtomicBool>,
    /// It has given its last message.
    ended: bool,
}

impl AsyncSubscription {
    pub(crate) fn new(inner: Box<dyn asynchronous::AsyncSubscription>, topics: Vec<Topic>) -> Self {
        Self { inner, topics, closed: Arc::default(), ended: false }
    }

    fn listen(&mut self, topics: Vec<Topic>) -> Pending<()> {
        let asked = self.inner.subscribe(&topics);
        self.ended &= topics.is_empty();
        for topic in topics {
            if !self.topics.contains(&topic) {
                self.topics.push(topic);
            }
        }
        asked
    }

    fn leave(&mut self, topics: &[Topic]) -> Pending<()> {
        self.topics.retain(|topic| !topics.contains(topic));
        self.inner.unsubscribe(topics)
    }

    /// What ends the stream from anywhere, also while it is waited for.
    ///
    /// # Errors
    /// `Unsupported` for a backend of your own that has nothing for it.
    pub fn closer(&self) -> Result<Closer> {
        let (inner, closed) = (self.inner.closer()?, self.closed.clone());
        Ok(Closer::new(move || {
            closed.store(true, Ordering::Release);
            inner.close();
        }))
    }

    /// Listens to more channels.
    pub fn subscribe(&mut self, channels: impl ToArgs) -> Pending<()> {
        self.listen(topics(&channels, Topic::Channel))
    }

    /// Listens to more patterns.
    pub fn psubscribe(&mut self, patterns: impl ToArgs) -> Pending<()> {
        self.listen(topics(&patterns, Topic::Pattern))
    }

    /// Stops listening to channels.
    pub fn unsubscribe(&mut self, channels: impl ToArgs) -> Pending<()> {
        self.leave(&topics(&channels, Topic::Channel))
    }

    /// Stops listening to patterns.
    pub fn punsubscribe(&mut self, patterns: impl ToArgs) -> Pending<()> {
        self.leave(&topics(&patterns, Topic::Pattern))
    }

    /// Waits for the next message.
    ///
    /// # Errors
    /// `Connection` when the stream has ended, also because it listens to nothing any more.
    pub async fn recv(&mut self) -> Result<Message> {
        self.next().await.unwrap_or_else(|| Err(ended()))
    }

    /// Waits for the next message; `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<Result<Message>> {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Message>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let next = match self.inner.poll_next(context) {
            Poll::Ready(Ok(message)) => return Poll::Ready(Some(Ok(message))),
            // Whoever closed it has ended the connection, which is no error.
            Poll::Ready(Err(_)) if self.closed.load(Ordering::Acquire) => Poll::Ready(None),
            Poll::Ready(Err(error)) => Poll::Ready(Some(Err(error))),
            Poll::Pending if self.topics.is_empty() => Poll::Ready(None),
            Poll::Pending => return Poll::Pending,
        };
        self.ended = true;
        next
    }
}

impl Stream for AsyncSubscription {
    type Item = Result<Message>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Message>>> {
        self.poll(context)
    }
}

impl FusedStream for AsyncSubscription {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl fmt::Debug for AsyncSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncSubscription").field("topics", &self.topics).finish_non_exhaustive()
    }
}
