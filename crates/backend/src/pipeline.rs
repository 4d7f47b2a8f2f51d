//! Pipelines and transactions: calls that are queued, sent together, and answered in typed slots.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use redipy_command::{Command, Encoded, Error, Execute, Executor, FromReply, Kind, Reply, Result, Stateless, Value};
use redipy_script::{ExecuteScript, ScriptCall};

use crate::asynchronous::{AsyncBackend, AsyncSession, ready};
use crate::backend::{Backend, Results, Session};
use crate::place::Place;
use crate::request::{Request, Requests, exactly};

/// The requests of a pipeline or a transaction, in order.
#[derive(Debug)]
struct Queue {
    /// A number that distinguishes its slots from those of other queues.
    id: u64,
    requests: Requests,
    /// Typed calls that no server would take and raw ones that do not belong here, each with the number of requests
    /// before it: they are not among these.
    refused: Vec<(usize, Error)>,
}

impl Queue {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Self { id, requests: Requests::default(), refused: Vec::new() }
    }

    fn len(&self) -> usize {
        self.requests.len() + self.refused.len()
    }

    #[inline]
    fn command<C: Command>(&mut self, command: &C) -> Slot<C::Reply> {
        let slot = self.slot();
        match command.check() {
            Ok(()) => self.requests.command(command),
            Err(error) => self.refuse(error),
        }
        slot
    }

    fn push<T>(&mut self, request: Request, check: Result<()>) -> Slot<T> {
        let slot = self.slot();
        match check {
            Ok(()) => self.requests.push(request),
            Err(error) => self.refuse(error),
        }
        slot
    }

    #[cold]
    fn refuse(&mut self, error: Error) {
        self.refused.push((self.requests.len(), error));
    }

    /// The slot of the next call.
    #[inline]
    fn slot<T>(&self) -> Slot<T> {
        Slot { queue: self.id, index: self.len(), reply: PhantomData }
    }

    /// The replies to what was sent, with the refusals in their places.
    fn replies(self, sent: usize, results: Results) -> Replies {
        if self.refused.is_empty() && results.len() == sent {
            return Replies::of(self.id, results);
        }
        let mut results: Results = exactly(sent, results).collect();
        for (already, (position, error)) in self.refused.into_iter().enumerate() {
            results.insert(already + position, Err(error));
        }
        Replies::of(self.id, results)
    }

    /// Everything or, if a call was refused, nothing.
    fn into_requests(self) -> Result<Requests> {
        self.refused.into_iter().next().map_or(Ok(self.requests), |(_, error)| Err(error))
    }
}

/// The place of one reply among the [`Replies`] of a pipeline or a transaction.
///
/// A call in a pipeline gives nothing but its slot, and an error of the call is seen only by who takes the reply: say
/// `let _ = ..` where neither is wanted, or ask for all of them with [`Replies::into_values`].
#[derive(Debug)]
#[must_use = "the call is queued, and its reply is taken with this slot"]
pub struct Slot<T> {
    queue: u64,
    index: usize,
    reply: PhantomData<fn() -> T>,
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Slot<T> {}

/// The results of a pipeline: a reply or an error for each call.
#[derive(Debug)]
pub struct Replies {
    queue: u64,
    results: Vec<Option<Result<Value>>>,
}

impl Replies {
    fn of(queue: u64, results: impl IntoIterator<Item = Result<Value>>) -> Self {
        Replies { queue, results: results.into_iter().map(Some).collect() }
    }

    /// Returns the reply of this slot, which can be taken once.
    ///
    /// # Errors
    /// That of the call; `Config` when the reply was taken before or the slot is of another pipeline.
    pub fn take<T: Reply>(&mut self, slot: Slot<T>) -> Result<T> {
        if slot.queue != self.queue {
            return Err(Error::new(Kind::Config, "this slot is of another pipeline or transaction"));
        }
        match self.results.get_mut(slot.index).and_then(Option::take) {
            Some(result) => result?.reply_of(None),
            None => Err(Error::new(Kind::Config, "the reply of this slot was taken before")),
        }
    }

    /// The number of calls.
    pub fn len(&self) -> usize {
        self.results.len()
    }

    /// Returns whether there was no call.
    pub fn is_empty(&self) -> bool {
        self.results.is_empty()
    }

    /// Returns all replies that were not taken, in order.
    ///
    /// # Errors
    /// The first error among them.
    pub fn into_values(self) -> Result<Vec<Value>> {
        self.results.into_iter().flatten().collect()
    }

