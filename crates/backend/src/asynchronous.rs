//! The waist for callers that do not wait in a thread: the same handful of methods, which give futures.
//!
//! The futures belong to no runtime: any executor can poll them, on any thread. A future that is dropped before it is
//! ready gives up its reply; whether the command runs all the same is open.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use redipy_command::{Result, Value};

use crate::message::{Message, Topic};
use crate::request::{Request, Requests, Results};

/// A result that is there now or later.
pub type Pending<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

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

    /// Listens to channels and patterns.
    fn subscribe(&self, topics: Vec<Topic>) -> Pending<Box<dyn AsyncSubscription>>;
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

    /// The next message, if there is one; else the task is woken when there is. Only the task that asked last is woken.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Message>>;
}
