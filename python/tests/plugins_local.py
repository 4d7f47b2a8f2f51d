"""Functions of plug-ins in process, as one writes them for the original."""

from __future__ import annotations

from typing import Any

from redipy.graph.expr import JSONType
from redipy.memory.state import Machine
from redipy.plugin import ArgcSpec, LocalGeneralFunction, LocalRedisFunction


class HashHas(LocalRedisFunction):
    """Whether a hash has a field; `plugins_lua.HashHas` is the same on a server."""

    @staticmethod
    def name() -> str:
        return "hexists"

    @staticmethod
    def argc() -> ArgcSpec:
        return {"count": 1}

    @staticmethod
    def call(sm: Machine, key: str, args: list[JSONType]) -> JSONType:
        return sm.hget(key, f"{args[0]}") is not None


class RaiseTo(LocalRedisFunction):
    """Raises a number to another; `plugins_lua.RaiseTo` is the same on a server."""

    @staticmethod
    def name() -> str:
        return "raise_to"

    @staticmethod
    def argc() -> ArgcSpec:
        return {"count": 1}

    @staticmethod
    def call(sm: Machine, key: str, args: list[Any]) -> JSONType:
        before = sm.get_value(key)
        value: float = args[0] if before is None else max(float(before), args[0])
        sm.set_value(key, f"{value:g}")
        return value


class Pairs(LocalRedisFunction):
    """Members with their scores, the lowest first; `plugins_lua.Pairs` is the same on a server."""

    @staticmethod
    def name() -> str:
        return "zrangebyscore"

    @staticmethod
    def argc() -> ArgcSpec:
        return {"count": 2, "at_least": True}

    @staticmethod
    def call(sm: Machine, key: str, args: list[JSONType]) -> JSONType:
        pairs = sm.zpop_min(key, 100)
        if pairs:
            sm.zadd(key, dict(pairs))
        return [list(pair) for pair in pairs]


class Clamp(LocalGeneralFunction):
    """A number between two others; `plugins_lua.Clamp` is the same on a server."""

    @staticmethod
    def name() -> str:
        return "clamp"

    @staticmethod
    def argc() -> ArgcSpec:
        return {"count": 1, "at_most": 3}

    @staticmethod
    def call(args: list[Any]) -> JSONType:
        low, high = ([*args[1:], None, None])[:2]
        value: float = args[0] if low is None else max(args[0], low)
        return value if high is None else min(value, float(high))


class Flatten(LocalGeneralFunction):
    """The items of the lists in a list; `plugins_lua.Flatten` is the same on a server."""

    @staticmethod
    def name() -> str:
        return "table.flatten"

    @staticmethod
    def argc() -> ArgcSpec:
        return {"count": 1}

    @staticmethod
    def call(args: list[Any]) -> JSONType:
        return [item for items in args[0] for item in items]
