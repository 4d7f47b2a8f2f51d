//! A server that sends too much, too little or too slowly, for callers that wait in a thread.

use std::time::{Duration, Instant};

use redipy_backend::Backend;
use redipy_command::{Kind, Value};
use redipy_conformance::fake::{Act, Fake, Manners};
use redipy_remote::Remote;

use crate::support::{call, call_in, config_of, requests};

const LONG: Duration = Duration::from_secs(20);

fn remote(fake: &Fake, response: Duration) -> Remote {
    Remote::new(config_of(fake, response))
}

/// Answers GET with its key, and the first of each connection with one reply more.
fn talkative() -> Manners {
    Manners::new().once("GET", [Act::Echo, Act::send("$5\r\nextra\r\n")]).on("GET", [Act::Echo])
}

#[test]
fn a_reply_too_many_reaches_nobody() {
    let fake = Fake::start(|_| talkative());
    let remote = remote(&fake, LONG);
    for key in 0..20 {
        let key = format!("k{key}");
        assert_eq!(call(&remote, &format!("GET {key}")), Ok(Value::from(&*key)));
        fake.wait_until(|connections| connections.iter().all(|connection| connection.is_done("GET")));
    }
    assert_eq!(fake.connections(), 20);
}

#[test]
fn a_reply_that_comes_late_reaches_nobody() {
    let late = Duration::from_millis(30);
    let fake = Fake::start(move |_| {
        Manners::new().once("GET", [Act::Echo, Act::Wait(late), Act::send(":1\r\n")]).on("GET", [Act::Echo])
    });
    let remote = remote(&fake, LONG);
    assert_eq!(call(&remote, "GET a"), Ok("a".into()));
    fake.wait_until(|connections| connections[0].is_done("GET"));
    assert_eq!(call(&remote, "GET b"), Ok("b".into()));
    assert_eq!(fake.connections(), 2);
}

#[test]
fn half_a_reply_too_many_reaches_nobody() {
    let fake = Fake::start(|_| {
        Manners::new().once("GET", [Act::Echo, Act::send("$1\r\nx")]).on("GET", [Act::send("\r\n"), Act::Echo])
    });
    let remote = remote(&fake, LONG);
    assert_eq!(call(&remote, "GET a"), Ok("a".into()));
    fake.wait_until(|connections| connections[0].is_done("GET"));
    assert_eq!(call(&remote, "GET b"), Ok("b".into()));
    assert_eq!(fake.connections(), 2);
}

#[test]
fn a_session_with_a_reply_too_many_is_lost() {
    let fake = Fake::start(|_| talkative());
    let remote = remote(&fake, LONG);
    let mut session = remote.session().expect("a session");
    assert_eq!(call_in(&mut *session, "GET a"), Ok("a".into()));
    fake.wait_until(|connections| connections[0].is_done("GET"));
    let error = call_in(&mut *session, "GET b").expect_err("out of step");
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Connection, false));
    assert!(error.message().contains("nobody had asked"), "{error}");
}

#[test]
fn what_a_server_pushes_is_no_reply_too_many() {
    let push = ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n";
    let fake = Fake::start(move |_| Manners::new().on("GET", [Act::Echo, Act::send(push)]));
    let remote = remote(&fake, LONG);
    for _ in 0..3 {
        assert_eq!(call(&remote, "GET a"), Ok("a".into()));
    }
    assert_eq!(fake.connections(), 1);
}

#[test]
fn a_call_has_its_time_once_however_slowly_its_reply_drips() {
    let fake =
        Fake::start(|_| Manners::new().on("GET", [Act::Drip(b"$100\r\n".repeat(200), Duration::from_millis(20))]));
    let remote = remote(&fake, Duration::from_millis(300));
    let start = Instant::now();
    let error = call(&remote, "GET a").expect_err("too slow");
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Timeout, false), "{error}");
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    let results = remote.pipeline(&requests(&["GET a", "GET b"]));
    assert_eq!(results.map_err(|error| error.kind()), Err(Kind::Timeout));
    assert!(start.elapsed() < Duration::from_secs(6), "{:?}", start.elapsed());
}

#[test]
fn a_request_that_a_server_does_not_read_has_its_time_too() {
    let fake = Fake::start(|_| Manners::new().on("PING", [Act::Freeze]));
    let remote = remote(&fake, Duration::from_millis(300));
    let mut session = remote.session().expect("a session");
    let start = Instant::now();
    let large = format!("SET a {}", "x".repeat(64 << 20));
    let error = session.pipeline(&requests(&["PING", &large])).expect_err("not read");
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Timeout, true), "{error}");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn what_a_reply_of_the_wrong_shape_belongs_to_may_have_run() {
    let exec = |reply: &'static str| {
        let manners = Manners::new().on("MULTI", [Act::send("+OK\r\n")]).on("INCR", [Act::send("+QUEUED\r\n")]);
        manners.on("EXEC", [Act::send(reply)])
    };
    for reply in ["*1\r\n:1\r\n", ":1\r\n", "+OK\r\n"] {
        let fake = Fake::start(move |_| exec(reply));
        let error = remote(&fake, LONG).transaction(&requests(&["INCR a", "INCR a"])).expect_err("wrong");
        assert_eq!((error.kind(), error.may_have_run()), (Kind::Decode, true), "{reply:?}");
    }
}

#[test]
fn negative_lengths_are_refused_at_once() {
    for reply in ["%-1\r\n", "!-1\r\n", "~-1\r\n", ">-1\r\n", "=-1\r\n", "|-1\r\n", "$-2\r\n"] {
        let fake = Fake::start(move |_| Manners::new().on("GET", [Act::send(reply)]));
        let start = Instant::now();
        let error = call(&remote(&fake, LONG), "GET a").expect_err("not RESP");
        assert!(error.message().contains("not RESP") && error.kind() == Kind::Connection, "{reply:?}: {error}");
        assert!(start.elapsed() < LONG / 2);
    }
}
