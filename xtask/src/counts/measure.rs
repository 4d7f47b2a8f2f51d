//! Running the benchmark under valgrind and reading what it says.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::baseline::Counts;
use crate::{Problem, Problems};

/// What is run, relative to the workspace.
const BENCHMARK: &str = "benches/instructions.rs";

/// How often each benchmark does its operation: `OPERATIONS` in [`BENCHMARK`].
const OPERATIONS: u64 = 1_000;

/// What came of it.
pub(super) enum Measured {
    Counts(Counts),
    /// This program is not there.
    Missing(&'static str),
}

/// Builds and runs the benchmark.
pub(super) fn run(root: &Path) -> Result<Measured, Problems> {
    let cache = env::var_os("REDIPY_CACHE").unwrap_or_else(|| ".cache".into());
    let tools = root.join(cache).join("tools/bin");
    let Some(valgrind) = said("valgrind", &["--version"]) else { return Ok(Measured::Missing("valgrind")) };
    if said(tools.join("gungraun-runner"), &["--version"]).is_none() {
        return Ok(Measured::Missing("gungraun-runner"));
    }
    let paths = env::var_os("PATH").unwrap_or_default();
    let paths = env::join_paths([tools].into_iter().chain(env::split_paths(&paths)));
    let paths = paths.map_err(|error| failed(format!("PATH: {error}")))?;
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["bench", "--package", "redipy-bench", "--bench", "instructions"])
        .args(["--", "--output-format=json", "--parallel=auto"])
        .current_dir(root)
        .env("PATH", paths)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| failed(format!("cargo does not run: {error}")))?;
    if !output.status.success() {
        return Err(failed(format!("it ended with {}; what it said is above", output.status)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let of = text.lines().map(|line| count(line).ok_or_else(|| failed(format!("this is no count: {line}"))));
    let of = of.collect::<Result<Vec<_>, _>>()?;
    if of.is_empty() {
        return Err(failed("it counted nothing"));
    }
    let versions = [said("rustc", &["--version"]), Some(valgrind), said("getconf", &["GNU_LIBC_VERSION"])];
    let made_with = versions.into_iter().flatten().collect::<Vec<_>>().join(", ");
    Ok(Measured::Counts(Counts { made_with, of }))
}

fn failed(what: impl Into<String>) -> Problems {
    vec![Problem::of(BENCHMARK, what)]
}

/// What a program answers, if it does.
fn said(program: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

/// The name and the count of one operation, from one line of gungraun's JSON.
fn count(line: &str) -> Option<(String, u64)> {
    let summary: Value = serde_json::from_str(line).ok()?;
    let total = summary.pointer("/profiles/0/data/total/metrics/Ir/values/new")?.as_u64()?;
    Some((label(summary.get("function_name")?.as_str()?), (total + OPERATIONS / 2) / OPERATIONS))
}

/// `GET, hit` for `get_hit`.
fn label(function: &str) -> String {
    let (command, rest) = function.split_once('_').unwrap_or((function, ""));
    let label = format!("{}, {}", command.to_uppercase(), rest.replace('_', " "));
    label.trim_end_matches([',', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_json_is_one_count() {
        let line = |values: &str| {
            format!(
                r#"{{"function_name":"get_hit","profiles":[{{"data":{{"parts":[],"total":{{"metrics":{{"Ir":{{"values":{values}}}}},"regressions":[]}}}},"tool":"Callgrind"}}],"version":"7"}}"#
            )
        };
        assert_eq!(count(&line(r#"{"new":418644}"#)), Some(("GET, hit".to_owned(), 419)));
        assert_eq!(count(&line(r#"{"new":418444,"old":1}"#)), Some(("GET, hit".to_owned(), 418)));
        assert_eq!(count(&line(r#"{"old":1}"#)), None);
        assert_eq!(count("running 0 tests"), None);
    }

    #[test]
    fn the_first_word_is_the_command() {
        assert_eq!(label("lpush"), "LPUSH");
        assert_eq!(label("hset_update_in_10"), "HSET, update in 10");
    }
}
