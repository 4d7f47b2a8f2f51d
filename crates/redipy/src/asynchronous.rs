//! The client whose calls are awaited.

pub(crate) mod call;
mod scan_stream;
mod session;
mod subscription;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use redipy_backend::asynchronous::{Pending, ready};
use redipy_backend::{AsyncBackend, AsyncPipeline, AsyncTransaction, Backend, Request, Topic};
use redipy_command::{Encoded, Error, Execute, Executor, FromReply, Kind, Reply, Result, ToArgs, ToKeys, Value};
use redipy_script::{Draft, ExecuteScript, ReadScript, Script, ScriptCall};

use crate::builder::{Builder, builder};
use crate::callable::Callable;
use crate::client::{RawCommand, Redis};
pub use call::RedisFuture;
pub use scan_stream::ScanStream;
pub use session::AsyncSession;
use session::Lent;
pub use subscription::AsyncSubscription;

/// A client of what this URL names, whose calls are awaited; see [`connect`](crate::connect), which takes the same URLs.
///
/// There is nothing to wait for: a server is connected to when it is first called.
///
/// # Errors
/// `Config` for a URL that is wrong.
///
/// ```
/// # use futures_executor::block_on;
/// use redipy::prelude::*;
///
/// # block_on(async {
/// let r = redipy::connect_async("memory://")?; // or "redis://127.0.0.1:6379/0": nothing else changes
/// r.set("foo", "bar").await?;
/// assert_eq!(r.get("foo").await?.unwrap(), "bar");
/// # Ok::<(), redipy::Error>(())
/// # }).unwrap();
/// ```
pub fn connect_async(url: &str) -> Result<AsyncRedis> {
    builder(url).connect_async()
}

impl Builder {
    /// The client whose calls are awaited.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub fn connect_async(self) -> Result<AsyncRedis> {
        self.connect()?.asynchronous()
    }
}

impl RawCommand<'_, AsyncRedis> {
    /// Executes the command; the future gives its reply, read as `T`: `()`, `i64`, `Option<String>`, `Vec<(String, f64)>`,
    /// `Value`, …, or a type of your own that implements serde's `Deserialize`.
    pub fn query<T: FromReply>(self) -> RedisFuture<'static, T> {
        self.client.send(self.command)
    }
}

/// A Redis whose calls are awaited, wherever its data lives. Cheap to clone; clones share the data.
///
/// It has the methods of [`Redis`], which give futures:
///
/// ```
/// # use futures_executor::block_on;
/// use redipy::prelude::*;
///
/// # block_on(async {
/// let r = redipy::connect_async("memory://")?;
/// let (one, two) = (r.incr("jobs"), r.incr("jobs"));
/// assert_eq!((two.await?, one.await?), (2, 1));
/// # Ok::<(), redipy::Error>(())
/// # }).unwrap();
/// ```
///
/// # When a call runs, and what is open
/// - A call **begins when the method is called**, in the order of these calls; awaiting its future gives the reply. What the
///   call borrows is needed only until the method returns, so its future can be kept and sent to other tasks and threads.
/// - **Dropping the future** gives up the reply, and everything else goes on as before: the next call gets its own reply. What is
///   open is whether the command ran. In this process it has run, unless it had to wait for its data; then it does so only if
///   it had begun. On a server it has not run if it was not sent yet; otherwise it may have, and so may what was dropped while
///   it blocked there, such as BLPOP.
/// - A pipeline, a transaction and a script are one call each: a transaction that is given up runs as a whole or not at all.
///
/// # Runtimes
/// Data in this process needs none: any executor does, and most futures are ready when they are made. A call that finds its data
/// taken and a script with a loop are made by a thread.
///
/// Servers are talked to by tokio: in a runtime of tokio with its I/O and time enabled by that one, with a connection for each
/// runtime; everywhere else by a thread that the library has for that. A future may be awaited anywhere.
#[derive(Clone)]
pub struct AsyncRedis {
    /// The same data, for those who wait.
    redis: Redis,
    backend: Arc<dyn AsyncBackend>,
}

