//! Programs for the functions that make lists and slices, and for functions of the user's own.

use redipy_script::functions::Function;
use redipy_script::value::Val;
use redipy_script::{
    Expr, NONE, Type, Value, call, ceil, dict, exprs, floor, fmod, from_json, keys, list, range, range_step, sqrt,
    strs, to_json, values,
};

use super::{Case, case, gives, nums};

/// A text with each space replaced, in lower case.
static SLUG: Function = Function::new(
    "slug",
    &[Type::STR, Type::STR],
    Type::STR,
    "function(text, dash) return (text:lower():gsub(' +', dash)) end",
    |args| {
        let words = args[0].as_str().unwrap_or_default().split(' ').filter(|word| !word.is_empty());
        Ok(Val::text(&words.collect::<Vec<_>>().join(args[1].as_str().unwrap_or_default()).to_ascii_lowercase()))
    },
);

/// The first item of a list, or an error of its own.
static FIRST: Function = Function::new(
    "first",
    &[Type::LIST],
    Type::ANY,
    "function(items)
  if items[0] == 0 then fail(\"first of nothing\") end
  if items[1] == cjson.null then return nil end
  return items[1]
end",
    |args| match args[0].items().unwrap_or_default().into_iter().next() {
        Some(first) => Ok(first),
        None => Err(redipy_script::texts::fail("first of nothing")),
    },
);

/// Claims to give a number, and gives what it gets.
static LIAR: Function =
    Function::new("liar", &[Type::ANY], Type::NUM, "function(x) return x end", |args| Ok(args[0].clone()));

/// How many arguments there are.
static COUNT: Function =
    Function::new("count", &[Type::ANY], Type::NUM, "function(...) return select('#', ...) end", |args| {
        Ok(Val::Num(args.len() as f64))
    })
    .variadic();

fn slices() -> Vec<Case> {
    vec![
        gives("slices of lists", "[[2, 3], [1, 2, 3, 4], [], [4], [1, 2], []]", |_| {
            let l = nums([1, 2, 3, 4]);
            list([
                l.slice(1, 3),
                l.slice(NONE, NONE),
                l.slice(3, 1),
                l.slice(-1, NONE),
                l.slice(-100, -2),
                l.slice(4, 100),
            ])
        }),
        gives(
            "slices of text count code points",
            r#"["\xc3\xa9\xf0\x9f\x98\x80", "a", "", "a\xc3\xa9\xf0\x9f\x98\x80z", "\xf0\x9f\x98\x80z"]"#,
            |f| {
                let a = f.arg("a");
                list([a.slice(1, 3), a.slice(0, 1), a.slice(9, 10), a.slice(NONE, 1e300), a.slice(-2, NONE)])
            },
        )
        .with(|c| c.arg("a", "aé😀z")),
        gives("a slice is a copy", "[[9, 2], [1, 2, 3]]", |f| {
            let l = f.local(nums([1, 2, 3]));
            let part = f.local(l.slice(0, 2));
            f.set_at(&part, 0, 9);
            list([&part, &l])
        }),
        gives("slices at broken positions", "Script: SCRIPT slice needs whole numbers", |f| f.arg("a").slice(0.5, 1))
            .with(|c| c.arg("a", "abc")),
        gives("slices of numbers", "Script: SCRIPT slice needs str or list, not number", |f| f.arg("a").slice(0, 1))
            .with(|c| c.arg("a", 15)),
        gives("slices to a text", "Script: SCRIPT slice needs None or number, not str", |f| {
            f.arg("a").slice(0, f.arg("b"))
        })
        .with(|c| c.arg("a", "abc").arg("b", "1")),
    ]
}

fn ranges() -> Vec<Case> {
    vec![
        gives("ranges", "[[0, 1, 2], [], [5, 3, 1], [-1, 0], [0, 3]]", |_| {
            list([range(0, 3), range(3, 0), range_step(5, 0, -2), range(-1, 1), range_step(0, 4, 3)])
        }),
        case("loops over ranges", "\"0:2 1:3 2:4 \"", |f| {
            let out = f.local("");
            f.for_(range(2, 5), |b, i, x| b.assign(&out, strs!(&out, &i, ":", &x, " ")));
            f.returns(&out);
        }),
        gives("a range without end", "Script: SCRIPT range is too long", |_| range(0, 1e15)),
        gives("a range without step", "Script: SCRIPT range needs a step that is not 0", |f| {
            range_step(0, 3, f.arg("a"))
        })
        .with(|c| c.arg("a", 0)),
        gives("a range of fractions", "Script: SCRIPT range needs whole numbers", |_| range(0, 2.5)),
        gives("a range of text", "Script: SCRIPT range needs number, not str", |f| range(0, f.arg("a")))
            .with(|c| c.arg("a", "3")),
        gives("keys and values", r#"[["", "B", "a"], [None, [1], 2], []]"#, |f| {
            let d = f.local(dict([("a", Expr::from(2)), ("B", nums([1])), ("", NONE.into())]));
            list([keys(&d), values(&d), keys(from_json("{}"))])
        }),
        gives("keys of a list", "Script: SCRIPT keys needs dict, not list", |f| keys(f.arg("a")))
            .with(|c| c.arg("a", redipy_script::Value::Array(vec![]))),
    ]
}

