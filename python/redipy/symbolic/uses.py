"""Commands that run more often than they are written: an expression is evaluated wherever it is used."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from redipy.errors import ScriptError

LOGGER = logging.getLogger("redipy.script")
"""Where warnings about scripts go."""

_PACKAGE = __name__.rpartition(".")[0]

Branches = tuple[tuple[int, bool], ...]
"""The branches that lead to a use: which condition, and which side of it."""


class Call(Protocol):
    """A call of a command."""

    def describe(self) -> str:
        """The command, and where it was written."""


LARGEST = 50_000
"""How many operations a script may have: more than can be compiled, and few enough to be written out quickly."""


class _State(threading.local):
    """What is being compiled in this thread."""

    parts: int = 0
    calls: list[tuple[Call, Branches]] | None = None
    branches: Branches = ()


_STATE = _State()


def written_at() -> str:
    """The file and line that wrote what is being made now."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(_PACKAGE):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def met(call: Call) -> None:
    """Notes that a call is compiled."""
    if _STATE.calls is not None:
        _STATE.calls.append((call, _STATE.branches))


def count() -> None:
    """Counts an operation. An expression is written out wherever it is used, so that doubling it often never ends.

    Raises:
        ScriptError: there are too many.
    """
    _STATE.parts += 1
    if _STATE.parts > LARGEST:
        raise ScriptError(f"the script has more than {LARGEST} operations; keep what is used often in a local variable")


def counted() -> int:
    """How many operations there are so far."""
    return _STATE.parts


@contextmanager
def counting(start: int) -> Iterator[None]:
    """Counts the operations of a script that has so many already."""
    before, _STATE.parts = _STATE.parts, start
    try:
        yield
    finally:
        _STATE.parts = before


@contextmanager
def noting(calls: list[tuple[Call, Branches]] | None) -> Iterator[None]:
    """Puts the calls that are compiled into this list, or nowhere."""
    before, _STATE.calls = _STATE.calls, calls
    try:
        yield
    finally:
        _STATE.calls = before


@contextmanager
def branch(condition: object, side: bool) -> Iterator[None]:
    """Compiles one of the two branches of a condition."""
    before, _STATE.branches = _STATE.branches, (*_STATE.branches, (id(condition), side))
    try:
        yield
    finally:
        _STATE.branches = before


def warn_of_reused(calls: list[tuple[Call, Branches]]) -> None:
    """Warns of every call that is at several places of which one run can reach two."""
    places: dict[int, list[Branches]] = {}
    told: set[int] = set()
    for call, branches in calls:
        others = places.setdefault(id(call), [])
        if id(call) not in told and any(not _exclude(branches, other) for other in others):
            told.add(id(call))
            LOGGER.warning(
                "%s is used more than once and runs at each use; add_local(..) calls it once and keeps the result",
                call.describe(),
            )
        others.append(branches)


def _exclude(left: Branches, right: Branches) -> bool:
    """Whether two places are in different branches of one condition."""
    return any(a[0] == b[0] and a[1] != b[1] for a, b in zip(left, right, strict=False))


def warn_of(warnings: list[str]) -> None:
    """Logs what is allowed in a script and yet looks like a mistake."""
    for warning in warnings:
        LOGGER.warning("%s", warning)
