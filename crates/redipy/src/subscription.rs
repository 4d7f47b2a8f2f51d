//! A stream of messages.

use std::time::Duration;

use redipy_backend::{Message, Topic, backend};
use redipy_command::{Arg, Bytes, Error, Kind, Many, Result};

/// A stream of the messages that are published to the channels and patterns it listens to.
///
/// Messages that come while nobody waits are kept. It is an iterator that ends with an error only.
pub struct Subscription {
    inner: Box<dyn backend::Subscription>,
}

/// Names as topics of one kind.
pub(crate) fn topics(names: Many<Arg<'_>>, topic: fn(Bytes) -> Topic) -> Vec<Topic> {
    names.iter().map(|name| topic(Bytes::from(&*name.text()))).collect()
}

impl Subscription {
    pub(crate) fn new(inner: Box<dyn backend::Subscription>) -> Self {
        Self { inner }
    }

    /// Listens to more channels.
    ///
    /// # Errors
    /// Those of the connection.
    pub fn subscribe<'a>(&mut self, channels: impl Into<Many<Arg<'a>>>) -> Result<()> {
        self.inner.subscribe(&topics(channels.into(), Topic::Channel))
    }

    /// Listens to more patterns.
    ///
    /// # Errors
    /// Those of the connection.
    pub fn psubscribe<'a>(&mut self, patterns: impl Into<Many<Arg<'a>>>) -> Result<()> {
        self.inner.subscribe(&topics(patterns.into(), Topic::Pattern))
    }

    /// Stops listening to channels.
    ///
    /// # Errors
    /// Those of the connection.
    pub fn unsubscribe<'a>(&mut self, channels: impl Into<Many<Arg<'a>>>) -> Result<()> {
        self.inner.unsubscribe(&topics(channels.into(), Topic::Channel))
    }

    /// Stops listening to patterns.
    ///
    /// # Errors
    /// Those of the connection.
    pub fn punsubscribe<'a>(&mut self, patterns: impl Into<Many<Arg<'a>>>) -> Result<()> {
        self.inner.unsubscribe(&topics(patterns.into(), Topic::Pattern))
    }

    /// Waits for the next message.
    ///
    /// # Errors
    /// `Connection` when the stream has ended.
    pub fn recv(&mut self) -> Result<Message> {
        let ended = || Error::new(Kind::Connection, "the subscription has ended");
        self.inner.next(None)?.ok_or_else(ended)
    }

    /// Waits for the next message, at most this long; `None` when none came in time.
    ///
    /// # Errors
    /// `Connection` when the stream has ended.
    pub fn recv_timeout(&mut self, timeout: Duration) -> Result<Option<Message>> {
        self.inner.next(Some(timeout))
    }
}

impl Iterator for Subscription {
    type Item = Result<Message>;

    fn next(&mut self) -> Option<Result<Message>> {
        Some(self.recv())
    }
}
