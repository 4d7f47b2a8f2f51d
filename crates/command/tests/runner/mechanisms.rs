//! What a declaration can say that no command here says yet, proven by declarations of Redis' own commands: they are compared
//! with what Redis 8.2 says of these, as all others are.

use redipy_command::field::{Halves, NumKeys};
use redipy_command::list::ListEnd;
use redipy_command::spec::{Argument, ArgumentKind, Blocks, CommandId, SessionUse, Unit};
use redipy_command::{Arg, Args, Command, Encoded, Key, Many, Options, Parse, Spec, Token, Value, elsewhere, methods};

use crate::{command_docs, command_info};

/// Removes the head of the first list that is not empty, or waits for one.
#[derive(Debug, Clone, Command)]
#[command("BLPOP", list, write, blocking, since = "2.0.0", complexity = "O(N) in the keys", reply = Value, parse = manual)]
struct BLPop<'a> {
    #[key(RW, access, delete)]
    keys: Many<Key<'a>>,
    #[timeout]
    timeout: f64,
}

/// Moves an element, or waits for one.
#[derive(Debug, Clone, Command)]
#[command("BLMOVE", list, write, blocking, denyoom, since = "6.2.0", complexity = "O(1)", reply = Value)]
struct BLMove<'a> {
    #[key(RW, access, delete)]
    source: Key<'a>,
    #[key(RW, insert)]
    destination: Key<'a>,
    wherefrom: ListEnd,
    whereto: ListEnd,
    #[timeout]
    timeout: f64,
}

/// Waits for replicas.
#[derive(Debug, Clone, Command)]
#[command("WAIT", generic, blocking, acl = "-keyspace", acl = "connection", since = "3.0.0", complexity = "O(1)", reply = Value,
    tip = "request_policy:all_shards", tip = "response_policy:agg_min")]
struct Wait {
    numreplicas: i64,
    #[timeout]
    timeout: i64,
}

/// Reads streams.
#[derive(Debug, Clone, Command)]
#[command("XREAD", stream, readonly, blocking, movablekeys, since = "5.0.0", complexity = "O(N)", reply = Value)]
struct XRead<'a> {
    options: XReadOptions<'a>,
}

/// The options of XREAD.
#[derive(Debug, Clone, Default, PartialEq, Options)]
struct XReadOptions<'a> {
    #[token("COUNT")]
    count: Option<i64>,
    #[token("BLOCK", name = "milliseconds")]
    #[timeout]
    block: Option<i64>,
    #[token("STREAMS", required)]
    #[key(RO, access)]
    streams: Option<Halves<Key<'a>, Arg<'a>>>,
}

/// Reads streams as a consumer of a group.
#[derive(Debug, Clone, Command)]
#[command("XREADGROUP", stream, write, blocking, movablekeys, since = "5.0.0", complexity = "O(M)", reply = Value,
    arguments = AS_CONSUMER)]
struct XReadGroup<'a> {
    word: GroupWord,
    group: Arg<'a>,
    consumer: Arg<'a>,
    options: XReadGroupOptions<'a>,
}

/// The one word.
#[derive(Debug, Clone, Copy, PartialEq, Token)]
enum GroupWord {
    Group,
}

/// The options of XREADGROUP.
#[derive(Debug, Clone, Default, PartialEq, Options)]
struct XReadGroupOptions<'a> {
    #[token("COUNT")]
    count: Option<i64>,
    #[token("BLOCK")]
    #[timeout]
    block: Option<i64>,
    #[token("NOACK")]
    noack: bool,
    #[token("STREAMS", required)]
    #[key(RO, access)]
    streams: Option<Halves<Key<'a>, Arg<'a>>>,
}

const AS_CONSUMER: &[Argument] = &[
    Argument {
        name: "group-block",
        token: Some("GROUP"),
        inside: &[text("group"), text("consumer")],
        ..Argument::of(ArgumentKind::Block)
    },
    integer("count").after("COUNT").optional(),
    integer("milliseconds").after("BLOCK").optional(),
    Argument::of(ArgumentKind::PureToken).named("noack").after("NOACK").optional(),
    Argument {
        name: "streams",
        token: Some("STREAMS"),
        inside: &[
            Argument::of(ArgumentKind::Key).named("key").multiple(),
            Argument::of(ArgumentKind::Str).named("id").multiple(),
        ],
        ..Argument::of(ArgumentKind::Block)
    },
];