impl AsyncRedis {
    /// A client of a backend of your own, if that has a half for callers that do not wait.
    ///
    /// # Errors
    /// `Unsupported` if it has none.
    pub fn from_backend(backend: Arc<dyn Backend>) -> Result<Self> {
        Self::of(Redis::from_backend(backend))
    }

    /// A client of database 0 of an engine.
    ///
    /// ```
    /// # use futures_executor::block_on;
    /// use redipy::{AsyncRedis, memory::Engine, prelude::*};
    ///
    /// let r = AsyncRedis::from_engine(Engine::builder().seed(7).build());
    /// block_on(r.set("foo", "bar"))?;
    /// # Ok::<(), redipy::Error>(())
    /// ```
    #[cfg(feature = "memory")]
    pub fn from_engine(engine: redipy_memory::Engine) -> Self {
        Self::from_memory(redipy_memory::Memory::from(engine))
    }

    /// A client of any database of an engine.
    #[cfg(feature = "memory")]
    pub fn from_memory(memory: redipy_memory::Memory) -> Self {
        Self { backend: Arc::new(memory.clone()), redis: Redis::from_memory(memory) }
    }

    fn of(redis: Redis) -> Result<Self> {
        match redis.backend().asynchronous() {
            Some(backend) => Ok(Self { redis, backend }),
            None => {
                let text =
                    format!("{} has nothing for callers that do not wait: call it with `Redis`", redis.describe());
                Err(Error::new(Kind::Unsupported, text))
            }
        }
    }

    /// A client of the same data whose calls wait in their thread.
    pub fn blocking(&self) -> &Redis {
        &self.redis
    }

    /// The backend that executes the calls.
    pub fn backend(&self) -> &Arc<dyn AsyncBackend> {
        &self.backend
    }

    /// A client of the same data that puts this before every key and channel, and takes it off again in replies; see
    /// [`Builder::prefix`](crate::Builder::prefix).
    ///
    /// # Errors
    /// None, unless a backend of your own has lost its half for callers that do not wait.
    pub fn prefixed(&self, prefix: impl AsRef<[u8]>) -> Result<AsyncRedis> {
        Self::of(self.redis.prefixed(prefix))
    }

    /// What the data lives in, such as `memory://name` or `redis://127.0.0.1:6379/0`; never a password.
    pub fn describe(&self) -> String {
        self.redis.describe()
    }

