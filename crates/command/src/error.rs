//! The one error type of every backend. The texts a server would send are in [`texts`](crate::texts).

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::bytes::quote;

/// The result of a call: its reply, or an [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// The kinds of errors, by what a caller can do about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The key holds a value of another type (`WRONGTYPE`).
    WrongType,
    /// The command is malformed: unknown, with the wrong number of arguments or an unknown option.
    Syntax,
    /// The command was understood and refused: a value out of range, a missing key, an overflow.
    Rejected,
    /// A script failed, or was refused when it was registered.
    Script,
    /// The transaction was discarded because a command in it was malformed (`EXECABORT`).
    Aborted,
    /// The server could not be reached, closed the connection or does not speak RESP.
    Connection,
    /// No answer within the time allowed, a script ran longer than allowed, or the server does nothing else while one
    /// does (`BUSY`).
    Timeout,
    /// The server cannot serve now and may later: `LOADING`, `TRYAGAIN`, `CLUSTERDOWN`, `MASTERDOWN`.
    Unavailable,
    /// The server is a read-only replica, or the client was opened for reading only.
    ReadOnly,
    /// The credentials are missing, wrong or not sufficient (`NOAUTH`, `WRONGPASS`, `NOPERM`).
    Auth,
    /// The server has no memory left for a write (`OOM`).
    OutOfMemory,
    /// The keys of one atomic call lie in different cluster slots.
    CrossSlot,
    /// The backend does not support the request.
    Unsupported,
    /// A URL, an option or an argument was refused before anything was sent.
    Config,
    /// A reply had a shape that the caller did not ask for.
    Decode,
}

/// An error with the server's text, whichever backend it comes from.
///
/// ```
/// # use redipy_command as redipy;
/// use redipy::{Error, Kind, texts};
///
/// let error = Error::from(texts::WRONG_TYPE);
/// assert_eq!(error.kind(), Kind::WrongType);
/// assert_eq!(error.to_string(), "WRONGTYPE Operation against a key holding the wrong kind of value");
/// assert!(!error.may_have_run());
///
/// // A server echoes the bytes that it was sent.
/// let error = Error::reply_bytes(b"ERR Unsupported option \xff".to_vec());
/// assert_eq!(error.message_bytes(), b"ERR Unsupported option \xff");
/// assert_eq!(error.message(), "ERR Unsupported option \u{fffd}");
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    message: Cow<'static, str>,
    /// The text as it was sent, where that is no UTF-8.
    bytes: Option<Box<[u8]>>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    may_have_run: bool,
}

impl Error {
    /// An error of this kind with this text.
    pub fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), bytes: None, source: None, may_have_run: false }))
    }

    /// The error that a server's error reply stands for; its first word decides the kind.
    pub fn reply(message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        Self::new(kind_of_reply(&message), message)
    }

    /// An error of this kind with a text that need not be UTF-8.
    pub fn from_bytes(kind: Kind, message: Vec<u8>) -> Self {
        Self::read(message, |_| kind)
    }

    /// The error that a server's error reply of any bytes stands for; its first word decides the kind.
    pub fn reply_bytes(message: Vec<u8>) -> Self {
        Self::read(message, kind_of_reply)
    }

    fn read(message: Vec<u8>, kind_of: impl FnOnce(&str) -> Kind) -> Self {
        let (text, bytes) = match String::from_utf8(message) {
            Ok(text) => (text, None),
            Err(error) => {
                (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(error.into_bytes().into_boxed_slice()))
            }
        };
        let mut error = Self::new(kind_of(&text), text);
        error.0.bytes = bytes;
        error
    }

    /// Adds what caused this error.
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// Marks the error as one of a command that may have taken effect although no reply came.
    #[must_use]
    pub fn maybe_ran(mut self) -> Self {
        self.0.may_have_run = true;
        self
    }

    /// The kind of the error.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The text, the server's where the server has one, for people to read: what is no UTF-8 in it is replaced.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The text, byte for byte the server's where the server has one: it echoes the bytes that it was sent.
    pub fn message_bytes(&self) -> &[u8] {
        self.0.bytes.as_deref().unwrap_or(self.0.message.as_bytes())
    }

    /// The text of the error reply that says this. The library's own texts have no code word, which a reply has: `ERR`.
    pub fn to_reply(&self) -> Cow<'_, [u8]> {
        match self.kind() {
            Kind::Unsupported | Kind::Config | Kind::Connection | Kind::Decode => {
                Cow::Owned([&b"ERR"[..], self.message_bytes()].join(&b' '))
            }
            _ => Cow::Borrowed(self.message_bytes()),
        }
    }

    /// The first word of a server's error: `ERR`, `WRONGTYPE`, `NOSCRIPT`, …
    pub fn code(&self) -> &str {
        self.0.message.split(' ').next().unwrap_or_default()
    }

    /// Returns whether the command may have taken effect although this error came instead of its reply.
    ///
    /// Errors that the server or the engine itself answered are `false`: what they wrote, if
    /// anything, is what the command is documented to write before it fails.
    pub fn may_have_run(&self) -> bool {
        self.0.may_have_run
    }
}

