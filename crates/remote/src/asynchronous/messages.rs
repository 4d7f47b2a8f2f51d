//! The messages of channels and patterns, on a connection of their own.

use std::collections::VecDeque;
use std::io;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use redipy_backend::{AsyncSubscription, Closer, Pending, SubscriptionEvent, Topic, asynchronous::ready};
use redipy_command::{Error, Result};
use redipy_resp::Incoming;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::socket::{End, Socket, Traffic};
use super::thread;
use crate::config::Config;
use crate::failure;
use crate::listener::Listener;

/// The bytes of waiting messages beyond which reading stops, unless a confirmation is expected.
const ENOUGH: usize = 64 << 10;

/// A connection that listens. It is closed with this.
pub(super) struct Messages {
    stream: Arc<Stream>,
    response_timeout: Option<Duration>,
    /// The process that opened it: nothing is read for a fork of it.
    owner: u32,
}

struct Stream {
    url: String,
    state: Mutex<State>,
}

struct State {
    listener: Listener,
    /// The commands that were not sent yet.
    unsent: Vec<u8>,
    /// Callers that wait until this many topics are confirmed.
    changes: VecDeque<(u64, oneshot::Sender<Result<()>>)>,
    /// The error that ended the stream.
    ended: Option<Error>,
    /// Set when the subscription was closed.
    closed: bool,
    /// The task that waits for the next message.
    reader: Option<Waker>,
    carrier: Option<Waker>,
}

impl Messages {
    /// Connects, logs in and listens.
    pub(super) async fn open(config: &Config, topics: &[Topic]) -> Result<Self> {
        let socket = Socket::open(config).await?;
        let url = config.to_string();
        let state = State {
            listener: Listener::new(url.clone(), config.message_limit),
            unsent: Vec::new(),
            changes: VecDeque::new(),
            ended: None,
            closed: false,
            reader: None,
            carrier: None,
        };
        let stream = Arc::new(Stream { url, state: Mutex::new(state) });
        let messages =
            Messages { stream: Arc::clone(&stream), response_timeout: config.response_timeout, owner: process::id() };
        let listens = messages.ask(topics, true)?;
        tokio::spawn(socket.carry(stream));
        listens.await?;
        Ok(messages)
    }

    /// Subscribes to topics or unsubscribes from them; the future ends when the server has confirmed that.
    fn ask(&self, topics: &[Topic], listen: bool) -> Result<impl Future<Output = Result<()>> + Send + 'static> {
        self.check()?;
        let (sender, confirmed) = oneshot::channel();
        self.stream.change(|state| {
            if let Some(ended) = &state.ended {
                return Err(ended.clone());
            }
            let (batch, asked) = state.listener.ask(topics, listen);
            state.unsent.extend_from_slice(batch.commands());
            if batch.replies() == 0 {
                // A server does not confirm what it is not asked for; the receiver is held by this function.
                let _ = sender.send(Ok(()));
            } else {
                state.changes.push_back((asked, sender));
            }
            Ok(())
        })?;
        Ok(confirmation(Arc::clone(&self.stream), confirmed, self.response_timeout))
    }

    fn changed(&self, topics: &[Topic], listen: bool) -> Pending<()> {
        match self.ask(topics, listen) {
            Ok(confirmed) => Box::pin(thread::spawn(confirmed)),
            Err(error) => ready(Err(error)),
        }
    }

    fn check(&self) -> Result<()> {
        if self.owner == process::id() { Ok(()) } else { Err(failure::inherited(&self.stream.url)) }
    }
}

/// Waits until a change is confirmed. After the time limit the topics are unknown, and the stream ends.
async fn confirmation(
    stream: Arc<Stream>,
    confirmed: oneshot::Receiver<Result<()>>,
    limit: Option<Duration>,
) -> Result<()> {
    let confirmed = match limit {
        None => confirmed.await,
        Some(limit) => match timeout(limit, confirmed).await {
            Ok(confirmed) => confirmed,
            Err(_) => {
                let error = failure::receiving(&stream.url, &io::ErrorKind::TimedOut.into(), Some(limit));
                stream.end(&error);
                return Err(error);
            }
        },
    };
    // Whoever closes the stream leaves nobody without an answer.
    confirmed.unwrap_or_else(|_| Err(failure::listening(&stream.url, &io::ErrorKind::BrokenPipe.into())))
}

