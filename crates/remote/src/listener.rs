//! The messages of a subscription and the confirmations that it waits for, for blocking and asynchronous connections.

use std::collections::VecDeque;

use redipy_backend::{Backlog, Message, Topic, backlog};
use redipy_command::{Bytes, Error, Kind, Result, Value};
use redipy_resp::Incoming;

use crate::batch::{Batch, Scripts};

/// Messages and confirmations come as pushes on the same connection, in the order of the server.
pub(crate) struct Listener {
    url: String,
    limit: usize,
    /// The messages that were not taken yet.
    pub(crate) backlog: Backlog,
    /// The confirmations that are on their way.
    expected: VecDeque<Confirmation>,
    /// The number of confirmations so far.
    confirmed: u64,
}

#[derive(Debug, Clone, PartialEq)]
struct Confirmation {
    kind: &'static [u8],
    name: Bytes,
}

impl Listener {
    pub(crate) fn new(url: String, limit: usize) -> Self {
        Self { url, limit, backlog: Backlog::new(limit), expected: VecDeque::new(), confirmed: 0 }
    }

    /// The commands for these topics. They are in effect when everything is confirmed up to the number that this gives.
    pub(crate) fn ask(&mut self, topics: &[Topic], listen: bool) -> (Batch, u64) {
        let mut batch = Batch::new(Scripts::ByDigest);
        for of_patterns in [false, true] {
            let kind: &[u8] = match (of_patterns, listen) {
                (false, true) => b"subscribe",
                (false, false) => b"unsubscribe",
                (true, true) => b"psubscribe",
                (true, false) => b"punsubscribe",
            };
            let names = topics.iter().filter(|topic| matches!(topic, Topic::Pattern(_)) == of_patterns);
            let args: Vec<&[u8]> = std::iter::once(kind).chain(names.map(|topic| &**topic.name())).collect();
            if args.len() > 1 {
                batch.command(&args);
                let confirmations = args[1..].iter().map(|name| Confirmation { kind, name: Bytes::from(*name) });
                self.expected.extend(confirmations);
            }
        }
        (batch, self.confirmed + self.expected.len() as u64)
    }

    /// The number of confirmed topics so far.
    pub(crate) fn confirmed(&self) -> u64 {
        self.confirmed
    }

    /// Handles a reply or a push.
    ///
    /// # Errors
    /// Why the subscription is over: only a new connection is sure then, since other topics may have been confirmed.
    pub(crate) fn receive(&mut self, incoming: Incoming) -> Result<()> {
        let mut parts = match incoming {
            Incoming::Push(parts) => parts.into_iter().map(text),
            Incoming::Reply(Value::Error(error)) => return Err(error),
            Incoming::Reply(other) => return Err(self.stranger(&format!("sent {other}"))),
        };
        let Some(Some(kind)) = parts.next() else { return Ok(()) };
        match &*kind {
            b"message" => self.keep(None, parts),
            b"pmessage" => match parts.next() {
                Some(pattern @ Some(_)) => self.keep(pattern, parts),
                _ => Err(self.stranger("sent a message without its pattern")),
            },
            b"subscribe" | b"unsubscribe" | b"psubscribe" | b"punsubscribe" => {
                self.confirm(&kind, parts.next().flatten())
            }
            // Whatever else servers push answers nothing that was asked here.
            _ => Ok(()),
        }
    }

    fn keep(&mut self, pattern: Option<Bytes>, mut parts: impl Iterator<Item = Option<Bytes>>) -> Result<()> {
        let (Some(Some(channel)), Some(Some(payload))) = (parts.next(), parts.next()) else {
            return Err(self.stranger("sent half of a message"));
        };
        let kept = self.backlog.push(Message { channel, pattern, payload });
        if kept { Ok(()) } else { Err(backlog::fallen_behind(self.limit)) }
    }

