"""Subscriptions in the shape that redis-py gives them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from redipy._told import LOOK_AHEAD, LOST, Event, Handler, Record, Text, Topics, end_of, event_of, left_of

if TYPE_CHECKING:
    from redipy.backend.subscription import Subscription
    from redipy.main import Redis

SLICE = 0.05
"""Seconds after which a thread that waits sees what another one has changed."""


class PubSub(Record):
    """What is published, as redis-py tells it. It is made by `redipy.Redis.pubsub`.

    A lost connection is raised once, since what was published meanwhile is lost; the next call listens again.

    Example:
        >>> import redipy
        >>> r = redipy.Redis()
        >>> p = r.pubsub()
        >>> p.subscribe("news")
        >>> p.get_message()
        {'type': 'subscribe', 'pattern': None, 'channel': 'news', 'data': 1}
        >>> r.execute_command("PUBLISH", "news", "hello")
        1
        >>> p.get_message()
        {'type': 'message', 'pattern': None, 'channel': 'news', 'data': 'hello'}
    """

    def __init__(self, client: Redis, decode: bool, ignore_subscribe_messages: bool = False) -> None:
        self._client = client
        self._source: Subscription | None = None
        self._lock = threading.RLock()
        self._has_subscribed = threading.Event()
        super().__init__(decode, ignore_subscribe_messages)

    def subscribe(self, *args: Any, **handlers: Handler) -> None:
        """Listens to channels. What is given by name is a channel and the function that its messages are given to."""
        self._join(self._channels, args, handlers)

    def psubscribe(self, *args: Any, **handlers: Handler) -> None:
        """Listens to the channels that match patterns; see `subscribe`."""
        self._join(self._patterns, args, handlers)

    def unsubscribe(self, *args: Any) -> None:
        """Listens no more to these channels, or to any."""
        self._leave(self._channels, args)

    def punsubscribe(self, *args: Any) -> None:
        """Listens no more to these patterns, or to any."""
        self._leave(self._patterns, args)

    def get_message(
        self, ignore_subscribe_messages: bool = False, timeout: float | None = 0.0
    ) -> dict[str, Any] | None:
        """The next message.

        Args:
            ignore_subscribe_messages: whether a confirmation gives None.
            timeout: seconds to wait at most, also for a subscription; None to wait for ever.

        Returns:
            The message; None when the time is over first, or a handler got it.
        """
        end = end_of(timeout)
        if not self.subscribed and not self._has_subscribed.wait(timeout):
            return None
        event = self._next(end)
        if event is None:
            return None
        message, handler = self._told(event, ignore_subscribe_messages)
        if not self.subscribed:
            self._has_subscribed.clear()
        if message is None or handler is None:
            return message
        handler(message)
        return None

    def listen(self) -> Iterator[dict[str, Any]]:
        """All messages, until nothing is subscribed to any more."""
        while self.subscribed:
            message = self.get_message(timeout=None)
            if message is not None:
                yield message

    def run_in_thread(
        self,
        sleep_time: float = 0.0,
        daemon: bool = False,
        exception_handler: Callable[[BaseException, PubSub, PubSubWorkerThread], Any] | None = None,
    ) -> PubSubWorkerThread:
        """A thread that gives messages to their handlers.

        Args:
            sleep_time: how long it waits at most before it sees that it is to stop.
            daemon: whether the program ends without it.
            exception_handler: what is given the exceptions, with this and the thread; they end the thread else.

        Raises:
            PubSubError: there is no handler for a channel or a pattern.
        """
        self._check_handlers()
        thread = PubSubWorkerThread(self, sleep_time, daemon, exception_handler)
        thread.start()
        return thread

    def close(self) -> None:
        """Listens no more to anything; it can be used again."""
        with self._lock:
            source, self._source = self._source, None
            self._forget()
            self._has_subscribed.clear()
        if source is not None:
            source.close()

    reset = close

    def __enter__(self) -> PubSub:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _join(self, topics: Topics, args: tuple[Any, ...], handled: Mapping[str, Handler]) -> None:
        names, handlers = self._wanted(topics, args, handled)
        with self._lock:
            # A thread that reads may get a message before this one goes on, so its handler is there by then.
            before, topics.handlers = topics.handlers, handlers
            try:
                self._listen_to(topics, names)
            except BaseException:
                topics.handlers = before
                raise
            self._has_subscribed.set()

    def _listen_to(self, topics: Topics, names: dict[Text, bytes]) -> None:
        sent = tuple(names.values())
        self._listen_again()
        if self._source is None:
            self._source = getattr(self._client, topics.kind)(*sent)
        else:
            self._ask(self._source, topics.kind, sent)
        self._joined(topics, names, self._look_ahead())

    def _ask(self, source: Subscription, command: str, names: Iterable[bytes]) -> None:
        try:
            getattr(source, command)(*names)
        except LOST:
            self._source = None
            raise

    def _listen_again(self) -> None:
        """Listens to all that was listened to before the connection was lost."""
        if self._source is not None:
            return
        told, again = len(self._events), self._again()
        try:
            for topics, names in again:
                self._listen_to(topics, names)
        except BaseException:
            self._source = None
            self._not_again(told, again)
            raise

    def _leave(self, topics: Topics, args: tuple[Any, ...]) -> None:
        with self._lock:
            names = self._named(args) if args else dict(topics.listened)
            ahead: list[Event | Exception] = []
            known = [sent for name, sent in names.items() if name in topics.listened]
            if known:
                self._listen_again()
                if self._source is not None:
                    self._ask(self._source, topics.unkind, known)
                ahead = self._look_ahead()
            self._left(topics, names, ahead)

    def _look_ahead(self) -> list[Event | Exception]:
        """The messages that have come."""
        ahead: list[Event | Exception] = []
        source = self._source
        try:
            while source and len(self._events) + len(ahead) < LOOK_AHEAD and (found := source._receive(0)) is not None:
                ahead.append(event_of(found))
        except Exception as error:
            ahead.append(error)  # whoever gets there is told
        return ahead

    def _next(self, end: float | None) -> Event | None:
        while True:
            with self._lock:
                if self._events:
                    return self._raised(self._events.popleft())
                self._listen_again()
                source = self._source
                if self._events:
                    continue
            if source is None:
                return None  # another thread has closed it
            left = left_of(end)
            try:
                found = source._receive(SLICE if left is None else min(left, SLICE))
            except Exception as error:
                if source is not self._source:
                    continue  # another thread has closed it
                self._raised(error)
                raise
            if found is not None:
                return event_of(found)
            if left == 0 and not self._events:
                return None

    def _raised(self, event: Event | Exception) -> Event:
        """Raises what is an exception. One of the connection ends it."""
        if not isinstance(event, Exception):
            return event
        if isinstance(event, LOST):
            self._source = None
        raise event


class PubSubWorkerThread(threading.Thread):
    """Gives messages to their handlers until it is stopped."""

    def __init__(
        self,
        pubsub: PubSub,
        sleep_time: float,
        daemon: bool,
        exception_handler: Callable[[BaseException, PubSub, PubSubWorkerThread], Any] | None,
    ) -> None:
        super().__init__(daemon=daemon)
        self.pubsub = pubsub
        self.sleep_time = sleep_time
        self.exception_handler = exception_handler
        self._stopped = threading.Event()

    def run(self) -> None:
        """Runs until `stop` is called; then the subscription is closed."""
        while not self._stopped.is_set():
            try:
                # Zero would ask again and again.
                self.pubsub.get_message(ignore_subscribe_messages=True, timeout=max(self.sleep_time, SLICE))
            except BaseException as error:
                if self.exception_handler is None:
                    raise
                self.exception_handler(error, self.pubsub, self)
        self.pubsub.close()

    def stop(self) -> None:
        """Ends the thread, soon."""
        self._stopped.set()
