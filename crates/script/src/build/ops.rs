//! Operators on expressions, as methods and through `std::ops`.

use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

use crate::draft::{Expr, NodeKind, Var};
use crate::ir::BinaryOp;

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident = $op:ident;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        #[must_use]
        pub fn $name(&self, other: impl Into<Expr>) -> Expr {
            Expr::binary(BinaryOp::$op, self.clone(), other.into())
        }
    )* };
}

impl Expr {
    methods! {
        /// Whether both are equal: deep, and strict about types (`1` is not `"1"` and not `True`).
        eq = Eq;
        /// Whether both differ.
        ne = Ne;
        /// Less than, of two numbers or two strings.
        lt = Lt;
        /// Less than or equal.
        le = Le;
        /// Greater than.
        gt = Gt;
        /// Greater than or equal.
        ge = Ge;
        /// Division of numbers, rounded down.
        floor_div = FloorDiv;
    }

    /// The left operand, if it is false, else the right one, which is evaluated only then.
    #[track_caller]
    #[must_use]
    pub fn and(&self, other: impl Into<Expr>) -> Expr {
        Expr::new(NodeKind::And(self.clone(), other.into()))
    }

    /// The left operand, if it is true, else the right one, which is evaluated only then.
    #[track_caller]
    #[must_use]
    pub fn or(&self, other: impl Into<Expr>) -> Expr {
        Expr::new(NodeKind::Or(self.clone(), other.into()))
    }

    /// Whether this is false.
    #[track_caller]
    #[must_use]
    #[allow(clippy::should_implement_trait)] // `!x` cannot be written on a reference to a variable as well
    pub fn not(&self) -> Expr {
        Expr::new(NodeKind::Not(self.clone()))
    }

    /// The left operand, unless it is None, else the right one, which is evaluated only then.
    #[track_caller]
    #[must_use]
    pub fn or_default(&self, other: impl Into<Expr>) -> Expr {
        Expr::new(NodeKind::Default(self.clone(), other.into()))
    }

    /// The item of a list; negative positions count from the end.
    #[track_caller]
    #[must_use]
    pub fn at(&self, index: impl Into<Expr>) -> Expr {
        Expr::new(NodeKind::Index(self.clone(), index.into()))
    }

    /// The items of a list, or the code points of a string, from one position up to another, which is not included.
    ///
    /// As in Python: negative positions count from the end, [`NONE`](crate::NONE) stands for the open end, and what is
    /// out of range is cut off.
    #[track_caller]
    #[must_use]
    pub fn slice(&self, start: impl Into<Expr>, stop: impl Into<Expr>) -> Expr {
        Expr::new(NodeKind::Call("slice".to_owned(), vec![self.clone(), start.into(), stop.into()]))
    }

    /// The value of a dict's key, or None.
    #[track_caller]
    #[must_use]
    pub fn get_key(&self, key: impl Into<Expr>) -> Expr {
        Expr::new(NodeKind::Get(self.clone(), key.into()))
    }

    /// The number of items of a list, of entries of a dict or of code points of a string.
    #[track_caller]
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // an expression, not a container
    pub fn len(&self) -> Expr {
        Expr::new(NodeKind::Call("len".to_owned(), vec![self.clone()]))
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $op:ident;)*) => { $(
        operators!(for Expr, &Expr, Var, &Var => $trait $method $op);
        operators!(reversed i32, i64, f64, &str => $trait $method $op);
    )* };
    (for $($own:ty),* => $trait:ident $method:ident $op:ident) => { $(
        impl<T: Into<Expr>> $trait<T> for $own {
            type Output = Expr;

            #[track_caller]
            fn $method(self, other: T) -> Expr {
                Expr::binary(BinaryOp::$op, self.into(), other.into())
            }
        }
    )* };
    (reversed $($own:ty),* => $trait:ident $method:ident $op:ident) => { $(
        operators!(pair $own; Expr, &Expr, Var, &Var => $trait $method $op);
    )* };
    (pair $own:ty; $($other:ty),* => $trait:ident $method:ident $op:ident) => { $(
        impl $trait<$other> for $own {
            type Output = Expr;

            #[track_caller]
            fn $method(self, other: $other) -> Expr {
                Expr::binary(BinaryOp::$op, self.into(), other.into())
            }
        }
    )* };
}

operators! {
    Add add Add;
    Sub sub Sub;
    Mul mul Mul;
    Div div Div;
    Rem rem Mod;
}

macro_rules! negation {
    ($($own:ty),*) => { $(
        impl Neg for $own {
            type Output = Expr;

            #[track_caller]
            fn neg(self) -> Expr {
                Expr::binary(BinaryOp::Sub, Expr::new(NodeKind::Num(0.0)), self.into())
            }
        }
    )* };
}

negation!(Expr, &Expr, Var, &Var);
