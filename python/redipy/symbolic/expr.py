"""Expressions: written with operators and methods, compiled to the intermediate form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Union

from redipy.graph.expr import BinOps, ExprObj, ValueType
from redipy.symbolic import uses


class Expr:
    """What has a value when the script runs.

    ``+`` and ``-`` are operators; comparisons and logic are methods, because Python gives ``==`` and ``and`` other
    meanings.
    """

    def compile(self) -> ExprObj:
        """The expression in the intermediate form."""
        raise NotImplementedError

    def __add__(self, other: MixedType) -> Expr:
        return AddOp(self, other)

    def __radd__(self, other: MixedType) -> Expr:
        return AddOp(other, self)

    def __sub__(self, other: MixedType) -> Expr:
        return SubOp(self, other)

    def __rsub__(self, other: MixedType) -> Expr:
        return SubOp(other, self)

    def __bool__(self) -> bool:
        raise TypeError(
            "an expression has no value before the script runs: use if_, while_, and_, or_ and not_ in place of "
            "if, while, and, or and not"
        )

    def eq_(self, other: MixedType) -> Expr:
        """Whether both are equal."""
        return EqOp(self, other)

    def ne_(self, other: MixedType) -> Expr:
        """Whether both differ."""
        return NeOp(self, other)

    def lt_(self, other: MixedType) -> Expr:
        """Whether this is less."""
        return LtOp(self, other)

    def le_(self, other: MixedType) -> Expr:
        """Whether this is less or equal."""
        return LeOp(self, other)

    def gt_(self, other: MixedType) -> Expr:
        """Whether this is greater."""
        return GtOp(self, other)

    def ge_(self, other: MixedType) -> Expr:
        """Whether this is greater or equal."""
        return GeOp(self, other)

    def not_(self) -> Expr:
        """Whether this is false."""
        return NotOp(self)

    def or_(self, other: MixedType) -> Expr:
        """This if it is true, or else the other, which is evaluated only then."""
        return OrOp(self, other)

    def and_(self, other: MixedType) -> Expr:
        """This if it is false, or else the other, which is evaluated only then."""
        return AndOp(self, other)


LiteralType = Union[str, int, float, bool, list[Any], dict[Any, Any], None]
"""A value that becomes a literal."""
MixedType = Union[LiteralType, Expr]
"""An expression, or a value that becomes a literal."""


class ExprHelper(Expr):
    """An expression that a function compiles."""

    def __init__(self, expr_fn: Callable[[], ExprObj]) -> None:
        self._expr_fn = expr_fn

    def compile(self) -> ExprObj:
        return self._expr_fn()


class Constant(Expr):
    """A named constant, such as ``redis.LOG_NOTICE``."""

    def __init__(self, raw: str) -> None:
        self._raw = raw

    def compile(self) -> ExprObj:
        return {"kind": "constant", "raw": self._raw}


class Strs(Expr):
    """The texts of values, one after the other."""

    def __init__(self, *values: MixedType) -> None:
        self._values = [lit_helper(value) for value in values]

    def compile(self) -> ExprObj:
        uses.count()
        return {"kind": "concat", "strings": [value.compile() for value in self._values]}


class LiteralOp(Expr):
    """A literal."""

    def __init__(self, value: LiteralType) -> None:
        self._value = value
        self._type = self.compute_type(value)

    @staticmethod
    def compute_type(value: LiteralType) -> ValueType:
        """The name of the value's type.

        Raises:
            ValueError: a script cannot contain such a value.
        """
        if value is None:
            return "none"
        # A bool is an int as well, so it comes first.
        for clazz, name in _LITERALS:
            if isinstance(value, clazz):
                return name
        raise ValueError(f"a script cannot contain a {type(value).__name__}: {value!r}")

    def compile(self) -> ExprObj:
        return {"kind": "val", "value": self._value, "type": self._type}


_LITERALS: list[tuple[type, ValueType]] = [
    (bool, "bool"),
    (int, "int"),
    (float, "float"),
    (str, "str"),
    (list, "list"),
    (dict, "dict"),
]


def lit_helper(value: MixedType) -> Expr:
    """The value as an expression."""
    return value if isinstance(value, Expr) else LiteralOp(value)


class NotOp(Expr):
    """Whether an expression is false."""

    def __init__(self, expr: MixedType) -> None:
        self._expr = lit_helper(expr)

    def compile(self) -> ExprObj:
        uses.count()
        return {"kind": "unary", "op": "not", "arg": self._expr.compile()}


class Op(Expr):
    """An operator between two expressions."""

    OP: ClassVar[BinOps]

    def __init__(self, lhs: MixedType, rhs: MixedType) -> None:
        self._lhs = lit_helper(lhs)
        self._rhs = lit_helper(rhs)

    def get_left(self) -> Expr:
        """The left side."""
        return self._lhs

    def get_right(self) -> Expr:
        """The right side."""
        return self._rhs

    def compile(self) -> ExprObj:
        uses.count()
        return {"kind": "binary", "op": self.OP, "left": self._lhs.compile(), "right": self._rhs.compile()}


class AndOp(Op):
    """``and_``"""

    OP = "and"


class OrOp(Op):
    """``or_``"""

    OP = "or"


class AddOp(Op):
    """``+``"""

    OP = "add"


class SubOp(Op):
    """``-``"""

    OP = "sub"


class LtOp(Op):
    """``lt_``"""

    OP = "lt"


class LeOp(Op):
    """``le_``"""

    OP = "le"


class GtOp(Op):
    """``gt_``"""

    OP = "gt"


class GeOp(Op):
    """``ge_``"""

    OP = "ge"


class EqOp(Op):
    """``eq_``"""

    OP = "eq"


class NeOp(Op):
    """``ne_``"""

    OP = "ne"
