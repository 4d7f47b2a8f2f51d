//! Every module opens with `//!`: what is here, and what is not.

use super::sources::{Rust, Tree};
use crate::{Problem, Problems};

pub(super) fn check(tree: &Tree) -> Problems {
    tree.rust.iter().filter_map(of).collect()
}

fn of(rust: &Rust) -> Option<Problem> {
    let opens = rust.text.lines().next().is_some_and(|line| line.starts_with("//! "));
    (!opens).then(|| Problem::at(&rust.path, 1, "no `//!` in the first line: say what is here and what is not"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_tells() {
        assert!(of(&Rust::parse("a.rs", "//! Words.\n").unwrap()).is_none());
        assert!(of(&Rust::parse("a.rs", "// Words.\n").unwrap()).is_some());
        assert!(of(&Rust::parse("a.rs", "").unwrap()).is_some());
    }
}
