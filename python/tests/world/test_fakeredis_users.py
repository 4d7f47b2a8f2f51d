"""Programs of those who use fakeredis or burner-redis: a fresh server for each test, several handles on one server."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from libraries import library

import redipy
from redipy.redis_py import AsyncConnectionPool, ConnectionPool, async_connection_pool, connection_pool

redis = library("redis")


@pytest.fixture
def fresh() -> Any:
    """In place of ``fakeredis.FakeRedis(decode_responses=True)``."""
    return redis.Redis(connection_pool=connection_pool(decode_responses=True))


@pytest.mark.parametrize("run", [1, 2])
def test_each_test_starts_empty(fresh: Any, run: int) -> None:
    assert fresh.keys() == []
    fresh.set("run", run)


def test_handles_on_one_server() -> None:
    # In place of fakeredis.FakeServer().
    server = redipy.Redis()
    one, two = (redis.Redis(connection_pool=connection_pool(server)) for _ in range(2))
    one.set("k", "v")
    assert two.get("k") == b"v" and server.get("k") == "v"
    assert redis.Redis(connection_pool=connection_pool()).get("k") is None


def test_handles_by_url() -> None:
    one = redis.Redis(connection_pool=ConnectionPool.from_url("memory://handles?decode_responses=true"))
    one.set("k", "v")
    other = redis.Redis(connection_pool=ConnectionPool.from_url("memory://handles/1"))
    assert other.get("k") is None and other.connection_pool.connection_kwargs["db"] == 1
    again = redis.Redis(connection_pool=ConnectionPool.from_url("memory://handles", decode_responses=True))
    assert again.get("k") == "v"

    async def read() -> Any:
        client = redis.asyncio.Redis(connection_pool=AsyncConnectionPool.from_url("memory://handles"))
        try:
            return await client.get("k")
        finally:
            await client.aclose(close_connection_pool=True)

    assert asyncio.run(read()) == b"v"
    for url in ("redis://localhost", "memory://name/x", "memory://name?db=y"):
        with pytest.raises(ValueError):
            ConnectionPool.from_url(url)


def test_a_pool_has_an_end(place: Any) -> None:
    client = place.client(max_connections=1)
    with client.pipeline() as pipe:
        pipe.watch("k")
        with pytest.raises(redis.ConnectionError):
            client.get("k")
    assert client.get("k") is None
    client.connection_pool.disconnect()
    assert client.get("k") is None


class Store:
    """What a test with fakeredis usually tests: something of one's own that is given a client."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def add(self, user: str, points: int) -> None:
        """Adds points."""
        with self.client.pipeline() as pipe:
            pipe.hincrby("points", user, points)
            pipe.lpush(f"history:{user}", points)
            pipe.ltrim(f"history:{user}", 0, 1)
            pipe.expire(f"history:{user}", 60)
            pipe.execute()

    def take(self, user: str, points: int) -> bool:
        """Takes points away if there are enough."""

        def change(pipe: Any) -> None:
            if int(pipe.hget("points", user) or 0) < points:
                raise ValueError(user)
            pipe.multi()
            pipe.hincrby("points", user, -points)

        try:
            self.client.transaction(change, "points")
        except ValueError:
            return False
        return True


def test_a_store(place: Any) -> None:
    client = place.client(decode_responses=True)
    store = Store(client)
    for points in (5, 3, 2):
        store.add("ann", points)
    assert client.lrange("history:ann", 0, -1) == ["2", "3"] and 58 <= client.ttl("history:ann") <= 60
    assert store.take("ann", 9) and not store.take("ann", 9)
    takers = [threading.Thread(target=store.add, args=["ann", 1]) for _ in range(20)]
    for thread in takers:
        thread.start()
    for thread in takers:
        thread.join()
    assert client.hgetall("points") == {"ann": "21"}


def test_what_a_server_tells(place: Any) -> None:
    client = place.client(client_name="me", health_check_interval=1)
    assert client.info("server")["redis_version"].startswith(("7.", "8."))
    everything = client.info()
    assert everything["role"] == "master" and everything["connected_clients"] >= 1
    assert client.client_getname() in ("me", b"me")
    client.select(0)
    told = client.client_info()
    assert (told["name"], told["db"], told["multi"], told["id"]) == ("me", 0, -1, client.client_id())
    assert [each["name"] for each in client.client_list() if each["name"] == "me"] == ["me"]
    messages = place.client(client_name="reader").pubsub()
    messages.subscribe("a", "b")
    [reader] = [each for each in client.client_list() if each["name"] == "reader"]
    assert (reader["sub"], reader["psub"], reader["flags"]) == ("2", "0", "P")
    messages.close()
    assert "reader" not in [each["name"] for each in client.client_list()]


def test_a_lock(place: Any) -> None:
    client = place.client()
    lock = client.lock("nightly", timeout=5)
    assert lock.acquire(blocking=False) and not client.lock("nightly").acquire(blocking=False)
    assert lock.locked() and lock.owned()
    with place.until("EVALSHA"):
        lock.release()


def test_streams_and_blocking_reads(place: Any) -> None:
    client = place.client()
    with place.until("XADD"):
        assert client.xadd("events", {"a": 1})
    with place.until("BLPOP"):
        client.rpush("jobs", "one")
        assert client.blpop("jobs", timeout=1) == (b"jobs", b"one")


def test_asyncio(place: Any) -> None:
    # In place of fakeredis.FakeAsyncRedis() and burner_redis.BurnerRedis().
    async def main() -> None:
        client = redis.asyncio.Redis(connection_pool=place.async_pool(decode_responses=True))
        async with client.pubsub() as messages:
            await messages.subscribe("news")
            await asyncio.gather(*(client.incr("n") for _ in range(20)))
            await client.publish("news", "hello")
            seen = [await messages.get_message(timeout=1) for _ in range(2)]
        assert [(each["type"], each["data"]) for each in seen] == [("subscribe", 1), ("message", "hello")]
        assert await client.get("n") == "20"
        with pytest.raises(asyncio.TimeoutError):
            async with client.pubsub() as messages:
                await messages.subscribe("nothing")
                await messages.get_message(timeout=1)
                await asyncio.wait_for(messages.parse_response(), 0.05)
        assert await client.ping()
        await client.aclose(close_connection_pool=True)

    asyncio.run(main())


def test_fixtures_of_asyncio_share_a_server() -> None:
    async def main() -> None:
        server = redipy.Redis()
        clients = [redis.asyncio.Redis.from_pool(async_connection_pool(server)) for _ in range(2)]
        await clients[0].rpush("jobs", "a")
        assert await clients[1].lpop("jobs") == b"a"
        for client in clients:
            await client.aclose()

    asyncio.run(main())
