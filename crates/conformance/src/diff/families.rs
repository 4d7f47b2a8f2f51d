//! The rules of each family of commands, and the sequences that are made of them.

use super::grammar::Grammar;
use super::rng::Rng;
use super::words;
use crate::command::{Command, name_of};

/// A command and the connection that sends it.
#[derive(Debug, Clone, PartialEq)]
pub struct Op {
    /// The connection: 0 or 1.
    pub session: usize,
    /// The command.
    pub command: Command,
}

/// A family of commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Strings.
    String,
    /// Lists.
    List,
    /// Hashes.
    Hash,
    /// Sets.
    Set,
    /// Sorted sets.
    ZSet,
    /// Sorted sets by their members, most of them with equal scores.
    Lex,
    /// Keys of any type.
    Generic,
    /// MULTI, EXEC and WATCH on two connections.
    Transactions,
    /// Everything together.
    Mixed,
}

pub(crate) const STRING: &[&str] = &[
    "5 SET key value",
    "6 SET key value [ NX | XX | GET | EX seconds | PX millis | EXAT unix | PXAT unixmillis | KEEPTTL ]*",
    "3 GET key",
    "GETDEL key",
    "3 GETEX key [ EX seconds | PX millis | EXAT unix | PXAT unixmillis | PERSIST ]*",
    "GETSET key value",
    "2 MGET ( key )+",
    "2 MSET ( key value )+",
    "2 MSETNX ( key value )+",
    "SETNX key value",
    "SETEX key seconds value",
    "PSETEX key millis value",
    "3 APPEND key value",
    "2 STRLEN key",
    "3 GETRANGE key index index",
    "3 SETRANGE key offset value",
    "2 INCR key",
    "2 DECR key",
    "3 INCRBY key int",
    "3 DECRBY key int",
    "5 INCRBYFLOAT key float",
];

pub(crate) const LIST: &[&str] = &[
    "4 LPUSH key ( member )+",
    "6 RPUSH key ( member )+",
    "LPUSHX key ( member )+",
    "RPUSHX key ( member )+",
    "RPUSH key ( member )**",
    "RPUSH key ( element )**",
    "2 RPUSH key ( element )+",
    "2 LPUSH key ( element )+",
    "2 LSET key index element",
    "2 LSET key int element",
    "3 LINSERT key ( BEFORE | AFTER ) element element",
    "LREM key count element",
    "LTRIM key int int",
    "LRANGE key int int",
    "LPOS key element [ RANK count | COUNT count | MAXLEN int ]*",
    "2 LPOP key [ count ]",
    "2 RPOP key [ count ]",
    "3 LRANGE key index index",
    "LLEN key",
    "2 LINDEX key index",
    "2 LSET key index member",
    "3 LINSERT key ( BEFORE | AFTER ) member member",
    "3 LREM key count member",
    "2 LTRIM key index index",
    "5 LPOS key member [ RANK count | COUNT count | MAXLEN count ]*",
    "3 LMOVE key key ( LEFT | RIGHT ) ( LEFT | RIGHT )",
    "2 RPOPLPUSH key key",
    "3 LMPOP # ( key )+ ( LEFT | RIGHT ) [ COUNT count ]",
];

pub(crate) const HASH: &[&str] = &[
    "6 HSET key ( field value )+",
    "HSET key ( field value )**",
    "HSETNX key field value",
    "HMSET key ( field value )+",
    "2 HGET key field",
    "2 HMGET key ( field )+",
    "2 HGETALL key",
    "3 HDEL key ( field )+",
    "HEXISTS key field",
    "HLEN key",
    "HKEYS key",
    "HVALS key",
    "HSTRLEN key field",
    "4 HINCRBY key field int",
    "4 HINCRBYFLOAT key field float",
    "HRANDFIELD key",
    "3 HRANDFIELD key draws [ WITHVALUES ]",
    "3 HSCAN key cursor [ MATCH pattern | COUNT steps | NOVALUES ]*",
];

