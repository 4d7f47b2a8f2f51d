//! Scripts through the facade: on clients, in pipelines and in transactions, on every backend.

use redipy::prelude::*;
use redipy::script::{Expr, NONE, Script, command, dict, list, num, script, strs};
use redipy::{Kind, Redis, Value};

use crate::everywhere;

/// Adds to a counter and notes the sum in a list, whose name it makes up from the counter's.
fn counting(r: &Redis) -> Script {
    let draft = script(|f| {
        let (counter, by) = (f.var("counter"), f.arg("by"));
        let sum = f.local(counter.incrby(&by));
        f.add(redipy::script::RedisList::new(strs!(counter.key(), ":sums")).rpush(&sum));
        f.returns(&sum);
    });
    r.register(draft).unwrap()
}

#[test]
fn one_script_runs_on_a_client_in_a_pipeline_and_in_a_transaction() {
    everywhere("script-places", |r| {
        let count = counting(r);
        let by = |by: i64| count.key("counter", "n").arg("by", by);
        assert_eq!(r.script(by(1)).unwrap(), Value::Int(1));
        let mut pipe = r.pipeline();
        let (first, wrong, second) = (pipe.script(by(2)), pipe.llen("n"), pipe.script(by(3)));
        let mut replies = pipe.execute().unwrap();
        assert_eq!(replies.take(first).unwrap(), Value::Int(3));
        assert_eq!(replies.take(wrong).unwrap_err().kind(), Kind::WrongType);
        assert_eq!(replies.take(second).unwrap(), Value::Int(6));
        let mut tx = r.transaction();
        let (sum, sums) = (tx.script(by(4)), tx.lrange("n:sums", 0, -1));
        let mut replies = tx.execute().unwrap();
        assert_eq!(replies.take(sum).unwrap(), Value::Int(10));
        assert_eq!(replies.take(sums).unwrap(), ["1", "3", "6", "10"]);
    });
}

#[test]
fn under_a_prefix_a_script_sees_keys_as_the_caller_does() {
    everywhere("script-prefix", |r| {
        let inside = Redis::from_backend(std::sync::Arc::new(redipy::Prefix::new(r.backend(), "in:")));
        let copy = script(|f| {
            let (from, suffix) = (f.var("from"), f.arg("suffix"));
            f.add(redipy::script::RedisVar::new("literal").set(from.get()));
            f.add(redipy::script::RedisVar::new(strs!(from.key(), suffix)).set(from.key()));
            let keys = [from.key(), "literal".into()];
            f.returns(list([redipy::script::command("EXISTS", keys), from.key()]));
        });
        let copy = inside.register(copy).unwrap();
        inside.set("a", "x").unwrap();
        let result = copy.key("from", "a").arg("suffix", 5).call(&inside).unwrap();
        assert_eq!(result, Value::Array(vec![2.into(), "a".into()]));
        assert_eq!(inside.get("a5").unwrap().unwrap(), "a");
        assert_eq!((r.get("in:literal").unwrap().unwrap(), r.exists("literal").unwrap()), ("x".into(), 0));
        for (name, args) in [("KEYS", vec!["*"]), ("DBSIZE", vec![]), ("RANDOMKEY", vec![])] {
            let all = inside.register(script(|f| f.add(redipy::script::command(name, args)))).unwrap();
            let error = all.call(&inside).unwrap_err();
            let why = "is about all keys, which a script under a prefix must not see";
            assert_eq!(error.message(), format!("SCRIPT {name} {why}"));
        }
    });
}

#[test]
fn limits_and_traces_are_those_of_the_engine() {
    let limits = redipy::script::Limits { steps: 1000, ..Default::default() };
    let r = Redis::from_engine(redipy::memory::Engine::builder().script_limits(limits).build());
    let endless = script(|f| f.while_(f.var("k").exists().eq(0), |b| b.add(f.arg("x"))));
    let endless = r.register(endless).unwrap();
    let call = endless.key("k", "missing").arg("x", 1);
    assert_eq!(call.clone().call(&r).unwrap_err().kind(), Kind::Timeout);
    let (result, trace) = r.trace(&call.max_steps(20)).unwrap();
    assert_eq!(result.unwrap_err().kind(), Kind::Timeout);
    assert!((1..20).contains(&trace.calls.len()));
    assert!(trace.calls.iter().all(|call| call.command == "EXISTS" && call.place.file.ends_with("scripts.rs")));
}

