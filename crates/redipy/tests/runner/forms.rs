//! The forms in which people write arguments and read replies. Whoever adds one to the library adds it here.
#![allow(clippy::needless_borrows_for_generic_args)] // borrowed forms are tested too

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use redipy::reply::{ExpiresAt, TimeToLive};
use redipy::script::script;
use redipy::string::SetOptions;
use redipy::{Bytes, Fields, Kind, Members, Redis, Result, Value, prelude::*};

fn client() -> Redis {
    redipy::connect("memory://").unwrap()
}

/// Sets a value in each form and says what is stored.
macro_rules! stored {
    ($r:expr; $($value:expr => $text:expr),* $(,)?) => { $(
        $r.set("form", $value)?;
        assert_eq!($r.get("form")?.unwrap(), $text, "{}", stringify!($value));
    )* };
}

#[test]
fn values_are_text_bytes_and_numbers_owned_and_borrowed() -> Result<()> {
    let r = client();
    let (text, bytes) = ("text".to_owned(), b"text".to_vec());
    let (shared, boxed): (Arc<str>, Box<str>) = ("text".into(), "text".into());
    let reply = Bytes::from("text");
    stored! { r;
        "text" => "text", &"text" => "text", &text => "text", text.clone() => "text", text.as_str() => "text",
        Cow::Borrowed("text") => "text", Cow::<str>::Owned(text.clone()) => "text", &Cow::Borrowed("text") => "text",
        bytes.clone() => "text", &bytes => "text", &bytes[..] => "text", b"text" => "text", *b"text" => "text",
        &reply => "text", reply.clone() => "text", &shared => "text", shared.clone() => "text", boxed => "text",
        format!("{}-{}", 1, 2) => "1-2", 'é' => "é", &'x' => "x", true => "1", false => "0", &true => "1",
        -1i8 => "-1", 2i16 => "2", 3i32 => "3", 4i64 => "4", 5isize => "5", &6i64 => "6",
        1u8 => "1", 2u16 => "2", 3u32 => "3", u64::MAX => "18446744073709551615", 5usize => "5", &6u64 => "6",
        0.1f32 => "0.1", 0.1f64 => "0.1", &2.5 => "2.5",
    }
    Ok(())
}

#[test]
fn keys_are_text_and_bytes_owned_and_borrowed() -> Result<()> {
    let r = client();
    let key = "user:7".to_owned();
    r.set(&key, 1)?;
    let names = (key.clone(), Cow::from(key.as_str()), key.clone().into_bytes(), Bytes::from(key.as_str()));
    assert_eq!(r.incr(names.0)?, 2);
    assert_eq!(r.incr(names.1)?, 3);
    assert_eq!(r.incr(&names.2)?, 4);
    assert_eq!(r.incr(&names.3)?, 5);
    assert_eq!(r.incr(format!("user:{}", 7))?, 6);
    assert_eq!(r.with(key, |value| value.map(<[u8]>::len))?, Some(1));
    Ok(())
}

#[test]
fn several_are_arrays_slices_vectors_and_sets() -> Result<()> {
    let r = client();
    let names = vec!["a".to_owned(), "b".to_owned()];
    let found: Vec<Bytes> = vec!["a".into(), "b".into()];
    let set: BTreeSet<&str> = ["a", "b"].into();
    let collected: Vec<String> = ["a", "b"].iter().map(|name| name.to_string()).collect();
    r.mset([("a", 1), ("b", 2)])?;
    assert_eq!(r.exists("a")?, 1);
    assert_eq!(r.exists(["a", "b"])?, 2);
    assert_eq!(r.exists(["a", "b"])?, 2);
    assert_eq!(r.exists(vec!["a", "b"])?, 2);
    assert_eq!(r.exists(&names)?, 2);
    assert_eq!(r.exists(&names[..])?, 2);
    assert_eq!(r.exists(names.iter().collect::<Vec<_>>())?, 2);
    assert_eq!(r.exists(&found)?, 2);
    assert_eq!(r.exists(&set)?, 2);
    assert_eq!(r.exists(collected)?, 2);
    assert_eq!(r.mget(&names)?, [Some("1".into()), Some("2".into())]);
    assert_eq!(r.mget(r.keys("*")?)?.len(), 2);
    assert_eq!(r.del(&r.keys("*")?)?, 2);
    assert_eq!(r.del(&names)?, 0);
    Ok(())
}

