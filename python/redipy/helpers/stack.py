"""A stack of frames, each with fields of its own, as scopes of a program have."""

from __future__ import annotations

from typing import Any, cast

from redipy.api import RedisClientAPI
from redipy.backend.backend import ExecFunction
from redipy.graph.expr import JSONType
from redipy.symbolic.core import JSONArg
from redipy.symbolic.expr import Strs
from redipy.symbolic.fun import ToIntStr, ToNum
from redipy.symbolic.rhash import RedisHash
from redipy.symbolic.rvar import RedisVar
from redipy.symbolic.seq import FnContext


class RStack:
    """A stack of frames, any number of them by their base names.

    Example:
        >>> import redipy
        >>> stack = redipy.helpers.RStack(redipy.Redis())
        >>> stack.set_value("s", "x", "outer")
        >>> stack.push_frame("s")
        >>> stack.get_value("s", "x", cascade=True)
        'outer'
        >>> stack.set_value("s", "x", "inner")
        >>> stack.pop_frame("s")
        {'x': 'inner'}
    """

    def __init__(self, rt: RedisClientAPI) -> None:
        self._rt = rt
        self._set_value = self._script(lambda ctx, frame, field: self._write_set(ctx, frame, field), fields=True)
        self._get_value = self._script(lambda ctx, frame, field: ctx.set_return_value(frame.hget(field)), fields=True)
        self._pop_frame = self._write_pop()
        self._get_cascading = self._write_cascading()

    def key(self, base: str, name: str) -> str:
        """The key of a part of a stack; a subclass may name them otherwise."""
        return f"{base}:{name}"

    def push_frame(self, base: str) -> None:
        """Puts an empty frame on the stack."""
        self._rt.incrby(self.key(base, "size"), 1)

    def pop_frame(self, base: str) -> dict[str, str]:
        """Takes the top frame off the stack; its fields."""
        return cast("dict[str, str]", self._call(self._pop_frame, base) or {})

    def set_value(self, base: str, field: str, value: str) -> None:
        """Sets a field of the top frame."""
        self._call(self._set_value, base, field=field, value=value)

    def get_value(self, base: str, field: str, *, cascade: bool = False) -> JSONType:
        """The value of a field of the top frame, or with ``cascade`` of the topmost frame that has it."""
        return self._call(self._get_cascading if cascade else self._get_value, base, field=field)

    def _call(self, script: ExecFunction, base: str, **args: JSONType) -> JSONType:
        return script(keys={name: self.key(base, name) for name in ("size", "frame")}, args=args)

    @staticmethod
    def _top(ctx: FnContext) -> tuple[RedisVar, RedisHash]:
        size = RedisVar(ctx.add_key("size"))
        return size, RedisHash(Strs(ctx.add_key("frame"), ":", ToIntStr(size.get_value(default=0))))

    @staticmethod
    def _write_set(ctx: FnContext, frame: RedisHash, field: JSONArg) -> None:
        ctx.add(frame.hset({field: ctx.add_arg("value")}))
        ctx.set_return_value(None)

    def _script(self, write: Any, *, fields: bool) -> ExecFunction:
        ctx = FnContext()
        _, frame = self._top(ctx)
        write(ctx, frame, ctx.add_arg("field") if fields else None)
        return self._rt.register_script(ctx)

    def _write_pop(self) -> ExecFunction:
        ctx = FnContext()
        size, frame = self._top(ctx)
        fields = ctx.add_local(frame.hgetall())
        ctx.add(frame.delete())
        inner, outermost = ctx.if_(ToNum(size.get_value(default=0)).gt_(0))
        inner.add(size.incrby(-1))
        outermost.add(size.delete())
        ctx.set_return_value(fields)
        return self._rt.register_script(ctx)

    def _write_cascading(self) -> ExecFunction:
        ctx = FnContext()
        size = RedisVar(ctx.add_key("size"))
        base = ctx.add_local(ctx.add_key("frame"))
        field = ctx.add_arg("field")
        position = ctx.add_local(ToNum(size.get_value(default=0)))
        result = ctx.add_local(None)
        current = ctx.add_local(None)
        loop = ctx.while_(result.eq_(None).and_(position.ge_(0)))
        loop.add(current.assign(Strs(base, ":", ToIntStr(position))))
        loop.add(result.assign(RedisHash(current).hget(field)))
        loop.add(position.assign(position - 1))
        ctx.set_return_value(result)
        return self._rt.register_script(ctx)
