//! The keys that a program can touch, which an engine must lock and a cluster must know.

use super::Problem;
use super::command::ResolvedCall;
use crate::functions::Function;
use crate::ir::{ExprId, ExprKind, Ir, StmtKind};

/// The keys that a program can touch: the widest set of all its commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyScope {
    /// The declared keys only.
    Declared,
    /// Keys whose names are computed from declared ones.
    Derived,
    /// Keys that have nothing to do with declared ones.
    Any,
}

/// The origin of a key's name; `None` for what holds no part of a key.
type Origin = Option<KeyScope>;

/// The widest reach of all commands, and those that reach beyond what is made from declared keys.
pub(super) fn reach(ir: &Ir) -> (KeyScope, Vec<Problem>) {
    let mut vars: Vec<Origin> = vec![None; ir.vars.len()];
    loop {
        let before = vars.clone();
        ir.walk(ir.body, &mut |stmt| {
            if let StmtKind::Set(target, value) = &stmt.kind
                && let Some(var) = target.var()
            {
                let own = vars[var.0 as usize];
                // A variable that holds a declared key or something else is not known to hold the key.
                let given = origin(ir, *value, &vars);
                vars[var.0 as usize] = own.max(given);
            }
        });
        if vars == before {
            break;
        }
    }
    let (mut widest, mut undeclared) = (KeyScope::Declared, Vec::new());
    if ir.functions.iter().any(Function::is_hosted) {
        widest = KeyScope::Any;
    }
    ir.walk(ir.body, &mut |stmt| {
        let StmtKind::Command(_, name, args) = &stmt.kind else { return };
        let reach = command(ir, name, args, &vars);
        widest = widest.max(reach);
        if reach == KeyScope::Any {
            let message = format!("the keys of {name} are not made from declared keys; declare them with `key`");
            undeclared.push(Problem { place: stmt.place.clone(), message });
        }
    });
    (widest, undeclared)
}

fn command(ir: &Ir, name: &str, args: &[ExprId], vars: &[Origin]) -> KeyScope {
    let Ok(site) = ResolvedCall::resolve(ir, name, args) else { return KeyScope::Any };
    let spec = site.spec;
    if spec.hides_keys() || !spec.has_keys() {
        return if spec.touches_keys() { KeyScope::Any } else { KeyScope::Declared };
    }
    let texts: Vec<Vec<u8>> = args.iter().map(|arg| literal(ir, *arg)).collect();
    let slices: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
    let (mut widest, mut found) = (KeyScope::Declared, false);
    spec.key_arguments(&slices, &mut |at| {
        found = true;
        let key = args.get(at);
        widest = widest.max(key.and_then(|key| exact(ir, *key, vars)).unwrap_or(KeyScope::Any));
    });
    if found { widest } else { KeyScope::Any }
}

/// The bytes of a literal: a count of keys can be one. Nothing for other expressions.
pub(crate) fn literal(ir: &Ir, id: ExprId) -> Vec<u8> {
    match ir.expr(id) {
        ExprKind::Str(text) => text.to_vec(),
        ExprKind::Num(number) => crate::number::text(*number).into_bytes(),
        _ => Vec::new(),
    }
}

/// The reach of a key's name: a variable is never known to hold exactly a declared key, since it may be assigned to.
fn exact(ir: &Ir, id: ExprId, vars: &[Origin]) -> Origin {
    match ir.expr(id) {
        ExprKind::Key(_) => Some(KeyScope::Declared),
        _ => origin(ir, id, vars),
    }
}

/// `Derived` if a declared key is part of a value.
fn origin(ir: &Ir, id: ExprId, vars: &[Origin]) -> Origin {
    match ir.expr(id) {
        ExprKind::Key(_) => Some(KeyScope::Derived),
        ExprKind::Var(var) => vars[var.0 as usize],
        _ => {
            let mut widest = None;
            ir.operands(id, &mut |operand| widest = widest.max(origin(ir, operand, vars)));
            widest
        }
    }
}
