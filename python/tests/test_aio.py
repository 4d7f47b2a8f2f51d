"""The client for asyncio, on the engine and on a real server."""

from __future__ import annotations

import asyncio
import gc
import inspect
import threading
import time
import warnings
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any

import pytest
from conftest import Connect
from programs import endless_context, looping_context

import redipy
from redipy import aio
from redipy.backend.runtime import Runtime
from redipy.errors import ResponseError, WrongTypeError
from redipy.script import FnContext, LogFn, RedisVar, ToNum


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Runs a test in an event loop, and fails if it takes long."""

    @wraps(test)
    def run(**named: Any) -> None:
        asyncio.run(asyncio.wait_for(test(**named), 30))

    return run


@pytest.fixture
def redis(connect: Connect) -> redipy.Redis:
    """The same data, for calls that wait."""
    return connect()


@pytest.fixture
def client(redis: redipy.Redis) -> aio.Redis:
    """An empty Redis."""
    return aio.Redis(redis)


@in_loop
async def test_calls_are_those_of_the_client_that_waits(client: aio.Redis, redis: redipy.Redis) -> None:
    """Every method gives what its twin gives, and sees the same data."""
    assert await client.set_value("foo", "bar") is True
    assert await client.get("foo") == redis.get("foo") == "bar"
    assert await client.set("foo", "baz", return_previous=True) == "bar"
    assert await client.lpush("l", "a", "b") == 2
    assert await client.lpop("l", 2) == redis.lpop("none", 2) or ["b", "a"]
    assert await client.hset("h", {"a": 1}) == 1
    assert await client.hgetall("h") == {"a": "1"}
    assert await client.zadd("z", {"m": 1.5}) == 1
    assert await client.zpop_max("z") == [("m", 1.5)]
    assert await client.incrby("n", 2) == 2.0
    assert await client.append("foo", "!") == 4
    assert await client.mget("foo", "none") == ["baz!", None]
    assert await client.execute_command("STRLEN", "foo") == 4
    assert await client.keys() == {"foo", "h", "n"}
    assert await client.keys(block=False, match="?") == {"h", "n"}
    assert await client.keys_block(filter_type="hash") == ["h"]
    assert {key async for key in client.iter_keys()} == {"foo", "h", "n"}
    await client.flushall()
    assert redis.keys() == set()


def test_there_is_every_method() -> None:
    """What the client that waits can do, this one can; but for what is about runtimes and locks."""

    def public(cls: type) -> set[str]:
        return {name for name, what in inspect.getmembers(cls) if callable(what) and not name.startswith("_")}

    calls = {name for name in public(redipy.Redis) if "runtime" not in name and "hook" not in name}
    assert calls - public(aio.Redis) == {"lock", "get_pubsub_key", "tick"}


@in_loop
async def test_errors_are_raised_where_the_call_is_awaited(client: aio.Redis) -> None:
    """The exceptions are the same, and the arguments are checked at once."""
    await client.lpush("l", "a")
    call = client.get_value("l")
    with pytest.raises(WrongTypeError):
        await call
    with pytest.raises(ResponseError, match="wrong number of arguments"):
        await client.execute_command("GET")
    with pytest.raises(TypeError):
        client.set_value("a", None)  # type: ignore[arg-type]
    results = await asyncio.gather(client.incrby("l", 1), client.llen("l"), return_exceptions=True)
    assert isinstance(results[0], WrongTypeError) and not isinstance(results[1], BaseException)


@in_loop
async def test_many_calls_at_once(client: aio.Redis) -> None:
    """Calls are made in order, and each gets its own result."""
    calls = [client.rpush("l", index) for index in range(1000)]
    assert await asyncio.gather(*calls) == list(range(1, 1001))
    assert await client.lrange("l", 0, -1) == [str(index) for index in range(1000)]


@in_loop
async def test_a_call_is_a_coroutine(client: aio.Redis) -> None:
    """It can be a task, have a timeout, and be awaited once."""
    task = asyncio.create_task(client.incrby("a", 1))
    assert await task == 1.0
    assert await asyncio.wait_for(client.get_value("a"), 5) == "1"
    call = client.get_value("a")
    await call
    with pytest.raises(RuntimeError, match="awaited before"):
        await call


@in_loop
async def test_a_call_that_nobody_awaits_is_warned_of(client: aio.Redis) -> None:
    """As Python warns of its own coroutines: an error would be lost."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        client.set_value("a", "1")
        client.execute_command("PING")
        gc.collect()
    assert [str(warning.message) for warning in caught] == ["a call of redipy was never awaited"] * 2


