//! The exact texts of the errors that the engine and a server share. No other file spells one.

use crate::error::{Error, Result};

/// The text of an error reply, with its code word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text(pub &'static str);

impl From<Text> for Error {
    fn from(text: Text) -> Self {
        Error::reply(text.0)
    }
}

/// An `Err` with this text.
#[cold]
pub fn fail<T>(text: Text) -> Result<T> {
    Err(text.into())
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* #[doc = concat!("`", $text, "`")] pub const $name: Text = Text($text);)*
    };
}

texts! {
    WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value";
    SYNTAX = "ERR syntax error";
    NOT_INTEGER = "ERR value is not an integer or out of range";
    NOT_FLOAT = "ERR value is not a valid float";
    NOT_POSITIVE = "ERR value is out of range, must be positive";
    OUT_OF_RANGE = "ERR value is out of range";
    OVERFLOW = "ERR increment or decrement would overflow";
    DECREMENT_OVERFLOW = "ERR decrement would overflow";
    NAN_OR_INFINITY = "ERR increment would produce NaN or Infinity";
    NO_SUCH_KEY = "ERR no such key";
    INDEX_RANGE = "ERR index out of range";
    OFFSET_RANGE = "ERR offset is out of range";
    STRING_TOO_LONG = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
    BULK_TOO_LONG = "ERR Protocol error: invalid bulk length";
    NO_ROOM = "OOM there is not enough memory for a value of this size";
    SAME_OBJECT = "ERR source and destination objects are the same";
    INT_RANGE = "ERR value is out of range, value must between -2147483648 and 2147483647";
    DB_RANGE = "ERR DB index is out of range";
    HASH_NOT_INTEGER = "ERR hash value is not an integer";
    HASH_NOT_FLOAT = "ERR hash value is not a float";
    HASH_INCREMENT_NOT_FINITE = "ERR value is NaN or Infinity";
    RANK_ZERO = "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list";
    RANK_RANGE = "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807";
    COUNT_NEGATIVE = "ERR COUNT can't be negative";
    MAXLEN_NEGATIVE = "ERR MAXLEN can't be negative";
    LIMIT_NEGATIVE = "ERR LIMIT can't be negative";
    COUNT_NOT_POSITIVE = "ERR count should be greater than 0";
    NUMKEYS_NOT_POSITIVE = "ERR numkeys should be greater than 0";
    NUMKEYS_TOO_LARGE = "ERR Number of keys can't be greater than number of args";
    INVALID_CURSOR = "ERR invalid cursor";
    NOVALUES_OUTSIDE_HSCAN = "ERR NOVALUES option can only be used in HSCAN";
    ZADD_NX_XX = "ERR XX and NX options at the same time are not compatible";
    ZADD_GT_LT_NX = "ERR GT, LT, and/or NX options at the same time are not compatible";
    ZADD_INCR_PAIRS = "ERR INCR option supports a single increment-element pair";
    SCORE_NAN = "ERR resulting score is not a number (NaN)";
    MIN_MAX_NOT_FLOAT = "ERR min or max is not a float";
    MIN_MAX_NOT_STRING = "ERR min or max not valid string range item";
    LIMIT_WITHOUT_RANGE = "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX";
    WITHSCORES_BYLEX = "ERR syntax error, WITHSCORES not supported in combination with BYLEX";
    EXPIRE_NX = "ERR NX and XX, GT or LT options at the same time are not compatible";
    EXPIRE_GT_LT = "ERR GT and LT options at the same time are not compatible";
    NESTED_MULTI = "ERR MULTI calls can not be nested";
    EXEC_WITHOUT_MULTI = "ERR EXEC without MULTI";
    DISCARD_WITHOUT_MULTI = "ERR DISCARD without MULTI";
    WATCH_INSIDE_MULTI = "ERR WATCH inside MULTI is not allowed";
    NOT_FROM_SCRIPT = "ERR This Redis command is not allowed from script";
    CLIENT_NAME = "ERR Client names cannot contain spaces, newlines or special characters.";
    CLIENT_ID = "ERR Invalid client ID";
    CLIENT_ID_POSITIVE = "ERR client-id should be greater than 0";
    MAXAGE_NOT_INTEGER = "ERR maxage is not an integer or out of range";
    MAXAGE_POSITIVE = "ERR maxage should be greater than 0";
    NO_SUCH_CLIENT = "ERR No such client";
    PAUSE_MODE = "ERR CLIENT PAUSE mode must be WRITE or ALL";
    TIMEOUT_NOT_INTEGER = "ERR timeout is not an integer or out of range";
    TIMEOUT_NEGATIVE = "ERR timeout is negative";
    UNBLOCK_REASON = "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR";
    CACHING_WITHOUT_TRACKING = "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled";
    TRACKING_ONE_REDIRECT = "ERR A client can only redirect to a single other client";
    TRACKING_NO_SUCH_CLIENT = "ERR The client ID you want redirect to does not exist";
    TRACKING_PREFIX = "ERR PREFIX option requires BCAST mode to be enabled";
    TRACKING_BROADCAST = "ERR OPTIN and OPTOUT are not compatible with BCAST";
    TRACKING_IN_AND_OUT = "ERR You can't specify both OPTIN mode and OPTOUT mode";
    AUTH_WITHOUT_PASSWORD = "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?";
    WRONG_PASSWORD = "WRONGPASS invalid username-password pair or user is disabled.";
    NO_PROTOCOL = "NOPROTO unsupported protocol version";
    PROTOCOL_NOT_INTEGER = "ERR Protocol version is not an integer or out of range";
    BUSY = "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.";
    MULTIBULK_LENGTH = "ERR Protocol error: invalid multibulk length";
    MULTIBULK_LENGTH_UNAUTHENTICATED = "ERR Protocol error: unauthenticated multibulk length";
    MULTIBULK_COUNT_TOO_BIG = "ERR Protocol error: too big mbulk count string";
    BULK_LENGTH = "ERR Protocol error: invalid bulk length";
    BULK_LENGTH_UNAUTHENTICATED = "ERR Protocol error: unauthenticated bulk length";
    BULK_COUNT_TOO_BIG = "ERR Protocol error: too big bulk count string";
    INLINE_TOO_BIG = "ERR Protocol error: too big inline request";
    UNBALANCED_QUOTES = "ERR Protocol error: unbalanced quotes in request";
    EXEC_ABORT = "EXECABORT Transaction discarded because of previous errors.";
}

