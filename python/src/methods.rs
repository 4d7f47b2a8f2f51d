//! The methods of the original, declared once for all classes that have them.
//!
//! A parameter with brackets must be given, or has the default behind `|`. In the brackets is its name in redis-py, if that
//! is another one, by which it can be given too. What is called `hash` and `item` is `key` and `field`, and `name` and `key`
//! in redis-py: these are told apart in [`Place`](crate::given::Place).

/// Makes the methods of a class, each of which is a call in [`ops`](crate::ops), by what the class gives for `on`.
macro_rules! with_methods {
    ($class:ident gives $output:ty) => {
        crate::methods::declare! {
            $class gives $output;

            /// How many of these keys exist; one that is named twice counts twice.
            #[pyo3(signature = (*keys))]
            fn exists(keys: &Bound<'py, PyTuple>);

            /// Deletes keys; how many there were.
            #[pyo3(signature = (*keys))]
            fn delete(keys: &Bound<'py, PyTuple>);

            /// The type of a key's value; None if there is no such key.
            #[pyo3(signature = (key))]
            fn key_type(key: Name<'_>);

            /// One step through all keys: the cursor of the next step, 0 at the end, and some keys.
            #[pyo3(
                signature = (cursor=Position(0), r#match=None, count=None, _type=None, *, filter_type=None),
                text_signature = "($self, cursor=0, match=None, count=None, _type=None, *, filter_type=None)"
            )]
            fn scan(
                cursor: Position, r#match: Option<&Bound<'py, PyAny>>, count: Option<Int>, _type: Option<&str>,
                filter_type: Option<OfType<'_>>
            );

            /// Deletes all keys.
            #[pyo3(signature = (asynchronous=false))]
            fn flushall(asynchronous: bool);

            /// The value of a key; None if there is no such key.
            #[pyo3(signature = (key=Given::Not, *, name=Given::Not), text_signature = "($self, key)")]
            fn get_value(key: Given<Name<'_>> [name]);

            /// Sets a value; whether it was set, or with ``return_previous`` what was there before.
            #[pyo3(signature = (
                key, value, *, mode="always", return_previous=false, expire_timestamp=None, expire_in=None,
                keep_ttl=false
            ))]
            #[allow(clippy::too_many_arguments)] // as many as the original has
            fn set_value(
                key: Name<'_>, value: Word<'_>, mode: &str, return_previous: bool,
                expire_timestamp: Option<&Bound<'py, PyAny>>, expire_in: Option<Seconds>, keep_ttl: bool
            );

            /// Sets a value, as ``set_value`` does or with the options of redis-py; whether it was set, or with ``get`` what
            /// was there before.
            #[pyo3(
                signature = (
                    key=Given::Not, value=Given::Not, ex=None, px=None, nx=false, xx=false, keepttl=false, get=false,
                    exat=None, pxat=None, *, mode="always", return_previous=false, expire_timestamp=None,
                    expire_in=None, keep_ttl=false, name=Given::Not
                ),
                text_signature = "($self, key, value, ex=None, px=None, nx=False, xx=False, keepttl=False, get=False, \
exat=None, pxat=None, *, mode='always', return_previous=False, expire_timestamp=None, \
expire_in=None, keep_ttl=False)"
            )]
            #[allow(clippy::too_many_arguments)] // as many as the original and redis-py have
            fn set(
                key: Given<Name<'_>> [name], value: Given<Word<'_>> [], ex: Option<Time>, px: Option<Time>, nx: bool,
                xx: bool, keepttl: bool, get: bool, exat: Option<Time>, pxat: Option<Time>, mode: &str,
                return_previous: bool, expire_timestamp: Option<&Bound<'py, PyAny>>, expire_in: Option<Seconds>,
                keep_ttl: bool
            );

            /// Lets a key expire, or never; whether that changed anything.
            #[pyo3(
                signature = (
                    key=Given::Not, time=None, nx=false, xx=false, gt=false, lt=false, *, mode="always",
                    expire_timestamp=None, expire_in=None, name=Given::Not
                ),
                text_signature = "($self, key, time=None, nx=False, xx=False, gt=False, lt=False, *, mode='always', \
expire_timestamp=None, expire_in=None)"
            )]
            #[allow(clippy::too_many_arguments)] // as many as the original and redis-py have
            fn expire(
                key: Given<Name<'_>> [name], time: Option<Time>, nx: bool, xx: bool, gt: bool, lt: bool, mode: &str,
                expire_timestamp: Option<&Bound<'py, PyAny>>, expire_in: Option<Seconds>
            );

            /// The seconds until a key expires; -1 if it never does, None if there is no such key.
            #[pyo3(signature = (key=Given::Not, *, name=Given::Not), text_signature = "($self, key)")]
            fn ttl(key: Given<Name<'_>> [name]);

            /// Adds a number to a value; the sum.
            #[pyo3(
                signature = (key=Given::Not, inc=Given::Not, *, name=Given::Not, amount=Given::Not),
                text_signature = "($self, key, inc=1)"
            )]
            fn incrby(key: Given<Name<'_>> [name], inc: Given<Word<'_>> [amount | Word::Int(1)]);

            /// Adds elements at the head of a list, one after the other; its length.
            #[pyo3(signature = (key=Given::Not, *values, name=Given::Not), text_signature = "($self, key, *values)")]
            fn lpush(key: Given<Name<'_>> [name], values: &Bound<'py, PyTuple>);

            /// Adds elements at the tail of a list; its length.
            #[pyo3(signature = (key=Given::Not, *values, name=Given::Not), text_signature = "($self, key, *values)")]
            fn rpush(key: Given<Name<'_>> [name], values: &Bound<'py, PyTuple>);

            /// Removes the element at the head of a list, or with ``count`` a list of up to so many.
            #[pyo3(
                signature = (key=Given::Not, count=None, *, name=Given::Not),
                text_signature = "($self, key, count=None)"
            )]
            fn lpop(key: Given<Name<'_>> [name], count: Option<Int>);

            /// Removes the element at the tail of a list, or with ``count`` a list of up to so many.
            #[pyo3(
                signature = (key=Given::Not, count=None, *, name=Given::Not),
                text_signature = "($self, key, count=None)"
            )]
            fn rpop(key: Given<Name<'_>> [name], count: Option<Int>);

            /// The elements from one index up to and with another.
            #[pyo3(
                signature = (key=Given::Not, start=Given::Not, stop=Given::Not, *, name=Given::Not, end=Given::Not),
                text_signature = "($self, key, start, stop)"
            )]
            fn lrange(key: Given<Name<'_>> [name], start: Given<Int> [], stop: Given<Int> [end]);

            /// Replaces the element at an index.
            #[pyo3(
                signature = (key=Given::Not, index=Given::Not, value=Given::Not, *, name=Given::Not),
                text_signature = "($self, key, index, value)"
            )]
            fn lset(key: Given<Name<'_>> [name], index: Given<Int> [], value: Given<Word<'_>> []);

            /// The element at an index.
            #[pyo3(
                signature = (key=Given::Not, index=Given::Not, *, name=Given::Not),
                text_signature = "($self, key, index)"
            )]
            fn lindex(key: Given<Name<'_>> [name], index: Given<Int> []);

            /// The length of a list.
            #[pyo3(signature = (key=Given::Not, *, name=Given::Not), text_signature = "($self, key)")]
            fn llen(key: Given<Name<'_>> [name]);

            /// Sets the scores of members; how many of them are new, or with ``incr`` the sum.
            #[pyo3(
                signature = (
                    key=Given::Not, mapping=Given::Not, nx=false, xx=false, ch=false, incr=false, gt=false, lt=false,
                    *, name=Given::Not
                ),
                text_signature =
                    "($self, key, mapping, nx=False, xx=False, ch=False, incr=False, gt=False, lt=False)"
            )]
            #[allow(clippy::too_many_arguments)] // as many as redis-py has
            fn zadd(
                key: Given<Name<'_>> [name], mapping: Given<Pairs<'py>> [], nx: bool, xx: bool, ch: bool, incr: bool,
                gt: bool, lt: bool
            );

            /// Removes the members with the highest scores: pairs of member and score.
            #[pyo3(signature = (key, count=Int(1)), text_signature = "($self, key, count=1)")]
            fn zpop_max(key: Name<'_>, count: Int);

            /// Removes the members with the lowest scores: pairs of member and score.
            #[pyo3(signature = (key, count=Int(1)), text_signature = "($self, key, count=1)")]
            fn zpop_min(key: Name<'_>, count: Int);

            /// The members from one rank up to and with another, or by score or text.
            #[pyo3(
                signature = (
                    key=Given::Not, start=Given::Not, stop=Given::Not, desc=false, withscores=false,
                    score_cast_func=Cast::Float, byscore=false, bylex=false, offset=None, num=None, *,
                    name=Given::Not, end=Given::Not
                ),
                text_signature = "($self, key, start, stop, desc=False, withscores=False, score_cast_func=..., \
byscore=False, bylex=False, offset=None, num=None)"
            )]
            #[allow(clippy::too_many_arguments)] // as many as redis-py has
            fn zrange(
                key: Given<Name<'_>> [name], start: Given<Word<'_>> [], stop: Given<Word<'_>> [end], desc: bool,
                withscores: bool, score_cast_func: Cast, byscore: bool, bylex: bool, offset: Option<Int>,
                num: Option<Int>
            );

            /// The number of members of a sorted set.
            #[pyo3(signature = (key=Given::Not, *, name=Given::Not), text_signature = "($self, key)")]
            fn zcard(key: Given<Name<'_>> [name]);

            /// Sets fields of a hash; how many of them are new.
            #[pyo3(
                signature = (
                    hash=Given::Not, item=Given::Not, /, value=Given::Not, mapping=None, items=None, *,
                    name=Given::Not, key=Given::Not, field=Given::Not
                ),
                text_signature = "($self, key, field=None, value=None, mapping=None, items=None)"
            )]
            #[allow(clippy::too_many_arguments)] // two of them by three names
            fn hset(
                hash: Given<Raw<'_, 'py>>, item: Given<Raw<'_, 'py>>, value: Given<Raw<'_, 'py>>,
                mapping: Option<&Bound<'py, PyAny>>, items: Option<&Bound<'py, PyAny>>,
                name: Given<Raw<'_, 'py>>, key: Given<Raw<'_, 'py>>,
                field: Given<Raw<'_, 'py>>
            );

            /// Removes fields of a hash; how many there were.
            #[pyo3(signature = (key=Given::Not, *fields, name=Given::Not), text_signature = "($self, key, *fields)")]
            fn hdel(key: Given<Name<'_>> [name], fields: &Bound<'py, PyTuple>);

            /// The value of a field.
            #[pyo3(
                signature = (hash=Given::Not, item=Given::Not, /, *, name=Given::Not, key=Given::Not, field=Given::Not),
                text_signature = "($self, key, field)"
            )]
            fn hget(
                hash: Given<Raw<'_, 'py>>, item: Given<Raw<'_, 'py>>, name: Given<Raw<'_, 'py>>, key: Given<Raw<'_, 'py>>,
                field: Given<Raw<'_, 'py>>
            );

            /// The values of fields, as a dictionary.
            #[pyo3(
                signature = (key=Given::Not, *fields, keys=None, name=Given::Not),
                text_signature = "($self, key, *fields, keys=None)"
            )]
            fn hmget(
                key: Given<Name<'_>> [name], fields: &Bound<'py, PyTuple>, keys: Option<&Bound<'py, PyAny>>
            );

            /// Adds a number to a field; the sum.
            #[pyo3(
                signature = (
                    hash=Given::Not, item=Given::Not, /, inc=Given::Not, *, name=Given::Not, key=Given::Not,
                    field=Given::Not, amount=Given::Not
                ),
                text_signature = "($self, key, field, inc=1)"
            )]
            #[allow(clippy::too_many_arguments)] // two of them by three names
            fn hincrby(
                hash: Given<Raw<'_, 'py>>, item: Given<Raw<'_, 'py>>, inc: Given<Word<'_>> [amount | Word::Int(1)],
                name: Given<Raw<'_, 'py>>, key: Given<Raw<'_, 'py>>,
                field: Given<Raw<'_, 'py>>
            );

            /// The fields of a hash.
            #[pyo3(signature = (key=Given::Not, *, name=Given::Not), text_signature = "($self, key)")]
            fn hkeys(key: Given<Name<'_>> [name]);

            /// The values of a hash.
            #[pyo3(signature = (key=Given::Not, *, name=Given::Not), text_signature = "($self, key)")]
            fn hvals(key: Given<Name<'_>> [name]);

            /// The fields of a hash with their values.
            #[pyo3(signature = (key=Given::Not, *, name=Given::Not), text_signature = "($self, key)")]
            fn hgetall(key: Given<Name<'_>> [name]);

            /// Adds members to a set; how many of them are new.
            #[pyo3(signature = (key=Given::Not, *values, name=Given::Not), text_signature = "($self, key, *values)")]
            fn sadd(key: Given<Name<'_>> [name], values: &Bound<'py, PyTuple>);

            /// Removes members of a set; how many there were.
            #[pyo3(signature = (key=Given::Not, *values, name=Given::Not), text_signature = "($self, key, *values)")]
            fn srem(key: Given<Name<'_>> [name], values: &Bound<'py, PyTuple>);

            /// Whether this is a member of a set.
            #[pyo3(
                signature = (key=Given::Not, value=Given::Not, *, name=Given::Not),
                text_signature = "($self, key, value)"
            )]
            fn sismember(key: Given<Name<'_>> [name], value: Given<Word<'_>> []);

            /// The number of members of a set.
            #[pyo3(signature = (key=Given::Not, *, name=Given::Not), text_signature = "($self, key)")]
            fn scard(key: Given<Name<'_>> [name]);

            /// The members of a set.
            #[pyo3(signature = (key=Given::Not, *, name=Given::Not), text_signature = "($self, key)")]
            fn smembers(key: Given<Name<'_>> [name]);
        }
    };
}

