//! What is refused when a script is compiled (rule D10), with the message; the place is this file's line.

use redipy_script::value::Val;
use redipy_script::{
    Block, Expr, Function, Kind, NONE, RedisHash, RedisVar, SourceLine, Type, call, command, exprs, find, from_json,
    list, num, redis, script, strs, to_str,
};

/// The problems of a script, without the places.
fn problems(build: impl FnOnce(&Block)) -> Vec<String> {
    match script(build).compile() {
        Ok(_) => Vec::new(),
        Err(error) => {
            assert_eq!(error.kind(), Kind::Script);
            let text = error.message().trim_start_matches("the script is refused:").trim_start();
            text.lines().map(|line| line.split_once(": ").expect("a place").1.to_owned()).collect()
        }
    }
}

macro_rules! refused {
    ($($name:ident: |$f:ident| $build:expr => [$($message:expr),*];)*) => { $(
        #[test]
        fn $name() {
            assert_eq!(problems(|$f| { let _ = $build; }), [$($message),*] as [&str; _]);
        }
    )* };
}

refused! {
    unknown_command: |f| f.add(redis("GETT", f.key("k"), [] as [Expr; 0])) =>
        ["unknown command GETT; did you mean GET?"];
    wrong_arity: |f| f.add(redis("LRANGE", f.key("k"), [0])) =>
        ["wrong number of arguments for LRANGE: it takes 3, not 2"];
    not_in_scripts: |f| f.add(command("MULTI", [] as [Expr; 0])) =>
        ["MULTI cannot be called from a script"];
    unknown_function: |f| f.returns(call("upcase", [])) => ["unknown function \"upcase\"; is it spelled right?"];
    misspelled_function: |f| f.returns(call("uper", [])) => ["unknown function \"uper\"; did you mean \"upper\"?"];
    wrong_number_of_arguments: |f| f.returns(call("num", [])) => ["wrong number of arguments for num: it takes 1, not 0"];
    wrong_argument: |f| f.returns(find(15, "5")) => ["find needs str, and gets number; convert it with `to_str`"];
    strs_of_none: |f| f.returns(strs!(NONE, "x")) => ["strs needs number or str, and gets None"];
    json_of_a_list: |f| f.returns(from_json(list([1]))) => ["from_json needs str, and gets list"];
    arithmetic_on_text: |f| f.returns(Expr::from("a") - 1) => ["`-` does not work on str and number; `num` makes a number of a text"];
    plus_of_different_types: |f| f.returns(Expr::from("a") + 1) => ["`+` does not work on str and number; `num` makes a number of a text"];
    ordering_of_different_types: |f| f.returns(f.key("k").lt(1)) => ["`<` does not work on str and number; `num` makes a number of a text"];
    a_count_is_no_list: |f| f.returns(f.list("l").llen().at(0)) => ["only a list has positions, and this is number"];
    a_list_has_no_keys: |f| f.returns(list([1]).get_key("a")) => ["only a dict has keys, and this is list"];
    for_over_text: |f| f.for_("abc", |_, _, _| {}) => ["what `for` goes through must be list, and is str"];
    a_list_as_argument: |f| f.add(f.list("l").rpush(list([1]))) =>
        ["every argument of RPUSH must be number or str, and is list; `to_json` makes a text of it"];
    code_after_return: |f| { f.returns(1); f.add(2) } => ["code after `return` never runs; remove it"];
    code_after_break: |f| f.while_(true, |b| { b.break_(); b.add(1); }) => ["code after `break` never runs; remove it"];
    break_outside_of_a_loop: |f| f.break_() => ["`break` and `continue` belong into a loop; use `returns` to end the script"];
    a_loop_without_end: |f| { let n = f.local(1); f.while_(n.gt(0), |b| b.add(b.var("k").get())) } =>
        ["nothing in this `while` can change its condition; it would never end or never run"];
    twice_the_same_name: |f| { f.arg("a"); f.key("a"); f.arg("a") } => ["argument \"a\" is declared twice"];
    large_integer: |f| f.returns((1_i64 << 53) + 1) =>
        ["integer 9007199254740993 is beyond 2^53 and would lose digits; pass it as a string"];
    infinity: |f| f.returns(f64::INFINITY) => ["NaN and infinities are not allowed"];
    unknown_log_level: |f| f.add(redipy_script::log_text("loud", "x")) =>
        ["the level of a log message is one of debug, verbose, notice, warning"];
    used_before_its_declaration: |f| {
        let later = f.if_blocks(f.arg("a")).0.local(1);
        f.returns(&later)
    } => ["this variable is used outside of its block or before its declaration; declare it further out"];
    variable_of_another_script: |f| {
        let mut other = None;
        let _ = script(|g| other = Some(g.local(1)));
        f.returns(other.expect("a variable"))
    } => ["this variable belongs to another script; hand its value over as an argument"];
    too_deep: |f| f.returns((0..2000).fold(Expr::from(1), |sum, _| sum + 1)) =>
        ["expression is nested more than 1000 deep; use a local variable"];
    blocks_too_deep: |f| {
        let a = f.arg("a");
        let mut block = f.clone();
        for _ in 0..400 {
            block = block.if_blocks(&a).0;
        }
    } => ["blocks are nested more than 300 deep"];
    two_functions_of_one_name: |f| {
        let row = |lua| Function::of("twice", [Type::NUM], Type::NUM, lua, |args: &[&Val]| Ok(args[0].clone()));
        f.returns(row("function(x) return x end").call([1]) + row("function(x) return 2 * x end").call([1]))
    } => ["another function is called \"twice\"; rename one"];
    a_function_with_the_name_of_a_standard_one: |f| {
        f.returns(Function::of("num", [], Type::NONE, "function() end", |_: &[&Val]| Ok(Val::None)).call([] as [Expr; 0]))
    } => ["another function is called \"num\"; rename one"];
    all_problems_at_once: |f| {
        f.break_();
        let mut other = None;
        let _ = script(|g| other = Some(g.local(1)));
        f.returns(other.expect("a variable") + 1);
        f.add(command("NOPE", [] as [Expr; 0]));
        f.returns(Expr::from(true) + 1)
    } => ["`break` and `continue` belong into a loop; use `returns` to end the script",
        "this variable belongs to another script; hand its value over as an argument",
        "code after `break` never runs; remove it",
        "code after `return` never runs; remove it",
        "unknown command NOPE; is it spelled right?", "`+` does not work on bool and number"];
}

