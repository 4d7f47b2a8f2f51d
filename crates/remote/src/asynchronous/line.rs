//! One connection that many calls share: each one's replies come in the order in which it was sent.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redipy_command::Result;
use redis::aio::MultiplexedConnection;
use redis::io::tcp::socket2::SockRef;
use redis::{AsyncConnectionConfig, ProtocolVersion, RedisConnectionInfo, RedisError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Sent;
use crate::config::{Address, Config};
use crate::convert;
use crate::failure::{self, Lost};
use crate::legible::LegibleStream;
use crate::link::{Answers, greeting, welcomed};
use crate::stream::keepalive;

/// A connection, logged in, in RESP3.
#[derive(Clone)]
pub(super) struct Line {
    connection: MultiplexedConnection,
    url: Arc<str>,
    response_timeout: Option<Duration>,
    closed: Arc<AtomicBool>,
}

impl Line {
    /// Connects and logs in.
    pub(super) async fn open(config: &Config) -> Result<Self> {
        let (connection, closed) = connect(config, |redis| redis, AsyncConnectionConfig::new()).await?;
        let url: Arc<str> = config.to_string().into();
        let mut line = Line { connection, url, response_timeout: Some(config.connect_timeout), closed };
        welcomed(config, &line.url, line.exchange(&greeting(config)).await)?;
        line.response_timeout = config.response_timeout;
        Ok(line)
    }

    /// Sends everything in one write and waits for all replies.
    pub(super) async fn exchange(&self, batch: &Sent) -> Answers {
        let patience = batch.block().patience(self.response_timeout);
        if self.is_closed() {
            let cause = io::Error::from(io::ErrorKind::BrokenPipe).into();
            let lost = Lost::unsent(failure::sending(&self.url, &cause));
            return Answers { replies: Vec::new(), lost: Some(lost) };
        }
        match self.replies(batch, patience).await {
            Ok(replies) => Answers { replies: replies.into_iter().map(convert::value).collect(), lost: None },
            Err(cause) => {
                let lost = Lost::unanswered(failure::receiving(&self.url, &cause, patience));
                Answers { replies: Vec::new(), lost: Some(lost) }
            }
        }
    }

    async fn replies(
        &self,
        batch: &Sent,
        patience: Option<Duration>,
    ) -> std::result::Result<Vec<redis::Value>, RedisError> {
        let mut connection = self.connection.clone();
        let replies = connection.send_packed_commands(batch.commands(), 0, batch.replies());
        match patience {
            None => replies.await,
            Some(limit) => timeout(limit, replies).await.unwrap_or_else(|_| Err(timed_out())),
        }
    }

    /// Whether the connection was lost.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Whether this is the same connection.
    pub(super) fn is(&self, other: &Line) -> bool {
        Arc::ptr_eq(&self.closed, &other.closed)
    }
}

fn timed_out() -> RedisError {
    io::Error::from(io::ErrorKind::TimedOut).into()
}

/// Connects, and notes when the connection is closed. redis-rs sends nothing by itself, since its own handshake would give
/// its own errors, but for what `greets` makes it send.
pub(super) async fn connect(
    config: &Config,
    greets: impl FnOnce(RedisConnectionInfo) -> RedisConnectionInfo,
    options: AsyncConnectionConfig,
) -> Result<(MultiplexedConnection, Arc<AtomicBool>)> {
    config.check()?;
    let silent = RedisConnectionInfo::default().set_protocol(ProtocolVersion::RESP2).set_skip_set_lib_name();
    let settings = greets(silent);
    let options = options.set_response_timeout(None);
    let limit = config.connect_timeout;
    let connected = async {
        match &config.address {
            Address::Tcp { host, port } => {
                let stream = TcpStream::connect((host.as_str(), *port)).await?;
                stream.set_nodelay(true)?;
                SockRef::from(&stream).set_tcp_keepalive(&keepalive())?;
                drive(&settings, stream, options).await
            }
            #[cfg(unix)]
            Address::Unix(path) => drive(&settings, tokio::net::UnixStream::connect(path).await?, options).await,
            #[cfg(not(unix))]
            Address::Unix(_) => Err(io::Error::from(io::ErrorKind::Unsupported).into()),
        }
    };
    let connected = timeout(limit, connected).await.unwrap_or_else(|_| Err(timed_out()));
    connected.map_err(|cause| failure::connecting(&config.to_string(), &cause, limit))
}

async fn drive<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    settings: &RedisConnectionInfo,
    stream: S,
    options: AsyncConnectionConfig,
) -> std::result::Result<(MultiplexedConnection, Arc<AtomicBool>), RedisError> {
    let stream = LegibleStream::new(stream);
    let (connection, driver) = MultiplexedConnection::new_with_config(settings, stream, options).await?;
    let closed = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&closed);
    tokio::spawn(async move {
        driver.await;
        noted.store(true, Ordering::Release);
    });
    Ok((connection, closed))
}
