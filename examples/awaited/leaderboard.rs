//! The leaderboard with calls that are awaited.

use redipy::Result;
use redipy::prelude::*;
use redipy::range::Bound;
use redipy::zset::ZRangeOptions;

use blocking::KEY;

#[expect(dead_code, reason = "only its script is used")]
#[path = "../leaderboard.rs"]
mod blocking;

fn main() -> Result<()> {
    support::block_on(run())
}

async fn run() -> Result<()> {
    let r = support::connect_async("leaderboard:").await?;
    let add = r.register(blocking::add())?;
    for (player, points) in [("ann", 10.0), ("bob", 7.5), ("cid", 12.25), ("bob", 4.0), ("dan", 0.5)] {
        let call = add.key("board", KEY).arg("player", player).arg("points", points);
        println!("{player} +{points}: {}", r.script(call).await?);
    }
    println!("the table:");
    let best_first = r.zrange_with(KEY, 0, -1, ZRangeOptions::new().rev().withscores()).await?.scored();
    for (place, (player, points)) in best_first.iter().enumerate() {
        println!("{}. {player} {points}", place + 1);
    }
    // Both are on their way before the first is awaited.
    let (players, many) = (r.zcard(KEY), r.zcount(KEY, 10, Bound::HIGHEST));
    println!("players: {}, with at least 10 points: {}", players.await?, many.await?);
    Ok(())
}
