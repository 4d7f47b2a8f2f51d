"""What a connection of redis-py talks to in place of a server; see `redipy.redis_py`."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from redipy import _native

Packed = bytes | bytearray | memoryview
"""A piece of what a connection sends."""

# How long a thread waits for a message before it looks for replies to what other threads have sent.
PATIENCE = 0.05
# What redis-py itself says of a server that has ended a connection.
CLOSED = "Connection closed by server."


class Push(list[Any]):
    """A reply that nobody asked for: a message, or a confirmation of a subscription."""


class Peer:
    """The other end of a connection: has the commands executed and keeps the replies until they are read.

    To redis-py it is the socket.

    Args:
        client: whose data is used.
        parse_error: makes the exception for the text of an error.
        sets: whether sets of protocol 3 are read as such, or as lists.
    """

    def __init__(self, client: _native.Client, parse_error: Callable[[str], Exception], *, sets: bool) -> None:
        self.replies: deque[Any] = deque()
        self._session = _native.Session(client, parse_error, Push, sets=sets)

    @property
    def is_closed(self) -> bool:
        """Whether either end has closed the connection."""
        return self._session.is_closed

    def sendall(self, packed: Packed) -> None:
        """Has commands executed. Nothing happens on a closed connection, which is noticed by who reads."""
        self.replies.extend(self._session.receive(packed))

    def wait(self, timeout: float | None) -> bool:
        """Waits until there is a reply to read, at most this many seconds; whether there is one.

        Raises:
            ConnectionError: the connection was closed meanwhile.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while not self.collect():
            if self.is_closed:
                raise builtins.ConnectionError(CLOSED)
            left = PATIENCE if end is None else min(PATIENCE, end - time.monotonic())
            if left <= 0:
                return False
            self._session.wait(left)
        return True

    def collect(self) -> bool:
        """Puts the messages that have come among the replies; whether there is a reply to read."""
        while (message := self._session.take()) is not None:
            self.replies.append(message)
        return bool(self.replies)

    def shutdown(self, how: int) -> None:
        """What a socket has before `close`."""

    def close(self) -> None:
        """Listens to nothing any more."""
        self._session.close()


class AsyncPeer(Peer):
    """The other end of a connection of asyncio. To redis-py it is both streams."""

    def __init__(self, client: _native.Client, parse_error: Callable[[str], Exception], *, sets: bool) -> None:
        super().__init__(client, parse_error, sets=sets)
        self._arrived = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None
        self._unsent: list[Packed] = []
        self._sending: asyncio.Task[None] | None = None

    def writelines(self, pieces: Iterable[Packed]) -> None:
        """Has commands executed: here, or by a thread where they may have to wait for data."""
        if self._sending is None and not self._session.may_wait():
            self.sendall(b"".join(pieces))
            self._has_sent()
            return
        self._unsent.extend(pieces)
        if self._sending is None:
            self._sending = asyncio.ensure_future(self._send())

    async def _send(self) -> None:
        try:
            while self._unsent:
                packed = b"".join(self._unsent)
                self._unsent.clear()
                self.replies.extend(await asyncio.to_thread(self._session.receive, packed))
                self._has_sent()
        except BaseException:
            self.close()
            raise
        finally:
            self._sending = None

    def _has_sent(self) -> None:
        """Wakes who waits for a reply, and listens to messages from the moment on when there may be some."""
        if self._listener is None and self._session.listens():
            # It keeps no reference to this object, which may be forgotten without being closed.
            self._listener = asyncio.ensure_future(_listen(self._session, weakref.ref(self)))
            weakref.finalize(self, _cancel, self._listener).atexit = False
        self._arrived.set()

    async def drain(self) -> None:
        """Lets other tasks run, as a socket would: a loop of calls must not stop everybody else."""
        await asyncio.sleep(0)

    async def readable(self) -> None:
        """Waits until there is a reply to read.

        Raises:
            ConnectionError: the connection was closed meanwhile.
        """
        while not self.replies:
            if self.is_closed:
                raise builtins.ConnectionError(CLOSED)
            self._arrived.clear()
            await self._arrived.wait()

    def deliver(self) -> None:
        """Puts the messages that have come among the replies, and wakes who waits for one."""
        self.collect()
        self._arrived.set()

    def close(self) -> None:
        """Listens to nothing any more; who waits for a reply gets an error."""
        super().close()
        if self._listener is not None:
            _cancel(self._listener)
        self._listener = None
        self._arrived.set()

    async def wait_closed(self) -> None:
        """What a stream has after `close`."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What a stream tells of its socket: there is none."""
        return default


async def _listen(session: _native.Session, peer_of: weakref.ref[AsyncPeer]) -> None:
    """Delivers messages, as long as the connection is open."""
    while True:
        await session.arrived()
        if (peer := peer_of()) is None:
            return
        peer.deliver()
        if peer.is_closed:
            return
        # Nothing keeps it while the next message is awaited.
        del peer


def _cancel(task: asyncio.Task[None]) -> None:
    """Cancels a task, from any thread."""
    with contextlib.suppress(RuntimeError):  # the loop was closed, and its tasks are over
        task.get_loop().call_soon_threadsafe(task.cancel)