/// Looks around a place, and may store what is found.
#[derive(Debug, Clone, Command)]
#[command("GEORADIUS", geo, write, denyoom, movablekeys, since = "3.2.0", complexity = "O(N+log(M))", reply = Value)]
struct GeoRadius<'a> {
    key: Key<'a>,
    longitude: f64,
    latitude: f64,
    radius: f64,
    unit: Arg<'a>,
    options: GeoRadiusOptions<'a>,
}

/// Some of the options of GEORADIUS.
#[derive(Debug, Clone, Default, PartialEq, Options)]
struct GeoRadiusOptions<'a> {
    #[token("COUNT")]
    count: Option<i64>,
    #[token("STORE", name = "storekey", oneof = "store")]
    #[key(OW, update)]
    store: Option<Key<'a>>,
    #[token("STOREDIST", name = "storedistkey", oneof = "store")]
    #[key(OW, update)]
    storedist: Option<Key<'a>>,
}

/// Sorts, by keys that patterns make up.
#[derive(Debug, Clone, Command)]
#[command("SORT", generic, write, denyoom, movablekeys, acl = "-keyspace", acl = "set", acl = "sortedset", acl = "list",
    acl = "dangerous", since = "1.0.0",
    complexity = "O(N+M*log(M))", reply = Value)]
struct Sort<'a> {
    key: Key<'a>,
    options: SortOptions<'a>,
}

/// Some of the options of SORT.
#[derive(Debug, Clone, Default, PartialEq, Options)]
struct SortOptions<'a> {
    #[token("BY")]
    #[key(RO, access, hidden)]
    by: Option<Arg<'a>>,
    #[token("LIMIT")]
    limit: Option<(i64, i64)>,
    #[token("STORE")]
    #[key(OW, update, hidden)]
    store: Option<Key<'a>>,
}

/// Moves keys to another server.
#[derive(Debug, Clone, Command)]
#[command("MIGRATE", generic, write, movablekeys, acl = "dangerous", since = "2.6.0", complexity = "O(N)", reply = Value,
    tip = "nondeterministic_output")]
struct Migrate<'a> {
    host: Arg<'a>,
    port: i64,
    #[key(RW, access, delete)]
    key: Key<'a>,
    db: i64,
    timeout: i64,
    options: MigrateOptions<'a>,
}

/// Some of the options of MIGRATE.
#[derive(Debug, Clone, Default, PartialEq, Options)]
struct MigrateOptions<'a> {
    #[token("COPY")]
    copy: bool,
    #[token("AUTH")]
    auth: Option<Arg<'a>>,
    #[token("KEYS")]
    #[key(RW, access, delete, incomplete, from = -2)]
    keys: Option<Many<Key<'a>>>,
}

/// Stores what several sorted sets have together.
#[derive(Debug, Clone, Command)]
#[command("ZUNIONSTORE", zset, write, denyoom, movablekeys, since = "2.0.0", complexity = "O(N)+O(M*log(M))", reply = Value)]
struct ZUnionStore<'a> {
    #[key(OW, update)]
    destination: Key<'a>,
    keys: NumKeys<'a>,
    more: Option<Many<Arg<'a>>>,
}

/// Creates a group of consumers.
#[derive(Debug, Clone, Command)]
#[command("XGROUP CREATE", stream, write, denyoom, since = "5.0.0", complexity = "O(1)", reply = Value)]
struct XGroupCreate<'a> {
    #[key(RW, insert)]
    key: Key<'a>,
    group: Arg<'a>,
    #[argument("id-selector")]
    id: Arg<'a>,
    more: Option<Many<Arg<'a>>>,
}

/// Tells how a value is stored.
#[derive(Debug, Clone, Command)]
#[command("OBJECT ENCODING", generic, readonly, since = "2.2.3", complexity = "O(1)", reply = Value, tip = "nondeterministic_output")]
struct ObjectEncoding<'a> {
    #[key(RO)]
    key: Key<'a>,
}

/// Returns settings.
#[derive(Debug, Clone, Command)]
#[command("CONFIG GET", server, admin, loading, stale, noscript, since = "2.0.0", complexity = "O(N)", reply = Value)]
struct ConfigGet<'a> {
    parameters: Many<Arg<'a>>,
}

const fn text(name: &'static str) -> Argument {
    Argument::of(ArgumentKind::Str).named(name)
}

const fn integer(name: &'static str) -> Argument {
    Argument::of(ArgumentKind::Integer).named(name)
}

