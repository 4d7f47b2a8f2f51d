//! One connection that many calls share: each one's replies come in the order in which it was sent.
//!
//! What is asked before it is open is sent when it is, in order. As soon as it is open whether replies are in step, because a call
//! got no answer in time or was given up before one came, nobody else gets the connection.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use redipy_command::{Error, Value};
use redipy_resp::Incoming;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::socket::{End, Socket, Traffic};
use crate::batch::Batch;
use crate::config::Config;
use crate::failure::{self, Lost};
use crate::link::Answers;
use crate::time_limit::TimeLimit;

/// How much is written at once, if there is so much: what is still waiting can be taken back.
const AT_ONCE: usize = 64 << 10;

/// A connection, logged in, in RESP3; clones are the same connection. It is closed when nobody has it any more.
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
    /// What was not sent yet, in the order in which it will be.
    unsent: VecDeque<Call>,
    /// What was sent and is not answered.
    sent: VecDeque<Waiting>,
    next: u64,
    /// How many of these calls somebody still waits for.
    awaited: usize,
    /// It can be sent on: calls have their time from now on.
    opened: bool,
    /// No further call is taken.
    retired: bool,
    /// The connection is closed.
    closed: bool,
    /// Why it could not be opened.
    refused: Option<Error>,
    /// Not later than this the time of some call is over.
    alarm: Option<Instant>,
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
    time_limit: TimeLimit,
    /// None if the call was given up.
    answer: Option<oneshot::Sender<Told>>,
}

/// What a call is told.
pub(super) enum Told {
    /// What came for it, and the time that it has left.
    Answers(Answers, TimeLimit),
    /// That the connection could not be opened.
    Refused(Error),
}

impl Waiting {
    /// Tells whoever waits.
    fn tell(self, lost: Option<Lost>) {
        if let Some(answer) = self.answer {
            // Somebody who gives up just now is not told.
            let _ = answer.send(Told::Answers(Answers { replies: self.replies, lost }, self.time_limit));
        }
    }
}

impl AsyncLink {
    /// Connects and logs in, on this runtime.
    pub(super) fn open(config: &Config, on: &Handle) -> Self {
        let calls = Arc::new(Calls { url: config.to_string(), state: Mutex::default() });
        on.spawn(carry(config.clone(), Carried(Arc::clone(&calls))));
        AsyncLink(Arc::new(Owner { calls, process: process::id() }))
    }

    /// Sends everything in one write, after what was asked before; the future gives all replies. Gives the batch back if no
    /// further call is taken.
    pub(super) fn ask(&self, batch: Batch, time_limit: TimeLimit) -> std::result::Result<Asked, Batch> {
        let (id, answer) = self.0.calls.add(batch, time_limit)?;
        Ok(Asked { line: self.clone(), id, answer, is_answered: false })
    }

    /// Why it takes no call: it could not be opened, or nobody carries it any more.
    pub(super) fn failure(&self) -> Error {
        let refused = self.0.calls.lock().refused.clone();
        refused.unwrap_or_else(|| failure::sending(&self.0.calls.url, &broken()))
    }

    /// Whether further calls may go this way.
    pub(super) fn is_open(&self) -> bool {
        let state = self.0.calls.lock();
        !state.retired && !state.closed
    }
}

/// Whoever carries a connection. When it is gone, with its runtime perhaps, nobody waits any more.
struct Carried(Arc<Calls>);

impl Drop for Carried {
    fn drop(&mut self) {
        self.0.lost(&broken());
    }
}

async fn carry(config: Config, carried: Carried) {
    match Socket::open(&config).await {
        Ok(socket) => {
            carried.0.opened();
            socket.carry(Arc::clone(&carried.0)).await;
        }
        Err(error) => carried.0.refuse(&error),
    }
}

/// A call whose answer somebody waits for. When that is given up, so is the call.
pub(super) struct Asked {
    line: AsyncLink,
    id: u64,
    answer: oneshot::Receiver<Told>,
    is_answered: bool,
}

impl Asked {
    /// The connection that it was asked on.
    pub(super) fn line(&self) -> &AsyncLink {
        &self.line
    }

    fn is_own(&self) -> bool {
        self.line.0.process == process::id()
    }
}

