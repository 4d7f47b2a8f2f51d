//! A script while it is written: statements in blocks, over expressions that are trees.
//!
//! Only the data is here: [`build`](crate::build) is how the user writes it, `lower` makes the [`ir`](crate::ir) of it.

mod expr;

use crate::ir::Origin;
use crate::problem::Problem;
use crate::source_line::SourceLine;

pub use expr::{Expr, NONE, NoneLiteral, Var};
pub(crate) use expr::{Node, NodeKind};

/// A script that is being written.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// A number that distinguishes the variables of this draft from those of others.
    pub(crate) id: u64,
    /// The script itself is the first; statements name the others by position.
    pub(crate) blocks: Vec<Vec<Statement>>,
    pub(crate) keys: Vec<String>,
    pub(crate) args: Vec<String>,
    pub(crate) vars: Vec<Origin>,
    /// Keys must be made from declared ones.
    pub(crate) strict: bool,
    /// Set when the draft was compiled, and may not change any more.
    pub(crate) registered: bool,
    /// The problems that were found while it was built.
    pub(crate) problems: Vec<Problem>,
}

/// A statement and where it was written.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) kind: StatementKind,
    pub(crate) place: SourceLine,
}

/// The kinds of statements; variables are positions in [`State::vars`], blocks in [`State::blocks`].
#[derive(Debug, Clone)]
pub(crate) enum StatementKind {
    Local(u32, Expr),
    Assign(Expr, Expr),
    Add(Expr),
    SetAt(Expr, Expr, Expr),
    SetKey(Expr, Expr, Expr),
    If(Expr, usize, usize),
    While(Expr, usize),
    For { list: Expr, index: u32, item: u32, body: usize },
    Return(Expr),
    Break,
    Continue,
}
