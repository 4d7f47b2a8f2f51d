"""What `scripts/test-python` runs with every minor release of redis-py: each half of a connection, used for everything."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from ways import Said, Way, plain, publish, told

import redipy


@pytest.fixture(params=["blocking", "asyncio"])
def style(request: pytest.FixtureRequest) -> str:
    """Which half of redis-py is used."""
    return str(request.param)


@pytest.mark.parametrize("protocol", [2, 3])
def test_every_part_of_a_connection(style: str, protocol: int) -> None:
    way = Way(None, style, decode_responses=True, protocol=protocol, client_name="me")

    async def program(r: Any, said: Said) -> None:
        assert await r.client_getname() == "me"
        assert await r.set("text", "ä", ex=100) is True
        assert await r.get("text") == "ä"
        assert await r.hset("h", mapping={"a": 1, "b": "two"}) == 2
        assert await r.hgetall("h") == {"a": "1", "b": "two"}
        assert await r.sadd("s", "a", "b") == 2
        assert sorted(await r.smembers("s")) == ["a", "b"]
        assert await r.zadd("z", {"a": 1, "b": 2.5}) == 2
        assert plain(await r.zrange("z", 0, -1, withscores=True)) == [["a", 1.0], ["b", 2.5]]
        assert (await r.info("server"))["redis_mode"] == "standalone"
        with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
            await r.lpush("text", 1)
        async with r.pipeline() as pipe:
            await pipe.watch("text")
            pipe.multi()
            pipe.set("text", "x")
            pipe.lpush("text", 1)
            pipe.get("text")
            results = await pipe.execute(raise_on_error=False)
            assert (results[0], results[2]) == (True, "x") and isinstance(results[1], redis.ResponseError)
            await pipe.watch("text")
            await r.set("text", "y")
            pipe.multi()
            pipe.get("text")
            with pytest.raises(redis.WatchError):
                await pipe.execute()
        async with r.pubsub(ignore_subscribe_messages=True) as messages:
            await messages.subscribe("news")
            assert await messages.get_message(timeout=1) is None
            publish(way.blocking(), ("news", "hi"))
            assert await messages.get_message(timeout=5) == told("message", None, "news", "hi", said)

    way.run(program)


def test_keyspace_notifications(style: str) -> None:
    engine = redipy.Redis(url="memory://?notify_keyspace_events=KEA")
    way = Way(None, style, engine=engine, decode_responses=True)

    async def program(r: Any, said: Said) -> None:
        async with r.pubsub(ignore_subscribe_messages=True) as messages:
            await messages.psubscribe("__keyevent@0__:*")
            assert await messages.get_message(timeout=1) is None
            await r.set("k", "v", px=1)
            heard = []
            while "__keyevent@0__:expired" not in heard:
                message = await messages.get_message(timeout=5)
                assert message is not None and message["data"] == "k", heard
                heard.append(message["channel"])
            assert heard == [f"__keyevent@0__:{event}" for event in ("set", "expire", "expired")]

    way.run(program)
