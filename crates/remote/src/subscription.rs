//! A connection that listens.

use std::io;
use std::time::Duration;

use redipy_backend::{Closer, Subscription, SubscriptionEvent, Topic};
use redipy_command::{Error, Result};

use crate::config::Config;
use crate::failure::{self, Lost};
use crate::link::Link;
use crate::listener::Listener;
use crate::time_limit::TimeLimit;

/// A subscription with a dedicated connection, which is read only while the caller waits.
pub(crate) struct RemoteSubscription {
    link: Link,
    listener: Listener,
    /// The error that ended the stream.
    ended: Option<Error>,
}

impl RemoteSubscription {
    /// Connects and listens.
    pub(crate) fn open(config: &Config, topics: &[Topic]) -> Result<Self> {
        let link = Link::open(config)?;
        let listener = Listener::new(config.to_string(), config.message_limit);
        let mut subscription = Self { link, listener, ended: None };
        subscription.change(topics, true)?;
        Ok(subscription)
    }

    /// Sends the commands for these topics and waits until the server has confirmed every one: what
    /// is published afterwards is received.
    fn change(&mut self, topics: &[Topic], listen: bool) -> Result<()> {
        self.check()?;
        let (batch, asked) = self.listener.ask(topics, listen);
        if batch.replies() == 0 {
            return Ok(());
        }
        let mut time_limit = TimeLimit::new(self.link.response_timeout());
        time_limit.begin();
        let changed = self.link.write(batch.commands(), &time_limit).map_err(|lost: Lost| lost.into_error(true));
        let confirmed = changed.and_then(|()| self.await_confirmations(asked, &time_limit));
        confirmed.map_err(|error| self.end(error))
    }

    /// Reads until `count` topics are confirmed, and keeps the messages in between.
    fn await_confirmations(&mut self, asked: u64, time_limit: &TimeLimit) -> Result<()> {
        while self.listener.confirmed() < asked {
            let incoming = self.link.read(time_limit);
            let lost = |cause: io::Error| failure::receiving(self.link.url(), &cause, time_limit.limit());
            self.listener.receive(incoming.map_err(lost)?)?;
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        if !self.link.is_own() {
            return Err(failure::inherited(self.link.url()));
        }
        self.ended.clone().map_or(Ok(()), Err)
    }

    /// The stream is over; everything that follows says why.
    fn end(&mut self, error: Error) -> Error {
        self.ended = Some(self.listener.ended(&error));
        error
    }
}

impl Subscription for RemoteSubscription {
    fn subscribe(&mut self, topics: &[Topic]) -> Result<()> {
        self.change(topics, true)
    }

    fn unsubscribe(&mut self, topics: &[Topic]) -> Result<()> {
        self.change(topics, false)
    }

    fn closer(&self) -> Result<Closer> {
        self.link.closer()
    }

    fn next_event(&mut self, timeout: Option<Duration>) -> Result<Option<SubscriptionEvent>> {
        let mut time_limit = TimeLimit::new(timeout);
        time_limit.begin();
        loop {
            if let Some(next) = self.listener.backlog.take() {
                return next.map(|message| Some(message.into()));
            }
            self.check()?;
            let heard = match self.link.read(&time_limit) {
                Ok(incoming) => self.listener.receive(incoming),
                Err(cause) if failure::is_timeout(&cause) => return Ok(None),
                Err(cause) => Err(failure::listening(self.link.url(), &cause)),
            };
            heard.map_err(|error| self.end(error))?;
        }
    }
}
