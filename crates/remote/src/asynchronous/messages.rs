//! The messages of channels and patterns, on a connection of their own.

use std::task::{Context, Poll, ready};

use redipy_backend::{AsyncSubscription, Message, Pending, Topic};
use redipy_command::{Error, Kind, Result};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ProtocolVersion, PushInfo};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::line::{Line, connect};
use super::thread;
use crate::config::Config;
use crate::convert;
use crate::failure;

/// A connection that listens.
pub(super) struct Messages {
    connection: MultiplexedConnection,
    pushes: UnboundedReceiver<PushInfo>,
    url: String,
}

impl Messages {
    /// Connects, logs in and listens.
    pub(super) async fn open(config: &Config, topics: &[Topic]) -> Result<Self> {
        // What is wrong with a login is said better by the connection for calls, which logs in by itself.
        drop(Line::open(config).await?);
        let (sender, pushes) = unbounded_channel();
        let login = |mut redis: redis::RedisConnectionInfo| {
            redis = redis.set_protocol(ProtocolVersion::RESP3).set_db(config.database.into());
            if let Some(user) = &config.user {
                redis = redis.set_username(user);
            }
            match &config.password {
                Some(password) => redis.set_password(password),
                None => redis,
            }
        };
        let options = AsyncConnectionConfig::new().set_push_sender(sender);
        let (connection, _) = connect(config, login, options).await?;
        let messages = Messages { connection, pushes, url: config.to_string() };
        change(messages.connection.clone(), messages.url.clone(), topics.to_vec(), true).await?;
        Ok(messages)
    }

    fn changed(&self, topics: &[Topic], listen: bool) -> Pending<()> {
        let (connection, url, topics) = (self.connection.clone(), self.url.clone(), topics.to_vec());
        Box::pin(thread::spawn(change(connection, url, topics, listen)))
    }
}

/// Listens to topics, or no more, and waits until the server has confirmed that.
async fn change(mut connection: MultiplexedConnection, url: String, topics: Vec<Topic>, listen: bool) -> Result<()> {
    for topic in &topics {
        let name = &**topic.name();
        let changed = match (topic, listen) {
            (Topic::Channel(_), true) => connection.subscribe(name).await,
            (Topic::Channel(_), false) => connection.unsubscribe(name).await,
            (Topic::Pattern(_), true) => connection.psubscribe(name).await,
            (Topic::Pattern(_), false) => connection.punsubscribe(name).await,
        };
        changed.map_err(|cause| failure::receiving(&url, &cause, None))?;
    }
    Ok(())
}

impl AsyncSubscription for Messages {
    fn subscribe(&mut self, topics: &[Topic]) -> Pending<()> {
        self.changed(topics, true)
    }

    fn unsubscribe(&mut self, topics: &[Topic]) -> Pending<()> {
        self.changed(topics, false)
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Message>> {
        loop {
            match ready!(self.pushes.poll_recv(context)) {
                Some(push) => {
                    if let Some(message) = convert::message(&push.kind, push.data) {
                        return Poll::Ready(Ok(message));
                    }
                }
                None => {
                    let text = format!("{} closed the connection of the subscription; subscribe again", self.url);
                    return Poll::Ready(Err(Error::new(Kind::Connection, text)));
                }
            }
        }
    }
}
