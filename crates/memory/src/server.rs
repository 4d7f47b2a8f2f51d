//! Server commands: what they do.

use redipy_command::Result;
use redipy_command::reply;
use redipy_command::server::{DbSize, FlushAll, FlushDb, FlushOptions, Time};

use crate::keyspace::Db;
use crate::run::{Reach, Run};
use crate::space::Space;

impl Run for Time {
    const REACH: Reach = Reach::Nothing;

    fn run(self, at: &mut Space<'_>) -> Result<reply::Time> {
        let micros = at.shared.clock.now_micros();
        Ok(reply::Time { seconds: micros.div_euclid(1_000_000), microseconds: micros.rem_euclid(1_000_000) })
    }
}

impl Run for DbSize {
    const REACH: Reach = Reach::Everything;

    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        Ok(at.dbs().flatten().map(Db::len).sum::<usize>() as i64)
    }
}

/// Removes all keys. Their memory is free when the command is done, unless it is told otherwise.
fn clear(db: &mut Db, options: FlushOptions) {
    db.clear();
    if !options.r#async {
        db.free_here();
    }
}

impl Run for FlushDb {
    const REACH: Reach = Reach::Everything;

    fn run(self, at: &mut Space<'_>) -> Result<()> {
        let db = at.db();
        at.shards_mut().for_each(|shard| clear(shard.db_mut(db), self.options));
        Ok(())
    }
}

impl Run for FlushAll {
    const REACH: Reach = Reach::Everything;

    fn run(self, at: &mut Space<'_>) -> Result<()> {
        at.shards_mut().for_each(|shard| shard.dbs_mut().for_each(|db| clear(db, self.options)));
        Ok(())
    }
}
