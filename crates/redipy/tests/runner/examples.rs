//! The examples print the same lines in this process and on every server, byte for byte.

use std::path::PathBuf;
use std::process::Command;

use redipy_conformance::server::{Flavor, missing, shared};

/// Runs an example and returns what it printed.
fn run(example: &str, url: Option<&str>) -> String {
    let mut command = Command::new(path_of(example));
    if let Some(url) = url {
        command.args(["--url", url]);
    }
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{example} does not start ({error}); build it with `cargo build --workspace --features redipy-examples/awaited --examples`"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{example} {url:?} failed: {errors}");
    assert_eq!(errors, "", "{example} {url:?} complains");
    String::from_utf8(output.stdout).unwrap()
}

/// The examples lie beside the directory of the test binaries; `make unit` builds them first.
fn path_of(example: &str) -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    if path.ends_with("deps") {
        path.pop();
    }
    path.join("examples").join(example)
}

fn same_everywhere(example: &str, expected: &[&str]) -> String {
    let here = run(example, None);
    for line in expected {
        assert!(here.lines().any(|printed| printed == *line), "{line:?} is not in\n{here}");
    }
    for flavor in Flavor::ALL {
        match shared(flavor) {
            Some(server) => assert_eq!(run(example, Some(&server.server().url())), here, "{example} on {flavor}"),
            None => missing(flavor),
        }
    }
    here
}

/// The same with the twin whose calls are awaited.
fn same_everywhere_and_awaited(example: &str, expected: &[&str]) {
    let here = same_everywhere(example, expected);
    assert_eq!(same_everywhere(&format!("{example}_awaited"), &[]), here, "{example}, awaited");
}

#[test]
fn quickstart() {
    same_everywhere_and_awaited("quickstart", &["mylist = []", r#"small = ["1", "2"]"#, r#"big = ["3", "4"]"#]);
}

#[test]
fn stack() {
    same_everywhere_and_awaited("stack", &[]);
}

#[test]
fn workers() {
    same_everywhere_and_awaited("workers", &["jobs done by 4 workers: 300", "left in the queue: 0, running: 0"]);
}

#[test]
fn rate_limiter() {
    same_everywhere_and_awaited("rate_limiter", &["ann: refused, 0 left", "ann again: (true, 2)"]);
}

#[test]
fn lock() {
    same_everywhere_and_awaited("lock", &["bob releases: false", "ann releases: true"]);
}

#[test]
fn leaderboard() {
    same_everywhere_and_awaited("leaderboard", &["1. cid 12.25"]);
}

#[test]
fn a_wrong_option_is_told_and_nothing_runs() {
    let output = Command::new(path_of("quickstart")).arg("--nonsense").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("usage: --url URL"));
}

#[test]
fn word_index() {
    let _ = same_everywhere("word_index", &["b: 4 words", r#"lock is in ["a", "b"]"#, "window is in []"]);
}
