//! A small blocking RESP client for tests: bytes in, a tree of every RESP type out.
//!
//! It shares no code with the crates under test, so that a mistake of theirs cannot hide in it. No pool,
//! no reconnect, no types beyond the protocol's own.

use std::io::{self, BufRead, BufReader, Error, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long a read may take before it fails; [`Client::set_timeout`] changes it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How deep replies may nest: far deeper than any server's, shallow enough for a test thread's stack.
const MAX_DEPTH: usize = 128;

/// One reply, as the server sent it.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// `+`: a status such as `OK`, which can be of any bytes.
    Simple(Vec<u8>),
    /// `-` or `!`: an error, with its code, which can echo any bytes.
    Error(Vec<u8>),
    /// `:`: a 64-bit integer.
    Integer(i64),
    /// `$`: a string of any bytes.
    Bulk(Vec<u8>),
    /// `*`: an array.
    Array(Vec<Reply>),
    /// `_`: RESP3's null.
    Null,
    /// `$-1`: RESP2's null string.
    NullBulk,
    /// `*-1`: RESP2's null array.
    NullArray,
    /// `#`: a boolean.
    Boolean(bool),
    /// `,`: a double.
    Double(f64),
    /// `(`: an integer of any size, in digits.
    BigNumber(String),
    /// `=`: a text with its format, `txt` or `mkd`.
    Verbatim(String, Vec<u8>),
    /// `%`: a map, in the order sent.
    Map(Vec<(Reply, Reply)>),
    /// `~`: a set, in the order sent.
    Set(Vec<Reply>),
    /// `>`: a message that answers no command.
    Push(Vec<Reply>),
    /// `|`: a reply that has attributes, with the reply itself last.
    Attributed(Vec<(Reply, Reply)>, Box<Reply>),
}

impl Reply {
    /// A bulk string.
    pub fn bulk(text: impl AsRef<[u8]>) -> Reply {
        Reply::Bulk(text.as_ref().to_vec())
    }

    /// A status.
    pub fn simple(text: &str) -> Reply {
        Reply::Simple(text.into())
    }

    /// The text of a string of any kind (status, error, bulk or verbatim), when it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Reply::Simple(bytes) | Reply::Error(bytes) | Reply::Bulk(bytes) | Reply::Verbatim(_, bytes) => {
                std::str::from_utf8(bytes).ok()
            }
            _ => None,
        }
    }

    /// Whether this is an error.
    pub fn is_error(&self) -> bool {
        matches!(self, Reply::Error(_))
    }

    /// Reads one reply.
    pub fn read(input: &mut impl BufRead) -> io::Result<Reply> {
        Reply::read_nested(input, 0)
    }

    fn read_nested(input: &mut impl BufRead, depth: usize) -> io::Result<Reply> {
        if depth > MAX_DEPTH {
            return Err(invalid("replies nest too deep", ""));
        }
        let line = read_line(input)?;
        let Some((kind, bytes)) = line.split_first() else { return Err(invalid("no type byte", "")) };
        let kind = char::from(*kind);
        if let '+' | '-' = kind {
            return Ok(if kind == '+' { Reply::Simple(bytes.to_vec()) } else { Reply::Error(bytes.to_vec()) });
        }
        let rest = &text(bytes)[..];
        Ok(match kind {
            ':' => Reply::Integer(number(rest)?),
            '$' if rest == "-1" => Reply::NullBulk,
            '*' if rest == "-1" => Reply::NullArray,
            '$' => Reply::Bulk(read_bytes(input, rest)?),
            '!' => Reply::Error(read_bytes(input, rest)?),
            '=' => read_verbatim(input, rest)?,
            '*' => Reply::Array(read_items(input, rest, depth)?),
            '~' => Reply::Set(read_items(input, rest, depth)?),
            '>' => Reply::Push(read_items(input, rest, depth)?),
            '%' => Reply::Map(read_pairs(input, rest, depth)?),
            '|' => {
                let attributes = read_pairs(input, rest, depth)?;
                Reply::Attributed(attributes, Box::new(Reply::read_nested(input, depth + 1)?))
            }
            '_' => Reply::Null,
            '#' if rest == "t" => Reply::Boolean(true),
            '#' if rest == "f" => Reply::Boolean(false),
            ',' => Reply::Double(number(rest)?),
            '(' => Reply::BigNumber(rest.to_owned()),
            _ => return Err(invalid("unknown type", &text(&line))),
        })
    }
}

/// One connection.
pub struct Client {
    stream: BufReader<Box<dyn Stream>>,
}