fn own() -> Vec<Case> {
    vec![
        gives("a function of one's own", r#"["a-b", "c_d"]"#, |f| {
            list([SLUG.call(["A  b", "-"]), SLUG.call([f.arg("a"), "_".into()])])
        })
        .with(|c| c.arg("a", "C d")),
        gives("one's own function checks its arguments", "Script: SCRIPT slug needs str, not None", |f| {
            SLUG.call([f.arg("a"), "-".into()])
        })
        .with(|c| c.arg("a", redipy_script::Value::Null)),
        gives("one's own function sees lists", "[None, \"x\", [2]]", |f| {
            list([FIRST.call([list([NONE])]), FIRST.call([f.arg("a")]), FIRST.call([list([nums([2])])])])
        })
        .with(|c| c.arg("a", redipy_script::Value::Array(vec!["x".into(), "y".into()]))),
        gives("one's own function fails", "Script: SCRIPT first of nothing", |_| FIRST.call([super::empty_list()])),
        gives("what one's own function gives is checked", "Script: SCRIPT liar gave str, not number", |_| {
            LIAR.call(["x"])
        }),
        gives("one's own function with any number of arguments", "[0, 1, 3, \"[1,2]\"]", |_| {
            let none: [Expr; 0] = [];
            let some = [COUNT.call(none), COUNT.call([NONE]), COUNT.call([1, 2, 3]), to_json(nums([1, 2]))];
            list(some)
        }),
    ]
}

/// D11: nothing is too deep for Lua.
fn deep() -> Vec<Case> {
    vec![
        case("blocks nested deeply", "299", |f| {
            let n = f.local(0);
            let mut block = f.clone();
            for at in 0..299 {
                block.assign(&n, &n + 1);
                block = match at % 3 {
                    0 => block.if_blocks(n.ge(at)).0,
                    1 => block.if_blocks(n.lt(at)).1,
                    _ => block.for_block(list([1])).0,
                };
            }
            block.add(f.var("k").set(&n));
            f.returns(&n);
        })
        .with(|c| c.key("k", "k")),
        case("calls with many arguments", "[790, 150, 400, 301, None, \"0\"]", |f| {
            let (a, l) = (f.arg("a"), f.local(list(["0"])));
            let many = |count: i32| (0..count).map(Expr::from);
            let computed = dict((0..150).map(|at| (strs!(&a, at), NONE)));
            let items = [a.clone(), l.at(0)].into_iter().chain(many(298));
            let pushed = f.local(f.list("l").rpush(items.chain([l.at(0)]).collect::<Vec<_>>()));
            let count = COUNT.call(many(399).chain([NONE.into()]));
            let text = strs(many(300).collect::<Vec<_>>()).len();
            let first = f.list("m").lindex(0);
            f.returns(list([text, computed.len(), count, (&pushed).into(), first, l.at(0)]));
        })
        .with(|c| c.key("l", "l").key("m", "m").arg("a", "a")),
        case("loops nested deeply", "[34, 100]", |f| {
            let (n, more) = (f.local(0), (0..100).map(|at| f.local(at)).collect::<Vec<_>>());
            let mut block = f.clone();
            for at in 0..34 {
                let (body, index, item) = block.for_block(list([at, 1]));
                body.if_(index.gt(0), |t| t.break_());
                body.if_(item.lt(0), |t| t.continue_());
                body.assign(&n, &n + 1);
                block = body;
            }
            f.returns(list([Expr::from(&n), &more[99] + 1]));
        }),
        case("leaving loops from deep inside", "[100, 101, 3, \"out\"]", |f| {
            let (rounds, seen, n) = (f.local(0), f.local(0), f.local(0));
            let mut block = f.while_block(rounds.lt(100));
            block.assign(&rounds, &rounds + 1);
            for _ in 0..95 {
                block = block.if_blocks(rounds.gt(0)).0;
            }
            // The outer loop goes on with its next round from here, except in its last.
            block.if_(rounds.lt(100), |t| {
                t.assign(&seen, &seen + 1);
                t.continue_();
            });
            let inner = block.while_block(true);
            let mut block = inner;
            for _ in 0..95 {
                block = block.if_blocks(rounds.gt(0)).0;
            }
            block.assign(&n, &n + 1);
            block.if_(n.lt(3), |t| t.continue_());
            block.assign(&seen, &seen + 2);
            block.if_(n.gt(2), |t| t.break_());
            block.assign(&seen, -1);
            f.returns(list([Expr::from(&rounds), (&seen).into(), (&n).into(), "out".into()]));
        }),
        case("returning from deep inside", "[\"deep\", 1]", |f| {
            let mut block = f.clone();
            for at in 0..200 {
                block = block.for_block(list([at])).0;
            }
            let last = block.local("deep");
            block.returns(list([Expr::from(&last), 1.into()]));
            f.returns("never");
        }),
    ]
}

