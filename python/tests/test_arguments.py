"""What is said of arguments that are wrong, and which mappings are taken."""

from __future__ import annotations

import os
from collections import ChainMap, OrderedDict, UserDict
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pytest

import redipy
import redipy.aio
from redipy.script import LogFn, RedisVar
from redipy.testing import Clock

MAPPINGS: list[Callable[[dict[str, str]], Mapping[str, str]]] = [
    dict,
    OrderedDict,
    UserDict,
    MappingProxyType,
    lambda pairs: ChainMap({}, pairs),
]


@pytest.mark.parametrize("make", MAPPINGS)
def test_any_mapping_is_taken(redis: redipy.Redis, make: Callable[[dict[str, str]], Mapping[str, str]]) -> None:
    """`hset`, `zadd`, `mset` and scripts take whatever is a mapping."""
    pairs = make({"a": "1", "b": "2"})
    assert (redis.hset("h", pairs), redis.zadd("z", pairs), redis.mset(pairs)) == (2, 2, True)
    assert redis.hgetall("h") == {"a": "1", "b": "2"} and redis.zrange("z", 0, -1) == ["a", "b"]
    with redis.pipeline() as pipe:
        pipe.hset("h", make({"c": "3"}))
        assert pipe.execute() == [1]


def test_the_environment_is_a_mapping(redis: redipy.Redis) -> None:
    """`os.environ` is none of the usual kinds."""
    redis.hset("h", os.environ)
    assert redis.hget("h", "PATH") == os.environ["PATH"]


@pytest.mark.parametrize("pairs", [[("a", "1")], "ab", None, 5, {("a", "1")}])
def test_what_is_no_mapping_is_named(redis: redipy.Redis, pairs: Any) -> None:
    """A list of pairs is none, as for a dictionary's methods."""
    for name in ("hset", "zadd"):
        with pytest.raises(TypeError, match=f"a mapping is wanted, not {type(pairs).__name__}"):
            getattr(redis, name)("k", pairs)
    assert redis.exists("k") == 0


SET_MODES = r"mode must be one of \[.always., .if_missing., .if_exists.\], not .persist."
EXPIRE_MODES = r"mode must be one of \[.always., .if_persist., .if_expire., .if_later., .if_earlier.\], not .persist."
WRONG: dict[str, Callable[[redipy.Redis], Any]] = {
    SET_MODES: lambda r: r.set_value("k", "v", mode="persist"),  # type: ignore[call-overload]
    f"{SET_MODES}$": lambda r: RedisVar("k").set_value("v", mode="persist"),  # type: ignore[arg-type]
    EXPIRE_MODES: lambda r: r.expire("k", mode="persist"),  # type: ignore[arg-type]
    f"{EXPIRE_MODES}$": lambda r: RedisVar("k").expire(mode="persist"),  # type: ignore[arg-type]
    "expire_in must be a finite number of seconds, not inf": lambda r: RedisVar("k").expire(expire_in=float("inf")),
    "expire_in must be a finite number of seconds, not nan": lambda r: RedisVar("k").set_value(
        1, expire_in=float("nan")
    ),
    "expire_in must be a finite number of seconds, not NaN": lambda r: r.set_value("k", "v", expire_in=float("nan")),
    "expire_in 1 and expire_timestamp": lambda r: r.expire("k", expire_in=1, expire_timestamp=datetime.now()),
    "could not determine debug level: loud; it is one of": lambda r: LogFn("loud", "x"),  # type: ignore[arg-type]
    "unknown backend file; it is one of": lambda r: redipy.Redis("file"),  # type: ignore[arg-type]
    "cfg lacks 'port'": lambda r: redipy.Redis(cfg={"host": "h"}),  # type: ignore[typeddict-item]
    "port must be a number from 1 to 65535, not 70000": lambda r: redipy.Redis(port=70000),
    "port must be a number from 1 to 65535, not 'x'": lambda r: redipy.Redis(port="x"),  # type: ignore[arg-type]
    "host must be the name of a host, not ''": lambda r: redipy.Redis(host=""),
    "passwd must be a str, not int": lambda r: redipy.Redis(passwd=5),  # type: ignore[arg-type]
    "seconds is too long": lambda r: Clock().advance(1e300),
    "seconds must be .* not negative, not -1": lambda r: Clock().advance(-1),
    "timeout is too long: give None to wait for ever": lambda r: r.subscribe("c").get_message(1e300),
}


@pytest.mark.parametrize("text", WRONG)
def test_wrong_values_name_their_argument(redis: redipy.Redis, text: str) -> None:
    """The argument is named, and where there are few values all of them are."""
    with pytest.raises(ValueError, match=text):
        WRONG[text](redis)
    assert redis.exists("k") == 0


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("lmove('l', 'm', 'UP', 'LEFT')", r"src must be one of \['LEFT', 'RIGHT'\], not 'UP'"),
        ("lmove('l', 'm', 'LEFT', 'UP')", r"dest must be one of \['LEFT', 'RIGHT'\], not 'UP'"),
        ("lmpop(1, 'l', direction='UP')", r"direction must be one of \['LEFT', 'RIGHT'\], not 'UP'"),
        ("linsert('l', 'beside', 'a', 'b')", r"where must be one of \['BEFORE', 'AFTER'\], not 'beside'"),
        ("scan(filter_type='text')", 'filter_type must be one of .*"string", .*, not "text"'),
        ("keys(filter_type='text')", 'filter_type must be one of .*"string", .*, not "text"'),
    ],
)
def test_words_name_their_argument(redis: redipy.Redis, call: str, text: str) -> None:
    """One of few words: the argument and all of them are named, also when it is queued."""
    for receiver in (redis, redis.pipeline(), redipy.aio.Redis(redis)):
        with pytest.raises(ValueError, match=text):
            eval(f"receiver.{call}", {"receiver": receiver})


