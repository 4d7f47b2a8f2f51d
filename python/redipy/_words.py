"""What the generated methods are made of: the types of arguments, and how they become words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Union

Key = Union[str, bytes, int]
"""The name of a key."""
Word = Union[str, bytes, bytearray, memoryview, int, float]
"""A value, a field, a member or a pattern."""


def option_words(*named: tuple[str, Any]) -> list[Any]:
    """The words of those options that are set."""
    words: list[Any] = []
    for name, value in named:
        if value is None or value is False:
            continue
        words.append(name)
        if isinstance(value, (tuple, list)):
            words += value
        elif value is not True:
            words.append(value)
    return words


def pair_words(mapping: Mapping[Any, Any]) -> list[Any]:
    """Keys and values in turn.

    Raises:
        TypeError: it is no mapping.
    """
    if not isinstance(mapping, Mapping):
        raise TypeError(f"a mapping is wanted, not {type(mapping).__name__}")
    return [word for pair in mapping.items() for word in pair]
