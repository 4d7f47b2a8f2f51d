//! Sessions: WATCH, MULTI and SELECT, and transactions that are tried again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use futures_executor::block_on;
use redipy::prelude::*;
use redipy::{AsyncRedis, Encoded, Kind, Result, Value};

use super::{clients, current_thread, everywhere, multi_thread};

#[test]
fn a_watched_key_that_changes_aborts() {
    everywhere("watch-awaited", async |r| {
        let mut session = r.session().await.unwrap();
        session.watch("k").await.unwrap();
        r.set("k", "other").await.unwrap();
        let mut tx = session.transaction();
        let _ = tx.set("k", "mine");
        assert!(tx.execute().await.unwrap().is_none());
        let mut tx = session.transaction();
        let _ = tx.set("k", "mine");
        assert!(tx.execute().await.unwrap().is_some(), "nothing is watched any more");
        assert_eq!(r.get("k").await.unwrap().unwrap(), "mine");
    });
}

#[test]
fn multi_queues_until_exec() {
    everywhere("multi-awaited", async |r| {
        let mut session = r.session().await.unwrap();
        session.multi().await.unwrap();
        let queued = session.raw(Encoded::raw(b"INCR").arg("n")).await.unwrap();
        assert_eq!(queued, Value::Status("QUEUED".into()));
        assert_eq!(r.get("n").await.unwrap(), None);
        assert_eq!(session.exec().await.unwrap(), Value::Array(vec![Value::Int(1)]));
        assert_eq!(session.raw(Encoded::raw(b"EXEC")).await.unwrap_err().message(), "ERR EXEC without MULTI");
        session.multi().await.unwrap();
        assert!(session.raw(Encoded::raw(b"NOSUCH").arg("n")).await.is_err());
        session.discard().await.unwrap();
        let mut tx = session.transaction();
        let n = tx.incr("n");
        assert_eq!(tx.execute().await.unwrap().unwrap().take(n).unwrap(), 2);
    });
}

#[test]
fn a_session_has_a_database_of_its_own() {
    for r in clients("select-awaited") {
        block_on(async {
            r.flushall().await.unwrap();
            let mut session = r.session().await.unwrap();
            session.select(9).await.unwrap();
            session.set("only-here", 1).await.unwrap();
            assert_eq!(r.get("only-here").await.unwrap(), None);
            assert_eq!(session.getdel("only-here").await.unwrap().unwrap(), "1");
            assert_eq!(session.select(16).await.unwrap_err().message(), "ERR DB index is out of range");
            drop(session);
            let mut other = r.session().await.unwrap();
            other.set("here", 1).await.unwrap();
            assert_eq!(r.getdel("here").await.unwrap().unwrap(), "1", "no session inherits a database");
        });
    }
}

/// Adds one, so often, with a WATCH and a second try where another was faster.
async fn add(r: AsyncRedis, times: usize) -> Result<usize> {
    let tries = AtomicUsize::new(0);
    for _ in 0..times {
        let added = r.transaction_on(["total"], async |mut session| {
            tries.fetch_add(1, Ordering::Relaxed);
            let total = session.get_as::<Option<i64>>("total").await?.unwrap_or(0);
            let mut tx = session.transaction();
            let _ = tx.set("total", total + 1);
            tx.execute().await
        });
        assert_eq!(added.await?.len(), 1);
    }
    Ok(tries.into_inner())
}

const EACH: usize = 50;

#[test]
fn two_tasks_and_two_threads_lose_no_addition() {
    for r in clients("total") {
        for runtime in [current_thread(), multi_thread()] {
            block_on(r.del("total")).unwrap();
            runtime.block_on(async {
                let tasks = [tokio::spawn(add(r.clone(), EACH)), tokio::spawn(add(r.clone(), EACH))];
                for task in tasks {
                    assert!(task.await.unwrap().unwrap() >= EACH);
                }
            });
            assert_eq!(block_on(r.get_as::<usize>("total")).unwrap(), 2 * EACH);
        }
        block_on(r.del("total")).unwrap();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| block_on(add(r.clone(), EACH)).unwrap());
            }
        });
        assert_eq!(block_on(r.get_as::<usize>("total")).unwrap(), 2 * EACH);
    }
}

#[test]
fn a_transaction_is_tried_again_until_nobody_was_faster() {
    everywhere("again", async |r| {
        let tries = AtomicUsize::new(0);
        let seen = r.transaction_on("k", async |mut session| {
            let seen = session.get_as::<Option<i64>>("k").await?;
            let tried = tries.fetch_add(1, Ordering::Relaxed) + 1;
            if tried < 3 {
                r.set("k", tried).await?;
            }
            let mut tx = session.transaction();
            let _ = tx.set("other", 1);
            Ok(tx.execute().await?.map(|_| seen))
        });
        assert_eq!(seen.await.unwrap(), Some(2));
        assert_eq!(tries.into_inner(), 3);
        let refused = r.transaction_on("k", async |mut session| {
            session.incr("k").await?;
            Err::<Option<()>, _>(redipy::Error::new(Kind::Config, "not wanted"))
        });
        assert_eq!(refused.await.unwrap_err().message(), "not wanted");
        // The same with the client that waits.
        let (blocking, mut tries) = (r.blocking(), 0);
        let seen = blocking.transaction_on("k", |session| {
            tries += 1;
            let seen = session.get_as::<i64>("k")?;
            if tries < 3 {
                blocking.incr("k")?;
            }
            let mut tx = session.transaction();
            let _ = tx.set("other", 1);
            Ok(tx.execute()?.map(|_| seen))
        });
        assert_eq!((seen.unwrap(), tries), (5, 3));
    });
}

#[test]
fn clients_and_sessions_cross_threads() {
    fn crosses<T: Send>() {}
    fn shared_by_threads<T: Send + Sync + Clone>() {}
    shared_by_threads::<AsyncRedis>();
    crosses::<redipy::AsyncSession>();
    crosses::<redipy::AsyncSubscription>();
    crosses::<redipy::AsyncPipeline>();
    crosses::<redipy::RedisFuture<'static, i64>>();
    crosses::<redipy::ScanStream<redipy::Bytes>>();
}
