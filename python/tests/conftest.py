"""Redis in this process and a real server, for tests that run on both."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import redipy
from redipy.testing import server

Connect = Callable[..., redipy.Redis]
"""Makes an empty Redis; a prefix may be given."""


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A real server that the tests started."""
    program = shutil.which("redis-server")
    if program is None:
        reason = "there is no redis-server: nothing is compared with a real server"
        if os.environ.get("REDIPY_REQUIRE_SERVERS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with server(program) as url:
        yield url


@pytest.fixture(scope="session")
def newest_program() -> str:
    """A server of the version that the package takes as its measure."""
    program = Path(__file__).parents[2] / os.environ.get("REDIPY_CACHE", ".cache") / "servers/redis-8.2/redis-server"
    if not program.exists():
        reason = f"there is no {program}: scripts/fetch-servers fetches it"
        if os.environ.get("REDIPY_REQUIRE_SERVERS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return str(program)


@pytest.fixture(scope="session")
def newest_port(newest_program: str) -> Iterator[int]:
    """The port of such a server, for all tests."""
    with server(newest_program) as url:
        yield int(url.rsplit(":", 1)[1])


@pytest.fixture(scope="module")
def private_port(newest_program: str) -> Iterator[int]:
    """The port of such a server, which has no connections but those that the tests of one file open."""
    with server(newest_program) as url:
        yield int(url.rsplit(":", 1)[1])


@pytest.fixture(scope="session")
def server_port(server_url: str) -> int:
    """The port of that server."""
    return int(server_url.rsplit(":", 1)[1])


@pytest.fixture(params=["memory", "server"])
def connect(request: pytest.FixtureRequest) -> Connect:
    """Makes clients of one backend; the first one finds it empty."""
    if request.param == "memory":
        return lambda prefix="", **named: redipy.Redis(url="memory://", prefix=prefix, **named)
    port = request.getfixturevalue("server_port")
    redipy.connect(f"redis://127.0.0.1:{port}").flushall()
    return lambda prefix="", **named: redipy.Redis(host="127.0.0.1", port=port, prefix=prefix, **named)


@pytest.fixture
def redis(connect: Connect) -> redipy.Redis:
    """An empty Redis."""
    return connect()
