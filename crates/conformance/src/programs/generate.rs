//! Random programs: statements over what is known at their place. Expressions are in [`exprs`](super::exprs).
//!
//! Most programs are well typed, so that they run deep; some are not, on purpose.

use redipy_command::Value;
use redipy_script::ir::BinaryOp;

use super::ast::{Expr, For, Op, Program, Stmt};
use super::commands::{Commands, LETTERS};
use super::scope::{Gen, Seen, Ty};
use super::values;
use crate::command::Command;
use crate::diff::rng::Rng;

/// Makes programs from seeds.
pub struct Generator {
    commands: Commands,
}

impl Default for Generator {
    fn default() -> Self {
        Self::new()
    }
}

impl Generator {
    /// Reads the rules of commands.
    pub fn new() -> Self {
        Generator { commands: Commands::new() }
    }

    /// The program of this seed.
    pub fn program(&self, seed: u64) -> Program {
        let mut rng = Rng::new(seed);
        let odd = if rng.percent(20) { 8 } else { 1 };
        let declares = rng.percent(50);
        let left = if rng.percent(2) { rng.between(60, 260) } else { rng.between(4, 22) } as usize;
        let mut made = Gen {
            rng,
            commands: &self.commands,
            odd,
            declares,
            keys: Vec::new(),
            args: Vec::new(),
            scope: Vec::new(),
            gone: Vec::new(),
            next: 0,
            left,
            loops: 0,
        };
        made.parameters();
        let setup: Vec<Command> = made.commands.setup(&mut made.rng);
        let mut body = made.block(0);
        if made.rng.percent(2) && !matches!(body.last(), Some(Stmt::Return(_))) {
            body.push(made.deep());
        }
        if !matches!(body.last(), Some(Stmt::Return(_))) {
            body.extend(made.ending());
        }
        let prefixed = made.rng.percent(10);
        Program { keys: made.keys, args: made.args, setup, body, prefixed }
    }
}

