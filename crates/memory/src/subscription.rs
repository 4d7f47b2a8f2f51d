//! A subscriber of the engine.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use redipy_backend::asynchronous::ready;
use redipy_backend::{AsyncSubscription, Closer, Pending, Subscription, SubscriptionEvent, Topic};
use redipy_command::Result;

use crate::engine::Engine;
use crate::listen::hub::Mailbox;
use crate::shared::Shared;

/// One subscriber of an engine.
pub(crate) struct EngineSubscription {
    shared: Arc<Shared>,
    mailbox: Arc<Mailbox>,
    topics: Vec<Topic>,
}

impl EngineSubscription {
    pub(crate) fn new(engine: &Engine, topics: &[Topic]) -> Self {
        let mut new = Self { shared: engine.shared.clone(), mailbox: engine.shared.hub.mailbox(), topics: Vec::new() };
        new.listen(topics);
        new
    }

    fn listen(&mut self, topics: &[Topic]) {
        for topic in topics {
            self.shared.hub.add(topic, &self.mailbox);
            if !self.topics.contains(topic) {
                self.topics.push(topic.clone());
            }
        }
    }
}

impl Subscription for EngineSubscription {
    fn subscribe(&mut self, topics: &[Topic]) -> Result<()> {
        self.listen(topics);
        Ok(())
    }

    fn unsubscribe(&mut self, topics: &[Topic]) -> Result<()> {
        topics.iter().for_each(|topic| self.shared.hub.remove(topic, &self.mailbox));
        self.topics.retain(|topic| !topics.contains(topic));
        Ok(())
    }

    fn next_event(&mut self, timeout: Option<Duration>) -> Result<Option<SubscriptionEvent>> {
        Ok(self.mailbox.next(timeout)?.map(SubscriptionEvent::from))
    }

    fn closer(&self) -> Result<Closer> {
        let mailbox = self.mailbox.clone();
        Ok(Closer::new(move || mailbox.close()))
    }
}

impl AsyncSubscription for EngineSubscription {
    fn subscribe(&mut self, topics: &[Topic]) -> Pending<()> {
        ready(Subscription::subscribe(self, topics))
    }

