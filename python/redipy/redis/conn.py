"""The runtime whose data lives on a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypedDict
from urllib.parse import quote

from redipy import _native
from redipy.backend.runtime import NativeRuntime
from redipy.graph.seq import SequenceObj
from redipy.redis.lua import LuaBackend

if TYPE_CHECKING:
    import redis


class _Server(TypedDict):
    host: str
    port: int
    passwd: str


class RedisConfig(_Server, total=False):
    """Where a server is, and what is put before every key."""

    prefix: str
    path: str


class RedisFactory(Protocol):
    """Makes redis-py clients for `RedisConnection.get_connection`."""

    def __call__(self, *, cfg: RedisConfig) -> redis.Redis: ...


class RedisFunctionBytes(Protocol):
    """A script of one's own in Lua: calling it runs it and gives what it returns, texts as bytes."""

    def __call__(self, *, keys: list[str], args: list[Any], client: redis.Redis | None = None) -> Any: ...


class ServerRuntime(NativeRuntime):
    """A Redis on a real server, by its URL."""

    @classmethod
    def create_backend(cls) -> LuaBackend:
        """Makes what `get_backend` gives."""
        return LuaBackend()

    def get_backend(self) -> LuaBackend:
        """What scripts can call besides what they can call everywhere: plug-ins are added to it."""
        with self.lock():
            backend: LuaBackend = self.__dict__.setdefault("_backend", self.create_backend())
            return backend

    def _compile(self, program: SequenceObj) -> _native.Script:
        return self.get_backend().compile(program)


class RedisConnection(ServerRuntime):
    """A Redis on a real server, to which it connects when it is first used.

    Args:
        redis_module: what is put before every key, after the prefix of the configuration.
        cfg: where the server is.
        redis_factory: makes the clients of `get_connection`.
        is_caching_enabled: kept for `get_connection`: whether its client is made once.
        verbose_test: whether the Lua of every script is printed.
    """

    def __new__(
        cls,
        redis_module: str,
        *,
        cfg: RedisConfig,
        redis_factory: RedisFactory | None = None,
        is_caching_enabled: bool = True,
        verbose_test: bool = False,
    ) -> RedisConnection:
        return super().__new__(cls, _url(cfg), prefix=_prefix(cfg, redis_module))

    def __init__(
        self,
        redis_module: str,
        *,
        cfg: RedisConfig,
        redis_factory: RedisFactory | None = None,
        is_caching_enabled: bool = True,
        verbose_test: bool = False,
    ) -> None:
        self._cfg = cfg
        self._prefix = _prefix(cfg, redis_module)
        self._factory: RedisFactory = _connect if redis_factory is None else redis_factory
        self._client: redis.Redis | None = None
        self._keeps_client = is_caching_enabled
        self.prints_lua = verbose_test

    def get_prefix(self) -> str:
        """What is put before every key."""
        return self._prefix

    def with_prefix(self, key: str) -> str:
        """The key as the server has it."""
        return f"{self._prefix}{key}"

    def get_path(self) -> str:
        """The path of the configuration, which nothing here uses."""
        return self._cfg.get("path", ".")

    @contextmanager
    def get_connection(self) -> Iterator[redis.Redis]:
        """A redis-py client of the same server. Its keys have no prefix.

        Raises:
            ImportError: redis-py is not installed.
        """
        client = self._client
        if client is None:
            client = self._factory(cfg=self._cfg)
            if self._keeps_client:
                self._client = client
        try:
            yield client
        except BaseException:
            self._client = None
            raise

    def get_dynamic_script(self, code: str) -> RedisFunctionBytes:
        """A script in Lua. Its keys have no prefix."""
        self._show_lua(code)
        own = _native.Client(_url(self._cfg), decode=False)

        def run(*, keys: list[str], args: list[Any], client: redis.Redis | None = None) -> Any:
            call: Callable[..., Any] = own.execute_command if client is None else client.execute_command
            return call("EVAL", code, len(keys), *keys, *args)

        return run


def _prefix(cfg: RedisConfig, redis_module: str) -> str:
    parts = [part for part in (cfg.get("prefix", ""), redis_module) if part]
    joined = ":".join(parts).rstrip(":")
    return f"{joined}:" if joined else ""


def _url(cfg: RedisConfig) -> str:
    host, password = cfg["host"], cfg.get("passwd", "")
    login = f":{quote(password, safe='')}@" if password else ""
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return f"redis://{login}{host}:{cfg['port']}"


def _connect(*, cfg: RedisConfig) -> redis.Redis:
    try:
        import redis
    except ImportError as error:
        raise ImportError("get_connection() gives a client of redis-py: pip install redipy[redis]") from error
    return redis.Redis(host=cfg["host"], port=cfg["port"], password=cfg.get("passwd") or None)
