//! Every [`Spec`] against what real servers say of the command in `COMMAND INFO` (`fixtures/`, recorded by
//! `scripts/record-command-info`).

use std::collections::BTreeMap;
use std::fmt::Write;

use redipy_command::methods::ALL;
use redipy_command::spec::{Begin, Find, KeySpec, Spec};

const REDIS_8_2: &str = include_str!("../fixtures/command-info-redis-8.2.txt");
const REDIS_7_0: &str = include_str!("../fixtures/command-info-redis-7.0.txt");
const VALKEY_9_1: &str = include_str!("../fixtures/command-info-valkey-9.1.txt");

/// What the other servers say otherwise, where it matters to a caller: `server COMMAND: fact`.
const ELSEWHERE: &[&str] = &[
    "redis-7.0 CLIENT CAPA: missing",
    "redis-7.0 CLIENT IMPORT-SOURCE: missing",
    "redis-7.0 CLIENT NO-TOUCH: missing",
    "redis-7.0 CLIENT SETINFO: missing",
    "redis-7.0 CLUSTER SYNCSLOTS: missing",
    // WITHSCORE came with 7.2.
    "redis-7.0 ZRANK: arity is -3, the server says 3",
    "redis-7.0 ZREVRANK: arity is -3, the server says 3",
    // Valkey has scripts in other languages.
    "valkey-9.1 SCRIPT DEBUG: arity is 3, the server says -3",
];

/// The commands that Valkey alone has.
pub(crate) const OF_VALKEY: &[&str] = &["CLIENT CAPA", "CLIENT IMPORT-SOURCE", "CLUSTER SYNCSLOTS"];

/// The facts of a command as a line of a fixture gives them.
#[derive(Debug, PartialEq, Eq, Clone)]
struct Facts {
    arity: i32,
    flags: Vec<String>,
    keys: [i32; 3],
    categories: Vec<String>,
    ranges: Vec<String>,
    tips: Vec<String>,
}

/// What gives another reply for other reasons than lots: time, where a walk is, and who else is there.
const NO_LOTS: &[&str] =
    &["CLIENT INFO", "CLIENT LIST", "HSCAN", "INFO", "PTTL", "SCAN", "SSCAN", "TIME", "TTL", "ZSCAN"];

/// The lines of a fixture by name.
fn recorded(fixture: &str) -> BTreeMap<String, Facts> {
    fixture.lines().filter(|line| !line.starts_with('#')).map(line).collect()
}

/// `name | arity | flags | first last step | acl categories | key specs | tips`
fn line(line: &str) -> (String, Facts) {
    let columns: Vec<&str> = line.split(" | ").collect();
    let [name, arity, flags, keys, categories, specs, tips] = columns[..] else { panic!("{line}") };
    let words = |text: &str| text.split(' ').filter(|word| *word != "-").map(str::to_owned).collect::<Vec<_>>();
    let numbers: Vec<i32> = keys.split(' ').map(|number| number.parse().unwrap()).collect();
    let ranges = specs.split("; ").filter(|spec| *spec != "-").map(str::to_owned).collect();
    let categories = words(categories).iter().map(|word| word.trim_start_matches('@').to_owned()).collect();
    let keys = numbers.try_into().unwrap();
    let name = name.to_uppercase().replace('|', " ");
    (name, Facts { arity: arity.parse().unwrap(), flags: words(flags), keys, categories, ranges, tips: words(tips) })
}

/// The facts of a command as its Spec gives them.
fn declared(spec: &Spec) -> Facts {
    let sorted = |words: Vec<&str>| {
        let mut words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        words.sort();
        words
    };
    let (first, last, step) = spec.legacy_keys();
    Facts {
        arity: spec.arity,
        flags: sorted(spec.flags.names().collect()),
        keys: [first, last, step],
        categories: spec.acl_categories().into_iter().map(str::to_owned).collect(),
        ranges: spec.key_specs().map(key_spec).collect(),
        tips: sorted(spec.tips.to_vec()),
    }
}

