//! The client: what a user holds.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use redipy_backend::{Backend, Pipeline, Prefix, Request, Topic, Transaction};
#[cfg(feature = "memory")]
use redipy_command::Error;
use redipy_command::transaction::Watch;
use redipy_command::{Encoded, Execute, Executor, FromReply, Kind, Reply, Result, ToArgs, ToKeys, Value};
#[cfg(feature = "memory")]
use redipy_script::Recording;
use redipy_script::{Draft, ExecuteScript, ReadScript, Script, ScriptCall};

use crate::callable::Callable;
use crate::session::Session;
use crate::subscription::Subscription;

/// A Redis, wherever its data lives. Cheap to clone; clones share the data.
///
/// ```
/// use redipy::prelude::*;
///
/// let r = redipy::connect("memory://")?;
/// let worker = r.clone();
/// std::thread::spawn(move || worker.incr("jobs")).join().unwrap()?;
/// assert_eq!(r.get("jobs")?.unwrap(), "1");
/// # Ok::<(), redipy::Error>(())
/// ```
#[derive(Clone)]
pub struct Redis {
    inner: Inner,
}

/// The place of the data. The engine is called directly; everything else through `dyn Backend`.
#[derive(Clone)]
enum Inner {
    #[cfg(feature = "memory")]
    Memory(Arc<redipy_memory::Memory>),
    Other(Arc<dyn Backend>),
}

impl Redis {
    /// A client of a backend of your own.
    pub fn from_backend(backend: Arc<dyn Backend>) -> Self {
        Self { inner: Inner::Other(backend) }
    }

    /// A client of database 0 of an engine.
    ///
    /// ```
    /// use redipy::{Redis, memory::Engine, prelude::*};
    ///
    /// let r = Redis::from_engine(Engine::builder().seed(7).build());
    /// r.set("foo", "bar")?;
    /// # Ok::<(), redipy::Error>(())
    /// ```
    #[cfg(feature = "memory")]
    pub fn from_engine(engine: redipy_memory::Engine) -> Self {
        Self::from_memory(redipy_memory::Memory::from(engine))
    }

    /// A client of any database of an engine.
    ///
    /// ```
    /// use redipy::{Redis, memory::{Engine, Memory}, prelude::*};
    ///
    /// let engine = Engine::new();
    /// Redis::from_memory(Memory::new(engine.clone(), 3)?).set("foo", "bar")?;
    /// assert_eq!(Redis::from_engine(engine).get("foo")?, None);
    /// # Ok::<(), redipy::Error>(())
    /// ```
    #[cfg(feature = "memory")]
    pub fn from_memory(memory: redipy_memory::Memory) -> Self {
        Self { inner: Inner::Memory(Arc::new(memory)) }
    }

    /// A client of the same data that puts this before every key and channel, and takes it off again in replies; see
    /// [`Builder::prefix`](crate::Builder::prefix). An empty prefix changes nothing.
    ///
    /// ```
    /// use redipy::prelude::*;
    ///
    /// let r = redipy::connect("memory://")?;
    /// r.prefixed("a:").set("cart", "apples")?;
    /// assert_eq!(r.get("a:cart")?.unwrap(), "apples");
    /// # Ok::<(), redipy::Error>(())
    /// ```
    pub fn prefixed(&self, prefix: impl AsRef<[u8]>) -> Redis {
        match prefix.as_ref() {
            b"" => self.clone(),
            prefix => Self::from_backend(Arc::new(Prefix::new(self.backend(), prefix))),
        }
    }

    /// The backend that executes the calls.
    pub fn backend(&self) -> Arc<dyn Backend> {
        match &self.inner {
            #[cfg(feature = "memory")]
            Inner::Memory(memory) => memory.clone(),
            Inner::Other(backend) => backend.clone(),
        }
    }

    fn as_backend(&self) -> &dyn Backend {
        match &self.inner {
            #[cfg(feature = "memory")]
            Inner::Memory(memory) => &**memory,
            Inner::Other(backend) => &**backend,
        }
    }

    #[cfg(feature = "memory")]
    pub(crate) fn as_memory(&self) -> Option<&redipy_memory::Memory> {
        match &self.inner {
            Inner::Memory(memory) => Some(memory),
            Inner::Other(_) => None,
        }
    }

    /// The engine that holds the data, unless it lives elsewhere.
    #[cfg(feature = "memory")]
    pub fn engine(&self) -> Option<&redipy_memory::Engine> {
        self.as_memory().map(redipy_memory::Memory::engine)
    }

