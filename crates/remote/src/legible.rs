//! What a server sends, made legible for redis-rs: it takes errors and statuses only where they are UTF-8, and replaces
//! what is not in verbatim strings and in errors of several lines. Servers echo the bytes that they were sent.
//!
//! Bytes that are no text become characters that stand for them, and bytes again by [`bytes_of`].

use std::io::{self, Read};
#[cfg(feature = "async")]
use std::pin::Pin;
#[cfg(feature = "async")]
use std::task::{Context, Poll, ready};

#[cfg(feature = "async")]
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The first of the last 256 characters that there are, which are for private use: one for every byte. Where a server
/// sends one of them, its bytes are replaced like those that are no text.
const STANDS_FOR_0: u32 = 0x10_ff00;

/// How long `txt:` is, the beginning of a verbatim string.
const FORMAT: u64 = 4;

/// How a line ends, and the bytes of a string.
const END: &[u8] = b"\r\n";

/// The first bytes of all replies.
const KINDS: &[u8] = b"+-:$*_#,(!=%~|>";

/// Finds lines and strings in what a server sends, in pieces of any length.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    state: State,
    /// A line or an error whose end has not come yet.
    held: Vec<u8>,
    /// What was made legible and has not been read yet.
    legible: Vec<u8>,
}

/// What comes next; lengths are with the line's end.
#[derive(Debug, Default, Clone, Copy)]
enum State {
    #[default]
    Line,
    /// The rest of a string.
    String(u64),
    /// The rest of a verbatim string's format, and then that string.
    Format(u64, u64),
    /// An error of several lines.
    Error(u64),
    /// Something that is no RESP, for redis-rs to refuse.
    Stranger,
}

/// So many bytes were understood; what is to be read instead of them, if not they themselves.
type Step = (usize, Option<Vec<u8>>);

