//! Publish and subscribe. Subscribing turns a connection into a stream of messages, so the four
//! commands that do it have no method of their own: a client's `subscribe` gives a `Subscription`.

use crate::Command;
use crate::arg::{Arg, Many};
use crate::value::Value;

/// Sends a message to a channel; returns how many subscriptions received it.
#[derive(Debug, Clone, Command)]
#[command("PUBLISH", pubsub, fast, loading, stale, pubsub, since = "2.0.0",
    complexity = "O(N+M) in the subscribers of the channel and the patterns subscribed to", reply = i64)]
pub struct Publish<'a> {
    /// The channel.
    pub channel: Arg<'a>,
    /// The message.
    pub message: Arg<'a>,
}

/// Listens to channels.
#[derive(Debug, Clone, Command)]
#[command("SUBSCRIBE", pubsub, session, loading, stale, noscript, pubsub, since = "2.0.0",
    complexity = "O(N) in the channels", reply = Value)]
#[method()]
pub struct Subscribe<'a> {
    /// The channels.
    pub channels: Many<Arg<'a>>,
}

/// Listens to the channels that match patterns.
#[derive(Debug, Clone, Command)]
#[command("PSUBSCRIBE", pubsub, session, loading, stale, noscript, pubsub, since = "2.0.0",
    complexity = "O(N) in the patterns", reply = Value)]
#[method()]
pub struct PSubscribe<'a> {
    /// The patterns.
    pub patterns: Many<Arg<'a>>,
}

/// Stops listening to channels; to all without one.
#[derive(Debug, Clone, Command)]
#[command("UNSUBSCRIBE", pubsub, session, loading, stale, noscript, pubsub, since = "2.0.0",
    complexity = "O(N) in the channels", reply = Value)]
#[method()]
pub struct Unsubscribe<'a> {
    /// The channels.
    pub channels: Option<Many<Arg<'a>>>,
}

/// Stops listening to patterns; to all without one.
#[derive(Debug, Clone, Command)]
#[command("PUNSUBSCRIBE", pubsub, session, loading, stale, noscript, pubsub, since = "2.0.0",
    complexity = "O(N) in the patterns", reply = Value)]
#[method()]
pub struct PUnsubscribe<'a> {
    /// The patterns.
    pub patterns: Option<Many<Arg<'a>>>,
}