pub(crate) const SET: &[&str] = &[
    "6 SADD key ( member )+",
    "SADD key ( member )**",
    "SADD key ( int )**",
    "2 SREM key ( member )+",
    "SCARD key",
    "SISMEMBER key member",
    "SMISMEMBER key ( member )+",
    "2 SMEMBERS key",
    "2 SMOVE key key member",
    "SPOP key",
    "2 SPOP key draws",
    "SRANDMEMBER key",
    "2 SRANDMEMBER key draws",
    "2 SINTER ( key )+",
    "2 SUNION ( key )+",
    "2 SDIFF ( key )+",
    "2 SINTERSTORE key ( key )+",
    "2 SUNIONSTORE key ( key )+",
    "2 SDIFFSTORE key ( key )+",
    "3 SINTERCARD # ( key )+ [ LIMIT count ]",
    "2 SSCAN key cursor [ MATCH pattern | COUNT steps | NOVALUES ]*",
];

pub(crate) const ZSET: &[&str] = &[
    "5 ZADD key ( score member )+",
    "6 ZADD key [ NX | XX | GT | LT | CH | INCR ]* ( score member )+",
    "3 ZADD key [ NX | XX | GT | LT | CH | INCR ]* score member",
    "ZADD key ( score member )**",
    "2 ZREM key ( member )+",
    "2 ZSCORE key member",
    "2 ZMSCORE key ( member )+",
    "4 ZINCRBY key score member",
    "ZCARD key",
    "3 ZCOUNT key bound bound",
    "2 ZRANK key member [ WITHSCORE ]",
    "2 ZREVRANK key member [ WITHSCORE ]",
    "3 ZRANGE key index index [ REV ] [ WITHSCORES ]",
    "4 ZRANGE key bound bound BYSCORE [ REV | LIMIT count count | WITHSCORES ]*",
    "2 ZRANGE key ( index | bound ) index [ REV | LIMIT count count | WITHSCORES | BYSCORE | BYLEX ]*",
    "3 ZRANGESTORE key key ( index index | bound bound BYSCORE ) [ REV | LIMIT count count ]*",
    "ZPOPMIN key [ count ]",
    "ZPOPMAX key [ count ]",
    "ZRANDMEMBER key",
    "2 ZRANDMEMBER key draws [ WITHSCORES ]",
    "2 ZSCAN key cursor [ MATCH pattern | COUNT steps | NOVALUES ]*",
];

/// Sorted sets whose scores are all equal: of others, BYLEX promises nothing, and by which way a large one is walked is
/// chance.
pub(crate) const LEX: &[&str] = &[
    "5 ZADD key ( 0 member )+",
    "ZADD key ( 0 member )**",
    "2 ZREM key ( member )+",
    "8 ZRANGE key lex lex BYLEX [ REV | LIMIT count count | WITHSCORES ]*",
    "4 ZRANGESTORE key key lex lex BYLEX [ REV | LIMIT count count ]*",
    "ZRANGE key index index [ REV ] [ WITHSCORES ]",
    "ZRANK key member",
    "ZREVRANK key member [ WITHSCORE ]",
    "ZPOPMIN key [ count ]",
    "ZPOPMAX key [ count ]",
    "( SADD | RPUSH ) key member",
    "DEL key",
];

/// Small sorted sets whose scores are not equal: all servers walk them alike.
pub(crate) const UNEVEN: &[&str] = &[
    "6 ZADD packedkey ( score short )+",
    "2 ZREM packedkey ( short )+",
    "8 ZRANGE packedkey lex lex BYLEX [ REV | LIMIT count count | WITHSCORES ]*",
    "4 ZRANGESTORE packedkey packedkey lex lex BYLEX [ REV | LIMIT count count ]*",
    "ZRANGE packedkey index index [ REV ] [ WITHSCORES ]",
];

