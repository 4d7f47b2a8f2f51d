"""The client."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from redipy import _checked, _native
from redipy._pubsub import PubSub
from redipy.api import REX_ALWAYS, RSM_ALWAYS, KeyType, PipelineAPI, RedisClientAPI, RExpireMode, RSetMode
from redipy.backend.backend import ExecFunction
from redipy.backend.runtime import NativeRuntime, Runtime
from redipy.graph.seq import SequenceObj
from redipy.memory.rt import LocalRuntime
from redipy.redis.conn import RedisConfig, RedisConnection, RedisFactory, ServerRuntime
from redipy.symbolic.seq import FnContext

R = TypeVar("R", bound="Redis")


class Redis(NativeRuntime):
    """A Redis: in this process unless a server is named.

    Args:
        backend: ``"memory"``, ``"redis"`` or ``"custom"``; ``"infer"`` goes by the other arguments.
        url: ``memory://``, ``memory://name`` or ``redis://[[user]:password@]host[:port][/db]``, in place of all others.
        cfg: where the server is, as a dictionary.
        host: the server's host, if there is no ``cfg``.
        port: its port.
        passwd: its password.
        redis_module: what is put before every key, after the prefix.
        prefix: what is put before every key.
        path: a path that comes with the configuration; nothing here uses it.
        is_caching_enabled: whether `get_connection` makes its client once.
        redis_factory: makes redis-py clients, whose options all connections have; see `RedisConnection`.
        rt: a runtime of one's own.
        lua_code_hook: is shown the Lua of every script that is registered, on a server.
        compile_hook: is shown the intermediate form of every script that is registered.
        verbose_lua_test: whether the Lua of scripts is printed.
        decode: whether texts are ``str``, or else ``bytes``, which any value can be.
        timeout: how many seconds a call of a server may take; see `connect`.

    Raises:
        TypeError: an argument is of another type.
        ValueError: what the arguments name is no backend, or ``rt`` is missing.

    Example:
        >>> import redipy
        >>> r = redipy.Redis()
        >>> r.set_value("foo", "bar")
        True
        >>> r.get_value("foo")
        'bar'
        >>> r.lpush("mylist", "a", "b", "c")
        3
        >>> r.lpop("mylist", 2)
        ['c', 'b']
    """

    _rt: Runtime[Any]

    def __init__(
        self,
        backend: Literal["memory", "redis", "custom", "infer"] = "infer",
        *,
        url: str | None = None,
        cfg: RedisConfig | None = None,
        host: str | None = None,
        port: int | None = None,
        passwd: str | None = None,
        redis_module: str | None = None,
        prefix: str | None = None,
        path: str | None = None,
        is_caching_enabled: bool = True,
        redis_factory: RedisFactory | None = None,
        rt: Runtime[Any] | None = None,
        lua_code_hook: Callable[[list[str]], None] | None = None,
        compile_hook: Callable[[SequenceObj], None] | None = None,
        verbose_lua_test: bool = False,
        decode: bool = True,
        timeout: float | None = None,
    ) -> None:
        for name, text in {"url": url, "redis_module": redis_module, "prefix": prefix, "path": path}.items():
            _checked.check_kind(name, text, str, "a str")
        _checked.check_kind("cfg", cfg, Mapping, "a dictionary with host and port")
        _checked.check_kind("rt", rt, Runtime, "a Runtime")
        for name, hook in {"lua_code_hook": lua_code_hook, "compile_hook": compile_hook}.items():
            _checked.check_kind(name, hook, Callable, "a function")
        if timeout is not None and rt is not None:
            raise ValueError("timeout: a runtime of your own has been made with its own")
        if url is not None:
            backend, rt = "custom", _of_url(url, prefix or "", timeout)
        elif backend == "infer":
            server = (cfg, host, port, passwd, prefix, path)
            named = any(value is not None for value in server)
            backend = "custom" if rt is not None else "redis" if named else "memory"
        if backend == "custom":
            if rt is None:
                raise ValueError("rt must not be None for custom backend")
        elif backend == "redis":
            if cfg is None:
                cfg = {
                    "host": "localhost" if host is None else host,
                    "port": 6379 if port is None else port,
                    "passwd": passwd or "",
                    "prefix": prefix or "",
                    "path": "." if path is None else path,
                }
            rt = RedisConnection(
                redis_module or "",
                cfg=cfg,
                redis_factory=redis_factory,
                is_caching_enabled=is_caching_enabled,
                verbose_test=verbose_lua_test,
                timeout=timeout,
            )
        elif backend == "memory":
            rt = LocalRuntime(timeout=timeout)
        else:
            raise ValueError(f"unknown backend {backend}; it is one of memory, redis, custom and infer")
        self._rt = rt
        self._decode = decode
        rt.set_compile_hook(compile_hook)
        if isinstance(rt, ServerRuntime):
            rt.prints_lua |= verbose_lua_test
            if lua_code_hook is not None:
                rt.set_code_hook(lua_code_hook)
        super().__init__(rt if isinstance(rt, NativeRuntime) else "memory://", decode=decode)
        if names := _left_to(rt):
            own: Any = type(self)
            self.__class__ = _delegating(own, names)

    def set_compile_hook(self, hook: Callable[[SequenceObj], None] | None) -> None:
        self._rt.set_compile_hook(hook)

    def set_code_hook(self, hook: Callable[[list[str]], None] | None) -> None:
        self._rt.set_code_hook(hook)

    def get_pubsub_key(self, key: str) -> str:
        return self._native_runtime().get_pubsub_key(key)

    def pubsub(self, *, ignore_subscribe_messages: bool = False) -> PubSub:
        """What is published, in the shape that redis-py gives it; `subscribe` has our own.

        Args:
            ignore_subscribe_messages: whether confirmations are left out.
        """
        return PubSub(self, self._decode, ignore_subscribe_messages)

    def _channel(self, key: str) -> str:
        return self._native_runtime()._channel(key)

    def _script(self, ctx: FnContext) -> _native.Script:
        return self._native_runtime()._script(ctx)

    def _native_runtime(self) -> NativeRuntime:
        if not isinstance(self._rt, NativeRuntime):
            raise ValueError("a runtime of your own does this by itself")
        return self._rt

    def __repr__(self) -> str:
        runtime = self._rt
        where = runtime.describe() if isinstance(runtime, NativeRuntime) else repr(runtime)
        return f"<{type(self).__name__} {where}>"

    def close(self) -> None:
        """Does nothing, as there is nothing to be done: connections end with the client, which can be used further."""

    def __enter__(self: R) -> R:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get_runtime(self) -> Runtime[Any]:
        """Where the data lives."""
        return self._rt

    def maybe_get_redis_runtime(self) -> RedisConnection | None:
        """The server's runtime; None if the data lives elsewhere."""
        return self._rt if isinstance(self._rt, RedisConnection) else None

    def maybe_get_memory_runtime(self) -> LocalRuntime | None:
        """The runtime in this process; None if the data lives elsewhere."""
        return self._rt if isinstance(self._rt, LocalRuntime) else None

    def get_redis_runtime(self) -> RedisConnection:
        """The server's runtime.

        Raises:
            ValueError: the data lives elsewhere.
        """
        if (runtime := self.maybe_get_redis_runtime()) is None:
            raise ValueError("not a redis runtime")
        return runtime

    def get_memory_runtime(self) -> LocalRuntime:
        """The runtime in this process.

        Raises:
            ValueError: the data lives elsewhere.
        """
        if (runtime := self.maybe_get_memory_runtime()) is None:
            raise ValueError("not a memory runtime")
        return runtime


