//! Programs as data: what the generator makes, the builder builds, the printer shows and the shrinker cuts down.

use redipy_command::Value;
use redipy_script::ir::BinaryOp;

use crate::command::Command;

/// A program with all that a run of it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// The names of its keys, and which keys of the database they are.
    pub keys: Vec<(String, Vec<u8>)>,
    /// The names of its arguments, and their values.
    pub args: Vec<(String, Value)>,
    /// What is stored before.
    pub setup: Vec<Command>,
    /// What it does.
    pub body: Vec<Stmt>,
    /// Whether it is called under a prefix, if it can be.
    pub prefixed: bool,
}

/// A statement. Variables and names are told apart by number, in the whole program.
#[derive(Debug, Clone, PartialEq)]
pub enum Stmt {
    /// A new variable.
    Local(u32, Expr),
    /// A name for an expression that is evaluated at every use, as the key of a Redis object is.
    Name(u32, Expr),
    /// A new value for a variable.
    Assign(u32, Expr),
    /// An expression for its effect.
    Add(Expr),
    /// `list[index] = value`.
    SetAt(Expr, Expr, Expr),
    /// `dict[key] = value`.
    SetKey(Expr, Expr, Expr),
    /// Conditions with what they lead to, and what happens otherwise.
    If(Vec<(Expr, Vec<Stmt>)>, Vec<Stmt>),
    /// A loop that ends after so many rounds, whatever its condition says.
    While(u32, Expr, Vec<Stmt>),
    /// A loop over a list.
    For(For),
    /// The end of the program.
    Return(Expr),
    /// The end of a loop.
    Break,
    /// The next round of a loop.
    Continue,
}

/// A loop over a list.
#[derive(Debug, Clone, PartialEq)]
pub struct For {
    /// The list.
    pub list: Expr,
    /// The variable with the position.
    pub index: u32,
    /// The variable with the item.
    pub item: u32,
    /// After how many rounds it ends, if the list may grow meanwhile.
    pub limit: Option<u32>,
    /// What is done with every item.
    pub body: Vec<Stmt>,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A literal.
    Value(Value),
    /// An argument, by position.
    Arg(usize),
    /// A key, by position.
    Key(usize),
    /// A variable or a name.
    Var(u32),
    /// Something that is computed from operands.
    Op(Op, Vec<Expr>),
}

/// What is computed from operands.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// `not a`.
    Not,
    /// `-a`.
    Neg,
    /// `a and b`.
    And,
    /// `a or b`.
    Or,
    /// `a`, or `b` if it is None.
    Default,
    /// An operator that evaluates both.
    Binary(BinaryOp),
    /// `list[index]`.
    Index,
    /// `dict.get(key)`.
    Get,
    /// A list of the operands.
    List,
    /// A dict of the operands, keys and values in turns.
    Dict,
    /// A standard function.
    Call(&'static str),
    /// A command.
    Command(String),
    /// A message for the log, with its level.
    Log(&'static str),
}

impl Expr {
    /// A string.
    pub fn text(text: impl AsRef<[u8]>) -> Self {
        Expr::Value(Value::bulk(text.as_ref()))
    }

    /// An integer.
    pub fn int(int: i64) -> Self {
        Expr::Value(Value::Int(int))
    }

    /// An operation.
    pub fn op(op: Op, operands: impl Into<Vec<Expr>>) -> Self {
        Expr::Op(op, operands.into())
    }

    /// A standard function.
    pub fn call(name: &'static str, operands: impl Into<Vec<Expr>>) -> Self {
        Expr::Op(Op::Call(name), operands.into())
    }

    /// Calls something for this expression and everything in it.
    pub fn each(&self, seen: &mut dyn FnMut(&Expr)) {
        seen(self);
        if let Expr::Op(_, operands) = self {
            operands.iter().for_each(|operand| operand.each(seen));
        }
    }
}

impl Stmt {
    /// The expressions of the statement itself.
    pub fn exprs(&self) -> Vec<&Expr> {
        match self {
            Stmt::Local(_, a) | Stmt::Name(_, a) | Stmt::Assign(_, a) | Stmt::Add(a) | Stmt::Return(a) => vec![a],
            Stmt::SetAt(a, b, c) | Stmt::SetKey(a, b, c) => vec![a, b, c],
            Stmt::If(arms, _) => arms.iter().map(|(cond, _)| cond).collect(),
            Stmt::While(_, cond, _) => vec![cond],
            Stmt::For(each) => vec![&each.list],
            Stmt::Break | Stmt::Continue => Vec::new(),
        }
    }

    /// The same, to be changed.
    pub fn exprs_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            Stmt::Local(_, a) | Stmt::Name(_, a) | Stmt::Assign(_, a) | Stmt::Add(a) | Stmt::Return(a) => vec![a],
            Stmt::SetAt(a, b, c) | Stmt::SetKey(a, b, c) => vec![a, b, c],
            Stmt::If(arms, _) => arms.iter_mut().map(|(cond, _)| cond).collect(),
            Stmt::While(_, cond, _) => vec![cond],
            Stmt::For(each) => vec![&mut each.list],
            Stmt::Break | Stmt::Continue => Vec::new(),
        }
    }

    /// The blocks in it.
    pub fn blocks(&self) -> Vec<&Vec<Stmt>> {
        match self {
            Stmt::If(arms, other) => arms.iter().map(|(_, block)| block).chain([other]).collect(),
            Stmt::While(_, _, body) => vec![body],
            Stmt::For(each) => vec![&each.body],
            _ => Vec::new(),
        }
    }

    /// The same, to be changed.
    pub fn blocks_mut(&mut self) -> Vec<&mut Vec<Stmt>> {
        match self {
            Stmt::If(arms, other) => arms.iter_mut().map(|(_, block)| block).chain([other]).collect(),
            Stmt::While(_, _, body) => vec![body],
            Stmt::For(each) => vec![&mut each.body],
            _ => Vec::new(),
        }
    }
}

/// Calls something for every expression of a block, nested ones too.
pub fn each_expr(block: &[Stmt], seen: &mut dyn FnMut(&Expr)) {
    for stmt in block {
        stmt.exprs().into_iter().for_each(|expr| expr.each(seen));
        stmt.blocks().into_iter().for_each(|block| each_expr(block, seen));
    }
}

impl Program {
    /// Which keys and which arguments it uses.
    pub fn used(&self) -> (Vec<bool>, Vec<bool>) {
        let (mut keys, mut args) = (vec![false; self.keys.len()], vec![false; self.args.len()]);
        each_expr(&self.body, &mut |expr| match expr {
            Expr::Key(at) => keys[*at] = true,
            Expr::Arg(at) => args[*at] = true,
            _ => {}
        });
        (keys, args)
    }
}
