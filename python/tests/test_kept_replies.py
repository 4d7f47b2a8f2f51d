"""Replies that are read again are kept as objects: what is given is always what is there, and belongs to the caller."""

from __future__ import annotations

import contextlib
import os
import random
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import redipy
import redipy.testing
from redipy.errors import RedipyError
from redipy.script import FnContext, RedisHash, RedisList

Read = Callable[[redipy.Redis, str], Any]


def pairs(flat: Any) -> Any:
    return flat if isinstance(flat, dict) else dict(zip(flat[::2], flat[1::2], strict=True))


READS: dict[str, tuple[Read, Read]] = {
    "get": (lambda r, k: r.get_value(k), lambda r, k: r.execute_command("GET", k)),
    "hgetall": (lambda r, k: r.hgetall(k), lambda r, k: pairs(r.execute_command("HGETALL", k))),
    "hkeys": (lambda r, k: r.hkeys(k), lambda r, k: r.execute_command("HKEYS", k)),
    "hvals": (lambda r, k: r.hvals(k), lambda r, k: r.execute_command("HVALS", k)),
    "lrange": (lambda r, k: r.lrange(k, 0, -1), lambda r, k: r.execute_command("LRANGE", k, 0, -1)),
    "lrange a part": (lambda r, k: r.lrange(k, 1, 5), lambda r, k: r.execute_command("LRANGE", k, 1, 5)),
    "smembers": (lambda r, k: r.smembers(k), lambda r, k: set(r.execute_command("SMEMBERS", k))),
    "zrange": (lambda r, k: r.zrange(k, 0, -1), lambda r, k: r.execute_command("ZRANGE", k, 0, -1)),
    "zrange a part": (lambda r, k: r.zrange(k, -4, -2), lambda r, k: r.execute_command("ZRANGE", k, -4, -2)),
}
"""Each reply as an object that may be kept, and by the command's name, which keeps nothing."""


def answer(read: Read, redis: redipy.Redis, key: str) -> Any:
    """What a read gives; for an error its text."""
    try:
        return read(redis, key)
    except (RedipyError, UnicodeDecodeError) as error:
        return str(error)


def moved() -> FnContext:
    """A script that changes a list and a hash, at whatever keys."""
    ctx = FnContext()
    items, fields = RedisList(ctx.add_key("items")), RedisHash(ctx.add_key("fields"))
    value = ctx.add_arg("value")
    ctx.add(items.rpush(value))
    ctx.add(fields.hset({"field:1": value}))
    ctx.set_return_value(None)
    return ctx


class Changes:
    """Random changes of a few keys."""

    def __init__(self, redis: redipy.Redis, clock: redipy.testing.Clock, seed: int) -> None:
        self.redis, self.clock, self.rng = redis, clock, random.Random(seed)
        self.script = redis.register_script(moved())
        self.all: list[Callable[[], Any]] = [
            lambda: redis.set_value(self.key(), self.word() * self.few(600)),
            lambda: redis.execute_command("APPEND", self.key(), self.word()),
            lambda: redis.execute_command("SETRANGE", self.key(), self.few(2000), self.word()),
            lambda: redis.hset(self.key(), {f"field:{i}": self.word() for i in range(self.few(700))}),
            lambda: redis.hset(self.key(), {f"field:{self.few(20)}": self.word()}),
            lambda: redis.hincrby(self.key(), "number", 1),
            lambda: redis.hdel(self.key(), f"field:{self.few(20)}"),
            lambda: redis.rpush(self.key(), *[self.word() for _ in range(self.few(900))]),
            lambda: redis.lpush(self.key(), self.word()),
            lambda: redis.lset(self.key(), self.few(20), self.word()),
            lambda: redis.rpop(self.key()),
            lambda: redis.sadd(self.key(), *[self.word() for _ in range(self.few(300))]),
            lambda: redis.srem(self.key(), self.word()),
            lambda: redis.zadd(self.key(), {self.word(): self.few(9) for _ in range(self.few(300))}),
            lambda: redis.zpop_min(self.key()),
            lambda: redis.execute_command("RENAME", self.key(), self.key()),
            lambda: redis.execute_command("COPY", self.key(), self.key(), "REPLACE"),
            lambda: redis.execute_command("LMOVE", self.key(), self.key(), "LEFT", "RIGHT"),
            lambda: redis.expire(self.key(), expire_in=1.0),
            lambda: self.clock.advance(0.4),
            lambda: redis.delete(self.key()),
            lambda: self.few(20) or redis.flushall(),
            lambda: self.script(keys={"items": self.key(), "fields": self.key()}, args={"value": self.word()}),
            self.pipeline,
        ]

    def key(self) -> str:
        return self.rng.choice("abcdefgh")

    def word(self) -> str:
        return self.rng.choice(["", "é", "x" * 100, f"{self.few(5)}", f"word {self.few(400)}"])

    def few(self, most: int) -> int:
        return self.rng.randrange(self.rng.choice([2, most])) + 1

    def pipeline(self) -> None:
        with self.redis.pipeline() as pipe:
            pipe.rpush(self.key(), self.word())
            pipe.hset(self.key(), {"field:2": self.word()})
            pipe.execute()

    def make(self) -> None:
        # A key may be of another type.
        with contextlib.suppress(RedipyError, ValueError):
            self.rng.choice(self.all)()


