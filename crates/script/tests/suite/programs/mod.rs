//! The programs that are run everywhere, with what they must answer. Rules are those of the language page.

pub mod examples;
mod functions;
mod replies;
mod rules;
mod statements;
mod strings;

use redipy_script::{Block, Draft, Expr, ScriptCall, Value, dict, list, script};

/// One program with one call.
pub struct Case {
    pub name: &'static str,
    pub setup: &'static [&'static str],
    pub draft: Draft,
    pub call: fn(ScriptCall) -> ScriptCall,
    /// The answer as [`text_of`] prints it, or the kind and text of the error.
    pub expected: &'static str,
}

/// A case; most need neither data nor parameters.
fn case(name: &'static str, expected: &'static str, build: impl FnOnce(&Block)) -> Case {
    Case { name, setup: &[], draft: script(build), call: |call| call, expected }
}

/// A program that returns one expression.
fn gives(name: &'static str, expected: &'static str, expr: impl FnOnce(&Block) -> Expr) -> Case {
    case(name, expected, |f| {
        let value = expr(f);
        f.returns(value);
    })
}

fn empty_list() -> Expr {
    list([] as [Expr; 0])
}

fn empty_dict() -> Expr {
    dict([] as [(Expr, Expr); 0])
}

/// A list of these numbers.
fn nums<const N: usize>(numbers: [i32; N]) -> Expr {
    list(numbers)
}

impl Case {
    fn setup(mut self, lines: &'static [&'static str]) -> Self {
        self.setup = lines;
        self
    }

    fn with(mut self, call: fn(ScriptCall) -> ScriptCall) -> Self {
        self.call = call;
        self
    }
}

/// All programs.
pub fn cases() -> Vec<Case> {
    let parts = [
        rules::cases(),
        strings::cases(),
        statements::cases(),
        replies::cases(),
        functions::cases(),
        examples::cases(),
    ];
    parts.into_iter().flatten().collect()
}

/// A value as Python would print it.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(int) => int.to_string(),
        Value::Double(number) => format!("{number:?}"),
        Value::Bulk(text) => format!("{text:?}").replace("\\'", "'"),
        Value::Array(items) => format!("[{}]", items.iter().map(text_of).collect::<Vec<_>>().join(", ")),
        Value::Map(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| format!("{}: {}", text_of(key), text_of(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        other => format!("{other:?}"),
    }
}
