//! The client whose calls are awaited: on the engine and on every server, in runtimes of tokio and without one.

use std::future::{Future, poll_fn};
use std::task::Poll;

use futures_executor::block_on;
use redipy::AsyncRedis;
use redipy::prelude::*;
use redipy_conformance::server::{Flavor, missing, shared};
use tokio::runtime::{Builder, Runtime};

mod calls;
mod cancelled;
mod runtimes;
mod same;
mod sessions;
mod streams;

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// A client of the engine, and one of every server with a prefix of its own; their names tell them apart.
fn clients(name: &str) -> Vec<AsyncRedis> {
    let mut clients = vec![redipy::connect_async("memory://").unwrap()];
    for flavor in Flavor::ALL {
        match shared(flavor) {
            Some(server) => {
                let builder = redipy::builder(&server.server().url()).prefix(format!("awaited-{name}:"));
                clients.push(builder.connect_async().unwrap());
            }
            None => missing(flavor),
        }
    }
    clients
}

/// Runs a test on the engine and on every server: without a runtime, in one thread of tokio and in several.
fn everywhere(name: &str, test: impl AsyncFn(&AsyncRedis)) {
    for r in clients(name) {
        for way in 0..3 {
            block_on(r.flushall()).unwrap();
            match way {
                0 => block_on(test(&r)),
                1 => current_thread().block_on(test(&r)),
                _ => multi_thread().block_on(test(&r)),
            }
        }
    }
}

/// Polls a future so often, whenever it can go on, and drops it then; its result if it was ready.
async fn polled<T>(future: impl Future<Output = T>, times: usize) -> Option<T> {
    let (mut future, mut left) = (Box::pin(future), times);
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
