//! Server commands: what they do.

use redipy_command::Result;
use redipy_command::reply;
use redipy_command::server::{DbSize, FlushAll, FlushDb, Time};

use crate::run::{Reach, Run};
use crate::space::Space;
use crate::store::keyspace::Db;

impl Run for Time {
    const REACH: Reach = Reach::Nothing;

    fn run(self, at: &mut Space<'_>) -> Result<reply::Time> {
        let micros = at.shared.clock.now_micros();
        Ok(reply::Time { seconds: micros.div_euclid(1_000_000), microseconds: micros.rem_euclid(1_000_000) })
    }
}

impl Run for DbSize {
    const REACH: Reach = Reach::Everything;

    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        Ok(at.dbs().flatten().map(Db::len).sum::<usize>() as u64)
    }
}

impl Run for FlushDb {
    const REACH: Reach = Reach::Everything;

    fn run(self, at: &mut Space<'_>) -> Result<()> {
        at.flush(self.options.r#async);
        Ok(())
    }
}

impl Run for FlushAll {
    const REACH: Reach = Reach::Everything;

    fn run(self, at: &mut Space<'_>) -> Result<()> {
        at.flush_all(self.options.r#async);
        Ok(())
    }
}
