//! Type inference: the types of all expressions, and the mistakes that follow from them.
//!
//! A variable's type is the union of all it is ever given: the order of statements is not looked at.

use super::Found;
use super::command::ResolvedCall;
use super::near::nearest;
use crate::functions::{FUNCTIONS, Function};
use crate::ir::{BinaryOp, ExprId, ExprKind, Ir, Stmt, StmtKind, Target};
use crate::source_line::SourceLine;
use crate::types::Type;

/// The types of all expressions.
pub(super) fn infer(ir: &Ir, found: &mut Found) -> Vec<Type> {
    let mut vars = vec![Type::NEVER; ir.vars.len()];
    loop {
        let exprs = types(ir, &vars);
        let before = vars.clone();
        ir.walk(ir.body, &mut |stmt| gives(ir, stmt, &exprs, &mut vars));
        if vars == before {
            ir.walk(ir.body, &mut |stmt| check_stmt(ir, stmt, &exprs, found));
            (0..ir.exprs.len() as u32).for_each(|id| check_expr(ir, ExprId(id), &exprs, found));
            return exprs;
        }
    }
}

fn types(ir: &Ir, vars: &[Type]) -> Vec<Type> {
    let mut exprs = Vec::with_capacity(ir.exprs.len());
    for id in 0..ir.exprs.len() as u32 {
        exprs.push(type_of(ir, ExprId(id), &exprs, vars));
    }
    exprs
}

fn type_of(ir: &Ir, id: ExprId, exprs: &[Type], vars: &[Type]) -> Type {
    let of = |id: &ExprId| exprs.get(id.0 as usize).copied().unwrap_or(Type::ANY);
    match ir.expr(id) {
        ExprKind::None => Type::NONE,
        ExprKind::Bool(_) | ExprKind::Not(_) | ExprKind::Both(..) | ExprKind::Either(..) => Type::BOOL,
        ExprKind::Num(_) => Type::NUM,
        ExprKind::Str(_) | ExprKind::Key(_) => Type::STR,
        ExprKind::List(_) => Type::LIST,
        ExprKind::Dict(_) => Type::DICT,
        ExprKind::Arg(_) | ExprKind::Index(..) | ExprKind::Get(..) => Type::ANY,
        ExprKind::Var(var) => vars[var.0 as usize],
        ExprKind::Binary(BinaryOp::Add, a, b) => of(a).both(of(b)).both(ADDABLE),
        ExprKind::Binary(BinaryOp::Eq | BinaryOp::Ne, ..) => Type::BOOL,
        ExprKind::Binary(op, ..) if op.is_ordering() => Type::BOOL,
        ExprKind::Binary(..) => Type::NUM,
        ExprKind::Call(name, _) => ir.function(name).map_or(Type::ANY, Function::gives),
    }
}

const ADDABLE: Type = Type::NUM.or(Type::STR).or(Type::LIST);
const TEXT_OR_NUM: Type = Type::STR.or(Type::NUM);
const CONTAINER: Type = Type::LIST.or(Type::DICT);

/// Adds what a statement gives its variable.
fn gives(ir: &Ir, stmt: &Stmt, exprs: &[Type], vars: &mut [Type]) {
    let mut add = |target: Target, given: Type| {
        if let Some(var) = target.var() {
            let own = &mut vars[var.0 as usize];
            *own = own.or(given);
        }
    };
    match &stmt.kind {
        StmtKind::Set(target, value) => add(*target, exprs[value.0 as usize]),
        StmtKind::Command(target, name, args) => {
            add(*target, ResolvedCall::resolve(ir, name, args).map_or(Type::ANY, |site| site.gives()));
        }
        StmtKind::For { index, item, .. } => {
            add(Target::New(*index), Type::NUM);
            add(Target::New(*item), Type::ANY);
        }
        _ => {}
    }
}

/// Returns whether what an expression gives can never be what is wanted.
fn never(given: Type, wanted: Type) -> bool {
    given != Type::NEVER && !given.meets(wanted)
}