@in_loop
async def test_a_call_that_is_dropped_has_done_nothing(client: aio.Redis) -> None:
    """A call starts when it is awaited, or when the task runs that it is made."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client.set_value("a", "1")
        client.execute_command("RPUSH", "l", "x")
        client.hset("h", {"f": "v"})
        client.mset({"b": "1"})
        client.publish("k", "x").close()  # type: ignore[attr-defined]
        client.register_script(doubled())(keys={"value": "n"}, args={})
        gc.collect()
    task = asyncio.create_task(client.set_value("t", "1"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await client.keys() == set()


@in_loop
async def test_calls_are_made_in_the_order_in_which_they_start(client: aio.Redis) -> None:
    """Which is not that in which they are written down."""
    first, second = client.rpush("l", "a"), client.rpush("l", "b")
    assert (await second, await first) == (1, 2)
    tasks = [asyncio.create_task(client.rpush("l", text)) for text in "cd"]
    assert await client.rpush("l", "e") == 3
    assert await asyncio.gather(*tasks) == [4, 5]
    assert await client.lrange("l", 0, -1) == ["b", "a", "e", "c", "d"]


WRONG_ARGUMENTS: dict[str, Callable[[aio.Redis], Any]] = {
    "set_value": lambda client: client.set_value("k", None),  # type: ignore[arg-type]
    "mode": lambda client: client.set_value("k", "v", mode="x"),  # type: ignore[arg-type]
    "hset": lambda client: client.hset("k", [("a", "b")]),  # type: ignore[arg-type]
    "lrange": lambda client: client.lrange("k", "x", 1),  # type: ignore[arg-type]
    "mget": lambda client: client.mget(object()),  # type: ignore[arg-type]
    "mset": lambda client: client.mset(5),  # type: ignore[arg-type]
    "execute_command": lambda client: client.execute_command("SET", "k", object()),  # type: ignore[arg-type]
    "scan": lambda client: client.scan(-1),
    "keys_block": lambda client: client.keys_block(match=object()),  # type: ignore[arg-type]
    "keys": lambda client: client.keys(match=object()),  # type: ignore[arg-type]
    "keys, in steps": lambda client: client.keys(filter_type=5, block=False),  # type: ignore[arg-type]
    "iter_keys": lambda client: client.iter_keys(match=object()),  # type: ignore[arg-type]
    "publish": lambda client: client.publish("k", None),  # type: ignore[arg-type]
    "wait_for": lambda client: client.wait_for("k", lambda: None, float("nan")),
    "wait_for, text": lambda client: client.wait_for("k", lambda: None, "1"),  # type: ignore[arg-type]
    "subscribe": lambda client: client.subscribe(None),  # type: ignore[arg-type]
    "psubscribe": lambda client: client.psubscribe("a", None),  # type: ignore[arg-type]
    "script": lambda client: client.register_script(doubled())(keys={"value": None}, args={}),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("name", WRONG_ARGUMENTS)
@in_loop
async def test_wrong_arguments_are_refused_where_the_call_is_made(client: aio.Redis, name: str) -> None:
    """Nothing has to be awaited to learn of them, and nothing is left to be warned of."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises((TypeError, ValueError, OverflowError)):
            WRONG_ARGUMENTS[name](client)
        gc.collect()


