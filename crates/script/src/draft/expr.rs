//! Expressions as the user writes them: trees that are cheap to clone. Operators are in `build/ops.rs`.

use std::ops::Deref;
use std::rc::Rc;

use redipy_command::{Bytes, Value};

use crate::functions::Function;
use crate::ir::BinaryOp;
use crate::number;
use crate::source_line::SourceLine;

/// An expression. It is evaluated where a statement uses it, and again wherever else it is used.
#[derive(Debug, Clone)]
pub struct Expr(Rc<Node>);

/// A variable; it reads like an expression and can be assigned to.
#[derive(Debug, Clone)]
pub struct Var(pub(crate) Expr);

/// The type of [`NONE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoneLiteral;

/// None as a literal.
pub const NONE: NoneLiteral = NoneLiteral;

/// The maximal depth of expressions, which recursive code can handle.
const MAX_DEPTH: u32 = 1000;

/// How many operands an expression may have in all. One that is used twice is evaluated twice, so that doubling it
/// again and again soon means more than can be written down.
const MAX_SIZE: u32 = 50_000;

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) kind: NodeKind,
    pub(crate) place: SourceLine,
    pub(crate) depth: u32,
    /// The number of nodes.
    size: u32,
    /// Lowering it takes statements: it calls a command or decides what is evaluated.
    pub(crate) emits: bool,
}

#[derive(Debug)]
pub(crate) enum NodeKind {
    None,
    Bool(bool),
    Num(f64),
    Str(Bytes),
    /// A value that the language does not have; the text says why.
    Refused(String),
    List(Vec<Expr>),
    Dict(Vec<(Expr, Expr)>),
    Arg(u64, u32),
    Key(u64, u32),
    /// The name of a Redis object: it is evaluated at every use, with the commands in it.
    Name(Expr),
    Var(u64, u32),
    Not(Expr),
    And(Expr, Expr),
    Or(Expr, Expr),
    /// The first operand, or the second where the first is None.
    Default(Expr, Expr),
    Binary(BinaryOp, Expr, Expr),
    Index(Expr, Expr),
    Get(Expr, Expr),
    /// A standard function.
    Call(String, Vec<Expr>),
    /// A function of the user's own.
    Apply(Function, Vec<Expr>),
    Command(String, Vec<Expr>),
    Log(Expr, Expr),
}

impl NodeKind {
    fn operands(&self) -> Vec<&Expr> {
        match self {
            NodeKind::List(items) | NodeKind::Call(_, items) => items.iter().collect(),
            NodeKind::Apply(_, items) | NodeKind::Command(_, items) => items.iter().collect(),
            NodeKind::Dict(pairs) => pairs.iter().flat_map(|(key, value)| [key, value]).collect(),
            NodeKind::Not(a) | NodeKind::Name(a) => vec![a],
            NodeKind::And(a, b) | NodeKind::Or(a, b) | NodeKind::Default(a, b) => vec![a, b],
            NodeKind::Binary(_, a, b) | NodeKind::Index(a, b) | NodeKind::Get(a, b) | NodeKind::Log(a, b) => vec![a, b],
            _ => Vec::new(),
        }
    }
}

impl Expr {
    pub(crate) fn node(&self) -> &Node {
        &self.0
    }

    #[track_caller]
    pub(crate) fn new(kind: NodeKind) -> Self {
        let operands = kind.operands();
        let depth = operands.iter().map(|operand| operand.0.depth + 1).max().unwrap_or(0);
        let size = operands.iter().fold(1_u32, |size, operand| size.saturating_add(operand.0.size));
        let own = matches!(
            kind,
            NodeKind::Command(..) | NodeKind::Log(..) | NodeKind::Default(..) | NodeKind::And(..) | NodeKind::Or(..)
        );
        let emits = own || operands.iter().any(|operand| operand.0.emits);
        if depth > MAX_DEPTH {
            return Self::refused(format!("expression is nested more than {MAX_DEPTH} deep; use a local variable"));
        }
        if size > MAX_SIZE {
            return Self::refused(format!("expression has more than {MAX_SIZE} parts; use a local variable"));
        }
        Expr(Rc::new(Node { kind, place: SourceLine::caller(), depth, size, emits }))
    }

