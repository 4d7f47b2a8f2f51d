"""`redis_factory` makes every connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import redipy
from redipy.redis.conn import RedisConfig

redis = pytest.importorskip("redis")

CFG: RedisConfig = {"host": "192.0.2.1", "port": 1, "passwd": "", "prefix": "", "path": ""}
"""A server that is not there: only a factory leads to one."""


def made_by(factory: Callable[[], Any]) -> redipy.Redis:
    """A client whose connections are made by a factory."""
    return redipy.Redis(cfg=CFG, redis_factory=lambda *, cfg: factory())


@pytest.fixture
def plain(server_port: int) -> Iterator[Any]:
    """A client of redis-py, which leaves the server as it was."""
    client = redis.Redis(port=server_port)
    client.flushall()
    yield client
    client.flushall()
    client.close()


def test_calls_go_where_the_factory_says(plain: Any, server_port: int) -> None:
    """Calls, pipelines, scripts, messages and Lua of one's own all use the host, port, database and name of the factory."""
    r = made_by(lambda: redis.Redis(host="127.0.0.1", port=server_port, db=5, client_name="made"))
    r.set_value("k", "v")
    with r.pipeline() as pipe:
        pipe.rpush("l", "a", "b")
    script = redipy.script.FnContext()
    script.set_return_value(redipy.script.RedisVar(script.add_key("k")).get_value())
    connection = r.get_redis_runtime()
    with connection.get_connection() as client:
        assert client.get("k") == b"v"
    assert r.register_script(script)(keys={"k": "k"}, args={}) == "v"
    assert connection.get_dynamic_script("return redis.call('get', KEYS[1])")(keys=["k"], args=[]) == b"v"
    assert r.execute_command("CLIENT", "GETNAME") == "made"
    assert (plain.dbsize(), redis.Redis(port=server_port, db=5).lrange("l", 0, -1)) == (0, [b"a", b"b"])


def test_a_factory_logs_in(plain: Any, server_port: int) -> None:
    """User and password are those of the factory, with all characters that there are."""
    password = "p@ss:/?#%é"
    plain.acl_setuser("ann@", enabled=True, passwords=[f"+{password}"], keys=["*"], categories=["+@all"])
    r = made_by(lambda: redis.Redis(host="127.0.0.1", port=server_port, username="ann@", password=password))
    assert r.execute_command("ACL", "WHOAMI") == "ann@"
    plain.acl_deluser("ann@")


def test_a_factory_names_a_socket(tmp_path: Path) -> None:
    """A path leads to a socket of this machine."""
    r = made_by(lambda: redis.Redis(unix_socket_path=f"{tmp_path}/s?ck t", db=3))
    assert r.describe().startswith(f"unix://{tmp_path}/s")
    with pytest.raises(ConnectionError):
        r.exists("k")


def test_a_factory_sets_timeouts(plain: Any, server_port: int) -> None:
    """The timeouts are those of the factory."""
    r = made_by(lambda: redis.Redis(host="127.0.0.1", port=server_port, socket_timeout=0.05))
    plain.client_pause(10_000)
    with pytest.raises(TimeoutError):
        r.exists("k")
    plain.client_unpause()


def test_a_factory_may_lead_into_this_process() -> None:
    """A pool of ours leads to its data."""
    from redipy.redis_py import connection_pool

    engine = redipy.Redis()
    r = made_by(lambda: redis.Redis(connection_pool=connection_pool(engine)))
    r.set_value("k", "v")
    assert engine.get_value("k") == "v"


class Own(redis.Connection):  # type: ignore[misc, name-defined]
    """A connection of one's own."""


REFUSED: dict[str, Callable[[], Any]] = {
    "ssl=True": lambda: redis.Redis(ssl=True),
    "connection_class='Own'": lambda: redis.Redis(connection_pool=redis.ConnectionPool(connection_class=Own)),
    "redis_connect_func": lambda: redis.Redis(redis_connect_func=print),
    "credential_provider": lambda: redis.Redis(credential_provider=redis.UsernamePasswordCredentialProvider("a", "b")),
    "encoding='latin-1'": lambda: redis.Redis(encoding="latin-1"),
    "connection_class='SentinelManagedConnection'": lambda: redis.Sentinel([("h", 1)]).master_for("m"),
    "what=1": lambda: redis.Redis(connection_pool=redis.ConnectionPool(what=1)),
}


@pytest.mark.parametrize("named", REFUSED)
def test_what_cannot_be_honoured_is_named(named: str) -> None:
    """An option that we have not is refused by its name, before anything is sent."""
    with pytest.raises(ValueError, match=named):
        made_by(REFUSED[named])


@pytest.mark.parametrize(
    ("factory", "text"),
    [
        (lambda *, cfg: None, "redis_factory must give a redis.Redis, not NoneType"),
        (lambda *, cfg: 5, "redis_factory must give a redis.Redis, not int"),
        (lambda *, cfg: redis.asyncio.Redis(), "not one of redis.asyncio: for asyncio there is redipy.aio"),
        (5, "redis_factory must be a function, not int"),
    ],
)
def test_a_factory_gives_a_client(factory: Any, text: str) -> None:
    with pytest.raises(TypeError, match=text):
        redipy.Redis(port=6379, redis_factory=factory)
