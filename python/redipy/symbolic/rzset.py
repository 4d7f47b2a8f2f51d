"""Sorted sets in scripts."""

from __future__ import annotations

from redipy.symbolic.expr import Expr, MixedType
from redipy.symbolic.fun import RedisObj


class RedisSortedSet(RedisObj):
    """The sorted set of a key."""

    def add(self, score: MixedType, value: MixedType) -> Expr:
        """Sets the score of a member; how many members are new."""
        return self.redis_fn("zadd", score, value)

    def pop_max(self, count: MixedType = None) -> Expr:
        """Removes the members with the highest scores: pairs of member and score."""
        return self.redis_fn("zpopmax", *([] if count is None else [count]))

    def pop_min(self, count: MixedType = None) -> Expr:
        """Removes the members with the lowest scores: pairs of member and score."""
        return self.redis_fn("zpopmin", *([] if count is None else [count]))

    def range(self, start: MixedType, stop: MixedType) -> Expr:
        """The members from rank ``start`` up to and with ``stop``."""
        return self.redis_fn("zrange", start, stop)

    def card(self) -> Expr:
        """The number of members."""
        return self.redis_fn("zcard")
