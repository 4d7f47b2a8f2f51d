//! The URLs that [`connect`](crate::connect) takes. Parsing opens no connection.

use std::time::Duration;

use percent_encoding::percent_decode_str;
use redipy_command::{Error, Kind, Result};

/// The forms, for messages.
const FORMS: &str = "memory://  memory://name[/db]  redis://[[user]:password@]host[:port][/db]  \
    unix://[[user]:password@]/path/to/socket[?db=N]; ?timeout=SECONDS, connect_timeout=SECONDS, \
    message_limit=BYTES, script_steps=NUMBER, background=no, notify_keyspace_events=CLASSES and thresholds of collections such as \
    hash_max_listpack_entries=NUMBER may follow, joined by &";

/// The port of a Redis server where the URL names none.
const DEFAULT_PORT: u16 = 6379;

/// A parsed URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) home: Home,
    pub(crate) options: Options,
}

/// The place of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Home {
    /// A fresh engine, or the one of this name.
    Memory { name: Option<String> },
    /// A server behind a port.
    Tcp { host: String, port: u16, login: Login },
    /// A server behind a socket of this machine.
    Unix { path: String, login: Login },
}

/// The parameters of every URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) database: u32,
    pub(crate) connect_timeout: Option<Duration>,
    /// The inner one is `None` to wait for ever.
    pub(crate) response_timeout: Option<Option<Duration>>,
    pub(crate) message_limit: Option<usize>,
    /// The step limit of scripts on an engine.
    pub(crate) script_steps: Option<u64>,
    /// Whether an engine may have a thread.
    pub(crate) background: bool,
    /// The keyspace notifications that an engine publishes.
    pub(crate) notify_keyspace_events: Option<String>,
    /// At which sizes the collections of an engine change their form, by the engine's names.
    pub(crate) thresholds: Vec<(String, String)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            database: 0,
            connect_timeout: None,
            response_timeout: None,
            message_limit: None,
            script_steps: None,
            background: true,
            notify_keyspace_events: None,
            thresholds: Vec::new(),
        }
    }
}

/// The login of a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
}

impl Url {
    /// Reads a URL.
    ///
    /// # Errors
    /// `Config`, saying what is wrong and which forms there are; a password is never repeated.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err(wrong("it has no scheme, such as memory:// or redis://"));
        };
        match scheme {
            "memory" => memory(rest),
            "redis" => tcp(rest),
            "unix" | "redis+unix" => unix(rest),
            "rediss" | "redis+sentinel" | "redis+cluster" => Err(wrong(&format!("{scheme}:// is not supported yet"))),
            _ => Err(wrong(&format!("the scheme {scheme:?} is unknown"))),
        }
    }
}

/// A URL that is wrong.
pub(crate) fn wrong(what: &str) -> Error {
    Error::new(Kind::Config, format!("wrong URL: {what}; the forms are: {FORMS}"))
}

fn memory(rest: &str) -> Result<Url> {
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (name, path) = rest.split_once('/').unwrap_or((rest, ""));
    if name.contains(['#', '@', ':']) {
        return Err(wrong("a name behind memory:// has none of the characters # @ :"));
    }
    let name = (!name.is_empty()).then(|| decode(name, "name")).transpose()?;
    Ok(Url { home: Home::Memory { name }, options: options(path, query)? })
}

fn tcp(rest: &str) -> Result<Url> {
    let (login, rest) = login(rest)?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (address, path) = rest.split_once('/').unwrap_or((rest, ""));
    let options = options(path, query)?;
    let (host, port) = address_of(address)?;
    if host.is_empty() {
        return Err(wrong("the host is missing"));
    }
    Ok(Url { home: Home::Tcp { host, port, login }, options })
}

fn unix(rest: &str) -> Result<Url> {
    // A path may hold an @ itself; a login stands before its first slash.
    let slash = rest.find('/').ok_or_else(|| wrong("the path of the socket is missing; it begins with /"))?;
    let (login, _) = match &rest[..slash] {
        "" => (Login::default(), ""),
        front => login(front)?,
    };
    let (path, query) = rest[slash..].split_once('?').unwrap_or((&rest[slash..], ""));
    Ok(Url { home: Home::Unix { path: decode(path, "path")?, login }, options: options("", query)? })
}

