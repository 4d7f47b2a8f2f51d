//! Subscriptions to servers that misbehave, for both kinds of callers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use redipy_backend::{Backend, Subscription, Topic};
use redipy_command::{Error, Kind, Result};
use redipy_conformance::fake::{Act, Fake, Manners};
use redipy_remote::{Config, Remote};

use crate::support::config_of;

const LONG: Duration = Duration::from_secs(20);

/// Listens to the channel `news` in both ways, and tests what that gives.
fn for_both(config: &Config, mut test: impl FnMut(&str, Result<Box<dyn Subscription>>)) {
    let remote = Arc::new(Remote::new(config.clone()));
    let topics = [Topic::Channel("news".into())];
    test("waiting", remote.subscribe(&topics));
    #[cfg(feature = "async")]
    test("futures", redipy_conformance::futures::Futures::of(remote).expect("futures").subscribe(&topics));
}

/// Tests the error of listening in both ways.
fn for_both_errors(config: &Config, mut test: impl FnMut(&str, Error)) {
    for_both(config, |how, listens| match listens {
        Ok(_) => panic!("{how}: it listens"),
        Err(error) => test(how, error),
    });
}

fn subscribed(channel: &str) -> Act {
    Act::send(format!(">3\r\n$9\r\nsubscribe\r\n${}\r\n{channel}\r\n:1\r\n", channel.len()))
}

fn message(payload: &str) -> String {
    format!(">3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n${}\r\n{payload}\r\n", payload.len())
}

#[test]
fn a_server_that_answers_no_subscription_is_a_timeout() {
    let fake = Fake::start(|_| Manners::new().on("SUBSCRIBE", [Act::Freeze]));
    let start = Instant::now();
    for_both_errors(&config_of(&fake, Duration::from_millis(200)), |how, error| {
        assert_eq!((error.kind(), error.may_have_run()), (Kind::Timeout, false), "{how}: {error}");
    });
    assert!(start.elapsed() < LONG / 2);
}

#[test]
fn a_server_that_answers_no_login_is_a_timeout() {
    let fake = Fake::start(|_| Manners::new().on("HELLO", [Act::Freeze]));
    let mut config = config_of(&fake, LONG);
    config.connect_timeout = Duration::from_millis(200);
    let start = Instant::now();
    for_both_errors(&config, |how, error| {
        assert_eq!(error.kind(), Kind::Timeout, "{how}: {error}");
    });
    assert!(start.elapsed() < LONG / 2);
}

#[test]
fn whoever_has_little_time_does_not_wait_for_a_subscription() {
    let fake = Fake::start(|_| Manners::new().on("SUBSCRIBE", [Act::Freeze]));
    let remote = Remote::new(config_of(&fake, LONG));
    let start = Instant::now();
    let error = remote.subscribe_within(&[Topic::Channel("news".into())], Duration::from_millis(200)).err();
    assert_eq!(error.map(|error| error.kind()), Some(Kind::Timeout));
    assert!(start.elapsed() < LONG / 2);
}

#[test]
fn refusals_have_the_kinds_that_they_have_elsewhere() {
    let refusals = [
        ("NOPERM User anna has no permissions to access the 'news' channel", Kind::Auth),
        ("LOADING Redis is loading the dataset in memory", Kind::Unavailable),
        ("ERR unknown command 'SUBSCRIBE'", Kind::Syntax),
    ];
    for (text, kind) in refusals {
        let fake = Fake::start(move |_| Manners::new().on("SUBSCRIBE", [Act::send(format!("-{text}\r\n"))]));
        for_both_errors(&config_of(&fake, LONG), |how, error| {
            assert_eq!((error.message(), error.kind()), (text, kind), "{how}");
        });
    }
}

#[test]
fn a_server_that_is_full_or_none_says_so_to_subscribers_too() {
    let greetings = [
        ("-ERR max number of clients reached\r\n", "ERR max number of clients reached", Kind::Connection),
        ("-LOADING Redis is loading\r\n", "LOADING Redis is loading", Kind::Unavailable),
        ("HTTP/1.1 400 Bad Request\r\n\r\n", "not RESP", Kind::Connection),
        ("\0\0\0\0", "not RESP", Kind::Connection),
    ];
    for (greeting, text, kind) in greetings {
        let fake = Fake::start(move |_| Manners::new().first([Act::send(greeting), Act::Close]));
        for_both_errors(&config_of(&fake, LONG), |how, error| {
            assert_eq!(error.kind(), kind, "{how}: {error}");
            assert!(error.message().contains(text), "{how}: {error}");
        });
    }
}

