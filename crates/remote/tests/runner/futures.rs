//! The half that gives futures, on real servers.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use redipy_backend::{AsyncBackend, Backend, Prefix, Topic};
use redipy_command::{Kind, Value};
use redipy_conformance::futures::{Futures, wait};
use redipy_conformance::server::{Flavor, Options};
use redipy_remote::Remote;

use crate::support::{call, config, on_every_flavor, own_server, request, requests};

fn futures(remote: impl Backend) -> Arc<dyn AsyncBackend> {
    remote.asynchronous().expect("futures")
}

#[test]
fn calls_are_executed_in_order() {
    on_every_flavor(|remote| {
        let futures = futures(remote);
        let pushed: Vec<_> = (0..500).map(|item| futures.call(request(&format!("RPUSH l {item}")))).collect();
        let lengths: Vec<_> = pushed.into_iter().map(|pushed| wait(pushed).expect("pushed")).collect();
        assert_eq!(lengths, (1..=500).map(Value::Int).collect::<Vec<_>>());
        assert_eq!(wait(futures.call(request("LINDEX l 123"))), Ok("123".into()));
    });
}

/// A server confirms nothing then, and is not waited for.
#[test]
fn a_subscription_may_begin_without_topics() {
    on_every_flavor(|remote| {
        let start = Instant::now();
        let futures = remote.asynchronous().expect("futures");
        let mut messages = wait(futures.subscribe(Vec::new())).expect("a subscription");
        wait(messages.subscribe(&[])).expect("nothing to confirm");
        wait(messages.subscribe(&[Topic::Channel("news".into())])).expect("confirmed");
        assert!(start.elapsed() < Duration::from_secs(10));
    });
}

#[test]
fn what_blocks_keeps_nobody_waiting() {
    on_every_flavor(|remote| {
        let futures = futures(remote);
        let popped: Vec<_> = (0..20).map(|_| futures.call(request("BLPOP l 10"))).collect();
        let start = Instant::now();
        assert_eq!(wait(futures.call(request("PING"))), Ok(Value::Status("PONG".into())));
        wait(futures.call(request("RPUSH l 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"))).expect("pushed");
        for popped in popped {
            assert!(matches!(wait(popped), Ok(Value::Array(_))));
        }
        assert!(start.elapsed() < Duration::from_secs(9));
    });
}

#[test]
fn what_is_given_up_takes_nothing() {
    on_every_flavor(|remote| {
        let listed = |remote: &Remote| {
            let list = call(remote, "CLIENT LIST").and_then(|list| list.decode::<redipy_command::Bytes>());
            list.expect("a list").to_text().matches("cmd=blpop").count()
        };
        let soon = |remote: &Remote, wanted| {
            let start = Instant::now();
            while listed(remote) != wanted {
                assert!(start.elapsed() < Duration::from_secs(10), "{wanted} connections should block");
                std::thread::sleep(Duration::from_millis(5));
            }
        };
        let popped = remote.asynchronous().expect("futures").call(request("BLPOP l 0"));
        soon(&remote, 1);
        drop(popped);
        soon(&remote, 0);
        call(&remote, "RPUSH l a").expect("pushed");
        assert_eq!(call(&remote, "LLEN l"), Ok(Value::Int(1)));
    });
}

#[test]
fn a_restart_is_noticed_before_anything_is_sent() {
    for flavor in Flavor::ALL {
        let Some(mut server) = own_server(flavor, Options::default()) else { continue };
        let futures = futures(Remote::new(config(&server)));
        assert_eq!(wait(futures.call(request("SET a 1"))), Ok(Value::OK));
        server.restart().expect("restarts");
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(wait(futures.call(request("INCR a"))), Ok(Value::Int(1)), "{flavor}");
        server.stop();
        for text in ["GET a", "SET a 2", "GET a"] {
            let error = wait(futures.call(request(text))).expect_err("no server");
            assert_eq!(error.kind(), Kind::Connection, "{text}");
        }
    }
}

