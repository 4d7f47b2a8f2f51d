"""Redis in this process and a real server, for tests that run on both."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator

import pytest

import redipy

Connect = Callable[..., redipy.Redis]
"""Makes an empty Redis; a prefix may be given."""


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture(scope="session")
def server_port() -> Iterator[int]:
    """The port of a real server that the tests started."""
    program = shutil.which("redis-server")
    if program is None:
        reason = "there is no redis-server: nothing is compared with a real server"
        if os.environ.get("REDIPY_REQUIRE_SERVERS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    port = _free_port()
    with tempfile.TemporaryDirectory() as directory:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", directory]
        process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int) -> None:
    client = redipy.connect(f"redis://127.0.0.1:{port}")
    for _ in range(200):
        try:
            client.execute_command("PING")
            return
        except redipy.RedipyError:
            time.sleep(0.02)
    raise RuntimeError("the server did not start")


@pytest.fixture(params=["memory", "server"])
def connect(request: pytest.FixtureRequest) -> Connect:
    """Makes clients of one backend; the first one finds it empty."""
    if request.param == "memory":
        return lambda prefix="": redipy.Redis(url="memory://", prefix=prefix)
    port = request.getfixturevalue("server_port")
    redipy.connect(f"redis://127.0.0.1:{port}").flushall()
    return lambda prefix="": redipy.Redis(host="127.0.0.1", port=port, prefix=prefix)


@pytest.fixture
def redis(connect: Connect) -> redipy.Redis:
    """An empty Redis."""
    return connect()
