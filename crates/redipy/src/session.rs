//! A session: a dedicated connection.

use std::fmt;

use redipy_backend::{Request, WatchedTransaction, backend};
use redipy_command::{Command, Encoded, Execute, Executor, FromReply, Reply, Result, Value};
use redipy_script::{ExecuteScript, ReadScript, ScriptCall};

/// A dedicated connection: its database, its watched keys and its MULTI state are not shared.
///
/// ```
/// use redipy::prelude::*;
///
/// let r = redipy::connect("memory://")?;
/// r.set("balance", 10)?;
/// let mut session = r.session()?;
/// session.watch("balance")?;
/// let balance: i64 = session.get("balance")?.unwrap().parse().unwrap();
/// let mut tx = session.transaction();
/// let _ = tx.set("balance", balance - 3);
/// assert!(tx.execute()?.is_some(), "nobody else has changed it");
/// # Ok::<(), redipy::Error>(())
/// ```
pub struct Session {
    inner: Box<dyn backend::Session>,
}

impl Session {
    pub(crate) fn new(inner: Box<dyn backend::Session>) -> Self {
        Self { inner }
    }

    /// Any command by its name; after MULTI the reply is the status `QUEUED`.
    ///
    /// # Errors
    /// Errors of the command.
    pub fn raw(&mut self, command: Encoded) -> Result<Value> {
        self.inner.call(&Request::from(command))?.into_result()
    }

    /// Runs a script.
    ///
    /// # Errors
    /// Errors of the script.
    pub fn script(&mut self, call: ScriptCall) -> Result<Value> {
        self.inner.call(&Request::from(call))
    }

    /// Calls that are executed atomically, unless a watched key was changed since `watch`.
    pub fn transaction(&mut self) -> WatchedTransaction<'_> {
        WatchedTransaction::new(&mut *self.inner)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl Executor for &mut Session {
    type Output<R: Reply> = Result<R>;
}

impl ExecuteScript for &mut Session {
    type Output = Result<Value>;

    fn execute_script(self, call: ScriptCall) -> Result<Value> {
        self.script(call)
    }
}

impl ReadScript for &mut Session {
    type Read<T: FromReply> = Result<T>;

    fn read_script<T: FromReply>(self, call: ScriptCall) -> Result<T> {
        self.script(call)?.read(None)
    }
}

impl<C: Command> Execute<C> for &mut Session {
    fn call(self, command: C) -> Result<C::Reply> {
        command.check()?;
        self.inner.call(&Request::of(&command))?.reply_of(Some(C::SPEC))
    }
}
