//! Small programs for statements and blocks: loops and branches, the order in which things happen, and large programs.

use redipy_script::{Expr, NONE, RedisVar, Value, Var, list, log_text, strs};

use super::{Case, case, empty_list, nums};

pub fn cases() -> Vec<Case> {
    [loops(), order(), large()].into_iter().flatten().collect()
}

/// Loops and branches.
fn loops() -> Vec<Case> {
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
    ]
}

/// What happens when, and how often.
fn order() -> Vec<Case> {
    vec![
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
    ]
}

/// Programs near the limits of Lua.
fn large() -> Vec<Case> {
    vec![
        case("300 locals and a list of 300", "44850", |f| {
            let vars: Vec<Var> = (0..300).map(|n| f.local(n)).collect();
            let items = f.local(list(&vars));
            let sum = f.local(0);
            f.for_(&items, |b, _, x| b.assign(&sum, &sum + &x));
            f.returns(&sum);
        }),
        case("300 arguments of a command", "300", |f| {
            f.returns(f.list("l").rpush((0..300).collect::<Vec<_>>()));
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
