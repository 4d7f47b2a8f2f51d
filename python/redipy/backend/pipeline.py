"""Pipelines."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from redipy import _native
from redipy._queued import QueuedCommands
from redipy.api import KeyType, PipelineAPI


class QueuedCalls(_native.Pipeline, QueuedCommands):
    """Calls that are queued."""

    # The names of version 0.4.
    get = _native.Pipeline.get_value

    def keys(self, pattern: str | None = None, *, match: str | None = None, filter_type: KeyType | None = None) -> None:
        """Queues what gives all keys that match, as a list."""
        self._keys(match=pattern if match is None else match, filter_type=filter_type)

    def has_pending(self) -> bool:
        """Whether something is queued."""
        return len(self) > 0

    def __bool__(self) -> bool:
        return True


class Pipeline(QueuedCalls, PipelineAPI):
    """Calls that are queued and then executed together, without any other call in between.

    Example:
        >>> import redipy
        >>> r = redipy.Redis()
        >>> with r.pipeline() as pipe:
        ...     pipe.set_value("a", "1")
        ...     pipe.incrby("a", 2)
        ...     pipe.execute()
        [True, 3.0]
    """

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Executes all that is queued.

        Args:
            raise_on_error: whether the exception of the first call that failed is raised, or else stands in its place.
                The others are executed in either case.

        Returns:
            The results, in order.
        """
        results = self._execute()
        if raise_on_error and (error := first_error(results)) is not None:
            raise error
        return results

    def __enter__(self) -> Pipeline:
        return self

    def __exit__(
        self,
        clazz: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            self.reset()
        elif self.has_pending():
            self.execute()


def first_error(results: list[Any]) -> Exception | None:
    """The first exception among results."""
    return next((result for result in results if isinstance(result, Exception)), None)
