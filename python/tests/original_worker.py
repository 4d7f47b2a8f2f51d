"""Makes calls on a redipy and tells what they gave, as JSON: on ours, or as a program on the original.

As a program it reads one request a line from its input, ``{"backend": .., "port": .., "prefix": .., "calls": [[name, args,
named], ..]}``, and writes one line with the list of answers. It is run by a Python that has the original, so it needs
nothing of ours.
"""

from __future__ import annotations

import datetime
import json
import sys
from typing import Any

import redipy
from redipy.script import FnContext, RedisList, ToNum

KEYS = ["a", "b", "c", "d:1", "schlüssel", ""]
"""The keys that calls are made on."""


def connect(backend: str, port: int, prefix: str) -> Any:
    """An empty Redis in this process, or on the server of a port; the prefix is for the latter, as in the original."""
    if backend == "memory":
        return redipy.Redis("memory")
    client = redipy.Redis("redis", host="127.0.0.1", port=port, prefix=prefix)
    client.flushall()
    return client


def perform(target: Any, calls: list[Any]) -> list[Any]:
    """Makes calls, one after the other: of each the answer and how many keys there are after it, and at last all values."""
    answers = [[answer(target, *call), target.exists(*KEYS)] for call in calls]
    return [*answers, [values(target), 0]]


def values(target: Any) -> Any:
    """All values, and which of them expire."""
    readers = {
        "string": target.get_value,
        "list": lambda key: target.lrange(key, 0, -1),
        "hash": target.hgetall,
        "set": target.smembers,
        "zset": lambda key: target.zpop_min(key, 1000),
    }
    types = {key: target.key_type(key) for key in KEYS}
    return encode({key: [target.ttl(key) != -1, readers[kind](key)] for key, kind in types.items() if kind})


def answer(target: Any, name: str, args: list[Any], named: dict[str, Any]) -> Any:
    """Makes a call; what it gives or raises, as JSON."""
    try:
        special = SPECIAL.get(name)
        result = special(target, *args) if special else getattr(target, name)(*args, **read(named))
    except Exception as error:
        return {"raises": [clazz.__name__ for clazz in type(error).__mro__], "text": str(error)}
    return encode(result)


def read(named: dict[str, Any]) -> dict[str, Any]:
    """Named arguments; of a timestamp the seconds from now were sent."""
    seconds = named.get("expire_timestamp")
    if seconds is None:
        return named
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return {**named, "expire_timestamp": when}


def encode(value: Any) -> Any:
    """A value as JSON; what JSON has no name for is put into an object whose only key is the type."""
    if isinstance(value, (list, tuple)):
        items = [encode(item) for item in value]
        return items if isinstance(value, list) else {"tuple": items}
    if isinstance(value, (set, frozenset)):
        return {"set": sorted(value)}
    if isinstance(value, dict):
        return {"dict": [[key, encode(item)] for key, item in sorted(value.items())]}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return {type(value).__name__: repr(value)}


def scan_all(target: Any, match: str | None, count: int | None, filter_type: Any) -> list[str]:
    """All keys that SCAN gives until its cursor is 0 again; cursors and the order of keys mean nothing."""
    cursor, found = 0, set()
    while True:
        cursor, keys = target.scan(cursor, match=match, count=count, filter_type=filter_type)
        found.update(keys)
        if cursor == 0:
            return sorted(found)


def pipe(target: Any, calls: list[Any]) -> Any:
    """The results of a pipeline, whose calls give None."""
    with target.pipeline() as queue:
        for name, args, named in calls:
            if getattr(queue, name)(*args, **read(named)) is not None:
                raise AssertionError(f"{name} gave something before the pipeline was executed")
        return queue.execute()


def discarded(target: Any, calls: list[Any]) -> Any:
    """A pipeline whose block ends with an exception: nothing is executed."""
    with target.pipeline() as queue:
        for name, args, named in calls:
            getattr(queue, name)(*args, **read(named))
        raise KeyError("left")


def implicit(target: Any, calls: list[Any]) -> None:
    """A pipeline that is executed because its block ends."""
    with target.pipeline() as queue:
        for name, args, named in calls:
            getattr(queue, name)(*args, **read(named))


def drain(target: Any, inp: str, left: str, right: str, limit: float) -> Any:
    """The script of the README, which sorts the items of a list into two."""
    ctx = FnContext()
    cmp = ctx.add_arg("cmp")
    source, low, high = (RedisList(ctx.add_key(name)) for name in ("inp", "left", "right"))
    cur = ctx.add_local(source.lpop())
    loop = ctx.while_(cur.ne_(None))
    then, otherwise = loop.if_(ToNum(cur).lt_(cmp))
    then.add(low.rpush(cur))
    otherwise.add(high.rpush(cur))
    loop.add(cur.assign(source.lpop()))
    ctx.set_return_value(None)
    return target.register_script(ctx)(keys={"inp": inp, "left": left, "right": right}, args={"cmp": limit})


SPECIAL = {
    "scan": scan_all,
    "keys_block": lambda target, match, kind: sorted(target.keys_block(match=match, filter_type=kind)),
    "iter_keys": lambda target, match, kind: sorted(target.iter_keys(match=match, filter_type=kind)),
    "keys": lambda target, match, kind, block: target.keys(match=match, filter_type=kind, block=block),
    "wait_for": lambda target, key, value, timeout: target.wait_for(key, lambda: value, timeout),
    "ttl": lambda target, key: None if (left := target.ttl(key)) is None else float(round(left)),
    "pipeline": pipe,
    "pipeline, implicit": implicit,
    "pipeline, discarded": discarded,
    "register_script": drain,
}


def main() -> None:
    """Serves requests until the input ends."""
    # The original prints the Lua of scripts that fail, which must not come between the answers.
    output, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        request = json.loads(line)
        answers = perform(connect(request["backend"], request["port"], request["prefix"]), request["calls"])
        print(json.dumps(answers), file=output, flush=True)


if __name__ == "__main__":
    main()