/// The keys among the arguments of a call.
fn keys<C: Command>(line: &str) -> Vec<String> {
    let words: Vec<&[u8]> = line.split(' ').map(str::as_bytes).collect();
    let mut found = Vec::new();
    C::SPEC.key_positions(&words, &mut |at| found.push(String::from_utf8_lossy(words[at]).into_owned()));
    found
}

/// The keys that a call names, which was read from its arguments; they are those that its Spec finds.
fn read<'a, C: Parse<'a>>(line: &str, args: &'a [&'a [u8]]) -> (C, Vec<String>) {
    let command =
        C::parse(Args::new(C::SPEC, &args[C::SPEC.words..])).unwrap_or_else(|error| panic!("{line}: {error}"));
    let mut named = Vec::new();
    command.keys(&mut |key| named.push(String::from_utf8_lossy(key.as_bytes()).into_owned()));
    assert_eq!(Encoded::of(&command).to_vec(), args, "{line}");
    (command, named)
}

#[test]
fn they_are_what_redis_8_2_says() {
    let info: [&Spec; 13] = [
        BLPop::SPEC,
        BLMove::SPEC,
        Wait::SPEC,
        XRead::SPEC,
        XReadGroup::SPEC,
        GeoRadius::SPEC,
        Sort::SPEC,
        Migrate::SPEC,
        ZUnionStore::SPEC,
        XGroupCreate::SPEC,
        ObjectEncoding::SPEC,
        ConfigGet::SPEC,
        methods::find(b"GET").unwrap(),
    ];
    let wrong: Vec<_> =
        info.iter().flat_map(|spec| command_info::wrong(spec).into_iter().map(|what| (spec.name, what))).collect();
    assert_eq!(wrong, []);
    let docs =
        [BLPop::SPEC, BLMove::SPEC, Wait::SPEC, XRead::SPEC, XReadGroup::SPEC, ObjectEncoding::SPEC, ConfigGet::SPEC];
    assert_eq!(docs.iter().filter_map(|spec| command_docs::wrong(spec)).collect::<Vec<_>>(), [] as [String; 0]);
}

