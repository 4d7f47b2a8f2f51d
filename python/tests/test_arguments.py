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


@pytest.mark.parametrize("timestamp", [5, "2020-01-01", 1.5])
def test_a_timestamp_is_a_datetime(redis: redipy.Redis, timestamp: Any) -> None:
    """A number might mean seconds or milliseconds."""
    text = f"expire_timestamp must be a datetime, not {type(timestamp).__name__}"
    with pytest.raises(TypeError, match=text):
        redis.set_value("k", "v", expire_timestamp=timestamp)
    with pytest.raises(TypeError, match=text):
        redis.expire("k", expire_timestamp=timestamp)
