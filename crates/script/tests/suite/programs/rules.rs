//! Small programs for the rules of values: truth, numbers, operators, lists and dicts, and what crosses the boundary.

use redipy_script::{Expr, NONE, Value, abs, dict, from_json, int_str, join, list, max, min, num, redis, strs};

use super::{Case, case, empty_dict, empty_list, gives, nums};

/// D1 and D2: truth and None.
fn truth() -> Vec<Case> {
    vec![
        gives("not of false values", "[True, True, True, True, True, True, True]", |f| {
            let a = f.arg("a");
            list([
                Expr::from("").not(),
                Expr::from(0).not(),
                empty_list().not(),
                empty_dict().not(),
                Expr::from(NONE).not(),
                Expr::from(false).not(),
                a.not(),
            ])
        })
        .with(|c| c.arg("a", Value::Null)),
        gives("not of true values", "[False, False, False, False]", |_| {
            list([Expr::from("0").not(), Expr::from(-1).not(), nums([0]).not(), dict([("", 0)]).not()])
        }),
        gives("and or give operands", "[0, 2, \"\", \"x\", [], 1]", |f| {
            let (zero, one) = (f.local(0), f.local(1));
            list([
                zero.and(2),
                one.and(2),
                Expr::from("").and("x"),
                Expr::from("").or("x"),
                empty_list().and(1),
                empty_list().or(&one),
            ])
        }),
        gives("the right side of or is reached only if needed", "7", |f| {
            let l = f.local(nums([7]));
            l.at(0).or(l.at(9))
        }),
        gives("commands in and or", "[0, True, None]", |f| {
            let k = f.var("k");
            let first = Expr::from(0).and(k.set("x"));
            let second = Expr::from(1).and(k.set("y"));
            list([first, second, redis("GET", "other", [] as [Expr; 0])])
        })
        .with(|c| c.key("k", "k")),
        case("an empty container is false in if", "\"else\"", |f| {
            let a = f.arg("a");
            f.if_(&a, |t| t.returns("then")).else_(|e| e.returns("else"));
        })
        .with(|c| c.arg("a", Value::Array(vec![]))),
        gives("get_or replaces a missing key only", "[\"\", \"d\"]", |f| {
            let (k, m) = (f.var("k"), f.var("m"));
            f.add(k.set(""));
            list([k.get_or("d"), m.get_or("d")])
        })
        .with(|c| c.key("k", "k").key("m", "m")),
        gives("null in JSON is None", "[True, True, None]", |_| {
            let l = from_json("[null]");
            list([from_json("null").eq(NONE), l.at(0).eq(NONE), from_json("{\"a\":null}").get_key("a")])
        }),
    ]
}

