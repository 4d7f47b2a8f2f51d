//! The program that both targets run: plain data, and nothing else. How it is checked is in [`check`](crate::check),
//! how it is printed in `print.rs`.
//!
//! # Meaning
//! A script has *parameters* (keys, which are strings, and arguments, which are JSON values), *variables*, and one
//! *body*. Running it runs the statements of the body in order.
//!
//! **Values** are None, booleans, numbers (IEEE doubles), strings (bytes), lists and dicts. Lists and dicts are shared:
//! two variables can hold the same list, and a change through one is seen through the other.
//!
//! **Expressions** ([`ExprKind`]) have no effect. They can fail, which ends the script. Operands are evaluated from left
//! to right. [`ExprKind::Both`] and [`ExprKind::Either`] give a boolean and look at their right operand only when the
//! left one does not decide. The truth of a value is Python's: None, False, 0, "", [] and {} are false.
//!
//! **Statements** ([`StmtKind`]) have effects, one each. A command call is a statement: it runs exactly once, where it
//! stands. An `and` or `or` whose right side calls a command, or whose value rather than its truth is wanted, has been
//! turned into an `if`. The *head* of a loop holds what its condition needs; it runs again before every round.
//!
//! A variable is declared by the first statement that gives it a value ([`Target::New`]), and is known until the end of
//! the block with that statement. A loop's head and body are blocks, but the condition sees what the head declares.
//!
//! A script that ends without `return` gives None. What was written before an error stays written.
//!
//! Everything is found through a handle: an index into an arena of the [`Ir`].

use redipy_command::Bytes;

use crate::functions::{self, Function};
pub use crate::op::BinaryOp;
use crate::source_line::SourceLine;

/// A program.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ir {
    /// The names of the declared keys, in order.
    pub keys: Vec<String>,
    /// The names of the arguments, in order.
    pub args: Vec<String>,
    /// The user's own functions that are called.
    pub functions: Vec<Function>,
    /// The variables.
    pub vars: Vec<VarDecl>,
    /// The expressions; operands come before their uses.
    pub exprs: Vec<ExprNode>,
    /// The blocks.
    pub blocks: Vec<Body>,
    /// The block to run.
    pub body: BlockId,
}

/// The handle of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ExprId(pub u32);

/// The handle of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct VarId(pub u32);

/// The handle of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct BlockId(pub u32);

/// A variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VarDecl {
    /// Whether the user or the lowering made it.
    pub origin: Origin,
}

/// The origin of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Declared by the user.
    Local,
    /// The position in a `for` loop.
    Index,
    /// The item in a `for` loop.
    Item,
    /// Holds an intermediate result.
    Temp,
}

/// Statements in the order in which they run.
pub type Body = Vec<Stmt>;

/// An expression and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct ExprNode {
    /// The computation.
    pub kind: ExprKind,
    /// The source location.
    pub place: SourceLine,
}

/// The kinds of expressions.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// None.
    None,
    /// A boolean.
    Bool(bool),
    /// A finite number.
    Num(f64),
    /// A string.
    Str(Bytes),
    /// A new list of these items.
    List(Vec<ExprId>),
    /// A new dict of these keys and values; a later key replaces an equal earlier one.
    Dict(Vec<(ExprId, ExprId)>),
    /// The name that the caller gave for a declared key.
    Key(u32),
    /// The caller's argument, a copy of what was passed.
    Arg(u32),
    /// The value of a variable.
    Var(VarId),
    /// The negated truth of the operand.
    Not(ExprId),
    /// Whether both operands are true.
    Both(ExprId, ExprId),
    /// Whether one operand is true.
    Either(ExprId, ExprId),
    /// An operator that evaluates both operands.
    Binary(BinaryOp, ExprId, ExprId),
    /// The item of a list at a position; negative positions count from the end.
    Index(ExprId, ExprId),
    /// The value of a key of a dict, or None.
    Get(ExprId, ExprId),
    /// A function, by its name: one of the [standard functions](crate::functions::FUNCTIONS) or of [`Ir::functions`].
    Call(String, Vec<ExprId>),
}

/// A statement and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Stmt {
    /// The effect.
    pub kind: StmtKind,
    /// The source location.
    pub place: SourceLine,
}

/// The target of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// None.
    Nowhere,
    /// Into a variable that this statement declares.
    New(VarId),
    /// Into a variable that is known here.
    Known(VarId),
}

impl Target {
    /// The variable.
    pub fn var(self) -> Option<VarId> {
        match self {
            Target::Nowhere => None,
            Target::New(var) | Target::Known(var) => Some(var),
        }
    }
}

