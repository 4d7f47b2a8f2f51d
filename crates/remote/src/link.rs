//! One connection to a server: making it, logging in, and exchanging commands for replies.

use std::io;
use std::time::{Duration, Instant};

use redipy_command::{Error, Kind, Result, Value};
use redis::RedisError;

use crate::batch::{Batch, Commands, Scripts};
use crate::config::Config;
use crate::convert;
use crate::failure::{self, Lost};
use crate::legible::Lines;
use crate::stream::Stream;

/// The shortest time that a socket takes for a limit.
const INSTANT: Duration = Duration::from_micros(1);

/// A connection, logged in, in RESP3.
pub(crate) struct Link {
    stream: Stream,
    parser: redis::Parser,
    lines: Lines,
    url: String,
    response_timeout: Option<Duration>,
    /// What the socket was told last.
    read_timeout: Option<Duration>,
    usable: bool,
    used: Instant,
}

/// What came back for a batch: the replies before the connection was lost, if it was.
pub(crate) struct Answers {
    pub(crate) replies: Vec<Value>,
    pub(crate) lost: Option<Lost>,
}

impl Answers {
    /// The replies, if none is missing.
    pub(crate) fn complete(self) -> std::result::Result<Vec<Value>, Lost> {
        self.lost.map_or(Ok(self.replies), Err)
    }

    /// The only reply.
    pub(crate) fn one(self) -> std::result::Result<Value, Lost> {
        let missing = || Lost::unanswered(Error::new(Kind::Decode, "a reply is missing"));
        self.complete()?.pop().ok_or_else(missing)
    }
}

impl Link {
    /// Connects and logs in.
    pub(crate) fn open(config: &Config) -> Result<Self> {
        config.check()?;
        let url = config.to_string();
        let limit = config.connect_timeout;
        let failed = |cause: io::Error| failure::connecting(&url, &cause.into(), limit);
        let stream = Stream::connect(&config.address, limit).map_err(failed)?;
        let mut link = Self {
            stream,
            parser: redis::Parser::new(),
            lines: Lines::default(),
            url: url.clone(),
            response_timeout: Some(limit),
            read_timeout: None,
            usable: true,
            used: Instant::now(),
        };
        link.log_in(config)?;
        link.response_timeout = config.response_timeout;
        link.stream.limit_writing(config.response_timeout).map_err(failed)?;
        Ok(link)
    }

    fn log_in(&mut self, config: &Config) -> Result<()> {
        let batch = greeting(config);
        let answers = self.exchange(&batch);
        welcomed(config, &self.url, answers)
    }

    /// Sends everything in one write and reads all replies.
    pub(crate) fn exchange(&mut self, batch: &Batch) -> Answers {
        let mut replies = Vec::with_capacity(batch.replies());
        let lost = self.send(batch.commands()).and_then(|()| {
            let patience = batch.block().patience(self.response_timeout);
            while replies.len() < batch.replies() {
                replies.push(self.receive(patience)?);
            }
            Ok(())
        });
        self.used = Instant::now();
        self.usable &= lost.is_ok();
        Answers { replies, lost: lost.err() }
    }

    /// Exchanges a batch of one command.
    pub(crate) fn exchange_one(&mut self, batch: &Batch) -> std::result::Result<Value, Lost> {
        self.exchange(batch).one()
    }

    /// Asks whether the server is still there.
    pub(crate) fn ping(&mut self) -> std::result::Result<(), Lost> {
        let mut batch = Batch::new(Scripts::ByDigest);
        batch.command(&[b"PING"]);
        self.exchange_one(&batch).map(|_| ())
    }

    /// Sends bytes.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> std::result::Result<(), Lost> {
        let sent = self.stream.send(bytes);
        sent.map_err(|cause| Lost::unsent(failure::sending(&self.url, &cause.into())))
    }

    /// Reads a reply. After an error the connection is out of step.
    fn receive(&mut self, patience: Option<Duration>) -> std::result::Result<Value, Lost> {
        loop {
            match self.receive_any(patience)? {
                redis::Value::Push { .. } => {}
                reply => return Ok(convert::value(reply)),
            }
        }
    }

    /// Reads whatever comes next.
    pub(crate) fn receive_any(&mut self, patience: Option<Duration>) -> std::result::Result<redis::Value, Lost> {
        let read = self.read(patience);
        read.map_err(|cause| Lost::unanswered(failure::receiving(&self.url, &cause, patience)))
    }

    /// Reads whatever comes next. When the time is over first, nothing of it is lost.
    pub(crate) fn read(&mut self, patience: Option<Duration>) -> std::result::Result<redis::Value, RedisError> {
        self.limit_reading(patience)?;
        self.parser.parse_value(self.lines.of(&mut self.stream))
    }

    /// Telling the socket is a system call: only where the limit is another one.
    fn limit_reading(&mut self, patience: Option<Duration>) -> io::Result<()> {
        let limit = patience.map(|limit| limit.max(INSTANT));
        if limit != self.read_timeout {
            self.stream.limit_reading(limit)?;
            self.read_timeout = limit;
        }
        Ok(())
    }

    /// What the server is called in messages.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// How long the server may take for a reply.
    pub(crate) fn response_timeout(&self) -> Option<Duration> {
        self.response_timeout
    }

    /// Whether replies and commands are still in step.
    pub(crate) fn is_usable(&self) -> bool {
        self.usable
    }

    /// Since when nothing was exchanged.
    pub(crate) fn idle(&self) -> Duration {
        self.used.elapsed()
    }
}

/// Reads the replies to the greeting.
pub(crate) fn welcomed(config: &Config, url: &str, Answers { replies, lost }: Answers) -> Result<()> {
    // A server that takes no more clients says so and closes: what it said tells more.
    let checked = if config.database == 0 { 1 } else { 2 };
    if let Some(error) = replies.iter().take(checked).find_map(|reply| reply.clone().into_result().err()) {
        return Err(failure::refused(url, &error));
    }
    if replies.first().is_some_and(|hello| !matches!(hello, Value::Map(_))) {
        let text = format!("{url} answers HELLO as no Redis server does; is it one?");
        return Err(Error::new(Kind::Connection, text));
    }
    // Nothing but the greeting was sent.
    lost.map_or(Ok(()), |lost| Err(lost.into_error(true)))
}

/// HELLO, SELECT, and what shows in CLIENT LIST; the replies to the last two do not matter, since
/// servers before 7.2 do not know them.
pub(crate) fn greeting<C: Commands>(config: &Config) -> Batch<C> {
    let mut batch = Batch::new(Scripts::ByDigest);
    let mut hello: Vec<&[u8]> = vec![b"HELLO", b"3"];
    if config.user.is_some() || config.password.is_some() {
        let user = config.user.as_deref().unwrap_or("default");
        hello.extend([b"AUTH".as_slice(), user.as_bytes(), config.password.as_deref().unwrap_or_default().as_bytes()]);
    }
    if let Some(name) = &config.client_name {
        hello.extend([b"SETNAME".as_slice(), name.as_bytes()]);
    }
    batch.command(&hello);
    if config.database != 0 {
        batch.command(&[b"SELECT", config.database.to_string().as_bytes()]);
    }
    batch.command(&[b"CLIENT", b"SETINFO", b"LIB-NAME", b"redipy"]);
    batch.command(&[b"CLIENT", b"SETINFO", b"LIB-VER", env!("CARGO_PKG_VERSION").as_bytes()]);
    batch
}