TYPES = {
    "url must be a str, not int": lambda: redipy.Redis(url=5),  # type: ignore[arg-type]
    "url must be a str, not bytes": lambda: redipy.connect(b"memory://"),  # type: ignore[arg-type]
    "url must be a str, not NoneType": lambda: redipy.connect(None),  # type: ignore[arg-type]
    "prefix must be a str, not int": lambda: redipy.Redis(prefix=1),  # type: ignore[arg-type]
    "path must be a str, not int": lambda: redipy.Redis(path=1),  # type: ignore[arg-type]
    "redis_module must be a str, not int": lambda: redipy.Redis(redis_module=1),  # type: ignore[arg-type]
    "cfg must be a dictionary with host and port, not int": lambda: redipy.Redis(cfg=1),  # type: ignore[arg-type]
    "rt must be a Runtime, not int": lambda: redipy.Redis(rt=1),  # type: ignore[arg-type]
    "compile_hook must be a function, not int": lambda: redipy.Redis(compile_hook=1),  # type: ignore[arg-type]
    "lua_code_hook must be a function, not int": lambda: redipy.Redis(lua_code_hook=1),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("text", TYPES)
def test_what_clients_are_made_of_is_named(text: str) -> None:
    with pytest.raises(TypeError, match=text):
        TYPES[text]()


@pytest.mark.parametrize("timeout", [-1, 0, float("nan"), 1e300, "x", True])
def test_a_timeout_is_read_in_process_too(timeout: Any, server_port: int) -> None:
    """It means nothing there, and a program that is to run on a server is told at once."""
    told = []
    for make in (
        lambda: redipy.Redis(timeout=timeout),
        lambda: redipy.connect("memory://", timeout=timeout),
        lambda: redipy.Redis(port=server_port, timeout=timeout),
    ):
        with pytest.raises((TypeError, ValueError)) as raised:
            make()
        told.append((raised.type, str(raised.value)))
    assert told[0] == told[1] == told[2]


def test_nothing_to_listen_to(redis: redipy.Redis) -> None:
    """It is refused where the call is made."""
    awaited = redipy.aio.Redis(redis)
    for name in ("subscribe", "psubscribe"):
        for client in (redis, awaited):
            with pytest.raises(redipy.errors.ResponseError, match=f"wrong number of arguments for '{name}'"):
                getattr(client, name)()
        with redis.subscribe("c") as messages, pytest.raises(redipy.errors.ResponseError):
            getattr(messages, name)()


@pytest.mark.parametrize("key", [None, True, 1.5, object()])
def test_keys_to_wait_for(redis: redipy.Redis, key: Any) -> None:
    """They were shown as texts: None was `ps:None`."""
    for client in (redis, redipy.aio.Redis(redis)):
        with pytest.raises(TypeError, match="a key must be a str, bytes or int"):
            client.publish(key, "text")
        with pytest.raises(TypeError, match="a key must be a str, bytes or int"):
            client.wait_for(key, lambda: True, 1)
        with pytest.raises(TypeError, match="predicate must be a function, not NoneType"):
            client.wait_for("k", None, 1)  # type: ignore[arg-type]


def test_errors_of_hashes_and_times(redis: redipy.Redis) -> None:
    """What is said is about what was given."""
    wrong: list[tuple[type[Exception], str, Callable[[], Any]]] = [
        (TypeError, "a mapping is wanted, not str; or a value behind the field", lambda: redis.hset("h", "f")),
        (TypeError, "a value cannot be None", lambda: redis.hset("h", "f", None)),
        (TypeError, "a mapping is wanted, not str", lambda: redis.zadd("z", "a", 1)),  # type: ignore[call-overload]
        (TypeError, "a time cannot be bool", lambda: redis.expire("k", True)),
        (OverflowError, "too large", lambda: redis.expire("k", 2**70)),
    ]
    for error, text, act in wrong:
        with pytest.raises(error, match=text):
            act()


@pytest.mark.parametrize("timestamp", [5, "2020-01-01", 1.5])
def test_a_timestamp_is_a_datetime(redis: redipy.Redis, timestamp: Any) -> None:
    """A number might mean seconds or milliseconds."""
    text = f"expire_timestamp must be a datetime, not {type(timestamp).__name__}"
    with pytest.raises(TypeError, match=text):
        redis.set_value("k", "v", expire_timestamp=timestamp)
    with pytest.raises(TypeError, match=text):
        redis.expire("k", expire_timestamp=timestamp)
