"""Compares this package with others: CPU time of a call, all in one run, taking turns, medians.

The packages are in three environments, of which this one has ours. What an environment lacks has no column.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from redipy.testing import server

WORKER = Path(__file__).with_name("worker.py")

OPERATIONS = {
    "get": ("get", 20_000, 1),
    "set": ("set", 20_000, 1),
    "lpush": ("lpush", 20_000, 1),
    "hset": ("hset, a field of 10", 20_000, 1),
    "hgetall": ("hgetall of 10 fields", 5_000, 1),
    "zadd": ("zadd", 20_000, 1),
    "pipeline": ("a pipeline of 100 sets", 50, 1),
    "empty script": ("a script that does nothing", 5_000, 1),
    "filter": ("filter script, each of 1,000 items", 5, 1_000),
}
"""By its name in the worker: what it is called, how often it is done in a turn, and what it is divided by."""


class Peer(NamedTuple):
    """A package with a process of its own."""

    name: str
    process: subprocess.Popen[str]

    def ask(self, operation: str, count: int) -> float | None:
        """The CPU time of one operation in nanoseconds; None if the package cannot do it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps([operation, count]), file=self.process.stdin, flush=True)
        answer: float | None = json.loads(self.process.stdout.readline())
        return answer


def start(name: str, python: str, peer: str, url: str | None = None) -> Peer | None:
    """Starts a worker; None, with a word about it, if its package is not there."""
    command = [python, str(WORKER), peer, *([] if url is None else [url.removeprefix("redis://")])]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    if process.stdout.readline() == "ready\n":
        return Peer(name, process)
    process.wait()
    print(f"bench-python: {name} is not there: it has no column", file=sys.stderr)
    return None


def peers(rivals: str, original: str, url: str | None) -> list[Peer]:
    """All packages, ours first."""
    found = [
        start("redipy", sys.executable, "redipy"),
        start("redipy 0.7.1, memory", original, "original"),
        start("burner-redis", rivals, "burner-redis"),
        start("credish", rivals, "credish"),
        start("fakeredis", rivals, "fakeredis"),
    ]
    if url is not None:
        found.append(start("redipy, server", sys.executable, "redipy", url))
        found.append(start("redis-py and hiredis, server", rivals, "redis-py", url))
    return [peer for peer in found if peer is not None]


def measure(workers: list[Peer], rounds: int) -> dict[str, list[float | None]]:
    """For each operation the median of every package."""
    table: dict[str, list[float | None]] = {}
    for operation, (title, count, divided) in OPERATIONS.items():
        times: list[list[float]] = [[] for _ in workers]
        for turn in range(rounds):
            # Another one begins every time.
            for index in range(len(workers)):
                at = (index + turn) % len(workers)
                time = workers[at].ask(operation, count)
                times[at] += [] if time is None else [time / divided]
        table[title] = [statistics.median(found) if found else None for found in times]
        print(title, [None if time is None else round(time) for time in table[title]], file=sys.stderr)
    return table


def markdown(names: list[str], table: dict[str, list[float | None]]) -> str:
    """The table, with each rival's time as a multiple of ours."""
    lines = ["| ns of CPU time | " + " | ".join(names) + " |", "|---|" + "--:|" * len(names)]
    for title, (ours, *others) in table.items():
        assert ours is not None
        cells = ["" if other is None else f"{other:,.0f} · {other / ours:.1f}" for other in others]
        lines.append(f"| {title} | {ours:,.0f} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Reads the arguments, measures and prints."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--rivals", required=True, help="a Python that has burner-redis, credish, fakeredis, redis[hiredis]"
    )
    arguments.add_argument("--original", required=True, help="a Python that has redipy==0.7.1")
    arguments.add_argument("--rounds", type=int, default=9)
    chosen = arguments.parse_args()
    program = shutil.which("redis-server")
    if program is None:
        print("bench-python: there is no redis-server: nothing is measured on a server", file=sys.stderr)
        run(chosen, None)
        return
    with server(program) as url:
        run(chosen, url)


def run(chosen: argparse.Namespace, url: str | None) -> None:
    """Measures with these environments, and a server if there is one."""
    workers = peers(chosen.rivals, chosen.original, url)
    try:
        table = measure(workers, chosen.rounds)
    finally:
        for worker in workers:
            worker.process.kill()
    print(f"Python {sys.version.split()[0]}, {os.uname().machine}\n")
    print(markdown([worker.name for worker in workers], table))


if __name__ == "__main__":
    main()
