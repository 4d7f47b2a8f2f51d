//! A server that sends too much, too little or nothing, for callers who share a connection.

use std::sync::Arc;
use std::time::{Duration, Instant};

use redipy_backend::{AsyncBackend, Backend};
use redipy_command::{Kind, Value};
use redipy_conformance::fake::{Act, Fake, Manners};
use redipy_conformance::futures::wait;
use redipy_conformance::server::{Flavor, shared};
use redipy_remote::Remote;

use crate::support::{config, config_of, request, requests};

const LONG: Duration = Duration::from_secs(20);

fn futures(fake: &Fake, response: Duration) -> Arc<dyn AsyncBackend> {
    Remote::new(config_of(fake, response)).asynchronous().expect("futures")
}

#[test]
fn what_has_no_reply_is_refused() {
    let Some(shared) = shared(Flavor::Redis82) else { return };
    let futures = Remote::new(config(shared.server())).asynchronous().expect("futures");
    for text in [
        "REPLCONF ACK 0",
        "replconf getack *",
        "CLIENT REPLY OFF",
        "CLIENT REPLY SKIP",
        "SYNC",
        "PSYNC ? -1",
        "MONITOR",
    ] {
        for refused in [
            wait(futures.call(request(text))),
            wait(futures.pipeline(requests(&[text]))).and_then(|mut results| results.remove(0)),
            wait(futures.transaction(requests(&[text]))).map(|_| Value::Null),
        ] {
            assert_eq!(refused.map_err(|error| error.kind()), Err(Kind::Unsupported), "{text}");
        }
    }
    assert_eq!(wait(futures.call(request("PING"))), Ok(Value::Status("PONG".into())));
}

#[test]
fn a_call_without_an_answer_shifts_no_others() {
    let fake = Fake::start(|number| match number {
        0 => Manners::new().on("MODULE.NOTHING", [Act::Nothing]).on("GET", [Act::Echo]),
        _ => Manners::new().on("GET", [Act::Echo]),
    });
    let futures = futures(&fake, Duration::from_millis(300));
    assert_eq!(wait(futures.call(request("GET a"))), Ok("a".into()));
    let silent = futures.call(request("MODULE.NOTHING"));
    let error = wait(silent).expect_err("no reply");
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Timeout, true), "{error}");
    for key in 0..20 {
        let key = format!("k{key}");
        assert_eq!(wait(futures.call(request(&format!("GET {key}")))), Ok(Value::from(&*key)));
    }
    assert_eq!(fake.connections(), 2);
}

#[test]
fn a_call_given_up_in_doubt_shifts_no_others() {
    let fake = Fake::start(|number| match number {
        0 => Manners::new().on("MODULE.NOTHING", [Act::Nothing]).on("GET", [Act::Echo]),
        _ => Manners::new().on("GET", [Act::Echo]),
    });
    let futures = futures(&fake, LONG);
    assert_eq!(wait(futures.call(request("GET a"))), Ok("a".into()));
    let silent = futures.call(request("MODULE.NOTHING"));
    fake.wait_until(|connections| connections[0].count("MODULE.NOTHING") == 1);
    drop(silent);
    fake.wait_until(|connections| connections[0].closed);
    assert_eq!(wait(futures.call(request("GET b"))), Ok("b".into()));
    assert_eq!(fake.connections(), 2);
}

#[test]
fn who_still_waits_gets_an_answer_when_another_gives_up() {
    let fake = Fake::start(|_| {
        Manners::new()
            .on("MODULE.SLOW", [Act::Wait(Duration::from_millis(200)), Act::send("+slow\r\n")])
            .on("GET", [Act::Echo])
    });
    let futures = futures(&fake, LONG);
    assert_eq!(wait(futures.call(request("GET a"))), Ok("a".into()));
    let slow = futures.call(request("MODULE.SLOW"));
    fake.wait_until(|connections| connections[0].count("MODULE.SLOW") == 1);
    let behind = futures.call(request("GET b"));
    // It is behind the slow one, on the same connection, before that is given up.
    let after = futures.call(request("BLPOP l 0"));
    fake.wait_until(|connections| connections.len() == 2 && connections[1].count("BLPOP") == 1);
    drop((slow, after));
    assert_eq!(wait(behind), Ok("b".into()));
    assert_eq!(wait(futures.call(request("GET c"))), Ok("c".into()));
    fake.wait_until(|connections| connections[0].closed);
}