#[test]
fn only_the_right_confirmation_counts() {
    let wrong = ["+OK\r\n", ":1\r\n", ">3\r\n$9\r\nsubscribe\r\n$5\r\nother\r\n:1\r\n", "*3\r\n+a\r\n+b\r\n+c\r\n"];
    for answer in wrong {
        let fake = Fake::start(move |_| Manners::new().on("SUBSCRIBE", [Act::send(answer)]));
        for_both_errors(&config_of(&fake, LONG), |how, error| {
            assert_eq!(error.kind(), Kind::Connection, "{how}: {error}");
            assert!(error.message().contains("no answer to a subscription"), "{how}: {error}");
        });
    }
}

#[test]
fn waiting_for_a_message_ends_in_time_however_slowly_one_drips() {
    let fake = Fake::start(|_| {
        let drips = Act::Drip(message(&"x".repeat(150)).into_bytes(), Duration::from_millis(20));
        Manners::new().on("SUBSCRIBE", [subscribed("news"), drips])
    });
    for_both(&config_of(&fake, LONG), |how, listens| {
        let mut messages = listens.expect("listens");
        assert_eq!(messages.next(Some(Duration::from_millis(200))), Ok(None), "{how}");
        let first = messages.next(Some(LONG)).expect("listens").expect("a message");
        assert_eq!(first.payload.len(), 150, "{how}: nothing of it was lost");
    });
}

#[test]
fn an_end_says_that_reading_may_have_been_too_slow() {
    let fake = Fake::start(|_| Manners::new().on("SUBSCRIBE", [subscribed("news"), Act::Close]));
    for_both(&config_of(&fake, LONG), |how, listens| {
        let mut messages = listens.expect("listens");
        for _ in 0..2 {
            let error = messages.next(Some(LONG)).expect_err("ended");
            assert_eq!(error.kind(), Kind::Connection, "{how}: {error}");
            assert!(error.message().contains("faster than they were read"), "{how}: {error}");
        }
    });
}

#[test]
fn a_server_is_not_read_while_nobody_reads_the_messages() {
    let flood = Act::Flood(message(&"x".repeat(10_000)).into_bytes());
    let fake = Fake::start(move |_| Manners::new().on("SUBSCRIBE", [subscribed("news"), flood.clone()]));
    for_both(&config_of(&fake, LONG), |how, listens| {
        let number = fake.connections() - 1;
        let mut messages = listens.expect("listens");
        let sent = || fake.see(|connections| connections[number].sent);
        let settled = settled(sent);
        // What both sockets hold is the system's matter; what it was before was all that came in a second.
        assert!(settled < 32 << 20, "{how}: {settled} bytes");
        for _ in 0..5000 {
            let next = messages.next(Some(LONG)).expect("listens").expect("a message");
            assert_eq!(next.payload.len(), 10_000);
        }
        assert!(sent() > 50_000_000, "{how}: it goes on when somebody reads");
    });
}

/// The number, when it grows no more.
fn settled(number: impl Fn() -> usize) -> usize {
    let mut last = number();
    loop {
        std::thread::sleep(Duration::from_millis(300));
        match number() {
            now if now == last => return now,
            now => last = now,
        }
    }
}

#[test]
fn more_messages_than_the_limit_before_a_confirmation_end_it() {
    let flood = Act::Flood(message(&"x".repeat(10_000)).into_bytes());
    let fake =
        Fake::start(move |_| Manners::new().once("SUBSCRIBE", [subscribed("news")]).on("SUBSCRIBE", [flood.clone()]));
    let mut config = config_of(&fake, LONG);
    config.message_limit = 1 << 20;
    for_both(&config, |how, listens| {
        let mut messages = listens.expect("listens");
        let error = messages.subscribe(&[Topic::Channel("other".into())]).expect_err("too much");
        assert!(error.message().contains("1048576 bytes of messages waited"), "{how}: {error}");
        let mut count = 0;
        let end = loop {
            match messages.next(Some(LONG)) {
                Ok(message) => count += usize::from(message.is_some()),
                Err(end) => break end,
            }
        };
        assert!((90..110).contains(&count), "{how}: {count} messages came before");
        assert!(end.message().contains("bytes of messages waited"), "{how}: {end}");
    });
}
