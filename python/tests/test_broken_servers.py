"""Servers that stop, refuse and send too little: what callers get, and when."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from test_process import run

import redipy
from redipy import aio, errors
from redipy.testing import server


@pytest.fixture
def own_url(server_url: str) -> Iterator[str]:
    """A server that this test has to itself."""
    del server_url  # where there is none, it has said so
    program = shutil.which("redis-server")
    assert program is not None
    with server(program) as url:
        yield url


@contextmanager
def stopped(url: str) -> Iterator[None]:
    """While the server of this URL does nothing."""
    info = str(redipy.connect(url).execute_command("INFO", "server"))
    pid = next(int(line.partition(":")[2]) for line in info.splitlines() if line.startswith("process_id:"))
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_no_task_gets_the_reply_of_another(server_url: str) -> None:
    """What has no reply is refused, so that the replies of other tasks are their own."""

    async def main() -> None:
        r = aio.connect(server_url)
        for key in range(50):
            await r.set_value(f"own{key}", f"{key}")

        async def get(key: int) -> None:
            if key % 10 == 0:
                for command in (["REPLCONF", "ACK", "0"], ["CLIENT", "REPLY", "OFF"], ["MONITOR"]):
                    with pytest.raises(errors.UnsupportedError):
                        await r.execute_command(*command)
            assert await r.get_value(f"own{key}") == f"{key}"

        await asyncio.gather(*[get(key % 50) for key in range(250)])

    asyncio.run(main())


def test_tasks_give_a_stopped_server_up_and_go_on_afterwards(own_url: str) -> None:
    """All who wait on the connection learn in time, calls that were given up leave nothing, and a new one is made."""

    async def main() -> None:
        r = aio.connect(f"{own_url}?timeout=0.3&connect_timeout=1")
        await r.set_value("key", "value")
        with stopped(own_url):
            start = time.monotonic()
            results = await asyncio.gather(*[r.incrby("n", 1) for _ in range(20)], return_exceptions=True)
            assert all(isinstance(result, (errors.TimeoutError, errors.ConnectionError)) for result in results)
            assert any(getattr(result, "may_have_run", False) for result in results)
            given_up = [asyncio.ensure_future(r.get_value("key")) for _ in range(100)]
            await asyncio.sleep(0)
            for task in given_up:
                task.cancel()
            await asyncio.gather(*given_up, return_exceptions=True)
            assert time.monotonic() - start < 10
        assert await r.get_value("key") == "value"

    asyncio.run(main())


def test_listening_to_a_stopped_server_ends(own_url: str) -> None:
    """`subscribe` by the response timeout, `wait_for` by its own."""

    async def in_asyncio() -> None:
        a = aio.connect(own_url)
        assert await a.wait_for("key", lambda: None, 0.3) is None
        with pytest.raises(errors.TimeoutError):
            await aio.connect(f"{own_url}?timeout=0.3&connect_timeout=0.3").subscribe("key")

    r = redipy.connect(own_url)
    patient = redipy.connect(own_url, timeout=0.3)
    with patient.subscribe("key") as messages, stopped(own_url):
        start = time.monotonic()
        assert r.wait_for("key", lambda: None, 0.3) is None
        with pytest.raises(errors.TimeoutError):
            redipy.connect(f"{own_url}?timeout=0.3&connect_timeout=0.3").psubscribe("key*")
        with pytest.raises(errors.TimeoutError):
            messages.subscribe("other")
        asyncio.run(in_asyncio())
        assert time.monotonic() - start < 15


def test_a_refused_pipeline_says_why(own_url: str) -> None:
    """The first refusal is the cause of the error of the whole."""
    r = redipy.connect(own_url)
    r.execute_command("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(errors.ReadOnlyError) as alone:
        r.set_value("key", "value")
    with pytest.raises(errors.AbortedError) as together, r.pipeline() as pipe:
        pipe.set_value("key", "value")
        pipe.get_value("key")
    assert isinstance(together.value.__cause__, errors.ReadOnlyError)
    assert f"{together.value.__cause__}" == f"{alone.value}"


def test_a_refused_pipeline_says_why_in_this_process() -> None:
    """So it is where a command was refused that no server knows."""
    r = redipy.Redis()
    with pytest.raises(errors.AbortedError) as aborted, r.pipeline() as pipe:
        pipe.execute_command("GET")
    assert "wrong number of arguments" in f"{aborted.value.__cause__}"


def test_the_time_for_an_answer(own_url: str) -> None:
    """It can be said in the URL and in the call, and the error says how to say more."""
    clients = [redipy.connect(f"{own_url}?timeout=0.2"), redipy.connect(f"{own_url}?timeout=9", timeout=0.2)]
    clients.append(redipy.Redis(host="127.0.0.1", port=int(own_url.rpartition(":")[2]), timeout=0.2))
    for client in clients:
        client.set_value("key", "value")
        with stopped(own_url), pytest.raises(errors.TimeoutError, match=r"within 200ms.*\?timeout=60"):
            client.get_value("key")
        assert client.get_value("key") == "value"
    with pytest.raises(ValueError, match="timeout"):
        redipy.connect(own_url, timeout=0)
    with pytest.raises(ValueError, match="timeout"):
        redipy.Redis(rt=clients[0].get_runtime(), timeout=1)


def test_a_database_of_a_store_is_named_as_in_a_pool() -> None:
    """``memory://name/1`` is the same data in `connect` and in a pool of redis-py."""
    redis_py = pytest.importorskip("redis")
    from redipy.redis_py import ConnectionPool

    redipy.connect("memory://named-database/1").set_value("key", "one")
    pool = ConnectionPool.from_url("memory://named-database/1?decode_responses=true")
    assert redis_py.Redis(connection_pool=pool).get("key") == "one"
    assert redipy.connect("memory://named-database").get_value("key") is None
    assert redipy.connect("memory://named-database?db=1&timeout=5").get_value("key") == "one"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_takes_nothing_of_a_subscription(server_url: str) -> None:
    """A child that uses, closes or drops what it inherited leaves the parent's messages to the parent."""
    done = run(
        f"""
        import os, signal, redipy
        r = redipy.connect({server_url!r})
        news = r.subscribe("news")
        news.__enter__()
        for ending in ["ask", "close", "drop"]:
            if (pid := os.fork()) == 0:
                signal.alarm(20)
                if ending == "ask":
                    for ask in (lambda: news.get_message(timeout=5), lambda: news.subscribe("other")):
                        try:
                            ask()
                        except redipy.errors.ConnectionError as error:
                            assert "forked" in str(error), error
                        else:
                            raise AssertionError("the child reads the parent's connection")
                elif ending == "close":
                    news.close()
                del news
                os._exit(0)
            assert os.waitpid(pid, 0)[1] == 0, ending
            r.execute_command("PUBLISH", "news", ending)
            assert news.get_message(timeout=10).data == ending
        """
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_takes_nothing_of_a_call_that_is_on_its_way(server_url: str) -> None:
    """A child that closes or drops a call that its parent began leaves the reply to the parent."""
    done = run(
        f"""
        import asyncio, gc, os, signal, redipy
        from redipy import aio
        a = aio.connect({server_url!r})

        async def main():
            await a.execute_command("DEL", "inherited")
            call = a.execute_command("BLPOP", "inherited", "10")
            call.send(None)
            for ending in ["close", "drop"]:
                if (pid := os.fork()) == 0:
                    signal.alarm(20)
                    if ending == "close":
                        call.close()
                    del call
                    gc.collect()
                    os._exit(0)
                assert os.waitpid(pid, 0)[1] == 0, ending
            await a.execute_command("RPUSH", "inherited", "x")
            while True:
                try:
                    call.send(None)
                except StopIteration as done:
                    assert done.value == ["inherited", "x"]
                    return
                await asyncio.sleep(0.01)

        asyncio.run(main())
        """
    )
    assert done.returncode == 0, done.stderr