    /// The database of the engine that the data is in, unless it lives elsewhere.
    #[cfg(feature = "memory")]
    pub fn database(&self) -> Option<usize> {
        self.as_memory().map(redipy_memory::Memory::db)
    }

    /// The place of the data, such as `memory://name` or `redis://127.0.0.1:6379/0`; never a password.
    pub fn describe(&self) -> String {
        self.as_backend().describe()
    }

    /// Executes a typed command, such as one of your own; see [`Callable`].
    ///
    /// # Errors
    /// Errors of the command.
    pub fn execute<C: Callable>(&self, command: C) -> Result<C::Reply> {
        self.call(command)
    }

    /// Any command by its name.
    ///
    /// ```
    /// let r = redipy::connect("memory://")?;
    /// r.command("SET").arg("answer").arg(42).query::<()>()?;
    /// let answer: i64 = r.command("GET").arg("answer").query()?;
    /// assert_eq!(answer, 42);
    /// # Ok::<(), redipy::Error>(())
    /// ```
    pub fn command(&self, name: &str) -> RawCommand<'_> {
        RawCommand::new(self, name)
    }

    /// Executes a typed command if the engine can do so without waiting for another thread, and gives it back otherwise: one
    /// that names several keys or none, or whose key is in use just now, and any command on a server.
    ///
    /// For callers that hold something that others may be waiting for, such as an event loop or Python's interpreter.
    ///
    /// ```
    /// use redipy::string::{Get, MGet};
    ///
    /// let r = redipy::connect("memory://")?;
    /// assert_eq!(r.try_call(Get { key: "none".into() }).unwrap()?, None);
    /// let several = MGet { keys: ["a", "b"].into() };
    /// assert!(r.try_call(several).is_err());
    /// # Ok::<(), redipy::Error>(())
    /// ```
    ///
    /// # Errors
    /// The command itself; inside, the errors of the command.
    #[cfg(feature = "memory")]
    #[inline(always)]
    pub fn try_call<C: redipy_memory::Run>(&self, command: C) -> redipy_memory::Attempt<C> {
        match &self.inner {
            Inner::Memory(memory) => memory.try_execute(command),
            Inner::Other(_) => Err(command),
        }
    }

    /// Checks a script and compiles it for both targets; it runs on any client. Nothing is sent.
    ///
    /// # Errors
    /// One error that lists every problem with its place in your source.
    pub fn register(&self, draft: Draft) -> Result<Script> {
        draft.compile()
    }

    /// Runs a script; see [`script`](mod@crate::script).
    ///
    /// ```
    /// use redipy::prelude::*;
    /// use redipy::script::script;
    ///
    /// let r = redipy::connect("memory://")?;
    /// let take = r.register(script(|f| {
    ///     let (stock, wanted) = (f.var("stock"), f.arg("wanted"));
    ///     f.if_(redipy::script::num(stock.get_or(0)).lt(&wanted), |t| t.returns(false));
    ///     f.add(stock.incrby(-wanted));
    ///     f.returns(true);
    /// }))?;
    /// r.set("apples", 5)?;
    /// let call = take.key("stock", "apples").arg("wanted", 3);
    /// assert!(r.script(call.clone())?.decode::<bool>()?);
    /// assert!(!r.script(call)?.decode::<bool>()?);
    /// # Ok::<(), redipy::Error>(())
    /// ```
    ///
    /// # Errors
    /// Errors of the script.
    pub fn script(&self, call: ScriptCall) -> Result<Value> {
        self.as_backend().call(&Request::from(call))
    }

    /// Runs a script on the engine and gives, with its result, every command that it called, in order: the line of your
    /// source, the arguments and the reply.
    ///
    /// ```
    /// use redipy::prelude::*;
    /// use redipy::script::script;
    ///
    /// let r = redipy::connect("memory://")?;
    /// let push = r.register(script(|f| f.returns(f.list("l").rpush("x"))))?;
    /// let (result, trace) = r.trace(&push.key("l", "letters"))?;
    /// assert_eq!(result?, redipy::Value::Int(1));
    /// assert!(trace.to_string().ends_with("RPUSH \"letters\" \"x\" -> 1\n"), "{trace}");
    /// # Ok::<(), redipy::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Kind::Unsupported`](crate::Kind::Unsupported) where the data lives elsewhere: a server does not tell.
    #[cfg(feature = "memory")]
    pub fn trace(&self, call: &ScriptCall) -> Result<(Result<Value>, Recording)> {
        match &self.inner {
            Inner::Memory(memory) => Ok(memory.trace(call)),
            Inner::Other(_) => {
                let why = "a script can be traced on the engine only: connect to memory:// to watch it";
                Err(Error::new(Kind::Unsupported, why))
            }
        }
    }

    /// Calls that are sent together, each with a reply or an error of its own.
    ///
    /// ```
    /// use redipy::prelude::*;
    ///
    /// let r = redipy::connect("memory://")?;
    /// let mut pipe = r.pipeline();
    /// let pushed = pipe.rpush("l", ["a", "b"]);
    /// let wrong = pipe.get("l");
    /// let range = pipe.lrange("l", 0, -1);
    /// let mut replies = pipe.execute()?;
    /// assert_eq!(replies.take(pushed)?, 2);
    /// assert_eq!(replies.take(wrong).unwrap_err().kind(), redipy::Kind::WrongType);
    /// assert_eq!(replies.take(range)?.len(), 2);
    /// # Ok::<(), redipy::Error>(())
    /// ```
    pub fn pipeline(&self) -> Pipeline {
        Pipeline::new(self.backend())
    }

    /// Calls that are executed atomically: all of them, without any other in between.
    ///
    /// ```
    /// use redipy::prelude::*;
    ///
    /// let r = redipy::connect("memory://")?;
    /// r.set("from", 10)?;
    /// let mut tx = r.transaction();
    /// let left = tx.decrby("from", 3);
    /// let _ = tx.incrby("to", 3);
    /// let mut replies = tx.execute()?;
    /// assert_eq!(replies.take(left)?, 7);
    /// # Ok::<(), redipy::Error>(())
    /// ```
    pub fn transaction(&self) -> Transaction {
        Transaction::new(self.backend())
    }

    /// A transaction that depends on what keys hold: watches them, has `work` read them and execute a transaction of its session,
    /// and does that again for as long as somebody else changes one of the keys in between.
    ///
    /// `work` gives what the transaction gave; `None`, as of one that was not executed, means once more.
    ///
    /// ```
    /// use redipy::prelude::*;
    ///
    /// let r = redipy::connect("memory://")?;
    /// r.set("stock", 10)?;
    /// let taken = r.transaction_on("stock", |session| {
    ///     let stock: i64 = session.get_as("stock")?;
    ///     let taken = stock.min(3);
    ///     let mut tx = session.transaction();
    ///     let _ = tx.set("stock", stock - taken);
    ///     Ok(tx.execute()?.map(|_| taken))
    /// })?;
    /// assert_eq!((taken, r.get_as::<i64>("stock")?), (3, 7));
    /// # Ok::<(), redipy::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of the connection, and what `work` gives.
    pub fn transaction_on<T>(
        &self,
        keys: impl ToKeys,
        mut work: impl FnMut(&mut Session) -> Result<Option<T>>,
    ) -> Result<T> {
        let (keys, mut session) = (keys.to_keys(), self.session()?);
        loop {
            session.call(Watch { keys: keys.clone() })?;
            if let Some(done) = work(&mut session)? {
                return Ok(done);
            }
        }
    }

    /// Opens a dedicated connection, for SELECT and for transactions that watch keys.
    ///
    /// # Errors
    /// Errors of the connection.
    pub fn session(&self) -> Result<Session> {
        self.as_backend().session().map(Session::new)
    }

    /// Listens to channels; [`Subscription::psubscribe`] adds patterns.
    ///
    /// ```
    /// use redipy::prelude::*;
    ///
    /// let r = redipy::connect("memory://")?;
    /// let mut news = r.subscribe("news")?;
    /// r.publish("news", "hello")?;
    /// assert_eq!(news.recv()?.payload, "hello");
    /// # Ok::<(), redipy::Error>(())
    /// ```
    ///
    /// # Errors
    /// Errors of the connection.
    pub fn subscribe(&self, channels: impl ToArgs) -> Result<Subscription> {
        self.subscribe_to(&crate::subscription::topics(&channels, Topic::Channel))
    }

    /// Listens to the channels that match glob patterns.
    ///
    /// # Errors
    /// Errors of the connection.
    pub fn psubscribe(&self, patterns: impl ToArgs) -> Result<Subscription> {
        self.subscribe_to(&crate::subscription::topics(&patterns, Topic::Pattern))
    }

    fn subscribe_to(&self, topics: &[Topic]) -> Result<Subscription> {
        self.as_backend().subscribe(topics).map(|inner| Subscription::new(inner, topics))
    }

    /// Waits until `predicate` holds: it is asked at once, after every message on `channel`, and
    /// when the time is over. Tells whether it held.
    ///
    /// The channel is listened to before the predicate is first asked, so that no message is missed.
    ///
    /// ```
    /// use redipy::prelude::*;
    /// use std::time::Duration;
    ///
    /// let r = redipy::connect("memory://")?;
    /// let other = r.clone();
    /// let sender = std::thread::spawn(move || {
    ///     other.set("done", 1)?;
    ///     other.publish("changes", "done")
    /// });
    /// let done = r.wait_for("changes", || Ok(r.exists("done")? == 1), Duration::from_secs(10))?;
    /// assert!(done);
    /// # sender.join().unwrap()?;
    /// # Ok::<(), redipy::Error>(())
    /// ```
    ///
    /// # Errors
    /// Errors of the predicate and of the connection.
    pub fn wait_for(
        &self,
        channel: impl ToArgs,
        mut predicate: impl FnMut() -> Result<bool>,
        timeout: Duration,
    ) -> Result<bool> {
        let start = Instant::now();
        let topics = crate::subscription::topics(&channel, Topic::Channel);
        let mut messages = match self.as_backend().subscribe_within(&topics, timeout) {
            // The time was over before the channel was listened to.
            Err(error) if error.kind() == Kind::Timeout => return predicate(),
            messages => messages?,
        };
        loop {
            if predicate()? {
                return Ok(true);
            }
            let left = timeout.saturating_sub(start.elapsed());
            if left.is_zero() || messages.next(Some(left))?.is_none() {
                return predicate();
            }
        }
    }
}