impl Lines {
    /// What this sends, made legible.
    pub(crate) fn of<S: Read>(&mut self, source: S) -> Legible<'_, S> {
        Legible { source, lines: self }
    }

    /// Makes these bytes legible that were read; gives how many of them can be used now.
    fn settle(&mut self, read: &mut [u8]) -> usize {
        let (mut at, mut unchanged, mut changed) = (0, 0, false);
        while at < read.len() {
            let (taken, instead) = self.step(&read[at..]);
            changed |= instead.is_some();
            match instead {
                Some(instead) => self.legible.extend(instead),
                None if changed => self.legible.extend_from_slice(&read[at..at + taken]),
                None => unchanged += taken,
            }
            at += taken;
        }
        if unchanged == 0 { self.hand_out(read) } else { unchanged }
    }

    /// Moves what is legible into this buffer.
    fn hand_out(&mut self, buffer: &mut [u8]) -> usize {
        let len = self.legible.len().min(buffer.len());
        buffer[..len].copy_from_slice(&self.legible[..len]);
        self.legible.drain(..len);
        len
    }

    fn step(&mut self, bytes: &[u8]) -> Step {
        let up_to = |left: u64| usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
        match self.state {
            State::Line if self.held.is_empty() && !KINDS.contains(&bytes[0]) => {
                self.state = State::Stranger;
                (bytes.len(), None)
            }
            State::Line => self.line(bytes),
            State::String(left) => {
                let taken = up_to(left);
                let left = left - taken as u64;
                self.state = if left == 0 { State::Line } else { State::String(left) };
                (taken, None)
            }
            State::Format(left, string) => {
                let taken = up_to(left);
                let left = left - taken as u64;
                self.state = if left == 0 { State::String(string) } else { State::Format(left, string) };
                (taken, Some(Vec::new()))
            }
            State::Error(left) => {
                let taken = up_to(left);
                self.state = State::Error(left - taken as u64);
                self.held.extend_from_slice(&bytes[..taken]);
                (taken, Some(if left == taken as u64 { self.error() } else { Vec::new() }))
            }
            State::Stranger => (bytes.len(), None),
        }
    }

    /// Takes a line, or as much of it as has come.
    fn line(&mut self, bytes: &[u8]) -> Step {
        let split = self.held.last() == Some(&END[0]) && bytes[0] == END[1];
        let found = bytes.windows(END.len()).position(|pair| pair == END).map(|at| at + END.len());
        match if split { Some(1) } else { found } {
            Some(taken) if self.held.is_empty() => (taken, self.instead_of(&bytes[..taken])),
            Some(taken) => {
                self.held.extend_from_slice(&bytes[..taken]);
                let line = std::mem::take(&mut self.held);
                (taken, self.instead_of(&line).or(Some(line)))
            }
            None => {
                self.held.extend_from_slice(bytes);
                (bytes.len(), Some(Vec::new()))
            }
        }
    }

    /// What is to be read instead of a whole line, which says what follows it.
    fn instead_of(&mut self, line: &[u8]) -> Option<Vec<u8>> {
        let (kind, text) = (line[0], &line[1..line.len() - END.len()]);
        if matches!(kind, b'+' | b'-') {
            let legible = str::from_utf8(text).is_ok_and(|text| !text.chars().any(stands_for_a_byte));
            return if legible { None } else { Some([&line[..1], &replaced(text), END].concat()) };
        }
        if !matches!(kind, b'$' | b'=' | b'!') {
            return None;
        }
        let len = str::from_utf8(text).ok()?.trim().parse::<u64>().ok()?;
        let whole = len.saturating_add(END.len() as u64);
        match kind {
            b'=' if len >= FORMAT => {
                self.state = State::Format(FORMAT, whole - FORMAT);
                Some(format!("${}\r\n", len - FORMAT).into_bytes())
            }
            b'!' => {
                self.state = State::Error(whole);
                Some(Vec::new())
            }
            _ => {
                self.state = State::String(whole);
                None
            }
        }
    }

    /// An error of several lines, as one line.
    fn error(&mut self) -> Vec<u8> {
        self.state = State::Line;
        let held = std::mem::take(&mut self.held);
        [b"-", &*replaced(&held[..held.len() - END.len()]), END].concat()
    }
}

/// This text, with characters for what redis-rs cannot read.
fn replaced(text: &[u8]) -> Vec<u8> {
    let mut out = String::with_capacity(text.len());
    let stand_ins = |bytes: &[u8]| {
        bytes.iter().filter_map(|byte| char::from_u32(STANDS_FOR_0 + u32::from(*byte))).collect::<String>()
    };
    for chunk in text.utf8_chunks() {
        for char in chunk.valid().chars() {
            if stands_for_a_byte(char) || matches!(char, '\r' | '\n') {
                out.push_str(&stand_ins(char.encode_utf8(&mut [0; 4]).as_bytes()));
            } else {
                out.push(char);
            }
        }
        out.push_str(&stand_ins(chunk.invalid()));
    }
    out.into_bytes()
}

fn stands_for_a_byte(char: char) -> bool {
    u32::from(char) >= STANDS_FOR_0
}

/// The bytes that the server sent, of a text that redis-rs read.
pub(crate) fn bytes_of(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for char in text.chars() {
        match u32::from(char).checked_sub(STANDS_FOR_0).and_then(|byte| u8::try_from(byte).ok()) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

/// What is read from here is legible.
pub(crate) struct Legible<'a, S> {
    source: S,
    lines: &'a mut Lines,
}

impl<S: Read> Read for Legible<'_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut given = self.lines.hand_out(buffer);
        while given == 0 {
            let read = self.source.read(buffer)?;
            if read == 0 {
                return Ok(0);
            }
            given = self.lines.settle(&mut buffer[..read]);
        }
        Ok(given)
    }
}

/// A stream whose incoming half is legible.
#[cfg(feature = "async")]
pub(crate) struct LegibleStream<S> {
    stream: S,
    lines: Lines,
}

