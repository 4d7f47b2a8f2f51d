"""The runtime whose data lives in this process."""

from __future__ import annotations

from redipy.backend.runtime import NativeRuntime


class LocalRuntime(NativeRuntime):
    """A Redis in this process. Every one is empty at first and shares nothing with others."""

    def __new__(cls, source: str = "memory://", *, prefix: str = "") -> LocalRuntime:
        return super().__new__(cls, source, prefix=prefix)
