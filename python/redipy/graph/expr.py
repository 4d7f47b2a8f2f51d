"""Expressions of the intermediate form: what has a value."""

from __future__ import annotations

from typing import Any, Literal, TypedDict, Union

LiteralValueType = Union[str, int, float, bool, list[Any], dict[Any, Any], None]
"""A value that a script can contain as it is."""
JSONType = Union[str, int, float, list[Any], dict[str, Any], None]
"""A value that JSON has: what a script takes and returns."""
ValueType = Literal["str", "int", "float", "bool", "list", "dict", "none"]
"""The type of a literal."""
BinOps = Literal["add", "sub", "and", "or", "eq", "ne", "lt", "gt", "le", "ge"]
"""Operators between two expressions."""


class ArgObj(TypedDict):
    """Reads an argument of the script."""

    kind: Literal["arg"]
    name: str
    readable: str


class KeyObj(TypedDict):
    """Reads a key of the script."""

    kind: Literal["key"]
    name: str
    readable: str


class VarObj(TypedDict):
    """Reads a local variable."""

    kind: Literal["var"]
    name: str


class IndexObj(TypedDict):
    """Reads the index of a loop."""

    kind: Literal["index"]
    name: str


RefIdObj = Union[ArgObj, KeyObj, VarObj, IndexObj]
"""Reads what has a name."""


class LoadArg(TypedDict):
    """The value that a parameter is declared with."""

    kind: Literal["load_json_arg", "load_key_arg"]
    index: int


class LiteralValObj(TypedDict):
    """A literal."""

    kind: Literal["val"]
    value: LiteralValueType
    type: ValueType


class ConstantObj(TypedDict):
    """A named constant, such as a level of the log."""

    kind: Literal["constant"]
    raw: str


class UnaryOpObj(TypedDict):
    """Negates a condition."""

    kind: Literal["unary"]
    op: Literal["not"]
    arg: ExprObj


class BinaryOpObj(TypedDict):
    """An operator between two expressions."""

    kind: Literal["binary"]
    op: BinOps
    left: ExprObj
    right: ExprObj


class ArrayAtObj(TypedDict):
    """An element of a list."""

    kind: Literal["array_at"]
    arr: ExprObj
    index: ExprObj


class DictKeyObj(TypedDict):
    """The value of a key of a dictionary."""

    kind: Literal["dict_key"]
    obj: ExprObj
    key: ExprObj


class ArrayLengthObj(TypedDict):
    """The length of a list, a dictionary or a string."""

    kind: Literal["array_len"]
    var: RefIdObj


class ConcatObj(TypedDict):
    """The texts of expressions, one after the other."""

    kind: Literal["concat"]
    strings: list[ExprObj]


class CallObj(TypedDict):
    """Calls a function, or a Redis command as ``redis.call``."""

    kind: Literal["call"]
    name: str
    args: list[ExprObj]
    no_adjust: bool


ExprObj = Union[
    RefIdObj,
    LoadArg,
    LiteralValObj,
    ConstantObj,
    UnaryOpObj,
    BinaryOpObj,
    ArrayAtObj,
    DictKeyObj,
    ArrayLengthObj,
    ConcatObj,
    CallObj,
]
"""An expression."""


def get_literal(obj: ExprObj, vtype: ValueType | None = None) -> LiteralValueType:
    """The value of a literal, of this type if one is given; ``None`` for anything else."""
    if obj["kind"] != "val" or (vtype is not None and obj["type"] != vtype):
        return None
    return obj["value"]


def is_none_literal(obj: ExprObj) -> bool:
    """Whether the expression is the literal ``None``."""
    return obj["kind"] == "val" and obj["type"] == "none"


def find_literal(
    objs: list[ExprObj],
    value: LiteralValueType,
    *,
    vtype: ValueType | None = None,
    no_case: bool = False,
) -> tuple[int, LiteralValueType] | None:
    """The index and value of the first expression that is this literal.

    Args:
        objs: where to look.
        value: the literal.
        vtype: the type that it must have.
        no_case: whether upper and lower case are the same.
    """
    for index, obj in enumerate(objs):
        if vtype == "none" or value is None:
            if is_none_literal(obj):
                return index, None
            continue
        found = get_literal(obj, vtype)
        if found == value or (no_case and vtype == "str" and f"{found}".upper() == f"{value}".upper()):
            return index, found
    return None
