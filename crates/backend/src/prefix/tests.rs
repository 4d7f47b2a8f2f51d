//! The namespace over a backend that records what it is sent and answers what it was told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use redipy_command::{Bytes, Encoded, Error, Kind, Result, Value, texts};

use super::Prefix;
use crate::backend::{Backend, Results, Session, Subscription};
use crate::message::{Message, SubscriptionEvent, Topic};
use crate::request::{Request, RequestRef, Requests};

/// Commands that were sent, as text, and replies to give.
#[derive(Clone, Default)]
struct Script(Arc<Mutex<(Vec<String>, VecDeque<Value>)>>);

impl Script {
    fn answering(replies: impl IntoIterator<Item = Value>) -> Self {
        Script(Arc::new(Mutex::new((Vec::new(), replies.into_iter().collect()))))
    }

    fn sent(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("one thread").0)
    }

    fn answer(&self, request: RequestRef<'_>) -> Result<Value> {
        let mut state = self.0.lock().expect("one thread");
        if let Some(command) = request.command() {
            state.0.push(command.to_string().replace('"', ""));
        }
        state.1.pop_front().unwrap_or(Value::OK).into_result()
    }
}

impl Backend for Script {
    fn call(&self, request: &Request) -> Result<Value> {
        self.answer(request.as_ref())
    }

    fn pipeline(&self, requests: &Requests) -> Result<Results> {
        Ok(requests.iter().map(|request| self.answer(request)).collect())
    }

    fn transaction(&self, requests: &Requests) -> Result<Results> {
        self.pipeline(requests)
    }

    fn session(&self) -> Result<Box<dyn Session>> {
        Ok(Box::new(self.clone()))
    }

    fn subscribe(&self, topics: &[Topic]) -> Result<Box<dyn Subscription>> {
        let mut subscription = self.clone();
        Subscription::subscribe(&mut subscription, topics)?;
        Ok(Box::new(subscription))
    }

    fn describe(&self) -> String {
        "script://".into()
    }
}

impl Session for Script {
    fn call(&mut self, request: &Request) -> Result<Value> {
        self.answer(request.as_ref())
    }

    fn pipeline(&mut self, requests: &Requests) -> Result<Results> {
        Backend::pipeline(self, requests)
    }

    fn transaction(&mut self, requests: &Requests) -> Result<Option<Results>> {
        Backend::pipeline(self, requests).map(Some)
    }
}

impl Subscription for Script {
    fn subscribe(&mut self, topics: &[Topic]) -> Result<()> {
        let names = topics.iter().map(|topic| topic.name().to_text());
        self.0.lock().expect("one thread").0.extend(names);
        Ok(())
    }

    fn unsubscribe(&mut self, topics: &[Topic]) -> Result<()> {
        Subscription::subscribe(self, topics)
    }

    fn next_event(&mut self, _: Option<Duration>) -> Result<Option<SubscriptionEvent>> {
        let pattern = Some(Bytes::from(r"a\*:n*"));
        Ok(Some(Message { channel: "a*:news".into(), pattern, payload: "a*:text".into() }.into()))
    }
}

fn request(text: &str) -> Request {
    let mut words = text.split(' ');
    let name = Encoded::raw(words.next().unwrap_or_default().as_bytes());
    words.fold(name, Encoded::arg).into()
}

fn requests(texts: &[&str]) -> Requests {
    texts.iter().map(|text| request(text)).collect()
}

fn array<const N: usize>(items: [&str; N]) -> Value {
    Value::Array(items.into_iter().map(Value::from).collect())
}

fn status(text: &'static str) -> Value {
    Value::Status(text.into())
}

/// A namespace over a backend with these replies.
fn under(prefix: &str, replies: impl IntoIterator<Item = Value>) -> (Script, Prefix) {
    let script = Script::answering(replies);
    (script.clone(), Prefix::new(Arc::new(script), prefix))
}

