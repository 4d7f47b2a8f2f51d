"""The comparison as a part of the README: tables, and where they fall short of what is promised."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- benchmark -->\n", "<!-- /benchmark -->\n"

FLOOR = "PyO3 and a map"
ORIGINAL = "redipy 0.7.1"


class Line(NamedTuple):
    """A row of a table.

    Attributes:
        title: what the README calls it.
        divided: how many things one call does.
        most: the times of a peer that ours may be at most; elsewhere ours promises to be ahead.
        limit: nanoseconds that ours may take at most.
    """

    title: str
    divided: int = 1
    most: dict[str, float] = {}  # noqa: RUF012
    limit: float | None = None


LINES = {
    "get": Line("get", most={FLOOR: 1.6}),
    "set": Line("set", most={FLOOR: 1.6}),
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
    "empty": Line("script that does nothing", limit=1_000),
    "filter": Line("filter script, each of 1,000 items", 1_000, most={ORIGINAL: 1 / 40}),
}
"""What is measured in this process, by its name in the worker."""

SERVER_LINES = {
    "get": Line("get"),
    "set": Line("set"),
    "hgetall": Line("hgetall, 10 fields"),
    "pipeline": Line("pipeline of 100 sets, each", 100),
}
"""What is measured on a real server."""

FLOORS = (FLOOR, "PyO3 alone")
"""Peers that nobody can be ahead of."""

Times = dict[str, dict[str, float]]
"""By row and peer: nanoseconds of CPU time."""


def table(title: str, peers: list[str], lines: dict[str, Line], times: Times) -> str:
    """A table, ours first, with each peer's time as a multiple of ours."""
    rows = [f"| {title} | " + " | ".join(peers) + " |", "| --- |" + " --: |" * len(peers)]
    for name, found in times.items():
        line, ours = lines[name], found[peers[0]]
        cells = [f"{ours:,.0f}"]
        for peer in peers[1:]:
            cells.append(cell(ours, found[peer], is_kept(line, peer, ours, found[peer])) if peer in found else "-")
        rows.append(f"| {line.title} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def cell(ours: float, theirs: float, kept: bool) -> str:
    """A peer's time and its multiple of ours, bold where ours falls short."""
    times = f"{theirs / ours:.1f}" if theirs > 9.95 * ours else f"{theirs / ours:.2f}"
    return f"{theirs:,.0f} · {times if kept else f'**{times}**'}"


def is_kept(line: Line, peer: str, ours: float, theirs: float) -> bool:
    """Whether ours is where it promises to be, seen from a peer."""
    if peer in FLOORS and peer not in line.most:
        return True
    return ours <= line.most.get(peer, 1.0) * theirs


def misses(peers: list[str], lines: dict[str, Line], times: Times) -> list[str]:
    """Where ours falls short, each in a sentence."""
    found = []
    for name, cells in times.items():
        line, ours = lines[name], cells[peers[0]]
        if line.limit is not None and ours > line.limit:
            found.append(f"{line.title}: {ours:,.0f} ns, where at most {line.limit:,.0f} were promised.")
        for peer in peers[1:]:
            if peer in cells and not is_kept(line, peer, ours, cells[peer]):
                promise = promised(line.most[peer]) if peer in line.most else "no more was promised"
                found.append(f"{line.title}: {ours:,.0f} ns, {peer} {cells[peer]:,.0f} ns; {promise}.")
    return found


def promised(most: float) -> str:
    """A promise about a multiple."""
    return f"at most {most:g} times that was promised" if most > 1 else f"a {1 / most:g}th of that was promised"


def document(machine: str, tables: list[str], missed: list[str]) -> str:
    """All of it."""
    lines = "Where we fall short:\n\n" + "".join(f"- {line}\n" for line in missed)
    return "\n".join([machine + "\n", *tables, lines if missed else "Nowhere do we fall short of what is promised.\n"])


def write(text: str) -> None:
    """Puts a text between the marks of the README.

    Raises:
        ValueError: the README has no such marks.
    """
    readme = README.read_text()
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{README.name} needs the lines {BEGIN.strip()} and {END.strip()}")
    README.write_text(f"{before}{begin}{text}{end}{after}")
