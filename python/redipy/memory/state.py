"""What in-process functions of one's own are given.

The original had its data structures here. Ours are in Rust; what is left is the class that plug-ins are annotated with.
"""

from __future__ import annotations

from redipy import _native
from redipy._commands import Commands
from redipy.api import (
    REX_ALWAYS,
    REX_EARLIER,
    REX_EXPIRE,
    REX_LATER,
    REX_PERSIST,
    RSM_ALWAYS,
    RSM_EXISTS,
    RSM_MISSING,
    KeyType,
    RedisAPI,
    RExpireMode,
    RSetMode,
)
from redipy.util import convert_pattern, now, reject_patterns, time_diff, to_number_str


class Machine(_native.Machine, Commands, RedisAPI):
    """The data of a running script: what `redipy.plugin.LocalRedisFunction.call` is given.

    It has the calls of a client. Keys have the names that they have in the script, and texts are ``str``. It can be
    used while the function is called, by the same thread; afterwards every call raises ``RuntimeError``.
    """

    # The names of version 0.4.
    get = _native.Machine.get_value

    def keys_block(self, *, match: str | None = None, filter_type: KeyType | None = None) -> list[str]:
        return self._keys(match=match, filter_type=filter_type)


# Some of these are here because users of the original import them from here.
__all__ = [
    "REX_ALWAYS",
    "REX_EARLIER",
    "REX_EXPIRE",
    "REX_LATER",
    "REX_PERSIST",
    "RSM_ALWAYS",
    "RSM_EXISTS",
    "RSM_MISSING",
    "Commands",
    "KeyType",
    "Machine",
    "RExpireMode",
    "RSetMode",
    "RedisAPI",
    "convert_pattern",
    "now",
    "reject_patterns",
    "time_diff",
    "to_number_str",
]