/// Splits `[[user]:password@]` off.
fn login(rest: &str) -> Result<(Login, &str)> {
    let Some((login, rest)) = rest.rsplit_once('@') else { return Ok((Login::default(), rest)) };
    let (user, password) = match login.split_once(':') {
        Some((user, password)) => (user, Some(decode(password, "password")?)),
        None => (login, None),
    };
    if password.is_none() {
        return Err(wrong("a user needs a password: user:password@host"));
    }
    let user = if user.is_empty() { None } else { Some(decode(user, "user")?) };
    Ok((Login { user, password }, rest))
}

fn decode(text: &str, what: &str) -> Result<String> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(String::from).map_err(|_| wrong(&format!("the {what} is not UTF-8 when %XX is decoded")))
}

/// `host`, `host:port`, `[v6]` or `[v6]:port`.
fn address_of(address: &str) -> Result<(String, u16)> {
    let (host, port) = match address.strip_prefix('[') {
        Some(v6) => {
            let (host, port) = v6.split_once(']').ok_or_else(|| wrong("the ] of an IPv6 address is missing"))?;
            (host, port.strip_prefix(':'))
        }
        None => match address.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (address, None),
        },
    };
    let port = match port {
        None => DEFAULT_PORT,
        Some(port) => {
            port.parse().ok().filter(|port| *port != 0).ok_or_else(|| wrong(&format!("{port:?} is no port")))?
        }
    };
    Ok((decode(host, "host")?, port))
}

/// Reads the path and the parameters.
fn options(path: &str, query: &str) -> Result<Options> {
    let mut options = Options { database: if path.is_empty() { 0 } else { database(path)? }, ..Options::default() };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("db", value)) => options.database = database(value)?,
            Some(("timeout", "none")) => options.response_timeout = Some(None),
            Some(("timeout", value)) => options.response_timeout = Some(Some(seconds(value)?)),
            Some(("connect_timeout", value)) => options.connect_timeout = Some(seconds(value)?),
            Some(("message_limit", value)) => options.message_limit = Some(bytes(value)?),
            Some(("script_steps", value)) => options.script_steps = Some(steps(value)?),
            Some(("background", "yes")) => options.background = true,
            Some(("background", "no")) => options.background = false,
            Some(("notify_keyspace_events", classes)) => {
                options.notify_keyspace_events = Some(decode(classes, "value of notify_keyspace_events")?);
            }
            Some((name, value)) if is_threshold(name) => options.thresholds.push((name.to_owned(), value.to_owned())),
            _ => return Err(wrong(&format!("the parameter {pair:?} is unknown"))),
        }
    }
    Ok(options)
}

#[cfg(feature = "memory")]
fn is_threshold(name: &str) -> bool {
    redipy_memory::EngineBuilder::THRESHOLDS.contains(&name)
}

#[cfg(not(feature = "memory"))]
fn is_threshold(_: &str) -> bool {
    false
}

fn database(text: &str) -> Result<u32> {
    text.parse().map_err(|_| wrong(&format!("{text:?} is no number of a database")))
}

fn seconds(text: &str) -> Result<Duration> {
    let time = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.filter(|time| !time.is_zero()).ok_or_else(|| wrong(&format!("{text:?} is no number of seconds above 0")))
}

fn steps(text: &str) -> Result<u64> {
    text.parse().map_err(|_| wrong(&format!("{text:?} is no number of steps")))
}