/// The command's name as the texts quote it: in lower case, a subcommand as `client|setname`.
fn lower(name: &str) -> String {
    name.to_ascii_lowercase().replace(' ', "|")
}

/// `ERR wrong number of arguments for 'get' command`
#[cold]
pub fn arity(name: &str) -> Error {
    Error::reply(format!("ERR wrong number of arguments for '{}' command", lower(name)))
}

/// `ERR invalid expire time in 'set' command`
#[cold]
pub fn invalid_expire(name: &str) -> Error {
    Error::reply(format!("ERR invalid expire time in '{}' command", lower(name)))
}

/// `EXECABORT Transaction discarded because of: …`, what a malformed EXEC says of the error it made.
#[cold]
pub fn exec_abort_because(error: &Error) -> Error {
    let reason = error.message_bytes();
    let reason = reason.strip_prefix(b"ERR ").unwrap_or(reason);
    Error::reply_bytes([b"EXECABORT Transaction discarded because of: ", reason].concat())
}

/// `ERR Unsupported option %s`, what EXPIRE says of an unknown flag.
#[cold]
pub fn unsupported_option(option: &[u8]) -> Error {
    // This text ends with what is quoted, and the server trims the ends of lines off a text.
    let end = option.iter().position(|byte| *byte == 0).unwrap_or(option.len());
    let end = option[..end].iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
    Error::reply_bytes([b"ERR Unsupported option ", &*clean(&option[..end])].concat())
}

