//! Connection commands: what they do.

use redipy_command::connection::{Echo, Ping, Pong};
use redipy_command::{Bytes, Result};

use crate::run::{Reach, Run};
use crate::space::Space;

impl Run for Ping<'_> {
    const REACH: Reach = Reach::Nothing;

    fn run(self, _: &mut Space<'_>) -> Result<Pong> {
        Ok(self.message.map_or(Pong::Pong, |message| Pong::Message(Bytes::from(&*message.text()))))
    }
}

impl Run for Echo<'_> {
    const REACH: Reach = Reach::Nothing;

    fn run(self, _: &mut Space<'_>) -> Result<Bytes> {
        Ok(Bytes::from(&*self.message.text()))
    }
}
