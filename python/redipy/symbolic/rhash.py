"""Hashes in scripts."""

from __future__ import annotations

from redipy.symbolic.expr import Expr, MixedType
from redipy.symbolic.fun import RedisObj


class RedisHash(RedisObj):
    """The hash of a key."""

    def hset(self, mapping: dict[MixedType, MixedType]) -> Expr:
        """Sets fields; how many of them are new."""
        return self.redis_fn("hset", *(part for pair in mapping.items() for part in pair))

    def hdel(self, *fields: MixedType) -> Expr:
        """Removes fields; how many there were."""
        return self.redis_fn("hdel", *fields)

    def hget(self, field: MixedType) -> Expr:
        """The value of a field."""
        return self.redis_fn("hget", field)

    def hmget(self, *fields: MixedType) -> Expr:
        """The values of fields."""
        return self.redis_fn("hmget", *fields)

    def hincrby(self, field: MixedType, inc: MixedType) -> Expr:
        """Adds a number to a field; what it is then."""
        return self.redis_fn("hincrby", field, inc)

    def hkeys(self) -> Expr:
        """The fields."""
        return self.redis_fn("hkeys")

    def hvals(self) -> Expr:
        """The values."""
        return self.redis_fn("hvals")

    def hgetall(self) -> Expr:
        """The fields with their values, as a dictionary."""
        return self.redis_fn("hgetall")
