"""Scripts in Lua of one's own, and how their errors are shown."""

from __future__ import annotations

import re
from typing import Any, Protocol

from redipy import _native
from redipy.errors import ResponseError, ScriptError
from redipy.redis.factory import RedisPy

AROUND = 3
"""How many lines are shown before and behind the one that failed."""


class RedisFunctionBytes(Protocol):
    """A script of one's own in Lua: calling it runs it and gives what it returns, texts as bytes."""

    def __call__(self, *, keys: list[str], args: list[Any], client: RedisPy | None = None) -> Any: ...


def dynamic_script(code: str, home: _native.Client) -> RedisFunctionBytes:
    """A script in Lua.

    Args:
        code: the Lua.
        home: where it runs unless it is told of a client of redis-py.
    """

    def run(*, keys: list[str], args: list[Any], client: RedisPy | None = None) -> Any:
        if client is None:
            try:
                return home.execute_command("EVAL", code, len(keys), *keys, *args)
            except ResponseError as error:
                raise ScriptError(_explained(f"{error}", code)) from error
        from redis.exceptions import ResponseError as RedisPyError

        try:
            return client.eval(code, len(keys), *keys, *args)
        except RedisPyError as error:
            raise ScriptError(_explained(f"{error}", code)) from error

    return run


def _explained(message: str, code: str) -> str:
    """The message of an error with the code, and with the lines around the one that it names."""
    if (found := re.search(r"user_script:(\d+):", message)) is not None:
        number = int(found[1])
        lines = [""] * AROUND + code.splitlines()
        around = lines[number - 1 : number + 2 * AROUND]
        context = "\n".join(f"{'>' if at == AROUND else ' '} {line}" for at, line in enumerate(around))
        message = f"{message}\nCode:\n{code}\n\nContext:\n{context}"
    return f"Error while executing script: {message}"
