//! A server that misbehaves by script: per connection and per command.
//!
//! What a real server does only when it is broken, overloaded or stopped, this one does when it is asked to. It logs
//! clients in as Redis does, answers PING, and does to everything else what its [`Manners`] say.
//!
//! ```
//! use redipy_conformance::fake::{Act, Fake, Manners};
//! use redipy_conformance::wire::{Client, Reply};
//!
//! let fake = Fake::start(|_| Manners::new().once("GET", [Act::Nothing]).on("GET", [Act::Echo]));
//! let mut client = Client::connect(fake.port())?;
//! client.send(["GET", "a"])?;
//! assert_eq!(client.call(["GET", "b"])?, Reply::bulk("b"));
//! # Ok::<(), std::io::Error>(())
//! ```

mod manners;

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use redipy_command::ReplySink;
use redipy_resp::{Parsed, Protocol, RequestLimits, RequestParser, Writer};

use crate::command::Command;
pub use manners::{Act, Manners};

/// How long [`Fake::wait_until`] waits before it fails the test.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server on a port of this machine, as long as it is not dropped.
pub struct Fake {
    port: u16,
    shared: Arc<Shared>,
}

/// What became of one connection so far.
#[derive(Debug, Default)]
pub struct Connection {
    /// The commands that came, those of the login with them.
    pub commands: Vec<Command>,
    /// To how many of them everything was done.
    pub answered: usize,
    /// How many bytes the client's socket has taken.
    pub sent: usize,
    /// Whether the client closed it, as far as anybody looked: a frozen connection is not read.
    pub closed: bool,
    stream: Option<TcpStream>,
}

impl Connection {
    /// Whether everything was done to all commands that came, and to one of this name.
    pub fn is_done(&self, name: &str) -> bool {
        self.count(name) > 0 && self.answered == self.commands.len()
    }

