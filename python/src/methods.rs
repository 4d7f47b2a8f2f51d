//! The methods of the original, declared once for all classes that have them.

/// Makes the methods of a class by the macro `$class`, which is given all of them: documentation, signature, name,
/// parameters, and the call in [`ops`](crate::ops).
macro_rules! with_methods {
    ($class:ident) => {
        $class! {
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
            #[pyo3(signature = (cursor=0, r#match=None, count=None, _type=None, *, filter_type=None))]
            fn scan(
                cursor: u64, r#match: Option<Word<'_>>, count: Option<i64>, _type: Option<&str>,
                filter_type: Option<&str>
            );

            /// Deletes all keys.
            #[pyo3(signature = (asynchronous=false))]
            fn flushall(asynchronous: bool);

            /// Sets a value; whether it was set, or with ``return_previous`` what was there before.
            #[pyo3(signature = (
                key, value, *, mode="always", return_previous=false, expire_timestamp=None, expire_in=None,
                keep_ttl=false
            ))]
            #[allow(clippy::too_many_arguments)] // as many as the original has
            fn set_value(
                key: Name<'_>, value: Word<'_>, mode: &str, return_previous: bool,
                expire_timestamp: Option<&Bound<'py, PyAny>>, expire_in: Option<f64>, keep_ttl: bool
            );

            /// Sets a value, as ``set_value`` does or with the options of redis-py; whether it was set, or with ``get`` what
            /// was there before.
            #[pyo3(signature = (
                key, value, ex=None, px=None, nx=false, xx=false, keepttl=false, get=false, exat=None, pxat=None, *,
                mode="always", return_previous=false, expire_timestamp=None, expire_in=None, keep_ttl=false
            ))]
            #[allow(clippy::too_many_arguments)] // as many as the original and redis-py have
            fn set(
                key: Name<'_>, value: Word<'_>, ex: Option<Time>, px: Option<Time>, nx: bool, xx: bool, keepttl: bool,
                get: bool, exat: Option<Time>, pxat: Option<Time>, mode: &str, return_previous: bool,
                expire_timestamp: Option<&Bound<'py, PyAny>>, expire_in: Option<f64>, keep_ttl: bool
            );

            /// Lets a key expire, or never; whether that changed anything.
            #[pyo3(signature = (
                key, time=None, nx=false, xx=false, gt=false, lt=false, *, mode="always", expire_timestamp=None,
                expire_in=None
            ))]
            #[allow(clippy::too_many_arguments)] // as many as the original and redis-py have
            fn expire(
                key: Name<'_>, time: Option<Time>, nx: bool, xx: bool, gt: bool, lt: bool, mode: &str,
                expire_timestamp: Option<&Bound<'py, PyAny>>, expire_in: Option<f64>
            );

            /// The seconds until a key expires; -1 if it never does, None if there is no such key.
            #[pyo3(signature = (key))]
            fn ttl(key: Name<'_>);

            /// Adds a number to a value; the sum.
            #[pyo3(signature = (key, inc=Word::Int(1)), text_signature = "($self, key, inc=1)")]
            fn incrby(key: Name<'_>, inc: Word<'_>);

            /// Adds elements at the head of a list, one after the other; its length.
            #[pyo3(signature = (key, *values))]
            fn lpush(key: Name<'_>, values: &Bound<'py, PyTuple>);

            /// Adds elements at the tail of a list; its length.
            #[pyo3(signature = (key, *values))]
            fn rpush(key: Name<'_>, values: &Bound<'py, PyTuple>);

            /// Removes the element at the head of a list, or with ``count`` a list of up to so many.
            #[pyo3(signature = (key, count=None))]
            fn lpop(key: Name<'_>, count: Option<i64>);

            /// Removes the element at the tail of a list, or with ``count`` a list of up to so many.
            #[pyo3(signature = (key, count=None))]
            fn rpop(key: Name<'_>, count: Option<i64>);

            /// The elements from one index up to and with another.
            #[pyo3(signature = (key, start, stop))]
            fn lrange(key: Name<'_>, start: i64, stop: i64);

            /// Replaces the element at an index.
            #[pyo3(signature = (key, index, value))]
            fn lset(key: Name<'_>, index: i64, value: Word<'_>);

            /// The element at an index.
            #[pyo3(signature = (key, index))]
            fn lindex(key: Name<'_>, index: i64);

            /// The length of a list.
            #[pyo3(signature = (key))]
            fn llen(key: Name<'_>);

            /// Sets the scores of members; how many of them are new, or with ``incr`` the sum.
            #[pyo3(signature = (key, mapping, nx=false, xx=false, ch=false, incr=false, gt=false, lt=false))]
            #[allow(clippy::too_many_arguments)] // as many as redis-py has
            fn zadd(
                key: Name<'_>, mapping: &Bound<'py, PyAny>, nx: bool, xx: bool, ch: bool, incr: bool, gt: bool, lt: bool
            );

            /// Removes the members with the highest scores: pairs of member and score.
            #[pyo3(signature = (key, count=1))]
            fn zpop_max(key: Name<'_>, count: i64);

            /// Removes the members with the lowest scores: pairs of member and score.
            #[pyo3(signature = (key, count=1))]
            fn zpop_min(key: Name<'_>, count: i64);

            /// The members from one rank up to and with another, or by score or text.
            #[pyo3(signature = (
                key, start, stop, desc=false, withscores=false, *, byscore=false, bylex=false, offset=None, num=None
            ))]
            #[allow(clippy::too_many_arguments)] // as many as redis-py has
            fn zrange(
                key: Name<'_>, start: Word<'_>, stop: Word<'_>, desc: bool, withscores: bool, byscore: bool,
                bylex: bool, offset: Option<i64>, num: Option<i64>
            );

            /// The number of members of a sorted set.
            #[pyo3(signature = (key))]
            fn zcard(key: Name<'_>);

            /// Sets fields of a hash; how many of them are new.
            #[pyo3(signature = (key, field=None, value=None, mapping=None, items=None))]
            fn hset(
                key: Name<'_>, field: Option<&Bound<'py, PyAny>>, value: Option<&Bound<'py, PyAny>>,
                mapping: Option<&Bound<'py, PyAny>>, items: Option<&Bound<'py, PyAny>>
            );

            /// Removes fields of a hash; how many there were.
            #[pyo3(signature = (key, *fields))]
            fn hdel(key: Name<'_>, fields: &Bound<'py, PyTuple>);

            /// The value of a field.
            #[pyo3(signature = (key, field))]
            fn hget(key: Name<'_>, field: Word<'_>);

            /// The values of fields, as a dictionary.
            #[pyo3(signature = (key, *fields))]
            fn hmget(key: Name<'_>, fields: &Bound<'py, PyTuple>);

            /// Adds a number to a field; the sum.
            #[pyo3(signature = (key, field, inc=Word::Int(1)), text_signature = "($self, key, field, inc=1)")]
            fn hincrby(key: Name<'_>, field: Word<'_>, inc: Word<'_>);

            /// The fields of a hash.
            #[pyo3(signature = (key))]
            fn hkeys(key: Name<'_>);

            /// The values of a hash.
            #[pyo3(signature = (key))]
            fn hvals(key: Name<'_>);

            /// The fields of a hash with their values.
            #[pyo3(signature = (key))]
            fn hgetall(key: Name<'_>);

            /// Adds members to a set; how many of them are new.
            #[pyo3(signature = (key, *values))]
            fn sadd(key: Name<'_>, values: &Bound<'py, PyTuple>);

            /// Removes members of a set; how many there were.
            #[pyo3(signature = (key, *values))]
            fn srem(key: Name<'_>, values: &Bound<'py, PyTuple>);

            /// Whether this is a member of a set.
            #[pyo3(signature = (key, value))]
            fn sismember(key: Name<'_>, value: Word<'_>);

            /// The number of members of a set.
            #[pyo3(signature = (key))]
            fn scard(key: Name<'_>);

            /// The members of a set.
            #[pyo3(signature = (key))]
            fn smembers(key: Name<'_>);
        }
    };
}

pub(crate) use with_methods;
