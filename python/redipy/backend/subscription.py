"""Messages of channels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from redipy import _checked, _native
from redipy._words import Word


class Message(NamedTuple):
    """A message that was published."""

    channel: str
    """The channel that it was published to."""
    pattern: str | None
    """The pattern that it came by, None for a channel."""
    data: str
    """What was published."""


class Subscription(_native.Subscription):
    """The messages of channels and patterns, from now on, in the order in which they were published.

    Example:
        >>> import redipy
        >>> r = redipy.Redis()
        >>> with r.subscribe("news") as news:
        ...     r.execute_command("PUBLISH", "news", "hello")
        ...     news.get_message(timeout=1)
        1
        Message(channel='news', pattern=None, data='hello')
    """

    def get_message(self, timeout: float | None = None) -> Message | None:
        """The next message, waiting for it if need be.

        Args:
            timeout: seconds to wait at most; None to wait for ever.

        Returns:
            The message; None when the time is over first.

        Raises:
            ValueError: the subscription is closed.
        """
        found = self._receive(_checked.seconds(timeout))
        return None if found is None else Message(*found)

    def subscribe(self, *channels: Word) -> None:
        """Listens to further channels."""
        _checked.check_named("subscribe", channels)
        super().subscribe(*channels)

    def psubscribe(self, *patterns: Word) -> None:
        """Listens to further patterns."""
        _checked.check_named("psubscribe", patterns)
        super().psubscribe(*patterns)

    def __iter__(self) -> Iterator[Message]:
        """All messages; it never ends by itself."""
        while (message := self.get_message()) is not None:
            yield message

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
