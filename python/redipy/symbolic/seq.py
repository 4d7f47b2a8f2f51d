"""Blocks of statements, and the script itself."""

from __future__ import annotations

from redipy.graph.cmd import CommandObj, StmtObj
from redipy.graph.expr import IndexObj, RefIdObj, VarObj
from redipy.graph.seq import SequenceObj
from redipy.symbolic import uses
from redipy.symbolic.core import CmdHelper, Compilable, JSONArg, KeyVariable, LocalVariable, Variable
from redipy.symbolic.expr import Expr, MixedType, lit_helper


class Sequence:
    """A block: statements in order."""

    def __init__(self, ctx: FnContext) -> None:
        self._ctx = ctx
        self._seq: list[Compilable] = []

    def compile(self) -> SequenceObj:
        """The block in the intermediate form."""
        raise NotImplementedError

    def add(self, term: Compilable | Expr) -> None:
        """Adds a statement, or an expression that is evaluated for its effect.

        Raises:
            TypeError: it is neither.
        """
        if isinstance(term, Expr):
            self._seq.append(Effect(self._ctx, term))
        elif isinstance(term, Compilable):
            self._seq.append(term)
        else:
            raise TypeError(f"a statement or an expression is wanted, not {type(term).__name__}")

    def is_empty(self) -> bool:
        """Whether the block has no statement."""
        return not self._seq

    def get_cmds(self) -> list[CommandObj]:
        """The statements in the intermediate form."""
        return [statement.compile() for statement in self._seq]

    def for_(self, array: Expr) -> tuple[Sequence, Variable, Variable]:
        """A loop over the elements of a list: its block, and the index and value in it."""
        loop = ForLoop(self._ctx, array)
        self.add(loop)
        return loop.get_loop(), loop.get_index(), loop.get_value()

    def if_(self, condition: MixedType) -> tuple[Sequence, Sequence]:
        """A branch: the block for a true condition, and the one for a false condition."""
        branch = Branch(self._ctx, condition)
        self.add(branch)
        return branch.get_success(), branch.get_failure()

    def while_(self, condition: MixedType) -> Sequence:
        """A loop as long as a condition is true: its block."""
        loop = WhileLoop(self._ctx, condition)
        self.add(loop)
        return loop.get_loop()


class Effect(Compilable):
    """An expression that is evaluated for its effect."""

    def __init__(self, ctx: FnContext, expr: Expr) -> None:
        self._calls: list[tuple[uses.Call, uses.Branches]] = []
        with uses.counting(ctx.operations), uses.noting(self._calls):
            # It is compiled at once: what it refers to may get another meaning later.
            self._expr = expr.compile()
            ctx.operations = uses.counted()

    def compile(self) -> CommandObj:
        for call, _ in self._calls:
            uses.met(call)
        return {"kind": "stmt", "expr": self._expr}


class Seq(Sequence):
    """A block inside a script."""

    def compile(self) -> SequenceObj:
        return {"kind": "seq", "cmds": self.get_cmds()}


class FnContext(Sequence):
    """A script that is being written.

    Example:
        >>> import redipy
        >>> ctx = redipy.script.FnContext()
        >>> stock = redipy.script.RedisVar(ctx.add_key("stock"))
        >>> ctx.set_return_value(stock.incrby(ctx.add_arg("by")))
        >>> r = redipy.Redis()
        >>> add = r.register_script(ctx)
        >>> add(keys={"stock": "apples"}, args={"by": 3})
        3
    """

    def __init__(self) -> None:
        super().__init__(self)
        self._args: list[tuple[str, JSONArg]] = []
        self._keys: list[tuple[str, KeyVariable]] = []
        self._locals: list[LocalVariable] = []
        self._loops = 0
        self.operations = 0

    def add_arg(self, name: str) -> JSONArg:
        """Adds an argument.

        Raises:
            ValueError: the script has an argument of this name.
        """
        if any(name == known for known, _ in self._args):
            raise ValueError(f"ambiguous arg name: {name}")
        arg = JSONArg(name)
        arg.set_index(len(self._args))
        self._args.append((name, arg))
        self.add(CmdHelper(arg.get_declare))
        return arg

    def add_key(self, name: str) -> KeyVariable:
        """Adds a key.

        Raises:
            ValueError: the script has a key of this name.
        """
        if any(name == known for known, _ in self._keys):
            raise ValueError(f"ambiguous key name: {name}")
        key = KeyVariable(name)
        key.set_index(len(self._keys))
        self._keys.append((name, key))
        self.add(CmdHelper(key.get_declare))
        return key

    def add_local(self, init: MixedType) -> LocalVariable:
        """Adds a variable with this value."""
        local = LocalVariable(init)
        local.set_index(len(self._locals))
        self._locals.append(local)
        self.add(CmdHelper(local.get_declare))
        return local

    def add_loop(self) -> int:
        """Numbers a loop; blocks do this themselves."""
        self._loops += 1
        return self._loops - 1

    def set_return_value(self, value: MixedType) -> None:
        """Ends the script with this result."""
        if value is None:
            self.add(CmdHelper(lambda: {"kind": "return", "value": None}))
            return
        expr = lit_helper(value)
        self.add(CmdHelper(lambda: {"kind": "return", "value": expr.compile()}))

    def compile(self) -> SequenceObj:
        calls: list[tuple[uses.Call, uses.Branches]] = []
        with uses.counting(self.operations), uses.noting(calls):
            cmds = self.get_cmds()
        uses.warn_of_reused(calls)
        return {
            "kind": "script",
            "cmds": cmds,
            "argv": [name for name, _ in self._args],
            "keyv": [name for name, _ in self._keys],
        }


