"""What is shown of scripts: to hooks, and on the screen."""

from __future__ import annotations

from typing import Any

import pytest

import redipy
from redipy.script import FnContext


def answer() -> FnContext:
    """A script that gives 42."""
    ctx = FnContext()
    ctx.set_return_value(42)
    return ctx


@pytest.fixture(params=["url", "host"])
def named(request: pytest.FixtureRequest, server_url: str, server_port: int) -> dict[str, Any]:
    """The two ways to name a server."""
    return {"url": server_url} if request.param == "url" else {"host": "127.0.0.1", "port": server_port}


def test_hooks_see_every_script(named: dict[str, Any]) -> None:
    """Both hooks are called once for each script, however the server is named."""
    programs: list[Any] = []
    codes: list[list[str]] = []
    redis = redipy.Redis(**named, compile_hook=programs.append, lua_code_hook=codes.append)
    assert redis.register_script(answer())(keys={}, args={}) == 42
    assert [program["kind"] for program in programs] == ["script"]
    assert len(codes) == 1 and "return pack(42)" in "\n".join(codes[0])


def test_lua_is_printed_when_asked_for(named: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """`verbose_lua_test` prints the Lua of scripts; nothing is printed without it."""
    redipy.Redis(**named).register_script(answer())
    assert capsys.readouterr().out == ""
    redipy.Redis(**named, verbose_lua_test=True).register_script(answer())
    printed = capsys.readouterr().out
    assert printed.startswith("Compiled script:\n-- SCRIPT START --\n") and "return pack(42)" in printed


def test_the_engine_has_no_lua(capsys: pytest.CaptureFixture[str]) -> None:
    """In this process scripts do not become Lua: only the compile hook is called."""
    programs: list[Any] = []
    codes: list[list[str]] = []
    redis = redipy.Redis(
        url="memory://", compile_hook=programs.append, lua_code_hook=codes.append, verbose_lua_test=True
    )
    redis.register_script(answer())
    assert len(programs) == 1 and codes == [] and capsys.readouterr().out == ""
    assert redis.maybe_get_memory_runtime() is not None and redis.maybe_get_redis_runtime() is None
