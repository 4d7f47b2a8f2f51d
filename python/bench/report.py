"""The comparison as a part of docs/benchmarks.md: tables, and where others are faster."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- benchmark of Python -->\n", "<!-- /benchmark of Python -->\n"

ORIGINAL = "redipy 0.7.1"


class Line(NamedTuple):
    """A row of a table.

    Attributes:
        title: what the page calls it.
        divided: how many things one call does.
    """

    title: str
    divided: int = 1


LINES = {
    "get": Line("get"),
    "set": Line("set"),
    "lpush": Line("lpush"),
    "lpop": Line("lpop"),
    "hset": Line("hset, one field of 10"),
    "hget": Line("hget"),
    "hgetall": Line("hgetall, 10 fields"),
    "hgetall-bytes": Line("hgetall as bytes"),
    "changed": Line("hset, then hgetall, 10 fields"),
    "lrange": Line("lrange, 100 elements"),
    "zadd": Line("zadd"),
    "incr": Line("incr"),
    "pipeline": Line("pipeline of 100 sets, each", 100),
    "empty": Line("script that does nothing"),
    "filter": Line("filter script, each of 1,000 items", 1_000),
}
"""What is measured in this process, by its name in the worker."""

SERVER_LINES = {
    "get": Line("get"),
    "set": Line("set"),
    "hgetall": Line("hgetall, 10 fields"),
    "pipeline": Line("pipeline of 100 sets, each", 100),
}
"""What is measured on a real server."""

FLOORS = ("PyO3 and a map", "PyO3 alone")
"""Peers that are no packages: what any package in Rust has to pay."""

Times = dict[str, dict[str, float]]
"""By row and peer: nanoseconds of CPU time."""


def table(title: str, peers: list[str], lines: dict[str, Line], times: Times) -> str:
    """A table, ours first, with each peer's time as a multiple of ours."""
    rows = [f"| {title} | " + " | ".join(peers) + " |", "| --- |" + " --: |" * len(peers)]
    for name, found in times.items():
        ours = found[peers[0]]
        others = [f"{found[peer]:,.0f} · {multiple(ours, found[peer])}" if peer in found else "-" for peer in peers[1:]]
        rows.append(f"| {lines[name].title} | " + " | ".join([f"{ours:,.0f}", *others]) + " |")
    return "\n".join(rows) + "\n"


def multiple(ours: float, theirs: float) -> str:
    """How many times ours theirs is."""
    return f"{theirs / ours:.1f}" if theirs > 9.95 * ours else f"{theirs / ours:.2f}"


def losses(peers: list[str], lines: dict[str, Line], times: Times) -> list[str]:
    """Where another package is faster than ours, each in a sentence."""
    found = []
    for name, cells in times.items():
        ours = cells[peers[0]]
        for peer in peers[1:]:
            if peer in cells and peer not in FLOORS and cells[peer] < ours:
                theirs = f"{peer} {cells[peer]:,.0f} ns, {multiple(ours, cells[peer])} times redipy's"
                found.append(f"{lines[name].title}: redipy {ours:,.0f} ns, {theirs}.")
    return found


def document(machine: str, tables: list[str], lost: list[str]) -> str:
    """All of it."""
    lines = "Where others are faster:\n\n" + "".join(f"- {line}\n" for line in lost)
    return "\n".join([machine + "\n", *tables, lines if lost else "In these tables no other package is faster.\n"])


def write(text: str) -> None:
    """Puts a text between the marks of the page.

    Raises:
        ValueError: the page has no such marks.
    """
    page = PAGE.read_text()
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} needs the lines {BEGIN.strip()} and {END.strip()}")
    PAGE.write_text(f"{before}{begin}{text}{end}{after}")
