"""A connection to a real server by its bytes, and one to the peer of redis-py, whose replies can be compared."""

from __future__ import annotations

import contextlib
import re
import socket
from typing import Any

import redipy
from redipy._redis_peer import Peer, Push

CLOSED = "closed"
TOLD = (b"message", b"pmessage", b"subscribe", b"psubscribe", b"unsubscribe", b"punsubscribe")
# What differs from connection to connection in a line of CLIENT LIST, or depends on a server's buffers.
OWN = {b"id", b"addr", b"laddr", b"fd", b"age", b"idle", b"tot-mem", b"tot-net-in", b"tot-net-out"}
BUFFERS = {b"qbuf", b"qbuf-free", b"argv-mem", b"multi-mem", b"rbs", b"rbp", b"obl", b"oll", b"omem"}


class Refused(Exception):
    """An error, as a server says it."""


def packed(words: list[bytes]) -> bytes:
    """A command as it is sent."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


class Wire:
    """A connection to a server."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._bytes = self._socket.makefile("rb")

    def prepare(self, commands: list[list[bytes]]) -> None:
        """Sends commands that have a reply each, and reads the replies."""
        self._send(commands)
        for _ in commands:
            self._read()

    def ask(self, commands: list[list[bytes]], end: bytes) -> list[Any]:
        """What is said to commands, up to the answer to a PING that ends them."""
        self._send([*commands, [b"PING", end]])
        replies: list[Any] = []
        while True:
            try:
                replies.append(self._read())
            except (EOFError, ConnectionError):
                return [*replies, CLOSED]
            if replies[-1] in (end, [b"pong", end]):
                return replies

    def _send(self, commands: list[list[bytes]]) -> None:
        self._socket.sendall(b"".join(map(packed, commands)))

    def _read(self) -> Any:
        line = self._bytes.readline()
        if not line:
            raise EOFError
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest
        if kind == b"-":
            return Refused(rest.decode("utf-8", "replace"))
        if kind == b":":
            return int(rest)
        if kind in (b"$", b"="):
            text = None if rest == b"-1" else self._bytes.read(int(rest) + 2)[:-2]
            return text[4:] if text and kind == b"=" else text
        if kind == b"_" or rest == b"-1":
            return None
        if kind == b"%":
            return {self._read(): self._read() for _ in range(int(rest))}
        assert kind in b"*~>", line
        items = [self._read() for _ in range(int(rest))]
        return Push(items) if kind == b">" else items

    def close(self) -> None:
        """Closes the connection, and waits until the server has: what comes next must not see it."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
            while self._bytes.read(1 << 16):
                pass
        self._bytes.close()
        self._socket.close()


class Ours:
    """A connection to data in this process."""

    def __init__(self, client: redipy.Redis) -> None:
        self.peer = Peer(client, Refused, sets=False)

    def prepare(self, commands: list[list[bytes]]) -> None:
        """Sends commands, whatever is said to them."""
        for words in commands:
            self.peer.sendall(packed(words))
        self.peer.replies.clear()

    def ask(self, commands: list[list[bytes]], end: bytes) -> list[Any]:
        """What is said to commands, with the answer to a PING that ends them."""
        for words in [*commands, [b"PING", end]]:
            self.peer.sendall(packed(words))
        self.peer.collect()
        replies = [*self.peer.replies, *([CLOSED] if self.peer.is_closed else [])]
        self.peer.replies.clear()
        return replies

    def close(self) -> None:
        """Ends it."""
        self.peer.close()


def comparable(reply: Any) -> Any:
    """A reply without what differs from connection to connection."""
    if isinstance(reply, Refused):
        return f"refused: {reply}"
    if isinstance(reply, dict):
        return {"map": _pairs(list(reply.items()))}
    if isinstance(reply, list):
        if reply[:1] == [b"server"]:
            return _pairs(list(zip(reply[::2], reply[1::2], strict=True)))
        is_push = isinstance(reply, Push) or (len(reply) == 3 and reply[0] in TOLD)
        return [*(["push"] if is_push else []), *map(comparable, reply)]
    if isinstance(reply, bytes) and reply.startswith(b"id="):
        return [_line(line) for line in reply.splitlines()]
    return reply


def _pairs(pairs: list[tuple[Any, Any]]) -> list[Any]:
    """The pairs of HELLO: modules come with a server."""
    return [(name, "?" if name in (b"id", b"modules") else comparable(value)) for name, value in pairs]


def _line(line: bytes) -> list[Any]:
    fields = [field.split(b"=", 1) for field in re.split(rb" (?=[a-z-]+=)", line)]
    return [name if name in OWN | BUFFERS else b"=".join([name, value]) for name, value in fields]


def differences(ours: Any, theirs: Any) -> list[Any]:
    """The pairs of parts that are not the same."""
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [pair for one, other in zip(ours, theirs, strict=True) for pair in differences(one, other)]
    return [] if ours == theirs else [(ours, theirs)]
