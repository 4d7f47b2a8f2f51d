"""What calls raise.

Every exception is a `RedipyError`, and also what the original raised in the same place: `TypeError` for a key of another
type, `ValueError` for a refused command, `ConnectionError` and `TimeoutError` for what is between us and a server. In a
program that has imported redis-py it is an exception of redis-py too, as it was on a server.

Example:
    >>> import redipy
    >>> r = redipy.Redis()
    >>> r.set_value("text", "a")
    True
    >>> try:
    ...     r.incrby("text", 1)
    ... except redipy.errors.ResponseError as error:
    ...     print(error, isinstance(error, ValueError))
    ERR value is not a valid float True
"""

from __future__ import annotations

import builtins
import functools
import sys
from typing import Any


class RedipyError(Exception):
    """Anything that a call can raise.

    Attributes:
        may_have_run: whether the command may have taken effect although this was raised.
    """

    may_have_run: bool = False

    @functools.cached_property
    def message_bytes(self) -> bytes:
        """The text, byte for byte the server's: it echoes the bytes that it was sent, which need not be text."""
        return str(self).encode("utf-8", "surrogateescape")


class ResponseError(RedipyError, ValueError):
    """The command was refused."""


class IndexRangeError(ResponseError, IndexError):
    """The list has no element at this index."""


class WrongTypeError(RedipyError, TypeError):
    """The key holds a value of another type."""


class ScriptError(RedipyError, ValueError):
    """A script failed, or was refused when it was registered."""


class MissingError(ScriptError, KeyError):
    """A script was called without one of its keys or arguments."""

    __str__ = Exception.__str__  # that of a `KeyError` puts quotes around it


class AbortedError(RedipyError, ValueError):
    """The transaction was discarded, because a command in it is malformed."""


class ConnectionError(RedipyError, builtins.ConnectionError):
    """The server could not be reached, or cannot serve now."""


class TimeoutError(RedipyError, builtins.TimeoutError):
    """There was no answer in time, or a script ran for too long."""


class ReadOnlyError(RedipyError, ValueError):
    """The server does not take writes."""


class AuthenticationError(ConnectionError):
    """The credentials are missing, wrong or not sufficient."""


class OutOfMemoryError(RedipyError, MemoryError):
    """There is no memory left for a write, or a script made more than it may."""


class CrossSlotError(RedipyError, ValueError):
    """The keys of one call lie in different slots of a cluster."""


class UnsupportedError(RedipyError, NotImplementedError):
    """This backend does not offer what was asked for."""


class PubSubError(RedipyError, ValueError):
    """A subscription has no handler for what it would lose."""


class ConfigError(RedipyError, ValueError):
    """A URL, an option or an argument was refused before anything was sent."""


_IN_REDIS_PY = {
    "ResponseError": "ResponseError",
    "IndexRangeError": "ResponseError",
    "WrongTypeError": "ResponseError",
    "ScriptError": "ResponseError",
    "MissingError": "ResponseError",
    "AbortedError": "ExecAbortError",
    "ConnectionError": "ConnectionError",
    "TimeoutError": "TimeoutError",
    "ReadOnlyError": "ReadOnlyError",
    "AuthenticationError": "AuthenticationError",
    "OutOfMemoryError": "OutOfMemoryError",
    "CrossSlotError": "ClusterCrossSlotError",
    "PubSubError": "PubSubError",
}
"""What redis-py raises where we raise these."""


def _class_of(name: str) -> type[RedipyError]:
    """The class that is raised for one of this module.

    Only who has imported redis-py can have written ``except redis.ResponseError``, so nothing is imported here.

    Args:
        name: the name of the class.
    """
    theirs = getattr(sys.modules.get("redis.exceptions"), _IN_REDIS_PY.get(name, ""), None)
    own: type[RedipyError] = globals()[name] if theirs is None else _both(name, theirs)
    return own


@functools.cache
def _both(name: str, theirs: Any) -> type[RedipyError]:
    """A class that is ours and redis-py's and looks like ours, which it becomes where it is unpickled.

    Python makes its instances as it makes ours: `__init__` of redis-py is not called, so what that would set, such as the
    `error_type` of version 8, is in the class.
    """
    own: type[RedipyError] = globals()[name]

    def reduce(self: RedipyError) -> tuple[Any, ...]:
        return own, self.args, self.__dict__

    looks = {"__module__": own.__module__, "__doc__": own.__doc__, "__repr__": own.__repr__, "__reduce__": reduce}
    return type(name, (own, theirs), {**vars(theirs()), **looks})
