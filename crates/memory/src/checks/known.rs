//! Replies that are known by where they are from: after random commands, what is known by the same bytes or the same mark is
//! the same.

use std::borrow::Cow;
use std::collections::HashMap;

use redipy_backend::Backend;
use redipy_command::hash::{HGetAll, HKeys, HVals};
use redipy_command::list::LRange;
use redipy_command::range::Edge;
use redipy_command::set::SMembers;
use redipy_command::sink::{Collection, Part, Whole};
use redipy_command::string::Get;
use redipy_command::zset::{ZRange, ZRangeOptions};
use redipy_command::{Error, Key, ReplySink, Value, ValueSink};
use redipy_conformance::command::request;

use crate::checks::ways::{each_sequence, engine};
use crate::{Engine, Memory, Run};

/// Which command shows which part of what.
type Place = (&'static str, Result<Vec<u8>, u64>, usize, usize);

/// All that was ever shown.
#[derive(Default)]
struct Memo(HashMap<Place, Value>);

/// Collects a reply, and where it is from.
struct Watched {
    command: &'static str,
    from: Option<Place>,
    shown: ValueSink,
}

impl ReplySink for Watched {
    fn null(&mut self) {
        self.shown.null();
    }

    fn int(&mut self, int: i64) {
        self.shown.int(int);
    }

    fn double(&mut self, double: f64) {
        self.shown.double(double);
    }

    fn bulk(&mut self, bytes: &[u8]) {
        self.shown.bulk(bytes);
    }

    fn begin(&mut self, kind: Collection, len: usize) {
        self.shown.begin(kind, len);
    }

    fn bool(&mut self, bool: bool) {
        self.shown.bool(bool);
    }

    fn big_number(&mut self, digits: &str) {
        self.shown.big_number(digits);
    }

    fn status(&mut self, text: Cow<'static, str>) {
        self.shown.status(text);
    }

    fn error(&mut self, error: Error) {
        self.shown.error(error);
    }

    fn verbatim(&mut self, format: [u8; 3], text: &[u8]) {
        self.shown.verbatim(format, text);
    }

    fn knows(&mut self, Part { of, from, count }: Part<'_>) -> bool {
        let of = match of {
            Whole::Bytes(bytes) => Ok(bytes.to_vec()),
            Whole::Mark(mark) => Err(mark),
        };
        self.from = Some((self.command, of, from, count));
        false
    }
}

impl Memo {
    /// Reads, and compares with what was read from there before; whether there was such a thing.
    fn read<C: Run>(&mut self, engine: &Engine, command: C) -> bool {
        let mut watched = Watched { command: C::SPEC.name, from: None, shown: ValueSink::default() };
        if engine.try_show(0, command, &mut watched).is_ok_and(|result| result.is_err()) {
            return false;
        }
        let (Some(from), value) = (watched.from, watched.shown.into_value()) else { return false };
        match self.0.get(&from) {
            Some(known) => {
                assert_eq!(known, &value, "{}", C::SPEC.name);
                true
            }
            None => {
                self.0.insert(from, value);
                false
            }
        }
    }

    /// Reads all that a key may have.
    fn read_all(&mut self, engine: &Engine, key: Key<'_>) -> usize {
        let rank = |start, stop| ZRange {
            key,
            start: Edge::Index(start),
            stop: Edge::Index(stop),
            options: ZRangeOptions::default(),
        };
        [
            self.read(engine, Get { key }),
            self.read(engine, HGetAll { key }),
            self.read(engine, HKeys { key }),
            self.read(engine, HVals { key }),
            self.read(engine, SMembers { key }),
            self.read(engine, LRange { key, start: 0, stop: -1 }),
            self.read(engine, LRange { key, start: 1, stop: 3 }),
            self.read(engine, rank(0, -1)),
            self.read(engine, rank(-3, -2)),
        ]
        .into_iter()
        .filter(|known| *known)
        .count()
    }
}

#[test]
fn what_is_known_is_what_is_there() {
    let mut known = 0;
    each_sequence(|seed, commands| {
        let engine = engine(seed);
        let (memory, mut memo) = (Memory::from(engine.clone()), Memo::default());
        for command in &commands {
            let _ = memory.call(&request(command));
            let Ok(Value::Array(names)) = memory.call(&request(&[b"KEYS".to_vec(), b"*".to_vec()])) else { continue };
            for name in &names {
                if let Value::Bulk(name) = name {
                    known += memo.read_all(&engine, Key(name));
                }
            }
        }
    });
    assert!(known > 1000, "{known}");
}
