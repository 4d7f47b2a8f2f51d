//! The thread that carries connections for those who have no runtime of tokio, and all subscriptions.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use redipy_command::{Error, Kind, Result};
use tokio::runtime::{self, Handle};
use tokio::task::JoinHandle;

/// Work on the thread. It is given up when this is dropped.
pub(super) struct Task<T> {
    /// Some until it is dropped.
    work: Option<JoinHandle<Result<T>>>,
    /// The process whose thread it is. A fork has no such thread, and its locks may be held for ever there.
    owner: u32,
}

/// Starts work on the thread.
pub(super) fn spawn<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> impl Future<Output = Result<T>> + Send {
    let started = handle().map(|handle| Task { work: Some(handle.spawn(work)), owner: std::process::id() });
    async { started?.await }
}

/// The thread of this process; one that was forked needs another.
pub(super) fn handle() -> Result<Handle> {
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

impl<T> Task<T> {
    fn is_own(&self) -> bool {
        self.owner == std::process::id()
    }
}

impl<T> Future for Task<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        let failed = |what: &str| Error::new(Kind::Unavailable, format!("the work was given up: {what}"));
        let is_own = self.is_own();
        match self.work.as_mut().filter(|_| is_own) {
            Some(work) => {
                let joined = Pin::new(work).poll(context);
                joined.map(|joined| joined.unwrap_or_else(|error| Err(failed(&error.to_string()))))
            }
            None => Poll::Ready(Err(failed("it was begun by the process that this one was forked from"))),
        }
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        match self.work.take() {
            Some(work) if self.is_own() => work.abort(),
            inherited => std::mem::forget(inherited),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::task::Waker;

    use super::*;

    #[test]
    fn a_fork_neither_waits_for_work_nor_ends_it() {
        let (sender, receiver) = mpsc::channel();
        let (go_on, wait) = tokio::sync::oneshot::channel();
        let work = handle().expect("a thread").spawn(async move {
            wait.await.expect("told to go on");
            sender.send(7).expect("somebody listens");
            Ok(())
        });
        let mut inherited = Task { work: Some(work), owner: 0 };
        let asked = Pin::new(&mut inherited).poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(asked, Poll::Ready(Err(error)) if error.message().contains("forked")));
        drop(inherited);
        go_on.send(()).expect("it waits");
        assert_eq!(receiver.recv(), Ok(7));
    }
}
