//! The socket of a blocking connection: waits end at the time limit of the call, and not at signals, unless a function
//! says so.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::process;
use std::sync::OnceLock;
use std::time::Duration;

use redipy_backend::Closer;
use socket2::{SockRef, TcpKeepalive};

use crate::config::Address;
use crate::time_limit::TimeLimit;

/// The time without traffic after which the system probes the other end.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// The shortest time that a socket takes for a limit.
const INSTANT: Duration = Duration::from_micros(1);

/// The text of the error of a wait that a signal ended.
pub(crate) const GIVEN_UP: &str = "a signal ended the wait";

static ON_SIGNAL: OnceLock<fn() -> bool> = OnceLock::new();

/// Asks this function, whenever a signal comes while a call waits for a server, whether the call is to be given up. Without
/// one the call goes on. Only the first function that is given counts.
///
/// A call that is given up fails with [`Kind::Timeout`](redipy_command::Kind::Timeout), and costs its connection.
pub fn on_signal(give_up: fn() -> bool) {
    // The first one stays.
    let _ = ON_SIGNAL.set(give_up);
}

/// A connected socket.
pub(crate) struct Stream {
    socket: Socket,
    /// The limits that were set on the socket last.
    read_limit: Option<Duration>,
    write_limit: Option<Duration>,
}

enum Socket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

/// Evaluates an expression with either kind of socket.
macro_rules! with_socket {
    ($stream:expr, $socket:ident => $act:expr) => {
        match $stream {
            Socket::Tcp($socket) => $act,
            #[cfg(unix)]
            Socket::Unix($socket) => $act,
        }
    };
}

impl Stream {
    /// Connects, to the first address of the host that answers.
    pub(crate) fn connect(address: &Address, time_limit: &TimeLimit) -> io::Result<Self> {
        let socket = match address {
            Address::Tcp { host, port } => Socket::Tcp(connect_tcp(host, *port, time_limit)?),
            #[cfg(unix)]
            Address::Unix(path) => Socket::Unix(connect_unix(path, time_limit)?),
            #[cfg(not(unix))]
            Address::Unix(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        Ok(Self { socket, read_limit: None, write_limit: None })
    }

    /// Sends bytes, all of them.
    pub(crate) fn send(&mut self, bytes: &[u8], time_limit: &TimeLimit) -> io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            if rest.len() < bytes.len() && time_limit.is_over() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            let limit = time_limit.left().map(|left| left.max(INSTANT));
            if limit != self.write_limit {
                with_socket!(&self.socket, socket => socket.set_write_timeout(limit))?;
                self.write_limit = limit;
            }
            match with_socket!(&mut self.socket, socket => socket.write(rest)) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(sent) => rest = &rest[sent..],
                Err(error) => go_on_after_signal(error)?,
            }
        }
        Ok(())
    }

    /// Reads what is there, or waits for it.
    pub(crate) fn read(&mut self, buffer: &mut [u8], time_limit: &TimeLimit) -> io::Result<usize> {
        loop {
            let limit = time_limit.left().map(|left| left.max(INSTANT));
            // Telling the socket is a system call: only where the limit is another one.
            if limit != self.read_limit {
                with_socket!(&self.socket, socket => socket.set_read_timeout(limit))?;
                self.read_limit = limit;
            }
            match with_socket!(&mut self.socket, socket => socket.read(buffer)) {
                Err(error) => go_on_after_signal(error)?,
                read => return read,
            }
        }
    }

    /// Returns a handle that shuts the connection down from another thread: reading then gives its end. In a process other
    /// than its owner it does nothing: after a fork the connection is still the parent's.
    pub(crate) fn closer(&self, owner: u32) -> io::Result<Closer> {
        with_socket!(&self.socket, socket => {
            let socket = socket.try_clone()?;
            Ok(Closer::new(move || {
                if process::id() == owner {
                    // One that is closed already needs nothing.
                    drop(socket.shutdown(Shutdown::Both));
                }
            }))
        })
    }

    /// Reads what is there already; none if nothing is.
    pub(crate) fn read_now(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        with_socket!(&mut self.socket, socket => {
            socket.set_nonblocking(true)?;
            let read = socket.read(buffer);
            socket.set_nonblocking(false)?;
            match read {
                Ok(count) => Ok(Some(count)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
                Err(error) => Err(error),
            }
        })
    }
}

/// Returns the error, unless it is a signal that ends no call.
fn go_on_after_signal(error: io::Error) -> io::Result<()> {
    if error.kind() != io::ErrorKind::Interrupted {
        return Err(error);
    }
    match ON_SIGNAL.get() {
        Some(give_up) if give_up() => Err(io::Error::other(GIVEN_UP)),
        _ => Ok(()),
    }
}

fn connect_tcp(host: &str, port: u16, time_limit: &TimeLimit) -> io::Result<TcpStream> {
    let mut failed = None;
    for address in (host, port).to_socket_addrs()? {
        let connected = match time_limit.left() {
            Some(left) if left.is_zero() => return Err(failed.unwrap_or_else(|| io::ErrorKind::TimedOut.into())),
            Some(left) => TcpStream::connect_timeout(&address, left),
            None => TcpStream::connect(address),
        };
        match connected {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                SockRef::from(&stream).set_tcp_keepalive(&keepalive())?;
                return Ok(stream);
            }
            Err(error) => failed = Some(error),
        }
    }
    Err(failed.unwrap_or_else(|| io::Error::new(io::ErrorKind::AddrNotAvailable, "the host has no address")))
}

/// Connecting waits where a server was stopped and many wait already; the limit on writing holds for it too.
#[cfg(unix)]
fn connect_unix(path: &std::path::Path, time_limit: &TimeLimit) -> io::Result<UnixStream> {
    let socket = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None)?;
    if time_limit.is_over() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    socket.set_write_timeout(time_limit.left())?;
    socket.connect(&socket2::SockAddr::unix(path)?)?;
    socket.set_write_timeout(None)?;
    Ok(UnixStream::from(std::os::fd::OwnedFd::from(socket)))
}

/// The settings by which the system probes the other end.
pub(crate) fn keepalive() -> TcpKeepalive {
    TcpKeepalive::new().with_time(KEEPALIVE)
}
