"""What the other end of a connection of redis-py tells of itself and of the connections to the same data."""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Iterable
from typing import Protocol

from redipy import _native

# The version of Redis that this package takes as its measure. Libraries go by it in what they send.
VERSION = b"7.2.0"
ADDRESS = b"in-process:0"
BUFFERS = (b"qbuf", b"qbuf-free", b"argv-mem", b"multi-mem", b"obl", b"oll", b"omem", b"tot-mem")


class Known(Protocol):
    """A connection, as far as others are told of it."""

    client: _native.Client
    connection_id: int
    name: bytes
    is_closed: bool
    protocol: int
    db: int
    opened: float
    used: float

    def topic_counts(self) -> tuple[int, int]:
        """How many channels and how many patterns are listened to."""

    def queue_length(self) -> int:
        """How many commands wait for EXEC; -1 outside MULTI."""


_lock = threading.Lock()
_known: weakref.WeakSet[Known] = weakref.WeakSet()


def add(connection: Known) -> None:
    """Makes a connection known to others."""
    with _lock:
        _known.add(connection)


def connections_to(client: _native.Client) -> list[Known]:
    """The open connections to the data of a client, the oldest first."""
    with _lock:
        known = list(_known)
    found = [each for each in known if not each.is_closed and _share_data(each.client, client)]
    return sorted(found, key=lambda each: each.connection_id)


def _share_data(one: _native.Client, other: _native.Client) -> bool:
    """Whether clients have the same data, as far as can be told: ``memory://`` may be that of anybody."""
    return one is other or (one.describe() == other.describe() != "memory://")


def client_line(connection: Known) -> bytes:
    """A connection as CLIENT LIST shows it. There are no buffers between it and the data, so they are empty."""
    channels, patterns = connection.topic_counts()
    now = time.monotonic()
    numbers = {
        b"db": connection.db,
        b"age": int(now - connection.opened),
        b"idle": int(now - connection.used),
        b"sub": channels,
        b"psub": patterns,
        b"multi": connection.queue_length(),
        b"resp": connection.protocol,
        **dict.fromkeys(BUFFERS, 0),
    }
    fields = {
        b"id": b"%d" % connection.connection_id,
        b"addr": ADDRESS,
        b"laddr": ADDRESS,
        b"fd": b"-1",
        b"name": connection.name,
        b"flags": b"P" if channels or patterns else b"N",
        b"user": b"default",
        **{name: b"%d" % number for name, number in numbers.items()},
    }
    return b" ".join(b"=".join(pair) for pair in fields.items()) + b"\n"


def info(client: _native.Client, sections: Iterable[bytes]) -> bytes:
    """What INFO tells: the sections asked for, all if none is named; nothing is told that is not known.

    Example:
        >>> import redipy
        >>> info(redipy.Redis(), [b"server"]).splitlines()[:3]
        [b'# Server', b'redis_version:7.2.0', b'redis_mode:standalone']
    """
    facts = {
        b"Server": {b"redis_version": VERSION, b"redis_mode": b"standalone", b"process_id": b"%d" % os.getpid()},
        b"Clients": {b"connected_clients": b"%d" % len(connections_to(client))},
        b"Replication": {b"role": b"master", b"connected_slaves": b"0"},
    }
    asked = {section.lower() for section in sections} - {b"default", b"all", b"everything"}
    shown = [
        b"\r\n".join([b"# " + section, *(b":".join(pair) for pair in pairs.items()), b""])
        for section, pairs in facts.items()
        if not asked or section.lower() in asked
    ]
    return b"\r\n".join(shown)
