"""redis-py without a server: connection pools whose connections lead into this process.

Example:
    >>> import redis
    >>> import redipy
    >>> from redipy.redis_py import connection_pool
    >>> engine = redipy.Redis()
    >>> r = redis.Redis(connection_pool=connection_pool(engine, decode_responses=True))
    >>> r.hset("user:1", mapping={"name": "ann", "visits": "7"})
    2
    >>> r.hgetall("user:1")
    {'name': 'ann', 'visits': '7'}
    >>> engine.hget("user:1", "name")
    'ann'

Everything of redis-py stays as it is, its replies, errors, pipelines and subscriptions: only what a socket would do is
done here. It needs redis-py 5 or later (``pip install redipy[redis]``).
"""

from __future__ import annotations

import builtins
import inspect
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import redipy
from redipy import _native
from redipy._redis_peer import CLOSED, AsyncPeer, Peer, Push
from redipy.backend.runtime import Runtime

try:
    import redis
    import redis.asyncio
    from redis._parsers import BaseParser
    from redis.asyncio.connection import AbstractConnection as AbstractAsyncConnection
    from redis.connection import AbstractConnection, parse_url
except ImportError as error:
    raise ImportError("redipy.redis_py needs redis-py, version 5 or later: pip install redipy[redis]") from error


SETS = redis.VERSION < (5, 1)
"""Whether this version reads a set of protocol 3 as one; later versions read a list."""


class _Reader(BaseParser):
    """What both kinds of parsers do: the replies are objects already, only texts may have to be decoded."""

    def __init__(self, socket_read_size: int) -> None:
        self._peer: Any = None
        self._push_handler: Callable[[Any], Any] | None = None

    def on_disconnect(self) -> None:
        """Forgets the connection."""
        self._peer = None

    def set_pubsub_push_handler(self, handler: Callable[[Any], Any]) -> None:
        """Sets what is shown every message of a connection with protocol 3."""
        self._push_handler = handler

    def _take(self, disable_decoding: bool) -> Any:
        reply = self._peer.replies.popleft()
        if isinstance(reply, redis.ConnectionError):
            raise reply
        if disable_decoding or not self._encoder.decode_responses:
            return reply
        return _decoded(reply, self._encoder.decode)

    def _handler_of(self, reply: Any) -> Callable[[Any], Any] | None:
        return self._push_handler if self._protocol == 3 and isinstance(reply, Push) else None

    def _attach(self, connection: Any, peer: Peer) -> None:
        self._peer = peer
        self._encoder = connection.encoder
        self._protocol = int(connection.protocol)

    def _open_peer(self) -> Any:
        if self._peer is None:
            raise redis.ConnectionError(CLOSED)
        return self._peer


def _decoded(reply: Any, decode: Callable[[bytes], Any]) -> Any:
    if isinstance(reply, bytes):
        return decode(reply)
    if isinstance(reply, list):
        return type(reply)(_decoded(item, decode) for item in reply)
    if isinstance(reply, set):
        return {_decoded(item, decode) for item in reply}
    if isinstance(reply, dict):
        return {_decoded(key, decode): _decoded(value, decode) for key, value in reply.items()}
    return reply


class Parser(_Reader):
    """Reads the replies of a connection."""

    def on_connect(self, connection: Any) -> None:
        """Reads from this connection."""
        self._attach(connection, connection._sock)
        self._timeout = connection.socket_timeout

    def can_read(self, timeout: float | None = 0) -> bool:
        """Waits at most this many seconds for a reply; whether there is one."""
        return self._peer is not None and self._peer.wait(timeout)

    def read_response(self, disable_decoding: bool = False, push_request: bool = False, timeout: Any = ...) -> Any:
        """The next reply. Without a number of seconds, or None, the connection's timeout counts."""
        limit = timeout if timeout is None or isinstance(timeout, (int, float)) else self._timeout
        if not self._open_peer().wait(limit):
            raise builtins.TimeoutError("timed out")
        reply = self._take(disable_decoding)
        handler = self._handler_of(reply)
        return handler(reply) if handler else reply