/// Shows the place of the data, without a password.
impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Redis").field(&self.describe()).finish()
    }
}

impl Executor for &Redis {
    type Output<R: Reply> = Result<R>;
}

impl ExecuteScript for &Redis {
    type Output = Result<Value>;

    fn execute_script(self, call: ScriptCall) -> Result<Value> {
        self.script(call)
    }
}

impl ReadScript for &Redis {
    type Read<T: FromReply> = Result<T>;

    fn read_script<T: FromReply>(self, call: ScriptCall) -> Result<T> {
        self.script(call)?.read(None)
    }
}

impl<C: Callable> Execute<C> for &Redis {
    // A part of the method that is called, which knows more of the command than any caller: that it has no options, say.
    #[inline(always)]
    fn call(self, command: C) -> Result<C::Reply> {
        match &self.inner {
            #[cfg(feature = "memory")]
            Inner::Memory(memory) => command.execute_on(memory),
            Inner::Other(backend) => call_through(&**backend, command),
        }
    }
}

/// Encodes a typed command, sends it and reads its reply. It takes the command for itself, never inlined, so that a call of
/// the engine can keep the same command in registers.
#[inline(never)]
pub(crate) fn call_through<C: redipy_command::Command>(backend: &dyn Backend, command: C) -> Result<C::Reply> {
    command.check()?;
    backend.call(&Request::of(&command))?.reply_of(Some(C::SPEC))
}

/// A command by its name, with arguments to be added.
#[derive(Debug)]
#[must_use = "a command does nothing until it is queried"]
pub struct RawCommand<'r, R = Redis> {
    pub(crate) client: &'r R,
    pub(crate) command: Encoded,
}

impl<'r, R> RawCommand<'r, R> {
    pub(crate) fn new(client: &'r R, name: &str) -> Self {
        Self { client, command: Encoded::raw(name.as_bytes()) }
    }

    /// Adds an argument, or several: `.arg("key")`, `.arg(&members)`.
    pub fn arg(mut self, arg: impl ToArgs) -> Self {
        self.command = self.command.arg(arg);
        self
    }
}

impl RawCommand<'_> {
    /// Executes the command and reads its reply as `T`: `()`, `i64`, `Option<String>`, `Vec<(String, f64)>`, `Value`, …, or a
    /// type of your own that implements serde's `Deserialize`.
    ///
    /// # Errors
    /// Errors of the command; `Decode` when the reply cannot be read as `T`.
    pub fn query<T: FromReply>(self) -> Result<T> {
        let spec = self.command.spec();
        self.client.as_backend().call(&Request::from(self.command))?.read(spec)
    }
}
