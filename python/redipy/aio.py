"""The client for asyncio: the same calls, to be awaited.

A call starts when it is awaited, or when the task runs that it is made, as coroutines do; one that is dropped before has done
nothing, and is warned of. In this process it is then answered at once, unless it is a script with a loop or finds its data
taken: a thread makes such calls, and the event loop goes on. All calls to a server share one connection and are sent in the
order in which they start; commands that block, and subscriptions, have connections of their own. What is given up, by a
timeout or because its task is cancelled, ends if it has written nothing.

Arguments that are wrong raise an exception where the call is made, before it is awaited; what the data or a server refuses
raises one where it is awaited.

Example:
    >>> import asyncio
    >>> import redipy.aio
    >>> async def main():
    ...     r = redipy.aio.Redis()
    ...     await r.set_value("foo", "bar")
    ...     print(await asyncio.gather(r.get_value("foo"), r.incrby("count", 2)))
    ...     async with r.subscribe("news") as news:
    ...         await r.execute_command("PUBLISH", "news", "hello")
    ...         print(await news.get_message())
    >>> asyncio.run(main())
    ['bar', 2.0]
    Message(channel='news', pattern=None, data='hello')
"""

from __future__ import annotations

import asyncio
import builtins
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping
from inspect import isawaitable
from types import TracebackType
from typing import Any, TypeVar

import redipy
from redipy import _checked, _native, errors
from redipy._awaited import AwaitedCommands
from redipy._awaited_pubsub import PubSub
from redipy.api import KeyType, KeyWalk
from redipy.backend.pipeline import QueuedCalls, first_error
from redipy.backend.runtime import NativeRuntime, published
from redipy.backend.subscription import Message
from redipy.graph.expr import JSONType
from redipy.symbolic.seq import FnContext

R = TypeVar("R", bound="Redis")


