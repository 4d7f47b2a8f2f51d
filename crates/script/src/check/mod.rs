//! Checking a program before it runs (rule D10). Only what passed, a [`Checked`], is accepted by the two targets.
//!
//! All problems are reported at once, each with its place.

mod command;
mod families;
mod form;
mod infer;
mod key_scope;
mod near;

use redipy_command::Result;

use crate::ir::{ExprId, Ir, StmtKind, VarId};
use crate::lower::Lowered;
use crate::problem::refuse;
use crate::source_line::SourceLine;
use crate::types::Type;

pub use crate::problem::Problem;
pub use command::ResolvedCall;
pub(crate) use command::{NATIVE, meant};
pub use key_scope::KeyScope;
pub(crate) use key_scope::literal;

/// A program that passed all checks, with what was learned about it.
#[derive(Debug)]
pub struct Checked {
    ir: Ir,
    exprs: Vec<Type>,
    reach: KeyScope,
    undeclared: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Checked {
    /// The program.
    pub fn ir(&self) -> &Ir {
        &self.ir
    }

    /// The types that an expression can give.
    pub fn type_of(&self, id: ExprId) -> Type {
        self.exprs[id.0 as usize]
    }

    /// The keys that the program can touch.
    pub fn reach(&self) -> KeyScope {
        self.reach
    }

    /// The commands on keys that are not made from a declared key.
    pub fn undeclared(&self) -> &[Problem] {
        &self.undeclared
    }

    /// Warnings: what is allowed and looks like a mistake.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// The command that a call stands for.
    ///
    /// # Errors
    /// No errors for the calls of this program, which have been checked.
    pub fn site(&self, name: &str, args: &[ExprId]) -> Result<ResolvedCall> {
        ResolvedCall::resolve(&self.ir, name, args).map_err(crate::texts::fail)
    }
}

/// Checks a program that may come from anywhere.
///
/// # Errors
/// One error of [`Kind::Script`](crate::Kind::Script) that lists all problems.
pub fn check(ir: Ir) -> Result<Checked> {
    check_lowered(Lowered { ir, problems: Vec::new(), warnings: Vec::new() }, false)
}

/// Checks a program that the builder made; `strict` makes a problem of every undeclared key.
pub(crate) fn check_lowered(lowered: Lowered, strict: bool) -> Result<Checked> {
    let Lowered { ir, problems, warnings } = lowered;
    if problems.is_empty()
        && let Err(message) = form::check_form(&ir)
    {
        return Err(refuse(vec![Problem { place: start(&ir), message }]));
    }
    let mut found = Found { problems, warnings };
    let exprs = infer::infer(&ir, &mut found);
    check_loops(&ir, &mut found);
    families::check_families(&ir, &mut found);
    if ir.vars.len() + ir.exprs.len() > usize::from(u16::MAX) / 2 {
        found.problem(&start(&ir), "the script is too long; split it".to_owned());
    }
    let (reach, undeclared) = key_scope::reach(&ir);
    if strict {
        found.problems.extend_from_slice(&undeclared);
    }
    if !found.problems.is_empty() {
        return Err(refuse(found.problems));
    }
    Ok(Checked { exprs, reach, undeclared, warnings: found.warnings, ir })
}

/// The beginning of a program, for problems about the whole.
fn start(ir: &Ir) -> SourceLine {
    let first = ir.blocks.get(ir.body.0 as usize).and_then(|body| body.first());
    first.map_or_else(SourceLine::caller, |stmt| stmt.place.clone())
}

/// The results of the checks.
#[derive(Debug, Default)]
struct Found {
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Found {
    fn problem(&mut self, place: &SourceLine, message: String) {
        self.problems.push(Problem { place: place.clone(), message });
    }

    fn warning(&mut self, place: &SourceLine, message: String) {
        self.warnings.push(Problem { place: place.clone(), message });
    }
}

/// A `while` whose condition nothing in its body can change never ends.
fn check_loops(ir: &Ir, found: &mut Found) {
    ir.walk(ir.body, &mut |stmt| {
        let StmtKind::While { head, cond, body } = &stmt.kind else { return };
        let mut changes = !ir.block(*head).is_empty();
        let mut reads: Vec<VarId> = Vec::new();
        ir.reads(*cond, &mut |var| reads.push(var));
        ir.walk(*body, &mut |inner| {
            changes |= match &inner.kind {
                StmtKind::Set(target, _) | StmtKind::Command(target, ..) => {
                    target.var().is_some_and(|var| reads.contains(&var))
                }
                // What the condition reads may hold the container that is changed here.
                StmtKind::SetAt(..) | StmtKind::SetKey(..) => !reads.is_empty(),
                StmtKind::Break | StmtKind::Return(_) => true,
                _ => false,
            };
        });
        if !changes {
            let message = "nothing in this `while` can change its condition; it would never end or never run";
            found.problem(&stmt.place, message.to_owned());
        }
    });
}
