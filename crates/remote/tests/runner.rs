//! The backend against real servers of every flavor, and against things that are no servers.

#[path = "runner/busy.rs"]
mod busy;
#[path = "runner/connecting.rs"]
mod connecting;
#[cfg(feature = "async")]
#[path = "runner/futures.rs"]
mod futures;
#[path = "runner/listening.rs"]
mod listening;
#[cfg(feature = "async")]
#[path = "runner/misbehaving.rs"]
mod misbehaving;
#[path = "runner/out_of_step.rs"]
mod out_of_step;
#[path = "runner/prefix.rs"]
mod prefix;
#[path = "runner/replies.rs"]
mod replies;
#[path = "runner/scripts.rs"]
mod scripts;
#[path = "runner/sessions.rs"]
mod sessions;
#[path = "runner/strangers.rs"]
mod strangers;
#[path = "runner/subscriptions.rs"]
mod subscriptions;
#[path = "runner/support.rs"]
mod support;
#[path = "runner/timeouts.rs"]
mod timeouts;
