//! The texts of error replies stand in one file.

use super::sources::{Rust, Tree};
use crate::{Problem, Problems};

/// How an error text begins.
const CODES: &[&str] = &["ERR ", "WRONGTYPE ", "EXECABORT ", "NOSCRIPT ", "BUSYKEY ", "BUSYGROUP ", "NOGROUP "];

/// Where texts may stand, and why.
const ALLOWED: &[(&str, &str)] = &[
    ("crates/command/src/texts.rs", "the one file"),
    ("crates/conformance/", "what servers are expected to say"),
    ("xtask/", "this rule"),
];

pub(super) fn check(tree: &Tree) -> Problems {
    tree.code().flat_map(of).collect()
}

fn of(rust: &Rust) -> Problems {
    if ALLOWED.iter().any(|(path, _)| rust.path.starts_with(path)) {
        return Problems::new();
    }
    let is_text = |text: &str| {
        let inside = text.trim_start_matches(['b', 'r', '#']).strip_prefix('"');
        inside.is_some_and(|inside| CODES.iter().any(|code| inside.starts_with(code)))
    };
    let found = rust.tokens.iter().filter(|token| is_text(&token.text));
    found
        .map(|token| {
            Problem::at(&rust.path, token.line, format!("{}: name it in crates/command/src/texts.rs", token.text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_outside_their_file_are_found() {
        let text = "/// \"ERR x\"\nfn f() {\n    (\"ERR x\", b\"WRONGTYPE y\", \"ERRATIC\");\n}\n#[test]\nfn t() { \"ERR x\"; }\n";
        let found = of(&Rust::parse("crates/memory/src/x.rs", text).unwrap());
        assert_eq!(found.iter().map(|problem| problem.line).collect::<Vec<_>>(), [3, 3]);
        assert!(of(&Rust::parse("crates/command/src/texts.rs", text).unwrap()).is_empty());
    }
}
