//! A connection that listens.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use redipy_backend::{Message, Subscription, Topic};
use redipy_command::{Error, Kind, Result, Value};

use crate::batch::{Batch, Scripts};
use crate::convert;
use crate::failure::{self, Lost};
use crate::link::Link;

/// A subscription with a connection of its own.
///
/// Messages and confirmations come as pushes on the same connection, in the order of the server.
pub(crate) struct RemoteSubscription {
    link: Link,
    /// Messages that came while a confirmation was awaited.
    waiting: VecDeque<Message>,
    /// Why the stream ended.
    ended: Option<Error>,
}

impl RemoteSubscription {
    pub(crate) fn new(link: Link) -> Self {
        Self { link, waiting: VecDeque::new(), ended: None }
    }

    /// Sends the commands for these topics and waits until the server has confirmed every one: what
    /// is published afterwards is received.
    fn change(&mut self, channels: &[u8], patterns: &[u8], topics: &[Topic]) -> Result<()> {
        self.check()?;
        let mut batch: Batch = Batch::new(Scripts::ByDigest);
        let mut commands = 0;
        for (command, of_patterns) in [(channels, false), (patterns, true)] {
            let names = topics.iter().filter(|topic| matches!(topic, Topic::Pattern(_)) == of_patterns);
            let args: Vec<&[u8]> = std::iter::once(command).chain(names.map(|topic| &**topic.name())).collect();
            if args.len() > 1 {
                batch.command(&args);
                commands += 1;
            }
        }
        if commands == 0 {
            return Ok(());
        }
        let confirmed = self.link.send(batch.commands()).and_then(|()| self.await_confirmations(topics.len()));
        // A subscription changes no data.
        confirmed.map_err(|lost| self.end(lost.into_error(true)))?
    }

    /// Reads until this many topics are confirmed, and keeps the messages that come in between.
    fn await_confirmations(&mut self, count: usize) -> std::result::Result<Result<()>, Lost> {
        let mut left = count;
        while left > 0 {
            match self.link.receive_any(self.link.response_timeout())? {
                redis::Value::Push { kind, .. } if is_confirmation(&kind) => left -= 1,
                redis::Value::Push { kind, data } => self.waiting.extend(convert::message(&kind, data)),
                other => {
                    if let Value::Error(error) = convert::value(other) {
                        // Other topics may have been confirmed or refused: only a new connection is sure.
                        return Ok(Err(self.end(error)));
                    }
                }
            }
        }
        Ok(Ok(()))
    }

    fn check(&self) -> Result<()> {
        self.ended.clone().map_or(Ok(()), Err)
    }

    /// The stream is over; everything that follows says why.
    fn end(&mut self, error: Error) -> Error {
        let text = format!("this subscription to {} has ended: {error}", self.link.url());
        self.ended = Some(Error::new(Kind::Connection, text).with_source(error.clone()));
        error
    }
}

impl Subscription for RemoteSubscription {
    fn subscribe(&mut self, topics: &[Topic]) -> Result<()> {
        self.change(b"SUBSCRIBE", b"PSUBSCRIBE", topics)
    }

    fn unsubscribe(&mut self, topics: &[Topic]) -> Result<()> {
        self.change(b"UNSUBSCRIBE", b"PUNSUBSCRIBE", topics)
    }

    fn next(&mut self, timeout: Option<Duration>) -> Result<Option<Message>> {
        if let Some(message) = self.waiting.pop_front() {
            return Ok(Some(message));
        }
        self.check()?;
        let started = Instant::now();
        loop {
            let left = timeout.map(|timeout| timeout.saturating_sub(started.elapsed()));
            match self.link.read(left) {
                Ok(redis::Value::Push { kind, data }) => {
                    if let Some(message) = convert::message(&kind, data) {
                        return Ok(Some(message));
                    }
                }
                // The reply to something that nobody waits for.
                Ok(_) => {}
                Err(cause) if cause.is_timeout() => return Ok(None),
                Err(cause) => return Err(self.end(failure::receiving(self.link.url(), &cause, left))),
            }
        }
    }
}

fn is_confirmation(kind: &redis::PushKind) -> bool {
    use redis::PushKind::{PSubscribe, PUnsubscribe, Subscribe, Unsubscribe};
    matches!(kind, Subscribe | PSubscribe | Unsubscribe | PUnsubscribe)
}