@in_loop
async def test_pipelines(client: aio.Redis) -> None:
    """Calls are executed together, when the block is left or before; not after an exception."""
    async with client.pipeline() as pipe:
        pipe.set_value("a", "1")
        pipe.incrby("a", 1)
        assert pipe.has_pending()
        assert await pipe.execute() == [True, 2.0]
        pipe.rpush("l", "x")
    assert await client.llen("l") == 1
    with pytest.raises(ZeroDivisionError):
        async with client.pipeline() as pipe:
            pipe.flushall()
            raise ZeroDivisionError
    assert await client.exists("a", "l") == 2
    async with client.pipeline() as pipe:
        pipe.incrby("l", 1)
        pipe.set_value("b", "1")
        with pytest.raises(WrongTypeError):
            await pipe.execute()
    assert await client.get_value("b") == "1"


def doubled() -> FnContext:
    """Doubles a number and gives it."""
    ctx = FnContext()
    value = RedisVar(ctx.add_key("value"))
    ctx.add(value.set_value(ToNum(value.get_value(default=0)) + ToNum(value.get_value(default=0))))
    ctx.set_return_value(ToNum(value.get_value()))
    return ctx


@in_loop
async def test_scripts(client: aio.Redis, redis: redipy.Redis) -> None:
    """A script is awaited, also on another client, or queued in a pipeline."""
    script = client.register_script(doubled())
    await client.set_value("n", 21)
    call = script(keys={"value": "n"}, args={})
    assert call is not None and await call == 42
    async with client.pipeline() as pipe:
        assert script(keys={"value": "n"}, args={}, client=pipe) is None
        assert await pipe.execute() == [84]
    assert redis.get_value("n") == "84"


@in_loop
async def test_messages(client: aio.Redis) -> None:
    """They come in order, by channels and by patterns, until the block is left."""
    async with client.subscribe("a") as messages:
        await messages.psubscribe("p*")
        assert await client.execute_command("PUBLISH", "a", "1") == 1
        assert await client.execute_command("PUBLISH", "pq", "2") == 1
        assert await messages.get_message(5) == aio.Message("a", None, "1")
        assert await messages.get_message(5) == aio.Message("pq", "p*", "2")
        await messages.unsubscribe("a")
        assert await client.execute_command("PUBLISH", "a", "3") == 0
        assert await messages.get_message(0.02) is None
        with pytest.raises(ValueError, match="not negative"):
            await messages.get_message(-1)
    with pytest.raises(ValueError, match="closed"):
        await messages.get_message()
    with pytest.raises(ValueError, match="not open"):
        await client.subscribe("a").get_message()


@in_loop
async def test_a_message_is_not_lost_by_a_timeout(client: aio.Redis) -> None:
    """Waiting is given up and taken up again, as often as one likes."""
    messages = await client.subscribe("a")
    received = []
    for index in range(50):
        sent = asyncio.ensure_future(client.execute_command("PUBLISH", "a", str(index)))
        if (message := await messages.get_message(0.0005)) is not None:
            received.append(message.data)
        await sent
    while (message := await messages.get_message(0.2)) is not None:
        received.append(message.data)
    assert received == [str(index) for index in range(50)]
    messages.close()


@in_loop
async def test_wait_for(client: aio.Redis, redis: redipy.Redis) -> None:
    """It waits for what another task or a thread publishes, and for no longer than it may."""

    async def finish() -> None:
        await client.set_value("done", "1")
        await client.publish("k", "")

    async def is_done() -> str | None:
        return await client.get_value("done")

    waiting = asyncio.create_task(client.wait_for("k", is_done, 10))
    await asyncio.sleep(0.01)
    await finish()
    assert await waiting == "1"
    assert await client.wait_for("k", lambda: False, 0.02) is None

    def from_a_thread() -> None:
        redis.set_value("other", "2")
        redis.publish("k", "")

    threading.Timer(0.02, from_a_thread).start()
    assert await client.wait_for("k", lambda: redis.get_value("other"), 10) == "2"


