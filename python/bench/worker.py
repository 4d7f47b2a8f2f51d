"""One package's side of the comparison: a process that does what it is told and says how long it took.

Each package is in a process of its own, because two of them have the same name. The first line of output says which
versions are here. A line of input is a row of the table and how long a sample takes, in seconds; the answer is the CPU
time of one call in nanoseconds, or null if the package has no such call.
"""

from __future__ import annotations

import asyncio
import json
import sys
import textwrap
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, NamedTuple

VALUE = "v" * 64
FIELDS: dict[Any, Any] = {f"field:{i}": VALUE for i in range(10)}
ITEMS = [f"{i:064}" for i in range(100)]


class Row(NamedTuple):
    """A call as a user writes it.

    Attributes:
        call: the statement that is repeated; `i` counts.
        before: what is done before a sample of `count` calls, whose time does not count.
        most: how many calls a sample has at most.
    """

    call: str
    before: str = ""
    most: int = 1_000_000


class Peer(NamedTuple):
    """A package: its rows by name, what their statements can name, the packages whose versions matter."""

    rows: dict[str, Row]
    names: dict[str, Any]
    packages: tuple[str, ...]


HGETALL_AS_BYTES = {"hgetall-bytes": Row('as_bytes.hgetall("hash")')}


def lists(push: str, pop: str, delete: str) -> dict[str, Row]:
    """The rows that make lists longer and shorter, which start with a list that is known."""
    fill = f"{delete}\nfor _ in range(count):\n    {push}"
    return {"lpush": Row(push, delete, 100_000), "lpop": Row(pop, fill, 100_000)}


def redipy(server: str | None) -> Peer:
    """Ours: the calls of the original, and bytes."""
    import redipy

    peer, as_bytes = original(server), redipy.Redis(decode=False)
    as_bytes.hset("hash", FIELDS)
    return Peer({**peer.rows, **HGETALL_AS_BYTES}, {**peer.names, "as_bytes": as_bytes}, peer.packages)


def original(server: str | None) -> Peer:
    """The calls that ours and the original have."""
    import redipy

    host, port = (server or ":").rsplit(":", 1)
    r: Any = redipy.Redis(host=host, port=int(port)) if server else redipy.Redis()
    r.set_value("key", VALUE)
    r.hset("hash", FIELDS)
    r.delete("items")
    r.rpush("items", *ITEMS)
    pipeline = """\
        with r.pipeline() as pipe:
            for _ in range(100):
                pipe.set_value("key", VALUE)
            pipe.execute()"""
    script = 'drain(keys={"inp": f"inp:{i}", "left": "left", "right": "right"}, args={"cmp": 500})'
    fill = """\
        r.delete("left", "right")
        for i in range(count):
            r.rpush(f"inp:{i}", *NUMBERS)"""
    rows = {
        "get": Row('r.get_value("key")'),
        "set": Row('r.set_value("key", VALUE)'),
        **lists('r.lpush("list", VALUE)', 'r.lpop("list")', 'r.delete("list")'),
        "hset": Row('r.hset("hash", {"field:3": VALUE})'),
        "hget": Row('r.hget("hash", "field:3")'),
        "hgetall": Row('r.hgetall("hash")'),
        "changed": Row('r.hset("hash", {"field:0": str(i)}); r.hgetall("hash")'),
        "lrange": Row('r.lrange("items", 0, -1)'),
        "zadd": Row('r.zadd("zset", {"member": 1.5})'),
        "incr": Row('r.incrby("number", 1)'),
        "pipeline": Row(textwrap.dedent(pipeline)),
        "empty": Row("empty(keys={}, args={})"),
        "filter": Row(script, textwrap.dedent(fill), 100),
    }
    nothing = redipy.script.FnContext()
    nothing.set_return_value(None)
    names = {"r": r, "empty": r.register_script(nothing), "drain": drain(redipy.script, r)}
    return Peer(rows, {**names, "NUMBERS": [str(number) for number in range(1_000)]}, ("redipy",))


def drain(script: Any, r: Any) -> Any:
    """The README's script: it drains a list into two others."""
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


def calls_of_redis_py(wait: str = "") -> dict[str, Row]:
    """The calls of redis-py, for all packages that have its names; `wait` is what stands before each that is executed."""
    pipeline = f"""\
        pipe = r.pipeline()
        for _ in range(100):
            pipe.set("key", VALUE)
        {wait}pipe.execute()"""
    return {
        "get": Row(f'{wait}r.get("key")'),
        "set": Row(f'{wait}r.set("key", VALUE)'),
        **lists(f'{wait}r.lpush("list", VALUE)', f'{wait}r.lpop("list")', f'{wait}r.delete("list")'),
        "hset": Row(f'{wait}r.hset("hash", "field:3", VALUE)'),
        "hget": Row(f'{wait}r.hget("hash", "field:3")'),
        "hgetall": Row(f'{wait}r.hgetall("hash")'),
        "changed": Row(f'{wait}r.hset("hash", "field:0", str(i)); {wait}r.hgetall("hash")'),
        "lrange": Row(f'{wait}r.lrange("items", 0, -1)'),
        "zadd": Row(f'{wait}r.zadd("zset", {{"member": 1.5}})'),
        "incr": Row(f'{wait}r.incr("number")'),
        "pipeline": Row(textwrap.dedent(pipeline)),
    }


