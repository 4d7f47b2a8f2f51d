//! Publish and subscribe.

use std::thread;
use std::time::{Duration, Instant};

use redipy_backend::{Message, Subscription, Topic};

use super::{SOON, expect, session, shared};
use crate::subject::Subject;

/// How long nothing may come before it is clear that nothing comes.
const SILENCE: Duration = Duration::from_millis(50);

fn channel(name: &str) -> Topic {
    Topic::Channel(name.into())
}

fn pattern(name: &str) -> Topic {
    Topic::Pattern(name.into())
}

fn subscribe(subject: &Subject, topics: &[Topic]) -> Box<dyn Subscription> {
    subject.backend.subscribe(topics).unwrap_or_else(|error| panic!("no subscription: {error}"))
}

#[track_caller]
fn next(subscription: &mut dyn Subscription) -> Message {
    match subscription.next(Some(SOON)) {
        Ok(Some(message)) => message,
        other => panic!("no message: {other:?}"),
    }
}

#[track_caller]
fn silent(subscription: &mut dyn Subscription) {
    let next = subscription.next(Some(SILENCE)).unwrap_or_else(|error| panic!("not silent: {error}"));
    assert_eq!(next, None);
}

fn message(channel: &str, pattern: Option<&str>, payload: &str) -> Message {
    Message { channel: channel.into(), pattern: pattern.map(Into::into), payload: payload.into() }
}

pub(super) fn a_message_reaches_channels_and_patterns(subject: &Subject) {
    let mut one = subscribe(subject, &[channel("news"), channel("other")]);
    let mut both = subscribe(subject, &[channel("news"), pattern("n?ws"), pattern("x*")]);
    let mut session = session(&shared(subject));
    expect(&mut *session, "PUBLISH news hello", "(int) 3");
    assert_eq!(next(&mut *one), message("news", None, "hello"));
    assert_eq!(next(&mut *both), message("news", None, "hello"));
    assert_eq!(next(&mut *both), message("news", Some("n?ws"), "hello"));
    expect(&mut *session, "PUBLISH nowhere hello", "(int) 0");
    expect(&mut *session, r#"PUBLISH xyz "\x00\xff""#, "(int) 1");
    let binary = next(&mut *both);
    assert_eq!((&binary.payload[..], &binary.channel[..]), (&b"\x00\xff"[..], &b"xyz"[..]));
    silent(&mut *one);
    silent(&mut *both);
}

pub(super) fn messages_come_in_order(subject: &Subject) {
    let mut subscription = subscribe(subject, &[channel("a"), pattern("b")]);
    let mut session = session(&shared(subject));
    for n in 0..200 {
        expect(&mut *session, &format!("PUBLISH {} {n}", if n % 3 == 0 { "b" } else { "a" }), "(int) 1");
    }
    for n in 0..200 {
        assert_eq!(next(&mut *subscription).payload, n.to_string()[..]);
    }
}

pub(super) fn what_was_left_is_silent(subject: &Subject) {
    let mut subscription = subscribe(subject, &[channel("a"), channel("b"), pattern("p*")]);
    let check = |result: redipy_command::Result<()>| result.unwrap_or_else(|error| panic!("refused: {error}"));
    check(subscription.unsubscribe(&[channel("a"), pattern("p*"), channel("never")]));
    let mut session = session(&shared(subject));
    expect(&mut *session, "PUBLISH a 1", "(int) 0");
    expect(&mut *session, "PUBLISH pp 1", "(int) 0");
    expect(&mut *session, "PUBLISH b 1", "(int) 1");
    assert_eq!(next(&mut *subscription), message("b", None, "1"));
    check(subscription.subscribe(&[channel("a"), channel("a"), channel("b")]));
    expect(&mut *session, "PUBLISH a 2", "(int) 1");
    assert_eq!(next(&mut *subscription), message("a", None, "2"));
    silent(&mut *subscription);
    drop(subscription);
    // A server needs a moment to see that the connection is gone.
    let end = Instant::now() + SOON;
    while super::say(&mut *session, "PUBLISH b 3") != redipy_command::Value::Int(0) {
        assert!(Instant::now() < end, "a subscription outlives its end");
        thread::sleep(Duration::from_millis(1));
    }
}

pub(super) fn a_subscription_waits_no_longer_than_asked(subject: &Subject) {
    let mut subscription = subscribe(subject, &[channel("a")]);
    let begin = Instant::now();
    silent(&mut *subscription);
    assert!((SILENCE..SOON).contains(&begin.elapsed()), "{:?}", begin.elapsed());
    assert!(matches!(subscription.next(Some(Duration::ZERO)), Ok(None)));
}

pub(super) fn a_waiting_subscriber_is_woken(subject: &Subject) {
    let mut subscription = subscribe(subject, &[channel("a")]);
    let backend = shared(subject);
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(SILENCE);
            expect(&mut *session(&backend), "PUBLISH a now", "(int) 1");
        });
        assert_eq!(next(&mut *subscription).payload, "now");
    });
}

pub(super) fn nobody_hears_what_was_published_before(subject: &Subject) {
    let mut session = session(&shared(subject));
    expect(&mut *session, "PUBLISH a early", "(int) 0");
    let mut subscription = subscribe(subject, &[channel("a")]);
    silent(&mut *subscription);
    expect(&mut *session, "MULTI", "OK");
    expect(&mut *session, "PUBLISH a inside", "QUEUED");
    silent(&mut *subscription);
    expect(&mut *session, "EXEC", "[(int) 1]");
    assert_eq!(next(&mut *subscription).payload, "inside");
}
