//! Small programs for each rule of the language.

use redipy_script::{
    Block, Expr, NONE, RedisHash, RedisList, RedisSet, RedisSortedSet, RedisVar, Value, Var, abs, call, command,
    contains, dict, exprs, find, find_from, from_json, int_str, join, list, log_text, lower, max, min, num, redis,
    split, strs, to_json, to_str, type_str, upper,
};

use super::{Case, case};

/// A program that returns one expression.
fn gives(name: &'static str, expected: &'static str, expr: impl FnOnce(&Block) -> Expr) -> Case {
    case(name, expected, |f| {
        let value = expr(f);
        f.returns(value);
    })
}

fn empty_list() -> Expr {
    list([] as [Expr; 0])
}

fn empty_dict() -> Expr {
    dict([] as [(Expr, Expr); 0])
}

/// A list of these numbers.
fn nums<const N: usize>(numbers: [i32; N]) -> Expr {
    list(numbers)
}

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
            f.add(l.rpush_all([third.clone().into(), Expr::from(1e-7), Expr::from(1e15), num("5")]));
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

/// D7 and D9: strings.
fn strings() -> Vec<Case> {
    vec![
        gives(
            "strings survive",
            r#"["a\"b'c\\n", "\xc3\xa9\xf0\x9f\x98\x80", "a\r\n\x00\x7f]]--", "\xff\xfe"]"#,
            |_| list([Expr::from("a\"b'c\\n"), "é😀".into(), "a\r\n\u{0}\u{7f}]]--".into(), (&b"\xff\xfe"[..]).into()]),
        ),
        gives("a string that would break out", r#""\\\" .. redis.call('set','pwned','1').ok) --""#, |_| {
            "\\\" .. redis.call('set','pwned','1').ok) --".into()
        }),
        gives("string arguments survive", r#"["x\x00y", "\xff", {"k\"\n\xff": "\xfe\\"}]"#, |f| {
            list([f.arg("]]\n a"), f.arg("b --"), f.arg("c")])
        })
        .with(|c| {
            let key = Value::bulk(&b"k\"\n\xff"[..]);
            let map = Value::Map(vec![(key, Value::bulk(&b"\xfe\\"[..]))]);
            c.arg("]]\n a", "x\0y").arg("b --", &b"\xff"[..]).arg("c", map)
        }),
        gives("find", "[1, None, 0, 1, 4, None, 3, 0, 3, None]", |_| {
            let text = "a.b.a";
            list([
                find(text, "."),
                find(text, "x"),
                find(text, ""),
                find("éa", "a"),
                find_from(text, "a", 1),
                find_from(text, "b", -2),
                find_from(text, ".", -2),
                find_from(text, "a", -99),
                find_from("éé.", "", 3),
                find_from("éé.", "", 4),
            ])
        }),
        gives("find in a number", "Script: SCRIPT find needs str, not number", |f| find(f.arg("a"), "5"))
            .with(|c| c.arg("a", 15)),
        gives("find from None", "Script: SCRIPT find needs number, not None", |f| find_from("a", "a", f.arg("a")))
            .with(|c| c.arg("a", Value::Null)),
        gives("strs", r#"["", "a1", "0.5x"]"#, |f| {
            let n = f.arg("n");
            list([strs([] as [Expr; 0]), strs!("a", 1), strs!(&n, "x")])
        })
        .with(|c| c.arg("n", 0.5)),
        gives("strs of None", "Script: SCRIPT strs needs number or str, not None", |f| strs!(f.arg("a"), "x"))
            .with(|c| c.arg("a", Value::Null)),
        gives("parts of strs are evaluated before they are checked", "Script: SCRIPT None is not a list", |f| {
            let a = f.arg("a");
            strs!(&a, a.at(1))
        })
        .with(|c| c.arg("a", Value::Null)),
        gives("to_str", r#"["true", "nil", "2", "0.1", "x"]"#, |_| {
            list([to_str(true), to_str(NONE), to_str(2.0), to_str(0.1), to_str("x")])
        }),
        gives("type_str", r#"["nil", "boolean", "number", "string", "table", "table"]"#, |_| {
            let values = [NONE.into(), true.into(), 1.into(), "".into(), empty_list(), empty_dict()];
            list(values.map(type_str))
        }),
        gives(
            "split join lower upper contains",
            r#"[["a", "", "b"], "a+b", "\xc3\xa9 x", "X", True, False, True]"#,
            |_| {
                list([
                    split("a,,b", ","),
                    join(list(["a", "b"]), "+"),
                    lower("é X"),
                    upper("x"),
                    contains("abc", "bc"),
                    contains(nums([1, 2]), "1"),
                    contains(dict([("a", NONE)]), "a"),
                ])
            },
        ),
        gives("to_json", r#""{\"a\":[1,0.1,null,true,\"\\u000a\\\"\\\\\xc3\xa9\"],\"b\":{},\"c\":[]}""#, |_| {
            let items = [1.into(), 0.1.into(), NONE.into(), true.into(), Expr::from("\n\"\\é")];
            to_json(dict([("c", empty_list()), ("b", empty_dict()), ("a", list(items))]))
        }),
        gives("from_json", r#"[[], {}, [1.5, "a\n\xf0\x9f\x98\x80/"], {"a": {"b": None}}, -2]"#, |_| {
            list([
                from_json("[ ]"),
                from_json("{}"),
                from_json(r#" [1.5, "a\n\ud83d\ude00\/"] "#),
                from_json(r#"{"a":1,"a":{"b":null}}"#),
                from_json("-2e0"),
            ])
        }),
        gives("from_json of a broken text", "Script: SCRIPT text is not valid JSON", |_| from_json("[1,]")),
        gives("from_json of None", "Script: SCRIPT from_json needs str, not None", |f| from_json(f.arg("a")))
            .with(|c| c.arg("a", Value::Null)),
    ]
    .into_iter()
    .chain(broken_json())
    .collect()
}