impl Client {
    /// Connects to a port of this machine, in RESP3.
    pub fn connect(port: u16) -> io::Result<Client> {
        let mut client = Client::connect_resp2(port)?;
        client.hello(None)?;
        Ok(client)
    }

    /// Connects to a port of this machine, in RESP2: nothing is sent.
    pub fn connect_resp2(port: u16) -> io::Result<Client> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        Client::over(stream)
    }

    /// Connects to a Unix socket, in RESP3.
    #[cfg(unix)]
    pub fn connect_unix(path: &std::path::Path) -> io::Result<Client> {
        let mut client = Client::over(std::os::unix::net::UnixStream::connect(path)?)?;
        client.hello(None)?;
        Ok(client)
    }

    fn over(stream: impl Stream + 'static) -> io::Result<Client> {
        stream.set_read_timeout(Some(TIMEOUT))?;
        Ok(Client { stream: BufReader::new(Box::new(stream)) })
    }

    /// Switches to RESP3, and logs in as the default user when there is a password.
    pub fn hello(&mut self, password: Option<&str>) -> io::Result<()> {
        let reply = match password {
            Some(password) => self.call(["HELLO", "3", "AUTH", "default", password])?,
            None => self.call(["HELLO", "3"])?,
        };
        match reply {
            Reply::Map(_) => Ok(()),
            reply => Err(invalid("HELLO 3 was refused", &format!("{reply:?}"))),
        }
    }

    /// Sets how long a read may take; none means for ever.
    pub fn set_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.stream.get_ref().set_read_timeout(timeout)
    }

    /// Sends one command and reads its reply. The reply may be an error: look.
    pub fn call<A: AsRef<[u8]>>(&mut self, command: impl AsRef<[A]>) -> io::Result<Reply> {
        self.send(command)?;
        self.read()
    }

    /// Sends one command, its words parted by spaces, and reads its reply.
    pub fn ask(&mut self, command: &str) -> io::Result<Reply> {
        self.call(command.split_ascii_whitespace().collect::<Vec<_>>())
    }

    /// Sends one command.
    pub fn send<A: AsRef<[u8]>>(&mut self, command: impl AsRef<[A]>) -> io::Result<()> {
        self.send_bytes(&encode(command.as_ref()))
    }

    /// Sends many commands in one write.
    pub fn send_all(&mut self, commands: &[Vec<Vec<u8>>]) -> io::Result<()> {
        self.send_bytes(&commands.iter().flat_map(|command| encode(command)).collect::<Vec<_>>())
    }

    /// Sends bytes as they are, for tests of the protocol itself.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// Reads one reply.
    pub fn read(&mut self) -> io::Result<Reply> {
        Reply::read(&mut self.stream)
    }

    /// Reads as many replies as are asked for.
    pub fn read_all(&mut self, count: usize) -> io::Result<Vec<Reply>> {
        (0..count).map(|_| self.read()).collect()
    }
}

/// What the client needs of a socket.
trait Stream: Read + Write + Send {
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        TcpStream::set_read_timeout(self, timeout)
    }
}

#[cfg(unix)]
impl Stream for std::os::unix::net::UnixStream {
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        std::os::unix::net::UnixStream::set_read_timeout(self, timeout)
    }
}

