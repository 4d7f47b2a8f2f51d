//! Messages and topics of publish and subscribe.

use redipy_command::Bytes;

/// A channel or a pattern of channels.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Topic {
    /// The channel of this name.
    Channel(Bytes),
    /// All channels whose names match this glob pattern.
    Pattern(Bytes),
}

impl Topic {
    /// The name or the pattern.
    pub fn name(&self) -> &Bytes {
        match self {
            Topic::Channel(name) | Topic::Pattern(name) => name,
        }
    }

    /// A topic of the same kind with another name or pattern.
    #[must_use]
    pub fn renamed(&self, name: impl Into<Bytes>) -> Self {
        match self {
            Topic::Channel(_) => Topic::Channel(name.into()),
            Topic::Pattern(_) => Topic::Pattern(name.into()),
        }
    }
}

/// A published message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The channel it was sent to.
    pub channel: Bytes,
    /// The pattern that matched, for a subscription by pattern.
    pub pattern: Option<Bytes>,
    /// The payload.
    pub payload: Bytes,
}

impl Message {
    /// The number of bytes that the message takes while it waits.
    pub fn size(&self) -> usize {
        let pattern = self.pattern.as_ref().map_or(0, |pattern| pattern.len());
        size_of::<Self>() + self.channel.len() + pattern + self.payload.len()
    }
}

/// What a subscription receives. More will follow, such as what a server says of keys that a client keeps; whoever wants
/// messages alone asks for these.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubscriptionEvent {
    /// A published message.
    Message(Message),
}

impl SubscriptionEvent {
    /// Returns the message, if it is one.
    pub fn into_message(self) -> Option<Message> {
        match self {
            SubscriptionEvent::Message(message) => Some(message),
        }
    }
}

impl From<Message> for SubscriptionEvent {
    fn from(message: Message) -> Self {
        SubscriptionEvent::Message(message)
    }
}
