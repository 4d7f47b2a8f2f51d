//! A stream of messages.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redipy_backend::{Closer, Message, Topic, backend};
use redipy_command::{Bytes, Error, Kind, Result, ToArgs};

/// A stream of the messages that are published to the channels and patterns it listens to.
///
/// Messages that arrive between reads are kept. As an iterator it gives an error when the connection is lost, and ends
/// when it listens to nothing any more or was closed.
///
/// ```
/// use redipy::prelude::*;
///
/// let r = redipy::connect("memory://")?;
/// let mut news = r.subscribe("news")?;
/// let closer = news.closer()?;
/// let reader = std::thread::spawn(move || news.by_ref().count());
/// r.publish("news", "hello")?;
/// closer.close();
/// assert_eq!(reader.join().unwrap(), 1);
/// # Ok::<(), redipy::Error>(())
/// ```
pub struct Subscription {
    inner: Box<dyn backend::Subscription>,
    /// The channels and patterns.
    topics: Vec<Topic>,
    /// Set when it was closed.
    closed: Arc<AtomicBool>,
}

/// Names as topics of one kind.
pub(crate) fn topics(names: &impl ToArgs, topic: fn(Bytes) -> Topic) -> Vec<Topic> {
    names.to_args().iter().map(|name| topic(Bytes::from(&*name.text()))).collect()
}

impl Subscription {
    pub(crate) fn new(inner: Box<dyn backend::Subscription>, topics: &[Topic]) -> Self {
        Self { inner, topics: topics.to_vec(), closed: Arc::default() }
    }

    fn listen(&mut self, topics: Vec<Topic>) -> Result<()> {
        self.inner.subscribe(&topics)?;
        topics.into_iter().for_each(|topic| {
            if !self.topics.contains(&topic) {
                self.topics.push(topic);
            }
        });
        Ok(())
    }

    fn leave(&mut self, topics: &[Topic]) -> Result<()> {
        self.inner.unsubscribe(topics)?;
        self.topics.retain(|topic| !topics.contains(topic));
        Ok(())
    }

    /// The next message, none when the time is over, and the end.
    fn take(&mut self, timeout: Option<Duration>) -> Result<Taken> {
        let timeout = if self.topics.is_empty() { Some(Duration::ZERO) } else { timeout };
        let next = self.inner.next(timeout);
        match next {
            Ok(Some(message)) => Ok(Taken::Message(message)),
            // Whoever closed it has ended the connection, which is no error.
            _ if self.topics.is_empty() || self.closed.load(Ordering::Acquire) => Ok(Taken::End),
            Ok(None) => Ok(Taken::Nothing),
            Err(error) => Err(error),
        }
    }

    /// Returns a handle that ends the stream from another thread, also while this one waits for a message.
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
    ///
    /// # Errors
    /// Errors of the connection.
    pub fn subscribe(&mut self, channels: impl ToArgs) -> Result<()> {
        self.listen(topics(&channels, Topic::Channel))
    }

    /// Listens to more patterns.
    ///
    /// # Errors
    /// Errors of the connection.
    pub fn psubscribe(&mut self, patterns: impl ToArgs) -> Result<()> {
        self.listen(topics(&patterns, Topic::Pattern))
    }

    /// Stops listening to channels.
    ///
    /// # Errors
    /// Errors of the connection.
    pub fn unsubscribe(&mut self, channels: impl ToArgs) -> Result<()> {
        self.leave(&topics(&channels, Topic::Channel))
    }

    /// Stops listening to patterns.
    ///
    /// # Errors
    /// Errors of the connection.
    pub fn punsubscribe(&mut self, patterns: impl ToArgs) -> Result<()> {
        self.leave(&topics(&patterns, Topic::Pattern))
    }

    /// Waits for the next message.
    ///
    /// # Errors
    /// `Connection` when the stream has ended, also because it listens to nothing any more.
    pub fn recv(&mut self) -> Result<Message> {
        match self.take(None)? {
            Taken::Message(message) => Ok(message),
            Taken::Nothing | Taken::End => Err(ended()),
        }
    }

    /// Waits for the next message, at most this long; `None` when none came in time.
    ///
    /// # Errors
    /// `Connection` when the stream has ended, also because it listens to nothing any more.
    pub fn recv_timeout(&mut self, timeout: Duration) -> Result<Option<Message>> {
        match self.take(Some(timeout))? {
            Taken::Message(message) => Ok(Some(message)),
            Taken::Nothing => Ok(None),
            Taken::End => Err(ended()),
        }
    }
}

/// The result of a wait.
enum Taken {
    Message(Message),
    Nothing,
    End,
}

pub(crate) fn ended() -> Error {
    Error::new(Kind::Connection, "the subscription has ended")
}

impl Iterator for Subscription {
    type Item = Result<Message>;

    fn next(&mut self) -> Option<Result<Message>> {
        match self.take(None) {
            Ok(Taken::Message(message)) => Some(Ok(message)),
            Ok(Taken::Nothing | Taken::End) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("topics", &self.topics).finish_non_exhaustive()
    }
}
