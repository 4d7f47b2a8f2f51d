"""Random calls of the original's methods, on few keys, so that they meet values of every type."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from original_worker import KEYS

Call = list[Any]
"""The name of a method, its arguments, and its named arguments."""

TEXTS = ["", "x", "y", "z", "1", "10", "-3", "1.5", "1e3", "ü", "日本", "a b", '"', "x\ny", " 7"]
FIELDS = ["f", "g", "", "ü", "1"]
COUNTS = [-2, -1, 0, 1, 2, 3, 100]
INDICES = [-100, -3, -2, -1, 0, 1, 2, 3, 100]
NUMBERS = [0, 1, -1, 2, 100, 0.5, -0.25, 1.5, 1e10, 3.0]
SCORES = [0, 1, -1, 2, 1.5, -0.5, 10, 1e10, 0.1]
PATTERNS = [None, "*", "a", "?", "[ab]", "d:*", "schl*", "", "x*"]
TYPES = [None, None, "string", "list", "set", "zset", "hash", "stream"]
SET_MODES = ["always", "if_missing", "if_exists"]
EXPIRE_MODES = ["always", "if_persist", "if_expire", "if_later", "if_earlier"]
# No expiry is near enough to come while a sequence runs, but those that are over at once.
SECONDS = {"expire_in": [100, 1000.25, 5000, 0, -1], "expire_timestamp": [100, 1000.25, 5000, -1, -5000]}


class Calls:
    """A source of random calls."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def sequence(self, length: int) -> list[Call]:
        """Calls, one after the other; the first of them fill some keys, without which most calls find nothing."""
        return [self.simple(FILLING) for _ in range(4)] + [self.call() for _ in range(length - 4)]

    def call(self) -> Call:
        """A call, a script or a pipeline."""
        if self.random.random() < 0.06:
            name = self.random.choice(PIPELINES)
            return [name, [[self.simple(IN_PIPELINES) for _ in range(self.random.randint(0, 4))]], {}]
        return self.simple(OFTEN if self.random.random() < 0.97 else ["flushall"])

    def simple(self, names: list[str]) -> Call:
        """A call of one of these methods."""
        name = self.random.choice(names)
        args, named = MAKERS[name](self)
        return [name, args, named]

    def key(self) -> str:
        # The empty key is rarer than others.
        return self.random.choice(KEYS[:-1] * 4 + KEYS[-1:])

    def some(self, values: list[Any], least: int = 0) -> list[Any]:
        """Some of these values, seldom none."""
        count = self.random.choice([1, 1, 2, 3]) if least or self.random.random() < 0.95 else 0
        return [self.random.choice(values) for _ in range(count)]

    def expiry(self) -> dict[str, Any]:
        """No expiry, or one of the two ways to say it."""
        name = self.random.choice([*SECONDS, None, None])
        return {name: self.random.choice(SECONDS[name])} if name else {}

    def set_value(self) -> tuple[list[Any], dict[str, Any]]:
        named = self.expiry()
        if self.random.random() < 0.5:
            named["mode"] = self.random.choice(SET_MODES)
        if self.random.random() < 0.2:
            named["return_previous"] = True
        if not self.random.randrange(8 if named else 4):
            named["keep_ttl"] = True
        return [self.key(), self.random.choice(TEXTS)], named

    def expire(self) -> tuple[list[Any], dict[str, Any]]:
        return [self.key()], {**self.expiry(), "mode": self.random.choice(EXPIRE_MODES)}

    def drain(self) -> tuple[list[Any], dict[str, Any]]:
        # A list that is drained into itself is drained for ever.
        source, *targets = self.random.sample(KEYS, 3)
        return [source, *targets, self.random.choice([0, 3, 1.5])], {}


Maker = Callable[[Calls], tuple[list[Any], dict[str, Any]]]


def _of(*parts: list[Any]) -> Maker:
    """A key, and one value of each of the lists."""
    return lambda calls: ([calls.key(), *(calls.random.choice(part) for part in parts)], {})


def _popped(calls: Calls) -> tuple[list[Any], dict[str, Any]]:
    return [calls.key(), *calls.random.choice([[], [], [calls.random.choice(COUNTS)]])], {}


def _many(values: list[Any]) -> Maker:
    return lambda calls: ([calls.key(), *calls.some(values)], {})


def _keys(calls: Calls) -> tuple[list[Any], dict[str, Any]]:
    return [calls.key() for _ in calls.some([0])], {}


def _mapping(names: list[Any], values: list[Any]) -> Maker:
    return lambda calls: ([calls.key(), {name: calls.random.choice(values) for name in calls.some(names)}], {})


def _walk(*more: list[Any]) -> Maker:
    return lambda calls: ([calls.random.choice(part) for part in (PATTERNS, *more)], {})


MAKERS: dict[str, Maker] = {
    "exists": _keys,
    "delete": _keys,
    "key_type": _of(),
    "scan": _walk([None, 1, 10], TYPES),
    "iter_keys": _walk(TYPES),
    "keys_block": _walk(TYPES),
    "keys": _walk(TYPES, [True, False]),
    "flushall": lambda _: ([], {}),
    "set_value": Calls.set_value,
    "get_value": _of(),
    "expire": Calls.expire,
    "ttl": _of(),
    "incrby": _of(NUMBERS),
    "lpush": _many(TEXTS),
    "rpush": _many(TEXTS),
    "lpop": _popped,
    "rpop": _popped,
    "lrange": _of(INDICES, INDICES),
    "lset": _of(INDICES, TEXTS),
    "lindex": _of(INDICES),
    "llen": _of(),
    "zadd": _mapping(TEXTS, SCORES),
    "zpop_max": _popped,
    "zpop_min": _popped,
    "zrange": _of(INDICES, INDICES),
    "zcard": _of(),
    "hset": _mapping(FIELDS, TEXTS),
    "hdel": _many(FIELDS),
    "hget": _of(FIELDS),
    "hmget": _many(FIELDS),
    "hincrby": _of(FIELDS, NUMBERS),
    "hkeys": _of(),
    "hvals": _of(),
    "hgetall": _of(),
    "sadd": _many(TEXTS),
    "srem": _many(TEXTS),
    "sismember": _of(TEXTS),
    "scard": _of(),
    "smembers": _of(),
    "publish": _of(TEXTS),
    "wait_for": _of([0, 1, "", "x", None], [0.001]),
    "register_script": Calls.drain,
}
"""How the arguments of every method are made."""

PIPELINES = ("pipeline", "pipeline, implicit", "pipeline, discarded")
"""Pipelines that are executed by a call, by leaving their block, and not at all."""

# What a pipeline of the original does not have, and what gives something other in one.
_ALONE = {"scan", "iter_keys", "keys_block", "keys", "flushall", "ttl", "publish", "wait_for", "register_script"}
OFTEN = [name for name in MAKERS if name != "flushall"]
FILLING = ["set_value", "lpush", "rpush", "hset", "sadd", "zadd", "incrby"]
IN_PIPELINES = [name for name in MAKERS if name not in _ALONE]
