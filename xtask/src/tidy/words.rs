//! Words that only some crates may say: runtimes, bindings, the wire.

use super::sources::{Rust, Tree};
use crate::{Problem, Problems};

/// A run of tokens, where it may stand, and what to do elsewhere.
struct Word {
    tokens: &'static [&'static str],
    allowed: &'static [&'static str],
    instead: &'static str,
}

const WORDS: &[Word] = &[
    Word {
        tokens: &["tokio"],
        allowed: &["crates/remote", "crates/server", "crates/backend", "crates/cli", "examples"],
        instead: "keep the runtime out: only remote, server, the async half of backend and examples know tokio",
    },
    Word { tokens: &["pyo3"], allowed: &["python"], instead: "only the Python package knows PyO3" },
    Word { tokens: &["mlua"], allowed: &["crates/lua"], instead: "only the crate `lua` knows mlua" },
    Word {
        tokens: &[r#"b"\r\n""#],
        allowed: &["crates/resp", "crates/conformance"],
        instead: "only the crate `resp` knows the bytes on the wire: read and write with it",
    },
    Word {
        tokens: &["socket2"],
        allowed: &["crates/remote", "crates/server"],
        instead: "only remote and server open sockets that are told more than the standard library can",
    },
];

pub(super) fn check(tree: &Tree) -> Problems {
    tree.code().flat_map(of).collect()
}

fn of(rust: &Rust) -> Problems {
    let mut problems = Problems::new();
    for word in WORDS.iter().filter(|word| !word.allowed.contains(&rust.home())) {
        let what = |line| Problem::at(&rust.path, line, format!("`{}`: {}", word.tokens.concat(), word.instead));
        problems.extend(rust.lines_with(word.tokens).map(what));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        of(&Rust::parse(path, text).unwrap()).iter().map(|problem| problem.line).collect()
    }

    #[test]
    fn words_are_found_in_code_only() {
        let text =
            "//! tokio\n/// tokio\nfn f() {\n    tokio::spawn(\"tokio\");\n}\n#[cfg(test)]\nmod tests { use tokio; }\n";
        assert_eq!(lines("crates/memory/src/x.rs", text), [4]);
        assert_eq!(lines("crates/remote/src/x.rs", text), [0; 0]);
    }

    #[test]
    fn bytes_of_the_wire_are_written_in_one_crate() {
        let text = "fn f(out: &mut Vec<u8>) {\n    out.extend(b\"\\r\\n\");\n}\n";
        assert_eq!(lines("crates/memory/src/x.rs", text), [2]);
        assert_eq!(lines("crates/resp/src/x.rs", text), [0; 0]);
    }
}
