"""The classes of plug-ins: functions of one's own for scripts.

Those that are called in this process are added to a `redipy.memory.rt.LocalRuntime`, by the name of the module that has
them; those for a server's Lua to the `redipy.redis.lua.LuaBackend` of a `redipy.redis.conn.RedisConnection`. Then
``RedisFn`` and ``CallFn`` of `redipy.script` call them by their names.

Example:
    >>> import sys
    >>> import redipy
    >>> from redipy.script import FnContext, RedisFn
    >>> class Raise(redipy.plugin.LocalRedisFunction):
    ...     @staticmethod
    ...     def name():
    ...         return "raise_to"
    ...     @staticmethod
    ...     def argc():
    ...         return {"count": 1}
    ...     @staticmethod
    ...     def call(sm, key, args):
    ...         value = max(float(sm.get_value(key) or 0), args[0])
    ...         sm.set_value(key, value)
    ...         return value
    >>> sys.modules["my_plugins"] = type(sys)("my_plugins")  # in a program this is a file
    >>> Raise.__module__, sys.modules["my_plugins"].Raise = "my_plugins", Raise
    >>> r = redipy.Redis()
    >>> r.get_memory_runtime().add_redis_function_plugin("my_plugins")
    >>> ctx = FnContext()
    >>> ctx.set_return_value(RedisFn("raise_to", ctx.add_key("record"), ctx.add_arg("score")))
    >>> record = r.register_script(ctx)
    >>> [record(keys={"record": "best"}, args={"score": score}) for score in (3, 7, 5)]
    [3, 7, 7]
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection
from typing import TypedDict, TypeVar

from redipy.graph.expr import CallObj, ExprObj, JSONType
from redipy.memory.state import Machine


class _Count(TypedDict):
    count: int


class ArgcSpec(_Count, total=False):
    """How many arguments a function takes: ``count``, or at least or at most so many."""

    at_least: bool
    at_most: int


HELPER_PKG = "redipy"
"""The name that helper functions have in front in Lua."""


class NamedFunction:
    """A function with a name."""

    @staticmethod
    def name() -> str:
        """The name that scripts call it by."""
        raise NotImplementedError


class GeneralFunction(NamedFunction):
    """A function with a number of arguments."""

    @staticmethod
    def argc() -> ArgcSpec:
        """How many arguments it takes, not counting the key."""
        raise NotImplementedError


class LocalRedisFunction(GeneralFunction):
    """What ``RedisFn`` calls in process."""

    @staticmethod
    def call(sm: Machine, key: str, args: list[JSONType]) -> JSONType:
        """What the call gives: anything that JSON has.

        All data stands still meanwhile, and nobody else reaches it. So it must not wait: not for a lock, not for
        another thread, and not for another client of data in this process, which raises ``RuntimeError``. What it
        raises ends the script, and is raised where that was called.

        Args:
            sm: the data.
            key: the key.
            args: the other arguments.
        """
        raise NotImplementedError


class LocalGeneralFunction(GeneralFunction):
    """What ``CallFn`` calls in process."""

    @staticmethod
    def call(args: list[JSONType]) -> JSONType:
        """What the call gives; see `LocalRedisFunction.call`."""
        raise NotImplementedError


class LuaPatch:
    """A change of calls in the Lua of a script."""

    def __init__(self, name: str) -> None:
        self._name = name

    def name(self) -> str:
        """The function whose calls this one changes."""
        return self._name

    @staticmethod
    def names() -> set[str]:
        """All functions whose calls the class changes."""
        raise NotImplementedError

    def helper_pkg(self) -> str:
        """The name that helper functions have in front."""
        return HELPER_PKG


class LuaRedisPatch(LuaPatch):
    """A change of calls of a Redis command."""

    def patch(self, name: str, expr: CallObj, args: list[ExprObj], *, is_expr_stmt: bool) -> ExprObj:
        """What stands in place of a call.

        Args:
            name: the command.
            expr: the call.
            args: what follows the name of the command in it.
            is_expr_stmt: whether the call is a statement, whose value nobody uses. In Lua only calls can be that.
        """
        raise NotImplementedError


class LuaGeneralPatch(LuaPatch):
    """A change of calls of any other function."""

    def patch(self, expr: CallObj, *, is_expr_stmt: bool) -> ExprObj:
        """What stands in place of a call; see `LuaRedisPatch.patch`."""
        raise NotImplementedError


class HelperFunction(NamedFunction):
    """A function in Lua, for calls that patches make."""

    @staticmethod
    def args() -> str:
        """What stands between the parentheses behind its name."""
        raise NotImplementedError

    @staticmethod
    def body() -> str:
        """The lines of its body, indented by any multiple of four spaces."""
        raise NotImplementedError


F = TypeVar("F", bound=NamedFunction)
P = TypeVar("P", bound=LuaPatch)


def add_plugin(module: str, target: dict[str, F], clazz: type[F], disallowed: set[str] | None = None) -> None:
    """Adds an object of each subclass that a module defines, by its name.

    Args:
        module: the name of the module, which is imported.
        target: where they are added.
        clazz: what they must be subclasses of.
        disallowed: names that they must not have.

    Raises:
        ImportError: there is no such module.
        RuntimeError: a name is not allowed, or there already.
        TypeError: ``module`` is no text.
    """
    for found in _defined(module, clazz):
        _add(target, found.name(), found(), "function", disallowed)


def add_patch_plugin(module: str, target: dict[str, P], clazz: type[P], disallowed: set[str] | None = None) -> None:
    """Adds an object for each name of each patch that a module defines; see `add_plugin`."""
    for found in _defined(module, clazz):
        for name in found.names():
            _add(target, name, found(name), "patch", disallowed)


T = TypeVar("T")


def with_plugins(
    known: dict[str, T], add: Callable[[dict[str, T]], None], kind: str, reserved: Collection[str]
) -> dict[str, T]:
    """What is known and what a module adds; nothing of it if a name is taken.

    Args:
        known: what there is already.
        add: adds what the module has, as `add_plugin` does.
        kind: what is said to be a duplicate.
        reserved: names that are taken besides.

    Raises:
        RuntimeError: a name is there already.
    """
    found: dict[str, T] = {}
    add(found)
    for name in found:
        if name in known or name in reserved:
            raise RuntimeError(f"duplicate {kind} definition: {name}")
    return {**known, **found}


def _defined(module: str, clazz: type[T]) -> list[type[T]]:
    """The subclasses that a module itself defines; those that it only imports are others' plug-ins."""
    if not isinstance(module, str):
        raise TypeError(f"module must be the name of a module, not {type(module).__name__}")
    found = vars(importlib.import_module(module)).values()
    return [cls for cls in found if isinstance(cls, type) and cls.__module__ == module and issubclass(cls, clazz)]


def _add(target: dict[str, T], name: str, plugin: T, kind: str, disallowed: set[str] | None) -> None:
    if disallowed is not None and name in disallowed:
        raise RuntimeError(f"{kind} name {name} is not allowed")
    if name in target:
        raise RuntimeError(f"duplicate {kind} definition: {name}")
    target[name] = plugin


__all__ = [
    "HELPER_PKG",
    "ArgcSpec",
    "GeneralFunction",
    "HelperFunction",
    "LocalGeneralFunction",
    "LocalRedisFunction",
    "LuaGeneralPatch",
    "LuaPatch",
    "LuaRedisPatch",
    "NamedFunction",
    "add_patch_plugin",
    "add_plugin",
    "with_plugins",
]
