"""The runtime whose data lives on a real server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypedDict
from urllib.parse import quote

from redipy import _native
from redipy.api import (
    REX_ALWAYS,
    REX_EARLIER,
    REX_EXPIRE,
    REX_LATER,
    REX_PERSIST,
    RSM_ALWAYS,
    RSM_EXISTS,
    RSM_MISSING,
    KeyType,
    PipelineAPI,
    RExpireMode,
    RSetMode,
    as_key_type,
)
from redipy.backend.runtime import NativeRuntime, Runtime
from redipy.errors import ConfigError
from redipy.graph.seq import SequenceObj
from redipy.redis.dynamic import RedisFunctionBytes, dynamic_script
from redipy.redis.factory import RedisPy, Server, made_by, server_of, server_url
from redipy.redis.lua import LuaBackend
from redipy.util import is_test, normalize_values, now, time_diff, to_list_str, to_maybe_str


class _Server(TypedDict):
    host: str
    port: int
    passwd: str


class RedisConfig(_Server, total=False):
    """Where a server is, and what is put before every key."""

    prefix: str
    path: str


class RedisFactory(Protocol):
    """Makes redis-py clients, whose options all connections have."""

    def __call__(self, *, cfg: RedisConfig) -> RedisPy: ...


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
        redis_factory: makes the clients of `get_connection`. It is called once at first as well, and all our own connections
            are made as those of its client are: host, port, database, path, login, name and timeouts.
        is_caching_enabled: kept for `get_connection`: whether its client is made once.
        verbose_test: whether the Lua of every script is printed.
        timeout: how many seconds a call may take; see `redipy.connect`.

    Raises:
        TypeError: the factory makes no client of ``redis.Redis``.
        ConfigError: a client of the factory has an option that we cannot honour, such as TLS.
    """

    def __init__(
        self,
        redis_module: str,
        *,
        cfg: RedisConfig,
        redis_factory: RedisFactory | None = None,
        is_caching_enabled: bool = True,
        verbose_test: bool = False,
        timeout: float | None = None,
    ) -> None:
        self._factory: RedisFactory = _connect if redis_factory is None else redis_factory
        self._client: RedisPy | None = None if redis_factory is None else made_by(redis_factory, cfg)
        server = _server(cfg) if self._client is None else server_of(self._client)
        options = server.options if timeout is None else {**server.options, "timeout": timeout}
        self._bare = _native.Client(server.source, decode=False, **options)
        self._plain = ServerRuntime(self._bare)
        super().__init__(self._bare, prefix=_prefix(cfg, redis_module))
        self._cfg = cfg
        self._prefix = _prefix(cfg, redis_module)
        self._keeps_client = is_caching_enabled
        self.prints_lua = verbose_test

    def get_prefix(self) -> str:
        """What is put before every key."""
        return self._prefix

    def with_prefix(self, key: str) -> str:
        """The key as the server has it."""
        return f"{self.get_prefix()}{key}"

    def no_prefix(self, key: str) -> str:
        """The key without the prefix that the server has it with.

        Raises:
            ValueError: the key does not begin with it.
        """
        rest = key.removeprefix(self.get_prefix())
        if rest == key:
            raise ValueError(f"invalid key ({key}) does not contain prefix {self.get_prefix()}")
        return rest

    def get_pubsub_key(self, key: str) -> str:
        return self.with_prefix(super().get_pubsub_key(key))

    def _channel(self, key: str) -> str:
        return self.get_pubsub_key(key).removeprefix(self.get_prefix())

    def get_path(self) -> str:
        """The path of the configuration, which nothing here uses."""
        return self._cfg.get("path", ".")

    @contextmanager
    def get_connection(self) -> Iterator[RedisPy]:
        """A redis-py client of the same server. Its keys have no prefix.

        Raises:
            ImportError: redis-py is not installed.
        """
        client = self._client
        if client is None:
            client = made_by(self._factory, self._cfg)
        self._client = client if self._keeps_client else None
        try:
            yield client
        except BaseException as error:
            self._client = None
            if f"{error}".startswith("WRONGTYPE"):
                raise TypeError("key has a different type") from error
            raise

    def get_dynamic_script(self, code: str) -> RedisFunctionBytes:
        """A script in Lua. Its keys have no prefix."""
        self._show_lua(code)
        return dynamic_script(code, self._bare)

    def set_print_scripts(self, is_print_scripts: bool) -> None:
        """Sets whether the Lua of every script is printed."""
        self.prints_lua = is_print_scripts

    def notify_all(self, key: str) -> None:
        """Wakes those who `wait_for` this key."""
        self.publish(key, "notify")

    def flush_all(self) -> None:
        """Deletes all keys of the server, also those without the prefix."""
        self._plain.flushall()

    def keys_str(self, prefix: str, postfix: str | None = None) -> Iterable[str]:
        """The keys that begin and end so, as the server has them."""
        return self._plain.iter_keys(match=f"{prefix}*{postfix or ''}")

    def keys_count(self, prefix: str) -> int:
        """How many keys begin so, as the server has them."""
        return sum(1 for _ in self.keys_str(prefix))

    def prefix_exists(self, prefix: str, postfix: str | None = None) -> bool:
        """Whether a key begins and ends so, as the server has it."""
        return any(True for _ in self.keys_str(prefix, postfix))


def _prefix(cfg: RedisConfig, redis_module: str) -> str:
    parts = [part for part in (cfg.get("prefix", ""), redis_module) if part]
    joined = ":".join(parts).rstrip(":")
    return f"{joined}:" if joined else ""


def _server(cfg: RedisConfig) -> Server:
    if missing := {"host", "port"} - cfg.keys():
        raise ConfigError(f"cfg lacks {min(missing)!r}")
    password = cfg.get("passwd", "")
    if not isinstance(password, str):
        raise ConfigError(f"passwd must be a str, not {type(password).__name__}")
    login = f":{quote(password, safe='')}@" if password else ""
    return Server(server_url(cfg["host"], cfg["port"], login), {})


def _connect(*, cfg: RedisConfig) -> RedisPy:
    try:
        import redis
    except ImportError as error:
        raise ImportError("get_connection() gives a client of redis-py: pip install redipy[redis]") from error
    return redis.Redis(host=cfg["host"], port=cfg["port"], password=cfg.get("passwd") or None)


# Some of these are here because users of the original import them from here.
__all__ = [
    "REX_ALWAYS",
    "REX_EARLIER",
    "REX_EXPIRE",
    "REX_LATER",
    "REX_PERSIST",
    "RSM_ALWAYS",
    "RSM_EXISTS",
    "RSM_MISSING",
    "KeyType",
    "LuaBackend",
    "NativeRuntime",
    "PipelineAPI",
    "RExpireMode",
    "RSetMode",
    "RedisConfig",
    "RedisConnection",
    "RedisFactory",
    "RedisFunctionBytes",
    "RedisPy",
    "Runtime",
    "SequenceObj",
    "Server",
    "ServerRuntime",
    "as_key_type",
    "dynamic_script",
    "is_test",
    "normalize_values",
    "now",
    "server_of",
    "server_url",
    "time_diff",
    "to_list_str",
    "to_maybe_str",
]
