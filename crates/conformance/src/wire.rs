//! A small blocking RESP client for tests: bytes in, a tree of every RESP type out.
//!
//! The bytes are read and written by `redipy-resp`, whose tests compare it with another implementation and with servers; of
//! the crates under test it shares nothing else. No pool, no reconnect, no types beyond the protocol's own.

use std::io::{self, Error, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use redipy_resp::{Aggregate, Token, Tokenizer, write_command};

/// How long a read may take before it fails; [`Client::set_timeout`] changes it.
const TIMEOUT: Duration = Duration::from_secs(10);

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
}

/// Reads replies.
struct Replies<R> {
    input: R,
    /// What was received; before `at` it was read.
    buffer: Vec<u8>,
    at: usize,
    tokens: Tokenizer,
    /// The aggregates that miss elements, the outermost first.
    open: Vec<Open>,
}

struct Open {
    kind: Aggregate,
    left: usize,
    items: Vec<Reply>,
}

impl<R: Read> Replies<R> {
    fn new(input: R) -> Self {
        Replies { input, buffer: Vec::new(), at: 0, tokens: Tokenizer::default(), open: Vec::new() }
    }

    fn read(&mut self) -> io::Result<Reply> {
        loop {
            match self
                .tokens
                .next(&self.buffer[self.at..])
                .map_err(|error| Error::new(ErrorKind::InvalidData, error))?
            {
                None => self.receive()?,
                Some((token, used)) => {
                    self.at += used;
                    if let Some(reply) = take(&mut self.open, token) {
                        return Ok(reply);
                    }
                }
            }
        }
    }

    fn receive(&mut self) -> io::Result<()> {
        self.buffer.drain(..std::mem::take(&mut self.at));
        let mut chunk = [0; 16 << 10];
        match self.input.read(&mut chunk)? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            count => {
                self.buffer.extend_from_slice(&chunk[..count]);
                Ok(())
            }
        }
    }
}

/// Takes a token; gives the reply that is complete with it.
fn take(open: &mut Vec<Open>, token: Token<'_>) -> Option<Reply> {
    let reply = match token {
        Token::Begin(kind, len) => {
            let left = if matches!(kind, Aggregate::Map | Aggregate::Attribute) { len * 2 } else { len };
            let begun = Open { kind, left, items: Vec::new() };
            if left > 0 || kind == Aggregate::Attribute {
                open.push(begun);
                return None;
            }
            begun.into_reply()
        }
        Token::Simple(text) => Reply::Simple(text.into()),
        Token::Error(text) => Reply::Error(text.into()),
        Token::Int(int) => Reply::Integer(int),
        Token::Bulk(bytes) => Reply::bulk(bytes),
        Token::NullBulk => Reply::NullBulk,
        Token::NullArray => Reply::NullArray,
        Token::Null => Reply::Null,
        Token::Bool(bool) => Reply::Boolean(bool),
        Token::Double(double) => Reply::Double(double),
        Token::BigNumber(digits) => Reply::BigNumber(digits.to_owned()),
        Token::Verbatim(format, text) => Reply::Verbatim(String::from_utf8_lossy(&format).into_owned(), text.to_vec()),
    };
    place(open, reply)
}

/// Puts a reply where it belongs; gives the outermost one when it is complete.
fn place(open: &mut Vec<Open>, mut reply: Reply) -> Option<Reply> {
    while let Some(mut around) = open.pop() {
        // Attributes wait for the reply that they belong to.
        if around.left == 0 {
            reply = Reply::Attributed(pairs(around.items), Box::new(reply));
            continue;
        }
        around.items.push(reply);
        around.left -= 1;
        if around.left > 0 || around.kind == Aggregate::Attribute {
            open.push(around);
            return None;
        }
        reply = around.into_reply();
    }
    Some(reply)
}

impl Open {
    fn into_reply(self) -> Reply {
        match self.kind {
            Aggregate::Set => Reply::Set(self.items),
            Aggregate::Push => Reply::Push(self.items),
            Aggregate::Map => Reply::Map(pairs(self.items)),
            Aggregate::Array | Aggregate::Attribute => Reply::Array(self.items),
        }
    }
}

fn pairs(items: Vec<Reply>) -> Vec<(Reply, Reply)> {
    let mut items = items.into_iter();
    std::iter::from_fn(|| Some((items.next()?, items.next()?))).collect()
}

/// One connection.
pub struct Client {
    replies: Replies<Box<dyn Stream>>,
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
        Ok(Client { replies: Replies::new(Box::new(stream)) })
    }

    /// Switches to RESP3, and logs in as the default user when there is a password.
    pub fn hello(&mut self, password: Option<&str>) -> io::Result<()> {
        let reply = match password {
            Some(password) => self.call(["HELLO", "3", "AUTH", "default", password])?,
            None => self.call(["HELLO", "3"])?,
        };
        match reply {
            Reply::Map(_) => Ok(()),
            reply => Err(Error::new(ErrorKind::InvalidData, format!("HELLO 3 was refused: {reply:?}"))),
        }
    }

    /// Sets how long a read may take; none means for ever.
    pub fn set_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.replies.input.set_read_timeout(timeout)
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
        self.replies.input.write_all(bytes)
    }

    /// Reads one reply.
    pub fn read(&mut self) -> io::Result<Reply> {
        self.replies.read()
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
    let mut bytes = Vec::new();
    write_command(command.iter().map(AsRef::as_ref), &mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> io::Result<Reply> {
        let mut replies = Replies::new(bytes);
        let reply = replies.read()?;
        assert_eq!(replies.at, replies.buffer.len(), "bytes are left");
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
            (
                b"*2\r\n|0\r\n*0\r\n|1\r\n%0\r\n:2\r\n~1\r\n_\r\n",
                Reply::Array(vec![
                    Reply::Attributed(vec![], Box::new(Reply::Array(vec![]))),
                    Reply::Attributed(
                        vec![(Reply::Map(vec![]), Reply::Integer(2))],
                        Box::new(Reply::Set(vec![Reply::Null])),
                    ),
                ]),
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