class Redis(_native.AsyncClient, AwaitedCommands):
    """A Redis whose calls are awaited.

    Args:
        client: the Redis whose data it has, a `redipy.Redis`; it is made of all other arguments, which are those of
            `redipy.Redis`, if it is left out.

    Raises:
        TypeError: the client is none.
        ValueError: what the arguments name is no backend, or one of your own, whose calls cannot be awaited.

    Example:
        >>> import asyncio
        >>> import redipy.aio
        >>> r = redipy.Redis()
        >>> async def main():
        ...     return await redipy.aio.Redis(r).rpush("jobs", "a", "b")
        >>> asyncio.run(main()), r.lpop("jobs")
        (2, 'a')
    """

    def __init__(self, client: redipy.Redis | None = None, **named: Any) -> None:
        if client is None:
            client = redipy.Redis(**named)
        elif not isinstance(client, redipy.Redis):
            raise TypeError(f"client must be a redipy.Redis, not {type(client).__name__}; `connect` takes a URL")
        elif named:
            raise TypeError(f"with a client there are no further arguments, such as {next(iter(named))}")
        if not isinstance(client.get_runtime(), NativeRuntime):
            raise ValueError("a runtime of your own has no calls that can be awaited")
        super().__init__(client)
        self._client = client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.describe()}>"

    async def aclose(self) -> None:
        """Does nothing, as there is nothing to be done: connections end with the client, which can be used further."""

    close = aclose

    async def __aenter__(self: R) -> R:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def pipeline(self) -> Pipeline:
        """Queues calls, which are executed together when the block is left; nothing is after an exception."""
        return Pipeline(self)

    def register_script(self, ctx: FnContext) -> Script:
        """Compiles a script; what is given runs it when it is called and awaited."""
        return Script(self._client._script(ctx), self)

    def keys_block(self, *, match: str | None = None, filter_type: KeyType | None = None) -> Awaitable[list[str]]:
        """All keys that match; nobody else is served meanwhile."""
        return self._keys(match=match, filter_type=filter_type)

    def keys(
        self,
        pattern: str | None = None,
        *,
        match: str | None = None,
        filter_type: KeyType | None = None,
        block: bool = True,
    ) -> Awaitable[builtins.set[str]]:
        """All keys that match, at once or, without ``block``, step by step. ``pattern`` is redis-py's name of ``match``."""
        match = pattern if match is None else match
        if block:
            return _set_of(self.keys_block(match=match, filter_type=filter_type))
        return _set_of_all(self.iter_keys(match=match, filter_type=filter_type))

    def iter_keys(self, *, match: str | None = None, filter_type: KeyType | None = None) -> AsyncIterator[str]:
        """All keys that match, step by step. One that comes or goes meanwhile may or may not be among them."""
        walk = KeyWalk()

        def step() -> _native.Call[tuple[int, list[str]]]:
            return self.scan(walk.cursor, match=match, count=walk.count, filter_type=filter_type)

        async def steps() -> AsyncIterator[str]:
            while not walk.is_over:
                for key in walk.take(await step()):
                    yield key

        step().close()  # which reads the arguments
        return steps()

    def subscribe(self, *channels: str) -> Subscription:
        """Listens to channels, from the moment on when it is entered or awaited."""
        _checked.check_named("subscribe", channels)
        return Subscription(self, channels, ())

    def psubscribe(self, *patterns: str) -> Subscription:
        """Listens to the channels that match glob patterns; see `subscribe`."""
        _checked.check_named("psubscribe", patterns)
        return Subscription(self, (), patterns)

    def pubsub(self, *, ignore_subscribe_messages: bool = False) -> PubSub:
        """What is published, in the shape that redis-py gives it; see `redipy.Redis.pubsub`."""
        return PubSub(self, self._client._decode, ignore_subscribe_messages)

    def publish(
        self,
        key: str = _checked.MISSING,
        msg: str = _checked.MISSING,
        *,
        channel: str = _checked.MISSING,
        message: str = _checked.MISSING,
    ) -> Awaitable[None]:
        """Wakes those who `wait_for` this key. ``channel`` and ``message`` are redis-py's names of ``key`` and ``msg``."""
        key, msg = published(key, msg, channel, message)
        return _nothing_of(self._publish(self._client._channel(key), msg))

    def wait_for(self, key: str, predicate: Callable[[], Any], timeout: float | None) -> Awaitable[Any]:
        """Waits until a function gives something true, and gives that.

        It is asked at once and after every `publish` for the key; None when the time is over first.

        Args:
            key: what `publish` is called with.
            predicate: the function; what it gives is awaited if need be.
            timeout: seconds to wait, None to wait for ever. Below zero it is asked once.
        """
        channel = self._client._channel(key)
        _checked.check_function("predicate", predicate)
        return self._wait_for(channel, predicate, _checked.seconds(timeout))

    async def _wait_for(self, channel: str, predicate: Callable[[], Any], timeout: float | None) -> Any:
        end = None if timeout is None else time.monotonic() + timeout

        async def ask() -> Any:
            result = predicate()
            return await result if isawaitable(result) else result

        if (result := await ask()) or (timeout is not None and timeout < 0):
            return result or None
        messages = self.subscribe(channel)
        try:
            await asyncio.wait_for(messages.__aenter__(), timeout)
        except (asyncio.TimeoutError, TimeoutError) as error:
            if isinstance(error, errors.TimeoutError):
                raise
            return None
        async with messages:
            while True:
                if result := await ask():
                    return result
                left = None if end is None else max(end - time.monotonic(), 0)
                if await messages.get_message(left) is None:
                    return None

    # The names of version 0.4.
    get = _native.AsyncClient.get_value


async def _set_of(keys: Awaitable[list[str]]) -> builtins.set[str]:
    return builtins.set(await keys)


async def _set_of_all(keys: AsyncIterator[str]) -> builtins.set[str]:
    return {key async for key in keys}


async def _nothing_of(call: Awaitable[Any]) -> None:
    await call


class Script:
    """A registered script: calling it and awaiting that runs it."""

    def __init__(self, script: _native.Script, client: Redis) -> None:
        self._script = script
        self._client = client

    @property
    def lua(self) -> str:
        """What a server runs."""
        return self._script.lua

    def __call__(
        self,
        *,
        keys: Mapping[str, str],
        args: Mapping[str, JSONType],
        client: Redis | Pipeline | None = None,
    ) -> Awaitable[Any] | None:
        """Runs the script.

        Args:
            keys: the name of each key of the script, and the key that it stands for.
            args: the name of each argument, and its value: anything that JSON has.
            client: where to run it, if not where it was registered; in a pipeline it is queued.

        Returns:
            The result of the script, to be awaited; None in a pipeline.
        """
        ran: Awaitable[Any] | None = (self._client if client is None else client)._run(self._script, keys, args)
        return ran

    def __repr__(self) -> str:
        return repr(self._script)


