//! Scripts: known and unknown to the server, alone and among others.

use std::sync::Arc;

use redipy_backend::{Backend, Prefix, Request, Requests};
use redipy_command::{Kind, Value};
use redipy_script::{RedisVar, Script, ScriptCall, script};

use crate::support::{call, call_in, on_every_flavor, request};

/// Adds an argument to what a key holds, and gives `[sum]`.
fn adding() -> Script {
    let draft = script(|f| {
        let total = RedisVar::new(f.key("total"));
        let sum = f.local(total.incrby(f.arg("by")));
        f.returns(redipy_script::list([sum]));
    });
    draft.compile().expect("a script")
}

fn add(script: &Script, key: &str, by: i64) -> ScriptCall {
    script.key("total", key).arg("by", by)
}

fn sum(sum: i64) -> Value {
    Value::Array(vec![Value::Int(sum)])
}

#[test]
fn a_script_runs_wherever_it_is_known_or_not() {
    on_every_flavor(|remote| {
        let script = adding();
        call(&remote, "SCRIPT FLUSH").expect("flushed");
        assert_eq!(remote.call(&add(&script, "a", 1).into()), Ok(sum(1)));
        assert_eq!(remote.call(&add(&script, "a", 2).into()), Ok(sum(3)));
        call(&remote, "SCRIPT FLUSH").expect("flushed");
        assert_eq!(remote.call(&add(&script, "a", 3).into()), Ok(sum(6)));
    });
}

#[test]
fn a_script_runs_in_its_place_among_others() {
    on_every_flavor(|remote| {
        let script = adding();
        let requests = Requests::from([
            request("SET a 10"),
            add(&script, "a", 1).into(),
            request("INCR a"),
            add(&script, "a", 2).into(),
            request("GET a"),
        ]);
        let expected = vec![Ok(Value::OK), Ok(sum(11)), Ok(Value::Int(12)), Ok(sum(14)), Ok("14".into())];
        for _ in 0..2 {
            call(&remote, "SCRIPT FLUSH").expect("flushed");
            assert_eq!(remote.pipeline(&requests), Ok(expected.clone()));
            call(&remote, "SCRIPT FLUSH").expect("flushed");
            assert_eq!(remote.transaction(&requests), Ok(expected.clone()));
        }
        let mut session = remote.session().expect("a session");
        call(&remote, "SCRIPT FLUSH").expect("flushed");
        assert_eq!(session.pipeline(&requests), Ok(expected.clone()));
        call(&remote, "SCRIPT FLUSH").expect("flushed");
        assert_eq!(session.transaction(&requests), Ok(Some(expected)));
    });
}

#[test]
fn a_script_is_queued_after_multi() {
    on_every_flavor(|remote| {
        let script = adding();
        call(&remote, "SCRIPT FLUSH").expect("flushed");
        let mut session = remote.session().expect("a session");
        call_in(&mut *session, "MULTI").expect("queues");
        assert_eq!(session.call(&add(&script, "a", 4).into()), Ok(Value::Status("QUEUED".into())));
        call_in(&mut *session, "INCR a").expect("queued");
        assert_eq!(call_in(&mut *session, "EXEC"), Ok(Value::Array(vec![sum(4), Value::Int(5)])));
    });
}

#[test]
fn an_incomplete_call_is_refused_alone() {
    on_every_flavor(|remote| {
        let script = adding();
        let incomplete: Request = script.key("total", "a").into();
        assert_eq!(remote.call(&incomplete).map_err(|error| error.kind()), Err(Kind::Script));
        let results =
            remote.pipeline(&[request("SET a 1"), incomplete.clone(), request("INCR a")].into()).expect("results");
        assert_eq!(results[1].as_ref().map_err(|error| error.kind()), Err(Kind::Script));
        assert_eq!(results[2], Ok(Value::Int(2)));
        assert!(remote.transaction(&[request("SET a 9"), incomplete].into()).is_err());
        assert_eq!(call(&remote, "GET a"), Ok("2".into()));
    });
}

#[test]
fn an_error_of_a_script_is_its_own() {
    on_every_flavor(|remote| {
        let script = adding();
        call(&remote, "SET a text").expect("set");
        let alone = remote.call(&add(&script, "a", 1).into()).expect_err("no number");
        assert!(!alone.may_have_run());
        let among = [request("PING"), add(&script, "a", 1).into(), request("GET a")].into();
        let results = remote.transaction(&among).expect("results");
        assert_eq!(results[1], Err(alone.clone()));
        assert_eq!(results[2], Ok("text".into()));
        assert_eq!(remote.pipeline(&among).expect("results")[1], Err(alone));
    });
}

#[test]
fn a_script_has_prefixed_keys() {
    on_every_flavor(|remote| {
        let script = adding();
        let remote: Arc<dyn Backend> = Arc::new(remote);
        let prefix = Prefix::new(Arc::clone(&remote), "p:");
        assert_eq!(prefix.call(&add(&script, "a", 1).into()), Ok(sum(1)));
        assert_eq!(prefix.pipeline(&[add(&script, "a", 1)].into()), Ok(vec![Ok(sum(2))]));
        assert_eq!(prefix.transaction(&[add(&script, "a", 1)].into()), Ok(vec![Ok(sum(3))]));
        assert_eq!(call(&*remote, "GET p:a"), Ok("3".into()));
        assert!(prefix.call(&script.key("total", "a").into()).is_err());
    });
}
