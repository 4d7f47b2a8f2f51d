//! A server as a backend that threads share.

use std::sync::Arc;

use redipy_backend::backend::Results;
use redipy_backend::{Backend, Request, Session, Subscription, Topic};
use redipy_command::{Encoded, Error, Kind, Result, Value};

use crate::batch::{Batch, Scripts};
use crate::config::Config;
use crate::failure::{Lost, is_harmless};
use crate::link::{Answers, Link};
use crate::pool::Pool;
use crate::refuse;
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
/// An error or status text that is not UTF-8 cannot be read: it costs the connection. A call that a
/// signal interrupts fails as if the connection were lost. Both are limits of redis-rs.
pub struct Remote {
    pool: Arc<Pool>,
}

impl Remote {
    /// The server that this describes. Nothing is connected yet.
    pub fn new(config: Config) -> Self {
        Self { pool: Arc::new(Pool::new(config)) }
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
        let reply = self.with_link(is_harmless(request), |link| call(link, request))?;
        request.decode(reply)
    }

    fn pipeline(&self, requests: &[Request]) -> Result<Results> {
        let refusals = refusals(requests, refuse::on_shared);
        let sent = permitted(requests, &refusals);
        if sent.is_empty() {
            return Ok(refusals.into_iter().filter_map(|refusal| refusal.map(Err)).collect());
        }
        let harmless = sent.iter().all(|request| is_harmless(request));
        let replies = self.with_link(harmless, |link| pipeline(link, &sent))?;
        let decode = |(request, reply): (&&Request, Result<Value>)| reply.and_then(|reply| request.decode(reply));
        Ok(merge(refusals, sent.iter().zip(replies).map(decode)))
    }

    fn transaction(&self, requests: &[Request]) -> Result<Results> {
        for request in requests {
            check(request, refuse::in_transaction)?;
            check(request, refuse::on_shared)?;
        }
        let harmless = requests.iter().all(is_harmless);
        let batch = Batch::transaction(requests)?;
        let outcome = self.with_link(harmless, |link| transaction::outcome(link.exchange(&batch), requests.len()))?;
        let replies =
            outcome?.ok_or_else(|| Error::new(Kind::Aborted, "EXEC answered null although nothing is watched"))?;
        Ok(transaction::results(requests, replies))
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

    fn describe(&self) -> String {
        self.pool.config().to_string()
    }
}

/// Sends one request; a script that the server does not know goes once more, with its text.
pub(crate) fn call(link: &mut Link, request: &Request) -> std::result::Result<Value, Lost> {
    let reply = exchange_one(link, request, Scripts::ByDigest)?;
    match (&reply, request) {
        (Value::Error(error), Request::Script(_)) if error.code() == "NOSCRIPT" => {
            exchange_one(link, request, Scripts::WithText)
        }
        _ => Ok(reply),
    }
}

/// Sends one request.
pub(crate) fn exchange_one(link: &mut Link, request: &Request, scripts: Scripts) -> std::result::Result<Value, Lost> {
    link.exchange_one(&Batch::of(request, scripts).map_err(Lost::unsent)?)
}

/// Sends requests together; one reply for each, not decoded, also if the connection is lost on the way.
pub(crate) fn pipeline(link: &mut Link, requests: &[&Request]) -> std::result::Result<Results, Lost> {
    let Answers { replies, lost } = link.exchange(&Batch::of_all(requests).map_err(Lost::unsent)?);
    let answered = replies.len();
    let mut results: Results = replies.into_iter().map(Ok).collect();
    if let Some(lost) = lost {
        let lost = if requests.len() > 1 { lost.after_others() } else { lost };
        if answered == 0 {
            return Err(lost);
        }
        let error = |harmless| lost.clone().into_error(harmless);
        results.extend(requests.iter().skip(answered).map(|request| Err(error(is_harmless(request)))));
    }
    Ok(results)
}

/// Refuses a command that does not belong here, and a script call that is not complete.
pub(crate) fn check(request: &Request, refuse: fn(&Encoded) -> Result<()>) -> Result<()> {
    match request {
        Request::Command(command) => refuse(command),
        Request::Script(call) => call.parts().map(|_| ()),
    }
}

/// The refusal of each request, or none.
pub(crate) fn refusals(requests: &[Request], refuse: fn(&Encoded) -> Result<()>) -> Vec<Option<Error>> {
    requests.iter().map(|request| check(request, refuse).err()).collect()
}

/// The requests that were not refused.
pub(crate) fn permitted<'r>(requests: &'r [Request], refusals: &[Option<Error>]) -> Vec<&'r Request> {
    requests.iter().zip(refusals).filter(|(_, refusal)| refusal.is_none()).map(|(request, _)| request).collect()
}

/// The results of the permitted requests, with the refusals in their places.
pub(crate) fn merge(refusals: Vec<Option<Error>>, results: impl Iterator<Item = Result<Value>>) -> Results {
    let mut results = results;
    let missing = || Err(Error::new(Kind::Decode, "a reply is missing"));
    refusals.into_iter().map(|refusal| refusal.map_or_else(|| results.next().unwrap_or_else(missing), Err)).collect()
}
