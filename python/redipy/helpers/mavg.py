"""A moving average over the last values of a series."""

from __future__ import annotations

from typing import cast

from redipy.api import RedisClientAPI
from redipy.symbolic.fun import ToNum
from redipy.symbolic.rlist import RedisList
from redipy.symbolic.rvar import RedisVar
from redipy.symbolic.seq import FnContext


class RMovingAverage:
    """The average of the last ``size`` values of a series, any number of series by their base names.

    Args:
        rt: where the values are kept.
        size: how many values count.

    Example:
        >>> import redipy
        >>> average = redipy.helpers.RMovingAverage(redipy.Redis(), size=2)
        >>> [average.add("temperature", value) for value in (1.0, 2.0, 4.0)]
        [1.0, 1.5, 3.0]
    """

    def __init__(self, rt: RedisClientAPI, *, size: int) -> None:
        if size < 1:
            raise ValueError(f"size must be at least 1, not {size}")
        self._size = size
        self._rt = rt
        ctx = FnContext()
        values, total = RedisList(ctx.add_key("values")), RedisVar(ctx.add_key("total"))
        value, limit = ctx.add_arg("value"), ctx.add_arg("size")
        count = ctx.add_local(values.rpush(value))
        sum_ = ctx.add_local(ToNum(total.get_value(default=0)) + value)
        full, _ = ctx.if_(count.gt_(limit))
        full.add(sum_.assign(sum_ - ToNum(values.lpop())))
        full.add(count.assign(limit))
        ctx.add(total.set_value(sum_))
        pair = ctx.add_local([0, 0])
        ctx.add(pair.set_at(0, sum_))
        ctx.add(pair.set_at(1, count))
        ctx.set_return_value(pair)
        self._add = rt.register_script(ctx)

    def add(self, base: str, value: float) -> float:
        """Adds a value to a series; its average with it."""
        keys = {"values": f"{base}:values", "total": f"{base}:total"}
        total, count = cast("list[float]", self._add(keys=keys, args={"value": value, "size": self._size}))
        return total / count

    def get_value(self, base: str) -> float | None:
        """The average of a series; None if it has no value."""
        count, total = self._rt.llen(f"{base}:values"), self._rt.get_value(f"{base}:total")
        return float(total) / count if count and total is not None else None