fn key_spec(spec: KeySpec) -> String {
    let mut access: Vec<&str> = spec.access.names().collect();
    access.sort_unstable();
    let begin = match spec.begin {
        Begin::At(at) => format!("index:{at}"),
        Begin::After(word, from) => format!("keyword:{word},{from}"),
        Begin::Unknown => "unknown".to_owned(),
    };
    let find = match spec.find {
        Find::One => "range:0,1,0".to_owned(),
        Find::Rest { step, but } => format!("range:{},{step},0", -1 - but as i32),
        Find::Half => "range:-1,1,2".to_owned(),
        Find::Counted => "keynum:0,1,1".to_owned(),
        Find::Unknown => "unknown".to_owned(),
    };
    format!("{} {begin} {find}", access.join(","))
}

/// What differs, in words.
fn differences(ours: &Facts, theirs: &Facts) -> Vec<String> {
    let mut out = Vec::new();
    let mut compare = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            out.push(format!("{what} is {ours}, the server says {theirs}"));
        }
    };
    compare("arity", ours.arity.to_string(), theirs.arity.to_string());
    compare("flags", ours.flags.join(" "), theirs.flags.join(" "));
    compare("first/last/step", format!("{:?}", ours.keys), format!("{:?}", theirs.keys));
    compare("acl", ours.categories.join(" "), theirs.categories.join(" "));
    compare("keys", ours.ranges.join("; "), theirs.ranges.join("; "));
    compare("tips", ours.tips.join(" "), theirs.tips.join(" "));
    out
}

/// What Redis 8.2 says otherwise of this command.
pub(crate) fn wrong(spec: &Spec) -> Vec<String> {
    let fixture = if OF_VALKEY.contains(&spec.name) { VALKEY_9_1 } else { REDIS_8_2 };
    match recorded(fixture).get(spec.name) {
        Some(theirs) => differences(&declared(spec), theirs),
        None => vec!["the server has no such command".to_owned()],
    }
}

#[test]
fn every_spec_is_what_redis_8_2_says() {
    let mut all = String::new();
    for spec in ALL {
        for difference in wrong(spec) {
            writeln!(all, "{}: {difference}", spec.name).unwrap();
        }
    }
    assert!(all.is_empty(), "\n{all}");
}

#[test]
fn what_draws_lots_is_what_redis_8_2_says() {
    for spec in ALL {
        let varies = spec.tips.contains(&"nondeterministic_output");
        assert_eq!(spec.random, varies && !NO_LOTS.contains(&spec.name), "{}", spec.name);
    }
}

/// Only what decides how a call is sent: arity, where the keys are, and whether it writes.
#[test]
fn other_servers_send_the_same_calls_the_same_way() {
    let mut found = Vec::new();
    let others = [("redis-7.0", REDIS_7_0), ("valkey-9.1", VALKEY_9_1)];
    for (server, fixture) in others {
        let recorded = recorded(fixture);
        for spec in ALL {
            let Some(theirs) = recorded.get(spec.name) else {
                found.push(format!("{server} {}: missing", spec.name));
                continue;
            };
            let [ours, theirs] = [declared(spec), theirs.clone()].map(essence);
            found.extend(differences(&ours, &theirs).iter().map(|what| format!("{server} {}: {what}", spec.name)));
        }
    }
    assert_eq!(found, ELSEWHERE);
}

/// Without what no caller has to know.
fn essence(mut facts: Facts) -> Facts {
    facts.flags.retain(|flag| matches!(flag.as_str(), "write" | "readonly" | "movablekeys" | "blocking" | "noscript"));
    let place = |spec: &String| spec.split_once(' ').map_or("", |(_, place)| place).to_owned();
    facts.ranges = facts.ranges.iter().map(place).collect();
    Facts { categories: Vec::new(), tips: Vec::new(), ..facts }
}
