//! Things that listen on a port and are no Redis server, or not a whole one.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use redipy_backend::Backend;
use redipy_command::{Error, Kind, Value};
use redipy_remote::{Config, Remote};

use crate::support::{call, call_in, requests};

const HELLO: &str = "%1\r\n+server\r\n+redis\r\n+OK\r\n+OK\r\n";

/// Listens, and gives every connection to a handler, which is told its number.
fn listening(handle: impl Fn(usize, TcpStream) + Send + 'static) -> Remote {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().flatten().enumerate() {
            handle(number, stream);
        }
    });
    let mut config = Config::tcp("127.0.0.1", port);
    config.password = Some("hunter2".into());
    config.connect_timeout = Duration::from_millis(500);
    config.response_timeout = Some(Duration::from_millis(500));
    Remote::new(config)
}

/// Reads what was sent, answers, and so on; then closes.
fn answering(stream: &mut TcpStream, answers: &[&[u8]]) {
    for answer in answers {
        if !matches!(stream.read(&mut [0; 4096]), Ok(1..)) || stream.write_all(answer).is_err() {
            return;
        }
    }
}

/// One answer for each thing sent, the same on every connection.
fn scripted(answers: &[&str]) -> Remote {
    let answers: Vec<String> = answers.iter().map(|&answer| answer.to_owned()).collect();
    listening(move |_, mut stream| {
        let answers: Vec<&[u8]> = answers.iter().map(String::as_bytes).collect();
        answering(&mut stream, &answers);
    })
}

#[track_caller]
fn failure(remote: &Remote, text: &str) -> Error {
    let error = call(remote, text).expect_err("no server");
    assert!(!error.message().contains("hunter2"), "{error}");
    assert!(error.message().contains("127.0.0.1:"), "{error}");
    error
}

#[test]
fn other_protocols_are_named_as_such() {
    for answer in ["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "\0\0\0\0", "+OK\r\n+OK\r\n+OK\r\n"] {
        let error = failure(&scripted(&[answer]), "SET a 1");
        assert_eq!((error.kind(), error.may_have_run()), (Kind::Connection, false), "{answer:?}: {error}");
    }
}

#[test]
fn hostile_lengths_are_errors() {
    let replies = [
        "*9223372036854775807\r\n",
        "%9223372036854775807\r\n",
        "%-2\r\n",
        "~99999999999999999999\r\n",
        "$9223372036854775807\r\n",
        "=-1\r\n",
        ">1\r\n:1\r\n",
        "|4611686018427387904\r\n",
        "|9223372036854775807\r\n",
        ">9223372036854775807\r\n",
        "!-5\r\n",
        "$-7\r\nx",
    ];
    for reply in replies {
        let remote = scripted(&[HELLO, reply]);
        match call(&remote, "SET a 1") {
            Err(error) => assert!(error.may_have_run() && error.kind() == Kind::Connection, "{reply:?}: {error}"),
            Ok(value) => assert_eq!(value, Value::Null, "{reply:?}"),
        }
    }
    let deep = "*1\r\n".repeat(100_000);
    assert_eq!(failure(&scripted(&[HELLO, &deep]), "GET a").kind(), Kind::Connection);
}

#[test]
fn a_server_without_resp3_is_refused_without_its_quote() {
    let text = "-ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `default`, `hunter2`, \r\n";
    let error = failure(&scripted(&[text]), "SET a 1");
    assert_eq!(error.kind(), Kind::Unsupported);
    assert!(error.message().contains("Redis 6"), "{error}");
}

#[test]
fn a_full_server_says_so() {
    let remote = listening(|_, mut stream| {
        let _ = stream.write_all(b"-ERR max number of clients reached\r\n");
        let _ = stream.read(&mut [0; 4096]);
    });
    let error = failure(&remote, "SET a 1");
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Connection, false));
    assert!(error.message().starts_with("ERR max number of clients reached"), "{error}");
}

