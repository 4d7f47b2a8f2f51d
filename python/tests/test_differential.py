"""Random calls on the original and on ours, each in process and on the same server.

Where the original's two backends agree, ours give their answer. Where they do not, ours give one of the two, the same on
both of our backends. The ways in which the original's backends disagree stand in `DISAGREEMENTS`, and what is meant to be
different in `DELIBERATE`; docs/compat-redipy.md explains both.

``REDIPY_ORIGINAL_PYTHON`` names a Python that has redipy 0.7.1; without it nothing is compared. ``REDIPY_SEED`` is where
the random calls begin, and ``REDIPY_SEQUENCES`` says how many sequences of them are made.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import original_worker
import pytest
from random_calls import MAKERS, PIPELINES, Call, Calls

SEED = int(os.environ.get("REDIPY_SEED", "0"))
SEQUENCES = int(os.environ.get("REDIPY_SEQUENCES", "300"))
LENGTH = 14


class Disagreement(NamedTuple):
    """A way in which the original's backends disagree, and which of the two ours follow."""

    calls: tuple[str, ...]
    kind: str
    ours: str
    why: str


POPS = ("lpop", "rpop", "zpop_max", "zpop_min")

DISAGREEMENTS = [
    Disagreement(
        (*POPS, "register_script", *PIPELINES),
        "keys differ",
        "server",
        "in memory a pop of a missing key leaves an empty list or sorted set behind, which then exists and has a type",
    ),
    Disagreement(
        ("delete", "exists", "hdel", "hmget", "hset", "lpush", "rpush", "sadd", "srem", "zadd", *POPS, *PIPELINES),
        "server raises",
        "server",
        "in memory a call without keys, values or fields does nothing, and a negative count is taken as 0",
    ),
    Disagreement(("incrby", "hincrby"), "server raises", "server", "in memory spaces around a number are ignored"),
    Disagreement(
        ("keys", "keys_block"), "server raises", "memory", "the server's KEYS cannot filter by type; ours scan"
    ),
    Disagreement(("scan", "iter_keys"), "server raises", "memory", "without a prefix the server's keys cannot be read"),
    Disagreement(("set_value",), "server raises", "memory", "a time that is over deletes the key, as PXAT does"),
    Disagreement(("set_value",), "server raises", "server", "an expire_in of 0 or less is refused, as PX is"),
    Disagreement(("set_value",), "memory raises", "server", "in memory NX and XX look at strings only"),
    Disagreement(("delete",), "answers differ", "server", "in memory a key that is named twice is deleted twice"),
    Disagreement(("lpop", "rpop"), "answers differ", "server", "a count of 0 gives [] if there is such a list"),
    Disagreement(("hmget", *PIPELINES), "answers differ", "server", "of a missing key every field is None"),
    Disagreement(("incrby", "zpop_max", "zpop_min", "values"), "answers differ", "server", "numbers are floats"),
    Disagreement(("wait_for",), "answers differ", "server", "a predicate that gives something false gives None"),
    Disagreement(
        PIPELINES, "memory raises", "server", "in memory a pop of a missing key leaves something of another type behind"
    ),
    Disagreement(
        ("lset", *PIPELINES), "errors differ", "server", "in memory an index that is not there is an IndexError"
    ),
    Disagreement(
        ("hdel", "hmget", "hset", "lpush", "rpush", "sadd", "set_value", "srem", "zadd", *POPS, *PIPELINES),
        "errors differ",
        "server",
        "of a wrong argument and a wrong type the server looks at the argument first",
    ),
]


class Deliberate(NamedTuple):
    """What ours do like neither backend of the original."""

    name: str
    why: str


DELIBERATE = [
    Deliberate(
        "past timestamp", "SET with a time that is over replaces a value of another type, which then is deleted"
    ),
]


_LIST: Call = ["rpush", ["a", "x"], {}]
_NUMBER: Call = ["set_value", ["a", " 7"], {}]

