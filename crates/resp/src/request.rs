//! A server's half: commands in what a client sends.

use redipy_command::number::parse_int;
use redipy_command::texts::{self, Text, fail};
use redipy_command::{Error, Result};

use crate::inline::split_args;
use crate::number::short_number;

/// The maximal length of a line: of an inline command, or of a length.
const MAX_LINE: usize = 64 << 10;

/// The limits of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLimits {
    /// The maximal number of arguments of a command, with its name.
    pub args: usize,
    /// The maximal number of bytes of an argument (`proto-max-bulk-len`).
    pub bulk: usize,
    /// Set while the client has to log in: it may send no more than a login takes.
    pub unauthenticated: bool,
}

impl RequestLimits {
    /// The maximal number of arguments before a login.
    const UNAUTHENTICATED_ARGS: usize = 10;

    /// The maximal number of bytes of an argument before a login.
    const UNAUTHENTICATED_BULK: usize = 16 << 10;
}

/// The defaults of a Redis server.
impl Default for RequestLimits {
    fn default() -> Self {
        Self { args: i32::MAX as usize, bulk: 512 << 20, unauthenticated: false }
    }
}

/// The result of parsing.
#[derive(Debug, PartialEq, Eq)]
pub enum Parsed {
    /// More bytes are needed.
    Incomplete,
    /// A request that ends after this many bytes. One without arguments gets no reply.
    Request(usize),
    /// An inline command that ends after this many bytes. It owns its arguments, since quotes and escapes stand for
    /// other bytes.
    Inline(Vec<Vec<u8>>, usize),
}

/// Finds the requests of one client.
///
/// Between two calls it keeps its place in a request that is cut, so the next call is given the same bytes from the beginning of
/// that request, and more.
#[derive(Debug, Default)]
pub struct RequestParser {
    /// The number of bytes of the request that were read; 0 before its first line is complete.
    at: usize,
    /// The number of bytes after that which do not end a line.
    searched: usize,
    /// The number of arguments that are still to be read.
    missing: usize,
    /// The length of the next argument, where that was read.
    bulk: Option<usize>,
    /// The positions of the arguments that earlier calls have read.
    ranges: Vec<(usize, usize)>,
}

