//! What a server finds in what clients send, whole and in pieces, and what Redis 8.2 finds in it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use redipy_command::{ReplySink, texts};
use redipy_conformance::server::{Flavor, Options, Server, missing};
use redipy_resp::{Parsed, Protocol, RequestLimits, RequestParser, Writer};

/// The requests in bytes that come in pieces of this size, those that ask for nothing with them, and the error that ends them.
fn requests(bytes: &[u8], size: usize, limits: &RequestLimits) -> (Vec<Vec<Vec<u8>>>, Option<String>) {
    let (mut parser, mut all, mut received) = (RequestParser::default(), Vec::new(), Vec::new());
    for piece in bytes.chunks(size) {
        received.extend_from_slice(piece);
        loop {
            let mut args = Vec::new();
            let used = match parser.parse(&received, limits, &mut args) {
                Ok(Parsed::Incomplete) => break,
                Ok(Parsed::Request(used)) => {
                    all.push(args.into_iter().map(<[u8]>::to_vec).collect());
                    used
                }
                Ok(Parsed::Inline(args, used)) => {
                    all.push(args);
                    used
                }
                Err(error) => return (all, Some(error.to_string())),
            };
            received.drain(..used);
        }
    }
    (all, None)
}

/// What a server answers that knows PING and ECHO.
fn answers(bytes: &[u8], limits: &RequestLimits) -> Vec<u8> {
    let (requests, error) = requests(bytes, bytes.len().max(1), limits);
    let mut out = Vec::new();
    let mut writer = Writer::new(&mut out, Protocol::Resp2);
    for args in requests.iter().filter(|args| !args.is_empty()) {
        let rest: Vec<&[u8]> = args[1..].iter().map(Vec::as_slice).collect();
        match (args[0].to_ascii_uppercase().as_slice(), rest.as_slice()) {
            (b"PING", []) => writer.status("PONG".into()),
            (b"ECHO", [text]) => writer.bulk(text),
            (b"ECHO", _) => writer.error(texts::arity("ECHO")),
            (name, rest) => writer.error(texts::unknown_command(name, rest)),
        }
    }
    if let Some(error) = error {
        writer.error(redipy_command::Error::reply(error));
    }
    out
}

const SENT: &[&[u8]] = &[
    b"*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$4\r\n\r\n\0\xff\r\n",
    b"*x\r\n",
    b"*1\r\n",
    b"*-1\r\nPING\r\n",
    b"*0\r\nPING\r\n",
    b"*\r\nPING\r\n",
    b"*1048577\r\n",
    b"*2147483647\r\n",
    b"*2147483648\r\n",
    b"*99999999999999999999\r\n",
    b"*1\r\nx\r\n",
    b"*1\r\nx",
    b"*1\r\n\r\n",
    b"*1\r\n\n\r\n",
    b"*1\r\n\0\r\n",
    b"*1\r\n:4\r\n",
    b"*1\r\n$-1\r\n",
    b"*1\r\n$x\r\n",
    b"*1\r\n$536870912\r\n",
    b"*1\r\n$536870913\r\n",
    b"*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n",
    b"*1\rx$4\rxPINGxx",
    b"*1\0\r\nPING\r\n",
    b"*+1\r\n$4\r\nPING\r\n",
    b"*01\r\n$4\r\nPING\r\n",
    b"*1 \r\n$4\r\nPING\r\n",
    b"*1\r\n$04\r\nPING\r\n",
    b"*1\n$4\nPING\n",
    b"*-0\r\nPING\r\n",
    b"*-5\r\nPING\r\n",
    b"*-99999999999999999999\r\n",
    b"*2\r\n$4\r\nECHO\r\n$-0\r\n\r\n",
    b"*2\r\n$4\r\nECHO\r\n$0\r\n\r\n",
    b"$4\r\nPING\r\n",
    b"PING\r\n",
    b"PING\n",
    b"PING",
    b"\r\n\nPING\r\n",
    b"  PING  \r\n",
    b"PING\r\r\n",
    b"ECHO \"a b\"\r\nECHO 'a b'\r\n",
    b"ECHO \"a\r\n",
    b"ECHO 'a\r\n",
    b"ECHO \"a\"b\r\n",
    b"ECHO 'a'b\r\n",
    b"ECHO a\"b c\"\r\nECHO a'b c'\r\n",
    b"ECHO a\"b\r\n",
    b"ECHO \"\\x41\\n\\r\\t\\b\\a\\q\\\"\\\\\"\r\n",
    b"ECHO 'a\\'b\\n'\r\n",
    b"ECHO \"\\xZZ\\x4\"\r\nECHO \\x41\r\n",
    b"ECHO \"\"\r\nECHO ''\r\n\"\"\r\n",
    b"ECHO \"\\x00a\"\r\n",
    b"ECHO \"a\\\r\n",
    b"ECHO 'a\\\\'\r\n",
    b"ECHO a\0b\r\nPING\r\n",
    b"ECHO \t\x0b\x0ca\r\n",
    b"ECHO a\x0bb\r\n",
    b"ECHO \"a\"\x0bb\r\n",
    b"ECHO a\rb\r\n",
    b"ECHO \xa0a\x85\r\n",
];

