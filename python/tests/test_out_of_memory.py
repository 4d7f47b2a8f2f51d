"""A value that is too large for memory is a `MemoryError`, and not the end of Python."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = r"""
import asyncio
import resource

import redipy
import redipy.aio

r, raw = redipy.Redis(), redipy.Redis(url="memory://large", decode=False)
text = "x" * 40_000_000
r.set_value("half", text)
raw.set_value("half", text)
r.hset("h", {"f": "v"})
asyncio.run(redipy.aio.Redis(r).strlen("half"))

with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 30_000_000, resource.RLIM_INFINITY))


def queued():
    with r.pipeline() as pipe:
        pipe.rpush("l", text)


CALLS = [
    lambda: r.setrange("k", 400_000_000, "x"),
    lambda: r.setrange("half", 400_000_000, "x"),
    lambda: r.append("half", text),
    lambda: r.append("k", text),
    lambda: r.set_value("k", text),
    lambda: r.mset({"k": "v", "other": text}),
    lambda: r.hset("h", {"f": text}),
    lambda: r.zadd("z", {text: 1}),
    lambda: r.execute_command("SADD", "s", text),
    lambda: r.get_value("half"),
    lambda: r.getrange("half", 0, -1),
    lambda: r.getdel("half"),
    lambda: r.set_value("half", "v", return_previous=True),
    lambda: r.execute_command("GET", "half"),
    lambda: r.mget("half", "half"),
    lambda: raw.get_value("half"),
    lambda: asyncio.run(redipy.aio.Redis(r).get_value("half")),
    queued,
]
for number, call in enumerate(CALLS):
    try:
        call()
    except MemoryError:
        continue
    print("no MemoryError from call", number)

assert r.strlen("half") == raw.strlen("half") == len(text)
assert r.keys() == {"half", "h"} and r.hgetall("h") == {"f": "v"}
print(r.set_value("k", "v"), r.get_value("k"))
"""


def test_values_that_are_too_large() -> None:
    """Each call fails alone, nothing is changed, and all goes on."""
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "True v\n"), run.stderr
