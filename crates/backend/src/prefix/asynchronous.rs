//! The prefix for callers that do not wait.

use std::sync::Arc;
use std::task::{Context, Poll};

use redipy_command::{Result, Value};

use super::namespace::Namespace;
use super::plan::{Plan, Planned};
use super::{merge, sent};
use crate::asynchronous::{AsyncBackend, AsyncSubscription, Pending, ready};
use crate::backend::Results;
use crate::message::{Message, Topic};
use crate::request::Request;

/// See [`Prefix`](super::Prefix).
pub(super) struct AsyncPrefix {
    pub(super) inner: Arc<dyn AsyncBackend>,
    pub(super) namespace: Arc<Namespace>,
}

impl AsyncBackend for AsyncPrefix {
    fn call(&self, request: Request) -> Pending<Value> {
        let (inner, namespace) = (Arc::clone(&self.inner), Arc::clone(&self.namespace));
        match namespace.plan(&request) {
            Err(error) => ready(Err(error)),
            Ok(Plan::Sent(Planned { request, names })) => {
                let reply = inner.call(request);
                Box::pin(async move { Ok(namespace.strip(names, reply.await?)) })
            }
            Ok(Plan::Whole(whole)) => {
                Box::pin(async move { namespace.whole(whole, &mut |request| inner.call(request)).await })
            }
        }
    }

    fn pipeline(&self, requests: Vec<Request>) -> Pending<Results> {
        let namespace = Arc::clone(&self.namespace);
        let plans: Vec<_> = requests.iter().map(|request| namespace.plan_one_of_many(request)).collect();
        let sent = sent(&plans);
        let results = if sent.is_empty() { ready(Ok(Vec::new())) } else { self.inner.pipeline(sent) };
        Box::pin(async move {
            let results = merge(&plans, results.await?);
            Ok(namespace.strip_planned(plans, results))
        })
    }

    fn transaction(&self, requests: Vec<Request>) -> Pending<Results> {
        let namespace = Arc::clone(&self.namespace);
        match namespace.plan_all(&requests) {
            Err(error) => ready(Err(error)),
            Ok(planned) => {
                let results = self.inner.transaction(planned.requests);
                Box::pin(async move { Ok(namespace.strip_all(planned.names, results.await?)) })
            }
        }
    }

    fn subscribe(&self, topics: Vec<Topic>) -> Pending<Box<dyn AsyncSubscription>> {
        let namespace = Arc::clone(&self.namespace);
        let inner = self.inner.subscribe(namespace.topics(&topics));
        Box::pin(async move {
            let inner = inner.await?;
            Ok(Box::new(PrefixedMessages { inner, namespace }) as Box<dyn AsyncSubscription>)
        })
    }
}

struct PrefixedMessages {
    inner: Box<dyn AsyncSubscription>,
    namespace: Arc<Namespace>,
}

impl AsyncSubscription for PrefixedMessages {
    fn subscribe(&mut self, topics: &[Topic]) -> Pending<()> {
        self.inner.subscribe(&self.namespace.topics(topics))
    }

    fn unsubscribe(&mut self, topics: &[Topic]) -> Pending<()> {
        self.inner.unsubscribe(&self.namespace.topics(topics))
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Message>> {
        self.inner.poll_next(context).map_ok(|message| self.namespace.message(message))
    }
}
