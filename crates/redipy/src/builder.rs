//! How a client is made: a URL, and what a URL does not say.

use std::time::Duration;

use redipy_command::{Error, Kind, Result};

use crate::client::Redis;
use crate::url::Url;

/// A client of what this URL names.
///
/// | URL | where the data lives |
/// |---|---|
/// | `memory://` | in this process, a fresh store |
/// | `memory://name` | in this process, the same store for the same name |
/// | `redis://[[user]:password@]host[:port][/db]` | on a server |
/// | `unix://[[user]:password@]/path/to/socket[?db=N]` | on a server of this machine |
///
/// A server is connected to when it is first called, not here.
///
/// # Errors
/// `Config` for a URL that is wrong; the message says what is and shows the forms.
///
/// ```
/// let error = redipy::connect("localhost:6379").err().unwrap();
/// assert!(error.message().contains("it has no scheme"));
/// ```
pub fn connect(url: &str) -> Result<Redis> {
    builder(url).connect()
}

/// A client with settings that a URL does not have.
///
/// ```
/// use redipy::prelude::*;
/// use std::time::Duration;
///
/// let settings = |prefix| {
///     redipy::builder("memory://shop")
///         .prefix(prefix)
///         .client_name("checkout")
///         .response_timeout(Duration::from_secs(2))
/// };
/// let (a, b) = (settings("a:").connect()?, settings("b:").connect()?);
/// a.set("cart", "apples")?;
/// assert_eq!(b.get("cart")?, None);
/// assert_eq!(a.keys("*")?, ["cart"]);
/// # Ok::<(), redipy::Error>(())
/// ```
pub fn builder(url: &str) -> Builder {
    Builder {
        url: url.to_owned(),
        prefix: Vec::new(),
        client_name: None,
        connect_timeout: None,
        response_timeout: None,
        background: true,
    }
}

/// Settings for a client.
#[derive(Clone)]
#[must_use = "a builder does nothing until `connect`"]
pub struct Builder {
    url: String,
    prefix: Vec<u8>,
    client_name: Option<String>,
    connect_timeout: Option<Duration>,
    response_timeout: Option<Option<Duration>>,
    background: bool,
}

impl Builder {
    /// Puts this before every key and channel, and takes it off again in replies: a namespace.
    ///
    /// It holds for commands, patterns, the keys of scripts, pipelines, transactions and sessions.
    pub fn prefix(mut self, prefix: impl AsRef<[u8]>) -> Self {
        self.prefix = prefix.as_ref().to_vec();
        self
    }

    /// The name under which the connections stand in a server's `CLIENT LIST`.
    pub fn client_name(mut self, name: &str) -> Self {
        self.client_name = Some(name.to_owned());
        self
    }

    /// How long connecting to a server may take; 5 seconds unless said otherwise.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// How long a server may take to answer; 30 seconds unless said otherwise, `None` for ever.
    /// Commands that wait at the server get the time they wait on top.
    pub fn response_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.response_timeout = Some(timeout.into());
        self
    }

    /// Whether a store of this process may have a thread that removes what has expired and frees what is large; it may
    /// unless said otherwise, and has one only while there is something to do. For a store with a name the first client
    /// decides.
    pub fn background(mut self, background: bool) -> Self {
        self.background = background;
        self
    }

    /// The client. A server is connected to when it is first called, not here.
    ///
    /// # Errors
    /// `Config` for a URL or a setting that is wrong.
    pub fn connect(self) -> Result<Redis> {
        let client = match Url::parse(&self.url)? {
            Url::Memory { name } => memory(name.as_deref(), self.background)?,
            url => self.remote(url)?,
        };
        Ok(client.prefixed(self.prefix))
    }

    #[cfg(feature = "remote")]
    fn remote(&self, url: Url) -> Result<Redis> {
        use std::sync::Arc;

        use redipy_remote::{Address, Config, Remote};

        let (address, login, database) = match url {
            Url::Tcp { host, port, login, database } => (Address::Tcp { host, port }, login, database),
            Url::Unix { path, login, database } => (Address::Unix(path.into()), login, database),
            Url::Memory { .. } => return Err(Error::new(Kind::Config, "memory:// is no server")),
        };
        let mut config = Config::new(address);
        (config.user, config.password, config.database) = (login.user, login.password, database);
        config.client_name = self.client_name.clone();
        config.connect_timeout = self.connect_timeout.unwrap_or(config.connect_timeout);
        config.response_timeout = self.response_timeout.unwrap_or(config.response_timeout);
        Ok(Redis::from_backend(Arc::new(Remote::new(config))))
    }

    #[cfg(not(feature = "remote"))]
    fn remote(&self, _: Url) -> Result<Redis> {
        Err(Error::new(Kind::Unsupported, "this build of redipy has no servers: enable the feature `remote`"))
    }
}

/// A fresh engine, or the one of this name.
#[cfg(feature = "memory")]
fn memory(name: Option<&str>, background: bool) -> Result<Redis> {
    use redipy_memory::Engine;
    use std::collections::HashMap;
    use std::sync::{LazyLock, Mutex, PoisonError};

    /// The engines that have a name; they live as long as the process.
    static NAMED: LazyLock<Mutex<HashMap<String, Engine>>> = LazyLock::new(Mutex::default);

    let fresh = || Engine::builder().background(background).build();
    let Some(name) = name else { return Ok(Redis::from_engine(fresh())) };
    let mut named = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(Redis::from_engine(named.entry(name.to_owned()).or_insert_with(fresh).clone()))
}

#[cfg(not(feature = "memory"))]
fn memory(_: Option<&str>, _: bool) -> Result<Redis> {
    Err(Error::new(Kind::Unsupported, "this build of redipy has no engine: enable the feature `memory`"))
}
