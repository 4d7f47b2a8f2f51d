"""Strings in scripts."""

from __future__ import annotations

from redipy._modes import RSM_ALWAYS, RSM_EXISTS, RSM_MISSING, RSetMode, milliseconds, set_flag
from redipy.symbolic.expr import Expr, MixedType
from redipy.symbolic.fun import RedisObj


class RedisVar(RedisObj):
    """The string of a key."""

    def set_value(
        self,
        value: MixedType,
        *,
        mode: RSetMode = RSM_ALWAYS,
        return_previous: bool = False,
        expire_in: float | None = None,
        keep_ttl: bool = False,
    ) -> Expr:
        """Sets the value; whether it was set, or with ``return_previous`` what it was before."""
        flag = set_flag(mode)
        args: list[MixedType] = [] if flag is None else [flag]
        if return_previous:
            args.append("GET")
        if expire_in is not None:
            args += ["PX", milliseconds(expire_in)]
        elif keep_ttl:
            args.append("KEEPTTL")
        return self.redis_fn("set", value, *args)

    def get_value(self, *, default: MixedType = None, no_adjust: bool = False) -> Expr:
        """The value, or the default if the key is missing."""
        if default is not None:
            return self.redis_fn("get", no_adjust=True).or_(default)
        return self.redis_fn("get", no_adjust=no_adjust)

    def incrby(self, inc: MixedType) -> Expr:
        """Adds a number to the value; what it is then."""
        return self.redis_fn("incrby", inc)

    # The names of version 0.4.
    set = set_value
    get = get_value


# Some of these are here because users of the original import them from here.
__all__ = [
    "RSM_ALWAYS",
    "RSM_EXISTS",
    "RSM_MISSING",
    "Expr",
    "MixedType",
    "RSetMode",
    "RedisObj",
    "RedisVar",
    "set_flag",
]
