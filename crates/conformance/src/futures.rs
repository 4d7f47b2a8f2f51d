//! The half of a backend that gives futures, made a backend that waits: what is expected of the one is expected of the
//! other.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use redipy_backend::backend::Results;
use redipy_backend::{
    AsyncBackend, AsyncSession, AsyncSubscription, Backend, Request, Requests, Session, Subscription,
    SubscriptionEvent, Topic,
};
use redipy_command::{Result, Value};

/// A backend all of whose calls, sessions and messages go through futures.
pub struct Futures {
    inner: Arc<dyn Backend>,
    futures: Arc<dyn AsyncBackend>,
}

impl Futures {
    /// The futures of this backend, if it has any.
    pub fn of(inner: Arc<dyn Backend>) -> Option<Self> {
        let futures = inner.asynchronous()?;
        Some(Self { inner, futures })
    }
}

impl Backend for Futures {
    fn call(&self, request: &Request) -> Result<Value> {
        wait(self.futures.call(request.clone()))
    }

    fn pipeline(&self, requests: &Requests) -> Result<Results> {
        wait(self.futures.pipeline(requests.clone()))
    }

    fn transaction(&self, requests: &Requests) -> Result<Results> {
        wait(self.futures.transaction(requests.clone()))
    }

    fn session(&self) -> Result<Box<dyn Session>> {
        Ok(Box::new(FutureSession(wait(self.futures.session())?)))
    }

    fn subscribe(&self, topics: &[Topic]) -> Result<Box<dyn Subscription>> {
        Ok(Box::new(Messages(wait(self.futures.subscribe(topics.to_vec()))?)))
    }

    fn describe(&self) -> String {
        format!("{} by futures", self.inner.describe())
    }
}

struct FutureSession(Box<dyn AsyncSession>);

impl Session for FutureSession {
    fn call(&mut self, request: &Request) -> Result<Value> {
        wait(self.0.call(request.clone()))
    }

    fn pipeline(&mut self, requests: &Requests) -> Result<Results> {
        wait(self.0.pipeline(requests.clone()))
    }

    fn transaction(&mut self, requests: &Requests) -> Result<Option<Results>> {
        wait(self.0.transaction(requests.clone()))
    }
}

struct Messages(Box<dyn AsyncSubscription>);

impl Subscription for Messages {
    fn subscribe(&mut self, topics: &[Topic]) -> Result<()> {
        wait(self.0.subscribe(topics))
    }

    fn unsubscribe(&mut self, topics: &[Topic]) -> Result<()> {
        wait(self.0.unsubscribe(topics))
    }

    fn next_event(&mut self, timeout: Option<Duration>) -> Result<Option<SubscriptionEvent>> {
        let next = poll_until(timeout, |context| self.0.poll_event(context));
        next.transpose()
    }
}

/// Wakes a thread that is parked.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Asks until there is an answer, or until the time is over.
fn poll_until<T>(timeout: Option<Duration>, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Option<T> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let (mut context, start) = (Context::from_waker(&waker), Instant::now());
    loop {
        if let Poll::Ready(answer) = poll(&mut context) {
            return Some(answer);
        }
        match timeout.map(|timeout| timeout.saturating_sub(start.elapsed())) {
            None => thread::park(),
            Some(Duration::ZERO) => return None,
            Some(left) => thread::park_timeout(left),
        }
    }
}

/// Waits for a future.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Some(result) = poll_until(None, |context| future.as_mut().poll(context)) {
            return result;
        }
    }
}
