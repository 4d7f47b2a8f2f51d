//! A leaderboard: points are added, and the player learns the new rank and who stands around it, in
//! one script. Reading the table needs none.

use redipy::prelude::*;
use redipy::range::Bound;
use redipy::script::{Draft, Script, dict, exprs, max, script};
use redipy::zset::ZRangeOptions;
use redipy::{Redis, Result, Value};

struct Leaderboard {
    redis: Redis,
    add: Script,
}

pub const KEY: &str = "leaderboard:points";

/// Adds points to a player; tells the sum, the rank, and who stands around it.
pub fn add() -> Draft {
    script(|f| {
        let (board, player, points) = (f.zset("board"), f.arg("player"), f.arg("points"));
        let total = f.local(board.zincrby(&points, &player));
        let rank = f.local(board.zrevrank(&player));
        let around = f.local(board.zrange_with(max(&rank - 1, 0), &rank + 1, exprs!["REV"]));
        f.returns(dict([("points", total.into()), ("rank", &rank + 1), ("around", around.into())]));
    })
}

impl Leaderboard {
    fn new(redis: &Redis) -> Result<Self> {
        Ok(Self { redis: redis.clone(), add: redis.register(add())? })
    }

    fn add(&self, player: &str, points: f64) -> Result<Value> {
        self.redis.script(self.add.key("board", KEY).arg("player", player).arg("points", points))
    }
}

fn main() -> Result<()> {
    let r = support::connect("leaderboard:")?;
    let board = Leaderboard::new(&r)?;
    for (player, points) in [("ann", 10.0), ("bob", 7.5), ("cid", 12.25), ("bob", 4.0), ("dan", 0.5)] {
        println!("{player} +{points}: {}", board.add(player, points)?);
    }
    println!("the table:");
    let best_first = r.zrange_with(KEY, 0, -1, ZRangeOptions::new().rev().withscores())?.scored();
    for (place, (player, points)) in best_first.iter().enumerate() {
        println!("{}. {player} {points}", place + 1);
    }
    println!("players: {}, with at least 10 points: {}", r.zcard(KEY)?, r.zcount(KEY, 10, Bound::HIGHEST)?);
    Ok(())
}
