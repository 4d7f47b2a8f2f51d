"""The plug-in for pytest, as a project that has only installed redipy meets it."""

from __future__ import annotations

import pytest

from redipy import _native
from redipy.testing import Clock, redis_with

pytest_plugins = ["pytester"]

TESTS = """
    import redipy

    def test_a_session_ends(redis, redis_clock):
        assert redis.set_value("session", "data", expire_in=3600) is True
        redis_clock.advance(3599)
        assert redis.ttl("session") == 1.0
        redis_clock.advance(1)
        assert redis.get_value("session") is None

    def test_every_test_has_its_own(redis):
        assert redis.keys() == set()
        assert isinstance(redis, redipy.Redis)

    def test_a_server(redis_server):
        assert redis_server.describe().startswith("redis://127.0.0.1:")
        assert redis_server.keys() == set()
        redis_server.set_value("k", "v")

    def test_it_is_empty_again(redis_server):
        assert redis_server.keys() == set()
"""


def test_the_fixtures(pytester: pytest.Pytester, server_url: str) -> None:
    """They are there without a word in the project's own files."""
    pytester.makepyfile(TESTS)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=4)


def test_a_clock_goes_with_prefixes_and_plug_ins() -> None:
    """What goes by a clock has all that other data in the process has."""
    clock = Clock()
    r = redis_with(clock)
    r.get_memory_runtime().add_general_function_plugin("plugins_local")
    under = _native.Client(clock, prefix="p:")
    under.set_value("k", "v", expire_in=1)
    assert under.exists("k") == 1
    clock.advance(1)
    assert under.exists("k") == 0
