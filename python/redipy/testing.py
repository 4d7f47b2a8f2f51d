"""A plug-in for pytest: it is there as soon as redipy is installed.

| fixture | what it gives |
|---|---|
| ``redis`` | an empty Redis in this process, for this test alone |
| ``redis_clock`` | the clock that ``redis`` goes by: it stands still until the test moves it |
| ``redis_server`` | an empty Redis on a real server, if ``redis-server`` or ``valkey-server`` is installed |

Example:
    A test of what happens in an hour::

        def test_a_session_ends(redis, redis_clock):
            redis.set_value("session", "data", expire_in=3600)
            redis_clock.advance(3601)
            assert redis.get_value("session") is None
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from redipy import _native
from redipy.errors import ConnectionError
from redipy.main import Redis, connect
from redipy.memory.rt import LocalRuntime


class Clock(_native.Clock):
    """A clock that stands at 2020-01-01 00:00:00 UTC until it is moved.

    Example:
        >>> from redipy.testing import Clock, redis_with
        >>> clock = Clock()
        >>> r = redis_with(clock)
        >>> r.set_value("k", "v", expire_in=10)
        True
        >>> clock.advance(9)
        >>> r.ttl("k")
        1.0
        >>> clock.advance(1)
        >>> r.get_value("k")
    """


def redis_with(clock: Clock) -> Redis:
    """An empty Redis in this process that goes by a clock."""
    return Redis(rt=LocalRuntime(clock))


@contextmanager
def server(program: str) -> Iterator[str]:
    """Runs a server that keeps nothing; its URL.

    Args:
        program: the path of ``redis-server`` or ``valkey-server``.

    Raises:
        ConnectionError: it does not start.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as directory:
        options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--dir", directory]
        process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        try:
            url = f"redis://127.0.0.1:{port}"
            _wait_for(url)
            yield url
        finally:
            process.terminate()
            process.wait()


def _wait_for(url: str, seconds: float = 10.0) -> None:
    client, end = connect(url), time.monotonic() + seconds
    while True:
        try:
            client.ping()
            return
        except ConnectionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


@pytest.fixture
def redis_clock() -> Clock:
    """The clock that the fixture ``redis`` goes by."""
    return Clock()


@pytest.fixture
def redis(request: pytest.FixtureRequest) -> Redis:
    """An empty Redis in this process, for this test alone."""
    if "redis_clock" in request.fixturenames:
        return redis_with(request.getfixturevalue("redis_clock"))
    return Redis(backend="memory")


@pytest.fixture(scope="session")
def redis_server_url() -> Iterator[str]:
    """The URL of a real server that runs as long as the tests do."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        pytest.skip("neither redis-server nor valkey-server is installed: nothing runs on a real server")
    with server(program) as url:
        yield url


@pytest.fixture
def redis_server(redis_server_url: str) -> Redis:
    """An empty Redis on a real server."""
    client = connect(redis_server_url)
    client.flushall()
    return client
