//! Commands in programs: the words are those of the differential runs, with expressions in the place of some.

use std::collections::HashMap;

use redipy_command::{Flags, Shape, methods};

use crate::command::{Command, name_of};
use crate::diff::families;
use crate::diff::grammar::Grammar;
use crate::diff::rng::Rng;

/// Commands of a type, and how its keys are named.
struct Kind {
    /// What the names of keys of this type begin with.
    letter: char,
    rules: Grammar,
    plain: Grammar,
    /// What gives keys their first content.
    setup: Grammar,
}

/// All commands that programs use.
pub(super) struct Commands {
    kinds: Vec<Kind>,
    generic: Grammar,
    plain_generic: Grammar,
    rare: Grammar,
    /// The rules of each shape of reply, with the letter of the type.
    by_shape: HashMap<Shape, Vec<(char, Grammar)>>,
}

/// The letters of the types; the last one is for sorted sets whose scores are all equal.
pub(super) const LETTERS: [char; 6] = ['s', 'l', 'h', 't', 'z', 'x'];

const SETUP: [&[&str]; 6] = [
    &["SET key value", "SET key int", "SET key float"],
    &["RPUSH key ( member )+", "RPUSH key ( value )+"],
    &["HSET key ( field value )+", "HSET key ( field int )+"],
    &["SADD key ( member )+", "SADD key ( int )+"],
    &["ZADD key ( score member )+"],
    &["ZADD key ( 0 member )+"],
];

/// Commands as most programs use them: with these, programs run deep.
const PLAIN: [&[&str]; 6] = [
    &[
        "4 SET key value",
        "2 SET key int",
        "6 GET key",
        "2 APPEND key value",
        "STRLEN key",
        "GETRANGE key 0 -2",
        "SETNX key value",
        "2 GETDEL key",
        "GETSET key value",
        "MGET ( key )+",
        "MSETNX ( key value )+",
        "SET key value NX",
        "SET key value XX GET",
        "GETEX key PERSIST",
    ],
    &[
        "3 LPUSH key ( member )+",
        "4 RPUSH key ( value )+",
        "2 LPOP key",
        "2 RPOP key",
        "LLEN key",
        "2 LINDEX key 0",
        "2 LRANGE key 0 -1",
        "LREM key 0 member",
        "LMOVE key key LEFT RIGHT",
        "LPOP key 2",
        "LTRIM key 0 3",
        "LPOS key member",
        "LPOS key member COUNT 0",
        "LMPOP # ( key )+ LEFT",
    ],
    &[
        "6 HSET key ( field value )+",
        "3 HGET key field",
        "HDEL key ( field )+",
        "2 HGETALL key",
        "2 HMGET key ( field )+",
        "2 HINCRBY key N 2",
        "HKEYS key",
        "HVALS key",
        "HEXISTS key field",
        "HLEN key",
        "HSETNX key field value",
        "HSTRLEN key field",
    ],
    &[
        "6 SADD key ( member )+",
        "SREM key ( member )+",
        "SISMEMBER key member",
        "2 SMEMBERS key",
        "SCARD key",
        "SMISMEMBER key ( member )+",
        "SINTER ( key )+",
        "SUNION ( key )+",
        "SDIFF ( key )+",
        "SMOVE key key member",
        "SUNIONSTORE key ( key )+",
    ],
    &[
        "3 ZADD key ( score member )+",
        "3 ZADD key 1 member 2.5 member",
        "ZADD key INCR 1 member",
        "2 ZSCORE key member",
        "2 ZRANGE key 0 -1",
        "2 ZRANGE key 0 -1 WITHSCORES",
        "ZRANGE key -inf +inf BYSCORE WITHSCORES",
        "ZINCRBY key 1.5 member",
        "ZCARD key",
        "ZCOUNT key -inf 2",
        "ZRANK key member",
        "ZPOPMIN key",
        "ZPOPMAX key 2",
        "ZMSCORE key ( member )+",
        "ZREM key ( member )+",
        "ZRANGESTORE key key 0 -1",
    ],
    &["4 ZADD key ( 0 member )+", "2 ZRANGE key [a + BYLEX", "ZRANGE key - + BYLEX LIMIT 0 2", "ZCARD key"],
];