@pytest.mark.parametrize("seed", range(4))
def test_replies_are_never_stale(seed: int) -> None:
    """After every random change, what is read, and read again, is what the command's name gives."""
    clock = redipy.testing.Clock()
    redis = redipy.testing.redis_with(clock)
    changes = Changes(redis, clock, seed)
    for _ in range(600):
        changes.make()
        key = changes.key()
        for name, (read, plain) in READS.items():
            wanted = answer(plain, redis, key)
            for _ in range(3):
                assert answer(read, redis, key) == wanted, (name, key)


def test_two_places_with_the_same_keys() -> None:
    """Stores, databases and prefixes have their own replies, and `str` is not `bytes`."""
    clients = [
        redipy.connect("memory://kept-replies"),
        redipy.connect("memory://kept-replies/1"),
        redipy.Redis(url="memory://kept-replies", decode=False),
        redipy.Redis(url="memory://kept-replies", prefix="p:"),
        redipy.Redis(),
    ]
    for at, client in enumerate(clients):
        if at != 2:
            client.delete("l", "h")
            client.rpush("l", *[f"{at}"] * 300)
            client.hset("h", {f"{i}": f"{at}" for i in range(20)})
    for _ in range(3):
        for at, client in enumerate(clients):
            item: Any = b"0" if at == 2 else f"{at}"
            assert client.lrange("l", 0, -1) == [item] * 300
            assert client.hvals("h") == [item] * 20


def test_what_is_given_belongs_to_the_caller() -> None:
    redis = redipy.Redis()
    redis.rpush("l", "a", "b")
    redis.sadd("s", "a", "b")
    redis.hset("h", {"a": "b"})
    for _ in range(4):
        items, members, fields = redis.lrange("l", 0, -1), redis.smembers("s"), redis.hgetall("h")
        assert (items, members, fields) == (["a", "b"], {"a", "b"}, {"a": "b"})
        items.append("c")
        members.clear()
        fields["a"] = "c"


def test_readers_beside_writers() -> None:
    """Each change sets all parts to one number. A reader sees one number, and none that was replaced before it began."""
    redis, done, failures, over = redipy.Redis(), [0], list[str](), threading.Event()

    def write() -> None:
        for number in range(1, 1500):
            text = f"{number:08}"
            with redis.pipeline() as pipe:
                pipe.delete("l", "h", "s")
                pipe.rpush("l", *[text] * 30)
                pipe.hset("h", {f"f{i}": text for i in range(30)})
                pipe.sadd("s", *[f"{text}:{i}" for i in range(30)])
                pipe.set_value("v", text * 300)
                pipe.execute()
            done[0] = number
        over.set()

    def read() -> None:
        while not over.is_set():
            for one in (
                lambda: redis.lrange("l", 0, -1),
                lambda: list(redis.hgetall("h").values()),
                lambda: redis.hvals("h"),
                lambda: [member[:8] for member in redis.smembers("s")],
                lambda: textwrap.wrap(redis.get_value("v") or "", 8),
            ):
                before = done[0]
                found = set(one())
                if before and (len(found) != 1 or int(found.pop()) < before):
                    failures.append(f"{before}: {found}")

    threads = [threading.Thread(target=read) for _ in range(3)] + [threading.Thread(target=write)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


@pytest.fixture
def limit() -> Iterator[Callable[[int], None]]:
    """Sets how much is kept; the default comes back after the test."""
    yield redipy.keep_replies
    redipy.keep_replies(16 << 20)


def test_how_much_is_kept(limit: Callable[[int], None]) -> None:
    """What is kept has an owner more."""
    redis = redipy.Redis()

    def kept() -> int:
        for at in range(100):
            redis.set_value(f"v{at}", "x" * 100_000)
        texts = [[redis.get_value(f"v{at}") for _ in range(3)][2] for at in range(100)]
        alone = ["x" * len(texts)]
        return sum(sys.getrefcount(texts[at]) > sys.getrefcount(alone[0]) for at in range(100))

    limit(1 << 20)
    assert 5 <= kept() <= 10
    limit(0)
    assert kept() == 0
    limit(300_000)
    assert kept() == 0  # one alone is too much of it


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
def test_a_fork_has_its_own() -> None:
    redis = redipy.Redis()
    redis.rpush("l", *["a"] * 2000)
    assert all(len(redis.lrange("l", 0, -1)) == 2000 for _ in range(3))
    child = os.fork()
    if child == 0:
        redis.rpush("l", "b")
        right = all(len(redis.lrange("l", 0, -1)) == 2001 for _ in range(3))
        os._exit(0 if right else 1)
    redis.rpush("l", "c", "d")
    assert all(len(redis.lrange("l", 0, -1)) == 2002 for _ in range(3))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
