//! No path of somebody's machine stands in a text.

use super::sources::Tree;
use crate::{Problem, Problems};

/// Directories of a machine.
const PREFIXES: &[&str] = &["/home/", "/root/", "/work/", "/tmp/", "/Users/"];

pub(super) fn check(tree: &Tree) -> Problems {
    let texts = tree.texts.iter().filter(|text| !text.path.split('/').any(|part| part == "tests"));
    let texts = texts.map(|text| (text.path.as_str(), text.text.as_str()));
    let rust = tree.code().map(|rust| (rust.path.as_str(), without_tests(&rust.text)));
    texts.chain(rust).flat_map(|(path, text)| of(path, text)).collect()
}

/// A file up to its tests, which stand at the end.
fn without_tests(text: &str) -> &str {
    text.split("\n#[cfg(test)]\nmod ").next().unwrap_or(text)
}

fn of(path: &str, text: &str) -> Problems {
    if path == "xtask/src/tidy/paths.rs" {
        return Problems::new();
    }
    let lines = text.lines().enumerate().filter(|(_, line)| PREFIXES.iter().any(|prefix| starts_path(line, prefix)));
    lines.map(|(at, _)| Problem::at(path, at + 1, "a path of this machine: make it relative or a parameter")).collect()
}

/// Whether a path begins with the prefix here: not inside a longer path or a URL.
fn starts_path(line: &str, prefix: &str) -> bool {
    let inside = |before: char| before.is_alphanumeric() || "._-/~*}$".contains(before);
    line.match_indices(prefix).any(|(at, _)| !line[..at].ends_with(inside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_paths_are_found() {
        let found = of("README.md", "a\ncd /home/me/x\nsrc/work/x unix:///tmp/redis.sock\n\"/tmp/x\"\n");
        assert_eq!(found.iter().map(|problem| problem.line).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(without_tests("a\n#[cfg(test)]\nmod tests {}\n"), "a");
    }
}
