//! What a script sees of a command's reply (the table "What a command returns inside a script").
//!
//! [`Form`] says it for one call; both targets follow it.

use redipy_command::{Bytes, Shape, Spec, Value};

use crate::number;
use crate::types::Type;
use crate::value::{Str, Val};

/// How the RESP3 reply of one call becomes a value of the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A string or None, as it is.
    Text,
    /// An integer, as it is.
    Count,
    /// 0 or 1, or a list of them.
    Bool,
    /// SET without GET: whether it was set.
    Stored,
    /// HMGET: a dict of the fields, which are the arguments after the first.
    Fields,
    /// Members with scores, flat or in pairs; or members.
    Scored,
    /// TYPE.
    Type,
    /// Milliseconds to seconds.
    Seconds,
    /// The text of a number.
    Number,
    /// A list with one item, possibly None, for every argument after this many.
    Items(usize),
    /// A list of strings.
    List,
    /// A set of strings: a sorted list.
    Members,
    /// A map of strings: a dict.
    Dict,
    /// By the type of the reply.
    Natural,
}

/// Replies of `Shape::Natural` of which more is known. What is in none of these lists is converted by the type of the
/// reply, which is slower and just as right.
const TEXTS: &str = "GET HGET LINDEX GETDEL GETEX GETSET GETRANGE SUBSTR RPOPLPUSH LMOVE RANDOMKEY";
const TEXTS_WITHOUT_COUNT: &str = "LPOP RPOP SPOP SRANDMEMBER HRANDFIELD ZRANDMEMBER";
const COUNTS: &str = "LLEN HLEN SCARD ZCARD STRLEN HSTRLEN EXISTS DEL UNLINK TOUCH LPUSH RPUSH LPUSHX RPUSHX LINSERT \
    LREM HSET HDEL SADD SREM SINTERSTORE SUNIONSTORE SDIFFSTORE ZREM ZCOUNT ZLEXCOUNT ZREMRANGEBYRANK \
    ZREMRANGEBYSCORE ZREMRANGEBYLEX ZRANGESTORE ZINTERSTORE ZUNIONSTORE ZDIFFSTORE SINTERCARD ZINTERCARD \
    INCR DECR DECRBY APPEND SETRANGE BITCOUNT PUBLISH DBSIZE";
const LISTS: &str = "LRANGE HKEYS HVALS KEYS";
const SETS: &str = "SMEMBERS SINTER SUNION SDIFF";
const SCORED: &str = "ZPOPMIN ZPOPMAX ZRANGE ZRANDMEMBER ZREVRANGE ZRANGEBYSCORE ZREVRANGEBYSCORE ZUNION ZINTER ZDIFF";

impl Form {
    /// The form of a call with this many arguments; `gets` says whether a SET has the option GET.
    pub(crate) fn of(spec: &Spec, args: usize, gets: bool) -> Self {
        let listed = |names: &str| is_listed(spec, names);
        match spec.shape {
            Shape::Bool => Form::Bool,
            Shape::Set if gets => Form::Text,
            Shape::Set => Form::Stored,
            Shape::FieldsAsked => Form::Fields,
            Shape::Scored => Form::Scored,
            Shape::Type => Form::Type,
            Shape::Seconds => Form::Seconds,
            Shape::Number => Form::Number,
            _ if listed(TEXTS) || (args == 1 && listed(TEXTS_WITHOUT_COUNT)) => Form::Text,
            _ if listed(COUNTS) => Form::Count,
            _ if listed(SCORED) => Form::Scored,
            _ if listed(LISTS) => Form::List,
            _ if listed(SETS) => Form::Members,
            _ if spec.name == "HGETALL" => Form::Dict,
            _ if spec.name == "MGET" => Form::Items(0),
            _ if listed("ZMSCORE GEOPOS GEOHASH") => Form::Items(1),
            _ => Form::Natural,
        }
    }

