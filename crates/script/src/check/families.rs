//! Keys that are used as two things: a list here, a hash there. Such a command fails, unless the key was replaced.

use redipy_command::spec::{Access, KeySpec};
use redipy_command::{Group, Spec};

use super::Found;
use super::command::ResolvedCall;
use crate::ir::{ExprId, ExprKind, Ir, StmtKind};
use crate::source_line::SourceLine;

/// Warns of declared keys on which commands of two families are called.
pub(super) fn check_families(ir: &Ir, found: &mut Found) {
    let mut uses: Vec<Option<(&'static str, &SourceLine)>> = vec![None; ir.keys.len()];
    let mut replaced = vec![false; ir.keys.len()];
    let mut clashes = Vec::new();
    ir.walk(ir.body, &mut |stmt| {
        let StmtKind::Command(_, name, args) = &stmt.kind else { return };
        let Ok(site) = ResolvedCall::resolve(ir, name, args) else { return };
        let declared = |arg: &ExprId| if let ExprKind::Key(key) = ir.expr(*arg) { Some(*key as usize) } else { None };
        let Some(what) = needs(site.spec) else {
            args.iter().filter_map(declared).for_each(|key| replaced[key] = true);
            return;
        };
        let Some(key) = args.first().and_then(declared) else { return };
        match uses[key] {
            Some((before, place)) if before != what => clashes.push((key, stmt, what, before, place)),
            Some(_) => {}
            None => uses[key] = Some((what, &stmt.place)),
        }
    });
    for (key, stmt, what, before, place) in clashes.into_iter().filter(|(key, ..)| !replaced[*key]) {
        let name = &ir.keys[key];
        found.warning(&stmt.place, format!("key {name:?} is used as a {what} here, and as a {before} at {place}"));
    }
}

/// The type that the first key of a command must hold; `None` for any.
fn needs(spec: &Spec) -> Option<&'static str> {
    // What is overwritten may have been anything; SET does so unless its options say otherwise.
    let replaces = |key: KeySpec| key.access.has(Access::OW) || key.access.has(Access::VARIABLE);
    match spec.group {
        _ if spec.key_specs().next().is_some_and(replaces) => None,
        Group::String => Some("string"),
        Group::List => Some("list"),
        Group::Hash => Some("hash"),
        Group::Set => Some("set"),
        Group::SortedSet => Some("sorted set"),
        _ => None,
    }
}