#[test]
fn members_are_numbers_too_and_replies_are_given_back() -> Result<()> {
    let r = client();
    assert_eq!(r.sadd("s", [1, 2, 3])?, 3);
    assert_eq!(r.sadd("s", vec![3u64, 4])?, 1);
    assert_eq!(r.sadd("s", HashSet::from([5i64]))?, 1);
    assert_eq!(r.sadd("s", [true, false])?, 1);
    assert_eq!(r.sadd("s", 1.5)?, 1);
    assert_eq!(r.sadd("copy", r.smembers("s")?)?, 7);
    assert_eq!(r.rpush("l", &["a".to_owned()])?, 1);
    assert_eq!(r.rpush("l", b"bytes")?, 2);
    assert_eq!(r.rpush("l", [b"one".to_vec(), b"two".to_vec()])?, 4);
    assert_eq!(r.srem("s", &r.smembers("s")?)?, 7);
    assert_eq!(r.publish("news".to_owned(), format!("{}", 1))?, 0);
    assert_eq!(r.publish(Bytes::from("news"), vec![1u8, 2])?, 0);
    let _news = r.subscribe(vec!["news".to_owned()])?;
    assert_eq!(r.publish("news", 1)?, 1);
    Ok(())
}

#[test]
fn pairs_are_tuples_lists_and_maps() -> Result<()> {
    let r = client();
    let map = HashMap::from([("name".to_owned(), "ann".to_owned())]);
    let tree = BTreeMap::from([("visits", 7)]);
    let pairs = vec![("a".to_owned(), 1u64), ("b".to_owned(), 2)];
    assert_eq!(r.hset("h", ("name", "bob"))?, 1);
    assert_eq!(r.hset("h", &map)?, 0);
    assert_eq!(r.hset("h", map)?, 0);
    assert_eq!(r.hset("h", &tree)?, 1);
    assert_eq!(r.hset("h", &pairs)?, 2);
    assert_eq!(r.hset("h", pairs.iter().map(|(k, v)| (k, v)).collect::<Vec<_>>())?, 0);
    assert_eq!(r.hset("copy", r.hgetall("h")?)?, 4);
    r.mset(&pairs)?;
    r.mset(BTreeMap::from([("c".to_owned(), 'x')]))?;
    assert_eq!(r.zadd("z", (1, "a"))?, 1);
    assert_eq!(r.zadd("z", [(2i64, "b"), (3, "c")])?, 2);
    assert_eq!(r.zadd("z", &[(0.5f32, "d".to_owned())])?, 1);
    assert_eq!(r.zadd("z", HashMap::from([("e", 9)]))?, 1);
    assert_eq!(r.zincrby("z", 1, "e")?, 10.0);
    assert_eq!(r.zscore("z", "d".to_owned())?, Some(0.5));
    Ok(())
}

#[test]
fn positions_and_counts_are_integers_of_any_width() -> Result<()> {
    let r = client();
    r.rpush("l", [1, 2, 3])?;
    let len = r.llen("l")?;
    assert_eq!(r.lrange("l", 0u8, len - 1)?.len(), 3);
    assert_eq!(r.lrange("l", 0, vec![1, 2].len() - 1)?.len(), 2);
    assert_eq!(r.lindex("l", 1usize)?.unwrap(), "2");
    assert_eq!(r.incrby("n", 5u32)?, 5);
    assert_eq!(r.incrby("n", 5u64)?, 10);
    assert_eq!(r.lpop_count("l", 2usize)?.len(), 2);
    Ok(())
}