/// The kinds of statements.
#[derive(Debug, Clone, PartialEq)]
pub enum StmtKind {
    /// Evaluates an expression.
    Set(Target, ExprId),
    /// Calls a command; the name is in upper case, every argument a string or a number.
    Command(Target, String, Vec<ExprId>),
    /// Writes a message to the log of the place where the script runs.
    Log(ExprId, ExprId),
    /// `list[index] = value`; a position at the end appends.
    SetAt(ExprId, ExprId, ExprId),
    /// `dict[key] = value`.
    SetKey(ExprId, ExprId, ExprId),
    /// A condition with two blocks.
    If(ExprId, BlockId, BlockId),
    /// Runs the head, then the body if the condition holds, and again.
    While {
        /// The statements that the condition needs.
        head: BlockId,
        /// Whether another round follows.
        cond: ExprId,
        /// The body.
        body: BlockId,
    },
    /// A loop over the items of a list. Items that a round appends are visited too.
    For {
        /// The list, evaluated once.
        list: ExprId,
        /// Declared in the body: the position, from 0.
        index: VarId,
        /// Declared in the body: the item.
        item: VarId,
        /// The body.
        body: BlockId,
    },
    /// Leaves the innermost loop.
    Break,
    /// Starts the next round of the innermost loop.
    Continue,
    /// Returns this value from the script.
    Return(ExprId),
}

impl Ir {
    /// The function of this name.
    pub fn function(&self, name: &str) -> Option<&Function> {
        functions::find(name).or_else(|| self.functions.iter().find(|row| row.name() == name))
    }

    /// The expression of a handle.
    pub fn expr(&self, id: ExprId) -> &ExprKind {
        &self.exprs[id.0 as usize].kind
    }

    /// The source location of an expression.
    pub fn place(&self, id: ExprId) -> &SourceLine {
        &self.exprs[id.0 as usize].place
    }

    /// The statements of a block.
    pub fn block(&self, id: BlockId) -> &[Stmt] {
        &self.blocks[id.0 as usize]
    }

    /// Calls `each` with every operand of an expression, from left to right.
    pub fn operands(&self, id: ExprId, each: &mut dyn FnMut(ExprId)) {
        match self.expr(id) {
            ExprKind::None | ExprKind::Bool(_) | ExprKind::Num(_) | ExprKind::Str(_) => {}
            ExprKind::Key(_) | ExprKind::Arg(_) | ExprKind::Var(_) => {}
            ExprKind::List(items) | ExprKind::Call(_, items) => items.iter().copied().for_each(each),
            ExprKind::Dict(pairs) => pairs.iter().flat_map(|(key, value)| [*key, *value]).for_each(each),
            ExprKind::Not(a) => each(*a),
            ExprKind::Both(a, b) | ExprKind::Either(a, b) | ExprKind::Binary(_, a, b) => {
                [*a, *b].into_iter().for_each(each);
            }
            ExprKind::Index(a, b) | ExprKind::Get(a, b) => [*a, *b].into_iter().for_each(each),
        }
    }

    /// Calls `each` with every variable that an expression reads.
    pub fn reads(&self, id: ExprId, each: &mut dyn FnMut(VarId)) {
        if let ExprKind::Var(var) = self.expr(id) {
            each(*var);
        }
        self.operands(id, &mut |operand| self.reads(operand, each));
    }

    /// Calls `each` with every statement of a block and of the blocks inside it, in the order of the text.
    pub fn walk<'a>(&'a self, block: BlockId, each: &mut dyn FnMut(&'a Stmt)) {
        for stmt in self.block(block) {
            each(stmt);
            for inner in stmt.kind.blocks().into_iter().flatten() {
                self.walk(inner, each);
            }
        }
    }
}

impl StmtKind {
    /// The blocks inside.
    pub fn blocks(&self) -> [Option<BlockId>; 2] {
        match *self {
            StmtKind::If(_, then, other) => [Some(then), Some(other)],
            StmtKind::While { head, body, .. } => [Some(head), Some(body)],
            StmtKind::For { body, .. } => [Some(body), None],
            _ => [None, None],
        }
    }

    /// The expressions it evaluates itself, from left to right.
    pub fn exprs(&self) -> Vec<ExprId> {
        match self {
            StmtKind::Set(_, a) | StmtKind::If(a, ..) | StmtKind::Return(a) => vec![*a],
            StmtKind::While { cond: a, .. } | StmtKind::For { list: a, .. } => vec![*a],
            StmtKind::Command(_, _, args) => args.clone(),
            StmtKind::Log(a, b) => vec![*a, *b],
            StmtKind::SetAt(a, b, c) | StmtKind::SetKey(a, b, c) => vec![*a, *b, *c],
            StmtKind::Break | StmtKind::Continue => Vec::new(),
        }
    }
}
