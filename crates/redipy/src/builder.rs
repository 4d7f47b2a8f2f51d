//! The builder of clients: a URL, and further settings.

use std::fmt;
use std::time::Duration;

use redipy_command::{Bytes, Error, Kind, Result};

use crate::client::Redis;
use crate::url::{Home, Options, Url};

/// A client of what this URL names.
///
/// | URL | where the data lives |
/// |---|---|
/// | `memory://` | in this process, a fresh store |
/// | `memory://name[/db]` | in this process, the same store for the same name |
/// | `redis://[[user]:password@]host[:port][/db]` | on a server |
/// | `unix://[[user]:password@]/path/to/socket[?db=N]` | on a server of this machine |
///
/// Each may be followed by `?timeout=SECONDS` (how long a call may take, or `none`), `connect_timeout=SECONDS` (how long it may
/// take besides where it has to open a connection) and `message_limit=BYTES` (how much a subscription keeps that nobody has
/// read), a store of this process by `background=no` ([`Builder::background`]), `script_steps=NUMBER` (what a script may use
/// up), `notify_keyspace_events=CLASSES` ([`Builder::notify_keyspace_events`]) and the sizes at which
/// collections change their form, named as on a server: `hash_max_listpack_entries=1024`, and so `hash_max_listpack_value`,
/// `set_max_intset_entries`, `set_max_listpack_entries`, `set_max_listpack_value`, `zset_max_listpack_entries`,
/// `zset_max_listpack_value` and `list_max_listpack_size`. They are joined by `&`.
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
        message_limit: None,
        notify_keyspace_events: None,
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
    message_limit: Option<usize>,
    notify_keyspace_events: Option<String>,
}

