//! Encoded and parsed back: the same command, with its keys where the Spec says they are.

use redipy_command::{Args, Command, Encoded, Key, LateInt, Parse};
use redipy_command::{connection, generic, hash, list, pubsub, server, set, string, transaction, zset};

/// Reads the arguments as a command of the same type.
fn read<'a, C: Parse<'a>>(_: &C, args: &'a [&'a [u8]]) -> C {
    C::parse(Args::new(C::SPEC, &args[C::SPEC.words..])).unwrap_or_else(|error| panic!("{}: {error}", C::SPEC.name))
}

/// The keys that a command names, and those that its Spec finds in its arguments.
fn keys(command: &impl Command, args: &[&[u8]]) -> [Vec<Vec<u8>>; 2] {
    let (mut named, mut found) = (Vec::new(), Vec::new());
    command.keys(&mut |key: Key<'_>| named.push(key.as_bytes().to_vec()));
    command_spec(command).key_positions(args, &mut |at| found.push(args[at].to_vec()));
    [named, found]
}

fn command_spec<C: Command>(_: &C) -> &'static redipy_command::Spec {
    C::SPEC
}

macro_rules! round_trips {
    ($($command:expr => $text:literal;)*) => { $({
        let command = $command;
        let encoded = Encoded::of(&command);
        assert_eq!(encoded.to_string(), $text);
        let args = encoded.to_vec();
        assert!(command_spec(&command).accepts(args.len()), "{encoded}");
        command.check().unwrap_or_else(|error| panic!("{encoded}: {error}"));
        let again = read(&command, &args);
        assert_eq!(Encoded::of(&again), encoded);
        let [named, found] = keys(&command, &args);
        assert_eq!(named, found, "the keys of {encoded}");
        assert_eq!(keys(&again, &args)[0], named);
    })* };
}