pub(crate) const GENERIC: &[&str] = &[
    "2 DEL ( key )+",
    "UNLINK ( key )+",
    "2 EXISTS ( key )+",
    "TOUCH ( key )+",
    "2 TYPE key",
    "2 KEYS pattern",
    "2 SCAN cursor [ MATCH pattern | COUNT steps | TYPE type | NOVALUES ]*",
    "RANDOMKEY",
    "3 RENAME key key",
    "2 RENAMENX key key",
    "4 COPY key key [ DB db ] [ REPLACE ]*",
    "3 EXPIRE key seconds [ NX | XX | GT | LT ]*",
    "3 PEXPIRE key millis [ NX | XX | GT | LT ]*",
    "3 EXPIREAT key unix [ NX | XX | GT | LT ]*",
    "3 PEXPIREAT key unixmillis [ NX | XX | GT | LT ]*",
    "TTL key",
    "PTTL key",
    "2 EXPIRETIME key",
    "2 PEXPIRETIME key",
    "2 PERSIST key",
    "DBSIZE",
];

/// What is rare in any sequence.
pub(crate) const RARE: &[&str] = &[
    "PING [ value ]",
    "ECHO value",
    "TIME",
    "SELECT db",
    "PUBLISH member value",
    "FLUSHDB [ ASYNC | SYNC | odd ]",
    "FLUSHALL [ ASYNC | SYNC | odd ]",
    "NOSUCHCOMMAND [ value ]*",
    "odd [ value ]*",
    "odd ( odd )+",
    "EXPIRE key seconds odd",
    "PEXPIREAT key unixmillis NX odd",
];

/// What gives keys another type.
const OTHER_TYPES: &[&str] = &[
    "SET key value",
    "RPUSH key ( member )+",
    "HSET key ( field value )+",
    "SADD key ( member )+",
    "ZADD key ( score member )+",
];

const TRANSACTIONS: &[&str] =
    &["5 MULTI", "6 EXEC", "DISCARD", "4 WATCH ( key )+", "UNWATCH", "SELECT db", "MULTI key", "EXEC key", "WATCH"];

/// Commands that answer at random, and scans: what is in MULTI cannot be checked one by one.
const NOT_QUEUED: &[&str] =
    &["SPOP", "SRANDMEMBER", "HRANDFIELD", "ZRANDMEMBER", "RANDOMKEY", "SCAN", "HSCAN", "SSCAN", "ZSCAN", "TIME"];

/// Which rules go into one sequence in a hundred.
struct Mix {
    parts: Vec<(usize, Grammar)>,
}

impl Family {
    /// Every family.
    pub const ALL: [Family; 9] = [
        Family::String,
        Family::List,
        Family::Hash,
        Family::Set,
        Family::ZSet,
        Family::Lex,
        Family::Generic,
        Family::Transactions,
        Family::Mixed,
    ];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Family::String => "string",
            Family::List => "list",
            Family::Hash => "hash",
            Family::Set => "set",
            Family::ZSet => "zset",
            Family::Lex => "lex",
            Family::Generic => "generic",
            Family::Transactions => "transactions",
            Family::Mixed => "mixed",
        }
    }

    fn mix(self) -> Mix {
        let part = |weight: usize, rules: &[&'static [&'static str]]| {
            (weight, Grammar::new(rules.iter().copied().flatten().copied()))
        };
        let data: &[&[&str]] = &[STRING, LIST, HASH, SET, ZSET];
        let own = |rules: &'static [&'static str]| {
            vec![part(80, &[rules]), part(12, &[GENERIC]), part(5, &[OTHER_TYPES]), part(3, &[RARE])]
        };
        let parts = match self {
            Family::String => own(STRING),
            Family::List => own(LIST),
            Family::Hash => own(HASH),
            Family::Set => own(SET),
            Family::ZSet => own(ZSET),
            Family::Lex => vec![part(3, &[LEX]), part(2, &[UNEVEN])],
            Family::Generic => vec![part(65, &[GENERIC]), part(30, &[OTHER_TYPES]), part(5, &[RARE])],
            Family::Transactions => vec![
                part(40, &[TRANSACTIONS]),
                part(35, &[STRING]),
                part(5, data),
                part(15, &[GENERIC]),
                part(5, &[RARE]),
            ],
            Family::Mixed => vec![part(80, data), part(17, &[GENERIC]), part(3, &[RARE])],
        };
        Mix { parts }
    }

    /// Makes sequences of this family, each from a seed of its own.
    pub fn sequences(self) -> impl Fn(u64) -> Vec<Op> {
        let mix = self.mix();
        move |seed| sequence(self, &mix, &mut Rng::new(seed))
    }
}

