//! A connection to a server: connecting, logging in, and exchanging commands for replies.

use std::io;
use std::process;
use std::time::{Duration, Instant};

use redipy_backend::Closer;
use redipy_command::{Error, Kind, Result, Value};
use redipy_resp::{Incoming, ReplyReader};

use crate::batch::{Batch, Scripts};
use crate::config::Config;
use crate::failure::{self, Lost};
use crate::stream::Stream;
use crate::time_limit::TimeLimit;

/// A connection, logged in, in RESP3.
pub(crate) struct Link {
    stream: Stream,
    reader: ReplyReader,
    url: String,
    response_timeout: Option<Duration>,
    usable: bool,
    used: Instant,
    /// The process that opened it: in a fork of it both would read the same replies.
    owner: u32,
}

/// The result of a batch: its replies, and the loss of the connection that ended them, if any.
#[derive(Debug)]
pub(crate) struct Answers {
    pub(crate) replies: Vec<Value>,
    pub(crate) lost: Option<Lost>,
}

impl Answers {
    /// No reply.
    pub(crate) fn none(lost: Lost) -> Self {
        Self { replies: Vec::new(), lost: Some(lost) }
    }

    /// The only reply.
    pub(crate) fn one(mut self) -> std::result::Result<Value, Lost> {
        let missing = || Lost::unanswered(Error::new(Kind::Decode, "a reply is missing"));
        self.lost.map_or_else(|| self.replies.pop().ok_or_else(missing), Err)
    }
}

impl Link {
    /// Connects and logs in.
    pub(crate) fn open(config: &Config) -> Result<Self> {
        config.check()?;
        let url = config.to_string();
        let limit = config.connect_timeout;
        let mut time_limit = TimeLimit::new(Some(limit));
        time_limit.begin();
        let connected = Stream::connect(&config.address, &time_limit);
        let stream = connected.map_err(|cause| failure::connecting(&url, &cause, limit))?;
        let mut link = Self {
            stream,
            reader: ReplyReader::default(),
            url,
            response_timeout: config.response_timeout,
            usable: true,
            used: Instant::now(),
            owner: process::id(),
        };
        let answers = link.greet(&greeting(config), TimeLimit::new(Some(limit)));
        welcomed(config, &link.url, answers)?;
        Ok(link)
    }

    /// The first exchange. A server that refuses a client says why before it is asked, and may not listen any more.
    fn greet(&mut self, batch: &Batch, mut time_limit: TimeLimit) -> Answers {
        time_limit.begin();
        let sent = self.write(batch.commands(), &time_limit);
        let Answers { replies, lost } = self.replies(batch.replies(), &time_limit);
        Answers { replies, lost: sent.err().or(lost) }
    }

    /// Sends everything in one write and reads all replies.
    pub(crate) fn exchange(&mut self, batch: &Batch, time_limit: &mut TimeLimit) -> Answers {
        time_limit.begin();
        let answers = match self.send(batch.commands(), time_limit) {
            Ok(()) => self.replies(batch.replies(), time_limit),
            Err(lost) => Answers::none(lost),
        };
        self.used = Instant::now();
        self.usable &= answers.lost.is_none();
        answers
    }

    /// Reads `count` replies.
    fn replies(&mut self, count: usize, time_limit: &TimeLimit) -> Answers {
        let mut replies = Vec::with_capacity(count);
        while replies.len() < count {
            match self.read(time_limit) {
                Ok(Incoming::Reply(reply)) => replies.push(reply),
                Ok(Incoming::Push(_)) => {}
                Err(cause) => {
                    let lost = Lost::unanswered(failure::receiving(&self.url, &cause, time_limit.limit()));
                    return Answers { replies, lost: Some(lost) };
                }
            }
        }
        Answers { replies, lost: None }
    }

    /// Checks that the server is alive, with a PING.
    pub(crate) fn ping(&mut self) -> std::result::Result<(), Lost> {
        let mut batch = Batch::new(Scripts::ByDigest);
        batch.command(&[b"PING"]);
        self.exchange(&batch, &mut TimeLimit::new(self.response_timeout)).one().map(|_| ())
    }

