//! Publish and subscribe: who listens to what. Messages are kept for a subscriber until it takes them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use redipy_backend::{Message, Subscription, Topic};
use redipy_command::pubsub::Publish;
use redipy_command::{Bytes, Result, glob};

use crate::engine::{Engine, Shared};
use crate::run::{Reach, Run};
use crate::space::Space;

/// Who listens to what.
#[derive(Default)]
pub(crate) struct Hub(Mutex<Listeners>);

/// Mailboxes by channel and by pattern.
#[derive(Default)]
struct Listeners {
    channels: HashMap<Bytes, Vec<Arc<Mailbox>>>,
    patterns: HashMap<Bytes, Vec<Arc<Mailbox>>>,
}

/// The messages that one subscriber has not taken yet.
#[derive(Default)]
struct Mailbox {
    messages: Mutex<VecDeque<Message>>,
    arrived: Condvar,
}

impl Mailbox {
    fn deliver(&self, message: Message) {
        self.messages.lock().push_back(message);
        self.arrived.notify_one();
    }
}

impl Listeners {
    fn of(&mut self, topic: &Topic) -> &mut HashMap<Bytes, Vec<Arc<Mailbox>>> {
        match topic {
            Topic::Channel(_) => &mut self.channels,
            Topic::Pattern(_) => &mut self.patterns,
        }
    }
}

impl Hub {
    /// Delivers a message; how many subscriptions got it.
    fn publish(&self, channel: &[u8], payload: &[u8]) -> i64 {
        let listeners = self.0.lock();
        let mut count = 0;
        let mut deliver = |mailbox: &Mailbox, pattern: Option<&Bytes>| {
            mailbox.deliver(Message { channel: channel.into(), pattern: pattern.cloned(), payload: payload.into() });
            count += 1;
        };
        let by_channel = listeners.channels.get(channel).into_iter().flatten();
        by_channel.for_each(|mailbox| deliver(mailbox, None));
        for (pattern, mailboxes) in &listeners.patterns {
            if glob::matches(pattern, channel, false) {
                mailboxes.iter().for_each(|mailbox| deliver(mailbox, Some(pattern)));
            }
        }
        count
    }

    fn add(&self, topic: &Topic, mailbox: &Arc<Mailbox>) {
        let mut listeners = self.0.lock();
        let mailboxes = listeners.of(topic).entry(topic.name().clone()).or_default();
        if !mailboxes.iter().any(|other| Arc::ptr_eq(other, mailbox)) {
            mailboxes.push(mailbox.clone());
        }
    }

    fn remove(&self, topic: &Topic, mailbox: &Arc<Mailbox>) {
        let mut listeners = self.0.lock();
        let all = listeners.of(topic);
        let Some(mailboxes) = all.get_mut(topic.name()) else { return };
        mailboxes.retain(|other| !Arc::ptr_eq(other, mailbox));
        if mailboxes.is_empty() {
            all.remove(topic.name());
        }
    }
}

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
        let mut messages = self.mailbox.messages.lock();
        // This lock's condition variable wakes for a message or the timeout, never for nothing.
        if messages.is_empty() {
            match timeout {
                Some(timeout) => drop(self.mailbox.arrived.wait_for(&mut messages, timeout)),
                None => self.mailbox.arrived.wait(&mut messages),
            }
        }
        Ok(messages.pop_front())
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