/// D3 and D4: numbers and their texts.
fn numbers() -> Vec<Case> {
    vec![
        gives("numbers print shortest", "\"0.30000000000000004 1000000000000000 1e-07 -0.5 1e+300 2 0\"", |_| {
            let sum = Expr::from(0.1) + 0.2;
            let parts = [sum, 1e15.into(), 1e-7.into(), (-0.5).into(), 1e300.into(), 2.0.into(), (-0.0).into()];
            join(list(parts), " ")
        }),
        gives("numbers come back as int or float", "[0.1, 2, 5e-324, 1e300, 9007199254740992]", |_| {
            list([0.1.into(), 2.0.into(), 5e-324.into(), 1e300.into(), Expr::from(9_007_199_254_740_992_i64)])
        }),
        gives("numbers as arguments", "[0.3333333333333333, -7, 1.5e300]", |f| {
            list([f.arg("a"), f.arg("b"), f.arg("c")])
        })
        .with(|c| c.arg("a", 1.0 / 3.0).arg("b", -7).arg("c", 1.5e300)),
        case("numbers as command arguments", "[\"0.3333333333333333\", \"1e-07\", \"1000000000000000\", \"5\"]", |f| {
            let l = f.list("l");
            let third = f.local(f.arg("third"));
            f.add(l.rpush([third.clone().into(), Expr::from(1e-7), Expr::from(1e15), num("5")]));
            f.returns(l.lrange(0, -1));
        })
        .with(|c| c.key("l", "l").arg("third", 1.0 / 3.0)),
        gives("num", "[12, -1.5, 1000, 0.5, None, None, None, None, None, None, None, 3]", |_| {
            let texts = [" 12 ", "-1.5", "1e3", "+.5", "", "abc", "0x10", "inf", "1_000", "1e999"];
            let mut all: Vec<Expr> = texts.iter().map(|text| num(*text)).collect();
            all.extend([num(true), num(3)]);
            list(all)
        }),
        gives("num of strange texts", "[None, None, None, 5, None]", |f| {
            let a = f.arg("a");
            list([num("٣"), num("."), num("1\u{0}"), num("\t5\r\n"), num(&a)])
        })
        .with(|c| c.arg("a", Value::Array(vec![]))),
        gives("int_str", "[1, -1, 0, 7]", |_| list([int_str("1.5"), int_str(-1.9), int_str("-0.5"), int_str(7)])),
        gives("int_str of no number", "Script: SCRIPT int_str needs the text of a number", |_| int_str("abc")),
        gives("infinity is refused at the boundary", "Script: SCRIPT number is not finite", |_| Expr::from(1e308) * 10),
        gives("infinity is refused as an argument", "Script: SCRIPT number is not finite", |f| {
            let big = f.local(Expr::from(1e308) * 10);
            redis("SET", "k", [big])
        }),
        gives("division", "[2.5, 2, -3, 1, 2, -1]", |_| {
            let of = |n: i32| Expr::from(n);
            list([of(5) / 2, of(5).floor_div(2), of(-5).floor_div(2), of(-5) % 3, of(5) % 3, of(5) % -3])
        }),
        gives("division by zero", "Script: SCRIPT division by zero", |f| Expr::from(1) / f.arg("a"))
            .with(|c| c.arg("a", 0)),
        gives("min max abs", "[1, 2, 3]", |_| list([min(1, 2), max(1, 2), abs(-3)])),
        gives("reversed operands and negation", "[9, -2, \"ab\"]", |f| {
            let (two, b) = (f.local(2), f.local("b"));
            list([1 + &two * 4, -&two, "a" + &b])
        }),
        gives("2^53 as literal", "9007199254740992", |_| Expr::from(1_i64 << 53)),
    ]
}

/// D5: operators.
fn operators() -> Vec<Case> {
    vec![
        gives("plus", "[3, \"12\", [1, 2]]", |_| {
            list([Expr::from(1) + 2, Expr::from("1") + "2", nums([1]) + nums([2])])
        }),
        gives("plus of unknown types", "[3, \"12\", [1, 2]]", |f| {
            let (a, b, c) = (f.arg("a"), f.arg("b"), f.arg("c"));
            list([&a + &a + 1, &b + "2", &c + nums([2])])
        })
        .with(|c| c.arg("a", 1).arg("b", "1").arg("c", Value::Array(vec![Value::Int(1)]))),
        gives("plus of a bool", "Script: SCRIPT cannot compute bool + number", |f| f.arg("a") + 1)
            .with(|c| c.arg("a", true)),
        gives("minus of strings", "Script: SCRIPT cannot compute str - number", |f| f.arg("a") - 1)
            .with(|c| c.arg("a", "1")),
        gives("ordering of strings is bytewise", "[True, False, True, False, True]", |f| {
            let (a, b) = (f.arg("a"), f.arg("b"));
            list([Expr::from("B").lt("a"), Expr::from("é").lt("z"), Expr::from("a").le("a"), a.gt(&b), a.ge("a\u{0}")])
        })
        .with(|c| c.arg("a", "a\u{0}").arg("b", "a\u{0}b")),
        gives("ordering of mixed values", "Script: SCRIPT cannot compare str with number", |f| f.arg("a").lt(2))
            .with(|c| c.arg("a", "1")),
        gives("ordering of lists", "Script: SCRIPT cannot compare list with list", |f| f.arg("a").lt(f.arg("b")))
            .with(|c| c.arg("a", Value::Array(vec![])).arg("b", Value::Array(vec![]))),
        gives("equality", "[False, False, True, True, True, False, True, False, False]", |f| {
            let a = f.arg("a");
            list([
                Expr::from(true).eq(1),
                Expr::from(1).eq("1"),
                Expr::from(1).eq(1.0),
                nums([1, 2]).eq(nums([1, 2])),
                dict([("a", nums([1]))]).eq(dict([("a", nums([1]))])),
                nums([1]).eq(list(["1"])),
                a.eq(dict([("x", NONE)])),
                a.eq(empty_dict()),
                empty_list().eq(empty_dict()),
            ])
        })
        .with(|c| c.arg("a", Value::Map(vec![("x".into(), Value::Null)]))),
    ]
}

