//! The thread that all futures of this crate do their work on: whoever polls them needs no runtime of tokio.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use redipy_command::{Error, Kind, Result};
use tokio::runtime::{self, Handle};
use tokio::task::JoinHandle;

/// Work on the thread. It is given up when this is dropped.
pub(super) struct Task<T>(JoinHandle<Result<T>>);

/// Starts work on the thread.
pub(super) fn spawn<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> impl Future<Output = Result<T>> + Send {
    let started = handle().map(|handle| Task(handle.spawn(work)));
    async { started?.await }
}

/// The thread of this process; one that was forked needs another.
fn handle() -> Result<Handle> {
    static THREAD: Mutex<Option<(u32, Handle)>> = Mutex::new(None);

    let mut thread = THREAD.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    match &*thread {
        Some((owner, handle)) if *owner == process => Ok(handle.clone()),
        _ => {
            let handle = start()
                .map_err(|error| Error::new(Kind::Unavailable, format!("a thread cannot be started: {error}")))?;
            *thread = Some((process, handle.clone()));
            Ok(handle)
        }
    }
}

fn start() -> std::io::Result<Handle> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let run = move || runtime.block_on(std::future::pending::<()>());
    std::thread::Builder::new().name("redipy-async".to_owned()).spawn(run)?;
    Ok(handle)
}

impl<T> Future for Task<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        let failed = |error| Error::new(Kind::Unavailable, format!("the work was given up: {error}"));
        Pin::new(&mut self.0).poll(context).map(|joined| joined.unwrap_or_else(|error| Err(failed(error))))
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
