//! What the engine and what stands below it know of time and chance was handed to them: so a test can hold the clock, and two
//! runs with one seed are the same.

use super::sources::{Rust, Tree};
use crate::{Problem, Problems};

/// The crates that ask nobody else.
const CRATES: &[&str] = &["crates/command/", "crates/memory/", "crates/resp/", "crates/script/"];

/// What tells the time, waits for it, or draws.
const SOURCES: &[&[&str]] = &[
    &["Instant", ":", ":", "now"],
    &["SystemTime", ":", ":", "now"],
    &["thread", ":", ":", "sleep"],
    &["RandomState"],
    &["getrandom"],
];

/// The files that may, and why.
const ALLOWED: &[(&str, &str)] = &[
    ("crates/memory/src/clock.rs", "the clock of the system, which an engine is handed"),
    ("crates/memory/src/engine.rs", "a seed where the builder was given none"),
];

pub(super) fn check(tree: &Tree) -> Problems {
    tree.code().flat_map(of).collect()
}

fn of(rust: &Rust) -> Problems {
    let asks_nobody = CRATES.iter().any(|of| rust.path.starts_with(of));
    if !asks_nobody || ALLOWED.iter().any(|(path, _)| *path == rust.path) {
        return Problems::new();
    }
    let what = "time and chance are handed in: ask the clock and the random numbers of the engine, or give the file and the \
                reason to xtask/src/tidy/handed.rs";
    let lines = SOURCES.iter().flat_map(|words| rust.lines_with(words));
    lines.map(|line| Problem::at(&rust.path, line, what)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_asks_nobody_for_the_time() {
        let text = "//! Words.\nfn f() {\n    let _ = std::time::Instant::now();\n}\n";
        assert_eq!(of(&Rust::parse("crates/memory/src/x.rs", text).unwrap())[0].line, 3);
        assert!(of(&Rust::parse("crates/memory/src/clock.rs", text).unwrap()).is_empty());
        assert!(of(&Rust::parse("crates/remote/src/x.rs", text).unwrap()).is_empty());
    }
}
