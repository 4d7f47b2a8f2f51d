//! A server for callers that do not wait in a thread: one connection for all calls, and connections of their own for
//! what blocks and for messages.

mod async_link;
mod messages;
mod socket;
mod thread;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redipy_backend::backend::Results;
use redipy_backend::{AsyncBackend, AsyncSubscription, Pending, Place, Request, RequestRef, Requests, Topic};
use redipy_command::{Error, Result, Value};

use crate::batch::{Batch, Scripts};
use crate::config::Config;
use crate::exchange::{self, is_unknown_script};
use crate::failure::{Lost, is_idempotent};
use crate::link::Answers;
use crate::refuse::{self, check, merge, permitted, refusals};
use crate::time_limit::{Blocking, TimeLimit};
use crate::transaction;
use async_link::AsyncLink;
use messages::Messages;

/// The number of attempts to send a call.
const TRIES: usize = 3;

/// See [`Remote`](crate::Remote), of which this is the half that gives futures.
pub(crate) struct AsyncRemote(Mutex<Owned>);

/// The connections, and the process that they belong to.
struct Owned {
    process: u32,
    server: Arc<Server>,
}

struct Server {
    config: Config,
    /// The connection for all calls, locked while it is opened.
    shared: tokio::sync::Mutex<Shared>,
    /// The number of failed attempts to open it.
    failures: AtomicU64,
    /// Connections for what blocks, while nothing does.
    idle: Mutex<Vec<AsyncLink>>,
}

#[derive(Default)]
struct Shared {
    line: Option<AsyncLink>,
    /// The error of the last attempt to open it.
    failure: Option<Error>,
}

impl Owned {
    fn new(config: Config) -> Self {
        let server = Server {
            config,
            shared: tokio::sync::Mutex::default(),
            failures: AtomicU64::new(0),
            idle: Mutex::default(),
        };
        Owned { process: std::process::id(), server: Arc::new(server) }
    }
}

impl AsyncRemote {
    pub(crate) fn new(config: Config) -> Self {
        Self(Mutex::new(Owned::new(config)))
    }

    /// The connections of this process: in a fork, both would read the same replies.
    fn server(&self) -> Arc<Server> {
        let mut owned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if owned.process != std::process::id() {
            // Their thread is not in this process, so nothing can end them properly.
            let own = Owned::new(owned.server.config.clone());
            std::mem::forget(std::mem::replace(&mut *owned, own));
        }
        Arc::clone(&owned.server)
    }

    /// Runs `work` with the server on the thread of tokio.
    fn run<T: Send + 'static, F>(&self, work: impl FnOnce(Arc<Server>) -> F) -> Pending<T>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        Box::pin(thread::spawn(work(self.server())))
    }
}

impl AsyncBackend for AsyncRemote {
    fn call(&self, request: Request) -> Pending<Value> {
        self.run(|server| async move {
            check(request.as_ref(), Place::Client)?;
            request.decode(server.call(&request).await?)
        })
    }

    fn pipeline(&self, requests: Requests) -> Pending<Results> {
        self.run(|server| async move {
            let refusals = refusals(&requests, Place::Client);
            let sent = permitted(&requests, &refusals);
            if sent.is_empty() {
                return Ok(merge(refusals, std::iter::empty()));
            }
            let idempotent = sent.iter().copied().all(is_idempotent);
            let batch = Batch::of_all(sent.iter().copied())?;
            let answers = server
                .exchange(&batch, &mut server.time_limit(&batch, requests.response_timeout()), idempotent)
                .await?;
            let replies = exchange::results(&sent, answers).map_err(|lost| lost.into_error(idempotent))?;
            let decode =
                |(request, reply): (&RequestRef<'_>, Result<Value>)| reply.and_then(|reply| request.decode(reply));
            Ok(merge(refusals, sent.iter().zip(replies).map(decode)))
        })
    }

    fn transaction(&self, requests: Requests) -> Pending<Results> {
        self.run(|server| async move {
            refuse::check_transaction(&requests)?;
            let idempotent = requests.iter().all(is_idempotent);
            let batch = Batch::transaction(&requests)?;
            let answers = server
                .exchange(&batch, &mut server.time_limit(&batch, requests.response_timeout()), idempotent)
                .await?;
            let outcome = transaction::outcome(answers, requests.len()).map_err(|lost| lost.into_error(idempotent))?;
            Ok(transaction::results(&requests, transaction::executed(outcome)?))
        })
    }

    fn subscribe(&self, topics: Vec<Topic>) -> Pending<Box<dyn AsyncSubscription>> {
        self.run(|server| async move {
            let messages = Messages::open(&server.config, &topics).await?;
            Ok(Box::new(messages) as Box<dyn AsyncSubscription>)
        })
    }
}

impl Server {
    /// The time limit of a call that sends this batch: its own, or that of the configuration.
    fn time_limit(&self, batch: &Batch, timeout: Option<Duration>) -> TimeLimit {
        batch.block().time_limit(timeout.or(self.config.response_timeout))
    }

