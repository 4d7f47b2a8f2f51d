"""redis-py on data in this process: replies as they come, threads, tasks, and what only concerns this process."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
import redis
import redis.asyncio
from programs import looping
from ways import Way, publish

import redipy
from redipy.redis_py import EngineConnection, async_connection_pool, connection_pool


@pytest.fixture(params=["engine", "server"])
def simple(request: pytest.FixtureRequest) -> Way:
    """One way for each place, for programs with threads."""
    port = request.getfixturevalue("server_port") if request.param == "server" else None
    return Way(port, "blocking", decode_responses=True)


@pytest.fixture(params=[2, 3], ids=["resp2", "resp3"])
def protocol(request: pytest.FixtureRequest) -> int:
    """The version of the protocol."""
    return int(request.param)


REPLIES: list[tuple[Any, ...]] = [
    ("HSET", "h", "f", "1"),
    ("HGETALL", "h"),
    ("HRANDFIELD", "h", "2", "WITHVALUES"),
    ("HRANDFIELD", "h"),
    ("HSCAN", "h", "0"),
    ("SADD", "s", "m"),
    ("SMEMBERS", "s"),
    ("SISMEMBER", "s", "m"),
    ("ZADD", "z", "1.5", "a", "-inf", "b", "1e20", "c", "3", "d"),
    ("ZADD", "z", "INCR", "1", "a"),
    ("ZSCORE", "z", "c"),
    ("ZSCORE", "z", "none"),
    ("ZMSCORE", "z", "a", "none", "b"),
    ("ZRANGE", "z", "0", "-1"),
    ("ZRANGE", "z", "0", "-1", "WITHSCORES"),
    ("zrange", "z", "0", "-1", "withscores"),
    ("ZRANDMEMBER", "z", "0", "WITHSCORES"),
    ("ZSCAN", "z", "0"),
    ("ZPOPMIN", "z"),
    ("ZPOPMIN", "z", "1"),
    ("MULTI",),
    ("ZPOPMAX", "z", "1"),
    ("LPUSH", "z", "x"),
    ("HGETALL", "h"),
    ("zrange", "z", "0", "-1", "WITHSCORES"),
    ("SMEMBERS", "s"),
    ("EXEC",),
    ("MULTI",),
    ("MULTI",),
    ("ZPOPMIN", "z", "5"),
    ("DISCARD",),
    ("MULTI",),
    ("HGETALL", "h"),
    ("EXEC",),
    ("MULTI",),
    ("GET",),
    ("EXEC",),
    ("EXEC",),
    ("LPOP", "none", "2"),
    ("RPUSH", "l", "a", "b"),
    ("LMPOP", "1", "l", "LEFT", "COUNT", "2"),
    ("INCRBYFLOAT", "f", "2.5"),
    ("PING",),
    ("PING", "x"),
    ("WATCH", "a"),
    ("SELECT", "99"),
    ("AUTH", "default", "anything"),
    ("HELLO", "9"),
    ("SUBSCRIBE",),
    ("UNSUBSCRIBE",),
    ("CLIENT", "SETNAME", "me"),
    ("CLIENT", "GETNAME"),
    ("SELECT", "1"),
    ("RESET",),
    ("EXISTS", "h"),
    ("QUIT",),
]


def exchange(r: redis.Redis) -> list[Any]:
    """What a connection gives for each command, before redis-py makes anything of it."""
    connection = r.connection_pool.make_connection()
    connection.connect()
    replies: list[Any] = []
    for command in REPLIES:
        connection.send_command(*command)
        try:
            replies.append(connection.read_response(disconnect_on_error=False, push_request=True))
        except redis.RedisError as error:
            replies.append(error)
    connection.disconnect()
    return [_comparable(reply) for reply in replies]


def _comparable(reply: Any) -> Any:
    if isinstance(reply, list):
        return ["list", *map(_comparable, reply)]
    return (type(reply), str(reply)) if isinstance(reply, (Exception, float, bool)) else reply


@pytest.mark.parametrize("decode", [True, False])
def test_replies_are_those_of_a_server(server_port: int, protocol: int, decode: bool) -> None:
    options = {"protocol": protocol, "decode_responses": decode}
    ours = exchange(Way(None, "blocking", **options).blocking())
    theirs = exchange(Way(server_port, "blocking", **options).blocking())
    for command, our, their in zip(REPLIES, ours, theirs, strict=True):
        assert (command, our) == (command, their)


def work(r: redis.Redis) -> None:
    """A worker of a queue: takes jobs until it is told to stop, and counts what it did."""
    while True:
        job = r.lmove("jobs", "running", "LEFT", "RIGHT")
        if job is None:
            time.sleep(0.002)
        elif job == "stop":
            r.lrem("running", 1, job)
            return
        else:
            with r.pipeline() as pipe:
                pipe.lrem("running", 1, job)
                pipe.hincrby("done", job, 1)
                pipe.publish("finished", job)
                pipe.execute()


def test_queue(simple: Way) -> None:
    r = simple.blocking()
    finished = r.pubsub(ignore_subscribe_messages=True)
    finished.subscribe("finished")
    assert finished.get_message(timeout=5) is None
    workers = [threading.Thread(target=work, args=[simple.blocking()]) for _ in range(3)]
    for worker in workers:
        worker.start()
    jobs = [f"job{i}" for i in range(60)]
    r.rpush("jobs", *jobs)
    seen = set()
    while len(seen) < len(jobs):
        message = finished.get_message(timeout=10)
        assert message is not None, f"only {len(seen)} jobs were done"
        seen.add(message["data"])
    r.rpush("jobs", *["stop"] * len(workers))
    for worker in workers:
        worker.join(10)
    assert r.hgetall("done") == dict.fromkeys(jobs, "1")
    assert r.exists("jobs", "running") == 0
    finished.close()


def release(r: redis.Redis, owner: str) -> bool:
    """Gives up a lock if it is the owner's."""
    with r.pipeline() as pipe:
        pipe.watch("lock")
        if pipe.get("lock") != owner:
            return False
        pipe.multi()
        pipe.delete("lock")
        return bool(pipe.execute() == [1])