#[test]
fn connection_server_and_transactions() {
    round_trips! {
        connection::Ping { message: None } => "PING";
        connection::Ping { message: Some("hi".into()) } => r#"PING "hi""#;
        connection::Select { index: 3.into() } => r#"SELECT "3""#;
        server::DbSize {} => "DBSIZE";
        server::FlushAll { options: server::FlushOptions::new().r#async() } => r#"FLUSHALL "ASYNC""#;
        transaction::Watch { keys: ["a", "b"].into() } => r#"WATCH "a" "b""#;
        pubsub::Publish { channel: "c".into(), message: 5.into() } => r#"PUBLISH "c" "5""#;
        connection::ClientSetName { connection_name: "me".into() } => r#"CLIENT "SETNAME" "me""#;
        connection::ClientPause { timeout: 5.into(), mode: Some(connection::PauseMode::All) }
            => r#"CLIENT "PAUSE" "5" "ALL""#;
        connection::Auth { username: None, password: "x".into() } => r#"AUTH "x""#;
        connection::Auth { username: Some("me".into()), password: "x".into() } => r#"AUTH "me" "x""#;
        pubsub::SUnsubscribe { channels: Some(["a", "b"].into()) } => r#"SUNSUBSCRIBE "a" "b""#;
        pubsub::Unsubscribe { channels: None } => "UNSUBSCRIBE";
        pubsub::Unsubscribe { channels: Some(["a", "b"].into()) } => r#"UNSUBSCRIBE "a" "b""#;
    }
}

#[test]
fn strings() {
    use string::{Append, GetEx, GetExOptions, IncrByFloat, MGet, MSet, Set, SetOptions, SetRange};
    round_trips! {
        Set { key: "k".into(), value: "".into(), options: SetOptions::new() } => r#"SET "k" """#;
        Set { key: "k".into(), value: 1.into(), options: SetOptions::new().xx().get().px(5) }
            => r#"SET "k" "1" "XX" "GET" "PX" "5""#;
        GetEx { key: "k".into(), options: GetExOptions::new().persist() } => r#"GETEX "k" "PERSIST""#;
        MGet { keys: "a".into() } => r#"MGET "a""#;
        MSet { pairs: [("a", 1), ("b", 2)].into() } => r#"MSET "a" "1" "b" "2""#;
        Append { key: "k".into(), value: (&b"\xff\0"[..]).into() } => r#"APPEND "k" "\xff\x00""#;
        SetRange { key: "k".into(), offset: 5, value: "x".into() } => r#"SETRANGE "k" "5" "x""#;
        IncrByFloat { key: "k".into(), by: 0.1.into() } => r#"INCRBYFLOAT "k" "0.1""#;
    }
}

#[test]
fn keys_of_all_types() {
    use generic::{CopyKey, CopyOptions, Del, Expire, ExpireOptions, Rename};
    round_trips! {
        Del { keys: ["a", "b", "a"].into() } => r#"DEL "a" "b" "a""#;
        Rename { key: "a".into(), newkey: "b".into() } => r#"RENAME "a" "b""#;
        Expire { key: "a".into(), seconds: (-1).into(), options: ExpireOptions::new().xx().gt() } => r#"EXPIRE "a" "-1" "XX" "GT""#;
        CopyKey { source: "a".into(), destination: "b".into(), options: CopyOptions::new().db(1).replace() }
            => r#"COPY "a" "b" "DB" "1" "REPLACE""#;
    }
}

#[test]
fn hashes() {
    use hash::{HDel, HIncrBy, HSet};
    round_trips! {
        HSet { key: "h".into(), pairs: [("f", "v"), ("g", "w")].into() } => r#"HSET "h" "f" "v" "g" "w""#;
        HDel { key: "h".into(), fields: ["f", "g"].into() } => r#"HDEL "h" "f" "g""#;
        HIncrBy { key: "h".into(), field: "f".into(), by: i64::MIN } => r#"HINCRBY "h" "f" "-9223372036854775808""#;
    }
}

#[test]
fn lists_and_sets() {
    use list::{LInsert, LMPop, LMPopOptions, LMove, LPop, LPush, LSet, ListEnd, ListSide};
    use set::{SAdd, SInterCard, SInterCardOptions, SInterStore};
    round_trips! {
        LPush { key: "l".into(), elements: [1, 2].into() } => r#"LPUSH "l" "1" "2""#;
        LPop { key: "l".into(), count: None } => r#"LPOP "l""#;
        LPop { key: "l".into(), count: Some(2) } => r#"LPOP "l" "2""#;
        LSet { key: "l".into(), index: LateInt::Int(-1), element: "x".into() } => r#"LSET "l" "-1" "x""#;
        LInsert { key: "l".into(), side: ListSide::Before, pivot: "p".into(), element: "x".into() }
            => r#"LINSERT "l" "BEFORE" "p" "x""#;
        LMove { source: "a".into(), destination: "b".into(), wherefrom: ListEnd::Left, whereto: ListEnd::Right }
            => r#"LMOVE "a" "b" "LEFT" "RIGHT""#;
        LMPop { keys: ["a", "b"].into(), wherefrom: ListEnd::Right, options: LMPopOptions::new().count(3) }
            => r#"LMPOP "2" "a" "b" "RIGHT" "COUNT" "3""#;
        SAdd { key: "s".into(), members: "m".into() } => r#"SADD "s" "m""#;
        SInterStore { destination: "d".into(), keys: ["a", "b"].into() } => r#"SINTERSTORE "d" "a" "b""#;
        SInterCard { keys: ["a", "b"].into(), options: SInterCardOptions::new().limit(1) }
            => r#"SINTERCARD "2" "a" "b" "LIMIT" "1""#;
    }
}

#[test]
fn sorted_sets() {
    use zset::{ZAdd, ZAddOptions, ZRange, ZRangeOptions};
    round_trips! {
        ZAdd { key: "z".into(), options: ZAddOptions::new().gt().ch(), members: [(1.5, "a"), (f64::INFINITY, "b")].into() }
            => r#"ZADD "z" "GT" "CH" "1.5" "a" "inf" "b""#;
        ZRange { key: "z".into(), start: 0.into(), stop: (-1).into(), options: ZRangeOptions::new().rev().withscores() }
            => r#"ZRANGE "z" "0" "-1" "REV" "WITHSCORES""#;
    }
}

/// Every set of options: what the typed check allows is parsed back, the rest is a syntax error.
#[test]
fn all_sets_of_options_of_set() {
    use string::{Set, SetOptions};
    let adders: [fn(SetOptions) -> SetOptions; 8] = [
        |options| options.nx(),
        |options| options.xx(),
        |options| options.get(),
        |options| options.ex(1),
        |options| options.px(2),
        |options| options.exat(3),
        |options| options.pxat(4),
        |options| options.keepttl(),
    ];
    for chosen in 0..1_u32 << adders.len() {
        let on = adders.iter().enumerate().filter(|(at, _)| chosen & 1 << at != 0);
        let options = on.fold(SetOptions::new(), |options, (_, add)| add(options));
        let command = Set { key: "k".into(), value: "v".into(), options };
        let encoded = Encoded::of(&command);
        let args = encoded.to_vec();
        match (Set::parse(Args::new(Set::SPEC, &args[1..])), command.check()) {
            (Ok(again), Ok(())) => assert_eq!(again.options, options),
            (Err(parsed), Err(checked)) => assert_eq!(parsed.to_string(), checked.to_string()),
            (parsed, checked) => panic!("{encoded}: parsed {parsed:?}, checked {checked:?}"),
        }
    }
}
