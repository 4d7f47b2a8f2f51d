//! How a subscription ends.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use redipy::{Kind, prelude::*};

use crate::everywhere;

#[test]
fn it_ends_after_the_last_topic() {
    everywhere("last-topic", |r| {
        let mut messages = r.subscribe(["a", "b"]).unwrap();
        messages.psubscribe("c*").unwrap();
        r.publish("a", "kept").unwrap();
        assert_eq!(messages.recv().unwrap().payload, "kept");
        messages.unsubscribe(["a", "b"]).unwrap();
        r.publish("cd", "last").unwrap();
        assert_eq!(messages.recv().unwrap().payload, "last");
        messages.punsubscribe("c*").unwrap();
        assert_eq!(messages.recv().unwrap_err().kind(), Kind::Connection);
        assert!(messages.recv_timeout(Duration::from_secs(60)).is_err());
        assert!(messages.next().is_none());
        messages.subscribe("again").unwrap();
        r.publish("again", "and on").unwrap();
        assert_eq!(messages.recv().unwrap().payload, "and on");
    });
}

#[test]
fn another_thread_ends_it() {
    everywhere("closed", |r| {
        let mut messages = r.subscribe("news").unwrap();
        let closer = messages.closer().unwrap();
        let (has_read, read) = mpsc::channel();
        let reader = thread::spawn(move || {
            let first = messages.recv();
            has_read.send(first).unwrap();
            messages.count()
        });
        r.publish("news", "hello").unwrap();
        assert_eq!(read.recv().unwrap().unwrap().payload, "hello");
        closer.clone().close();
        closer.close();
        assert_eq!(reader.join().unwrap(), 0);
    });
}
