//! Replies are pieces, and what these are in RESP2 and RESP3 is seen on the wire only: after the same commands the bytes are
//! those of a server.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use redipy_backend::Backend;
use redipy_command::encoded::spec_of;
use redipy_command::{ReplySink, Result};
use redipy_conformance::command::parse;
use redipy_conformance::server::{Flavor, Server, missing};
use redipy_resp::{Protocol, Tokenizer, Writer, write_command};

use crate::dispatch::{Call, row};
use crate::{Clock, Engine, Memory};

/// Commands with every shape of reply. Where an order or a choice is the server's own, there is one element.
const COMMANDS: &str = r#"
    PING
    PING "a\r\nb"
    ECHO "\x00\xff"
    SET s 1
    SET s 2 GET
    SET s 3 NX
    SET new 3 NX GET
    GET s
    GET missing
    GET s excess
    SET s 1 PX 0
    INCR s
    INCRBYFLOAT s 0.5
    INCR s
    MGET s missing
    SETRANGE s 0 abc
    GETDEL missing
    TYPE s
    TYPE missing
    PTTL s
    "a\r\nb" c
    RPUSH l a b c a
    LLEN s
    LPOP missing
    LPOP missing 2
    LPOP l 0
    LPOP l 2
    RPOP l
    LPOS l z
    LPOS l z COUNT 0
    LPOS missing z COUNT 1
    LPOS l c COUNT 0
    LINDEX l 9
    LRANGE l 0 -1
    LRANGE missing 0 -1
    LMPOP 1 missing LEFT
    LMPOP 1 l LEFT COUNT 2
    LMOVE missing l LEFT LEFT
    SADD t a
    SMEMBERS t
    SMEMBERS missing
    SISMEMBER t a
    SMISMEMBER t a b
    SINTER t
    SUNION t missing
    SDIFF t t
    SRANDMEMBER t
    SRANDMEMBER t 2
    SRANDMEMBER t -2
    SRANDMEMBER missing
    SRANDMEMBER missing 2
    SSCAN t 0
    SPOP missing
    SPOP missing 2
    SPOP t 5
    HSET h f v
    HGETALL h
    HGETALL missing
    HMGET h f missing
    HKEYS h
    HVALS h
    HRANDFIELD h
    HRANDFIELD h 2
    HRANDFIELD h 2 WITHVALUES
    HRANDFIELD missing
    HRANDFIELD missing 2 WITHVALUES
    HSCAN h 0
    HSCAN h 0 NOVALUES
    HINCRBYFLOAT h n 1.5
    ZADD z 1.5 a 2 b 1e300 c -inf d 0.1 e 3.3 f 1e-7 g 57985735.295463905 h -0 i 1e17 j 4611686018427387904 k
    ZRANGE z 0 -1
    ZRANGE z 0 -1 WITHSCORES
    ZRANGE z -inf (2 BYSCORE WITHSCORES LIMIT 1 3
    ZRANGE missing 0 -1 WITHSCORES
    ZMSCORE z a b c d e f g h i j k l
    ZSCORE z missing
    ZADD z INCR 1 a
    ZADD z NX INCR 1 a
    ZINCRBY z 0.1 e
    ZRANK z a
    ZRANK z missing
    ZRANK z a WITHSCORE
    ZREVRANK z missing WITHSCORE
    ZCOUNT z -inf +inf
    ZADD one 1 a
    ZRANDMEMBER one
    ZRANDMEMBER one 2
    ZRANDMEMBER one 2 WITHSCORES
    ZRANDMEMBER missing 2 WITHSCORES
    ZSCAN z 0
    ZPOPMIN z
    ZPOPMIN z 2
    ZPOPMAX z 0
    ZPOPMIN missing
    ZPOPMAX missing 2
    HGET s f
    KEYS missing*
    SCAN 0 MATCH missing*
    DBSIZE
"#;

/// What a server is sent, and its replies, one by one.
fn served(server: &Server, protocol: Protocol, commands: &[Vec<Vec<u8>>]) -> Vec<String> {
    let hello: &[&[u8]] = if protocol == Protocol::Resp3 { &[b"HELLO", b"3"] } else { &[b"PING"] };
    let mut sent = Vec::new();
    write_command(hello.iter().copied(), &mut sent);
    commands.iter().for_each(|command| write_command(command.iter().map(Vec::as_slice), &mut sent));
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).expect("the server");
    stream.write_all(&sent).expect("all is sent");
    stream.shutdown(Shutdown::Write).expect("nothing more will come");
    let mut received = Vec::new();
    stream.read_to_end(&mut received).expect("all is received");
    split(&received).split_off(1)
}

