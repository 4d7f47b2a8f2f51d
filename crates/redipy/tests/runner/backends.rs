//! The facade: what it adds to the backends, on the engine and on a server.

use std::sync::Arc;
use std::time::Duration;

use redipy::memory::{Clock, Engine};
use redipy::prelude::*;
use redipy::string::SetOptions;
use redipy::{
    Backend, Encoded, Error, Kind, Redis, Request, RequestRef, Requests, Result, Session, Topic, Value, backend,
};

use crate::everywhere;

#[test]
fn a_store_is_described_with_its_name() -> Result<()> {
    assert_eq!(redipy::connect("memory://")?.describe(), "memory://");
    assert_eq!(redipy::connect("memory://backends%20described")?.describe(), "memory://backends described");
    assert_eq!(redipy::connect("memory://backends-described/3")?.describe(), "memory://backends-described/3");
    let prefixed = redipy::builder("memory://backends-described").prefix("a:").connect()?;
    assert_eq!(prefixed.describe(), r#"memory://backends-described with prefix "a:""#);
    Ok(())
}

#[test]
fn named_stores_are_shared_and_nameless_ones_are_not() -> Result<()> {
    let (a, b) = (redipy::connect("memory://facade")?, redipy::connect("memory://facade")?);
    a.set("k", "v")?;
    assert_eq!(b.get("k")?.unwrap(), "v");
    assert_eq!(redipy::connect("memory://")?.get("k")?, None);
    Ok(())
}

#[test]
fn a_database_of_a_store_is_named_as_one_of_a_server() -> Result<()> {
    let other = redipy::connect("memory://facade-databases/3?timeout=5")?;
    other.set("k", "v")?;
    assert_eq!(redipy::connect("memory://facade-databases?db=3")?.get("k")?.unwrap(), "v");
    assert_eq!(redipy::connect("memory://facade-databases")?.get("k")?, None);
    let mut session = redipy::connect("memory://facade-databases")?.session()?;
    session.select(3)?;
    assert_eq!(session.get("k")?.unwrap(), "v");
    let error = redipy::connect("memory://facade-databases/16").err().unwrap();
    assert_eq!(error.kind(), Kind::Config);
    assert!(error.message().contains("database 16"), "{error}");
    Ok(())
}

#[test]
fn typed_options_that_exclude_each_other_are_refused_as_on_a_server() {
    everywhere("options", |r| {
        let error = r.set_with("k", "v", SetOptions::new().nx().xx()).unwrap_err();
        assert_eq!((error.kind(), error.message()), (Kind::Syntax, "ERR syntax error"));
        assert_eq!(r.exists("k").unwrap(), 0);
        let error = r.set_with("k", "v", SetOptions::new().ex(0)).unwrap_err();
        assert_eq!(error.message(), "ERR invalid expire time in 'set' command");
    });
}

#[test]
fn an_error_inside_a_pipeline_is_that_slots_alone() {
    everywhere("pipeline", |r| {
        let mut pipe = r.pipeline();
        let set = pipe.set("k", "v");
        let wrong = pipe.lpush("k", "x");
        let refused = pipe.set_with("k", "w", SetOptions::new().nx().xx());
        let get = pipe.get("k");
        let mut replies = pipe.execute().unwrap();
        replies.take(set).unwrap();
        assert_eq!(replies.take(wrong).unwrap_err().kind(), Kind::WrongType);
        assert_eq!(replies.take(refused).unwrap_err().kind(), Kind::Syntax);
        assert_eq!(replies.take(get).unwrap().unwrap(), "v");
        assert_eq!(replies.take(get).unwrap_err().kind(), Kind::Config, "a slot is taken once");
    });
}

#[test]
fn a_slot_of_another_pipeline_is_refused() {
    everywhere("slots", |r| {
        let (mut mine, mut other, mut tx) = (r.pipeline(), r.pipeline(), r.transaction());
        let (own, strange, of_tx) = (mine.incr("mine"), other.incr("other"), tx.incr("tx"));
        let (mut replies, mut others) = (mine.execute().unwrap(), other.execute().unwrap());
        for slot in [strange, of_tx] {
            let error = replies.take(slot).unwrap_err();
            assert_eq!(error.message(), "this slot is of another pipeline or transaction");
        }
        assert_eq!(others.take(own).unwrap_err().kind(), Kind::Config);
        assert_eq!((replies.take(own).unwrap(), others.take(strange).unwrap()), (1, 1), "nothing was lost");
        assert_eq!(tx.execute().unwrap().take(of_tx).unwrap(), 1);
    });
}

#[test]
fn a_watched_key_that_changes_aborts_the_transaction() {
    everywhere("watch", |r| {
        let mut session = r.session().unwrap();
        session.watch("k").unwrap();
        r.set("k", "other").unwrap();
        let mut tx = session.transaction();
        let _ = tx.set("k", "mine");
        assert!(tx.execute().unwrap().is_none());
        assert_eq!(r.get("k").unwrap().unwrap(), "other");
        let mut tx = session.transaction();
        let _ = tx.set("k", "mine");
        assert!(tx.execute().unwrap().is_some(), "nothing is watched any more");
    });
}

#[test]
fn commands_of_a_session_are_refused_on_a_client_with_advice() {
    everywhere("refused", |r| {
        for name in ["MULTI", "EXEC", "DISCARD", "UNWATCH"] {
            let error = r.command(name).query::<Value>().unwrap_err();
            assert_eq!(error.kind(), Kind::Unsupported, "{name}: {error}");
            assert!(error.message().contains("session"), "{name}: {error}");
        }
        let error = r.command("SELECT").arg(1).query::<Value>().unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported);
        assert_eq!(r.session().unwrap().select(16).unwrap_err().message(), "ERR DB index is out of range");
    });
}

