//! What a server does with a connection: the commands that concern it, MULTI, the protocol, what is listened to, and what
//! connections to the same data know of each other. It does no I/O and knows nothing of Python: a command goes in; out come
//! replies, and channels to listen to.

mod about;
mod client;
mod hello;
mod incoming;
mod info;
mod known;
mod statistics;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use redipy::{Bytes, Encoded, Error, Result, Session, Topic, Value, texts};
use redipy_resp::Protocol;

pub use about::{About, Store};
use incoming::Incoming;
use known::{Known, Place};

/// What is to be done about a command, in this order.
pub enum Event {
    /// This is said.
    Reply(Reply),
    /// Messages of this topic are wanted from now on.
    Listen(Topic),
    /// Messages of this topic are wanted no more.
    Ignore(Topic),
    /// Nothing more is said.
    Close,
}

/// A reply, and how it is to be shown.
pub struct Reply {
    pub body: Body,
    pub protocol: Protocol,
    /// Whether RESP2 shows the pairs in it one after the other, where RESP3 has an array for each.
    pub flat: bool,
}

/// What a reply holds.
pub enum Body {
    Value(Value),
    /// What nobody asked for, or a confirmation of a subscription.
    Push(Vec<Value>),
    /// The replies of a transaction.
    Each(Vec<Reply>),
}

/// Whether anything is said, which CLIENT REPLY decides.
#[derive(Clone, Copy, PartialEq)]
enum Voice {
    On,
    Off,
    /// Nothing is said of the next command.
    SkipsNext,
    /// Nothing is said of this command.
    Skips,
}

/// The commands that wait for EXEC.
#[derive(Default)]
struct Queue {
    commands: Vec<Encoded>,
    /// A command was refused: EXEC will discard the rest.
    refused: bool,
}

/// One connection.
pub struct Connection {
    session: Session,
    about: Arc<About>,
    protocol: Protocol,
    voice: Voice,
    queue: Option<Queue>,
    watched: HashSet<(usize, Bytes)>,
    /// What is listened to, in order: channels, and patterns.
    topics: [Vec<Bytes>; 2],
    incoming: Incoming,
}

type Events = Vec<Event>;

impl Connection {
    /// A new connection, by a session of its own that begins with a database, to the data of a store.
    pub fn new(session: Session, store: Arc<Store>, db: usize) -> Self {
        Self {
            session,
            about: About::new(store, db),
            protocol: Protocol::Resp2,
            voice: Voice::On,
            queue: None,
            watched: HashSet::new(),
            topics: Default::default(),
            incoming: Incoming::default(),
        }
    }

    /// What others may know of it.
    pub fn about(&self) -> &Arc<About> {
        &self.about
    }

    /// More bytes of commands have come.
    pub fn receive(&mut self, bytes: &[u8]) {
        self.incoming.receive(bytes);
    }

    /// Executes the next of the commands that have come; None if there is none.
    pub fn advance(&mut self) -> Option<Vec<Event>> {
        match self.incoming.next() {
            Ok(command) => command.map(|command| self.execute(&command)),
            Err(error) => {
                self.incoming = Incoming::default();
                let mut events = Vec::new();
                self.say(Value::Error(error), &mut events);
                self.about.close();
                events.push(Event::Close);
                Some(events)
            }
        }
    }

    /// Executes a command.
    fn execute(&mut self, command: &Encoded) -> Vec<Event> {
        let mut events = Vec::new();
        if self.about.is_closed() {
            return events;
        }
        self.handle(command, &mut events);
        if self.voice != Voice::On {
            events.retain(|event| !matches!(event, Event::Reply(reply) if !matches!(reply.body, Body::Push(_))));
        }
        match self.voice {
            Voice::SkipsNext => self.voice = Voice::Skips,
            Voice::Skips => self.voice = Voice::On,
            Voice::On | Voice::Off => {}
        }
        self.tell();
        if self.about.is_closed() {
            events.push(Event::Close);
        }
        events
    }