    /// Sends bytes, if nothing is there that would be taken for the answer to them.
    fn send(&mut self, bytes: &[u8], time_limit: &TimeLimit) -> std::result::Result<(), Lost> {
        if !self.is_own() {
            return Err(Lost::unsent(failure::inherited(&self.url)));
        }
        self.settle().map_err(|cause| self.unsent(&cause))?;
        self.write(bytes, time_limit)
    }

    /// Sends bytes.
    pub(crate) fn write(&mut self, bytes: &[u8], time_limit: &TimeLimit) -> std::result::Result<(), Lost> {
        self.stream.send(bytes, time_limit).map_err(|cause| self.unsent(&cause))
    }

    fn unsent(&self, cause: &io::Error) -> Lost {
        Lost::unsent(failure::sending(&self.url, cause))
    }

    /// Reads unexpected input. A reply in it would be mistaken for that of the next command.
    fn settle(&mut self) -> io::Result<()> {
        loop {
            while let Some(incoming) = self.next()? {
                if let Incoming::Reply(_) = incoming {
                    return Err(failure::unasked());
                }
            }
            match self.stream.read_now(self.reader.room()?)? {
                None if self.reader.is_amid_reply() => return Err(failure::unasked()),
                None => return Ok(()),
                Some(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Some(count) => self.reader.filled(count),
            }
        }
    }

    /// Reads what comes next. When the time is over first, nothing of it is lost.
    pub(crate) fn read(&mut self, time_limit: &TimeLimit) -> io::Result<Incoming> {
        let mut waited = false;
        loop {
            if let Some(incoming) = self.next()? {
                return Ok(incoming);
            }
            if waited && time_limit.is_over() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            match self.stream.read(self.reader.room()?, time_limit)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => self.reader.filled(count),
            }
            waited = true;
        }
    }

    /// The next reply or push that was read already.
    fn next(&mut self) -> io::Result<Option<Incoming>> {
        self.reader.read().map_err(failure::not_resp)
    }

    /// Returns a handle that closes the connection from another thread.
    pub(crate) fn closer(&self) -> Result<Closer> {
        if !self.is_own() {
            return Err(failure::inherited(&self.url));
        }
        self.stream.closer(self.owner).map_err(|cause| failure::listening(&self.url, &cause))
    }

    /// The name of the server in messages.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The time limit of a reply.
    pub(crate) fn response_timeout(&self) -> Option<Duration> {
        self.response_timeout
    }

    /// Returns whether replies and commands are in step.
    pub(crate) fn is_usable(&self) -> bool {
        self.usable && self.is_own()
    }

    /// Returns whether this process opened the connection.
    pub(crate) fn is_own(&self) -> bool {
        self.owner == process::id()
    }

    /// Simulates a fork of the process that opened the connection.
    #[cfg(test)]
    pub(crate) fn inherit(&mut self) {
        self.owner = 0;
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
pub(crate) fn greeting(config: &Config) -> Batch {
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

#[cfg(test)]
mod tests {
    use redipy_backend::Request;
    use redipy_command::{Encoded, Kind};
    use redipy_conformance::fake::{Act, Fake, Manners};

    use super::*;
    use crate::batch::Scripts;

    #[test]
    fn only_the_process_that_opened_a_connection_closes_it() {
        let fake = Fake::start(|_| Manners::new().on("GET", [Act::Echo]));
        let mut link = Link::open(&Config::tcp("127.0.0.1", fake.port())).expect("a connection");
        let get = Request::from(Encoded::raw(b"GET").arg("a"));
        let batch = Batch::of(get.as_ref(), Scripts::ByDigest).expect("complete");
        let get = |link: &mut Link| link.exchange(&batch, &mut TimeLimit::new(None)).one().is_ok();
        let (own, of_another) = (link.closer().expect("a handle"), link.stream.closer(0).expect("a handle"));
        of_another.close();
        assert!(get(&mut link));
        own.close();
        assert!(!get(&mut link));
        link.inherit();
        let error = link.closer().expect_err("the parent's connection");
        assert!(error.kind() == Kind::Connection && error.message().contains("forked"), "{error}");
    }
}
