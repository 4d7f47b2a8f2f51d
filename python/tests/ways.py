"""Ways to use redis-py, on data in this process and on a real server, so that a program is written once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import redis
import redis.asyncio

import redipy
from redipy.redis_py import async_connection_pool, connection_pool

Program = Callable[[Any, "Said"], Awaitable[None]]


class Said:
    """Texts as a client gives them: `str` or `bytes`."""

    def __init__(self, decode: bool) -> None:
        self.decode = decode

    def __call__(self, value: Any) -> Any:
        if isinstance(value, str):
            return value if self.decode else value.encode()
        if isinstance(value, (list, tuple)):
            return [self(item) for item in value]
        if isinstance(value, set):
            return {self(item) for item in value}
        if isinstance(value, dict):
            return {self(key): self(item) for key, item in value.items()}
        return value


def plain(value: Any) -> Any:
    """The same with lists for tuples: which one redis-py gives depends on its version and the protocol."""
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


class Ready:
    """A result that can be awaited."""

    def __init__(self, result: Any) -> None:
        self.result = result

    def __await__(self) -> Iterator[Any]:
        yield from ()
        return self.result


class Blocking:
    """A blocking object of redis-py in the shape of its asyncio twin, so that a program is written once."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if not callable(found):
            return found
        if name in ("pipeline", "pubsub"):
            return lambda *args, **named: Blocking(found(*args, **named))
        if name.endswith("scan_iter") or name == "listen":
            return lambda *args, **named: _iterated(found(*args, **named))
        return lambda *args, **named: Ready(found(*args, **named))

    async def __aenter__(self) -> Blocking:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.inner.reset()

    async def aclose(self) -> None:
        self.inner.close()


async def _iterated(items: Any) -> Any:
    for item in items:
        yield item


class Way:
    """A way to reach an empty database: where the data is, and how redis-py is used."""

    def __init__(self, port: int | None, style: str, *, engine: redipy.Redis | None = None, **options: Any) -> None:
        self.port, self.style, self.options = port, style, options
        self.said = Said(options["decode_responses"])
        self.engine = engine or redipy.Redis()
        if port is not None:
            redis.Redis(port=port).flushall()

    def blocking(self) -> redis.Redis:
        """A client that blocks."""
        if self.port is not None:
            return redis.Redis(port=self.port, **self.options)
        return redis.Redis(connection_pool=connection_pool(self.engine, **self.options))

    def run(self, program: Program) -> None:
        """Runs a program."""
        asyncio.run(self._run(program))

    async def _run(self, program: Program) -> None:
        if self.style == "blocking":
            client: Any = Blocking(self.blocking())
        elif self.port is not None:
            client = redis.asyncio.Redis(port=self.port, **self.options)
        else:
            client = redis.asyncio.Redis(connection_pool=async_connection_pool(self.engine, **self.options))
        try:
            await program(client, self.said)
        finally:
            await client.aclose()
            if self.style == "asyncio":
                await client.connection_pool.disconnect()


def told(kind: str, pattern: str | None, channel: str, data: Any, said: Said) -> dict[str, Any]:
    """A message as redis-py shows it. Its keys and kind are always `str`."""
    return {"type": kind, "pattern": said(pattern), "channel": said(channel), "data": said(data)}


def publish(r: redis.Redis, *messages: tuple[str, str]) -> None:
    """Sends messages, each with its channel."""
    for channel, text in messages:
        r.publish(channel, text)