fn bytes(text: &str) -> Result<usize> {
    text.parse().map_err(|_| wrong(&format!("{text:?} is no number of bytes")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(host: &str, port: u16, user: Option<&str>, password: Option<&str>, database: u32) -> Url {
        let login = Login { user: user.map(String::from), password: password.map(String::from) };
        let home = Home::Tcp { host: host.to_owned(), port, login };
        Url { home, options: Options { database, ..Options::default() } }
    }

    fn memory(name: Option<&str>, database: u32) -> Url {
        let home = Home::Memory { name: name.map(String::from) };
        Url { home, options: Options { database, ..Options::default() } }
    }

    fn unix(path: &str, database: u32) -> Url {
        let home = Home::Unix { path: path.to_owned(), login: Login::default() };
        Url { home, options: Options { database, ..Options::default() } }
    }

    #[test]
    fn the_forms_are_read() {
        let good = [
            ("memory://", memory(None, 0)),
            ("memory://jobs", memory(Some("jobs"), 0)),
            ("memory://jobs/3", memory(Some("jobs"), 3)),
            ("memory://jobs/", memory(Some("jobs"), 0)),
            ("memory://?db=2", memory(None, 2)),
            ("redis://localhost", tcp("localhost", 6379, None, None, 0)),
            ("redis://localhost/3", tcp("localhost", 6379, None, None, 3)),
            ("redis://localhost:7000?db=4", tcp("localhost", 7000, None, None, 4)),
            ("redis://:p%40ss@h:1/2", tcp("h", 1, None, Some("p@ss"), 2)),
            ("redis://me:a:b@h", tcp("h", 6379, Some("me"), Some("a:b"), 0)),
            ("redis://[::1]:7000", tcp("::1", 7000, None, None, 0)),
            ("unix:///run/redis.sock?db=2", unix("/run/redis.sock", 2)),
        ];
        for (url, expected) in good {
            assert_eq!(Url::parse(url), Ok(expected), "{url}");
        }
    }

    #[test]
    fn times_and_limits_may_follow() {
        let options = |url: &str| Url::parse(url).expect("a URL").options;
        let expected = Options {
            database: 1,
            connect_timeout: Some(Duration::from_secs(2)),
            response_timeout: Some(Some(Duration::from_millis(1500))),
            message_limit: Some(1024),
            script_steps: Some(5000),
            background: false,
            notify_keyspace_events: Some("KE$".into()),
            thresholds: vec![("hash_max_listpack_entries".into(), "7".into())],
        };
        for home in ["redis://h/1", "unix:///run/redis.sock?db=1&", "memory://jobs/1"] {
            let separator = if home.ends_with('&') { "" } else { "?" };
            let limits = "message_limit=1024&script_steps=5000&background=no&notify_keyspace_events=KE$\
                &hash_max_listpack_entries=7";
            let url = format!("{home}{separator}timeout=1.5&connect_timeout=2&{limits}");
            assert_eq!(options(&url), expected, "{url}");
        }
        assert_eq!(options("redis://h?timeout=none").response_timeout, Some(None));
    }

    #[test]
    fn a_wrong_url_says_what_is_wrong_and_shows_the_forms() {
        let bad = [
            ("localhost:6379", "no scheme"),
            ("http://x", "scheme \"http\" is unknown"),
            ("redis://", "host is missing"),
            ("redis://h:port", "\"port\" is no port"),
            ("redis://h:0", "\"0\" is no port"),
            ("redis://h/x", "\"x\" is no number of a database"),
            ("redis://h?dbx=1", "parameter \"dbx=1\" is unknown"),
            ("redis://me@h", "needs a password"),
            ("redis://[::1", "] of an IPv6"),
            ("unix://", "path of the socket is missing"),
            ("memory://a/b", "\"b\" is no number of a database"),
            ("memory://a:b", "has none of the characters"),
            ("redis://h?timeout=0", "\"0\" is no number of seconds above 0"),
            ("redis://h?timeout=-1", "\"-1\" is no number of seconds above 0"),
            ("redis://h?timeout=soon", "\"soon\" is no number of seconds above 0"),
            ("redis://h?message_limit=1k", "\"1k\" is no number of bytes"),
            ("memory://?script_steps=1e9", "\"1e9\" is no number of steps"),
            ("memory://?hash_max_listpack=7", "the parameter \"hash_max_listpack=7\" is unknown"),
            ("memory://?background=maybe", "the parameter \"background=maybe\" is unknown"),
            ("rediss://h", "not supported yet"),
        ];
        for (url, what) in bad {
            let error = Url::parse(url).unwrap_err();
            assert_eq!(error.kind(), Kind::Config);
            assert!(error.message().contains(what) && error.message().contains("memory://name"), "{url}: {error}");
        }
    }

    #[test]
    fn a_password_is_never_repeated() {
        assert!(!Url::parse("redis://me:secret@h:port").unwrap_err().message().contains("secret"));
    }
}