    fn unsubscribe(&mut self, topics: &[Topic]) -> Pending<()> {
        ready(Subscription::unsubscribe(self, topics))
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Result<SubscriptionEvent>> {
        self.mailbox.poll_next(context).map_ok(SubscriptionEvent::from)
    }

    fn closer(&self) -> Result<Closer> {
        Subscription::closer(self)
    }
}

impl Drop for EngineSubscription {
    fn drop(&mut self) {
        self.topics.iter().for_each(|topic| self.shared.hub.remove(topic, &self.mailbox));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    use redipy_backend::{Backend, Request};
    use redipy_command::pubsub::Publish;
    use redipy_command::string::{Get, Set};
    use redipy_command::{Bytes, Encoded};
    use redipy_script::{Expr, command, script};

    use super::*;
    use crate::Memory;

    /// Calls the same engine when it is woken, as an executor does that polls at once.
    struct Eager(Engine, AtomicUsize);

    impl Wake for Eager {
        fn wake(self: Arc<Self>) {
            assert_eq!(self.0.execute(0, Get { key: "written".into() }).unwrap().unwrap(), "1");
            self.0.execute(0, Publish { channel: "others".into(), message: "more".into() }).unwrap();
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn who_is_woken_may_use_the_engine_at_once() {
        let engine = Engine::new();
        let memory = Memory::from(engine.clone());
        let mut messages = EngineSubscription::new(&engine, &[Topic::Channel("news".into())]);
        let eager = Arc::new(Eager(engine, AtomicUsize::new(0)));
        let waker = Waker::from(eager.clone());
        let mut context = Context::from_waker(&waker);
        let writes = || Encoded::raw(b"SET").arg("written").arg("1");
        let publishes = || Encoded::raw(b"PUBLISH").arg("news").arg("now");
        let by_script = script(|f| {
            f.add(f.var("written").set(1));
            f.add(command("PUBLISH", [Expr::from("news"), Expr::from("now")]));
        });
        let by_script: Request = by_script.compile().unwrap().key("written", "written").into();
        let ways: [&dyn Fn(); 3] = [
            &|| drop(memory.pipeline(&[writes(), publishes()].into()).unwrap()),
            &|| drop(memory.transaction(&[writes(), publishes(), writes()].into()).unwrap()),
            &|| drop(Backend::call(&memory, &by_script).unwrap()),
        ];
        for (done, way) in ways.iter().enumerate() {
            assert!(messages.poll_next(&mut context).is_pending());
            way();
            assert_eq!(eager.1.load(Ordering::Relaxed), done + 1);
            assert!(messages.poll_next(&mut context).is_ready());
        }
    }

    #[test]
    fn so_may_who_is_woken_by_a_keyspace_notification() {
        let engine = Engine::builder().notify_keyspace_events("K$".parse().unwrap()).build();
        let mut events = EngineSubscription::new(&engine, &[Topic::Channel("__keyspace@0__:written".into())]);
        let eager = Arc::new(Eager(engine.clone(), AtomicUsize::new(0)));
        let waker = Waker::from(eager.clone());
        let mut context = Context::from_waker(&waker);
        assert!(events.poll_next(&mut context).is_pending());
        engine.execute(0, Set { key: "written".into(), value: 1.into(), options: Default::default() }).unwrap();
        assert_eq!(eager.1.load(Ordering::Relaxed), 1);
        assert!(events.poll_next(&mut context).is_ready());
    }

    /// As on a server, which closes the connection of who does not read.
    #[test]
    fn who_leaves_too_much_unread_is_told_and_gets_no_more() {
        let engine = Engine::builder().message_limit(1000).build();
        let publish = || {
            let message = vec![b'x'; 300];
            engine.execute(0, Publish { channel: "news".into(), message: (&message).into() }).unwrap()
        };
        let topics = [Topic::Channel("news".into())];
        let (mut slow, mut fast) =
            (EngineSubscription::new(&engine, &topics), EngineSubscription::new(&engine, &topics));
        let next = |of: &mut EngineSubscription| Subscription::next(of, Some(Duration::ZERO));
        let counts: Vec<u64> = std::iter::repeat_with(|| {
            let count = publish();
            assert!(next(&mut fast).unwrap().is_some());
            count
        })
        .take(10)
        .collect();
        let kept = counts.iter().filter(|count| **count == 2).count();
        assert!((1..=3).contains(&kept) && counts[kept..].iter().all(|count| *count == 1), "{counts:?}");
        (0..kept).for_each(|_| assert!(next(&mut slow).unwrap().is_some()));
        let error = next(&mut slow).unwrap_err();
        assert!(error.message().contains("more than 1000 bytes of messages waited to be read"), "{error}");
        let waker = Waker::noop();
        assert!(matches!(slow.poll_next(&mut Context::from_waker(waker)), Poll::Ready(Err(_))));
    }

    /// The same program gives the same messages in the same order each time.
    #[test]
    fn patterns_get_a_message_in_their_order() {
        let patterns = ["n*", "*", "ne?s", "news", "[n]ews", "*s", "n*s", "?ews"];
        let order = || {
            let engine = Engine::new();
            let mut messages = EngineSubscription::new(&engine, &patterns.map(|name| Topic::Pattern(name.into())));
            engine.execute(0, Publish { channel: "news".into(), message: "now".into() }).unwrap();
            let next = || Subscription::next(&mut messages, Some(Duration::ZERO)).unwrap();
            std::iter::from_fn(next).filter_map(|message| message.pattern).collect::<Vec<Bytes>>()
        };
        let first = order();
        assert_eq!(first.len(), patterns.len());
        assert!((0..20).all(|_| order() == first));
    }
}
