//! A dedicated connection, and the state that it has to lose before others may use it.

use std::sync::Arc;
use std::time::Duration;

use redipy_backend::backend::Results;
use redipy_backend::{Place, Request, RequestRef, Requests, Session};
use redipy_command::spec::{CommandId, SessionUse};
use redipy_command::transaction::{Discard, Exec, Multi, Unwatch, Watch};
use redipy_command::{Command, EncodedRef, Result, Value, texts};

use crate::batch::{Batch, Scripts};
use crate::failure::{self, Lost, is_idempotent};
use crate::link::Link;
use crate::pool::Pool;
use crate::refuse::{check, merge, permitted, refusals};
use crate::time_limit::TimeLimit;
use crate::{exchange, transaction};

const DISCARD: CommandId = Discard::SPEC.id;
const EXEC: CommandId = Exec::SPEC.id;
const MULTI: CommandId = Multi::SPEC.id;
const UNWATCH: CommandId = Unwatch::SPEC.id;
const WATCH: CommandId = Watch::SPEC.id;

/// A leased connection. It goes back to the pool if nothing of the session is left on it, and is
/// closed otherwise.
pub(crate) struct RemoteSession {
    pool: Arc<Pool>,
    link: Option<Link>,
    state: SessionState,
}

/// The state that the server keeps for this connection.
#[derive(Debug, Default)]
pub(crate) struct SessionState {
    /// The requests that are queued, after MULTI.
    queued: Option<Requests>,
    /// Keys are watched.
    watching: bool,
    /// Any other state that other users would not expect: another database, another user.
    changed: bool,
}

impl SessionState {
    /// Whether what is sent is queued.
    pub(crate) fn is_queueing(&self) -> bool {
        self.queued.is_some()
    }

    /// Whether it makes no difference if this request is executed twice. What is queued and not executed yet is lost with the
    /// connection.
    pub(crate) fn is_idempotent(&self, request: RequestRef<'_>) -> bool {
        is_idempotent(request) || (self.is_queueing() && !is_exec(request))
    }

    /// How a script is sent.
    pub(crate) fn scripts(&self) -> Scripts {
        if self.is_queueing() { Scripts::WithText } else { Scripts::ByDigest }
    }

    /// Refuses a transaction of these requests where there is one already, or one of them does not belong there.
    pub(crate) fn check_transaction(&self, requests: &Requests) -> Result<()> {
        if self.is_queueing() {
            return texts::fail(texts::NESTED_MULTI);
        }
        requests.iter().try_for_each(|request| check(request, Place::SessionTransaction))
    }

    /// Notes that a transaction of these requests was answered.
    pub(crate) fn transacted(&mut self, requests: &Requests) {
        self.watching = false;
        self.changed |= requests.iter().filter_map(RequestRef::command).any(changes);
    }

    /// Notes what this request did, and decodes its reply.
    pub(crate) fn receive(&mut self, request: RequestRef<'_>, reply: Value) -> Result<Value> {
        let refused = matches!(reply, Value::Error(_));
        if let RequestRef::Command(command) = request {
            self.changed |= changes(command);
            match command.spec().map(|spec| spec.id) {
                Some(MULTI) if !refused && self.queued.is_none() => self.queued = Some(Requests::default()),
                // EXEC ends the transaction also when it fails.
                Some(EXEC) => return self.execute(reply),
                Some(DISCARD) if !refused => (self.queued, self.watching) = (None, false),
                Some(WATCH) if !refused && self.queued.is_none() => self.watching = true,
                Some(UNWATCH) if !refused && self.queued.is_none() => self.watching = false,
                _ => {}
            }
        }
        match (&reply, &mut self.queued) {
            (Value::Status(status), Some(queued)) if status == "QUEUED" => {
                queued.push_ref(request);
                Ok(reply)
            }
            _ => request.decode(reply),
        }
    }

    /// Decodes the replies of what was queued.
    fn execute(&mut self, reply: Value) -> Result<Value> {
        self.watching = false;
        let queued = self.queued.take().unwrap_or_default();
        match reply.into_result()? {
            Value::Array(replies) => {
                let results = transaction::results(&queued, replies).into_iter();
                Ok(Value::Array(results.map(|result| result.unwrap_or_else(Value::Error)).collect()))
            }
            other => Ok(other),
        }
    }

    /// Whether nothing is left on the connection that others would not expect.
    pub(crate) fn is_clean(&self) -> bool {
        !(self.queued.is_some() || self.watching || self.changed)
    }
}

/// Returns whether the command leaves state behind that [`SessionState`] does not follow.
fn changes(command: EncodedRef<'_>) -> bool {
    !matches!(command.handling().session, None | Some(SessionUse::Transaction))
}

impl RemoteSession {
    pub(crate) fn new(pool: Arc<Pool>, link: Link) -> Self {
        Self { pool, link: Some(link), state: SessionState::default() }
    }

    /// The time limit of a call that sends this batch: its own, or that of the configuration.
    fn time_limit(&self, batch: &Batch, timeout: Option<Duration>) -> TimeLimit {
        batch.block().time_limit(timeout.or(self.pool.config().response_timeout))
    }

