"""What programs of the original rely on in odd cases; the answers are those of versions 0.7.1 and 0.4.2."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import redipy
import redipy.aio
from redipy.api import REX_EARLIER, REX_LATER
from redipy.redis.conn import RedisConnection
from redipy.script import FnContext, LogFn, RedisFn, RedisVar

Connect = Callable[..., redipy.Redis]


@pytest.fixture(params=["call", "pipeline", "await"])
def make(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Makes a call: at once, in a pipeline, or awaited."""

    def made(redis: redipy.Redis, name: str, *args: Any, **named: Any) -> Any:
        if request.param == "call":
            return getattr(redis, name)(*args, **named)
        if request.param == "await":

            async def awaited() -> Any:
                return await getattr(redipy.aio.Redis(redis), name)(*args, **named)

            return asyncio.run(awaited())
        with redis.pipeline() as pipe:
            getattr(pipe, name)(*args, **named)
            return pipe.execute()[0]

    return made


def test_never_is_not_earlier(redis: redipy.Redis, make: Callable[..., Any]) -> None:
    """Without a time, `if_earlier` changes nothing; other modes remove the expiry."""
    redis.set_value("k", "v", expire_in=100)
    assert make(redis, "expire", "k", mode=REX_EARLIER) is False
    assert 0 < (redis.ttl("k") or 0) <= 100
    assert make(redis, "expire", "none", mode=REX_EARLIER) is False
    assert make(redis, "expire", "k", mode=REX_LATER) is True
    assert redis.ttl("k") == -1.0


def test_keys_by_type(connect: Connect, make: Callable[..., Any]) -> None:
    """Keys are filtered by type, also in a pipeline."""
    redis = connect(prefix="own")
    other = connect()
    other.rpush("foreign", "x")
    for name in ("b", "a", "ca"):
        redis.rpush(name, "x")
    redis.set_value("text", "x")
    of_lists = make(redis, "keys", filter_type="list")
    assert set(of_lists) == {"a", "b", "ca"}
    assert set(make(redis, "keys", match="*a", filter_type="list")) == {"a", "ca"}
    assert set(make(redis, "keys", filter_type="zset")) == set()
    assert set(make(redis, "keys")) == {"a", "b", "ca", "text"}


@pytest.mark.parametrize("timeout", [-1, -1e300, float("-inf")])
def test_a_time_that_is_over_asks_once(redis: redipy.Redis, timeout: float) -> None:
    """`wait_for` with a negative timeout asks once and gives None, or what it got."""
    asked: list[int] = []
    assert redis.wait_for("k", lambda: asked.append(1), timeout) is None
    assert len(asked) == 1
    assert redis.wait_for("k", lambda: "yes", timeout) == "yes"
    assert asyncio.run(redipy.aio.Redis(redis).wait_for("k", lambda: asked.append(1), timeout)) is None
    assert len(asked) == 2


def test_a_predicate_is_asked_before_anything_is_sent() -> None:
    """What is true at once needs no server."""
    redis = redipy.Redis(host="192.0.2.1", port=1)
    assert redis.wait_for("k", lambda: 5, None) == 5


def test_a_time_that_is_too_long_says_so(redis: redipy.Redis) -> None:
    """It is not called negative."""
    with pytest.raises(ValueError, match="timeout is too long: give None to wait for ever"):
        redis.wait_for("k", lambda: None, 1e300)
    with pytest.raises(ValueError, match="timeout must be a number of seconds, not nan"):
        redis.wait_for("k", lambda: None, float("nan"))


def logging_script() -> FnContext:
    """A script that logs at each level, and then gives 1."""
    ctx = FnContext()
    levels: Any = ("debug", "verbose", "notice", "warning")
    for level in levels:
        ctx.add(LogFn(level, ctx.add_arg(level)))
    ctx.set_return_value(1)
    return ctx


def test_scripts_log(caplog: pytest.LogCaptureFixture) -> None:
    """In this process messages go to a logger of Python's, at their level, when the script is over."""
    redis = redipy.Redis()
    script = redis.register_script(logging_script())
    args: dict[str, Any] = {"debug": "100% %s", "verbose": "b", "notice": ["c"], "warning": "é"}

    async def awaited() -> Any:
        return await redipy.aio.Redis(redis).register_script(logging_script())(keys={}, args=args)

    with caplog.at_level(logging.DEBUG, "redipy.script"):
        assert script(keys={}, args=args) == 1
        with redis.pipeline() as pipe:
            script(keys={}, args=args, client=pipe)
        assert asyncio.run(awaited()) == 1
    wanted = [("DEBUG", "100% %s"), ("DEBUG", "b"), ("INFO", '["c"]'), ("WARNING", "é")]
    assert [(record.levelname, record.message) for record in caplog.records] == wanted * 3
    assert {record.name for record in caplog.records} == {"redipy.script"}


def test_a_handler_of_logs_may_use_the_data() -> None:
    """What a script logs is handed out when it holds no data any more."""
    redis = redipy.Redis()

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            redis.rpush("log", record.getMessage())

    logger, handler = logging.getLogger("redipy.script"), Kept()
    logger.addHandler(handler)
    try:
        ctx = FnContext()
        ctx.add(LogFn("warning", "seen"))
        ctx.add(RedisFn("lpush", ctx.add_key("missing"), "x"))
        redis.set_value("text", "")
        with pytest.raises(TypeError):
            redis.register_script(ctx)(keys={"missing": "text"}, args={})
    finally:
        logger.removeHandler(handler)
    assert redis.lrange("log", 0, -1) == ["seen"]