    /// Sends one request; a script that the server does not know goes once more, with its text.
    async fn call(&self, request: &Request) -> Result<Value> {
        let (request, timeout) = (request.as_ref(), request.response_timeout());
        let idempotent = is_idempotent(request);
        let batch = Batch::of(request, Scripts::ByDigest)?;
        let mut time_limit = self.time_limit(&batch, timeout);
        let one = |answers: Answers| answers.one().map_err(|lost| lost.into_error(idempotent));
        let reply = one(self.exchange(&batch, &mut time_limit, idempotent).await?)?;
        if !is_unknown_script(request, &reply) {
            return Ok(reply);
        }
        one(self.exchange(&Batch::of(request, Scripts::WithText)?, &mut time_limit, idempotent).await?)
    }

    /// Sends a batch, and again on another connection if the one that was there turns out to be closed and that does no
    /// harm. Blocking calls get a dedicated connection.
    async fn exchange(&self, batch: &Batch, time_limit: &mut TimeLimit, idempotent: bool) -> Result<Answers> {
        let blocks = batch.block() != Blocking::NONE;
        let mut tries = 1;
        loop {
            let (line, fresh) = if blocks { self.own_link().await? } else { self.shared_link().await? };
            let answers = line.exchange(batch, time_limit).await;
            match &answers.lost {
                Some(lost) if tries < TRIES && is_repeatable(lost, fresh, idempotent) => tries += 1,
                lost => {
                    if blocks && lost.is_none() {
                        self.give_back(line);
                    }
                    return Ok(answers);
                }
            }
        }
    }

    /// A connection for what blocks, and whether it was opened for this call. It is closed if the caller gives up.
    async fn own_link(&self) -> Result<(AsyncLink, bool)> {
        let idle = self.idle().pop();
        match idle.filter(AsyncLink::is_open) {
            Some(line) => Ok((line, false)),
            None => Ok((AsyncLink::open(&self.config).await?, true)),
        }
    }

    fn give_back(&self, line: AsyncLink) {
        let mut idle = self.idle();
        if idle.len() < self.config.pool_size {
            idle.push(line);
        }
    }

    /// The connection for all calls, and whether it was opened for this one.
    async fn shared_link(&self) -> Result<(AsyncLink, bool)> {
        let failures = self.failures.load(Ordering::Acquire);
        let mut shared = self.shared.lock().await;
        if let Some(line) = shared.line.as_ref().filter(|line| line.is_open()) {
            return Ok((line.clone(), false));
        }
        // Where nobody answers, those who waited together are told together, and not one after the other.
        if self.failures.load(Ordering::Acquire) != failures
            && let Some(failure) = &shared.failure
        {
            return Err(failure.clone());
        }
        shared.line = None;
        match AsyncLink::open(&self.config).await {
            Ok(line) => {
                shared.line = Some(line.clone());
                Ok((line, true))
            }
            Err(error) => {
                shared.failure = Some(error.clone());
                self.failures.fetch_add(1, Ordering::AcqRel);
                Err(error)
            }
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<AsyncLink>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns whether what was lost is sent once more: on a connection that was not new, or if it was never sent at all.
fn is_repeatable(lost: &Lost, fresh: bool, idempotent: bool) -> bool {
    lost.repeatable(idempotent) && (!fresh || !lost.was_sent())
}
