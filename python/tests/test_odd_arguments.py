"""Odd objects as every argument of every method: what is refused names the argument, in process and on a server alike."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import redipy
from redipy import aio
from redipy._commands import Commands
from redipy.errors import RedipyError

ODD: dict[str, Any] = {
    "None": None,
    "bool": True,
    "nan": float("nan"),
    "large": 2**70,
    "dict": {},
    "object": object(),
    "surrogate": "\ud800",
}

NATIVE = [name for name in vars(redipy._native.Client) if not name.startswith("_")]
NOT_TRIED = {"tick", "describe", "execute_command"}
METHODS = sorted(
    {*NATIVE, "get", "keys", "keys_block", "iter_keys", "publish", "wait_for", *vars(Commands)} - NOT_TRIED
)
METHODS = [name for name in METHODS if not name.startswith("_")]

KEYS = {"append": "k", "l": "l", "h": "h", "s": "s", "z": "z"}
"""A key of the type that a method is for, by the first letter of its name."""

SAMPLES: dict[str, Any] = {
    "amount": 1,
    "args": "b",
    "count": 1,
    "cursor": 0,
    "dest": "LEFT",
    "direction": "LEFT",
    "end": -1,
    "field": "f",
    "inc": 1,
    "index": 0,
    "mapping": {"a": 1},
    "max": 1,
    "min": 0,
    "msg": "text",
    "num_keys": 1,
    "numkeys": 1,
    "predicate": lambda: True,
    "refvalue": "a",
    "score_cast_func": float,
    "src": "LEFT",
    "start": 0,
    "stop": -1,
    "time": 100,
    "time_ms": 100_000,
    "timeout": 1,
    "value": "v",
    "values": "v",
    "when": 4_000_000_000,
    "where": "BEFORE",
}
"""An argument that is right, by its name; a key if there is none."""

OTHERWISE: dict[tuple[str, str], Any] = {
    ("lmove", "src"): "LEFT",
    ("rename", "src"): "k",
    ("renamenx", "src"): "k",
    ("rpoplpush", "src"): "l",
    ("smove", "src"): "s",
    ("zrangestore", "dest"): "d",
    ("sinterstore", "dest"): "d",
    ("sunionstore", "dest"): "d",
    ("sdiffstore", "dest"): "d",
    ("zmscore", "members"): ["a"],
    ("hset", "field"): "f",
    ("hset", "value"): "v",
    ("setrange", "offset"): 0,
    ("publish", "key"): "c",
    ("publish", "msg"): "text",
    ("hexists", "key"): "f",
    ("hsetnx", "key"): "f",
    ("hstrlen", "key"): "f",
    ("hincrbyfloat", "key"): "f",
    ("pexpireat", "when"): 4_000_000_000_000,
    ("zincrby", "value"): "a",
    ("sintercard", "keys"): ["s"],
    ("lmpop", "args"): "l",
}
TWICE = {"channel": "key", "message": "msg", "pattern": "match"}
"""Names of what has another name."""


def parameters(name: str) -> list[inspect.Parameter]:
    """The parameters of a method."""
    return list(inspect.signature(getattr(redipy.Redis, name)).parameters.values())[1:]


def sample(name: str, parameter: inspect.Parameter) -> Any:
    """An argument that is right."""
    own = OTHERWISE.get((name, parameter.name), redipy)
    if own is not redipy:
        return own
    if parameter.name not in SAMPLES and parameter.default is not parameter.empty:
        return parameter.default
    return SAMPLES.get(parameter.name, KEYS.get(name, KEYS.get(name[0], "k")))


def arguments(name: str, odd: inspect.Parameter, value: Any) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call, one of which is odd."""
    args: list[Any] = []
    named: dict[str, Any] = {}
    for parameter in parameters(name):
        argument = value if parameter.name == odd.name else sample(name, parameter)
        if TWICE.get(odd.name) == parameter.name:
            argument = redipy._checked.MISSING
        if parameter.kind is parameter.KEYWORD_ONLY:
            named[parameter.name] = argument
        else:
            args.append(argument)
    return args, named


CASES = [
    pytest.param(name, parameter, value, id=f"{name}-{parameter.name}-{shown}")
    for name in METHODS
    for parameter in parameters(name)
    for shown, value in ODD.items()
    if not (value is None and parameter.default is None) and not (value is True and isinstance(parameter.default, bool))
]


@pytest.fixture(scope="module")
def clients(newest_port: int) -> Iterator[list[redipy.Redis]]:
    yield [redipy.Redis(), redipy.Redis(port=newest_port)]


def outcome(act: Callable[[], Any]) -> Exception | None:
    """What is raised."""
    try:
        result = act()
        if inspect.isgenerator(result):
            list(result)
    except Exception as error:
        return error
    return None


def told(error: Exception | None) -> Any:
    """What an exception says."""
    return None if error is None else (type(error).__name__, str(error), getattr(error, "__notes__", None))


def fill(client: redipy.Redis) -> None:
    """A value of each type."""
    client.flushall()
    client.set("k", "5")
    client.rpush("l", "a", "b")
    client.hset("h", {"f": "1"})
    client.sadd("s", "a")
    client.zadd("z", {"a": 1})


@pytest.mark.parametrize(("name", "parameter", "value"), CASES)
def test_odd(clients: list[redipy.Redis], name: str, parameter: inspect.Parameter, value: Any) -> None:
    args, named = arguments(name, parameter, value)
    errors = []
    for client in clients:
        fill(client)
        errors.append(outcome(lambda client=client: getattr(client, name)(*args, **named)))  # type: ignore[misc]
    awaited = aio.Redis(clients[0])
    fill(clients[0])

    async def call() -> None:
        result = getattr(awaited, name)(*args, **named)
        if inspect.isasyncgen(result):
            async for _ in result:
                pass
        else:
            await result

    errors.append(outcome(lambda: asyncio.run(call())))
    if "flush" not in name:
        assert told(errors[0]) == told(errors[1])
    assert type(errors[2]) is type(errors[0])
    for error in errors:
        check(error, {parameter.name, TWICE.get(parameter.name, parameter.name)})


def check(error: Exception | None, names: set[str]) -> None:
    """What is refused before anything is sent names its argument; a server says what it says."""
    if error is None or isinstance(error, RedipyError):
        return
    assert isinstance(error, (TypeError, ValueError, OverflowError)), error
    if sys.version_info >= (3, 11):  # before, exceptions have no notes
        text = "\n".join([str(error), *getattr(error, "__notes__", [])])
        assert any(name in text for name in names), told(error)