@in_loop
async def test_many_listeners_have_no_threads(client: aio.Redis) -> None:
    """Hundreds of tasks wait for messages; all of them get all, and threads do not grow with them."""
    count = 200

    async def listen(ready: asyncio.Semaphore) -> list[str]:
        async with client.subscribe("all") as messages:
            ready.release()
            found = [await messages.get_message() for _ in range(3)]
            return [message.data for message in found if message is not None]

    ready = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(listen(ready)) for _ in range(count)]
    for _ in range(count):
        await ready.acquire()
    assert _threads() <= 8
    for text in "abc":
        assert await client.execute_command("PUBLISH", "all", text) == count
    assert await asyncio.gather(*tasks) == [["a", "b", "c"]] * count


def _threads() -> int:
    """How many threads the process has; 0 where nobody can tell."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("Threads:"))
    except OSError:
        return 0


@in_loop
async def test_what_blocks_keeps_nobody_waiting(server_url: str) -> None:
    """Blocking commands of a server wait beside other calls, end with a timeout, and take nothing when given up."""
    client = aio.connect(server_url)
    await client.flushall()
    waiting = [asyncio.ensure_future(client.execute_command("BLPOP", "l", 0)) for _ in range(20)]
    start = time.monotonic()
    while await _blocked(client) < 20:
        await asyncio.sleep(0.005)
        assert time.monotonic() - start < 10
    assert await client.set_value("a", "1")
    await client.rpush("l", *range(10))
    done, pending = await asyncio.wait(waiting, timeout=0.3)
    assert sorted(int(task.result()[1]) for task in done) == list(range(10)) and len(pending) == 10
    for task in pending:
        task.cancel()
    assert len(await asyncio.gather(*pending, return_exceptions=True)) == 10
    while await _blocked(client) > 0:
        await asyncio.sleep(0.005)
        assert time.monotonic() - start < 10
    assert await client.rpush("l", "kept") == 1
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(client.execute_command("BLPOP", "none", 0), 0.05)


async def _blocked(client: aio.Redis) -> int:
    info: str = await client.execute_command("INFO", "clients")
    return int(info.split("blocked_clients:")[1].split()[0])


@in_loop
async def test_the_loop_goes_on_while_a_server_is_slow(server_url: str) -> None:
    """Nothing is waited for in the loop's own thread."""
    client = aio.connect(server_url)
    await client.execute_command("CLIENT", "PAUSE", 1000)
    sleeping = asyncio.ensure_future(client.set_value("a", "1"))
    ticks = 0
    while not sleeping.done():
        await asyncio.sleep(0.001)
        ticks += 1
    assert ticks > 20
    assert await sleeping is True


def test_several_loops_one_after_the_other(client: aio.Redis) -> None:
    """A client belongs to no event loop."""

    async def add() -> float:
        await client.subscribe("a")
        return await client.incrby("n", 1)

    assert [asyncio.run(add()) for _ in range(3)] == [1.0, 2.0, 3.0]


