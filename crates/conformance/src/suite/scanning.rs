//! SCAN and its kin while the collection grows and shrinks.

use std::collections::HashSet;

use redipy_backend::{Requests, Session};
use redipy_command::{Bytes, Value};

use super::{line, say, session, shared};
use crate::subject::Subject;

const STEADY: usize = 25_000;
const PASSING: usize = 25_000;

fn send(session: &mut dyn Session, requests: &Requests) {
    let mut requests = requests.iter().peekable();
    while requests.peek().is_some() {
        let results = session
            .pipeline(&requests.by_ref().take(5_000).collect())
            .unwrap_or_else(|error| panic!("no replies: {error}"));
        results.into_iter().for_each(|result| drop(result.unwrap_or_else(|error| panic!("refused: {error}"))));
    }
}

/// Takes all steps; `between` is called after each, with its number. What was seen.
fn scan(session: &mut dyn Session, command: &str, mut between: impl FnMut(&mut dyn Session, usize)) -> HashSet<Bytes> {
    let mut seen = HashSet::new();
    let mut cursor = "0".to_owned();
    for step in 0.. {
        assert!(step < 1_000_000, "the scan does not end");
        let Value::Array(parts) = say(session, &command.replace('@', &cursor)) else { panic!("no step of a scan") };
        let [Value::Bulk(next), items] = &parts[..] else { panic!("no cursor and items: {parts:?}") };
        let items = items.clone().into_items().unwrap_or_default();
        seen.extend(items.into_iter().filter_map(|item| if let Value::Bulk(item) = item { Some(item) } else { None }));
        cursor = next.to_string();
        if cursor == "0" {
            break;
        }
        between(session, step);
    }
    seen
}

pub(super) fn every_steady_key_is_seen_while_others_come_and_go(subject: &Subject) {
    let mut session = session(&shared(subject));
    send(&mut *session, &(0..STEADY).map(|n| line(&format!("SET steady:{n} {n}"))).collect());
    let come = |n: usize| line(&format!("SET passing:{n} {n}"));
    let go = |n: usize| line(&format!("DEL passing:{n}"));
    let churn = PASSING / 20;
    let seen = scan(&mut *session, "SCAN @ COUNT 500", |session, step| {
        let slice = || (step % 20) * churn..(step % 20 + 1) * churn;
        let requests: Requests =
            if step / 20 % 2 == 0 { slice().map(come).collect() } else { slice().map(go).collect() };
        send(session, &requests);
    });
    let steady = seen.iter().filter(|key| key.starts_with(b"steady:")).count();
    assert_eq!(steady, STEADY);
    // Shrinking: most keys go while the scan is on its way.
    let seen = scan(&mut *session, "SCAN @ COUNT 1000 MATCH steady:*", |session, step| {
        let end = STEADY - 1_000;
        let slice = (step * 2_000).min(end)..((step + 1) * 2_000).min(end);
        send(session, &slice.map(|n| line(&format!("DEL steady:{n}"))).collect());
    });
    for n in STEADY - 1_000..STEADY {
        assert!(seen.contains(format!("steady:{n}").as_bytes()), "steady:{n} was not seen");
    }
}

pub(super) fn every_steady_element_is_seen_while_others_come_and_go(subject: &Subject) {
    let mut session = session(&shared(subject));
    for (add, remove, command) in [
        ("HSET h # 1", "HDEL h #", "HSCAN h @ COUNT 50 NOVALUES"),
        ("SADD s #", "SREM s #", "SSCAN s @ COUNT 50"),
        ("ZADD z 1 #", "ZREM z #", "ZSCAN z @ COUNT 50"),
    ] {
        // Redis 7.0 has no NOVALUES; the values do no harm.
        let old = subject.flavor == crate::server::Flavor::Redis70;
        let command = if old { command.replace(" NOVALUES", "") } else { command.to_owned() };
        let element = |text: &str, name: String| line(&text.replace('#', &name));
        send(&mut *session, &(0..2_000).map(|n| element(add, format!("steady:{n}"))).collect());
        let seen = scan(&mut *session, &command, |session, step| {
            let change = if step / 10 % 2 == 0 { add } else { remove };
            let slice = (step % 10) * 200..(step % 10 + 1) * 200;
            send(session, &slice.map(|n| element(change, format!("passing:{n}"))).collect());
        });
        for n in 0..2_000 {
            assert!(seen.contains(format!("steady:{n}").as_bytes()), "{command}: steady:{n} was not seen");
        }
    }
}