#[test]
fn places_are_those_of_the_caller() {
    let line = line!() + 1;
    let error = script(|f| f.returns(Expr::from("a") * list([1]))).compile().expect_err("a refusal");
    assert_eq!(
        error.message(),
        format!("the script is refused: {}:{line}: `*` does not work on str and list", file!())
    );
}

#[test]
fn bindings_can_say_where_they_are() {
    let place = SourceLine { file: "job.py".into(), line: 7 };
    let draft = place.during(|| script(|f| f.returns(Expr::from("a") * list([1]))));
    let message = draft.compile().expect_err("a refusal").to_string();
    assert_eq!(message, "the script is refused: job.py:7: `*` does not work on str and list");
}

#[test]
fn comparing_what_is_never_equal_is_a_warning() {
    let warning = |compare: fn(Expr, &Block) -> Expr| {
        let compared = script(|f| f.returns(compare(f.var("k").get(), f))).compile().expect("allowed");
        match compared.warnings() {
            [] => String::new(),
            [warning] => warning.message.clone(),
            several => panic!("one warning, not {several:?}"),
        }
    };
    let advice = "; `to_str` makes a text of a number, `num` a number of a text";
    let none_or_str = "comparing None or str with";
    assert_eq!(warning(|stored, _| stored.eq(5)), format!("{none_or_str} number always gives False{advice}"));
    assert_eq!(warning(|stored, _| stored.ne(true)), "comparing None or str with bool always gives True");
    let token = warning(|stored, f| stored.eq(num(f.arg("token"))));
    assert_eq!(token, format!("{none_or_str} None or number always gives False unless both are None{advice}"));
    assert_eq!(warning(|stored, f| stored.eq(f.arg("token"))), "");
    assert_eq!(warning(|stored, _| stored.ne(NONE)), "");
    assert_eq!(warning(|stored, f| stored.eq(to_str(f.arg("token")))), "");
    assert_eq!(warning(|stored, f| num(stored).eq(num(f.arg("token")))), "");
}

