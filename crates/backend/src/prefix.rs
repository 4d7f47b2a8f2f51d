//! A namespace: a backend that puts a prefix before every key, and takes it off again in replies.
//!
//! What is rewritten is in `prefix/namespace.rs`, how a request is carried out in `prefix/plan.rs`, what concerns all keys of the
//! namespace at once in `prefix/whole.rs`.

mod namespace;
mod plan;
mod whole;

use std::sync::Arc;

use redipy_command::spec::{CommandId, KeysInReply};
use redipy_command::transaction::{Discard, Exec, Multi};
use redipy_command::{Bytes, Command, Error, Kind, Result, Value};

pub use self::namespace::Namespace;
use self::plan::{Plan, Planned};
use crate::backend::Backend;
use crate::layer::{Io, Layer, Layered};
use crate::message::{Message, Topic};
use crate::request::{RequestRef, Requests, Results, exactly};

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
pub type Prefix = Layered<Namespace>;

impl Prefix {
    /// The keys of this backend that begin with the prefix, such as `app:`.
    pub fn new(inner: Arc<dyn Backend>, prefix: impl Into<Bytes>) -> Self {
        Self::over(inner, Namespace::new(prefix.into()))
    }

    /// The prefix.
    pub fn prefix(&self) -> &Bytes {
        self.layer.prefix()
    }
}

impl Layer for Namespace {
    type Session = Queued;

    async fn call(&self, mut session: Option<&mut Queued>, request: RequestRef<'_>, io: &mut impl Io) -> Result<Value> {
        let is_queued = session.as_ref().is_some_and(|queued| queued.names.is_some());
        let (request, planned) = match self.plan(request)? {
            Plan::Sent(request, planned) => (request, planned),
            Plan::Whole(whole) if is_queued => return Err(whole.is_no_single_command()),
            Plan::Whole(whole) => return self.whole(whole, io).await,
        };
        Queued::begin(session.as_deref_mut(), [planned])?;
        let result = io.call(request).await;
        self.receive(session, planned, result)
    }

    async fn pipeline(
        &self,
        mut session: Option<&mut Queued>,
        requests: &Requests,
        io: &mut impl Io,
    ) -> Result<Results> {
        let mut sent = Requests::default().with_response_timeout(requests.response_timeout());
        let plans: Vec<Result<Planned>> =
            requests.iter().map(|request| self.plan_one_of_many(request, &mut sent)).collect();
        Queued::begin(session.as_deref_mut(), plans.iter().flatten().copied())?;
        let count = sent.len();
        let mut results = exactly(count, if count == 0 { Vec::new() } else { io.pipeline(sent).await? });
        let receive = |plan: Result<Planned>| {
            self.receive(session.as_deref_mut(), plan?, results.next().unwrap_or(Ok(Value::Null)))
        };
        Ok(plans.into_iter().map(receive).collect())
    }

    async fn transaction(&self, requests: &Requests, io: &mut impl Io) -> Result<Option<Results>> {
        let mut sent = Requests::default().with_response_timeout(requests.response_timeout());
        let plans =
            requests.iter().map(|request| self.plan_one_of_many(request, &mut sent)).collect::<Result<Vec<_>>>()?;
        let Some(results) = io.transaction(sent).await? else { return Ok(None) };
        let strip = |(plan, result): (Planned, Result<Value>)| result.map(|reply| self.strip(plan.names, reply));
        Ok(Some(plans.into_iter().zip(results).map(strip).collect()))
    }

    fn topics(&self, topics: &[Topic]) -> Vec<Topic> {
        self.prefixed_topics(topics)
    }

    fn message(&self, message: Message) -> Message {
        self.stripped_message(message)
    }

    fn describe(&self, inner: &str) -> String {
        format!("{inner} with prefix {:?}", self.prefix())
    }
}

const DISCARD: CommandId = Discard::SPEC.id;
const EXEC: CommandId = Exec::SPEC.id;
const MULTI: CommandId = Multi::SPEC.id;

/// The state of a session.
#[derive(Debug, Default)]
pub struct Queued {
    /// The positions of keys in the replies of EXEC, after MULTI.
    names: Option<Vec<KeysInReply>>,
    /// A reply that matters for that has not come. Only a future can be given up before it does.
    in_doubt: bool,
}

impl Queued {
    /// These are sent now in a session.
    ///
    /// # Errors
    /// `Connection` where it is open what EXEC will give.
    fn begin(session: Option<&mut Self>, planned: impl IntoIterator<Item = Planned>) -> Result<()> {
        let Some(queued) = session else { return Ok(()) };
        if queued.in_doubt {
            let text = "a call of this session was given up in a transaction that began with MULTI, so it is open what was \
                        queued: open another session, or use `transaction()`";
            return Err(Error::new(Kind::Connection, text));
        }
        queued.in_doubt = queued.names.is_some() || planned.into_iter().any(|planned| planned.id == Some(MULTI));
        Ok(())
    }
}

impl Namespace {
    /// Removes the prefix from a reply, and follows a session through MULTI and EXEC.
    fn receive(&self, session: Option<&mut Queued>, planned: Planned, result: Result<Value>) -> Result<Value> {
        let strip = |reply| self.strip(planned.names, reply);
        let Some(Queued { names: queued, in_doubt }) = session else { return result.map(strip) };
        *in_doubt = false;
        match planned.id {
            Some(MULTI) if result.is_ok() => *queued = Some(Vec::new()),
            Some(DISCARD) if result.is_ok() => *queued = None,
            Some(EXEC) => {
                let names = queued.take().unwrap_or_default();
                let Ok(Value::Array(replies)) = result else { return result };
                let pairs = names.into_iter().zip(replies);
                return Ok(Value::Array(pairs.map(|(names, reply)| self.strip(names, reply)).collect()));
            }
            _ => {}
        }
        match (&result, queued) {
            (Ok(Value::Status(status)), Some(queued)) if status == "QUEUED" => queued.push(planned.names),
            _ => return result.map(strip),
        }
        result
    }
}

#[cfg(test)]
mod tests;