#[track_caller]
fn assert_sent(text: &str, expected: &str) {
    let (script, prefix) = under("a*:", []);
    prefix.call(&request(text)).expect("sent");
    assert_eq!(script.sent(), [expected]);
}

fn refusal(text: &str) -> Error {
    let (script, prefix) = under("p:", []);
    let error = prefix.call(&request(text)).expect_err("refused");
    assert!(script.sent().is_empty());
    error
}

#[test]
fn keys_get_the_prefix_and_nothing_else_does() {
    assert_sent("SET k v EX 5", "SET a*:k v EX 5");
    assert_sent("MSET k k l l", "MSET a*:k k a*:l l");
    assert_sent("RENAME k l", "RENAME a*:k a*:l");
    assert_sent("PING k", "PING k");
    assert_sent("PUBLISH k k", "PUBLISH a*:k k");
}

#[test]
fn patterns_get_the_escaped_prefix() {
    assert_sent("KEYS *", r"KEYS a\\*:*");
    assert_sent("SCAN 0", r"SCAN 0 MATCH a\\*:*");
    assert_sent("SCAN 0 COUNT", r"SCAN 0 MATCH a\\*:* COUNT");
    assert_sent("SCAN", "SCAN");
    assert_sent("scan 0 COUNT 5 match k?", r"scan 0 COUNT 5 match a\\*:k?");
    assert_sent("SCAN MATCH COUNT MATCH MATCH MATCH", r"SCAN MATCH COUNT MATCH MATCH a\\*:MATCH");
}

#[test]
fn keys_in_replies_lose_the_prefix() {
    let replies = [
        array(["p:a", "other", "p:"]),
        Value::Array(vec!["7".into(), array(["p:k"])]),
        array(["p:list", "p:element"]),
        Value::Null,
        Value::bulk("p:value"),
    ];
    let (_, prefix) = under("p:", replies);
    let call = |text| prefix.call(&request(text)).expect("a reply");
    assert_eq!(call("KEYS *"), array(["a", "other", ""]));
    assert_eq!(call("SCAN 0"), Value::Array(vec!["7".into(), array(["k"])]));
    assert_eq!(call("LMPOP 1 list LEFT"), array(["list", "p:element"]));
    assert_eq!(call("LMPOP 1 list LEFT"), Value::Null);
    assert_eq!(call("GET k"), Value::bulk("p:value"));
}

#[test]
fn commands_without_known_keys_are_refused() {
    for text in ["NOSUCH k", "EVAL return 0", "SUBSCRIBE k", "SORT k BY w_*"] {
        assert_eq!(refusal(text).kind(), Kind::Unsupported, "{text}");
    }
    assert_eq!(refusal("DBSIZE x"), texts::arity("DBSIZE"));
    assert_eq!(refusal("FLUSHDB x"), texts::SYNTAX.into());
}

#[test]
fn the_whole_namespace_is_scanned() {
    let page = |cursor: &str, keys: Value| Value::Array(vec![cursor.into(), keys]);
    let (script, prefix) = under("p:", [page("3", array(["p:a", "p:b"])), page("0", array(["p:b", "p:c"]))]);
    assert_eq!(prefix.call(&request("DBSIZE")), Ok(Value::Int(3)));
    assert_eq!(script.sent(), ["SCAN 0 MATCH p:* COUNT 1000", "SCAN 3 MATCH p:* COUNT 1000"]);

    let replies =
        [page("3", array(["p:a"])), Value::Int(1), page("4", array([])), page("0", array(["p:c"])), Value::Int(1)];
    let (script, prefix) = under("p:", replies);
    assert_eq!(prefix.call(&request("flushall sync")), Ok(Value::OK));
    let sent = script.sent();
    assert_eq!(sent.iter().filter(|text| text.starts_with("DEL")).collect::<Vec<_>>(), ["DEL p:a", "DEL p:c"]);
    assert_eq!(sent.len(), 5);
}

