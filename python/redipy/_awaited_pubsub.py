"""Subscriptions in the shape that redis-py gives them, to be awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from redipy import _native
from redipy._told import LOOK_AHEAD, LOST, Event, Handler, Record, Text, Topics, end_of, event_of, left_of

if TYPE_CHECKING:
    from redipy.aio import Redis


class PubSub(Record):
    """What is published, as redis-py tells it. It is made by `redipy.aio.Redis.pubsub`.

    A lost connection is raised once, since what was published meanwhile is lost; the next call listens again. Only one task
    can wait for messages at a time.

    Example:
        >>> import asyncio
        >>> import redipy.aio
        >>> async def main():
        ...     r = redipy.aio.Redis()
        ...     async with r.pubsub(ignore_subscribe_messages=True) as p:
        ...         await p.subscribe("news")
        ...         await r.execute_command("PUBLISH", "news", "hello")
        ...         async for message in p.listen():
        ...             return message
        >>> asyncio.run(main())
        {'type': 'message', 'pattern': None, 'channel': 'news', 'data': 'hello'}
    """

    def __init__(self, client: Redis, decode: bool, ignore_subscribe_messages: bool = False) -> None:
        self._client = client
        self._source: _native.AsyncMessages | None = None
        self._lock = asyncio.Lock()
        self._woken: asyncio.Future[None] | None = None
        self._is_used = False
        super().__init__(decode, ignore_subscribe_messages)

    async def subscribe(self, *args: Any, **handlers: Handler) -> None:
        """Listens to channels. What is given by name is a channel and the function that its messages are given to."""
        await self._join(self._channels, args, handlers)

    async def psubscribe(self, *args: Any, **handlers: Handler) -> None:
        """Listens to the channels that match patterns; see `subscribe`."""
        await self._join(self._patterns, args, handlers)

    async def unsubscribe(self, *args: Any) -> None:
        """Listens no more to these channels, or to any."""
        await self._leave(self._channels, args)

    async def punsubscribe(self, *args: Any) -> None:
        """Listens no more to these patterns, or to any."""
        await self._leave(self._patterns, args)

    async def get_message(
        self, ignore_subscribe_messages: bool = False, timeout: float | None = 0.0
    ) -> dict[str, Any] | None:
        """The next message.

        Args:
            ignore_subscribe_messages: whether a confirmation gives None.
            timeout: seconds to wait at most; None to wait for ever.

        Returns:
            The message; None when the time is over first, or a handler got it.

        Raises:
            RuntimeError: nothing has been subscribed to yet.
        """
        if not self._is_used:
            raise RuntimeError("pubsub connection not set: did you forget to call subscribe() or psubscribe()?")
        event = await self._next(end_of(timeout))
        if event is None:
            return None
        message, handler = self._told(event, ignore_subscribe_messages)
        if message is None or handler is None:
            return message
        if isawaitable(handled := handler(message)):
            await handled
        return None

    async def listen(self) -> AsyncIterator[dict[str, Any]]:
        """All messages, until nothing is subscribed to any more."""
        while self.subscribed:
            message = await self.get_message(timeout=None)
            if message is not None:
                yield message

    async def run(
        self,
        *,
        exception_handler: Callable[[BaseException, PubSub], Any] | None = None,
        poll_timeout: float = 1.0,
    ) -> None:
        """Gives messages to their handlers, until its task is cancelled.

        Args:
            exception_handler: what is given the exceptions, with this; they end it else.
            poll_timeout: how long it waits at once.

        Raises:
            PubSubError: there is no handler for a channel or a pattern.
        """
        self._check_handlers()
        self._is_used = True
        while True:
            try:
                await self.get_message(ignore_subscribe_messages=True, timeout=poll_timeout)
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                if exception_handler is None:
                    raise
                if isawaitable(handled := exception_handler(error, self)):
                    await handled
            await asyncio.sleep(0)  # others have their turn, also where messages come without an end

    async def aclose(self) -> None:
        """Listens no more to anything; it can be used again."""
        source, self._source = self._source, None
        self._is_used = False
        self._forget()
        if source is not None:
            source.close()
        self._wake()

    close = reset = aclose

    async def __aenter__(self) -> PubSub:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _join(self, topics: Topics, args: tuple[Any, ...], handled: Mapping[str, Handler]) -> None:
        names, handlers = self._wanted(topics, args, handled)
        self._is_used = True
        async with self._lock:
            before, topics.handlers = topics.handlers, handlers
            try:
                await self._listen_to(topics, names)
            except BaseException:
                topics.handlers = before
                raise
        self._wake()

    async def _listen_to(self, topics: Topics, names: dict[Text, bytes]) -> None:
        sent = tuple(names.values())
        await self._listen_again()
        if self._source is None:
            self._source = await self._client._subscribe(*(((), sent) if topics is self._patterns else (sent, ())))
        else:
            await self._ask(self._source, topics.kind, sent)
        self._joined(topics, names, self._look_ahead())

    async def _ask(self, source: _native.AsyncMessages, command: str, names: Iterable[bytes]) -> None:
        try:
            await getattr(source, command)(*names)
        except LOST:
            self._source = None
            raise

    async def _listen_again(self) -> None:
        """Listens to all that was listened to before the connection was lost."""
        if self._source is not None:
            return
        told, again = len(self._events), self._again()
        try:
            for topics, names in again:
                await self._listen_to(topics, names)
        except BaseException:
            self._source = None
            self._not_again(told, again)
            raise

    async def _leave(self, topics: Topics, args: tuple[Any, ...]) -> None:
        self._is_used = True
        async with self._lock:
            names = self._named(args) if args else dict(topics.listened)
            ahead: list[Event | Exception] = []
            known = [sent for name, sent in names.items() if name in topics.listened]
            if known:
                await self._listen_again()
                if self._source is not None:
                    await self._ask(self._source, topics.unkind, known)
                ahead = self._look_ahead()
            self._left(topics, names, ahead)
        self._wake()

    def _look_ahead(self) -> list[Event | Exception]:
        """The messages that have come."""
        ahead: list[Event | Exception] = []
        source = self._source
        try:
            while source and len(self._events) + len(ahead) < LOOK_AHEAD and (event := _at_once(source)) is not None:
                ahead.append(event)
        except Exception as error:
            ahead.append(error)  # whoever gets there is told
        return ahead

    async def _next(self, end: float | None) -> Event | None:
        while True:
            if self._source is None and self._is_listening():
                async with self._lock:
                    await self._listen_again()
            if self._events:
                return self._raised(self._events.popleft())
            if not self._is_used:
                return None  # another task has closed it
            source, left = self._source, left_of(end)
            try:
                event = await self._first_of(source, left)
            except Exception as error:
                if source is not self._source:
                    continue  # another task has closed it
                self._raised(error)
                raise
            if event is not None or (left == 0 and not self._events):
                return event

    async def _first_of(self, source: _native.AsyncMessages | None, left: float | None) -> Event | None:
        """The next message, unless the time is over or another task has changed something."""
        if source is not None and (event := _at_once(source)) is not None:
            return event
        if left == 0:
            await asyncio.sleep(0)  # who asks again and again does not keep others from their turn
            return None
        if self._woken is None or self._woken.done():
            self._woken = asyncio.get_running_loop().create_future()
        coming = None if source is None else asyncio.ensure_future(source.next())
        try:
            waits: list[asyncio.Future[Any]] = [self._woken] if coming is None else [self._woken, coming]
            await asyncio.wait(waits, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            if coming is not None and coming.done() and coming.exception() is None:
                self._events.appendleft(event_of(coming.result()))
            raise
        finally:
            if coming is not None:
                coming.cancel()
        return event_of(coming.result()) if coming is not None and coming.done() else None

    def _wake(self) -> None:
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    def _raised(self, event: Event | Exception) -> Event:
        """Raises what is an exception. One of the connection ends it."""
        if not isinstance(event, Exception):
            return event
        if isinstance(event, LOST):
            self._source = None
        raise event


def _at_once(source: _native.AsyncMessages) -> Event | None:
    """The next message, if it has come."""
    call = source.next()
    try:
        call.send(None)
    except StopIteration as found:
        return event_of(found.value)
    call.close()
    return None