def test_loops_in_several_threads(client: aio.Redis) -> None:
    """They share a client."""

    async def add() -> None:
        for _ in range(100):
            await client.incrby("n", 1)

    threads = [threading.Thread(target=lambda: asyncio.run(add())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert asyncio.run(_get(client)) == "400"


async def _get(client: aio.Redis) -> str | None:
    return await client.get_value("n")


def test_prefix_and_bytes(connect: Connect) -> None:
    """The settings are those of the client that waits."""
    inner = aio.Redis(connect(prefix="p:"))

    async def store() -> Any:
        await inner.set_value("a", b"\xff")
        with pytest.raises(UnicodeDecodeError):
            await inner.get_value("a")
        await inner.set_value("a", "b")
        return await inner.randomkey(), await inner.keys()

    assert asyncio.run(store()) == ("a", {"a"})
    assert asyncio.run(_raw()) == b"\xff"


async def _raw() -> Any:
    raw = aio.Redis(decode=False)
    await raw.set_value("n", b"\xff")
    return await raw.get_value("n")


def test_what_is_no_client_is_refused() -> None:
    """With a clear error."""
    with pytest.raises(TypeError, match="no further arguments, such as host"):
        aio.Redis(redipy.Redis(), host="localhost")
    with pytest.raises(ValueError, match="no calls that can be awaited"):
        aio.Redis(rt=Runtime())
    with pytest.raises(TypeError, match=r"must be a redipy\.Redis, not str; `connect` takes a URL"):
        aio.Redis("redis://localhost")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="wrong URL"):
        aio.connect("localhost:6379")
    call = aio.Redis(url="redis://127.0.0.1:1").get_value("a")
    with pytest.raises(ConnectionError, match="is the server running there"):
        asyncio.run(_awaited(call))


async def _awaited(call: Awaitable[Any]) -> Any:
    return await call


def endless(client: aio.Redis) -> Callable[[], Awaitable[Any]]:
    """A script that does not end within any patience, has `k`, and writes nothing."""
    script = client.register_script(endless_context())

    def run() -> Awaitable[Any]:
        call = script(keys={"key": "k"}, args={"writes": False})
        assert call is not None
        return call

    return run


@in_loop
async def test_a_script_in_process_does_not_hold_the_loop() -> None:
    """Others go on meanwhile; a timeout ends it, and its keys are free then."""
    client = aio.Redis()
    running = asyncio.ensure_future(endless(client)())
    await asyncio.sleep(0.05)
    assert not running.done()
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(client.get_value("k"), 0.05)
    start = time.monotonic()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await client.get_value("k") is None
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(endless(client)(), 0.05)
    assert await client.get_value("k") is None
    # A billion steps take seconds.
    assert time.monotonic() - start < 2


@in_loop
async def test_data_in_process_that_a_thread_has_does_not_hold_the_loop() -> None:
    """Calls, pipelines and scripts wait in order for a script of another thread, and everybody else is served."""
    redis = redipy.Redis()
    client = aio.Redis(redis)
    hold = redis.register_script(looping_context())
    thread = threading.Thread(target=hold, kwargs={"keys": {"counter": "k"}, "args": {"steps": 3_000_000}})
    thread.start()
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while thread.is_alive():
            await asyncio.sleep(0.001)
            ticks += 1

    ticking = asyncio.ensure_future(tick())
    with pytest.raises(asyncio.TimeoutError):
        while thread.is_alive():
            await asyncio.wait_for(client.get_value("k"), 0.02)
    assert ticks > 0
    pipe = client.pipeline()
    pipe.append("k", "a")
    pipe.append("l", "b")
    script = client.register_script(doubled())(keys={"value": "n"}, args={})
    assert script is not None
    calls = asyncio.gather(
        pipe.execute(), client.append("k", "c"), client.get_value("k"), client.mget("k", "l"), script
    )
    (first, _), second, value, both, zero = await calls
    assert value is not None and value.endswith("ac") and second == first + 1 == len(value)
    assert both == [value, "b"] and zero == 0
    await ticking
    thread.join()


@in_loop
async def test_a_pipeline_with_a_long_script_is_given_up_as_a_whole() -> None:
    """Nothing of it is done where nothing was written before."""
    client = aio.Redis()
    script = client.register_script(endless_context())
    pipe = client.pipeline()
    pipe.get_value("k")
    script(keys={"key": "k"}, args={"writes": False}, client=pipe)
    pipe.set_value("after", "1")
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(pipe.execute(), 0.05)
    assert await client.mget("k", "after") == [None, None]


@in_loop
async def test_what_a_long_script_logs_is_there_when_it_is_done(caplog: pytest.LogCaptureFixture) -> None:
    """Whichever thread ran it."""
    client = aio.Redis()
    ctx = FnContext()
    left = ctx.add_local(2)
    loop = ctx.while_(left.gt_(0))
    loop.add(LogFn("warning", "in a loop"))
    loop.add(left.assign(left - 1))
    ctx.set_return_value(None)
    call = client.register_script(ctx)(keys={}, args={})
    assert call is not None
    with caplog.at_level("WARNING", "redipy.script"):
        await call
    assert [record.message for record in caplog.records] == ["in a loop"] * 2
