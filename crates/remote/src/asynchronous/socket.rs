//! Connecting and logging in, for the thread of futures, and what carries bytes after that.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use redipy_command::Result;
use redipy_resp::{Incoming, ReplyReader};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep_until, timeout};

use crate::config::{Address, Config};
use crate::failure::{self, Lost};
use crate::link::{Answers, greeting, welcomed};
use crate::stream::keepalive;

/// A connected socket of either kind.
trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Duplex for S {}

/// A connection, logged in, in RESP3.
pub(super) struct Socket {
    stream: Box<dyn Duplex>,
    reader: ReplyReader,
}

/// The user of a connection: it provides what is sent and receives what arrives.
pub(super) trait Traffic: Send + Sync + 'static {
    /// Remembers whom to wake when the answers to the other questions have changed.
    fn remember(&self, waker: &std::task::Waker);

    /// Returns whether the connection is no longer needed.
    fn is_over(&self) -> bool;

    /// Returns whether more input is accepted. Otherwise it stays with the server.
    fn wants(&self) -> bool;

    /// Adds the bytes that are to be sent next.
    fn add_outgoing(&self, bytes: &mut Vec<u8>);

    /// Handles a reply or a push, and returns whether more input is accepted.
    fn take(&self, incoming: Incoming) -> std::result::Result<bool, End>;

    /// When it wants to be asked what has taken too long.
    fn alarm(&self) -> Option<Instant> {
        None
    }

    /// It is the time of the alarm, or later.
    fn ring(&self, now: Instant) -> std::result::Result<(), End> {
        let _ = now;
        Ok(())
    }

    /// The connection was lost.
    fn lost(&self, cause: &io::Error);
}

/// The reason why a connection is no longer used.
pub(super) enum End {
    /// The connection was lost, or is out of step.
    Lost(io::Error),
    /// The user of the connection has reported the reason already.
    Reported,
}

impl From<io::Error> for End {
    fn from(cause: io::Error) -> Self {
        End::Lost(cause)
    }
}

impl Socket {
    /// Connects and logs in.
    pub(super) async fn open(config: &Config) -> Result<Self> {
        config.check()?;
        let (url, limit) = (config.to_string(), config.connect_timeout);
        let connected = timeout(limit, connect(&config.address)).await.unwrap_or_else(|_| Err(timed_out()));
        let stream = connected.map_err(|cause| failure::connecting(&url, &cause, limit))?;
        let mut socket = Socket { stream, reader: ReplyReader::default() };
        let answers = socket.greet(config, &url, limit).await;
        welcomed(config, &url, answers)?;
        Ok(socket)
    }

    /// The first exchange. A server that refuses a client says why before it is asked, and may not listen any more.
    async fn greet(&mut self, config: &Config, url: &str, limit: Duration) -> Answers {
        let batch = greeting(config);
        let mut replies = Vec::new();
        let exchanged = timeout(limit, async {
            let sent = self.stream.write_all(batch.commands()).await;
            while replies.len() < batch.replies() {
                match self.next().await? {
                    Incoming::Reply(reply) => replies.push(reply),
                    Incoming::Push(_) => {}
                }
            }
            sent
        });
        let exchanged = exchanged.await.unwrap_or_else(|_| Err(timed_out()));
        let lost = |cause| Lost::unanswered(failure::receiving(url, &cause, Some(limit)));
        Answers { replies, lost: exchanged.err().map(lost) }
    }

    async fn next(&mut self) -> io::Result<Incoming> {
        loop {
            if let Some(incoming) = self.reader.read().map_err(failure::not_resp)? {
                return Ok(incoming);
            }
            match self.stream.read(self.reader.room()?).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => self.reader.filled(count),
            }
        }
    }

    /// Sends and receives until the connection is no longer needed.
    pub(super) async fn carry(self, traffic: Arc<impl Traffic>) {
        let mut carrier = Carrier { socket: self, traffic, out: Vec::new(), sent: 0, alarm: None };
        let end = std::future::poll_fn(|context| carrier.poll(context)).await;
        if let End::Lost(cause) = end {
            carrier.traffic.lost(&cause);
        }
    }
}

async fn connect(address: &Address) -> io::Result<Box<dyn Duplex>> {
    match address {
        Address::Tcp { host, port } => {
            let stream = TcpStream::connect((host.as_str(), *port)).await?;
            stream.set_nodelay(true)?;
            SockRef::from(&stream).set_tcp_keepalive(&keepalive())?;
            Ok(Box::new(stream))
        }
        #[cfg(unix)]
        Address::Unix(path) => Ok(Box::new(tokio::net::UnixStream::connect(path).await?)),
        #[cfg(not(unix))]
        Address::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
    }
}

fn timed_out() -> io::Error {
    io::ErrorKind::TimedOut.into()
}

/// The traffic of a connection after the login.
struct Carrier<T> {
    socket: Socket,
    traffic: Arc<T>,
    /// The bytes that are being sent, and the number of those already sent.
    out: Vec<u8>,
    sent: usize,
    /// What rings at this time.
    alarm: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<T: Traffic> Carrier<T> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<End> {
        self.traffic.remember(context.waker());
        // Reading comes first: what is there before anything new is sent does not answer that.
        let done = self.read(context).and_then(|()| self.write(context)).and_then(|()| self.watch_time(context));
        if let Err(end) = done {
            return Poll::Ready(end);
        }
        if self.traffic.is_over() { Poll::Ready(End::Reported) } else { Poll::Pending }
    }

    fn read(&mut self, context: &mut Context<'_>) -> std::result::Result<(), End> {
        let mut wants = self.traffic.wants();
        while wants {
            if let Some(incoming) = self.socket.reader.read().map_err(failure::not_resp)? {
                wants = self.traffic.take(incoming)?;
                continue;
            }
            let mut room = ReadBuf::new(self.socket.reader.room()?);
            match Pin::new(&mut self.socket.stream).poll_read(context, &mut room)? {
                Poll::Pending => return Ok(()),
                Poll::Ready(()) => match room.filled().len() {
                    0 => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
                    count => self.socket.reader.filled(count),
                },
            }
        }
        Ok(())
    }

    /// Asks what has taken too long, at the time of the alarm.
    fn watch_time(&mut self, context: &mut Context<'_>) -> std::result::Result<(), End> {
        while let Some(wanted) = self.traffic.alarm() {
            let sleep = match &mut self.alarm {
                Some((at, sleep)) => {
                    if *at != wanted {
                        *at = wanted;
                        sleep.as_mut().reset(wanted.into());
                    }
                    sleep
                }
                none => &mut none.insert((wanted, Box::pin(sleep_until(wanted.into())))).1,
            };
            if sleep.as_mut().poll(context).is_pending() {
                return Ok(());
            }
            self.alarm = None;
            self.traffic.ring(Instant::now())?;
        }
        Ok(())
    }

    fn write(&mut self, context: &mut Context<'_>) -> std::result::Result<(), End> {
        loop {
            if self.sent == self.out.len() {
                (self.out, self.sent) = (Vec::new(), 0);
                self.traffic.add_outgoing(&mut self.out);
            }
            if self.out.is_empty() {
                return Ok(());
            }
            match Pin::new(&mut self.socket.stream).poll_write(context, &self.out[self.sent..])? {
                Poll::Pending => return Ok(()),
                Poll::Ready(0) => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                Poll::Ready(count) => self.sent += count,
            }
        }
    }
}
