//! Get and set, push and pop, and a script that drains a list into two others.
//!
//! `cargo run --release --example quickstart` runs in this process; with
//! `-- --url redis://127.0.0.1:6379` the same program runs on a server and prints the same.

use redipy::Result;
use redipy::prelude::*;
use redipy::script::{Draft, NONE, num, script};

/// Values smaller than `cmp` go to `left`, all others to `right`.
pub fn filter_list() -> Draft {
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

fn main() -> Result<()> {
    let r = support::connect("quickstart:")?;

    r.set("quickstart:foo", "bar")?;
    r.set("quickstart:baz", "qux")?;
    println!("foo = {:?}", r.get("quickstart:foo")?);
    println!("baz = {:?}", r.get("quickstart:baz")?);

    r.lpush("quickstart:letters", ["a", "b", "c"])?;
    r.rpush("quickstart:letters", "d")?;
    println!("lpop = {:?}", r.lpop("quickstart:letters")?);
    println!("rpop 3 = {:?}", r.rpop_count("quickstart:letters", 3)?);

    let filter_list = r.register(filter_list())?;
    r.rpush("quickstart:mylist", ["1", "3", "2", "4"])?;
    let call = filter_list
        .key("inp", "quickstart:mylist")
        .key("left", "quickstart:small")
        .key("right", "quickstart:big")
        .arg("cmp", 3);
    r.script(call)?;
    for list in ["mylist", "small", "big"] {
        println!("{list} = {:?}", r.lrange(format!("quickstart:{list}"), 0, -1)?);
    }
    Ok(())
}
