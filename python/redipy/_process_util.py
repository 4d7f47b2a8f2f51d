"""Small functions about the program that runs; see `redipy.util`."""

from __future__ import annotations

import inspect
import os
import threading
import uuid
from typing import Any

TEST_SALT_LOCK = threading.RLock()
"""Held while a salt is made."""
TEST_SALT: dict[str, str] = {}
"""The salts of tests, by their names."""


def _test_name() -> str | None:
    return os.getenv("PYTEST_CURRENT_TEST")


def is_test() -> bool:
    """Whether a test of pytest is running."""
    return _test_name() is not None


def get_test_salt() -> str | None:
    """A text that is the same throughout a test and another one in each; None outside of tests."""
    if (name := _test_name()) is None:
        return None
    with TEST_SALT_LOCK:
        return TEST_SALT.setdefault(name, f"salt:{uuid.uuid4().hex}")


def get_function_info(*, clazz: type) -> tuple[str, int, str]:
    """The innermost function that is being called of the file of a class or of a class that it is made from: the file, the
    line and the name. If there is none, the caller."""
    stack, pending = inspect.stack(), [clazz]
    for level in _levels(stack, pending):
        return level.filename, level.lineno, level.function
    return stack[1].filename, stack[1].lineno, stack[1].function


def _levels(stack: list[inspect.FrameInfo], pending: list[type]) -> list[inspect.FrameInfo]:
    while pending:
        clazz = pending.pop(0)
        if clazz.__module__ == "builtins":
            continue
        file = inspect.getfile(clazz)
        if found := [
            level for level in stack if os.path.exists(level.filename) and os.path.samefile(level.filename, file)
        ]:
            return found
        pending += clazz.__bases__
    return []


def get_relative_function_info(depth: int) -> tuple[str, int, str, dict[str, Any]]:
    """The function that is so many calls above the caller: the file, the line, the name and the local variables."""
    stack = inspect.stack()
    if depth + 1 >= len(stack):
        return "unknown", -1, "unknown", {}
    frame = stack[depth + 1]
    return frame.filename, frame.lineno, frame.function, frame.frame.f_locals


def python_module() -> str:
    """The name of the caller's module, also where that is the program.

    Raises:
        ValueError: it has none.
    """
    module = inspect.getmodule(inspect.stack()[1].frame)
    if module is None:
        raise ValueError("module not found")
    if module.__name__ != "__main__":
        return module.__name__
    package = module.__package__ or ""
    name = os.path.basename(module.__file__ or "").removesuffix(".py")
    return package if name in ("", "__init__", "__main__") else f"{package}.{name}"


def parent_python_module(p_module: str) -> str:
    """The name of the package that a module is in; empty if it is in none."""
    return p_module.rpartition(".")[0]


def check_pid_exists(pid: int) -> bool:
    """Whether a process may be sent signals."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def ideal_thread_count() -> int:
    """How many threads this machine can run at once."""
    return os.cpu_count() or 4
