"""Celery without a server: a broker and a result backend in this process, or on a server, through this package.

Example:
    >>> from celery import Celery
    >>> from celery.contrib.testing.worker import start_worker
    >>> import redipy.celery
    >>> app = Celery("shop", broker="redipy://shop", backend="redipy://shop")
    >>> @app.task
    ... def add(a, b):
    ...     return a + b
    >>> with start_worker(app, pool="solo", perform_ping_check=False):
    ...     add.delay(1, 2).get(timeout=10)
    3

``redipy://name`` is data in this process: the worker must be in it too, so its pool has threads or is solo.
``redipy+redis://host:port/db`` is a server. `redipy.kombu` tells of the broker's options.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import redipy
from redipy.kombu import broker

try:
    from celery import states
    from celery.app.backends import BACKEND_ALIASES
    from celery.backends.base import KeyValueStoreBackend
    from celery.exceptions import TimeoutError
except ImportError as error:
    raise ImportError("redipy.celery needs Celery: pip install redipy[celery]") from error

# Seconds after which a result is looked for even if nothing was heard of it.
PATIENCE = 1.0


class Backend(KeyValueStoreBackend):
    """Keeps results of tasks, under the keys of Celery's own backend for Redis, and tells who waits for them.

    Args:
        url: ``memory://name``, ``redipy://name``, ``redis://..`` or ``unix://..``; None is ``memory://``.
        options: what other backends of Celery take.
    """

    implements_incr = True
    supports_autoexpire = True
    supports_native_join = True
    key_t = str

    def __init__(self, url: str | None = None, **options: Any) -> None:
        super().__init__(expires_type=int, url=url or "memory://", **options)
        broker(self.url)

    @property
    def redis(self) -> redipy.Redis:
        """What holds the results."""
        return broker(self.url)

    def get(self, key: str) -> str | None:
        """A value."""
        return self.redis.get_value(key)

    def mget(self, keys: list[str]) -> list[str | None]:
        """Values."""
        return self.redis.execute_command("MGET", *keys) if keys else []

    def set(self, key: str, value: str) -> None:
        """Sets a value and tells who waits for it."""
        expiry = ["EX", self.expires] if self.expires else []
        with self.redis.pipeline() as pipe:
            pipe.execute_command("SET", key, value, *expiry)
            pipe.execute_command("PUBLISH", key, value)
            pipe.execute()

    def delete(self, key: str) -> None:
        """Deletes a value."""
        self.redis.delete(key)

    def incr(self, key: str) -> int:
        """Adds one to a number and gives it."""
        return int(self.redis.incrby(key, 1))

    def expire(self, key: str, value: int) -> None:
        """Sets how many seconds a value stays; for ever if there are none."""
        self.redis.execute_command(*(("EXPIRE", key, int(value)) if value else ("PERSIST", key)))

    def wait_for(
        self,
        task_id: str,
        timeout: float | None = None,
        interval: float | None = None,
        no_ack: bool = True,
        on_interval: Callable[[], None] | None = None,
    ) -> Any:
        """Waits for a task and gives what is known of it.

        Raises:
            celery.exceptions.TimeoutError: it is not ready in this many seconds.
        """
        self._ensure_not_eager()
        [(_, meta)] = self._await([task_id], timeout, on_interval)
        return meta

    def get_many(
        self, task_ids: Iterable[str], timeout: float | None = None, *_: Any, **options: Any
    ) -> Iterator[tuple[str, Any]]:
        """Waits for tasks and gives each with what is known of it, in the order in which they are ready."""
        for task_id, meta in self._await(task_ids, timeout, options.get("on_interval")):
            if (show := options.get("on_message")) is not None:
                show(meta)
            yield task_id, meta

    def _await(
        self, task_ids: Iterable[str], timeout: float | None, on_interval: Callable[[], None] | None
    ) -> Iterator[tuple[str, Any]]:
        end = None if timeout is None else time.monotonic() + timeout
        waiting = {self.get_key_for_task(task_id): task_id for task_id in task_ids}
        if not waiting:
            return
        # It listens before it looks, so no result can come in between.
        with self.redis.subscribe(*waiting) as news:
            while True:
                values = dict(zip(waiting, self.mget(list(waiting)), strict=True))
                for key, meta in ((key, self.decode_result(value)) for key, value in values.items() if value):
                    if meta["status"] in states.READY_STATES:
                        yield waiting.pop(key), meta
                if not waiting:
                    return
                if on_interval is not None:
                    on_interval()
                left = PATIENCE if end is None else min(PATIENCE, end - time.monotonic())
                if left <= 0:
                    raise TimeoutError("The operation timed out.")
                news.get_message(left)


BACKEND_ALIASES["redipy"] = "redipy.celery:Backend"

__all__ = ["Backend"]
