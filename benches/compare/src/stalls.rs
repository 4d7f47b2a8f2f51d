//! The worst single insertion while a store grows. The measuring is in the program `stalls`, which runs twice, because the
//! allocator reads its settings before a program begins:
//!
//! - as an application meets it, with memory that is new from the system. Most of the worst insertions are then the
//!   kernel's, which finds and clears a page (a huge page is 2 MB);
//! - in memory that the process has already: what is left is the store's own work, the moving of entries.

use std::io;
use std::process::{Command, Stdio};
use std::{env, path::PathBuf};

use crate::data::Row;
use crate::measure::progress;

/// What keeps the allocator from giving memory back: no fill but the first then needs the kernel.
const KEEP: (&str, &str) = ("MIMALLOC_PURGE_DELAY", "-1");

/// Measures both. What fails is told, and missing.
pub fn measure(quick: bool) -> Vec<Row> {
    let cold = run(&[], quick, None);
    let warm = run(&["--warm"], quick, Some(KEEP));
    let rows: Vec<Row> = [cold, warm].into_iter().flat_map(|rows| rows.unwrap_or_else(told)).collect();
    rows.iter().for_each(progress);
    rows
}

fn told(error: io::Error) -> Vec<Row> {
    eprintln!("stalls: {error}");
    Vec::new()
}

fn run(arguments: &[&str], quick: bool, setting: Option<(&str, &str)>) -> io::Result<Vec<Row>> {
    let program: PathBuf = env::current_exe()?.with_file_name("stalls");
    let mut command = Command::new(&program);
    command.args(arguments).args(quick.then_some("--quick")).envs(setting).stderr(Stdio::inherit());
    let output = command.output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!("{} failed: {}", program.display(), output.status)));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
