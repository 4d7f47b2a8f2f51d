//! A namespace: a backend that puts a prefix before every key, and takes it off again in replies.
//!
//! What is rewritten is in `prefix/namespace.rs`, how a request is carried out in `prefix/plan.rs`, what concerns all keys of the
//! namespace at once in `prefix/whole.rs`.

mod asynchronous;
mod namespace;
mod plan;
mod whole;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redipy_command::spec::{CommandId, KeysInReply};
use redipy_command::transaction::{Discard, Exec, Multi};
use redipy_command::{Bytes, Command, Result, Value};

use crate::asynchronous::AsyncBackend;
use crate::backend::{Backend, Results, Session, Subscription};
use crate::closer::Closer;
use crate::message::{Message, Topic};
use crate::request::Request;
use asynchronous::AsyncPrefix;
use namespace::Namespace;
use plan::{Plan, Planned};

/// A backend that shows the keys of another one that begin with a prefix, without it.
///
/// - Keys get the prefix; keys in replies (KEYS, SCAN, BLPOP, LMPOP, …) lose it. Errors that quote a
///   key are left as they are. Two prefixes may not be prefixes of each other, or they share keys.
/// - Channels and patterns of publish and subscribe are prefixed too. Keyspace notifications have
///   channels of the server's own, so they are not received.
/// - KEYS and SCAN see the namespace only. DBSIZE, RANDOMKEY, FLUSHDB and FLUSHALL concern the
///   namespace in the selected database and are not atomic: they go through all keys of the database
///   with SCAN. They are refused in pipelines, transactions and after MULTI.
/// - Scripts see keys without the prefix, and every key that their commands use gets it, also one
///   that they make up. A script that calls KEYS or another command on all keys is refused.
/// - Commands whose keys are not known are refused.
///
/// A prefix is a convention between users of one database, not a protection.
#[derive(Clone)]
pub struct Prefix {
    inner: Arc<dyn Backend>,
    namespace: Arc<Namespace>,
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prefix").field(&self.describe()).finish()
    }
}

impl Prefix {
    /// The keys of this backend that begin with the prefix, such as `app:`.
    pub fn new(inner: Arc<dyn Backend>, prefix: impl Into<Bytes>) -> Self {
        Self { inner, namespace: Arc::new(Namespace::new(prefix.into())) }
    }

    /// The prefix.
    pub fn prefix(&self) -> &Bytes {
        self.namespace.prefix()
    }

    fn prefixed(&self, inner: Box<dyn Subscription>) -> Box<dyn Subscription> {
        Box::new(PrefixedSubscription { inner, namespace: Arc::clone(&self.namespace) })
    }
}

impl Backend for Prefix {
    fn call(&self, request: &Request) -> Result<Value> {
        match self.namespace.plan(request)? {
            Plan::Sent(planned) => {
                self.inner.call(&planned.request).map(|reply| self.namespace.strip(planned.names, reply))
            }
            Plan::Whole(whole) => self.namespace.whole_at_once(whole, &mut |request| self.inner.call(request)),
        }
    }

    fn pipeline(&self, requests: &[Request]) -> Result<Results> {
        let plans: Vec<Result<Planned>> =
            requests.iter().map(|request| self.namespace.plan_one_of_many(request)).collect();
        let results = send(&plans, |sent| self.inner.pipeline(sent))?;
        Ok(self.namespace.strip_planned(plans, results))
    }

    fn transaction(&self, requests: &[Request]) -> Result<Results> {
        let planned = self.namespace.plan_all(requests)?;
        let results = self.inner.transaction(&planned.requests)?;
        Ok(self.namespace.strip_all(planned.names, results))
    }

    fn session(&self) -> Result<Box<dyn Session>> {
        let session = self.inner.session()?;
        Ok(Box::new(PrefixedSession { inner: session, namespace: Arc::clone(&self.namespace), queued: None }))
    }

    fn subscribe(&self, topics: &[Topic]) -> Result<Box<dyn Subscription>> {
        self.inner.subscribe(&self.namespace.topics(topics)).map(|subscription| self.prefixed(subscription))
    }

    fn subscribe_within(&self, topics: &[Topic], timeout: Duration) -> Result<Box<dyn Subscription>> {
        let subscription = self.inner.subscribe_within(&self.namespace.topics(topics), timeout);
        subscription.map(|subscription| self.prefixed(subscription))
    }

    fn asynchronous(&self) -> Option<Arc<dyn AsyncBackend>> {
        let inner = self.inner.asynchronous()?;
        Some(Arc::new(AsyncPrefix { inner, namespace: Arc::clone(&self.namespace) }))
    }

