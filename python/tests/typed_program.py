"""A program as users of the original write them, with types: mypy is content with it, on the original and here."""

import datetime
from typing import Any

import redis

import redipy
from redipy import (
    ExecFunction,
    LocalRuntime,
    PipelineAPI,
    RedisAPI,
    RedisClientAPI,
    RedisConfig,
    RedisConnection,
    RedisFactory,
    Runtime,
)
from redipy.api import REX_EARLIER, RSM_MISSING, KeyType, RSetMode
from redipy.graph.expr import JSONType
from redipy.helpers.cache import RCache
from redipy.helpers.mavg import RMovingAverage
from redipy.helpers.stack import RStack
from redipy.memory.state import Machine
from redipy.plugin import ArgcSpec, LocalRedisFunction
from redipy.script import FnContext, LogFn, RedisVar


def read(r: RedisAPI, key: str) -> str | None:
    """The value of a key."""
    return r.get_value(key)


def write(r: RedisClientAPI, key: str) -> str | bool | None:
    """Sets a value."""
    return r.set_value(key, "v", mode=RSM_MISSING, expire_in=10.0)


def kind(r: RedisClientAPI) -> KeyType | None:
    """The type of a value."""
    return r.key_type("k")


def queue(r: RedisClientAPI, fields: dict[str, str], scores: dict[str, float]) -> list[Any]:
    """Queues calls."""
    with r.pipeline() as pipe:
        pipe.hset("h", fields)
        pipe.zadd("z", scores)
        more(pipe)
        return pipe.execute()


def more(pipe: PipelineAPI) -> None:
    """Queues more."""
    pipe.get_value("a")
    pipe.keys(match="*")


def factory(*, cfg: RedisConfig) -> redis.Redis:
    """Makes clients of redis-py."""
    return redis.Redis(host=cfg["host"], port=cfg["port"])


made: RedisFactory = factory


def script(r: RedisClientAPI) -> JSONType:
    """Runs a script, and queues it."""
    ctx = FnContext()
    var = RedisVar(ctx.add_key("k"))
    ctx.add(LogFn("notice", "hello"))
    ctx.set_return_value(var.get_value(default=1))
    fun: ExecFunction = r.register_script(ctx)
    with r.pipeline() as pipe:
        fun(keys={"k": "a"}, args={}, client=pipe)
    return fun(keys={"k": "a"}, args={})


def direct(fields: dict[str, str], scores: dict[str, float]) -> str | bool | None:
    """Everything that a client gives."""
    r = redipy.Redis("redis", host="localhost", redis_factory=factory)
    a: int = r.hset("h", fields)
    b: int = r.zadd("z", scores)
    c: float = r.incrby("a", 1.5)
    d: set[str] = r.smembers("s")
    e: list[tuple[str, float]] = r.zpop_max("z", 2)
    f: bool = r.expire("a", mode=REX_EARLIER, expire_timestamp=datetime.datetime.now())
    g: str | None = r.lpop("l")
    h: list[str] | None = r.rpop("l", 3)
    i: dict[str, str | None] = r.hmget("h", "a")
    j: float | None = r.ttl("a")
    k: RedisConnection = r.get_redis_runtime()
    m: LocalRuntime | None = r.maybe_get_memory_runtime()
    for key in r.iter_keys(match="*", filter_type="list"):
        print(key, a, b, c, d, e, f, g, h, i, j, m)
    with k.get_connection() as conn:
        conn.ping()
    n: str | None = r.wait_for("k", lambda: r.get_value("k"), 1.0)
    r.publish("k", n or "")
    return r.set_value("a", "b")


class Fun(LocalRedisFunction):
    """A function of a plug-in."""

    @staticmethod
    def name() -> str:
        return "fun"

    @staticmethod
    def argc() -> ArgcSpec:
        return {"count": 1, "at_least": True}

    @staticmethod
    def call(sm: Machine, key: str, args: list[JSONType]) -> JSONType:
        return sm.get_value(key)


class Store(redipy.Redis):
    """A client with a name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def title(self) -> str | None:
        return self.get_value(self._name)


class Own(Runtime[list[str]]):
    """A runtime of one's own."""

    def __init__(self) -> None:
        super().__init__()

    def get_value(self, key: str) -> str | None:
        return key

    def lpush(self, key: str, *values: str) -> int:
        return len(values)

    def set_value(
        self,
        key: str,
        value: str,
        *,
        mode: RSetMode = "always",
        return_previous: bool = False,
        expire_timestamp: datetime.datetime | None = None,
        expire_in: float | None = None,
        keep_ttl: bool = False,
    ) -> Any:
        return True


def helped() -> tuple[int, JSONType, dict[str, str] | None, float | None]:
    """The helpers."""
    own = redipy.Redis(rt=Own())
    cache: RCache[str, int] = RCache(own, prefix="p", hasher=str, compute=len, value_store=str, value_read=int)
    stack = RStack(own)
    value: JSONType = stack.get_value("a", "b")
    frame: dict[str, str] | None = stack.pop_frame("a")
    mav = RMovingAverage(own, size=3)
    avg: float | None = mav.get_value("a")
    return cache.get_value("a"), value, frame, avg
