//! Scripts in the engine: what a running script sees of it.

use redipy_command::connection::Select;
use redipy_command::{Args, Command, Flags, Parse, Result, Spec, Value, texts};
use redipy_script::{Host, ScriptCall, Trace};

use crate::dispatch::row;
use crate::shared::{Shared, Wanted};
use crate::space::Space;

/// The engine, seen by a running script.
struct EngineHost<'a, 'e>(&'a mut Space<'e>);

/// Adds the shards that this script needs: those of its keys, or all when it makes up names of keys.
pub(crate) fn want_script(wanted: &mut Wanted, shared: &Shared, call: &ScriptCall) {
    if call.script().needs_all_keys() {
        *wanted = Wanted::everything();
    }
    // A call that lacks a key or an argument is refused when it is run, before it reaches any data.
    let Ok(keys) = call.stored_keys() else { return };
    keys.iter().for_each(|key| wanted.add(shared, key));
}

/// Runs a script whose shards are held. A database that it selects is its own affair.
pub(crate) fn run<T: Trace>(at: &mut Space<'_>, call: &ScriptCall, trace: &mut T) -> Result<Value> {
    let (limits, db) = (at.shared.script_limits, at.db());
    let result = call.script().run_with(&mut EngineHost(at), call, limits, trace);
    at.select(db);
    result
}

impl Host for EngineHost<'_, '_> {
    fn call(&mut self, spec: &'static Spec, args: &[&[u8]]) -> Result<Value> {
        if spec.name == Select::SPEC.name && spec.accepts(args.len() + 1) {
            self.0.select(Select::parse(Args::new(spec, args))?.index.get()?);
            return Ok(Value::OK);
        }
        let Some(row) = row(spec).filter(|_| !spec.flags.has(Flags::NOSCRIPT)) else {
            return texts::fail(texts::NOT_FROM_SCRIPT);
        };
        if !spec.accepts(args.len() + 1) {
            return Err(texts::arity(spec.name));
        }
        (row.run)(self.0, Args::new(spec, args))
    }
}
