//! Publish and subscribe: what PUBLISH does. Subscriptions are no commands of the engine.

use redipy_command::Result;
use redipy_command::pubsub::Publish;

use crate::run::{Reach, Run};
use crate::space::Space;

impl Run for Publish<'_> {
    const REACH: Reach = Reach::Nothing;

    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        Ok(at.shared.hub.publish(&self.channel.text(), &self.message.text(), &mut at.wakers))
    }
}