#[test]
fn requests_are_the_same_wherever_they_are_cut() {
    let limits = RequestLimits::default();
    for sent in SENT {
        let whole = requests(sent, sent.len(), &limits);
        for size in 1..sent.len() {
            assert_eq!(requests(sent, size, &limits), whole, "{} in pieces of {size}", sent.escape_ascii());
        }
    }
}

/// What a server answers, all of it: it is told that nothing more will come.
fn served(port: u16, sent: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    let mut answers = Vec::new();
    // It may close the connection before it has everything, and then forget what it has not read.
    let _ = stream.write_all(sent).and_then(|()| stream.shutdown(Shutdown::Write));
    let _ = stream.read_to_end(&mut answers);
    answers
}

#[test]
fn requests_are_what_a_server_finds() {
    if Flavor::Redis82.find().is_none() {
        return missing(Flavor::Redis82);
    }
    let server = Server::start(Flavor::Redis82).expect("a server");
    let mut sent: Vec<Vec<u8>> = SENT.iter().map(|sent| sent.to_vec()).collect();
    for len in [65_535, 65_536, 65_537, 70_000] {
        sent.extend([&b""[..], b"*", b"*1\r\n$", b"*1\r\n"].map(|head| [head, &b"1".repeat(len)].concat()));
    }
    sent.push([b"ECHO ", &b"1".repeat(65_531 - 5)[..], b"\r\n"].concat());
    for sent in sent {
        let (ours, theirs) = (answers(&sent, &RequestLimits::default()), served(server.port(), &sent));
        let shown = |bytes: &[u8]| bytes[..bytes.len().min(200)].escape_ascii().to_string();
        assert_eq!(shown(&ours), shown(&theirs), "{}", shown(&sent));
    }
}

#[test]
fn who_has_not_logged_in_may_send_little() {
    let limits = RequestLimits { unauthenticated: true, ..RequestLimits::default() };
    let sent: [&[u8]; 6] =
        [b"*10\r\n", b"*11\r\n", b"*1\r\n$16384\r\n", b"*1\r\n$16385\r\n", b"*2147483648\r\n", b"*1\r\n$536870913\r\n"];
    let ours = sent.map(|sent| answers(sent, &limits));
    assert_eq!(ours[1], b"-ERR Protocol error: unauthenticated multibulk length\r\n");
    if Flavor::Redis82.find().is_none() {
        return missing(Flavor::Redis82);
    }
    let options = Options { password: Some("secret".to_owned()), ..Options::default() };
    let server = Server::start_with(Flavor::Redis82, options).expect("a server");
    for (sent, ours) in sent.iter().zip(ours) {
        let theirs = served(server.port(), sent);
        assert_eq!(ours.escape_ascii().to_string(), theirs.escape_ascii().to_string(), "{}", sent.escape_ascii());
    }
}

/// Quadratic work would take hours.
#[test]
fn a_request_that_comes_byte_by_byte_is_read_once() {
    let start = Instant::now();
    let long = [b"*1\r\n$4000000\r\n", &b"x".repeat(4_000_000)[..], b"\r\n"].concat();
    let many = [b"*300000\r\n", &b"$1\r\na\r\n".repeat(300_000)[..]].concat();
    for sent in [long, many] {
        let (mut parser, mut args) = (RequestParser::default(), Vec::new());
        for end in 1..sent.len() {
            assert_eq!(parser.parse(&sent[..end], &RequestLimits::default(), &mut args), Ok(Parsed::Incomplete));
        }
        assert_eq!(parser.parse(&sent, &RequestLimits::default(), &mut args), Ok(Parsed::Request(sent.len())));
        assert_eq!(args.len().min(2), if sent.len() > 4_000_000 { 1 } else { 2 });
    }
    let mut parser = RequestParser::default();
    let line = b"a".repeat(60_000);
    for end in 0..line.len() {
        assert_eq!(parser.parse(&line[..end], &RequestLimits::default(), &mut Vec::new()), Ok(Parsed::Incomplete));
    }
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}