fn sequence(family: Family, mix: &Mix, rng: &mut Rng) -> Vec<Op> {
    let length = rng.between(5, 45) as usize;
    let two = family == Family::Transactions;
    let mut ops = Vec::with_capacity(length);
    while ops.len() < length {
        let command = mangle(mix.generate(rng), rng);
        let refused = two && NOT_QUEUED.contains(&&name_of(&command)[..]);
        if !refused && !depends_on_time(&command) && !command.is_empty() {
            ops.push(Op { session: if two { rng.below(2) } else { 0 }, command });
        }
    }
    ops
}

impl Mix {
    fn generate(&self, rng: &mut Rng) -> Command {
        let mut at = rng.below(self.parts.iter().map(|(weight, _)| weight).sum());
        for (weight, grammar) in &self.parts {
            if at < *weight {
                return grammar.generate(rng);
            }
            at -= weight;
        }
        Vec::new()
    }
}

/// Now and then a command is not as it should be.
pub(crate) fn mangle(mut command: Command, rng: &mut Rng) -> Command {
    if !rng.percent(5) || command.len() > 100 {
        return command;
    }
    let at = rng.below(command.len());
    match rng.below(6) {
        0 => drop(command.pop()),
        1 => command.push(words::odd(rng)),
        2 if at > 0 => command[at] = words::odd(rng),
        // What is left must not become a command of its own, such as SYNC.
        3 if at > 0 => drop(command.remove(at)),
        4 => command.insert(at + 1, words::odd(rng)),
        _ => command.push(command[at].clone()),
    }
    command
}

/// Whether a key that this command writes could expire while the test runs, or whether a deadline that
/// counts from now is compared with another one to the millisecond: then replies depend on time.
pub(crate) fn depends_on_time(command: &[Vec<u8>]) -> bool {
    let number = |at: usize| command.get(at).and_then(|arg| std::str::from_utf8(arg).ok()?.parse::<i64>().ok());
    let soon = |at: usize, limit: i64| number(at).is_some_and(|number| (1..limit).contains(&number));
    let compares = |arg: &Vec<u8>| arg.eq_ignore_ascii_case(b"GT") || arg.eq_ignore_ascii_case(b"LT");
    match &name_of(command)[..] {
        "EXPIRE" | "PEXPIRE" if command.iter().any(compares) => true,
        "EXPIRE" | "SETEX" => soon(2, 60),
        "PEXPIRE" | "PSETEX" => soon(2, 60_000),
        "SET" | "GETEX" => (2..command.len()).any(|at| match &command[at].to_ascii_uppercase()[..] {
            b"EX" => soon(at + 1, 60),
            b"PX" => soon(at + 1, 60_000),
            _ => false,
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use redipy_command::connection::Select;
    use redipy_command::server::Info;
    use redipy_command::spec::SessionUse;
    use redipy_command::{Command as _, Spec, methods};

    use super::*;

    #[test]
    fn every_command_is_in_a_family() {
        let names: Vec<&str> = Family::ALL
            .iter()
            .flat_map(|family| family.mix().parts)
            .flat_map(|(_, grammar)| grammar.names().collect::<Vec<_>>())
            .collect();
        // Clients say these by themselves, or they are not for a connection that also does other things.
        let of_client = |spec: &Spec| match spec.handling.session {
            Some(SessionUse::Transaction) => false,
            Some(_) => spec.id != Select::SPEC.id,
            None => spec.words > 1 || spec.id == Info::SPEC.id,
        };
        let missing: Vec<&str> = methods::ALL
            .iter()
            .filter(|spec| !of_client(spec))
            .map(|spec| spec.name)
            .filter(|name| !names.contains(name))
            .collect();
        assert!(missing.is_empty(), "no rule generates {missing:?}");
    }

    #[test]
    fn a_seed_gives_the_same_sequence_again() {
        for family in Family::ALL {
            assert_eq!(family.sequences()(7), family.sequences()(7));
        }
    }
}
