//! Whether a program is well formed: handles name what exists, operands stand before their use, blocks form a tree,
//! variables are known where they are used. Programs from the builder are; others may come from anywhere.

use crate::functions;
use crate::ir::{BlockId, ExprId, ExprKind, Ir, Stmt, StmtKind, Target, VarId};

/// Deeper expressions and blocks would be too much for recursive code.
const MAX_NESTING: u32 = 100;
const MAX_BLOCKS: usize = 330;

/// Checks the form of a program; nothing else may look at a program before.
pub(super) fn check_form(ir: &Ir) -> Result<(), String> {
    check_names(ir)?;
    check_exprs(ir)?;
    let mut walk =
        Walk { ir, known: vec![false; ir.vars.len()], seen: vec![false; ir.blocks.len()], depth: 0, loops: 0 };
    walk.block(ir.body, &[])
}

fn check_names(ir: &Ir) -> Result<(), String> {
    let functions: Vec<_> = ir.functions.iter().map(|row| row.name().to_owned()).collect();
    for names in [&ir.keys, &ir.args, &functions] {
        for (i, name) in names.iter().enumerate() {
            if names[..i].contains(name) {
                return Err(format!("{name:?} is declared twice"));
            }
        }
    }
    match functions.iter().find(|name| functions::find(name).is_some()) {
        Some(name) => Err(format!("{name:?} is the name of a standard function")),
        None => Ok(()),
    }
}

fn check_exprs(ir: &Ir) -> Result<(), String> {
    let mut depths: Vec<u32> = Vec::with_capacity(ir.exprs.len());
    for id in 0..ir.exprs.len() as u32 {
        let fits = match ir.expr(ExprId(id)) {
            ExprKind::Num(number) => number.is_finite(),
            ExprKind::Key(key) => (*key as usize) < ir.keys.len(),
            ExprKind::Arg(arg) => (*arg as usize) < ir.args.len(),
            ExprKind::Var(var) => (var.0 as usize) < ir.vars.len(),
            _ => true,
        };
        let (mut depth, mut earlier) = (0, true);
        ir.operands(ExprId(id), &mut |operand| {
            earlier &= operand.0 < id;
            depth = depth.max(depths.get(operand.0 as usize).map_or(0, |depth| depth + 1));
        });
        if !fits || !earlier {
            return Err(format!("expression {id} of the program is malformed"));
        }
        if depth > MAX_NESTING {
            return Err(format!("expressions are nested more than {MAX_NESTING} deep"));
        }
        depths.push(depth);
    }
    Ok(())
}

struct Walk<'a> {
    ir: &'a Ir,
    known: Vec<bool>,
    /// The blocks that were entered: none may be used twice, or in itself.
    seen: Vec<bool>,
    depth: usize,
    loops: usize,
}

