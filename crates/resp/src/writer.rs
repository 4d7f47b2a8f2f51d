//! Replies and commands as bytes.

use std::borrow::Cow;

use redipy_command::Error;
use redipy_command::number::{FLOAT_LEN, INT_LEN, format_float, format_int};
use redipy_command::sink::{Collection, ReplySink};

/// The version of the protocol that a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Protocol {
    /// RESP2, which every connection begins with.
    #[default]
    Resp2,
    /// RESP3.
    Resp3,
}

/// Appends replies to a buffer.
///
/// What RESP2 has no type for is written as Redis writes it there: booleans as integers; doubles, big numbers and verbatim strings
/// as bulk strings; maps and pairs as arrays of their elements; sets and pushes as arrays.
///
/// ```
/// use redipy_command::ReplySink;
/// use redipy_command::sink::Collection;
/// use redipy_resp::{Protocol, Writer};
///
/// let written = |protocol| {
///     let mut out = Vec::new();
///     let mut writer = Writer::new(&mut out, protocol);
///     writer.begin(Collection::Pairs, 1);
///     writer.pair();
///     writer.bulk(b"ann");
///     writer.double(1.5);
///     out
/// };
/// assert_eq!(written(Protocol::Resp2), b"*2\r\n$3\r\nann\r\n$3\r\n1.5\r\n");
/// assert_eq!(written(Protocol::Resp3), b"*1\r\n*2\r\n$3\r\nann\r\n,1.5\r\n");
/// ```
#[derive(Debug)]
pub struct Writer<'o> {
    out: &'o mut Vec<u8>,
    protocol: Protocol,
}

impl<'o> Writer<'o> {
    /// Appends to this buffer.
    pub fn new(out: &'o mut Vec<u8>, protocol: Protocol) -> Self {
        Self { out, protocol }
    }

    #[inline]
    fn speaks_resp3(&self) -> bool {
        self.protocol == Protocol::Resp3
    }

    /// A line of any bytes but line breaks, which become blanks: a reply ends where the first one is.
    fn line(&mut self, mark: u8, text: &[u8]) {
        self.out.reserve(text.len() + 3);
        self.out.push(mark);
        let start = self.out.len();
        self.out.extend_from_slice(text);
        for byte in &mut self.out[start..] {
            if matches!(byte, b'\r' | b'\n') {
                *byte = b' ';
            }
        }
        self.out.extend_from_slice(b"\r\n");
    }
}

impl ReplySink for Writer<'_> {
    fn null(&mut self) {
        self.out.extend_from_slice(if self.speaks_resp3() { b"_\r\n" } else { b"$-1\r\n" });
    }

    fn null_array(&mut self) {
        self.out.extend_from_slice(if self.speaks_resp3() { b"_\r\n" } else { b"*-1\r\n" });
    }

    fn bool(&mut self, bool: bool) {
        self.out.extend_from_slice(match (self.protocol, bool) {
            (Protocol::Resp2, false) => b":0\r\n",
            (Protocol::Resp2, true) => b":1\r\n",
            (Protocol::Resp3, false) => b"#f\r\n",
            (Protocol::Resp3, true) => b"#t\r\n",
        });
    }

    #[inline]
    fn int(&mut self, int: i64) {
        number(self.out, b':', int);
    }

    fn double(&mut self, double: f64) {
        let mut buffer = [0; FLOAT_LEN];
        let text = format_float(double, &mut buffer);
        if self.speaks_resp3() { self.line(b',', text) } else { bulk(self.out, b'$', text) }
    }

    fn big_number(&mut self, digits: &str) {
        if self.speaks_resp3() { self.line(b'(', digits.as_bytes()) } else { bulk(self.out, b'$', digits.as_bytes()) }
    }

    fn status(&mut self, text: Cow<'static, str>) {
        match &*text {
            "OK" => self.out.extend_from_slice(b"+OK\r\n"),
            other => self.line(b'+', other.as_bytes()),
        }
    }

    fn error(&mut self, error: Error) {
        self.line(b'-', &error.to_reply());
    }

    #[inline]
    fn bulk(&mut self, bytes: &[u8]) {
        bulk(self.out, b'$', bytes);
    }

    fn verbatim(&mut self, format: [u8; 3], text: &[u8]) {
        if !self.speaks_resp3() {
            return self.bulk(text);
        }
        length(self.out, b'=', text.len() + 4);
        self.out.extend_from_slice(&format);
        self.out.push(b':');
        self.out.extend_from_slice(text);
        self.out.extend_from_slice(b"\r\n");
    }

    fn begin(&mut self, kind: Collection, len: usize) {
        let (mark, len) = match (self.protocol, kind) {
            (Protocol::Resp2, kind) => (b'*', kind.elements(len)),
            (Protocol::Resp3, Collection::Array | Collection::Pairs) => (b'*', len),
            (Protocol::Resp3, Collection::Set) => (b'~', len),
            (Protocol::Resp3, Collection::Map) => (b'%', len),
            (Protocol::Resp3, Collection::Push) => (b'>', len),
        };
        length(self.out, mark, len);
    }

    fn pair(&mut self) {
        if self.speaks_resp3() {
            length(self.out, b'*', 2);
        }
    }
}

/// Appends a command as a client sends it, its name first: an array of bulk strings.
pub fn write_command<'a>(args: impl ExactSizeIterator<Item = &'a [u8]>, out: &mut Vec<u8>) {
    length(out, b'*', args.len());
    args.for_each(|arg| bulk(out, b'$', arg));
}

#[inline]
fn length(out: &mut Vec<u8>, mark: u8, len: usize) {
    number(out, mark, len as i64);
}

#[inline]
fn number(out: &mut Vec<u8>, mark: u8, number: i64) {
    if let Ok(digit @ 0..10) = u8::try_from(number) {
        return out.extend_from_slice(&[mark, b'0' + digit, b'\r', b'\n']);
    }
    out.push(mark);
    out.extend_from_slice(format_int(number, &mut [0; INT_LEN]));
    out.extend_from_slice(b"\r\n");
}

#[inline]
fn bulk(out: &mut Vec<u8>, mark: u8, bytes: &[u8]) {
    out.reserve(bytes.len() + INT_LEN);
    length(out, mark, bytes.len());
    out.extend_from_slice(bytes);
    out.extend_from_slice(b"\r\n");
}