impl Future for Asked {
    type Output = Told;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Told> {
        let told = match Pin::new(&mut self.answer).poll(context) {
            Poll::Ready(Ok(told)) => told,
            Poll::Ready(Err(_)) => {
                let lost = Lost::unanswered(failure::receiving(&self.line.0.calls.url, &broken(), None));
                Told::Answers(Answers::none(lost), TimeLimit::new(None))
            }
            // Nothing comes in a fork, whose parent reads the replies.
            Poll::Pending if !self.is_own() => Told::Refused(failure::inherited(&self.line.0.calls.url)),
            Poll::Pending => return Poll::Pending,
        };
        self.is_answered = true;
        Poll::Ready(told)
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if !self.is_answered && self.is_own() {
            self.line.0.calls.give_up(self.id);
        }
    }
}

/// Of a connection that nobody carries any more.
pub(super) fn broken() -> io::Error {
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
    fn add(&self, batch: Batch, time_limit: TimeLimit) -> std::result::Result<(u64, oneshot::Receiver<Told>), Batch> {
        self.change(|state| {
            if state.retired || state.closed {
                return Err(batch);
            }
            let (sender, answer) = oneshot::channel();
            let id = state.next;
            state.next += 1;
            state.awaited += 1;
            let missing = batch.replies();
            let mut waiting = Waiting { id, missing, replies: Vec::new(), time_limit, answer: Some(sender) };
            if state.opened {
                state.alarm = earlier(state.alarm, waiting.begin());
            }
            state.unsent.push_back(Call { bytes: batch.into_commands(), waiting });
            Ok((id, answer))
        })
    }

    /// The connection is open.
    fn opened(&self) {
        let mut state = self.lock();
        state.opened = true;
        state.alarm = state.unsent.iter_mut().map(|call| call.waiting.begin()).fold(None, earlier);
    }

    /// The connection cannot be opened: those who waited together are told together.
    fn refuse(&self, error: &Error) {
        let mut state = self.lock();
        state.refused = Some(error.clone());
        let (unsent, _) = state.close();
        drop(state);
        for waiting in unsent {
            if let Some(answer) = waiting.answer {
                // Somebody who gives up just now is not told.
                let _ = answer.send(Told::Refused(error.clone()));
            }
        }
    }

    /// Nobody waits for this call any more. If it was sent, what comes next may be its reply, or never come.
    fn give_up(&self, id: u64) {
        self.change(|state| {
            if let Ok(at) = state.unsent.binary_search_by_key(&id, |call| call.waiting.id) {
                state.unsent.remove(at);
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

    /// Closes the connection for all who wait on it, since this call got no answer in time.
    fn close_after_timeout(&self, id: u64, time_limit: TimeLimit) {
        let cause = io::Error::from(io::ErrorKind::TimedOut);
        let (url, limit) = (&self.url, time_limit.limit());
        let (unsent, sent) = self.lock().close();
        for (was_sent, waiting) in unsent.into_iter().map(|it| (false, it)).chain(sent.into_iter().map(|it| (true, it)))
        {
            let lost = |error| if was_sent { Lost::unanswered(error) } else { Lost::unsent(error) };
            let error = match (waiting.id == id, was_sent) {
                (false, _) => failure::stuck(url, limit),
                (true, true) => failure::receiving(url, &cause, limit),
                (true, false) => failure::sending(url, &cause),
            };
            waiting.tell(Some(lost(error)));
        }
    }
}

/// The earlier one of two times, if there are any.
fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

impl Waiting {
    /// Its time runs from now on; when it is over.
    fn begin(&mut self) -> Option<Instant> {
        self.time_limit.begin();
        self.time_limit.deadline()
    }
}

impl State {
    /// Those for whom somebody waits, in the order of their calls.
    fn awaited(&self) -> impl Iterator<Item = &Waiting> {
        let all = self.sent.iter().chain(self.unsent.iter().map(|call| &call.waiting));
        all.filter(|waiting| waiting.answer.is_some())
    }

    /// Closes the connection: who waits for what was not sent, and for what was.
    fn close(&mut self) -> (Vec<Waiting>, VecDeque<Waiting>) {
        self.closed = true;
        let unsent = std::mem::take(&mut self.unsent).into_iter().map(|call| call.waiting).collect();
        (unsent, std::mem::take(&mut self.sent))
    }

    /// Nobody waits for anything, and nobody will.
    fn is_over(&self) -> bool {
        self.closed || (self.retired && self.awaited == 0)
    }

    /// Takes a reply, and gives the call that has all of its replies now.
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
        self.lock().is_over()
    }

    fn wants(&self) -> bool {
        !self.is_over()
    }

    fn add_outgoing(&self, bytes: &mut Vec<u8>) {
        let mut state = self.lock();
        while bytes.len() < AT_ONCE
            && let Some(call) = state.unsent.pop_front()
        {
            if bytes.is_empty() {
                *bytes = call.bytes;
            } else {
                bytes.extend_from_slice(&call.bytes);
            }
            state.sent.push_back(call.waiting);
        }
    }

    fn take(&self, incoming: Incoming) -> std::result::Result<bool, End> {
        let Incoming::Reply(reply) = incoming else { return Ok(self.wants()) };
        // One lock for each reply: with many tasks on several threads it is what they wait for.
        let mut state = self.lock();
        let (answered, wants) = (state.answer(reply)?, !state.is_over());
        drop(state);
        if let Some(answered) = answered {
            answered.tell(None);
        }
        Ok(wants)
    }

    fn alarm(&self) -> Option<Instant> {
        self.lock().alarm
    }

    fn ring(&self, now: Instant) -> std::result::Result<(), End> {
        let mut state = self.lock();
        let is_over = |waiting: &&Waiting| waiting.time_limit.deadline().is_some_and(|deadline| deadline <= now);
        let late = state.awaited().find(is_over).map(|late| (late.id, late.time_limit));
        if let Some((id, time_limit)) = late {
            drop(state);
            self.close_after_timeout(id, time_limit);
            return Err(End::Reported);
        }
        state.alarm = state.awaited().map(|waiting| waiting.time_limit.deadline()).fold(None, earlier);
        Ok(())
    }

    fn lost(&self, cause: &io::Error) {
        let (unsent, sent) = self.lock().close();
        for waiting in unsent {
            waiting.tell(Some(Lost::unsent(failure::sending(&self.url, cause))));
        }
        for waiting in sent {
            waiting.tell(Some(Lost::unanswered(failure::receiving(&self.url, cause, None))));
        }
    }
}

#[cfg(test)]
mod tests {
    use redipy_conformance::fake::{Act, Fake, Manners};
    use redipy_conformance::futures::wait;

    use super::*;
    use crate::asynchronous::thread;
    use crate::batch::Scripts;

    /// A call that comes after the refusal is told why, as one that came before.
    #[test]
    fn a_call_after_the_refusal_is_told_why() {
        let config = Config::tcp("127.0.0.1", 1);
        let link = AsyncLink::open(&config, &thread::handle().expect("a thread"));
        while link.is_open() {
            std::thread::yield_now();
        }
        let mut batch = Batch::new(Scripts::ByDigest);
        batch.command(&[b"GET", b"k"]);
        assert!(link.ask(batch, TimeLimit::new(None)).is_err());
        assert!(link.failure().message().contains("is the server running there"), "{}", link.failure());
    }

    /// Both would read the same replies.
    #[test]
    fn a_fork_neither_waits_for_a_reply_nor_gives_up_the_call() {
        let fake = Fake::start(|_| Manners::new().on("GET", [Act::Nothing]));
        let config = Config::tcp("127.0.0.1", fake.port());
        let own = AsyncLink::open(&config, &thread::handle().expect("a thread"));
        let inherited = AsyncLink(Arc::new(Owner { calls: Arc::clone(&own.0.calls), process: 0 }));
        let mut batch = Batch::new(Scripts::ByDigest);
        batch.command(&[b"GET", b"k"]);
        let Ok(mut asked) = inherited.ask(batch, TimeLimit::new(None)) else { panic!("it is open") };
        let Told::Refused(error) = wait(&mut asked) else { panic!("a fork has no reply") };
        assert!(error.message().contains("forked"), "{error}");
        drop((asked, inherited));
        assert!(own.is_open(), "the parent goes on");
    }
}