/// The refusal of a call by name, wherever it is made: in its slot of a pipeline, for a transaction as a whole.
fn refusals(r: &Redis, command: &Encoded) -> [Error; 4] {
    let mut pipe = r.pipeline();
    let (refused, other) = (pipe.raw(command.clone()), pipe.set("other", 1));
    let mut replies = pipe.execute().unwrap();
    replies.take(other).unwrap();
    let mut tx = r.transaction();
    let (_, _) = (tx.set("k", 1), tx.raw(command.clone()));
    let mut session = r.session().unwrap();
    let mut watched = session.transaction();
    let (_, _) = (watched.set("k", 1), watched.raw(command.clone()));
    let on_client = r.backend().call(&command.clone().into()).unwrap_err();
    [on_client, replies.take(refused).unwrap_err(), tx.execute().unwrap_err(), watched.execute().unwrap_err()]
}

#[test]
fn commands_of_a_session_are_refused_with_the_same_words_everywhere() {
    let subscribe = "SUBSCRIBE is not possible here: a subscription is a stream of messages: use `subscribe`";
    let exec = "EXEC is not possible here: connections are shared: `transaction()` (in Python `pipeline()`) sends MULTI \
                and EXEC by itself, and a `session()` (in Python a client of redis-py) has all of it";
    let inside = "EXEC is not possible here: this is a transaction already";
    everywhere("misplaced", |r| {
        let refused = refusals(r, &Encoded::raw(b"SUBSCRIBE").arg("news"));
        assert_eq!(refused.map(|error| error.message().to_owned()), [subscribe; 4]);
        let error = r.session().unwrap().raw(Encoded::raw(b"SUBSCRIBE").arg("news")).unwrap_err();
        assert_eq!(error.message(), subscribe);
        // With an argument too many: what does not belong here is not looked at more closely.
        let refused = refusals(r, &Encoded::raw(b"exec").arg(1));
        assert_eq!(refused.map(|error| error.message().to_owned()), [exec, exec, inside, inside]);
        let mut tx = r.transaction();
        let _ = tx.raw(Encoded::raw(b"SELECT").arg(1));
        assert_eq!(tx.execute().unwrap_err().kind(), Kind::Unsupported);
        assert_eq!(r.exists("k").unwrap(), 0);
    });
}

#[test]
fn what_changes_the_connection_is_refused_with_the_same_words_everywhere() {
    let words = ["REPLCONF ACK 0", "CLIENT REPLY OFF", "SYNC", "PSYNC ? -1", "MONITOR", "QUIT", "HELLO 3", "RESET"];
    everywhere("disturbing", |r| {
        for command in words {
            let mut parts = command.split(' ');
            let name = Encoded::raw(parts.next().unwrap().as_bytes());
            let refused = refusals(r, &parts.fold(name, |command, arg| command.arg(arg)));
            let name = if command.starts_with("CLIENT") { "CLIENT REPLY" } else { command.split(' ').next().unwrap() };
            for error in &refused {
                assert_eq!((error.kind(), error.message()), (Kind::Unsupported, refused[0].message()));
                assert!(error.message().starts_with(&format!("{name} is not possible here: ")), "{error}");
            }
        }
        assert_eq!(r.exists("k").unwrap(), 0);
    });
}

#[test]
fn unknown_commands_and_wrong_arity_have_the_servers_text() {
    everywhere("unknown", |r| {
        let error = r.command("NOSUCH").arg("a").arg(1).query::<Value>().unwrap_err();
        assert_eq!(error.kind(), if r.describe().contains("prefix") { error.kind() } else { Kind::Syntax });
        let error = r.command("GET").query::<Value>().unwrap_err();
        assert_eq!(error.message(), "ERR wrong number of arguments for 'get' command");
    });
}