def test_what_a_call_of_a_script_lacks_is_a_key_error(redis: redipy.Redis) -> None:
    """A missing key and a missing argument."""
    ctx = FnContext()
    ctx.set_return_value(RedisVar(ctx.add_key("k")).set_value(ctx.add_arg("a")))
    script = redis.register_script(ctx)
    with pytest.raises(KeyError, match=r'^SCRIPT missing argument "a"$') as caught:
        script(keys={"k": "k"}, args={})
    assert isinstance(caught.value, ValueError) and isinstance(caught.value, redipy.errors.ScriptError)
    with pytest.raises(KeyError, match="missing key"):
        script(keys={}, args={"a": 1})


def test_commands_in_scripts_have_their_own_units(redis: redipy.Redis) -> None:
    """EXPIRE by its name takes seconds; the method of a Redis object does too."""
    ctx = FnContext()
    ctx.add(RedisFn("expire", ctx.add_key("a"), 100))
    ctx.add(RedisVar(ctx.add_key("b")).expire(expire_in=100))
    redis.set_value("a", "v")
    redis.set_value("b", "v")
    redis.register_script(ctx)(keys={"a": "a", "b": "b"}, args={})
    assert all(99 < (redis.ttl(key) or 0) <= 100 for key in "ab")


def test_import_reaches_every_module() -> None:
    """`import redipy` is enough for all modules that it was enough for."""
    code = "import redipy; print(redipy.util.now(), redipy.PACKAGE_VERSION, redipy.api, redipy.symbolic.rset)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.fixture
def connection(server_port: int) -> RedisConnection:
    """A connection with a prefix to an empty server."""
    redipy.Redis(host="127.0.0.1", port=server_port).flushall()
    return RedisConnection("m", cfg={"host": "127.0.0.1", "port": server_port, "passwd": ""})


EXPLAINED = """\
Code:
local a = 1

return foo(1)
-- end


Context:
  \n  local a = 1
  \n> return foo(1)
  -- end"""
"""How the error of the script below is shown."""


def test_errors_of_lua_show_the_code(connection: RedisConnection, server_port: int) -> None:
    """With a client of redis-py and without, the code and the lines around the wrong one are shown."""
    redis = pytest.importorskip("redis")
    client = redis.Redis(port=server_port)
    run = connection.get_dynamic_script("local a = 1\n\nreturn foo(1)\n-- end\n")
    for given, cause in ((None, redipy.errors.ResponseError), (client, redis.ResponseError)):
        with pytest.raises(ValueError) as caught:
            run(keys=[], args=[], client=given)
        text = f"{caught.value}"
        assert text.startswith("Error while executing script: ") and "user_script:3:" in text
        assert text.endswith(EXPLAINED)
        assert isinstance(caught.value.__cause__, cause)
    own = connection.get_dynamic_script("return {err='MY own'}")
    with pytest.raises(ValueError, match=r"^Error while executing script: MY own$"):
        own(keys=[], args=[], client=client)
    with client.pipeline() as pipe:
        connection.get_dynamic_script("return KEYS[1]")(keys=["a"], args=[], client=pipe)
        assert pipe.execute() == [b"a"]


def test_keys_as_the_server_has_them(connection: RedisConnection) -> None:
    """The methods of a connection that know of its prefix."""
    for key in ("a", "ab", "c"):
        connection.set_value(key, "v")
    assert [connection.keys_count(prefix) for prefix in ("", "m:", "m:a", "a")] == [3, 3, 2, 0]
    assert sorted(connection.keys_str("m:")) == ["m:a", "m:ab", "m:c"]
    assert list(connection.keys_str("m:", "b")) == ["m:ab"]
    assert connection.prefix_exists("m:") and connection.prefix_exists("m:a", "b") and not connection.prefix_exists("a")
    assert (connection.with_prefix("a"), connection.no_prefix("m:a")) == ("m:a", "a")
    with pytest.raises(ValueError, match=r"invalid key \(a\) does not contain prefix m:"):
        connection.no_prefix("a")


def test_channels_have_the_prefix(connection: RedisConnection, server_port: int) -> None:
    """`get_pubsub_key` says the channel as the server has it: other programs listen there."""
    assert connection.get_pubsub_key("k") == "m:ps:k"
    assert redipy.Redis(rt=connection).get_pubsub_key("k") == "m:ps:k"
    with redipy.Redis(host="127.0.0.1", port=server_port).subscribe("m:ps:k") as messages:
        connection.publish("k", "one")
        connection.notify_all("k")
        redipy.Redis(rt=connection).publish("k", "two")
        assert [messages.get_message(5).data for _ in range(3)] == ["one", "notify", "two"]  # type: ignore[union-attr]


def test_the_lua_of_scripts_can_be_shown(connection: RedisConnection, capsys: pytest.CaptureFixture[str]) -> None:
    """`set_print_scripts` turns it on and off."""
    connection.set_print_scripts(True)
    connection.get_dynamic_script("return 1")
    connection.set_print_scripts(False)
    connection.get_dynamic_script("return 2")
    assert capsys.readouterr().out == "Compiled script:\n-- SCRIPT START --\nreturn 1\n-- SCRIPT END --\n"
