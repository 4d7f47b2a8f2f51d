//! A session for callers that do not wait: a task has its connection, and does one thing after the other. What was given up is done
//! to its end there, so that it is known what the server keeps for the connection.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use redipy_backend::asynchronous::{Borrowed, ready};
use redipy_backend::backend::Results;
use redipy_backend::{AsyncSession, Place, Request, RequestRef, Requests};
use redipy_command::{Result, Value};
use tokio::sync::{mpsc, oneshot};

use super::Server;
use super::async_link::{AsyncLink, Told};
use crate::batch::{Batch, Scripts};
use crate::exchange::{self, is_unknown_script};
use crate::failure::{self, is_idempotent};
use crate::link::Answers;
use crate::refuse::{check, merge, permitted, refusals};
use crate::session::SessionState;
use crate::time_limit::TimeLimit;
use crate::transaction;

/// See the module.
pub(super) struct RemoteAsyncSession {
    url: String,
    jobs: mpsc::UnboundedSender<Job>,
    /// The task ends when this is dropped, whatever it is at.
    _alive: oneshot::Sender<()>,
    /// The process that has the task. A fork has none.
    process: u32,
}

/// What the task is to do, and who wants the result.
enum Job {
    Call(Request, oneshot::Sender<Result<Value>>),
    Pipeline(Requests, oneshot::Sender<Result<Results>>),
    Transaction(Requests, oneshot::Sender<Result<Option<Results>>>),
}

impl RemoteAsyncSession {
    /// Takes a connection that works.
    pub(super) async fn open(server: Arc<Server>) -> Result<Self> {
        let url = server.config.to_string();
        let mut worker = Worker { line: Some(working_line(&server).await?), server, state: SessionState::default() };
        let ((jobs, mut waiting), (alive, ended)) = (mpsc::unbounded_channel(), oneshot::channel::<()>());
        let handle = worker.server.handle.clone();
        handle.spawn(async move {
            let (mut work, mut ended) = (pin!(worker.work(&mut waiting)), pin!(ended));
            poll_fn(|context| match work.as_mut().poll(context) {
                Poll::Pending => ended.as_mut().poll(context).map(drop),
                Poll::Ready(()) => Poll::Ready(()),
            })
            .await;
        });
        Ok(Self { url, jobs, _alive: alive, process: std::process::id() })
    }

    fn job<'s, T: Send + 'static>(&self, job: impl FnOnce(oneshot::Sender<Result<T>>) -> Job) -> Borrowed<'s, T> {
        if self.process != std::process::id() {
            return ready(Err(failure::inherited(&self.url)));
        }
        let (sender, result) = oneshot::channel();
        let lost = failure::session_lost(&self.url);
        // Where nobody takes the job, nobody has the sender of its result either.
        let _ = self.jobs.send(job(sender));
        Box::pin(async move { result.await.unwrap_or(Err(lost)) })
    }
}

impl AsyncSession for RemoteAsyncSession {
    fn call(&mut self, request: Request) -> Borrowed<'_, Value> {
        self.job(|result| Job::Call(request, result))
    }

    fn pipeline(&mut self, requests: Requests) -> Borrowed<'_, Results> {
        self.job(|result| Job::Pipeline(requests, result))
    }

    fn transaction(&mut self, requests: Requests) -> Borrowed<'_, Option<Results>> {
        self.job(|result| Job::Transaction(requests, result))
    }
}

/// A connection on which a server answers: one that nobody uses any more, or a new one.
async fn working_line(server: &Server) -> Result<AsyncLink> {
    while let Some((line, is_fresh)) = server.idle_line() {
        if is_fresh || answers_ping(server, &line).await.is_ok() {
            return Ok(line);
        }
    }
    let line = AsyncLink::open(&server.config, &server.handle);
    answers_ping(server, &line).await.map(|()| line)
}

async fn answers_ping(server: &Server, line: &AsyncLink) -> Result<()> {
    let mut ping = Batch::new(Scripts::ByDigest);
    ping.command(&[b"PING"]);
    let time_limit = server.time_limit(&ping, None);
    exchange(&server.config.to_string(), line, ping, time_limit)
        .await?
        .0
        .one()
        .map(drop)
        .map_err(|lost| lost.into_error(true))
}

