//! Keyspace notifications: which of them are published, and how.

use std::str::FromStr;

use redipy_command::{Error, Kind, Result};

use crate::listen::event::{Class, Event};
use crate::listen::hub::{Hub, Wakers};

/// Which keyspace notifications an engine publishes, as a server's `notify-keyspace-events` says it. None unless said.
///
/// `K` publishes to the channel of the key, `__keyspace@<db>__:<key>`, the name of the event; `E` to the channel of the
/// event, `__keyevent@<db>__:<event>`, the key. Other letters choose classes of events ([`Class`]); `A` stands for
/// `g$lshzxetd`. Classes that the engine does not have yet (`e` evicted, `m` missed, `t` streams) are taken and
/// say nothing.
///
/// ```
/// # mod redipy { pub use redipy_backend::*; pub use redipy_command::*; pub use redipy_memory as memory; }
/// use redipy::memory::KeyspaceEvents;
///
/// let all: KeyspaceEvents = "KEA".parse()?;
/// assert!("K?".parse::<KeyspaceEvents>().is_err());
/// # Ok::<(), redipy::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeyspaceEvents(u32);

/// The letters, by the number of their bit.
const LETTERS: &[u8] = b"g$lshzxdnocKEetm";

/// What `A` stands for.
const ALL: &[u8] = b"g$lshzxetd";

impl KeyspaceEvents {
    const KEYSPACE: Self = Self(bit(b'K'));
    const KEYEVENT: Self = Self(bit(b'E'));

    fn of(class: Class) -> Self {
        Self(bit(class.letter()))
    }

    fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether nothing is ever published: without a channel to go to, or without a class.
    pub(crate) fn is_empty(self) -> bool {
        let channels = Self::KEYSPACE.0 | Self::KEYEVENT.0;
        self.0 & channels == 0 || self.0 & !channels == 0
    }

    /// Publishes what happened to a key, where it is asked for.
    pub(crate) fn publish(self, hub: &Hub, db: usize, key: &[u8], event: Event, wakers: &mut Option<Wakers>) {
        if !self.has(Self::of(event.class())) {
            return;
        }
        if self.has(Self::KEYSPACE) {
            let channel = [format!("__keyspace@{db}__:").as_bytes(), key].concat();
            hub.publish(&channel, event.name().as_bytes(), wakers);
        }
        if self.has(Self::KEYEVENT) {
            hub.publish(format!("__keyevent@{db}__:{}", event.name()).as_bytes(), key, wakers);
        }
    }
}

/// The bit of a letter; none for one that is not known.
const fn bit(letter: u8) -> u32 {
    let mut at = 0;
    while at < LETTERS.len() {
        if LETTERS[at] == letter {
            return 1 << at;
        }
        at += 1;
    }
    0
}

impl FromStr for KeyspaceEvents {
    type Err = Error;

    fn from_str(letters: &str) -> Result<Self> {
        letters.bytes().try_fold(Self::default(), |flags, byte| {
            let bits = match byte {
                b'A' => ALL.iter().fold(0, |bits, class| bits | bit(*class)),
                byte => bit(byte),
            };
            if bits == 0 {
                let known = String::from_utf8_lossy(LETTERS);
                let message = format!("notify-keyspace-events takes the letters A{known}, not '{letters}'");
                return Err(Error::new(Kind::Config, message));
            }
            Ok(Self(flags.0 | bits))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use redipy_backend::{Backend, Subscription, Topic};
    use redipy_command::generic::Exists;
    use redipy_command::set::{SAdd, SPop};
    use redipy_command::string::PSetEx;

    use super::*;
    use crate::{Clock, Engine, Memory};

    fn engine(clock: Clock) -> (Engine, Box<dyn Subscription>) {
        let engine = Engine::builder().clock(clock).notify_keyspace_events("EA".parse().unwrap()).build();
        let subscription = Memory::from(engine.clone()).subscribe(&[Topic::Pattern("__key*".into())]).unwrap();
        (engine, subscription)
    }

    /// The names of the events until now.
    fn events(subscription: &mut dyn Subscription) -> Vec<String> {
        let next = || subscription.next(Some(Duration::ZERO)).unwrap();
        std::iter::from_fn(next).map(|message| message.channel.to_text().replace("__keyevent@0__:", "")).collect()
    }

    fn set_for_10_ms(engine: &Engine) {
        engine.execute(0, PSetEx { key: "k".into(), milliseconds: 10.into(), value: "v".into() }).unwrap();
    }

    /// Random members are no matter for a comparison with a server.
    #[test]
    fn the_last_member_takes_the_key_with_it() {
        let (engine, mut subscription) = engine(Clock::system());
        engine.execute(0, SAdd { key: "k".into(), members: ["a", "b", "c"].into() }).unwrap();
        for count in [None, Some(1), Some(0), Some(5), Some(5)] {
            engine.execute(0, SPop { key: "k".into(), count }).unwrap();
        }
        assert_eq!(events(&mut *subscription), ["sadd", "spop", "spop", "spop", "del"]);
    }

    #[test]
    fn whoever_removes_what_has_expired_says_so() {
        let (engine, mut subscription) = engine(Clock::manual());
        set_for_10_ms(&engine);
        engine.clock().advance(Duration::from_millis(10));
        assert_eq!(events(&mut *subscription), ["set", "expire", "expired"]);
    }

    #[test]
    fn so_does_a_command_that_meets_it() {
        let engine = Engine::builder().background(false).notify_keyspace_events("Ex".parse().unwrap()).build();
        let mut subscription = Memory::from(engine.clone()).subscribe(&[Topic::Pattern("__key*".into())]).unwrap();
        let look: fn(&Engine) = |engine| assert_eq!(engine.execute(0, Exists { keys: "k".into() }), Ok(0));
        let write: fn(&Engine) = |engine| drop(engine.execute(0, SAdd { key: "k".into(), members: "a".into() }));
        let sweep: fn(&Engine) = |engine| assert!(engine.tick(usize::MAX).unwrap());
        for meet in [look, write, sweep] {
            set_for_10_ms(&engine);
            std::thread::sleep(Duration::from_millis(15));
            meet(&engine);
            assert_eq!(events(&mut *subscription), ["expired"]);
        }
    }

    #[test]
    fn nothing_is_published_without_a_channel_or_a_class() {
        for (letters, is_empty) in [("", true), ("K", true), ("gx", true), ("Kg", false), ("KEA", false)] {
            assert_eq!(letters.parse::<KeyspaceEvents>().unwrap().is_empty(), is_empty, "{letters}");
        }
        assert!("KEA\u{e9}".parse::<KeyspaceEvents>().is_err());
    }
}