impl RequestParser {
    /// Finds the request that these bytes begin with, and puts its arguments into `args`.
    ///
    /// # Errors
    /// The error that a server gives for bytes that are no request. Nothing can be read after that.
    #[inline]
    pub fn parse<'b>(&mut self, bytes: &'b [u8], limits: &RequestLimits, args: &mut Vec<&'b [u8]>) -> Result<Parsed> {
        args.clear();
        if self.at == 0 {
            match bytes.first() {
                Some(b'*') if self.count(bytes, limits)? => {}
                Some(b'*') | None => return Ok(Parsed::Incomplete),
                Some(_) => return self.inline(bytes),
            }
        }
        while self.missing > 0 {
            let Some((start, end)) = self.argument(bytes, limits)? else {
                self.keep(bytes, args);
                return Ok(Parsed::Incomplete);
            };
            args.push(bytes.get(start..end).unwrap_or_default());
            self.missing -= 1;
        }
        if !self.ranges.is_empty() {
            let earlier = self.ranges.drain(..).map(|(start, end)| bytes.get(start..end).unwrap_or_default());
            args.splice(0..0, earlier);
        }
        self.searched = 0;
        Ok(Parsed::Request(std::mem::take(&mut self.at)))
    }

    /// Remembers where these arguments are.
    #[cold]
    fn keep(&mut self, bytes: &[u8], args: &mut Vec<&[u8]>) {
        let start = |arg: &[u8]| arg.as_ptr().addr() - bytes.as_ptr().addr();
        self.ranges.extend(args.iter().map(|arg| (start(arg), start(arg) + arg.len())));
        args.clear();
    }

    /// Reads how many arguments there are; whether that has come.
    #[inline]
    fn count(&mut self, bytes: &[u8], limits: &RequestLimits) -> Result<bool> {
        let count = match short_number(&bytes[1..]) {
            Some((count, end)) => {
                (self.at, self.searched) = (1 + end, 0);
                count
            }
            None => {
                let Some(line) = self.line(bytes, texts::MULTIBULK_COUNT_TOO_BIG)? else { return Ok(false) };
                let Some(count) = parse_int(&line[1..]) else { return fail(texts::MULTIBULK_LENGTH) };
                // No arguments is what a negative number means too.
                usize::try_from(count).unwrap_or(0)
            }
        };
        if count > limits.args {
            return fail(texts::MULTIBULK_LENGTH);
        }
        if count > RequestLimits::UNAUTHENTICATED_ARGS && limits.unauthenticated {
            return fail(texts::MULTIBULK_LENGTH_UNAUTHENTICATED);
        }
        self.missing = count;
        Ok(true)
    }

    /// Reads an argument, if all of it has come: where it begins and ends. What stands in the place of its line end does not
    /// matter to a server.
    #[inline]
    fn argument(&mut self, bytes: &[u8], limits: &RequestLimits) -> Result<Option<(usize, usize)>> {
        let len = match self.bulk {
            Some(len) => len,
            None => match self.bulk_length(bytes, limits)? {
                Some(len) => len,
                None => return Ok(None),
            },
        };
        let (start, end) = (self.at, self.at.saturating_add(len));
        if bytes.len() < end.saturating_add(2) {
            self.bulk = Some(len);
            return Ok(None);
        }
        (self.at, self.bulk) = (end + 2, None);
        Ok(Some((start, end)))
    }

    /// Reads the length of an argument, if that has come.
    #[inline]
    fn bulk_length(&mut self, bytes: &[u8], limits: &RequestLimits) -> Result<Option<usize>> {
        let len = match bytes.get(self.at..) {
            Some([b'$', digits @ ..]) if let Some((len, end)) = short_number(digits) => {
                (self.at, self.searched) = (self.at + 1 + end, 0);
                len
            }
            _ => {
                let Some(line) = self.line(bytes, texts::BULK_COUNT_TOO_BIG)? else { return Ok(None) };
                match line {
                    [b'$', digits @ ..] => parse_int(digits)
                        .and_then(|len| usize::try_from(len).ok())
                        .map_or_else(|| fail(texts::BULK_LENGTH), Ok)?,
                    [other, ..] => return Err(texts::expected_bulk(*other)),
                    [] => return Err(texts::expected_bulk(b'\r')),
                }
            }
        };
        if len > limits.bulk {
            return fail(texts::BULK_LENGTH);
        }
        if len > RequestLimits::UNAUTHENTICATED_BULK && limits.unauthenticated {
            return fail(texts::BULK_LENGTH_UNAUTHENTICATED);
        }
        Ok(Some(len))
    }

    /// Reads a line, if it has come: what stands before a carriage return, whatever the byte after that is. Nothing ends a line
    /// with a NUL in it.
    #[cold]
    fn line<'b>(&mut self, bytes: &'b [u8], too_big: Text) -> Result<Option<&'b [u8]>> {
        let rest = bytes.get(self.at..).unwrap_or_default();
        let end = self.end_of_line(rest, b'\r', too_big)?;
        let Some(end) = end.filter(|end| end + 2 <= rest.len()) else { return Ok(None) };
        (self.at, self.searched) = (self.at + end + 2, 0);
        Ok(Some(&rest[..end]))
    }

    /// Returns the end of a line, if it has been received.
    fn end_of_line(&mut self, rest: &[u8], last: u8, too_big: Text) -> Result<Option<usize>> {
        let unseen = rest.get(self.searched..).unwrap_or_default();
        let found = unseen.iter().position(|byte| *byte == last || *byte == 0);
        self.searched = found.map_or(rest.len(), |at| self.searched + at);
        let end = rest.get(self.searched).filter(|byte| **byte == last).map(|_| self.searched);
        if end.unwrap_or(rest.len()) > MAX_LINE { fail(too_big) } else { Ok(end) }
    }

    /// Reads an inline command, if it has come.
    #[cold]
    fn inline(&mut self, bytes: &[u8]) -> Result<Parsed> {
        let Some(end) = self.end_of_line(bytes, b'\n', texts::INLINE_TOO_BIG)? else { return Ok(Parsed::Incomplete) };
        self.searched = 0;
        let line = &bytes[..end];
        let words = split_args(line.strip_suffix(b"\r").unwrap_or(line))
            .ok_or_else(|| Error::from(texts::UNBALANCED_QUOTES))?;
        Ok(if words.is_empty() { Parsed::Request(end + 1) } else { Parsed::Inline(words, end + 1) })
    }
}
