"""Where data lives and scripts run: what the runtime of every backend has in common."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from redipy import _checked, _native
from redipy._commands import Commands
from redipy._words import Key, refused
from redipy.api import KeyType, RedisClientAPI
from redipy.backend.backend import ExecFunction, bind
from redipy.backend.pipeline import Pipeline
from redipy.backend.subscription import Subscription
from redipy.graph.seq import SequenceObj
from redipy.symbolic.seq import FnContext
from redipy.symbolic.uses import warn_of

C = TypeVar("C")
T = TypeVar("T")


class Runtime(RedisClientAPI, Generic[C]):
    """The base class of runtimes. One of your own is used by ``Redis(rt=..)``."""

    _compile_hook: Callable[[SequenceObj], None] | None = None
    _code_hook: Callable[[C], None] | None = None

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keeps other threads that use this method out."""
        lock: threading.RLock = self.__dict__.setdefault("_lock", threading.RLock())
        with lock:
            yield

    def set_compile_hook(self, hook: Callable[[SequenceObj], None] | None) -> None:
        """Sets a function that is shown the intermediate form of every script that is registered."""
        self._compile_hook = hook

    def set_code_hook(self, hook: Callable[[C], None] | None) -> None:
        """Sets a function that is shown the code of every script that is registered."""
        self._code_hook = hook


class NativeRuntime(_native.Client, Commands, Runtime[list[str]]):
    """A runtime in Rust: the engine or a real server."""

    prints_lua: bool = False
    """Whether the Lua of every script is printed when it is registered."""

    # The names of version 0.4.
    get = _native.Client.get_value

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.describe()}>"

    def pipeline(self) -> Pipeline:
        return Pipeline(self)

    def register_script(self, ctx: FnContext) -> ExecFunction:
        return bind(self._script(ctx), self)

    def _script(self, ctx: FnContext) -> _native.Script:
        """The script that a context describes, which the hooks have seen."""
        program = ctx.compile()
        if self._compile_hook is not None:
            self._compile_hook(program)
        script = self._compile(program)
        warn_of(script.warnings)
        self._show_lua(script.lua)
        if self._code_hook is not None:
            self._code_hook(script.lua.splitlines())
        return script

    def _compile(self, program: SequenceObj) -> _native.Script:
        """The script of a program."""
        return _native.Script(program)

    def _show_lua(self, code: str) -> None:
        if self.prints_lua:
            print(f"Compiled script:\n-- SCRIPT START --\n{code.rstrip()}\n-- SCRIPT END --")

    def keys_block(self, *, match: str | None = None, filter_type: KeyType | None = None) -> list[str]:
        return self._keys(match=match, filter_type=filter_type)

    def subscribe(self, *channels: str) -> Subscription:
        """Listens to channels, from now on."""
        _checked.check_named("subscribe", channels)
        return Subscription(self, channels, ())

    def psubscribe(self, *patterns: str) -> Subscription:
        """Listens to the channels that match glob patterns, from now on."""
        _checked.check_named("psubscribe", patterns)
        return Subscription(self, (), patterns)

    def publish(
        self,
        key: str = _checked.MISSING,
        msg: str = _checked.MISSING,
        *,
        channel: str = _checked.MISSING,
        message: str = _checked.MISSING,
    ) -> None:
        """Wakes those who `wait_for` this key. ``channel`` and ``message`` are redis-py's names of ``key`` and ``msg``."""
        key, msg = published(key, msg, channel, message)
        self._publish(self._channel(key), msg)

    def get_pubsub_key(self, key: str) -> str:
        """The channel that `publish` and `wait_for` use for a key."""
        return pubsub_key(key)

    def _channel(self, key: str) -> str:
        """That channel without the prefix, which every call puts before it."""
        return self.get_pubsub_key(key)

    def wait_for(self, key: str, predicate: Callable[[], T], timeout: float | None) -> T | None:
        """Waits until a function gives something true, and gives that.

        It is asked at once and after every `publish` for the key; None when the time is over first.

        Args:
            key: what `publish` is called with.
            predicate: the function.
            timeout: seconds to wait, None to wait for ever. Below zero it is asked once.
        """
        channel = self._channel(key)
        _checked.check_function("predicate", predicate)
        return self._wait_for(channel, predicate, _checked.seconds(timeout))


def published(key: Any, msg: Any, channel: Any, message: Any) -> tuple[Any, Any]:
    """What is published where, by our names or by redis-py's.

    Raises:
        TypeError: something is missing, or given twice.
    """
    return _checked.either("publish", "key", key, channel), _checked.either("publish", "msg", msg, message)


def pubsub_key(key: Key) -> str:
    """The channel that `publish` and `wait_for` use for a key, without a prefix.

    Raises:
        TypeError: it is no key.
        ValueError: it is no text.
    """
    if isinstance(key, bool) or not isinstance(key, (str, bytes, int)):
        raise refused(TypeError(f"a key must be a str, bytes or int, not {type(key).__name__}"), key, "key")
    try:
        text = key.decode() if isinstance(key, bytes) else f"{key}"
        text.encode()
    except UnicodeError as error:
        raise refused(error, key, "key") from None
    return f"ps:{text}"