#[cfg(feature = "async")]
impl<S> LegibleStream<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, lines: Lines::default() }
    }
}

#[cfg(feature = "async")]
impl<S: AsyncRead + Unpin> AsyncRead for LegibleStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { stream, lines } = &mut *self;
        if !lines.legible.is_empty() {
            let given = lines.hand_out(buffer.initialize_unfilled());
            buffer.advance(given);
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        loop {
            ready!(Pin::new(&mut *stream).poll_read(cx, buffer))?;
            let read = &mut buffer.filled_mut()[before..];
            if read.is_empty() {
                return Poll::Ready(Ok(()));
            }
            let given = lines.settle(read);
            buffer.set_filled(before + given);
            if given > 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

#[cfg(feature = "async")]
impl<S: AsyncWrite + Unpin> AsyncWrite for LegibleStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives so many bytes at a time.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let piece = self.1.min(buffer.len());
            self.0.read(&mut buffer[..piece])
        }
    }

    fn legible(sent: &[u8], piece: usize) -> Vec<u8> {
        let mut lines = Lines::default();
        let mut read = Vec::new();
        lines.of(Pieces(sent, piece)).read_to_end(&mut read).expect("bytes");
        read
    }

    #[test]
    fn what_is_legible_stays_as_it_is() {
        let replies: [&[u8]; 7] = [
            b"+OK\r\n:1\r\n$-1\r\n*-1\r\n_\r\n",
            b"*2\r\n$4\r\n\r\n\xff\xfe\r\n$0\r\n\r\n+\xc3\xa9\r\n",
            b"%1\r\n+a\r\n-ERR b\r\n>1\r\n,1.5\r\n~0\r\n(123\r\n#t\r\n",
            b"$6\r\n+\xff\r\n-\xff\r\n:5\r\n",
            b"HTTP/1.1 400 \xff\r\n+\xff\r\n",
            b":1\r\n\xff\xff\xff",
            b"=2\r\nab\r\n",
        ];
        for sent in replies {
            for piece in 1..=sent.len() {
                assert_eq!(legible(sent, piece), sent, "in pieces of {piece}");
            }
        }
    }

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        let texts: [&[u8]; 6] =
            [b"ERR \xff", b"\xc3", b"", b"ERR \xc3\xa9 \xe2\x82", "a\u{10ff00}b\u{10ffff}\u{10fefe}".as_bytes(), &all];
        for text in texts {
            let line = replaced(text);
            assert_eq!(bytes_of(str::from_utf8(&line).expect("text")), text);
            let sent = [b"*3\r\n!", text.len().to_string().as_bytes(), b"\r\n", text, b"\r\n:1\r\n"].concat();
            for piece in [1, 2, 3, 7, sent.len()] {
                assert_eq!(legible(&sent, piece), [b"*3\r\n-", &*line, b"\r\n:1\r\n"].concat());
            }
        }
    }

    #[test]
    fn verbatim_strings_become_strings() {
        for piece in 1..20 {
            assert_eq!(legible(b"=6\r\ntxt:\xff\n\r\n:1\r\n", piece), b"$2\r\n\xff\n\r\n:1\r\n");
            assert_eq!(legible(b"=4\r\ntxt:\r\n:1\r\n", piece), b"$0\r\n\r\n:1\r\n");
        }
    }

    #[test]
    fn a_small_buffer_gets_it_in_parts() {
        let mut lines = Lines::default();
        let mut source = lines.of(&b"-\xff\xfe\xfd\r\n+OK\r\n"[..]);
        let (mut read, mut buffer) = (Vec::new(), [0; 3]);
        loop {
            let given = source.read(&mut buffer).expect("bytes");
            read.extend_from_slice(&buffer[..given]);
            if given == 0 {
                break;
            }
        }
        assert_eq!(read, [b"-", &*replaced(b"\xff\xfe\xfd"), b"\r\n+OK\r\n"].concat());
    }
}