impl Walk<'_> {
    fn block(&mut self, id: BlockId, declared: &[VarId]) -> Result<(), String> {
        let before = self.known.clone();
        let done = self.open_block(id, declared);
        self.known = before;
        done
    }

    /// Checks a block; the variables that it declares stay known.
    fn open_block(&mut self, id: BlockId, declared: &[VarId]) -> Result<(), String> {
        match self.seen.get_mut(id.0 as usize) {
            Some(seen) if !*seen => *seen = true,
            _ => return Err(format!("block {} of the program is missing or used twice", id.0)),
        }
        self.depth += 1;
        if self.depth > MAX_BLOCKS {
            return Err(format!("blocks are nested more than {MAX_BLOCKS} deep"));
        }
        declared.iter().try_for_each(|var| self.declare(*var))?;
        let ir = self.ir;
        for (at, stmt) in ir.block(id).iter().enumerate() {
            self.stmt(stmt)?;
            let leaves = matches!(stmt.kind, StmtKind::Return(_) | StmtKind::Break | StmtKind::Continue);
            if leaves && at + 1 < ir.block(id).len() {
                return Err(format!("block {} of the program goes on after its end", id.0));
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn declare(&mut self, var: VarId) -> Result<(), String> {
        let known = self.known.get_mut(var.0 as usize);
        *known.ok_or_else(|| format!("variable {} of the program is missing", var.0))? = true;
        Ok(())
    }

    fn expr(&self, id: ExprId) -> Result<(), String> {
        if id.0 as usize >= self.ir.exprs.len() {
            return Err(format!("expression {} of the program is missing", id.0));
        }
        let mut unknown = None;
        self.ir.reads(id, &mut |var| {
            if !self.known[var.0 as usize] {
                unknown = Some(var);
            }
        });
        unknown.map_or(Ok(()), |var| Err(format!("variable {} of the program is not known where it is used", var.0)))
    }

    fn stmt(&mut self, stmt: &Stmt) -> Result<(), String> {
        match &stmt.kind {
            StmtKind::While { head, cond, body } => {
                let before = self.known.clone();
                self.open_block(*head, &[])?;
                self.expr(*cond)?;
                self.loops += 1;
                self.block(*body, &[])?;
                self.loops -= 1;
                self.known = before;
                Ok(())
            }
            StmtKind::For { list, index, item, body } => {
                self.expr(*list)?;
                self.loops += 1;
                self.block(*body, &[*index, *item])?;
                self.loops -= 1;
                Ok(())
            }
            StmtKind::Break | StmtKind::Continue if self.loops == 0 => Err("`break` belongs into a loop".to_owned()),
            StmtKind::If(cond, then, other) => {
                self.expr(*cond)?;
                self.block(*then, &[])?;
                self.block(*other, &[])
            }
            kind => {
                kind.exprs().into_iter().try_for_each(|id| self.expr(id))?;
                let (StmtKind::Set(target, _) | StmtKind::Command(target, ..)) = kind else { return Ok(()) };
                match *target {
                    Target::Known(var) if self.known.get(var.0 as usize) != Some(&true) => {
                        Err(format!("variable {} of the program is assigned to where it is not known", var.0))
                    }
                    Target::New(var) => self.declare(var),
                    _ => Ok(()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::ExprNode;
    use crate::source_line::SourceLine;

    /// A program of one block with these statements over these expressions.
    fn program(exprs: Vec<ExprKind>, stmts: Vec<StmtKind>) -> Ir {
        let place = SourceLine::caller();
        let exprs = exprs.into_iter().map(|kind| ExprNode { kind, place: place.clone() }).collect();
        let block = stmts.into_iter().map(|kind| Stmt { kind, place: place.clone() }).collect();
        Ir { exprs, blocks: vec![block], ..Ir::default() }
    }

    #[test]
    fn malformed_programs_are_refused_and_do_not_panic() {
        let back = vec![ExprKind::Not(ExprId(0))];
        let missing = || vec![StmtKind::Return(ExprId(9))];
        let itself = || vec![StmtKind::If(ExprId(0), BlockId(0), BlockId(0))];
        for (exprs, stmts) in [
            (back, vec![]),
            (vec![ExprKind::Var(VarId(0))], vec![]),
            (vec![ExprKind::Key(0)], vec![]),
            (vec![ExprKind::Num(f64::NAN)], vec![]),
            (vec![], missing()),
            (vec![ExprKind::None], itself()),
            (vec![ExprKind::None], vec![StmtKind::Set(Target::New(VarId(3)), ExprId(0))]),
            (vec![], vec![StmtKind::Break]),
            (vec![ExprKind::None], vec![StmtKind::Return(ExprId(0)), StmtKind::Return(ExprId(0))]),
        ] {
            let ir = program(exprs, stmts);
            assert!(crate::Script::new(ir.clone()).is_err(), "{ir:?}");
        }
        assert!(crate::Script::new(Ir::default()).is_err());
        assert!(crate::Script::new(program(vec![], vec![])).is_ok());
    }
}