# What shows each of the above, because chance may not.
EXAMPLES: list[list[Call]] = [
    [["lpop", ["a"], {}]],
    [["delete", [], {}]],
    [_NUMBER, ["incrby", ["a", 1], {}]],
    [_LIST, ["keys", [None, "list", True], {}]],
    [_LIST, ["scan", [None, None, None], {}]],
    [["set_value", ["a", "x"], {"expire_timestamp": -1}]],
    [["set_value", ["a", "x"], {"expire_in": 0}]],
    [_LIST, ["set_value", ["a", "x"], {"mode": "if_missing"}]],
    [_LIST, ["delete", ["a", "a"], {}]],
    [_LIST, ["lpop", ["a", 0], {}]],
    [["hmget", ["a", "f"], {}]],
    [["incrby", ["a", 1], {}]],
    [["wait_for", ["a", 0, 0.001], {}]],
    [["pipeline", [[["rpop", ["a"], {}], ["hset", ["a", {"f": "x"}], {}]]], {}]],
    [_LIST, ["lset", ["a", 5, "y"], {}]],
    [_LIST, ["zpop_min", ["a", -1], {}]],
    [_LIST, ["set_value", ["a", "x"], {"expire_timestamp": -1}]],
    [["pipeline", [[["zpop_max", ["a", -1], {}], ["sadd", ["b", "x"], {}]]], {}]],
]


