//! What the register machine does beyond what every target does: budget, hooks, logging, sharing.

use std::fmt::Debug;

use redipy_script::{
    Kind, Limits, NONE, NoTrace, Recording, SourceLine, Trace, Value, exprs, from_json, list, log_text, range, script,
};

use crate::host::Store;
use crate::programs::examples::{filter_list, stack_get_cascading};

#[test]
fn the_quickstart_filters_a_list() {
    let mut store = Store::with_list("mylist", &["1", "5", "2", "9", "3"]);
    let filter = script(filter_list).compile().expect("a correct script");
    let call = filter.key("inp", "mylist").key("left", "small").key("right", "big").arg("cmp", 3);
    assert_eq!(filter.run(&mut store, &call), Ok(Value::Null));
    assert_eq!(
        (store.items("small"), store.items("big")),
        (vec!["1".into(), "2".into()], vec!["5".into(), "9".into(), "3".into()])
    );
    assert!(!filter.needs_all_keys());
}

#[test]
fn a_key_that_is_computed_needs_all_keys() {
    assert!(script(stack_get_cascading).compile().expect("a correct script").needs_all_keys());
}

#[test]
fn a_runaway_script_is_stopped() {
    let endless = script(|f| {
        let n = f.local(1);
        f.while_(n.gt(0), |b| b.assign(&n, &n + 1));
    });
    let endless = endless.compile().expect("a correct script");
    let result = endless.prepare().max_steps(10_000).run(&mut Store::default());
    assert_eq!(result.expect_err("a timeout").kind(), Kind::Timeout);
}

#[test]
fn copying_costs_steps() {
    let doubling = script(|f| {
        let text = f.local("0123456789");
        f.while_(text.ne(""), |b| b.assign(&text, &text + &text));
    });
    let doubling = doubling.compile().expect("a correct script");
    let limits = Limits { steps: 100_000, ..Limits::default() };
    let result = doubling.run_with(&mut Store::default(), &doubling.prepare(), limits, &mut NoTrace);
    assert_eq!(result.expect_err("a timeout").kind(), Kind::Timeout);
}

#[test]
fn memory_is_limited_by_what_is_alive() {
    let hoarding = script(|f| {
        let kept = f.local(list([] as [redipy_script::Expr; 0]));
        f.for_(range(0, 1000), |b, i, _| {
            b.add(range(0, 1000));
            b.set_at(&kept, &i, f.arg("keep").and(range(0, 1000)));
        });
        f.returns(kept.len());
    });
    let hoarding = hoarding.compile().expect("a correct script");
    let run = |keep: bool| hoarding.arg("keep", keep).max_memory(1 << 20).run(&mut Store::default());
    assert_eq!(run(false), Ok(Value::Int(1000)), "what is gone does not count");
    assert_eq!(run(true).expect_err("too much").kind(), Kind::OutOfMemory);
}

#[test]
fn arguments_count_while_they_are_copied() {
    let longer = script(|f| {
        f.add(f.arg("small"));
        let all = f.local(f.arg("items"));
        f.for_(range(0, f.arg("rounds")), |b, _, _| {
            b.assign(&all, &all + [0, 0].map(redipy_script::Expr::from).to_vec())
        });
        f.returns(all.len());
    });
    let longer = longer.compile().expect("a correct script");
    let run = |items: i64, rounds: i64| {
        let items = Value::Array((0..items).map(Value::Int).collect());
        let call = longer.arg("small", 1).arg("items", items).arg("rounds", rounds);
        call.max_memory(1 << 20).run(&mut Store::default())
    };
    assert_eq!(run(20_000, 0), Ok(Value::Int(20_000)));
    let error = run(100_000, 0).expect_err("too much");
    assert_eq!(error.kind(), Kind::OutOfMemory);
    assert_eq!(error.message(), "SCRIPT argument \"items\" takes more memory than allowed");
    // The script may use what the arguments leave: two lists of 30,000 items at a time are too much.
    assert_eq!(run(30_000, 3).expect_err("too much").kind(), Kind::OutOfMemory);
}

#[test]
fn a_result_that_has_one_item_at_many_places_is_large() {
    let wide = script(|f| {
        let empty = || list([] as [redipy_script::Expr; 0]);
        let (inner, outer, all) = (f.local(range(0, 1000)), f.local(empty()), f.local(empty()));
        f.for_(range(0, 1000), |b, i, _| b.set_at(&outer, &i, &inner));
        f.for_(range(0, 1000), |b, i, _| b.set_at(&all, &i, &outer));
        f.returns(&all);
    });
    let wide = wide.compile().expect("a correct script");
    let error = wide.prepare().max_memory(1 << 20).run(&mut Store::default()).expect_err("a billion items");
    assert_eq!(error.kind(), Kind::OutOfMemory);
}

