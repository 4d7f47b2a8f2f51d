"""redis-py on data in this process: the same programs as on a real server, with the same answers."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import redis
from ways import Said, Way, plain, publish, told


@pytest.fixture(params=["engine", "server"])
def port(request: pytest.FixtureRequest) -> int | None:
    """Where the data is: the port of a server, or None."""
    return request.getfixturevalue("server_port") if request.param == "server" else None


@pytest.fixture(params=["text", "bytes"])
def decode(request: pytest.FixtureRequest) -> bool:
    """Whether replies are decoded."""
    return bool(request.param == "text")


@pytest.fixture(params=[2, 3], ids=["resp2", "resp3"])
def protocol(request: pytest.FixtureRequest) -> int:
    """The version of the protocol."""
    return int(request.param)


@pytest.fixture(params=["blocking", "asyncio"])
def way(request: pytest.FixtureRequest, port: int | None, decode: bool, protocol: int) -> Way:
    """Every way."""
    return Way(port, request.param, decode_responses=decode, protocol=protocol)


def test_lists(way: Way) -> None:
    async def program(r: Any, said: Said) -> None:
        assert await r.rpush("l", "a", "b", 3, 4.5, b"\xc3\xa4") == 5
        assert await r.lrange("l", 0, -1) == said(["a", "b", "3", "4.5", "ä"])
        assert await r.lpop("l") == said("a")
        assert await r.rpop("l", 2) == said(["ä", "4.5"])
        assert await r.lpop("none") is None
        assert await r.linsert("l", "before", "b", "x") == 3
        assert await r.lset("l", 0, "y") is True
        assert await r.lmove("l", "m", "LEFT", "RIGHT") == said("y")
        assert await r.rpoplpush("l", "m") == said("3")
        assert await r.lpos("m", "y") == 1
        assert await r.llen("m") == 2
        assert await r.lrem("m", 0, "y") == 1
        assert await r.ltrim("m", 0, 0) is True
        assert plain(await r.lmpop(1, "m", direction="LEFT")) == said(["m", ["3"]])
        with pytest.raises(redis.ResponseError, match="no such key"):
            await r.lset("none", 0, "y")

    way.run(program)


def test_hashes(way: Way) -> None:
    async def program(r: Any, said: Said) -> None:
        assert await r.hset("h", mapping={"a": 1, "b": "two"}) == 2
        assert await r.hgetall("h") == said({"a": "1", "b": "two"})
        assert await r.hgetall("none") == {}
        assert await r.hget("h", "a") == said("1")
        assert await r.hmget("h", ["a", "none"]) == [said("1"), None]
        assert await r.hincrby("h", "a", 4) == 5
        assert await r.hincrbyfloat("h", "a", 0.5) == 5.5
        assert await r.hexists("h", "a") is True
        assert sorted(await r.hkeys("h")) == said(["a", "b"])
        assert await r.hdel("h", "b") == 1
        assert plain(await r.hrandfield("h", 1, withvalues=True)) in (said(["a", "5.5"]), [said(["a", "5.5"])])
        assert [item async for item in r.hscan_iter("h")] == [tuple(said(["a", "5.5"]))]

    way.run(program)


def test_sets(way: Way) -> None:
    async def program(r: Any, said: Said) -> None:
        assert await r.sadd("s", "a", "b", "c") == 3
        assert set(await r.smembers("s")) == said({"a", "b", "c"})
        assert await r.sismember("s", "a") == 1
        assert await r.smismember("s", ["a", "x"]) == [1, 0]
        await r.sadd("t", "b", "x")
        assert set(await r.sinter("s", "t")) == said({"b"})
        assert set(await r.sdiff("s", "t")) == said({"a", "c"})
        assert await r.sunionstore("u", "s", "t") == 4
        assert {item async for item in r.sscan_iter("u")} == said({"a", "b", "c", "x"})
        assert await r.smove("s", "t", "a") == 1
        assert await r.srem("s", "b", "c", "a") == 2
        assert await r.spop("s") is None
        assert await r.exists("s") == 0

    way.run(program)


def test_sorted_sets(way: Way) -> None:
    async def program(r: Any, said: Said) -> None:
        assert await r.zadd("z", {"a": 1, "b": 2.5, "c": float("inf")}) == 3
        assert await r.zadd("z", {"a": 0.5}, incr=True) == 1.5
        assert await r.zadd("z", {"a": 9}, nx=True, incr=True) is None
        with_scores = await r.zrange("z", 0, -1, withscores=True)
        assert plain(with_scores) == said([("a", 1.5), ("b", 2.5), ("c", float("inf"))])
        assert all(type(score) is float for _, score in with_scores)
        down = await r.zrange("z", "+inf", "2", desc=True, byscore=True, withscores=True)
        assert plain(down) == said([("c", float("inf")), ("b", 2.5)])
        assert await r.zrange("z", "-inf", "(2.5", byscore=True) == said(["a"])
        assert await r.zscore("z", "b") == 2.5
        assert await r.zscore("z", "none") is None
        assert await r.zmscore("z", ["a", "none"]) == [1.5, None]
        assert await r.zincrby("z", 1, "b") == 3.5
        assert await r.zrank("z", "b") == 1
        assert await r.zcount("z", "-inf", "+inf") == 3
        assert plain(await r.zpopmin("z")) in ([said(["a", 1.5])], said(["a", 1.5]))
        assert plain(await r.zpopmax("z", 2)) == said([("c", float("inf")), ("b", 3.5)])
        assert await r.zpopmin("z") == []

    way.run(program)


def test_keys_and_databases(way: Way) -> None:
    async def program(r: Any, said: Said) -> None:
        assert await r.mset({f"k{i}": i for i in range(25)}) is True
        assert sorted([key async for key in r.scan_iter(match="k1*", count=3)]) == said(
            ["k1", *(f"k1{i}" for i in range(10))]
        )
        assert await r.set("k1", "x", ex=100, get=True) == said("1")
        assert 98 <= await r.ttl("k1") <= 100
        assert await r.set("k1", "y", nx=True) is None
        assert await r.type("k1") == said("string")
        assert await r.incrbyfloat("f", 0.25) == 0.25
        assert isinstance((await r.time())[0], int)
        assert await r.dbsize() == 26
        assert await r.delete("k1", "k2", "none") == 2
        assert await r.ping() is True
        assert await r.echo("hello") == said("hello")
        async with r.pipeline(transaction=False) as pipe:
            pipe.execute_command("SELECT", 3)
            pipe.set("here", "3")
            pipe.execute_command("SELECT", 0)
            pipe.get("here")
            assert (await pipe.execute())[3] is None
        assert await r.flushall() is True

    way.run(program)


def test_errors(way: Way) -> None:
    async def program(r: Any, said: Said) -> None:
        await r.set("text", "x")
        with pytest.raises(redis.ResponseError, match="WRONGTYPE Operation against a key"):
            await r.lpush("text", 1)
        with pytest.raises(redis.ResponseError, match="value is not an integer or out of range"):
            await r.incr("text")
        with pytest.raises(redis.ResponseError, match="unknown command 'NOSUCH'"):
            await r.execute_command("NOSUCH", 1)
        with pytest.raises(redis.ResponseError, match="wrong number of arguments for 'get' command"):
            await r.execute_command("GET")
        with pytest.raises(redis.DataError):
            await r.set("none", None)  # refused by redis-py itself; the connection stays usable
        assert await r.get("text") == said("x")

    way.run(program)


def test_pipelines(way: Way) -> None:
    async def program(r: Any, said: Said) -> None:
        for transaction in (True, False):
            await r.flushall()
            async with r.pipeline(transaction=transaction) as pipe:
                pipe.set("text", "x")
                pipe.lpush("text", 1)
                pipe.hset("h", "a", 1)
                pipe.hgetall("h")
                pipe.zadd("z", {"a": 1.5})
                pipe.zrange("z", 0, -1, withscores=True)
                results = await pipe.execute(raise_on_error=False)
                failure = results.pop(1)
                assert isinstance(failure, redis.ResponseError) and "WRONGTYPE" in str(failure)
                assert plain(results) == [True, 1, said({"a": "1"}), 1, [said(["a", 1.5])]]
                pipe.lpush("text", 1)
                with pytest.raises(redis.ResponseError, match="of pipeline caused error"):
                    await pipe.execute()
        async with r.pipeline() as pipe:
            pipe.set("text", "changed")
            pipe.execute_command("GET")
            with pytest.raises(redis.ResponseError, match="wrong number of arguments"):
                await pipe.execute()
        assert await r.get("text") == said("x"), "the transaction was discarded"

    way.run(program)


def test_watch(way: Way) -> None:
    async def program(r: Any, said: Said) -> None:
        await r.set("stock", 3)
        async with r.pipeline() as pipe:
            await pipe.watch("stock")
            assert await pipe.get("stock") == said("3")
            await r.set("stock", 2)
            pipe.multi()
            pipe.decr("stock")
            with pytest.raises(redis.WatchError):
                await pipe.execute()
            await pipe.watch("stock")
            pipe.multi()
            pipe.decr("stock")
            assert await pipe.execute() == [1]
            await pipe.watch("stock")
            await r.set("stock", 7)
            await pipe.unwatch()
            pipe.multi()
            pipe.decr("stock")
            assert await pipe.execute() == [6]

    way.run(program)


def test_messages(way: Way) -> None:
    async def program(r: Any, said: Said) -> None:
        async with r.pubsub() as messages:
            await messages.subscribe("news", "odd")
            await messages.psubscribe("n*")
            expected = [("subscribe", None, "news", 1), ("subscribe", None, "odd", 2), ("psubscribe", None, "n*", 3)]
            for kind, pattern, channel, count in expected:
                assert await messages.get_message(timeout=5) == told(kind, pattern, channel, count, said)
            assert await messages.get_message(timeout=0.01) is None
            assert await r.publish("news", "hi") == 2
            assert await messages.get_message(timeout=5) == told("message", None, "news", "hi", said)
            assert await messages.get_message(timeout=5) == told("pmessage", "n*", "news", "hi", said)
            await messages.unsubscribe("news")
            assert await messages.get_message(timeout=5) == told("unsubscribe", None, "news", 2, said)
            assert await r.publish("news", "again") == 1
            assert await messages.get_message(timeout=5) == told("pmessage", "n*", "news", "again", said)
            await messages.unsubscribe()
            assert await messages.get_message(timeout=5) == told("unsubscribe", None, "odd", 1, said)
            await messages.punsubscribe()
            assert await messages.get_message(timeout=5) == told("punsubscribe", None, "n*", 0, said)
            assert not messages.subscribed
        assert await r.publish("news", "nobody") == 0

    way.run(program)


def test_listening(way: Way) -> None:
    async def program(r: Any, said: Said) -> None:
        seen: list[Any] = []
        async with r.pubsub(ignore_subscribe_messages=True) as messages:
            await messages.subscribe("news", handled=seen.append)
            sender = threading.Timer(0.1, publish, [way.blocking(), ("handled", "x"), ("news", "y")])
            sender.start()
            async for message in messages.listen():
                if message is not None:
                    break
            sender.join()
            assert message == told("message", None, "news", "y", said)
            assert seen == [told("message", None, "handled", "x", said)]

    way.run(program)


def test_only_some_commands_while_listening(way: Way) -> None:
    async def program(r: Any, said: Said) -> None:
        async with r.pubsub() as messages:
            await messages.subscribe("news")
            assert (await messages.get_message(timeout=5))["type"] == "subscribe"
            await messages.execute_command("GET", "key")
            reply: Any = None
            try:
                reply = await messages.parse_response()
            except redis.ResponseError as error:
                reply = str(error)
            refusal = (
                "Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this "
                "context"
            )
            assert reply == (refusal if way.options["protocol"] == 2 else None)
            await messages.ping("here")
            here = await messages.parse_response()
            assert here == (said(["pong", "here"]) if way.options["protocol"] == 2 else said("here"))

    way.run(program)
