"""The classes of the original's plug-ins: functions of one's own for scripts.

What is written with them can be imported and called. Scripts cannot call it yet: the methods that would add a module to a
runtime (``add_redis_function_plugin`` and others) are not there.

Example:
    >>> import redipy.plugin
    >>> class Double(redipy.plugin.LocalGeneralFunction):
    ...     @staticmethod
    ...     def name():
    ...         return "double"
    ...     @staticmethod
    ...     def argc():
    ...         return {"count": 1}
    ...     @staticmethod
    ...     def call(args):
    ...         return 2 * args[0]
    >>> Double.call([21])
    42
"""

from __future__ import annotations

import importlib
from typing import Any, TypedDict, TypeVar

from redipy.graph.expr import CallObj, ExprObj, JSONType


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
    def call(sm: Any, key: str, args: list[JSONType]) -> JSONType:
        """What the call gives.

        Args:
            sm: the data; it has the calls of `redipy.api.RedisAPI`.
            key: the key.
            args: the other arguments.
        """
        raise NotImplementedError


class LocalGeneralFunction(GeneralFunction):
    """What ``CallFn`` calls in process."""

    @staticmethod
    def call(args: list[JSONType]) -> JSONType:
        """What the call gives."""
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
    """
    for found in _defined(module, clazz):
        _add(target, found.name(), found(), "function", disallowed)


def add_patch_plugin(module: str, target: dict[str, P], clazz: type[P], disallowed: set[str] | None = None) -> None:
    """Adds an object for each name of each patch that a module defines; see `add_plugin`."""
    for found in _defined(module, clazz):
        for name in found.names():
            _add(target, name, found(name), "patch", disallowed)


T = TypeVar("T")


def _defined(module: str, clazz: type[T]) -> list[type[T]]:
    """The subclasses that a module itself defines; those that it only imports are others' plug-ins."""
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
]
