//! A layer of one's own: written once, it serves clients, pipelines, transactions, sessions, subscriptions and futures.

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use redipy::backend::Results;
use redipy::layer::Io;
use redipy::prelude::*;
use redipy::{
    AsyncBackend, Bytes, Error, Flags, Kind, Layer, Layered, Message, Redis, Request, RequestRef, Requests, Result,
    Value,
};
use redipy_conformance::futures::wait;

use crate::everywhere;

/// Refuses what writes, counts the calls of each session, and has messages in capital letters.
struct Guarded;

impl Guarded {
    fn check(request: RequestRef<'_>) -> Result<()> {
        match request.command().and_then(|command| command.spec()) {
            Some(spec) if !spec.flags.has(Flags::WRITE) => Ok(()),
            _ => Err(Error::new(Kind::Unsupported, "this client only reads")),
        }
    }
}

impl Layer for Guarded {
    type Session = i64;

    async fn call(&self, session: Option<&mut i64>, request: RequestRef<'_>, io: &mut impl Io) -> Result<Value> {
        if let Some(calls) = session {
            *calls += 1;
            if request.command().is_some_and(|command| command.name().eq_ignore_ascii_case(b"ping")) {
                return Ok(Value::Int(*calls));
            }
        }
        Self::check(request)?;
        io.call(request.into()).await
    }

    async fn pipeline(&self, _: Option<&mut i64>, requests: &Requests, io: &mut impl Io) -> Result<Results> {
        requests.iter().try_for_each(Self::check)?;
        io.pipeline(requests.clone()).await
    }

    async fn transaction(&self, requests: &Requests, io: &mut impl Io) -> Result<Option<Results>> {
        requests.iter().try_for_each(Self::check)?;
        io.transaction(requests.clone()).await
    }

    fn message(&self, message: Message) -> Message {
        Message { payload: Bytes::from(message.payload.to_ascii_uppercase()), ..message }
    }

    fn describe(&self, inner: &str) -> String {
        format!("{inner}, guarded")
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T>) {
    assert_eq!(result.expect_err("it writes").message(), "this client only reads");
}

#[test]
fn a_layer_is_written_once() {
    everywhere("layers", |r| guards(r).unwrap_or_else(|error| panic!("{}: {error}", r.describe())));
}

fn guards(r: &Redis) -> Result<()> {
    r.set("layered", 1)?;
    let guarded = Redis::from_backend(Arc::new(Layered::over(r.backend(), Guarded)));
    assert!(guarded.describe().ends_with(", guarded"));
    assert_eq!(guarded.get("layered")?.unwrap(), "1");
    refused(guarded.set("layered", 2));
    let mut pipeline = guarded.pipeline();
    let _ = (pipeline.get("layered"), pipeline.exists("layered"));
    assert_eq!(pipeline.execute()?.len(), 2);
    let mut transaction = guarded.transaction();
    let _ = (transaction.get("layered"), transaction.incr("layered"));
    refused(transaction.execute());

    let mut session = guarded.session()?;
    session.watch("layered")?;
    refused(session.del("layered"));
    let ping = |session: &mut redipy::Session| session.raw(redipy::Encoded::raw(b"PING"));
    assert_eq!((ping(&mut session)?, ping(&mut guarded.session()?)?), (Value::Int(3), Value::Int(1)));
    r.incr("layered")?;
    let mut watched = session.transaction();
    let _ = watched.get("layered");
    assert!(watched.execute()?.is_none());

    let mut messages = guarded.subscribe("layers")?;
    r.publish("layers", "hello")?;
    assert_eq!(messages.recv_timeout(Duration::from_secs(10))?.unwrap().payload, "HELLO");

    match guarded.backend().asynchronous() {
        Some(futures) => guards_futures(&*futures)?,
        None if cfg!(feature = "async") => panic!("it has futures"),
        None => {}
    }
    r.del("layered")?;
    Ok(())
}

fn guards_futures(futures: &dyn AsyncBackend) -> Result<()> {
    let get = || Request::of(&redipy::string::Get { key: "layered".into() });
    let del = || Request::from(redipy::Encoded::raw(b"DEL").arg("layered"));
    assert_eq!(wait(futures.call(get()))?, Value::bulk("2"));
    refused(wait(futures.call(del())));
    assert_eq!(wait(futures.pipeline([get(), get()].into()))?.len(), 2);
    refused(wait(futures.transaction([get(), del()].into())));
    Ok(())
}

/// Waits for something that is no call.
struct Patient;

impl Layer for Patient {
    type Session = ();

    async fn call(&self, _: Option<&mut ()>, request: RequestRef<'_>, io: &mut impl Io) -> Result<Value> {
        let mut is_ready = false;
        let turn = std::future::poll_fn(|context| {
            context.waker().wake_by_ref();
            if std::mem::replace(&mut is_ready, true) { Poll::Ready(()) } else { Poll::Pending }
        });
        turn.await;
        io.call(request.into()).await
    }

    async fn pipeline(&self, _: Option<&mut ()>, requests: &Requests, io: &mut impl Io) -> Result<Results> {
        io.pipeline(requests.clone()).await
    }

    async fn transaction(&self, requests: &Requests, io: &mut impl Io) -> Result<Option<Results>> {
        io.transaction(requests.clone()).await
    }

    fn describe(&self, inner: &str) -> String {
        inner.to_owned()
    }
}

#[test]
fn a_layer_that_waits_is_refused_in_threads_and_goes_on_in_futures() -> Result<()> {
    let r = redipy::connect("memory://")?;
    r.set("k", "v")?;
    let patient = Redis::from_backend(Arc::new(Layered::over(r.backend(), Patient)));
    let error = patient.get("k").expect_err("it waits");
    assert!(error.kind() == Kind::Unsupported && error.message().contains("`AsyncRedis`"), "{error}");
    let futures = patient.backend().asynchronous().expect("memory has futures");
    assert_eq!(wait(futures.call(Request::of(&redipy::string::Get { key: "k".into() })))?, Value::bulk("v"));
    Ok(())
}
