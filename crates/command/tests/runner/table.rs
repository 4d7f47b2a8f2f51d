//! The command table: sorted, and every command is found by its name.

use redipy_command::methods::{ALL, find};
use redipy_command::spec::CommandId;
use redipy_command::{Encoded, Spec};

#[test]
fn the_table_is_sorted_by_name_without_repetition() {
    assert!(ALL.is_sorted_by(|a, b| a.name < b.name));
}

/// What is found by the words of a name.
fn found(name: &str) -> Option<&'static Spec> {
    let mut words = name.split(' ').map(str::as_bytes);
    let first = Encoded::raw(words.next().unwrap_or_default());
    words.fold(first, Encoded::arg).spec()
}

#[test]
fn numbers_are_places_in_the_table() {
    assert_eq!(ALL.len(), CommandId::COUNT);
    assert!(ALL.iter().enumerate().all(|(at, spec)| spec.id.index() == at));
    assert_eq!([CommandId::of("GETT"), CommandId::of("")], [CommandId::FOREIGN; 2]);
}

#[test]
fn a_container_is_no_command() {
    assert_eq!(found("CLIENT"), None);
    assert_eq!(found("CLIENT NOPE"), None);
    assert_eq!(found("client setname").map(|spec| (spec.name, spec.words, spec.arity)), Some(("CLIENT SETNAME", 2, 3)));
    assert_eq!(found("CLIENT SETNAME x").map(|spec| spec.name), Some("CLIENT SETNAME"));
    assert_eq!(Encoded::raw(b"Client").as_ref().container().map(|container| container.name), Some("CLIENT"));
    assert!(Encoded::raw(b"GET").as_ref().container().is_none());
}

#[test]
fn every_command_is_found_in_any_case() {
    for spec in ALL {
        let lower = spec.name.to_lowercase();
        let mixed = lower.replace(['a', 'e', 's'], "S");
        assert_eq!(found(spec.name), Some(*spec));
        assert_eq!(found(&lower), Some(*spec));
        assert_eq!(found(&mixed).is_some(), mixed.eq_ignore_ascii_case(spec.name), "{mixed}");
    }
}

#[test]
fn nothing_else_is_found() {
    for name in ["", "G", "GE", "GETT", "G\u{0}T", "GET ", "FOO", "\u{ff}\u{ff}"] {
        assert_eq!(find(name.as_bytes()), None, "{name:?}");
    }
    assert_eq!(find(&[b'G'; 1 << 16]), None);
}

#[test]
fn summaries_are_sentences() {
    for spec in ALL {
        let first = spec.summary.chars().next().unwrap_or_default();
        assert!(first.is_uppercase() && spec.summary.ends_with('.'), "{}: {:?}", spec.name, spec.summary);
        assert!(!spec.since.is_empty() && !spec.complexity.is_empty(), "{}", spec.name);
    }
}
