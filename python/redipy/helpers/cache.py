"""A cache of what is costly to compute: one computes, the others wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from redipy.api import RSM_MISSING, RedisClientAPI

K = TypeVar("K")
V = TypeVar("V")


class RCache(Generic[K, V]):
    """A cache in Redis.

    Args:
        rt: where values are kept.
        prefix: what their keys begin with.
        hasher: the text that stands for a key.
        compute: computes the value of a key.
        value_store: the text that a value is kept as; never empty.
        value_read: the value that a text was kept for.

    Example:
        >>> import redipy
        >>> squares = redipy.helpers.RCache(
        ...     redipy.Redis(), prefix="square", hasher=str, compute=lambda n: n * n, value_store=str, value_read=int)
        >>> squares.get_value(12)
        144
    """

    def __init__(
        self,
        rt: RedisClientAPI,
        *,
        prefix: str,
        hasher: Callable[[K], str],
        compute: Callable[[K], V],
        value_store: Callable[[V], str],
        value_read: Callable[[str], V],
    ) -> None:
        self._rt = rt
        self._prefix = prefix
        self._hasher = hasher
        self._compute = compute
        self._value_store = value_store
        self._value_read = value_read

    def get_value(self, key: K, *, timeout: float = 300.0) -> V:
        """The value of a key, computed if nobody did so before.

        Args:
            key: the key.
            timeout: seconds to wait for another who computes it; then it is computed here as well.

        Raises:
            ValueError: the value is kept as an empty text.
        """
        name = self._hasher(key)
        rkey = f"{self._prefix}:{name}" if self._prefix else name
        # An empty text says that somebody computes the value.
        if not self._rt.set_value(rkey, "", mode=RSM_MISSING):
            value = self._rt.wait_for(rkey, lambda: self._rt.get_value(rkey), timeout)
            if value:
                return self._value_read(value)
        result = self._compute(key)
        text = self._value_store(result)
        if not text:
            raise ValueError(f"compute for key={key!r} with res={result!r} mapping to ''")
        self._rt.set_value(rkey, text)
        self._rt.publish(rkey, name)
        return result