/// D6: lists and dicts.
fn containers() -> Vec<Case> {
    vec![
        case("list positions", "[10, 30, 30, 10]", |f| {
            let l = f.local(nums([10, 20, 30]));
            f.returns(list([l.at(0), l.at(2), l.at(-1), l.at(-3)]));
        }),
        gives("out of range", "Script: SCRIPT list index 3 is out of range for 3 items", |_| nums([1, 2, 3]).at(3)),
        gives("out of range from the end", "Script: SCRIPT list index -4 is out of range for 3 items", |_| {
            nums([1, 2, 3]).at(-4)
        }),
        gives("a broken position", "Script: SCRIPT list index 0.5 is not a whole number", |_| nums([1]).at(0.5)),
        gives("a position that is no number", "Script: SCRIPT list index must be a number, not None", |f| {
            nums([1]).at(f.arg("a"))
        })
        .with(|c| c.arg("a", Value::Null)),
        gives("a string has no positions", "Script: SCRIPT str is not a list", |f| f.arg("a").at(0))
            .with(|c| c.arg("a", "abc")),
        case("set_at replaces and appends", "[None, 2, 9]", |f| {
            let l = f.local(nums([1, 2]));
            f.set_at(&l, 0, NONE);
            f.set_at(&l, 2, 8);
            f.set_at(&l, -1, 9);
            f.returns(&l);
        }),
        case("set_at beyond the end", "Script: SCRIPT list index 2 is out of range for 1 items", |f| {
            let l = f.local(nums([1]));
            f.set_at(&l, 2, 8);
        }),
        case("set_at on an argument", "[9]", |f| {
            let a = f.arg("a");
            f.set_at(&a, 0, 9);
            f.returns(&a);
        })
        .with(|c| c.arg("a", Value::Array(vec![Value::Int(1)]))),
        case("lists are shared", "[[1, 5], [1, 5]]", |f| {
            let a = f.local(nums([1]));
            let b = f.local(&a);
            f.set_at(&b, 1, 5);
            f.returns(list([&a, &b]));
        }),
        case("dicts", r#"[{"1": "x", "a": None, "b": [], "c": 0.1}, None, 4]"#, |f| {
            let d = f.local(dict([("a", 1)]));
            f.set_key(&d, 1, "x");
            f.set_key(&d, "b", empty_list());
            f.set_key(&d, "a", NONE);
            f.set_key(&d, "c", 0.1);
            f.returns(list([d.clone().into(), d.get_key("missing"), d.len()]));
        }),
        gives("dict of expressions", r#"{"a1": 1, "b": 2}"#, |f| {
            let (a, one) = (f.local("a"), f.local(1));
            dict([(strs!(&a, &one), Expr::from(&one)), ("b".into(), 2.into())])
        }),
        gives("a key of a dict that is none", "Script: SCRIPT dict key must be str or number, not bool", |f| {
            dict([("a", 1)]).get_key(f.arg("a"))
        })
        .with(|c| c.arg("a", true)),
        gives("a list is no dict", "Script: SCRIPT list is not a dict", |f| f.arg("a").get_key("x"))
            .with(|c| c.arg("a", Value::Array(vec![]))),
        gives("len", "[2, 2, 3, 0]", |f| {
            list([nums([1, 2]).len(), f.arg("a").len(), Expr::from("aé😀").len(), empty_list().len()])
        })
        .with(|c| c.arg("a", Value::Map(vec![("x".into(), 1.into()), ("y".into(), 2.into())]))),
        gives("len of a number", "Script: SCRIPT len needs str or list or dict, not number", |f| f.arg("a").len())
            .with(|c| c.arg("a", 1)),
        gives("nested empty containers keep their kind", r#"{"a": [], "b": {}}"#, |f| {
            dict([("a", f.arg("a")), ("b", f.arg("b"))])
        })
        .with(|c| c.arg("a", Value::Array(vec![])).arg("b", Value::Map(vec![]))),
        gives("nested arguments", r#"[{"": [[], {}, None, [None]]}, False]"#, |f| f.arg("a")).with(|c| {
            let inner = vec![Value::Array(vec![]), Value::Map(vec![]), Value::Null, Value::Array(vec![Value::Null])];
            c.arg("a", Value::Array(vec![Value::Map(vec![("".into(), Value::Array(inner))]), Value::Bool(false)]))
        }),
        gives("a list that holds itself", "Script: SCRIPT value is nested too deeply", |f| {
            let l = f.local(nums([1]));
            f.set_at(&l, 0, &l);
            Expr::from(&l)
        }),
    ]
}

