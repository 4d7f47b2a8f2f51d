//! The signatures that the methods of Python have in redis-py, where they are other than the declaration says.
//!
//! A parameter is `name`, `name=of` where the declaration calls it otherwise, `name=of:default`, and `name=of~unit` where it
//! may be an object of `datetime`. What it is `of` is a field, or the token of an option. `name+args=of` may be a list, or
//! several words; `offset+num=of` are the two words of an option; `*name=of` takes all that follow, and `name#` is their
//! number, which redis-py leaves to the caller; `name!` is what becomes of scores. Options that redis-py does not have are keywords.

/// The signatures, by the names of the commands.
const SIGNATURES: &[(&str, &str)] = &[
    ("APPEND", "key, value"),
    ("COPY", "source, destination, destination_db=DB, replace=REPLACE"),
    ("DECR", "name=key, amount=by:1"),
    ("DECRBY", "name=key, amount=by:1"),
    ("ECHO", "value=message"),
    ("EXPIREAT", "name=key, when=unix_time~moment, nx=NX, xx=XX, gt=GT, lt=LT"),
    ("FLUSHDB", "asynchronous=ASYNC"),
    ("GETDEL", "name=key"),
    ("GETEX", "name=key, ex=EX~seconds, px=PX~milliseconds, exat=EXAT~moment, pxat=PXAT~moment_ms, persist=PERSIST"),
    ("GETSET", "name=key, value"),
    ("HEXISTS", "name=key, key=field"),
    ("HINCRBYFLOAT", "name=key, key=field, amount=by:1.0"),
    ("HLEN", "name=key"),
    ("HMSET", "name=key, mapping=pairs"),
    ("HRANDFIELD", "key, count, withvalues=WITHVALUES"),
    ("HSCAN", "name=key, cursor:0, match=MATCH, count=COUNT, no_values=NOVALUES:None"),
    ("HSETNX", "name=key, key=field, value"),
    ("HSTRLEN", "name=key, key=field"),
    ("INCR", "name=key, amount=by:1"),
    ("INCRBYFLOAT", "name=key, amount=by:1.0"),
    ("LINSERT", "name=key, where=side, refvalue=pivot, value=element"),
    ("LMOVE", "first_list=source, second_list=destination, src=wherefrom:\"LEFT\", dest=whereto:\"RIGHT\""),
    ("LMPOP", "num_keys#, *args=keys, direction=wherefrom, count=COUNT:1"),
    ("LPOS", "name=key, value=element, rank=RANK, count=COUNT, maxlen=MAXLEN"),
    ("LPUSHX", "name=key, *values=elements"),
    ("LREM", "name=key, count, value=element"),
    ("LTRIM", "name=key, start, end=stop"),
    ("MGET", "keys+args=keys"),
    ("MSET", "mapping=pairs"),
    ("MSETNX", "mapping=pairs"),
    ("PERSIST", "name=key"),
    ("PEXPIRE", "name=key, time=milliseconds~milliseconds, nx=NX, xx=XX, gt=GT, lt=LT"),
    ("PEXPIREAT", "name=key, when=unix_time~moment_ms, nx=NX, xx=XX, gt=GT, lt=LT"),
    ("PSETEX", "name=key, time_ms=milliseconds~milliseconds, value"),
    ("PTTL", "name=key"),
    ("RENAME", "src=key, dst=newkey"),
    ("RENAMENX", "src=key, dst=newkey"),
    ("RPOPLPUSH", "src=source, dst=destination"),
    ("RPUSHX", "name=key, *values=elements"),
    ("SDIFF", "keys+args=keys"),
    ("SDIFFSTORE", "dest=destination, keys+args=keys"),
    ("SETEX", "name=key, time=seconds~seconds, value"),
    ("SETNX", "name=key, value"),
    ("SETRANGE", "name=key, offset, value"),
    ("SINTER", "keys+args=keys"),
    ("SINTERCARD", "numkeys#, keys, limit=LIMIT:0"),
    ("SINTERSTORE", "dest=destination, keys+args=keys"),
    ("SMISMEMBER", "name=key, values+args=members"),
    ("SMOVE", "src=source, dst=destination, value=member"),
    ("SPOP", "name=key, count"),
    ("SRANDMEMBER", "name=key, number=count"),
    ("SSCAN", "name=key, cursor:0, match=MATCH, count=COUNT"),
    ("STRLEN", "name=key"),
    ("SUNION", "keys+args=keys"),
    ("SUNIONSTORE", "dest=destination, keys+args=keys"),
    ("TOUCH", "*args=keys"),
    ("TYPE", "name=key"),
    ("UNLINK", "*names=keys"),
    ("ZCOUNT", "name=key, min, max"),
    ("ZINCRBY", "name=key, amount=by, value=member"),
    ("ZMSCORE", "key, members"),
    ("ZPOPMAX", "name=key, count"),
    ("ZPOPMIN", "name=key, count"),
    ("ZRANDMEMBER", "key, count, withscores=WITHSCORES"),
    (
        "ZRANGESTORE",
        "dest=destination, name=source, start, end=stop, byscore=BYSCORE, bylex=BYLEX, desc=REV, offset+num=LIMIT",
    ),
    ("ZRANK", "name=key, value=member, withscore=WITHSCORE, score_cast_func!:float"),
    ("ZREM", "name=key, *values=members"),
    ("ZREVRANK", "name=key, value=member, withscore=WITHSCORE, score_cast_func!:float"),
    ("ZSCAN", "name=key, cursor:0, match=MATCH, count=COUNT, score_cast_func!:float"),
    ("ZSCORE", "name=key, value=member"),
];

