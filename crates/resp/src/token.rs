//! A client's half: the tokens of replies, of every type of RESP2 and RESP3.

use std::fmt;

use redipy_command::Error;
use redipy_command::number::parse_int;
use redipy_command::sink::{Collection, OK, ReplySink};

use crate::number::short_number;

/// The maximal length of a line that holds a length or a number.
const MAX_DIGITS: usize = 64;

/// The limits of replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyLimits {
    /// The maximal depth of nested aggregates.
    pub depth: usize,
    /// The maximal number of bytes of a string.
    pub bulk: usize,
}

/// A server's replies nest far less than 128 times. Strings may be of any length: who reads one has room for what has come.
impl Default for ReplyLimits {
    fn default() -> Self {
        Self { depth: 128, bulk: usize::MAX }
    }
}

/// A scalar reply, or the beginning of an aggregate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Token<'b> {
    /// `+`: a status.
    Simple(&'b [u8]),
    /// `-` or `!`: an error.
    Error(&'b [u8]),
    /// `:`: an integer.
    Int(i64),
    /// `$`: a byte string.
    Bulk(&'b [u8]),
    /// `$-1`: RESP2's null string.
    NullBulk,
    /// `*-1`: RESP2's null array.
    NullArray,
    /// `_`: RESP3's null.
    Null,
    /// `#`: a boolean.
    Bool(bool),
    /// `,`: a double.
    Double(f64),
    /// `(`: an integer of any size, in digits.
    BigNumber(&'b str),
    /// `=`: a text with its format.
    Verbatim([u8; 3], &'b [u8]),
    /// An aggregate of this many elements, which are the tokens that follow; those of a map are keys and values in turns.
    Begin(Aggregate, usize),
}

/// The kind of an aggregate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// `*`
    Array,
    /// `~`
    Set,
    /// `%`
    Map,
    /// `>`: a message that answers no command.
    Push,
    /// `|`: pairs that say something of the reply which follows them.
    Attribute,
}

impl Aggregate {
    /// The number of elements that follow an announced length: a map has two for each pair.
    fn elements(self, len: usize) -> Option<usize> {
        match self {
            Aggregate::Map | Aggregate::Attribute => len.checked_mul(2),
            Aggregate::Array | Aggregate::Set | Aggregate::Push => Some(len),
        }
    }
}

/// The reason why bytes are no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// A byte that no type begins with.
    Type(u8),
    /// A string or an aggregate that comes in parts: RESP3 describes these, and no server sends any.
    Streamed,
    /// A length that is none.
    Length,
    /// A number, a boolean or a null that is none.
    Scalar,
    /// A string that does not end where its length says.
    End,
    /// A verbatim string without a format.
    Format,
    /// A push inside another reply.
    Push,
    /// Aggregates nest deeper than the limit.
    Depth,
    /// A string is longer than the limit.
    Size,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Malformed::Type(byte) => return write!(f, "'{}' begins no reply", byte.escape_ascii()),
            Malformed::Streamed => "streamed strings and aggregates are not supported",
            Malformed::Length => "a length is no number, or too large",
            Malformed::Scalar => "a number, a boolean or a null is malformed",
            Malformed::End => "a string does not end where its length says",
            Malformed::Format => "a verbatim string has no format",
            Malformed::Push => "a push stands inside a reply",
            Malformed::Depth => "a reply nests too deep",
            Malformed::Size => "a string is too long",
        })
    }
}

impl std::error::Error for Malformed {}

/// Finds the tokens of replies.
///
/// The reader keeps its position in a cut token: the next call gets the same bytes from the beginning of that token, and more.
#[derive(Debug, Default)]
pub struct Tokenizer {
    limits: ReplyLimits,
    /// The number of bytes at the beginning that do not end a line.
    searched: usize,
    /// The token needs at least this many bytes.
    needed: usize,
    /// The aggregates that miss elements, the outermost first.
    open: Vec<Open>,
    /// Attributes were read, and the reply that they belong to was not.
    attributed: bool,
}

#[derive(Debug)]
struct Open {
    kind: Aggregate,
    left: usize,
}

type Found<'b> = Result<Option<(Token<'b>, usize)>, Malformed>;

