"""What calls raise.

Every exception is a `RedipyError`, and also what the original raised in the same place: `TypeError` for a key of another
type, `ValueError` for a refused command, `ConnectionError` and `TimeoutError` for what is between us and a server.
"""

from __future__ import annotations

import builtins


class RedipyError(Exception):
    """Anything that a call can raise.

    Attributes:
        may_have_run: whether the command may have taken effect although this was raised.
    """

    may_have_run: bool = False


class ResponseError(RedipyError, ValueError):
    """The command was refused."""


class IndexRangeError(ResponseError, IndexError):
    """The list has no element at this index."""


class WrongTypeError(RedipyError, TypeError):
    """The key holds a value of another type."""


class ScriptError(RedipyError, ValueError):
    """A script failed, or was refused when it was registered."""


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


class ConfigError(RedipyError, ValueError):
    """A URL, an option or an argument was refused before anything was sent."""
