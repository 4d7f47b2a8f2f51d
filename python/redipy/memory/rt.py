"""The runtime whose data lives in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from redipy import _native
from redipy.api import REX_ALWAYS, RSM_ALWAYS, KeyType, PipelineAPI, RExpireMode, RSetMode
from redipy.backend.runtime import NativeRuntime, Runtime
from redipy.errors import ScriptError
from redipy.graph.expr import JSONType
from redipy.graph.seq import SequenceObj
from redipy.memory.state import Machine
from redipy.plugin import GeneralFunction, LocalGeneralFunction, LocalRedisFunction, add_plugin, with_plugins
from redipy.util import now

RESERVED_REDIS = frozenset(
    [
        "exists",
        "del",
        "type",
        "set",
        "get",
        "incrby",
        "lpush",
        "rpush",
        "lpop",
        "rpop",
        "lrange",
        "llen",
        "zadd",
        "zpopmax",
        "zpopmin",
        "zrange",
        "zcard",
        "hset",
        "hdel",
        "hget",
        "hmget",
        "hincrby",
        "hkeys",
        "hvals",
        "hgetall",
        "sadd",
        "srem",
        "sismember",
        "smembers",
        "scard",
    ]
)
"""The commands that no plug-in can define: those that scripts of the original had."""

RESERVED_GENERAL = frozenset(
    ["string.find", "cjson.decode", "cjson.encode", "tonumber", "asintstr", "tostring", "type", "redis.log"]
)
"""The functions that no plug-in can define."""


class LocalRuntime(NativeRuntime):
    """A Redis in this process. Every one is empty at first and shares nothing with others.

    Args:
        source: what it is made of: ``memory://``, ``memory://name``, or the clock that it goes by.
        prefix: what is put before every key.
        timeout: how many seconds a call of a server may take, which nothing here waits for.
    """

    def __init__(
        self, source: str | _native.Clock = "memory://", *, prefix: str = "", timeout: float | None = None
    ) -> None:
        super().__init__(source, prefix=prefix, timeout=timeout)
        self._redis_functions: dict[str, LocalRedisFunction] = {}
        self._general_functions: dict[str, LocalGeneralFunction] = {}

    def add_redis_function_plugin(self, module: str) -> None:
        """Adds the functions of a module that ``RedisFn`` calls by their names, in scripts registered from now on.

        Args:
            module: the name of a module with subclasses of `redipy.plugin.LocalRedisFunction`.

        Raises:
            ImportError: there is no such module.
            RuntimeError: there is a function of this name already.
        """
        add = partial(add_plugin, module, clazz=LocalRedisFunction)
        self._redis_functions = with_plugins(self._redis_functions, add, "function", RESERVED_REDIS)

    def add_general_function_plugin(self, module: str) -> None:
        """Adds the functions of a module that ``CallFn`` calls by their names; see `add_redis_function_plugin`.

        Args:
            module: the name of a module with subclasses of `redipy.plugin.LocalGeneralFunction`.

        Raises:
            ImportError: there is no such module.
            RuntimeError: there is a function of this name already, or it is ``redis.call``.
        """
        add = partial(add_plugin, module, clazz=LocalGeneralFunction, disallowed={"redis.call"})
        self._general_functions = with_plugins(self._general_functions, add, "function", RESERVED_GENERAL)

    def _compile(self, program: SequenceObj) -> _native.Script:
        functions: dict[str, Callable[[list[Any]], Any]] = {}
        commands: dict[str, Callable[[list[Any]], Any]] = {}
        for name, args in _calls(program):
            if name == "redis.call":
                name, args = f"{args[0].get('value')}", args[1:]
                if (command := self._redis_functions.get(name)) is not None:
                    _check_count(name, command, len(args), keys=1)
                    commands[name] = partial(_call, command)
            elif (function := self._general_functions.get(name)) is not None:
                _check_count(name, function, len(args), keys=0)
                functions[name] = function.call
        return _native.Script(program, functions=functions, commands=commands)


def _call(function: LocalRedisFunction, args: list[JSONType]) -> JSONType:
    return function.call(Machine(), f"{args[0]}", args[1:])


def _calls(program: SequenceObj) -> Iterator[tuple[str, list[Any]]]:
    """All calls of a program: the name and the arguments."""
    pending: list[Any] = [program]
    while pending:
        part = pending.pop()
        if isinstance(part, list):
            pending += part
        elif isinstance(part, dict) and part.get("kind") != "val":
            if part.get("kind") == "call":
                yield part["name"], part["args"]
            pending += part.values()


def _check_count(name: str, function: GeneralFunction, count: int, *, keys: int) -> None:
    """Refuses a wrong number of arguments, with the words of the original, which counts the key of a command too."""
    spec = function.argc()
    wanted, at_least, at_most = spec["count"] + keys, spec.get("at_least", False), spec.get("at_most")
    limit = None if at_most is None else at_most + keys
    if count == wanted or (limit is not None and keys <= count <= limit) or (at_least and count > wanted):
        return
    kind, up_to = "at least" if at_least else "exactly", "" if limit is None else f"up to {limit} arguments "
    raise ScriptError(f"{name}: incorrect number of arguments need {kind} {wanted} {up_to}got {count}")


# Some of these are here because users of the original import them from here.
__all__ = [
    "RESERVED_GENERAL",
    "RESERVED_REDIS",
    "REX_ALWAYS",
    "RSM_ALWAYS",
    "GeneralFunction",
    "JSONType",
    "KeyType",
    "LocalGeneralFunction",
    "LocalRedisFunction",
    "LocalRuntime",
    "Machine",
    "NativeRuntime",
    "PipelineAPI",
    "RExpireMode",
    "RSetMode",
    "Runtime",
    "ScriptError",
    "SequenceObj",
    "add_plugin",
    "now",
    "with_plugins",
]
