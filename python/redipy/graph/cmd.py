"""Statements of the intermediate form, and sequences of them."""

from __future__ import annotations

from typing import Literal, TypedDict, Union

from redipy.graph.expr import ExprObj, IndexObj, RefIdObj, VarObj


class AssignmentObj(TypedDict):
    """Gives a variable a value, the first one if it is declared."""

    kind: Literal["assign", "declare"]
    assign: RefIdObj
    value: ExprObj


class AssignAtObj(TypedDict):
    """Replaces an element of a list."""

    kind: Literal["assign_at"]
    assign: RefIdObj
    index: ExprObj
    value: ExprObj


class AssignKeyObj(TypedDict):
    """Sets the value of a key of a dictionary."""

    kind: Literal["assign_key"]
    assign: RefIdObj
    key: ExprObj
    value: ExprObj


class StmtObj(TypedDict):
    """Evaluates an expression for its effect."""

    kind: Literal["stmt"]
    expr: ExprObj


BranchObj = TypedDict(
    "BranchObj",
    {"kind": Literal["branch"], "condition": ExprObj, "then": "SequenceObj", "else": "SequenceObj"},
)
"""One of two sequences, by a condition."""


class ForLoopObj(TypedDict):
    """A sequence for each element of a list."""

    kind: Literal["for"]
    array: ExprObj
    index: IndexObj
    value: VarObj
    body: SequenceObj


class WhileObj(TypedDict):
    """A sequence as long as a condition holds."""

    kind: Literal["while"]
    condition: ExprObj
    body: SequenceObj


class ReturnObj(TypedDict):
    """The result of the script."""

    kind: Literal["return"]
    value: ExprObj | None


CommandObj = Union[AssignmentObj, AssignAtObj, AssignKeyObj, StmtObj, BranchObj, ForLoopObj, WhileObj, ReturnObj]
"""A statement."""


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
