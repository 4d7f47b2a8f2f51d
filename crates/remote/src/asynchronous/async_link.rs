//! A connection that many calls share: replies arrive in the order of the requests.
//!
//! As soon as it is open whether that is still so, because a call got no answer in time or was given up before one came,
//! nobody else gets the connection.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use redipy_command::{Result, Value};
use redipy_resp::Incoming;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::socket::{End, Socket, Traffic};
use crate::batch::Batch;
use crate::config::Config;
use crate::failure::{self, Lost};
use crate::link::Answers;
use crate::time_limit::TimeLimit;

/// The maximal number of bytes per write: calls that still wait can be cancelled.
const AT_ONCE: usize = 64 << 10;

/// A connection, logged in, in RESP3. Clones share the connection, which is closed with the last of them.
#[derive(Clone)]
pub(super) struct AsyncLink(Arc<Owner>);

struct Owner {
    calls: Arc<Calls>,
    /// The process that opened it: in a fork, nothing carries it, and its lock may be held for ever.
    process: u32,
}

impl Drop for Owner {
    fn drop(&mut self) {
        if self.process == process::id() {
            self.calls.retire();
        }
    }
}

/// The calls on a connection.
struct Calls {
    url: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Calls that were not sent yet, in the order of sending.
    unsent: BTreeMap<u64, Call>,
    /// Calls that were sent and are not answered yet.
    sent: VecDeque<Waiting>,
    next: u64,
    /// The number of calls whose futures still exist.
    awaited: usize,
    /// Set when no further call is accepted.
    retired: bool,
    /// The connection is closed.
    closed: bool,
    carrier: Option<Waker>,
}

struct Call {
    bytes: Vec<u8>,
    waiting: Waiting,
}

struct Waiting {
    id: u64,
    missing: usize,
    replies: Vec<Value>,
    /// `None` if the call was given up.
    answer: Option<oneshot::Sender<Answers>>,
}

impl Waiting {
    /// Notifies the caller.
    fn notify(self, lost: Option<Lost>) {
        if let Some(answer) = self.answer {
            // Somebody who gives up just now is not told.
            let _ = answer.send(Answers { replies: self.replies, lost });
        }
    }
}

impl AsyncLink {
    /// Connects and logs in.
    pub(super) async fn open(config: &Config) -> Result<Self> {
        let socket = Socket::open(config).await?;
        let calls = Arc::new(Calls { url: config.to_string(), state: Mutex::default() });
        tokio::spawn(socket.carry(Arc::clone(&calls)));
        Ok(AsyncLink(Arc::new(Owner { calls, process: process::id() })))
    }

    /// Sends everything in one write and waits for all replies.
    pub(super) async fn exchange(&self, batch: &Batch, time_limit: &mut TimeLimit) -> Answers {
        time_limit.begin();
        let calls = &*self.0.calls;
        let Some((id, answer)) = calls.add(batch) else {
            return Answers::none(Lost::unsent(failure::sending(&calls.url, &broken())));
        };
        let mut asked = Asked { calls, id, answer, is_answered: false };
        match time_limit.left() {
            None => asked.answered().await,
            Some(left) => match timeout(left, asked.answered()).await {
                Ok(answers) => answers,
                Err(_) => match calls.close_after_timeout(id, time_limit.limit()) {
                    Some(answers) => answers,
                    // It came at the last moment.
                    None => asked.answered().await,
                },
            },
        }
    }

    /// Returns whether the connection accepts further calls.
    pub(super) fn is_open(&self) -> bool {
        let state = self.0.calls.lock();
        !state.retired && !state.closed
    }
}

/// A call with a waiting future. Dropping the future cancels the call.
struct Asked<'c> {
    calls: &'c Calls,
    id: u64,
    answer: oneshot::Receiver<Answers>,
    is_answered: bool,
}

impl Asked<'_> {
    async fn answered(&mut self) -> Answers {
        let answer = (&mut self.answer).await;
        self.is_answered = true;
        let gone = |_| Answers::none(Lost::unanswered(failure::receiving(&self.calls.url, &broken(), None)));
        answer.unwrap_or_else(gone)
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if !self.is_answered {
            self.calls.give_up(self.id);
        }
    }
}

fn broken() -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}

