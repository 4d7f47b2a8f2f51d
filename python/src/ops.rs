//! The calls of the original: which command each one is, and what it makes of the reply. Each is written once, for all
//! that calls can be given to.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use redipy::generic::{
    Del, Exists, Expire, ExpireOptions, KeyType, Keys, PExpire, PExpireAt, PTtl, Persist, Scan, Type,
};
use redipy::hash::{HDel, HGet, HGetAll, HIncrByFloat, HKeys, HMGet, HSet, HVals};
use redipy::list::{LIndex, LLen, LPop, LPush, LRange, LSet, RPop, RPush};
use redipy::memory::Run;
use redipy::range::Edge;
use redipy::reply::{OneOrMany, ScanReply as Page};
use redipy::scan::{Cursor, KeyScanOptions};
use redipy::server::{FlushAll, FlushOptions};
use redipy::set::{SAdd, SCard, SIsMember, SMembers, SRem};
use redipy::string::{Get, IncrByFloat, Set, SetOptions, SetReply};
use redipy::zset::{ZAdd, ZAddOptions, ZCard, ZPopMax, ZPopMin, ZRange, ZRangeOptions};
use redipy::{Arg, Bytes, Command, Fields, Form, Many, Members};

use crate::args::{Name, Pairs, Time, Word, flat, refused, several, type_name, unknown};
use crate::given::{Given, Place, Raw, missing};
use crate::numbers::{Cast, Int, OfType, Position, Seconds};
use crate::replies::{Object, Reader};

/// Something that calls can be given to.
pub trait Receiver: Copy {
    /// What a call gives at once.
    type Output;

    /// Makes a call, whose reply `read` turns into an object, now or later.
    fn call<C>(
        self,
        command: C,
        read: impl for<'p> Fn(Reader<'p>, C::Reply) -> PyResult<Object<'p>> + Send + Sync + 'static,
    ) -> PyResult<Self::Output>
    where
        C: Run + Send,
        C::Reply: Send;

    /// GET, which may read the value where it is.
    fn get(self, key: Name<'_>) -> PyResult<Self::Output> {
        self.call(Get { key: key.key() }, optional)
    }

    /// HGETALL, which may read the fields where they are.
    fn hgetall(self, key: Name<'_>) -> PyResult<Self::Output> {
        self.call(HGetAll { key: key.key() }, fields)
    }

    /// SMEMBERS, which may read the members where they are.
    fn smembers(self, key: Name<'_>) -> PyResult<Self::Output> {
        self.call(SMembers { key: key.key() }, members)
    }

    /// What gives texts, which it may read where they are; whether these are names of fields.
    fn texts<C>(self, command: C, are_names: bool) -> PyResult<Self::Output>
    where
        C: Run + Command<Reply = Vec<Bytes>> + Send,
    {
        let _ = are_names; // only who reads them where they are has use for it
        self.call(command, list)
    }
}

