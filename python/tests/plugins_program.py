"""Scripts that use the functions of `plugins_local` and `plugins_lua`.

As a program it runs them in process and on the server of a port, which its first argument is, and writes what they give
as JSON. It is run by a Python that has the original, so it needs nothing of ours.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import redipy
from redipy.script import CallFn, FnContext, RedisFn


def add_plugins(r: Any) -> None:
    """Adds the functions to a client of either kind."""
    runtime = r.maybe_get_memory_runtime()
    if runtime is not None:
        runtime.add_redis_function_plugin("plugins_local")
        runtime.add_general_function_plugin("plugins_local")
        return
    backend = r.get_redis_runtime().get_backend()
    backend.add_redis_patch_plugin("plugins_lua")
    backend.add_general_patch_plugin("plugins_lua")
    backend.add_helper_function_plugin("plugins_lua")


def program() -> FnContext:
    """A script that calls all of them."""
    ctx = FnContext()
    record, fields, scores = ctx.add_key("record"), ctx.add_key("fields"), ctx.add_key("scores")
    value, lists = ctx.add_arg("value"), ctx.add_arg("lists")
    results = ctx.add_local([])
    ctx.add(RedisFn("raise_to", record, 2))
    calls = [
        RedisFn("raise_to", record, value),
        RedisFn("hexists", fields, "there"),
        RedisFn("hexists", fields, "not there"),
        RedisFn("zrangebyscore", scores, "-inf", "+inf", "WITHSCORES"),
        CallFn("clamp", value, 3),
        CallFn("clamp", CallFn("clamp", value), 0, 1),
        CallFn("table.flatten", lists),
    ]
    for index, call in enumerate(calls):
        ctx.add(results.set_at(index, call))
    then, other = ctx.if_(RedisFn("hexists", fields, "there"))
    then.add(results.set_at(len(calls), "there"))
    other.add(results.set_at(len(calls), "not there"))
    ctx.set_return_value(results)
    return ctx


KEYS = {"record": "r", "fields": "f", "scores": "s"}


def results(r: Any) -> list[Any]:
    """What the script gives, called twice."""
    add_plugins(r)
    script = r.register_script(program())
    r.hset("f", {"there": "1"})
    r.zadd("s", {"a": 1.5, "b": 2})
    given = [
        script(keys=KEYS, args={"value": value, "lists": lists})
        for value, lists in ((5, [[1], ["b"]]), (1.5, [[0, 2]]))
    ]
    return [*given, r.get_value("r")]


if __name__ == "__main__":
    server = redipy.Redis("redis", host="127.0.0.1", port=int(sys.argv[1]))
    server.flushall()
    print(json.dumps([results(redipy.Redis("memory")), results(server)]))
