//! Who listens to what. Messages are kept for a subscriber until it takes them.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, PoisonError};
use std::time::Duration;

use redipy_backend::{Message, Topic};
use redipy_command::{Bytes, glob};

use crate::lock::Mutex;

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
pub(crate) struct Mailbox {
    messages: Mutex<VecDeque<Message>>,
    arrived: Condvar,
}

impl Mailbox {
    fn deliver(&self, message: Message) {
        self.messages.lock().push_back(message);
        self.arrived.notify_one();
    }

    /// Waits for the next message, at most this long.
    pub(crate) fn next(&self, timeout: Option<Duration>) -> Option<Message> {
        let (messages, wait) = (self.messages.lock(), |messages: &mut VecDeque<_>| messages.is_empty());
        let mut messages = match timeout {
            Some(timeout) => {
                let waited = self.arrived.wait_timeout_while(messages, timeout, wait);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => self.arrived.wait_while(messages, wait).unwrap_or_else(PoisonError::into_inner),
        };
        messages.pop_front()
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
    pub(crate) fn publish(&self, channel: &[u8], payload: &[u8]) -> i64 {
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

    pub(crate) fn add(&self, topic: &Topic, mailbox: &Arc<Mailbox>) {
        let mut listeners = self.0.lock();
        let mailboxes = listeners.of(topic).entry(topic.name().clone()).or_default();
        if !mailboxes.iter().any(|other| Arc::ptr_eq(other, mailbox)) {
            mailboxes.push(mailbox.clone());
        }
    }

    pub(crate) fn remove(&self, topic: &Topic, mailbox: &Arc<Mailbox>) {
        let mut listeners = self.0.lock();
        let all = listeners.of(topic);
        let Some(mailboxes) = all.get_mut(topic.name()) else { return };
        mailboxes.retain(|other| !Arc::ptr_eq(other, mailbox));
        if mailboxes.is_empty() {
            all.remove(topic.name());
        }
    }
}
