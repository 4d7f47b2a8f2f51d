//! The call of a script by the number of its keys, each of which it reads once.

use redipy::prelude::*;
use redipy::script::{ScriptCall, script};

use super::{Care, Plan, done, engine};
use crate::data::Curve;
use crate::keys::{VALUE, key};
use crate::measure::{cpu, median};

const SIZES: [usize; 8] = [1, 2, 3, 5, 10, 20, 30, 100];

const PLAN: Plan =
    Plan { name: "a script that reads each key", size: "keys of a script", complexity: "O(N)", reasons: &[] };

/// Keys of the store, among which those of a call are.
const KEYS: usize = 1_000;

pub fn measure(quick: bool) -> Vec<Curve> {
    vec![PLAN.curve(SIZES.into_iter().map(|size| (size as f64, call(size, Care::new(quick)))).collect())]
}

/// The time of one call with this many keys.
fn call(size: usize, care: Care) -> f64 {
    let redis = engine();
    (0..KEYS).for_each(|number| done(redis.set(key(number), VALUE)));
    let names: Vec<String> = (0..size).map(|at| format!("key{at}")).collect();
    let reading = redis.register(script(|f| names.iter().for_each(|name| f.add(f.var(name).get()))));
    let reading = reading.expect("the script is right");
    let prepare = |turn: usize| {
        let keys = names.iter().enumerate();
        keys.fold(reading.prepare(), |call, (at, name)| call.key(name, key((turn * 7 + at * 13) % KEYS).as_slice()))
    };
    let operations = care.operations / 10;
    let round = || {
        let calls: Vec<ScriptCall> = (0..operations).map(prepare).collect();
        cpu(operations, || calls.into_iter().for_each(|call| done(redis.script(call))))
    };
    round();
    median((0..care.rounds).map(|_| round()).collect())
}
