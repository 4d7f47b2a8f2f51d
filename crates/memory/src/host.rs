//! Scripts in the engine: what a running script sees of it.

use redipy_command::{Args, Flags, Result, Spec, Value, texts};
use redipy_script::{Host, ScriptCall};

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
    let Ok((keys, _)) = call.parts() else { return };
    keys.iter().for_each(|key| wanted.add(shared, key));
}

/// Runs a script whose shards are held.
pub(crate) fn run(at: &mut Space<'_>, call: &ScriptCall) -> Result<Value> {
    call.run(&mut EngineHost(at))
}

impl Host for EngineHost<'_, '_> {
    fn call(&mut self, spec: &'static Spec, args: &[&[u8]]) -> Result<Value> {
        let Some(row) = row(spec).filter(|_| !spec.flags.has(Flags::NOSCRIPT)) else {
            return texts::fail(texts::NOT_FROM_SCRIPT);
        };
        if !spec.accepts(args.len() + 1) {
            return Err(texts::arity(spec.name));
        }
        (row.run)(self.0, Args::new(spec, args))
    }
}
