"""What the programs of `test_process` do, which run in processes of their own."""

from __future__ import annotations

import asyncio

import redipy
from redipy import aio
from redipy.backend.backend import ExecFunction
from redipy.script import FnContext, RedisVar


def looping(redis: redipy.Redis) -> ExecFunction:
    """A script that holds data for as many steps as it is told."""
    return redis.register_script(looping_context())


def looping_context() -> FnContext:
    """What that script does."""
    ctx = FnContext()
    counter = RedisVar(ctx.add_key("counter"))
    left = ctx.add_local(ctx.add_arg("steps"))
    loop = ctx.while_(left.gt_(0))
    loop.add(counter.incrby(1))
    loop.add(left.assign(left - 1))
    ctx.set_return_value(None)
    return ctx


def endless(redis: redipy.Redis) -> ExecFunction:
    """A script that does not end within any patience, and writes nothing unless it is told so."""
    return redis.register_script(endless_context())


def endless_context() -> FnContext:
    """What that script does."""
    ctx = FnContext()
    key = RedisVar(ctx.add_key("key"))
    writes, i = ctx.add_arg("writes"), ctx.add_local(0)
    then, _ = ctx.if_(writes)
    then.add(key.set("written"))
    ctx.add(key.get())
    loop = ctx.while_(i.ge_(0))
    loop.add(i.assign(i + 1))
    ctx.set_return_value(None)
    return ctx


async def talk(client: aio.Redis) -> None:
    """Has a task wait for a message and wakes it."""
    async with client.subscribe("news") as news:
        waiting = asyncio.create_task(news.get_message(5))
        await asyncio.sleep(0.01)
        await client.execute_command("PUBLISH", "news", "message")
        message = await waiting
        assert message is not None and message.data == "message"