impl Drop for Messages {
    fn drop(&mut self) {
        // In a fork there is no thread that could close it, and the lock may be held for ever.
        if self.check().is_ok() {
            self.stream.change(|state| state.closed = true);
        }
    }
}

impl Stream {
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

    /// The stream is over: everybody who waits learns why.
    fn end(&self, error: &Error) {
        let (changes, reader) = self.change(|state| {
            if state.ended.is_none() {
                state.ended = Some(state.listener.ended(error));
            }
            (std::mem::take(&mut state.changes), state.reader.take())
        });
        for (_, waiting) in changes {
            // Somebody who gives up just now is not told.
            let _ = waiting.send(Err(error.clone()));
        }
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}

impl State {
    /// The changes that are confirmed by now.
    fn confirmed(&mut self) -> Vec<oneshot::Sender<Result<()>>> {
        let confirmed = self.listener.confirmed();
        let count = self.changes.iter().take_while(|(asked, _)| *asked <= confirmed).count();
        self.changes.drain(..count).map(|(_, waiting)| waiting).collect()
    }

    /// Whether more input is accepted.
    fn wants(&self) -> bool {
        !(self.closed || self.ended.is_some() || self.is_sated())
    }

    fn is_sated(&self) -> bool {
        self.changes.is_empty() && self.listener.backlog.bytes() >= ENOUGH
    }
}

impl Traffic for Stream {
    fn remember(&self, waker: &Waker) {
        self.lock().carrier = Some(waker.clone());
    }

    fn is_over(&self) -> bool {
        let state = self.lock();
        state.closed || state.ended.is_some()
    }

    fn wants(&self) -> bool {
        self.lock().wants()
    }

    fn add_outgoing(&self, bytes: &mut Vec<u8>) {
        bytes.append(&mut self.lock().unsent);
    }

    fn take(&self, incoming: Incoming) -> std::result::Result<bool, End> {
        let mut state = self.lock();
        let heard = state.listener.receive(incoming);
        let wants = state.wants();
        let confirmed = state.confirmed();
        let reader = if state.listener.backlog.is_empty() { None } else { state.reader.take() };
        drop(state);
        for waiting in confirmed {
            // Somebody who gives up just now is not told.
            let _ = waiting.send(Ok(()));
        }
        if let Some(reader) = reader {
            reader.wake();
        }
        heard.map(|()| wants).map_err(|error| {
            self.end(&error);
            End::Reported
        })
    }

    fn lost(&self, cause: &io::Error) {
        self.end(&failure::listening(&self.url, cause));
    }
}

impl AsyncSubscription for Messages {
    fn subscribe(&mut self, topics: &[Topic]) -> Pending<()> {
        self.changed(topics, true)
    }

    fn unsubscribe(&mut self, topics: &[Topic]) -> Pending<()> {
        self.changed(topics, false)
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Result<SubscriptionEvent>> {
        self.check()?;
        let mut state = self.stream.lock();
        let was_sated = state.is_sated();
        let next = match (state.listener.backlog.take(), &state.ended) {
            (Some(next), _) => next,
            (None, Some(ended)) => Err(ended.clone()),
            (None, None) => {
                state.reader = Some(context.waker().clone());
                return Poll::Pending;
            }
        };
        let carrier = if was_sated && !state.is_sated() { state.carrier.take() } else { None };
        drop(state);
        if let Some(carrier) = carrier {
            carrier.wake();
        }
        Poll::Ready(next.map(SubscriptionEvent::from))
    }

    fn closer(&self) -> Result<Closer> {
        self.check()?;
        let stream = Arc::clone(&self.stream);
        Ok(Closer::new(move || stream.end(&failure::listening(&stream.url, &io::ErrorKind::BrokenPipe.into()))))
    }
}
