"""Scripts that can be called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from redipy import _native, api
from redipy.graph.cmd import CommandObj, SequenceObj
from redipy.graph.expr import ExprObj, JSONType


class ExecFunction(Protocol):
    """A registered script: calling it runs it."""

    def __call__(
        self,
        *,
        keys: Mapping[str, str],
        args: Mapping[str, JSONType],
        client: api.RedisAPI | api.PipelineAPI | None = None,
    ) -> JSONType:
        """Runs the script.

        Args:
            keys: the name of each key of the script, and the key that it stands for.
            args: the name of each argument, and its value: anything that JSON has.
            client: where to run it, if not where it was registered; in a pipeline it is queued.

        Returns:
            The result of the script; None in a pipeline.
        """


def bind(script: _native.Script, home: _native.Client) -> ExecFunction:
    """Makes a function that runs a script on a client, unless it is told of another.

    It is a function because Python calls those in half the time that an object with ``__call__`` takes.

    Args:
        script: the script.
        home: where it was registered.
    """
    run = home._run

    def call(
        *,
        keys: Mapping[str, str],
        args: Mapping[str, JSONType],
        client: api.RedisAPI | api.PipelineAPI | None = None,
    ) -> Any:
        if client is None:
            return run(script, keys, args)
        if not isinstance(client, (_native.Client, _native.Pipeline)):
            raise ValueError(f"a script cannot run on a {type(client).__name__}")
        return client._run(script, keys, args)

    call.__qualname__ = f"{script!r}"
    return call


# Some of these are here because users of the original import them from here.
__all__ = ["CommandObj", "ExecFunction", "ExprObj", "JSONType", "SequenceObj", "api", "bind"]
