"""What a connection of redis-py talks to in place of a server; see `redipy.redis_py`."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import itertools
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from redipy import _native, _redis_about

Packed = tuple[bytes, ...]
"""A command as a connection sends it: its name and its arguments."""

# How long a thread waits for a message before it looks for replies to what other threads have sent.
PATIENCE = 0.05
CLOSED = "the connection is closed"
CONNECTION_IDS = itertools.count(1)


class Push(list[Any]):
    """A reply that nobody asked for: a message, or a confirmation of a subscription."""


class Peer:
    """The other end of a connection: executes the commands and keeps the replies until they are read.

    To redis-py it is the socket.

    Args:
        client: whose data is used.
        parse_error: makes the exception for the text of an error.
        sets: whether sets of protocol 3 are read as such, or as lists.
    """

    def __init__(self, client: _native.Client, parse_error: Callable[[str], Exception], *, sets: bool) -> None:
        self.client = client
        self._sets = sets
        self._parse_error = parse_error
        self.connection_id = next(CONNECTION_IDS)
        self.opened = self.used = time.monotonic()
        self.replies: deque[Any] = deque()
        self.is_closed = False
        self._start()
        _redis_about.add(self)

    def _start(self) -> None:
        """The state of a new connection."""
        self._session = _native.Session(self.client, self._parse_error, sets=self._sets)
        self.protocol = 2
        self.name = b""
        self.db = 0
        # The commands that wait for EXEC; None outside MULTI.
        self._queued: list[Packed] | None = None
        # What is listened to, in order: channels under False, patterns under True.
        self._topics: dict[bool, dict[bytes, None]] = {False: {}, True: {}}

    def sendall(self, command: Packed) -> None:
        """Executes a command."""
        name = command[0].upper()
        self.used = time.monotonic()
        own = OWN.get(name)
        if self.protocol == 2 and self._listens() and name not in WHILE_LISTENING:
            shown = name.decode("utf-8", "replace").lower()
            self.replies.append(self._parse_error(NOT_WHILE_LISTENING.format(shown)))
        elif name == b"PING" and self.protocol == 2 and self._listens():
            self.replies.append([b"pong", *(command[1:2] or (b"",))])
        elif own is None:
            self._execute(name, command)
        elif self._queued is not None:
            self.replies.append(self._parse_error(f"ERR {name.decode()} is not possible inside MULTI without a server"))
        else:
            self.replies.extend(own(self, command[1:]))

    def _execute(self, name: bytes, command: Packed) -> None:
        reply = self._session.execute(command, self.protocol)
        if name == b"MULTI" and reply == b"OK":
            self._queued = []
        elif name in (b"EXEC", b"DISCARD"):
            executed, self._queued = self._queued or (), None
            if isinstance(reply, list):
                self._note_database(executed, reply)
        elif reply == b"QUEUED" and self._queued is not None:
            self._queued.append(command)
        elif name == b"SELECT":
            self._note_database((command,), (reply,))
        self.replies.append(reply)

    def _note_database(self, commands: Iterable[Packed], replies: Iterable[Any]) -> None:
        """Remembers the database that was selected."""
        for command, reply in zip(commands, replies, strict=False):
            if command[0].upper() == b"SELECT" and reply == b"OK":
                self.db = int(command[1])

    def _listens(self) -> bool:
        return any(self._topics.values())

    def wait(self, timeout: float | None) -> bool:
        """Waits until there is a reply to read, at most this many seconds; whether there is one.

        Raises:
            ConnectionError: the connection was closed meanwhile.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while not self.collect():
            left = PATIENCE if end is None else min(PATIENCE, end - time.monotonic())
            if left <= 0:
                return False
            self._session.wait(left)
            if self.is_closed:
                raise builtins.ConnectionError(CLOSED)
        return True

    def collect(self) -> bool:
        """Puts the messages that have come among the replies; whether there is a reply to read."""
        while (message := self._session.take()) is not None:
            pattern, channel, text = message
            kind = [b"message"] if pattern is None else [b"pmessage", pattern]
            self.replies.append(Push([*kind, channel, text]))
        return bool(self.replies)

    def shutdown(self, how: int) -> None:
        """What a socket has before `close`."""

    def close(self) -> None:
        """Listens to nothing any more."""
        self.is_closed = True
        for patterns, names in self._topics.items():
            self._session.unsubscribe(list(names), patterns)

    def _count(self) -> int:
        return sum(map(len, self._topics.values()))

    def subscribe(self, names: Packed, patterns: bool) -> Iterator[Any]:
        """Listens to more channels or patterns; a confirmation for each."""
        # What has come already is older than the confirmations.
        self.collect()
        self._session.subscribe(names, patterns)
        for name in names:
            self._topics[patterns][name] = None
            yield Push([b"psubscribe" if patterns else b"subscribe", name, self._count()])

    def unsubscribe(self, names: Packed, patterns: bool) -> Iterator[Any]:
        """Stops listening to channels or patterns, to all if none is named; a confirmation for each."""
        topics = self._topics[patterns]
        kind = b"punsubscribe" if patterns else b"unsubscribe"
        names = names or tuple(topics)
        self._session.unsubscribe(names, patterns)
        self.collect()
        for name in names:
            topics.pop(name, None)
            yield Push([kind, name, self._count()])
        if not names:
            yield Push([kind, None, self._count()])

    def hello(self, args: Packed) -> Iterator[Any]:
        """Answers HELLO: changes the protocol, and tells what a server tells of itself."""
        if args and args[0] not in (b"2", b"3"):
            yield self._parse_error("NOPROTO unsupported protocol version")
            return
        self.protocol = int(args[0]) if args else self.protocol
        options = [arg.upper() for arg in args]
        if b"SETNAME" in options[1:-1]:
            self.name = args[options.index(b"SETNAME") + 1]
        about = {
            b"server": b"redis",
            b"version": _redis_about.VERSION,
            b"proto": self.protocol,
            b"id": self.connection_id,
            b"mode": b"standalone",
            b"role": b"master",
            b"modules": [],
        }
        yield about if self.protocol == 3 else [part for pair in about.items() for part in pair]

    def topic_counts(self) -> tuple[int, int]:
        """How many channels and how many patterns are listened to."""
        return len(self._topics[False]), len(self._topics[True])

    def queue_length(self) -> int:
        """How many commands wait for EXEC; -1 outside MULTI."""
        return -1 if self._queued is None else len(self._queued)

    def info(self, args: Packed) -> Iterator[Any]:
        """Answers INFO."""
        yield _redis_about.info(self.client, args)

    def answer_client(self, args: Packed) -> Iterator[Any]:
        """Answers CLIENT, as far as it concerns the connections of redis-py to the same data."""
        match [args[0].upper() if args else b"", *args[1:]]:
            case [b"SETNAME", name]:
                self.name = name
                yield b"OK"
            case [b"GETNAME"]:
                yield self.name or None
            case [b"ID"]:
                yield self.connection_id
            case [b"INFO"]:
                yield _redis_about.client_line(self)
            case [b"LIST"]:
                known = _redis_about.connections_to(self.client)
                yield b"".join(_redis_about.client_line(each) for each in known)
            case [b"SETINFO", _, _] | [b"NO-EVICT" | b"NO-TOUCH", _]:
                yield b"OK"
            case [subcommand, *_]:
                shown = subcommand.decode("utf-8", "replace")
                yield self._parse_error(f"ERR unknown subcommand or wrong number of arguments for '{shown}'.")

    def reset(self, _: Packed) -> Iterator[Any]:
        """Answers RESET: all is as on a new connection."""
        self.close()
        self.is_closed = False
        self._start()
        yield b"RESET"


