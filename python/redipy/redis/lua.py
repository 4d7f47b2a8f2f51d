"""The Lua of scripts: where plug-ins change what a server runs.

It is made in Rust, and ``lua_code_hook`` shows it.
"""

from __future__ import annotations

from functools import partial
from textwrap import dedent

from redipy import _native
from redipy.api import PipelineAPI, RedisAPI
from redipy.backend.backend import ExecFunction
from redipy.graph.cmd import CommandObj
from redipy.graph.expr import BinOps, CallObj, ExprObj, JSONType, get_literal
from redipy.graph.seq import SequenceObj
from redipy.plugin import (
    HELPER_PKG,
    HelperFunction,
    LuaGeneralPatch,
    LuaRedisPatch,
    add_patch_plugin,
    add_plugin,
    with_plugins,
)
from redipy.redis.patch import patched, used_helpers
from redipy.util import code_fmt, indent, json_compact, lua_fmt

RESERVED_REDIS = frozenset(
    [
        "type",
        "set",
        "get",
        "lpop",
        "rpop",
        "hget",
        "zpopmax",
        "zpopmin",
        "incrby",
        "hincrby",
        "hmget",
        "hgetall",
        "sismember",
    ]
)
"""The commands that no plug-in can patch: those that the original patched itself."""

RESERVED_GENERAL = frozenset(["string.find", "asintstr"])
"""The functions that no plug-in can patch."""


class LuaBackend:
    """What scripts of a server can call besides what they can call everywhere.

    A patch sees calls in the intermediate form and gives what stands in their place. The call itself, where it is part
    of that, is then one of the server's own Lua: a missing value is ``false``, replies are as RESP2 has them. Helper
    functions are given tables as Lua has them, and keys by the names that the server has them by.

    Example:
        >>> from redipy.redis.conn import RedisConnection
        >>> connection = RedisConnection("", cfg={"host": "localhost", "port": 6379, "passwd": ""})
        >>> connection.get_backend().add_helper_function_plugin("redipy.redis.helpers")
        Traceback (most recent call last):
        RuntimeError: duplicate function definition: pairlist_scores
    """

    def __init__(self) -> None:
        self._helpers: dict[str, HelperFunction] = {}
        self._redis_patches: dict[str, LuaRedisPatch] = {}
        self._general_patches: dict[str, LuaGeneralPatch] = {}
        self.add_helper_function_plugin("redipy.redis.helpers")

    def add_helper_function_plugin(self, module: str) -> None:
        """Adds functions in Lua, which patches can call as ``redipy.<name>``, for scripts registered from now on.

        Args:
            module: the name of a module with subclasses of `redipy.plugin.HelperFunction`.

        Raises:
            ImportError: there is no such module.
            RuntimeError: there is a function of this name already.
        """
        add = partial(add_plugin, module, clazz=HelperFunction)
        self._helpers = with_plugins(self._helpers, add, "function", ())

    def add_general_patch_plugin(self, module: str) -> None:
        """Adds patches of calls that are no commands; see `add_helper_function_plugin`.

        Args:
            module: the name of a module with subclasses of `redipy.plugin.LuaGeneralPatch`.

        Raises:
            ImportError: there is no such module.
            RuntimeError: the function is patched already, or it is ``redis.call``.
        """
        add = partial(add_patch_plugin, module, clazz=LuaGeneralPatch, disallowed={"redis.call"})
        self._general_patches = with_plugins(self._general_patches, add, "patch", RESERVED_GENERAL)

    def add_redis_patch_plugin(self, module: str) -> None:
        """Adds patches of calls of commands; see `add_helper_function_plugin`.

        Args:
            module: the name of a module with subclasses of `redipy.plugin.LuaRedisPatch`.

        Raises:
            ImportError: there is no such module.
            RuntimeError: the command is patched already.
        """
        add = partial(add_patch_plugin, module, clazz=LuaRedisPatch)
        self._redis_patches = with_plugins(self._redis_patches, add, "patch", RESERVED_REDIS)

    def compile(self, program: SequenceObj) -> _native.Script:
        """The script of a program, with patched calls.

        Raises:
            RuntimeError: a helper function is called that is not there.
            ScriptError: the program is wrong.
        """
        program = patched(program, self._redis_patches, self._general_patches)
        lua: dict[str, str] = {}
        for name in sorted(used_helpers(program)):
            if (helper := self._helpers.get(name)) is None:
                raise RuntimeError(f"unknown helper {name}")
            body = dedent(helper.body().strip("\n")).rstrip()
            lua[f"{HELPER_PKG}.{name}"] = f"function({helper.args()})\n{body}\nend"
        return _native.Script(program, lua=lua)


# Some of these are here because users of the original import them from here.
__all__ = [
    "HELPER_PKG",
    "RESERVED_GENERAL",
    "RESERVED_REDIS",
    "BinOps",
    "CallObj",
    "CommandObj",
    "ExecFunction",
    "ExprObj",
    "HelperFunction",
    "JSONType",
    "LuaBackend",
    "LuaGeneralPatch",
    "LuaRedisPatch",
    "PipelineAPI",
    "RedisAPI",
    "SequenceObj",
    "add_patch_plugin",
    "add_plugin",
    "code_fmt",
    "get_literal",
    "indent",
    "json_compact",
    "lua_fmt",
    "patched",
    "used_helpers",
    "with_plugins",
]
