//! Publish and subscribe.

use std::time::{Duration, Instant};

use redipy_backend::{Backend, Message, Topic};
use redipy_command::{Kind, Value};
use redipy_conformance::server::{Flavor, Options};
use redipy_remote::Remote;

use crate::support::{call, config, on_every_flavor, own_server};

const SOON: Option<Duration> = Some(Duration::from_secs(10));
const NOW: Option<Duration> = Some(Duration::from_millis(20));

fn channel(name: &str) -> Topic {
    Topic::Channel(name.into())
}

fn pattern(name: &str) -> Topic {
    Topic::Pattern(name.into())
}

fn message(channel: &str, pattern: Option<&str>, payload: &str) -> Message {
    Message { channel: channel.into(), pattern: pattern.map(Into::into), payload: payload.into() }
}

#[test]
fn messages_come_by_channel_and_by_pattern() {
    on_every_flavor(|remote| {
        let mut subscription = remote.subscribe(&[channel("a"), channel("b"), pattern("a*")]).expect("subscribes");
        assert_eq!(call(&remote, "PUBLISH a 1"), Ok(Value::Int(2)));
        assert_eq!(call(&remote, "PUBLISH c 2"), Ok(Value::Int(0)));
        assert_eq!(call(&remote, "PUBLISH ab 3"), Ok(Value::Int(1)));
        assert_eq!(subscription.next(SOON), Ok(Some(message("a", None, "1"))));
        assert_eq!(subscription.next(SOON), Ok(Some(message("a", Some("a*"), "1"))));
        assert_eq!(subscription.next(SOON), Ok(Some(message("ab", Some("a*"), "3"))));
    });
}

#[test]
fn waiting_ends_in_time_and_loses_nothing() {
    on_every_flavor(|remote| {
        let mut subscription = remote.subscribe(&[channel("a")]).expect("subscribes");
        let started = Instant::now();
        for _ in 0..3 {
            assert_eq!(subscription.next(NOW), Ok(None));
        }
        assert_eq!(subscription.next(Some(Duration::ZERO)), Ok(None));
        assert!(started.elapsed() < Duration::from_secs(5));
        call(&remote, "PUBLISH a 1").expect("published");
        assert_eq!(subscription.next(None), Ok(Some(message("a", None, "1"))));
    });
}

#[test]
fn topics_change_while_listening() {
    on_every_flavor(|remote| {
        let mut subscription = remote.subscribe(&[channel("a")]).expect("subscribes");
        assert_eq!(subscription.next(NOW), Ok(None));
        call(&remote, "PUBLISH a before").expect("published");
        subscription.subscribe(&[channel("b"), pattern("c*"), channel("a")]).expect("subscribes");
        assert_eq!(call(&remote, "PUBLISH b 1"), Ok(Value::Int(1)));
        subscription.unsubscribe(&[channel("b"), pattern("c*"), channel("not")]).expect("unsubscribes");
        assert_eq!(call(&remote, "PUBLISH b 2"), Ok(Value::Int(0)));
        assert_eq!(call(&remote, "PUBLISH a after"), Ok(Value::Int(1)));
        assert_eq!(subscription.next(SOON), Ok(Some(message("a", None, "before"))));
        assert_eq!(subscription.next(SOON), Ok(Some(message("b", None, "1"))));
        assert_eq!(subscription.next(SOON), Ok(Some(message("a", None, "after"))));
        assert_eq!(subscription.next(NOW), Ok(None));
    });
}

#[test]
fn an_end_is_an_error_that_stays() {
    let Some(mut server) = own_server(Flavor::Redis82, Options::default()) else { return };
    let remote = Remote::new(config(&server));
    let mut subscription = remote.subscribe(&[channel("a")]).expect("subscribes");
    server.stop();
    for _ in 0..2 {
        let error = subscription.next(SOON).expect_err("ended");
        assert_eq!((error.kind(), error.may_have_run()), (Kind::Connection, false), "{error}");
    }
    assert!(subscription.subscribe(&[channel("b")]).is_err());
}

#[test]
fn channels_can_be_forbidden() {
    let options = Options { password: Some("sesame".into()), ..Options::default() };
    let Some(server) = own_server(Flavor::Redis82, options) else { return };
    let mut config = config(&server);
    config.password = Some("sesame".into());
    let admin = Remote::new(config.clone());
    call(&admin, "ACL SETUSER anna on >pw resetchannels &mine +@all").expect("a user");
    (config.user, config.password) = (Some("anna".into()), Some("pw".into()));
    let anna = Remote::new(config);
    let mut subscription = anna.subscribe(&[channel("mine")]).expect("subscribes");
    assert_eq!(subscription.next(NOW), Ok(None));
    let error = subscription.subscribe(&[channel("theirs")]).expect_err("forbidden");
    assert_eq!((error.kind(), error.code()), (Kind::Auth, "NOPERM"));
}