impl Gen<'_> {
    fn parameters(&mut self) {
        for at in 0..self.rng.below(4) {
            let letter = self.rng.pick(&LETTERS).to_string();
            self.declare(format!("{letter}{}", 1 + at % 3).into_bytes());
        }
        for _ in 0..self.rng.below(4) {
            let rng = &mut self.rng;
            let value = match rng.below(100) {
                0 => values::extreme(rng),
                1..50 => values::plain(rng),
                50..75 => values::list(rng, 1),
                75..90 => values::dict(rng, 1),
                _ => values::any(rng, 3),
            };
            let name = self.name_of("arg", self.args.len());
            self.args.push((name, value));
        }
    }

    /// Statements; what they declare is not seen after them.
    fn block(&mut self, depth: usize) -> Vec<Stmt> {
        let seen = self.scope.len();
        let count = if depth == 0 { self.left } else { 1 + self.rng.below(4) };
        let mut stmts = Vec::new();
        for _ in 0..count {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            let stmt = self.stmt(depth);
            let ends = matches!(stmt, Stmt::Return(_) | Stmt::Break | Stmt::Continue);
            stmts.push(stmt);
            if ends && !self.rng.percent(1) {
                break;
            }
        }
        // At the top, variables are looked at in the end.
        if depth > 0 {
            self.close(seen);
        }
        stmts
    }

    fn stmt(&mut self, depth: usize) -> Stmt {
        let deep = depth >= 3 || self.left < 2;
        match self.rng.below(100) {
            0..24 => self.local(),
            24..36 => self.assign(),
            36..60 => Stmt::Add(self.command_expr()),
            60..68 if !deep => self.branches(depth),
            68..72 if !deep && self.loops < 2 => self.repeated(depth),
            72..78 if !deep && self.loops < 2 => self.each(depth),
            78..84 => self.set_at(),
            84..90 => self.set_key(),
            90..92 => self.name(),
            92 => {
                let level = self.rng.pick(&["debug", "verbose"]);
                Stmt::Add(Expr::op(Op::Log(level), [self.expr(Ty::Any, 2)]))
            }
            93..95 if depth > 0 => Stmt::Return(self.expr(Ty::Any, 2)),
            95..98 if self.loops > 0 && depth > 1 => {
                if self.rng.percent(50) {
                    Stmt::Break
                } else {
                    Stmt::Continue
                }
            }
            _ => self.local(),
        }
    }

    fn local(&mut self) -> Stmt {
        let ty = self.ty();
        let init = self.expr(ty, 3);
        Stmt::Local(self.fresh(ty, true), init)
    }

    fn name(&mut self) -> Stmt {
        let ty = if self.rng.percent(70) { Ty::Str } else { self.ty() };
        let named = self.expr(ty, 2);
        Stmt::Name(self.fresh(ty, false), named)
    }

    fn assign(&mut self) -> Stmt {
        let variables: Vec<usize> = (0..self.scope.len()).filter(|at| self.scope[*at].variable).collect();
        if variables.is_empty() {
            return self.local();
        }
        let at = *self.rng.pick(&variables);
        let Seen { id, mut ty, .. } = self.scope[at];
        if self.rng.percent(8) {
            ty = self.ty();
            self.scope[at].ty = Ty::Any;
        }
        Stmt::Assign(id, self.expr(ty, 3))
    }

    /// What is changed: something that others see too, as a rule.
    fn target(&mut self, ty: Ty) -> Option<Expr> {
        if self.rng.percent(15)
            && let Some(outer) = self.seen(Ty::List)
        {
            return Some(Expr::op(Op::Index, [outer, Expr::int(0)]));
        }
        self.seen(ty)
    }

    fn set_at(&mut self) -> Stmt {
        let Some(list) = self.target(Ty::List) else { return self.local() };
        let end = Expr::call("len", [list.clone()]);
        let at = match self.rng.below(10) {
            0..5 => end,
            5..7 => Expr::int(self.rng.between(-2, 2)),
            7 => self.expr(Ty::Num, 1),
            _ => Expr::op(Op::And, [end, Expr::int(-1)]),
        };
        Stmt::SetAt(list, at, self.expr(Ty::Any, 2))
    }

    fn set_key(&mut self) -> Stmt {
        let Some(dict) = self.target(Ty::Dict) else { return self.local() };
        let ty = if self.rng.percent(80) { Ty::Str } else { Ty::Num };
        Stmt::SetKey(dict, self.expr(ty, 1), self.expr(Ty::Any, 2))
    }

    fn branches(&mut self, depth: usize) -> Stmt {
        let arms = 1 + usize::from(self.rng.percent(25)) + usize::from(self.rng.percent(8));
        let arms = (0..arms).map(|_| (self.condition(), self.block(depth + 1))).collect();
        let other = if self.rng.percent(50) { self.block(depth + 1) } else { Vec::new() };
        Stmt::If(arms, other)
    }

    /// Statements in more blocks than Lua nests in one function.
    fn deep(&mut self) -> Stmt {
        let levels: Vec<usize> = (0..self.rng.between(15, 105)).map(|_| self.rng.below(12)).collect();
        let loops = self.loops;
        self.loops += usize::from(levels.iter().any(|level| *level < 2));
        self.left = 8;
        let mut inner = self.block(2);
        for level in levels {
            let other = if level == 2 && !self.scope.is_empty() { vec![self.assign()] } else { Vec::new() };
            let stmt = match level {
                0 => {
                    let list = Expr::op(Op::List, [self.expr(Ty::Any, 1), Expr::int(2)]);
                    let (index, item) = (self.fresh(Ty::Num, false), self.fresh(Ty::Any, false));
                    self.close(self.scope.len() - 2);
                    Stmt::For(For { list, index, item, limit: None, body: inner })
                }
                1 => Stmt::While(1, Expr::Value(Value::Bool(true)), inner),
                _ if self.rng.percent(97) => {
                    let same = self.expr(Ty::Any, 0);
                    let holds = Expr::op(Op::Binary(BinaryOp::Eq), [same.clone(), same]);
                    Stmt::If(vec![(holds, inner)], other)
                }
                _ => Stmt::If(vec![(self.condition(), inner)], other),
            };
            inner = vec![stmt];
        }
        self.loops = loops;
        Stmt::If(vec![(Expr::Value(Value::Bool(true)), inner)], Vec::new())
    }

    fn condition(&mut self) -> Expr {
        if self.rng.percent(15) {
            return self.command_expr();
        }
        let ty = if self.rng.percent(75) { Ty::Bool } else { Ty::Any };
        self.expr(ty, 2)
    }

    fn repeated(&mut self, depth: usize) -> Stmt {
        let cond = self.condition();
        self.loops += 1;
        let body = self.block(depth + 1);
        self.loops -= 1;
        Stmt::While(self.rng.between(1, 4) as u32, cond, body)
    }

    fn each(&mut self, depth: usize) -> Stmt {
        let list = self.expr(Ty::List, 2);
        let seen = self.scope.len();
        let (index, item) = (self.fresh(Ty::Num, self.odd > 5), self.fresh(Ty::Any, true));
        self.loops += 1;
        let mut body = self.block(depth + 1);
        if let (Expr::Var(id), true) = (&list, self.rng.percent(30)) {
            let change = self.change(*id);
            body.insert(self.rng.below(body.len().max(1)), change);
        }
        self.loops -= 1;
        self.close(seen);
        // A list that nobody else sees does not grow.
        let fresh = matches!(&list, Expr::Op(Op::List, _));
        Stmt::For(For { list, index, item, limit: (!fresh).then_some(5), body })
    }

    /// A change to the list that a loop goes through.
    fn change(&mut self, list: u32) -> Stmt {
        if self.rng.percent(30) {
            return Stmt::Assign(list, self.expr(Ty::List, 1));
        }
        let end = Expr::call("len", [Expr::Var(list)]);
        let at = if self.rng.percent(60) { end } else { Expr::int(-1) };
        Stmt::SetAt(Expr::Var(list), at, self.expr(Ty::Any, 1))
    }

    /// What the program gives: mostly all that it knows.
    fn ending(&mut self) -> Option<Stmt> {
        match self.rng.below(100) {
            0..75 => {
                let all = self.scope.iter().map(|seen| Expr::Var(seen.id)).collect::<Vec<_>>();
                Some(Stmt::Return(Expr::Op(Op::List, all)))
            }
            75..92 => Some(Stmt::Return(self.expr(Ty::Any, 3))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_program_again() {
        let (one, other) = (Generator::new(), Generator::new());
        (0..50).for_each(|seed| assert_eq!(one.program(seed), other.program(seed)));
    }
}
