//! A program that is being made, and what is known at the place where it grows.

use redipy_command::Value;

use super::ast::Expr;
use super::commands::Commands;
use super::values;
use crate::diff::rng::Rng;

/// The type that an expression is wanted to have. Containers may hold anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ty {
    /// None.
    None,
    /// A boolean.
    Bool,
    /// A number.
    Num,
    /// A string.
    Str,
    /// A list.
    List,
    /// A dict.
    Dict,
    /// Any of them.
    Any,
}

const TYPES: [Ty; 11] =
    [Ty::Num, Ty::Num, Ty::Str, Ty::Str, Ty::List, Ty::List, Ty::Dict, Ty::Bool, Ty::None, Ty::Any, Ty::Any];

/// A program that is being made.
pub(super) struct Gen<'a> {
    pub(super) rng: Rng,
    pub(super) commands: &'a Commands,
    /// How many of a hundred expressions have a type that does not fit.
    pub(super) odd: usize,
    /// Whether all keys are declared ones.
    pub(super) declares: bool,
    pub(super) keys: Vec<(String, Vec<u8>)>,
    pub(super) args: Vec<(String, Value)>,
    /// What can be seen here.
    pub(super) scope: Vec<Seen>,
    /// What was declared in blocks that are closed.
    pub(super) gone: Vec<u32>,
    pub(super) next: u32,
    /// How many statements may still be made.
    pub(super) left: usize,
    pub(super) loops: usize,
}

/// A variable or a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) id: u32,
    pub(super) ty: Ty,
    /// Whether it can be assigned to.
    pub(super) variable: bool,
}

fn type_of(value: &Value) -> Ty {
    match value {
        Value::Null => Ty::None,
        Value::Bool(_) => Ty::Bool,
        Value::Int(_) | Value::Double(_) => Ty::Num,
        Value::Array(_) => Ty::List,
        Value::Map(_) => Ty::Dict,
        _ => Ty::Str,
    }
}

impl Gen<'_> {
    /// Any type.
    pub(super) fn ty(&mut self) -> Ty {
        *self.rng.pick(&TYPES)
    }

    /// A variable, a name, an argument or a key of this type.
    pub(super) fn seen(&mut self, ty: Ty) -> Option<Expr> {
        let fits = |own: Ty| own == ty || ty == Ty::Any;
        let mut found: Vec<Expr> =
            self.scope.iter().filter(|seen| fits(seen.ty)).map(|seen| Expr::Var(seen.id)).collect();
        let args = self.args.iter().enumerate().filter(|(_, (_, value))| fits(type_of(value)));
        found.extend(args.map(|(at, _)| Expr::Arg(at)));
        if fits(Ty::Str) && !self.keys.is_empty() && self.rng.percent(20) {
            found.push(Expr::Key(self.rng.below(self.keys.len())));
        }
        if found.is_empty() { None } else { Some(self.rng.pick(&found).clone()) }
    }

    /// A literal of this type.
    pub(super) fn literal(&mut self, ty: Ty) -> Value {
        let rng = &mut self.rng;
        match ty {
            Ty::None => Value::Null,
            Ty::Bool => Value::Bool(rng.percent(50)),
            Ty::Num => values::number(rng),
            Ty::Str => Value::bulk(values::text(rng)),
            Ty::List => values::list(rng, 1),
            Ty::Dict => values::dict(rng, 1),
            Ty::Any => values::plain(rng),
        }
    }

    /// The position of a key of the database among the declared ones; declares it if need be.
    pub(super) fn declare(&mut self, key: Vec<u8>) -> usize {
        if let Some(at) = self.keys.iter().position(|(_, own)| *own == key) {
            return at;
        }
        let name = self.name_of("key", self.keys.len());
        self.keys.push((name, key));
        self.keys.len() - 1
    }

    /// A name that differs from all others; now and then one that is no word.
    pub(super) fn name_of(&mut self, kind: &str, at: usize) -> String {
        let odd = ["", "", "", "", "", " ", "\"]]--", "é", "\n", "\0", "'", "%d", ".end"];
        format!("{kind}{at}{}", self.rng.pick(&odd))
    }

    /// A new variable or name.
    pub(super) fn fresh(&mut self, ty: Ty, variable: bool) -> u32 {
        let id = self.next;
        self.next += 1;
        self.scope.push(Seen { id, ty, variable });
        id
    }

    /// Forgets all but the first so many variables.
    pub(super) fn close(&mut self, seen: usize) {
        self.gone.extend(self.scope.drain(seen..).map(|seen| seen.id));
    }
}
