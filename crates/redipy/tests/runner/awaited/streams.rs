//! Subscriptions and scans as streams.

use std::thread;

use futures_executor::block_on;
use futures_util::{StreamExt, TryStreamExt};
use redipy::prelude::*;
use redipy::{Kind, Result};

use super::{clients, everywhere, multi_thread, polled};

#[test]
fn a_subscription_ends_after_the_last_topic() {
    everywhere("last-topic-awaited", async |r| {
        let mut messages = r.subscribe(["a", "b"]).await.unwrap();
        messages.psubscribe("c*").await.unwrap();
        r.publish("a", "kept").await.unwrap();
        assert_eq!(messages.recv().await.unwrap().payload, "kept");
        messages.unsubscribe(["a", "b"]).await.unwrap();
        r.publish("cd", "last").await.unwrap();
        let last = messages.next().await.unwrap().unwrap();
        assert_eq!((last.channel, last.pattern, last.payload), ("cd".into(), Some("c*".into()), "last".into()));
        messages.punsubscribe("c*").await.unwrap();
        assert!(messages.next().await.is_none());
        assert_eq!(messages.recv().await.unwrap_err().kind(), Kind::Connection);
        messages.subscribe("again").await.unwrap();
        r.publish("again", "and on").await.unwrap();
        assert_eq!(messages.recv().await.unwrap().payload, "and on");
    });
}

#[test]
fn another_thread_ends_it() {
    for r in clients("closed-awaited") {
        let mut messages = block_on(r.subscribe("news")).unwrap();
        let closer = messages.closer().unwrap();
        block_on(r.publish("news", "hello")).unwrap();
        let reader = thread::spawn(move || block_on(messages.by_ref().map_ok(|m| m.payload).try_collect::<Vec<_>>()));
        // Whether it reads already or not.
        thread::yield_now();
        closer.clone().close();
        closer.close();
        let read = reader.join().unwrap().unwrap();
        assert!(read.is_empty() || read == ["hello"], "{read:?}");
    }
}

#[test]
fn waiting_for_a_message_can_be_given_up() {
    for r in clients("given-up") {
        let mut messages = block_on(r.subscribe("news")).unwrap();
        for round in 0..20 {
            assert!(block_on(polled(messages.recv(), 1)).is_none());
            block_on(r.publish("news", round)).unwrap();
            assert_eq!(block_on(messages.recv()).unwrap().payload, *round.to_string());
        }
        let _ = block_on(polled(messages.subscribe("more"), 1));
        let _ = block_on(polled(messages.unsubscribe("news"), 1));
        block_on(messages.subscribe("more")).unwrap();
        block_on(r.publish("more", "on")).unwrap();
        assert_eq!(block_on(messages.recv()).unwrap().payload, "on");
    }
}

#[test]
fn it_waits_for_a_condition() {
    for r in clients("wait-awaited") {
        multi_thread().block_on(async {
            let other = r.clone();
            let sender = tokio::spawn(async move {
                other.set("done", 1).await?;
                other.publish("changes", "done").await
            });
            r.wait_for("changes", async || Ok(r.exists("done").await? == 1)).await.unwrap();
            sender.await.unwrap().unwrap();
        });
    }
}

#[test]
fn scans_are_streams() {
    everywhere("scans-awaited", async |r| {
        let names: Vec<String> = (0..300).map(|i| format!("k{i:03}")).collect();
        r.mset(names.iter().map(|name| (name, 1)).collect::<Vec<_>>()).await.unwrap();
        let mut found: Vec<String> = r.scan_iter().batch(7).map_ok(|key| key.to_text()).try_collect().await.unwrap();
        found.sort();
        found.dedup();
        assert_eq!(found, names);
        let (mut some, mut count) = (r.scan_iter().matching("k00*").of_type("string"), 0);
        while let Some(key) = some.next().await {
            assert!(key.unwrap().starts_with(b"k00"));
            count += 1;
        }
        assert_eq!(count, 10);
        r.hset("h", ("f", "v")).await.unwrap();
        r.sadd("s", ["m"]).await.unwrap();
        r.zadd("z", [(1.5, "m")]).await.unwrap();
        let fields: Result<Vec<_>> = r.hscan_iter("h").try_collect().await;
        assert_eq!(fields.unwrap(), [("f".into(), "v".into())]);
        let members: Result<Vec<_>> = r.sscan_iter("s").try_collect().await;
        assert_eq!(members.unwrap(), ["m"]);
        let scored: Result<Vec<_>> = r.zscan_iter("z").try_collect().await;
        assert_eq!(scored.unwrap(), [("m".into(), 1.5)]);
        let wrong: Vec<Result<_>> = r.sscan_iter("z").collect().await;
        assert_eq!(wrong.len(), 1, "it ends with an error");
        assert_eq!(wrong[0].as_ref().unwrap_err().kind(), Kind::WrongType);
    });
}
