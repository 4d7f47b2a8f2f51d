//! The future of one call.

use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use redipy_backend::asynchronous::Borrowed;
use redipy_command::{FromReply, Reply, Result, Spec, Value};

/// A call that was made, and its reply when that is there: a future of `Result<R>`.
///
/// The call began when it was made; dropping it gives up the reply, see [`AsyncRedis`](crate::AsyncRedis). It needs no
/// runtime, and can be awaited by any task on any thread.
#[must_use = "the call was made, and its reply and errors come when it is awaited"]
pub struct RedisFuture<'s, R>(State<'s, R>);

enum State<'s, R> {
    /// There is nothing to wait for: the engine has answered.
    #[cfg(feature = "memory")]
    Now(Result<R>),
    /// The reply comes as a value, and is read so.
    Later(Borrowed<'s, Value>, Read<R>, Option<&'static Spec>),
    Taken,
}

/// Reads the reply to a command, of which this may be known.
type Read<R> = fn(Value, Option<&Spec>) -> Result<R>;

#[cfg(feature = "memory")]
impl<R> RedisFuture<'_, R> {
    #[inline]
    pub(crate) fn now(result: Result<R>) -> Self {
        Self(State::Now(result))
    }
}

impl<'s, R> RedisFuture<'s, R> {
    /// The typed reply to a command.
    pub(crate) fn later(reply: Borrowed<'s, Value>, spec: Option<&'static Spec>) -> Self
    where
        R: Reply,
    {
        Self(State::Later(reply, Value::reply_of::<R>, spec))
    }

    /// A reply that is read as the caller says.
    pub(crate) fn read(reply: Borrowed<'s, Value>, spec: Option<&'static Spec>) -> Self
    where
        R: FromReply,
    {
        Self(State::Later(reply, Value::read::<R>, spec))
    }
}

// What it holds is either behind a pointer or moved out as a whole.
impl<R> Unpin for RedisFuture<'_, R> {}

impl<R> Future for RedisFuture<'_, R> {
    type Output = Result<R>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<R>> {
        let state = &mut self.get_mut().0;
        if let State::Later(reply, read, spec) = state {
            let Poll::Ready(value) = reply.as_mut().poll(context) else { return Poll::Pending };
            let (read, spec) = (*read, *spec);
            *state = State::Taken;
            return Poll::Ready(value.and_then(|value| read(value, spec)));
        }
        match mem::replace(state, State::Taken) {
            #[cfg(feature = "memory")]
            State::Now(result) => Poll::Ready(result),
            State::Later(..) | State::Taken => panic!("a call was awaited after it had given its reply"),
        }
    }
}

impl<R> fmt::Debug for RedisFuture<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.0 {
            #[cfg(feature = "memory")]
            State::Now(_) => "ready",
            State::Later(..) => "made",
            State::Taken => "taken",
        };
        f.debug_tuple("RedisFuture").field(&state).finish()
    }
}
