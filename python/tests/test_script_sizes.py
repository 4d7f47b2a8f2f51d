"""What is one object in Python can be many values in a script: conversions stop before they take all memory."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import redipy
from redipy.errors import OutOfMemoryError, ScriptError
from redipy.script import CallFn, FnContext, Strs

LARGEST = 2 << 30


def doubled(make: Any, first: Any, times: int) -> Any:
    """What comes of combining something with itself so many times."""
    for _ in range(times):
        first = make(first, first)
    return first


def give_a_shared_list() -> None:
    """In a process of its own, which may use 2 GiB."""
    resource.setrlimit(resource.RLIMIT_AS, (LARGEST, LARGEST))
    ctx = FnContext()
    ctx.set_return_value(ctx.add_arg("x").len_())
    length = redipy.Redis().register_script(ctx)
    x: list[Any] = [1] * 1000
    x = [x] * 1000
    assert length(keys={}, args={"x": x[:100]}) == 100
    with pytest.raises(OutOfMemoryError, match='SCRIPT argument "x" takes more memory than allowed') as raised:
        length(keys={}, args={"x": [x] * 200})
    assert isinstance(raised.value, MemoryError)


def test_a_list_that_holds_one_list_many_times_is_refused_by_name() -> None:
    code = f"import {__name__}; {__name__}.give_a_shared_list()"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent, timeout=300)


def test_an_expression_that_is_doubled_is_refused_at_once() -> None:
    for make in (lambda a, b: a + b, lambda a, b: Strs(a, b), lambda a, b: a.and_(b), lambda a, b: CallFn("f", a, b)):
        ctx = FnContext()
        ctx.set_return_value(doubled(make, ctx.add_arg("a"), 40))
        with pytest.raises(ScriptError, match="more than 50000 operations; keep what is used often in a local"):
            redipy.Redis().register_script(ctx)
        with pytest.raises(ScriptError, match="more than 50000 operations"):
            FnContext().add(doubled(make, ctx.add_arg("b"), 40))


def test_statements_count_together() -> None:
    ctx = FnContext()
    large = doubled(lambda a, b: a + b, ctx.add_arg("a"), 14)
    ctx.add(large)
    ctx.add(large)
    ctx.add(large)
    with pytest.raises(ScriptError, match="more than 50000 operations"):
        ctx.add(large)


def test_a_program_of_shared_dictionaries_is_refused() -> None:
    one: Any = {"kind": "val", "value": 1, "type": "int"}
    value = doubled(lambda a, b: {"kind": "binary", "op": "add", "left": a, "right": b}, one, 26)
    program: Any = {"kind": "script", "argv": [], "keyv": [], "cmds": [{"kind": "return", "value": value}]}
    with pytest.raises(ScriptError, match="the program is too large"):
        redipy._native.Script(program)


def test_a_literal_that_holds_one_list_many_times_is_refused() -> None:
    ctx = FnContext()
    ctx.set_return_value([[[1] * 1000] * 1000] * 200)
    with pytest.raises(ScriptError, match="the program is too large"):
        redipy.Redis().register_script(ctx)