/// A variable of Rust holds the expression, not what it gave: it would run at every use.
#[test]
fn a_command_that_is_used_more_than_once_must_not_matter() {
    let twice = |call: fn(&Block) -> Expr| {
        script(|f| {
            let n = call(f);
            f.if_(n.eq(1), |t| t.add(f.var("other").set("first")));
            f.returns(n.le(3));
        })
    };
    let at = |line| format!("{}:{line}", file!());
    let line = line!();
    let message = |name: &str, made| {
        format!(
            "{name} of {} runs at each use of it: at {} and here; `f.local(..)` calls it once and keeps what it gave",
            at(made),
            at(line - 5)
        )
    };
    let refused = |call: fn(&Block) -> Expr| twice(call).compile().expect_err("a refusal").to_string();
    let made = line!() + 1;
    let error = refused(|f| f.var("k").incr());
    assert_eq!(error, format!("the script is refused: {}: {}", at(line - 4), message("INCR", made)));
    assert!(refused(|f| strs!("a", f.set("k").srandmember()).eq("a")).contains("SRANDMEMBER of"));
    let hosted = Function::hosted("mine", [], Type::NUM, |_, _| Ok(Val::Num(1.0)));
    let error = script(|f| {
        let mine = hosted.call([] as [Expr; 0]);
        f.returns(&mine + &mine);
    });
    assert!(error.compile().expect_err("a refusal").message().contains("mine of"));

    let made = line!() + 1;
    let reads = twice(|f| f.list("k").llen()).compile().expect("allowed");
    let [warning] = reads.warnings() else { panic!("one warning, not {:?}", reads.warnings()) };
    assert_eq!((warning.place.line, &warning.message), (line - 4, &message("LLEN", made)));
}

#[test]
fn what_lua_cannot_take_is_refused_also_deep_inside() {
    let deep = script(|f| {
        let (mut block, a) = (f.clone(), f.arg("a"));
        for _ in 0..100 {
            block = block.if_blocks(&a).0;
        }
        block.add(f.list("l").rpush((0..8000).map(Expr::from).collect::<Vec<_>>()));
    });
    let error = deep.compile().expect_err("a refusal");
    assert_eq!(error.message(), "SCRIPT RPUSH has 8001 arguments; Lua takes 7000");
}

#[test]
fn names_that_are_none_are_quoted() {
    let problems = problems(|f| f.add(command("X\n\u{1}", [f.key("k")])));
    assert_eq!(problems, [r#"unknown command "X\n\u{1}"; is it spelled right?"#]);
}

#[test]
fn a_command_that_runs_once_may_be_written_at_several_places() {
    let fine = script(|f| {
        let (push, kept) = (f.list("l").rpush("x"), f.local(f.var("n").incr()));
        // One of the branches runs.
        f.if_(kept.eq(1), |t| t.add(&push)).elif(kept.eq(2), |t| t.add(&push)).else_(|e| e.add(&push));
        // The name of an object is evaluated at every use, as it says.
        let frame = RedisHash::new(strs!("frame:", RedisVar::new(f.key("size")).incr()));
        f.add(frame.hset(("a", 1)));
        f.returns(frame.hget("a"));
    });
    assert_eq!(fine.compile().expect("allowed").warnings(), []);
    let once_more = script(|f| {
        let push = f.list("l").rpush("x");
        f.if_(f.arg("a"), |t| t.add(&push));
        f.add(push);
    });
    assert!(once_more.compile().expect_err("a refusal").message().contains("RPUSH of"));
}

#[test]
fn options_that_take_values_may_be_computed() {
    let ttl = script(|f| f.add(RedisVar::new(f.key("k")).set_with(f.arg("v"), exprs!["PX", f.arg("ttl"), "GET"])));
    assert!(ttl.compile().is_ok());
}

#[test]
fn strict_scripts_name_their_keys() {
    let draft = script(|f| {
        f.add(redis("GET", strs!(f.key("k"), ":count"), [] as [Expr; 0]));
        f.add(redis("GET", "elsewhere", [] as [Expr; 0]));
        f.add(command("KEYS", ["*"]));
    });
    let relaxed = draft.compile().expect("allowed");
    let messages: Vec<_> = relaxed.undeclared().iter().map(|problem| problem.message.as_str()).collect();
    let advice = "are not made from declared keys; declare them with `key`";
    assert_eq!(messages, [format!("the keys of GET {advice}"), format!("the keys of KEYS {advice}")]);
    let error = draft.strict().compile().expect_err("strict");
    assert_eq!(error.message().matches(advice).count(), 2, "{error}");
}

#[test]
fn a_list_that_is_used_as_a_hash_is_a_warning() {
    let odd = |replaces: bool| {
        script(|f| {
            let list = f.list("k");
            f.add(list.rpush(1));
            if replaces {
                f.add(list.del());
            }
            f.add(RedisHash::new(list.key()).hlen());
        })
    };
    let script = odd(false).compile().expect("allowed");
    let [warning] = script.warnings() else { panic!("one warning, not {:?}", script.warnings()) };
    assert!(warning.message.starts_with("key \"k\" is used as a hash here, and as a list at "), "{warning:?}");
    assert!(odd(true).compile().expect("allowed").warnings().is_empty());
}
