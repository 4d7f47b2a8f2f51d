//! Nothing unfinished stays behind.

use super::sources::{Rust, Tree};
use crate::{Problem, Problems};

/// Tokens of work that is not done.
const TOKENS: &[(&[&str], &str)] = &[
    (&["todo", "!"], "finish it"),
    (&["unimplemented", "!"], "finish it"),
    (&["dbg", "!"], "remove it"),
    (&["#", "[", "ignore"], "make the test run, or remove it"),
    (&["allow", "(", "dead_code"], "remove the dead code"),
];

/// Notes to oneself, in any text.
const NOTES: &[&str] = &["FIXME", "XXX:"];

pub(super) fn check(tree: &Tree) -> Problems {
    let texts = tree.texts.iter().map(|text| (text.path.as_str(), text.text.as_str()));
    let texts = texts.chain(tree.rust.iter().map(|rust| (rust.path.as_str(), rust.text.as_str())));
    let notes = texts.flat_map(|(path, text)| notes(path, text));
    tree.rust.iter().flat_map(tokens).chain(notes).collect()
}

/// In tests too: the whole file is parsed again, with them.
fn tokens(rust: &Rust) -> Problems {
    let all = Rust::with_tests(&rust.path, &rust.text);
    let mut problems = Problems::new();
    for (words, what) in TOKENS {
        let what = format!("`{}`: {what}", words.concat());
        problems.extend(
            all.iter().flat_map(|all| all.lines_with(words)).map(|line| Problem::at(&rust.path, line, what.clone())),
        );
    }
    problems
}

fn notes(path: &str, text: &str) -> Problems {
    if path == "xtask/src/tidy/leftovers.rs" {
        return Problems::new();
    }
    let noted = |line: &&str| NOTES.iter().any(|note| line.contains(note));
    let lines = text.lines().enumerate().filter(|(_, line)| noted(line));
    lines.map(|(at, _)| Problem::at(path, at + 1, "a note to oneself: do it, or write it into ROADMAP.md")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_work_is_found_in_tests_too() {
        let text = "fn f() { todo!() }\n#[cfg(test)]\nmod tests {\n    #[test]\n    #[ignore = \"x\"]\n    fn t() { \"todo!()\"; }\n}\n";
        let found = tokens(&Rust::parse("crates/x/src/y.rs", text).unwrap());
        assert_eq!(found.iter().map(|problem| problem.line).collect::<Vec<_>>(), [1, 5]);
        assert_eq!(notes("README.md", "a\nFIXME b\n")[0].line, 2);
    }
}