/// A command as a client sends it: an array of bulk strings.
pub fn encode<A: AsRef<[u8]>>(command: &[A]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", command.len()).into_bytes();
    for argument in command.iter().map(AsRef::as_ref) {
        bytes.extend_from_slice(format!("${}\r\n", argument.len()).as_bytes());
        bytes.extend_from_slice(argument);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

fn read_line(input: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    input.read_until(b'\n', &mut line)?;
    line.strip_suffix(b"\r\n").map(<[u8]>::to_vec).ok_or_else(|| ErrorKind::UnexpectedEof.into())
}

fn read_bytes(input: &mut impl BufRead, length: &str) -> io::Result<Vec<u8>> {
    let length: u32 = number(length)?;
    let mut bytes = Vec::new();
    input.take(u64::from(length) + 2).read_to_end(&mut bytes)?;
    if bytes.len() < length as usize + 2 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    if bytes.split_off(length as usize) != b"\r\n" {
        return Err(invalid("a string is longer than its length", ""));
    }
    Ok(bytes)
}

fn read_verbatim(input: &mut impl BufRead, length: &str) -> io::Result<Reply> {
    let bytes = read_bytes(input, length)?;
    match bytes.iter().position(|byte| *byte == b':') {
        Some(3) => Ok(Reply::Verbatim(text(&bytes[..3]), bytes[4..].to_vec())),
        _ => Err(invalid("a verbatim string without a format", "")),
    }
}

fn read_items(input: &mut impl BufRead, count: &str, depth: usize) -> io::Result<Vec<Reply>> {
    (0..number::<u32>(count)?).map(|_| Reply::read_nested(input, depth + 1)).collect()
}

fn read_pairs(input: &mut impl BufRead, count: &str, depth: usize) -> io::Result<Vec<(Reply, Reply)>> {
    let mut pair = || Ok((Reply::read_nested(input, depth + 1)?, Reply::read_nested(input, depth + 1)?));
    (0..number::<u32>(count)?).map(|_| pair()).collect()
}

fn number<N: std::str::FromStr>(digits: &str) -> io::Result<N> {
    digits.parse().map_err(|_| invalid("not a number", digits))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn invalid(what: &str, line: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("{what}: {line:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> io::Result<Reply> {
        let mut input = bytes;
        let reply = Reply::read(&mut input)?;
        assert!(input.is_empty(), "{} bytes are left", input.len());
        Ok(reply)
    }

    #[test]
    fn reads_every_type() {
        let cases: Vec<(&[u8], Reply)> = vec![
            (b"+OK\r\n", Reply::simple("OK")),
            (b"-ERR no\r\n", Reply::Error("ERR no".into())),
            (b"!6\r\nERR no\r\n", Reply::Error("ERR no".into())),
            (b"-ERR \xff\r\n", Reply::Error(b"ERR \xff".into())),
            (b":-9223372036854775808\r\n", Reply::Integer(i64::MIN)),
            (b"$4\r\n\r\n\x00\xff\r\n", Reply::bulk(b"\r\n\x00\xff")),
            (b"$0\r\n\r\n", Reply::bulk("")),
            (b"$-1\r\n", Reply::NullBulk),
            (b"*-1\r\n", Reply::NullArray),
            (b"_\r\n", Reply::Null),
            (b"#t\r\n", Reply::Boolean(true)),
            (b"#f\r\n", Reply::Boolean(false)),
            (b",1.5e3\r\n", Reply::Double(1500.0)),
            (b",-inf\r\n", Reply::Double(f64::NEG_INFINITY)),
            (b"(123456789012345678901234567890\r\n", Reply::BigNumber("123456789012345678901234567890".into())),
            (b"=5\r\ntxt:a\r\n", Reply::Verbatim("txt".into(), b"a".to_vec())),
            (b"*2\r\n:1\r\n*0\r\n", Reply::Array(vec![Reply::Integer(1), Reply::Array(vec![])])),
            (b"~1\r\n:1\r\n", Reply::Set(vec![Reply::Integer(1)])),
            (b">1\r\n+x\r\n", Reply::Push(vec![Reply::simple("x")])),
            (b"%1\r\n+k\r\n:2\r\n", Reply::Map(vec![(Reply::simple("k"), Reply::Integer(2))])),
            (
                b"|1\r\n+k\r\n:2\r\n+v\r\n",
                Reply::Attributed(vec![(Reply::simple("k"), Reply::Integer(2))], Box::new(Reply::simple("v"))),
            ),
        ];
        for (bytes, reply) in cases {
            assert_eq!(read(bytes).unwrap(), reply);
        }
    }

    #[test]
    fn a_cut_reply_is_an_end_of_file() {
        let whole: &[u8] = b"*3\r\n$3\r\nabc\r\n%1\r\n+k\r\n,1\r\n=5\r\ntxt:a\r\n";
        read(whole).unwrap();
        for end in 0..whole.len() {
            assert_eq!(read(&whole[..end]).unwrap_err().kind(), ErrorKind::UnexpectedEof, "cut at {end}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let deep = b"*1\r\n".repeat(100_000);
        let cases: [&[u8]; 9] = [
            b"\r\n",
            b"?1\r\n",
            b":x\r\n",
            b"$-2\r\n",
            b"*-2\r\n",
            b"#x\r\n",
            b"$1\r\nabc\r\n",
            b"=2\r\nab\r\n",
            &deep,
        ];
        for bytes in cases {
            assert_eq!(read(bytes).unwrap_err().kind(), ErrorKind::InvalidData);
        }
        assert_eq!(read(b"*4000000000\r\n").unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }

    #[test]
    fn nan_is_read() {
        assert!(matches!(read(b",nan\r\n").unwrap(), Reply::Double(value) if value.is_nan()));
    }

    #[test]
    fn commands_are_arrays_of_bulk_strings() {
        assert_eq!(encode(&["SET", "k", ""]), b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n");
    }
}
