"""Where a factory of redis-py clients leads to: our own connections are made as its clients make theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from redipy import _checked, _native
from redipy.errors import ConfigError

if TYPE_CHECKING:
    import redis

    RedisPy = redis.Redis
else:
    RedisPy = Any  # redis-py may not be there, and is not imported until it is needed

TAKEN = frozenset(
    [
        "host",
        "port",
        "db",
        "path",
        "username",
        "password",
        "client_name",
        "socket_timeout",
        "socket_connect_timeout",
        "client",
    ]
)
"""The options of redis-py's connections that decide what ours are like."""

OWN_WAYS = frozenset(
    [
        "decode_responses",
        "driver_info",
        "event_dispatcher",
        "health_check_interval",
        "himport_registry",
        "legacy_responses",
        "lib_name",
        "lib_version",
        "maint_notifications_config",
        "maint_notifications_pool_handler",
        "orig_host_address",
        "orig_socket_connect_timeout",
        "orig_socket_timeout",
        "parser_class",
        "protocol",
        "retry",
        "retry_on_error",
        "retry_on_timeout",
        "socket_keepalive",
        "socket_keepalive_options",
        "socket_read_size",
        "socket_type",
    ]
)
"""Those that are about how redis-py does its work. Ours is done in our own ways: nothing of what calls give depends on it."""

PLAIN: dict[str, Any] = {"encoding": ("utf-8", "utf8", "UTF-8"), "encoding_errors": ("strict",)}
"""Those that may only have these values."""


class Server(NamedTuple):
    """What a factory's connections lead to."""

    source: str | _native.Client
    """The URL of a server, or data in this process."""
    options: dict[str, Any]
    """What the URL does not say."""


def made_by(factory: Callable[..., Any], cfg: Mapping[str, Any]) -> RedisPy:
    """The client that a factory makes.

    Args:
        factory: the factory.
        cfg: what it is given.

    Raises:
        TypeError: it cannot be called, or what it gives is no client of ``redis.Redis``.
    """
    _checked.check_function("redis_factory", factory)
    client: RedisPy = factory(cfg=cfg)
    kind = type(client)
    if kind.__module__.startswith("redis.asyncio"):
        raise TypeError(
            "redis_factory must give a redis.Redis, not one of redis.asyncio: for asyncio there is redipy.aio"
        )
    if not hasattr(client, "connection_pool"):
        raise TypeError(f"redis_factory must give a redis.Redis, not {kind.__name__}")
    return client


def server_of(client: RedisPy) -> Server:
    """Where a client of redis-py leads to.

    Args:
        client: the client; nothing is sent by it.

    Raises:
        ConfigError: it does what ours cannot do, such as TLS; the option is named.
    """
    pool = client.connection_pool
    options = {name: value for name, value in pool.connection_kwargs.items() if value is not None}
    kind = pool.connection_class
    if "client" in options and isinstance(options["client"], _native.Client):
        if options.get("db", 0) != 0:
            raise _refused("db", options["db"])
        return Server(options["client"], {})
    if kind.__name__ == "SSLConnection":
        raise _refused("ssl", True)
    if (kind.__module__, kind.__name__) not in _CONNECTIONS:
        raise _refused("connection_class", kind.__qualname__)
    for name, value in options.items():
        if name not in TAKEN and name not in OWN_WAYS and value not in PLAIN.get(name, (False,)):
            raise _refused(name, value)
    named = {
        "client_name": options.get("client_name"),
        "connect_timeout": options.get("socket_connect_timeout"),
        "timeout": options.get("socket_timeout"),
    }
    return Server(_url(options), named)


_CONNECTIONS = (("redis.connection", "Connection"), ("redis.connection", "UnixDomainSocketConnection"))


def _refused(name: str, value: Any) -> ConfigError:
    return ConfigError(f"redis_factory: connections of redipy cannot honour {name}={value!r}")


def _url(options: dict[str, Any]) -> str:
    password, user = options.get("password") or "", options.get("username") or ""
    login = f"{quote(_text(user), safe='')}:{quote(_text(password), safe='')}@" if password else ""
    if (path := options.get("path")) is not None:
        return f"unix://{login}{quote(path)}?db={options.get('db', 0)}"
    return server_url(options.get("host", "localhost"), options.get("port", 6379), login, options.get("db", 0))


def _text(word: str | bytes) -> str:
    return word.decode() if isinstance(word, bytes) else word


def server_url(host: str, port: int, login: str = "", db: int = 0) -> str:
    """The URL of a server.

    Raises:
        ConfigError: there is no such host or port.
    """
    if not host or not isinstance(host, str) or set(host) & set("/?#@ "):
        raise ConfigError(f"host must be the name of a host, not {host!r}")
    if not f"{port}".isdecimal() or not 1 <= int(port) <= 65535:
        raise ConfigError(f"port must be a number from 1 to 65535, not {port!r}")
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return f"redis://{login}{host}:{port}/{db}"