fn broken_json() -> Vec<Case> {
    let texts = [
        "",
        "nul",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "NaN",
        "0x1",
        "\"a",
        "\"\n\"",
        r#""\x""#,
        r#""\ud800""#,
        "[1 2]",
        "{1:2}",
        "{\"a\"}",
        "[1]x",
        "1e999",
        "-",
    ];
    let broken = "Script: SCRIPT text is not valid JSON";
    texts.into_iter().map(|text| gives("from_json of a broken text", broken, |_| from_json(text))).collect()
}

/// Statements and blocks.
fn statements() -> Vec<Case> {
    vec![
        case("for", "[[0, \"a\"], [1, \"b\"]]", |f| {
            let out = f.local(empty_list());
            f.for_(f.arg("a"), |b, i: Var, x: Var| b.set_at(&out, out.len(), list([&i, &x])));
            f.returns(&out);
        })
        .with(|c| c.arg("a", Value::Array(vec!["a".into(), "b".into()]))),
        case("for over None items", "2", |f| {
            let count = f.local(0);
            f.for_(list([Expr::from(1), NONE.into(), NONE.into()]), |b, _, x| {
                b.if_(x.eq(NONE), |t| t.assign(&count, &count + 1));
            });
            f.returns(&count);
        }),
        case("for sees what is appended", "[1, 2, 3, 4]", |f| {
            let l = f.local(nums([1]));
            f.for_(&l, |b, i, x| {
                b.if_(x.lt(4), |t| t.set_at(&l, &i + 1, &x + 1));
            });
            f.returns(&l);
        }),
        case("for over what is no list", "Script: SCRIPT dict is not a list", |f| {
            f.for_(f.arg("a"), |_, _, _| {});
        })
        .with(|c| c.arg("a", Value::Map(vec![]))),
        case("break and continue", "[1, 3, 5]", |f| {
            let out = f.local(empty_list());
            f.for_(nums([1, 2, 3, 4, 5, 6, 7]), |b, _, x| {
                b.if_((&x % 2).eq(0), |t| t.continue_());
                b.if_(x.gt(5), |t| t.break_());
                b.set_at(&out, out.len(), &x);
            });
            f.returns(&out);
        }),
        case("break in a while inside a loop with continue", "[0, 0, 0]", |f| {
            let out = f.local(empty_list());
            f.for_(nums([1, 2, 3, 4]), |b, _, x| {
                b.if_(x.eq(2), |t| t.continue_());
                let n = b.local(5);
                b.while_(true, |w| {
                    w.assign(&n, &n - 1);
                    w.if_(n.le(0), |t| t.break_());
                });
                b.set_at(&out, out.len(), &n);
            });
            f.returns(&out);
        }),
        case("elif", "\"two\"", |f| {
            let a = f.arg("a");
            f.if_(a.eq(1), |t| t.returns("one")).elif(a.eq(2), |t| t.returns("two")).else_(|e| e.returns("more"));
        })
        .with(|c| c.arg("a", 2)),
        case("a while condition with a command is evaluated again", "3", |f| {
            let (l, count) = (f.list("l"), f.local(0));
            f.while_(l.llen().gt(0).and(count.lt(10)), |b| {
                b.add(l.lpop());
                b.assign(&count, &count + 1);
            });
            f.returns(&count);
        })
        .setup(&["RPUSH l a b c"])
        .with(|c| c.key("l", "l")),
        case("commands run from left to right, once", "[\"a\", \"b\", \"c\"]", |f| {
            let l = f.list("l");
            f.returns(list([l.lpop(), l.lpop(), l.lpop()]));
        })
        .setup(&["RPUSH l a b c d"])
        .with(|c| c.key("l", "l")),
        case("an error before a command stops it", "Script: SCRIPT list index 5 is out of range for 1 items", |f| {
            let (k, l) = (f.var("k"), f.local(nums([1])));
            f.returns(list([l.at(5), k.set("x")]));
        })
        .with(|c| c.key("k", "k")),
        case(
            "writes before an error stay",
            "WrongType: WRONGTYPE Operation against a key holding the wrong kind of value",
            |f| {
                let (k, l) = (f.var("k"), f.list("l"));
                f.add(k.set("x"));
                f.add(l.lpush("y"));
            },
        )
        .setup(&["SET l 1"])
        .with(|c| c.key("k", "k").key("l", "l")),
        case("keys by name are evaluated at every use", "[\"one\", \"two\"]", |f| {
            let n = f.var("n");
            let named = RedisVar::new(strs!(n.key(), ":", n.get_or(0)));
            let first = f.local(named.get());
            f.add(n.set(2));
            f.returns(list([Expr::from(&first), named.get()]));
        })
        .setup(&["SET n 1", "SET n:1 one", "SET n:2 two"])
        .with(|c| c.key("n", "n")),
        case("log", "1", |f| {
            f.add(log_text("notice", "hello"));
            f.add(log_text("warning", f.arg("a")));
            f.returns(1);
        })
        .with(|c| c.arg("a", Value::Null)),
        case("no return gives None", "None", |f| f.add(f.var("k").set(1))).with(|c| c.key("k", "k")),
        case("300 locals and a list of 300", "44850", |f| {
            let vars: Vec<Var> = (0..300).map(|n| f.local(n)).collect();
            let items = f.local(list(&vars));
            let sum = f.local(0);
            f.for_(&items, |b, _, x| b.assign(&sum, &sum + &x));
            f.returns(&sum);
        }),
        case("300 arguments of a command", "300", |f| {
            f.returns(f.list("l").rpush_all((0..300).map(Expr::from)));
        })
        .with(|c| c.key("l", "l")),
        case("a sum of 300 terms", "300", |f| {
            let one = f.local(f.arg("one"));
            f.returns((1..300).fold(Expr::from(&one), |sum, _| sum + &one));
        })
        .with(|c| c.arg("one", 1)),
        case("100 blocks deep", "3100", |f| {
            let one = f.local(f.arg("one"));
            let n = f.local(0);
            let mut block = f.clone();
            for _ in 0..100 {
                block = block.if_blocks(n.ge(0)).0;
                block.assign(&n, (1..30).fold(&n + &one, |sum, _| &one + sum) + &one);
            }
            f.returns(&n);
        })
        .with(|c| c.arg("one", 1)),
        case("20 loops deep", "20", |f| {
            let n = f.local(0);
            let mut block = f.clone();
            for _ in 0..20 {
                let (body, _, item) = block.for_block(nums([1, 2]));
                body.if_(item.eq(2), |t| t.continue_());
                body.assign(&n, &n + 1);
                block = body;
            }
            f.returns(&n);
        }),
        case("200 branches of elif", "150", |f| {
            let a = f.arg("a");
            let mut branch = f.if_(a.eq(0), |t| t.returns(0));
            for n in 1..190 {
                branch = branch.elif(a.eq(n), |t| t.returns(n));
            }
        })
        .with(|c| c.arg("a", 150)),
    ]
}

