"""What every Redis of this package can do: the calls, and the constants that they take."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, TypeVar

from redipy._modes import (
    KEY_TYPES,
    REX_ALWAYS,
    REX_EARLIER,
    REX_EXPIRE,
    REX_LATER,
    REX_PERSIST,
    RSM_ALWAYS,
    RSM_EXISTS,
    RSM_MISSING,
    KeyType,
    RExpireMode,
    RSetMode,
    as_key_type,
)
from redipy._original import OriginalCalls, QueuedOriginalCalls
from redipy.backend.backend import ExecFunction
from redipy.symbolic.seq import FnContext

T = TypeVar("T")


class KeyWalk:
    """A walk through all keys by SCAN, each of them once."""

    def __init__(self) -> None:
        self.cursor, self.count, self.is_over = 0, 10, False
        self._seen: set[str] = set()

    def take(self, page: tuple[int, list[str]]) -> list[str]:
        """The keys that a step found and that none before did."""
        self.cursor, keys = page
        self.count, self.is_over = min(self.count * 2, 1000), self.cursor == 0
        new = [key for key in dict.fromkeys(keys) if key not in self._seen]
        self._seen.update(new)
        return new


class PipelineAPI(QueuedOriginalCalls):
    """Calls that are queued. `execute` gives what each of them gives elsewhere."""

    def execute(self) -> list[Any]:
        """Executes all that is queued, without any other call in between; the results in order."""
        raise NotImplementedError

    def keys(self, pattern: str | None = None, *, match: str | None = None, filter_type: KeyType | None = None) -> None:
        """All keys that match, as a list."""
        raise NotImplementedError

    def get(self, key: str) -> None:
        """As `get_value`, by the name of version 0.4."""
        self.get_value(key)

    def set(
        self,
        key: str,
        value: str,
        *,
        mode: RSetMode = RSM_ALWAYS,
        return_previous: bool = False,
        expire_timestamp: datetime | None = None,
        expire_in: float | None = None,
        keep_ttl: bool = False,
    ) -> None:
        """As `set_value`, by the name of version 0.4."""
        self.set_value(
            key,
            value,
            mode=mode,
            return_previous=return_previous,
            expire_timestamp=expire_timestamp,
            expire_in=expire_in,
            keep_ttl=keep_ttl,
        )


class RedisAPI(OriginalCalls):
    """The calls."""

    def keys_block(self, *, match: str | None = None, filter_type: KeyType | None = None) -> list[str]:
        """All keys that match; nobody else is served meanwhile."""
        raise NotImplementedError

    def iter_keys(self, *, match: str | None = None, filter_type: KeyType | None = None) -> Iterable[str]:
        """All keys that match, step by step. One that comes or goes meanwhile may or may not be among them."""
        walk = KeyWalk()
        while not walk.is_over:
            yield from walk.take(self.scan(walk.cursor, match=match, count=walk.count, filter_type=filter_type))

    def keys(
        self,
        pattern: str | None = None,
        *,
        match: str | None = None,
        filter_type: KeyType | None = None,
        block: bool = True,
    ) -> builtins.set[str]:
        """All keys that match, at once or, without ``block``, step by step. ``pattern`` is redis-py's name of ``match``."""
        match = pattern if match is None else match
        if block:
            return builtins.set(self.keys_block(match=match, filter_type=filter_type))
        return builtins.set(self.iter_keys(match=match, filter_type=filter_type))

    def publish(self, key: str, msg: str) -> None:
        """Wakes those who `wait_for` this key."""
        raise NotImplementedError

    def wait_for(self, key: str, predicate: Callable[[], T], timeout: float | None) -> T | None:
        """Waits until a function gives something true, and gives that; None when the time is over first."""
        raise NotImplementedError

    def get(self, key: str) -> str | None:
        """As `get_value`, by the name of version 0.4."""
        return self.get_value(key)

    def set(
        self,
        key: str,
        value: str,
        *,
        mode: RSetMode = RSM_ALWAYS,
        return_previous: bool = False,
        expire_timestamp: datetime | None = None,
        expire_in: float | None = None,
        keep_ttl: bool = False,
    ) -> str | bool | None:
        """As `set_value`, by the name of version 0.4."""
        return self.set_value(
            key,
            value,
            mode=mode,
            return_previous=return_previous,
            expire_timestamp=expire_timestamp,
            expire_in=expire_in,
            keep_ttl=keep_ttl,
        )


class RedisClientAPI(RedisAPI):
    """The calls, pipelines and scripts."""

    def pipeline(self) -> AbstractContextManager[PipelineAPI]:
        """Queues calls, which are executed when the block is left; nothing is after an exception."""
        raise NotImplementedError

    def register_script(self, ctx: FnContext) -> ExecFunction:
        """Compiles a script; what is given runs it when it is called."""
        raise NotImplementedError


__all__ = [
    "KEY_TYPES",
    "REX_ALWAYS",
    "REX_EARLIER",
    "REX_EXPIRE",
    "REX_LATER",
    "REX_PERSIST",
    "RSM_ALWAYS",
    "RSM_EXISTS",
    "RSM_MISSING",
    "ExecFunction",
    "FnContext",
    "KeyType",
    "KeyWalk",
    "PipelineAPI",
    "RExpireMode",
    "RSetMode",
    "RedisAPI",
    "RedisClientAPI",
    "as_key_type",
]
