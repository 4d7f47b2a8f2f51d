//! The quickstart with calls that are awaited; its script is that of the blocking one.

use redipy::Result;
use redipy::prelude::*;

#[expect(dead_code, reason = "only its script is used")]
#[path = "../quickstart.rs"]
mod blocking;

fn main() -> Result<()> {
    support::block_on(run())
}

async fn run() -> Result<()> {
    let r = support::connect_async("quickstart:").await?;

    r.set("quickstart:foo", "bar").await?;
    r.set("quickstart:baz", "qux").await?;
    println!("foo = {:?}", r.get("quickstart:foo").await?);
    println!("baz = {:?}", r.get("quickstart:baz").await?);

    r.lpush("quickstart:letters", ["a", "b", "c"]).await?;
    r.rpush("quickstart:letters", "d").await?;
    println!("lpop = {:?}", r.lpop("quickstart:letters").await?);
    println!("rpop 3 = {:?}", r.rpop_count("quickstart:letters", 3).await?);

    let filter_list = r.register(blocking::filter_list())?;
    r.rpush("quickstart:mylist", ["1", "3", "2", "4"]).await?;
    let call = filter_list
        .key("inp", "quickstart:mylist")
        .key("left", "quickstart:small")
        .key("right", "quickstart:big")
        .arg("cmp", 3);
    r.script(call).await?;
    for list in ["mylist", "small", "big"] {
        println!("{list} = {:?}", r.lrange(format!("quickstart:{list}"), 0, -1).await?);
    }
    Ok(())
}
