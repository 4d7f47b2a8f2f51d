//! The socket of a connection that waits: signals do not end a wait, unless somebody says so.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::time::Duration;

use redis::io::tcp::socket2::{SockRef, TcpKeepalive};

use crate::config::Address;

/// After this time without traffic the system asks whether the other end is still there.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// What reading says when a signal ended it.
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
pub(crate) enum Stream {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

impl Stream {
    /// Connects, to the first address of the host that answers.
    pub(crate) fn connect(address: &Address, limit: Duration) -> io::Result<Self> {
        match address {
            Address::Tcp { host, port } => {
                let mut failed = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
                for address in (host.as_str(), *port).to_socket_addrs()? {
                    match TcpStream::connect_timeout(&address, limit) {
                        Ok(stream) => {
                            stream.set_nodelay(true)?;
                            SockRef::from(&stream).set_tcp_keepalive(&keepalive())?;
                            return Ok(Stream::Tcp(stream));
                        }
                        Err(error) => failed = error,
                    }
                }
                Err(failed)
            }
            #[cfg(unix)]
            Address::Unix(path) => UnixStream::connect(path).map(Stream::Unix),
            #[cfg(not(unix))]
            Address::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// How long reading waits at most.
    pub(crate) fn limit_reading(&self, limit: Option<Duration>) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.set_read_timeout(limit),
            #[cfg(unix)]
            Stream::Unix(stream) => stream.set_read_timeout(limit),
        }
    }

    /// How long writing waits at most.
    pub(crate) fn limit_writing(&self, limit: Option<Duration>) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.set_write_timeout(limit),
            #[cfg(unix)]
            Stream::Unix(stream) => stream.set_write_timeout(limit),
        }
    }

    /// Sends bytes, all of them.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.write_all(bytes),
            #[cfg(unix)]
            Stream::Unix(stream) => stream.write_all(bytes),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = match self {
                Stream::Tcp(stream) => stream.read(buffer),
                #[cfg(unix)]
                Stream::Unix(stream) => stream.read(buffer),
            };
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    if ON_SIGNAL.get().is_some_and(|give_up| give_up()) {
                        return Err(io::Error::other(GIVEN_UP));
                    }
                }
                read => return read,
            }
        }
    }
}

/// How the system finds out whether the other end is still there.
pub(crate) fn keepalive() -> TcpKeepalive {
    TcpKeepalive::new().with_time(KEEPALIVE)
}
