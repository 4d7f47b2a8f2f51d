//! Typed values: every shape there and back, and errors that say where.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Debug;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use redipy_command::{Bytes, Error, Kind, Value, Verbatim};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Event {
    Nothing,
    Held(Option<i64>),
    Pair(u8, String),
    Named { at: f64, by: Option<Box<Event>> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Color {
    Red,
    #[serde(rename = "deep blue")]
    Blue,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Meters(f64);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Marker;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Everything {
    flag: bool,
    small: i8,
    large: u64,
    wide: i128,
    number: f64,
    letter: char,
    text: String,
    raw: Bytes,
    maybe: Option<Vec<u16>>,
    marker: Marker,
    length: Meters,
    pair: (String, i32),
    events: Vec<Event>,
    colors: BTreeMap<Color, bool>,
    names: BTreeMap<String, Vec<Event>>,
    counts: BTreeMap<i64, Option<u8>>,
}

fn event() -> impl Strategy<Value = Event> {
    let leaf = prop_oneof![
        Just(Event::Nothing),
        any::<Option<i64>>().prop_map(Event::Held),
        (any::<u8>(), any::<String>()).prop_map(|(a, b)| Event::Pair(a, b)),
    ];
    leaf.prop_recursive(4, 16, 1, |inner| {
        let named = (-1e12..1e12f64, proptest::option::of(inner));
        named.prop_map(|(at, by)| Event::Named { at, by: by.map(Box::new) })
    })
}

prop_compose! {
    fn everything()(
        (flag, small, large, wide) in (any::<bool>(), any::<i8>(), 0..=i64::MAX as u64, any::<i64>()),
        (number, letter, text, raw) in (any::<f64>(), any::<char>(), any::<String>(), any::<Vec<u8>>()),
        (maybe, length, pair) in (any::<Option<Vec<u16>>>(), any::<f64>(), any::<(String, i32)>()),
        events in vec(event(), 0..4),
        colors in btree_map(prop_oneof![Just(Color::Red), Just(Color::Blue)], any::<bool>(), 0..3),
        names in btree_map(any::<String>(), vec(event(), 0..3), 0..3),
        counts in btree_map(any::<i64>(), any::<Option<u8>>(), 0..3),
    ) -> Everything {
        Everything {
            flag, small, large, wide: wide.into(), number, letter, text, raw: raw.into(), maybe, marker: Marker,
            length: Meters(length), pair, events, colors, names, counts,
        }
    }
}

/// Values of the shapes that serde has.
fn plain_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<Vec<u8>>().prop_map(Value::bulk),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::Array),
            vec((any::<Vec<u8>>().prop_map(Value::bulk), inner), 0..6).prop_map(Value::Map),
        ]
    })
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-1e300..1e300f64).prop_map(Value::Double),
        any::<Vec<u8>>().prop_map(Value::bulk),
        "[a-z]{0,4}".prop_map(|text| Value::Status(text.into())),
        "[1-9][0-9]{0,30}".prop_map(|digits| Value::BigNumber(digits.into())),
        any::<Vec<u8>>().prop_map(|text| Value::Verbatim(Box::new(Verbatim { format: *b"txt", text: text.into() }))),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::Array),
            vec(inner.clone(), 0..6).prop_map(Value::Set),
            vec(inner.clone(), 0..6).prop_map(Value::Push),
            vec((inner.clone(), inner.clone()), 0..6).prop_map(Value::Pairs),
            vec((any::<Vec<u8>>().prop_map(Value::bulk), inner), 0..6).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(value in everything()) {
        prop_assert_eq!(Value::of(&value).unwrap().to::<Everything>().unwrap(), value);
    }

    #[test]
    fn a_value_in_a_field_is_itself(value in any_value()) {
        prop_assert_eq!(value.clone().to::<Value>().unwrap(), value.clone());
        prop_assert_eq!(Value::Array(vec![value.clone()]).to::<(Value,)>().unwrap().0, value.clone());
        let field = Value::Map(vec![("f".into(), value.clone())]);
        prop_assert_eq!(field.to::<BTreeMap<String, Value>>().unwrap().remove("f").unwrap(), value);
    }

    #[test]
    fn a_value_is_written_as_itself(value in plain_value()) {
        prop_assert_eq!(Value::of(&value).unwrap(), value);
    }

    #[test]
    fn no_value_breaks_a_reader(value in any_value()) {
        let _ = value.clone().to::<Everything>();
        let _ = value.clone().to::<Event>();
        let _ = value.clone().to::<BTreeMap<u8, f32>>();
        let _ = value.to::<Vec<(char, Meters)>>();
    }
}

