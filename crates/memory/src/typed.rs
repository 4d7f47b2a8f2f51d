//! Typed calls run other code than commands that come by name: their replies are no pieces, and nothing is shown while
//! keys are locked. After random commands both have said the same.

use redipy_command::{Result, Value};
use redipy_conformance::command::{Command, request, show};
use redipy_conformance::diff::Plan;
use redipy_conformance::diff::families::Family;
use redipy_conformance::diff::rng::Rng;
use redipy_conformance::notation::same;

use crate::dispatch::{Call, row};
use crate::{Clock, Engine};

/// How many sequences a family gets.
const COUNT: u64 = 200;

fn engine(seed: u64) -> Engine {
    Engine::builder().seed(seed).clock(Clock::manual()).build()
}

/// What a command by name gives, and what a typed call does; none where there is no typed call.
fn both(named: &Engine, typed: &Engine, command: &Command) -> Option<[Result<Value>; 2]> {
    let redipy_backend::Request::Command(encoded) = request(command) else { return None };
    let call = Call::new(&encoded).ok()?;
    let row = row(call.spec)?;
    let reply = named.call_in(0, &encoded);
    // With NOVALUES typed callers ask for another type, since the reply does not say that values are left out.
    let without_values = command.iter().any(|word| word.eq_ignore_ascii_case(b"NOVALUES"));
    if let Ok(value) = reply.as_ref()
        && !without_values
    {
        let read = (row.read)(value.clone());
        assert!(read.as_ref().is_ok_and(|read| same(read, value)), "{}\n{value:?}\nis read as {read:?}", show(command));
    }
    Some([reply, (row.typed)(typed, 0, call.args())])
}

#[test]
fn typed_calls_give_what_commands_by_name_do() {
    let plan = Plan::from_env(COUNT);
    for family in Family::ALL {
        let (mut seeds, sequences) = (Rng::new(plan.seed), family.sequences());
        for _ in 0..plan.count {
            let seed = seeds.draw();
            let (one, other) = (engine(seed), engine(seed));
            let mut before = Vec::new();
            for op in sequences(seed) {
                before.push(show(&op.command));
                let alike = match both(&one, &other, &op.command) {
                    None => true,
                    Some([Ok(named), Ok(typed)]) => same(&named, &typed),
                    Some([named, typed]) => named == typed,
                };
                assert!(alike, "{}\n{:?}", before.join("\n"), both(&one, &other, &op.command));
            }
        }
    }
}