    fn describe(&self) -> String {
        format!("{} with prefix {:?}", self.inner.describe(), self.prefix())
    }
}

/// Sends what was not refused; the refusals stand in their places.
fn send(plans: &[Result<Planned>], send: impl FnOnce(&[Request]) -> Result<Results>) -> Result<Results> {
    let sent = sent(plans);
    Ok(merge(plans, if sent.is_empty() { Vec::new() } else { send(&sent)? }))
}

/// What was not refused.
fn sent(plans: &[Result<Planned>]) -> Vec<Request> {
    plans.iter().flatten().map(|planned| planned.request.clone()).collect()
}

/// The results of what was sent, with the refusals in their places.
fn merge(plans: &[Result<Planned>], results: Results) -> Results {
    let mut results = results.into_iter();
    let result = |plan: &Result<Planned>| match plan {
        Ok(_) => results.next(),
        Err(error) => Some(Err(error.clone())),
    };
    plans.iter().map_while(result).collect()
}

const DISCARD: CommandId = Discard::SPEC.id;
const EXEC: CommandId = Exec::SPEC.id;
const MULTI: CommandId = Multi::SPEC.id;

struct PrefixedSession {
    inner: Box<dyn Session>,
    namespace: Arc<Namespace>,
    /// After MULTI: where the keys will stand in the replies that EXEC gives.
    queued: Option<Vec<KeysInReply>>,
}

impl PrefixedSession {
    /// Takes the prefix off a reply, and follows the session through MULTI and EXEC.
    fn receive(&mut self, planned: &Planned, result: Result<Value>) -> Result<Value> {
        match planned.id() {
            Some(MULTI) if result.is_ok() => self.queued = Some(Vec::new()),
            Some(DISCARD) if result.is_ok() => self.queued = None,
            Some(EXEC) => {
                let names = self.queued.take().unwrap_or_default();
                let Ok(Value::Array(replies)) = result else { return result };
                let pairs = names.into_iter().zip(replies);
                return Ok(Value::Array(pairs.map(|(names, reply)| self.namespace.strip(names, reply)).collect()));
            }
            _ => {}
        }
        match (&result, &mut self.queued) {
            (Ok(Value::Status(status)), Some(queued)) if status == "QUEUED" => queued.push(planned.names),
            _ => return result.map(|reply| self.namespace.strip(planned.names, reply)),
        }
        result
    }
}

impl Session for PrefixedSession {
    fn call(&mut self, request: &Request) -> Result<Value> {
        let planned = match self.namespace.plan(request)? {
            Plan::Sent(planned) => planned,
            Plan::Whole(_) if self.queued.is_some() => self.namespace.plan_one_of_many(request)?,
            Plan::Whole(whole) => return self.namespace.whole_at_once(whole, &mut |request| self.inner.call(request)),
        };
        let result = self.inner.call(&planned.request);
        self.receive(&planned, result)
    }

    fn pipeline(&mut self, requests: &[Request]) -> Result<Results> {
        let plans: Vec<Result<Planned>> =
            requests.iter().map(|request| self.namespace.plan_one_of_many(request)).collect();
        let results = send(&plans, |sent| self.inner.pipeline(sent))?;
        let mut receive = |(plan, result): (Result<Planned>, Result<Value>)| match plan {
            Ok(planned) => self.receive(&planned, result),
            Err(_) => result,
        };
        Ok(plans.into_iter().zip(results).map(&mut receive).collect())
    }

    fn transaction(&mut self, requests: &[Request]) -> Result<Option<Results>> {
        let planned = self.namespace.plan_all(requests)?;
        let results = self.inner.transaction(&planned.requests)?;
        Ok(results.map(|results| self.namespace.strip_all(planned.names, results)))
    }
}

struct PrefixedSubscription {
    inner: Box<dyn Subscription>,
    namespace: Arc<Namespace>,
}

impl Subscription for PrefixedSubscription {
    fn subscribe(&mut self, topics: &[Topic]) -> Result<()> {
        self.inner.subscribe(&self.namespace.topics(topics))
    }

    fn unsubscribe(&mut self, topics: &[Topic]) -> Result<()> {
        self.inner.unsubscribe(&self.namespace.topics(topics))
    }

    fn closer(&self) -> Result<Closer> {
        self.inner.closer()
    }

    fn next(&mut self, timeout: Option<Duration>) -> Result<Option<Message>> {
        Ok(self.inner.next(timeout)?.map(|message| self.namespace.message(message)))
    }
}

#[cfg(test)]
mod tests;