class Branch(Compilable):
    """One of two blocks."""

    def __init__(self, ctx: FnContext, condition: MixedType) -> None:
        self._condition = lit_helper(condition)
        self._success = Seq(ctx)
        self._failure = Seq(ctx)

    def get_success(self) -> Sequence:
        """The block for a true condition."""
        return self._success

    def get_failure(self) -> Sequence:
        """The block for a false condition."""
        return self._failure

    def compile(self) -> CommandObj:
        condition = self._condition.compile()
        with uses.branch(self, True):
            then = self._success.compile()
        with uses.branch(self, False):
            other = self._failure.compile()
        return {"kind": "branch", "condition": condition, "then": then, "else": other}


class LoopVariable(Variable):
    """A variable that a loop declares."""

    def get_declare_rhs(self) -> Expr:
        raise RuntimeError("a loop gives its variables their values")


class IndexVariable(LoopVariable):
    """The index of the element that a loop is at."""

    def prefix(self) -> str:
        return "ix"

    def get_index_ref(self) -> IndexObj:
        """The index in the intermediate form."""
        return {"kind": "index", "name": f"{self.prefix()}_{self.get_index()}"}

    def get_ref(self) -> RefIdObj:
        return self.get_index_ref()


class ValueVariable(LoopVariable):
    """The element that a loop is at."""

    def prefix(self) -> str:
        return "val"

    def get_var_ref(self) -> VarObj:
        """The element in the intermediate form."""
        return {"kind": "var", "name": f"{self.prefix()}_{self.get_index()}"}

    def get_ref(self) -> RefIdObj:
        return self.get_var_ref()


class ForLoop(Compilable):
    """A block for each element of a list."""

    def __init__(self, ctx: FnContext, array: Expr) -> None:
        number = ctx.add_loop()
        self._index = IndexVariable()
        self._index.set_index(number)
        self._value = ValueVariable()
        self._value.set_index(number)
        self._loop = Seq(ctx)
        self._array = lit_helper(array)

    def get_index(self) -> Variable:
        """The index in the block."""
        return self._index

    def get_value(self) -> Variable:
        """The value in the block."""
        return self._value

    def get_loop(self) -> Sequence:
        """The block."""
        return self._loop

    def compile(self) -> CommandObj:
        return {
            "kind": "for",
            "array": self._array.compile(),
            "index": self._index.get_index_ref(),
            "value": self._value.get_var_ref(),
            "body": self._loop.compile(),
        }


class WhileLoop(Compilable):
    """A block as long as a condition is true."""

    def __init__(self, ctx: FnContext, condition: MixedType) -> None:
        self._condition = lit_helper(condition)
        self._loop = Seq(ctx)

    def get_loop(self) -> Sequence:
        """The block."""
        return self._loop

    def compile(self) -> CommandObj:
        return {"kind": "while", "condition": self._condition.compile(), "body": self._loop.compile()}


# Some of these are here because users of the original import them from here.
__all__ = [
    "Branch",
    "CmdHelper",
    "CommandObj",
    "Compilable",
    "Expr",
    "FnContext",
    "ForLoop",
    "IndexObj",
    "IndexVariable",
    "JSONArg",
    "KeyVariable",
    "LocalVariable",
    "LoopVariable",
    "MixedType",
    "RefIdObj",
    "Seq",
    "Sequence",
    "SequenceObj",
    "StmtObj",
    "ValueVariable",
    "VarObj",
    "Variable",
    "WhileLoop",
    "lit_helper",
]
