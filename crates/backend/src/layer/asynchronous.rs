//! A layer for callers that do not wait in a thread.

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll};

use redipy_command::{Result, Value};

use super::{Io, Layer};
use crate::asynchronous::{AsyncBackend, AsyncSession, AsyncSubscription, Borrowed, Pending};
use crate::closer::Closer;
use crate::message::{SubscriptionEvent, Topic};
use crate::request::{Request, Requests, Results};

/// See [`Layered`](super::Layered).
pub(super) struct AsyncLayered<L> {
    pub(super) inner: Arc<dyn AsyncBackend>,
    pub(super) layer: Arc<L>,
}

impl<L> AsyncLayered<L> {
    fn parts(&self) -> (Arc<L>, Futures) {
        (Arc::clone(&self.layer), Futures(Arc::clone(&self.inner)))
    }
}

/// A backend that gives futures.
struct Futures(Arc<dyn AsyncBackend>);

impl Io for Futures {
    fn call(&mut self, request: Request) -> impl Future<Output = Result<Value>> + Send {
        self.0.call(request)
    }

    fn pipeline(&mut self, requests: Requests) -> impl Future<Output = Result<Results>> + Send {
        self.0.pipeline(requests)
    }

    fn transaction(&mut self, requests: Requests) -> impl Future<Output = Result<Option<Results>>> + Send {
        let results = self.0.transaction(requests);
        async move { results.await.map(Some) }
    }
}

impl<L: Layer> AsyncBackend for AsyncLayered<L> {
    fn call(&self, request: Request) -> Pending<Value> {
        let (layer, mut io) = self.parts();
        started(async move { layer.call(None, request.as_ref(), &mut io).await })
    }

    fn pipeline(&self, requests: Requests) -> Pending<Results> {
        let (layer, mut io) = self.parts();
        started(async move { layer.pipeline(None, &requests, &mut io).await })
    }

    fn transaction(&self, requests: Requests) -> Pending<Results> {
        let (layer, mut io) = self.parts();
        started(async move { Ok(layer.transaction(&requests, &mut io).await?.unwrap_or_default()) })
    }

    fn session(&self) -> Pending<Box<dyn AsyncSession>> {
        let (inner, layer) = (self.inner.session(), Arc::clone(&self.layer));
        Box::pin(async move {
            let session = LayeredSession { inner: inner.await?, layer, state: L::Session::default() };
            Ok(Box::new(session) as Box<dyn AsyncSession>)
        })
    }

    fn subscribe(&self, topics: Vec<Topic>) -> Pending<Box<dyn AsyncSubscription>> {
        let layer = Arc::clone(&self.layer);
        let inner = self.inner.subscribe(layer.topics(&topics));
        Box::pin(async move {
            let inner = inner.await?;
            Ok(Box::new(LayeredMessages { inner, layer }) as Box<dyn AsyncSubscription>)
        })
    }
}

/// A future that has begun: requests are executed in the order in which they were called, not in that in which their futures
/// are polled first.
fn started<'s, T: Send + 's>(future: impl Future<Output = Result<T>> + Send + 's) -> Borrowed<'s, T> {
    use std::task::Waker;
    let mut future: Borrowed<'s, T> = Box::pin(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Box::pin(std::future::ready(result)),
        Poll::Pending => future,
    }
}

/// A session that gives futures.
struct SessionFutures<'s>(&'s mut dyn AsyncSession);

impl Io for SessionFutures<'_> {
    fn call(&mut self, request: Request) -> impl Future<Output = Result<Value>> + Send {
        self.0.call(request)
    }

    fn pipeline(&mut self, requests: Requests) -> impl Future<Output = Result<Results>> + Send {
        self.0.pipeline(requests)
    }

    fn transaction(&mut self, requests: Requests) -> impl Future<Output = Result<Option<Results>>> + Send {
        self.0.transaction(requests)
    }
}

struct LayeredSession<L: Layer> {
    inner: Box<dyn AsyncSession>,
    layer: Arc<L>,
    state: L::Session,
}

impl<L: Layer> AsyncSession for LayeredSession<L> {
    fn call(&mut self, request: Request) -> Borrowed<'_, Value> {
        let Self { inner, layer, state } = self;
        started(async move { layer.call(Some(state), request.as_ref(), &mut SessionFutures(&mut **inner)).await })
    }

    fn pipeline(&mut self, requests: Requests) -> Borrowed<'_, Results> {
        let Self { inner, layer, state } = self;
        started(async move { layer.pipeline(Some(state), &requests, &mut SessionFutures(&mut **inner)).await })
    }

    fn transaction(&mut self, requests: Requests) -> Borrowed<'_, Option<Results>> {
        let Self { inner, layer, .. } = self;
        started(async move { layer.transaction(&requests, &mut SessionFutures(&mut **inner)).await })
    }
}

struct LayeredMessages<L> {
    inner: Box<dyn AsyncSubscription>,
    layer: Arc<L>,
}

impl<L: Layer> AsyncSubscription for LayeredMessages<L> {
    fn subscribe(&mut self, topics: &[Topic]) -> Pending<()> {
        self.inner.subscribe(&self.layer.topics(topics))
    }

    fn unsubscribe(&mut self, topics: &[Topic]) -> Pending<()> {
        self.inner.unsubscribe(&self.layer.topics(topics))
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Result<SubscriptionEvent>> {
        self.inner.poll_event(context).map_ok(|event| self.layer.event(event))
    }

    fn closer(&self) -> Result<Closer> {
        self.inner.closer()
    }
}
