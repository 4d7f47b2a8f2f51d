"""Commands that the original does not have."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import Connect

import redipy
from redipy.backend.pipeline import Pipeline
from redipy.backend.subscription import Subscription

OTHERWISE = {
    "DEL": "delete",
    "TYPE": "key_type",
    "ZPOPMAX": "zpop_max",
    "ZPOPMIN": "zpop_min",
    "HMSET": "hset",
    "MULTI": "pipeline",
    "EXEC": "pipeline",
}
"""Commands whose methods have other names."""

CONNECTION = {"DISCARD", "SELECT", "UNWATCH", "WATCH"}
"""Commands that need a connection of one's own."""

NOT_QUEUED = {"FLUSHALL", "PUBLISH", "PSUBSCRIBE", "PUNSUBSCRIBE", "SUBSCRIBE", "UNSUBSCRIBE"}
"""Commands that pipelines do not have, or have by another way."""


def test_every_command_of_the_table_has_a_method() -> None:
    """The table of commands is generated from the same declarations."""
    table = (Path(__file__).parents[2] / "docs" / "commands.md").read_text()
    names: set[str] = set(re.findall(r"^\| ([A-Z]+) \|", table, re.MULTILINE))
    assert len(names) > 110
    names -= CONNECTION
    stops = {"PUNSUBSCRIBE", "UNSUBSCRIBE"}
    assert all(hasattr(redipy.Redis, OTHERWISE.get(name, name.lower())) for name in names - stops)
    assert all(hasattr(Subscription, name.lower()) for name in stops)
    assert all(hasattr(Pipeline, name.lower()) for name in names - {*OTHERWISE, *NOT_QUEUED})


def test_strings(redis: redipy.Redis) -> None:
    """Replies are what their commands' documentation says."""
    assert redis.mset({"a": 1, "b": "two"}) is True
    assert redis.mget("a", "b", "none") == ["1", "two", None]
    assert redis.incrbyfloat("a", 0.5) == 1.5
    assert redis.getex("b", ex=100) == "two"
    assert 0 < (redis.ttl("b") or 0) <= 100
    assert redis.setnx("b", "three") is False
    assert redis.append("b", "!") == 4
    assert redis.getdel("b") == "two!"


def test_collections(redis: redipy.Redis) -> None:
    """Options are keywords, several keys a list where something follows them."""
    redis.rpush("l", "a", "b", "c", "b")
    assert redis.lpos("l", "b", count=0) == [1, 3]
    assert redis.lmpop(2, "none", "l", direction="LEFT", count=2) == ["l", ["a", "b"]]
    assert redis.linsert("l", "BEFORE", "b", "x") == 3
    assert redis.hsetnx("h", "f", "v") == 1
    assert redis.hexists("h", "f") is True
    redis.sadd("s", "1", "2", "3")
    redis.sadd("t", "2", "3", "4")
    assert redis.sinter("s", "t") == {"2", "3"}
    assert redis.sintercard(2, ["s", "t"], limit=1) == 1
    assert redis.smismember("s", "1", "4") == [1, 0]
    redis.zadd("z", {"a": 1, "b": 2.5})
    assert redis.zscore("z", "b") == 2.5
    assert redis.zrank("z", "b") == 1
    assert redis.zrank("z", "none") is None
    assert redis.rename("z", "y") is True


def test_pipelines_queue_them(redis: redipy.Redis) -> None:
    """Each gives in the pipeline what it gives elsewhere."""
    with redis.pipeline() as pipe:
        pipe.mset({"a": "1"})
        pipe.incr("a")
        pipe.hsetnx("h", "f", "v")
        pipe.execute_command("ECHO", "hello")
        assert pipe.execute() == [True, 2, True, "hello"]


def test_what_is_wrong_is_refused(redis: redipy.Redis) -> None:
    """Errors are exceptions with the server's texts."""
    redis.set_value("k", "v")
    with pytest.raises(redipy.errors.WrongTypeError, match="WRONGTYPE Operation against a key"):
        redis.lpos("k", "v")
    with pytest.raises(ValueError, match="ERR value is not an integer or out of range"):
        redis.incr("k")
    with pytest.raises(ValueError, match="ERR unknown command 'NOSUCH'"):
        redis.execute_command("NOSUCH", "x")
    with pytest.raises(TypeError, match="a value cannot be None"):
        redis.setnx("k", None)  # type: ignore[arg-type]


def test_messages(redis: redipy.Redis) -> None:
    """Channels, patterns, and what is listened to no more."""
    with redis.subscribe("a", "b") as messages:
        messages.psubscribe("p*")
        for channel in ("a", "b", "pp", "other"):
            redis.execute_command("PUBLISH", channel, "to " + channel)
        found = [messages.get_message(timeout=5) for _ in range(3)]
        assert found == [("a", None, "to a"), ("b", None, "to b"), ("pp", "p*", "to pp")]
        messages.unsubscribe("a")
        redis.execute_command("PUBLISH", "a", "unheard")
        redis.execute_command("PUBLISH", "b", "heard")
        assert messages.get_message(timeout=5) == ("b", None, "heard")
        assert messages.get_message(timeout=0) is None
    with pytest.raises(ValueError, match="closed"):
        messages.get_message()


def test_waiting_lets_others_work(redis: redipy.Redis) -> None:
    """A thread that waits keeps neither the interpreter nor the engine."""
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(redis.wait_for, "done", lambda: redis.get_value("done"), 10.0)
        redis.set_value("done", "yes")
        redis.publish("done", "now")
        assert waiting.result() == "yes"
    assert redis.wait_for("never", lambda: redis.get_value("never"), 0.05) is None


def test_bytes(connect: Connect) -> None:
    """With ``decode=False`` any value can be read, also from pipelines and channels."""
    redis = connect(decode=False)
    value = b"\xff\x00"
    redis.set_value("k", value)
    redis.hset("h", {value: "v"})
    assert redis.get_value("k") == value  # type: ignore[comparison-overlap]
    assert redis.hgetall("h") == {value: b"v"}  # type: ignore[comparison-overlap]
    with redis.pipeline() as pipe:
        pipe.get_value("k")
        pipe.mget("k", "none")
        assert pipe.execute() == [value, [value, None]]
    with redis.subscribe("c") as messages:
        redis.execute_command("PUBLISH", "c", value)
        assert messages.get_message(timeout=5) == (b"c", None, value)