impl Tokenizer {
    /// A reader with these limits.
    pub fn new(limits: ReplyLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// The number of aggregates that lack elements, including the one that the last token began.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Returns the outermost aggregate of a reply that has begun and is not complete.
    pub fn amid(&self) -> Option<Aggregate> {
        let attributed = self.attributed.then_some(Aggregate::Attribute);
        self.open.first().map(|open| open.kind).or(attributed)
    }

    /// The token that these bytes begin with, and how many they are; none if it is cut.
    ///
    /// # Errors
    /// The bytes are no reply. Nothing can be read after that.
    #[inline]
    pub fn next<'b>(&mut self, bytes: &'b [u8]) -> Found<'b> {
        if bytes.len() < self.needed {
            return Ok(None);
        }
        let found = self.token(bytes)?;
        if let Some((token, _)) = &found {
            (self.searched, self.needed) = (0, 0);
            match *token {
                Token::Begin(kind, len) => self.begin(kind, len)?,
                _ => self.end_element(),
            }
        }
        Ok(found)
    }

    fn begin(&mut self, kind: Aggregate, len: usize) -> Result<(), Malformed> {
        let left = kind.elements(len).ok_or(Malformed::Length)?;
        if kind == Aggregate::Push && self.amid().is_some() {
            return Err(Malformed::Push);
        }
        if kind == Aggregate::Attribute && self.open.is_empty() {
            self.attributed = true;
        }
        if left == 0 {
            if kind != Aggregate::Attribute {
                self.end_element();
            }
            return Ok(());
        }
        if self.open.len() >= self.limits.depth {
            return Err(Malformed::Depth);
        }
        self.open.push(Open { kind, left });
        Ok(())
    }

    /// An element is complete, and so may be the aggregates that it is the last one of.
    #[inline]
    fn end_element(&mut self) {
        while let Some(open) = self.open.last_mut() {
            open.left -= 1;
            if open.left > 0 {
                return;
            }
            // The element that attributes belong to is the one after them.
            if self.open.pop().is_some_and(|open| open.kind == Aggregate::Attribute) {
                return;
            }
        }
        self.attributed = false;
    }

    #[inline]
    fn token<'b>(&mut self, bytes: &'b [u8]) -> Found<'b> {
        match bytes {
            [b'$', rest @ ..] if let Some((len, end)) = short_number(rest) => self.string(b'$', bytes, 1 + end, len),
            [b':', rest @ ..] if let Some((int, end)) = short_number(rest) => {
                Ok(Some((Token::Int(int as i64), 1 + end)))
            }
            [b'*', rest @ ..] if let Some((len, end)) = short_number(rest) => {
                Ok(Some((Token::Begin(Aggregate::Array, len), 1 + end)))
            }
            [b'+', b'O', b'K', b'\r', b'\n', ..] => Ok(Some((Token::Simple(&bytes[1..3]), 5))),
            [mark, ..] => self.other(*mark, bytes),
            [] => Ok(None),
        }
    }

    /// A token of any kind.
    fn other<'b>(&mut self, mark: u8, bytes: &'b [u8]) -> Found<'b> {
        let is_text = matches!(mark, b'+' | b'-' | b'(');
        if matches!(mark, b';' | b'.') {
            return Err(Malformed::Streamed);
        }
        if !is_text && !b"$=!:,#_*~%>|".contains(&mark) {
            return Err(Malformed::Type(mark));
        }
        let Some(end) = self.line_end(bytes) else {
            return match bytes.len() - 1 {
                len if is_text && len > self.limits.bulk => Err(Malformed::Size),
                len if !is_text && len > MAX_DIGITS => Err(Malformed::Length),
                _ => Ok(None),
            };
        };
        let (line, after) = (&bytes[1..end], end + 2);
        if is_text && line.len() > self.limits.bulk {
            return Err(Malformed::Size);
        }
        match mark {
            b'$' if line == b"-1" => Ok(Some((Token::NullBulk, after))),
            b'$' | b'=' | b'!' => self.string(mark, bytes, after, length(line)?),
            _ => Ok(Some((of_line(mark, line)?, after))),
        }
    }

    /// A string of known length that begins at `start`.
    #[inline]
    fn string<'b>(&mut self, mark: u8, bytes: &'b [u8], start: usize, len: usize) -> Found<'b> {
        if len > self.limits.bulk {
            return Err(Malformed::Size);
        }
        let Some(after) = start.checked_add(len).and_then(|end| end.checked_add(2)) else {
            return Err(Malformed::Length);
        };
        let Some((text, line_end)) = bytes.get(start..after).and_then(|text| text.split_last_chunk::<2>()) else {
            self.needed = after;
            return Ok(None);
        };
        if line_end != b"\r\n" {
            return Err(Malformed::End);
        }
        let token = match (mark, text) {
            (b'$', text) => Token::Bulk(text),
            (b'!', text) => Token::Error(text),
            (_, [a, b, c, b':', text @ ..]) => Token::Verbatim([*a, *b, *c], text),
            _ => return Err(Malformed::Format),
        };
        Ok(Some((token, after)))
    }

    /// Returns the end of the first line, if it has been received.
    fn line_end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut from = self.searched.max(1);
        while let Some(found) = bytes[from.min(bytes.len())..].iter().position(|byte| *byte == b'\r') {
            let at = from + found;
            match bytes.get(at + 1) {
                Some(b'\n') => return Some(at),
                Some(_) => from = at + 1,
                None => {
                    self.searched = at;
                    return None;
                }
            }
        }
        self.searched = bytes.len();
        None
    }
}