    /// Decides what becomes of a command: it is refused, kept for EXEC, or performed.
    fn handle(&mut self, command: &Encoded, events: &mut Events) {
        let args = command.to_vec();
        let known = match Known::look_up(command, &args) {
            Ok(known) => known,
            Err((name, error)) => return self.refuse(name, error, events),
        };
        self.about.change(|details| details.command = known.name);
        if self.listens_only() && !known.has(Place::WhileListening) {
            return self.refuse(known.name, texts::not_while_listening(known.name), events);
        }
        match &mut self.queue {
            Some(queue) if !known.has(Place::NeverQueued) => {
                queue.commands.push(command.clone());
                self.say(Value::Status("QUEUED".into()), events);
            }
            _ => self.perform(&known, command, &args, events),
        }
    }

    /// Whether it takes those commands only that have to do with subscriptions.
    fn listens_only(&self) -> bool {
        self.protocol == Protocol::Resp2 && self.topics_len() > 0
    }

    fn topics_len(&self) -> usize {
        self.topics.iter().map(Vec::len).sum()
    }

    /// Refuses a command. A refused EXEC ends the transaction; any other spoils it.
    fn refuse(&mut self, name: &'static str, error: Error, events: &mut Events) {
        self.about.store.statistics().count_refusal(name, &error);
        let error = if name == known::EXEC {
            self.end_transaction();
            texts::exec_abort_because(&error)
        } else {
            if let Some(queue) = &mut self.queue {
                queue.refused = true;
            }
            error
        };
        self.say(Value::Error(error), events);
    }

    /// Performs a command, and counts it.
    fn perform(&mut self, known: &Known, command: &Encoded, args: &[&[u8]], events: &mut Events) {
        let (from, begun) = (events.len(), Instant::now());
        match known.own {
            Some(own) => {
                if let Err(error) = own(self, args, events) {
                    self.say(Value::Error(error), events);
                }
            }
            None => {
                let value = self.session.raw(command.clone()).unwrap_or_else(Value::Error);
                events.push(Event::Reply(self.reply(Body::Value(value), known.has_flat_pairs())));
            }
        }
        self.count(known, begun.elapsed(), events[from..].iter().find_map(Event::as_error));
    }

    fn count(&self, known: &Known, time: Duration, failed: Option<&Error>) {
        self.about.store.statistics().count(known.name, time, failed);
        self.about.change(|details| details.commands += 1);
    }

    fn reply(&self, body: Body, flat: bool) -> Reply {
        Reply { body, protocol: self.protocol, flat }
    }

    fn say(&self, value: Value, events: &mut Events) {
        events.push(Event::Reply(self.reply(Body::Value(value), false)));
    }

    fn push(&self, parts: Vec<Value>, events: &mut Events) {
        events.push(Event::Reply(self.reply(Body::Push(parts), false)));
    }

    /// Tells others how it stands.
    fn tell(&self) {
        self.about.change(|details| {
            details.protocol = self.protocol;
            details.topics = [self.topics[0].len(), self.topics[1].len()];
            details.queued = self.queue.as_ref().map(|queue| queue.commands.len());
            details.watching = self.watched.len();
            details.used = Instant::now();
        });
    }

    /// Forgets the commands that wait, and what is watched.
    fn end_transaction(&mut self) {
        self.queue = None;
        // It has nothing to say that is wanted here.
        let _: Result<Value> = self.session.raw(Encoded::raw(known::UNWATCH.as_bytes()));
        self.watched.clear();
    }
}

/// The commands of a transaction and of a session.
impl Connection {
    fn multi(&mut self, _: &[&[u8]], events: &mut Events) -> Result<()> {
        if self.queue.is_some() {
            return texts::fail(texts::NESTED_MULTI);
        }
        self.queue = Some(Queue::default());
        self.say(Value::OK, events);
        Ok(())
    }