/// D8: what comes back.
fn boundary() -> Vec<Case> {
    vec![
        case("of several errors in a dict the first key's counts", "Script: SCRIPT value is nested too deeply", |f| {
            let huge = Expr::from(1e308) * 10;
            let d = f.local(dict(["b", "c", "d", "e", "f"].map(|key| (key, huge.clone()))));
            f.set_key(&d, "a", &d);
            f.returns(&d);
        }),
        gives("an empty list is None", "None", |_| empty_list()),
        gives("an empty dict is None", "None", |f| f.arg("a")).with(|c| c.arg("a", Value::Map(vec![]))),
        gives("booleans", "False", |_| false.into()),
        gives("empty string", "\"\"", |_| "".into()),
        gives("zero", "0", |_| 0.into()),
        gives("a missing key", "Script: SCRIPT missing key \"k\"", |f| f.var("k").get()),
        gives("a missing argument", "Script: SCRIPT missing argument \"a\"", |f| f.arg("a")),
        gives("an unknown argument", "Script: SCRIPT unknown argument \"b\"; known are a", |f| f.arg("a"))
            .with(|c| c.arg("a", 1).arg("b", 2)),
        gives("NaN as argument", "Script: SCRIPT argument \"a\": NaN and infinities are not allowed", |f| f.arg("a"))
            .with(|c| c.arg("a", f64::NAN)),
        gives(
            "a large integer as argument",
            "Script: SCRIPT argument \"a\": integer 9007199254740993 is beyond 2^53 and would lose digits; pass it as a string",
            |f| f.arg("a"),
        )
        .with(|c| c.arg("a", 9_007_199_254_740_993_i64)),
        gives("a set as argument", "Script: SCRIPT argument \"a\": a set is not JSON", |f| f.arg("a"))
            .with(|c| c.arg("a", Value::Set(vec![]))),
        gives("a number as key of a dict argument", "\"x\"", |f| f.arg("a").get_key("1"))
            .with(|c| c.arg("a", Value::Map(vec![(1.into(), "x".into())]))),
    ]
}

pub fn cases() -> Vec<Case> {
    [truth(), numbers(), operators(), containers(), boundary()].into_iter().flatten().collect()
}