    /// Works with the connection. When it is lost, so is the session: database, watched keys and
    /// queue were the connection's.
    fn with_link<T>(
        &mut self,
        idempotent: bool,
        work: impl FnOnce(&mut Link) -> std::result::Result<T, Lost>,
    ) -> Result<T> {
        let Some(link) = &mut self.link else {
            return Err(failure::session_lost(self.pool.config()));
        };
        let done = work(link);
        if !link.is_usable() {
            self.link = None;
        }
        done.map_err(|lost| {
            self.pool.lost(&lost);
            lost.into_error(idempotent)
        })
    }
}

impl Session for RemoteSession {
    fn call(&mut self, request: &Request) -> Result<Value> {
        let (request, timeout) = (request.as_ref(), request.response_timeout());
        check(request, Place::Session)?;
        let (queueing, idempotent) = (self.state.is_queueing(), self.state.is_idempotent(request));
        let batch = Batch::of(request, self.state.scripts())?;
        let mut time_limit = self.time_limit(&batch, timeout);
        let reply = self.with_link(idempotent, |link| {
            if queueing {
                link.exchange(&batch, &mut time_limit).one()
            } else {
                exchange::call(link, request, &batch, &mut time_limit)
            }
        })?;
        self.state.receive(request, reply)
    }

    fn pipeline(&mut self, requests: &Requests) -> Result<Results> {
        let refusals = refusals(requests, Place::Session);
        let sent = permitted(requests, &refusals);
        if sent.is_empty() {
            return Ok(merge(refusals, std::iter::empty()));
        }
        let idempotent = sent.iter().copied().all(is_idempotent);
        let batch = Batch::of_all(sent.iter().copied())?;
        let mut time_limit = self.time_limit(&batch, requests.response_timeout());
        let replies =
            self.with_link(idempotent, |link| exchange::results(&sent, link.exchange(&batch, &mut time_limit)))?;
        let receive = |(request, reply): (&RequestRef<'_>, Result<Value>)| self.state.receive(*request, reply?);
        Ok(merge(refusals, sent.iter().zip(replies).map(receive)))
    }

    fn transaction(&mut self, requests: &Requests) -> Result<Option<Results>> {
        self.state.check_transaction(requests)?;
        let idempotent = requests.iter().all(is_idempotent);
        let batch = Batch::transaction(requests)?;
        let mut time_limit = self.time_limit(&batch, requests.response_timeout());
        let outcome = self.with_link(idempotent, |link| {
            transaction::outcome(link.exchange(&batch, &mut time_limit), requests.len())
        })?;
        self.state.transacted(requests);
        Ok(outcome?.map(|replies| transaction::results(requests, replies)))
    }
}

impl Drop for RemoteSession {
    fn drop(&mut self) {
        if let Some(link) = self.link.take().filter(|_| self.state.is_clean()) {
            self.pool.give_back(link);
        }
    }
}

fn is_exec(request: RequestRef<'_>) -> bool {
    request.command().and_then(EncodedRef::spec).is_some_and(|spec| spec.id == EXEC)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use redipy_command::{Encoded, Kind};
    use redipy_conformance::fake::{Act, Fake, Manners};

    fn state_after(commands: &[&str]) -> SessionState {
        let mut state = SessionState::default();
        for text in commands {
            let mut words = text.split(' ');
            let name = Encoded::raw(words.next().unwrap_or_default().as_bytes());
            let command = Request::from(words.fold(name, Encoded::arg));
            let command = command.as_ref();
            let queued = state.queued.is_some() && !is_exec(command) && *text != "DISCARD";
            let reply = if queued { Value::Status("QUEUED".into()) } else { Value::OK };
            state.receive(command, reply).expect("no error");
        }
        state
    }

    #[test]
    fn only_a_clean_connection_goes_back() {
        let clean = |commands: &[&str]| state_after(commands).is_clean();
        assert!(clean(&["GET a", "WATCH a", "MULTI", "SET a b", "EXEC"]));
        assert!(clean(&["watch a", "unwatch"]));
        assert!(clean(&["MULTI", "DISCARD"]));
        assert!(!clean(&["WATCH a"]));
        assert!(!clean(&["MULTI", "SET a b"]));
        assert!(!clean(&["SELECT 1"]));
        assert!(!clean(&["MULTI", "SELECT 1", "EXEC"]));
        assert!(!clean(&["client setname x"]));
        assert!(clean(&["CLIENT ID"]));
    }

    #[test]
    fn a_fork_neither_uses_nor_keeps_what_it_inherited() {
        let fake = Fake::start(|_| Manners::new().on("GET", [Act::Echo]));
        let pool = Arc::new(Pool::new(Config::tcp("127.0.0.1", fake.port())));
        let inherited = || {
            let mut link = pool.open().expect("a connection");
            link.inherit();
            RemoteSession::new(Arc::clone(&pool), link)
        };
        let get = Request::from(Encoded::raw(b"GET").arg("a"));
        let error = inherited().call(&get).expect_err("the parent's connection");
        assert_eq!((error.kind(), error.may_have_run()), (Kind::Connection, false));
        assert!(error.message().contains("forked"), "{error}");
        drop(inherited());
        assert!(pool.idle(true).expect("no error").is_none());
        assert_eq!(fake.count("GET"), 0);
        drop(RemoteSession::new(Arc::clone(&pool), pool.open().expect("a connection")));
        assert!(pool.idle(true).expect("no error").is_some());
    }
}