/// The beginning of every server's reply to an unknown command, whatever it quotes and how.
pub const UNKNOWN_COMMAND: &str = "ERR unknown command";

/// `ERR unknown command 'foo', with args beginning with: 'a' 'b' `
///
/// The server quotes at most 128 bytes of the name and stops after 128 bytes of arguments.
#[cold]
pub fn unknown_command(name: &[u8], args: &[&[u8]]) -> Error {
    const QUOTED: usize = 128;
    let mut shown = Vec::new();
    for arg in args {
        if shown.len() >= QUOTED {
            break;
        }
        let room = QUOTED - shown.len();
        shown.extend([b"'", &*clean(&arg[..arg.len().min(room)]), b"' "].concat());
    }
    let name = clean(&name[..name.len().min(QUOTED)]);
    Error::reply_bytes([UNKNOWN_COMMAND.as_bytes(), b" '", &name, b"', with args beginning with: ", &shown].concat())
}

/// The server quotes up to the first zero byte, and error replies are one line: line breaks become spaces.
fn clean(bytes: &[u8]) -> Vec<u8> {
    let quoted = bytes.iter().copied().take_while(|byte| *byte != 0);
    quoted.map(|byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { byte }).collect()
}

/// An error that quotes what was sent between two texts.
fn quoting(before: &str, sent: &[u8], after: &str) -> Error {
    Error::reply_bytes([before.as_bytes(), &*clean(sent), after.as_bytes()].concat())
}

/// The quoted part of a subcommand.
fn subcommand(word: &[u8]) -> &[u8] {
    &word[..word.len().min(128)]
}

/// `ERR unknown subcommand 'foo'. Try CLIENT HELP.`
#[cold]
pub fn unknown_subcommand(name: &str, word: &[u8]) -> Error {
    quoting("ERR unknown subcommand '", subcommand(word), &format!("'. Try {name} HELP."))
}

/// `ERR unknown subcommand or wrong number of arguments for 'PAUSE'. Try CLIENT HELP.`
#[cold]
pub fn wrong_subcommand(name: &str, word: &[u8]) -> Error {
    let before = "ERR unknown subcommand or wrong number of arguments for '";
    quoting(before, subcommand(word), &format!("'. Try {name} HELP."))
}

/// `ERR Can't execute 'get': only (P|S)SUBSCRIBE / … are allowed in this context`
#[cold]
pub fn not_while_listening(name: &str) -> Error {
    Error::reply(format!(
        "ERR Can't execute '{}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
        lower(name)
    ))
}

/// `ERR Syntax error in HELLO option 'foo'`
#[cold]
pub fn hello_option(option: &[u8]) -> Error {
    quoting("ERR Syntax error in HELLO option '", option, "'")
}

/// `ERR Unrecognized option 'foo'`, what CLIENT SETINFO says.
#[cold]
pub fn unrecognized_option(option: &[u8]) -> Error {
    quoting("ERR Unrecognized option '", option, "'")
}

/// `ERR lib-name cannot contain spaces, newlines or special characters.`
#[cold]
pub fn special_characters(option: &[u8]) -> Error {
    quoting("ERR ", option, " cannot contain spaces, newlines or special characters.")
}

/// `ERR Unknown client type 'foo'`
#[cold]
pub fn unknown_client_type(name: &[u8]) -> Error {
    quoting("ERR Unknown client type '", name, "'")
}

/// `ERR No such user 'foo'`
#[cold]
pub fn no_such_user(name: &[u8]) -> Error {
    quoting("ERR No such user '", name, "'")
}

/// `ERR CLIENT PAUSE is not possible without a server`, what no server says.
#[cold]
pub fn without_a_server(what: &str) -> Error {
    Error::reply(format!("ERR {what} is not possible without a server"))
}

/// `ERR Protocol error: expected '$', got 'x'`
#[cold]
pub fn expected_bulk(got: u8) -> Error {
    quoting("ERR Protocol error: expected '$', got '", &[got], "'")
}