    fn discard(&mut self, _: &[&[u8]], events: &mut Events) -> Result<()> {
        if self.queue.is_none() {
            return texts::fail(texts::DISCARD_WITHOUT_MULTI);
        }
        self.end_transaction();
        self.say(Value::OK, events);
        Ok(())
    }

    fn watch(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        if self.queue.is_some() {
            return texts::fail(texts::WATCH_INSIDE_MULTI);
        }
        let db = self.about.details().db;
        self.watched.extend(args[1..].iter().map(|key| (db, Bytes::from(*key))));
        let reply = self.session_call(args)?;
        self.say(reply, events);
        Ok(())
    }

    fn unwatch(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        self.watched.clear();
        let reply = self.session_call(args)?;
        self.say(reply, events);
        Ok(())
    }

    fn select(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        let reply = self.session_call(args)?;
        self.note_database(args[1]);
        self.say(reply, events);
        Ok(())
    }

    /// Remembers the database that was selected.
    fn note_database(&self, index: &[u8]) {
        if let Some(db) = redipy::number::parse_int(index).and_then(|index| usize::try_from(index).ok()) {
            self.about.change(|details| details.db = db);
        }
    }

    fn session_call(&mut self, args: &[&[u8]]) -> Result<Value> {
        self.session.raw(args[1..].iter().fold(Encoded::raw(args[0]), |command, arg| command.arg(*arg)))
    }

    /// Executes what waits: first what concerns the data, at one moment; then what concerns the connection, which nothing
    /// in the data depends on.
    fn exec(&mut self, _: &[&[u8]], events: &mut Events) -> Result<()> {
        let Some(queue) = self.queue.take() else { return texts::fail(texts::EXEC_WITHOUT_MULTI) };
        if queue.refused {
            self.end_transaction();
            return texts::fail(texts::EXEC_ABORT);
        }
        let looked_up = queue.commands.iter().map(|command| Known::look_up(command, &command.to_vec()).ok());
        let known: Vec<Option<Known>> = looked_up.collect();
        let of_data = |known: &Option<Known>| known.as_ref().is_some_and(Known::is_of_data);
        let begun = Instant::now();
        self.session.raw(Encoded::raw(known::MULTI.as_bytes()))?;
        for (command, _) in queue.commands.iter().zip(&known).filter(|(_, known)| of_data(known)) {
            self.session.raw(command.clone())?;
        }
        let replies = self.session.raw(Encoded::raw(known::EXEC.as_bytes()))?;
        self.watched.clear();
        self.about.change(|details| details.watching = 0);
        let Value::Array(replies) = replies else {
            self.say(Value::Null, events);
            return Ok(());
        };
        let each = begun.elapsed() / u32::try_from(replies.len().max(1)).unwrap_or(u32::MAX);
        let mut replies = replies.into_iter();
        let mut inner = Vec::new();
        for (command, known) in queue.commands.iter().zip(&known) {
            let Some(known) = known else { continue };
            if !known.is_of_data() {
                self.perform(known, command, &command.to_vec(), &mut inner);
                continue;
            }
            let value = replies.next().unwrap_or(Value::Null);
            if known.name == known::SELECT && value == Value::OK {
                self.note_database(command.to_vec()[1]);
            }
            let event = Event::Reply(self.reply(Body::Value(value), known.has_flat_pairs()));
            self.count(known, each, event.as_error());
            inner.push(event);
        }
        // Who has ended itself is told nothing.
        if !self.about.is_closed() {
            self.say_each(queue.commands.len(), inner, events);
        }
        Ok(())
    }

    /// The reply of EXEC. A server announces as many parts as there were commands, and a command that subscribes to several
    /// channels gives several: those that are too many follow.
    fn say_each(&self, announced: usize, inner: Events, events: &mut Events) {
        let (mut parts, mut others) = (Vec::new(), Vec::new());
        for event in inner {
            match event {
                Event::Reply(reply) => parts.push(reply),
                other => others.push(other),
            }
        }
        events.append(&mut others);
        let rest = parts.split_off(announced.min(parts.len()));
        events.push(Event::Reply(self.reply(Body::Each(parts), false)));
        events.extend(rest.into_iter().map(Event::Reply));
    }

