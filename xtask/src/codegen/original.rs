//! The calls of the original Python library, with its signatures, for the classes that programs name in annotations and
//! implement: what each call does is documented where it is native.

use std::collections::HashMap;
use std::path::Path;

use crate::{Problem, Problems};

/// Where the calls are native, with their documentation.
const NATIVE: &str = "python/src/methods.rs";

/// A call: its name, its parameters behind `self`, what it gives, and forms of it that give something narrower.
struct Call {
    name: &'static str,
    params: &'static str,
    gives: &'static str,
    forms: &'static [(&'static str, &'static str)],
}

const fn call(name: &'static str, params: &'static str, gives: &'static str) -> Call {
    Call { name, params, gives, forms: &[] }
}

const SET: &str = "key: str, value: str, *, mode: RSetMode = RSM_ALWAYS, return_previous: bool = False, \
    expire_timestamp: datetime | None = None, expire_in: float | None = None, keep_ttl: bool = False";

const SET_FORMS: &[(&str, &str)] = &[
    (
        "key: str, value: str, *, mode: RSetMode, return_previous: Literal[True], expire_timestamp: datetime | None, \
        expire_in: float | None, keep_ttl: bool",
        "str | None",
    ),
    (
        "key: str, value: str, *, mode: RSetMode, return_previous: Literal[False], expire_timestamp: datetime | None, \
        expire_in: float | None, keep_ttl: bool",
        "bool | None",
    ),
    (SET, "str | bool | None"),
];

const POP: &str = "key: str, count: int | None = None";

const POP_FORMS: &[(&str, &str)] =
    &[("key: str, count: None = None", "str | None"), ("key: str, count: int", "list[str] | None")];

/// All of them.
const CALLS: &[Call] = &[
    call("exists", "*keys: str", "int"),
    call("delete", "*keys: str", "int"),
    call("key_type", "key: str", "KeyType | None"),
    call(
        "scan",
        "cursor: int, *, match: str | None = None, count: int | None = None, filter_type: KeyType | None = None",
        "tuple[int, list[str]]",
    ),
    call("flushall", "", "None"),
    Call { name: "set_value", params: SET, gives: "str | bool | None", forms: SET_FORMS },
    call("get_value", "key: str", "str | None"),
    call(
        "expire",
        "key: str, *, mode: RExpireMode = REX_ALWAYS, expire_timestamp: datetime | None = None, \
        expire_in: float | None = None",
        "bool",
    ),
    call("ttl", "key: str", "float | None"),
    call("incrby", "key: str, inc: float | int", "float"),
    call("lpush", "key: str, *values: str", "int"),
    call("rpush", "key: str, *values: str", "int"),
    Call { name: "lpop", params: POP, gives: "str | list[str] | None", forms: POP_FORMS },
    Call { name: "rpop", params: POP, gives: "str | list[str] | None", forms: POP_FORMS },
    call("lrange", "key: str, start: int, stop: int", "list[str]"),
    call("lset", "key: str, index: int, value: str", "None"),
    call("lindex", "key: str, index: int", "str | None"),
    call("llen", "key: str", "int"),
    call("zadd", "key: str, mapping: dict[str, float]", "int"),
    call("zpop_max", "key: str, count: int = 1", "list[tuple[str, float]]"),
    call("zpop_min", "key: str, count: int = 1", "list[tuple[str, float]]"),
    call("zrange", "key: str, start: int, stop: int", "list[str]"),
    call("zcard", "key: str", "int"),
    call("hset", "key: str, mapping: dict[str, str]", "int"),
    call("hdel", "key: str, *fields: str", "int"),
    call("hget", "key: str, field: str", "str | None"),
    call("hmget", "key: str, *fields: str", "dict[str, str | None]"),
    call("hincrby", "key: str, field: str, inc: float | int", "float"),
    call("hkeys", "key: str", "list[str]"),
    call("hvals", "key: str", "list[str]"),
    call("hgetall", "key: str", "dict[str, str]"),
    call("sadd", "key: str, *values: str", "int"),
    call("srem", "key: str, *values: str", "int"),
    call("sismember", "key: str, value: str", "bool"),
    call("scard", "key: str", "int"),
    call("smembers", "key: str", "set[str]"),
];

/// The file of the classes.
///
/// # Errors
/// A call has no documentation.
pub(super) fn file(root: &Path) -> Result<(String, String), Problems> {
    let path = root.join(NATIVE);
    let native = std::fs::read_to_string(&path).map_err(|error| vec![Problem::of(NATIVE, error.to_string())])?;
    let docs = documentation(&native);
    if let Some(call) = CALLS.iter().find(|call| !docs.contains_key(call.name)) {
        return Err(vec![Problem::of(NATIVE, format!("the call `{}` is not there", call.name))]);
    }
    let at_once: String = CALLS.iter().map(|call| method(call, &docs[call.name], false)).collect();
    let queued = CALLS.iter().filter(|call| call.name != "flushall"); // the original's pipelines do not have it
    let queued: String = queued.map(|call| method(call, &docs[call.name], true)).collect();
    Ok(("python/redipy/_original.py".to_owned(), text(&at_once, &queued)))
}

/// What stands above each function: its name, and the lines of its documentation.
fn documentation(native: &str) -> HashMap<&str, String> {
    let (mut docs, mut lines) = (HashMap::new(), Vec::new());
    let native = native.split_once("macro_rules! with_methods").map_or(native, |(_, methods)| methods);
    for line in native.lines().map(str::trim) {
        if let Some(doc) = line.strip_prefix("/// ") {
            lines.push(doc);
        } else if let Some((name, _)) = line.strip_prefix("fn ").and_then(|rest| rest.split_once('(')) {
            docs.insert(name, std::mem::take(&mut lines).join("\n        "));
        }
    }
    docs
}

fn method(call: &Call, docs: &str, queues: bool) -> String {
    let head = |params: &str, gives: &str| {
        let params = if params.is_empty() { String::new() } else { format!(", {params}") };
        format!("\n    def {}(self{params}) -> {gives}:", call.name)
    };
    let forms: String = match queues {
        true => String::new(),
        false => {
            call.forms.iter().map(|(params, gives)| format!("\n    @overload{} ...\n", head(params, gives))).collect()
        }
    };
    let gives = if queues { "None" } else { call.gives };
    format!("{forms}{}\n        \"\"\"{docs}\"\"\"\n        raise NotImplementedError\n", head(call.params, gives))
}

fn text(at_once: &str, queued: &str) -> String {
    format!(
        "\"\"\"The calls of the original, with its signatures, for classes that implement them. Generated by\n\
         `cargo xtask codegen`; do not edit.\n\"\"\"\n\n\
         from __future__ import annotations\n\n\
         from datetime import datetime\nfrom typing import Literal, overload\n\n\
         from redipy._modes import REX_ALWAYS, RSM_ALWAYS, KeyType, RExpireMode, RSetMode\n\n\n\
         class OriginalCalls:\n    \"\"\"Calls that give their results.\"\"\"\n{at_once}\n\n\
         class QueuedOriginalCalls:\n    \"\"\"Calls that are queued.\"\"\"\n{queued}"
    )
}
