//! Futures that are dropped before they are ready: the next call gets its own reply.

use std::time::Duration;

use futures_executor::block_on;
use redipy::prelude::*;
use redipy::script::{Script, script};
use redipy::{AsyncRedis, Kind};
use redipy_conformance::fake::{Act, Fake, Manners};

use super::{clients, current_thread, everywhere, multi_thread, polled};

/// A script that takes a thread.
fn counting() -> Script {
    let counting = script(|f| {
        let i = f.local(0);
        f.while_(i.lt(1000), |b| b.assign(&i, &i + 1));
        f.returns(&i);
    });
    counting.compile().unwrap()
}

/// Drops calls of every kind after every number of polls.
async fn drop_at_each_poll(r: &AsyncRedis) {
    let count = counting();
    for polls in 0..4 {
        for round in 0..10 {
            let mine = format!("{polls}:{round}");
            let _ = polled(r.set("k", "dropped"), polls).await;
            let _ = polled(r.echo("dropped"), polls).await;
            assert_eq!(r.echo(&mine).await.unwrap(), *mine);
            let mut pipe = r.pipeline();
            let (_, _) = (pipe.echo("dropped"), pipe.echo("dropped"));
            let _ = polled(pipe.execute(), polls).await;
            let mut tx = r.transaction();
            let (_, _) = (tx.incr("left"), tx.incr("right"));
            let _ = polled(tx.execute(), polls).await;
            let _ = polled(count.prepare().query::<i64>(r), polls).await;
            let _ = polled(r.blpop_one("nothing"), polls).await;
            assert_eq!(r.echo(&mine).await.unwrap(), *mine);
            assert_eq!(count.prepare().query::<i64>(r).await.unwrap(), 1000);
        }
    }
    let both = r.mget(["left", "right"]).await.unwrap();
    assert_eq!(both[0], both[1], "a transaction that is given up runs as a whole or not at all");
}

/// Commands that block and that the engine does not have are called by name.
trait ByName {
    fn blpop_one(&self, key: &str) -> redipy::RedisFuture<'static, redipy::Value>;
}

impl ByName for AsyncRedis {
    fn blpop_one(&self, key: &str) -> redipy::RedisFuture<'static, redipy::Value> {
        self.command("BLPOP").arg(key).arg("0.01").query()
    }
}

#[test]
fn whoever_comes_after_a_dropped_call_gets_its_own_reply() {
    for r in clients("dropped") {
        block_on(drop_at_each_poll(&r));
        // Polled in the runtime, whose other tasks go on only in threads of their own.
        multi_thread().block_on(async { tokio::spawn(async move { drop_at_each_poll(&r).await }).await }).unwrap();
    }
}

#[test]
fn a_timeout_of_tokio_drops_a_call_like_any_other() {
    let fake = Fake::start(|_| {
        Manners::new().on("GET slow", [Act::Wait(Duration::from_millis(300)), Act::Echo]).on("GET", [Act::Echo])
    });
    for runtime in [current_thread(), multi_thread()] {
        let r = redipy::connect_async(&format!("redis://127.0.0.1:{}", fake.port())).unwrap();
        runtime.block_on(async {
            assert_eq!(r.get("a").await.unwrap().unwrap(), "a");
            let (slow, behind) = (r.get("slow"), r.get("behind"));
            assert!(tokio::time::timeout(Duration::from_millis(50), slow).await.is_err());
            assert_eq!(r.get("b").await.unwrap().unwrap(), "b");
            assert_eq!(behind.await.unwrap().unwrap(), "behind", "it was sent before");
        });
    }
}

#[test]
fn what_was_not_sent_is_not_sent_any_more() {
    let fake = Fake::start(|_| {
        Manners::new().on("HELLO", [Act::Wait(Duration::from_millis(200)), Act::send("%0\r\n")]).on("GET", [Act::Echo])
    });
    let r = redipy::connect_async(&format!("redis://127.0.0.1:{}", fake.port())).unwrap();
    let calls: Vec<_> = (0..100).map(|key| r.get(format!("k{key}"))).collect();
    let kept = r.get("kept");
    drop(calls);
    assert_eq!(block_on(kept).unwrap().unwrap(), "kept");
    assert_eq!(fake.count("GET"), 1);
}

/// Drops calls of a session after every number of polls.
async fn drop_in_a_session(r: &AsyncRedis) {
    for polls in 0..4 {
        let mut session = r.session().await.unwrap();
        for round in 0..10 {
            let mine = format!("{polls}:{round}");
            let _ = polled(session.echo("dropped"), polls).await;
            assert_eq!(session.echo(&mine).await.unwrap(), *mine);
            let _ = polled(session.watch("k"), polls).await;
            assert_eq!(session.echo(&mine).await.unwrap(), *mine);
            let mut tx = session.transaction();
            let (_, _) = (tx.incr("own-left"), tx.incr("own-right"));
            let _ = polled(tx.execute(), polls).await;
            let mut tx = session.transaction();
            let echo = tx.echo(&mine);
            assert_eq!(tx.execute().await.unwrap().unwrap().take(echo).unwrap(), *mine);
        }
        let both = session.mget(["own-left", "own-right"]).await.unwrap();
        assert_eq!(both[0], both[1]);
    }
}

#[test]
fn a_session_goes_on_after_a_dropped_call() {
    for r in clients("dropped-in-session") {
        block_on(drop_in_a_session(&r));
        multi_thread().block_on(async { tokio::spawn(async move { drop_in_a_session(&r).await }).await }).unwrap();
    }
}

/// Whether MULTI came through is known to the session; what a prefix cannot know any more it does not guess.
#[test]
fn a_multi_that_is_dropped_began_or_did_not() {
    everywhere("dropped-multi", async |r| {
        for polls in 0..3 {
            let mut session = r.session().await.unwrap();
            let _ = polled(session.multi(), polls).await;
            match session.echo("e").await {
                Ok(echo) => assert!(echo == "e" || echo == "QUEUED", "{echo:?}"),
                Err(error) => assert_eq!(error.kind(), Kind::Connection, "{error}"),
            }
        }
    });
}