    fn confirm(&mut self, kind: &[u8], name: Option<Bytes>) -> Result<()> {
        match self.expected.front() {
            Some(expected) if expected.kind == kind && Some(&expected.name) == name.as_ref() => {
                self.expected.pop_front();
                self.confirmed += 1;
                Ok(())
            }
            Some(expected) => {
                let name = name.unwrap_or_default();
                let asked = String::from_utf8_lossy(expected.kind).into_owned();
                Err(self.stranger(&format!("confirmed {name:?} when asked to {asked} {:?}", expected.name)))
            }
            // A server may end a subscription by itself.
            None => Ok(()),
        }
    }

    fn stranger(&self, what: &str) -> Error {
        let text = format!("{} {what}, which is no answer to a subscription; is it a Redis server?", self.url);
        Error::new(Kind::Connection, text)
    }

    /// The error of everything that follows after the subscription has ended by this one.
    pub(crate) fn ended(&self, error: &Error) -> Error {
        let text = format!("this subscription to {} has ended: {error}", self.url);
        Error::new(Kind::Connection, text).with_source(error.clone())
    }
}

/// The text of a part of a push.
fn text(part: Value) -> Option<Bytes> {
    match part {
        Value::Bulk(text) => Some(text),
        Value::Status(text) => Some(Bytes::from(text.as_bytes())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(parts: &[&str]) -> Incoming {
        Incoming::Push(parts.iter().map(|part| Value::bulk(*part)).collect())
    }

    fn listener() -> (Listener, u64) {
        let mut listener = Listener::new("redis://h:1/0".into(), 1000);
        let topics = [Topic::Pattern("p*".into()), Topic::Channel("a".into()), Topic::Channel("b".into())];
        let (batch, asked) = listener.ask(&topics, true);
        assert_eq!((batch.replies(), asked), (2, 3));
        (listener, asked)
    }

    #[test]
    fn messages_come_between_confirmations() {
        let (mut listener, asked) = listener();
        listener.receive(push(&["subscribe", "a", "1"])).expect("confirmed");
        listener.receive(push(&["message", "a", "hello"])).expect("a message");
        listener.receive(push(&["subscribe", "b", "2"])).expect("confirmed");
        assert_eq!(listener.confirmed(), asked - 1);
        listener.receive(push(&["psubscribe", "p*", "3"])).expect("confirmed");
        assert_eq!(listener.confirmed(), asked);
        listener.receive(push(&["pmessage", "p*", "paper", "late"])).expect("a message");
        listener.receive(push(&["invalidate", "x"])).expect("nothing");
        let payload = |listener: &mut Listener| listener.backlog.take().and_then(Result::ok).map(|it| it.payload);
        assert_eq!(payload(&mut listener), Some("hello".into()));
        assert_eq!(payload(&mut listener), Some("late".into()));
        assert_eq!(payload(&mut listener), None);
    }

    #[test]
    fn what_confirms_something_else_confirms_nothing() {
        let strangers = [
            push(&["subscribe", "b", "1"]),
            push(&["psubscribe", "a", "1"]),
            push(&["unsubscribe", "a", "1"]),
            push(&["subscribe"]),
            push(&["message", "a"]),
            Incoming::Reply(Value::OK),
            Incoming::Reply(Value::Int(1)),
        ];
        for stranger in strangers {
            let (mut listener, _) = listener();
            let error = listener.receive(stranger).expect_err("no confirmation");
            assert_eq!((error.kind(), listener.confirmed()), (Kind::Connection, 0), "{error}");
        }
    }

    #[test]
    fn what_goes_beyond_the_limit_ends_it() {
        let (mut listener, _) = listener();
        let large = "x".repeat(600);
        listener.receive(push(&["message", "a", &large])).expect("a message");
        let error = listener.receive(push(&["message", "a", &large])).expect_err("too much");
        assert_eq!(error, backlog::fallen_behind(1000));
        assert!(listener.backlog.take().is_some_and(|message| message.is_ok()));
        assert_eq!(listener.backlog.take(), Some(Err(error)));
    }

    #[test]
    fn a_refusal_is_the_servers_own() {
        let (mut listener, _) = listener();
        let refused = Error::reply("NOPERM No permissions to access a channel");
        assert_eq!(listener.receive(Incoming::Reply(Value::Error(refused.clone()))), Err(refused));
    }
}
