"""Checks of arguments that no native method reads: each exception names its argument."""

from __future__ import annotations

import math
from typing import Any, Final

from redipy import errors


class _Missing:
    def __repr__(self) -> str:
        return "..."


MISSING: Final[Any] = _Missing()
"""Stands for an argument that was not given."""


LONGEST = 2.0**64
"""More seconds than can be waited."""
TOO_LONG = "timeout is too long: give None to wait for ever"


def either(call: str, name: str, value: Any, other: Any) -> Any:
    """An argument that can be given by two names.

    Args:
        call: what is called.
        name: its first name.
        value: what was given by that.
        other: what was given by the other name.

    Raises:
        TypeError: it was given by none of them, or by both.
    """
    if value is MISSING and other is MISSING:
        raise TypeError(f"{call}() missing 1 required positional argument: '{name}'")
    if value is not MISSING and other is not MISSING:
        raise TypeError(f"{call}() got multiple values for argument '{name}'")
    return other if value is MISSING else value


def check_kind(name: str, value: Any, kind: Any, wanted: str) -> None:
    """Refuses what is neither None nor of a type.

    Raises:
        TypeError: it is something else; `wanted` says what it should be.
    """
    if value is not None and not isinstance(value, kind):
        raise TypeError(f"{name} must be {wanted}, not {type(value).__name__}")


def check_function(name: str, value: Any) -> None:
    """Refuses what cannot be called.

    Raises:
        TypeError: it is no function.
    """
    if not callable(value):
        raise TypeError(f"{name} must be a function, not {type(value).__name__}")


def seconds(timeout: Any) -> float | None:
    """A timeout, None for none.

    Raises:
        TypeError: it is no number.
        ValueError: it is no time.
    """
    if timeout is None:
        return None
    if isinstance(timeout, (bool, str, bytes)) or not hasattr(timeout, "__float__"):
        raise TypeError(f"timeout must be a number of seconds, not {type(timeout).__name__}")
    try:
        number = float(timeout)
    except OverflowError:
        raise ValueError(TOO_LONG) from None
    if math.isnan(number):
        raise ValueError(f"timeout must be a number of seconds, not {timeout}")
    if number >= LONGEST:
        raise ValueError(TOO_LONG)
    return number


def check_named(command: str, names: tuple[Any, ...]) -> None:
    """Refuses to listen to nothing, as a server does.

    Raises:
        ResponseError: there are no names.
    """
    if not names:
        raise errors._class_of("ResponseError")(f"ERR wrong number of arguments for '{command}' command")
