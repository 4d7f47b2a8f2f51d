"""One package's side of the comparison: a process that does what it is told and says how long it took.

Each package is in a process of its own, because two of them have the same name. A line of input is an operation and how
often to do it; the answer is the CPU time of one operation in nanoseconds, or why there is none.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
import time
from collections.abc import Callable
from typing import Any

VALUE = "v" * 64
FIELDS = {f"field:{i}": VALUE for i in range(10)}

Operation = Callable[[], Any]


def redipy(server: str | None) -> dict[str, Operation]:
    """Ours and the original: the same calls."""
    import redipy

    host, port = (server or ":").rsplit(":", 1)
    r: Any = redipy.Redis(host=host, port=int(port)) if server else redipy.Redis()
    operations = {
        "get": lambda: r.get_value("key"),
        "set": lambda: r.set_value("key", VALUE),
        "lpush": lambda: r.lpush("list", VALUE),
        "hset": lambda: r.hset("hash", {"field:3": VALUE}),
        "hgetall": lambda: r.hgetall("hash"),
        "zadd": lambda: r.zadd("zset", {"member": 1.5}),
    }

    def pipeline() -> None:
        with r.pipeline() as pipe:
            for _ in range(100):
                pipe.set_value("key", VALUE)
            pipe.execute()

    nothing = redipy.script.FnContext()
    nothing.set_return_value(None)
    empty = r.register_script(nothing)
    drain = _filter(redipy, r)

    def filtered() -> None:
        r.rpush("inp", *[str(number) for number in range(1_000)])
        drain(keys={"inp": "inp", "left": "left", "right": "right"}, args={"cmp": 500})

    r.set_value("key", VALUE)
    r.hset("hash", FIELDS)
    scripts = {"empty script": lambda: empty(keys={}, args={}), "filter": filtered}
    return {**operations, "pipeline": pipeline, **scripts}


def _filter(redipy: Any, r: Any) -> Any:
    """The README's script: it drains a list into two others."""
    script = redipy.script
    ctx = script.FnContext()
    limit = ctx.add_arg("cmp")
    inp, left, right = (script.RedisList(ctx.add_key(name)) for name in ("inp", "left", "right"))
    cur = ctx.add_local(inp.lpop())
    loop = ctx.while_(cur.ne_(None))
    below, above = loop.if_(script.ToNum(cur).lt_(limit))
    below.add(left.rpush(cur))
    above.add(right.rpush(cur))
    loop.add(cur.assign(inp.lpop()))
    ctx.set_return_value(None)
    return r.register_script(ctx)


def of_client(r: Any, *, pipeline: bool = True) -> dict[str, Operation]:
    """A package with the calls of redis-py."""
    operations: dict[str, Operation] = {
        "get": lambda: r.get("key"),
        "set": lambda: r.set("key", VALUE),
        "lpush": lambda: r.lpush("list", VALUE),
        "hset": lambda: r.hset("hash", "field:3", VALUE),
        "hgetall": lambda: r.hgetall("hash"),
        "zadd": lambda: r.zadd("zset", {"member": 1.5}),
    }

    def queued() -> Any:
        pipe = r.pipeline()
        for _ in range(100):
            pipe.set("key", VALUE)
        return pipe.execute()

    return {**operations, "pipeline": queued} if pipeline else operations


def credish(_: str | None) -> dict[str, Operation]:
    """credish: no pipelines."""
    import credish

    client = credish.CredishClient()
    operations = of_client(client, pipeline=False)
    client.set("key", VALUE)
    for field, value in FIELDS.items():
        client.hset("hash", field, value)
    return operations


def fakeredis(_: str | None) -> dict[str, Operation]:
    """fakeredis, behind redis-py."""
    import fakeredis

    return _filled(fakeredis.FakeRedis(decode_responses=True))


def redis_py(server: str | None) -> dict[str, Operation]:
    """redis-py, with hiredis if that is installed, to a real server."""
    import redis

    return _filled(redis.Redis.from_url(f"redis://{server}", decode_responses=True))


def _filled(client: Any) -> dict[str, Operation]:
    client.set("key", VALUE)
    client.hset("hash", mapping=FIELDS)
    return of_client(client)


def burner(_: str | None) -> dict[str, Operation]:
    """burner-redis, whose calls are coroutines."""
    import burner_redis

    return of_client(burner_redis.BurnerRedis())


PEERS = {
    "redipy": redipy,
    "original": redipy,
    "credish": credish,
    "burner-redis": burner,
    "fakeredis": fakeredis,
    "redis-py": redis_py,
}


async def serve(peer: str, server: str | None) -> None:
    """Answers every line of input."""
    operations = PEERS[peer](server)
    if peer == "burner-redis":
        for field, value in FIELDS.items():
            await operations["set"]()
            await burner_field(operations, field, value)
    print("ready", flush=True)
    for line in sys.stdin:
        name, count = json.loads(line)
        operation = operations.get(name)
        if operation is None:
            print(json.dumps(None), flush=True)
            continue
        print(json.dumps(await measured(operation, count)), flush=True)


async def burner_field(operations: dict[str, Operation], field: str, value: str) -> None:
    """Fills the hash by the calls that are measured."""
    result = inspect.getclosurevars(operations["hset"]).nonlocals["r"].hset("hash", field, value)
    await result


async def measured(operation: Operation, count: int) -> float:
    """The CPU time of one operation in nanoseconds."""
    result = operation()
    waits = inspect.isawaitable(result)
    if waits:
        await result
    start = time.process_time_ns()
    if waits:
        for _ in range(count):
            await operation()
    else:
        for _ in range(count):
            operation()
    return (time.process_time_ns() - start) / count


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
