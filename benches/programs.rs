//! The scripts that are measured.

use redipy::script::{Draft, NONE, Script, ScriptCall, num, script, strs};

/// The filter of the example `quickstart`: drains a list into two others.
pub fn filter() -> Draft {
    script(|f| {
        let cmp = f.arg("cmp");
        let (inp, left, right) = (f.list("inp"), f.list("left"), f.list("right"));
        let cur = f.local(inp.lpop());
        f.while_(cur.ne(NONE), |b| {
            b.if_(num(&cur).lt(&cmp), |t| t.add(left.rpush(&cur))).else_(|e| e.add(right.rpush(&cur)));
            b.assign(&cur, inp.lpop());
        });
        f.returns(NONE);
    })
}

/// A call of the filter that puts half of [`items`] to each side.
pub fn halving(filter: &Script) -> ScriptCall {
    filter.key("inp", "inp").key("left", "left").key("right", "right").arg("cmp", ITEMS as i64 / 2)
}

/// What the filter drains.
pub fn items() -> Vec<String> {
    (0..ITEMS).map(|i| i.to_string()).collect()
}

/// How many items the filter drains.
pub const ITEMS: usize = 10_000;

/// Fifty statements: seven times seven, and the return.
pub fn fifty() -> Draft {
    script(|f| {
        let (taken, stock, log) = (f.arg("taken"), f.hash("stock"), f.list("log"));
        for name in ["apples", "pears", "plums", "figs", "dates", "limes", "nuts"] {
            let had = f.local(num(stock.hget(name)));
            f.if_(had.eq(NONE), |t| t.assign(&had, 0));
            let left = f.local(&had - &taken);
            f.if_(left.lt(0), |t| {
                t.add(log.rpush(strs([name, " ran out"])));
                t.assign(&left, 0);
            });
        }
        f.returns(NONE);
    })
}
