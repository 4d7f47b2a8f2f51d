"""Types: what checkers and tools see of the package."""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
import test_readme_of_the_original as readme

import redipy
from redipy import api
from redipy.backend.runtime import Runtime

NAMES = """exists delete key_type scan keys set_value get_value expire ttl incrby lpush rpush lpop rpop lrange lset lindex
llen zadd zpop_max zpop_min zrange zcard hset hdel hget hmget hincrby hkeys hvals hgetall sadd srem sismember scard
smembers"""
"""The calls that are in pipelines too."""

CALLS = NAMES.split()
CLIENT_CALLS = [*CALLS, "get", "set", "iter_keys", "keys_block", "flushall", "publish", "wait_for"]


@pytest.mark.parametrize("clazz", [redipy.RedisAPI, redipy.RedisClientAPI, Runtime, redipy.Redis])
def test_clients_have_every_call(clazz: type) -> None:
    """The classes that programs name have all calls, so that they can be mocked."""
    mock = MagicMock(spec=clazz)
    assert [name for name in CLIENT_CALLS if not hasattr(mock, name)] == []


def test_pipelines_have_every_call() -> None:
    """Pipelines too."""
    mock = MagicMock(spec=redipy.PipelineAPI)
    assert [name for name in [*CALLS, "execute", "get", "set"] if not hasattr(mock, name)] == []


def test_calls_of_the_classes_are_to_be_implemented() -> None:
    """A class that implements none of them says so at each call; what follows from others is there."""

    class Scans(api.RedisAPI):
        def scan(self, cursor: int, **named: Any) -> tuple[int, list[str]]:
            return (cursor + 1) % 3, [f"k{cursor}", "k"]

    with pytest.raises(NotImplementedError):
        Scans().get_value("k")
    with pytest.raises(NotImplementedError):
        redipy.PipelineAPI().lpush("k", "v")
    assert sorted(Scans().iter_keys()) == ["k", "k0", "k1", "k2"]


def functions() -> Iterator[tuple[str, Any]]:
    """Every function, class and method that is public."""
    for found in pkgutil.walk_packages(redipy.__path__, "redipy.", onerror=lambda _: None):
        if found.name.rpartition(".")[2].startswith("_"):
            continue
        try:
            module = importlib.import_module(found.name)
        except ImportError:  # what is not installed
            continue
        for name, thing in vars(module).items():
            if name.startswith("_") or getattr(thing, "__module__", None) != found.name:
                continue
            yield f"{found.name}.{name}", thing
            for inner, method in vars(thing).items() if inspect.isclass(thing) else ():
                method = getattr(method, "__func__", getattr(method, "fget", method))
                if inspect.isfunction(method):
                    yield f"{found.name}.{name}.{inner}", method


def test_type_hints_can_be_had() -> None:
    """`typing.get_type_hints` works for everything."""
    failed = []
    for name, thing in functions():
        if callable(thing) and hasattr(thing, "__name__"):
            try:
                typing.get_type_hints(thing)
            except NameError as error:
                failed.append(f"{name}: {error}")
    assert failed == []


def test_programs_of_the_original_pass_mypy(tmp_path: Path) -> None:
    """Those of its README, of which one has an error of its own, and one with all that users do."""
    pytest.importorskip("mypy")
    pytest.importorskip("redis")
    program = readme.CLIENTS + readme.CALLS + readme.FILTER.replace("import redipy\n", "")
    (tmp_path / "clients.py").write_text(program)
    (tmp_path / "stack.py").write_text(readme.STACK)
    (tmp_path / "typed.py").write_text((Path(__file__).parent / "typed_program.py").read_text())
    files = ["clients.py", "stack.py", "typed.py"]
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, *files]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    line = next(at for at, text in enumerate(readme.STACK.splitlines(), 1) if "cast(dict, res)" in text)
    wrong = f'stack.py:{line}: error: Missing type arguments for generic type "dict"  [type-arg]'
    assert run.stdout.splitlines() == [wrong, "Found 1 error in 1 file (checked 3 source files)"], run.stdout