def _of_url(url: str, prefix: str, timeout: float | None) -> NativeRuntime:
    """The runtime of what a URL names."""
    if url.startswith("memory:"):
        return LocalRuntime(url, prefix=prefix, timeout=timeout)
    return ServerRuntime(url, prefix=prefix, timeout=timeout)


def _left_to(rt: Runtime[Any]) -> frozenset[str]:
    """The calls that a runtime must be left to make itself: those that are not as they are in this package."""
    own = {name for name in vars(Redis) if not name.startswith("__")} - {"get_pubsub_key"}
    inherited = {name for base in NativeRuntime.__mro__[:-1] for name in vars(base) if not name.startswith("_")}
    calls = frozenset(inherited - own)
    if not isinstance(rt, NativeRuntime):
        return calls
    home = next(base for base in type(rt).__mro__ if base.__module__.partition(".")[0] == "redipy")
    return frozenset(name for name in calls if getattr(type(rt), name) is not getattr(home, name))


@functools.cache
def _delegating(cls: type[Redis], names: frozenset[str]) -> type[Redis]:
    """The class, in which these calls of a Redis are left to its runtime."""

    def delegate(name: str) -> Callable[..., Any]:
        def call(self: Redis, *args: Any, **kwargs: Any) -> Any:
            return getattr(self.get_runtime(), name)(*args, **kwargs)

        return call

    # Behind the methods of a subclass, which call these as `super()`.
    base = type("Redis", (Redis,), {"__module__": Redis.__module__, **{name: delegate(name) for name in names}})
    return base if cls is Redis else type(cls.__name__, (cls, base), {"__module__": cls.__module__})


def connect(url: str, *, prefix: str = "", decode: bool = True, timeout: float | None = None) -> Redis:
    """A client of what a URL names: ``memory://``, ``memory://name``, ``redis://..`` or ``unix://..``.

    Args:
        url: where the data lives. A server is connected to when it is first used. ``?timeout=SECONDS``,
            ``connect_timeout=SECONDS``, ``message_limit=BYTES``, ``script_steps=NUMBER`` (how many steps a script in this
            process may take; a billion unless said otherwise), ``background=no`` (a store of this process has no thread
            that removes what has expired: `Redis.tick` does) and ``notify_keyspace_events=CLASSES`` (which keyspace
            notifications it publishes, such as ``KEA``) may follow, joined by ``&``.
        prefix: what is put before every key.
        decode: whether texts are ``str``, or else ``bytes``.
        timeout: how many seconds a call of a server may take, before what the URL says; 30 where neither does, and
            ``math.inf`` for ever.

    Raises:
        TypeError: an argument is of another type.
        ValueError: the URL is wrong.

    Example:
        >>> import redipy
        >>> a, b = redipy.connect("memory://shared"), redipy.connect("memory://shared")
        >>> a.incrby("visits", 1)
        1.0
        >>> b.get_value("visits")
        '1'
    """
    if url is None:
        raise TypeError("url must be a str, not NoneType")
    return Redis(url=url, prefix=prefix, decode=decode, timeout=timeout)


# Some of these are here because users of the original import them from here.
__all__ = [
    "REX_ALWAYS",
    "RSM_ALWAYS",
    "ExecFunction",
    "FnContext",
    "KeyType",
    "LocalRuntime",
    "NativeRuntime",
    "PipelineAPI",
    "RExpireMode",
    "RSetMode",
    "Redis",
    "RedisClientAPI",
    "RedisConfig",
    "RedisConnection",
    "RedisFactory",
    "Runtime",
    "SequenceObj",
    "ServerRuntime",
    "connect",
]