/// The replies, one by one.
fn split(bytes: &[u8]) -> Vec<String> {
    let (mut tokens, mut all, mut start, mut at) = (Tokenizer::default(), Vec::new(), 0, 0);
    while let Some((_, used)) = tokens.next(&bytes[at..]).expect("RESP") {
        at += used;
        if tokens.amid().is_none() {
            all.push(bytes[start..at].escape_ascii().to_string());
            start = at;
        }
    }
    assert_eq!(start, bytes.len(), "a reply is cut");
    all
}

fn shown(engine: &Engine, command: &[Vec<u8>], to: &mut dyn ReplySink) -> Result<()> {
    let words: Vec<&[u8]> = command.iter().map(Vec::as_slice).collect();
    let call = Call::of_words(spec_of(&words), &words)?;
    let row = row(call.spec).unwrap_or_else(|| panic!("{} is not there", call.spec.name));
    (row.execute)(engine, 0, call.args(), to)
}

#[test]
fn replies_are_those_of_a_server_byte_for_byte() {
    if Flavor::Redis82.find().is_none() {
        return missing(Flavor::Redis82);
    }
    let lines: Vec<&str> = COMMANDS.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let commands: Vec<_> = lines.iter().map(|line| parse(line).expect("a command")).collect();
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        let server = Server::start(Flavor::Redis82).expect("a server");
        let theirs = served(&server, protocol, &commands);
        let engine = Engine::builder().clock(Clock::manual()).build();
        assert_eq!(theirs.len(), lines.len());
        for ((line, command), theirs) in lines.iter().zip(&commands).zip(theirs) {
            let mut out = Vec::new();
            let mut writer = Writer::new(&mut out, protocol);
            if let Err(error) = shown(&engine, command, &mut writer) {
                writer.error(error);
            }
            assert_eq!(out.escape_ascii().to_string(), theirs, "{line} in {protocol:?}");
        }
    }
}

/// In the reply of EXEC too, in which a session shows the replies of others.
#[test]
fn exec_shows_what_a_server_shows() {
    if Flavor::Redis82.find().is_none() {
        return missing(Flavor::Redis82);
    }
    let lines = [
        "MULTI",
        "ZADD z 1 a 2 b",
        "ZRANGE z 0 -1 WITHSCORES",
        "ZPOPMIN z 1",
        "LPOP none 2",
        "GET none",
        "HSET h f v",
        "HGETALL h",
        "ZRANK none a WITHSCORE",
        "INCR h",
        "EXEC",
    ];
    let commands: Vec<_> = lines.iter().map(|line| parse(line).expect("a command")).collect();
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        let theirs = served(&Server::start(Flavor::Redis82).expect("a server"), protocol, &commands);
        let mut session = Memory::from(Engine::builder().clock(Clock::manual()).build()).session().expect("a session");
        for ((line, command), theirs) in lines.iter().zip(&commands).zip(theirs) {
            let (mut out, words): (_, Vec<&[u8]>) = (Vec::new(), command.iter().map(Vec::as_slice).collect());
            session.command(&words, &mut Writer::new(&mut out, protocol)).expect("no error");
            assert_eq!(out.escape_ascii().to_string(), theirs, "{line} in {protocol:?}");
        }
    }
}
