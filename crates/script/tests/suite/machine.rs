//! What the register machine does beyond what every target does: budget, hooks, logging, sharing.

use std::fmt::Debug;

use redipy_script::{Kind, NONE, NoTrace, Options, Place, Trace, Value, exprs, list, log_text, script};

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
    let result = endless.run_with(&mut Store::default(), &endless.call(), Options { steps: 10_000 }, &mut NoTrace);
    assert_eq!(result.expect_err("a timeout").kind(), Kind::Timeout);
}

#[test]
fn copying_costs_steps() {
    let doubling = script(|f| {
        let text = f.local("0123456789");
        f.while_(text.ne(""), |b| b.assign(&text, &text + &text));
    });
    let doubling = doubling.compile().expect("a correct script");
    let result = doubling.run_with(&mut Store::default(), &doubling.call(), Options { steps: 100_000 }, &mut NoTrace);
    assert_eq!(result.expect_err("a timeout").kind(), Kind::Timeout);
}

#[derive(Default)]
struct Lines(Vec<u32>);

impl Trace for Lines {
    fn step(&mut self, place: &Place, _instruction: &dyn Debug) {
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
    let result = counting.run_with(&mut Store::default(), &counting.call(), Options::default(), &mut lines);
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
    assert_eq!(logging.call().run(&mut store), Ok(Value::Null));
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
fn a_draft_can_grow_after_it_was_compiled() {
    let draft = script(|f| f.add(f.var("k").set(1)));
    let before = draft.compile().expect("a correct script");
    draft.root().returns(7);
    let after = draft.compile().expect("a correct script");
    assert_ne!(before, after);
    assert_eq!(after.key("k", "k").run(&mut Store::default()), Ok(Value::Int(7)));
}
