//! A real server as a backend, by the test's own client: to show that what is expected is true of servers.
//!
//! It shares nothing with the backend that is for users but the reading of bytes. Scripts are not sent: they are unsupported here.

use std::io;
use std::time::Duration;

use redipy_backend::backend::Results;
use redipy_backend::{
    Backend, Message, Request, RequestRef, Requests, Session, Subscription, SubscriptionEvent, Topic,
};
use redipy_command::{Error, Kind, Result, Value, Verbatim, texts};

use crate::command::Command;
use crate::wire::{Client, Reply};

/// A server on a port of this machine.
pub struct Wired {
    port: u16,
}

impl Wired {
    /// The server on this port.
    pub fn new(port: u16) -> Self {
        Self { port }
    }

    fn connect(&self) -> Result<WiredSession> {
        Ok(WiredSession { client: Client::connect(self.port).map_err(lost)? })
    }
}

fn lost(error: io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Kind::Timeout,
        _ => Kind::Connection,
    };
    Error::new(kind, error.to_string())
}

fn command(request: RequestRef<'_>) -> Result<Command> {
    match request {
        RequestRef::Command(command) => Ok(command.args().map(<[u8]>::to_vec).collect()),
        RequestRef::Script(_) => Err(Error::new(Kind::Unsupported, "scripts are not sent by the test's client")),
    }
}

/// A reply in the shapes of backends.
pub fn value(reply: Reply) -> Value {
    let values = |items: Vec<Reply>| items.into_iter().map(value).collect();
    match reply {
        Reply::Simple(bytes) => {
            String::from_utf8(bytes).map_or_else(|odd| Value::bulk(odd.into_bytes()), |text| Value::Status(text.into()))
        }
        Reply::Error(bytes) => Value::Error(Error::reply_bytes(bytes)),
        Reply::Integer(int) => Value::Int(int),
        Reply::Bulk(bytes) => Value::bulk(bytes),
        Reply::Verbatim(format, text) => {
            let format = format.into_bytes().try_into().unwrap_or_default();
            Value::Verbatim(Box::new(Verbatim { format, text: text.into() }))
        }
        Reply::Array(items) | Reply::Push(items) => Value::Array(values(items)),
        Reply::Null | Reply::NullBulk | Reply::NullArray => Value::Null,
        Reply::Boolean(bool) => Value::Bool(bool),
        Reply::Double(double) => Value::Double(double),
        Reply::BigNumber(digits) => Value::BigNumber(digits.into()),
        Reply::Map(pairs) => Value::Map(pairs.into_iter().map(|(k, v)| (value(k), value(v))).collect()),
        Reply::Set(items) => Value::Set(values(items)),
        Reply::Attributed(_, reply) => value(*reply),
    }
}

impl Backend for Wired {
    fn call(&self, request: &Request) -> Result<Value> {
        self.connect()?.call(request)
    }

    fn pipeline(&self, requests: &Requests) -> Result<Results> {
        self.connect()?.pipeline(requests)
    }

    fn transaction(&self, requests: &Requests) -> Result<Results> {
        Ok(self.connect()?.transaction(requests)?.unwrap_or_default())
    }

    fn session(&self) -> Result<Box<dyn Session>> {
        Ok(Box::new(self.connect()?))
    }

    fn subscribe(&self, topics: &[Topic]) -> Result<Box<dyn Subscription>> {
        let mut subscription = WiredSubscription { client: self.connect()?.client, waiting: Vec::new() };
        subscription.subscribe(topics)?;
        Ok(Box::new(subscription))
    }

    fn describe(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

struct WiredSession {
    client: Client,
}

impl WiredSession {
    fn send(&mut self, commands: &[Command]) -> Result<Vec<Value>> {
        self.client.send_all(commands).map_err(lost)?;
        let replies = self.client.read_all(commands.len()).map_err(lost)?;
        Ok(replies.into_iter().map(value).collect())
    }
}

impl Session for WiredSession {
    fn call(&mut self, request: &Request) -> Result<Value> {
        value(self.client.call(command(request.as_ref())?).map_err(lost)?).into_result()
    }

    fn pipeline(&mut self, requests: &Requests) -> Result<Results> {
        let commands = requests.iter().map(command).collect::<Result<Vec<_>>>()?;
        Ok(self.send(&commands)?.into_iter().map(Value::into_result).collect())
    }

    fn transaction(&mut self, requests: &Requests) -> Result<Option<Results>> {
        let mut commands = vec![vec![b"MULTI".to_vec()]];
        for request in requests {
            commands.push(command(request)?);
        }
        commands.push(vec![b"EXEC".to_vec()]);
        let mut replies = self.send(&commands)?;
        if let Value::Error(error) = &replies[0]
            && error.message() == texts::NESTED_MULTI.0
        {
            return Err(error.clone());
        }
        match replies.pop() {
            Some(Value::Array(items)) => Ok(Some(items.into_iter().map(Value::into_result).collect())),
            Some(Value::Error(error)) => Err(error),
            _ => Ok(None),
        }
    }
}

struct WiredSubscription {
    client: Client,
    /// Messages that came while a subscription was confirmed.
    waiting: Vec<Message>,
}

impl WiredSubscription {
    /// Sends one command per topic and waits till each is confirmed.
    fn change(&mut self, topics: &[Topic], channel: &str, pattern: &str) -> Result<()> {
        for topic in topics {
            let name = match topic {
                Topic::Channel(_) => channel,
                Topic::Pattern(_) => pattern,
            };
            self.client.send([name.as_bytes(), topic.name()]).map_err(lost)?;
            while let Some(message) = message(self.client.read().map_err(lost)?) {
                self.waiting.push(message);
            }
        }
        Ok(())
    }
}

/// The message in a push; none when it is a confirmation.
fn message(push: Reply) -> Option<Message> {
    let Reply::Push(items) = push else { return None };
    let mut bytes = items.into_iter().map(|item| match item {
        Reply::Bulk(bytes) => bytes,
        _ => Vec::new(),
    });
    let mut next = || bytes.next().unwrap_or_default();
    match &next()[..] {
        b"message" => Some(Message { pattern: None, channel: next().into(), payload: next().into() }),
        b"pmessage" => {
            let pattern = Some(next().into());
            Some(Message { pattern, channel: next().into(), payload: next().into() })
        }
        _ => None,
    }
}

impl Subscription for WiredSubscription {
    fn subscribe(&mut self, topics: &[Topic]) -> Result<()> {
        self.change(topics, "SUBSCRIBE", "PSUBSCRIBE")
    }

    fn unsubscribe(&mut self, topics: &[Topic]) -> Result<()> {
        self.change(topics, "UNSUBSCRIBE", "PUNSUBSCRIBE")
    }

    fn next_event(&mut self, timeout: Option<Duration>) -> Result<Option<SubscriptionEvent>> {
        if !self.waiting.is_empty() {
            return Ok(Some(self.waiting.remove(0).into()));
        }
        // A socket's timeout cannot be zero.
        let timeout = timeout.map(|timeout| timeout.max(Duration::from_millis(1)));
        self.client.set_timeout(timeout).map_err(lost)?;
        match self.client.read().map_err(lost) {
            Ok(push) => Ok(message(push).map(SubscriptionEvent::from)),
            Err(error) if error.kind() == Kind::Timeout => Ok(None),
            Err(error) => Err(error),
        }
    }
}
