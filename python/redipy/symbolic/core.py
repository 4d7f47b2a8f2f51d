"""Variables and what can stand as a statement."""

from __future__ import annotations

from collections.abc import Callable

from redipy.graph.cmd import AssignmentObj, CommandObj
from redipy.graph.expr import ArgObj, ExprObj, KeyObj, RefIdObj, VarObj
from redipy.symbolic import uses
from redipy.symbolic.expr import Expr, ExprHelper, MixedType, lit_helper


class Compilable:
    """What can stand as a statement."""

    def compile(self) -> CommandObj:
        """The statement in the intermediate form."""
        raise NotImplementedError


class CmdHelper(Compilable):
    """A statement that a function compiles."""

    def __init__(self, stmt_fn: Callable[[], CommandObj]) -> None:
        self._stmt_fn = stmt_fn

    def compile(self) -> CommandObj:
        return self._stmt_fn()


class Variable(Expr):
    """A name for a value."""

    def __init__(self) -> None:
        self._index: int | None = None

    def len_(self) -> Expr:
        """The length of the list, dictionary or string."""
        return ArrayLen(self)

    def __getitem__(self, other: MixedType) -> Expr:
        """The element at an index of the list."""
        return ArrayAt(self, other)

    # A variable with elements looks iterable to Python, which would ask for one after the other for ever.
    __iter__ = None

    def get_key(self, key: MixedType) -> Expr:
        """The value of a key of the dictionary."""
        return DictKey(self, key)

    def set_index(self, index: int) -> None:
        """Numbers the variable; scripts do this themselves."""
        self._index = index

    def get_index(self) -> int:
        """The number of the variable."""
        assert self._index is not None, "a script numbers its variables when they are added"
        return self._index

    def prefix(self) -> str:
        """What the variable's name in the intermediate form begins with."""
        raise NotImplementedError

    def get_declare(self) -> AssignmentObj:
        """The statement that declares the variable."""
        return {"kind": "declare", "assign": self.get_ref(), "value": self.get_declare_rhs().compile()}

    def get_declare_rhs(self) -> Expr:
        """The value that the variable is declared with."""
        raise NotImplementedError

    def get_ref(self) -> RefIdObj:
        """The variable in the intermediate form."""
        raise NotImplementedError

    def compile(self) -> RefIdObj:
        return self.get_ref()

    def assign(self, val: MixedType) -> CmdHelper:
        """The statement that gives the variable a value."""
        value = lit_helper(val)
        return CmdHelper(lambda: {"kind": "assign", "assign": self.get_ref(), "value": value.compile()})

    def set_at(self, index: MixedType, val: MixedType) -> CmdHelper:
        """The statement that replaces an element of the list."""
        at, value = lit_helper(index), lit_helper(val)
        return CmdHelper(
            lambda: {
                "kind": "assign_at",
                "assign": self.get_ref(),
                "index": at.compile(),
                "value": value.compile(),
            }
        )

    def set_key(self, key: MixedType, val: MixedType) -> CmdHelper:
        """The statement that sets the value of a key of the dictionary."""
        name, value = lit_helper(key), lit_helper(val)
        return CmdHelper(
            lambda: {
                "kind": "assign_key",
                "assign": self.get_ref(),
                "key": name.compile(),
                "value": value.compile(),
            }
        )


class KeyVariable(Variable):
    """A key of the script. Scripts make it by ``add_key``."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def get_declare_rhs(self) -> Expr:
        return ExprHelper(lambda: {"kind": "load_key_arg", "index": self.get_index()})

    def prefix(self) -> str:
        return "key"

    def get_key_ref(self) -> KeyObj:
        """The key in the intermediate form."""
        return {"kind": "key", "name": f"{self.prefix()}_{self.get_index()}", "readable": self._name}

    def get_ref(self) -> RefIdObj:
        return self.get_key_ref()


class JSONArg(Variable):
    """An argument of the script: any value that JSON has. Scripts make it by ``add_arg``."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def get_declare_rhs(self) -> Expr:
        return ExprHelper(lambda: {"kind": "load_json_arg", "index": self.get_index()})

    def prefix(self) -> str:
        return "arg"

    def get_arg_ref(self) -> ArgObj:
        """The argument in the intermediate form."""
        return {"kind": "arg", "name": f"{self.prefix()}_{self.get_index()}", "readable": self._name}

    def get_ref(self) -> RefIdObj:
        return self.get_arg_ref()


class LocalVariable(Variable):
    """A variable of the script. Scripts make it by ``add_local``."""

    def __init__(self, init: MixedType) -> None:
        super().__init__()
        self._init = lit_helper(init)

    def get_declare_rhs(self) -> Expr:
        return self._init

    def prefix(self) -> str:
        return "var"

    def get_var_ref(self) -> VarObj:
        """The variable in the intermediate form."""
        return {"kind": "var", "name": f"{self.prefix()}_{self.get_index()}"}

    def get_ref(self) -> RefIdObj:
        return self.get_var_ref()


class ArrayAt(Expr):
    """An element of a list."""

    def __init__(self, array: Variable, index: MixedType) -> None:
        self._array = array
        self._index = lit_helper(index)

    def compile(self) -> ExprObj:
        uses.count()
        return {"kind": "array_at", "arr": self._array.get_ref(), "index": self._index.compile()}


class DictKey(Expr):
    """The value of a key of a dictionary."""

    def __init__(self, obj: Variable, key: MixedType) -> None:
        self._obj = obj
        self._key = lit_helper(key)

    def compile(self) -> ExprObj:
        uses.count()
        return {"kind": "dict_key", "obj": self._obj.get_ref(), "key": self._key.compile()}


class ArrayLen(Expr):
    """The length of a list, dictionary or string."""

    def __init__(self, array: Variable) -> None:
        self._array = array

    def compile(self) -> ExprObj:
        return {"kind": "array_len", "var": self._array.get_ref()}