/// Sends a batch on this connection and waits for the replies.
async fn exchange(url: &str, line: &AsyncLink, batch: Batch, time_limit: TimeLimit) -> Result<(Answers, TimeLimit)> {
    match line.ask(batch, time_limit) {
        Ok(asked) => match asked.await {
            Told::Answers(answers, time_limit) => Ok((answers, time_limit)),
            Told::Refused(error) => Err(error),
        },
        Err(_) => Err(failure::session_lost(&url)),
    }
}

/// What the task has.
struct Worker {
    server: Arc<Server>,
    /// None when it is lost: database, watched keys and queue were the connection's.
    line: Option<AsyncLink>,
    state: SessionState,
}

impl Worker {
    async fn work(&mut self, jobs: &mut mpsc::UnboundedReceiver<Job>) {
        while let Some(job) = jobs.recv().await {
            // Whoever gave up the result is not told.
            let _ = match job {
                Job::Call(request, result) => result.send(self.call(&request).await).is_ok(),
                Job::Pipeline(requests, result) => result.send(self.pipeline(&requests).await).is_ok(),
                Job::Transaction(requests, result) => result.send(self.transaction(&requests).await).is_ok(),
            };
        }
    }

    /// Sends a batch and waits for the replies; if the connection is lost on the way, so is the session.
    async fn exchange(&mut self, batch: Batch, time_limit: TimeLimit) -> Result<(Answers, TimeLimit)> {
        let url = self.server.config.to_string();
        let Some(line) = self.line.take() else { return Err(failure::session_lost(&url)) };
        let (answers, time_limit) = exchange(&url, &line, batch, time_limit).await?;
        if answers.lost.is_none() {
            self.line = Some(line);
        }
        Ok((answers, time_limit))
    }

    async fn call(&mut self, request: &Request) -> Result<Value> {
        let (request, timeout) = (request.as_ref(), request.response_timeout());
        check(request, Place::Session)?;
        let (queueing, idempotent) = (self.state.is_queueing(), self.state.is_idempotent(request));
        let batch = Batch::of(request, self.state.scripts())?;
        let time_limit = self.server.time_limit(&batch, timeout);
        let one = |answers: Answers| answers.one().map_err(|lost| lost.into_error(idempotent));
        let (answers, time_limit) = self.exchange(batch, time_limit).await?;
        let mut reply = one(answers)?;
        if !queueing && is_unknown_script(request, &reply) {
            reply = one(self.exchange(Batch::of(request, Scripts::WithText)?, time_limit).await?.0)?;
        }
        self.state.receive(request, reply)
    }

    async fn pipeline(&mut self, requests: &Requests) -> Result<Results> {
        let refusals = refusals(requests, Place::Session);
        let sent = permitted(requests, &refusals);
        if sent.is_empty() {
            return Ok(merge(refusals, std::iter::empty()));
        }
        let idempotent = sent.iter().copied().all(is_idempotent);
        let batch = Batch::of_all(sent.iter().copied())?;
        let time_limit = self.server.time_limit(&batch, requests.response_timeout());
        let (answers, _) = self.exchange(batch, time_limit).await?;
        let replies = exchange::results(&sent, answers).map_err(|lost| lost.into_error(idempotent))?;
        let receive = |(request, reply): (&RequestRef<'_>, Result<Value>)| self.state.receive(*request, reply?);
        Ok(merge(refusals, sent.iter().zip(replies).map(receive)))
    }

    async fn transaction(&mut self, requests: &Requests) -> Result<Option<Results>> {
        self.state.check_transaction(requests)?;
        let idempotent = requests.iter().all(is_idempotent);
        let batch = Batch::transaction(requests)?;
        let time_limit = self.server.time_limit(&batch, requests.response_timeout());
        let (answers, _) = self.exchange(batch, time_limit).await?;
        let outcome = transaction::outcome(answers, requests.len()).map_err(|lost| lost.into_error(idempotent))?;
        self.state.transacted(requests);
        Ok(outcome?.map(|replies| transaction::results(requests, replies)))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // While something is exchanged, the connection is not here.
        if let Some(line) = self.line.take().filter(|_| self.state.is_clean()) {
            self.server.give_back(line);
        }
    }
}