#[test]
fn options_take_integers_of_any_width() -> Result<()> {
    use redipy::list::LPosOptions;
    use redipy::set::SInterCardOptions;
    use redipy::zset::ZRangeOptions;

    let r = client();
    r.rpush("l", ["x", "y", "x"])?;
    r.sadd("s", [1, 2, 3])?;
    r.zadd("z", [(1, "a"), (2, "b"), (3, "c")])?;
    assert_eq!(r.lpos_with("l", "x", LPosOptions::new().rank(-1).count(1usize).maxlen(5u8))?, [2]);
    assert_eq!(r.sintercard_with("s", SInterCardOptions::new().limit(2u64))?, 2);
    let some = ZRangeOptions::new().byscore().limit((1usize, 1u32));
    assert_eq!(r.zrange_with("z", 0, 5, some)?.members(), ["b"]);
    Ok(())
}

#[test]
fn what_counts_is_unsigned_and_what_may_be_negative_is_not() -> Result<()> {
    let r = client();
    r.set("s", "text")?;
    let counts: [u64; 8] = [
        r.rpush("l", ["a", "b"])?,
        r.llen("l")?,
        r.sadd("m", "a")?,
        r.hset("h", ("f", 1))?,
        r.zadd("z", (1, "a"))?,
        r.strlen("s")?,
        r.exists(["s", "l"])?,
        r.del(["s", "none"])?,
    ];
    assert_eq!(counts, [2, 2, 1, 1, 1, 4, 2, 1]);
    let places: [Option<u64>; 3] = [r.lpos("l", "b")?, r.zrank("z", "a")?, r.zrank("z", "none")?];
    assert_eq!(places, [Some(1), Some(0), None]);
    let signed: [i64; 4] =
        [r.decr("n")?, r.ttl("n")?, r.pttl("none")?, r.linsert("l", redipy::list::ListSide::Before, "none", 1)?];
    assert_eq!(signed, [-1, -1, -2, -1]);
    // The same on a server's reply, in a pipeline and by name.
    let mut pipe = r.pipeline();
    let len = pipe.llen("l");
    assert_eq!(pipe.execute()?.take(len)?, 2_u64);
    assert_eq!(r.command("LLEN").arg("l").query::<u64>()?, 2);
    assert_eq!(Value::Int(-1).decode::<u64>().unwrap_err().kind(), Kind::Decode);
    Ok(())
}

#[test]
fn times_are_durations_and_numbers() -> Result<()> {
    let r = client();
    let ttl = Duration::from_secs(60);
    let minute = |key: &str| r.time_to_live(key).map(|left| left.left().is_some_and(|left| left.as_secs() >= 50));
    r.set_with("a", 1, SetOptions::new().px(ttl))?;
    r.set_with("b", 1, SetOptions::new().ex(ttl).nx())?;
    r.set_with("c", 1, SetOptions::new().exat(SystemTime::now() + ttl))?;
    r.setex("d", ttl, 1)?;
    r.psetex("e", ttl, "value")?;
    r.mset([("f", 1), ("g", 1), ("h", 1), ("i", 1)])?;
    assert!(r.expire("f", ttl)? && r.pexpire("g", ttl)? && r.expire("h", 60u64)?);
    assert!(r.pexpireat("i", SystemTime::now() + ttl)?);
    for key in ["a", "b", "c", "d", "e", "f", "g", "h", "i"] {
        assert!(minute(key)?, "{key}");
    }
    r.setex("j", 60, 1)?;
    assert!(r.getex_with("j", redipy::string::GetExOptions::new().persist())?.is_some());
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(32_503_680_000_123);
    assert!(r.pexpireat("i", at)?);
    assert_eq!(r.expires_at("i")?.time(), Some(at));
    assert_eq!((r.expires_at("j")?, r.expires_at("none")?), (ExpiresAt::Never, ExpiresAt::Missing));
    assert_eq!((r.time_to_live("j")?, r.time_to_live("none")?), (TimeToLive::Unlimited, TimeToLive::Missing));
    Ok(())
}

