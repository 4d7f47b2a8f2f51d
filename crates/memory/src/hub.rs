//! Who listens to what. Messages are kept for a subscriber until it takes them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use redipy_backend::{Message, Topic};
use redipy_command::{Bytes, glob};

/// Who listens to what.
#[derive(Default)]
pub(crate) struct Hub(Mutex<Listeners>);

/// Mailboxes by channel and by pattern, in an order that is the same in every run.
#[derive(Default)]
struct Listeners {
    channels: BTreeMap<Bytes, Vec<Arc<Mailbox>>>,
    patterns: BTreeMap<Bytes, Vec<Arc<Mailbox>>>,
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

/// Tasks that may go on, which they do when this is dropped: not before whoever has it has given up all locks, since a
/// task may run inside of `wake`.
#[derive(Default)]
pub(crate) struct Wakers(Vec<Waker>);

impl Drop for Wakers {
    fn drop(&mut self) {
        self.0.drain(..).for_each(Waker::wake);
    }
}

impl Mailbox {
    fn deliver(&self, message: Message, wakers: &mut Option<Wakers>) {
        let mut inside = self.inside.lock();
        inside.messages.push_back(message);
        if let Some(waker) = inside.waker.take() {
            wakers.get_or_insert_default().0.push(waker);
        }
        drop(inside);
        self.arrived.notify_one();
    }

    /// Waits for the next message, at most this long.
    pub(crate) fn next(&self, timeout: Option<Duration>) -> Option<Message> {
        let mut inside = self.inside.lock();
        let is_empty = |inside: &mut Inside| inside.messages.is_empty();
        match timeout {
            Some(timeout) => drop(self.arrived.wait_while_for(&mut inside, is_empty, timeout)),
            None => self.arrived.wait_while(&mut inside, is_empty),
        }
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
    fn of(&mut self, topic: &Topic) -> &mut BTreeMap<Bytes, Vec<Arc<Mailbox>>> {
        match topic {
            Topic::Channel(_) => &mut self.channels,
            Topic::Pattern(_) => &mut self.patterns,
        }
    }
}

impl Hub {
    /// Delivers a message; how many subscriptions got it.
    pub(crate) fn publish(&self, channel: &[u8], payload: &[u8], wakers: &mut Option<Wakers>) -> i64 {
        let listeners = self.0.lock();
        let mut count = 0;
        let mut deliver = |mailbox: &Mailbox, pattern: Option<&Bytes>| {
            let (pattern, payload) = (pattern.cloned(), payload.into());
            mailbox.deliver(Message { channel: channel.into(), pattern, payload }, wakers);
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
