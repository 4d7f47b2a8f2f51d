"""The constants that calls take, and the types of keys."""

from __future__ import annotations

import math
from typing import Literal, TypeVar, get_args, overload

M = TypeVar("M")

RSetMode = Literal["always", "if_missing", "if_exists"]
"""When SET sets."""
RSM_ALWAYS: RSetMode = "always"
"""Sets in any case."""
RSM_MISSING: RSetMode = "if_missing"
"""Sets if there is no such key: NX."""
RSM_EXISTS: RSetMode = "if_exists"
"""Sets if there is such a key: XX."""
RSM_FLAGS: dict[RSetMode, str | None] = {RSM_ALWAYS: None, RSM_MISSING: "NX", RSM_EXISTS: "XX"}
"""The options of SET."""

RExpireMode = Literal["always", "if_persist", "if_expire", "if_later", "if_earlier"]
"""When EXPIRE sets an expiry."""
REX_ALWAYS: RExpireMode = "always"
"""Sets in any case."""
REX_PERSIST: RExpireMode = "if_persist"
"""Sets if the key does not expire: NX."""
REX_EXPIRE: RExpireMode = "if_expire"
"""Sets if the key expires: XX."""
REX_LATER: RExpireMode = "if_later"
"""Sets if the key would expire earlier: GT."""
REX_EARLIER: RExpireMode = "if_earlier"
"""Sets if the key would expire later: LT."""
REX_FLAGS: dict[RExpireMode, str | None] = {
    REX_ALWAYS: None,
    REX_PERSIST: "NX",
    REX_EXPIRE: "XX",
    REX_LATER: "GT",
    REX_EARLIER: "LT",
}
"""The options of EXPIRE."""

KeyType = Literal["string", "list", "set", "zset", "hash", "stream"]
"""The type of a key's value."""
KEY_TYPES: set[KeyType] = set(get_args(KeyType))
"""All types."""


def set_flag(mode: RSetMode) -> str | None:
    """The option of SET for a mode.

    Raises:
        ValueError: there is no such mode.
    """
    return _flag(RSM_FLAGS, mode)


def expire_flag(mode: RExpireMode) -> str | None:
    """The option of EXPIRE for a mode.

    Raises:
        ValueError: there is no such mode.
    """
    return _flag(REX_FLAGS, mode)


def _flag(flags: dict[M, str | None], mode: M) -> str | None:
    if mode not in flags:
        raise ValueError(f"mode must be one of {list(flags)}, not {mode!r}")
    return flags[mode]


def milliseconds(expire_in: float) -> int:
    """A time in seconds as milliseconds.

    Raises:
        ValueError: it is not finite.
    """
    if not math.isfinite(expire_in):
        raise ValueError(f"expire_in must be a finite number of seconds, not {expire_in}")
    return int(expire_in * 1000.0)


@overload
def as_key_type(text: str) -> KeyType | None: ...


@overload
def as_key_type(text: None) -> None: ...


def as_key_type(text: str | None) -> KeyType | None:
    """The type of this name; None for None and for ``"none"``.

    Raises:
        ValueError: there is no such type.
    """
    if text is None or text == "none":
        return None
    if text not in KEY_TYPES:
        raise ValueError(f"unknown key type: {text}. Only {KEY_TYPES} are supported.")
    return text
