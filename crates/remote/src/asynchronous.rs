//! A server for callers that do not wait in a thread: one connection for all calls, and connections of their own for
//! what blocks, for sessions and for messages.
//!
//! A connection is carried by a runtime of tokio: by that in which the call is made, if it is made in one, and else by a thread
//! of this crate. Each has connections of its own, so that nobody depends on a runtime that is not there any more.

mod async_link;
mod messages;
mod session;
mod socket;
mod thread;

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redipy_backend::asynchronous::ready;
use redipy_backend::backend::Results;
use redipy_backend::{
    AsyncBackend, AsyncSession, AsyncSubscription, Pending, Place, Request, RequestRef, Requests, Topic,
};
use redipy_command::{Result, Value};
use tokio::runtime::{self, Handle};

use crate::batch::{Batch, Scripts};
use crate::config::Config;
use crate::exchange::{self, is_unknown_script};
use crate::failure::{Lost, is_idempotent};
use crate::link::Answers;
use crate::refuse::{self, check, merge, permitted, refusals};
use crate::time_limit::{Blocking, TimeLimit};
use crate::transaction;
use async_link::{Asked, AsyncLink, Told};
use messages::Messages;
use session::RemoteAsyncSession;

/// How often a call is sent at most.
const TRIES: usize = 3;

/// A connection that was idle for longer may have been closed by the server without anybody having noticed.
const FRESH: Duration = Duration::from_millis(500);

/// See [`Remote`](crate::Remote), of which this is the half that gives futures.
pub(crate) struct AsyncRemote {
    config: Config,
    owned: Mutex<Owned>,
}

/// The connections of each runtime, and the process that they belong to.
struct Owned {
    process: u32,
    servers: Vec<Arc<Server>>,
}

/// The connections that a runtime carries.
struct Server {
    config: Config,
    /// None for the thread of this crate.
    runtime: Option<runtime::Id>,
    handle: Handle,
    /// The connection for all calls.
    shared: Mutex<Option<AsyncLink>>,
    /// Connections for what has one of its own, while nobody does, and since when.
    idle: Mutex<Vec<(AsyncLink, Instant)>>,
}

impl Owned {
    fn new() -> Self {
        Owned { process: std::process::id(), servers: Vec::new() }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl AsyncRemote {
    pub(crate) fn new(config: Config) -> Self {
        Self { config, owned: Mutex::new(Owned::new()) }
    }

    /// The connections that this process has on the runtime in which this is called.
    fn server(&self) -> Result<Arc<Server>> {
        let current = Handle::try_current().ok();
        let runtime = current.as_ref().map(Handle::id);
        let mut owned = lock(&self.owned);
        if owned.process != std::process::id() {
            // Nothing carries them in this process, so nothing can end them properly.
            std::mem::forget(std::mem::replace(&mut *owned, Owned::new()));
        }
        if let Some(server) = owned.servers.iter().find(|server| server.runtime == runtime) {
            return Ok(Arc::clone(server));
        }
        // Of runtimes that are gone no connection is left.
        owned.servers.retain(|server| Arc::strong_count(server) > 1 || server.is_connected());
        let handle = current.map_or_else(thread::handle, Ok)?;
        let (config, shared, idle) = (self.config.clone(), Mutex::default(), Mutex::default());
        let server = Arc::new(Server { config, runtime, handle, shared, idle });
        owned.servers.push(Arc::clone(&server));
        Ok(server)
    }

    /// Begins something now; what comes of that later is the result.
    fn begin<T, F>(&self, work: impl FnOnce(Arc<Server>) -> Result<F>) -> Pending<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        match self.server().and_then(work) {
            Ok(later) => Box::pin(later),
            Err(error) => ready(Err(error)),
        }
    }
}

impl AsyncBackend for AsyncRemote {
    fn call(&self, request: Request) -> Pending<Value> {
        self.begin(|server| {
            check(request.as_ref(), Place::Client)?;
            let batch = Batch::of(request.as_ref(), Scripts::ByDigest)?;
            let time_limit = server.time_limit(&batch, request.response_timeout());
            let first = server.ask(batch, time_limit)?;
            Ok(async move { request.decode(server.call(request.as_ref(), first).await?) })
        })
    }

