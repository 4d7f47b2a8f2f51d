"""Everything that a script is written with.

A script is a small program over Redis commands. It is written once, with the classes of this module, and runs in the
in-process engine and, as Lua, on a real server.

Example:
    >>> import redipy
    >>> from redipy.script import FnContext, RedisList, ToNum
    >>> ctx = FnContext()
    >>> limit = ctx.add_arg("limit")
    >>> inp, low = RedisList(ctx.add_key("inp")), RedisList(ctx.add_key("low"))
    >>> cur = ctx.add_local(inp.lpop())
    >>> loop = ctx.while_(cur.ne_(None))
    >>> below, _ = loop.if_(ToNum(cur).lt_(limit))
    >>> below.add(low.rpush(cur))
    >>> loop.add(cur.assign(inp.lpop()))
    >>> ctx.set_return_value(low.llen())
    >>> r = redipy.Redis()
    >>> drain = r.register_script(ctx)
    >>> r.rpush("numbers", "1", "7", "3")
    3
    >>> drain(keys={"inp": "numbers", "low": "small"}, args={"limit": 5})
    2
"""

from redipy.backend.backend import ExecFunction
from redipy.graph.expr import JSONType
from redipy.symbolic.expr import Constant, Strs
from redipy.symbolic.fun import (
    CallFn,
    FindFn,
    FromJSON,
    LogFn,
    LogLevel,
    RedisFn,
    ToIntStr,
    ToJSON,
    ToNum,
    ToStr,
    TypeStr,
)
from redipy.symbolic.rhash import RedisHash
from redipy.symbolic.rlist import RedisList
from redipy.symbolic.rset import RedisSet
from redipy.symbolic.rvar import RedisVar
from redipy.symbolic.rzset import RedisSortedSet
from redipy.symbolic.seq import FnContext

__all__ = [
    "CallFn",
    "Constant",
    "ExecFunction",
    "FindFn",
    "FnContext",
    "FromJSON",
    "JSONType",
    "LogFn",
    "LogLevel",
    "RedisFn",
    "RedisHash",
    "RedisList",
    "RedisSet",
    "RedisSortedSet",
    "RedisVar",
    "Strs",
    "ToIntStr",
    "ToJSON",
    "ToNum",
    "ToStr",
    "TypeStr",
]