class Original:
    """A process that makes calls on the original."""

    def __init__(self, python: str) -> None:
        worker = Path(original_worker.__file__)
        self.process = subprocess.Popen(
            [python, "-I", str(worker)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )

    def perform(self, backend: str, port: int, prefix: str, calls: list[Call]) -> list[Any]:
        """The answers of the original."""
        assert self.process.stdin is not None and self.process.stdout is not None
        print(
            json.dumps({"backend": backend, "port": port, "prefix": prefix, "calls": calls}),
            file=self.process.stdin,
            flush=True,
        )
        answers: list[Any] = json.loads(self.process.stdout.readline())
        return answers


@pytest.fixture
def original() -> Iterator[Original]:
    """The original, if there is one."""
    python = os.environ.get("REDIPY_ORIGINAL_PYTHON")
    if python is None:
        reason = "REDIPY_ORIGINAL_PYTHON names no Python that has redipy 0.7.1: nothing is compared with the original"
        if os.environ.get("REDIPY_REQUIRE_ORIGINAL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    found = Original(python)
    yield found
    found.process.kill()
    found.process.communicate()


class Answers(NamedTuple):
    """What the four say to one call, each an answer and the number of keys after it."""

    call: Call
    memory: Any
    server: Any
    ours_memory: Any
    ours_server: Any


def raises(answer: Any) -> bool:
    """Whether an answer is an exception."""
    return isinstance(answer, dict) and "raises" in answer


def same(one: Any, other: Any) -> bool:
    """Whether two answers are equal and of the same types; all exceptions are."""
    return (raises(one) and raises(other)) or repr(one) == repr(other)


def sides(answers: Answers) -> str:
    """Which of the original's backends ours follow: ``memory``, ``server`` or neither."""
    ours, keys = answers.ours_memory
    for side in ("server", "memory"):
        answer, count = getattr(answers, side)
        if same(answer, ours) and (count == keys or side == "memory"):
            return side
    return "neither"


def kind_of(answers: Answers) -> str | None:
    """How the original's backends disagree, if they do."""
    (memory, memory_keys), (server, server_keys) = answers.memory, answers.server
    if raises(memory) != raises(server):
        return "memory raises" if raises(memory) else "server raises"
    if not same(memory, server):
        return "answers differ"
    if raises(memory) and errors_differ(memory, answers.ours_memory[0]):
        return "errors differ"
    return None if memory_keys == server_keys else "keys differ"


def errors_differ(original: Any, ours: Any) -> bool:
    """Whether ours is not caught by ``except`` with the class of the original."""
    return raises(ours) and original["raises"][0] not in ours["raises"]


def sets_the_past(call: Call) -> bool:
    """Whether a call is a SET, or a pipeline with one, whose time is over."""
    name, args, named = call
    if name in PIPELINES:
        return any(map(sets_the_past, args[0]))
    return name == "set_value" and named.get("expire_timestamp", 0) < 0


def deliberate(answers: Answers) -> str | None:
    """The deliberate difference that an answer shows, if it is one."""
    if sets_the_past(answers.call):
        return "past timestamp"
    return None


def check_texts(answers: Answers) -> None:
    """Where the server itself refused a call, ours say what it said, and of the right class."""
    ours, server = answers.ours_memory[0], answers.server[0]
    if answers.call[0] in PIPELINES:
        return  # redis-py says in the text which call failed
    if not (raises(ours) and raises(server)) or server["raises"][0] != "ResponseError" or sets_the_past(answers.call):
        return
    assert ours["text"].removeprefix("ERR ") in server["text"], answers
    assert ("TypeError" if "WRONGTYPE" in server["text"] else "ValueError") in ours["raises"], answers


def test_random_calls(original: Original, server_port: int, record_property: Any) -> None:
    """Compares the four, a sequence after the other; after a disagreement the rest compares ours only."""
    source, compared, seen = Calls(SEED), Counter[str](), Counter[tuple[str, str, str]]()
    for calls in [*EXAMPLES, *(source.sequence(LENGTH) for _ in range(SEQUENCES))]:
        prefix = source.random.choice(["", "p", "p:q"]) if len(calls) == LENGTH else ""
        of_original = [original.perform(backend, server_port, prefix, calls) for backend in ("memory", "redis")]
        of_ours = [
            json.loads(
                json.dumps(original_worker.perform(original_worker.connect(backend, server_port, prefix), calls))
            )
            for backend in ("memory", "redis")
        ]
        agreed = True
        for answers in map(Answers, [*calls, ["values", [], {}]], *of_original, *of_ours):
            assert repr(answers.ours_memory) == repr(answers.ours_server), (answers, calls)
            if agreed:
                compared[answers.call[0]] += 1
                agreed = agree(answers, seen)
    record_property("disagreements", json.dumps({" / ".join(found): times for found, times in sorted(seen.items())}))
    judge(compared, seen)


def agree(answers: Answers, seen: Counter[tuple[str, str, str]]) -> bool:
    """Judges ours by the original's answers, and says whether all of them are in the same state afterwards."""
    check_texts(answers)
    side, kind = sides(answers), kind_of(answers)
    if side == "neither":
        name = deliberate(answers)
        assert name is not None, answers
        seen[answers.call[0], "deliberate", name] += 1
        return False
    if kind is not None:
        seen[answers.call[0], kind, side] += 1
    if answers.call[0] in PIPELINES and raises(answers.memory[0]):
        return False  # the backends of the original do not agree on what of a failed pipeline is executed
    return kind is None or (kind == "errors differ" and answers.memory[1] == answers.server[1])


def judge(compared: Counter[str], seen: Counter[tuple[str, str, str]]) -> None:
    """All disagreements are known, all that are known are there, and every method was compared often."""
    known = {(call, entry.kind, entry.ours) for entry in DISAGREEMENTS for call in entry.calls}
    names = {entry.name for entry in DELIBERATE}
    unknown = {found for found in seen if found not in known and not (found[1] == "deliberate" and found[2] in names)}
    assert not unknown
    for entry in DISAGREEMENTS:
        assert any(seen[call, entry.kind, entry.ours] for call in entry.calls), entry
    assert names == {found[2] for found in seen if found[1] == "deliberate"}
    if SEQUENCES >= 300:
        assert all(compared[name] >= 3 for name in (*MAKERS, *PIPELINES)), compared
