//! The address of a server and the settings of its connections. URLs are parsed by the builder of a [`Config`].

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use redipy_backend::backlog;
use redipy_command::{Error, Kind, Result};

/// The address of a server.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// A host, by name or address, and a port.
    Tcp {
        /// The name or the address; IPv6 addresses without brackets.
        host: String,
        /// The port.
        port: u16,
    },
    /// A Unix socket.
    Unix(PathBuf),
}

/// A server and how to talk to it.
///
/// ```
/// # mod redipy { pub use redipy_backend::*; pub use redipy_command::*; pub use redipy_remote as remote; }
/// use redipy::remote::Config;
///
/// let mut config = Config::tcp("db.example", 6379);
/// config.password = Some("secret".into());
/// config.database = 2;
/// assert_eq!(config.to_string(), "redis://db.example:6379/2");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Config {
    /// The address of the server.
    pub address: Address,
    /// The user to log in as; `default` if there is only a password.
    pub user: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// The database that every connection starts with.
    pub database: u32,
    /// The name under which the connections stand in `CLIENT LIST`.
    pub client_name: Option<String>,
    /// The time limit of connecting, and the one of logging in.
    pub connect_timeout: Duration,
    /// How long a call may take in all, once it is connected; `None` waits for ever. The time that a blocking command may
    /// block by itself is added.
    pub response_timeout: Option<Duration>,
    /// The limit on the bytes of unread messages that a subscription keeps; beyond that it ends, with an error that
    /// says so. Nothing is read from a server beyond a small buffer while messages wait, so that this counts while it is
    /// waited for further topics only: else it is the server's own limit (`client-output-buffer-limit pubsub`) that ends a
    /// subscription which is not read.
    pub message_limit: usize,
    /// The number of idle connections that are kept. Connections in use are not limited.
    pub pool_size: usize,
}

impl Config {
    /// The server at this address: no login, database 0, 5 s to connect, 30 s for a response, 32 MB of messages that wait,
    /// up to 16 idle connections.
    pub fn new(address: Address) -> Self {
        Self {
            address,
            user: None,
            password: None,
            database: 0,
            client_name: None,
            connect_timeout: Duration::from_secs(5),
            response_timeout: Some(Duration::from_secs(30)),
            message_limit: backlog::LIMIT,
            pool_size: 16,
        }
    }

    /// The server on this host and port.
    pub fn tcp(host: impl Into<String>, port: u16) -> Self {
        Self::new(Address::Tcp { host: host.into(), port })
    }

    /// The server behind this Unix socket.
    pub fn unix(path: impl Into<PathBuf>) -> Self {
        Self::new(Address::Unix(path.into()))
    }

    /// The same configuration with time limits of at most `limit`.
    pub(crate) fn hurried(&self, limit: Duration) -> Self {
        // A limit of zero would be refused; the least that a clock shows is over at once as well.
        let limit = limit.max(Duration::from_nanos(1));
        let response_timeout = Some(self.response_timeout.map_or(limit, |own| own.min(limit)));
        Self { connect_timeout: self.connect_timeout.min(limit), response_timeout, ..self.clone() }
    }

    /// Refuses what cannot work; connecting does so as well.
    ///
    /// # Errors
    /// [`Kind::Config`] for a timeout of zero.
    pub fn check(&self) -> Result<()> {
        if self.connect_timeout.is_zero() || self.response_timeout.is_some_and(|limit| limit.is_zero()) {
            return Err(Error::new(Kind::Config, "a timeout of zero leaves no time to answer; use a longer one"));
        }
        Ok(())
    }
}

/// The URL, without user and password.
impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let database = self.database;
        match &self.address {
            Address::Tcp { host, port } if host.contains(':') => write!(f, "redis://[{host}]:{port}/{database}"),
            Address::Tcp { host, port } => write!(f, "redis://{host}:{port}/{database}"),
            Address::Unix(path) if database == 0 => write!(f, "unix://{}", path.display()),
            Address::Unix(path) => write!(f, "unix://{}?db={database}", path.display()),
        }
    }
}

/// Shows everything but the password.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("address", &self.address)
            .field("user", &self.user)
            .field("password", &self.password.as_ref().map(|_| "***"))
            .field("database", &self.database)
            .field("client_name", &self.client_name)
            .field("connect_timeout", &self.connect_timeout)
            .field("response_timeout", &self.response_timeout)
            .field("message_limit", &self.message_limit)
            .field("pool_size", &self.pool_size)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_show_no_password() {
        let mut config = Config::tcp("::1", 6380);
        config.user = Some("anna".into());
        config.password = Some("hunter2".into());
        assert_eq!(config.to_string(), "redis://[::1]:6380/0");
        assert!(!format!("{config:?}").contains("hunter2"));

        let mut config = Config::unix("/run/redis.sock");
        assert_eq!(config.to_string(), "unix:///run/redis.sock");
        config.database = 3;
        assert_eq!(config.to_string(), "unix:///run/redis.sock?db=3");
    }

    #[test]
    fn timeouts_of_zero_are_refused() {
        let mut config = Config::tcp("localhost", 1);
        assert!(config.check().is_ok());
        config.response_timeout = Some(Duration::ZERO);
        assert_eq!(config.check().map_err(|error| error.kind()), Err(Kind::Config));
    }
}