macro_rules! declare {
    ($class:ident gives $output:ty; $(
        $(#[$meta:meta])*
        fn $method:ident($($param:ident: $type:ty $([$($alias:ident)? $(| $default:expr)?])?),*);
    )*) => {
        #[pymethods]
        impl $class {
            $($(#[$meta])*
            fn $method<'py>(
                &self,
                py: Python<'py>,
                $($param: $type,)*
                $($($($alias: $type,)?)?)*
            ) -> PyResult<$output> {
                $($(let $param = crate::methods::argument!($method, $param, $($alias)? $(| $default)?);)?)*
                ops::$method(self.on(py)?, $($param),*)
            })*
        }
    };
}

/// An argument, by whichever of its names it was given.
macro_rules! argument {
    ($method:ident, $param:ident, $alias:ident | $default:expr) => {
        $param.or(stringify!($method), $alias, stringify!($param))?.unwrap_or($default)
    };
    ($method:ident, $param:ident, $($alias:ident)?) => {
        match $param.or(stringify!($method), crate::methods::other!($($alias)?), stringify!($param))? {
            Some(value) => value,
            None => return Err(missing(stringify!($method), stringify!($param))),
        }
    };
}

/// An argument by its other name, if it has one.
macro_rules! other {
    () => {
        Given::Not
    };
    ($alias:ident) => {
        $alias
    };
}

pub(crate) use {argument, declare, other, with_methods};
