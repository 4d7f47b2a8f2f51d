//! What a command that takes several values accepts: one value, or an array or `Vec` of them; or pairs.

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

macro_rules! several {
    ($($many:ident $(, $length:ident: usize)?;)*) => { $(
        impl<T: Into<Expr> $(, const $length: usize)?> IntoExprs for several!(@ $many T $($length)?) {
            #[track_caller]
            fn into_exprs(self) -> Vec<Expr> {
                let mut exprs = Vec::with_capacity(self.len());
                for item in self {
                    exprs.push(item.into()); // in a closure it would not be the caller's
                }
                exprs
            }
        }

        impl<A: Into<Expr>, B: Into<Expr> $(, const $length: usize)?> IntoPairs for several!(@ $many (A, B) $($length)?) {
            #[track_caller]
            fn into_pairs(self) -> Vec<Expr> {
                let mut exprs = Vec::with_capacity(2 * self.len());
                for (first, second) in self {
                    exprs.push(first.into());
                    exprs.push(second.into());
                }
                exprs
            }
        }
    )* };
    (@ array $item:tt $length:ident) => { [$item; $length] };
    (@ vec $item:tt) => { Vec<$item> };
}

several! {
    array, N: usize;
    vec;
}

impl<A: Into<Expr>, B: Into<Expr>> IntoPairs for (A, B) {
    #[track_caller]
    fn into_pairs(self) -> Vec<Expr> {
        vec![self.0.into(), self.1.into()]
    }
}