#[test]
fn silence_at_the_door_is_a_timeout() {
    let remote = listening(|_, stream| {
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_secs(5));
            drop(stream);
        });
    });
    let error = failure(&remote, "SET a 1");
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Timeout, false));
}

#[test]
fn an_answer_cut_short_leaves_open_what_ran() {
    let remote = scripted(&[HELLO, "$100\r\nabc"]);
    let error = failure(&remote, "GETSET a 1");
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Connection, true), "{error}");
    let error = failure(&remote, "GET a");
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Connection, false), "{error}");
    assert!(remote.transaction(&requests(&["SET a 1"])).is_err_and(|error| error.may_have_run()));
}

#[test]
fn answers_before_the_end_of_a_pipeline_are_kept() {
    let remote = scripted(&[HELLO, "+OK\r\n:7\r\n"]);
    let results = remote.pipeline(&requests(&["SET a 6", "INCR a", "GET a", "INCR a"])).expect("some answers");
    assert_eq!((&results[0], &results[1]), (&Ok(Value::OK), &Ok(Value::Int(7))));
    let lost = |index: usize| results[index].as_ref().map_err(|error| (error.kind(), error.may_have_run()));
    assert_eq!(lost(2), Err((Kind::Connection, false)));
    assert_eq!(lost(3), Err((Kind::Connection, true)));
}

#[test]
fn only_what_reads_is_sent_again() {
    // Every connection answers twice and closes on the third command.
    let remote = scripted(&[HELLO, ":1\r\n", ""]);
    assert_eq!(call(&remote, "INCR a"), Ok(Value::Int(1)));
    let error = failure(&remote, "INCR a");
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Connection, true));
    assert_eq!(call(&remote, "STRLEN a"), Ok(Value::Int(1)));
    assert_eq!(call(&remote, "STRLEN a"), Ok(Value::Int(1)));
}

#[test]
fn states_of_a_server_have_kinds() {
    let kinds = [
        ("LOADING Redis is loading the dataset in memory", Kind::Unavailable),
        ("READONLY You can't write against a read only replica.", Kind::ReadOnly),
        ("OOM command not allowed when used memory > 'maxmemory'.", Kind::OutOfMemory),
        ("NOAUTH Authentication required.", Kind::Auth),
        ("MOVED 3999 127.0.0.1:6381", Kind::Rejected),
    ];
    for (text, kind) in kinds {
        let remote = scripted(&[HELLO, &format!("-{text}\r\n")]);
        let error = call(&remote, "SET a 1").expect_err("an error");
        assert_eq!((error.message(), error.kind(), error.may_have_run()), (text, kind, false));
    }
}

#[test]
fn an_error_that_is_no_text_arrives_byte_for_byte() {
    let answers: [&[u8]; 3] = [HELLO.as_bytes(), b"-ERR no '\xff'\r\n", b"+OK\r\n"];
    let remote = listening(move |_, mut stream| answering(&mut stream, &answers));
    let error = call(&remote, "SET a 1").expect_err("an error");
    assert_eq!((error.message_bytes(), error.kind()), (b"ERR no '\xff'".as_slice(), Kind::Rejected));
    assert!(!error.may_have_run());
    assert_eq!(call(&remote, "SET a 1"), Ok(Value::OK));
}

#[test]
fn what_is_queued_and_never_executed_did_not_run() {
    let remote = scripted(&[HELLO, "+OK\r\n", "+QUEUED\r\n", "+QUEUED\r\n"]);
    let mut session = remote.session().expect("a session");
    assert_eq!(call_in(&mut *session, "MULTI"), Ok(Value::OK));
    assert_eq!(call_in(&mut *session, "INCR a"), Ok(Value::Status("QUEUED".into())));
    assert_eq!(call_in(&mut *session, "INCR a"), Ok(Value::Status("QUEUED".into())));
    assert!(call_in(&mut *session, "INCR a").is_err_and(|error| !error.may_have_run()));
}
