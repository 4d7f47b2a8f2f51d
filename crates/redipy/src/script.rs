//! The script language: a guide with an example for every rule, and its items.
#![doc = include_str!("../language.md")]

// Not by one star: `use redipy::script::*` brings no `Result`, `Error`, `Kind` or `Value` along.
#[doc(inline)]
pub use redipy_script::build::*;
#[doc(inline)]
pub use redipy_script::{
    CallSite, ExecuteScript, Function, Host, KeyScope, Limits, NoTrace, Problem, QueryScript, ReadScript, Recorded,
    Recording, Script, ScriptCall, SourceLine, Stop, Trace, Type, build, check, clean_error, decode_reply, exprs,
    functions, import, ir, lua, reply, strs, texts, value, vm,
};
