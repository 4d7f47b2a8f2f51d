//! The command table: sorted, and every command is found by its name.

use redipy_command::methods::{ALL, find};

#[test]
fn the_table_is_sorted_by_name_without_repetition() {
    assert!(ALL.is_sorted_by(|a, b| a.name < b.name));
}

#[test]
fn every_command_is_found_in_any_case() {
    for spec in ALL {
        let lower = spec.name.to_lowercase();
        let mixed = lower.replace(['a', 'e', 's'], "S");
        assert_eq!(find(spec.name.as_bytes()), Some(*spec));
        assert_eq!(find(lower.as_bytes()), Some(*spec));
        assert_eq!(find(mixed.as_bytes()).is_some(), mixed.eq_ignore_ascii_case(spec.name), "{mixed}");
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