def _ok(_: Peer, __: Packed) -> Iterator[Any]:
    yield b"OK"


def _needing_names(name: str, patterns: bool) -> Callable[[Peer, Packed], Iterator[Any]]:
    def subscribe(peer: Peer, names: Packed) -> Iterator[Any]:
        if names:
            return peer.subscribe(names, patterns)
        return iter([peer._parse_error(f"ERR wrong number of arguments for '{name}' command")])

    return subscribe


# What concerns the connection is answered by it. There are no users, so every password is right.
OWN: dict[bytes, Callable[[Peer, Packed], Iterable[Any]]] = {
    b"AUTH": _ok,
    b"CLIENT": Peer.answer_client,
    b"HELLO": Peer.hello,
    b"INFO": Peer.info,
    b"PSUBSCRIBE": _needing_names("psubscribe", True),
    b"PUNSUBSCRIBE": lambda peer, names: peer.unsubscribe(names, True),
    b"QUIT": _ok,
    b"RESET": Peer.reset,
    b"SUBSCRIBE": _needing_names("subscribe", False),
    b"UNSUBSCRIBE": lambda peer, names: peer.unsubscribe(names, False),
}
WHILE_LISTENING = {b"PING", b"PSUBSCRIBE", b"PUNSUBSCRIBE", b"QUIT", b"RESET", b"SUBSCRIBE", b"UNSUBSCRIBE"}
NOT_WHILE_LISTENING = (
    "ERR Can't execute '{}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
)


class AsyncPeer(Peer):
    """The other end of a connection of asyncio. To redis-py it is both streams."""

    def __init__(self, client: _native.Client, parse_error: Callable[[str], Exception], *, sets: bool) -> None:
        super().__init__(client, parse_error, sets=sets)
        self._arrived = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None

    def writelines(self, commands: Iterable[Packed]) -> None:
        """Executes commands."""
        for command in commands:
            self.sendall(command)
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

    def subscribe(self, names: Packed, patterns: bool) -> Iterator[Any]:
        """Listens to more channels or patterns; a confirmation for each."""
        yield from super().subscribe(names, patterns)
        if self._listener is None:
            # It keeps no reference to this object, which may be forgotten without being closed.
            self._listener = asyncio.ensure_future(_listen(self._session, weakref.ref(self)))
            weakref.finalize(self, _cancel, self._listener).atexit = False

    def reset(self, args: Packed) -> Iterator[Any]:
        """Answers RESET: all is as on a new connection."""
        yield from super().reset(args)
        self._forget_listener()

    def _forget_listener(self) -> None:
        if self._listener is not None:
            _cancel(self._listener)
        self._listener = None

    def deliver(self) -> None:
        """Puts the messages that have come among the replies, and wakes who waits for one."""
        self.collect()
        self._arrived.set()

    def close(self) -> None:
        """Listens to nothing any more; who waits for a reply gets an error."""
        super().close()
        self._forget_listener()
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
        # Nothing keeps it while the next message is awaited.
        del peer


def _cancel(task: asyncio.Task[None]) -> None:
    """Cancels a task, from any thread."""
    with contextlib.suppress(RuntimeError):  # the loop was closed, and its tasks are over
        task.get_loop().call_soon_threadsafe(task.cancel)
