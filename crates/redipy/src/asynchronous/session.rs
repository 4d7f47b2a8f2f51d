//! A session whose calls are awaited.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redipy_backend::asynchronous::{self, Borrowed, ready};
use redipy_backend::{AsyncWatchedTransaction, Request};
use redipy_command::{Command, Encoded, Execute, Executor, FromReply, Reply, Value};
use redipy_script::{ExecuteScript, ReadScript, ScriptCall};

use super::call::RedisFuture;

/// A connection of one's own whose calls are awaited: its database, its watched keys and its MULTI state are not shared.
///
/// One call after the other: the next can be made when the future of the last one is ready or was dropped. A call that was given up
/// is made to its end or not at all, and the session goes on; what is still at work, such as a BLPOP that blocks, keeps the next
/// call waiting. The connection is closed with the session, which ends what is at work there, unless nothing of it is left on the
/// connection.
///
/// ```
/// # use futures_executor::block_on;
/// use redipy::prelude::*;
///
/// # block_on(async {
/// let r = redipy::connect_async("memory://")?;
/// r.set("balance", 10).await?;
/// let mut session = r.session().await?;
/// session.watch("balance").await?;
/// let balance: i64 = session.get_as("balance").await?;
/// let mut tx = session.transaction();
/// let _ = tx.set("balance", balance - 3);
/// assert!(tx.execute().await?.is_some(), "nobody else has changed it");
/// # Ok::<(), redipy::Error>(())
/// # }).unwrap();
/// ```
pub struct AsyncSession {
    /// Some until it is dropped.
    inner: Option<Box<dyn asynchronous::AsyncSession>>,
    lent: Option<Lent>,
}

/// Where a session goes that was lent to somebody, when it is dropped.
#[derive(Clone, Default)]
pub(crate) struct Lent(Arc<Mutex<Option<Box<dyn asynchronous::AsyncSession>>>>);

impl Lent {
    fn slot(&self) -> MutexGuard<'_, Option<Box<dyn asynchronous::AsyncSession>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session, if it has come back, to be lent again.
    pub(crate) fn back(&self) -> Option<AsyncSession> {
        let session = self.slot().take()?;
        Some(AsyncSession::lent(session, self.clone()))
    }
}

impl Drop for AsyncSession {
    fn drop(&mut self) {
        if let Some(lent) = &self.lent {
            *lent.slot() = self.inner.take();
        }
    }
}

impl AsyncSession {
    pub(crate) fn new(inner: Box<dyn asynchronous::AsyncSession>) -> Self {
        Self { inner: Some(inner), lent: None }
    }

    pub(crate) fn lent(inner: Box<dyn asynchronous::AsyncSession>, lent: Lent) -> Self {
        Self { inner: Some(inner), lent: Some(lent) }
    }

    fn inner(&mut self) -> &mut dyn asynchronous::AsyncSession {
        self.inner.as_deref_mut().expect("a session has its connection until it is dropped")
    }

    /// Any command by its name; after MULTI the reply is the status `QUEUED`.
    pub fn raw(&mut self, command: Encoded) -> RedisFuture<'_, Value> {
        RedisFuture::read(self.request(command.into()), None)
    }

    pub(crate) fn request(&mut self, request: Request) -> Borrowed<'_, Value> {
        self.inner().call(request)
    }

    /// Runs a script.
    pub fn script(&mut self, call: ScriptCall) -> RedisFuture<'_, Value> {
        self.execute_script(call)
    }

    /// Calls that are executed atomically, unless a watched key was changed since `watch`.
    pub fn transaction(&mut self) -> AsyncWatchedTransaction<'_> {
        AsyncWatchedTransaction::asynchronous(self.inner())
    }
}

impl fmt::Debug for AsyncSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncSession").finish_non_exhaustive()
    }
}

impl<'s> Executor for &'s mut AsyncSession {
    type Output<R: Reply> = RedisFuture<'s, R>;
}

impl<'s> ExecuteScript for &'s mut AsyncSession {
    type Output = RedisFuture<'s, Value>;

    fn execute_script(self, call: ScriptCall) -> RedisFuture<'s, Value> {
        self.read_script(call)
    }
}

impl<'s> ReadScript for &'s mut AsyncSession {
    type Read<T: FromReply> = RedisFuture<'s, T>;

    fn read_script<T: FromReply>(self, call: ScriptCall) -> RedisFuture<'s, T> {
        RedisFuture::read(self.request(call.into()), None)
    }
}

impl<'s, C: Command> Execute<C> for &'s mut AsyncSession {
    fn call(self, command: C) -> RedisFuture<'s, C::Reply> {
        let reply = match command.check() {
            Ok(()) => self.request(Request::of(&command)),
            Err(error) => ready(Err(error)),
        };
        RedisFuture::later(reply, Some(C::SPEC))
    }
}