/// Without the URL, in which there may be a password.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("prefix", &Bytes::copy(&self.prefix))
            .field("client_name", &self.client_name)
            .field("connect_timeout", &self.connect_timeout)
            .field("response_timeout", &self.response_timeout)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// Sets a prefix of all keys and channels, which replies do not show: a namespace.
    ///
    /// The prefix applies to commands, patterns, the keys of scripts, pipelines, transactions and sessions.
    pub fn prefix(mut self, prefix: impl AsRef<[u8]>) -> Self {
        self.prefix = prefix.as_ref().to_vec();
        self
    }

    /// The name under which the connections stand in a server's `CLIENT LIST`.
    pub fn client_name(mut self, name: &str) -> Self {
        self.client_name = Some(name.to_owned());
        self
    }

    /// Sets the time limit of connecting to a server; 5 seconds by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// Sets the time limit of a whole call of a server; 30 seconds by default, `None` for no limit. The time for which a
    /// command may block is added, and for a call that has to open a connection, the first one and one after a timeout,
    /// up to [`connect_timeout`](Self::connect_timeout).
    pub fn response_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.response_timeout = Some(timeout.into());
        self
    }

    /// Sets whether a store of this process may have a thread that removes what has expired and frees what is large; by
    /// default it has one while there is something to do. For a store with a name the first client decides.
    pub fn background(mut self, background: bool) -> Self {
        self.background = background;
        self
    }

    /// Sets the limit on the bytes of unread messages that a subscription keeps; 32 MB by default. Beyond that it ends
    /// with an error that says so. For a store of this process with a name the first client decides.
    pub fn message_limit(mut self, bytes: usize) -> Self {
        self.message_limit = Some(bytes);
        self
    }

    /// Sets the keyspace notifications that a store of this process publishes, in the letters of a server's
    /// `notify-keyspace-events`, such as `"KEA"`; none by default. For a store with a name the
    /// first client decides. A server is configured at the server. A [`prefix`](Self::prefix) stands before the names of
    /// channels too, so these are listened to by a client without one.
    ///
    /// ```
    /// use redipy::prelude::*;
    ///
    /// let r = redipy::builder("memory://").notify_keyspace_events("Ex$").connect()?;
    /// let mut events = r.psubscribe("__keyevent@0__:*")?;
    /// r.set("greeting", "hello")?;
    /// let event = events.recv()?;
    /// assert_eq!((event.channel, event.payload), ("__keyevent@0__:set".into(), "greeting".into()));
    /// # Ok::<(), redipy::Error>(())
    /// ```
    pub fn notify_keyspace_events(mut self, classes: &str) -> Self {
        self.notify_keyspace_events = Some(classes.to_owned());
        self
    }

    /// The client. A server is connected to when it is first called, not here.
    ///
    /// # Errors
    /// `Config` for a URL or a setting that is wrong.
    pub fn connect(self) -> Result<Redis> {
        let Url { home, options } = Url::parse(&self.url)?;
        let client = match home {
            Home::Memory { name } => self.memory(name.as_deref(), options)?,
            home => self.remote(home, options)?,
        };
        Ok(client.prefixed(self.prefix))
    }

    #[cfg(feature = "remote")]
    fn remote(&self, home: Home, options: Options) -> Result<Redis> {
        use std::sync::Arc;

        use redipy_remote::{Address, Config, Remote};

        let (address, login) = match home {
            Home::Tcp { host, port, login } => (Address::Tcp { host, port }, login),
            Home::Unix { path, login } => (Address::Unix(path.into()), login),
            Home::Memory { .. } => return Err(Error::new(Kind::Config, "memory:// is no server")),
        };
        if self.notify_keyspace_events.is_some() || options.notify_keyspace_events.is_some() {
            let message = "notify_keyspace_events is for stores of this process; a server is told by CONFIG SET";
            return Err(Error::new(Kind::Config, message));
        }
        if let Some((name, _)) = options.thresholds.first() {
            let message = format!("{name} is for stores of this process; a server is told by CONFIG SET");
            return Err(Error::new(Kind::Config, message));
        }
        let mut config = Config::new(address);
        (config.user, config.password, config.database) = (login.user, login.password, options.database);
        config.client_name = self.client_name.clone();
        let said = self.connect_timeout.or(options.connect_timeout);
        config.connect_timeout = said.unwrap_or(config.connect_timeout);
        let said = self.response_timeout.or(options.response_timeout);
        config.response_timeout = said.unwrap_or(config.response_timeout);
        config.message_limit = self.message_limit.or(options.message_limit).unwrap_or(config.message_limit);
        config.check()?;
        Ok(Redis::from_backend(Arc::new(Remote::new(config))))
    }

    #[cfg(not(feature = "remote"))]
    fn remote(&self, _: Home, _: Options) -> Result<Redis> {
        Err(Error::new(Kind::Unsupported, "this build of redipy has no servers: enable the feature `remote`"))
    }

    /// A database of a fresh engine, or of the one of this name.
    #[cfg(feature = "memory")]
    fn memory(&self, name: Option<&str>, options: Options) -> Result<Redis> {
        use crate::url::wrong;
        use redipy_memory::{Engine, Memory};
        use std::collections::HashMap;
        use std::sync::{LazyLock, Mutex, PoisonError};

        /// The engines that have a name; they live as long as the process.
        static NAMED: LazyLock<Mutex<HashMap<String, Engine>>> = LazyLock::new(Mutex::default);

        let mut fresh = Engine::builder().background(self.background && options.background);
        if let Some(limit) = self.message_limit.or(options.message_limit) {
            fresh = fresh.message_limit(limit);
        }
        if let Some(steps) = options.script_steps {
            fresh = fresh.script_limits(redipy_script::Limits { steps, ..Default::default() });
        }
        if let Some(classes) = self.notify_keyspace_events.as_ref().or(options.notify_keyspace_events.as_ref()) {
            fresh = fresh.notify_keyspace_events(classes.parse()?);
        }
        for (name, value) in &options.thresholds {
            fresh = fresh.threshold(name, value).map_err(|error| wrong(error.message()))?;
        }
        let engine = match name {
            None => fresh.build(),
            Some(name) => {
                let mut named = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
                named.entry(name.to_owned()).or_insert_with(|| fresh.name(name).build()).clone()
            }
        };
        let database = options.database;
        let out_of_range = |error: Error| Error::new(Kind::Config, format!("database {database}: {error}"));
        Memory::new(engine, database.into()).map(Redis::from_memory).map_err(out_of_range)
    }

    #[cfg(not(feature = "memory"))]
    fn memory(&self, _: Option<&str>, _: Options) -> Result<Redis> {
        Err(Error::new(Kind::Unsupported, "this build of redipy has no engine: enable the feature `memory`"))
    }
}