#[test]
fn comparing_what_holds_one_item_at_many_places_ends() {
    let doubled = script(|f| {
        let nest = |first: i32| {
            let value = f.local(list([first]));
            f.for_(range(0, 60), |b, _, _| b.assign(&value, list([&value, &value])));
            value
        };
        let (a, b, other) = (nest(1), nest(1), nest(2));
        f.if_(a.eq(&other), |t| t.returns("equal"));
        f.returns(a.eq(&b));
    });
    let error = doubled.compile().expect("a correct script").prepare().run(&mut Store::default());
    assert_eq!(error.expect_err("too long").kind(), Kind::Timeout);
}

#[test]
fn values_that_hold_themselves_are_weighed_once() {
    let looped = script(|f| {
        let l = f.local(from_json("[1]"));
        f.set_at(&l, 0, &l);
        f.for_(range(0, 1000), |b, _, _| b.add(range(0, 1000)));
        f.returns(l.len());
    });
    let looped = looped.compile().expect("a correct script");
    assert_eq!(looped.prepare().max_memory(1 << 20).run(&mut Store::default()), Ok(Value::Int(1)));
}

#[test]
fn a_recording_has_every_command_with_its_line_and_reply() {
    let line = line!() + 2;
    let wrong = script(|f| {
        f.add(f.list("a").rpush("x"));
        f.returns(f.var("b").get());
    });
    let wrong = wrong.compile().expect("a correct script");
    let mut recording = Recording::default();
    let call = wrong.key("a", "l").key("b", "l");
    let result = wrong.run_with(&mut Store::default(), &call, Limits::default(), &mut recording);
    assert_eq!(result.expect_err("a list is no string").kind(), Kind::WrongType);
    let lines: Vec<_> = recording.calls.iter().map(|call| (call.place.line - line, call.command)).collect();
    assert_eq!(lines, [(0, "RPUSH"), (1, "GET")]);
    let text = recording.to_string();
    assert!(text.contains(r#"RPUSH "l" "x" -> 1"#) && text.contains(r#"GET "l" -> error WRONGTYPE"#), "{text}");
}

#[derive(Default)]
struct Lines(Vec<u32>);

impl Trace for Lines {
    fn step(&mut self, place: &SourceLine, _instruction: &dyn Debug) {
        if self.0.last() != Some(&place.line) {
            self.0.push(place.line);
        }
    }
}

#[test]
fn a_trace_sees_the_lines_of_the_source() {
    let first = line!() + 2;
    let counting = script(|f| {
        let n = f.local(0);
        f.while_(n.lt(2), |b| {
            b.assign(&n, &n + 1);
        });
        f.returns(&n);
    });
    let counting = counting.compile().expect("a correct script");
    let mut lines = Lines::default();
    let result = counting.run_with(&mut Store::default(), &counting.prepare(), Limits::default(), &mut lines);
    assert_eq!(result, Ok(Value::Int(2)));
    let seen: Vec<u32> = lines.0.iter().map(|line| line - first).collect();
    assert_eq!(seen, [0, 1, 2, 1, 2, 1, 4]);
}

#[test]
fn messages_go_to_the_host() {
    let mut store = Store::default();
    let logging = script(|f| {
        f.add(log_text("notice", "hello"));
        f.add(log_text("debug", list(exprs![1, "a", NONE])));
    });
    let logging = logging.compile().expect("a correct script");
    assert_eq!(logging.prepare().run(&mut store), Ok(Value::Null));
    assert_eq!(store.logged, ["notice: hello", "debug: [1,\"a\",null]"]);
}

#[test]
fn scripts_are_shared_between_threads_and_compared_by_text() {
    let one = script(filter_list).compile().expect("a correct script");
    let two = script(filter_list).compile().expect("a correct script");
    assert_eq!(one, two);
    assert_eq!(one.ir().stable_hash(), two.ir().stable_hash());
    std::thread::spawn(move || assert_eq!(one.keys(), two.keys())).join().expect("no panic");
}

#[test]
fn a_script_is_frozen_when_it_is_compiled() {
    let draft = script(|f| f.add(f.var("k").set(1)));
    let script = draft.compile().expect("a correct script");
    assert_eq!(draft.compile().expect("the same again"), script);
    draft.root().returns(7);
    let error = draft.compile().expect_err("too late");
    assert!(error.message().contains("this script is registered already"), "{error}");
    assert_eq!(script.key("k", "k").run(&mut Store::default()), Ok(Value::Null));
}
