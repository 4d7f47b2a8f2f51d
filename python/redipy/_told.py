"""What subscriptions in the shape of redis-py tell: messages are dictionaries, and confirmations are messages too.

A confirmation has its place among the messages: what was published before a call is told before it. So each call looks ahead
at what has come until then.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from redipy import _checked, errors

Text = str | bytes
Handler = Callable[[dict[str, Any]], Any]
Found = tuple[Any, Any, Any]

LOOK_AHEAD = 10_000
"""How many messages are kept here at most; all others wait where they are counted in bytes."""

LOST = (errors.ConnectionError, errors.TimeoutError)
"""What ends a connection."""


class Event(NamedTuple):
    """What is told next."""

    type: str
    pattern: Text | None
    channel: Text | None
    data: Any


class Topics:
    """What is listened to: channels or patterns.

    Args:
        kind: the command for it.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.unkind = kind.replace("sub", "unsub")
        self.handlers: dict[Text, Handler | None] = {}
        self.leaving: set[Text] = set()
        self.listened: dict[Text, bytes] = {}

    def is_told(self, event: Event) -> None:
        """Forgets what was left, as soon as that is told."""
        name = event.channel
        if name is not None and name in self.leaving:
            self.leaving.discard(name)
            self.handlers.pop(name, None)


class Record:
    """What is listened to, and what is still to be told about it.

    Args:
        decode: whether texts are ``str``, or else ``bytes``.
        ignore_subscribe_messages: whether confirmations are left out.
    """

    def __init__(self, decode: bool, ignore_subscribe_messages: bool) -> None:
        self.ignore_subscribe_messages = ignore_subscribe_messages
        self._decode = decode
        self._forget()

    def _forget(self) -> None:
        self._channels, self._patterns = Topics("subscribe"), Topics("psubscribe")
        self._events: deque[Event | Exception] = deque()

    @property
    def channels(self) -> dict[Text, Handler | None]:
        """The channels, each with its handler."""
        return self._channels.handlers

    @property
    def patterns(self) -> dict[Text, Handler | None]:
        """The patterns, each with its handler."""
        return self._patterns.handlers

    @property
    def subscribed(self) -> bool:
        """Whether there is anything that is listened to: until it is told that there is no more."""
        return bool(self.channels or self.patterns)

    def _is_listening(self) -> bool:
        return self._count() > 0

    def _count(self) -> int:
        return len(self._channels.listened) + len(self._patterns.listened)

    def _named(self, args: tuple[Any, ...]) -> dict[Text, bytes]:
        """Names as they are told, and as they are sent. The first argument may be a list of them."""
        if args and isinstance(args[0], Iterable) and not isinstance(args[0], (str, bytes, bytearray, memoryview)):
            args = (*args[0], *args[1:])
        sent = [_bytes_of(name) for name in args]
        return {name.decode() if self._decode else name: name for name in sent}

    def _wanted(
        self, topics: Topics, args: tuple[Any, ...], handled: Mapping[str, Handler]
    ) -> tuple[dict[Text, bytes], dict[Text, Handler | None]]:
        """The names to listen to, and all handlers that there are then."""
        names = self._named(args)
        handlers: dict[Text, Handler | None] = dict.fromkeys(names)
        for key, handler in handled.items():
            named = self._named((key,))
            names |= named
            handlers |= dict.fromkeys(named, handler)
        _checked.check_named(topics.kind, tuple(names))
        return names, topics.handlers | handlers

    def _joined(self, topics: Topics, names: dict[Text, bytes], ahead: list[Event | Exception]) -> None:
        """Tells that names are listened to, after what came before."""
        new = names.keys() - topics.listened.keys()
        first = next((at for at, event in enumerate(ahead) if _came_by(event, topics) in new), len(ahead))
        self._events.extend(ahead[:first])
        for name, sent in names.items():
            topics.listened[name] = sent
            self._events.append(Event(topics.kind, None, name, self._count()))
        topics.leaving -= names.keys()
        self._events.extend(ahead[first:])

    def _left(self, topics: Topics, names: Iterable[Text], ahead: list[Event | Exception]) -> None:
        """Tells that names are listened to no more, after what came before."""
        self._events.extend(ahead)
        names = list(names)
        for name in names:
            topics.listened.pop(name, None)
            topics.leaving.add(name)
            self._events.append(Event(topics.unkind, None, name, self._count()))
        if not names:
            self._events.append(Event(topics.unkind, None, None, self._count()))

    def _again(self) -> list[tuple[Topics, dict[Text, bytes]]]:
        """What is to be listened to on a new connection, which counts anew."""
        again = [(topics, topics.listened) for topics in (self._channels, self._patterns) if topics.listened]
        self._channels.listened, self._patterns.listened = {}, {}
        return again

    def _not_again(self, told: int, again: list[tuple[Topics, dict[Text, bytes]]]) -> None:
        """The same is to be listened to next time, and nothing is told of this time."""
        while len(self._events) > told:
            self._events.pop()
        for topics, names in again:
            topics.listened = names

    def _told(self, event: Event, ignore: bool) -> tuple[dict[str, Any] | None, Handler | None]:
        """A message and what handles it; no message where none is wanted."""
        if event.type in ("message", "pmessage"):
            name = event.channel if event.pattern is None else event.pattern
            topics = self._channels if event.pattern is None else self._patterns
            return event._asdict(), None if name is None else topics.handlers.get(name)
        if "unsub" in event.type:
            (self._patterns if event.type[0] == "p" else self._channels).is_told(event)
        is_ignored = ignore or self.ignore_subscribe_messages
        return None if is_ignored else event._asdict(), None

    def _check_handlers(self) -> None:
        """Refuses to go on where a message would be lost."""
        for what, topics in (("Channel", self._channels), ("Pattern", self._patterns)):
            for name, handler in topics.handlers.items():
                if handler is None:
                    raise errors._class_of("PubSubError")(f"{what}: '{name!s}' has no handler registered")


def _bytes_of(name: Any) -> bytes:
    if isinstance(name, str):
        return name.encode()
    if isinstance(name, (bytes, bytearray, memoryview)):
        return bytes(name)
    if isinstance(name, (int, float)) and not isinstance(name, bool):
        return repr(name).encode()
    raise TypeError(f"a channel cannot be {type(name).__name__}: give a str, bytes or a number")


def event_of(found: Found) -> Event:
    """A message that came."""
    channel, pattern, data = found
    return Event("message" if pattern is None else "pmessage", pattern, channel, data)


def _came_by(event: Event | Exception, topics: Topics) -> Text | None:
    """The name that a message was listened to by, if it is one of these topics."""
    if isinstance(event, Exception):
        return None
    if topics.kind == "psubscribe":
        return event.pattern
    return event.channel if event.type == "message" else None


def end_of(timeout: float | None) -> float | None:
    """When a wait of so many seconds ends."""
    return None if timeout is None else time.monotonic() + timeout


def left_of(end: float | None) -> float | None:
    """How many seconds there are until then."""
    return None if end is None else max(end - time.monotonic(), 0)
