//! Calls by themselves, in pipelines and in transactions, by name, and scripts.

use futures_executor::block_on;
use redipy::prelude::*;
use redipy::script::script;
use redipy::string::SetOptions;
use redipy::{AsyncRedis, Callable, Command, Kind};

use super::everywhere;

#[test]
fn calls_begin_when_they_are_made_and_in_that_order() {
    everywhere("order", async |r| {
        let calls: Vec<_> = (0..200).map(|_| r.incr("n")).collect();
        // Awaited backwards.
        for (index, call) in calls.into_iter().enumerate().rev() {
            assert_eq!(call.await.unwrap(), index as i64 + 1);
        }
        let (both, of_one, none) = (r.mset([("a", 1), ("b", 2)]), r.get_as::<i64>("a"), r.del(["a", "b", "c"]));
        assert_eq!((none.await.unwrap(), of_one.await.unwrap()), (2, 1));
        both.await.unwrap();
    });
}

#[test]
fn errors_come_when_a_call_is_awaited() {
    everywhere("errors", async |r| {
        r.rpush("l", ["a"]).await.unwrap();
        assert_eq!(r.incr("l").await.unwrap_err().kind(), Kind::WrongType);
        let error = r.set_with("k", "v", SetOptions::new().nx().xx()).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (Kind::Syntax, "ERR syntax error"));
        let error = r.command("MULTI").query::<()>().await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported);
        assert_eq!(r.command("RPUSH").arg("l").arg(["b", "c"]).query::<u8>().await.unwrap(), 3);
        assert_eq!(r.get_as::<i64>("l").await.unwrap_err().kind(), Kind::WrongType);
    });
}

#[test]
fn pipelines_and_transactions_have_slots() {
    everywhere("slots-awaited", async |r| {
        let mut pipe = r.pipeline();
        let (set, wrong) = (pipe.set("k", "v"), pipe.lpush("k", "x"));
        let refused = pipe.set_with("k", "w", SetOptions::new().nx().xx());
        let get = pipe.get("k");
        let mut replies = pipe.execute().await.unwrap();
        replies.take(set).unwrap();
        assert_eq!(replies.take(wrong).unwrap_err().kind(), Kind::WrongType);
        assert_eq!(replies.take(refused).unwrap_err().kind(), Kind::Syntax);
        assert_eq!(replies.take(get).unwrap().unwrap(), "v");
        let mut tx = r.transaction();
        let (one, two) = (tx.incr("n"), tx.incr("n"));
        let mut replies = tx.execute().await.unwrap();
        assert_eq!((replies.take(two).unwrap(), replies.take(one).unwrap()), (2, 1));
        assert!(r.pipeline().execute().await.unwrap().is_empty());
        assert!(r.transaction().execute().await.unwrap().is_empty());
        let mut tx = r.transaction();
        let (_, _) = (tx.incr("n"), tx.set_with("k", "w", SetOptions::new().nx().xx()));
        assert_eq!(tx.execute().await.unwrap_err().kind(), Kind::Syntax);
        assert_eq!(r.get_as::<i64>("n").await.unwrap(), 2, "nothing of it ran");
    });
}

#[test]
fn scripts_run_with_loops_and_without() {
    let hit = script(|f| f.returns(f.var("hits").incr())).compile().unwrap();
    let sum = script(|f| {
        let (list, total) = (f.list("l"), f.local(0));
        let item = f.local(list.lpop());
        f.while_(item.ne(redipy::script::NONE), |b| {
            b.assign(&total, &total + redipy::script::num(&item));
            b.assign(&item, list.lpop());
        });
        f.returns(&total);
    });
    let sum = sum.compile().unwrap();
    everywhere("scripts-awaited", async |r| {
        assert_eq!(r.script(hit.key("hits", "page")).await.unwrap(), redipy::Value::Int(1));
        assert_eq!(hit.key("hits", "page").query::<u64>(r).await.unwrap(), 2);
        // A server that does not know a script is told it in a second call, which may come after others.
        assert_eq!(sum.key("l", "l").query::<i64>(r).await.unwrap(), 0);
        r.rpush("l", [1, 2, 3, 4]).await.unwrap();
        let total = sum.key("l", "l").query::<i64>(r);
        assert_eq!((r.llen("l").await.unwrap(), total.await.unwrap()), (0, 10), "one after the other");
        let mut session = r.session().await.unwrap();
        assert_eq!(hit.key("hits", "page").query::<u64>(&mut session).await.unwrap(), 3);
        let mut pipe = r.pipeline();
        let slot = hit.key("hits", "page").call(&mut pipe);
        assert_eq!(pipe.execute().await.unwrap().take(slot).unwrap(), redipy::Value::Int(4));
    });
}

/// A command of one's own.
#[derive(Debug, Clone, Command)]
#[command("STRLEN", string, readonly, reply = u64)]
struct TextLength<'a> {
    key: redipy::Key<'a>,
}

#[test]
fn commands_of_ones_own_run_too() {
    fn measured<C: Callable>(r: &AsyncRedis, command: C) -> redipy::RedisFuture<'static, C::Reply> {
        r.execute(command)
    }
    everywhere("own-awaited", async |r| {
        r.set("k", "value").await.unwrap();
        assert_eq!(measured(r, TextLength { key: "k".into() }).await.unwrap(), 5);
    });
}

#[test]
fn a_future_is_free_of_what_it_was_made_of() {
    fn is_free<F: Future + Send + 'static>(future: F) -> F {
        future
    }
    let r = redipy::connect_async("memory://").unwrap();
    let made = {
        let (key, client) = (String::from("k"), r.clone());
        let (get, all) = (is_free(client.get(&key)), is_free(client.mget(std::slice::from_ref(&key))));
        let listens = is_free(client.subscribe(&key));
        block_on(client.set(&key, "v")).unwrap();
        drop(listens);
        (get, all)
    };
    assert_eq!(block_on(made.0).unwrap(), None);
    assert_eq!(std::thread::spawn(|| block_on(made.1)).join().unwrap().unwrap(), [None]);
    let blocking = r.blocking().clone();
    assert_eq!(blocking.get("k").unwrap().unwrap(), "v");
    assert_eq!(block_on(blocking.asynchronous().unwrap().get("k")).unwrap().unwrap(), "v");
    assert_eq!(block_on(r.prefixed("p:").unwrap().get("k")).unwrap(), None);
    assert_eq!(format!("{r:?}"), r#"AsyncRedis("memory://")"#);
}