/// The kind of a server's error reply, by its code word.
fn kind_of_reply(message: &str) -> Kind {
    let (code, rest) = message.split_once(' ').unwrap_or((message, ""));
    match code {
        "WRONGTYPE" => Kind::WrongType,
        "EXECABORT" => kind_of_abort(rest),
        "READONLY" => Kind::ReadOnly,
        "NOAUTH" | "WRONGPASS" | "NOPERM" => Kind::Auth,
        "OOM" => Kind::OutOfMemory,
        "CROSSSLOT" => Kind::CrossSlot,
        "LOADING" | "TRYAGAIN" | "CLUSTERDOWN" | "MASTERDOWN" | "NOREPLICAS" => Kind::Unavailable,
        "BUSY" | "UNKILLABLE" => Kind::Timeout,
        "NOSCRIPT" => Kind::Script,
        "ERR" if is_syntax(rest) => Kind::Syntax,
        _ => Kind::Rejected,
    }
}

/// The kind of a refused EXEC: that of the error for which the server refuses it, if it names one.
fn kind_of_abort(rest: &str) -> Kind {
    match rest.split_once("because of: ").map(|(_, reason)| kind_of_reply(reason)) {
        None | Some(Kind::Rejected) => Kind::Aborted,
        Some(kind) => kind,
    }
}

/// Returns whether the text after `ERR` says that the command itself is malformed.
fn is_syntax(rest: &str) -> bool {
    ["syntax error", "wrong number of arguments", "unknown command", "unknown subcommand"]
        .iter()
        .any(|start| rest.starts_with(start))
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.bytes {
            None => write!(f, "{:?}({:?})", self.0.kind, self.0.message)?,
            Some(bytes) => {
                write!(f, "{:?}(", self.0.kind)?;
                quote(bytes, f)?;
                f.write_str(")")?;
            }
        }
        if self.0.may_have_run { f.write_str(" (may have run)") } else { Ok(()) }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| &**source as _)
    }
}

/// Errors are equal when kind and text are; the cause is not compared.
impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        self.0.kind == other.0.kind && self.message_bytes() == other.message_bytes()
    }
}

impl Eq for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_word_decides_the_kind() {
        let kind = |text: &'static str| Error::reply(text).kind();
        assert_eq!(kind("ERR syntax error"), Kind::Syntax);
        assert_eq!(kind("ERR no such key"), Kind::Rejected);
        assert_eq!(kind("NOAUTH Authentication required."), Kind::Auth);
        assert_eq!(kind("MYERR from a script"), Kind::Rejected);
        assert_eq!(kind(""), Kind::Rejected);
        assert_eq!(kind("BUSY Redis is busy running a script."), Kind::Timeout);
        assert_eq!(kind("EXECABORT Transaction discarded because of previous errors."), Kind::Aborted);
        assert_eq!(kind("EXECABORT Transaction discarded because of: wrong number of arguments"), Kind::Aborted);
        assert_eq!(kind("EXECABORT Transaction discarded because of: BUSY Redis is busy."), Kind::Timeout);
    }

    #[test]
    fn bytes_that_are_no_text_are_kept() {
        let error = Error::reply_bytes(b"WRONGTYPE \xff".to_vec());
        assert_eq!((error.kind(), error.code(), error.message()), (Kind::WrongType, "WRONGTYPE", "WRONGTYPE \u{fffd}"));
        assert_eq!(error.message_bytes(), b"WRONGTYPE \xff");
        assert_ne!(error, Error::reply("WRONGTYPE \u{fffd}"));
        assert_eq!(format!("{error:?}"), r#"WrongType("WRONGTYPE \xff")"#);
        assert_eq!(Error::reply_bytes(b"ERR no such key".to_vec()), Error::from(crate::texts::NO_SUCH_KEY));
    }
}
