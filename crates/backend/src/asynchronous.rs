//! The waist for callers that do not wait in a thread: the same handful of methods, which give futures.
//!
//! The futures belong to no runtime: any executor can poll them, on any thread. A call begins when the method is called, not
//! when its future is first polled. A future that is dropped before it is ready gives up its reply; whether the command runs
//! all the same is open, and nobody else gets its reply.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use redipy_command::{Error, Kind, Result, Value};

use crate::closer::Closer;
use crate::message::{Message, SubscriptionEvent, Topic};
use crate::request::{Request, Requests, Results};

/// A result that is there now or later.
pub type Pending<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// A result that is there now or later, of something that belongs to it until then.
pub type Borrowed<'s, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 's>>;

/// A future that is ready.
pub fn ready<T: Send + 'static>(result: Result<T>) -> Pending<T> {
    Box::pin(std::future::ready(result))
}

/// A place where the data can live, for callers that do not wait; see [`Backend`](crate::Backend), whose methods these are.
pub trait AsyncBackend: Send + Sync {
    /// Executes one request. Requests are executed in the order of these calls, unless one of them blocks by itself.
    fn call(&self, request: Request) -> Pending<Value>;

    /// Executes requests in order, in one round trip where there are round trips.
    fn pipeline(&self, requests: Requests) -> Pending<Results>;

    /// Executes requests atomically.
    fn transaction(&self, requests: Requests) -> Pending<Results>;

    /// A session: a connection of one's own, with its own database, MULTI state and watched keys.
    fn session(&self) -> Pending<Box<dyn AsyncSession>>;

    /// Listens to channels and patterns.
    fn subscribe(&self, topics: Vec<Topic>) -> Pending<Box<dyn AsyncSubscription>>;
}

/// A connection of one's own, for callers that do not wait; see [`Session`](crate::backend::Session), whose methods these are.
///
/// A call that is given up is made to its end or not at all, and the next one comes after it: the session knows in either case
/// which database it has, what it watches and whether it is in MULTI.
pub trait AsyncSession: Send {
    /// Executes one request; after MULTI, queues it.
    fn call(&mut self, request: Request) -> Borrowed<'_, Value>;

    /// Executes requests in order, in one round trip where there are round trips.
    fn pipeline(&mut self, requests: Requests) -> Borrowed<'_, Results>;

    /// Executes requests atomically; `None` when a watched key was changed.
    fn transaction(&mut self, requests: Requests) -> Borrowed<'_, Option<Results>>;
}

/// A stream of messages, for callers that do not wait.
pub trait AsyncSubscription: Send {
    /// Listens to more.
    ///
    /// # Errors
    /// Errors of the connection; `next` gives them as well.
    fn subscribe(&mut self, topics: &[Topic]) -> Pending<()>;

    /// Stops listening to these.
    fn unsubscribe(&mut self, topics: &[Topic]) -> Pending<()>;

    /// The next event, if there is one; else the task is woken when there is. Only the task that asked last is woken.
    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Result<SubscriptionEvent>>;

    /// As [`poll_event`](Self::poll_event), for messages: other events are passed over.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Message>> {
        loop {
            match self.poll_event(context)? {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(event) => {
                    if let Some(message) = event.into_message() {
                        return Poll::Ready(Ok(message));
                    }
                }
            }
        }
    }

    /// What ends the stream from anywhere: whoever waits for a message is woken, and gets what has come already and after
    /// that an error.
    ///
    /// # Errors
    /// `Unsupported`, unless a backend has something for it.
    fn closer(&self) -> Result<Closer> {
        Err(Error::new(Kind::Unsupported, "this subscription can only be ended by who has it: drop it"))
    }
}