/// What commands return.
fn replies() -> Vec<Case> {
    let data = &[
        "SET s 5",
        "RPUSH l a b c",
        "HSET h f v g 1.5",
        "SADD t m 10 9 zz",
        "ZADD z 0.3333333333333333 a 2 b",
        "SET e x PX 100000",
    ];
    let with = |case: Case| case.setup(data);
    vec![
        with(gives("bulk or nil", r#"["5", None, "v", None, "b", None]"#, |_| {
            let get = |name: &str, key: &str, args: &[&str]| redis(name, key, args.iter().copied());
            list([
                get("GET", "s", &[]),
                get("GET", "none", &[]),
                get("HGET", "h", &["f"]),
                get("HGET", "h", &["x"]),
                get("LINDEX", "l", &["1"]),
                get("LINDEX", "l", &["9"]),
            ])
        })),
        with(gives("pop with count", r#"[["a", "b"], [], None]"#, |_| {
            let (l, none) = (RedisList::new("l"), RedisList::new("none"));
            list([l.lpop_count(2), l.rpop_count(0), none.lpop_count(2)])
        })),
        with(gives("set", r#"[True, False, "6", None, True]"#, |_| {
            let (s, new) = (RedisVar::new("s"), RedisVar::new("new"));
            list([
                s.set(6),
                s.set_with(7, exprs!["NX"]),
                s.set_with(8, exprs!["GET"]),
                new.set_with(1, exprs!["get"]),
                new.set_with(2, exprs!["XX", "PX", 10000]),
            ])
        })),
        with(gives("incrby", r#"[10, 10.5, 0.5, 2, "0.5"]"#, |_| {
            let (s, h) = (RedisVar::new("s"), RedisHash::new("h"));
            list([s.incrby(5), s.incrby(0.5), h.hincrby("new", 0.5), h.hincrby("g", "0.5"), h.hget("new")])
        })),
        with(gives("hmget and hgetall", r#"[{"f": "v", "x": None}, {"a": None}, {"f": "v", "g": "1.5"}, {}]"#, |_| {
            let (h, none) = (RedisHash::new("h"), RedisHash::new("none"));
            list([h.hmget(["f", "x"]), none.hmget(["a"]), h.hgetall(), none.hgetall()])
        })),
        with(gives(
            "scores",
            r#"[["a", "b"], 2, None, 1, None, [["b", 2]], [["a", 0.3333333333333333]], [["b", 2]], [], 1.5]"#,
            |_| {
                let (z, none) = (RedisSortedSet::new("z"), RedisSortedSet::new("none"));
                list([
                    z.zrange(0, -1),
                    z.zscore("b"),
                    z.zscore("x"),
                    z.zrank("b"),
                    none.zrank("x"),
                    z.zrange_with(1, 1, exprs!["WITHSCORES"]),
                    z.zpopmin(),
                    redis("ZPOPMAX", "z", [3]),
                    none.zpopmin(),
                    none.zincrby(1.5, "m"),
                ])
            },
        )),
        with(gives("booleans", "[True, False, True, False, 1, 0, [True, False]]", |_| {
            let (t, h) = (RedisSet::new("t"), RedisHash::new("h"));
            list([
                t.sismember("m"),
                t.sismember("x"),
                h.hexists("f"),
                h.persist(),
                h.exists(),
                RedisHash::new("none").exists(),
                redis("SMISMEMBER", "t", ["m", "x"]),
            ])
        })),
        with(gives("type", r#"["string", "list", "hash", "set", "zset", None]"#, |_| {
            list(["s", "l", "h", "t", "z", "none"].map(|key| RedisVar::new(key).type_()))
        })),
        with(gives("ttl", "[-1, None, True]", |_| {
            let ttl = RedisVar::new("e").ttl();
            list([RedisVar::new("s").ttl(), RedisVar::new("none").ttl(), ttl.gt(99)])
        })),
        with(gives("members are sorted", r#"["10", "9", "m", "zz"]"#, |_| RedisSet::new("t").smembers())),
        with(gives("status", r#"[True, "PONG", True]"#, |_| {
            list([redis("RENAME", "s", ["s2"]), command("PING", [] as [Expr; 0]), redis("LSET", "l", exprs![0, "x"])])
        })),
        with(gives("lists with None", r#"[["5", None, None], [2, None]]"#, |_| {
            list([command("MGET", ["s", "none", "none"]), redis("ZMSCORE", "z", ["b", "none"])])
        })),
        with(gives("lower case and any command", r#"[1.5, "5"]"#, |_| {
            let add = redis("hincrby", "h", exprs!["n", 1.5]);
            list([add, redis("getdel", "s", [] as [Expr; 0])])
        })),
        with(gives("a command's error", "Syntax: ERR syntax error", |_| redis("LPOS", "l", ["a", "WRONG"]))),
        with(gives(
            "an argument that is none",
            "Script: SCRIPT command argument must be str or number, not None",
            |f| redis("RPUSH", "l", [f.arg("a")]),
        ))
        .with(|c| c.arg("a", Value::Null)),
        with(gives("a bool as an argument", "Script: SCRIPT command argument must be str or number, not bool", |f| {
            redis("RPUSH", "l", [f.arg("a")])
        }))
        .with(|c| c.arg("a", true)),
        gives("an argument is evaluated before it is checked", "Script: SCRIPT bool is not a list", |f| {
            let a = f.arg("a");
            redis("RPUSH", "l", [a.clone(), a.at(0)])
        })
        .with(|c| c.arg("a", true)),
        gives("call by name", "[3, 255]", |_| list([call("max", exprs![1, 3]), call("num", exprs!["255"])])),
    ]
}

/// D8: what comes back.
fn boundary() -> Vec<Case> {
    vec![
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
    [truth(), numbers(), operators(), containers(), strings(), statements(), replies(), boundary()]
        .into_iter()
        .flatten()
        .collect()
}
