//! Who listens to what. Messages are kept for a subscriber until it takes them.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, PoisonError};
use std::task::{Context, Poll, Waker};
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
    inside: Mutex<Inside>,
    arrived: Condvar,
}

#[derive(Default)]
struct Inside {
    messages: VecDeque<Message>,
    /// The task that waits for the next one.
    waker: Option<Waker>,
}

impl Mailbox {
    fn deliver(&self, message: Message) {
        let mut inside = self.inside.lock();
        inside.messages.push_back(message);
        let waker = inside.waker.take();
        drop(inside);
        self.arrived.notify_one();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Waits for the next message, at most this long.
    pub(crate) fn next(&self, timeout: Option<Duration>) -> Option<Message> {
        let (inside, wait) = (self.inside.lock(), |inside: &mut Inside| inside.messages.is_empty());
        let mut inside = match timeout {
            Some(timeout) => {
                let waited = self.arrived.wait_timeout_while(inside, timeout, wait);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => self.arrived.wait_while(inside, wait).unwrap_or_else(PoisonError::into_inner),
        };
        inside.messages.pop_front()
    }

    /// The next message; if there is none, the task is woken when one comes.
    pub(crate) fn poll_next(&self, context: &mut Context<'_>) -> Poll<Message> {
        let mut inside = self.inside.lock();
        match inside.messages.pop_front() {
            Some(message) => Poll::Ready(message),
            None => {
                inside.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
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
