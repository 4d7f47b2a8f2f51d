//! A namespace on real servers.

use std::sync::Arc;
use std::time::Duration;

use redipy_backend::{Backend, Prefix, Topic};
use redipy_command::Value;

use crate::support::{array, call, call_in, on_every_flavor, requests};

fn sorted(reply: Value) -> Vec<String> {
    let mut names: Vec<String> =
        reply.decode::<Vec<redipy_command::Bytes>>().expect("names").iter().map(|name| name.to_text()).collect();
    names.sort_unstable();
    names
}

#[test]
fn two_namespaces_do_not_meet() {
    on_every_flavor(|remote| {
        let remote: Arc<dyn Backend> = Arc::new(remote);
        let (a, b) = (Prefix::new(Arc::clone(&remote), "a*:"), Prefix::new(Arc::clone(&remote), "b:"));
        call(&a, "MSET k 1 l 2").expect("set");
        call(&b, "SET k 3").expect("set");
        call(&*remote, "SET ab:k other").expect("set");
        assert_eq!(call(&*remote, "GET a*:k"), Ok("1".into()));
        assert_eq!(sorted(call(&a, "KEYS *").expect("keys")), ["k", "l"]);
        assert_eq!(sorted(call(&b, "KEYS *").expect("keys")), ["k"]);
        assert_eq!(call(&a, "DBSIZE"), Ok(Value::Int(2)));
        assert_eq!(call(&b, "RANDOMKEY"), Ok("k".into()));
        assert_eq!(call(&a, "FLUSHDB"), Ok(Value::OK));
        assert_eq!(call(&a, "RANDOMKEY"), Ok(Value::Null));
        assert_eq!(call(&*remote, "DBSIZE"), Ok(Value::Int(2)));
    });
}

#[test]
fn many_keys_are_counted_and_removed() {
    on_every_flavor(|remote| {
        let remote: Arc<dyn Backend> = Arc::new(remote);
        let prefix = Prefix::new(Arc::clone(&remote), "p:");
        let sets: Vec<String> = (0..3000).map(|key| format!("SET k{key} v")).collect();
        let sets: Vec<&str> = sets.iter().map(String::as_str).collect();
        prefix.pipeline(&requests(&sets)).expect("set");
        call(&*remote, "SET other 1").expect("set");
        assert_eq!(call(&prefix, "DBSIZE"), Ok(Value::Int(3000)));
        assert_eq!(call(&prefix, "FLUSHALL SYNC"), Ok(Value::OK));
        assert_eq!(call(&*remote, "DBSIZE"), Ok(Value::Int(1)));
    });
}

#[test]
fn pops_transactions_and_sessions_have_bare_keys() {
    on_every_flavor(|remote| {
        let prefix = Prefix::new(Arc::new(remote), "p:");
        call(&prefix, "RPUSH l a b c d").expect("pushed");
        assert_eq!(call(&prefix, "LPOP l"), Ok("a".into()));
        let pop = Value::Array(vec!["l".into(), array(["b"])]);
        assert_eq!(call(&prefix, "LMPOP 2 none l LEFT"), Ok(pop.clone()));
        let results = prefix.transaction(&requests(&["RPUSH l b", "LPOP l", "LMPOP 1 l RIGHT"])).expect("results");
        assert_eq!(results[2], Ok(pop));

        let mut session = prefix.session().expect("a session");
        call_in(&mut *session, "WATCH l").expect("watches");
        call(&prefix, "DEL l").expect("deleted");
        assert_eq!(session.transaction(&requests(&["SET k v"])), Ok(None));
        call_in(&mut *session, "MULTI").expect("queues");
        call_in(&mut *session, "SET k v").expect("queued");
        call_in(&mut *session, "KEYS *").expect("queued");
        assert_eq!(call_in(&mut *session, "EXEC"), Ok(Value::Array(vec![Value::OK, array(["k"])])));
    });
}

#[test]
fn channels_do_not_meet() {
    on_every_flavor(|remote| {
        let remote: Arc<dyn Backend> = Arc::new(remote);
        let prefix = Prefix::new(Arc::clone(&remote), "p:");
        let mut subscription =
            prefix.subscribe(&[Topic::Channel("a".into()), Topic::Pattern("b*".into())]).expect("subscribes");
        assert_eq!(call(&*remote, "PUBLISH a no"), Ok(Value::Int(0)));
        assert_eq!(call(&prefix, "PUBLISH a yes"), Ok(Value::Int(1)));
        assert_eq!(call(&*remote, "PUBLISH p:bb too"), Ok(Value::Int(1)));
        let mut next = || subscription.next(Some(Duration::from_secs(10))).expect("a message").expect("in time");
        let first = next();
        assert_eq!((first.channel.as_str(), first.payload.as_str()), (Some("a"), Some("yes")));
        let second = next();
        assert_eq!(second.channel.as_str(), Some("bb"));
        assert_eq!(second.pattern.as_ref().and_then(|pattern| pattern.as_str()), Some("b*"));
    });
}
