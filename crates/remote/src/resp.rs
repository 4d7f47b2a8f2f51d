//! RESP2 and RESP3 as servers send it: bytes in, replies out. It does no I/O, keeps its place in what is not there yet,
//! and allocates for what came, never for what was announced.

use redipy_command::number::parse_int;
use redipy_command::{Error, Value};

/// How much is read at once where nothing larger is on its way.
pub(crate) const CHUNK: usize = 16 << 10;

/// A buffer above this size is given back when it is empty.
const LARGE: usize = 1 << 20;

/// How deep replies may nest; a server's stay far below.
const MAX_DEPTH: usize = 128;

/// How long a line may be that holds a length or a number.
const MAX_DIGITS: usize = 64;

/// What a server sent.
#[derive(Debug, PartialEq)]
pub(crate) enum Incoming {
    /// The reply to a command. An error anywhere in it stays where it stands.
    Reply(Value),
    /// Something that answers no command: its kind, and what belongs to it.
    Push(Vec<Value>),
}

/// The bytes are not RESP.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotResp;

/// Reads one connection.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// What was read stands between `at` and `end`.
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    /// Up to here there is no end of the line that begins at `at`.
    searched: usize,
    /// The collections that miss elements, the outermost first.
    open: Vec<Open>,
}

/// A collection whose elements are on their way.
#[derive(Debug)]
struct Open {
    kind: Collection,
    left: usize,
    items: Vec<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Collection {
    Array,
    Set,
    Map,
    Push,
    /// Hints on the reply that follows. Nothing that is asked for comes with any.
    Attributes,
}

/// What one line, with the bytes that it announces, stands for.
enum Part {
    Value(Value),
    /// So many elements follow.
    Open(Collection, usize),
}

impl Reader {
    /// Room for what is read next, never empty.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        if self.at == self.end {
            (self.at, self.end, self.searched) = (0, 0, 0);
            if self.buffer.len() > LARGE {
                self.buffer = Vec::new();
            }
        }
        if self.buffer.len() - self.end < CHUNK {
            self.make_room();
        }
        &mut self.buffer[self.end..]
    }

    fn make_room(&mut self) {
        self.buffer.copy_within(self.at..self.end, 0);
        self.end -= self.at;
        self.searched = self.searched.saturating_sub(self.at);
        self.at = 0;
        if self.buffer.len() - self.end < CHUNK {
            self.buffer.resize(self.end * 2 + CHUNK, 0);
        }
    }

    /// So many bytes were read into the room.
    pub(crate) fn filled(&mut self, count: usize) {
        self.end = (self.end + count).min(self.buffer.len());
    }

    /// Whether a reply has begun and is not complete, or was not taken.
    pub(crate) fn is_amid_reply(&self) -> bool {
        match self.open.first() {
            Some(open) => open.kind != Collection::Push,
            None => self.at < self.end && self.buffer[self.at] != b'>',
        }
    }

    /// The next reply or push, if it is complete.
    pub(crate) fn next(&mut self) -> Result<Option<Incoming>, NotResp> {
        while let Some(part) = self.part()? {
            match part {
                Part::Value(value) => {
                    if let Some(done) = self.place(value) {
                        return Ok(Some(done));
                    }
                }
                Part::Open(kind, left) => {
                    if self.open.len() == MAX_DEPTH || (kind == Collection::Push && !self.open.is_empty()) {
                        return Err(NotResp);
                    }
                    self.open.push(Open { kind, left, items: Vec::with_capacity(left.min(CHUNK / 32)) });
                    if let Some(done) = self.close() {
                        return Ok(Some(done));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Puts a value where it belongs, and gives what is complete with it.
    fn place(&mut self, value: Value) -> Option<Incoming> {
        let Some(open) = self.open.last_mut() else { return Some(Incoming::Reply(value)) };
        open.items.push(value);
        open.left -= 1;
        self.close()
    }

    /// Ends the collections that are complete.
    fn close(&mut self) -> Option<Incoming> {
        while self.open.last().is_some_and(|open| open.left == 0) {
            let open = self.open.pop()?;
            let value = match open.kind {
                Collection::Push => return Some(Incoming::Push(open.items)),
                Collection::Attributes => continue,
                Collection::Array => Value::Array(open.items),
                Collection::Set => Value::Set(open.items),
                Collection::Map => Value::Map(pairs(open.items)),
            };
            match self.open.last_mut() {
                None => return Some(Incoming::Reply(value)),
                Some(outer) => {
                    outer.items.push(value);
                    outer.left -= 1;
                }
            }
        }
        None
    }

    /// Reads one line, with the bytes that it announces; none if they are not all there.
    fn part(&mut self) -> Result<Option<Part>, NotResp> {
        let Some(&mark) = self.buffer[self.at..self.end].first() else { return Ok(None) };
        let is_text = matches!(mark, b'+' | b'-' | b'(');
        if !is_text && !b"$=!:,#_*~%>|".contains(&mark) {
            return Err(NotResp);
        }
        let Some(line_end) = self.line_end() else {
            let is_long = self.end - self.at > MAX_DIGITS;
            return if is_long && !is_text { Err(NotResp) } else { Ok(None) };
        };
        let (line, after) = (&self.buffer[self.at + 1..line_end], line_end + 2);
        let (part, after) = match mark {
            b'$' | b'=' | b'!' if line != b"-1" || mark != b'$' => {
                let Some(text_end) = after.checked_add(length(line)?) else { return Err(NotResp) };
                if self.end.saturating_sub(2) < text_end {
                    return Ok(None);
                }
                if &self.buffer[text_end..text_end + 2] != b"\r\n" {
                    return Err(NotResp);
                }
                (Part::Value(text(mark, &self.buffer[after..text_end])?), text_end + 2)
            }
            _ => (of_line(mark, line)?, after),
        };
        (self.at, self.searched) = (after, after);
        Ok(Some(part))
    }

    /// Where the line ends that begins where we are.
    fn line_end(&mut self) -> Option<usize> {
        let from = self.searched.max(self.at);
        match self.buffer[from..self.end].windows(2).position(|two| two == b"\r\n") {
            Some(at) => Some(from + at),
            None => {
                // The last byte may be half of the end.
                self.searched = self.end.saturating_sub(1).max(self.at);
                None
            }
        }
    }
}

/// What a text of known length is.
fn text(mark: u8, bytes: &[u8]) -> Result<Value, NotResp> {
    Ok(match mark {
        b'!' => error(bytes),
        // A verbatim string is a bulk string with a hint on how to show it.
        b'=' if bytes.get(3) == Some(&b':') => Value::bulk(&bytes[4..]),
        b'=' => return Err(NotResp),
        _ => Value::bulk(bytes),
    })
}

/// What a line stands for that announces no bytes.
fn of_line(mark: u8, line: &[u8]) -> Result<Part, NotResp> {
    let int = || parse_int(line).ok_or(NotResp);
    Ok(Part::Value(match mark {
        b'+' if line == b"OK" => Value::OK,
        // A status that is no text is a string, since only a string can be of any bytes.
        b'+' => match std::str::from_utf8(line) {
            Ok(text) => Value::Status(text.to_owned().into()),
            Err(_) => Value::bulk(line),
        },
        b'-' => error(line),
        b':' => Value::Int(int()?),
        b',' => Value::Double(double(line)?),
        b'#' => Value::Bool(match line {
            b"t" => true,
            b"f" => false,
            _ => return Err(NotResp),
        }),
        // The digits; no command of a server gives a big number, only a module or a script might.
        b'(' => Value::bulk(line),
        b'_' if line.is_empty() => Value::Null,
        b'$' | b'*' if line == b"-1" => Value::Null,
        b'*' => return Ok(Part::Open(Collection::Array, length(line)?)),
        b'~' => return Ok(Part::Open(Collection::Set, length(line)?)),
        b'>' => return Ok(Part::Open(Collection::Push, length(line)?)),
        b'%' => return Ok(Part::Open(Collection::Map, twice(length(line)?)?)),
        b'|' => return Ok(Part::Open(Collection::Attributes, twice(length(line)?)?)),
        _ => return Err(NotResp),
    }))
}

/// A length or a count. One that is negative stands for nothing but null, which is read before.
fn length(digits: &[u8]) -> Result<usize, NotResp> {
    parse_int(digits).and_then(|length| usize::try_from(length).ok()).ok_or(NotResp)
}

fn twice(count: usize) -> Result<usize, NotResp> {
    count.checked_mul(2).ok_or(NotResp)
}

fn double(line: &[u8]) -> Result<f64, NotResp> {
    std::str::from_utf8(line).ok().and_then(|text| text.parse().ok()).ok_or(NotResp)
}

fn error(text: &[u8]) -> Value {
    Value::Error(Error::reply_bytes(text.to_vec()))
}

fn pairs(items: Vec<Value>) -> Vec<(Value, Value)> {
    let mut pairs = Vec::with_capacity(items.len() / 2);
    let mut items = items.into_iter();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        pairs.push((key, value));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads bytes that come in pieces of this size: all that is complete in them.
    fn read_in(bytes: &[u8], size: usize) -> Result<Vec<Incoming>, NotResp> {
        let (mut reader, mut all) = (Reader::default(), Vec::new());
        for piece in bytes.chunks(size) {
            let mut piece = piece;
            while !piece.is_empty() {
                let room = reader.room();
                let count = room.len().min(piece.len());
                room[..count].copy_from_slice(&piece[..count]);
                reader.filled(count);
                piece = &piece[count..];
                while let Some(incoming) = reader.next()? {
                    all.push(incoming);
                }
            }
        }
        Ok(all)
    }

    fn read(bytes: &[u8]) -> Value {
        let mut all = read_in(bytes, bytes.len()).expect("RESP");
        assert_eq!(read_in(bytes, 1).as_ref(), Ok(&all), "in single bytes");
        match (all.pop(), all.is_empty()) {
            (Some(Incoming::Reply(value)), true) => value,
            other => panic!("{other:?} is not one reply"),
        }
    }

    #[test]
    fn every_shape_of_resp3() {
        assert_eq!(read(b"_\r\n"), Value::Null);
        assert_eq!(read(b"$-1\r\n"), Value::Null);
        assert_eq!(read(b"*-1\r\n"), Value::Null);
        assert_eq!(read(b"#t\r\n"), Value::Bool(true));
        assert_eq!(read(b":-7\r\n"), Value::Int(-7));
        assert_eq!(read(b",1.5\r\n"), Value::Double(1.5));
        assert_eq!(read(b",-inf\r\n"), Value::Double(f64::NEG_INFINITY));
        assert!(
            matches!(read_in(b",nan\r\n", 1).as_deref(), Ok([Incoming::Reply(Value::Double(nan))]) if nan.is_nan())
        );
        assert_eq!(read(b"+OK\r\n"), Value::OK);
        assert_eq!(read(b"+QUEUED\r\n"), Value::Status("QUEUED".into()));
        assert_eq!(read(b"$4\r\na\xff\r\n\r\n"), Value::bulk(b"a\xff\r\n"));
        assert_eq!(read(b"$0\r\n\r\n"), Value::bulk(""));
        assert_eq!(read(b"=7\r\ntxt:a:b\r\n"), Value::bulk("a:b"));
        assert_eq!(read(b"(12345678901234567890\r\n"), Value::bulk("12345678901234567890"));
        assert_eq!(read(b"*2\r\n:1\r\n*0\r\n"), Value::Array(vec![Value::Int(1), Value::Array(vec![])]));
        assert_eq!(read(b"~1\r\n+a\r\n"), Value::Set(vec![Value::Status("a".into())]));
        assert_eq!(read(b"%1\r\n+a\r\n:1\r\n"), Value::Map(vec![(Value::Status("a".into()), Value::Int(1))]));
        assert_eq!(read(b"%0\r\n"), Value::Map(vec![]));
        assert_eq!(read(b"|1\r\n+ttl\r\n:9\r\n:5\r\n"), Value::Int(5));
        assert_eq!(
            read(b"*2\r\n|1\r\n+ttl\r\n*1\r\n:9\r\n:5\r\n:6\r\n"),
            Value::Array(vec![Value::Int(5), Value::Int(6)])
        );
    }

    #[test]
    fn error_texts_are_kept() {
        let texts = [
            "ERR no such key",
            "ERR",
            "ERR ",
            "",
            " leading space",
            "WRONGTYPE Operation against a key holding the wrong kind of value",
            "MOVED 3999 127.0.0.1:6381",
            "NOPERM  two spaces ",
            "Err lower case",
            "noword",
        ];
        for text in texts {
            assert_eq!(read(format!("-{text}\r\n").as_bytes()), Value::Error(Error::reply(text)));
        }
        assert_eq!(read(b"!8\r\nERR a\r\nb\r\n"), Value::Error(Error::reply("ERR a\r\nb")));
        assert_eq!(read(b"-ERR \xff\xfe\r\n"), Value::Error(Error::reply_bytes(b"ERR \xff\xfe".to_vec())));
        assert_eq!(read(b"!6\r\nERR \xff\n\r\n"), Value::Error(Error::reply_bytes(b"ERR \xff\n".to_vec())));
        let reply = read(b"*2\r\n-ERR a b\r\n:1\r\n");
        assert_eq!(reply, Value::Array(vec![Value::Error(Error::reply("ERR a b")), Value::Int(1)]));
    }

    #[test]
    fn what_is_no_text_is_kept_in_statuses_and_verbatim_strings() {
        assert_eq!(read(b"+a\xff\r\n"), Value::bulk(b"a\xff"));
        assert_eq!(read("+\u{10ff00}\r\n".as_bytes()), Value::Status("\u{10ff00}".into()));
        assert_eq!(read(b"=6\r\ntxt:\xff\xfe\r\n"), Value::bulk(b"\xff\xfe"));
    }

    #[test]
    fn replies_and_pushes_follow_each_other_wherever_they_are_cut() {
        let large = "x".repeat(3 * CHUNK);
        let text = format!(":1\r\n>2\r\n+message\r\n$2\r\n\r\n\r\n${}\r\n{large}\r\n+{large}\r\n*0\r\n", large.len());
        let whole = read_in(text.as_bytes(), text.len()).expect("RESP");
        assert_eq!(whole.len(), 5);
        assert_eq!(whole[1], Incoming::Push(vec![Value::Status("message".into()), Value::bulk("\r\n")]));
        for size in [1, 2, 3, 7, CHUNK - 1, CHUNK] {
            assert_eq!(read_in(text.as_bytes(), size).as_ref(), Ok(&whole), "in pieces of {size}");
        }
    }

    #[test]
    fn what_is_no_resp_is_refused_at_once() {
        let deep = "*1\r\n".repeat(MAX_DEPTH + 1);
        let endless = format!(":{}", "1".repeat(MAX_DIGITS + 1));
        let all = [
            "HTTP/1.1 400",
            "\0",
            "\r\n",
            "%-2\r\n",
            "!-5\r\n",
            "=-1\r\n",
            "~-1\r\n",
            ">-1\r\n",
            "|-1\r\n",
            "$-7\r\n",
            "*-2\r\n",
            "$x\r\n",
            ":\r\n",
            ":1x\r\n",
            "#x\r\n",
            "_x\r\n",
            ",x\r\n",
            "$1\r\nabc\r\n",
            "=2\r\nab\r\n",
            "$9223372036854775808\r\n",
            "*2\r\n>1\r\n:1\r\n",
            &deep,
            &endless,
        ];
        for text in all {
            assert_eq!(read_in(text.as_bytes(), 1), Err(NotResp), "{text:?}");
        }
    }

    #[test]
    fn what_is_announced_is_not_allocated() {
        for text in ["*9223372036854775807\r\n", "$9223372036854775800\r\n", "%9223372036854775807\r\n"] {
            assert_eq!(read_in(text.as_bytes(), 1), Ok(vec![]), "{text:?}");
        }
    }

    #[test]
    fn a_reply_that_nobody_took_is_seen() {
        let after = |bytes: &[u8]| {
            let mut reader = Reader::default();
            reader.room()[..bytes.len()].copy_from_slice(bytes);
            reader.filled(bytes.len());
            reader.next().expect("RESP");
            reader.is_amid_reply()
        };
        assert!(!after(b":1\r\n") && !after(b":1\r\n>1\r\n") && !after(b">2\r\n:1\r\n") && !after(b">"));
        assert!(after(b":1\r\n:2\r\n") && after(b":1\r\n$") && after(b"*1\r\n") && after(b"|1\r\n:1\r\n"));
    }
}