class Pipeline(QueuedCalls):
    """Calls that are queued and then executed together, without any other call in between.

    Example:
        >>> import asyncio
        >>> import redipy.aio
        >>> async def main():
        ...     async with redipy.aio.Redis().pipeline() as pipe:
        ...         pipe.set_value("a", "1")
        ...         pipe.incrby("a", 2)
        ...         return await pipe.execute()
        >>> asyncio.run(main())
        [True, 3.0]
    """

    def __init__(self, client: Redis) -> None:
        super().__init__(client._client)
        self._client = client

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Executes all that is queued; see `redipy.backend.pipeline.Pipeline.execute`."""
        results = await self._client._execute(self)
        if raise_on_error and (error := first_error(results)) is not None:
            raise error
        return results

    async def __aenter__(self) -> Pipeline:
        return self

    async def __aexit__(
        self,
        clazz: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            self.reset()
        elif self.has_pending():
            await self.execute()


class Subscription:
    """The messages of channels and patterns, in the order in which they were published.

    It listens from the moment on when it is entered, or awaited.

    Example:
        >>> import asyncio
        >>> import redipy.aio
        >>> async def main():
        ...     r = redipy.aio.Redis()
        ...     async with r.psubscribe("news.*") as news:
        ...         await r.execute_command("PUBLISH", "news.rust", "1.95")
        ...         async for message in news:
        ...             return message.data
        >>> asyncio.run(main())
        '1.95'
    """

    def __init__(self, client: Redis, channels: tuple[str, ...], patterns: tuple[str, ...]) -> None:
        self._start: Callable[[], _native.Call[_native.AsyncMessages]] = lambda: client._subscribe(channels, patterns)
        self._start().close()  # which reads the arguments
        self._messages: _native.AsyncMessages | None = None

    def __await__(self) -> Generator[Any, Any, Subscription]:
        return self.__aenter__().__await__()

    async def __aenter__(self) -> Subscription:
        if self._messages is None:
            self._messages = await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def _opened(self) -> _native.AsyncMessages:
        if self._messages is None:
            raise ValueError("the subscription is not open: enter it with `async with`, or await it")
        return self._messages

    async def get_message(self, timeout: float | None = None) -> Message | None:
        """The next message.

        Args:
            timeout: seconds to wait at most; None to wait for ever.

        Returns:
            The message; None when the time is over first.

        Raises:
            ValueError: the subscription is not open, or it was closed, or the timeout is negative.
        """
        messages = self._opened()
        timeout = _checked.seconds(timeout)
        if timeout is None:
            return Message(*await messages.next())
        if not timeout >= 0:
            raise ValueError("timeout must be a number of seconds that is not negative")
        try:
            return Message(*await asyncio.wait_for(messages.next(), timeout))
        except (asyncio.TimeoutError, TimeoutError):
            return None

    def subscribe(self, *channels: str) -> Awaitable[None]:
        """Listens to further channels."""
        _checked.check_named("subscribe", channels)
        return self._opened().subscribe(*channels)

    def psubscribe(self, *patterns: str) -> Awaitable[None]:
        """Listens to further patterns."""
        _checked.check_named("psubscribe", patterns)
        return self._opened().psubscribe(*patterns)

    def unsubscribe(self, *channels: str) -> Awaitable[None]:
        """Listens no more to these channels."""
        return self._opened().unsubscribe(*channels)

    def punsubscribe(self, *patterns: str) -> Awaitable[None]:
        """Listens no more to these patterns."""
        return self._opened().punsubscribe(*patterns)

    def close(self) -> None:
        """Listens no more to anything."""
        if self._messages is not None:
            self._messages.close()

    async def __aiter__(self) -> AsyncIterator[Message]:
        """All messages; it never ends by itself."""
        while True:
            yield Message(*await self._opened().next())


def connect(url: str, *, prefix: str = "", decode: bool = True, timeout: float | None = None) -> Redis:
    """A client of what a URL names; see `redipy.connect`."""
    return Redis(redipy.connect(url, prefix=prefix, decode=decode, timeout=timeout))


__all__ = ["Message", "Pipeline", "PubSub", "Redis", "Script", "Subscription", "connect"]
