//! Typed commands for callers that must not wait, whatever the commands reach.

use crate::engine::{Attempt, Engine, admit};
use crate::run::{Reach, Run};
use crate::shard_set::ShardSet;
use crate::space::{KnownKey, Space};

impl Engine {
    /// Executes a typed command, if nobody else has its data just now or waits for it; gives it back otherwise. It never
    /// waits, and overtakes no future.
    ///
    /// # Errors
    /// Those of the command.
    #[inline]
    pub fn execute_at_once<C: Run>(&self, db: usize, command: C) -> Attempt<C> {
        let shared = &*self.shared;
        if !shared.line.is_empty() {
            return Err(command);
        }
        if C::REACH == Reach::Keys && C::SPEC.only_key.is_some() {
            return self.try_execute(db, command);
        }
        if let Err(error) = admit(&command) {
            return Ok(Err(error));
        }
        let mut shards = ShardSet::default();
        match C::REACH {
            Reach::Nothing => {}
            Reach::Everything => shards = ShardSet::everything(),
            Reach::Keys => command.keys(&mut |key| shared.add_shard_of(&mut shards, key.as_bytes())),
        }
        match shared.try_lock_shards(shards) {
            Ok(Some(locked)) => Ok(command.run(&mut Space::of(shared, locked, db, Some(C::SPEC), KnownKey::default()))),
            Ok(None) => Err(command),
            Err(error) => Ok(Err(error)),
        }
    }
}
