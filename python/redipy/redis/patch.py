"""Patches: calls in the intermediate form of a script are replaced by what plug-ins say."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from redipy.graph.expr import get_literal
from redipy.graph.seq import SequenceObj
from redipy.plugin import HELPER_PKG, LuaGeneralPatch, LuaRedisPatch


def patched(
    program: SequenceObj,
    redis_patches: Mapping[str, LuaRedisPatch],
    general_patches: Mapping[str, LuaGeneralPatch],
) -> SequenceObj:
    """The program with patched calls; itself if there are no patches.

    A call that a patch leaves standing, marked with ``no_adjust``, is one of the server's own Lua: it gets the field
    ``native``. A call that was written so in the script keeps its meaning.
    """
    if not redis_patches and not general_patches:
        return program
    result: SequenceObj = _Patcher(copy.deepcopy(program), redis_patches, general_patches).run()
    return result


def used_helpers(program: SequenceObj) -> set[str]:
    """The names of the helper functions that a program calls."""
    names = {part["name"] for part in _dictionaries(program) if part.get("kind") == "call"}
    prefix = f"{HELPER_PKG}."
    return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}


class _Patcher:
    """Replaces the calls of one program, from the outermost to the innermost."""

    def __init__(
        self,
        program: SequenceObj,
        redis_patches: Mapping[str, LuaRedisPatch],
        general_patches: Mapping[str, LuaGeneralPatch],
    ) -> None:
        self._program = program
        self._redis_patches = redis_patches
        self._general_patches = general_patches
        # Parts of the program that no patch was given: nothing of it is freed, so no other part gets the same id.
        self._untouched = {id(part) for part in _dictionaries(program)}

    def run(self) -> Any:
        return self._part(self._program)

    def _part(self, part: Any, is_statement: bool = False) -> Any:
        if isinstance(part, list):
            return [self._part(item) for item in part]
        if not isinstance(part, dict) or part.get("kind") == "val":
            return part
        if part.get("kind") == "call":
            return self._call(part, is_statement)
        is_statement = part.get("kind") == "stmt"
        return {name: self._part(value, is_statement and name == "expr") for name, value in part.items()}

    def _call(self, call: Any, is_statement: bool) -> Any:
        if call.get("no_adjust"):
            own = {} if id(call) in self._untouched else {"native": True}
            return {**call, **own, "args": self._part(call["args"])}
        name, args = call["name"], call["args"]
        command = get_literal(args[0], "str") if name == "redis.call" and args else None
        redis_patch = None if command is None else self._redis_patches.get(f"{command}")
        general_patch = None if command is not None else self._general_patches.get(name)
        if redis_patch is None and general_patch is None:
            return {**call, "args": self._part(args)}
        self._untouched.discard(id(call))
        call["no_adjust"] = True
        if redis_patch is not None:
            return self._part(redis_patch.patch(f"{command}", call, args[1:], is_expr_stmt=is_statement))
        assert general_patch is not None
        return self._part(general_patch.patch(call, is_expr_stmt=is_statement))


def _dictionaries(program: Any) -> Iterator[Any]:
    """All parts of a program, without what stands in literals."""
    pending = [program]
    while pending:
        part = pending.pop()
        if isinstance(part, list):
            pending += part
        elif isinstance(part, dict):
            yield part
            if part.get("kind") != "val":
                pending += part.values()
