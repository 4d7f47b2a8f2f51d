//! The traits of backends: a handful of methods. Implement [`Backend`] to bring your own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use redipy_command::{Encoded, Error, Kind, ReplySink, Result, Value, texts};

use crate::asynchronous::AsyncBackend;
use crate::closer::Closer;
use crate::message::{Message, SubscriptionEvent, Topic};
pub use crate::request::Results;
use crate::request::{Request, Requests};

/// A place where the data can live. It is shared between threads.
///
/// Replies have the shapes of RESP3; the reply to a script is the script's value, decoded
/// ([`Request::decode`]). An error that a command answers is that command's; an `Err`
/// for a whole pipeline means that no answers came, and says whether the commands may have run.
pub trait Backend: Send + Sync {
    /// Executes one request.
    ///
    /// Commands that belong to a session (MULTI, EXEC, DISCARD, WATCH, UNWATCH, SELECT and the
    /// subscribing ones) are refused: they need [`session`](Backend::session).
    ///
    /// # Errors
    /// The error of the command or of the connection, or a timeout.
    fn call(&self, request: &Request) -> Result<Value>;

    /// Executes requests in order, in one round trip where the backend has round trips. Others may
    /// run between them. There is one result per request.
    ///
    /// # Errors
    /// Errors of the connection; the error of a command stands in the place of its reply.
    fn pipeline(&self, requests: &Requests) -> Result<Results>;

    /// Executes requests atomically: all of them without any other between them, or none.
    ///
    /// # Errors
    /// `Aborted` when a request is malformed: then none runs.
    fn transaction(&self, requests: &Requests) -> Result<Results>;

    /// Opens a session: a dedicated connection, with its own database, MULTI state and watched keys.
    ///
    /// # Errors
    /// Errors of the connection.
    fn session(&self) -> Result<Box<dyn Session>>;

    /// Listens to channels and patterns.
    ///
    /// # Errors
    /// Errors of the connection.
    fn subscribe(&self, topics: &[Topic]) -> Result<Box<dyn Subscription>>;

    /// Listens to channels and patterns, for a caller who has no more time than this to wait for that.
    ///
    /// # Errors
    /// Errors of the connection, and `Timeout`.
    fn subscribe_within(&self, topics: &[Topic], timeout: Duration) -> Result<Box<dyn Subscription>> {
        let _ = timeout; // a backend that is there needs none
        self.subscribe(topics)
    }

    /// The asynchronous half of the backend; `None` if it has none.
    fn asynchronous(&self) -> Option<Arc<dyn AsyncBackend>> {
        None
    }

    /// The name of this backend in messages: `memory://`, `redis://host:6379/0`; never a password.
    fn describe(&self) -> String;
}

/// A dedicated connection.
pub trait Session: Send {
    /// Executes one request; after MULTI, queues it.
    ///
    /// # Errors
    /// The error of the command or of the connection, or a timeout.
    fn call(&mut self, request: &Request) -> Result<Value>;

    /// Executes a command as a client sends it, its name first, and shows the reply; after MULTI, queues it. This is how
    /// a server calls. Where a backend has its replies from a server, or from a layer, null arrays and pairs, which only
    /// RESP2 tells from others, are shown as RESP3 has them.
    ///
    /// # Errors
    /// The errors of [`call`](Self::call); the caller discards what was shown before one.
    fn command(&mut self, words: &[&[u8]], to: &mut dyn ReplySink) -> Result<()> {
        let Some((name, arguments)) = words.split_first() else { return Err(texts::unknown_command(b"", &[])) };
        let command = arguments.iter().fold(Encoded::raw(name), |command, argument| command.arg(*argument));
        self.call(&command.into())?.show(to);
        Ok(())
    }

    /// Executes requests in order, in one round trip where there are round trips.
    ///
    /// # Errors
    /// Errors of the connection; the error of a command stands in the place of its reply.
    fn pipeline(&mut self, requests: &Requests) -> Result<Results>;

    /// Executes requests atomically; `None` when a watched key was changed.
    ///
    /// # Errors
    /// `Aborted` when a request is malformed: then none runs.
    fn transaction(&mut self, requests: &Requests) -> Result<Option<Results>>;
}

/// A stream of messages.
pub trait Subscription: Send {
    /// Listens to more; `topics` that are listened to already change nothing.
    ///
    /// # Errors
    /// Errors of the connection.
    fn subscribe(&mut self, topics: &[Topic]) -> Result<()>;

    /// Stops listening to these.
    ///
    /// # Errors
    /// Errors of the connection.
    fn unsubscribe(&mut self, topics: &[Topic]) -> Result<()>;

    /// Waits for the next event, at most this long; `None` when none came in time.
    ///
    /// # Errors
    /// `Connection` when the stream has ended.
    fn next_event(&mut self, timeout: Option<Duration>) -> Result<Option<SubscriptionEvent>>;

    /// Waits for the next message, at most this long; `None` when none came in time. Other events are passed over.
    ///
    /// # Errors
    /// As [`next_event`](Self::next_event).
    fn next(&mut self, timeout: Option<Duration>) -> Result<Option<Message>> {
        let begun = Instant::now();
        loop {
            let left = timeout.map(|timeout| timeout.saturating_sub(begun.elapsed()));
            match self.next_event(left)? {
                None => return Ok(None),
                Some(event) => {
                    if let Some(message) = event.into_message() {
                        return Ok(Some(message));
                    }
                }
            }
        }
    }

    /// What ends the stream from another thread: `next` then gives what has come already and after that, without waiting,
    /// `None` or an error.
    ///
    /// # Errors
    /// `Unsupported`, unless a backend has something for it.
    fn closer(&self) -> Result<Closer> {
        Err(Error::new(Kind::Unsupported, "this subscription can only be ended by who has it: drop it"))
    }
}
