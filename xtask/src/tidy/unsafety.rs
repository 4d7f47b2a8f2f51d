//! Unsafe code stands in a few small files, each with a reason.

use super::sources::{Rust, Tree};
use crate::{Problem, Problems};

/// The files, and why.
const ALLOWED: &[(&str, &str)] = &[
    ("crates/memory/src/store/entry.rs", "one allocation per key, with a header in front of the bytes"),
    ("crates/memory/src/data/buffer.rs", "one word and one allocation per small collection"),
    ("crates/memory/src/data/thin.rs", "one word for each element of a large hash or set"),
    ("crates/memory/src/data/either.rs", "a small collection or a pointer to a large one, in one word"),
];

pub(super) fn check(tree: &Tree) -> Problems {
    tree.code().flat_map(of).collect()
}

fn of(rust: &Rust) -> Problems {
    if ALLOWED.iter().any(|(path, _)| *path == rust.path) {
        return Problems::new();
    }
    let what = "unsafe: write it without, or give the file and the reason to xtask/src/tidy/unsafety.rs";
    rust.lines_with(&["unsafe"]).map(|line| Problem::at(&rust.path, line, what)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_needs_a_row() {
        let text = "//! unsafe\nfn f() {\n    unsafe { g() }\n}\n";
        assert_eq!(of(&Rust::parse("crates/memory/src/x.rs", text).unwrap())[0].line, 3);
        assert!(of(&Rust::parse("crates/memory/src/store/entry.rs", text).unwrap()).is_empty());
    }
}
