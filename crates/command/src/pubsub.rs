//! Publish and subscribe. Subscribing turns a connection into a stream of messages, so the
//! commands that do it have no method of their own: a client's `subscribe` gives a `Subscription`.

use crate::Command;
use crate::arg::{Arg, Key, Many};
use crate::value::Value;

/// Sends a message to a channel; returns how many subscriptions received it.
#[derive(Debug, Clone, Command)]
#[original]
#[command("PUBLISH", pubsub, fast, loading, stale, pubsub, since = "2.0.0",
    complexity = "O(N+M) in the subscribers of the channel and the patterns subscribed to", reply = u64)]
pub struct Publish<'a> {
    /// The channel.
    #[names(Channel)]
    pub channel: Arg<'a>,
    /// The message.
    pub message: Arg<'a>,
}

/// Listens to channels.
#[derive(Debug, Clone, Command)]
#[command("SUBSCRIBE", pubsub, session, loading, stale, noscript, pubsub, while_listening, since = "2.0.0",
    complexity = "O(N) in the channels", reply = Value)]
#[method()]
pub struct Subscribe<'a> {
    /// The channels.
    #[names(Channel)]
    pub channels: Many<Arg<'a>>,
}

/// Listens to the channels that match patterns.
#[derive(Debug, Clone, Command)]
#[command("PSUBSCRIBE", pubsub, session, loading, stale, noscript, pubsub, while_listening, since = "2.0.0",
    complexity = "O(N) in the patterns", reply = Value)]
#[method()]
pub struct PSubscribe<'a> {
    /// The patterns.
    #[names(Channels)]
    pub patterns: Many<Arg<'a>>,
}

/// Stops listening to channels; to all without one.
#[derive(Debug, Clone, Command)]
#[command("UNSUBSCRIBE", pubsub, session, loading, stale, noscript, pubsub, while_listening, since = "2.0.0",
    complexity = "O(N) in the channels", reply = Value)]
#[method()]
pub struct Unsubscribe<'a> {
    /// The channels.
    #[names(Channel)]
    pub channels: Option<Many<Arg<'a>>>,
}

/// Stops listening to patterns; to all without one.
#[derive(Debug, Clone, Command)]
#[command("PUNSUBSCRIBE", pubsub, session, loading, stale, noscript, pubsub, while_listening, since = "2.0.0",
    complexity = "O(N) in the patterns", reply = Value)]
#[method()]
pub struct PUnsubscribe<'a> {
    /// The patterns.
    #[names(Channels)]
    pub patterns: Option<Many<Arg<'a>>>,
}

/// Listens to channels of a shard.
#[derive(Debug, Clone, Command)]
#[command("SSUBSCRIBE", pubsub, session, loading, stale, noscript, pubsub, while_listening, since = "7.0.0",
    complexity = "O(N) in the channels", reply = Value)]
#[method()]
pub struct SSubscribe<'a> {
    /// The channels, which belong to a shard as keys do.
    #[key(not_key)]
    #[argument("shardchannel", Str)]
    pub channels: Many<Key<'a>>,
}

/// Stops listening to channels of a shard; to all without one.
#[derive(Debug, Clone, Command)]
#[command("SUNSUBSCRIBE", pubsub, session, loading, stale, noscript, pubsub, while_listening, since = "7.0.0",
    complexity = "O(N) in the channels", reply = Value)]
#[method()]
pub struct SUnsubscribe<'a> {
    /// The channels, which belong to a shard as keys do.
    #[key(not_key)]
    #[argument("shardchannel", Str)]
    pub channels: Option<Many<Key<'a>>>,
}
