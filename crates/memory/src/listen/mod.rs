//! Who learns of what happens: sessions that watch keys, subscribers of channels and of keyspace notifications.

pub(crate) mod event;
pub(crate) mod hub;
pub(crate) mod notifications;
pub(crate) mod watchers;