impl Calls {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something that the carrier has to know of.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let changed = change(&mut state);
        let carrier = state.carrier.take();
        drop(state);
        if let Some(carrier) = carrier {
            carrier.wake();
        }
        changed
    }

    /// Adds a call, if any is taken.
    fn add(&self, batch: &Batch) -> Option<(u64, oneshot::Receiver<Answers>)> {
        self.change(|state| {
            if state.retired || state.closed {
                return None;
            }
            let (sender, answer) = oneshot::channel();
            let id = state.next;
            state.next += 1;
            state.awaited += 1;
            let waiting = Waiting { id, missing: batch.replies(), replies: Vec::new(), answer: Some(sender) };
            state.unsent.insert(id, Call { bytes: batch.commands().to_vec(), waiting });
            Some((id, answer))
        })
    }

    /// Cancels a call. If it was sent, the next reply may be its own, or may never arrive.
    fn give_up(&self, id: u64) {
        self.change(|state| {
            if state.unsent.remove(&id).is_some() {
                state.awaited -= 1;
            } else if let Ok(at) = state.sent.binary_search_by_key(&id, |waiting| waiting.id)
                && state.sent[at].answer.take().is_some()
            {
                state.sent[at].replies = Vec::new();
                state.awaited -= 1;
                state.retired = true;
            }
        });
    }

    fn retire(&self) {
        self.change(|state| state.retired = true);
    }

    /// Closes the connection for all who wait on it, since this call got no answer in time; none if it did.
    fn close_after_timeout(&self, id: u64, limit: Option<Duration>) -> Option<Answers> {
        let cause = io::Error::from(io::ErrorKind::TimedOut);
        let url = &self.url;
        if !self.lock().waits_for(id) {
            return None;
        }
        let mut own = None;
        let (unsent, sent) = self.change(State::close);
        for (was_sent, waiting) in unsent.into_iter().map(|it| (false, it)).chain(sent.into_iter().map(|it| (true, it)))
        {
            let lost = |error| if was_sent { Lost::unanswered(error) } else { Lost::unsent(error) };
            if waiting.id != id {
                waiting.notify(Some(lost(failure::stuck(url, limit))));
                continue;
            }
            let error = if was_sent { failure::receiving(url, &cause, limit) } else { failure::sending(url, &cause) };
            own = Some(Answers { replies: waiting.replies, lost: Some(lost(error)) });
        }
        own
    }
}

impl State {
    fn waits_for(&self, id: u64) -> bool {
        self.unsent.contains_key(&id) || self.sent.binary_search_by_key(&id, |waiting| waiting.id).is_ok()
    }

    /// Closes the connection: who waits for what was not sent, and for what was.
    fn close(&mut self) -> (Vec<Waiting>, VecDeque<Waiting>) {
        self.closed = true;
        let unsent = std::mem::take(&mut self.unsent).into_values().map(|call| call.waiting).collect();
        (unsent, std::mem::take(&mut self.sent))
    }

    /// Assigns a reply to its call, and returns the call if it has all of its replies now.
    fn answer(&mut self, reply: Value) -> std::result::Result<Option<Waiting>, End> {
        let Some(first) = self.sent.front_mut() else { return Err(failure::unasked().into()) };
        first.missing -= 1;
        if first.answer.is_some() {
            first.replies.push(reply);
        }
        if first.missing > 0 {
            return Ok(None);
        }
        let answered = self.sent.pop_front().filter(|waiting| waiting.answer.is_some());
        self.awaited -= usize::from(answered.is_some());
        Ok(answered)
    }
}

impl Traffic for Calls {
    fn remember(&self, waker: &Waker) {
        self.lock().carrier = Some(waker.clone());
    }

    fn is_over(&self) -> bool {
        let state = self.lock();
        state.closed || (state.retired && state.awaited == 0)
    }

    fn wants(&self) -> bool {
        !self.is_over()
    }

    fn add_outgoing(&self, bytes: &mut Vec<u8>) {
        let mut state = self.lock();
        while bytes.len() < AT_ONCE
            && let Some((_, call)) = state.unsent.pop_first()
        {
            if bytes.is_empty() {
                *bytes = call.bytes;
            } else {
                bytes.extend_from_slice(&call.bytes);
            }
            state.sent.push_back(call.waiting);
        }
    }

    fn take(&self, incoming: Incoming) -> std::result::Result<(), End> {
        if let Incoming::Reply(reply) = incoming {
            let answered = self.lock().answer(reply)?;
            if let Some(answered) = answered {
                answered.notify(None);
            }
        }
        Ok(())
    }

    fn lost(&self, cause: &io::Error) {
        let (unsent, sent) = self.lock().close();
        for waiting in unsent {
            waiting.notify(Some(Lost::unsent(failure::sending(&self.url, cause))));
        }
        for waiting in sent {
            waiting.notify(Some(Lost::unanswered(failure::receiving(&self.url, cause, None))));
        }
    }
}
