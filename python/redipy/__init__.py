"""One Redis API over data in your process and over real servers, with scripts that run on both.

Example:
    >>> import redipy
    >>> r = redipy.Redis()
    >>> r.rpush("queue", "a", "b")
    2
    >>> r.lpop("queue")
    'a'

`Redis` is the client, `redipy.script` is what scripts are written with, `redipy.errors` what calls raise.
"""

# These have locks of their own taken before a fork. What is imported last is asked first, and ours must be: it waits for
# others, who would wait for a lock of these in vain.
import concurrent.futures.thread as _locks_threads  # noqa: F401
import importlib
import logging as _locks_logging  # noqa: F401
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as _version
from typing import TYPE_CHECKING, Any

from redipy import _native, helpers, plugin, script, util
from redipy._native import keep_replies
from redipy.api import RSM_ALWAYS, RSM_EXISTS, RSM_MISSING, PipelineAPI, RedisAPI, RedisClientAPI, RSetMode
from redipy.backend.backend import ExecFunction
from redipy.backend.runtime import Runtime
from redipy.errors import RedipyError
from redipy.main import Redis, connect
from redipy.memory.rt import LocalRuntime
from redipy.redis.conn import RedisConfig, RedisConnection, RedisFactory

if TYPE_CHECKING:
    from redipy import aio as aio
    from redipy import redis_py as redis_py
    from redipy import testing as testing

_native.check_interpreter()

try:
    __version__ = _version("redipy")
except PackageNotFoundError:
    __version__ = "unknown"
version = PACKAGE_VERSION = __version__

_LATER = ("aio", "redis_py", "testing")
"""Modules that are imported when they are first used: they need asyncio, redis-py and pytest."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return importlib.import_module(f"{__name__}.{name}")
    except ImportError as error:
        raise AttributeError(f"{__name__}.{name} cannot be imported: {error}") from error


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})


__all__ = [
    "PACKAGE_VERSION",
    "RSM_ALWAYS",
    "RSM_EXISTS",
    "RSM_MISSING",
    "ExecFunction",
    "LocalRuntime",
    "PipelineAPI",
    "RSetMode",
    "RedipyError",
    "Redis",
    "RedisAPI",
    "RedisClientAPI",
    "RedisConfig",
    "RedisConnection",
    "RedisFactory",
    "Runtime",
    "connect",
    "helpers",
    "keep_replies",
    "plugin",
    "script",
    "util",
]
