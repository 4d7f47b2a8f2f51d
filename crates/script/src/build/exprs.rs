//! Lists of expressions for commands that take several values: one value, an array or `Vec` of them, or pairs.

use redipy_command::{Bytes, Value};

use crate::draft::{Expr, NoneLiteral, Var};

/// One expression, or several: `list.rpush(&cur)`, `list.rpush(["a", "b"])`, `list.rpush(exprs![1, &cur])`.
pub trait IntoExprs {
    /// The expressions, in order.
    fn into_exprs(self) -> Vec<Expr>;
}

/// One pair of expressions, or several: `hash.hset(("f", &v))`, `hash.hset([("f", 1), ("g", 2)])`.
pub trait IntoPairs {
    /// The first and the second of every pair, one after the other.
    fn into_pairs(self) -> Vec<Expr>;
}

macro_rules! one {
    ($($from:ty),* $(,)?) => { $(
        impl IntoExprs for $from {
            #[track_caller]
            fn into_exprs(self) -> Vec<Expr> {
                vec![self.into()]
            }
        }
    )* };
}

one!(Expr, &Expr, Var, &Var, NoneLiteral, bool, i32, u32, i64, f64, &str, String, &String, &[u8], Bytes, Value);

impl<T: Into<Expr>, const N: usize> IntoExprs for [T; N] {
    #[track_caller]
    fn into_exprs(self) -> Vec<Expr> {
        Expr::all(self)
    }
}

impl<T: Into<Expr>> IntoExprs for Vec<T> {
    #[track_caller]
    fn into_exprs(self) -> Vec<Expr> {
        Expr::all(self)
    }
}

impl<A: Into<Expr>, B: Into<Expr>> IntoPairs for (A, B) {
    #[track_caller]
    fn into_pairs(self) -> Vec<Expr> {
        vec![self.0.into(), self.1.into()]
    }
}

impl<A: Into<Expr>, B: Into<Expr>, const N: usize> IntoPairs for [(A, B); N] {
    #[track_caller]
    fn into_pairs(self) -> Vec<Expr> {
        flat(Expr::pairs(self))
    }
}

impl<A: Into<Expr>, B: Into<Expr>> IntoPairs for Vec<(A, B)> {
    #[track_caller]
    fn into_pairs(self) -> Vec<Expr> {
        flat(Expr::pairs(self))
    }
}

fn flat(pairs: Vec<(Expr, Expr)>) -> Vec<Expr> {
    pairs.into_iter().flat_map(|(first, second)| [first, second]).collect()
}
