//! Keyspace notifications, compared with a server's: after random commands both have published the same, in the same order.

use std::sync::Arc;
use std::time::Duration;

use redipy_backend::{Backend, Topic};
use redipy_conformance::command::{name_of, show};
use redipy_conformance::diff::families::{Family, Op};
use redipy_conformance::diff::replay::replay;
use redipy_conformance::diff::rng::Rng;
use redipy_conformance::diff::shrink::shrink;
use redipy_conformance::diff::side::Truth;
use redipy_conformance::diff::{Plan, truth};
use redipy_conformance::server::Flavor;
use redipy_conformance::subject::Subject;
use redipy_conformance::wire::{Client, Reply};

use crate::{Clock, Engine, Memory};

/// How many sequences a family gets.
const COUNT: u64 = 150;

/// All classes; both kinds of channels are one pattern.
const CLASSES: &str = "KEAnoc";
const CHANNELS: &str = "__key*";
const LAST: &str = "__keys are compared now";

/// One notification: its channel and its payload.
type Notification = (Vec<u8>, Vec<u8>);

/// A server that publishes, and a connection that listens.
struct Published {
    listener: Client,
    other: Client,
}

impl Published {
    /// What was published until now.
    fn take(&mut self) -> Vec<Notification> {
        self.other.call(["PUBLISH", LAST, ""]).unwrap();
        let message = || match self.listener.read().unwrap() {
            Reply::Push(parts) => match &parts[..] {
                [_, _, Reply::Bulk(channel), Reply::Bulk(payload)] => (channel.clone(), payload.clone()),
                parts => panic!("no message: {parts:?}"),
            },
            reply => panic!("no message: {reply:?}"),
        };
        std::iter::repeat_with(message).take_while(|(channel, _)| channel != LAST.as_bytes()).collect()
    }
}

/// When a server finds a key expired is its own affair.
fn is_comparable((channel, payload): &Notification) -> bool {
    !channel.ends_with(b"__:expired") && payload != b"expired"
}

/// What the engine and the server published, if that differs.
fn difference(ops: &[Op], server: &mut Truth, published: &mut Published) -> Option<String> {
    let engine = Engine::builder().clock(Clock::manual()).notify_keyspace_events(CLASSES.parse().unwrap()).build();
    let memory = Memory::from(engine);
    let mut subscription = memory.subscribe(&[Topic::Pattern(CHANNELS.into())]).unwrap();
    let next = || subscription.next(Some(Duration::ZERO)).unwrap();
    published.take();
    replay(ops, &Subject::new(Arc::new(memory)), server);
    let ours = std::iter::from_fn(next).map(|message| (message.channel.to_vec(), message.payload.to_vec()));
    let ours: Vec<Notification> = ours.filter(is_comparable).collect();
    let theirs: Vec<Notification> = published.take().into_iter().filter(is_comparable).collect();
    let at = ours.iter().zip(&theirs).take_while(|(one, other)| one == other).count();
    let show = |all: &[Notification]| {
        let shown = all.iter().skip(at).take(3);
        shown.map(|(channel, payload)| format!("{} {}", channel.escape_ascii(), payload.escape_ascii())).collect()
    };
    let (one, other): (Vec<String>, Vec<String>) = (show(&ours), show(&theirs));
    (ours != theirs).then(|| format!("number {at}: {one:?}, of a server {other:?}"))
}

#[test]
fn notifications_are_those_of_a_server() {
    let Some((server, mut truth)) = truth(Flavor::Redis82) else { return };
    let mut other = server.client().unwrap();
    other.call(["CONFIG", "SET", "notify-keyspace-events", CLASSES]).unwrap();
    let mut listener = server.client().unwrap();
    listener.call(["PSUBSCRIBE", CHANNELS]).unwrap();
    let mut published = Published { listener, other };
    let plan = Plan::from_env(COUNT);
    for family in Family::ALL {
        let (sequences, mut seeds) = (family.sequences(), Rng::new(plan.seed));
        for _ in 0..plan.count {
            let mut ops = sequences(seeds.draw());
            // The members that SPOP draws are removed from a server by SREM, which says so.
            ops.retain(|op| name_of(&op.command) != "SPOP");
            if let Some(found) = difference(&ops, &mut truth, &mut published) {
                let ops = shrink(ops, &mut |ops| difference(ops, &mut truth, &mut published).is_some());
                let lines: Vec<String> = ops.iter().map(|op| show(&op.command)).collect();
                let found = difference(&ops, &mut truth, &mut published).unwrap_or(found);
                panic!("{found}\n{}", lines.join("\n"));
            }
        }
    }
}
