//! A server as a backend that threads share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redipy_backend::backend::Results;
use redipy_backend::{Backend, Place, Request, RequestRef, Requests, Session, Subscription, Topic};
use redipy_command::{Result, Value};

use crate::batch::{Batch, Scripts};
use crate::config::Config;
use crate::exchange;
use crate::failure::{Lost, is_idempotent};
use crate::link::Link;
use crate::pool::Pool;
use crate::refuse::{self, check, merge, permitted, refusals};
use crate::session::RemoteSession;
use crate::subscription::RemoteSubscription;
use crate::time_limit::TimeLimit;
use crate::transaction;

/// A Redis or Valkey server, version 6 or later.
///
/// Nothing is connected before the first call. Each call takes a connection that is idle, or opens
/// one; a connection that failed is dropped, and the next call connects again. What cannot have
/// been executed, and what only reads, is sent once more when an idle connection turns out to be
/// closed; everything else gives an error that says that it [may have
/// run](redipy_command::Error::may_have_run).
///
/// An error that is no UTF-8 keeps its bytes; a status that is none, which only a script can give, is a byte string.
///
/// A call has its [time](Config::response_timeout) once, however often bytes drip in. A connection with anything on it
/// without a request is dropped before it is used, and so are those that a fork of the process inherited. A signal
/// ends no call, unless [`on_signal`](crate::on_signal) says so.
pub struct Remote {
    pool: Arc<Pool>,
    #[cfg(feature = "async")]
    asynchronous: Arc<crate::asynchronous::AsyncRemote>,
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Remote").field(&self.describe()).finish()
    }
}

impl Remote {
    /// The server that this describes. Nothing is connected yet.
    pub fn new(config: Config) -> Self {
        Self {
            #[cfg(feature = "async")]
            asynchronous: Arc::new(crate::asynchronous::AsyncRemote::new(config.clone())),
            pool: Arc::new(Pool::new(config)),
        }
    }

    /// The time limit of a call that sends this batch: its own, or that of the configuration.
    fn time_limit(&self, batch: &Batch, timeout: Option<Duration>) -> TimeLimit {
        batch.block().time_limit(timeout.or(self.pool.config().response_timeout))
    }

    /// Works with a connection, and once more with another one if that does no harm.
    fn with_link<T>(
        &self,
        idempotent: bool,
        mut work: impl FnMut(&mut Link) -> std::result::Result<T, Lost>,
    ) -> Result<T> {
        let mut reused = self.pool.idle(idempotent)?;
        loop {
            let (mut link, fresh) = match reused.take() {
                Some(link) => (link, false),
                None => (self.pool.open()?, true),
            };
            match work(&mut link) {
                Ok(done) => {
                    self.pool.give_back(link);
                    return Ok(done);
                }
                Err(lost) => {
                    self.pool.lost(&lost);
                    if fresh || !lost.repeatable(idempotent) {
                        return Err(lost.into_error(idempotent));
                    }
                }
            }
        }
    }
}

impl Backend for Remote {
    fn call(&self, request: &Request) -> Result<Value> {
        let (request, timeout) = (request.as_ref(), request.response_timeout());
        check(request, Place::Client)?;
        let batch = Batch::of(request, Scripts::ByDigest)?;
        let mut time_limit = self.time_limit(&batch, timeout);
        let idempotent = is_idempotent(request);
        let reply = self.with_link(idempotent, |link| exchange::call(link, request, &batch, &mut time_limit))?;
        request.decode(reply)
    }

    fn pipeline(&self, requests: &Requests) -> Result<Results> {
        let refusals = refusals(requests, Place::Client);
        let sent = permitted(requests, &refusals);
        if sent.is_empty() {
            return Ok(merge(refusals, std::iter::empty()));
        }
        let idempotent = sent.iter().copied().all(is_idempotent);
        let batch = Batch::of_all(sent.iter().copied())?;
        let mut time_limit = self.time_limit(&batch, requests.response_timeout());
        let replies =
            self.with_link(idempotent, |link| exchange::results(&sent, link.exchange(&batch, &mut time_limit)))?;
        let decode = |(request, reply): (&RequestRef<'_>, Result<Value>)| reply.and_then(|reply| request.decode(reply));
        Ok(merge(refusals, sent.iter().zip(replies).map(decode)))
    }

    fn transaction(&self, requests: &Requests) -> Result<Results> {
        refuse::check_transaction(requests)?;
        let idempotent = requests.iter().all(is_idempotent);
        let batch = Batch::transaction(requests)?;
        let mut time_limit = self.time_limit(&batch, requests.response_timeout());
        let outcome = self.with_link(idempotent, |link| {
            transaction::outcome(link.exchange(&batch, &mut time_limit), requests.len())
        })?;
        Ok(transaction::results(requests, transaction::executed(outcome)?))
    }

    fn session(&self) -> Result<Box<dyn Session>> {
        let link = self.pool.take()?;
        Ok(Box::new(RemoteSession::new(Arc::clone(&self.pool), link)))
    }

    fn subscribe(&self, topics: &[Topic]) -> Result<Box<dyn Subscription>> {
        Ok(Box::new(RemoteSubscription::open(self.pool.config(), topics)?))
    }

    fn subscribe_within(&self, topics: &[Topic], timeout: Duration) -> Result<Box<dyn Subscription>> {
        Ok(Box::new(RemoteSubscription::open(&self.pool.config().hurried(timeout), topics)?))
    }

    #[cfg(feature = "async")]
    fn asynchronous(&self) -> Option<Arc<dyn redipy_backend::AsyncBackend>> {
        Some(self.asynchronous.clone())
    }

    fn describe(&self) -> String {
        self.pool.config().to_string()
    }
}