/// Returns the token of a line that announces no bytes.
fn of_line(mark: u8, line: &[u8]) -> Result<Token<'_>, Malformed> {
    let begin = |kind| length(line).map(|len| Token::Begin(kind, len));
    match mark {
        b'+' => Ok(Token::Simple(line)),
        b'-' => Ok(Token::Error(line)),
        b':' => parse_int(line).map(Token::Int).ok_or(Malformed::Scalar),
        b',' => double(line).map(Token::Double).ok_or(Malformed::Scalar),
        b'(' => digits(line).map(Token::BigNumber).ok_or(Malformed::Scalar),
        b'*' if line == b"-1" => Ok(Token::NullArray),
        b'*' => begin(Aggregate::Array),
        b'~' => begin(Aggregate::Set),
        b'%' => begin(Aggregate::Map),
        b'>' => begin(Aggregate::Push),
        b'|' => begin(Aggregate::Attribute),
        _ => match (mark, line) {
            (b'#', b"t") => Ok(Token::Bool(true)),
            (b'#', b"f") => Ok(Token::Bool(false)),
            (b'_', b"") => Ok(Token::Null),
            _ => Err(Malformed::Scalar),
        },
    }
}

/// A length or a count. One that is negative stands for nothing but null, which is read before.
fn length(line: &[u8]) -> Result<usize, Malformed> {
    if line == b"?" {
        return Err(Malformed::Streamed);
    }
    parse_int(line).and_then(|length| usize::try_from(length).ok()).ok_or(Malformed::Length)
}

fn double(line: &[u8]) -> Option<f64> {
    std::str::from_utf8(line).ok()?.parse().ok()
}

fn digits(line: &[u8]) -> Option<&str> {
    let unsigned = line.strip_prefix(b"-").or_else(|| line.strip_prefix(b"+")).unwrap_or(line);
    let are_digits = !unsigned.is_empty() && unsigned.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(line).ok().filter(|_| are_digits)
}

impl Token<'_> {
    /// Shows a token to what receives a reply. Attributes are no part of one: they are passed over.
    #[inline]
    pub fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        match self {
            Token::Bulk(bytes) => to.bulk(bytes),
            Token::Int(int) => to.int(int),
            Token::NullBulk | Token::Null => to.null(),
            Token::NullArray => to.null_array(),
            Token::Bool(bool) => to.bool(bool),
            Token::Double(double) => to.double(double),
            Token::BigNumber(digits) => to.big_number(digits),
            Token::Verbatim(format, text) => to.verbatim(format, text),
            Token::Simple(b"OK") => to.status(OK),
            // A status that is no text is a string, since only a string can be of any bytes.
            Token::Simple(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => to.status(text.to_owned().into()),
                Err(_) => to.bulk(bytes),
            },
            Token::Error(text) => to.error(Error::reply_bytes(text.to_vec())),
            Token::Begin(kind, len) => {
                let kind = match kind {
                    Aggregate::Array => Collection::Array,
                    Aggregate::Set => Collection::Set,
                    Aggregate::Map => Collection::Map,
                    Aggregate::Push => Collection::Push,
                    Aggregate::Attribute => return,
                };
                to.begin(kind, len);
            }
        }
    }
}
