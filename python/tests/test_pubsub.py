"""`pubsub()` of our clients: the same programs as on redis-py, here and on a server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import redis
import redis.asyncio
from ways import Blocking, Said

import redipy
from redipy import _awaited_pubsub, _pubsub, aio, errors
from redipy.redis_py import async_connection_pool, connection_pool

Send = Callable[[str, str], int]
Program = Callable[[Any, Send, Said], Awaitable[list[Any]]]


def of_redis_py(port: int | None, is_blocking: bool, decode: bool) -> tuple[Any, Send]:
    """A client of redis-py, and what sends a message."""
    options: dict[str, Any] = {"decode_responses": decode}
    engine = redipy.Redis()
    here: dict[str, Any] = {} if port is None else {"port": port, **options}
    sender = redis.Redis(**here) if here else redis.Redis(connection_pool=connection_pool(engine))

    def send(channel: str, text: str) -> int:
        # redis-py waits for no confirmation. What another connection sent before this is read by the server before its reply.
        sender.ping()
        count: int = sender.publish(channel, text)
        return count

    if is_blocking:
        client: Any = sender if here else redis.Redis(connection_pool=connection_pool(engine, **options))
        return Blocking(client), send
    pool: dict[str, Any] = here or {"connection_pool": async_connection_pool(engine, **options)}
    return redis.asyncio.Redis(**pool), send


def of_ours(port: int | None, is_blocking: bool, decode: bool) -> tuple[Any, Send]:
    """The same of ours."""
    url = "memory://" if port is None else f"redis://127.0.0.1:{port}"
    client = redipy.connect(url, decode=decode)

    def send(channel: str, text: str) -> int:
        count: int = client.execute_command("PUBLISH", channel, text)
        return count

    return Blocking(client) if is_blocking else aio.Redis(client), send


def results(made: tuple[Any, Send], program: Program, decode: bool, **named: Any) -> list[Any]:
    """What a program gives."""
    client, send = made

    async def run() -> list[Any]:
        async with client.pubsub(**named) as messages:
            found = await asyncio.wait_for(program(messages, send, Said(decode)), 30)
        await client.aclose()
        return found

    return asyncio.run(run())


async def take(messages: Any, count: int) -> list[Any]:
    """The next messages, all of which come."""
    return [await messages.get_message(timeout=5) for _ in range(count)]


async def confirmations(p: Any, send: Send, said: Said) -> list[Any]:
    """Confirmations have their place among the messages, and count what is listened to."""
    await p.subscribe("a", "b")
    sent = [send("a", "1"), send("c", "unheard")]
    await p.subscribe(["c", b"d"], 5)
    await p.subscribe("a")
    await p.psubscribe("?")
    sent.append(send("c", "2"))
    await p.unsubscribe("c", "never")
    sent.append(send("c", "3"))
    await p.subscribe("c")
    listened = [sorted(p.channels), sorted(p.patterns), p.subscribed]
    return [*sent, *listened, *await take(p, 14), await p.get_message(timeout=0.01), sorted(p.channels)]


async def to_the_end(p: Any, send: Send, said: Said) -> list[Any]:
    """What has ended is subscribed until that is told; then it may begin again."""
    await p.subscribe("a")
    await p.psubscribe("p*")
    await p.unsubscribe()
    await p.punsubscribe()
    before = p.subscribed
    told = await take(p, 4)
    after = p.subscribed, dict(p.channels), dict(p.patterns)
    await p.unsubscribe()
    await p.subscribe("b")
    return [before, *told, after, send("a", "x"), *await take(p, 2), p.subscribed]


async def handled(p: Any, send: Send, said: Said) -> list[Any]:
    """Handlers get the messages, and not the confirmations."""
    seen: list[Any] = []
    await p.subscribe("plain", a=seen.append)
    await p.psubscribe(**{"p*": seen.append})
    told = await take(p, 3)
    send("a", "1"), send("plain", "2"), send("a", "3")
    told += await take(p, 4)
    await p.subscribe("a")
    send("a", "4")
    return [*told, *await take(p, 2), seen]


async def ignored(p: Any, send: Send, said: Said) -> list[Any]:
    """Confirmations can be left out for one call."""
    await p.subscribe("a")
    send("a", "1")
    told = [await p.get_message(ignore_subscribe_messages=True, timeout=5) for _ in range(2)]
    await p.unsubscribe("a")
    return [*told, await p.get_message(ignore_subscribe_messages=True, timeout=5), p.subscribed]


async def listened(p: Any, send: Send, said: Said) -> list[Any]:
    """All messages, until there can be none."""
    await p.subscribe("a")
    for text in "xyz":
        send("a", text)
    told = []
    async for message in p.listen():
        told.append(message)
        if message["data"] == said("z"):
            await p.unsubscribe()
    return told


async def not_subscribed(p: Any, send: Send, said: Said) -> list[Any]:
    """What is told where nothing was subscribed to."""
    told: list[Any] = [p.subscribed, [message async for message in p.listen()]]
    try:
        told.append(await p.get_message())
    except RuntimeError as error:
        told.append(str(error))
    await p.unsubscribe("a")
    return [*told, *await take(p, 1), p.subscribed]


async def closed(p: Any, send: Send, said: Said) -> list[Any]:
    """It can be used again."""
    await p.subscribe("a")
    send("a", "lost")
    await (p.close if isinstance(p, Blocking) else p.aclose)()
    await p.subscribe("b")
    send("b", "x")
    return [dict(p.channels), *await take(p, 2)]


PROGRAMS = [confirmations, to_the_end, handled, ignored, listened, not_subscribed, closed]


@pytest.mark.parametrize("decode", [True, False], ids=["str", "bytes"])
@pytest.mark.parametrize("is_blocking", [True, False], ids=["blocking", "asyncio"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_what_redis_py_gives(newest_port: int, program: Program, is_blocking: bool, decode: bool) -> None:
    expected = results(of_redis_py(newest_port, is_blocking, decode), program, decode)
    for port in (None, newest_port):
        assert results(of_ours(port, is_blocking, decode), program, decode) == expected
    assert results(of_redis_py(None, is_blocking, decode), program, decode) == expected


@pytest.mark.parametrize("is_blocking", [True, False], ids=["blocking", "asyncio"])
def test_without_confirmations(newest_port: int, is_blocking: bool) -> None:
    expected = results(of_redis_py(newest_port, is_blocking, True), handled, True, ignore_subscribe_messages=True)
    for port in (None, newest_port):
        made = of_ours(port, is_blocking, True)
        assert results(made, handled, True, ignore_subscribe_messages=True) == expected


def test_a_handler_may_be_awaited() -> None:
    async def program(p: Any, send: Send, said: Said) -> list[Any]:
        seen = []

        async def see(message: dict[str, Any]) -> None:
            seen.append(message["data"])

        await p.subscribe(a=see)
        send("a", "1")
        return [*await take(p, 2), seen]

    found = results(of_ours(None, False, True), program, True)
    assert found == results(of_redis_py(None, False, True), program, True)
    assert found[1:] == [None, ["1"]]


def test_a_prefix_is_taken_off(newest_port: int) -> None:
    for url in ("memory://prefixes", f"redis://127.0.0.1:{newest_port}"):
        mine, all_of_it = redipy.connect(url, prefix="mine:"), redipy.connect(url)
        with mine.pubsub(ignore_subscribe_messages=True) as p:
            p.subscribe("a")
            p.psubscribe("b*")
            for channel in ("a", "mine:a", "mine:bc"):
                all_of_it.execute_command("PUBLISH", channel, "x")
            told = [message for _ in range(4) if (message := p.get_message(timeout=1)) is not None]
        assert [(message["pattern"], message["channel"]) for message in told] == [(None, "a"), ("b*", "bc")]


def test_wrong_arguments() -> None:
    p = redipy.Redis().pubsub()
    with pytest.raises(errors.ResponseError, match="wrong number of arguments for 'psubscribe'"):
        p.psubscribe()
    for wrong in (None, True, object()):
        with pytest.raises(TypeError, match="a channel cannot be"):
            p.subscribe("a", wrong)
    assert not p.subscribed and p.channels == {}


@pytest.mark.parametrize("sleep_time", [0.0, 0.01])
def test_a_thread_that_handles(sleep_time: float) -> None:
    r = redipy.Redis()
    p = r.pubsub()
    p.subscribe("unhandled")
    with pytest.raises(redis.exceptions.PubSubError, match="Channel: 'unhandled' has no handler registered"):
        p.run_in_thread()
    p.close()
    got, failed = threading.Event(), threading.Event()

    def fail(message: dict[str, Any]) -> None:
        raise KeyError(message["data"])

    p.subscribe(news=lambda message: got.set(), bad=fail)
    thread = p.run_in_thread(sleep_time, daemon=True, exception_handler=lambda error, pubsub, thread: failed.set())
    r.execute_command("PUBLISH", "bad", "x")
    r.execute_command("PUBLISH", "news", "x")
    assert failed.wait(30) and got.wait(30)
    later = threading.Event()
    p.psubscribe(**{"late*": lambda message: later.set()})
    r.execute_command("PUBLISH", "later", "x")
    assert later.wait(30)
    thread.stop()
    thread.join(30)
    assert not thread.is_alive() and not p.subscribed
    assert r.execute_command("PUBLISH", "news", "x") == 0


def test_a_task_that_handles() -> None:
    async def main() -> None:
        r = aio.Redis()
        p = r.pubsub()
        got: asyncio.Queue[str] = asyncio.Queue()
        await p.subscribe(news=lambda message: got.put_nowait(message["data"]))
        task = asyncio.create_task(p.run())
        await r.execute_command("PUBLISH", "news", "x")
        assert await asyncio.wait_for(got.get(), 30) == "x"
        await p.psubscribe(**{"l*": lambda message: got.put_nowait(message["pattern"])})
        await r.execute_command("PUBLISH", "later", "y")
        assert await asyncio.wait_for(got.get(), 30) == "l*"
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await p.subscribe("unhandled")
        with pytest.raises(errors.PubSubError, match="Channel: 'unhandled' has no handler registered"):
            await p.run()

    asyncio.run(main())


@pytest.mark.parametrize("end", ["unsubscribe", "close"])
@pytest.mark.parametrize("is_local", [True, False], ids=["memory", "server"])
def test_others_end_a_wait(newest_port: int, is_local: bool, end: str) -> None:
    """A thread, or a task, that listens sees that another one listens no more."""
    url = "memory://" if is_local else f"redis://127.0.0.1:{newest_port}"
    r = redipy.connect(url)
    p = r.pubsub(ignore_subscribe_messages=True)
    p.subscribe("a")
    told: list[Any] = []
    thread = threading.Thread(target=lambda: told.extend(p.listen()), daemon=True)
    thread.start()
    r.execute_command("PUBLISH", "a", "x")
    getattr(p, end)()
    thread.join(30)
    assert not thread.is_alive() and not p.subscribed

    async def main() -> None:
        async with aio.Redis(r).pubsub(ignore_subscribe_messages=True) as p:
            await p.subscribe("a")

            async def listen() -> list[Any]:
                return [message["data"] async for message in p.listen()]

            task = asyncio.create_task(listen())
            await asyncio.sleep(0)
            await aio.Redis(r).execute_command("PUBLISH", "a", "x")
            await getattr(p, end)()
            assert await asyncio.wait_for(task, 30) in (["x"], [] if end == "close" else None)

    asyncio.run(main())


def test_a_thread_waits_for_a_subscription() -> None:
    r = redipy.Redis()
    p = r.pubsub()
    told: list[Any] = []
    thread = threading.Thread(target=lambda: told.append(p.get_message(timeout=30)), daemon=True)
    thread.start()
    p.subscribe("a")
    thread.join(30)
    assert [message["type"] for message in told] == ["subscribe"]


def test_a_lost_connection_is_raised_once(newest_port: int) -> None:
    r = redipy.connect(f"redis://127.0.0.1:{newest_port}")

    async def program(p: Any) -> None:
        await p.subscribe("a")
        await p.psubscribe("b*")
        await take(p, 2)
        r.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        with pytest.raises(errors.ConnectionError):
            await p.get_message(timeout=5)
        again = [(message["type"], message["channel"], message["data"]) for message in await take(p, 2)]
        assert again == [("subscribe", "a", 1), ("psubscribe", "b*", 2)]
        assert r.execute_command("PUBLISH", "a", "x") == 1
        assert (await p.get_message(timeout=5))["data"] == "x"
        r.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        with pytest.raises(errors.ConnectionError):
            await p.subscribe("c")
        assert sorted(p.channels) == ["a"]
        await p.unsubscribe("a")
        again = [(message["type"], message["channel"], message["data"]) for message in await take(p, 3)]
        assert again == [("subscribe", "a", 1), ("psubscribe", "b*", 2), ("unsubscribe", "a", 1)]
        await p.punsubscribe()

    asyncio.run(program(Blocking(r.pubsub())))
    asyncio.run(program(aio.Redis(r).pubsub()))


@pytest.mark.parametrize("is_blocking", [True, False], ids=["blocking", "asyncio"])
def test_messages_that_wait_are_not_all_fetched(monkeypatch: pytest.MonkeyPatch, is_blocking: bool) -> None:
    """Each is told once and in order, however many there are."""
    for module in (_pubsub, _awaited_pubsub):
        monkeypatch.setattr(module, "LOOK_AHEAD", 3)

    async def program(p: Any, send: Send, said: Said) -> list[Any]:
        await p.subscribe("a")
        for n in range(8):
            send("a", str(n))
        await p.subscribe("b")
        send("b", "8")
        return [message["data"] for message in await take(p, 11)]

    told = results(of_ours(None, is_blocking, True), program, True)
    assert [data for data in told if isinstance(data, str)] == [str(n) for n in range(9)]
    assert [data for data in told if isinstance(data, int)] == [1, 2]


def test_a_wait_that_is_given_up_loses_nothing() -> None:
    async def main() -> None:
        r = aio.Redis()
        async with r.pubsub(ignore_subscribe_messages=True) as p:
            await p.subscribe("a")
            assert await p.get_message(timeout=5) is None
            task = asyncio.create_task(p.get_message(timeout=None))
            await asyncio.sleep(0)
            await r.execute_command("PUBLISH", "a", "x")
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            message = await p.get_message(timeout=5)
            assert message is not None and message["data"] == "x"

    asyncio.run(main())
