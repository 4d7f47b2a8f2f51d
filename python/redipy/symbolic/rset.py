"""Sets in scripts."""

from __future__ import annotations

from redipy.symbolic.expr import Expr, MixedType
from redipy.symbolic.fun import RedisObj


class RedisSet(RedisObj):
    """The set of a key."""

    def add(self, value: MixedType) -> Expr:
        """Adds a member; whether it is new."""
        return self.redis_fn("sadd", value)

    def remove(self, value: MixedType) -> Expr:
        """Removes a member; whether it was there."""
        return self.redis_fn("srem", value)

    def has(self, value: MixedType) -> Expr:
        """Whether this is a member."""
        return self.redis_fn("sismember", value)

    def members(self) -> Expr:
        """The members, sorted."""
        return self.redis_fn("smembers")

    def card(self) -> Expr:
        """The number of members."""
        return self.redis_fn("scard")