fn map<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::Map(pairs.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

fn array<const N: usize>(items: [Value; N]) -> Value {
    Value::Array(items.into())
}

#[test]
fn every_shape_has_its_value() {
    let of = |value: &dyn erased::Of| value.value().to_string();
    assert_eq!(of(&()), "nil");
    assert_eq!(of(&Marker), "nil");
    assert_eq!(of(&Some(Meters(1.5))), "1.5");
    assert_eq!(of(&'é'), r#""\xc3\xa9""#);
    assert_eq!(of(&(true, -1i8, "x", None::<u8>)), r#"[true, -1, "x", nil]"#);
    assert_eq!(of(&Event::Nothing), r#""Nothing""#);
    assert_eq!(of(&Event::Held(Some(3))), r#"{"Held": 3}"#);
    assert_eq!(of(&Event::Pair(1, "b".into())), r#"{"Pair": [1, "b"]}"#);
    assert_eq!(of(&Event::Named { at: 0.5, by: None }), r#"{"Named": {"at": 0.5, "by": nil}}"#);
    assert_eq!(of(&BTreeMap::from([(7, Color::Blue)])), r#"{"7": "deep blue"}"#);
    assert_eq!(Value::of(&Bytes::from(b"\xff")), Ok(Value::bulk(b"\xff".as_slice())));
}

/// What can be written, without its type.
mod erased {
    use super::*;

    pub trait Of {
        fn value(&self) -> Value;
    }

    impl<T: Serialize> Of for T {
        fn value(&self) -> Value {
            Value::of(self).expect("fits")
        }
    }
}

#[test]
fn other_shapes_of_the_same_are_read() {
    assert_eq!(Value::Double(3.0).to(), Ok(3u8));
    assert_eq!(Value::Double(-0.0).to(), Ok(0u64));
    assert_eq!(Value::Double(2f64.powi(63)).to(), Ok(1u64 << 63));
    assert_eq!(Value::Int(3).to(), Ok(3.0f64));
    assert_eq!(Value::OK.to(), Ok("OK".to_owned()));
    assert_eq!(Value::OK.to(), Ok(Bytes::from("OK")));
    assert_eq!(Value::Status("Red".into()).to(), Ok(Color::Red));
    assert_eq!(Value::Set(vec![1.into(), 2.into()]).to(), Ok(HashSet::from([1, 2])));
    assert_eq!(map([("Nothing", Value::Null)]).to(), Ok(Event::Nothing));
    assert_eq!(Value::Map(vec![(3.into(), 4.into())]).to(), Ok(BTreeMap::from([(3u8, 4u8)])));
    assert_eq!(map([("3", true.into())]).to(), Ok(BTreeMap::from([("3".to_owned(), true)])));
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Optional {
    name: Option<String>,
}

#[test]
fn the_outermost_null_is_an_empty_collection() {
    assert_eq!(Value::Null.to(), Ok(Vec::<String>::new()));
    assert_eq!(Value::Null.to(), Ok(BTreeMap::<String, u8>::new()));
    assert_eq!(Value::Null.to(), Ok(Optional::default()));
    assert_eq!(Value::Null.to(), Ok(None::<Vec<u8>>));
    assert_eq!(Value::Null.to(), Ok(()));
    assert_eq!(refused::<String>(Value::Null), "expected a string, got null");
    assert_eq!(refused::<Named>(Value::Null), "expected struct Named, got null");
    assert_eq!(refused::<Vec<Vec<u8>>>(array([Value::Null])), "[0]: expected a string, got null");
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    user: User,
}

#[derive(Debug, Serialize, Deserialize)]
struct User {
    tags: Vec<String>,
    visits: u8,
    last: Option<Event>,
}

/// The message of the error that reading gives.
fn refused<T: DeserializeOwned + Debug>(value: Value) -> String {
    let error = value.to::<T>().expect_err("does not fit");
    assert_eq!(error.kind(), Kind::Decode);
    assert!(!error.may_have_run());
    error.message().to_owned()
}

fn user(tags: Value, visits: Value, last: Value) -> Value {
    map([("user", map([("tags", tags), ("visits", visits), ("last", last)]))])
}

#[test]
fn errors_say_where_and_what() {
    let tags = || array(["a".into(), "b".into()]);
    let refused_user = |tags, visits, last| refused::<Named>(user(tags, visits, last));
    let wrong = array(["a".into(), "b".into(), "c".into(), 4.into()]);
    assert_eq!(refused_user(wrong, 1.into(), Value::Null), "user.tags[3]: expected a string, got an integer");
    assert_eq!(refused_user(tags(), 300.into(), Value::Null), "user.visits: expected u8, got 300");
    assert_eq!(refused_user(tags(), 1.5.into(), Value::Null), "user.visits: expected u8, got a double");
    assert_eq!(refused_user(tags(), "one".into(), Value::Null), "user.visits: expected u8, got a string");
    let pair = map([("Pair", array([1.into(), 2.into()]))]);
    assert_eq!(refused_user(tags(), 1.into(), pair), "user.last.Pair[1]: expected a string, got an integer");
    let raw = array([Value::bulk(b"\xff".as_slice())]);
    assert_eq!(
        refused_user(raw, 1.into(), Value::Null),
        "user.tags[0]: expected a string, got bytes that are not UTF-8"
    );
    assert_eq!(refused::<Named>(map([("user", map([]))])), "user: missing field `tags`");
    assert_eq!(refused::<Named>(map([("x", Value::Null)])), "x: unknown field `x`, expected `user`");
    assert_eq!(refused::<BTreeMap<String, u8>>(map([("a b", true.into())])), r#"["a b"]: expected u8, got a boolean"#);
    assert_eq!(refused::<BTreeMap<u8, u8>>(map([("a", 1.into())])), "a: expected u8, got a string");
}

#[test]
fn enums_and_tuples_are_exact() {
    let variants = "expected one of `Nothing`, `Held`, `Pair`, `Named`";
    assert_eq!(refused::<Event>("Other".into()), format!("unknown variant `Other`, {variants}"));
    assert_eq!(refused::<Event>(5.into()), "expected enum Event, a string or a map with one key, got an integer");
    assert_eq!(refused::<Event>("Pair".into()), "expected a variant with a value, got the name of a variant alone");
    let nothing = map([("Nothing", 1.into())]);
    assert_eq!(refused::<Event>(nothing), "expected the name of a variant alone, got a variant with a value");
    let three = array([1.into(), 2.into(), 3.into()]);
    assert_eq!(refused::<(u8, u8)>(three.clone()), "expected 2 items, got 3 of them");
    assert_eq!(refused::<[u8; 4]>(three), "expected an array of length 4, got 3 of them");
}

#[test]
fn an_error_inside_is_handed_on() {
    let inside = Error::reply("WRONGTYPE Operation against a key holding the wrong kind of value");
    let value = Value::Array(vec![1.into(), Value::Error(inside.clone())]);
    assert_eq!(value.clone().to::<Vec<u8>>(), Err(inside.clone()));
    assert_eq!(value.to::<Vec<Event>>().map_err(|error| error.kind()), Err(Kind::Decode));
    assert_eq!(Value::Error(inside.clone()).to::<Event>(), Err(inside));
}

#[test]
fn what_no_value_can_hold_is_refused() {
    let refused = |result: Result<Value, Error>| result.expect_err("refused").message().to_owned();
    let text = "18446744073709551615 does not fit into 64 bits signed; write it as a string";
    assert_eq!(refused(Value::of(&u64::MAX)), text);
    assert_eq!(refused(Value::of(&BTreeMap::from([("ids", vec![1, u64::MAX])]))), format!("ids[1]: {text}"));
    assert_eq!(refused(Value::of(&BTreeMap::from([(vec![1], 2)]))), "expected a string as key, got array");
    assert_eq!(refused(Value::of(&Value::Error(Error::reply("ERR no")))), "ERR no");
}
