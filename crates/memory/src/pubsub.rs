//! Publish and subscribe: what PUBLISH does, and a subscriber of the engine.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use redipy_backend::asynchronous::ready;
use redipy_backend::{AsyncSubscription, Message, Pending, Subscription, Topic};
use redipy_command::Result;
use redipy_command::pubsub::Publish;

use crate::engine::Engine;
use crate::hub::Mailbox;
use crate::run::{Reach, Run};
use crate::shared::Shared;
use crate::space::Space;

/// One subscriber of an engine.
pub(crate) struct EngineSubscription {
    shared: Arc<Shared>,
    mailbox: Arc<Mailbox>,
    topics: Vec<Topic>,
}

impl EngineSubscription {
    pub(crate) fn new(engine: &Engine, topics: &[Topic]) -> Self {
        let mut new = Self { shared: engine.shared.clone(), mailbox: Arc::default(), topics: Vec::new() };
        new.listen(topics);
        new
    }

    fn listen(&mut self, topics: &[Topic]) {
        for topic in topics {
            self.shared.hub.add(topic, &self.mailbox);
            if !self.topics.contains(topic) {
                self.topics.push(topic.clone());
            }
        }
    }
}

impl Subscription for EngineSubscription {
    fn subscribe(&mut self, topics: &[Topic]) -> Result<()> {
        self.listen(topics);
        Ok(())
    }

    fn unsubscribe(&mut self, topics: &[Topic]) -> Result<()> {
        topics.iter().for_each(|topic| self.shared.hub.remove(topic, &self.mailbox));
        self.topics.retain(|topic| !topics.contains(topic));
        Ok(())
    }

    fn next(&mut self, timeout: Option<Duration>) -> Result<Option<Message>> {
        Ok(self.mailbox.next(timeout))
    }
}

impl AsyncSubscription for EngineSubscription {
    fn subscribe(&mut self, topics: &[Topic]) -> Pending<()> {
        ready(Subscription::subscribe(self, topics))
    }

    fn unsubscribe(&mut self, topics: &[Topic]) -> Pending<()> {
        ready(Subscription::unsubscribe(self, topics))
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Message>> {
        self.mailbox.poll_next(context).map(Ok)
    }
}

impl Drop for EngineSubscription {
    fn drop(&mut self) {
        self.topics.iter().for_each(|topic| self.shared.hub.remove(topic, &self.mailbox));
    }
}

impl Run for Publish<'_> {
    const REACH: Reach = Reach::Nothing;

    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        Ok(at.shared.hub.publish(&self.channel.text(), &self.message.text()))
    }
}
