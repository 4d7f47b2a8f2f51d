"""Where the programs of this directory run: on the engine in this process, and on a real server."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import pytest
from libraries import library

import redipy

redis = library("redis")


class Place:
    """A place for data, found empty.

    Args:
        port: the port of a server; None is the engine.
    """

    def __init__(self, port: int | None) -> None:
        from redipy.redis_py import async_connection_pool, connection_pool

        self.port = port
        self.name = f"place-{uuid.uuid4().hex}"
        self.engine = redipy.connect(f"memory://{self.name}")
        self._pools = (connection_pool, async_connection_pool)

    @property
    def url(self) -> str:
        """The URL as redipy reads it."""
        return f"memory://{self.name}" if self.port is None else f"redis://127.0.0.1:{self.port}"

    def pool(self, **options: Any) -> Any:
        """A pool of connections."""
        if self.port is None:
            return self._pools[0](self.engine, **options)
        return redis.ConnectionPool(port=self.port, **options)

    def async_pool(self, **options: Any) -> Any:
        """A pool of connections of asyncio."""
        if self.port is None:
            return self._pools[1](self.engine, **options)
        return redis.asyncio.ConnectionPool(port=self.port, **options)

    def client(self, **options: Any) -> Any:
        """A client of redis-py."""
        return redis.Redis(connection_pool=self.pool(**options))

    def until(self, command: str) -> AbstractContextManager[None]:
        """A block that needs a command which the engine does not have yet: there it must fail and name the command."""
        return nullcontext() if self.port is not None else _refused(command)


@contextmanager
def _refused(command: str) -> Iterator[None]:
    with pytest.raises(redis.ResponseError, match=f"unknown command '{command}'"):
        yield


@pytest.fixture(params=["engine", "server"])
def place(request: pytest.FixtureRequest) -> Place:
    """Each place."""
    if request.param == "engine":
        return Place(None)
    port = request.getfixturevalue("server_port")
    redis.Redis(port=port).flushall()
    return Place(port)
