//! A layer for callers that wait in a thread: its functions never wait, since each call has its answer when it returns.

use std::fmt;
use std::future::{Future, ready};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use redipy_command::{Error, Kind, Result, Value};

use super::asynchronous::AsyncLayered;
use super::{Io, Layer};
use crate::asynchronous::AsyncBackend;
use crate::backend::{Backend, Session, Subscription};
use crate::closer::Closer;
use crate::message::{SubscriptionEvent, Topic};
use crate::request::{Request, Requests, Results};

/// A backend with a [`Layer`] over it.
pub struct Layered<L> {
    inner: Arc<dyn Backend>,
    pub(crate) layer: Arc<L>,
}

impl<L> Clone for Layered<L> {
    fn clone(&self) -> Self {
        Layered { inner: Arc::clone(&self.inner), layer: Arc::clone(&self.layer) }
    }
}

impl<L: Layer> fmt::Debug for Layered<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Layered").field(&self.describe()).finish()
    }
}

impl<L: Layer> Layered<L> {
    /// The backend with this layer over it.
    pub fn over(inner: Arc<dyn Backend>, layer: L) -> Self {
        Layered { inner, layer: Arc::new(layer) }
    }

    fn subscription(&self, inner: Box<dyn Subscription>) -> Box<dyn Subscription> {
        Box::new(LayeredSubscription { inner, layer: Arc::clone(&self.layer) })
    }
}

/// The result of a layer's function, which waits for nothing but its calls: these have been answered.
fn at_once<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => {
            let text =
                "the layer waits for something else than its calls, which only futures can: call it with `AsyncRedis`";
            Err(Error::new(Kind::Unsupported, text).maybe_ran())
        }
    }
}

/// A backend whose calls have been answered when they return.
struct Calls<'b>(&'b dyn Backend);

impl Io for Calls<'_> {
    fn call(&mut self, request: Request) -> impl Future<Output = Result<Value>> + Send {
        ready(self.0.call(&request))
    }

    fn pipeline(&mut self, requests: Requests) -> impl Future<Output = Result<Results>> + Send {
        ready(self.0.pipeline(&requests))
    }

    fn transaction(&mut self, requests: Requests) -> impl Future<Output = Result<Option<Results>>> + Send {
        ready(self.0.transaction(&requests).map(Some))
    }
}

/// A session whose calls have been answered when they return.
struct SessionCalls<'s>(&'s mut dyn Session);

impl Io for SessionCalls<'_> {
    fn call(&mut self, request: Request) -> impl Future<Output = Result<Value>> + Send {
        ready(self.0.call(&request))
    }

    fn pipeline(&mut self, requests: Requests) -> impl Future<Output = Result<Results>> + Send {
        ready(self.0.pipeline(&requests))
    }

    fn transaction(&mut self, requests: Requests) -> impl Future<Output = Result<Option<Results>>> + Send {
        ready(self.0.transaction(&requests))
    }
}

impl<L: Layer> Backend for Layered<L> {
    fn call(&self, request: &Request) -> Result<Value> {
        at_once(self.layer.call(None, request.as_ref(), &mut Calls(&*self.inner)))
    }

    fn pipeline(&self, requests: &Requests) -> Result<Results> {
        at_once(self.layer.pipeline(None, requests, &mut Calls(&*self.inner)))
    }

    fn transaction(&self, requests: &Requests) -> Result<Results> {
        let results = at_once(self.layer.transaction(requests, &mut Calls(&*self.inner)))?;
        // Nothing is watched outside of sessions.
        Ok(results.unwrap_or_default())
    }

    fn session(&self) -> Result<Box<dyn Session>> {
        let inner = self.inner.session()?;
        Ok(Box::new(LayeredSession { inner, layer: Arc::clone(&self.layer), state: L::Session::default() }))
    }

    fn subscribe(&self, topics: &[Topic]) -> Result<Box<dyn Subscription>> {
        Ok(self.subscription(self.inner.subscribe(&self.layer.topics(topics))?))
    }

    fn subscribe_within(&self, topics: &[Topic], timeout: Duration) -> Result<Box<dyn Subscription>> {
        Ok(self.subscription(self.inner.subscribe_within(&self.layer.topics(topics), timeout)?))
    }

    fn asynchronous(&self) -> Option<Arc<dyn AsyncBackend>> {
        let inner = self.inner.asynchronous()?;
        Some(Arc::new(AsyncLayered { inner, layer: Arc::clone(&self.layer) }))
    }

    fn describe(&self) -> String {
        self.layer.describe(&self.inner.describe())
    }
}

struct LayeredSession<L: Layer> {
    inner: Box<dyn Session>,
    layer: Arc<L>,
    state: L::Session,
}

impl<L: Layer> Session for LayeredSession<L> {
    fn call(&mut self, request: &Request) -> Result<Value> {
        at_once(self.layer.call(Some(&mut self.state), request.as_ref(), &mut SessionCalls(&mut *self.inner)))
    }

    fn pipeline(&mut self, requests: &Requests) -> Result<Results> {
        at_once(self.layer.pipeline(Some(&mut self.state), requests, &mut SessionCalls(&mut *self.inner)))
    }

    fn transaction(&mut self, requests: &Requests) -> Result<Option<Results>> {
        at_once(self.layer.transaction(requests, &mut SessionCalls(&mut *self.inner)))
    }
}

struct LayeredSubscription<L> {
    inner: Box<dyn Subscription>,
    layer: Arc<L>,
}

impl<L: Layer> Subscription for LayeredSubscription<L> {
    fn subscribe(&mut self, topics: &[Topic]) -> Result<()> {
        self.inner.subscribe(&self.layer.topics(topics))
    }

    fn unsubscribe(&mut self, topics: &[Topic]) -> Result<()> {
        self.inner.unsubscribe(&self.layer.topics(topics))
    }

    fn closer(&self) -> Result<Closer> {
        self.inner.closer()
    }

    fn next_event(&mut self, timeout: Option<Duration>) -> Result<Option<SubscriptionEvent>> {
        Ok(self.inner.next_event(timeout)?.map(|event| self.layer.event(event)))
    }
}
