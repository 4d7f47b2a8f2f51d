//! The reader of the original's intermediate form, tried with the programs of this crate.

use redipy_command::Value;
use redipy_script::import::import;

use super::json::Data;
use super::{all, case::Script};

fn value(text: &str) -> Value {
    serde_json::from_str::<Data>(text).unwrap().0
}

/// A program with these statements, a key `k` and an argument `a`.
fn program(cmds: &str) -> Value {
    let declared = r#"{"kind": "declare", "assign": {"kind": "key", "name": "key_0", "readable": "k"},
        "value": {"kind": "load_key_arg", "index": 0}},
        {"kind": "declare", "assign": {"kind": "arg", "name": "arg_0", "readable": "a"},
        "value": {"kind": "load_json_arg", "index": 0}}"#;
    value(&format!(r#"{{"kind": "script", "cmds": [{declared}, {cmds}], "keyv": ["k"], "argv": ["a"]}}"#))
}

/// The text of the program that these statements are read as.
fn read(cmds: &str) -> String {
    let text = import(&program(cmds)).and_then(|draft| draft.compile()).map(|script| script.ir().to_string());
    text.unwrap_or_else(|error| error.to_string()).replace("keys [\"k\"]\nargs [\"a\"]\n", "")
}

const ARG: &str = r#"{"kind": "arg", "name": "arg_0", "readable": "a"}"#;
const ONE: &str = r#"{"kind": "val", "type": "int", "value": 1}"#;

#[test]
fn a_parameter_that_is_assigned_to_becomes_a_variable() {
    let cmds =
        format!(r#"{{"kind": "assign", "assign": {ARG}, "value": {ONE}}}, {{"kind": "return", "value": {ARG}}}"#);
    assert_eq!(read(&cmds), "let v0 = arg \"a\"\nv0 = 1\nreturn v0\n");
}

#[test]
fn both_versions_of_an_index_are_read() {
    for field in ["var", "arr"] {
        let at = format!(r#"{{"kind": "array_at", "{field}": {ARG}, "index": {ONE}}}"#);
        assert_eq!(read(&format!(r#"{{"kind": "return", "value": {at}}}"#)), "return arg \"a\"[1]\n");
    }
}

#[test]
fn commands_are_what_the_original_means_by_them() {
    let call = |name: &str, raw: bool, args: &str| {
        let name = format!(r#"{{"kind": "val", "type": "str", "value": "{name}"}}"#);
        let key = r#"{"kind": "key", "name": "key_0", "readable": "k"}"#;
        format!(r#"{{"kind": "call", "name": "redis.call", "no_adjust": {raw}, "args": [{name}, {key}{args}]}}"#)
    };
    let expire = call("expire", false, &format!(", {ONE}"));
    assert_eq!(read(&format!(r#"{{"kind": "stmt", "expr": {expire}}}"#)), "EXPIRE(key \"k\", 1)\n");
    let or = |raw| {
        let left = call("get", raw, "");
        let or = format!(r#"{{"kind": "binary", "op": "or", "left": {left}, "right": {ONE}}}"#);
        read(&format!(r#"{{"kind": "return", "value": {or}}}"#))
    };
    assert!(or(true).contains("== None"), "{}", or(true));
    assert!(or(false).contains("if not "), "{}", or(false));
}

#[test]
fn what_is_not_of_the_form_is_refused_with_its_path() {
    let unseen = r#"{"kind": "var", "name": "var_7"}"#;
    let error = read(&format!(r#"{{"kind": "return", "value": {unseen}}}"#));
    assert_eq!(error, r#"cmds[2].value: "var_7" is used outside of its block or before its declaration"#);
    assert_eq!(read(r#"{"kind": "goto"}"#), r#"cmds[2]: unknown kind of statement "goto""#);
    let literal = r#"{"kind": "val", "type": "int", "value": "1"}"#;
    let error = read(&format!(r#"{{"kind": "while", "condition": {literal}}}"#));
    assert_eq!(error, r#"cmds[2].condition: a bulk string is no literal of type "int""#);
    assert_eq!(import(&Value::Null).unwrap_err().message(), "a dictionary is wanted, not a null");
    let function = value(r#"{"kind": "function", "cmds": [], "argc": 0}"#);
    assert_eq!(import(&function).unwrap_err().message(), r#"a script is wanted, not "function""#);
}

#[test]
fn a_mistake_in_a_program_is_reported_with_the_number_of_its_statement() {
    let call = r#"{"kind": "call", "name": "os.exit", "args": [], "no_adjust": false}"#;
    let error = read(&format!(r#"{{"kind": "return", "value": {call}}}"#));
    assert!(error.contains("statement:3: unknown function \"os.exit\""), "{error}");
}

/// A program whose only statement is this one.
fn only(statement: Value) -> Value {
    let cmds = Value::Array(vec![statement]);
    node("script", [("cmds", cmds), ("keyv", Value::Array(vec![])), ("argv", Value::Array(vec![]))])
}

fn node<const N: usize>(kind: &str, fields: [(&str, Value); N]) -> Value {
    let kind = [("kind".into(), kind.into())].into_iter();
    Value::Map(kind.chain(fields.map(|(name, value)| (name.into(), value))).collect())
}

#[test]
fn a_tree_that_is_too_deep_is_refused() {
    let (mut expr, mut statement) = (value(ONE), node("return", [("value", Value::Null)]));
    let refused = |program: &Value| import(program).err().map(|error| error.message().to_owned());
    for depth in 0..5000 {
        expr = node("unary", [("op", "not".into()), ("arg", expr)]);
        let body = node("seq", [("cmds", Value::Array(vec![statement]))]);
        statement = node("while", [("condition", value(ONE)), ("body", body)]);
        if depth == 200 {
            assert_eq!(refused(&only(statement.clone())), None);
            assert_eq!(refused(&only(node("stmt", [("expr", expr.clone())]))), None);
        }
    }
    assert_eq!(refused(&only(statement)).as_deref(), Some("the program is nested too deeply"));
    assert_eq!(refused(&only(node("stmt", [("expr", expr)]))).as_deref(), Some("the program is nested too deeply"));
}

/// A value with one part of it spoiled, for each part.
fn spoiled(part: &Value, turn: &mut usize, each: &mut dyn FnMut(Value)) {
    let others = [Value::Null, Value::Int(-1), "x".into(), Value::Array(vec![]), Value::Map(vec![])];
    *turn += 1;
    each(others[*turn % others.len()].clone());
    match part {
        Value::Array(items) => {
            for at in 0..items.len() {
                spoiled(&items[at], turn, &mut |other| {
                    let mut items = items.clone();
                    items[at] = other;
                    each(Value::Array(items));
                });
            }
        }
        Value::Map(pairs) => {
            for at in 0..pairs.len() {
                spoiled(&pairs[at].1, turn, &mut |other| {
                    let mut pairs = pairs.clone();
                    pairs[at].1 = other;
                    each(Value::Map(pairs));
                });
            }
        }
        _ => {}
    }
}

#[test]
fn nothing_that_is_read_panics() {
    let scripts = all().into_iter().filter_map(|case| case.script).filter(|script| script.source.len() < 200);
    let (mut refused, mut turn) = (0, 0);
    for Script { ir, .. } in scripts.map(|script| *script) {
        spoiled(&ir.0, &mut turn, &mut |other| {
            refused += usize::from(import(&other).and_then(|draft| draft.compile()).is_err());
        });
    }
    assert!(refused > 1000, "{refused}");
}