#[test]
fn keys_are_found_where_they_are() {
    assert_eq!(keys::<BLPop<'_>>("BLPOP a b 0"), ["a", "b"]);
    assert_eq!(keys::<BLPop<'_>>("BLPOP a"), [""; 0]);
    assert_eq!(keys::<XRead<'_>>("XREAD COUNT 2 STREAMS a STREAMS 0 0"), ["a", "STREAMS"]);
    assert_eq!(keys::<XReadGroup<'_>>("XREADGROUP GROUP streams c STREAMS a b > >"), ["a", "b"]);
    assert_eq!(keys::<GeoRadius<'_>>("GEORADIUS k 1 2 3 m COUNT 1 STORE d"), ["k", "d"]);
    assert_eq!(keys::<GeoRadius<'_>>("GEORADIUS k 1 2 3 m storedist STORE"), ["k", "STORE"]);
    assert_eq!(keys::<Sort<'_>>("SORT k BY store LIMIT 0 1 STORE d"), ["k", "d"]);
    assert_eq!(keys::<Migrate<'_>>("MIGRATE h 1 k 0 5 COPY AUTH keys KEYS a b"), ["k", "a", "b"]);
    assert_eq!(keys::<ZUnionStore<'_>>("ZUNIONSTORE d 2 a b WEIGHTS 1 2"), ["d", "a", "b"]);
    assert_eq!(keys::<XGroupCreate<'_>>("XGROUP CREATE s g $"), ["s"]);
    assert_eq!(keys::<ObjectEncoding<'_>>("OBJECT ENCODING k"), ["k"]);
}

#[test]
fn calls_name_the_keys_that_are_found() {
    let check = |line: &str, named: fn(&str, &[&[u8]]) -> Vec<String>, found: Vec<String>| {
        let args: Vec<&[u8]> = line.split(' ').map(str::as_bytes).collect();
        assert_eq!(named(line, &args), found, "{line}");
    };
    let line = "XREAD COUNT 2 STREAMS a b 0 1";
    check(line, |line, args| read::<XRead<'_>>(line, args).1, keys::<XRead<'_>>(line));
    let line = "GEORADIUS k 1 2 3 m COUNT 1 STORE d";
    check(line, |line, args| read::<GeoRadius<'_>>(line, args).1, keys::<GeoRadius<'_>>(line));
    let line = "SORT k BY store LIMIT 0 1 STORE d";
    check(line, |line, args| read::<Sort<'_>>(line, args).1, keys::<Sort<'_>>(line));
    let line = "MIGRATE h 1 k 0 5 COPY KEYS a b";
    check(line, |line, args| read::<Migrate<'_>>(line, args).1, keys::<Migrate<'_>>(line));
    let line = "XGROUP CREATE s g $";
    check(line, |line, args| read::<XGroupCreate<'_>>(line, args).1, keys::<XGroupCreate<'_>>(line));
}

#[test]
fn what_is_hidden_is_known_to_be() {
    assert!(Sort::SPEC.hides_keys() && !GeoRadius::SPEC.hides_keys());
    let one_key = [ObjectEncoding::SPEC, XGroupCreate::SPEC, Sort::SPEC, GeoRadius::SPEC, XRead::SPEC, BLMove::SPEC];
    assert_eq!(one_key.map(|spec| spec.only_key), [Some(0), Some(0), None, None, None, None]);
}

#[test]
fn timeouts_are_found_where_they_stand() {
    let timeout = |blocks: Option<Blocks>, line: &str| {
        let words: Vec<&[u8]> = line.split(' ').map(str::as_bytes).collect();
        let blocks = blocks.expect("it blocks");
        blocks.argument(&words).map(|text| (String::from_utf8_lossy(text).into_owned(), blocks.unit))
    };
    let own = |spec: &Spec, line: &str, expected: Option<(&str, Unit)>| {
        let expected = expected.map(|(text, unit)| (text.to_owned(), unit));
        assert_eq!(timeout(spec.handling.blocks, line), expected, "{line}");
        // The generated rows say the same.
        let row = elsewhere::handling(line.split(' ').map(str::as_bytes));
        assert_eq!(timeout(row.blocks, line), expected, "{line}, by the row");
    };
    own(BLPop::SPEC, "BLPOP a b 1.5", Some(("1.5", Unit::Seconds)));
    own(BLMove::SPEC, "BLMOVE a b LEFT RIGHT 2", Some(("2", Unit::Seconds)));
    own(Wait::SPEC, "WAIT 1 250", Some(("250", Unit::Milliseconds)));
    own(XRead::SPEC, "XREAD COUNT 2 block 40 STREAMS s $", Some(("40", Unit::Milliseconds)));
    own(XRead::SPEC, "XREAD COUNT 1 STREAMS block 5000", None);
    own(XReadGroup::SPEC, "XREADGROUP GROUP block c BLOCK 30 STREAMS s >", Some(("30", Unit::Milliseconds)));
    own(XReadGroup::SPEC, "XREADGROUP GROUP g block CLAIM 5 BLOCK 30 STREAMS s >", Some(("30", Unit::Milliseconds)));
    own(XReadGroup::SPEC, "XREADGROUP GROUP block 5000 STREAMS s >", None);
}

#[test]
fn handling_follows_from_the_declaration() {
    assert!(XRead::SPEC.handling.repeatable && ObjectEncoding::SPEC.handling.repeatable);
    assert!(!BLPop::SPEC.handling.repeatable && !ConfigGet::SPEC.handling.repeatable);
    assert_eq!(ConfigGet::SPEC.handling.session, None);
    let of = |line: &str| {
        let mut words = line.split(' ').map(str::as_bytes);
        let first = Encoded::raw(words.next().unwrap_or_default());
        words.fold(first, Encoded::arg).handling()
    };
    assert_eq!(of("client reply off").session, Some(SessionUse::Replies));
    assert_eq!(of("CLIENT LIST").session, None);
    assert_eq!((of("object encoding k").repeatable, of("OBJECT NOPE k").repeatable), (true, false));
    assert_eq!((of("ZDIFF 1 a").repeatable, of("ZUNIONSTORE d 1 a").repeatable), (true, false));
    assert_eq!(of("NOPE"), of("ANOTHER NOPE"));
}

#[test]
fn the_command_of_a_user_has_no_number_here() {
    assert_eq!(ConfigGet::SPEC.id, CommandId::FOREIGN);
    assert_eq!(ConfigGet::SPEC.name_words().collect::<Vec<_>>(), ["CONFIG", "GET"]);
    assert_eq!(Encoded::of(&ConfigGet { parameters: Many::One("a".into()) }).to_string(), r#"CONFIG "GET" "a""#);
}