    /// Executes a typed command, such as one of your own; see [`Callable`].
    pub fn execute<C: Callable>(&self, command: C) -> RedisFuture<'static, C::Reply> {
        self.call(command)
    }

    /// Any command by its name.
    ///
    /// ```
    /// # use futures_executor::block_on;
    /// # block_on(async {
    /// let r = redipy::connect_async("memory://")?;
    /// r.command("SET").arg("answer").arg(42).query::<()>().await?;
    /// let answer: i64 = r.command("GET").arg("answer").query().await?;
    /// assert_eq!(answer, 42);
    /// # Ok::<(), redipy::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn command(&self, name: &str) -> RawCommand<'_, AsyncRedis> {
        RawCommand::new(self, name)
    }

    /// Checks a script and compiles it for both targets; it runs on any client. Nothing is sent.
    ///
    /// # Errors
    /// One error that lists every problem with its place in your source.
    pub fn register(&self, draft: Draft) -> Result<Script> {
        draft.compile()
    }

    /// Runs a script; `call.query::<T>(&r)` reads its result as a `T`.
    ///
    /// ```
    /// # use futures_executor::block_on;
    /// use redipy::prelude::*;
    /// use redipy::script::script;
    ///
    /// # block_on(async {
    /// let r = redipy::connect_async("memory://")?;
    /// let hit = r.register(script(|f| f.returns(f.var("hits").incr())))?;
    /// assert_eq!(r.script(hit.key("hits", "page")).await?, redipy::Value::Int(1));
    /// assert_eq!(hit.key("hits", "page").query::<u64>(&r).await?, 2);
    /// # Ok::<(), redipy::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn script(&self, call: ScriptCall) -> RedisFuture<'static, Value> {
        self.execute_script(call)
    }

    /// Calls that are sent together, each with a reply or an error of its own.
    ///
    /// ```
    /// # use futures_executor::block_on;
    /// use redipy::prelude::*;
    ///
    /// # block_on(async {
    /// let r = redipy::connect_async("memory://")?;
    /// let mut pipe = r.pipeline();
    /// let (pushed, range) = (pipe.rpush("l", ["a", "b"]), pipe.lrange("l", 0, -1));
    /// let mut replies = pipe.execute().await?;
    /// assert_eq!(replies.take(pushed)?, 2);
    /// assert_eq!(replies.take(range)?, ["a", "b"]);
    /// # Ok::<(), redipy::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn pipeline(&self) -> AsyncPipeline {
        AsyncPipeline::asynchronous(Arc::clone(&self.backend))
    }

    /// Calls that are executed atomically: all of them, without any other in between.
    ///
    /// ```
    /// # use futures_executor::block_on;
    /// use redipy::prelude::*;
    ///
    /// # block_on(async {
    /// let r = redipy::connect_async("memory://")?;
    /// let mut tx = r.transaction();
    /// let (_, to) = (tx.decrby("from", 3), tx.incrby("to", 3));
    /// assert_eq!(tx.execute().await?.take(to)?, 3);
    /// # Ok::<(), redipy::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn transaction(&self) -> AsyncTransaction {
        AsyncTransaction::asynchronous(Arc::clone(&self.backend))
    }

    /// A transaction that depends on what keys hold: watches them, has `work` read them and execute a transaction of its session,
    /// and does that again for as long as somebody else changes one of the keys in between.
    ///
    /// `work` gets the session and gives what the transaction gave; `None`, as of one that was not executed, means once more.
    ///
    /// ```
    /// # use futures_executor::block_on;
    /// use redipy::prelude::*;
    ///
    /// # block_on(async {
    /// let r = redipy::connect_async("memory://")?;
    /// r.set("stock", 10).await?;
    /// let taken = r.transaction_on("stock", async |mut session| {
    ///     let stock: i64 = session.get_as("stock").await?;
    ///     let taken = stock.min(3);
    ///     let mut tx = session.transaction();
    ///     let _ = tx.set("stock", stock - taken);
    ///     Ok(tx.execute().await?.map(|_| taken))
    /// });
    /// assert_eq!(taken.await?, 3);
    /// # Ok::<(), redipy::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// Those of the connection, and what `work` gives.
    pub async fn transaction_on<T, F>(&self, keys: impl ToKeys, mut work: impl FnMut(AsyncSession) -> F) -> Result<T>
    where
        F: Future<Output = Result<Option<T>>>,
    {
        let keys = keys.to_keys();
        let watch = keys.iter().fold(Encoded::raw(b"WATCH"), |watch, key| watch.arg(key.as_bytes()));
        let (watch, lent) = (Request::from(watch), Lent::default());
        drop(keys);
        loop {
            let mut session = match lent.back() {
                Some(session) => session,
                None => AsyncSession::lent(self.backend.session().await?, lent.clone()),
            };
            session.request(watch.clone()).await?;
            if let Some(done) = work(session).await? {
                return Ok(done);
            }
        }
    }

    /// A connection of one's own, for SELECT and for transactions that watch keys.
    pub fn session(&self) -> Pending<AsyncSession> {
        let inner = self.backend.session();
        Box::pin(async move { inner.await.map(AsyncSession::new) })
    }

    /// Listens to channels; [`AsyncSubscription::psubscribe`] adds patterns.
    ///
    /// ```
    /// # use futures_executor::block_on;
    /// use redipy::prelude::*;
    ///
    /// # block_on(async {
    /// let r = redipy::connect_async("memory://")?;
    /// let mut news = r.subscribe("news").await?;
    /// r.publish("news", "hello").await?;
    /// assert_eq!(news.recv().await?.payload, "hello");
    /// # Ok::<(), redipy::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn subscribe(&self, channels: impl ToArgs) -> Pending<AsyncSubscription> {
        self.subscribe_to(crate::subscription::topics(&channels, Topic::Channel))
    }

    /// Listens to the channels that match glob patterns.
    pub fn psubscribe(&self, patterns: impl ToArgs) -> Pending<AsyncSubscription> {
        self.subscribe_to(crate::subscription::topics(&patterns, Topic::Pattern))
    }

    fn subscribe_to(&self, topics: Vec<Topic>) -> Pending<AsyncSubscription> {
        let inner = self.backend.subscribe(topics.clone());
        Box::pin(async move { Ok(AsyncSubscription::new(inner.await?, topics)) })
    }

    /// Waits until `predicate` holds: it is asked at once and after every message on `channel`.
    ///
    /// The channel is listened to before the predicate is first asked, so that no message is missed. For no longer than some
    /// time it waits where its future is dropped then, as by tokio's `timeout`.
    ///
    /// ```
    /// # use futures_executor::block_on;
    /// use redipy::prelude::*;
    ///
    /// # block_on(async {
    /// let r = redipy::connect_async("memory://")?;
    /// let other = r.clone();
    /// let sender = std::thread::spawn(move || {
    ///     block_on(other.set("done", 1))?;
    ///     block_on(other.publish("changes", "done"))
    /// });
    /// r.wait_for("changes", async || Ok(r.exists("done").await? == 1)).await?;
    /// # sender.join().unwrap()?;
    /// # Ok::<(), redipy::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// Those of the predicate and of the connection.
    pub async fn wait_for<F>(&self, channel: impl ToArgs, mut predicate: impl FnMut() -> F) -> Result<()>
    where
        F: Future<Output = Result<bool>>,
    {
        let listens = self.subscribe(&channel);
        drop(channel);
        let mut messages = listens.await?;
        while !predicate().await? {
            messages.recv().await?;
        }
        Ok(())
    }

    /// Sends a command, whose reply is read as `T`.
    pub(crate) fn send<T: FromReply>(&self, command: Encoded) -> RedisFuture<'static, T> {
        let spec = command.spec();
        RedisFuture::read(self.backend.call(Request::from(command)), spec)
    }
}