/// Methods that call another command than the one of their name.
const CALLS: &[(&str, &str)] = &[("DECR", "DECRBY"), ("INCR", "INCRBY")];

/// How replies are read (a name, or what chooses one by the arguments) that redis-py makes something else of than follows from the declaration, and what they are then.
const READS: &[(&str, &str, &str)] = &[
    ("HMSET", "ok", "bool"),
    ("HRANDFIELD", "flat", "Any"),
    ("HSCAN", "\"page\" if no_values else \"fields_page\"", "tuple[int, Any]"),
    ("HSETNX", "value", "int"),
    ("PING", "pong", "Any"),
    ("SMISMEMBER", "value", "list[int]"),
    ("SPOP", "list", "Any"),
    ("SSCAN", "page", "tuple[int, list[str]]"),
    ("TIME", "time", "tuple[int, int]"),
    ("ZPOPMAX", "scored", "list[tuple[str, float]]"),
    ("ZPOPMIN", "scored", "list[tuple[str, float]]"),
    ("ZRANK", "rank", "Any"),
    ("ZREVRANK", "rank", "Any"),
    ("ZSCAN", "scores_page", "tuple[int, list[tuple[str, Any]]]"),
];

/// Commands of which redis-py makes an empty list where they are given no keys, which a server refuses.
const EMPTY: &[&str] = &["MGET"];

/// Whether no keys give an empty list.
pub(super) fn may_be_empty(command: &str) -> bool {
    EMPTY.contains(&command)
}

/// How the reply of a command is read, and the type that it has then.
pub(super) fn read(command: &str) -> Option<(&'static str, &'static str)> {
    READS.iter().find(|(name, _, _)| *name == command).map(|(_, reads, gives)| (*reads, *gives))
}

/// A parameter.
pub(super) struct Param {
    pub(super) name: String,
    /// The field or the option that it is.
    pub(super) of: String,
    pub(super) form: Form,
    pub(super) default: Option<String>,
    /// What makes a word of it.
    pub(super) unit: Option<String>,
}

/// How a parameter stands in the signature.
#[derive(Clone, PartialEq)]
pub(super) enum Form {
    Plain,
    /// It takes all that follow.
    Rest,
    /// It is the number of those.
    Number,
    /// It is a function that scores are given to.
    Cast,
    /// There is another one after it, of this name: all that follow, or the second word of an option.
    With(String),
}

/// The signature that a command has in redis-py; None where its own is the same.
pub(super) fn signature(command: &str) -> Option<Vec<Param>> {
    let (_, params) = SIGNATURES.iter().find(|(name, _)| *name == command)?;
    Some(params.split(", ").map(param).collect())
}

/// The command that a method calls.
pub(super) fn called(command: &str) -> &str {
    CALLS.iter().find(|(name, _)| *name == command).map_or(command, |(_, called)| called)
}

fn param(text: &str) -> Param {
    let (text, unit) = split(text, '~');
    let (text, default) = split(text, ':');
    let (name, of) = split(text, '=');
    let (name, other) = split(name, '+');
    let form = match (name.strip_prefix('*'), name.strip_suffix('#'), &other) {
        (Some(_), _, _) => Form::Rest,
        (_, Some(_), _) => Form::Number,
        _ if name.ends_with('!') => Form::Cast,
        (_, _, Some(other)) => Form::With(other.clone()),
        _ => Form::Plain,
    };
    let name = name.trim_matches(['*', '#', '!']).to_owned();
    Param { of: of.unwrap_or_else(|| name.clone()), name, form, default, unit }
}

/// What stands before a sign, and what stands after it.
fn split(text: &str, sign: char) -> (&str, Option<String>) {
    text.split_once(sign).map_or((text, None), |(before, after)| (before, Some(after.to_owned())))
}
