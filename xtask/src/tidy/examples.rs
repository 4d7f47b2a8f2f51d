//! Examples in documentation say what users write: they depend on `redipy`, and on none of the crates behind it.

use super::sources::{Rust, Tree};
use crate::{Problem, Problems};

/// The crates whose documentation users of `redipy` see.
const SEEN: &[&str] = &[
    "crates/backend",
    "crates/command",
    "crates/command-derive",
    "crates/memory",
    "crates/redipy",
    "crates/remote",
    "crates/script",
];

pub(super) fn check(tree: &Tree) -> Problems {
    tree.code().filter(|rust| SEEN.contains(&rust.home())).flat_map(of).collect()
}

fn of(rust: &Rust) -> Problems {
    let mut problems = Problems::new();
    let mut in_example = false;
    for (at, line) in rust.text.lines().enumerate() {
        let Some(text) = documentation(line) else {
            in_example = false;
            continue;
        };
        if text.starts_with("```") {
            in_example = !in_example;
        }
        // A line that begins with `# ` is compiled and not shown.
        if in_example && !text.starts_with("# ") && text.contains("redipy_") {
            let what = "an example names a crate that users do not depend on: write `redipy::`, with \
                        `# use redipy_command as redipy;` as a hidden line";
            problems.push(Problem::at(&rust.path, at + 1, what));
        }
    }
    problems
}

/// The text of a line of documentation.
fn documentation(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let text = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"))?;
    Some(text.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_crates_in_examples_are_found() {
        let shown = "/// See `redipy_command`.\n///\n/// ```\n/// # use redipy_command as redipy;\n/// use redipy_command::Key;\n/// ```\nfn f() {}\n";
        let lines: Vec<usize> =
            of(&Rust::parse("crates/command/src/x.rs", shown).unwrap()).iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [5]);
    }
}
