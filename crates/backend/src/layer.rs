//! Layers: what stands between a caller and a backend and changes what goes through, such as a prefix on all keys.
//!
//! A [`Layer`] is written once, as functions that wait for an [`Io`]. [`Layered`] makes it a backend for threads, where
//! the `Io` has its answer before it returns, so that nothing is waited for (a layer that waits for anything else is refused
//! there, and works with futures only); its sessions and the backend for futures go
//! through the same functions.

mod asynchronous;
mod blocking;

use std::future::Future;

use redipy_command::{Result, Value};

pub use self::blocking::Layered;
use crate::message::{Message, SubscriptionEvent, Topic};
use crate::request::{Request, RequestRef, Requests, Results};

/// The backend or session below a layer, with calls that wait or give futures.
pub trait Io: Send {
    /// Executes one request.
    fn call(&mut self, request: Request) -> impl Future<Output = Result<Value>> + Send;

    /// Executes requests in order, in one round trip where there are round trips.
    fn pipeline(&mut self, requests: Requests) -> impl Future<Output = Result<Results>> + Send;

    /// Executes requests atomically; `None` when a key was changed that the session watches.
    fn transaction(&mut self, requests: Requests) -> impl Future<Output = Result<Option<Results>>> + Send;
}

/// A transformation of the requests to a backend and of its replies.
///
/// ```
/// # mod redipy { pub use redipy_backend::*; pub use redipy_command::*; pub use redipy_command::methods as prelude; }
/// use std::sync::Arc;
///
/// use redipy::layer::{Io, Layer, Layered};
/// use redipy::{RequestRef, Requests, Results};
/// use redipy::{Error, Flags, Kind, Result, Value};
///
/// /// Refuses what writes.
/// struct ReadOnly;
///
/// impl ReadOnly {
///     fn check(&self, request: RequestRef<'_>) -> Result<()> {
///         let spec = request.command().and_then(|command| command.spec());
///         match spec {
///             Some(spec) if !spec.flags.has(Flags::WRITE) => Ok(()),
///             _ => Err(Error::new(Kind::Unsupported, "this client only reads")),
///         }
///     }
/// }
///
/// impl Layer for ReadOnly {
///     type Session = ();
///
///     async fn call(&self, _: Option<&mut ()>, request: RequestRef<'_>, io: &mut impl Io) -> Result<Value> {
///         self.check(request)?;
///         io.call(request.into()).await
///     }
///
///     async fn pipeline(&self, _: Option<&mut ()>, requests: &Requests, io: &mut impl Io) -> Result<Results> {
///         requests.iter().try_for_each(|request| self.check(request))?;
///         io.pipeline(requests.clone()).await
///     }
///
///     async fn transaction(&self, requests: &Requests, io: &mut impl Io) -> Result<Option<Results>> {
///         requests.iter().try_for_each(|request| self.check(request))?;
///         io.transaction(requests.clone()).await
///     }
///
///     fn describe(&self, inner: &str) -> String {
///         format!("{inner}, only reading")
///     }
/// }
/// # use redipy::Backend;
/// # fn layered(backend: Arc<dyn Backend>) -> impl Backend { Layered::over(backend, ReadOnly) }
/// ```
pub trait Layer: Send + Sync + 'static {
    /// The state that is kept for a session.
    type Session: Default + Send;

    /// Executes one request, in a session or not. It may take several calls, or none.
    ///
    /// # Errors
    /// Errors of the layer and of the calls.
    fn call(
        &self,
        session: Option<&mut Self::Session>,
        request: RequestRef<'_>,
        io: &mut impl Io,
    ) -> impl Future<Output = Result<Value>> + Send;

    /// Executes requests in order, in a session or not; there is one result per request.
    ///
    /// # Errors
    /// Errors that concern all requests.
    fn pipeline(
        &self,
        session: Option<&mut Self::Session>,
        requests: &Requests,
        io: &mut impl Io,
    ) -> impl Future<Output = Result<Results>> + Send;

    /// Executes requests atomically; `None` when a key was changed that the session watches.
    ///
    /// # Errors
    /// Errors of the layer and of the calls; nothing has run then.
    fn transaction(
        &self,
        requests: &Requests,
        io: &mut impl Io,
    ) -> impl Future<Output = Result<Option<Results>>> + Send;

    /// The channels and patterns that are listened to for these.
    fn topics(&self, topics: &[Topic]) -> Vec<Topic> {
        topics.to_vec()
    }

    /// A message as the subscriber gets it.
    fn message(&self, message: Message) -> Message {
        message
    }

    /// An event as the subscriber gets it: unless a layer says otherwise, its message as [`message`](Self::message) has it.
    fn event(&self, event: SubscriptionEvent) -> SubscriptionEvent {
        match event {
            SubscriptionEvent::Message(message) => self.message(message).into(),
        }
    }

    /// The name of the layered backend in messages; `inner` describes the one below.
    fn describe(&self, inner: &str) -> String;
}
