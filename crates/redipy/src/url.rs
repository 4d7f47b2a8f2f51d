//! The URLs that [`connect`](crate::connect) takes. Parsing opens no connection.

use percent_encoding::percent_decode_str;
use redipy_command::{Error, Kind, Result};

/// The forms, for messages.
const FORMS: &str = "memory://  memory://name  redis://[[user]:password@]host[:port][/db]  \
    unix://[[user]:password@]/path/to/socket[?db=N]";

/// The port of a Redis server where the URL names none.
const DEFAULT_PORT: u16 = 6379;

/// Where a URL points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Url {
    /// A fresh engine, or the one of this name.
    Memory { name: Option<String> },
    /// A server behind a port.
    Tcp { host: String, port: u16, login: Login, database: u32 },
    /// A server behind a socket of this machine.
    Unix { path: String, login: Login, database: u32 },
}

/// What a server is told to let the client in.
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

fn wrong(what: &str) -> Error {
    Error::new(Kind::Config, format!("wrong URL: {what}; the forms are: {FORMS}"))
}

fn memory(name: &str) -> Result<Url> {
    if name.contains(['/', '?', '#', '@', ':']) {
        return Err(wrong("a name behind memory:// has none of the characters / ? # @ :"));
    }
    Ok(Url::Memory { name: (!name.is_empty()).then(|| decode(name, "name")).transpose()? })
}

fn tcp(rest: &str) -> Result<Url> {
    let (login, rest) = login(rest)?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (address, path) = rest.split_once('/').unwrap_or((rest, ""));
    let database = database(path, query)?;
    let (host, port) = address_of(address)?;
    if host.is_empty() {
        return Err(wrong("the host is missing"));
    }
    Ok(Url::Tcp { host, port, login, database })
}

fn unix(rest: &str) -> Result<Url> {
    // A path may hold an @ itself; a login stands before its first slash.
    let slash = rest.find('/').ok_or_else(|| wrong("the path of the socket is missing; it begins with /"))?;
    let (login, _) = match &rest[..slash] {
        "" => (Login::default(), ""),
        front => login(front)?,
    };
    let (path, query) = rest[slash..].split_once('?').unwrap_or((&rest[slash..], ""));
    Ok(Url::Unix { path: decode(path, "path")?, login, database: database("", query)? })
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

/// The database, from the path or from `?db=N`.
fn database(path: &str, query: &str) -> Result<u32> {
    let mut database = (!path.is_empty()).then_some(path);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("db", value)) => database = Some(value),
            _ => return Err(wrong(&format!("the parameter {pair:?} is unknown"))),
        }
    }
    let Some(text) = database else { return Ok(0) };
    text.parse().map_err(|_| wrong(&format!("{text:?} is no number of a database")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(host: &str, port: u16, user: Option<&str>, password: Option<&str>, database: u32) -> Url {
        let login = Login { user: user.map(String::from), password: password.map(String::from) };
        Url::Tcp { host: host.to_owned(), port, login, database }
    }

    #[test]
    fn the_forms_are_read() {
        let good = [
            ("memory://", Url::Memory { name: None }),
            ("memory://jobs", Url::Memory { name: Some("jobs".to_owned()) }),
            ("redis://localhost", tcp("localhost", 6379, None, None, 0)),
            ("redis://localhost/3", tcp("localhost", 6379, None, None, 3)),
            ("redis://localhost:7000?db=4", tcp("localhost", 7000, None, None, 4)),
            ("redis://:p%40ss@h:1/2", tcp("h", 1, None, Some("p@ss"), 2)),
            ("redis://me:a:b@h", tcp("h", 6379, Some("me"), Some("a:b"), 0)),
            ("redis://[::1]:7000", tcp("::1", 7000, None, None, 0)),
            (
                "unix:///run/redis.sock?db=2",
                Url::Unix { path: "/run/redis.sock".to_owned(), login: Login::default(), database: 2 },
            ),
        ];
        for (url, expected) in good {
            assert_eq!(Url::parse(url), Ok(expected), "{url}");
        }
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
            ("memory://a/b", "has none of the characters"),
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