    /// Returns all replies that were not taken, in order, read as one type.
    ///
    /// # Errors
    /// The first error among them; `Decode` when a reply is no `T`.
    pub fn into_vec<T: FromReply>(self) -> Result<Vec<T>> {
        self.results.into_iter().flatten().map(|result| result?.read(None)).collect()
    }

    /// Returns all replies that were not taken, in order, each with its own error.
    pub fn into_results(self) -> Results {
        self.results.into_iter().flatten().collect()
    }
}

/// Calls that are sent together. Others may run between them; an error of one is that one's alone.
///
/// A pipeline that is dropped discards its calls: nothing is sent before [`Pipeline::execute`].
#[must_use = "a pipeline does nothing until it is executed"]
pub struct Pipeline<B: ?Sized = dyn Backend> {
    backend: Arc<B>,
    queue: Queue,
}

/// A [`Pipeline`] whose replies are awaited.
pub type AsyncPipeline = Pipeline<dyn AsyncBackend>;

/// Calls that are executed together and atomically: all of them without any other in between.
///
/// One that is dropped discards its calls: nothing is sent before [`Transaction::execute`]. It takes only commands that
/// need no session, since it sends MULTI and EXEC by itself:
///
/// ```compile_fail,E0277
/// # mod redipy { pub use redipy_backend::*; pub use redipy_command::*; pub use redipy_command::methods as prelude; }
/// use redipy::Transaction;
/// use redipy::prelude::*;
///
/// fn forgotten(mut tx: Transaction) {
///     let _ = tx.set("k", "v");
///     let _ = tx.exec(); // `Exec` belongs to a session; `tx.execute()` is meant
/// }
/// ```
#[must_use = "a transaction does nothing until it is executed"]
pub struct Transaction<B: ?Sized = dyn Backend> {
    backend: Arc<B>,
    queue: Queue,
}

/// A [`Transaction`] whose replies are awaited.
pub type AsyncTransaction = Transaction<dyn AsyncBackend>;

impl Pipeline {
    /// An empty pipeline to this backend.
    pub fn new(backend: Arc<dyn Backend>) -> Self {
        Self { backend, queue: Queue::new() }
    }

    /// Sends the calls and waits for all replies.
    ///
    /// # Errors
    /// Errors of the connection. The error of a call stands in its slot.
    pub fn execute(self) -> Result<Replies> {
        let Self { backend, queue } = self;
        let (sent, requests) = (queue.requests.len(), &queue.requests);
        let results = if sent == 0 { Vec::new() } else { backend.pipeline(requests)? };
        Ok(queue.replies(sent, results))
    }
}

impl AsyncPipeline {
    /// An empty pipeline to this backend.
    pub fn asynchronous(backend: Arc<dyn AsyncBackend>) -> Self {
        Self { backend, queue: Queue::new() }
    }

    /// Sends the calls; the future gives the replies.
    ///
    /// The errors are those of the connection. An error of a call stands in its slot.
    pub fn execute(self) -> impl Future<Output = Result<Replies>> + Send + use<> {
        let Self { backend, mut queue } = self;
        let requests = std::mem::take(&mut queue.requests);
        let sent = requests.len();
        let results = if sent == 0 { ready(Ok(Vec::new())) } else { backend.pipeline(requests) };
        async move { Ok(queue.replies(sent, results.await?)) }
    }
}

impl Transaction {
    /// An empty transaction on this backend.
    pub fn new(backend: Arc<dyn Backend>) -> Self {
        Self { backend, queue: Queue::new() }
    }

    /// Executes the calls atomically and waits for all replies.
    ///
    /// # Errors
    /// `Aborted`, or the error of a call that no server would take: then none ran.
    pub fn execute(self) -> Result<Replies> {
        let Self { backend, queue } = self;
        let (id, requests) = (queue.id, queue.into_requests()?);
        Ok(Replies::of(id, if requests.is_empty() { Vec::new() } else { backend.transaction(&requests)? }))
    }
}

impl<B: ?Sized> Transaction<B> {
    /// The calls, not executed, for an [`AsyncBackend`].
    ///
    /// # Errors
    /// The error of a call that no server would take.
    pub fn into_requests(self) -> Result<Requests> {
        self.queue.into_requests()
    }
}

impl AsyncTransaction {
    /// An empty transaction on this backend.
    pub fn asynchronous(backend: Arc<dyn AsyncBackend>) -> Self {
        Self { backend, queue: Queue::new() }
    }

