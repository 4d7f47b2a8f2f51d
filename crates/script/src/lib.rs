//! Portable Redis scripts: build, check, compile to Lua or run on a register machine.
//!
//! A script is a small program over Redis commands that runs atomically wherever the data lives: as generated Lua on a
//! server, natively in the process. Reply, error and final keyspace are the same on both.
//!
//! # Writing a script
//! A script is built by calling methods. [`script`] hands out the root [`Block`]; on it you declare keys, arguments and
//! variables and append statements. [`Draft::compile`] checks the whole and gives a [`Script`].
//!
//! ```
//! # mod redipy { pub use redipy_command::*; pub use redipy_script as script; }
//! use redipy::script::{NONE, num, script};
//!
//! let filter = script(|f| {
//!     let cmp = f.arg("cmp");
//!     let (inp, left, right) = (f.list("inp"), f.list("left"), f.list("right"));
//!     let cur = f.local(inp.lpop());
//!     f.while_(cur.ne(NONE), |b| {
//!         b.if_(num(&cur).lt(&cmp), |t| t.add(left.rpush(&cur))).else_(|e| e.add(right.rpush(&cur)));
//!         b.assign(&cur, inp.lpop());
//!     });
//! })
//! .compile()?;
//! assert_eq!((filter.keys(), filter.args()), (&["inp", "left", "right"].map(String::from)[..], &["cmp".to_owned()][..]));
//! assert!(filter.lua().contains(r#"local v0 = call("LPOP", key_inp)"#));
//! # Ok::<(), redipy::Error>(())
//! ```
//!
//! Expressions are values: `&a + 1`, `a.lt(&b)`, `list.at(-1)`, `strs!("user:", &id)`. A command is an expression too; it
//! runs once, where the statement that contains it stands. The key of a Redis object may be any expression and is
//! evaluated at every use.
//!
//! # What is refused
//! Mistakes that can be seen before the script runs are reported together, each with its line:
//!
//! ```
//! # mod redipy { pub use redipy_command::*; pub use redipy_script as script; }
//! use redipy::Kind;
//! use redipy::script::{Expr, redis, script};
//!
//! let wrong = script(|f| {
//!     f.add(redis("GETT", f.key("k"), [] as [Expr; 0]));
//!     f.returns(Expr::from("a") - 1);
//! });
//! let error = wrong.compile().unwrap_err();
//! assert_eq!(error.kind(), Kind::Script);
//! assert!(error.message().contains("unknown command GETT"));
//! assert!(error.message().contains("`-` does not work on str and number"));
//! ```
//!
//! # Running a script
//! A [`ScriptCall`] names the keys and arguments. In the process it runs on any [`Host`]:
//!
//! ```
//! # mod redipy { pub use redipy_command::*; pub use redipy_script as script; }
//! use redipy::{Result, Spec, Value};
//! use redipy::script::{Host, script};
//!
//! struct Counter(f64);
//!
//! impl Host for Counter {
//!     fn call(&mut self, spec: &'static Spec, args: &[&[u8]]) -> Result<Value> {
//!         assert_eq!((spec.name, args[0]), ("INCRBYFLOAT", &b"hits"[..]));
//!         self.0 += std::str::from_utf8(args[1]).unwrap().parse::<f64>().unwrap();
//!         Ok(Value::bulk(self.0.to_string()))
//!     }
//! }
//!
//! let add = script(|f| {
//!     let total = f.local(f.var("counter").incrby(f.arg("by")));
//!     f.returns(&total * 2);
//! })
//! .compile()?;
//! let call = add.key("counter", "hits").arg("by", 0.5);
//! assert_eq!(add.run(&mut Counter(1.0), &call)?, Value::Int(3));
//! # Ok::<(), redipy::Error>(())
//! ```
//!
//! On a server, send `EVALSHA` with [`ScriptCall::evalsha_args`] (after `SCRIPT LOAD` of [`Script::lua`]), and read the
//! reply with [`decode_reply`] and the error with [`clean_error`].
//!
//! # Map
//! [`build`] is what the user holds, `lower` turns it into the [`ir`], [`check`] proves what can be proved, and only what
//! it returns is accepted by [`lua`] and [`vm`]. [`value`] is what a running script computes with, [`functions`] is the
//! table of standard functions, [`reply`] says what a command's reply is inside a script. This crate knows commands by
//! their [`Spec`](redipy_command::Spec), and no backend.
#![deny(missing_docs)]
#![warn(missing_debug_implementations)]

mod answer;
mod argument;
pub mod build;
mod call;
pub mod check;
mod draft;
pub mod functions;
mod host;
pub mod import;
pub mod ir;
mod lower;
pub mod lua;
mod number;
mod op;
mod prefix;
mod print;
mod problem;
mod quote;
pub mod reply;
mod script;
mod source_line;
mod stop;
pub mod texts;
mod types;
mod uses;
pub mod value;
pub mod vm;

pub use answer::{clean_error, decode_reply};
pub use build::*;
pub use call::{ExecuteScript, QueryScript, ReadScript, ScriptCall};
pub use check::{KeyScope, Problem};
pub use functions::Function;
pub use redipy_command::{Error, Kind, Result, Value};
pub use script::Script;
pub use source_line::SourceLine;
pub use stop::Stop;
pub use types::Type;
pub use vm::{CallSite, Host, Limits, NoTrace, Recorded, Recording, Trace};