#[test]
fn a_wrong_password_is_refused_everywhere() {
    let options = Options { password: Some("sesame".into()), ..Options::default() };
    let Some(server) = own_server(Flavor::Redis82, options) else { return };
    let with = |password: &str| {
        let mut config = config(&server);
        config.password = Some(password.into());
        futures(Remote::new(config))
    };
    let right = with("sesame");
    assert_eq!(wait(right.call(request("SET a 1"))), Ok(Value::OK));
    assert!(wait(right.subscribe(vec![Topic::Channel("news".into())])).is_ok());
    let wrong = with("hunter2");
    let errors = [
        wait(wrong.call(request("GET a"))).expect_err("refused"),
        wait(wrong.transaction(requests(&["GET a"]))).expect_err("refused"),
        wait(wrong.subscribe(vec![Topic::Channel("news".into())])).map(drop).expect_err("refused"),
    ];
    for error in errors {
        assert_eq!((error.kind(), error.code()), (Kind::Auth, "WRONGPASS"), "{error}");
    }
}

#[test]
fn a_server_that_says_nothing_is_a_timeout() {
    let Some(server) = own_server(Flavor::Redis82, Options::default()) else { return };
    let mut config = config(&server);
    config.response_timeout = Some(Duration::from_millis(100));
    let futures = futures(Remote::new(config));
    wait(futures.call(request("SET a 1"))).expect("set");
    let slow = wait(futures.call(request("DEBUG SLEEP 0.5")));
    assert_eq!(slow.map_err(|error| (error.kind(), error.may_have_run())), Err((Kind::Timeout, true)));
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(wait(futures.call(request("GET a"))), Ok("1".into()));
}

#[test]
fn a_prefix_is_the_same_by_futures() {
    on_every_flavor(|remote| {
        let remote: Arc<dyn Backend> = Arc::new(remote);
        let prefix = Futures::of(Arc::new(Prefix::new(Arc::clone(&remote), "p:"))).expect("futures");
        call(&*remote, "SET other 1").expect("set");
        let sets: Vec<String> = (0..3000).map(|key| format!("SET k{key} v")).collect();
        let sets: Vec<&str> = sets.iter().map(String::as_str).collect();
        prefix.pipeline(&requests(&sets)).expect("set");
        assert_eq!(call(&prefix, "DBSIZE"), Ok(Value::Int(3000)));
        let pop = prefix.transaction(&requests(&["RPUSH l b", "LMPOP 1 l RIGHT"])).expect("popped").remove(1);
        assert_eq!(pop, Ok(Value::Array(vec!["l".into(), Value::Array(vec!["b".into()])])));
        let refused = prefix.pipeline(&requests(&["GET k1", "FLUSHALL"])).expect("results");
        assert_eq!(refused[0], Ok("v".into()));
        assert_eq!(refused[1].as_ref().map_err(|error| error.kind()), Err(Kind::Unsupported));

        let mut messages = prefix.subscribe(&[Topic::Pattern("n*".into())]).expect("listens");
        assert_eq!(call(&prefix, "PUBLISH news hello"), Ok(Value::Int(1)));
        let message = messages.next(Some(Duration::from_secs(10))).expect("a message").expect("in time");
        assert_eq!((message.channel.as_str(), message.payload.as_str()), (Some("news"), Some("hello")));
        assert_eq!(call(&prefix, "FLUSHALL"), Ok(Value::OK));
        assert_eq!(call(&*remote, "DBSIZE"), Ok(Value::Int(1)));
    });
}

#[test]
fn messages_end_with_the_server() {
    let Some(mut server) = own_server(Flavor::Redis82, Options::default()) else { return };
    let futures = Futures::of(Arc::new(Remote::new(config(&server)))).expect("futures");
    let mut messages = futures.subscribe(&[Topic::Channel("news".into())]).expect("listens");
    call(&futures, "PUBLISH news hello").expect("sent");
    assert!(matches!(messages.next(Some(Duration::from_secs(10))), Ok(Some(_))));
    assert_eq!(messages.next(Some(Duration::from_millis(20))), Ok(None));
    server.stop();
    let ended = messages.next(Some(Duration::from_secs(10))).expect_err("ended");
    assert_eq!(ended.kind(), Kind::Connection);
}

#[test]
fn a_future_needs_no_runtime_and_moves_between_threads() {
    fn is_free<F: Future + Send + 'static>(future: F) -> F {
        future
    }
    let Some(server) = own_server(Flavor::Redis82, Options::default()) else { return };
    let future = is_free(futures(Remote::new(config(&server))).call(request("PING")));
    let reply = std::thread::spawn(|| wait(future)).join().expect("no panic");
    assert_eq!(reply, Ok(Value::Status("PONG".into())));
}