    /// Executes the calls atomically; the future gives the replies.
    ///
    /// The errors are `Aborted`, or that of a call that no server would take: then none ran.
    pub fn execute(self) -> impl Future<Output = Result<Replies>> + Send + use<> {
        let Self { backend, queue } = self;
        let id = queue.id;
        let results = match queue.into_requests() {
            Ok(requests) if requests.is_empty() => ready(Ok(Vec::new())),
            Ok(requests) => backend.transaction(requests),
            Err(error) => ready(Err(error)),
        };
        async move { Ok(Replies::of(id, results.await?)) }
    }
}

/// Calls of a session that are executed together and atomically, unless a key that the session
/// watches was changed.
///
/// A transaction that is dropped discards its calls: nothing is sent before [`WatchedTransaction::execute`].
#[must_use = "a transaction does nothing until it is executed"]
pub struct WatchedTransaction<'s, S: ?Sized = dyn Session + 's> {
    session: &'s mut S,
    queue: Queue,
}

/// A [`WatchedTransaction`] whose replies are awaited.
pub type AsyncWatchedTransaction<'s> = WatchedTransaction<'s, dyn AsyncSession + 's>;

impl<'s> WatchedTransaction<'s> {
    /// An empty transaction on this session.
    pub fn new(session: &'s mut dyn Session) -> Self {
        Self { session, queue: Queue::new() }
    }

    /// Executes the calls atomically; `None` when a watched key was changed. Nothing is watched afterwards.
    ///
    /// # Errors
    /// `Aborted`, or the error of a call that no server would take: then none ran.
    pub fn execute(self) -> Result<Option<Replies>> {
        let Self { session, queue } = self;
        let (id, requests) = (queue.id, queue.into_requests()?);
        let results = if requests.is_empty() { Some(Vec::new()) } else { session.transaction(&requests)? };
        Ok(results.map(|results| Replies::of(id, results)))
    }
}

impl<'s> AsyncWatchedTransaction<'s> {
    /// An empty transaction on this session.
    pub fn asynchronous(session: &'s mut dyn AsyncSession) -> Self {
        Self { session, queue: Queue::new() }
    }

    /// Executes the calls atomically; the future gives the replies, or `None` when a watched key was changed. Nothing is
    /// watched afterwards.
    ///
    /// The errors are `Aborted`, or that of a call that no server would take: then none ran.
    pub fn execute(self) -> impl Future<Output = Result<Option<Replies>>> + Send + 's {
        let Self { session, queue } = self;
        let id = queue.id;
        let results = match queue.into_requests() {
            Ok(requests) if requests.is_empty() => ready(Ok(Some(Vec::new()))),
            Ok(requests) => session.transaction(requests),
            Err(error) => ready(Err(error)),
        };
        async move { Ok(results.await?.map(|results| Replies::of(id, results))) }
    }
}

macro_rules! queues {
    ($receiver:ident $(<$life:lifetime>)?, $place:expr) => {
        impl<$($life,)? To: ?Sized> $receiver<$($life,)? To> {
            /// Queues a command by its name; see [`Encoded::raw`]. One that belongs to a session is refused.
            pub fn raw(&mut self, command: Encoded) -> Slot<Value> {
                let check = $place.check(command.as_ref());
                self.queue.push(command.into(), check)
            }

            /// Queues a script.
            pub fn script(&mut self, call: ScriptCall) -> Slot<Value> {
                let check = call.parts().map(|_| ());
                self.queue.push(call.into(), check)
            }

            /// The number of queued calls.
            pub fn len(&self) -> usize {
                self.queue.len()
            }

            /// Returns whether no call is queued.
            pub fn is_empty(&self) -> bool {
                self.queue.len() == 0
            }
        }

        impl<$($life,)? To: ?Sized> fmt::Debug for $receiver<$($life,)? To> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($receiver)).field(&self.queue.requests).finish()
            }
        }

        impl<$($life,)? To: ?Sized> Executor for &mut $receiver<$($life,)? To> {
            type Output<R: Reply> = Slot<R>;
        }

        impl<$($life,)? To: ?Sized> ExecuteScript for &mut $receiver<$($life,)? To> {
            type Output = Slot<Value>;

            fn execute_script(self, call: ScriptCall) -> Slot<Value> {
                self.script(call)
            }
        }

        impl<$($life,)? To: ?Sized, C: Stateless> Execute<C> for &mut $receiver<$($life,)? To> {
            #[inline]
            fn call(self, command: C) -> Slot<C::Reply> {
                self.queue.command(&command)
            }
        }
    };
}

queues!(Pipeline, Place::Client);
queues!(Transaction, Place::Transaction);
queues!(WatchedTransaction<'s>, Place::SessionTransaction);