fn check_stmt(ir: &Ir, stmt: &Stmt, exprs: &[Type], found: &mut Found) {
    let of = |id: ExprId| exprs[id.0 as usize];
    let mut want = |id: ExprId, wanted: Type, what: &str| {
        if never(of(id), wanted) {
            found.problem(&stmt.place, format!("{what} must be {wanted}, and is {}", of(id)));
        }
    };
    match &stmt.kind {
        StmtKind::Command(_, name, args) => {
            for arg in args {
                if never(of(*arg), TEXT_OR_NUM) {
                    let advice = if of(*arg).is(CONTAINER) { "; `to_json` makes a text of it" } else { "" };
                    let what = format!("every argument of {name} must be {TEXT_OR_NUM}, and is {}{advice}", of(*arg));
                    found.problem(&stmt.place, what);
                }
            }
            if let Err(message) = ResolvedCall::resolve(ir, name, args) {
                found.problem(&stmt.place, message);
            }
        }
        StmtKind::SetAt(list, index, _) => {
            want(*list, Type::LIST, "what `set_at` changes");
            want(*index, Type::NUM, "the position of `set_at`");
        }
        StmtKind::SetKey(dict, key, _) => {
            want(*dict, Type::DICT, "what `set_key` changes");
            want(*key, TEXT_OR_NUM, "the key of `set_key`");
        }
        StmtKind::For { list, .. } => want(*list, Type::LIST, "what `for` goes through"),
        StmtKind::Log(level, _) => {
            let levels = ["debug", "verbose", "notice", "warning"];
            let known = matches!(ir.expr(*level), ExprKind::Str(text) if levels.iter().any(|level| *text == **level));
            if !known {
                found.problem(&stmt.place, format!("the level of a log message is one of {}", levels.join(", ")));
            }
        }
        _ => {}
    }
}

fn check_expr(ir: &Ir, id: ExprId, exprs: &[Type], found: &mut Found) {
    let of = |id: &ExprId| exprs[id.0 as usize];
    let place = ir.place(id);
    match ir.expr(id) {
        ExprKind::Binary(op @ (BinaryOp::Eq | BinaryOp::Ne), a, b) => check_equal(*op, of(a), of(b), place, found),
        ExprKind::Binary(op, a, b) => {
            let wanted = match op {
                BinaryOp::Add => ADDABLE,
                op if op.is_ordering() => TEXT_OR_NUM,
                _ => Type::NUM,
            };
            let both = of(a).both(of(b)).both(wanted);
            if both == Type::NEVER && of(a) != Type::NEVER && of(b) != Type::NEVER {
                let mixed = of(a).or(of(b)).is(TEXT_OR_NUM.or(Type::NONE));
                let advice = if mixed { "; `num` makes a number of a text" } else { "" };
                found.problem(place, format!("`{}` does not work on {} and {}{advice}", op.sign(), of(a), of(b)));
            }
        }
        ExprKind::Index(list, index) => {
            if never(of(list), Type::LIST) {
                found.problem(place, format!("only a list has positions, and this is {}", of(list)));
            }
            if never(of(index), Type::NUM) {
                found.problem(place, format!("a position must be number, and is {}", of(index)));
            }
        }
        ExprKind::Get(dict, key) => {
            if never(of(dict), Type::DICT) {
                found.problem(place, format!("only a dict has keys, and this is {}", of(dict)));
            }
            if never(of(key), TEXT_OR_NUM) {
                found.problem(place, format!("the key of a dict must be number or str, and is {}", of(key)));
            }
        }
        ExprKind::Call(name, args) => check_call(ir, name, args, place, exprs, found),
        _ => {}
    }
}

/// Equality is strict about types (rule D5), so that a number is no stored text. None on both sides is the one way in which
/// a reply that is missing can be equal to what has another type.
fn check_equal(op: BinaryOp, a: Type, b: Type, place: &SourceLine, found: &mut Found) {
    let (common, answer) = (a.both(b), if op == BinaryOp::Eq { "False" } else { "True" });
    let exception = match common {
        _ if a == Type::NEVER || b == Type::NEVER => return,
        Type::NEVER => "",
        Type::NONE if a != Type::NONE && b != Type::NONE => " unless both are None",
        _ => return,
    };
    let texts = |a: Type, b: Type| a.meets(Type::STR) && b.meets(Type::NUM);
    let advice =
        if texts(a, b) || texts(b, a) { "; `to_str` makes a text of a number, `num` a number of a text" } else { "" };
    found.warning(place, format!("comparing {a} with {b} always gives {answer}{exception}{advice}"));
}

/// There are no functions of the user's own among the candidates: those are not called by name.
fn unknown_function(name: &str) -> String {
    match nearest(name, FUNCTIONS.iter().map(Function::name)) {
        Some(near) => format!("unknown function {name:?}; did you mean {near:?}?"),
        None => format!("unknown function {name:?}; is it spelled right?"),
    }
}

fn check_call(ir: &Ir, name: &str, args: &[ExprId], place: &SourceLine, exprs: &[Type], found: &mut Found) {
    let Some(row) = ir.function(name) else {
        return found.problem(place, unknown_function(name));
    };
    if !row.accepts(args.len()) {
        let message = format!("wrong number of arguments for {name}: it takes {}, not {}", row.arity(), args.len());
        return found.problem(place, message);
    }
    for (at, arg) in args.iter().enumerate() {
        let given = exprs[arg.0 as usize];
        if never(given, row.takes(at)) {
            let printable = given.is(Type::NUM.or(Type::BOOL)) && row.takes(at).meets(Type::STR);
            let advice = if printable { "; convert it with `to_str`" } else { "" };
            found.problem(place, format!("{name} needs {}, and gets {given}{advice}", row.takes(at)));
        }
    }
}
