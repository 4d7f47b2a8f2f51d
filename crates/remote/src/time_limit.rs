//! How long a call may take: what it is allowed, and what a command may block by its own arguments, since that is no
//! timeout.

use std::time::{Duration, Instant};

use redipy_command::EncodedRef;
use redipy_command::number::{parse_float, parse_int};
use redipy_command::spec::Unit;

/// The time for which commands may block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blocking {
    /// For at most this time.
    For(Duration),
    /// Without a limit.
    Forever,
}

impl Blocking {
    /// No blocking.
    pub(crate) const NONE: Blocking = Blocking::For(Duration::ZERO);

    /// The time of both, one after the other.
    pub(crate) fn and(self, other: Blocking) -> Blocking {
        match (self, other) {
            (Blocking::For(a), Blocking::For(b)) => Blocking::For(a.saturating_add(b)),
            _ => Blocking::Forever,
        }
    }

    /// The time limit of a call that may block for this time, with `limit` for the reply.
    pub(crate) fn time_limit(self, limit: Option<Duration>) -> TimeLimit {
        TimeLimit::new(match self {
            Blocking::For(time) => limit.map(|limit| limit.saturating_add(time)),
            Blocking::Forever => None,
        })
    }
}

/// The time limit of a whole call, however much of its reply arrives meanwhile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeLimit {
    limit: Option<Duration>,
    since: Option<Instant>,
}

impl TimeLimit {
    /// A limit of this time, counted from [`begin`](Self::begin).
    pub(crate) fn new(limit: Option<Duration>) -> Self {
        Self { limit, since: None }
    }

    /// The time runs from now on, unless it does already.
    pub(crate) fn begin(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    /// The whole time limit.
    pub(crate) fn limit(&self) -> Option<Duration> {
        self.limit
    }

    /// What is left of it; zero when it is over. While hardly anything is gone it is the whole, so that a socket need not
    /// be told another limit for every call.
    pub(crate) fn left(&self) -> Option<Duration> {
        let limit = self.limit?;
        let gone = self.since.map_or(Duration::ZERO, |since| since.elapsed());
        Some(if gone < limit / 32 { limit } else { limit.saturating_sub(gone) })
    }

    /// When it is over, once it has begun.
    #[cfg(feature = "async")]
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.since?.checked_add(self.limit?)
    }

    /// Returns whether the time limit is exceeded.
    pub(crate) fn is_over(&self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }
}

/// Returns the time for which this command may block.
///
/// A time that the server refuses blocks nothing.
pub(crate) fn blocking_time(command: EncodedRef<'_>) -> Blocking {
    let Some(blocks) = command.handling().blocks else { return Blocking::NONE };
    let time = blocks.argument(&command.to_vec());
    match blocks.unit {
        Unit::Seconds => seconds(time),
        Unit::Milliseconds => milliseconds(time),
    }
}

fn seconds(text: Option<&[u8]>) -> Blocking {
    match text.and_then(parse_float) {
        Some(0.0) => Blocking::Forever,
        // What does not fit is longer than anybody lives; the server has a limit of its own.
        Some(seconds) if seconds > 0.0 => Duration::try_from_secs_f64(seconds).map_or(Blocking::Forever, Blocking::For),
        _ => Blocking::NONE,
    }
}

fn milliseconds(text: Option<&[u8]>) -> Blocking {
    match text.and_then(parse_int).map(u64::try_from) {
        Some(Ok(0)) => Blocking::Forever,
        Some(Ok(time)) => Blocking::For(Duration::from_millis(time)),
        _ => Blocking::NONE,
    }
}

#[cfg(test)]
mod tests {
    use redipy_command::Encoded;

    use super::*;

    fn block(command: &str) -> Blocking {
        let mut words = command.split(' ').map(str::as_bytes);
        let name = Encoded::raw(words.next().unwrap_or_default());
        blocking_time(words.fold(name, Encoded::arg).as_ref())
    }

    #[test]
    fn the_time_is_read_from_the_arguments() {
        let ms = |time| Blocking::For(Duration::from_millis(time));
        assert_eq!(block("BLPOP a b 1.5"), ms(1500));
        assert_eq!(block("brpop a 0"), Blocking::Forever);
        assert_eq!(block("BLMOVE a b LEFT RIGHT 2"), ms(2000));
        assert_eq!(block("BLMPOP 3 2 a b LEFT"), ms(3000));
        assert_eq!(block("BZMPOP 0.0 1 a MIN"), Blocking::Forever);
        assert_eq!(block("WAIT 1 250"), ms(250));
        assert_eq!(block("WAITAOF 1 0 0"), Blocking::Forever);
        assert_eq!(block("XREAD COUNT 2 block 40 STREAMS s $"), ms(40));
        assert_eq!(block("XREADGROUP GROUP g c STREAMS s >"), Blocking::NONE);
        assert_eq!(block("XREADGROUP GROUP g c NOACK COUNT 1 BLOCK 7 STREAMS s >"), ms(7));
        assert_eq!(block("XREADGROUP GROUP g c CLAIM 100 BLOCK 7 STREAMS s >"), ms(7));
        assert_eq!(block("GET 5"), Blocking::NONE);
        assert_eq!(block("CLIENT PAUSE 5"), Blocking::NONE);
    }

    #[test]
    fn what_the_server_refuses_does_not_block() {
        for command in ["BLPOP", "BLPOP a -1", "BLPOP a nan", "BLPOP a x", "WAIT 1", "XREAD BLOCK", "XREAD BLOCK -4 s"]
        {
            assert_eq!(block(command), Blocking::NONE, "{command}");
        }
        assert_eq!(block("BLPOP a 1e300"), Blocking::Forever);
    }

    #[test]
    fn names_are_no_options() {
        let ms = |time| Blocking::For(Duration::from_millis(time));
        assert_eq!(block("XREADGROUP GROUP block 5000 STREAMS s >"), Blocking::NONE);
        assert_eq!(block("XREADGROUP GROUP block c BLOCK 30 STREAMS s >"), ms(30));
        assert_eq!(block("XREADGROUP GROUP g block BLOCK 30 STREAMS s >"), ms(30));
        assert_eq!(block("XREAD COUNT 1 STREAMS block 5000"), Blocking::NONE);
        assert_eq!(block("XREAD BLOCK 20 STREAMS block 5000"), ms(20));
        assert_eq!(block("XREAD BLOCK 20 BLOCK 0 STREAMS s $"), Blocking::Forever);
    }

    #[test]
    fn times_add_up() {
        let second = Blocking::For(Duration::from_secs(1));
        let limit = |block: Blocking, limit| block.time_limit(limit).limit();
        assert_eq!(limit(second.and(second), Some(Duration::from_secs(3))), Some(Duration::from_secs(5)));
        assert_eq!(limit(second.and(Blocking::Forever), Some(Duration::from_secs(3))), None);
        assert_eq!(limit(Blocking::NONE, None), None);
    }

    #[test]
    fn a_call_has_its_time_once() {
        let mut time_limit = TimeLimit::new(Some(Duration::ZERO));
        time_limit.begin();
        assert!(time_limit.is_over());
        let mut time_limit = TimeLimit::new(Some(Duration::from_secs(3600)));
        time_limit.begin();
        time_limit.begin();
        assert_eq!(time_limit.left(), time_limit.limit());
        assert!(!TimeLimit::new(None).is_over());
    }
}