#[test]
fn options_with_one_reply_have_methods_of_their_own() -> Result<()> {
    let r = client();
    assert!(r.set_nx("k", 1)?);
    assert!(!r.set_nx("k", 2)?);
    assert!(r.set_xx("k", 3)?);
    assert!(!r.set_xx("none", 1)?);
    assert_eq!(r.set_get("k", 4)?, Some("3".into()));
    assert_eq!(r.set_get("new", 1)?, None);
    Ok(())
}

#[test]
fn scripts_take_the_same() -> Result<()> {
    let r = client();
    let echo = r.register(script(|f| f.returns(f.arg("x"))))?;
    let shown = |call: redipy::script::ScriptCall| call.call(&r).map(|value| value.to_string());
    let names = vec!["a".to_owned()];
    assert_eq!(shown(echo.arg("x", "text".to_owned()))?, r#""text""#);
    assert_eq!(shown(echo.arg("x", "text".to_owned()))?, r#""text""#);
    assert_eq!(shown(echo.arg("x", Cow::from("text")))?, r#""text""#);
    assert_eq!(shown(echo.arg("x", b"text".to_vec()))?, r#""text""#);
    assert_eq!(shown(echo.arg("x", Bytes::from("text")))?, r#""text""#);
    assert_eq!(shown(echo.arg("x", 'c'))?, r#""c""#);
    assert_eq!(shown(echo.arg("x", 7u64))?, "7");
    assert_eq!(shown(echo.arg("x", 7usize))?, "7");
    assert_eq!(shown(echo.arg("x", 0.5f32))?, "0.5");
    assert_eq!(shown(echo.arg("x", true))?, "true");
    assert_eq!(shown(echo.arg("x", None::<i64>))?, "nil");
    assert_eq!(shown(echo.arg("x", Duration::from_millis(1500)))?, "1.5");
    assert_eq!(shown(echo.arg("x", &names))?, r#"["a"]"#);
    assert_eq!(shown(echo.arg("x", [1, 2]))?, "[1, 2]");
    assert_eq!(shown(echo.arg("x", vec![Some(1), None]))?, "[1, nil]");
    assert_eq!(shown(echo.arg("x", HashMap::from([("a", vec![1])])))?, r#"{"a": [1]}"#);
    let get = r.register(script(|f| f.returns(f.var("k").get())))?;
    r.set("key", 5)?;
    assert_eq!(get.key("k", "key".to_owned()).query::<i64>(&r)?, 5);
    assert_eq!(get.key("k", Bytes::from("key")).query::<Option<String>>(&r)?, Some("5".to_owned()));
    assert_eq!(get.key("k", "none").query::<Option<String>>(&r)?, None);
    Ok(())
}

/// Everything of the language in scope leaves the names of the standard library alone.
mod whole_language {
    use redipy::script::*;

    pub(super) fn drafted() -> Result<Draft, String> {
        Ok(script(|f| f.returns(NONE)))
    }
}

#[test]
fn the_language_brings_no_result_along() {
    assert!(whole_language::drafted().unwrap().compile().is_ok());
}

#[test]
fn raw_commands_take_the_same_and_several_at_once() -> Result<()> {
    let r = client();
    let names = vec!["a".to_owned(), "b".to_owned()];
    r.command("SET").arg(&names[0]).arg(5u64).query::<()>()?;
    assert_eq!(r.command("EXISTS").arg(&names).query::<u64>()?, 1);
    assert_eq!(r.command("DEL").arg(names).query::<i64>()?, 1);
    Ok(())
}

#[test]
fn replies_are_read_as_the_type_that_is_named() -> Result<()> {
    let r = client();
    r.mset([("n", "42"), ("x", "1.5"), ("t", "text"), ("b", "1")])?;
    let get = |key: &str| r.command("GET").arg(key);
    assert_eq!(get("n").query::<i64>()?, 42);
    assert_eq!(get("n").query::<u64>()?, 42);
    assert_eq!(get("n").query::<usize>()?, 42);
    assert_eq!(get("n").query::<u8>()?, 42);
    assert_eq!((get("n").query::<i8>()?, get("n").query::<u16>()?, get("n").query::<isize>()?), (42, 42, 42));
    assert_eq!(r.command("ECHO").arg(300).query::<u8>().unwrap_err().kind(), Kind::Decode);
    assert_eq!(r.command("SET").arg(["k", "v"]).query::<Value>()?, Value::OK);
    assert_eq!(get("n").query::<String>()?, "42");
    assert_eq!(get("n").query::<Vec<u8>>()?, b"42");
    assert_eq!(get("x").query::<f64>()?, 1.5);
    assert_eq!(get("x").query::<f32>()?, 1.5);
    assert!(get("b").query::<bool>()?);
    assert_eq!(get("none").query::<Option<String>>()?, None);
    assert_eq!(get("t").query::<i64>().unwrap_err().kind(), Kind::Decode);
    assert_eq!(get("none").query::<String>().unwrap_err().message(), "expected a string, got null");
    assert_eq!(r.get_as::<u32>("n")?, 42);
    assert_eq!(r.get_as::<Option<i64>>("none")?, None);
    r.hset("h", ("visits", 7))?;
    assert_eq!(r.hget_as::<u8>("h", "visits")?, 7);
    assert_eq!(r.get_as::<i64>("none").unwrap_err().message(), "expected an integer, got null");
    r.set("not text", b"\xff")?;
    assert_eq!(r.get_as::<String>("not text").unwrap_err().kind(), Kind::Decode);
    Ok(())
}

#[test]
fn collections_are_read_as_those_of_the_standard_library() -> Result<()> {
    let r = client();
    r.hset("h", [("a", 1), ("b", 2)])?;
    r.sadd("s", ["x", "y"])?;
    r.zadd("z", [(1, "one"), (2, "two")])?;
    let all = || r.command("HGETALL").arg("h");
    assert_eq!(all().query::<HashMap<String, i64>>()?, HashMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)]));
    assert_eq!(all().query::<BTreeMap<String, u64>>()?.len(), 2);
    assert_eq!(all().query::<Vec<(String, i64)>>()?.len(), 2);
    assert_eq!(r.command("SMEMBERS").arg("s").query::<HashSet<String>>()?.len(), 2);
    let scored = || r.command("ZRANGE").arg("z").arg([0, -1]).arg("WITHSCORES");
    assert_eq!(scored().query::<Vec<(String, f64)>>()?, [("one".to_owned(), 1.0), ("two".to_owned(), 2.0)]);
    assert_eq!(r.command("MGET").arg("a").query::<Vec<Option<String>>>()?, [None]);
    assert_eq!(r.command("TIME").query::<(u64, u64)>()?.1 / 1_000_000, 0);

    let fields: HashMap<String, String> = r.hgetall("h")?.try_into()?;
    assert_eq!(fields["a"], "1");
    let raw: BTreeMap<Bytes, Bytes> = r.hgetall("h")?.into();
    assert_eq!(raw.len(), 2);
    let members: BTreeSet<String> = r.smembers("s")?.try_into()?;
    assert_eq!(members.into_iter().collect::<Vec<_>>(), ["x", "y"]);
    let members: Vec<Bytes> = r.smembers("s")?.into();
    assert_eq!(members.len(), 2);
    for (field, value) in &r.hgetall("h")? {
        assert!(!field.is_empty() && !value.is_empty());
    }
    for member in &r.smembers("s")? {
        assert_eq!(member.len(), 1);
    }
    let text: String = r.hget("h", "a")?.unwrap().try_into()?;
    let bytes: Vec<u8> = r.hget("h", "a")?.unwrap().into();
    assert_eq!((text.as_str(), bytes), ("1", b"1".to_vec()));
    Ok(())
}

/// Replies of every shape, among them pairs in all three ways.
fn shapes() -> Vec<Value> {
    let texts = |items: &[&str]| Value::Array(items.iter().map(|text| Value::from(*text)).collect());
    let pair = |text: &str, int: i64| (Value::from(text), Value::Int(int));
    let verbatim = redipy::value::Verbatim { format: *b"txt", text: "42".into() };
    vec![
        Value::from("42"),
        Value::from("1.5"),
        Value::from("x"),
        Value::from("18446744073709551615"),
        Value::bulk(b"\xff".as_slice()),
        Value::Int(1),
        Value::Int(-300),
        Value::Double(3.0),
        Value::Double(0.5),
        Value::Bool(true),
        Value::Null,
        Value::NullArray,
        Value::OK,
        Value::BigNumber("42".into()),
        Value::Verbatim(Box::new(verbatim)),
        texts(&[]),
        texts(&["a", "1"]),
        texts(&["a", "1", "b", "2"]),
        texts(&["1", "2", "3"]),
        Value::Array(vec![1.into(), Value::Null]),
        Value::Array(vec![1.into(), 2.into()]),
        Value::Set(vec!["1".into(), "2".into()]),
        Value::Map(vec![pair("a", 1), pair("b", 2)]),
        Value::Pairs(vec![pair("a", 1), pair("b", 2)]),
        Value::Array(vec![texts(&["a", "1"]), texts(&["b", "2"])]),
    ]
}

#[test]
fn decode_and_to_agree() {
    let mut differing = Vec::new();
    for value in shapes() {
        macro_rules! agree {
            ($($ty:ty),* $(,)?) => { $(
                let (decoded, read) = (value.clone().decode::<$ty>(), value.clone().to::<$ty>());
                if decoded.as_ref().ok() != read.as_ref().ok() {
                    differing.push(format!("{value:?} as {}: {decoded:?}, {read:?}", stringify!($ty)));
                }
            )* };
        }
        agree!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, f32, f64, bool, String, Bytes, Value, ());
        agree!(Option<String>, Option<i64>, Option<Value>, Option<(String, i64)>, Option<Vec<u8>>);
        agree!(Vec<u8>, Vec<i64>, Vec<String>, Vec<Value>, Vec<Option<i64>>, Vec<Vec<String>>, Vec<(String, i64)>);
        agree!((String, i64), (i64, i64), (String, String, String), Members, Fields);
        agree!(HashMap<String, i64>, BTreeMap<i64, i64>, HashMap<String, Value>, HashSet<String>, BTreeSet<Bytes>);
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct User {
    name: String,
    visits: u8,
    email: Option<String>,
}

#[test]
fn replies_are_read_as_the_users_types() -> Result<()> {
    let r = client();
    r.hset("ann", [("name", "ann"), ("visits", "7"), ("other", "x")])?;
    let ann = || User { name: "ann".into(), visits: 7, email: None };
    assert_eq!(r.command("HGETALL").arg("ann").query::<User>()?, ann());
    assert_eq!(r.command("HGETALL").arg("ann").query::<Value>()?.to::<User>()?, ann());
    // As a server gives it that speaks RESP2.
    let flat = Value::Array(["name", "ann", "visits", "7"].map(Value::from).into());
    assert_eq!(flat.to::<User>()?, ann());
    assert_eq!(r.command("HGETALL").arg("none").query::<User>().unwrap_err().message(), "missing field `name`");
    let get = r.register(script(|f| f.returns(f.hash("user").hgetall())))?;
    assert_eq!(get.key("user", "ann").query::<User>(&r)?, ann());
    let mut pipe = r.pipeline();
    let _ = pipe.hgetall("ann");
    assert_eq!(pipe.execute()?.into_vec::<User>()?, [ann()]);
    Ok(())
}

#[test]
fn every_executor_reads_a_value_as_a_type() -> Result<()> {
    let r = client();
    r.mset([("n", "42"), ("t", "text")])?;
    let mut pipe = r.pipeline();
    let (n, none, t) = (pipe.get_as::<i64>("n"), pipe.get_as::<Option<f64>>("none"), pipe.get_as::<i64>("t"));
    let mut replies = pipe.execute()?;
    assert_eq!((replies.take(n)?, replies.take(none)?), (42, None));
    assert_eq!(replies.take(t).unwrap_err().kind(), Kind::Decode);
    let mut session = r.session()?;
    assert_eq!(session.get_as::<u8>("n")?, 42);
    let mut transaction = session.transaction();
    let n = transaction.get_as::<String>("n");
    assert_eq!(transaction.execute()?.expect("nothing was watched").take(n)?, "42");
    Ok(())
}

#[test]
fn pipelines_give_all_replies_as_one_type() -> Result<()> {
    let r = client();
    let mut pipe = r.pipeline();
    for i in 0..3u32 {
        let _ = pipe.incrby("n", i);
    }
    assert_eq!(pipe.execute()?.into_vec::<u64>()?, [0, 1, 3]);
    Ok(())
}

#[test]
fn scans_are_iterators() -> Result<()> {
    let r = client();
    for i in 0..100 {
        r.set(format!("a:{i}"), i)?;
        r.hset("h", (i, i))?;
        r.sadd("s", i)?;
        r.zadd("z", (i, i))?;
    }
    let found: BTreeSet<Bytes> = r.scan_iter().matching("a:*").batch(7).collect::<Result<_>>()?;
    assert_eq!(found.len(), 100);
    assert_eq!(r.scan_iter().of_type("hash").collect::<Result<Vec<_>>>()?, ["h"]);
    assert_eq!(r.hscan_iter("h").collect::<Result<HashMap<_, _>>>()?.len(), 100);
    assert_eq!(r.sscan_iter("s").matching("9*").collect::<Result<HashSet<_>>>()?.len(), 11);
    assert_eq!(
        r.zscan_iter("z".to_owned()).filter(|pair| pair.as_ref().is_ok_and(|(_, score)| *score > 89.0)).count(),
        10
    );
    assert_eq!(r.scan_iter().matching("none*").next(), None);
    assert_eq!(r.hscan_iter("s").next().unwrap().unwrap_err().kind(), Kind::WrongType);
    Ok(())
}

/// A command of one's own: the derive names nothing but `redipy`.
#[derive(Debug, Clone, redipy::Command)]
#[command("GETRANGE", string, readonly, reply = String)]
struct Part<'a> {
    key: redipy::Key<'a>,
    start: i64,
    end: i64,
    options: PartOptions,
}

/// Options of one's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, redipy::Options)]
struct PartOptions {
    /// One that the server does not know.
    #[token("REVERSED")]
    reversed: bool,
}

#[test]
fn a_command_of_ones_own_runs_everywhere() {
    crate::everywhere("own", |r| {
        r.set("k", "value").unwrap();
        let part = Part { key: "k".into(), start: 1, end: 2, options: PartOptions::new() };
        assert_eq!(r.execute(part.clone()).unwrap(), "al");
        let mut pipe = r.pipeline();
        let slot = redipy::Execute::call(&mut pipe, part.clone());
        assert_eq!(pipe.execute().unwrap().take(slot).unwrap(), "al");
        let refused = Part { options: PartOptions::new().reversed(), ..part };
        assert_eq!(r.execute(refused).unwrap_err().kind(), Kind::Syntax);
    });
}

/// A command written by hand, of which the engine knows nothing.
struct Touched<'a>(redipy::Key<'a>);

/// Commands of one's own say what they do to their keys, too.
#[derive(Debug, Clone, redipy::Command)]
#[command("X.TOUCHED", generic, write, reply = u64)]
struct XTouched<'a> {
    #[key(RW, update)]
    key: redipy::Key<'a>,
    #[argument("seconds", Integer)]
    for_time: redipy::time::Seconds<'a>,
}

impl redipy::Command for Touched<'_> {
    const SPEC: &'static redipy::Spec = <XTouched<'static> as redipy::Command>::SPEC;
    type Reply = u64;

    fn encode(&self, out: &mut dyn redipy::sink::Sink) {
        out.arg(self.0.as_bytes());
        out.arg(b"1");
    }

    fn keys(&self, each: &mut dyn FnMut(redipy::Key<'_>)) {
        each(self.0);
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn weight(&self) -> u64 {
        0
    }
}

redipy::callable!(Touched<'_>);

#[test]
fn a_command_that_nobody_knows_is_refused_everywhere() {
    crate::everywhere("unknown", |r| {
        let by_hand = r.execute(Touched("k".into())).unwrap_err();
        let derived = r.execute(XTouched { key: "k".into(), for_time: 1.into() }).unwrap_err();
        for error in [by_hand, derived] {
            assert!(error.message().contains("X.TOUCHED"), "{error}");
        }
    });
}

#[test]
fn public_types_show_themselves_and_no_password() -> Result<()> {
    let r = client();
    assert_eq!(format!("{r:?}"), "Redis(\"memory://\")");
    let builder = redipy::builder("redis://:secret@localhost").prefix("a:");
    assert!(!format!("{builder:?} {:?}", builder.clone().connect()?).contains("secret"));
    let mut pipe = r.pipeline();
    let _ = pipe.set("k", 1);
    assert!(format!("{pipe:?}").contains(r#"SET "k" "1""#), "{pipe:?}");
    let shown = format!("{:?} {:?} {:?}", r.session()?, r.subscribe("news")?, r.scan_iter());
    assert!(shown.contains("Session") && shown.contains("news") && shown.contains("ScanIter"), "{shown}");
    Ok(())
}

/// A packed collection is shown by one step of a scan, a large one is not.
#[test]
fn thresholds_of_collections_stand_in_the_url() -> Result<()> {
    let fill = |url: &str| -> Result<[u64; 3]> {
        let r = redipy::connect(url)?;
        for i in 0..100 {
            r.hset("hash", (format!("f{i}"), "v"))?;
            r.sadd("set", format!("m{i}"))?;
            r.zadd("zset", (i, format!("m{i}")))?;
        }
        Ok([r.hscan("hash", 0)?.cursor, r.sscan("set", 0)?.cursor, r.zscan("zset", 0)?.cursor])
    };
    let is_large = |url: &str| fill(url).map(|cursors| cursors.map(|cursor| cursor != 0));
    assert_eq!(is_large("memory://")?, [false; 3]);
    assert_eq!(is_large("memory://?hash_max_listpack_entries=50")?, [true, false, false]);
    assert_eq!(is_large("memory://small?set_max_listpack_entries=99&zset_max_listpack_value=2")?, [false, true, true]);
    for url in ["memory://?list_max_listpack_size=-2", "memory://?list_max_listpack_size=128"] {
        assert!(redipy::connect(url).is_ok(), "{url}");
    }
    let refused = [
        (
            "memory://?zset_max_listpack_entries=-1",
            "\"-1\" is no zset_max_listpack_entries, which is a number from 0 on",
        ),
        ("memory://?list_max_listpack_size=8kb", "a number of elements, or from -1 to -5 a size"),
        ("memory://?hash-max-listpack-entries=1", "parameter \"hash-max-listpack-entries=1\" is unknown"),
        ("redis://h?hash_max_listpack_entries=1", "a server is told by CONFIG SET"),
    ];
    for (url, why) in refused {
        let error = redipy::connect(url).unwrap_err();
        assert!(error.kind() == Kind::Config && error.message().contains(why), "{url}: {error}");
    }
    Ok(())
}
