"""Lists in scripts."""

from __future__ import annotations

from redipy.symbolic.expr import Expr, MixedType
from redipy.symbolic.fun import RedisObj


class RedisList(RedisObj):
    """The list of a key."""

    def lpush(self, *values: MixedType) -> Expr:
        """Adds elements at the head, one after the other; the new length."""
        return self.redis_fn("lpush", *values)

    def rpush(self, *values: MixedType) -> Expr:
        """Adds elements at the tail; the new length."""
        return self.redis_fn("rpush", *values)

    def lpop(self, count: MixedType = None, *, no_adjust: bool = False) -> Expr:
        """Removes the element at the head, or up to ``count``."""
        return self.redis_fn("lpop", *([] if count is None else [count]), no_adjust=no_adjust)

    def rpop(self, count: MixedType = None, *, no_adjust: bool = False) -> Expr:
        """Removes the element at the tail, or up to ``count``."""
        return self.redis_fn("rpop", *([] if count is None else [count]), no_adjust=no_adjust)

    def lrange(self, start: MixedType, stop: MixedType) -> Expr:
        """The elements from ``start`` up to and with ``stop``."""
        return self.redis_fn("lrange", start, stop)

    def llen(self) -> Expr:
        """The length."""
        return self.redis_fn("llen")
