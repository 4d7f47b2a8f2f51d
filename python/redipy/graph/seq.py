"""Sequences of the intermediate form."""

from __future__ import annotations

from typing import Literal, TypedDict, Union

from redipy.graph.cmd import CommandObj


class SeqObj(TypedDict):
    """Statements in a block."""

    kind: Literal["seq"]
    cmds: list[CommandObj]


class ScriptObj(TypedDict):
    """A whole script, with the names of its arguments and keys."""

    kind: Literal["script"]
    cmds: list[CommandObj]
    argv: list[str]
    keyv: list[str]


class FunctionObj(TypedDict):
    """A function inside a script."""

    kind: Literal["function"]
    cmds: list[CommandObj]
    argc: int


SequenceObj = Union[SeqObj, ScriptObj, FunctionObj]
"""A sequence."""
