"""Our own methods, called as redis-py's are: the same signatures, the same results."""

from __future__ import annotations

import asyncio
import inspect
from datetime import timedelta
from typing import Any

import pytest
import redis

import redipy
import redipy.aio
from redipy._commands import Commands

METHODS = sorted(name for name in vars(Commands) if not name.startswith("_"))
LEFT_OUT = {"score_cast_func"}
"""What is made of a result can be written after the call."""


@pytest.mark.parametrize("name", METHODS)
def test_signature(name: str) -> None:
    parameters = [
        list(inspect.signature(getattr(each, name)).parameters.values())[1:] for each in (Commands, redis.Redis)
    ]
    ours, theirs = parameters
    theirs = [each for each in theirs if each.kind != each.VAR_KEYWORD and each.name not in LEFT_OUT]
    shown = [[(each.name, each.kind, each.default) for each in some] for some in (ours, theirs)]
    assert shown[0][: len(theirs)] == shown[1]
    assert all(each.default is not each.empty for each in ours[len(theirs) :])


CALLS = """
r.set("k", "v", ex=10, nx=True)
r.set("k", "v", 10)
r.set("k", "w", px=timedelta(seconds=5), xx=True)
r.set("k", "w", get=True, keepttl=True)
r.get("k")
r.expire("k", 10)
r.expire("k", timedelta(seconds=20), gt=True)
r.expire("k", 5, nx=True)
r.hset("h", "f", "v")
r.hset("h", mapping={"a": 1, "b": 2})
r.hset("h", "c", 1, mapping={"d": 1})
r.hset("h", items=["e", 1])
r.zadd("z", {"a": 1, "b": 2.5}, nx=True)
r.zadd("z", {"a": 2, "c": 3}, gt=True, ch=True)
r.zadd("z", {"a": 1}, incr=True)
r.zrange("z", 0, -1)
r.zrange("z", 0, -1, desc=True)
r.zrange("z", 0, -1, withscores=True)
r.zrange("z", "-inf", "(3", byscore=True)
r.zrange("z", "-inf", "+inf", byscore=True, offset=1, num=1)
r.zrange("z", "[a", "[b", bylex=True)
r.zrange("z", "+inf", 2, True, True, byscore=True)
r.append("k", "x")
r.getrange("k", 0, 2)
r.setrange("k", 1, "yy")
r.strlen("k")
r.getset("k", "5")
r.incr("n")
r.incr("n", 4)
r.decr("n", amount=2)
r.decrby("n")
r.incrbyfloat("n", 0.5)
r.incrbyfloat("n")
r.mset({"a": 1, "b": 2})
r.msetnx({"a": 1, "c": 2})
r.mget("a", "b")
r.mget(["a", "none"])
r.mget(["a"], "b")
r.setnx("a", 1)
r.setex("a", 10, "x")
r.setex("a", timedelta(seconds=9), "x")
r.psetex("a", 10_000, "x")
r.getex("a", ex=100)
r.getex("a", px=timedelta(seconds=100))
r.getex("a", persist=True)
r.pexpire("a", timedelta(seconds=10), nx=True)
r.persist("a")
r.expireat("a", 4_000_000_000)
r.pexpireat("a", 4_000_000_000_000)
r.expiretime("a")
r.pexpiretime("a")
r.pttl("none")
r.type("a")
r.type("none")
r.copy("a", "d", replace=True)
r.copy("a", "d")
r.rename("d", "e")
r.renamenx("e", "a")
r.touch("a", "b")
r.unlink("a", "b")
r.randomkey() is not None
r.hmset("h2", {"a": 1})
r.hexists("h", "a")
r.hlen("h")
r.hstrlen("h", "f")
r.hsetnx("h", "a", 1)
r.hincrbyfloat("h", "a")
r.hincrbyfloat("h", "a", 1.5)
r.hrandfield("h2")
r.hrandfield("h2", 2)
r.hrandfield("h2", 2, True)
r.hscan("h2")
r.hscan("h2", 0, "b*", 5)
r.hscan("h2", no_values=True)
r.rpush("l", "a", "b", "c", "a")
r.rpushx("l", "d", "e")
r.lpushx("none", "d")
r.linsert("l", "before", "b", "x")
r.lpos("l", "a", rank=2)
r.lpos("l", "a", count=0)
r.lrem("l", 1, "a")
r.ltrim("l", 0, 3)
r.lmove("l", "m")
r.lmove("l", "m", "RIGHT", "LEFT")
r.rpoplpush("l", "m")
r.lmpop(2, "none", "m", direction="LEFT")
r.lmpop(1, "m", direction="RIGHT", count=5)
r.lmpop(1, "none", direction="RIGHT")
r.sadd("s", "a", "b", "c")
r.sadd("t", "b", "c", "d")
r.sinter("s", "t")
r.sinter(["s", "t"])
r.sunion(["s"], "t")
r.sdiff("s", "t")
r.sinterstore("u", "s", "t")
r.sunionstore("u", ["s", "t"])
r.sdiffstore("u", ["s"], "t")
r.sintercard(2, ["s", "t"])
r.sintercard(2, ["s", "t"], 1)
r.smismember("s", ["a", "x"])
r.smismember("s", "a", "x")
r.smove("s", "t", "a")
r.sscan("u")
r.spop("u")
r.spop("u", 2)
r.srandmember("u")
r.srandmember("u", 2)
r.zscore("z", "a")
r.zscore("z", "none")
r.zmscore("z", ["a", "none"])
r.zincrby("z", 1, "a")
r.zcount("z", "-inf", 3)
r.zrank("z", "b")
r.zrank("z", "none")
r.zrank("z", "b", True)
r.zrevrank("z", "b", withscore=True)
r.zrank("z", "none", True)
r.zrangestore("y", "z", 0, -1, desc=True)
r.zrangestore("y", "z", "-inf", "+inf", byscore=True, offset=0, num=2)
r.zrandmember("y", -2) is not None
r.zrandmember("none", 2)
r.zscan("y")
r.zscan("y", match="a*")
r.zpopmin("y")
r.zpopmax("z", 2)
r.zpopmax("none")
r.zrem("z", "a", "b")
r.zrandmember("z", 1, True)
r.echo("x")
r.ping()
r.dbsize()
r.flushdb()
len(r.time())
set(r.keys("h*"))
r.hmget("h", ["a", "b"]) is not None
r.hincrby("h", "n") == 1
r.incrby("m") == 1
r.scan(0, "h*")[0]
r.scan(match="h*", count=1000, _type="hash")[0]
r.getdel("k")
"""


def test_the_same_results(newest_port: int) -> None:
    theirs = redis.Redis(port=newest_port, decode_responses=True)
    theirs.flushall()
    ours = redipy.Redis()
    wrong = []
    for call in CALLS.strip().splitlines():
        results: list[Any] = []
        for r in (ours, theirs):
            try:
                results.append(eval(call, {"r": r, "timedelta": timedelta}))
            except Exception as error:
                results.append(error)
        if results[0] != results[1] or (repr(results[0]) != repr(results[1]) and not isinstance(results[0], set)):
            wrong.append(f"{call}: {results[0]!r}, theirs {results[1]!r}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_clients_are_closed_as_those_of_redis_py() -> None:
    with redipy.Redis() as client:
        client.set("k", "v")
    client.close()
    assert client.get("k") == "v", "a closed client can be used, as one of redis-py"

    async def main() -> None:
        async with redipy.aio.Redis(client) as awaited:
            assert await awaited.get("k") == "v"
        await awaited.aclose()
        await awaited.close()

    asyncio.run(main())