fn count(reader: Reader<'_>, reply: u64) -> PyResult<Object<'_>> {
    Ok(reader.count(reply))
}

fn bool(reader: Reader<'_>, reply: bool) -> PyResult<Object<'_>> {
    Ok(reader.bool(reply))
}

fn nothing(reader: Reader<'_>, (): ()) -> PyResult<Object<'_>> {
    Ok(reader.none())
}

/// A text or None.
pub fn optional(reader: Reader<'_>, reply: Option<Bytes>) -> PyResult<Object<'_>> {
    reader.optional(reply.as_deref())
}

/// A list of texts.
pub fn list(reader: Reader<'_>, reply: Vec<Bytes>) -> PyResult<Object<'_>> {
    reader.list(&reply)
}

fn number(reader: Reader<'_>, reply: Bytes) -> PyResult<Object<'_>> {
    let number = reply.parse().map_err(|_| PyValueError::new_err("the sum is no number"))?;
    Ok(reader.float(number))
}

fn scored(reader: Reader<'_>, reply: Vec<(Bytes, f64)>) -> PyResult<Object<'_>> {
    reader.scored(&reply)
}

/// A set of texts.
pub fn members(reader: Reader<'_>, Members(reply): Members) -> PyResult<Object<'_>> {
    reader.set(&reply)
}

/// The fields of a hash with their values.
pub fn fields(reader: Reader<'_>, Fields(reply): Fields) -> PyResult<Object<'_>> {
    reader.dict(reply.iter().map(|(field, value)| (&**field, &**value)))
}

fn popped(reader: Reader<'_>, reply: OneOrMany) -> PyResult<Object<'_>> {
    match reply {
        OneOrMany::One(item) => reader.optional(item.as_deref()),
        OneOrMany::Many(Some(items)) => reader.list(&items),
        OneOrMany::Many(None) => Ok(reader.none()),
    }
}

fn type_or_none(reader: Reader<'_>, reply: KeyType) -> PyResult<Object<'_>> {
    match reply.as_str() {
        "none" => Ok(reader.none()),
        name => reader.text(name.as_bytes()),
    }
}

/// Milliseconds as seconds; None for a missing key, -1 for one that never expires.
fn seconds(reader: Reader<'_>, reply: i64) -> PyResult<Object<'_>> {
    Ok(match reply {
        -2 => reader.none(),
        -1 => reader.float(-1.0),
        left => reader.float(left as f64 / 1000.0),
    })
}

fn page(reader: Reader<'_>, Page { cursor, items }: Page<Bytes>) -> PyResult<Object<'_>> {
    Ok((cursor, reader.list(&items)?).into_pyobject(reader.py)?.into_any())
}

fn was_set(reader: Reader<'_>, reply: SetReply) -> PyResult<Object<'_>> {
    Ok(reader.bool(reply.stored()))
}

fn previous(reader: Reader<'_>, reply: SetReply) -> PyResult<Object<'_>> {
    reader.optional(reply.previous().as_deref())
}

/// Values as arguments.
fn args<'a>(words: &'a [Word<'_>]) -> Many<Arg<'a>> {
    each(words, Word::arg)
}

/// Each of these as something else; one alone needs no allocation.
#[inline]
fn each<'a, T, U>(items: &'a [T], make: impl Fn(&'a T) -> U) -> Many<U> {
    match items {
        [one] => Many::One(make(one)),
        several => several.iter().map(make).collect(),
    }
}

/// A time from now in seconds, as milliseconds.
fn milliseconds(seconds: f64) -> PyResult<i64> {
    let milliseconds = seconds * 1000.0;
    if milliseconds.is_finite() {
        Ok(milliseconds as i64)
    } else {
        Err(PyValueError::new_err(format!("expire_in must be a finite number of seconds, not {seconds}")))
    }
}

/// When a key expires, as the original says it.
#[derive(Default)]
enum When {
    #[default]
    Never,
    In(i64),
    At(i64),
}

impl When {
    fn of(timestamp: Option<&Bound<'_, PyAny>>, seconds: Option<Seconds>) -> PyResult<Self> {
        match (timestamp, seconds) {
            (Some(timestamp), Some(Seconds(seconds))) => Err(PyValueError::new_err(format!(
                "expire_in {seconds} and expire_timestamp {timestamp} cannot be both set"
            ))),
            (None, Some(Seconds(seconds))) => milliseconds(seconds).map(When::In),
            (Some(timestamp), None) => {
                let Ok(seconds) = timestamp.call_method0("timestamp") else {
                    let text = format!("expire_timestamp must be a datetime, not {}", type_name(timestamp));
                    return Err(PyTypeError::new_err(text));
                };
                let seconds: f64 = seconds.extract()?;
                Ok(When::At((seconds * 1000.0) as i64))
            }
            (None, None) => Ok(When::Never),
        }
    }
}

pub fn exists<R: Receiver>(to: R, keys: &Bound<'_, PyTuple>) -> PyResult<R::Output> {
    to.call(Exists { keys: several::<Name<'_>>(keys, "keys")?.iter().map(Name::key).collect() }, count)
}

pub fn delete<R: Receiver>(to: R, keys: &Bound<'_, PyTuple>) -> PyResult<R::Output> {
    to.call(Del { keys: several::<Name<'_>>(keys, "keys")?.iter().map(Name::key).collect() }, count)
}

pub fn key_type<R: Receiver>(to: R, key: Name<'_>) -> PyResult<R::Output> {
    to.call(Type { key: key.key() }, type_or_none)
}

pub fn scan<R: Receiver>(
    to: R,
    Position(cursor): Position,
    pattern: Option<&Bound<'_, PyAny>>,
    count: Option<Int>,
    kind: Option<&str>,
    filter_type: Option<OfType<'_>>,
) -> PyResult<R::Output> {
    let pattern = pattern.map(pattern_of).transpose()?;
    let options = KeyScanOptions {
        pattern: pattern.as_ref().map(|pattern| pattern.arg().into()),
        count: count.map(|Int(count)| count.into()),
        of_type: filter_type.map(|OfType(name)| name).or(kind).map(Into::into),
    };
    to.call(Scan { cursor: Cursor(cursor), options }, page)
}

/// The argument `match`: PyO3 would call it as Rust has to.
fn pattern_of<'a>(pattern: &'a Bound<'_, PyAny>) -> PyResult<Word<'a>> {
    pattern.extract().map_err(|error| refused(pattern, error, "match"))
}

/// KEYS; where there is a type, one step of SCAN that is long enough for all keys.
pub fn keys_block<R: Receiver>(
    to: R,
    pattern: Option<&Bound<'_, PyAny>>,
    filter_type: Option<OfType<'_>>,
) -> PyResult<R::Output> {
    let pattern = pattern.map(pattern_of).transpose()?;
    let Some(OfType(of_type)) = filter_type else {
        let pattern = pattern.as_ref().map_or(Arg::Bytes(b"*"), Word::arg);
        return to.call(Keys { pattern }, list);
    };
    let pattern = pattern.as_ref().map(|pattern| pattern.arg().into());
    let options = KeyScanOptions { pattern, count: Some(ALL_KEYS.into()), of_type: Some(of_type.into()) };
    to.call(Scan { cursor: Cursor(0), options }, |reader, Page { mut items, .. }| {
        items.sort();
        reader.list(&items)
    })
}

/// More keys than a server has.
const ALL_KEYS: i64 = 1 << 40;

pub fn flushall<R: Receiver>(to: R, asynchronous: bool) -> PyResult<R::Output> {
    to.call(FlushAll { options: FlushOptions { r#async: asynchronous, ..Default::default() } }, nothing)
}

pub fn get_value<R: Receiver>(to: R, key: Name<'_>) -> PyResult<R::Output> {
    to.get(key)
}

#[allow(clippy::too_many_arguments)] // as many as the original has
pub fn set_value<R: Receiver>(
    to: R,
    key: Name<'_>,
    value: Word<'_>,
    mode: &str,
    return_previous: bool,
    expire_timestamp: Option<&Bound<'_, PyAny>>,
    expire_in: Option<Seconds>,
    keep_ttl: bool,
) -> PyResult<R::Output> {
    let options = SetOptions { get: return_previous, keepttl: keep_ttl, ..SetOptions::default() };
    set_with(to, key, value, options, mode, When::of(expire_timestamp, expire_in)?)
}

#[allow(clippy::too_many_arguments)] // as many as the original and redis-py have
pub fn set<R: Receiver>(
    to: R,
    key: Name<'_>,
    value: Word<'_>,
    ex: Option<Time>,
    px: Option<Time>,
    nx: bool,
    xx: bool,
    keepttl: bool,
    get: bool,
    exat: Option<Time>,
    pxat: Option<Time>,
    mode: &str,
    return_previous: bool,
    expire_timestamp: Option<&Bound<'_, PyAny>>,
    expire_in: Option<Seconds>,
    keep_ttl: bool,
) -> PyResult<R::Output> {
    let mut options =
        SetOptions { nx, xx, get: get || return_previous, keepttl: keepttl || keep_ttl, ..Default::default() };
    options.ex = ex.map(|time| time.seconds().into());
    options.px = px.map(|time| time.milliseconds().into());
    options.exat = exat.map(|time| time.seconds().into());
    options.pxat = pxat.map(|time| time.milliseconds().into());
    set_with(to, key, value, options, mode, When::of(expire_timestamp, expire_in)?)
}

fn set_with<R: Receiver>(
    to: R,
    key: Name<'_>,
    value: Word<'_>,
    mut options: SetOptions,
    mode: &str,
    when: When,
) -> PyResult<R::Output> {
    match mode {
        "always" => {}
        "if_missing" => options.nx = true,
        "if_exists" => options.xx = true,
        other => return Err(unknown("mode", &["always", "if_missing", "if_exists"], other)),
    }
    match when {
        When::Never => {}
        When::In(milliseconds) => options.px = Some(milliseconds.into()),
        When::At(milliseconds) => options.pxat = Some(milliseconds.into()),
    }
    let shows_previous = options.get;
    let command = Set { key: key.key(), value: value.arg(), options };
    if shows_previous { to.call(command, previous) } else { to.call(command, was_set) }
}

#[allow(clippy::too_many_arguments)] // as many as the original and redis-py have
pub fn expire<R: Receiver>(
    to: R,
    key: Name<'_>,
    time: Option<Time>,
    nx: bool,
    xx: bool,
    gt: bool,
    lt: bool,
    mode: &str,
    expire_timestamp: Option<&Bound<'_, PyAny>>,
    expire_in: Option<Seconds>,
) -> PyResult<R::Output> {
    let mut options = ExpireOptions { nx, xx, gt, lt };
    match mode {
        "always" => {}
        "if_persist" => options.nx = true,
        "if_expire" => options.xx = true,
        "if_later" => options.gt = true,
        "if_earlier" => options.lt = true,
        other => return Err(unknown("mode", &["always", "if_persist", "if_expire", "if_later", "if_earlier"], other)),
    }
    let key = key.key();
    let when = When::of(expire_timestamp, expire_in)?;
    if let Some(time) = time {
        if !matches!(when, When::Never) {
            return Err(PyValueError::new_err("time cannot be set beside expire_in or expire_timestamp"));
        }
        return to.call(Expire { key, seconds: time.seconds().into(), options }, bool);
    }
    match when {
        // To never expire is not earlier than anything. A pipeline needs a call to have a result for.
        When::Never if options.lt => to.call(PTtl { key }, |reader, _| Ok(reader.bool(false))),
        When::Never => to.call(Persist { key }, bool),
        When::In(milliseconds) => to.call(PExpire { key, milliseconds: milliseconds.into(), options }, bool),
        When::At(milliseconds) => to.call(PExpireAt { key, unix_time: milliseconds.into(), options }, bool),
    }
}

pub fn ttl<R: Receiver>(to: R, key: Name<'_>) -> PyResult<R::Output> {
    to.call(PTtl { key: key.key() }, seconds)
}

pub fn incrby<R: Receiver>(to: R, key: Name<'_>, inc: Word<'_>) -> PyResult<R::Output> {
    to.call(IncrByFloat { key: key.key(), by: inc.arg() }, number)
}

pub fn lpush<R: Receiver>(to: R, key: Name<'_>, values: &Bound<'_, PyTuple>) -> PyResult<R::Output> {
    to.call(LPush { key: key.key(), elements: args(&several(values, "values")?) }, count)
}

pub fn rpush<R: Receiver>(to: R, key: Name<'_>, values: &Bound<'_, PyTuple>) -> PyResult<R::Output> {
    to.call(RPush { key: key.key(), elements: args(&several(values, "values")?) }, count)
}

pub fn lpop<R: Receiver>(to: R, key: Name<'_>, count: Option<Int>) -> PyResult<R::Output> {
    to.call(LPop { key: key.key(), count: count.map(|Int(count)| count) }, popped)
}

pub fn rpop<R: Receiver>(to: R, key: Name<'_>, count: Option<Int>) -> PyResult<R::Output> {
    to.call(RPop { key: key.key(), count: count.map(|Int(count)| count) }, popped)
}

pub fn lrange<R: Receiver>(to: R, key: Name<'_>, Int(start): Int, Int(stop): Int) -> PyResult<R::Output> {
    to.texts(LRange { key: key.key(), start, stop }, false)
}

pub fn lset<R: Receiver>(to: R, key: Name<'_>, Int(index): Int, value: Word<'_>) -> PyResult<R::Output> {
    to.call(LSet { key: key.key(), index: index.into(), element: value.arg() }, nothing)
}

pub fn lindex<R: Receiver>(to: R, key: Name<'_>, Int(index): Int) -> PyResult<R::Output> {
    to.call(LIndex { key: key.key(), index: index.into() }, optional)
}

pub fn llen<R: Receiver>(to: R, key: Name<'_>) -> PyResult<R::Output> {
    to.call(LLen { key: key.key() }, count)
}

#[allow(clippy::too_many_arguments)] // as many as redis-py has
pub fn zadd<R: Receiver>(
    to: R,
    key: Name<'_>,
    pairs: Pairs<'_>,
    nx: bool,
    xx: bool,
    ch: bool,
    incr: bool,
    gt: bool,
    lt: bool,
) -> PyResult<R::Output> {
    let scores = pairs.scores()?;
    let members = each(&scores, |(score, member)| (*score, member.arg()));
    let command = ZAdd { key: key.key(), options: ZAddOptions { nx, xx, gt, lt, ch, incr }, members };
    if incr {
        to.call(Form::<_, Option<f64>>::new(command), |reader, sum| {
            Ok(sum.map_or(reader.none(), |sum| reader.float(sum)))
        })
    } else {
        to.call(Form::<_, u64>::new(command), count)
    }
}

pub fn zpop_max<R: Receiver>(to: R, key: Name<'_>, Int(count): Int) -> PyResult<R::Output> {
    to.call(Form::<_, Vec<(Bytes, f64)>>::new(ZPopMax { key: key.key(), count: Some(count) }), scored)
}

pub fn zpop_min<R: Receiver>(to: R, key: Name<'_>, Int(count): Int) -> PyResult<R::Output> {
    to.call(Form::<_, Vec<(Bytes, f64)>>::new(ZPopMin { key: key.key(), count: Some(count) }), scored)
}

#[allow(clippy::too_many_arguments)] // as many as redis-py has
pub fn zrange<R: Receiver>(
    to: R,
    key: Name<'_>,
    start: Word<'_>,
    stop: Word<'_>,
    desc: bool,
    withscores: bool,
    cast: Cast,
    byscore: bool,
    bylex: bool,
    offset: Option<Int>,
    num: Option<Int>,
) -> PyResult<R::Output> {
    let limit = match (offset, num) {
        (None, None) => None,
        (Some(Int(offset)), Some(Int(num))) => Some((offset, num)),
        _ => return Err(PyValueError::new_err("offset and num must be given both, or none of them")),
    };
    let options = ZRangeOptions { byscore, bylex, rev: desc, limit, withscores };
    let command = ZRange { key: key.key(), start: edge(&start), stop: edge(&stop), options };
    if withscores {
        to.call(Form::<_, Vec<(Bytes, f64)>>::new(command), move |reader, reply| reader.scored_by(&reply, &cast))
    } else {
        to.texts(Form::<_, Vec<Bytes>>::new(command), false)
    }
}

/// An end of a range.
fn edge<'a>(word: &'a Word<'_>) -> Edge<'a> {
    match word {
        Word::Int(int) => Edge::Index(*int),
        Word::Float(float) => Edge::Score((*float).into()),
        Word::Borrowed(text) => Edge::Text(text),
        Word::Owned(text) => Edge::Text(text),
    }
}

pub fn zcard<R: Receiver>(to: R, key: Name<'_>) -> PyResult<R::Output> {
    to.call(ZCard { key: key.key() }, count)
}

#[allow(clippy::too_many_arguments)] // two of them by three names
pub fn hset<'a, 'py, R: Receiver>(
    to: R,
    hash: Given<Raw<'a, 'py>>,
    item: Given<Raw<'a, 'py>>,
    value: Given<Raw<'a, 'py>>,
    mapping: Option<&Bound<'py, PyAny>>,
    items: Option<&Bound<'py, PyAny>>,
    name: Given<Raw<'a, 'py>>,
    key: Given<Raw<'a, 'py>>,
    field: Given<Raw<'a, 'py>>,
) -> PyResult<R::Output> {
    let (key, field) = Place { hash, item, name, key, field }.read("hset")?;
    let field = field.map(|field| field.object()).filter(|(field, _)| !field.is_none());
    let pairs = match (field, value, mapping, items) {
        // The original's only form.
        (Some((mapping, _)), Given::Not, None, None) if mapping.is_instance_of::<PyDict>() => Pairs::of(&mapping)?,
        (None, Given::Not, Some(mapping), None) => Pairs::of_mapping(mapping)?,
        (Some((mapping, _)), Given::Not, None, None) if !is_word(&mapping) => Pairs::of_mapping(&mapping)?,
        (field, value, mapping, items) => Pairs::with_fields(field_of(field, value)?, mapping, items)?,
    };
    let words = pairs.words()?;
    let pairs = each(&words, |(field, value)| (field.arg(), value.arg()));
    to.call(HSet { key: key.key(), pairs }, count)
}

/// Whether a value can be made of it.
fn is_word(object: &Bound<'_, PyAny>) -> bool {
    object.extract::<Word<'_>>().is_ok()
}

/// A field with its value, if they are given; None stands for nothing, as in redis-py.
fn field_of<'py>(
    field: Option<(Object<'py>, &'static str)>,
    value: Given<Raw<'_, 'py>>,
) -> PyResult<Option<(Object<'py>, Object<'py>)>> {
    let value = if let Given::It(value) = value { Some(value.object()) } else { None };
    match (field, value) {
        (Some((field, _)), Some(value)) => Ok(Some((field, value))),
        (Some((field, name)), None) => {
            let wanted = format!("a mapping is wanted, not {}; or a value behind the field", type_name(&field));
            Err(refused(&field, PyTypeError::new_err(wanted), name))
        }
        (None, Some(value)) if !value.is_none() => {
            Err(refused(&value, PyTypeError::new_err("a field is wanted before the value"), "value"))
        }
        (None, _) => Ok(None),
    }
}

pub fn hdel<R: Receiver>(to: R, key: Name<'_>, fields: &Bound<'_, PyTuple>) -> PyResult<R::Output> {
    to.call(HDel { key: key.key(), fields: args(&several(fields, "fields")?) }, count)
}

pub fn hget<'a, 'py, R: Receiver>(
    to: R,
    hash: Given<Raw<'a, 'py>>,
    item: Given<Raw<'a, 'py>>,
    name: Given<Raw<'a, 'py>>,
    key: Given<Raw<'a, 'py>>,
    field: Given<Raw<'a, 'py>>,
) -> PyResult<R::Output> {
    let (key, field) = Place { hash, item, name, key, field }.read("hget")?;
    let field = field.ok_or_else(|| missing("hget", "field"))?.word()?;
    to.call(HGet { key: key.key(), field: field.arg() }, optional)
}

pub fn hmget<R: Receiver>(
    to: R,
    key: Name<'_>,
    fields: &Bound<'_, PyTuple>,
    keys: Option<&Bound<'_, PyAny>>,
) -> PyResult<R::Output> {
    let fields = match keys {
        None => flat(fields)?,
        Some(keys) if fields.is_empty() => flat(&PyTuple::new(fields.py(), [keys])?)?,
        Some(_) => return Err(PyTypeError::new_err("keys are the fields, which have been given already")),
    };
    let words: Many<Word<'_>> = several(&fields, "fields")?;
    let names = fields.clone().unbind();
    to.call(HMGet { key: key.key(), fields: args(&words) }, move |reader, reply| {
        let dict = PyDict::new(reader.py);
        for (name, value) in names.bind(reader.py).iter().zip(&reply) {
            dict.set_item(reader.given(name)?, reader.optional(value.as_deref())?)?;
        }
        Ok(dict.into_any())
    })
}

#[allow(clippy::too_many_arguments)] // two of them by three names
pub fn hincrby<'a, 'py, R: Receiver>(
    to: R,
    hash: Given<Raw<'a, 'py>>,
    item: Given<Raw<'a, 'py>>,
    inc: Word<'_>,
    name: Given<Raw<'a, 'py>>,
    key: Given<Raw<'a, 'py>>,
    field: Given<Raw<'a, 'py>>,
) -> PyResult<R::Output> {
    let (key, field) = Place { hash, item, name, key, field }.read("hincrby")?;
    let field = field.ok_or_else(|| missing("hincrby", "field"))?.word()?;
    to.call(HIncrByFloat { key: key.key(), field: field.arg(), by: inc.arg() }, number)
}

pub fn hkeys<R: Receiver>(to: R, key: Name<'_>) -> PyResult<R::Output> {
    to.texts(HKeys { key: key.key() }, true)
}

pub fn hvals<R: Receiver>(to: R, key: Name<'_>) -> PyResult<R::Output> {
    to.texts(HVals { key: key.key() }, false)
}

pub fn hgetall<R: Receiver>(to: R, key: Name<'_>) -> PyResult<R::Output> {
    to.hgetall(key)
}

pub fn sadd<R: Receiver>(to: R, key: Name<'_>, values: &Bound<'_, PyTuple>) -> PyResult<R::Output> {
    to.call(SAdd { key: key.key(), members: args(&several(values, "values")?) }, count)
}

pub fn srem<R: Receiver>(to: R, key: Name<'_>, values: &Bound<'_, PyTuple>) -> PyResult<R::Output> {
    to.call(SRem { key: key.key(), members: args(&several(values, "values")?) }, count)
}

pub fn sismember<R: Receiver>(to: R, key: Name<'_>, value: Word<'_>) -> PyResult<R::Output> {
    to.call(SIsMember { key: key.key(), member: value.arg() }, bool)
}

pub fn scard<R: Receiver>(to: R, key: Name<'_>) -> PyResult<R::Output> {
    to.call(SCard { key: key.key() }, count)
}

pub fn smembers<R: Receiver>(to: R, key: Name<'_>) -> PyResult<R::Output> {
    to.smembers(key)
}