    /// How often a command of this name came.
    pub fn count(&self, name: &str) -> usize {
        let is_named =
            |command: &&Command| command.first().is_some_and(|own| own.eq_ignore_ascii_case(name.as_bytes()));
        self.commands.iter().filter(is_named).count()
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    connections: Vec<Connection>,
    ended: bool,
}

impl Fake {
    /// Starts a server that treats each connection, counted from 0, as `manners` says.
    ///
    /// # Panics
    ///
    /// When no port is free.
    pub fn start(manners: impl Fn(usize) -> Manners + Send + 'static) -> Fake {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared::default());
        let own = Arc::clone(&shared);
        thread::spawn(move || own.accept(&listener, manners));
        Fake { port, shared }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What this says of the connections that there were so far.
    pub fn see<T>(&self, look: impl FnOnce(&[Connection]) -> T) -> T {
        look(&self.shared.lock().connections)
    }

    /// How many connections there were so far.
    pub fn connections(&self) -> usize {
        self.see(<[Connection]>::len)
    }

    /// How often a command of this name came, on all connections.
    pub fn count(&self, name: &str) -> usize {
        self.see(|connections| connections.iter().map(|connection| connection.count(name)).sum())
    }

    /// Waits until this is so.
    ///
    /// # Panics
    ///
    /// When it is not so after a long time.
    #[track_caller]
    pub fn wait_until(&self, is_so: impl Fn(&[Connection]) -> bool) {
        let start = Instant::now();
        let mut state = self.shared.lock();
        while !is_so(&state.connections) {
            let left = PATIENCE.saturating_sub(start.elapsed());
            assert!(!left.is_zero(), "nothing happened; connections: {:?}", state.connections);
            state = self.shared.wait(state, left);
        }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        {
            let mut state = self.shared.lock();
            state.ended = true;
            for stream in state.connections.iter().filter_map(|connection| connection.stream.as_ref()) {
                // It may be closed already.
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
        self.shared.changed.notify_all();
        // The listener waits for somebody; without anybody it waits on, which does no harm.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>, limit: Duration) -> MutexGuard<'s, State> {
        self.changed.wait_timeout(state, limit).unwrap_or_else(PoisonError::into_inner).0
    }

    fn accept(self: Arc<Self>, listener: &TcpListener, manners: impl Fn(usize) -> Manners) {
        for stream in listener.incoming().flatten() {
            // What was sent is to be there; if it cannot be told so, tests may be slower.
            let _ = stream.set_nodelay(true);
            let number = {
                let mut state = self.lock();
                if state.ended {
                    return;
                }
                state.connections.push(Connection { stream: stream.try_clone().ok(), ..Connection::default() });
                state.connections.len() - 1
            };
            self.changed.notify_all();
            let (own, manners) = (Arc::clone(&self), manners(number));
            thread::spawn(move || Guest { shared: own, number, stream, received: Vec::new() }.serve(manners));
        }
    }

    /// Notes something about a connection.
    fn note(&self, number: usize, note: impl FnOnce(&mut Connection)) {
        note(&mut self.lock().connections[number]);
        self.changed.notify_all();
    }

    /// Waits this long, or until the server ends: then it is `true`.
    fn ends_within(&self, time: Option<Duration>) -> bool {
        let start = Instant::now();
        let mut state = self.lock();
        while !state.ended {
            let left = time.map_or(PATIENCE, |time| time.saturating_sub(start.elapsed()));
            if left.is_zero() {
                return false;
            }
            state = self.wait(state, left);
        }
        true
    }
}

/// A connection and the thread that serves it.
struct Guest {
    shared: Arc<Shared>,
    number: usize,
    stream: TcpStream,
    /// What came and was not read.
    received: Vec<u8>,
}

/// The connection is at its end.
struct Over;

impl Guest {
    fn serve(mut self, mut manners: Manners) {
        if self.act(manners.at_once(), &Vec::new()).is_ok() {
            // Whatever ended it, the client or the server: there is nobody to tell.
            let _ = self.answer(&mut manners);
        }
        // The other half may be closed already.
        let _ = self.stream.shutdown(Shutdown::Both);
        // Its copy would keep the socket open.
        self.shared.note(self.number, |connection| connection.stream = None);
    }

    fn answer(&mut self, manners: &mut Manners) -> Result<(), Over> {
        let mut parser = RequestParser::default();
        loop {
            let command = self.next(&mut parser)?;
            self.shared.note(self.number, |connection| connection.commands.push(command.clone()));
            self.act(manners.answer(&command), &command)?;
            self.shared.note(self.number, |connection| connection.answered += 1);
        }
    }

    /// The next command.
    fn next(&mut self, parser: &mut RequestParser) -> Result<Command, Over> {
        let mut chunk = [0; 4 << 10];
        loop {
            let mut args = Vec::new();
            let parsed = parser.parse(&self.received, &RequestLimits::default(), &mut args);
            if let Parsed::Request(used) = parsed.map_err(|_| Over)? {
                let command = args.into_iter().map(<[u8]>::to_vec).collect();
                self.received.drain(..used);
                return Ok(command);
            }
            match self.stream.read(&mut chunk) {
                Ok(count @ 1..) => self.received.extend_from_slice(&chunk[..count]),
                end => {
                    let cut = end.map_or_else(|error| error.kind() == ErrorKind::ConnectionReset, |_| true);
                    self.shared.note(self.number, |connection| connection.closed = cut);
                    return Err(Over);
                }
            }
        }
    }

    fn act(&mut self, acts: Vec<Act>, command: &Command) -> Result<(), Over> {
        acts.into_iter().try_for_each(|act| match act {
            Act::Nothing => Ok(()),
            Act::Send(bytes) => self.send(&bytes),
            Act::Echo => {
                let last = command.last().map_or(&b""[..], Vec::as_slice);
                let mut reply = Vec::new();
                Writer::new(&mut reply, Protocol::Resp3).bulk(last);
                self.send(&reply)
            }
            Act::Drip(bytes, pause) => bytes.iter().try_for_each(|byte| {
                self.send(&[*byte])?;
                self.pause(Some(pause))
            }),
            Act::Flood(bytes) => loop {
                self.send(&bytes)?;
            },
            Act::Wait(time) => self.pause(Some(time)),
            Act::Freeze => self.pause(None),
            Act::Close => Err(Over),
        })
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), Over> {
        self.stream.write_all(bytes).map_err(|_| Over)?;
        self.shared.note(self.number, |connection| connection.sent += bytes.len());
        Ok(())
    }

    fn pause(&self, time: Option<Duration>) -> Result<(), Over> {
        if self.shared.ends_within(time) { Err(Over) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Client, Reply};

    #[test]
    fn it_logs_in_and_does_what_it_was_told() {
        let fake = Fake::start(|number| match number {
            0 => Manners::new().once("GET", [Act::send(":1\r\n:2\r\n")]).on("GET", [Act::Echo]),
            _ => Manners::new().first([Act::send("-ERR max number of clients reached\r\n"), Act::Close]),
        });
        let mut client = Client::connect(fake.port()).expect("logs in");
        assert_eq!(client.ask("PING").expect("a reply"), Reply::simple("PONG"));
        assert_eq!(client.ask("GET a").expect("a reply"), Reply::Integer(1));
        assert_eq!(client.ask("get a").expect("a reply"), Reply::Integer(2));
        assert_eq!(client.read().expect("a reply"), Reply::bulk("a"));
        assert!(client.ask("FOO").expect("a reply").is_error());
        assert!(Client::connect(fake.port()).is_err());
        assert_eq!((fake.count("get"), fake.connections()), (2, 2));
        drop(client);
        fake.wait_until(|connections| connections[0].closed);
    }

    #[test]
    fn it_ends_also_while_it_is_frozen() {
        let fake = Fake::start(|_| Manners::new().on("GET", [Act::Freeze]));
        let mut client = Client::connect(fake.port()).expect("logs in");
        client.send(["GET", "a"]).expect("sent");
        fake.wait_until(|connections| connections[0].count("GET") == 1);
        drop(fake);
        assert!(client.read().is_err());
    }
}