/// Where the data lives; never a password.
impl fmt::Debug for AsyncRedis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AsyncRedis").field(&self.describe()).finish()
    }
}

impl Redis {
    /// A client of the same data whose calls are awaited.
    ///
    /// # Errors
    /// `Unsupported` where a backend of your own has nothing for callers that do not wait.
    pub fn asynchronous(&self) -> Result<AsyncRedis> {
        AsyncRedis::of(self.clone())
    }
}

impl Executor for &AsyncRedis {
    type Output<R: Reply> = RedisFuture<'static, R>;
}

impl ExecuteScript for &AsyncRedis {
    type Output = RedisFuture<'static, Value>;

    fn execute_script(self, call: ScriptCall) -> RedisFuture<'static, Value> {
        self.read_script(call)
    }
}

impl ReadScript for &AsyncRedis {
    type Read<T: FromReply> = RedisFuture<'static, T>;

    fn read_script<T: FromReply>(self, call: ScriptCall) -> RedisFuture<'static, T> {
        RedisFuture::read(self.backend.call(Request::from(call)), None)
    }
}

impl<C: Callable> Execute<C> for &AsyncRedis {
    #[inline]
    fn call(self, command: C) -> RedisFuture<'static, C::Reply> {
        #[cfg(feature = "memory")]
        let command = match self.redis.as_memory() {
            Some(memory) => match command.execute_at_once_on(memory) {
                Ok(result) => return RedisFuture::now(result),
                Err(command) => command,
            },
            None => command,
        };
        RedisFuture::later(start(&*self.backend, &command), Some(C::SPEC))
    }
}

/// Encodes a typed command and sends it.
#[inline(never)]
fn start<C: Callable>(backend: &dyn AsyncBackend, command: &C) -> Pending<Value> {
    match command.check() {
        Ok(()) => backend.call(Request::of(command)),
        Err(error) => ready(Err(error)),
    }
}
