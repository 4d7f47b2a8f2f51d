//! The waist: what every place where the data can live has to offer, and what is the same for all
//! of them. Everything a user can say becomes a [`Request`] and passes through one trait,
//! [`Backend`]; pipelines, transactions and layers such as [`Prefix`] stand on it and know no
//! backend.
#![deny(missing_docs)]
#![warn(missing_debug_implementations)]

pub mod asynchronous;
pub mod backend;
pub mod backlog;
mod closer;
pub mod layer;
pub mod message;
pub mod pipeline;
pub mod place;
pub mod prefix;
pub mod request;

pub use asynchronous::{AsyncBackend, AsyncSession, AsyncSubscription, Borrowed, Pending};
pub use backend::{Backend, Session, Subscription};
pub use backlog::Backlog;
pub use closer::Closer;
pub use layer::{Layer, Layered};
pub use message::{Message, SubscriptionEvent, Topic};
pub use pipeline::{
    AsyncPipeline, AsyncTransaction, AsyncWatchedTransaction, Pipeline, Replies, Slot, Transaction, WatchedTransaction,
};
pub use place::Place;
pub use prefix::Prefix;
pub use request::{Request, RequestRef, Requests, Results};