    /// What the values can be.
    pub(crate) fn gives(self, spec: &Spec) -> Type {
        match self {
            Form::Text | Form::Type => Type::STR.or(Type::NONE),
            Form::Count => Type::NUM,
            Form::Bool if is_one(spec) => Type::BOOL,
            Form::Stored => Type::BOOL,
            Form::Bool => Type::BOOL.or(Type::LIST).or(Type::NONE),
            Form::Fields | Form::Dict => Type::DICT,
            Form::Scored | Form::Items(_) | Form::List | Form::Members => Type::LIST,
            Form::Seconds | Form::Number => Type::NUM.or(Type::NONE),
            Form::Natural => Type::ANY,
        }
    }

    /// Converts the reply of a call with these arguments.
    pub(crate) fn convert(self, reply: Value, args: &[&[u8]]) -> Val {
        match (self, reply) {
            (Form::Bool, Value::Int(int)) => Val::Bool(int != 0),
            (Form::Bool, Value::Array(items)) => {
                Val::list(items.into_iter().map(|item| Form::Bool.convert(item, args)).collect())
            }
            (Form::Stored, reply) => Val::Bool(reply != Value::Null),
            (Form::Fields, Value::Array(items)) => fields(items, args),
            (Form::Scored, Value::Array(items)) => scored(items),
            (Form::Type, Value::Status(text)) if text == "none" => Val::None,
            (Form::Type, Value::Status(text)) => Val::text(&text),
            (Form::Members, Value::Array(items)) => natural(Value::Set(items)),
            (Form::Seconds, Value::Int(-2)) => Val::None,
            (Form::Seconds, Value::Int(-1)) => Val::Num(-1.0),
            (Form::Seconds, Value::Int(ms)) => Val::Num(ms as f64 / 1000.0),
            (Form::Number, Value::Bulk(text)) => number::parse(&text).map_or(Val::None, Val::Num),
            (_, reply) => natural(reply),
        }
    }
}

fn is_listed(spec: &Spec, names: &str) -> bool {
    names.split(' ').any(|name| name == spec.name)
}

/// Whether a boolean reply is a single one.
pub(crate) fn is_one(spec: &Spec) -> bool {
    spec.name != "SMISMEMBER"
}

fn natural(reply: Value) -> Val {
    match reply {
        Value::Null => Val::None,
        Value::Bool(value) => Val::Bool(value),
        Value::Int(int) => Val::Num(int as f64),
        Value::Double(number) => Val::Num(number),
        Value::Status(text) if text == "OK" => Val::Bool(true),
        Value::Status(text) => Val::text(&text),
        Value::Bulk(text) => Val::Str(Str::from(text)),
        Value::Array(items) => Val::list(items.into_iter().map(natural).collect()),
        Value::Set(items) => {
            let mut members: Vec<Bytes> = items.into_iter().filter_map(|item| item.decode().ok()).collect();
            members.sort_unstable();
            Val::list(members.into_iter().map(|member| Val::Str(Str::from(member))).collect())
        }
        Value::Map(pairs) => {
            let pairs = pairs.into_iter().filter_map(|(key, value)| Some((key_of(key)?, natural(value))));
            Val::dict(pairs.collect())
        }
        Value::Error(error) => Val::text(error.message()),
    }
}

fn key_of(key: Value) -> Option<Str> {
    key.decode::<Bytes>().ok().map(Str::from)
}

fn fields(items: Vec<Value>, args: &[&[u8]]) -> Val {
    let asked = args.iter().skip(1).map(|field| Str::from(*field));
    Val::dict(asked.zip(items.into_iter().map(natural)).collect())
}

fn scored(items: Vec<Value>) -> Val {
    let flat = matches!(items.get(1), Some(Value::Double(_)));
    if !flat {
        return Val::list(items.into_iter().map(natural).collect());
    }
    let mut pairs = Vec::with_capacity(items.len() / 2);
    let mut items = items.into_iter();
    while let (Some(member), Some(score)) = (items.next(), items.next()) {
        pairs.push(Val::list(vec![natural(member), natural(score)]));
    }
    Val::list(pairs)
}
