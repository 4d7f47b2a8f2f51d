"""The twins of `plugins_local` in Lua: patches and the helper functions that they call."""

from __future__ import annotations

from redipy.graph.expr import CallObj, ExprObj
from redipy.plugin import HelperFunction, LuaGeneralPatch, LuaRedisPatch


class HashHas(LuaRedisPatch):
    """Makes a truth value of 0 and 1."""

    @staticmethod
    def names() -> set[str]:
        return {"hexists"}

    def patch(self, name: str, expr: CallObj, args: list[ExprObj], *, is_expr_stmt: bool) -> ExprObj:
        if is_expr_stmt:
            return expr
        return {"kind": "binary", "op": "ne", "left": expr, "right": {"kind": "val", "type": "int", "value": 0}}


class RaiseTo(LuaRedisPatch):
    """Calls a function in place of a command that no server has."""

    @staticmethod
    def names() -> set[str]:
        return {"raise_to"}

    def patch(self, name: str, expr: CallObj, args: list[ExprObj], *, is_expr_stmt: bool) -> ExprObj:
        return {"kind": "call", "name": f"{self.helper_pkg()}.raise_to", "args": args, "no_adjust": False}


class Pairs(LuaRedisPatch):
    """Makes pairs of members and scores in turns, with a function that the original has."""

    @staticmethod
    def names() -> set[str]:
        return {"zrangebyscore"}

    def patch(self, name: str, expr: CallObj, args: list[ExprObj], *, is_expr_stmt: bool) -> ExprObj:
        if is_expr_stmt:
            return expr
        return {"kind": "call", "name": f"{self.helper_pkg()}.pairlist_scores", "args": [expr], "no_adjust": False}


class ByFunction(LuaGeneralPatch):
    """Calls the function of the same name that a plug-in has."""

    @staticmethod
    def names() -> set[str]:
        return {"clamp", "table.flatten"}

    def patch(self, expr: CallObj, *, is_expr_stmt: bool) -> ExprObj:
        name = self.name().split(".")[-1]
        return {"kind": "call", "name": f"{self.helper_pkg()}.{name}", "args": expr["args"], "no_adjust": False}


class RaiseToFn(HelperFunction):
    """Raises a number to another."""

    @staticmethod
    def name() -> str:
        return "raise_to"

    @staticmethod
    def args() -> str:
        return "key, value"

    @staticmethod
    def body() -> str:
        return """
            local before = redis.call("get", key)
            if before then
                value = math.max(tonumber(before), value)
            end
            redis.call("set", key, value)
            return value  -- a comment at the end
        """


class ClampFn(HelperFunction):
    """A number between two others."""

    @staticmethod
    def name() -> str:
        return "clamp"

    @staticmethod
    def args() -> str:
        return "value, low, high"

    @staticmethod
    def body() -> str:
        return """
            if low ~= nil then
                value = math.max(value, low)
            end
            if high ~= nil then
                value = math.min(value, high)
            end
            return value
        """


class FlattenFn(HelperFunction):
    """The items of the lists in a list."""

    @staticmethod
    def name() -> str:
        return "flatten"

    @staticmethod
    def args() -> str:
        return "lists"

    @staticmethod
    def body() -> str:
        return """
            local flat = {}
            for _, items in ipairs(lists) do
                for _, item in ipairs(items) do
                    flat[#flat + 1] = item
                end
            end
            return flat
        """