#[test]
fn a_failing_script_has_the_commands_error_and_keeps_what_it_wrote() {
    everywhere("script-errors", |r| {
        let fails = r
            .register(script(|f| {
                let (before, string) = (f.var("before"), f.key("string"));
                f.add(before.set("written"));
                f.add(redipy::script::RedisList::new(string).rpush("x"));
                f.returns(NONE);
            }))
            .unwrap();
        r.set("s", "text").unwrap();
        let error = r.script(fails.key("before", "b").key("string", "s")).unwrap_err();
        assert_eq!(error.kind(), Kind::WrongType);
        assert_eq!(error.message(), "WRONGTYPE Operation against a key holding the wrong kind of value");
        assert_eq!(r.get("b").unwrap().unwrap(), "written");
    });
}

#[test]
fn errors_echo_the_bytes_that_were_sent() {
    everywhere("bytes", |r| {
        let (odd, text) = (b"\xff\xe9".as_slice(), b"ERR Unsupported option \xff\xe9".as_slice());
        let error = r.command("EXPIRE").arg("k").arg(1).arg(odd).query::<Value>().unwrap_err();
        assert_eq!((error.message_bytes(), error.message()), (text, "ERR Unsupported option \u{fffd}\u{fffd}"));

        let expire = script(|f| {
            let (key, option) = (f.key("key"), f.arg("option"));
            f.returns(command("EXPIRE", [key, Expr::from(1), option]));
        });
        let expire = r.register(expire).unwrap();
        let error = r.script(expire.key("key", "k").arg("option", Value::bulk(odd))).unwrap_err();
        assert_eq!(error.message_bytes(), text);
    });
}

#[test]
fn a_call_that_lacks_something_names_it_and_nothing_runs() {
    everywhere("script-names", |r| {
        let count = counting(r);
        let errors = [
            (count.key("counter", "n"), "missing argument \"by\""),
            (count.arg("by", 1), "missing key \"counter\""),
            (count.key("other", "n"), "unknown key \"other\""),
            (count.key("counter", "n").arg("by", f64::NAN), "argument \"by\""),
        ];
        for (call, what) in errors {
            let error = r.script(call.clone()).unwrap_err();
            assert_eq!(error.kind(), Kind::Script);
            assert!(error.message().contains(what), "{error}");
            let mut tx = r.transaction();
            let _ = tx.set("n", 1);
            let _ = tx.script(call);
            assert!(tx.execute().is_err());
        }
        assert_eq!(r.exists("n").unwrap(), 0);
    });
}

#[test]
fn values_of_every_kind_cross_the_boundary() {
    everywhere("script-values", |r| {
        let echo = r
            .register(script(|f| {
                let value = f.arg("value");
                f.returns(dict([("same", value.clone()), ("pair", list([value, NONE.into()]))]));
            }))
            .unwrap();
        let nested = Value::Array(vec![Value::Array(Vec::new()), Value::Map(Vec::new()), "ü\0\"\\".into()]);
        let big = Value::Int((1 << 53) - 1);
        for value in [Value::Null, true.into(), 7.into(), 0.1.into(), (-2.5e-7).into(), "text".into(), nested, big] {
            let reply = r.script(echo.arg("value", value.clone())).unwrap();
            let pair = Value::Array(vec![value.clone(), Value::Null]);
            assert_eq!(reply, Value::Map(vec![("pair".into(), pair), ("same".into(), value)]), "{}", r.describe());
        }
    });
}

#[test]
fn all_mistakes_of_a_script_are_reported_with_their_places() {
    let r = redipy::connect("memory://").unwrap();
    let error = r
        .register(script(|f| {
            let list = f.list("l");
            f.add(redipy::script::redis("NOSUCH", list.key(), ["x"]));
            f.add(num("1") + "text");
            f.add(redipy::script::redis("LLEN", list.key(), ["too", "many"]));
            f.returns(NONE);
        }))
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Script);
    for what in ["NOSUCH", "LLEN", "scripts.rs:"] {
        assert!(error.message().contains(what), "{error}");
    }
}
