//! A failing program made as simple as it can be: statements go first, then expressions become operands or literals,
//! then what is stored, the arguments and the keys become smaller.

use redipy_command::Value;

use super::ast::{Expr, Op, Program, Stmt};

/// How many programs are tried at most.
const TRIES: usize = 4_000;

/// The simplest program found that still fails.
pub fn shrink(program: Program, fails: &mut dyn FnMut(&Program) -> bool) -> Program {
    let mut search = Search { best: program, fails, left: TRIES };
    search.keep(Program { prefixed: false, ..search.best.clone() });
    loop {
        let before = search.left;
        let changed = [search.statements(), search.setup(), search.expressions(), search.values()];
        if !changed.contains(&true) || search.left == 0 || search.left == before {
            return search.best;
        }
    }
}

struct Search<'a> {
    best: Program,
    fails: &'a mut dyn FnMut(&Program) -> bool,
    left: usize,
}

impl Search<'_> {
    /// Keeps a simpler program if it fails too.
    fn keep(&mut self, program: Program) -> bool {
        if self.left == 0 || program == self.best {
            return false;
        }
        self.left -= 1;
        let fails = (self.fails)(&program);
        if fails {
            self.best = program;
        }
        fails
    }

    /// Leaves out statements, or puts the blocks in them in their place.
    fn statements(&mut self) -> bool {
        let (mut changed, mut at) = (false, 0);
        while at < count(&self.best.body) {
            let mut kept = false;
            for way in [Cut::Out, Cut::Open(0), Cut::Open(1), Cut::Empty] {
                let mut program = self.best.clone();
                if cut(&mut program.body, &mut { at }, way) && self.keep(program) {
                    kept = true;
                    break;
                }
            }
            changed |= kept;
            at += usize::from(!kept);
        }
        changed
    }

    fn setup(&mut self) -> bool {
        let mut changed = false;
        for at in (0..self.best.setup.len()).rev() {
            let mut program = self.best.clone();
            program.setup.remove(at);
            changed |= self.keep(program);
        }
        for at in 0..self.best.setup.len() {
            for word in (2..self.best.setup[at].len()).rev() {
                let mut program = self.best.clone();
                program.setup[at].remove(word);
                changed |= self.keep(program);
            }
        }
        changed
    }

    /// Replaces expressions by their operands or by literals, and leaves out operands.
    fn expressions(&mut self) -> bool {
        let (mut changed, mut at) = (false, 0);
        loop {
            let mut program = self.best.clone();
            let Some(expr) = nth_expr(&mut program.body, &mut { at }) else { return changed };
            let kept = simpler(expr).into_iter().any(|simple| {
                let mut program = self.best.clone();
                if let Some(expr) = nth_expr(&mut program.body, &mut { at }) {
                    *expr = simple;
                }
                self.keep(program)
            });
            changed |= kept;
            at += usize::from(!kept);
        }
    }

    /// Makes arguments simpler.
    fn values(&mut self) -> bool {
        let mut changed = false;
        for at in 0..self.best.args.len() {
            while simpler_values(&self.best.args[at].1).into_iter().any(|value| {
                let mut program = self.best.clone();
                program.args[at].1 = value;
                self.keep(program)
            }) {
                changed = true;
            }
        }
        changed
    }
}

fn count(block: &[Stmt]) -> usize {
    block.iter().map(|stmt| 1 + stmt.blocks().into_iter().map(|block| count(block)).sum::<usize>()).sum()
}

#[derive(Clone, Copy)]
enum Cut {
    /// The statement goes.
    Out,
    /// One of its blocks takes its place.
    Open(usize),
    /// Its last block goes, or its last condition.
    Empty,
}

/// Changes the statement at a position, if that means anything for it.
fn cut(block: &mut Vec<Stmt>, left: &mut usize, way: Cut) -> bool {
    for at in 0..block.len() {
        if *left == 0 {
            return cut_here(block, at, way);
        }
        *left -= 1;
        for inner in block[at].blocks_mut() {
            let inside = count(inner);
            if *left < inside {
                return cut(inner, left, way);
            }
            *left -= inside;
        }
    }
    false
}

fn cut_here(block: &mut Vec<Stmt>, at: usize, way: Cut) -> bool {
    match way {
        Cut::Out => {
            block.remove(at);
        }
        Cut::Open(which) => {
            let Some(inner) = block[at].blocks().get(which).map(|inner| inner.to_vec()) else { return false };
            block.splice(at..=at, inner);
        }
        Cut::Empty => match &mut block[at] {
            Stmt::If(_, other) if !other.is_empty() => other.clear(),
            Stmt::If(arms, _) if arms.len() > 1 => arms.truncate(arms.len() - 1),
            _ => return false,
        },
    }
    true
}

