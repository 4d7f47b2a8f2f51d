//! Connections of one's own.

use redipy_backend::{Backend, Session};
use redipy_command::{Kind, Value, texts};
use redipy_conformance::server::{Flavor, Options};
use redipy_remote::Remote;

use crate::support::{call, call_in, config, on_every_flavor, own_server, requests};

fn id(session: &mut dyn Session) -> Value {
    call_in(session, "CLIENT ID").expect("an id")
}

#[test]
fn a_changed_key_aborts_the_transaction() {
    on_every_flavor(|remote| {
        let mut session = remote.session().expect("a session");
        call_in(&mut *session, "WATCH a").expect("watches");
        assert_eq!(session.transaction(&requests(&["SET a mine"])), Ok(Some(vec![Ok(Value::OK)])));

        call_in(&mut *session, "WATCH a").expect("watches");
        call(&remote, "SET a theirs").expect("set");
        assert_eq!(session.transaction(&requests(&["SET a mine"])), Ok(None));
        assert_eq!(session.transaction(&requests(&["GET a"])), Ok(Some(vec![Ok("theirs".into())])));

        call_in(&mut *session, "WATCH a").expect("watches");
        call(&remote, "SET a again").expect("set");
        call_in(&mut *session, "UNWATCH").expect("unwatches");
        assert_eq!(session.transaction(&requests(&["SET a mine"])), Ok(Some(vec![Ok(Value::OK)])));
    });
}

#[test]
fn multi_queues_until_exec() {
    on_every_flavor(|remote| {
        let mut session = remote.session().expect("a session");
        let session = &mut *session;
        assert_eq!(call_in(session, "MULTI"), Ok(Value::OK));
        assert_eq!(call_in(session, "SET a 1"), Ok(Value::Status("QUEUED".into())));
        assert_eq!(session.transaction(&requests(&["GET a"])), Err(texts::NESTED_MULTI.into()));
        assert_eq!(call(&remote, "GET a"), Ok(Value::Null));
        assert_eq!(call_in(session, "INCR a"), Ok(Value::Status("QUEUED".into())));
        assert_eq!(call_in(session, "EXEC"), Ok(Value::Array(vec![Value::OK, Value::Int(2)])));
        assert_eq!(call_in(session, "EXEC"), Err(texts::EXEC_WITHOUT_MULTI.into()));

        let results = session.pipeline(&requests(&["MULTI", "INCR a", "DISCARD", "GET a"])).expect("results");
        assert_eq!(results[3], Ok("2".into()));
    });
}

#[test]
fn a_session_has_a_database_of_its_own() {
    on_every_flavor(|remote| {
        let mut session = remote.session().expect("a session");
        call_in(&mut *session, "SELECT 1").expect("selects");
        call_in(&mut *session, "SET a in-1").expect("set");
        drop(session);
        assert_eq!(call(&remote, "GET a"), Ok(Value::Null));
        assert_eq!(call_in(&mut *remote.session().expect("a session"), "GET a"), Ok(Value::Null));
    });
}

#[test]
fn only_clean_connections_are_used_again() {
    on_every_flavor(|remote| {
        let mut session = remote.session().expect("a session");
        let first = id(&mut *session);
        call_in(&mut *session, "WATCH a").expect("watches");
        session.transaction(&requests(&["PING"])).expect("executes");
        drop(session);

        let mut session = remote.session().expect("a session");
        assert_eq!(id(&mut *session), first);
        call_in(&mut *session, "MULTI").expect("queues");
        drop(session);
        assert_ne!(id(&mut *remote.session().expect("a session")), first);
    });
}

#[test]
fn a_lost_session_stays_lost() {
    let Some(mut server) = own_server(Flavor::Redis82, Options::default()) else { return };
    let remote = Remote::new(config(&server));
    let mut session = remote.session().expect("a session");
    call_in(&mut *session, "WATCH a").expect("watches");
    server.restart().expect("restarts");
    // The end of the connection is seen before anything is sent.
    let error = session.transaction(&requests(&["SET a 1"])).expect_err("lost");
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Connection, false));
    let error = call_in(&mut *session, "SET a 1").expect_err("lost");
    assert_eq!((error.kind(), error.may_have_run()), (Kind::Connection, false));
    assert!(error.message().contains("open another session"), "{error}");
    assert_eq!(call(&remote, "SET a 1"), Ok(Value::OK));
}

#[test]
fn streams_are_refused_in_a_session_too() {
    on_every_flavor(|remote| {
        let mut session = remote.session().expect("a session");
        for text in ["SUBSCRIBE a", "MONITOR", "RESET", "CLIENT REPLY SKIP"] {
            assert_eq!(call_in(&mut *session, text).map_err(|error| error.kind()), Err(Kind::Unsupported), "{text}");
        }
        assert!(session.transaction(&requests(&["EXEC"])).is_err());
        assert_eq!(call_in(&mut *session, "PING"), Ok(Value::Status("PONG".into())));
    });
}
