//! How long a command may block by its own arguments, so that waiting for its reply is no timeout.

use std::time::Duration;

use redipy_command::number::{parse_float, parse_int};

/// How long commands may block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Block {
    /// At most this long.
    For(Duration),
    /// Until something happens.
    Forever,
}

impl Block {
    /// Not at all.
    pub(crate) const NONE: Block = Block::For(Duration::ZERO);

    /// One after the other.
    pub(crate) fn and(self, other: Block) -> Block {
        match (self, other) {
            (Block::For(a), Block::For(b)) => Block::For(a.saturating_add(b)),
            _ => Block::Forever,
        }
    }

    /// How long to wait for a reply, if the server may take `limit` beyond blocking.
    pub(crate) fn patience(self, limit: Option<Duration>) -> Option<Duration> {
        match self {
            Block::For(time) => limit.map(|limit| limit.saturating_add(time)),
            Block::Forever => None,
        }
    }
}

/// Where the time stands among the arguments, and its unit.
enum Time {
    Seconds(usize),
    SecondsLast,
    Milliseconds(usize),
    /// Milliseconds after the token `BLOCK`.
    BlockOption,
}

/// How long this command, its name first, may block.
///
/// A time that the server refuses blocks nothing.
pub(crate) fn block_of<'a>(args: impl ExactSizeIterator<Item = &'a [u8]>) -> Block {
    let mut args = args;
    let Some(name) = args.next() else { return Block::NONE };
    let Some(time) = time_of(name) else { return Block::NONE };
    let args: Vec<&[u8]> = args.collect();
    match time {
        Time::Seconds(at) => seconds(args.get(at)),
        Time::SecondsLast => seconds(args.last()),
        Time::Milliseconds(at) => milliseconds(args.get(at)),
        Time::BlockOption => {
            let option = args.iter().position(|arg| arg.eq_ignore_ascii_case(b"BLOCK"));
            option.map_or(Block::NONE, |at| milliseconds(args.get(at + 1)))
        }
    }
}

fn time_of(name: &[u8]) -> Option<Time> {
    Some(match name.to_ascii_uppercase().as_slice() {
        b"BLPOP" | b"BRPOP" | b"BZPOPMIN" | b"BZPOPMAX" | b"BRPOPLPUSH" | b"BLMOVE" => Time::SecondsLast,
        b"BLMPOP" | b"BZMPOP" => Time::Seconds(0),
        b"WAIT" => Time::Milliseconds(1),
        b"WAITAOF" => Time::Milliseconds(2),
        b"XREAD" | b"XREADGROUP" => Time::BlockOption,
        _ => return None,
    })
}

fn seconds(text: Option<&&[u8]>) -> Block {
    match text.and_then(|text| parse_float(text)) {
        Some(0.0) => Block::Forever,
        // What does not fit is longer than anybody lives; the server has a limit of its own.
        Some(seconds) if seconds > 0.0 => Duration::try_from_secs_f64(seconds).map_or(Block::Forever, Block::For),
        _ => Block::NONE,
    }
}

fn milliseconds(text: Option<&&[u8]>) -> Block {
    match text.and_then(|text| parse_int(text)).map(u64::try_from) {
        Some(Ok(0)) => Block::Forever,
        Some(Ok(time)) => Block::For(Duration::from_millis(time)),
        _ => Block::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(command: &str) -> Block {
        let args: Vec<&[u8]> = command.split(' ').map(str::as_bytes).collect();
        block_of(args.into_iter())
    }

    #[test]
    fn the_time_is_read_from_the_arguments() {
        let ms = |time| Block::For(Duration::from_millis(time));
        assert_eq!(block("BLPOP a b 1.5"), ms(1500));
        assert_eq!(block("brpop a 0"), Block::Forever);
        assert_eq!(block("BLMOVE a b LEFT RIGHT 2"), ms(2000));
        assert_eq!(block("BLMPOP 3 2 a b LEFT"), ms(3000));
        assert_eq!(block("BZMPOP 0.0 1 a MIN"), Block::Forever);
        assert_eq!(block("WAIT 1 250"), ms(250));
        assert_eq!(block("WAITAOF 1 0 0"), Block::Forever);
        assert_eq!(block("XREAD COUNT 2 block 40 STREAMS s $"), ms(40));
        assert_eq!(block("XREADGROUP GROUP g c STREAMS s >"), Block::NONE);
        assert_eq!(block("GET 5"), Block::NONE);
    }

    #[test]
    fn what_the_server_refuses_does_not_block() {
        for command in ["BLPOP", "BLPOP a -1", "BLPOP a nan", "BLPOP a x", "WAIT 1", "XREAD BLOCK", "XREAD BLOCK -4 s"]
        {
            assert_eq!(block(command), Block::NONE, "{command}");
        }
        assert_eq!(block("BLPOP a 1e300"), Block::Forever);
    }

    #[test]
    fn times_add_up() {
        let second = Block::For(Duration::from_secs(1));
        assert_eq!(second.and(second).patience(Some(Duration::from_secs(3))), Some(Duration::from_secs(5)));
        assert_eq!(second.and(Block::Forever).patience(Some(Duration::from_secs(3))), None);
        assert_eq!(Block::NONE.patience(None), None);
    }
}
