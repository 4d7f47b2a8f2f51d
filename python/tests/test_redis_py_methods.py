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
from redipy._awaited import AwaitedCommands
from redipy._commands import Commands
from redipy._original import OriginalCalls
from redipy._queued import QueuedCommands

METHODS = sorted(name for name in vars(Commands) if not name.startswith("_"))


@pytest.mark.parametrize("clazz", [Commands, AwaitedCommands, QueuedCommands])
@pytest.mark.parametrize("name", METHODS)
def test_signature(name: str, clazz: type) -> None:
    parameters = [list(inspect.signature(getattr(each, name)).parameters.values())[1:] for each in (clazz, redis.Redis)]
    ours, theirs = parameters
    theirs = [each for each in theirs if each.kind != each.VAR_KEYWORD]
    shown = [[(each.name, each.kind, each.default) for each in some] for some in (ours, theirs)]
    assert shown[0][: len(theirs)] == shown[1]
    assert all(each.default is not each.empty for each in ours[len(theirs) :])


SHARED = sorted(
    name
    for name in {*vars(OriginalCalls), "get", "set", "keys", "publish"}
    if hasattr(redis.Redis, name) and name[0] != "_"
)
"""The methods that the original has and redis-py too."""

NOT_TAKEN = {"ifeq", "ifne", "ifdeq", "ifdne"}
"""Options that no command of the versions that are followed has."""

ARGUMENTS: dict[str, Any] = {
    "amount": 2,
    "channel": "c",
    "cursor": 0,
    "end": -1,
    "index": 0,
    "key": "f",
    "keys": ["f", "g"],
    "mapping": {"a": 1.0},
    "match": None,
    "message": "text",
    "pattern": "*",
    "start": 0,
    "time": 10,
    "value": "1",
}
KEYS = {"incrby": "k", "l": "l", "h": "h", "s": "s", "z": "z", "r": "l"}


def theirs_of(name: str) -> list[inspect.Parameter]:
    """The parameters of a method of redis-py that can be given by name."""
    parameters = list(inspect.signature(getattr(redis.Redis, name)).parameters.values())[1:]
    return [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD and each.name not in NOT_TAKEN]


def argument_of(name: str, parameter: inspect.Parameter) -> Any:
    """What a parameter of a method is given."""
    if parameter.name == "name":
        return KEYS.get(name, "k" if name in ("set", "get", "expire", "ttl", "exists") else KEYS.get(name[0], "k"))
    if parameter.default is not parameter.empty and (name, parameter.name) not in (("hset", "key"), ("hset", "value")):
        return parameter.default
    return ARGUMENTS[parameter.name]


FORMS = [
    pytest.param(name, count, id=f"{name}-{count}")
    for name in SHARED
    for count in range(len(theirs_of(name)) + 1)
    if theirs_of(name)
]


@pytest.mark.parametrize(("name", "count"), FORMS)
def test_names_of_redis_py(name: str, count: int) -> None:
    """What the original has takes redis-py's names too: so many by position, all others by name."""
    theirs = theirs_of(name)
    args = [argument_of(name, each) for each in theirs[:count]]
    named = {each.name: argument_of(name, each) for each in theirs[count:]}
    by_position = [argument_of(name, each) for each in theirs]
    results = []
    for used in ((args, named), (by_position, {})):
        results.append([outcome(receiver, name, *used) for receiver in range(3)])
    assert results[0] == results[1]


def outcome(receiver: int, name: str, args: list[Any], named: dict[str, Any]) -> Any:
    """What a call gives, in an order of its own; a server's refusal, such as that of a call without values."""
    try:
        return sorted(repr(called(receiver, name, args, named)))
    except redipy.errors.RedipyError as error:
        return str(error)


def called(receiver: int, name: str, args: list[Any], named: dict[str, Any]) -> Any:
    """What a call gives on a fresh client, in a pipeline of one, and on one for asyncio."""
    client = redipy.Redis()
    client.set("k", "5")
    client.rpush("l", "a", "b")
    client.hset("h", {"f": "1"})
    client.sadd("s", "a")
    client.zadd("z", {"a": 1})
    if receiver == 0:
        return getattr(client, name)(*args, **named)
    if receiver == 1:
        pipe = client.pipeline()
        if not hasattr(pipe, name):
            return None
        getattr(pipe, name)(*args, **named)
        return pipe.execute()

    async def call() -> Any:
        return await getattr(redipy.aio.Redis(client), name)(*args, **named)

    return asyncio.run(call())


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("hget('h', 'f', name='x')", "multiple values for argument 'name'"),
        ("hget('h', 'f', key='x')", "multiple values for argument 'field'"),
        ("hget(name='h')", "missing 1 required positional argument: 'field'"),
        ("lrange('l', 0, -1, end=2)", "multiple values for argument 'stop'"),
        ("get()", "missing 1 required positional argument: 'key'"),
        ("get(nmae='k')", "unexpected keyword argument 'nmae'"),
        ("publish('c')", "missing 1 required positional argument: 'msg'"),
        ("publish('c', 'm', channel='d')", "multiple values for argument 'key'"),
    ],
)
def test_names_that_do_not_fit(call: str, text: str) -> None:
    with pytest.raises(TypeError, match=text):
        eval(f"r.{call}", {"r": redipy.Redis()})


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
r.zrange("z", 0, -1, False, True, int)
r.zrange("z", 0, -1, False, True, lambda score: (score,))
r.zrange("z", 0, 9, False, True, float, True, False, 0, 1)
r.zrank("z", "b", True, int)
r.zrank("z", "b", True, lambda score: (score,))
r.zrevrank("z", "b", withscore=True, score_cast_func=int)
r.zscan("z", score_cast_func=int)
r.mget([])
type(r.time()), [type(part) for part in r.time()]
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


def test_scores_and_nothing_in_pipelines_and_for_asyncio() -> None:
    client = redipy.Redis()
    client.zadd("z", {"a": 1})
    with client.pipeline() as pipe:
        pipe.mget([])
        pipe.zrange("z", 0, -1, withscores=True, score_cast_func=int)
        pipe.zscan("z", score_cast_func=int)
        pipe.time()
        results = pipe.execute()
    assert results[:3] == [[], [("a", 1)], (0, [("a", 1)])] and isinstance(results[3], tuple)

    async def main() -> None:
        awaited = redipy.aio.Redis(client)
        assert await awaited.mget([]) == []
        assert await awaited.zrange("z", 0, -1, False, True, int) == [("a", 1)]

    asyncio.run(main())


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
