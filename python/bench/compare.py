"""Compares this package with others: CPU time of a call, all in one run, taking turns, medians.

Each sample is as many calls as a package does in a fixed time. The packages are in three environments, of which the one
that runs this has ours.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import report

WORKER = Path(__file__).with_name("worker.py")


class Failed(Exception):
    """Why the comparison cannot be made."""


class Peer(NamedTuple):
    """A package with a process of its own."""

    name: str
    process: subprocess.Popen[str]
    versions: list[str]

    def ask(self, row: str, seconds: float) -> float | None:
        """The CPU time of one call in nanoseconds; None if the package has no such call."""
        assert self.process.stdin is not None
        print(json.dumps([row, seconds]), file=self.process.stdin, flush=True)
        answer: float | None = json.loads(line_of(self.process, self.name))
        return answer


def line_of(process: subprocess.Popen[str], name: str) -> str:
    """What a worker says next."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise Failed(f"{name} ended without an answer, with the status {process.wait()}")
    return line


def start(stack: ExitStack, name: str, python: str, peer: str, url: str | None = None) -> Peer:
    """Starts a worker in a directory of its own, since some packages leave files behind; it ends with the stack."""
    if shutil.which(python) is None:
        raise Failed(f"there is no {python}, which is to have {name}: run scripts/bench-python")
    command = [str(Path(python).absolute()), str(WORKER), peer, *([url.removeprefix("redis://")] if url else [])]
    directory = stack.enter_context(tempfile.TemporaryDirectory())
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=directory)
    stack.enter_context(process)
    stack.callback(process.kill)
    return Peer(name, process, json.loads(line_of(process, name)))


def measure(peers: list[Peer], lines: dict[str, report.Line], chosen: argparse.Namespace) -> report.Times:
    """For each row the median of every peer that has it."""
    table: report.Times = {}
    for row, line in lines.items():
        if chosen.only and row not in chosen.only:
            continue
        times: dict[str, list[float]] = {}
        for turn in range(chosen.rounds):
            # Another one begins every time.
            for index in range(len(peers)):
                peer = peers[(index + turn) % len(peers)]
                time = peer.ask(row, chosen.seconds)
                if time is not None:
                    times.setdefault(peer.name, []).append(time / line.divided)
        table[row] = {name: statistics.median(found) for name, found in times.items()}
        print(f"bench-python: {line.title}", file=sys.stderr)
    return table


def machine(peers: list[Peer], server: str) -> str:
    """Where and when this was measured, and with what."""
    cpu = "an unknown processor"
    info = Path("/proc/cpuinfo")
    for line in info.read_text().splitlines() if info.exists() else []:
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
    versions = list(dict.fromkeys(version for peer in peers for version in peer.versions))
    return (
        f"Measured on {datetime.date.today()} on {cpu} ({os.cpu_count()} cores) with Python {platform.python_version()}, "
        f"{', '.join(versions)}, {server}, by `make bench-python`."
    )


def run(chosen: argparse.Namespace) -> str:
    """Measures everything."""
    # They are needed for a run, but not for the help.
    from redipy.testing import server

    program = shutil.which("redis-server")
    if program is None:
        raise Failed("there is no redis-server, which this package and redis-py are compared on: install it")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    with ExitStack() as stack:
        here = [
            start(
                stack, name, {"redipy": sys.executable, report.ORIGINAL: chosen.original}.get(name, chosen.rivals), name
            )
            for name in ("redipy", report.ORIGINAL, "burner-redis", "credish", "fakeredis", *report.FLOORS)
        ]
        url = stack.enter_context(server(program))
        there = [
            start(stack, "redipy", sys.executable, "redipy", url),
            start(stack, "redis-py with hiredis", chosen.rivals, "redis-py", url),
        ]
        tables, lost = [], []
        for title, peers, lines in (
            ("in this process", here, report.LINES),
            ("on a real server, the client's part", there, report.SERVER_LINES),
        ):
            names, times = [peer.name for peer in peers], measure(peers, lines, chosen)
            if times:
                tables.append(report.table(f"{title}: ns, · times redipy's", names, lines, times))
                lost += report.losses(names, lines, times)
        return report.document(machine(here + there, f"redis-server {version.removeprefix('v=')}"), tables, lost)


def positive(text: str) -> int:
    """A number of rounds."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="bench-python", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the tables into docs/benchmarks.md")
    parser.add_argument(
        "--only", action="append", metavar="NAME", choices=list(report.LINES), help=f"one of {', '.join(report.LINES)}"
    )
    parser.add_argument("--rounds", type=positive, default=31, help="how many samples each median is of: 31")
    parser.add_argument("--dry-run", action="store_true", help="check the arguments, measure nothing")
    of = "a Python that has "
    parser.add_argument(
        "--rivals", default="", help=f"{of}burner-redis, credish, fakeredis, redis[hiredis], redipy-floor"
    )
    parser.add_argument("--original", default="", help=f"{of}redipy==0.7.1")
    # Short samples: what else the machine does then falls upon all peers alike.
    parser.set_defaults(seconds=0.025)
    chosen = parser.parse_args()
    if chosen.write and chosen.only:
        parser.error("--write needs all rows: leave out --only")
    return chosen


def main() -> None:
    """Reads the arguments, measures, and prints or writes."""
    chosen = options()
    if chosen.dry_run:
        return
    try:
        text = run(chosen)
        if chosen.write:
            report.write(text)
    except (Failed, ValueError) as error:
        sys.exit(f"bench-python: {error}")
    print(text, end="")


if __name__ == "__main__":
    main()
