//! Programs as text, close to Python: for people who look for the reason of a difference.

use redipy_command::Value;

use super::ast::{Expr, Op, Program, Stmt};
use super::build::PREFIX;
use crate::command::{quote, show as show_command};

/// A program with its keys, its arguments and what is stored before. Lines are numbered as its places are.
pub fn show(program: &Program) -> String {
    let mut text = String::new();
    let (keys, args) = program.used();
    for (at, ((_, key), used)) in program.keys.iter().zip(keys).enumerate() {
        if used {
            text.push_str(&format!("key k{at} = {}\n", quote(key)));
        }
    }
    for (at, ((_, value), used)) in program.args.iter().zip(args).enumerate() {
        if used {
            text.push_str(&format!("arg a{at} = {}\n", show_value(value)));
        }
    }
    if program.prefixed {
        text.push_str(&format!("prefix {}\n", quote(PREFIX)));
    }
    for command in &program.setup {
        text.push_str(&format!("> {}\n", show_command(command)));
    }
    let mut lines = Vec::new();
    block(&program.body, 0, &mut lines);
    for (at, line) in lines.iter().enumerate() {
        text.push_str(&format!("{:>4}  {line}\n", at + 1));
    }
    text
}

/// A value as Python prints it.
pub fn show_value(value: &Value) -> String {
    let all = |items: &[Value]| items.iter().map(show_value).collect::<Vec<_>>().join(", ");
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Double(number) => format!("{number:?}"),
        Value::Bulk(text) => quote(text),
        Value::Array(items) => format!("[{}]", all(items)),
        Value::Map(pairs) => {
            let pair = |(key, value): &(Value, Value)| format!("{}: {}", show_value(key), show_value(value));
            format!("{{{}}}", pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn block(stmts: &[Stmt], depth: usize, lines: &mut Vec<String>) {
    let indent = "    ".repeat(depth);
    let mut line = |text: String| lines.push(format!("{indent}{text}"));
    if stmts.is_empty() {
        line("pass".to_owned());
    }
    for stmt in stmts {
        let mut line = |text: String| lines.push(format!("{indent}{text}"));
        match stmt {
            Stmt::Local(id, init) => line(format!("v{id} = local({})", expr(init))),
            Stmt::Name(id, named) => line(format!("v{id} := {}", expr(named))),
            Stmt::Assign(id, value) => line(format!("v{id} = {}", expr(value))),
            Stmt::Add(added) => line(expr(added)),
            Stmt::SetAt(list, at, value) => line(format!("{}[{}] = {}", expr(list), expr(at), expr(value))),
            Stmt::SetKey(dict, key, value) => {
                line(format!("{}.set({}, {})", expr(dict), expr(key), expr(value)));
            }
            Stmt::Return(value) => line(format!("return {}", expr(value))),
            Stmt::Break => line("break".to_owned()),
            Stmt::Continue => line("continue".to_owned()),
            Stmt::If(arms, other) => {
                for (at, (cond, then)) in arms.iter().enumerate() {
                    lines.push(format!("{indent}{} {}:", if at == 0 { "if" } else { "elif" }, expr(cond)));
                    block(then, depth + 1, lines);
                }
                if !other.is_empty() {
                    lines.push(format!("{indent}else:"));
                    block(other, depth + 1, lines);
                }
            }
            Stmt::While(rounds, cond, body) => {
                line(format!("while round < {rounds} and {}:", expr(cond)));
                block(body, depth + 1, lines);
            }
            Stmt::For(each) => {
                let limit = each.limit.map_or(String::new(), |limit| format!(" up to {limit} times"));
                line(format!("for v{}, v{} in {}{limit}:", each.index, each.item, expr(&each.list)));
                block(&each.body, depth + 1, lines);
            }
        }
    }
}

fn expr(shown: &Expr) -> String {
    let (op, operands) = match shown {
        Expr::Value(value) => return show_value(value),
        Expr::Arg(at) => return format!("a{at}"),
        Expr::Key(at) => return format!("k{at}"),
        Expr::Var(id) => return format!("v{id}"),
        Expr::Op(op, operands) => (op, operands),
    };
    let texts: Vec<String> = operands.iter().map(expr).collect();
    let infix = |sign: &str| format!("({})", texts.join(&format!(" {sign} ")));
    match op {
        Op::Not => format!("(not {})", texts.concat()),
        Op::Neg => format!("(-{})", texts.concat()),
        Op::And => infix("and"),
        Op::Or => infix("or"),
        Op::Default => infix("??"),
        Op::Binary(op) => infix(op.sign()),
        Op::Index => format!("{}[{}]", texts[0], texts[1..].concat()),
        Op::Get => format!("{}.get({})", texts[0], texts[1..].concat()),
        Op::List => format!("[{}]", texts.join(", ")),
        Op::Dict => {
            let pairs: Vec<String> = texts.chunks(2).map(|pair| pair.join(": ")).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        Op::Call(name) => format!("{name}({})", texts.join(", ")),
        Op::Command(name) => format!("{name}({})", texts.join(", ")),
        Op::Log(level) => format!("log({level}, {})", texts.concat()),
    }
}