    fn pipeline(&self, requests: Requests) -> Pending<Results> {
        self.begin(|server| {
            let refusals = refusals(&requests, Place::Client);
            let sent = permitted(&requests, &refusals);
            let first = match &*sent {
                [] => None,
                sent => {
                    let batch = Batch::of_all(sent.iter().copied())?;
                    let time_limit = server.time_limit(&batch, requests.response_timeout());
                    Some(server.ask(batch, time_limit)?)
                }
            };
            Ok(async move {
                let Some(first) = first else { return Ok(merge(refusals, std::iter::empty())) };
                let sent = permitted(&requests, &refusals);
                let idempotent = sent.iter().copied().all(is_idempotent);
                let again = || Batch::of_all(sent.iter().copied());
                let (answers, _) = server.answers(first, idempotent, &again).await?;
                let replies = exchange::results(&sent, answers).map_err(|lost| lost.into_error(idempotent))?;
                let decode =
                    |(request, reply): (&RequestRef<'_>, Result<Value>)| reply.and_then(|reply| request.decode(reply));
                let decoded: Vec<_> = sent.iter().zip(replies).map(decode).collect();
                Ok(merge(refusals, decoded.into_iter()))
            })
        })
    }

    fn transaction(&self, requests: Requests) -> Pending<Results> {
        self.begin(|server| {
            refuse::check_transaction(&requests)?;
            let batch = Batch::transaction(&requests)?;
            let time_limit = server.time_limit(&batch, requests.response_timeout());
            let first = server.ask(batch, time_limit)?;
            Ok(async move {
                let idempotent = requests.iter().all(is_idempotent);
                let (answers, _) = server.answers(first, idempotent, &|| Batch::transaction(&requests)).await?;
                let outcome =
                    transaction::outcome(answers, requests.len()).map_err(|lost| lost.into_error(idempotent))?;
                Ok(transaction::results(&requests, transaction::executed(outcome)?))
            })
        })
    }

    fn session(&self) -> Pending<Box<dyn AsyncSession>> {
        self.begin(|server| {
            Ok(async move { Ok(Box::new(RemoteAsyncSession::open(server).await?) as Box<dyn AsyncSession>) })
        })
    }

    fn subscribe(&self, topics: Vec<Topic>) -> Pending<Box<dyn AsyncSubscription>> {
        let config = self.config.clone();
        Box::pin(thread::spawn(async move {
            let messages = Messages::open(&config, &topics).await?;
            Ok(Box::new(messages) as Box<dyn AsyncSubscription>)
        }))
    }
}

/// A batch that was sent on a connection.
struct Try {
    asked: Asked,
    /// Whether the connection was opened for it.
    fresh: bool,
    /// Whether nobody else has the connection.
    is_alone: bool,
}

impl Server {
    /// Whether a connection is left that is open.
    fn is_connected(&self) -> bool {
        let is_open = |line: &Option<AsyncLink>| line.as_ref().is_some_and(AsyncLink::is_open);
        is_open(&lock(&self.shared)) || lock(&self.idle).iter().any(|(line, _)| line.is_open())
    }

    /// What a call may take that sends this, unless the call says so itself.
    fn time_limit(&self, batch: &Batch, timeout: Option<Duration>) -> TimeLimit {
        batch.block().time_limit(timeout.or(self.config.response_timeout))
    }

    /// Sends a batch; what blocks goes on a connection that nobody else waits for.
    ///
    /// # Errors
    /// `Connection` where the runtime is gone that would carry a connection.
    fn ask(&self, mut batch: Batch, time_limit: TimeLimit) -> Result<Try> {
        let is_alone = batch.block() != Blocking::NONE;
        loop {
            let (line, fresh) = if is_alone { self.own_line() } else { self.shared_line() };
            match line.ask(batch, time_limit) {
                Ok(asked) => return Ok(Try { asked, fresh, is_alone }),
                // It was refused before this call was added, or its runtime is gone.
                Err(_) if fresh => return Err(line.failure()),
                // It was closed just now.
                Err(back) => batch = back,
            }
        }
    }

    /// The replies to a batch that was sent, which is sent again on another connection if that on which it was turns out to be
    /// closed and that does no harm. They come with the time that is left.
    async fn answers(
        &self,
        first: Try,
        idempotent: bool,
        again: &(dyn Fn() -> Result<Batch> + Sync),
    ) -> Result<(Answers, TimeLimit)> {
        let (mut current, mut tries) = (first, 1);
        loop {
            let (answers, time_limit) = match (&mut current.asked).await {
                Told::Answers(answers, time_limit) => (answers, time_limit),
                Told::Refused(error) => return Err(error),
            };
            match &answers.lost {
                Some(lost) if tries < TRIES && is_repeatable(lost, current.fresh, idempotent) => {
                    tries += 1;
                    current = self.ask(again()?, time_limit)?;
                }
                lost => {
                    if current.is_alone && lost.is_none() {
                        self.give_back(current.asked.line().clone());
                    }
                    return Ok((answers, time_limit));
                }
            }
        }
    }

    /// The reply to a request that was sent; a script that the server does not know goes once more, with its text.
    async fn call(&self, request: RequestRef<'_>, first: Try) -> Result<Value> {
        let idempotent = is_idempotent(request);
        let one = |answers: Answers| answers.one().map_err(|lost| lost.into_error(idempotent));
        let (answers, time_limit) = self.answers(first, idempotent, &|| Batch::of(request, Scripts::ByDigest)).await?;
        let reply = one(answers)?;
        if !is_unknown_script(request, &reply) {
            return Ok(reply);
        }
        let with_text = || Batch::of(request, Scripts::WithText);
        let second = self.ask(with_text()?, time_limit)?;
        one(self.answers(second, idempotent, &with_text).await?.0)
    }

    /// A connection that nobody else has, and whether it was opened for this. It is closed if the caller gives up.
    fn own_line(&self) -> (AsyncLink, bool) {
        match self.idle_line() {
            Some((line, _)) => (line, false),
            None => (AsyncLink::open(&self.config, &self.handle), true),
        }
    }

    /// A connection that nobody has any more, and whether it was used just now.
    fn idle_line(&self) -> Option<(AsyncLink, bool)> {
        let mut idle = lock(&self.idle);
        loop {
            let (line, since) = idle.pop()?;
            if line.is_open() {
                return Some((line, since.elapsed() < FRESH));
            }
        }
    }

    fn give_back(&self, line: AsyncLink) {
        let mut idle = lock(&self.idle);
        if idle.len() < self.config.pool_size {
            idle.push((line, Instant::now()));
        }
    }

    /// The connection for all calls, and whether it was opened for this one.
    fn shared_line(&self) -> (AsyncLink, bool) {
        let mut shared = lock(&self.shared);
        match shared.as_ref().filter(|line| line.is_open()) {
            Some(line) => (line.clone(), false),
            None => (shared.insert(AsyncLink::open(&self.config, &self.handle)).clone(), true),
        }
    }
}

/// Whether what was lost is sent once more: on a connection that was not new, or if it was never sent at all.
fn is_repeatable(lost: &Lost, fresh: bool, idempotent: bool) -> bool {
    lost.repeatable(idempotent) && (!fresh || !lost.was_sent())
}
