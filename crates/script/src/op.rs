//! The operators with two operands. What they do to values is in `value/ops.rs`.

/// Operators with two operands, both of which are always evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// Numbers are added, strings and lists concatenated.
    Add,
    /// Subtraction of numbers.
    Sub,
    /// Multiplication of numbers.
    Mul,
    /// Division of numbers.
    Div,
    /// Division of numbers, rounded down.
    FloorDiv,
    /// The remainder of the division rounded down; it has the sign of the divisor.
    Mod,
    /// Deep equality, strict about types.
    Eq,
    /// Not equal.
    Ne,
    /// Less, of two numbers or two strings.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
}

impl BinaryOp {
    /// The operator's sign.
    pub fn sign(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::FloorDiv => "//",
            BinaryOp::Mod => "%",
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
            BinaryOp::Lt => "<",
            BinaryOp::Le => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::Ge => ">=",
        }
    }

    /// Returns whether it orders its operands.
    pub fn is_ordering(self) -> bool {
        matches!(self, BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge)
    }
}
