"""Small functions on texts and lists; see `redipy.util`."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import Any, TypeVar

T = TypeVar("T")

NL = "\n"
"""The end of a line."""

BUFF_SIZE = 65536
"""How many bytes of a file are read at a time."""

ELAPSED_UNITS: list[tuple[int, str]] = [(1, "s"), (60, "m"), (60 * 60, "h"), (24 * 60 * 60, "d")]
"""How many seconds the units of `elapsed_time_string` have."""

NUMBER_PATTERN = re.compile(r"\d+")
"""A number in a text."""


def indent(text: str, amount: int = 0) -> list[str]:
    """The lines of a text, each with so many spaces before it."""
    return [" " * amount + line for line in text.splitlines()]


def deindent(text: str) -> str:
    """A text without the indentation that all its lines have, and without an empty line at its beginning or end."""
    lines = text.rstrip().splitlines()
    if lines and not lines[0]:
        del lines[0]
    least = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "".join(f"{line[least:]}\n" for line in lines)


def lua_fmt(text: str) -> str:
    """Lua that is written in Python's indentation, in Lua's."""
    return deindent(text).replace("    ", "  ")


def code_fmt(lines: list[str]) -> str:
    """Lines as a text, without spaces at their ends."""
    return "".join(f"{line.rstrip()}\n" for line in lines)


def text_hash_size() -> int:
    """How many characters `get_text_hash` gives."""
    return 64


def short_hash_size() -> int:
    """How many characters `get_short_hash` gives."""
    return 8


def file_hash_size() -> int:
    """How many characters `get_file_hash` gives."""
    return 64


def get_file_hash(fname: str) -> str:
    """A hash of a file's content, in hexadecimal digits."""
    found = blake2b(digest_size=32)
    with open(fname, "rb") as file:
        while block := file.read(BUFF_SIZE):
            found.update(block)
    return found.hexdigest()


def is_hex(text: str) -> bool:
    """Whether there are only hexadecimal digits in a text."""
    return set(text) <= set(string.hexdigits)


def elapsed_time_string(elapsed: float) -> str:
    """A number of seconds in the largest unit of which there is one; in seconds if it is less than one."""
    size, unit = max((size, unit) for size, unit in ELAPSED_UNITS if size <= max(elapsed, 1))
    return f"{elapsed / size:8.3f}{unit}"


def to_bool(value: bool | float | str) -> bool:
    """The truth that a value or its text says: ``true``, ``false`` or a number.

    Raises:
        ValueError: it is none of these.
    """
    text = f"{value}".lower()
    if text in ("true", "false"):
        return text == "true"
    try:
        return int(float(text)) != 0
    except ValueError:
        raise ValueError(f"{text} cannot be interpreted as bool") from None


def to_list(value: Any) -> list[Any]:
    """The value, which is a list.

    Raises:
        ValueError: it is not.
    """
    if not isinstance(value, list):
        raise ValueError(f"{value} is not a list")
    return value


def extract_list(
    arr: Iterable[str], prefix: str | None = None, postfix: str | None = None
) -> Iterator[tuple[str, str]]:
    """Those texts that begin and end so, each with what is between."""
    begin, end = prefix or "", postfix or ""
    for text in arr:
        if text.startswith(begin) and (rest := text[len(begin) :]).endswith(end):
            yield text, rest[: len(rest) - len(end)]


def extract_number(
    arr: Iterable[str], prefix: str | None = None, postfix: str | None = None
) -> Iterator[tuple[str, int]]:
    """Those texts that begin and end so and have a number between, each with it."""
    for text, between in extract_list(arr, prefix, postfix):
        if (found := NUMBER_PATTERN.search(between)) is not None:
            yield text, int(found[0])


def highest_number(arr: Iterable[str], prefix: str | None = None, postfix: str | None = None) -> tuple[str, int] | None:
    """The one of these with the highest number, the first of several; None if there is none."""
    return max(extract_number(arr, prefix, postfix), key=lambda found: found[1], default=None)


def retain_some(
    arr: Iterable[T],
    count: int,
    *,
    key: Callable[[T], Any],
    reverse: bool = False,
    keep_last: bool = True,
) -> tuple[list[T], list[T]]:
    """What is kept and what is not, each in order.

    Args:
        arr: the elements.
        count: how many of those that come last in the order are kept.
        key: what they are ordered by.
        reverse: whether the order is reversed.
        keep_last: whether the last element is kept too, wherever it is in the order.
    """
    elements = list(arr)
    last = elements[-1:] if keep_last and len(elements) > count else []
    ordered = sorted(elements[: len(elements) - len(last)], key=key, reverse=reverse)
    cut = max(len(ordered) - count, 0)
    return sorted([*ordered[cut:], *last], key=key, reverse=reverse), ordered[:cut]


def reject_patterns(key: str) -> str:
    """The key, which is no pattern.

    Raises:
        ValueError: it is one.
    """
    if any(special in key for special in "*?["):
        raise ValueError(f"key={key!r} must not be a pattern")
    return key


def convert_pattern(pattern: str) -> tuple[str, re.Pattern[str]]:
    """What all keys begin with that a glob pattern matches, and the pattern as a regular expression."""
    prefix, parts, at, is_plain = "", ["^"], 0, True
    while at < len(pattern):
        char, at = pattern[at], at + 1
        if char in "*?[":
            is_plain = False
        if char == "*":
            parts.append(".*")
        elif char == "?":
            parts.append(".")
        elif char == "[":
            part, at = _set_of(pattern, at)
            parts.append(part)
        else:
            if char == "\\" and at < len(pattern):
                char, at = pattern[at], at + 1
            parts.append(re.escape(char))
            prefix += char if is_plain else ""
    return prefix, re.compile("".join([*parts, r"\Z"]), re.DOTALL)


def _set_of(pattern: str, at: int) -> tuple[str, int]:
    """The regular expression of a set of characters that begins here, and where it ends."""
    negated = pattern[at : at + 1] == "^"
    at += negated
    ranges: list[str] = []
    while at < len(pattern) and pattern[at] != "]":
        at += pattern[at] == "\\" and at + 1 < len(pattern)
        low = high = pattern[at]
        if pattern[at + 1 : at + 2] == "-" and at + 2 < len(pattern):
            at += 2
            low, high = sorted((low, pattern[at]))
        ranges.append(f"{re.escape(low)}-{re.escape(high)}")
        at += 1
    if not ranges:
        return ("." if negated else "(?!)"), at + 1
    return f"[{'^' if negated else ''}{''.join(ranges)}]", at + 1