const PLAIN_GENERIC: &[&str] = &[
    "2 EXISTS ( key )+",
    "2 TYPE key",
    "DEL key",
    "PERSIST key",
    "RENAMENX key key",
    "KEYS *",
    "KEYS pattern",
    "EXPIREAT key 4102444800",
    "EXPIRE key 100000",
    "PEXPIRETIME MISSING",
    "COPY key key REPLACE",
    "DBSIZE",
    "PING",
    "ECHO value",
    "SELECT 0",
];

/// How many of a hundred commands are plain ones.
const PLAINLY: usize = 70;

/// What answers at random, by the time or in an order that nobody promises.
const UNSTEADY: &[&str] = &[
    "SPOP",
    "SRANDMEMBER",
    "HRANDFIELD",
    "ZRANDMEMBER",
    "RANDOMKEY",
    "SCAN",
    "HSCAN",
    "SSCAN",
    "ZSCAN",
    "TIME",
    "TTL",
    "PTTL",
];

/// Commands with many more arguments than these are slow to send and to read.
const MAX_WORDS: usize = 14;

impl Commands {
    pub(super) fn new() -> Self {
        let rules = [families::STRING, families::LIST, families::HASH, families::SET, families::ZSET, families::LEX];
        let grammar = |rules: &'static [&'static str]| Grammar::new(rules.iter().copied());
        let kind = |at: usize| Kind {
            letter: LETTERS[at],
            rules: grammar(rules[at]),
            plain: grammar(PLAIN[at]),
            setup: grammar(SETUP[at]),
        };
        let mut by_shape: HashMap<Shape, Vec<(char, Grammar)>> = HashMap::new();
        let generic = LETTERS.into_iter().flat_map(|letter| [(letter, families::GENERIC), (letter, PLAIN_GENERIC)]);
        let plain = LETTERS.into_iter().zip(PLAIN);
        let own = LETTERS.into_iter().zip(rules);
        // Plain ones three times, so that most commands are.
        for (letter, rules) in own.chain(plain.clone()).chain(plain.clone()).chain(plain).chain(generic.take(6)) {
            for (shape, rules) in shapes(rules) {
                by_shape.entry(shape).or_default().push((letter, Grammar::new(rules)));
            }
        }
        Commands {
            kinds: (0..LETTERS.len()).map(kind).collect(),
            generic: grammar(families::GENERIC),
            plain_generic: grammar(PLAIN_GENERIC),
            rare: grammar(families::RARE),
            by_shape,
        }
    }

    /// A command that a program can call, and the positions of its keys.
    pub(super) fn any(&self, rng: &mut Rng, odd: usize) -> (Command, Vec<usize>) {
        loop {
            let kind = &self.kinds[rng.below(self.kinds.len())];
            let plain = rng.percent(if kind.letter == 'x' { 90 } else { PLAINLY });
            let grammar = match rng.below(100) {
                0..82 => {
                    if plain {
                        &kind.plain
                    } else {
                        &kind.rules
                    }
                }
                82..98 => {
                    if plain {
                        &self.plain_generic
                    } else {
                        &self.generic
                    }
                }
                _ => &self.rare,
            };
            let command = grammar.generate(rng);
            let command = if rng.percent(odd) { families::mangle(command, rng) } else { command };
            if is_steady(&command) {
                return named(command, kind.letter, rng, odd);
            }
        }
    }

    /// A command whose reply has this shape.
    pub(super) fn giving(&self, shape: Shape, rng: &mut Rng) -> (Command, Vec<usize>) {
        let found = self.by_shape.get(&shape);
        let Some(rules) = found else { panic!("no command gives {shape:?}") };
        loop {
            let (letter, grammar) = rng.pick(rules);
            let command = grammar.generate(rng);
            if is_steady(&command) {
                return named(command, *letter, rng, 0);
            }
        }
    }

    /// What is stored before a program runs.
    pub(super) fn setup(&self, rng: &mut Rng) -> Vec<Command> {
        let mut commands = Vec::new();
        for _ in 0..rng.below(12) {
            let kind = rng.pick(&self.kinds);
            commands.push(named(kind.setup.generate(rng), kind.letter, rng, 0).0);
            let key = commands[commands.len() - 1][1].clone();
            if rng.percent(10) {
                commands.push(vec![b"PEXPIREAT".to_vec(), key, b"4102444800000".to_vec()]);
            }
        }
        commands
    }
}

