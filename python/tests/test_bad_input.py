"""Whatever is passed: the right exception or an answer, never a panic, and nothing is changed by what is refused."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import redipy
from redipy import aio
from redipy.backend.pipeline import Pipeline

ALLOWED = (TypeError, ValueError, OverflowError, redipy.RedipyError)
"""What a caller may expect; a panic of Rust's is none of these."""

SKIPPED = {"wait_for", "subscribe", "psubscribe", "get_runtime", "lock", "pipeline", "register_script", "reset"}
"""What waits, or is no call."""

atoms = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-3, 3),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["", "k", "l", "h", "s", "z", "\ud800", "nan", "1e400", "0", "-1", "*", "[", "always", "if_later"]),
    st.binary(max_size=8),
    st.builds(bytearray, st.binary(max_size=3)),
    st.builds(object),
    st.just(float("nan")),
)
values = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.one_of(st.text(max_size=3), st.integers(), st.none()), inner, max_size=3),
    ),
    max_leaves=5,
)


def methods(clazz: type) -> list[str]:
    """The calls of a class."""
    names = (name for name in dir(clazz) if not name.startswith(("_", "get_", "set_compile", "set_code", "maybe")))
    return [name for name in [*names, "get_value"] if name not in SKIPPED]


def filled() -> redipy.Redis:
    """A store with a value of each type."""
    redis = redipy.Redis()
    redis.set_value("k", "5")
    redis.rpush("l", "a", "b")
    redis.hset("h", {"f": "1"})
    redis.sadd("s", "a", "b")
    redis.zadd("z", {"a": 1.0, "b": 2.0})
    return redis


def content(redis: redipy.Redis) -> Any:
    """All that is in the store of `filled`."""
    return (
        redis.keys(),
        redis.get_value("k"),
        redis.lrange("l", 0, -1),
        redis.hgetall("h"),
        redis.smembers("s"),
        redis.zrange("z", 0, -1),
    )


def call(target: Any, name: str, args: list[Any], named: dict[str, Any]) -> bool:
    """Calls something; whether it was refused before anything was done."""
    try:
        getattr(target, name)(*args, **named)
    except redipy.errors.ResponseError:
        return False
    except ALLOWED:
        return True
    return False


@settings(max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(methods(redipy.Redis)),
    args=st.lists(values, max_size=4),
    named=st.dictionaries(
        st.sampled_from(["mode", "expire_in", "count", "match", "nx", "ex", "limit", "keep_ttl", "filter_type"]),
        values,
        max_size=1,
    ),
)
def test_calls(name: str, args: list[Any], named: dict[str, Any]) -> None:
    """Calls with anything."""
    redis = filled()
    before = content(redis)
    if call(redis, name, args, named):
        assert content(redis) == before, (name, args, named)


RANDOM = {"hrandfield", "randomkey", "spop", "srandmember", "zrandmember"}
"""What need not change the same in two stores."""


def state(redis: redipy.Redis) -> dict[Any, Any]:
    """All that is in a store, which may be no text."""
    raw: Any = redipy.Redis(rt=redis.get_runtime(), decode=False)
    reads = {
        b"string": raw.get_value,
        b"list": lambda key: raw.lrange(key, 0, -1),
        b"hash": raw.hgetall,
        b"set": raw.smembers,
        b"zset": lambda key: raw.zrange(key, 0, -1),
    }
    return {key: reads[raw.key_type(key)](key) for key in raw.keys_block()}


def outcome(act: Callable[[], Any]) -> type | None:
    """The class of the exception, if there is one."""
    try:
        act()
    except ALLOWED as error:
        return type(error)
    return None


@settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from([each for each in methods(aio.Redis) if each != "aclose"]), args=st.lists(values, max_size=4)
)
def test_calls_to_be_awaited(name: str, args: list[Any]) -> None:
    """With anything, asyncio's client raises what the other one raises, and does the same."""
    waiting, awaited = filled(), filled()
    client = aio.Redis(awaited)

    async def call_and_wait() -> None:
        called = getattr(client, name)(*args)
        if isinstance(called, AsyncIterator):
            async for _ in called:
                pass
        elif name not in ("describe", "pubsub"):
            await called

    def call_at_once() -> None:
        called = getattr(waiting, name)(*args)
        if inspect.isgenerator(called):
            list(called)

    assert outcome(lambda: asyncio.run(call_and_wait())) == outcome(call_at_once), (name, args)
    if name not in RANDOM:
        assert state(awaited) == state(waiting)


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    calls=st.lists(st.tuples(st.sampled_from(methods(Pipeline)), st.lists(values, max_size=3)), max_size=4),
)
def test_pipelines(calls: list[tuple[str, list[Any]]]) -> None:
    """Pipelines with anything: what is refused when it is queued is not executed."""
    redis = filled()
    pipe = redis.pipeline()
    for name, args in calls:
        call(pipe, name, args, {})
    call(pipe, "execute", [], {"raise_on_error": False})
    assert not pipe.has_pending()


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(keys=values, args=values, value=values)
def test_scripts(keys: Any, args: Any, value: Any) -> None:
    """Scripts with anything as keys, arguments and literals."""
    redis = filled()
    context = redipy.script.FnContext()
    context.add_key("key")
    arg = context.add_arg("arg")
    try:
        context.add_local(value)
        context.set_return_value(arg)
        script = redis.register_script(context)
    except ALLOWED:
        return
    call(script, "__call__", [], {"keys": keys, "args": args})
    call(script, "__call__", [], {"keys": {"key": "k"}, "args": {"arg": value}})


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(program=values)
def test_programs(program: Any) -> None:
    """Anything as the intermediate form of a script."""
    with pytest.raises(ALLOWED):
        redipy._native.Script(program)


