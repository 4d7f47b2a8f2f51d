//! The standard functions as Rust functions, and calls by name.

use crate::draft::{Expr, NodeKind};
use crate::functions::Function;

/// A standard function of the [function table](crate::functions), by name; [`Function::call`] calls one of your own.
#[track_caller]
pub fn call(name: impl Into<String>, args: impl IntoIterator<Item = Expr>) -> Expr {
    Expr::new(NodeKind::Call(name.into(), args.into_iter().collect()))
}

impl Function {
    /// A call of it in a script.
    #[track_caller]
    pub fn call<T: Into<Expr>>(&self, args: impl IntoIterator<Item = T>) -> Expr {
        Expr::new(NodeKind::Apply(self.clone(), Expr::all(args)))
    }
}

/// Any command of the command table on a key.
///
/// What it returns is in the table "What a command returns inside a script"; `INCRBY` and `HINCRBY` take and give floats.
#[track_caller]
pub fn redis<T: Into<Expr>>(name: &str, key: impl Into<Expr>, args: impl IntoIterator<Item = T>) -> Expr {
    let mut all = vec![key.into()];
    all.extend(Expr::all(args));
    Expr::new(NodeKind::Command(name.to_ascii_uppercase(), all))
}

/// Any command of the command table, whatever its arguments are.
#[track_caller]
pub fn command<T: Into<Expr>>(name: &str, args: impl IntoIterator<Item = T>) -> Expr {
    Expr::new(NodeKind::Command(name.to_ascii_uppercase(), Expr::all(args)))
}

/// Concatenates strings and numbers.
#[track_caller]
pub fn strs<T: Into<Expr>>(parts: impl IntoIterator<Item = T>) -> Expr {
    call("strs", Expr::all(parts))
}

/// A list of these items.
#[track_caller]
pub fn list<T: Into<Expr>>(items: impl IntoIterator<Item = T>) -> Expr {
    Expr::new(NodeKind::List(Expr::all(items)))
}

/// A dict of these keys and values.
#[track_caller]
pub fn dict<K: Into<Expr>, V: Into<Expr>>(pairs: impl IntoIterator<Item = (K, V)>) -> Expr {
    Expr::new(NodeKind::Dict(Expr::pairs(pairs)))
}

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident($($arg:ident),*) = $text:literal;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name($($arg: impl Into<Expr>),*) -> Expr {
            call($text, [$($arg.into()),*])
        }
    )* };
}

functions! {
    /// The number that a string holds, or None.
    num(value) = "num";
    /// The number that a number or its text holds, without its fraction; an error for other texts.
    int_str(value) = "int_str";
    /// The text of a number, a string, a boolean ("true") or None ("nil").
    to_str(value) = "to_str";
    /// "nil", "boolean", "number", "string" or "table".
    type_str(value) = "type_str";
    /// The value that a JSON text stands for.
    from_json(text) = "from_json";
    /// The JSON text of a value.
    to_json(value) = "to_json";
    /// The position of a string in another, from 0, or None.
    find(text, needle) = "find";
    /// The position of a string in another, at or after a position.
    find_from(text, needle, start) = "find";
    /// Whether a string contains another, a list an item, or a dict a key.
    contains(whole, part) = "contains";
    /// The keys of a dict, in the order of their bytes.
    keys(dict) = "keys";
    /// The values of a dict, in the order of its keys.
    values(dict) = "values";
    /// The whole numbers from `start` up to `stop`, which is not included, as a list.
    range(start, stop) = "range";
    /// The numbers from `start` to `stop`, which is not included, in steps that may be negative.
    range_step(start, stop, step) = "range";
    /// The smaller of two numbers.
    min(a, b) = "min";
    /// The larger of two numbers.
    max(a, b) = "max";
    /// A number without its sign.
    abs(number) = "abs";
    /// The largest whole number that is not greater.
    floor(number) = "math.floor";
    /// The smallest whole number that is not less.
    ceil(number) = "math.ceil";
    /// The square root of a number that is not negative.
    sqrt(number) = "math.sqrt";
    /// The remainder of a division, with the sign of the number; `%` gives it the sign of the divisor.
    fmod(number, divisor) = "math.fmod";
    /// A string with its ASCII letters in lower case.
    lower(text) = "lower";
    /// A string with its ASCII letters in upper case.
    upper(text) = "upper";
    /// The parts of a string between occurrences of a separator.
    split(text, separator) = "split";
    /// The strings of a list, joined.
    join(list, separator) = "join";
}

/// Writes to the log of the server; `level` is "debug", "verbose", "notice" or "warning".
#[track_caller]
pub fn log_text(level: impl Into<Expr>, message: impl Into<Expr>) -> Expr {
    Expr::new(NodeKind::Log(level.into(), message.into()))
}

/// A string of several parts: `strs!("user:", &id)`.
#[macro_export]
macro_rules! strs {
    ($($part:expr),* $(,)?) => { $crate::strs([$($crate::Expr::from($part)),*] as [$crate::Expr; _]) };
}

/// Expressions of different kinds in one array: `exprs!["PX", &ttl]`.
#[macro_export]
macro_rules! exprs {
    ($($part:expr),* $(,)?) => { [$($crate::Expr::from($part)),*] };
}