/// The rules of commands that can be compared, by the shapes of their replies.
fn shapes(rules: &[&'static str]) -> HashMap<Shape, Vec<&'static str>> {
    let mut shapes: HashMap<Shape, Vec<&'static str>> = HashMap::new();
    for rule in rules {
        let name = rule.split(' ').find(|word| !word.starts_with(|char: char| char.is_ascii_digit()));
        let spec = name.and_then(|name| methods::find(name.as_bytes()));
        if let Some(spec) = spec.filter(|spec| !UNSTEADY.contains(&spec.name)) {
            shapes.entry(spec.shape).or_default().push(rule);
        }
    }
    shapes
}

/// Whether a command can be compared, and sent at all.
fn is_steady(command: &[Vec<u8>]) -> bool {
    let name = name_of(command);
    let Some(spec) = methods::find(name.as_bytes()) else { return !name.is_empty() && command.len() < MAX_WORDS };
    let long = command.len() > MAX_WORDS || command.iter().any(|word| word == b"536870912");
    !long
        && !spec.flags.has(Flags::BLOCKING)
        && !UNSTEADY.contains(&spec.name)
        && !families::depends_on_time(command)
        && !has_passed(command)
}

/// Whether a key gets a deadline that has passed: a server keeps it till somebody looks.
fn has_passed(command: &[Vec<u8>]) -> bool {
    let soon = |word: &Vec<u8>| {
        std::str::from_utf8(word).is_ok_and(|text| text.parse::<i64>().is_ok_and(|n| n < 4_000_000_000))
    };
    let absolute = |word: &Vec<u8>| word.eq_ignore_ascii_case(b"EXAT") || word.eq_ignore_ascii_case(b"PXAT");
    command.windows(2).any(|pair| absolute(&pair[0]) && soon(&pair[1]))
}

/// Gives the keys of a command names that tell their types, and says where they are.
fn named(mut command: Command, letter: char, rng: &mut Rng, odd: usize) -> (Command, Vec<usize>) {
    let mut positions = Vec::new();
    if let Some(spec) = methods::find(name_of(&command).as_bytes()) {
        let words: Vec<&[u8]> = command.iter().map(Vec::as_slice).collect();
        spec.key_positions(&words, &mut |at| positions.push(at));
    }
    for at in &positions {
        // Equal scores stay among themselves: BYLEX promises nothing for others.
        let own = letter == 'x' || !rng.percent(2 + odd);
        let letter = if own { letter } else { LETTERS[rng.below(LETTERS.len() - 1)] };
        if let [b'k', number @ b'1'..=b'4'] = command[*at][..] {
            command[*at] = format!("{letter}{}", char::from(number)).into_bytes();
        }
    }
    (command, positions)
}

/// Whether the arguments of a command are better left as they are: times that must not be near, lengths that must not
/// be huge, and scores that must be equal.
pub(super) fn is_delicate(command: &[Vec<u8>]) -> bool {
    let name = name_of(command);
    if name == "ZADD" && command.get(1).is_some_and(|key| key.starts_with(b"x")) {
        return true;
    }
    matches!(&name[..], "SETRANGE" | "SETEX" | "PSETEX" | "GETEX" | "SELECT" | "COPY")
        || name.contains("EXPIRE")
        || command.iter().any(|word| {
            let word = word.to_ascii_uppercase();
            matches!(&word[..], b"EX" | b"PX" | b"EXAT" | b"PXAT")
        })
}
