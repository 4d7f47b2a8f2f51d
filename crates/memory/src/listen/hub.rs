//! Who listens to what. Messages are kept for a subscriber until it takes them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use redipy_backend::{Backlog, Message, Topic};
use redipy_command::{Bytes, Error, Kind, Result, glob};

/// Who listens to what.
pub(crate) struct Hub {
    listeners: Mutex<Listeners>,
    /// How many bytes of messages a subscriber may leave unread.
    limit: usize,
}

/// Mailboxes by channel and by pattern, in an order that is the same in every run.
#[derive(Default)]
struct Listeners {
    channels: BTreeMap<Bytes, Vec<Arc<Mailbox>>>,
    patterns: BTreeMap<Bytes, Vec<Arc<Mailbox>>>,
}

/// The messages that one subscriber has not taken yet.
pub(crate) struct Mailbox {
    inside: Mutex<Inside>,
    arrived: Condvar,
}

struct Inside {
    messages: Backlog,
    /// The task that waits for the next one.
    waker: Option<Waker>,
    /// Nobody waits any more.
    is_closed: bool,
}

/// Tasks that may go on, which they do when this is dropped: not before whoever has it has given up all locks, since a
/// task may run inside of `wake`.
#[derive(Default)]
pub(crate) struct Wakers(Vec<Waker>);

impl Wakers {
    /// Adds tasks.
    pub(crate) fn append(&mut self, mut more: Wakers) {
        self.0.append(&mut more.0);
    }
}

impl Drop for Wakers {
    fn drop(&mut self) {
        self.0.drain(..).for_each(Waker::wake);
    }
}

impl Mailbox {
    fn new(limit: usize) -> Self {
        let inside = Inside { messages: Backlog::new(limit), waker: None, is_closed: false };
        Self { inside: Mutex::new(inside), arrived: Condvar::new() }
    }

    /// Keeps a message; whether the subscriber gets it, which has left too many unread otherwise.
    fn deliver(&self, message: Message, wakers: &mut Option<Wakers>) -> bool {
        let mut inside = self.inside.lock();
        let is_kept = inside.messages.push(message);
        if let Some(waker) = inside.waker.take() {
            wakers.get_or_insert_default().0.push(waker);
        }
        drop(inside);
        self.arrived.notify_one();
        is_kept
    }

    /// Ends the wait of who waits for the next message, now and later.
    pub(crate) fn close(&self) {
        let mut inside = self.inside.lock();
        inside.is_closed = true;
        let waker = inside.waker.take();
        drop(inside);
        self.arrived.notify_all();
        waker.into_iter().for_each(Waker::wake);
    }

    /// Waits for the next message, at most this long, and not at all once it is closed.
    ///
    /// # Errors
    /// When too many messages were left unread.
    pub(crate) fn next(&self, timeout: Option<Duration>) -> Result<Option<Message>> {
        let mut inside = self.inside.lock();
        let is_empty = |inside: &mut Inside| inside.messages.is_empty() && !inside.is_closed;
        match timeout {
            Some(timeout) => drop(self.arrived.wait_while_for(&mut inside, is_empty, timeout)),
            None => self.arrived.wait_while(&mut inside, is_empty),
        }
        inside.messages.take().transpose()
    }

    /// The next message; if there is none, the task is woken when one comes.
    ///
    /// # Errors
    /// As [`next`](Self::next), and once it is closed.
    pub(crate) fn poll_next(&self, context: &mut Context<'_>) -> Poll<Result<Message>> {
        let mut inside = self.inside.lock();
        match inside.messages.take() {
            Some(message) => Poll::Ready(message),
            None if inside.is_closed => Poll::Ready(Err(Error::new(Kind::Connection, "the subscription was closed"))),
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
    /// Nobody listens yet.
    pub(crate) fn new(limit: usize) -> Self {
        Self { listeners: Mutex::default(), limit }
    }

    /// A mailbox for one more subscriber.
    pub(crate) fn mailbox(&self) -> Arc<Mailbox> {
        Arc::new(Mailbox::new(self.limit))
    }

    /// Delivers a message; how many subscriptions got it.
    pub(crate) fn publish(&self, channel: &[u8], payload: &[u8], wakers: &mut Option<Wakers>) -> u64 {
        let listeners = self.listeners.lock();
        let mut count = 0;
        let mut deliver = |mailbox: &Mailbox, pattern: Option<&Bytes>| {
            let (pattern, payload) = (pattern.cloned(), payload.into());
            count += u64::from(mailbox.deliver(Message { channel: channel.into(), pattern, payload }, wakers));
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
        let mut listeners = self.listeners.lock();
        let mailboxes = listeners.of(topic).entry(topic.name().clone()).or_default();
        if !mailboxes.iter().any(|other| Arc::ptr_eq(other, mailbox)) {
            mailboxes.push(mailbox.clone());
        }
    }

    pub(crate) fn remove(&self, topic: &Topic, mailbox: &Arc<Mailbox>) {
        let mut listeners = self.listeners.lock();
        let all = listeners.of(topic);
        let Some(mailboxes) = all.get_mut(topic.name()) else { return };
        mailboxes.retain(|other| !Arc::ptr_eq(other, mailbox));
        if mailboxes.is_empty() {
            all.remove(topic.name());
        }
    }
}