def without(rows: dict[str, Row], *missing: str) -> dict[str, Row]:
    """The rows without those that a package lacks."""
    return {name: row for name, row in rows.items() if name not in missing}


def credish(_: str | None) -> Peer:
    """credish, which has no pipelines, and whose lpop and incr fail; without its files, since nobody else writes any.

    It gives bytes unless it is asked for texts, which only the row that has the other form asks for.
    """
    import credish

    r = credish.CredishClient(persistence=credish.PERSISTENCE.NONE)
    r.set("key", VALUE)
    for field, value in FIELDS.items():
        r.hset("hash", field, value)
    r.rpush("items", *ITEMS)
    rows = {
        **without(calls_of_redis_py(), "lpop", "pipeline"),
        "hgetall": Row('r.hgetall("hash", native=True)'),
        "incr": Row('r.incrby("number", 1)'),
        **HGETALL_AS_BYTES,
    }
    return Peer(rows, {"r": r, "as_bytes": r}, ("credish",))


def fakeredis(_: str | None) -> Peer:
    """fakeredis, behind redis-py."""
    import fakeredis

    peer, as_bytes = filled(fakeredis.FakeRedis(decode_responses=True), "fakeredis"), fakeredis.FakeRedis()
    as_bytes.hset("hash", mapping=FIELDS)
    return Peer({**peer.rows, **HGETALL_AS_BYTES}, {**peer.names, "as_bytes": as_bytes}, peer.packages)


def redis_py(server: str | None) -> Peer:
    """redis-py with hiredis, to a real server."""
    import redis

    return filled(redis.Redis.from_url(f"redis://{server}", decode_responses=True), "redis", "hiredis")


def filled(r: Any, *packages: str) -> Peer:
    """A client of redis-py, and what the rows read."""
    r.set("key", VALUE)
    r.hset("hash", mapping=FIELDS)
    r.delete("items")
    r.rpush("items", *ITEMS)
    return Peer(calls_of_redis_py(), {"r": r}, packages)


async def burner(_: str | None) -> Peer:
    """burner-redis, whose calls are coroutines, and which gives bytes."""
    import burner_redis

    r = burner_redis.BurnerRedis()
    await r.set("key", VALUE)
    for field, value in FIELDS.items():
        await r.hset("hash", field, value)
    await r.rpush("items", *ITEMS)
    rows = without(calls_of_redis_py("await "), "incr")
    return Peer({**rows, "hgetall-bytes": rows["hgetall"]}, {"r": r}, ("burner-redis",))


def floor(_: str | None) -> Peer:
    """What PyO3 costs when nothing is done."""
    import redipy_floor

    return Peer({"get": Row('r.get("key")'), "set": Row('r.set("key", VALUE)')}, {"r": redipy_floor.Floor(VALUE)}, ())


def floor_map(_: str | None) -> Peer:
    """What PyO3 and a map behind a lock cost."""
    import redipy_floor

    r = redipy_floor.Map()
    r.set("key", VALUE)
    return floor(None)._replace(names={"r": r})


PEERS: dict[str, Callable[[str | None], Any]] = {
    "redipy": redipy,
    "PyO3 and a map": floor_map,
    "PyO3 alone": floor,
    "redipy 0.7.1": original,
    "burner-redis": burner,
    "credish": credish,
    "fakeredis": fakeredis,
    "redis-py": redis_py,
}


class Sampler:
    """Measures a row; the first time it finds out how many calls a sample has."""

    def __init__(self, row: Row, names: dict[str, Any]) -> None:
        self.row = row
        self.count = 0
        self.before = _compiled(row.before or "pass", names, "")
        self.run = _compiled(row.call, names, "for i in range(count):")

    async def sample(self, seconds: float) -> float:
        """The CPU time of one call in nanoseconds, from a sample that takes about so many seconds."""
        if self.count == 0:
            await self._calibrate(seconds)
        return (await self._time(self.count, time.process_time_ns)) / self.count

    async def _calibrate(self, seconds: float) -> None:
        """Doubles the number of calls until they take long enough to be judged."""
        count = 1
        while (taken := await self._time(count, time.perf_counter_ns)) < seconds * 2e8 and count < self.row.most:
            count *= 2
        self.count = max(1, min(self.row.most, int(count * seconds * 1e9 / taken)))

    async def _time(self, count: int, clock: Callable[[], int]) -> int:
        await self.before(count)
        taken: int = await self.run(count, clock)
        return taken


def _compiled(statement: str, names: dict[str, Any], loop: str) -> Any:
    """A coroutine function that takes the number of calls and a clock, and gives how long the loop took."""
    body = textwrap.indent(statement, "    ") if loop else statement
    lines = [
        "async def run(count, clock=int):",
        "    start = clock()",
        textwrap.indent(f"{loop}\n{body}", "    "),
        "    return clock() - start",
    ]
    scope = {**names, "VALUE": VALUE}
    exec("\n".join(lines), scope)
    return scope["run"]


async def serve(name: str, server: str | None) -> None:
    """Answers every line of input."""
    peer = PEERS[name](server)
    if asyncio.iscoroutine(peer):
        peer = await peer
    samplers = {row: Sampler(how, peer.names) for row, how in peer.rows.items()}
    print(json.dumps([f"{package} {version(package)}" for package in peer.packages]), flush=True)
    for line in sys.stdin:
        row, seconds = json.loads(line)
        sampler = samplers.get(row)
        print(json.dumps(await sampler.sample(seconds) if sampler else None), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
