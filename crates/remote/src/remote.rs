//! A server as a backend that threads share.

use std::sync::Arc;

use redipy_backend::backend::Results;
use redipy_backend::{Backend, Request, Session, Subscription, Topic};
use redipy_command::{Result, Value};

use crate::batch::Batch;
use crate::config::Config;
use crate::exchange;
use crate::failure::{Lost, is_harmless};
use crate::link::Link;
use crate::pool::Pool;
use crate::refuse::{self, check, merge, permitted, refusals};
use crate::session::RemoteSession;
use crate::subscription::RemoteSubscription;
use crate::transaction;

/// A Redis or Valkey server, version 6 or later.
///
/// Nothing is connected before the first call. Each call takes a connection that is idle, or opens
/// one; a connection that failed is dropped, and the next call connects again. What cannot have
/// been executed, and what only reads, is sent once more when an idle connection turns out to be
/// closed; everything else gives an error that says that it [may have
/// run](redipy_command::Error::may_have_run).
///
/// An error that is no UTF-8 keeps its bytes; a status that is none, which only a script can give, is a byte string. A
/// signal ends no call, unless [`on_signal`](crate::on_signal) says so.
pub struct Remote {
    pool: Arc<Pool>,
    #[cfg(feature = "async")]
    asynchronous: Arc<crate::asynchronous::AsyncRemote>,
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

    /// Works with a connection, and once more with another one if that does no harm.
    fn with_link<T>(
        &self,
        harmless: bool,
        mut work: impl FnMut(&mut Link) -> std::result::Result<T, Lost>,
    ) -> Result<T> {
        let mut reused = self.pool.idle(harmless)?;
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
                    if fresh || !lost.repeatable(harmless) {
                        return Err(lost.into_error(harmless));
                    }
                }
            }
        }
    }
}

impl Backend for Remote {
    fn call(&self, request: &Request) -> Result<Value> {
        check(request, refuse::on_shared)?;
        let reply = self.with_link(is_harmless(request), |link| exchange::call(link, request))?;
        request.decode(reply)
    }

    fn pipeline(&self, requests: &[Request]) -> Result<Results> {
        let refusals = refusals(requests, refuse::on_shared);
        let sent = permitted(requests, &refusals);
        if sent.is_empty() {
            return Ok(merge(refusals, std::iter::empty()));
        }
        let harmless = sent.iter().all(|request| is_harmless(request));
        let replies = self.with_link(harmless, |link| exchange::pipeline(link, &sent))?;
        let decode = |(request, reply): (&&Request, Result<Value>)| reply.and_then(|reply| request.decode(reply));
        Ok(merge(refusals, sent.iter().zip(replies).map(decode)))
    }

    fn transaction(&self, requests: &[Request]) -> Result<Results> {
        refuse::check_transaction(requests)?;
        let harmless = requests.iter().all(is_harmless);
        let batch = Batch::transaction(requests)?;
        let outcome = self.with_link(harmless, |link| transaction::outcome(link.exchange(&batch), requests.len()))?;
        Ok(transaction::results(requests, transaction::executed(outcome)?))
    }

    fn session(&self) -> Result<Box<dyn Session>> {
        let link = self.pool.take()?;
        Ok(Box::new(RemoteSession::new(Arc::clone(&self.pool), link)))
    }

    fn subscribe(&self, topics: &[Topic]) -> Result<Box<dyn Subscription>> {
        let mut subscription = RemoteSubscription::new(self.pool.open()?);
        subscription.subscribe(topics)?;
        Ok(Box::new(subscription))
    }

    #[cfg(feature = "async")]
    fn asynchronous(&self) -> Option<Arc<dyn redipy_backend::AsyncBackend>> {
        Some(self.asynchronous.clone())
    }

    fn describe(&self) -> String {
        self.pool.config().to_string()
    }
}