#[test]
fn a_random_key_is_of_the_namespace() {
    let (_, prefix) = under("p:", [Value::from("other"), "p:mine".into()]);
    assert_eq!(prefix.call(&request("RANDOMKEY")), Ok("mine".into()));

    let (_, prefix) = under("p:", [Value::Null]);
    assert_eq!(prefix.call(&request("RANDOMKEY")), Ok(Value::Null));

    let others = std::iter::repeat_n(Value::from("other"), 8);
    let (_, prefix) = under("p:", others.clone().chain([Value::Array(vec!["0".into(), array(["p:rare"])])]));
    assert_eq!(prefix.call(&request("RANDOMKEY")), Ok("rare".into()));

    let (_, prefix) = under("p:", others.chain([Value::Array(vec!["0".into(), array([])])]));
    assert_eq!(prefix.call(&request("RANDOMKEY")), Ok(Value::Null));
}

#[test]
fn a_pipeline_refuses_only_what_it_must() {
    let (script, prefix) = under("p:", [Value::OK, array(["p:k"])]);
    let results = prefix.pipeline(&requests(&["SET k v", "DBSIZE", "KEYS *"])).expect("results");
    assert_eq!(script.sent(), ["SET p:k v", "KEYS p:*"]);
    assert_eq!((results.len(), &results[0], &results[2]), (3, &Ok(Value::OK), &Ok(array(["k"]))));
    assert_eq!(results[1].as_ref().map_err(Error::kind), Err(Kind::Unsupported));
}

#[test]
fn a_transaction_is_refused_as_a_whole() {
    let (script, prefix) = under("p:", []);
    let error = prefix.transaction(&requests(&["SET k v", "FLUSHDB"])).expect_err("refused");
    assert_eq!(error.kind(), Kind::Unsupported);
    assert!(script.sent().is_empty());
}

#[test]
fn a_session_remembers_what_it_queued() {
    let exec = Value::Array(vec![Value::OK, array(["p:k"]), Value::Error(Error::reply("ERR x"))]);
    let replies = [Value::OK, Value::OK, status("QUEUED"), status("QUEUED"), status("QUEUED"), exec, array(["p:k"])];
    let (script, prefix) = under("p:", replies);
    let mut session = prefix.session().expect("a session");
    for text in ["WATCH k", "multi", "SET k v", "KEYS *", "INCR k"] {
        session.call(&request(text)).expect("taken");
    }
    assert_eq!(session.call(&request("DBSIZE")).map_err(|error| error.kind()), Err(Kind::Unsupported));
    let exec = Value::Array(vec![Value::OK, array(["k"]), Value::Error(Error::reply("ERR x"))]);
    assert_eq!(session.call(&request("exec")), Ok(exec));
    assert_eq!(session.call(&request("KEYS *")), Ok(array(["k"])));
    assert_eq!(script.sent()[..3], ["WATCH p:k", "multi", "SET p:k v"]);
}

#[test]
fn channels_are_in_the_namespace() {
    let (script, prefix) = under("a*:", []);
    let topics = [Topic::Channel("news".into()), Topic::Pattern("n*".into())];
    let mut subscription = prefix.subscribe(&topics).expect("a subscription");
    assert_eq!(script.sent(), ["a*:news", r"a\*:n*"]);
    let message = Message { channel: "news".into(), pattern: Some("n*".into()), payload: "a*:text".into() };
    assert_eq!(subscription.next(None), Ok(Some(message)));
}

#[test]
fn a_namespace_can_have_namespaces() {
    let (script, outer) = under("a:", [array(["a:b:k"])]);
    let inner = Prefix::new(Arc::new(outer), "b:");
    assert_eq!(inner.call(&request("KEYS k*")), Ok(array(["k"])));
    assert_eq!(script.sent(), ["KEYS a:b:k*"]);
    assert_eq!(inner.describe(), r#"script:// with prefix "a:" with prefix "b:""#);
}