class AsyncParser(_Reader):
    """Reads the replies of a connection of asyncio."""

    def on_connect(self, connection: Any) -> None:
        """Reads from this connection."""
        self._attach(connection, connection._reader)

    async def can_read(self) -> bool:
        """Whether there is a reply."""
        return bool(self._open_peer().replies)

    can_read_destructive = can_read

    async def read_response(self, disable_decoding: bool = False, push_request: bool = False) -> Any:
        """The next reply."""
        await self._open_peer().readable()
        reply = self._take(disable_decoding)
        handler = self._handler_of(reply)
        return await handler(reply) if handler else reply


def _unnoticed(connection: type) -> dict[str, Any]:
    """An option for connections that ask a server for news of its maintenance unless told not to.

    Those of asyncio began to do that in a later version of redis-py than the others, and only then take the option.
    """
    name = "maint_notifications_config"
    if name not in inspect.signature(connection).parameters:
        return {}
    from redis.maint_notifications import MaintNotificationsConfig  # type: ignore[import-not-found, unused-ignore]

    return {name: MaintNotificationsConfig(enabled=False)}


UNNOTICED = _unnoticed(AbstractConnection)
UNNOTICED_ASYNC = _unnoticed(AbstractAsyncConnection)


def _connection_options(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a connection without those that only a socket, its parser or a server in a cluster has."""
    others = {
        "maint_notifications_pool_handler",
        "parser_class",
        "socket_keepalive",
        "socket_keepalive_options",
        "socket_type",
    }
    return {name: value for name, value in options.items() if name not in others}


class _WithoutSocket:
    """What both kinds of connections do: there is no address, and a peer in place of a socket."""

    host = "in-process"
    port = 0
    _parser_class: type[_Reader]
    _unnoticed: dict[str, Any]
    db: Any
    encoder: Any

    def __init__(self, *, client: _native.Client, **options: Any) -> None:
        self._client = client
        options = {**_connection_options(options), **self._unnoticed, "parser_class": self._parser_class}
        super().__init__(**options)

    def _host_error(self) -> str:
        return self.host

    def repr_pieces(self) -> list[tuple[str, Any]]:
        """What tells this connection from others."""
        return [("data", self._client.describe()), ("db", self.db)]


class EngineConnection(_WithoutSocket, AbstractConnection):
    """A connection of redis-py to data in this process.

    Args:
        client: whose data it uses.
        options: what other connections of redis-py take: ``db``, ``decode_responses``, ``protocol``, ….
    """

    _parser_class = Parser
    _unnoticed = UNNOTICED

    def _connect(self) -> Any:
        return Peer(self._client, self._parser.parse_error, sets=SETS)


class AsyncEngineConnection(_WithoutSocket, AbstractAsyncConnection):
    """A connection of redis-py's asyncio half to data in this process.

    Args:
        client: whose data it uses.
        options: what other connections of redis-py take: ``db``, ``decode_responses``, ``protocol``, ….
    """

    _parser_class = AsyncParser
    _unnoticed = UNNOTICED_ASYNC

    async def _connect(self) -> None:
        peer: Any = AsyncPeer(self._client, self._parser.parse_error, sets=SETS)
        self._reader = self._writer = peer


def _data_of(client: Runtime[Any] | _native.Client | None) -> _native.Client:
    """What holds the data of a client, which must be in this process; something new if there is no client."""
    if client is None:
        return _native.Client("memory://")
    runtime = client.get_runtime() if isinstance(client, redipy.Redis) else client
    if not isinstance(runtime, _native.Client):
        raise TypeError(f"client must be a redipy.Redis or a runtime of this package, not {type(runtime).__name__}")
    if not runtime.describe().startswith("memory://"):
        raise ValueError(f"the data of {runtime.describe()} is on a server: give redis-py its address")
    return runtime


def _options(options: dict[str, Any], unnoticed: dict[str, Any]) -> dict[str, Any]:
    """The options of a pool."""
    return {**unnoticed, **options, "client": _data_of(options.get("client"))}


def _options_of_url(url: str) -> dict[str, Any]:
    """The options of a pool that a URL holds, as redis-py reads it: ``memory://name/2?decode_responses=true``."""
    parts = urlsplit(url)
    if parts.scheme != "memory" or parts.fragment or not (parts.path.strip("/") or "0").isdecimal():
        raise ValueError(f"{url} names no data in this process: the form is memory://name[/db][?option=value]")
    read: Callable[[str], dict[str, Any]] = parse_url
    options = read(f"redis://localhost{parts.path}?{parts.query}")
    options.pop("host")
    return {**options, "client": redipy.connect(f"memory://{parts.netloc}")}


class ConnectionPool(redis.ConnectionPool):
    """A pool of connections to data in this process.

    Args:
        connection_class: what makes the connections.
        max_connections: how many there may be at a time.
        options: ``client``, whose data is used, and what other pools of redis-py take.

    Raises:
        TypeError: the client is none.
        ValueError: the data is on a server.
    """

    def __init__(
        self, connection_class: type = EngineConnection, max_connections: int | None = None, **options: Any
    ) -> None:
        super().__init__(connection_class, max_connections, **_options(options, UNNOTICED))

    @classmethod
    def from_url(cls, url: str, **options: Any) -> Any:
        """A pool for what a URL names; the same name is the same data everywhere in the process.

        Args:
            url: ``memory://name``; a database and options may follow as they do in ``redis://`` URLs.
            options: what other pools of redis-py take. Those of the URL come first.

        Raises:
            ValueError: the URL names no data in this process.

        Example:
            >>> import redis
            >>> from redipy.redis_py import ConnectionPool
            >>> r = redis.Redis(connection_pool=ConnectionPool.from_url("memory://pool?decode_responses=true"))
            >>> r.set("greeting", "hello")
            True
            >>> other = redis.Redis(connection_pool=ConnectionPool.from_url("memory://pool"))
            >>> other.get("greeting")
            b'hello'
        """
        return cls(**{**options, **_options_of_url(url)})


class AsyncConnectionPool(redis.asyncio.ConnectionPool):
    """A pool of connections of asyncio to data in this process; see `ConnectionPool`."""

    def __init__(
        self, connection_class: type = AsyncEngineConnection, max_connections: int | None = None, **options: Any
    ) -> None:
        super().__init__(connection_class, max_connections, **_options(options, UNNOTICED_ASYNC))

    @classmethod
    def from_url(cls, url: str, **options: Any) -> Any:
        """A pool for what a URL names; see `ConnectionPool.from_url`."""
        return cls(**{**options, **_options_of_url(url)})


def connection_pool(client: Runtime[Any] | None = None, **options: Any) -> ConnectionPool:
    """A pool of connections to the data of a client, for ``redis.Redis(connection_pool=..)``.

    Args:
        client: whose data is used, which must be in this process. Without one, nobody else has the data.
        options: what other pools of redis-py take: ``decode_responses``, ``protocol``, ``db``, ``max_connections``, ….

    Raises:
        TypeError: the client is none.
        ValueError: the data is on a server.

    Example:
        >>> import redis
        >>> from redipy.redis_py import connection_pool
        >>> r = redis.Redis(connection_pool=connection_pool())
        >>> with r.pipeline() as pipe:
        ...     pipe.rpush("queue", "a", "b").lpop("queue").execute()
        [2, b'a']
    """
    return ConnectionPool(client=client, **options)


def async_connection_pool(client: Runtime[Any] | None = None, **options: Any) -> AsyncConnectionPool:
    """A pool of connections to the data of a client, for ``redis.asyncio.Redis.from_pool(..)``.

    Args:
        client: whose data is used, which must be in this process. Without one, nobody else has the data.
        options: what other pools of redis-py take: ``decode_responses``, ``protocol``, ``db``, ``max_connections``, ….

    Raises:
        TypeError: the client is none.
        ValueError: the data is on a server.

    Example:
        >>> import asyncio, redis.asyncio
        >>> from redipy.redis_py import async_connection_pool
        >>> async def count():
        ...     r = redis.asyncio.Redis.from_pool(async_connection_pool())
        ...     try:
        ...         return await r.incr("visits"), await r.incr("visits")
        ...     finally:
        ...         await r.aclose()
        >>> asyncio.run(count())
        (1, 2)
    """
    return AsyncConnectionPool(client=client, **options)


__all__ = [
    "AsyncConnectionPool",
    "AsyncEngineConnection",
    "ConnectionPool",
    "EngineConnection",
    "async_connection_pool",
    "connection_pool",
]
