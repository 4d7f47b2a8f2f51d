//! Where calls are made and awaited: in runtimes of tokio, in several, in ones that are gone, and in none.

use std::thread;

use futures_executor::block_on;
use redipy::prelude::*;

use super::{clients, current_thread, multi_thread};

#[test]
fn one_client_serves_runtimes_that_come_and_go() {
    for r in clients("runtimes") {
        for round in 1..=3 {
            assert_eq!(current_thread().block_on(r.incr("n")).unwrap(), 3 * round - 2);
            assert_eq!(multi_thread().block_on(r.incr("n")).unwrap(), 3 * round - 1);
            assert_eq!(block_on(r.incr("n")).unwrap(), 3 * round);
        }
        block_on(r.del("n")).unwrap();
    }
}

#[test]
fn what_was_made_in_a_runtime_that_is_gone_has_a_reply_or_an_error() {
    for r in clients("gone") {
        let runtime = current_thread();
        let made = runtime.block_on(async { [r.set("k", 1), r.set("k", 2)] });
        drop(runtime);
        for call in made {
            if let Err(error) = block_on(call) {
                assert_eq!(error.kind(), redipy::Kind::Connection, "{error}");
            }
        }
        block_on(r.set("k", 3)).unwrap();
        assert_eq!(current_thread().block_on(r.get("k")).unwrap().unwrap(), "3");
    }
}

#[test]
fn a_call_is_awaited_elsewhere_than_it_was_made() {
    for r in clients("elsewhere") {
        let runtime = multi_thread();
        let made = {
            let _inside = runtime.enter();
            r.incr("n")
        };
        assert_eq!(thread::spawn(|| block_on(made)).join().unwrap().unwrap(), 1);
        let made = r.incr("n");
        assert_eq!(runtime.block_on(runtime.spawn(made)).unwrap().unwrap(), 2);
        block_on(r.del("n")).unwrap();
    }
}

#[test]
fn many_tasks_share_a_connection() {
    for r in clients("many") {
        for runtime in [current_thread(), multi_thread()] {
            runtime.block_on(async {
                let tasks: Vec<_> = (0..200)
                    .map(|task| {
                        let r = r.clone();
                        tokio::spawn(async move {
                            for call in 0..10 {
                                let mine = format!("{task}:{call}");
                                assert_eq!(r.echo(&mine).await?, *mine);
                                r.incr("calls").await?;
                            }
                            redipy::Result::Ok(())
                        })
                    })
                    .collect();
                for task in tasks {
                    task.await.unwrap().unwrap();
                }
                assert_eq!(r.getdel("calls").await.unwrap().unwrap(), "2000");
            });
        }
    }
}