/// Lua's own functions: positions count bytes, from 1.
fn of_lua() -> Vec<Case> {
    vec![
        gives("whole numbers", "[2, 3, -3, -2, 2, 0, 1e300]", |f| {
            let a = f.arg("a");
            list([floor(&a), ceil(&a), floor(-&a), ceil(-&a), floor(" 2.5 "), ceil(-0.5), floor(1e300)])
        })
        .with(|c| c.arg("a", 2.5)),
        gives("roots and remainders", "[3, 1.4142135623730951, 1, -1, 2.5, 1.5]", |_| {
            list([sqrt(9), sqrt("2"), fmod(7, 3), fmod(-7, 3), call("math.abs", exprs!["-2.5"]), fmod("7.5", 2)])
        }),
        gives("the largest and the smallest", "[5, -1, 7, 2]", |_| {
            list([
                call("math.max", exprs![1, 5, 3]),
                call("math.min", exprs![1, "-1", 3]),
                call("math.max", exprs![7]),
                call("math.min", exprs!["2", 10]),
            ])
        }),
        gives("bytes from 1", r#"["ell", "lo", "", "hello", "", "hell", "12"]"#, |_| {
            let sub = |bounds: Vec<Expr>| call("string.sub", [Expr::from("hello")].into_iter().chain(bounds));
            list([
                sub(vec![2.into(), 4.into()]),
                sub(vec![(-2).into()]),
                sub(vec![3.into(), 2.into()]),
                sub(vec![(-100).into(), 100.into()]),
                sub(vec![6.into()]),
                sub(vec![0.into(), "-2".into()]),
                call("string.sub", exprs![123, 1, 2]),
            ])
        }),
        gives("what bytes a text has", "[2, 1, 3, 104, None, 111, None, 195]", |_| {
            list([
                call("string.len", exprs!["é"]),
                Expr::from("é").len(),
                call("string.len", exprs![0.5]),
                call("string.byte", exprs!["hello"]),
                call("string.byte", exprs!["hello", 6]),
                call("string.byte", exprs!["hello", -1]),
                call("string.byte", exprs!["hello", 2, 1]),
                call("string.byte", exprs!["é", 1, -1]),
            ])
        }),
        gives("texts that are made of others", r#"["ABC1", "abc", "cba", "ababab", "", "hi", "", "\xa9"]"#, |_| {
            list([
                call("string.upper", exprs!["abC1"]),
                call("string.lower", exprs!["ABC"]),
                call("string.reverse", exprs!["abc"]),
                call("string.rep", exprs!["ab", 3]),
                call("string.rep", exprs!["ab", -1]),
                call("string.char", exprs![104, "105"]),
                call("string.char", []),
                call("string.sub", exprs!["é", 2]),
            ])
        }),
        case("no number", "Script: SCRIPT math.floor needs the text of a number", |f| f.returns(floor("x"))),
        case("nothing", "Script: SCRIPT math.max needs number or str, not None", |f| {
            f.returns(call("math.max", exprs!["x", f.arg("a")]));
        })
        .with(|c| c.arg("a", Value::Null)),
        case("half a byte", "Script: SCRIPT string.char needs whole numbers from 0 to 255", |f| {
            f.returns(call("string.char", exprs![1.5]));
        }),
        case("half a position", "Script: SCRIPT string.sub needs whole numbers", |f| {
            f.returns(call("string.sub", exprs!["a", 1.5]));
        }),
        case("a root of less than nothing", "Script: SCRIPT math.sqrt needs a number that is not negative", |f| {
            f.returns(sqrt(-1));
        }),
        case("a remainder of nothing", "Script: SCRIPT division by zero", |f| f.returns(fmod(1, "0"))),
        case("too much of a text", "Script: SCRIPT string.rep is too long", |f| {
            f.returns(call("string.rep", exprs!["ab", 1e300]));
        }),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    [slices(), ranges(), of_lua(), own(), deep()].into_iter().flatten().collect()
}