@pytest.mark.parametrize(
    ("name", "args", "error", "text", "argument"),
    [
        ("get_value", [None], TypeError, "a key must be a str, bytes or int, not NoneType", "key"),
        ("get_value", ["\ud800"], UnicodeEncodeError, "surrogates not allowed", "key"),
        ("set_value", ["k", object()], TypeError, "a value cannot be object", "value"),
        ("set_value", ["k"], TypeError, "'value'", None),
        ("delete", ["k", None], TypeError, "a key must be", "keys[1]"),
        ("lrange", ["l", "x", 1], TypeError, "integer", "start"),
        ("lrange", ["l", 2**70, 1], OverflowError, "too large", "start"),
        ("lpush", ["l", "a", "\ud800"], UnicodeEncodeError, "surrogates not allowed", "values[1]"),
        ("hset", ["h", [1]], TypeError, "a mapping is wanted, not list", "mapping"),
        ("hset", ["h", {"a": 1, "b": None}], TypeError, "a value cannot be None", "mapping['b']"),
        ("hset", ["h", {None: 1}], TypeError, "a value cannot be None", "mapping[None]"),
        ("hmget", ["h", "f", []], TypeError, "a value cannot be list", "fields[1]"),
        ("zadd", ["z", {"a": None}], TypeError, "must be real number", "mapping['a']"),
        ("zadd", ["z", {"a": float("nan")}], ValueError, "not a valid float", None),
        ("append", ["k", None], TypeError, "a value cannot be None", "value"),
        ("unlink", ["k", True], TypeError, "a value cannot be bool", "names[1]"),
        ("linsert", ["l", "BEFORE", {}, "x"], TypeError, "a value cannot be dict", "refvalue"),
        ("mset", [{"a": "\ud800"}], UnicodeEncodeError, "surrogates not allowed", "mapping['a']"),
        ("mset", [["a", 1]], TypeError, "a mapping is wanted, not list", "mapping"),
        ("sintercard", [1, 3], TypeError, "a sequence is wanted, not int", "keys"),
        ("sintercard", [1, "s"], TypeError, "a sequence is wanted, not str", "keys"),
        ("sintercard", [2, ["s", None]], TypeError, "a value cannot be None", "keys[1]"),
        ("execute_command", ["SET", "k", None], TypeError, "a value cannot be None", "args[1]"),
    ],
)
def test_messages(name: str, args: list[Any], error: type[Exception], text: str, argument: str | None) -> None:
    """The exception names the argument, in its text or in a note; on clients, in pipelines and for asyncio."""
    redis = filled()
    before = content(redis)
    for receiver in (redis, redis.pipeline(), aio.Redis(redis)):
        with pytest.raises(error) as raised:
            queued = getattr(receiver, name)(*args)
            raise_what_comes(receiver, queued)
        assert text in str(raised.value)
        if argument is not None and sys.version_info >= (3, 11):  # before, exceptions have no notes
            assert raised.value.__notes__ == [f"while processing '{argument}'"]
    assert content(redis) == before


class Nameless:
    """What cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


@pytest.mark.parametrize(
    ("name", "args"), [("mset", [{Nameless(): 1}]), ("hset", ["h", {Nameless(): 1}]), ("lpush", ["l", Nameless()])]
)
def test_what_cannot_be_shown(name: str, args: list[Any]) -> None:
    """It is refused as anything else of its type."""
    with pytest.raises(TypeError, match=r"^a value cannot be Nameless"):
        getattr(redipy.Redis(), name)(*args)


@pytest.mark.parametrize(
    ("keys", "args", "text", "argument"),
    [
        (None, {}, "'NoneType' object is not iterable", "keys"),
        ({"key": None}, {}, "a key must be a str, bytes or int, not NoneType", "keys['key']"),
        ({1: "k"}, {}, "a name must be a str, not int", "keys[1]"),
        ({"key": "k"}, 7, "'int' object is not iterable", "args"),
        ({"key": "k"}, {"value": object()}, "object is nothing that JSON has", "args['value']"),
        ({"key": "k"}, {"value": [1, {2}]}, "set is nothing that JSON has", "args['value']"),
    ],
)
def test_messages_of_scripts(keys: Any, args: Any, text: str, argument: str) -> None:
    """The exception names the mapping, and what is wrong in it."""
    redis = filled()
    before = content(redis)
    ctx = redipy.script.FnContext()
    key = redipy.script.RedisVar(ctx.add_key("key"))
    ctx.add(key.set_value(ctx.add_arg("value")))
    ctx.set_return_value(None)
    script = redis.register_script(ctx)
    with pytest.raises(TypeError) as raised:
        script(keys=keys, args=args)
    assert text in str(raised.value)
    if sys.version_info >= (3, 11):  # before, exceptions have no notes
        assert raised.value.__notes__ == [f"while processing '{argument}'"]
    assert content(redis) == before


def raise_what_comes(receiver: Any, result: Any) -> None:
    """Executes a pipeline, or awaits a result."""
    if isinstance(receiver, Pipeline):
        receiver.execute()
    else:
        asyncio.run(call_awaited(result))


async def call_awaited(call: Any) -> Any:
    """What a call gives."""
    return await call


def test_unknown_names() -> None:
    """Unknown arguments are refused with their names."""
    redis = redipy.Redis()
    with pytest.raises(TypeError, match="bogus"):
        redis.set_value("k", "v", bogus=1)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match=r'mode must be one of ."always"'):
        redis.set_value("k", "v", mode="bogus")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="finite number of seconds, not NaN"):
        redis.expire("k", expire_in=float("nan"))
    with pytest.raises(ValueError, match="scheme"):
        redipy.connect("localhost:6379")
    assert inspect.signature(redis.set_value).parameters["mode"].default == "always"
