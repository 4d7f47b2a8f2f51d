"""Subclasses with arguments of their own, and runtimes whose methods are overridden."""

from __future__ import annotations

from typing import Any

import pytest

import redipy
import redipy.aio
from redipy import _native
from redipy.backend.pipeline import Pipeline
from redipy.backend.runtime import Runtime
from redipy.backend.subscription import Subscription
from redipy.testing import Clock


class Store(redipy.Redis):
    """A client with a name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def get_value(self, key: str) -> str | None:  # type: ignore[override]
        """The value, marked with the name."""
        return f"{self.name}:{super().get_value(key)}"


class Counting(redipy.LocalRuntime):
    """A runtime that counts reads."""

    def __init__(self, start: int) -> None:
        super().__init__()
        self.reads = start

    def get_value(self, key: str) -> str | None:  # type: ignore[override]
        """The value; it is counted."""
        self.reads += 1
        return super().get_value(key)


class Connection(redipy.RedisConnection):
    """A connection that needs no more than a port."""

    def __init__(self, port: int) -> None:
        super().__init__("module", cfg={"host": "127.0.0.1", "port": port, "passwd": ""})


class Shout(Runtime[Any]):
    """A runtime with one call."""

    def __init__(self, mark: str) -> None:
        super().__init__()
        self.mark = mark

    def get_value(self, key: str) -> str | None:
        """The name of the key."""
        return f"{key}{self.mark}"


def test_clients_have_arguments_of_their_own() -> None:
    """A subclass of the client calls `super().__init__` as it likes; it is what the client's methods see."""
    store = Store("books")
    store.set_value("k", "v")
    assert (store.name, store.get_value("k"), type(store)) == ("books", "books:v", Store)


def test_runtimes_have_arguments_of_their_own() -> None:
    """A subclass of the runtime too, and what it overrides is called."""
    runtime = Counting(5)
    redis = redipy.Redis(rt=runtime)
    redis.set_value("k", "v")
    assert (redis.get_value("k"), runtime.reads, runtime.get_value("k")) == ("v", 6, "v")
    assert isinstance(redis, redipy.Redis) and type(redis).__name__ == "Redis"


def test_connections_have_arguments_of_their_own(server_port: int) -> None:
    """So does a subclass of the connection."""
    connection = Connection(server_port)
    redis = redipy.Redis(rt=connection)
    redis.set_value("subclassed", "v")
    assert (connection.get_value("subclassed"), connection.get_prefix()) == ("v", "module:")
    redis.delete("subclassed")


def test_subclass_of_a_client_over_a_foreign_runtime() -> None:
    """`super()` of a client's subclass reaches the runtime of one's own."""

    class Doubting(redipy.Redis):
        def __init__(self, mark: str) -> None:
            super().__init__(rt=Shout(mark))

        def get_value(self, key: str) -> str | None:  # type: ignore[override]
            return f"{super().get_value(key)}?"

    redis = Doubting("!")
    assert redis.get_value("k") == "k!?"
    assert isinstance(redis, Doubting) and type(redis).__name__ == "Doubting"
    with pytest.raises(NotImplementedError):
        redis.lpush("k", "a")


def test_all_else_can_be_subclassed() -> None:
    """Whatever can be subclassed leaves the arguments to the subclass."""
    made = []
    base: Any
    for base, args in [
        (redipy.aio.Redis, (redipy.Redis(),)),
        (Pipeline, (redipy.Redis(),)),
        (redipy.aio.Pipeline, (redipy.aio.Redis(),)),
        (Subscription, (redipy.Redis(), ("news",), ())),
        (Clock, ()),
    ]:

        def own(self: Any, label: str, base: Any = base, args: tuple[Any, ...] = args) -> None:
            base.__init__(self, *args)
            self.label = label

        made.append(type("Own", (base,), {"__init__": own})("x"))
    assert [thing.label for thing in made] == ["x"] * 5


def test_what_was_not_made_says_so() -> None:
    """A subclass that forgets `super().__init__()` is told, and nothing is made twice."""

    class Forgetful(redipy.Redis):
        def __init__(self) -> None:
            pass

    with pytest.raises(RuntimeError, match=r"super\(\)\.__init__\(\) was not called"):
        Forgetful().exists("k")
    with pytest.raises(RuntimeError, match="twice"):
        _native.Client.__init__(redipy.Redis(), "memory://")
    with pytest.raises(TypeError):
        Clock(1)  # type: ignore[call-arg]