#[test]
fn a_line_that_stopped_answering_is_given_up() {
    let fake = Fake::start(|number| match number {
        0 => Manners::new().once("GET", [Act::Echo]).on("GET", [Act::Freeze]),
        _ => Manners::new().on("GET", [Act::Echo]),
    });
    let futures = futures(&fake, Duration::from_secs(1));
    assert_eq!(wait(futures.call(request("GET a"))), Ok("a".into()));
    let start = Instant::now();
    let first = futures.call(request("GET b"));
    fake.wait_until(|connections| connections[0].count("GET") == 2);
    // Those who wait behind it have time left when it has none.
    std::thread::sleep(Duration::from_millis(500));
    let (reads, writes) = (futures.call(request("GET c")), futures.call(request("INCR n")));
    assert_eq!(wait(first).map_err(|error| error.kind()), Err(Kind::Timeout));
    assert_eq!(wait(reads), Ok("c".into()), "what only reads is sent again");
    let error = wait(writes).expect_err("it may have run");
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Connection, true), "{error}");
    assert!(error.message().contains("another call on the same connection"), "{error}");
    assert!(start.elapsed() < LONG / 2);
    assert_eq!(fake.connections(), 2);
}

#[test]
fn calls_that_are_given_up_leave_nothing_behind() {
    let fake = Fake::start(|_| Manners::new().on("GET", [Act::Freeze]));
    let futures = futures(&fake, LONG);
    let first = futures.call(request("GET first"));
    fake.wait_until(|connections| connections.iter().any(|connection| connection.count("GET") == 1));
    let calls: Vec<_> = (0..2000).map(|key| futures.call(request(&format!("GET {key}")))).collect();
    drop(calls);
    // Everything on the connection was given up: it is closed, with all that was queued.
    drop(first);
    wait(futures.call(request("PING"))).expect("a new connection");
    assert!(fake.count("GET") < 2000);
}

#[test]
fn a_reply_that_nobody_asked_for_costs_the_connection() {
    let fake = Fake::start(|_| Manners::new().once("GET", [Act::Echo, Act::send(":1\r\n")]).on("GET", [Act::Echo]));
    let futures = futures(&fake, LONG);
    for key in ["a", "b", "c"] {
        assert_eq!(wait(futures.call(request(&format!("GET {key}")))), Ok(key.into()));
        fake.wait_until(|connections| connections.iter().all(|connection| connection.closed));
    }
}

#[test]
fn who_waits_together_for_a_connection_is_told_together() {
    let fake = Fake::start(|_| Manners::new().on("HELLO", [Act::Freeze]));
    let mut config = config_of(&fake, LONG);
    config.connect_timeout = Duration::from_millis(300);
    let futures = Remote::new(config).asynchronous().expect("futures");
    let start = Instant::now();
    let calls: Vec<_> = (0..50).map(|key| futures.call(request(&format!("GET {key}")))).collect();
    for call in calls {
        assert_eq!(wait(call).map_err(|error| error.kind()), Err(Kind::Timeout));
    }
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn a_call_has_its_time_once_however_slowly_its_reply_drips() {
    let fake =
        Fake::start(|_| Manners::new().on("GET", [Act::Drip(b"$100\r\n".repeat(200), Duration::from_millis(20))]));
    let futures = futures(&fake, Duration::from_millis(300));
    let start = Instant::now();
    let error = wait(futures.call(request("GET a"))).expect_err("too slow");
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Timeout, false), "{error}");
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[test]
fn answers_before_the_end_of_a_pipeline_are_kept() {
    let fake = Fake::start(|_| Manners::new().on("SET", [Act::send("+OK\r\n")]).on("INCR", [Act::Close]));
    let futures = futures(&fake, LONG);
    let results = wait(futures.pipeline(requests(&["SET a 6", "INCR a", "GET a"]))).expect("some answers");
    assert_eq!(results[0], Ok(Value::OK));
    let lost = |index: usize| results[index].as_ref().map_err(|error| (error.kind(), error.may_have_run()));
    assert_eq!(lost(1), Err((Kind::Connection, true)));
    assert_eq!(lost(2), Err((Kind::Connection, false)));
}

#[test]
fn what_is_no_server_is_named_as_such() {
    for (answer, text) in [("HTTP/1.1 400 Bad Request\r\n\r\n", "not RESP"), ("%-1\r\n", "not RESP")] {
        let fake = Fake::start(move |_| Manners::new().on("GET", [Act::send(answer)]));
        let error = wait(futures(&fake, LONG).call(request("GET a"))).expect_err("no server");
        assert!(error.kind() == Kind::Connection && error.message().contains(text), "{error}");
    }
}

#[test]
fn only_what_blocks_has_a_connection_of_its_own() {
    let fake = Fake::start(|_| {
        Manners::new()
            .on("GET", [Act::Echo])
            .on("XREADGROUP GROUP block", [Act::Wait(Duration::from_millis(50)), Act::send("_\r\n")])
    });
    let futures = futures(&fake, LONG);
    assert_eq!(wait(futures.call(request("GET a"))), Ok("a".into()));
    let read = futures.call(request("XREADGROUP GROUP block c BLOCK 3000 STREAMS s >"));
    fake.wait_until(|connections| connections.len() == 2 && connections[1].count("XREADGROUP") == 1);
    assert_eq!(wait(futures.call(request("GET b"))), Ok("b".into()));
    assert_eq!(wait(read), Ok(Value::Null));
}