    fn reset(&mut self, _: &[&[u8]], events: &mut Events) -> Result<()> {
        self.end_transaction();
        self.session.raw(Encoded::raw(known::SELECT.as_bytes()).arg("0"))?;
        let topics = std::mem::take(&mut self.topics);
        for (patterns, names) in [false, true].into_iter().zip(topics) {
            events.extend(names.into_iter().map(|name| Event::Ignore(topic(patterns, name))));
        }
        (self.protocol, self.voice) = (Protocol::Resp2, Voice::On);
        self.about.change(about::Details::reset);
        self.say(Value::Status("RESET".into()), events);
        Ok(())
    }

    fn quit(&mut self, _: &[&[u8]], events: &mut Events) -> Result<()> {
        self.say(Value::OK, events);
        self.about.close();
        Ok(())
    }

    /// PING, which has an answer of its own where nothing but messages is expected.
    fn ping(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        if args.len() > 2 {
            return Err(texts::arity("PING"));
        }
        let value = if self.listens_only() {
            let message = args.get(1).copied().unwrap_or_default();
            Value::Array(vec![Value::bulk("pong"), Value::bulk(message)])
        } else {
            self.session_call(args)?
        };
        self.say(value, events);
        Ok(())
    }
}

/// Publish and subscribe.
impl Connection {
    fn subscribe(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        self.add_topics(false, "subscribe", &args[1..], events);
        Ok(())
    }

    fn psubscribe(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        self.add_topics(true, "psubscribe", &args[1..], events);
        Ok(())
    }

    fn unsubscribe(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        self.remove_topics(false, "unsubscribe", &args[1..], events);
        Ok(())
    }

    fn punsubscribe(&mut self, args: &[&[u8]], events: &mut Events) -> Result<()> {
        self.remove_topics(true, "punsubscribe", &args[1..], events);
        Ok(())
    }

    fn add_topics(&mut self, patterns: bool, kind: &'static str, names: &[&[u8]], events: &mut Events) {
        for name in names {
            let name = Bytes::from(*name);
            let known = &mut self.topics[usize::from(patterns)];
            if !known.contains(&name) {
                known.push(name.clone());
                events.push(Event::Listen(topic(patterns, name.clone())));
            }
            self.confirm(kind, Value::Bulk(name), events);
        }
    }

    fn remove_topics(&mut self, patterns: bool, kind: &'static str, names: &[&[u8]], events: &mut Events) {
        let known = &mut self.topics[usize::from(patterns)];
        let names: Vec<Bytes> =
            if names.is_empty() { known.clone() } else { names.iter().map(|name| Bytes::from(*name)).collect() };
        if names.is_empty() {
            self.confirm(kind, Value::Null, events);
        }
        for name in names {
            let known = &mut self.topics[usize::from(patterns)];
            if let Some(at) = known.iter().position(|it| *it == name) {
                known.remove(at);
                events.push(Event::Ignore(topic(patterns, name.clone())));
            }
            self.confirm(kind, Value::Bulk(name), events);
        }
    }

    fn confirm(&self, kind: &'static str, name: Value, events: &mut Events) {
        self.push(vec![Value::bulk(kind), name, Value::Int(self.topics_len() as i64)], events);
    }
}

fn topic(patterns: bool, name: Bytes) -> Topic {
    if patterns { Topic::Pattern(name) } else { Topic::Channel(name) }
}

impl Event {
    /// The error that is said.
    fn as_error(&self) -> Option<&Error> {
        match self {
            Event::Reply(Reply { body: Body::Value(Value::Error(error)), .. }) => Some(error),
            _ => None,
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.about.close();
    }
}