/// The expression at a position, counted through the whole program.
fn nth_expr<'a>(block: &'a mut [Stmt], left: &mut usize) -> Option<&'a mut Expr> {
    for stmt in block {
        let exprs = stmt.exprs().into_iter().map(size).sum::<usize>();
        if *left < exprs {
            return stmt.exprs_mut().into_iter().find_map(|expr| nth_in(expr, left));
        }
        *left -= exprs;
        let inside: usize = stmt.blocks().into_iter().map(|block| exprs_in(block)).sum();
        if *left < inside {
            return stmt.blocks_mut().into_iter().find_map(|block| nth_expr(block, left));
        }
        *left -= inside;
    }
    None
}

fn nth_in<'a>(expr: &'a mut Expr, left: &mut usize) -> Option<&'a mut Expr> {
    if *left == 0 {
        return Some(expr);
    }
    *left -= 1;
    match expr {
        Expr::Op(_, operands) => operands.iter_mut().find_map(|operand| nth_in(operand, left)),
        _ => None,
    }
}

fn size(expr: &Expr) -> usize {
    let mut size = 0;
    expr.each(&mut |_| size += 1);
    size
}

fn exprs_in(block: &[Stmt]) -> usize {
    let own = |stmt: &Stmt| stmt.exprs().into_iter().map(size).sum::<usize>();
    let nested = |stmt: &Stmt| stmt.blocks().into_iter().map(|block| exprs_in(block)).sum::<usize>();
    block.iter().map(|stmt| own(stmt) + nested(stmt)).sum()
}

/// What may stand in the place of an expression, the simplest first.
fn simpler(expr: &Expr) -> Vec<Expr> {
    let literals = [Value::Null, Value::Int(0), Value::Int(1), "".into(), "a".into(), Value::Array(vec![])];
    let literals = || literals.iter().cloned().map(Expr::Value);
    match expr {
        Expr::Value(value) => simpler_values(value).into_iter().map(Expr::Value).collect(),
        Expr::Key(_) => Vec::new(),
        Expr::Arg(_) | Expr::Var(_) => literals().collect(),
        Expr::Op(op, operands) => {
            let mut found: Vec<Expr> = literals().collect();
            found.extend(operands.iter().cloned());
            let open = matches!(op, Op::List | Op::Command(_) | Op::Call(_));
            let width = if matches!(op, Op::Dict) { 2 } else { 1 };
            if open || matches!(op, Op::Dict) {
                for at in (0..operands.len()).step_by(width) {
                    let mut fewer = operands.clone();
                    fewer.drain(at..(at + width).min(operands.len()));
                    found.push(Expr::Op(op.clone(), fewer));
                }
            }
            found
        }
    }
}

/// Values that are simpler than this one.
fn simpler_values(value: &Value) -> Vec<Value> {
    match value {
        Value::Null | Value::Int(0) => Vec::new(),
        Value::Bool(_) | Value::Int(1) => vec![Value::Null],
        Value::Int(_) | Value::Double(_) => vec![Value::Null, Value::Int(0), Value::Int(1)],
        Value::Bulk(text) if text.is_empty() => vec![Value::Null],
        Value::Bulk(text) => {
            let mut found = vec![Value::Null, "".into()];
            if text.len() > 1 {
                found.extend([text[..text.len() / 2].into(), text[text.len() / 2..].into()]);
                found.push(text[1..].into());
            }
            found
        }
        Value::Array(items) => {
            let mut found = items.clone();
            found.extend((0..items.len()).map(|at| {
                let mut fewer = items.clone();
                fewer.remove(at);
                Value::Array(fewer)
            }));
            found.extend((0..items.len()).flat_map(|at| {
                simpler_values(&items[at]).into_iter().map(move |item| {
                    let mut simple = items.clone();
                    simple[at] = item;
                    Value::Array(simple)
                })
            }));
            found
        }
        Value::Map(pairs) => {
            let mut found: Vec<Value> = pairs.iter().map(|(_, value)| value.clone()).collect();
            found.extend((0..pairs.len()).map(|at| {
                let mut fewer = pairs.clone();
                fewer.remove(at);
                Value::Map(fewer)
            }));
            found
        }
        _ => vec![Value::Null],
    }
}

#[cfg(test)]
mod tests {
    use super::super::generate::Generator;
    use super::super::show::show;
    use super::*;

    #[test]
    fn what_is_not_needed_goes() {
        let generator = Generator::new();
        let doubts = |program: &Program| show(program).contains("LLEN(");
        let program = (0..).map(|seed| generator.program(seed)).find(|program| doubts(program)).unwrap();
        let text = show(&shrink(program, &mut |program| doubts(program)));
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with(' ')).collect();
        assert!(lines.len() == 1 && !text.contains("> "), "{text}");
    }
}
