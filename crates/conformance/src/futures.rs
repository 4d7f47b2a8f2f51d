//! The half of a backend that gives futures, made a backend that waits: what is expected of the one is expected of the
//! other.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use redipy_backend::backend::Results;
use redipy_backend::{
    AsyncBackend, AsyncSubscription, Backend, Message, Request, RequestRef, Requests, Session, Subscription, Topic,
};
use redipy_command::{Group, Result, Value};

/// A backend whose calls, messages and transactions go through futures. Of its sessions only that goes through futures
/// which belongs to no session.
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
        Ok(Box::new(Mixed { session: self.inner.session()?, futures: self.futures.clone(), own: false }))
    }

    fn subscribe(&self, topics: &[Topic]) -> Result<Box<dyn Subscription>> {
        Ok(Box::new(Messages(wait(self.futures.subscribe(topics.to_vec()))?)))
    }

    fn describe(&self) -> String {
        format!("{} by futures", self.inner.describe())
    }
}

/// A session that calls by futures until it has a state of its own.
struct Mixed {
    session: Box<dyn Session>,
    futures: Arc<dyn AsyncBackend>,
    own: bool,
}

impl Mixed {
    fn is_own(&mut self, request: RequestRef<'_>) -> bool {
        let Some(command) = request.command() else { return self.own };
        let group = command.spec().map(|spec| spec.group);
        self.own |= matches!(group, Some(Group::Transactions | Group::Connection | Group::Pubsub));
        self.own
    }
}

impl Session for Mixed {
    fn call(&mut self, request: &Request) -> Result<Value> {
        if self.is_own(request.as_ref()) {
            self.session.call(request)
        } else {
            wait(self.futures.call(request.clone()))
        }
    }

    fn pipeline(&mut self, requests: &Requests) -> Result<Results> {
        let own = requests.iter().any(|request| self.is_own(request));
        if own { self.session.pipeline(requests) } else { wait(self.futures.pipeline(requests.clone())) }
    }

    fn transaction(&mut self, requests: &Requests) -> Result<Option<Results>> {
        if self.own {
            return self.session.transaction(requests);
        }
        wait(self.futures.transaction(requests.clone())).map(Some)
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

    fn next(&mut self, timeout: Option<Duration>) -> Result<Option<Message>> {
        let next = poll_until(timeout, |context| self.0.poll_next(context));
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
