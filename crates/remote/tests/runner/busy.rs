//! A script that does not end: what its caller and everybody else is told, and that the connections stay usable.

use std::error::Error as _;
use std::time::{Duration, Instant};

use redipy_backend::{Backend, Request};
use redipy_command::{Error, Kind, Result, Value};
use redipy_conformance::server::{Flavor, Options, Server};
use redipy_remote::Remote;
use redipy_script::{NONE, RedisVar, ScriptCall, script};

use crate::support::{call, call_in, config, own_server, request, requests};

/// Waits for a key that nobody sets, or that nobody can set while it waits.
fn endless() -> ScriptCall {
    let draft = script(|f| {
        let flag = RedisVar::new(f.key("flag"));
        let rounds = f.local(0);
        f.while_(flag.get().eq(NONE), |b| b.assign(&rounds, &rounds + 1));
        f.returns(rounds);
    });
    draft.compile().expect("a script").key("flag", "flag")
}

/// Servers of every flavor that call a script endless after 50 milliseconds.
fn on_impatient_servers(test: impl Fn(&Server)) {
    for flavor in Flavor::ALL {
        let args = ["--busy-reply-threshold", "50"].map(str::to_owned).into();
        if let Some(server) = own_server(flavor, Options { args, ..Options::default() }) {
            eprintln!("on {flavor}");
            test(&server);
        }
    }
}

/// Runs `test` with a client that was connected before while another one's script runs; then kills the script, and
/// gives what its caller was told.
fn while_busy(server: &Server, test: impl FnOnce(&Remote)) -> Result<Value> {
    let (runner, remote) = (Remote::new(config(server)), Remote::new(config(server)));
    call(&remote, "SET a 1").expect("set");
    std::thread::scope(|scope| {
        let running = scope.spawn(|| {
            let answer = runner.call(&Request::from(endless()));
            assert_eq!(call(&runner, "GET a"), Ok("1".into()), "the connection of the script is usable");
            answer
        });
        let kill = Kill(&remote);
        until_busy(&remote);
        test(&remote);
        drop(kill);
        running.join().expect("no panic")
    })
}

/// Kills the script when it goes, also after a failed assertion.
struct Kill<'a>(&'a Remote);

impl Drop for Kill<'_> {
    fn drop(&mut self) {
        let _ = call(self.0, "SCRIPT KILL");
    }
}

fn until_busy(remote: &Remote) {
    let started = Instant::now();
    while call(remote, "GET a").is_ok() {
        assert!(started.elapsed() < Duration::from_secs(10), "the script does not run");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// That this was refused because the server is busy, before anything was done.
fn assert_busy(error: &Error, code: &str) {
    assert_eq!((error.kind(), error.code(), error.may_have_run()), (Kind::Timeout, code, false), "{error}");
    assert!(error.message().contains("is busy running a script. You can only call SCRIPT KILL"), "{error}");
}

#[test]
fn a_killed_script_is_a_timeout() {
    on_impatient_servers(|server| {
        let error = while_busy(server, |_| ()).expect_err("killed");
        assert_eq!((error.kind(), error.may_have_run()), (Kind::Timeout, false), "{error}");
        assert_eq!(error.message(), "SCRIPT ran longer than allowed and was stopped");
    });
}

#[test]
fn everything_else_is_a_timeout_meanwhile() {
    on_impatient_servers(|server| {
        let mut after = None;
        while_busy(server, |remote| {
            assert_busy(&call(remote, "SET a 2").expect_err("busy"), "BUSY");
            assert_busy(&remote.call(&Request::from(endless())).expect_err("busy"), "BUSY");
            let mixed = [request("SET a 3"), endless().into(), request("INCR a")].into();
            for result in remote.pipeline(&mixed).expect("results") {
                assert_busy(&result.expect_err("busy"), "BUSY");
            }
            let error = remote.transaction(&requests(&["SET a 4", "INCR a"])).expect_err("busy");
            assert_busy(&error, "EXECABORT");
            assert!(error.source().is_some_and(|source| source.to_string().starts_with("BUSY ")), "{error}");
            after = Some(remote.session().expect("a session, for HELLO is answered"));
        })
        .expect_err("killed");
        // Nothing of it was executed, and the connection that was opened meanwhile is like any other.
        let mut session = after.expect("the test ran");
        assert_eq!(call_in(&mut *session, "GET a"), Ok("1".into()));
        let results = session.transaction(&requests(&["INCR a", "INCR a"])).expect("no error").expect("executed");
        assert_eq!(results, [Ok(Value::Int(2)), Ok(Value::Int(3))]);
    });
}

#[test]
fn a_session_is_usable_after() {
    on_impatient_servers(|server| {
        let remote = Remote::new(config(server));
        let mut session = remote.session().expect("a session");
        while_busy(server, |_| {
            assert_busy(&call_in(&mut *session, "GET a").expect_err("busy"), "BUSY");
            assert_busy(&session.call(&endless().into()).expect_err("busy"), "BUSY");
            let error = session.transaction(&requests(&["SET a 2"])).expect_err("busy");
            assert_busy(&error, "EXECABORT");
        })
        .expect_err("killed");
        assert_eq!(call_in(&mut *session, "WATCH a"), Ok(Value::OK));
        assert_eq!(session.transaction(&requests(&["INCR a"])), Ok(Some(vec![Ok(Value::Int(2))])));
    });
}
