"""Scripts that can be called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from redipy import _native
from redipy.graph.expr import JSONType

if TYPE_CHECKING:
    from redipy.api import PipelineAPI, RedisAPI


class ExecFunction(Protocol):
    """A registered script: calling it runs it."""

    def __call__(
        self,
        *,
        keys: Mapping[str, str],
        args: Mapping[str, JSONType],
        client: RedisAPI | PipelineAPI | None = None,
    ) -> Any:
        """Runs the script.

        Args:
            keys: the name of each key of the script, and the key that it stands for.
            args: the name of each argument, and its value: anything that JSON has.
            client: where to run it, if not where it was registered; in a pipeline it is queued.

        Returns:
            The result of the script; None in a pipeline.
        """


class CompiledScript:
    """A script that is compiled for all backends, and a client to run it on."""

    def __init__(self, script: _native.Script, client: _native.Client) -> None:
        self._script = script
        self._client = client

    @property
    def lua(self) -> str:
        """What a server runs."""
        return self._script.lua

    def __call__(
        self,
        *,
        keys: Mapping[str, str],
        args: Mapping[str, JSONType],
        client: RedisAPI | PipelineAPI | None = None,
    ) -> Any:
        if client is None:
            return self._client._run(self._script, keys, args)
        if not isinstance(client, (_native.Client, _native.Pipeline)):
            raise ValueError(f"a script cannot run on a {type(client).__name__}")
        return self.run_on(client, keys, args)

    def run_on(
        self,
        client: _native.Client | _native.AsyncClient | _native.Pipeline,
        keys: Mapping[str, str],
        args: Mapping[str, JSONType],
    ) -> Any:
        """Runs the script; an asyncio client gives something to be awaited."""
        return client._run(self._script, keys, args)

    def __repr__(self) -> str:
        return f"<script of the keys {self._script.keys} and the arguments {self._script.args}>"
