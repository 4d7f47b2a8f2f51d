//! A server for callers that do not wait in a thread: one connection for all calls, and connections of their own for
//! what blocks and for messages.

mod line;
mod messages;
mod thread;

use std::sync::{Arc, Mutex, PoisonError};

use redipy_backend::backend::Results;
use redipy_backend::{AsyncBackend, AsyncSubscription, Pending, Request, Topic};
use redipy_command::{Result, Value};

use crate::batch::{Batch, Scripts};
use crate::config::Config;
use crate::failure::is_harmless;
use crate::link::Answers;
use crate::patience::Block;
use crate::refuse::{self, check, merge, permitted, refusals};
use crate::transaction;
use line::Line;
use messages::Messages;

type Sent = Batch<redis::Pipeline>;

/// See [`Remote`](crate::Remote), of which this is the half that gives futures.
pub(crate) struct AsyncRemote(Mutex<Owned>);

/// The connections, and the process that they belong to.
struct Owned {
    process: u32,
    server: Arc<Server>,
}

struct Server {
    config: Config,
    /// The connection for all calls; whoever opens it lets others wait.
    shared: tokio::sync::Mutex<Option<Line>>,
    /// Connections for what blocks, while nothing does.
    idle: Mutex<Vec<Line>>,
}

impl Owned {
    fn new(config: Config) -> Self {
        let server = Server { config, shared: tokio::sync::Mutex::default(), idle: Mutex::default() };
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

    /// Does something with the server on the thread for that.
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
            check(&request, refuse::on_shared)?;
            request.decode(server.call(&request).await?)
        })
    }

    fn pipeline(&self, requests: Vec<Request>) -> Pending<Results> {
        self.run(|server| async move {
            let refusals = refusals(&requests, refuse::on_shared);
            let sent = permitted(&requests, &refusals);
            if sent.is_empty() {
                return Ok(merge(refusals, std::iter::empty()));
            }
            let harmless = sent.iter().all(|request| is_harmless(request));
            let answers = server.exchange(&Sent::of_all(&sent)?, harmless).await?;
            let replies = answers.complete().map_err(|lost| lost.into_error(harmless))?;
            let decode = |(request, reply): (&&Request, Value)| request.decode(reply);
            Ok(merge(refusals, sent.iter().zip(replies).map(decode)))
        })
    }

    fn transaction(&self, requests: Vec<Request>) -> Pending<Results> {
        self.run(|server| async move {
            refuse::check_transaction(&requests)?;
            let harmless = requests.iter().all(is_harmless);
            let answers = server.exchange(&Sent::transaction(&requests)?, harmless).await?;
            let outcome = transaction::outcome(answers, requests.len()).map_err(|lost| lost.into_error(harmless))?;
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
    /// Sends one request; a script that the server does not know goes once more, with its text.
    async fn call(&self, request: &Request) -> Result<Value> {
        let harmless = is_harmless(request);
        let one = |answers: Answers| answers.one().map_err(|lost| lost.into_error(harmless));
        let reply = one(self.exchange(&Sent::of(request, Scripts::ByDigest)?, harmless).await?)?;
        match (&reply, request) {
            (Value::Error(error), Request::Script(_)) if error.code() == "NOSCRIPT" => {
                one(self.exchange(&Sent::of(request, Scripts::WithText)?, harmless).await?)
            }
            _ => Ok(reply),
        }
    }

    /// Sends a batch, and once more on another connection if the one that was there turns out to be closed and that does
    /// no harm.
    async fn exchange(&self, batch: &Sent, harmless: bool) -> Result<Answers> {
        if batch.block() != Block::NONE {
            return self.exchange_blocking(batch).await;
        }
        loop {
            let (line, fresh) = self.shared_line().await?;
            let answers = line.exchange(batch).await;
            let Some(lost) = &answers.lost else { return Ok(answers) };
            if lost.is_closed() {
                self.forget(&line).await;
            }
            if fresh || !lost.repeatable(harmless) {
                return Ok(answers);
            }
        }
    }

    /// Sends what blocks on a connection that nobody else waits for. It is closed if the caller gives up.
    async fn exchange_blocking(&self, batch: &Sent) -> Result<Answers> {
        let idle = self.idle().pop();
        let line = match idle.filter(|line| !line.is_closed()) {
            Some(line) => line,
            None => Line::open(&self.config).await?,
        };
        let answers = line.exchange(batch).await;
        if answers.lost.is_none() && self.idle().len() < self.config.pool_size {
            self.idle().push(line);
        }
        Ok(answers)
    }

    /// The connection for all calls, and whether it was opened for this one.
    async fn shared_line(&self) -> Result<(Line, bool)> {
        let mut shared = self.shared.lock().await;
        if let Some(line) = shared.as_ref().filter(|line| !line.is_closed()) {
            return Ok((line.clone(), false));
        }
        let line = Line::open(&self.config).await?;
        *shared = Some(line.clone());
        Ok((line, true))
    }

    /// Lets the next call open another connection than this one.
    async fn forget(&self, line: &Line) {
        let mut shared = self.shared.lock().await;
        if shared.as_ref().is_some_and(|other| other.is(line)) {
            *shared = None;
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Line>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
