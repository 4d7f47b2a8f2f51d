//! Replies, errors, pipelines and transactions.

use redipy_backend::{Backend, Requests};
use redipy_command::{Encoded, Error, Kind, Value, texts};
use std::error::Error as _;

use crate::support::{array, call, on_every_flavor, request, requests};

#[test]
fn replies_have_the_shapes_of_resp3() {
    on_every_flavor(|remote| {
        let call = |text| call(&remote, text);
        assert_eq!(call("GET a"), Ok(Value::Null));
        assert_eq!(call("HSET h f v"), Ok(Value::Int(1)));
        assert_eq!(call("HGETALL h"), Ok(Value::Map(vec![("f".into(), "v".into())])));
        assert_eq!(call("SADD s m"), Ok(Value::Int(1)));
        assert_eq!(call("SMEMBERS s"), Ok(Value::Set(vec!["m".into()])));
        assert_eq!(call("ZADD z 1.5 m"), Ok(Value::Int(1)));
        assert_eq!(call("ZSCORE z m"), Ok(Value::Double(1.5)));
        assert_eq!(call("TYPE z"), Ok(Value::Status("zset".into())));
        assert_eq!(call("MGET a z"), Ok(Value::Array(vec![Value::Null, Value::Null])));
        assert!(matches!(call("INFO server"), Ok(Value::Verbatim(verbatim)) if verbatim.text.starts_with(b"# Server")));
    });
}

#[test]
fn bytes_are_bytes() {
    on_every_flavor(|remote| {
        let all: Vec<u8> = (0..=255).collect();
        let set = Encoded::raw(b"SET").arg(&all[..]).arg(&all[..]);
        assert_eq!(remote.call(&set.into()), Ok(Value::OK));
        let get = Encoded::raw(b"GET").arg(&all[..]);
        assert_eq!(remote.call(&get.into()), Ok(Value::bulk(all)));
        assert_eq!(call(&remote, "SET empty "), Ok(Value::OK));
        assert_eq!(call(&remote, "GET empty"), Ok("".into()));
    });
}

#[test]
fn large_values_go_through() {
    on_every_flavor(|remote| {
        let large = vec![b'x'; 20 << 20];
        let set = Encoded::raw(b"SET").arg("a").arg(&large[..]);
        assert_eq!(remote.call(&set.into()), Ok(Value::OK));
        assert_eq!(call(&remote, "GET a"), Ok(Value::bulk(large)));
    });
}

#[test]
fn errors_have_the_servers_text() {
    on_every_flavor(|remote| {
        call(&remote, "SET a text").expect("set");
        assert_eq!(call(&remote, "LPUSH a x"), Err(texts::WRONG_TYPE.into()));
        assert_eq!(call(&remote, "INCR a"), Err(texts::NOT_INTEGER.into()));
        assert_eq!(call(&remote, "GET"), Err(texts::arity("GET")));
        let unknown = call(&remote, "NOSUCH x y").expect_err("unknown");
        assert_eq!((unknown.kind(), unknown.may_have_run()), (Kind::Syntax, false));
        assert_eq!(unknown.message(), "ERR unknown command 'NOSUCH', with args beginning with: 'x' 'y' ");
    });
}

#[test]
fn the_state_of_a_shared_connection_is_not_for_callers() {
    on_every_flavor(|remote| {
        for text in ["MULTI", "WATCH a", "SELECT 1", "SUBSCRIBE a", "HELLO 2", "CLIENT REPLY OFF", "MONITOR"] {
            let error = call(&remote, text).expect_err("refused");
            assert_eq!(error.kind(), Kind::Unsupported, "{text}: {error}");
        }
        assert_eq!(remote.transaction(&requests(&["SELECT 1"])).map_err(|error| error.kind()), Err(Kind::Unsupported));
        let results = remote.pipeline(&requests(&["SET a 1", "SELECT 1", "GET a"])).expect("results");
        assert_eq!((&results[0], &results[2]), (&Ok(Value::OK), &Ok("1".into())));
        assert_eq!(results[1].as_ref().map_err(Error::kind), Err(Kind::Unsupported));
    });
}

#[test]
fn an_error_in_a_pipeline_is_one_commands() {
    on_every_flavor(|remote| {
        let results = remote.pipeline(&requests(&["SET a text", "LPUSH a x", "NOSUCH", "GET a"])).expect("results");
        let errors: Vec<_> = results.iter().map(|result| result.as_ref().err().map(Error::kind)).collect();
        assert_eq!(errors, [None, Some(Kind::WrongType), Some(Kind::Syntax), None]);
        assert_eq!(results[3], Ok("text".into()));
        assert_eq!(remote.pipeline(&Requests::default()), Ok(vec![]));
    });
}

#[test]
fn long_pipelines_do_not_block() {
    on_every_flavor(|remote| {
        let value = "x".repeat(1000);
        call(&remote, &format!("SET a {value}")).expect("set");
        let results = remote.pipeline(&vec![request("GET a"); 20_000].into()).expect("results");
        assert!(results.iter().all(|result| *result == Ok(value.as_str().into())));
    });
}

#[test]
fn a_transaction_is_all_or_nothing() {
    on_every_flavor(|remote| {
        let results = remote.transaction(&requests(&["SET a 1", "LPUSH a x", "INCR a", "MGET a b"])).expect("results");
        assert_eq!(results[1], Err(texts::WRONG_TYPE.into()));
        assert_eq!(results[2], Ok(Value::Int(2)));
        assert_eq!(results[3], Ok(Value::Array(vec!["2".into(), Value::Null])));

        let error = remote.transaction(&requests(&["SET a 9", "GET", "NOSUCH"])).expect_err("aborted");
        assert_eq!((error.kind(), error.may_have_run()), (Kind::Aborted, false));
        assert_eq!(error.message(), texts::EXEC_ABORT.0);
        assert_eq!(error.source().map(ToString::to_string), Some(texts::arity("GET").to_string()));
        assert_eq!(call(&remote, "GET a"), Ok("2".into()));
        assert_eq!(remote.transaction(&Requests::default()), Ok(vec![]));
    });
}

#[test]
fn nothing_blocks_in_a_transaction() {
    on_every_flavor(|remote| {
        let results =
            remote.transaction(&requests(&["BLPOP none 0", "RPUSH l a b", "LRANGE l 0 -1"])).expect("results");
        assert_eq!(results, [Ok(Value::Null), Ok(Value::Int(2)), Ok(array(["a", "b"]))]);
    });
}
