//! Every [`Spec`] against what real servers say of the command (`fixtures/`, recorded by
//! `scripts/record-command-info`).

use std::collections::BTreeMap;
use std::fmt::Write;

use redipy_command::methods::ALL;
use redipy_command::spec::{KeyRange, Spec};

const REDIS_8_2: &str = include_str!("../fixtures/command-info-redis-8.2.txt");
const REDIS_7_0: &str = include_str!("../fixtures/command-info-redis-7.0.txt");
const VALKEY_9_1: &str = include_str!("../fixtures/command-info-valkey-9.1.txt");

/// What the other servers say otherwise, where it matters to a caller: `server COMMAND: fact`.
const ELSEWHERE: &[&str] = &[
    // WITHSCORE came with 7.2.
    "redis-7.0 ZRANK: arity is -3, the server says 3",
    "redis-7.0 ZREVRANK: arity is -3, the server says 3",
];

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

/// What gives another reply for other reasons than lots: time, and where a walk is.
const NO_LOTS: &[&str] = &["HSCAN", "PTTL", "SCAN", "SSCAN", "TIME", "TTL", "ZSCAN"];

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
    let range = |spec: &str| spec.split_once(' ').map_or(spec, |(_, range)| range).to_owned();
    let ranges = specs.split("; ").filter(|spec| *spec != "-").map(range).collect();
    let categories = words(categories).iter().map(|word| word.trim_start_matches('@').to_owned()).collect();
    let keys = numbers.try_into().unwrap();
    let name = name.to_uppercase().replace('|', " ");
    (name, Facts { arity: arity.parse().unwrap(), flags: words(flags), keys, categories, ranges, tips: words(tips) })
}

/// The facts of a command as its Spec gives them.
fn declared(spec: &Spec) -> Facts {
    let mut flags: Vec<String> = spec.flags.names().map(str::to_owned).collect();
    flags.sort();
    let (first, last, step) = spec.legacy_keys();
    Facts {
        arity: spec.arity(),
        flags,
        keys: [first, last, step],
        categories: spec.acl_categories().into_iter().map(str::to_owned).collect(),
        ranges: spec.key_ranges().map(range).collect(),
        tips: Vec::new(),
    }
}

fn range(range: KeyRange) -> String {
    match range {
        KeyRange::At(at) => format!("index:{at} range:0,1,0"),
        KeyRange::Rest(from, step) => format!("index:{from} range:-1,{step},0"),
        KeyRange::Counted(at) => format!("index:{at} keynum:0,1,1"),
    }
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
    compare("key ranges", ours.ranges.join("; "), theirs.ranges.join("; "));
    out
}

#[test]
fn every_spec_is_what_redis_8_2_says() {
    let recorded = recorded(REDIS_8_2);
    let mut wrong = String::new();
    for spec in ALL {
        let Some(theirs) = recorded.get(spec.name) else {
            writeln!(wrong, "{}: the server has no such command", spec.name).unwrap();
            continue;
        };
        for difference in differences(&declared(spec), theirs) {
            writeln!(wrong, "{}: {difference}", spec.name).unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn what_draws_lots_is_what_redis_8_2_says() {
    let recorded = recorded(REDIS_8_2);
    for spec in ALL {
        let varies = recorded[spec.name].tips.iter().any(|tip| tip == "nondeterministic_output");
        assert_eq!(spec.random, varies && !NO_LOTS.contains(&spec.name), "{}", spec.name);
    }
}

/// Only what decides how a call is sent: arity, where the keys are, and whether it writes.
#[test]
fn other_servers_send_the_same_calls_the_same_way() {
    let mut found = Vec::new();
    for (server, fixture) in [("redis-7.0", REDIS_7_0), ("valkey-9.1", VALKEY_9_1)] {
        let recorded = recorded(fixture);
        for spec in ALL {
            let Some(theirs) = recorded.get(spec.name) else {
                found.push(format!("{server} {}: missing", spec.name));
                continue;
            };
            let mut essence = Facts { categories: Vec::new(), ..theirs.clone() };
            let mut ours = Facts { categories: Vec::new(), ..declared(spec) };
            for facts in [&mut essence, &mut ours] {
                facts.flags.retain(|flag| {
                    matches!(flag.as_str(), "write" | "readonly" | "movablekeys" | "blocking" | "noscript")
                });
            }
            found.extend(differences(&ours, &essence).iter().map(|what| format!("{server} {}: {what}", spec.name)));
        }
    }
    assert_eq!(found, ELSEWHERE);
}
