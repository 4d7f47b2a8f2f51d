"""What the generated methods are made of: the types of arguments, how they become words, and which one is wrong."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import FrameType
from typing import Any, Union

Key = Union[str, bytes, int]
"""The name of a key."""
Word = Union[str, bytes, bytearray, memoryview, int, float]
"""A value, a field, a member or a pattern."""


def option_words(*named: tuple[str, Any]) -> list[Any]:
    """The words of those options that have a value."""
    words: list[Any] = []
    for name, value in named:
        if value is None:
            continue
        words.append(name)
        if isinstance(value, (tuple, list)):
            words += value
        else:
            words.append(value)
    return words


def flag_words(*named: tuple[str, Any]) -> list[str]:
    """The words of those options that are set.

    Raises:
        TypeError: one of them is neither True nor False.
    """
    for _, value in named:
        if value is not None and not isinstance(value, bool):
            raise refused(TypeError(f"an option is True or False, not {type(value).__name__}"), value)
    return [name for name, value in named if value]


def one_of(word: Any, name: str, *words: str) -> Any:
    """The word, which is one of these, in capitals or not.

    Raises:
        TypeError: it is no text.
        ValueError: it is another one.
    """
    if not isinstance(word, (str, bytes)):
        raise TypeError(f"{name} must be one of {list(words)}, not {type(word).__name__}")
    if (word if isinstance(word, str) else word.decode(errors="replace")).upper() not in words:
        raise ValueError(f"{name} must be one of {list(words)}, not {word!r}")
    return word


def call_or_empty(reads: str, name: str, words: list[Any]) -> tuple[Any, ...]:
    """A call with these words; without any, one that gives an empty list as redis-py does, since a server refuses that."""
    return (reads, name, *words) if words else ("empty", "ECHO", "")


def pair_words(mapping: Mapping[Any, Any]) -> list[Any]:
    """Keys and values in turn.

    Raises:
        TypeError: it is no mapping.
    """
    if not isinstance(mapping, Mapping):
        raise refused(TypeError(f"a mapping is wanted, not {type(mapping).__name__}"), mapping)
    return [word for pair in mapping.items() for word in pair]


def sequence_words(items: Iterable[Any]) -> list[Any]:
    """The items one by one.

    Raises:
        TypeError: it is no sequence, or a text, which would be taken apart.
    """
    if isinstance(items, (str, bytes, bytearray, memoryview)) or not isinstance(items, Iterable):
        raise refused(TypeError(f"a sequence is wanted, not {type(items).__name__}"), items)
    return list(items)


def counted_words(items: Iterable[Any]) -> list[Any]:
    """How many items there are, and the items.

    Raises:
        TypeError: as with `sequence_words`.
    """
    words = sequence_words(items)
    return [len(words), *words]


def list_or_words(first: Any, others: tuple[Any, ...]) -> list[Any]:
    """A list of words with others after it, or several words."""
    if isinstance(first, (str, bytes, bytearray, memoryview)) or not isinstance(first, Iterable):
        return [first, *others]
    return [*first, *others]


def limit_words(offset: int | None, num: int | None) -> tuple[int, int] | None:
    """The words of LIMIT.

    Raises:
        ValueError: one of them is missing.
    """
    if offset is None and num is None:
        return None
    if offset is None or num is None:
        raise ValueError("offset and num must be given both, or none of them")
    return offset, num


def seconds(time: Any) -> Any:
    """A time in seconds."""
    return int(time.total_seconds()) if isinstance(time, timedelta) else time


def milliseconds(time: Any) -> Any:
    """A time in milliseconds."""
    return int(time.total_seconds() * 1000) if isinstance(time, timedelta) else time


def moment(when: Any) -> Any:
    """Unix time in seconds."""
    return int(when.timestamp()) if isinstance(when, datetime) else when


def moment_ms(when: Any) -> Any:
    """Unix time in milliseconds."""
    return int(when.timestamp() * 1000) if isinstance(when, datetime) else when


def refused(error: Exception, word: Any, other: str | None = None) -> Exception:
    """The exception, with a note that names the argument of the generated method that is being called.

    Nothing is known here of the method but its frame, and so a method pays nothing for it that is called rightly.

    Args:
        error: what is to be raised.
        word: the object that is refused, which is the argument or in it.
        other: the name where no generated method is being called.
    """
    frame = sys._getframe(1)
    while frame.f_globals is globals() and frame.f_back is not None:
        frame = frame.f_back
    name = _name_of(word, frame) if frame.f_globals.get("__name__") in _GENERATED else other
    if name is not None and sys.version_info >= (3, 11):
        error.add_note(f"while processing '{name}'")
    return error


_GENERATED = ("redipy._commands", "redipy._awaited", "redipy._queued")
"""The modules of the generated methods."""


def _name_of(word: Any, method: FrameType) -> str | None:
    """The argument of a method that is this object, or has it."""
    names, several, _, arguments = inspect.getargvalues(method)
    for name in dict.fromkeys([*names, *([several] if several else []), *arguments]):
        argument = arguments[name]
        if argument is word:
            return name
        if isinstance(argument, Mapping):
            for key, value in argument.items():
                if word is key or word is value:
                    return f"{name}[{key!r}]"
        elif isinstance(argument, (tuple, list)):
            for at, item in enumerate(argument):
                if word is item:
                    return f"{name}[{at}]"
    return None