    /// Converts all items with the caller's source location, which a closure would lose.
    #[track_caller]
    pub(crate) fn all<T: Into<Expr>>(items: impl IntoIterator<Item = T>) -> Vec<Expr> {
        let mut exprs = Vec::new();
        for item in items {
            exprs.push(item.into());
        }
        exprs
    }

    /// [`Expr::all`] for pairs.
    #[track_caller]
    pub(crate) fn pairs<K: Into<Expr>, V: Into<Expr>>(pairs: impl IntoIterator<Item = (K, V)>) -> Vec<(Expr, Expr)> {
        let mut exprs = Vec::new();
        for (key, value) in pairs {
            exprs.push((key.into(), value.into()));
        }
        exprs
    }

    #[track_caller]
    fn refused(why: String) -> Self {
        Expr(Rc::new(Node {
            kind: NodeKind::Refused(why),
            place: SourceLine::caller(),
            depth: 0,
            size: 1,
            emits: false,
        }))
    }

    #[track_caller]
    pub(crate) fn binary(op: BinaryOp, a: Expr, b: Expr) -> Self {
        Self::new(NodeKind::Binary(op, a, b))
    }

    #[track_caller]
    fn integer(value: i64) -> Self {
        match number::exact(value) {
            Ok(number) => Self::new(NodeKind::Num(number)),
            Err(why) => Self::refused(why),
        }
    }

    #[track_caller]
    fn float(value: f64) -> Self {
        match number::finite(value) {
            Ok(number) => Self::new(NodeKind::Num(number)),
            Err(why) => Self::refused(why),
        }
    }
}

impl Deref for Var {
    type Target = Expr;

    fn deref(&self) -> &Expr {
        &self.0
    }
}

macro_rules! literals {
    ($($from:ty => |$name:ident| $value:expr;)*) => { $(
        impl From<$from> for Expr {
            #[track_caller]
            fn from($name: $from) -> Self { $value }
        }
    )* };
}

literals! {
    NoneLiteral => |_none| Self::new(NodeKind::None);
    bool => |value| Self::new(NodeKind::Bool(value));
    i32 => |value| Self::integer(value.into());
    u32 => |value| Self::integer(value.into());
    i64 => |value| Self::integer(value);
    f64 => |value| Self::float(value);
    &str => |text| Self::new(NodeKind::Str(text.into()));
    String => |text| Self::new(NodeKind::Str(text.into()));
    &String => |text| Self::new(NodeKind::Str(text.as_str().into()));
    &[u8] => |text| Self::new(NodeKind::Str(text.into()));
    Bytes => |text| Self::new(NodeKind::Str(text));
    &Expr => |expr| expr.clone();
    Var => |var| var.0;
    &Var => |var| var.0.clone();
    Vec<Expr> => |items| Self::new(NodeKind::List(items));
}

/// A literal of any kind; lists and dicts are new ones wherever the expression is evaluated.
impl From<Value> for Expr {
    #[track_caller]
    fn from(value: Value) -> Self {
        match value {
            Value::Null => NONE.into(),
            Value::Bool(value) => value.into(),
            Value::Int(value) => value.into(),
            Value::Double(value) => value.into(),
            Value::Status(text) => text.as_ref().into(),
            Value::Bulk(text) => text.into(),
            Value::Array(items) => Self::new(NodeKind::List(Expr::all(items))),
            Value::Map(pairs) => Self::new(NodeKind::Dict(Expr::pairs(pairs))),
            other => Self::refused(format!("a {} is no literal", other.shape())),
        }
    }
}
