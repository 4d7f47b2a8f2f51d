//! Waiting for replies: not for ever, and long enough.

use std::time::{Duration, Instant};

use redipy_backend::Backend;
use redipy_command::{Kind, Value};
use redipy_conformance::server::{Flavor, Options, Server};
use redipy_remote::Remote;

use crate::support::{array, call, call_in, config, own_server, request, requests};

/// A client that is quick to give up.
fn impatient(server: &Server) -> Remote {
    let mut config = config(server);
    config.response_timeout = Some(Duration::from_millis(200));
    Remote::new(config)
}

#[test]
fn a_silent_server_is_a_timeout() {
    let Some(server) = own_server(Flavor::Redis82, Options::default()) else { return };
    let remote = impatient(&server);
    call(&remote, "SET a 1").expect("set");
    call(&remote, "CLIENT PAUSE 3000 WRITE").expect("pauses");
    let started = Instant::now();
    let error = call(&remote, "SET a 2").expect_err("paused");
    assert!(started.elapsed() < Duration::from_millis(2500));
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Timeout, true));
    assert!(error.message().contains("within 200ms"), "{error}");
    // The late reply to SET is nobody's: the connection was dropped.
    assert_eq!(call(&remote, "ECHO x"), Ok("x".into()));
    let error = remote.transaction(&requests(&["SET a 3"])).expect_err("paused");
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Timeout, true));
    assert_eq!(call(&remote, "GET a"), Ok("1".into()));
}

#[test]
fn a_call_can_have_a_time_of_its_own() {
    let Some(server) = own_server(Flavor::Redis82, Options::default()) else { return };
    let (remote, short, long) = (impatient(&server), Duration::from_millis(50), Duration::from_secs(20));
    let sleeps = || request("DEBUG SLEEP 0.4");
    let kind = |result: redipy_command::Result<Value>| result.map_err(|error| (error.kind(), error.to_string()));
    assert_eq!(kind(remote.call(&sleeps().with_response_timeout(long))), Ok(Value::OK));
    let error = remote.call(&sleeps().with_response_timeout(short)).expect_err("sleeps");
    assert!(error.kind() == Kind::Timeout && error.message().contains("within 50ms"), "{error}");
    let both = || requests(&["DEBUG SLEEP 0.4", "PING"]).with_response_timeout(long);
    assert_eq!(remote.pipeline(&both()).map(|results| results.len()), Ok(2));
    assert_eq!(remote.transaction(&both()).map(|results| results.len()), Ok(2));
    let mut session = remote.session().expect("a session");
    assert_eq!(session.call(&sleeps().with_response_timeout(long)), Ok(Value::OK));
    assert_eq!(session.pipeline(&both()).map(|results| results.len()), Ok(2));
    assert_eq!(session.transaction(&both()).map(|results| results.is_some()), Ok(true));
    // The others keep the time that the client has.
    assert_eq!(call(&remote, "DEBUG SLEEP 0.4").map_err(|error| error.kind()), Err(Kind::Timeout));
}

#[test]
fn a_reader_that_times_out_changed_nothing() {
    let Some(server) = own_server(Flavor::Redis82, Options::default()) else { return };
    let remote = impatient(&server);
    let mut session = remote.session().expect("a session");
    let error = call(&remote, "DEBUG SLEEP 1").expect_err("sleeps");
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Timeout, true));
    let error = call_in(&mut *session, "GET a").expect_err("sleeps");
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Timeout, false));
    assert!(call_in(&mut *session, "GET a").is_err_and(|error| error.message().contains("open another session")));
}

#[test]
fn blocking_commands_may_block_longer() {
    for flavor in Flavor::ALL {
        let Some(server) = own_server(flavor, Options::default()) else { continue };
        let remote = impatient(&server);
        let started = Instant::now();
        assert_eq!(call(&remote, "BLPOP l 0.6"), Ok(Value::Null), "{flavor}");
        assert!(started.elapsed() >= Duration::from_millis(600));
        assert_eq!(call(&remote, "XREAD BLOCK 500 STREAMS s $"), Ok(Value::Null), "{flavor}");
        assert_eq!(call(&remote, "WAIT 1 400"), Ok(Value::Int(0)), "{flavor}");
        let results = remote.pipeline(&requests(&["BLPOP l 0.3", "BRPOP l 0.3", "PING"])).expect("results");
        assert_eq!(results[2], Ok(Value::Status("PONG".into())));
        let mut session = remote.session().expect("a session");
        assert_eq!(call_in(&mut *session, "BLMPOP 0.5 1 l LEFT"), Ok(Value::Null), "{flavor}");
        // The limit is back to what it was.
        assert_eq!(call(&remote, "DEBUG SLEEP 0.5").map_err(|error| error.kind()), Err(Kind::Timeout), "{flavor}");
    }
}

#[test]
fn blocking_for_ever_ends_with_a_value() {
    let Some(server) = own_server(Flavor::Redis82, Options::default()) else { return };
    let remote = impatient(&server);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| call(&remote, "BLPOP l 0"));
        std::thread::sleep(Duration::from_millis(500));
        call(&remote, "RPUSH l x").expect("pushed");
        assert_eq!(waiting.join().expect("no panic"), Ok(array(["l", "x"])));
    });
}
