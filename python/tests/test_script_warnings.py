"""What is allowed in a script and yet looks like a mistake is logged when the script is registered."""

from __future__ import annotations

import logging

import pytest

import redipy
from redipy.script import FnContext, RedisFn, RedisHash, RedisList, RedisVar, Strs


def warnings_of(ctx: FnContext, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What is logged when the script is registered."""
    caplog.clear()
    with caplog.at_level(logging.WARNING, logger="redipy.script"):
        redipy.Redis().register_script(ctx)
    return [record.getMessage() for record in caplog.records]


def test_a_command_that_is_used_twice_runs_twice_and_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    ctx = FnContext()
    count = RedisVar(ctx.add_key("count")).incrby(1)
    result = ctx.add_local("other")
    then, _ = ctx.if_(count.eq_(1))
    then.add(result.assign("one"))
    ctx.set_return_value(Strs(result, count))
    (warning,) = warnings_of(ctx, caplog)
    assert warning.startswith(f"INCRBY of {__file__}:")
    assert warning.endswith(
        " is used more than once and runs at each use; add_local(..) calls it once and keeps the result"
    )
    # The meaning stays that of the original.
    redis = redipy.Redis()
    assert redis.register_script(ctx)(keys={"count": "c"}, args={}) == "one2"


def test_statements_are_uses_too(caplog: pytest.LogCaptureFixture) -> None:
    ctx = FnContext()
    push = RedisFn("rpush", ctx.add_key("l"), "x")
    ctx.add(push)
    loop, _, _ = ctx.for_(ctx.add_arg("items"))
    loop.add(push)
    assert len(warnings_of(ctx, caplog)) == 1
    assert len(warnings_of(ctx, caplog)) == 1


def test_what_runs_once_is_not_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    ctx = FnContext()
    size = RedisVar(ctx.add_key("size"))
    # The name of an object is evaluated at every use, as it says.
    frame = RedisHash(Strs("frame:", size.get_value(default=0)))
    ctx.add(frame.hset({"a": 1}))
    kept = ctx.add_local(frame.hget("a"))
    push = RedisList(ctx.add_key("l")).rpush("x")
    then, other = ctx.if_(kept.eq_("1"))
    then.add(push)
    other.add(push)
    ctx.set_return_value(kept)
    assert warnings_of(ctx, caplog) == []


def test_other_warnings_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    ctx = FnContext()
    ctx.set_return_value(RedisVar(ctx.add_key("k")).get_value().eq_(5))
    (warning,) = warnings_of(ctx, caplog)
    assert "comparing None or str with number always gives False; `to_str` makes a text of a number" in warning