def count_up(r: redis.Redis, owner: str) -> None:
    """Counts in two steps, which only a lock makes one."""
    for _ in range(20):
        while not r.set("lock", owner, nx=True, px=10_000):
            time.sleep(0.001)
        r.set("count", int(r.get("count") or 0) + 1)
        assert release(r, owner)


def test_lock_by_watch(simple: Way) -> None:
    r = simple.blocking()
    counters = [threading.Thread(target=count_up, args=[simple.blocking(), f"owner{i}"]) for i in range(3)]
    for counter in counters:
        counter.start()
    for counter in counters:
        counter.join(20)
    assert r.get("count") == "60"
    assert not release(r, "nobody")


def test_transactions_of_threads(simple: Way) -> None:
    def add(pipe: Any) -> None:
        value = int(pipe.get("count") or 0)
        pipe.multi()
        pipe.set("count", value + 1)

    def adder(r: redis.Redis) -> None:
        for _ in range(25):
            r.transaction(add, "count")

    threads = [threading.Thread(target=adder, args=[simple.blocking()]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert simple.blocking().get("count") == "75"


def test_subscribing_while_another_thread_listens(simple: Way) -> None:
    r = simple.blocking()
    messages = r.pubsub()
    seen: list[Any] = []
    messages.subscribe(first=seen.append)
    thread = messages.run_in_thread(sleep_time=5, daemon=True)
    time.sleep(0.1)
    start = time.monotonic()
    messages.subscribe(second=seen.append)
    while len(seen) < 2:
        assert time.monotonic() < start + 3, seen
        r.publish("second", "x")
        r.publish("first", "y")
        time.sleep(0.01)
    assert {message["channel"] for message in seen} == {"first", "second"}
    thread.stop()
    r.publish("first", "the last one")
    thread.join(10)
    assert not thread.is_alive()


def test_who_shares_data() -> None:
    engine = redipy.Redis()
    one, two = (redis.Redis(connection_pool=connection_pool(engine)) for _ in range(2))
    fresh, other = (redis.Redis(connection_pool=connection_pool()) for _ in range(2))
    one.set("key", "x")
    assert two.get("key") == b"x" and engine.get_value("key") == "x"
    assert redis.Redis(connection_pool=connection_pool(engine.get_runtime())).get("key") == b"x"
    assert redis.Redis(connection_pool=connection_pool(engine, db=2)).get("key") is None
    assert fresh.get("key") is None
    fresh.set("key", "y")
    assert other.get("key") is None


def test_handshake(protocol: int) -> None:
    options = {"client_name": "me", "username": "default", "password": "p", "health_check_interval": 1, "db": 3}
    r = redis.Redis(connection_pool=connection_pool(protocol=protocol, max_connections=1, **options))
    assert r.client_getname() in ("me", b"me")
    assert r.client_id() > 0
    r.set("key", "x")
    r.select(0)
    assert r.get("key") is None
    with pytest.raises(redis.AuthenticationError, match="invalid username-password pair"):
        connection_pool(protocol=protocol, username="ann", password="p").make_connection().connect()
    with pytest.raises(redis.ResponseError, match="DB index is out of range"):
        connection_pool(db=99).make_connection().connect()


def test_options_of_sockets_do_nothing() -> None:
    options: dict[str, Any] = {"socket_timeout": 1, "socket_connect_timeout": 1, "socket_keepalive": True}
    assert redis.Redis(connection_pool=connection_pool(**options, retry_on_timeout=True)).ping()
    with pytest.raises(TypeError, match="host"):
        redis.Redis(connection_pool=connection_pool(host="example.org")).ping()


def test_other_pools() -> None:
    engine = redipy.Redis()
    pool = redis.BlockingConnectionPool(connection_class=EngineConnection, client=engine, max_connections=1, timeout=5)
    workers = [threading.Thread(target=redis.Redis(connection_pool=pool).incr, args=["n"]) for _ in range(9)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert engine.get_value("n") == "9"
    alone = redis.Redis(connection_pool=connection_pool(engine), single_connection_client=True)
    assert alone.get("n") == b"9"


def test_scripts_are_refused() -> None:
    r = redis.Redis(connection_pool=connection_pool())
    with pytest.raises(redis.ResponseError, match="unknown command 'EVAL'"):
        r.eval("return 1", 0)
    lock = r.lock("name", timeout=10)
    assert lock.acquire()
    with pytest.raises(redis.ResponseError, match="unknown command 'EVALSHA'"):
        lock.release()
    assert r.exists("name") == 1


def test_what_is_no_data_here() -> None:
    with pytest.raises(ValueError, match="is on a server"):
        connection_pool(redipy.connect("redis://127.0.0.1:1"))
    with pytest.raises(TypeError, match="client must be"):
        async_connection_pool("memory://")  # type: ignore[arg-type]


def test_socket_timeout_while_listening() -> None:
    messages = redis.Redis(connection_pool=connection_pool(socket_timeout=0.05)).pubsub()
    messages.subscribe("news")
    assert messages.get_message(timeout=1) is not None
    start = time.monotonic()
    assert messages.get_message(timeout=0.2) is None
    assert 0.19 < time.monotonic() - start < 2


def test_health_checks_while_listening(protocol: int) -> None:
    r = redis.Redis(connection_pool=connection_pool(protocol=protocol, health_check_interval=0.001))
    messages: Any = r.pubsub()
    messages.subscribe("news")
    assert messages.get_message(timeout=1)["type"] == "subscribe"
    time.sleep(0.01)
    assert messages.get_message(timeout=0.05) is None, "the reply to PING is no message"
    r.publish("news", "x")
    seen = [messages.get_message(timeout=0.05) for _ in range(4)]
    assert [message["data"] for message in seen if message] == [b"x"]
    messages.close()


def test_closing_ends_a_wait() -> None:
    messages: Any = redis.Redis(connection_pool=connection_pool()).pubsub()
    messages.subscribe("news")
    assert messages.get_message(timeout=1)["type"] == "subscribe"
    connection = messages.connection
    threading.Timer(0.1, connection.disconnect).start()
    with pytest.raises(redis.ConnectionError):
        connection.read_response(disconnect_on_error=False)


def test_waiting_does_not_hold_the_interpreter() -> None:
    messages = redis.Redis(connection_pool=connection_pool()).pubsub(ignore_subscribe_messages=True)
    messages.subscribe("news")
    messages.get_message()
    waiter = threading.Thread(target=messages.get_message, kwargs={"timeout": 0.5})
    waiter.start()
    turns = 0
    while waiter.is_alive():
        turns += 1
        time.sleep(0.001)
    assert turns > 50


def test_tasks_take_turns() -> None:
    async def main() -> None:
        r = redis.asyncio.Redis.from_pool(async_connection_pool())

        async def until_set() -> None:
            while not await r.get("flag"):
                pass

        waiting = asyncio.create_task(until_set())
        await asyncio.sleep(0.01)
        await r.set("flag", 1)
        await asyncio.wait_for(waiting, 5)
        await r.aclose()

    asyncio.run(main())


def test_many_tasks_listen_and_nothing_is_left() -> None:
    async def main() -> None:
        engine = redipy.Redis()
        r = redis.asyncio.Redis.from_pool(async_connection_pool(engine))
        listeners = [r.pubsub(ignore_subscribe_messages=True) for _ in range(20)]
        for i, listener in enumerate(listeners):
            await listener.subscribe(f"channel{i}")
            assert await listener.get_message(timeout=1) is None
        waits = [asyncio.create_task(listener.get_message(timeout=10)) for listener in listeners]
        cancelled = asyncio.create_task(asyncio.sleep(0))
        await cancelled
        waits[0].cancel()
        blocking = redis.Redis(connection_pool=connection_pool(engine))
        await asyncio.to_thread(publish, blocking, *((f"channel{i}", str(i)) for i in range(20)))
        got = await asyncio.gather(*waits[1:])
        assert [message["data"] for message in got] == [str(i).encode() for i in range(1, 20)]
        kept = await listeners[0].get_message(timeout=5)
        assert kept is not None and kept["data"] == b"0", "a cancelled wait takes no message away"
        for listener in listeners:
            await listener.aclose()
        assert blocking.publish("channel1", "x") == 0
        await r.aclose()

    asyncio.run(main())
    end = time.monotonic() + 5
    while any(thread.name == "redipy-messages" for thread in threading.enumerate()):
        assert time.monotonic() < end, "a thread is left"
        time.sleep(0.01)


def test_without_redis_py() -> None:
    program = "import sys; sys.modules['redis'] = None; import redipy; import redipy.redis_py"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "ImportError: redipy.redis_py needs redis-py, version 5 or later: pip install redipy[redis]" in run.stderr


def test_data_that_a_thread_has_does_not_hold_the_loop() -> None:
    """Connections of asyncio wait for a script of another thread beside all other tasks, each with its commands in order."""
    engine = redipy.Redis()
    script = looping(engine)
    thread = threading.Thread(target=script, kwargs={"keys": {"counter": "k"}, "args": {"steps": 3_000_000}})

    async def main() -> None:
        client = redis.asyncio.Redis.from_pool(async_connection_pool(engine, decode_responses=True))
        other = redis.asyncio.Redis.from_pool(async_connection_pool(decode_responses=True))
        thread.start()
        await asyncio.sleep(0.02)
        async with client.pipeline(transaction=True) as pipe:
            waiting = asyncio.ensure_future(pipe.append("k", "a").get("k").execute())
            served = 0
            while not waiting.done():
                await other.incr("served")
                await asyncio.sleep(0.001)
                served += 1
            assert await waiting == [8, "3000000a"] and served > 20
        await client.aclose()
        await other.aclose()

    asyncio.run(main())
    thread.join()