#[test]
fn wait_for_sees_what_happened_before_and_after() {
    everywhere("wait", |r| {
        assert!(!r.wait_for("c", || Ok(false), Duration::from_millis(20)).unwrap());
        assert!(r.wait_for("c", || Ok(true), Duration::ZERO).unwrap());
        let other = r.clone();
        let sender = std::thread::spawn(move || {
            other.set("done", 1)?;
            other.publish("c", "x")
        });
        assert!(r.wait_for("c", || Ok(r.exists("done")? == 1), Duration::from_secs(20)).unwrap());
        sender.join().unwrap().unwrap();
    });
}

#[test]
fn a_prefix_is_a_namespace_whatever_characters_it_has() -> Result<()> {
    let plain = redipy::connect("memory://prefix-test")?;
    for prefix in ["a*:", "[x]?", "\\", "ü:"] {
        let r = redipy::builder("memory://prefix-test").prefix(prefix).connect()?;
        r.set("k", 1)?;
        r.rpush("list", ["a"])?;
        assert_eq!(plain.get(format!("{prefix}k"))?.unwrap(), "1");
        let mut keys = r.keys("*")?;
        keys.sort();
        assert_eq!(keys, ["k", "list"]);
        assert_eq!(r.keys("l?st")?, ["list"]);
        let mut found = r.scan(0)?.items;
        found.sort();
        assert_eq!(found, ["k", "list"]);
    }
    assert_eq!(plain.dbsize()?, 8);
    Ok(())
}

#[test]
fn a_manual_clock_moves_expiry() -> Result<()> {
    let clock = Clock::manual();
    let r = Redis::from_engine(Engine::builder().clock(clock.clone()).build());
    r.setex("k", 10, "v")?;
    assert_eq!(r.pttl("k")?, 10_000);
    clock.advance(Duration::from_millis(9_999));
    assert_eq!(r.pttl("k")?, 1);
    clock.advance(Duration::from_millis(1));
    assert_eq!((r.get("k")?, r.dbsize()?), (None, 0));
    Ok(())
}

#[test]
fn engines_with_the_same_seed_do_the_same() -> Result<()> {
    let draw = || -> Result<Vec<redipy::Bytes>> {
        let r = Redis::from_engine(Engine::builder().seed(7).build());
        let members: Vec<String> = (0..1_000).map(|i| format!("m{i}")).collect();
        r.sadd("s", &members)?;
        r.srandmember_count("s", 20)
    };
    assert_eq!(draw()?, draw()?);
    Ok(())
}

/// A backend that answers everything with the name of the command.
struct Echo;

impl Backend for Echo {
    fn call(&self, request: &Request) -> Result<Value> {
        match request.as_ref() {
            RequestRef::Command(command) => Ok(Value::bulk(command.name())),
            RequestRef::Script(_) => Ok(Value::Null),
        }
    }

    fn pipeline(&self, requests: &Requests) -> Result<backend::Results> {
        Ok(requests.iter().map(|request| self.call(&request.into())).collect())
    }

    fn transaction(&self, requests: &Requests) -> Result<backend::Results> {
        self.pipeline(requests)
    }

    fn session(&self) -> Result<Box<dyn backend::Session>> {
        Err(redipy::Error::new(Kind::Unsupported, "no sessions here"))
    }

    fn subscribe(&self, _: &[Topic]) -> Result<Box<dyn backend::Subscription>> {
        Err(redipy::Error::new(Kind::Unsupported, "no subscriptions here"))
    }

    fn describe(&self) -> String {
        "echo://".to_owned()
    }
}

#[test]
fn anybody_can_bring_a_backend() {
    let r = Redis::from_backend(Arc::new(Echo));
    assert_eq!(r.get("k").unwrap().unwrap(), "GET");
    let mut pipe = r.pipeline();
    let slot = pipe.getset("k", "v");
    assert_eq!(pipe.execute().unwrap().take(slot).unwrap().unwrap(), "GETSET");
    assert_eq!(r.llen("k").unwrap_err().kind(), Kind::Decode);
    assert_eq!(r.session().err().unwrap().kind(), Kind::Unsupported);
}

#[test]
fn clients_and_sessions_cross_threads() {
    fn crosses<T: Send>() {}
    fn shared_by_threads<T: Send + Sync + Clone>() {}
    shared_by_threads::<Redis>();
    crosses::<Session>();
    crosses::<redipy::Subscription>();
    crosses::<redipy::Pipeline>();
}
