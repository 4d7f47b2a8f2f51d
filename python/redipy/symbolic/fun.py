"""Functions and commands that a script calls."""

from __future__ import annotations

from typing import Literal, get_args

from redipy._modes import (
    REX_ALWAYS,
    REX_EARLIER,
    REX_EXPIRE,
    REX_LATER,
    REX_PERSIST,
    RExpireMode,
    expire_flag,
    milliseconds,
)
from redipy.graph.expr import ExprObj
from redipy.symbolic import uses
from redipy.symbolic.expr import Constant, Expr, MixedType, lit_helper


class CallFn(Expr):
    """Calls a function by its name."""

    def __init__(self, fname: str, *args: MixedType, no_adjust: bool = False) -> None:
        self._fname = fname
        self._args = [lit_helper(arg) for arg in args]
        self._no_adjust = no_adjust

    def compile(self) -> ExprObj:
        uses.count()
        return {
            "kind": "call",
            "name": self._fname,
            "args": [arg.compile() for arg in self._args],
            "no_adjust": self._no_adjust,
        }


class FindFn(CallFn):
    """The index of a text in another, from an index on; ``None`` if it is not there."""

    def __init__(self, haystack: MixedType, needle: MixedType, start_ix: MixedType = None) -> None:
        super().__init__("string.find", haystack, needle, *([] if start_ix is None else [start_ix]))


class FromJSON(CallFn):
    """The value that a JSON text says."""

    def __init__(self, arg: MixedType) -> None:
        super().__init__("cjson.decode", arg)


class ToJSON(CallFn):
    """The JSON text of a value."""

    def __init__(self, arg: MixedType) -> None:
        super().__init__("cjson.encode", arg)


class ToNum(CallFn):
    """The number that a text says."""

    def __init__(self, arg: MixedType) -> None:
        super().__init__("tonumber", arg)


class ToIntStr(CallFn):
    """The whole part of a number."""

    def __init__(self, arg: MixedType) -> None:
        super().__init__("asintstr", arg)


class ToStr(CallFn):
    """The text of a value."""

    def __init__(self, arg: MixedType) -> None:
        super().__init__("tostring", arg)


class TypeStr(CallFn):
    """The name of a value's type."""

    def __init__(self, arg: MixedType) -> None:
        super().__init__("type", arg)


class RedisFn(CallFn):
    """Calls any Redis command."""

    def __init__(self, redis_fn: str, key: MixedType, *args: MixedType, no_adjust: bool = False) -> None:
        super().__init__("redis.call", redis_fn, key, *args, no_adjust=no_adjust)
        self._what = f"{redis_fn.upper()} of {uses.written_at()}"

    def describe(self) -> str:
        """The command, and where it was written."""
        return self._what

    def compile(self) -> ExprObj:
        uses.met(self)
        return super().compile()


class KeyName(Expr):
    """The key of a Redis object, which is evaluated at every use, as the object says."""

    def __init__(self, key: Expr) -> None:
        self._key = key

    def compile(self) -> ExprObj:
        with uses.noting(None):
            return self._key.compile()


class RedisObj:
    """A key with the commands of its type."""

    def __init__(self, key: MixedType) -> None:
        self._key = lit_helper(key)

    def key(self) -> Expr:
        """The key."""
        return self._key

    def redis_fn(self, name: str, *args: MixedType, no_adjust: bool = False) -> Expr:
        """Calls a command with this key first."""
        return RedisFn(name, KeyName(self.key()), *args, no_adjust=no_adjust)

    def expire(self, *, mode: RExpireMode = REX_ALWAYS, expire_in: float | None = None) -> Expr:
        """Lets the key expire in so many seconds, or never; whether that changed anything."""
        flag = expire_flag(mode)
        if expire_in is None:
            return self.redis_fn("persist")
        return self.redis_fn("pexpire", milliseconds(expire_in), *([] if flag is None else [flag]))

    def ttl(self) -> Expr:
        """The seconds until the key expires."""
        return self.redis_fn("ttl")

    def exists(self) -> Expr:
        """Whether the key is there."""
        return self.redis_fn("exists")

    def delete(self) -> Expr:
        """Deletes the key; whether it was there."""
        return self.redis_fn("del")

    def key_type(self) -> Expr:
        """The type of the key's value."""
        return self.redis_fn("type")


LogLevel = Literal["debug", "verbose", "notice", "warning"]
"""How important a message is."""


class LogFn(CallFn):
    """Writes a message to the log."""

    def __init__(self, level: LogLevel, message: MixedType) -> None:
        super().__init__("redis.log", self.convert_level(level), message)

    @staticmethod
    def convert_level(level: LogLevel) -> Expr:
        """The constant of a level.

        Raises:
            ValueError: there is no such level.
        """
        if level not in get_args(LogLevel):
            raise ValueError(f"could not determine debug level: {level}; it is one of {get_args(LogLevel)}")
        return Constant(f"redis.LOG_{level.upper()}")


# Some of these are here because users of the original import them from here.
__all__ = [
    "REX_ALWAYS",
    "REX_EARLIER",
    "REX_EXPIRE",
    "REX_LATER",
    "REX_PERSIST",
    "CallFn",
    "Constant",
    "Expr",
    "ExprObj",
    "FindFn",
    "FromJSON",
    "LogFn",
    "LogLevel",
    "MixedType",
    "RExpireMode",
    "RedisFn",
    "RedisObj",
    "ToIntStr",
    "ToJSON",
    "ToNum",
    "ToStr",
    "TypeStr",
    "lit_helper",
]
