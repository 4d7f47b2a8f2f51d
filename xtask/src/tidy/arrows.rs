//! Arrows between crates only point down: which crate may depend on which.
//!
//! Only normal dependencies count: tests may use what they like.

use super::sources::{Text, Tree};
use crate::{Problem, Problems};

/// A crate's directory and the crates it may depend on, from the bottom to the top: each names
/// only crates above it in this list.
const ARROWS: &[(&str, &[&str])] = &[
    ("command-derive", &[]),
    ("command", &["command-derive"]),
    ("resp", &["command"]),
    ("script", &["command"]),
    ("backend", &["command", "script"]),
    ("memory", &["backend", "command", "script"]),
    ("remote", &["backend", "command", "resp", "script"]),
    ("conformance", &["backend", "command", "resp", "script"]),
    ("lua", &["command", "memory", "resp"]),
    ("server", &["command", "memory", "resp"]),
    ("redipy", &["backend", "command", "memory", "remote", "script"]),
    ("cli", &["redipy", "server"]),
    ("python", &["redipy", "resp"]),
];

pub(super) fn check(tree: &Tree) -> Problems {
    tree.texts.iter().filter_map(crate_of).flat_map(|(name, text)| of(name, text)).collect()
}

/// The crate that a `Cargo.toml` describes, by its directory.
fn crate_of(text: &Text) -> Option<(&str, &Text)> {
    let dir = text.path.strip_suffix("/Cargo.toml")?;
    let name = dir.strip_prefix("crates/").unwrap_or(dir);
    (!matches!(name, "benches" | "examples" | "xtask" | "fuzz") && !name.contains('/')).then_some((name, text))
}

fn of(name: &str, text: &Text) -> Problems {
    let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| *known == name) else {
        return vec![Problem::of(&text.path, "an unknown crate: give it a row in xtask/src/tidy/arrows.rs")];
    };
    let manifest: toml::Table = match text.text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![Problem::of(&text.path, error.to_string())],
    };
    let mut problems = Problems::new();
    for dependency in dependencies(&manifest) {
        let Some(other) = own(&dependency).filter(|other| !allowed.contains(other)) else {
            continue;
        };
        let line = text.text.lines().position(|line| line.starts_with(&dependency)).map_or(0, |at| at + 1);
        let what = format!("`{name}` may not depend on `{other}`: arrows only point down, see ARCHITECTURE.md");
        problems.push(Problem::at(&text.path, line, what));
    }
    problems
}

/// The names under `[dependencies]`, also those of one target.
fn dependencies(manifest: &toml::Table) -> Vec<String> {
    let table = |value: Option<&toml::Value>| value.and_then(toml::Value::as_table).cloned().unwrap_or_default();
    let mut names: Vec<String> = table(manifest.get("dependencies")).keys().cloned().collect();
    for target in table(manifest.get("target")).values() {
        names.extend(table(target.get("dependencies")).keys().cloned());
    }
    names
}

/// The directory of one of our own crates.
fn own(dependency: &str) -> Option<&str> {
    match dependency {
        "redipy" => Some("redipy"),
        other => other.strip_prefix("redipy-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(dir: &str, toml: &str) -> Vec<String> {
        let text = Text { path: format!("crates/{dir}/Cargo.toml"), text: toml.to_owned() };
        crate_of(&text).map(|(name, text)| of(name, text)).unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_arrow_upward_is_refused() {
        let toml = "[dependencies]\nredipy-command.workspace = true\nredipy-memory = { path = \"x\" }\n";
        assert_eq!(problems("memory", "[dependencies]\nredipy-command.workspace = true\n"), [""; 0]);
        let found = problems("script", toml);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("crates/script/Cargo.toml:3: `script` may not depend on `memory`"));
        assert_eq!(problems("command", "[dev-dependencies]\nredipy-memory.workspace = true\n"), [""; 0]);
        assert!(problems("news", "")[0].contains("unknown crate"));
    }

    #[test]
    fn the_table_itself_points_down() {
        for (at, (name, allowed)) in ARROWS.iter().enumerate() {
            for other in *allowed {
                assert!(ARROWS[..at].iter().any(|(known, _)| known == other), "{name} -> {other}");
            }
        }
    }
}
